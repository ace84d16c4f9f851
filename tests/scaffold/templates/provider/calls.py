"""Calls to Ejemplo with an issuer's credentials."""

from typing import TYPE_CHECKING, Unpack

from cauce.providers.base import Connection
from cauce.providers.ejemplo.settings import TITLE, address

if TYPE_CHECKING:
    import httpx

    from cauce.providers.http import Parts


class Calls:
    """Calls for one issuer. The HTTP client is made on the first of them."""

    def __init__(self, connection: Connection):
        self._connection = connection
        self._client: httpx.Client | None = None

    def close(self) -> None:
        """Close the client; the next call makes another."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def call(self, method: str, path: str, **parts: "Unpack[Parts]") -> "httpx.Response":
        """One call, never repeated, and whatever was answered.

        Raises NotSent where nothing left, OutcomeUnknown where it may have arrived.
        """
        from cauce.providers import http

        if self._client is None:
            seconds = float(self._connection.settings.get("read_seconds") or http.READ_SECONDS)
            self._client = http.client(
                address(self._connection), turns=self._connection.turns, read_seconds=seconds
            )
        parts["headers"] = {**parts.get("headers", {}), **self._access()}
        return http.exchange(self._client, TITLE, method, path, **parts)

    def _access(self) -> dict[str, str]:
        """The headers that let the issuer in. Raises CredentialsUnusable where a credential is missing."""
        raise NotImplementedError("Ejemplo: calls.Calls._access is not written yet")
