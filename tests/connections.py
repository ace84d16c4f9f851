"""What the connection of a provider needs beside its credentials."""

from collections.abc import Callable
from pathlib import Path

from cauce.providers.base import Token, TokenCache

# The reference material lies beside a working copy, never inside: it is not ours to publish.
PUBLISHED = Path(__file__).resolve().parents[2] / "shared"


class NoTokens(TokenCache):
    """For a provider without login: nobody may ask for a token."""

    def get(self, login: Callable[[Token | None], Token], *, rejected: Token | None = None) -> Token:
        raise AssertionError("nothing to log in for")
