"""The ledger of an issuer: a chain of what became of its documents, an entry for each settlement. Pure.

An entry's facts have its number in the ledger, from 1. The hash of an entry is that of the entry before it and of its
own facts, so that no entry can be altered, dropped or put elsewhere without every later hash being another. From time
to time a key signs how many entries there are and the hash of the last: a ``Segment`` is the entries between two
signatures. A ``Proof`` shows that one entry is in a signed ledger, without the facts of the others.

The names in the files are Spanish: they are read by auditors too.
"""

import hashlib
import json
from typing import Final, NamedTuple

from pydantic import ConfigDict, Field

from cauce.domain.document import Value

Facts = dict[str, str | int | dict[str, str] | None]
"""What an entry says, as its file has it; ``fact`` names what is read again."""

VERSION = 1
GENESIS = "0" * 64
"""Stands for the hash before the first entry."""
ALGORITHM: Final = "ECDSA_SHA_256"
"""On curve P-256, as KMS calls it."""

# The facts that are read again; the others are only hashed.
NUMBER, DOCUMENT, STATE, FULL_NUMBER, FILES = "n", "tracking_id", "estado", "numero_completo", "archivos"
UUID, CONTENT, ACCEPTED = "cufe", "contenido_sha256", "aceptado"


class _OnFile(Value):
    model_config = ConfigDict(populate_by_name=True)


class Signature(_OnFile):
    """The signature of ``statement``."""

    at: str = Field(alias="momento")
    key: str = Field(alias="llave")
    algorithm: str = Field(ALGORITHM, alias="algoritmo")
    value: str = Field(alias="valor")
    """Base64."""


class Entry(_OnFile):
    facts: Facts = Field(alias="hechos")
    hash: str

    @property
    def number(self) -> int:
        found = self.facts.get(NUMBER)
        return found if isinstance(found, int) else 0


class Segment(_OnFile):
    """Entries in a row, the last of them signed for."""

    version: int = VERSION
    issuer: str = Field(alias="emisor")
    before: str = Field(alias="anterior")
    """The hash of the entry before the first."""
    entries: tuple[Entry, ...] = Field(alias="entradas", min_length=1)
    read_to: str = Field(alias="leido_hasta")
    """Where in the issuer's news the entries end: the next segment goes on from there."""
    signature: Signature = Field(alias="firma")

    @property
    def first(self) -> int:
        return self.entries[0].number

    @property
    def last(self) -> int:
        return self.entries[-1].number


class Head(_OnFile):
    """A signed statement of where a ledger ends."""

    version: int = VERSION
    issuer: str = Field(alias="emisor")
    entries: int = Field(alias="cantidad_entradas")
    hash: str
    signature: Signature = Field(alias="firma")


class Proof(_OnFile):
    """An entry, and the way from it to a signed hash: the digests of the entries between."""

    issuer: str = Field(alias="emisor")
    before: str = Field(alias="anterior")
    entry: Entry = Field(alias="entrada")
    following: tuple[str, ...] = Field(alias="siguientes")
    signature: Signature = Field(alias="firma")

    @property
    def hashes(self) -> list[tuple[int, str]]:
        """The entries whose hashes it tells: the one before its own, its own, and as they must be those after it."""
        number = self.entry.number
        found = [(number - 1, self.before), (number, self.entry.hash)]
        for place, facts_digest in enumerate(self.following, number + 1):
            found.append((place, chained(found[-1][1], facts_digest)))
        return found

    @property
    def signed(self) -> tuple[int, str]:
        """The number of the last entry that the signature is for, and its hash as it must be."""
        return self.hashes[-1]


class End(NamedTuple):
    """Where an issuer's ledger ends, and where in its news it goes on."""

    entries: int = 0
    hash: str = GENESIS
    read_to: str = "0"


def canonical(facts: object) -> bytes:
    """JSON in one form only."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(facts: Facts) -> str:
    return hashlib.sha256(canonical(facts)).hexdigest()


def chained(before: str, facts_digest: str) -> str:
    """The hash of an entry, by that of the entry before it and the digest of its facts."""
    return hashlib.sha256(f"{before}{facts_digest}".encode()).hexdigest()


def entry(before: str, facts: Facts) -> Entry:
    return Entry(facts=facts, hash=chained(before, digest(facts)))


def statement(issuer: str, entries: int, last: str, at: str) -> bytes:
    """What is signed: that at this moment an issuer's ledger had so many entries, the last with this hash."""
    return canonical({"emisor": issuer, "cantidad_entradas": entries, "hash": last, "momento": at})


def proof(segment: Segment, number: int) -> Proof:
    """The proof of one of a segment's entries."""
    place = number - segment.first
    return Proof(
        issuer=segment.issuer,
        before=segment.entries[place - 1].hash if place else segment.before,
        entry=segment.entries[place],
        following=tuple(digest(each.facts) for each in segment.entries[place + 1 :]),
        signature=segment.signature,
    )
