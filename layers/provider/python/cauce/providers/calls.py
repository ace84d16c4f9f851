"""The HTTP client of an issuer's calls to a provider, made on the first call: to judge a document needs none."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from cauce.providers.base import Connection

if TYPE_CHECKING:
    import httpx


class Calls:
    """Calls for one issuer, by one client."""

    def __init__(self, connection: Connection, address: Callable[[Connection], str]):
        self.connection = connection
        self._address = address
        self._client: httpx.Client | None = None

    @property
    def http(self) -> "httpx.Client":
        from cauce.providers import http

        if self._client is None:
            address, seconds = self._address(self.connection), self.read_seconds or http.READ_SECONDS
            self._client = http.client(address, turns=self.connection.turns, read_seconds=seconds)
        return self._client

    @property
    def read_seconds(self) -> float | None:
        """How long an answer is waited for, where an operator set it."""
        return float(self.connection.settings.get("read_seconds") or 0) or None

    def close(self) -> None:
        """Close the client; the next call makes another."""
        if self._client is not None:
            self._client.close()
            self._client = None
