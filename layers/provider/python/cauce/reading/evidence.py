"""The evidence of a document: everything that is kept of it, and who asked for what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from cauce.domain.access_token import known_id
from cauce.domain.ledger import Proof, proof
from cauce.domain.record import Record
from cauce.gateway import Keeping
from cauce.ubl import files as ubl

_EXTENSIONS = {"application/zip": ".zip", "application/json": ".json", "application/xml": ".xml"}


class Kept(NamedTuple):
    """A file of the archive, as the evidence has it."""

    name: str
    """In the ZIP: as in the archive, with an extension that a person's computer knows."""
    archived_as: str
    content_type: str
    body: bytes


@dataclass(frozen=True)
class Evidence:
    """What is known of a document."""

    record: Record
    files: tuple[Kept, ...]
    askers: Mapping[str, str]
    """The names of the tokens in its trace, by how the trace calls them (``Step.by``)."""
    proofs: tuple[Proof, ...]
    """Its entries in the issuer's ledger."""


def gathered(gateway: Keeping, record: Record) -> Evidence:
    """The evidence of a record, whatever its state. Nothing in it is a secret: no credential is archived, and no
    stored record has its range's technical key."""
    kept = tuple(
        Kept(f"archivo/{each.name}{_extension(each.name, each.content_type)}", *each)
        for each in gateway.archive.files(record)
    )
    return Evidence(record, kept, _names(gateway, record), _proofs(gateway, record))


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The evidence in one ZIP: the same files, the same bytes."""
    return ubl.zipped(files)


def _extension(name: str, content_type: str) -> str:
    kind = content_type.partition(";")[0].strip()
    return "" if "." in name else _EXTENSIONS.get(kind, ".xml" if kind.endswith("xml") else "")


def _proofs(gateway: Keeping, record: Record) -> tuple[Proof, ...]:
    found = gateway.ledger.of_document(record.issuer, record.document_id)
    return tuple(proof(gateway.ledger.segment(record.issuer, first), number) for number, first in found)


def _names(gateway: Keeping, record: Record) -> dict[str, str]:
    found: dict[str, str] = {}
    for by in dict.fromkeys(step.by for step in record.steps):
        token_id = known_id(by or "")
        token = gateway.access_tokens.read(token_id) if token_id is not None else None
        if by is not None and token is not None and token.issuer == record.issuer:
            found[by] = token.name
    return found
