"""The companies, their permissions and quotas, and their tokens, stored as hashes."""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.simulators.facepro.catalogs import KINDS

DEFAULT_TOKEN = "7|simulador-facepro-0123456789abcdefghijkl"
PERMISSIONS = frozenset(kind.permission for kind in KINDS)
_PERIODS = {"mensual": "%Y-%m", "anual": "%Y"}


@dataclass
class Quota:
    """`limit` documents in each calendar month (`mensual`) or year (`anual`)."""

    limit: int
    period: str = "mensual"

    def __post_init__(self) -> None:
        if self.period not in _PERIODS:
            raise ValueError(f"period must be one of {sorted(_PERIODS)}")

    def same_period(self, one: datetime, other: datetime) -> bool:
        shape = _PERIODS[self.period]
        return one.strftime(shape) == other.strftime(shape)


@dataclass
class Tenant:
    """A company. Its check digit is not checked: that of the page's own example is wrong."""

    nit: str = "901234567"
    dv: str = "1"
    razon_social: str = "EMPRESA DE PRUEBA SAS"
    id: int = 2
    uuid: str = "6a2f1c4e-0000-4000-8000-000000000002"
    estado: str = "activo"
    user: dict[str, Any] = field(
        default_factory=lambda: {"id": 3, "name": "Persona de Prueba", "email": "persona@empresa.example"}
    )
    permissions: frozenset[str] = PERMISSIONS
    quota: Quota | None = None
    next_numbers: dict[str, int] = field(default_factory=lambda: {kind.tipo: kind.first for kind in KINDS})

    def me(self) -> dict[str, Any]:
        return {
            "user": self.user,
            "tenant": {
                "id": self.id,
                "uuid": self.uuid,
                "nit": self.nit,
                "dv": self.dv,
                "razon_social": self.razon_social,
                "estado": self.estado,
            },
        }


class Tokens:
    """Tokens are `{id}|{secret}`; only the hash of the secret is stored, as the page says."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, Tenant]] = {}

    def issue(self, token: str, tenant: Tenant) -> None:
        number, _, secret = token.partition("|")
        if not number.isdigit() or not secret:
            raise ValueError("a token is {id}|{secret}")
        self._known[number] = (_hashed(secret), tenant)

    def revoke(self, token: str) -> None:
        self._known.pop(token.partition("|")[0], None)

    def tenant(self, authorization: str) -> Tenant | None:
        """The company of an `Authorization` header; None if the token is wrong or was revoked."""
        scheme, _, token = authorization.partition(" ")
        number, _, secret = token.strip().partition("|")
        digest, tenant = self._known.get(number, ("", None))
        return tenant if scheme == "Bearer" and hmac.compare_digest(digest, _hashed(secret)) else None


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
