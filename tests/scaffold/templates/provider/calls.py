"""Calls to Ejemplo with an issuer's credentials."""

from typing import TYPE_CHECKING, Unpack

from cauce.providers.base import Connection
from cauce.providers.calls import Calls
from cauce.providers.ejemplo.settings import TITLE, address

if TYPE_CHECKING:
    import httpx

    from cauce.providers.http import Parts


class Session(Calls):
    """Calls for one issuer."""

    def __init__(self, connection: Connection):
        super().__init__(connection, address)

    def call(self, method: str, path: str, **parts: "Unpack[Parts]") -> "httpx.Response":
        """One call, never repeated, and whatever was answered.

        Raises NotSent where nothing left, OutcomeUnknown where it may have arrived.
        """
        from cauce.providers.http import exchange

        parts["headers"] = {**parts.get("headers", {}), **self._access()}
        return exchange(self.http, TITLE, method, path, **parts)

    def _access(self) -> dict[str, str]:
        """The headers that let the issuer in. Raises CredentialsUnusable where a credential is missing."""
        raise NotImplementedError("Ejemplo: calls.Session._access is not written yet")
