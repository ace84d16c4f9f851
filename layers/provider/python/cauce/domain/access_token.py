"""Access tokens: what an ERP shows to speak for an issuer. Only the hash of the secret is kept."""

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from pydantic import SecretStr

from cauce.domain.document import Value
from cauce.domain.issuer import Environment

_WORLDS = {Environment.TEST: "hab", Environment.PRODUCTION: "prod"}
_BEARER = re.compile(
    rf"(?:cauce_({'|'.join(_WORLDS.values())})_)?([1-9][0-9]{{0,11}})\|([A-Za-z0-9_-]{{16,128}})", re.ASCII
)


class Scope(StrEnum):
    """What a token may be used for; ``contracts.v1.rest`` says which one each route asks for."""

    EMIT = "emitir"
    """Send documents, events and lots."""
    CONSULT = "consultar"
    """See a document or a lot by its id, have the provider asked about a document, and get its files."""
    NUMBERING = "numerar"
    """List, sync, make and assign numbering ranges."""
    DECIDE = "decidir"
    """Settle a document that needs a person."""
    READ = "leer"
    """List the issuer's documents."""
    ACQUIRERS = "adquirientes"
    """Look up who a buyer is, for a document too. It is personal data (Ley 1581): no token has it that was not given
    it by name."""
    NOTIFY = "avisos"
    """Say where the issuer's news is pushed to. It leads out of the stack: no token has it that was not given it by
    name."""


USUAL = frozenset(Scope) - {Scope.ACQUIRERS, Scope.NOTIFY}
"""The scopes of a token that was given none by name."""


# A use within an hour of the kept one is not written, or a busy token would cost a write for each request.
LAST_USE_IS_GOOD_FOR = timedelta(hours=1)

# Scopes with effects in the issuer's environment: a token of the other environment is refused for them.
ACTS = frozenset({Scope.EMIT, Scope.NUMBERING, Scope.DECIDE})


class AccessToken(Value):
    """A token as stored; the secret is shown once and never kept. A token older than ``world``, ``expires_at`` and
    ``scopes`` has no environment, no end, and the usual scopes."""

    id: int
    issuer: str
    name: str
    email: str
    secret_hash: str
    created_at: datetime
    revoked_at: datetime | None = None
    world: Environment | None = None
    """The environment that it is for: while its issuer is in the other one, it is refused for ``ACTS``."""
    expires_at: datetime | None = None
    """The first moment at which it is refused."""
    scopes: frozenset[Scope] = USUAL
    last_used_at: datetime | None = None
    """Exact to ``LAST_USE_IS_GOOD_FOR``; ``None`` where it was not used since uses are kept."""

    @property
    def known_as(self) -> str:
        """Its name in a record's trace."""
        return f"token {self.id}"

    @property
    def looks_up(self) -> int | None:
        """Its id, if it may look up who a buyer is."""
        return self.id if Scope.ACQUIRERS in self.scopes else None

    def admits(self, shown: "Bearer") -> bool:
        """Whether this is the token shown, compared in constant time, and not revoked. The environment may be missing
        (``7|…`` for ``cauce_hab_7|…``), but not be another."""
        same = hmac.compare_digest(self.secret_hash, secret_hash(shown.secret.get_secret_value()))
        return same and shown.world in (None, self.world) and self.revoked_at is None


def known_id(known_as: str) -> int | None:
    """The id of the token that a record's trace calls so (``AccessToken.known_as``); ``None`` for anybody else."""
    found = re.fullmatch(r"token ([1-9][0-9]{0,11})", known_as, re.ASCII)
    return int(found[1]) if found else None


class Bearer(NamedTuple):
    """A token as shown: ``cauce_hab_7|…`` or ``cauce_prod_7|…``, or as seed 002 writes them, ``7|…``."""

    id: int
    secret: SecretStr
    world: Environment | None = None

    def text(self) -> str:
        """The whole token as its owner keeps it, with the secret."""
        world = f"cauce_{_WORLDS[self.world]}_" if self.world else ""
        return f"{world}{self.id}|{self.secret.get_secret_value()}"


def read_bearer(text: str) -> Bearer | None:
    """The token in a text; ``None`` where the text is not one."""
    found = _BEARER.fullmatch(text)
    if found is None:
        return None
    world = next((world for world, name in _WORLDS.items() if name == found[1]), None)
    return Bearer(int(found[2]), SecretStr(found[3]), world)


def new_secret() -> SecretStr:
    """A secret of 40 URL-safe characters, 240 random bits."""
    return SecretStr(secrets.token_urlsafe(30))


def secret_hash(secret: str) -> str:
    """SHA-256 of the secret, hex. No salt or stretching: the secret is random, not a password."""
    return hashlib.sha256(secret.encode()).hexdigest()
