"""Records as a test wants them. Cauce itself makes and changes records only by the moves of ``domain.life``."""

from datetime import datetime
from typing import Any

from cauce.domain.document import Document
from cauce.domain.event import Event
from cauce.domain.record import Record, State, Step
from cauce.domain.totals import totals

DOCUMENT_ID = "0b7e4f0e-0000-4000-8000-000000000001"


def a_record(content: Document | Event, at: datetime, **facts: Any) -> Record:
    """A record of a document, with its sums, or of an event; taken in and issued at this moment."""
    sums = totals(content) if isinstance(content, Document) else None
    found = {
        "document_id": DOCUMENT_ID,
        "content": content,
        "content_hash": "h",
        "issued_at": at,
        "subtotal": sums.line_extension if sums else 0,
        "vat": sums.tax_of("01") if sums else 0,
        "payable": sums.payable if sums else 0,
        "created_at": at,
        "received_at": at,
        "updated_at": at,
    }
    return Record.model_validate({**found, **facts})


def moved(record: Record, to: State, at: datetime, detail: str | None = None, **facts: Any) -> Record:
    """The record in another state, allowed by ``MOVES`` or not, with a line in its trace."""
    return noted(record, to.value, at, detail, state=to, **facts)


def noted(record: Record, what: str, at: datetime, detail: str | None = None, **facts: Any) -> Record:
    """The record with a line in its trace, and with other fields changed."""
    step = Step(at=at, what=what, detail=detail)
    changed = {name: getattr(record, name) for name in Record.model_fields} | facts
    return Record.model_validate({**changed, "updated_at": at, "steps": (*record.steps, step)})
