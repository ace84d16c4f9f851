"""Lines: each document of a lot, or of the intake queue, becomes a record, or what is kept where it becomes none."""

from collections.abc import Callable
from itertools import islice

from cauce.domain.document import Kind
from cauce.domain.errors import (
    CauceError,
    DocumentTooLarge,
    InvalidDocument,
    InvoicePending,
    NumberingUnavailable,
    PermissionDenied,
    QuotaExceeded,
    ReferenceConflict,
    Unsupported,
)
from cauce.domain.issuer import Issuer
from cauce.domain.lot import Asked, LotLine, Refusal, Repetition
from cauce.domain.record import State
from cauce.emission import sending
from cauce.gateway import TakingLots
from cauce.intake import documents

# Errors of a line itself, which every repetition would meet; after any other error the line is tried again.
FAULTS = (
    InvalidDocument,
    InvoicePending,
    Unsupported,
    PermissionDenied,
    NumberingUnavailable,
    QuotaExceeded,
    ReferenceConflict,
    DocumentTooLarge,
)
# Faulty fields that a refusal keeps: more than its lot shows.
_MOST_FIELDS = 50
# Begins a line that holds a refusal, in the file of a lot that came in a request. No document begins so.
_REFUSED = b"!"

ReadLine = Callable[[bytes, Kind | None], Asked]
"""Reads one line by the contract; the kind is for a line that does not say its own."""


def take_in(
    gateway: TakingLots,
    issuer: Issuer,
    line: LotLine,
    asked: Asked,
    by: str | None,
    looks_up: int | None = None,
) -> None:
    """Give one line its record, queued, or keep why it has none of its own. Idempotent. ``looks_up``: as in
    ``documents.take_in``.

    A refused line stays refused, though what it lacked the first time (a range, a quota) may be there by now.
    """
    if gateway.lots.is_kept(issuer.nit, line):
        return
    if isinstance(asked.content, CauceError):
        gateway.lots.refuse(issuer.nit, refusal(line, asked.reference, asked.content))
        return
    try:
        record, _ = documents.take_in(
            gateway,
            issuer,
            asked.content,
            asked.content_hash,
            line,
            by=by,
            said=asked.said,
            looks_up=looks_up,
        )
    except FAULTS as fault:
        gateway.lots.refuse(issuer.nit, refusal(line, asked.reference, asked.as_sent(fault)))
        return
    if record.line != line:
        gateway.lots.repeat(issuer.nit, Repetition(line=line, document_id=record.document_id))
    elif record.state is State.RECEIVED:
        sending.enqueue(gateway, record)


def refusal(line: LotLine, reference: str | None, error: CauceError) -> Refusal:
    """A line's refusal, with no more than ``_MOST_FIELDS`` of its faulty fields: it must fit in one item of the
    table."""
    fields = dict(islice(error.fields.items(), _MOST_FIELDS))
    return Refusal(line=line, reference=reference, code=error.code, message=error.message, fields=fields)


def refused_text(found: Refusal) -> bytes:
    """The line that stands for a refused one in the file of a lot that came in a request."""
    return _REFUSED + found.model_dump_json().encode()


def refusal_in(text: bytes) -> Refusal | None:
    """The refusal that a line of such a file holds, if it is one."""
    return Refusal.model_validate_json(text[len(_REFUSED) :]) if text.startswith(_REFUSED) else None
