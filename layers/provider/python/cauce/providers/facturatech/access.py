"""Facturatech's user and password, in the forms that its services take. Neither is ever part of a Request."""

import hashlib
import re
from dataclasses import dataclass

from pydantic import SecretStr

from cauce.domain.errors import CredentialsUnusable
from cauce.providers.facturatech.settings import PassMode

_HASHED = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True)
class Access:
    """An account at Facturatech. ``password`` is the web service's, not the portal's, in the clear or hashed."""

    username: str
    password: SecretStr

    def hashed(self) -> str:
        """SHA-256 of the password, in lowercase hex. A password that looks like one is taken as hashed already:
        hashed twice, Facturatech refuses it."""
        plain = self.password.get_secret_value()
        if _HASHED.fullmatch(plain):
            return plain.lower()
        return hashlib.sha256(plain.encode()).hexdigest()

    def numbering(self, mode: PassMode) -> str:
        return self.hashed() if mode is PassMode.SHA256 else self.password.get_secret_value()

    def redacted(self, raw: bytes) -> bytes:
        """A body without our password: a service in debug mode repeats what it was sent."""
        for secret in (self.hashed(), self.password.get_secret_value()):
            raw = raw.replace(secret.encode(), b"[oculto]")
        return raw


def access(credentials: dict[str, SecretStr]) -> Access:
    """The stored account. Raises CredentialsUnusable where user or password is missing."""
    username, password = credentials.get("username"), credentials.get("password")
    if not (username and password and username.get_secret_value() and password.get_secret_value()):
        raise CredentialsUnusable("Faltan el usuario o la contraseña del servicio web de Facturatech.")
    return Access(username.get_secret_value(), password)
