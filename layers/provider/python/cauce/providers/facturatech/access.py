"""Facturatech's user and password, as its services want them. Neither is ever part of a Request."""

import hashlib
import re
from dataclasses import dataclass

from pydantic import SecretStr

from cauce.domain.errors import CredentialsUnusable
from cauce.providers.facturatech.settings import PassMode

_HASHED = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True)
class Access:
    """Whose account. ``password`` is the web service's, not the portal's, in the clear or already hashed."""

    username: str
    password: SecretStr

    def hashed(self) -> str:
        """Lower-case hex SHA-256. What looks like one already is one: hashing twice is refused as wrong."""
        plain = self.password.get_secret_value()
        if _HASHED.fullmatch(plain):
            return plain.lower()
        return hashlib.sha256(plain.encode()).hexdigest()

    def numbering(self, mode: PassMode) -> str:
        return self.hashed() if mode is PassMode.SHA256 else self.password.get_secret_value()

    def redacted(self, raw: bytes) -> bytes:
        """A body without our password: services in debug mode repeat what they were sent."""
        for secret in (self.hashed(), self.password.get_secret_value()):
            raw = raw.replace(secret.encode(), b"[oculto]")
        return raw


def access(credentials: dict[str, SecretStr]) -> Access:
    """Raises CredentialsUnusable where the operator has not stored both."""
    username, password = credentials.get("username"), credentials.get("password")
    if not (username and password and username.get_secret_value() and password.get_secret_value()):
        raise CredentialsUnusable("Faltan el usuario o la contraseña del servicio web de Facturatech.")
    return Access(username.get_secret_value(), password)
