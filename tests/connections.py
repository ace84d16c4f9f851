"""What the connection of a provider needs beside its credentials."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from cauce.domain.issuer import Issuer
from cauce.providers.base import Connection, Token, TokenCache

# The reference material lies beside a working copy, never inside: it is not ours to publish.
PUBLISHED = Path(__file__).resolve().parents[2] / "shared"


def connection(
    issuer: Issuer,
    settings: dict[str, str],
    secrets: dict[str, str],
    now: datetime,
    tokens: TokenCache | None = None,
) -> Connection:
    """An issuer's connection to a provider, at a moment that stands still."""
    return Connection(
        issuer=issuer,
        settings=settings,
        credentials={name: SecretStr(value) for name, value in secrets.items()},
        tokens=tokens or NoTokens(),
        clock=now.timestamp,
    )


class NoTokens(TokenCache):
    """For a provider without login: nobody may ask for a token."""

    def get(self, login: Callable[[Token | None], Token], *, rejected: Token | None = None) -> Token:
        raise AssertionError("nothing to log in for")


class Tokens(TokenCache):
    """The token cache of one container; ``logins`` counts how often a token had to be fetched."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.current: Token | None = None
        self.logins = 0
        self.given: list[str] = []
        self._clock = clock

    def get(self, login: Callable[[Token | None], Token], *, rejected: Token | None = None) -> Token:
        if self.current is None or self.current == rejected or self.current.expires_at <= self._clock():
            self.logins += 1
            self.current = login(self.current)
            secrets = (self.current.access, self.current.refresh)
            self.given += [secret.get_secret_value() for secret in secrets if secret]
        return self.current
