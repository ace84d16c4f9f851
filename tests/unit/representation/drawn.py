"""Records as they are once accepted, and their graphic representation."""

from datetime import timedelta
from typing import Any

from cauce.domain.document import Document
from cauce.domain.issuer import Environment, Issuer
from cauce.domain.record import Record, State
from cauce.representation import drawing, facts, known
from cauce.representation.sheet import Sheet
from tests.unit.dian.builders import CUFE, ISSUED_AT
from tests.unit.dian.talking import issuer, record


def accepted(document: Document, **changes: Any) -> Record:
    """Validated four seconds after it was issued."""
    known: dict[str, Any] = {
        "uuid": CUFE,
        "issued_at": ISSUED_AT,
        "state": State.ACCEPTED,
        "validated_at": ISSUED_AT + timedelta(seconds=4),
    }
    return record(document, **{**known, **changes})


def drawn(document: Document, environment: Environment = Environment.PRODUCTION, **changes: Any) -> bytes:
    return drawing.pdf(shown(accepted(document, **changes), issuer(environment=environment)))


def shown(kept: Record, by: Issuer | None = None, signed_xml: bytes | None = None) -> Sheet:
    """What is shown of a record; of the issuer ``by``, in production where none is given."""
    by = by or issuer(environment=Environment.PRODUCTION)
    return facts.sheet(known.known(kept, by, lambda: kept.range, signed_xml), by)
