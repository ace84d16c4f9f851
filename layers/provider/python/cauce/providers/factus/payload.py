"""A document → the body that creates it, in either dialect. Pure."""

from collections.abc import Callable

from cauce.domain.document import Document, Kind
from cauce.domain.errors import InvalidDocument, Unsupported
from cauce.providers.factus import payload_v1, payload_v2, wire
from cauce.providers.factus.routes import Dialect

# Factus mails these to the buyer unless told not to; support documents and their notes are never mailed.
MAILED = frozenset({Kind.INVOICE, Kind.CREDIT_NOTE, Kind.DEBIT_NOTE})


def speaks(dialect: Dialect, kind: Kind) -> Dialect:
    """The dialect in which a kind is written: v1's own page writes adjustment notes as v2 does."""
    return Dialect.V2 if kind is Kind.ADJUSTMENT_NOTE else dialect


def body(
    dialect: Dialect,
    document: Document,
    *,
    reference: str,
    range_id: int | None,
    send_email: bool,
    bill_id: int | None,
) -> wire.Fields:
    """The whole body. ``bill_id``, Factus's own id of the invoice, is needed by v1's credit notes alone."""
    kind = document.kind
    return {
        **({"document": "01"} if kind is Kind.INVOICE else {}),
        "reference_code": reference,
        **({"numbering_range_id": range_id} if range_id is not None else {}),
        **({"send_email": send_email} if kind in MAILED else {}),
        **_content(dialect, document, bill_id),
    }


def _content(dialect: Dialect, document: Document, bill_id: int | None) -> wire.Fields:
    written = speaks(dialect, document.kind)
    if (written, document.kind) == (Dialect.V1, Kind.CREDIT_NOTE):
        if wire.on_a_period(document):
            return payload_v1.credit_note(document, None)
        if bill_id is None:
            raise InvalidDocument("Falta buscar la factura en Factus.", field="billing_reference.number")
        return payload_v1.credit_note(document, bill_id)
    if write := _WRITERS.get((written, document.kind)):
        return write(document)
    raise Unsupported(f"Factus {dialect} no emite este tipo de documento.")


_WRITERS: dict[tuple[Dialect, Kind], Callable[[Document], wire.Fields]] = {
    (Dialect.V1, Kind.INVOICE): payload_v1.bill,
    (Dialect.V1, Kind.SUPPORT_DOCUMENT): payload_v1.support_document,
    (Dialect.V2, Kind.INVOICE): payload_v2.bill,
    (Dialect.V2, Kind.CREDIT_NOTE): payload_v2.credit_note,
    (Dialect.V2, Kind.DEBIT_NOTE): payload_v2.debit_note,
    (Dialect.V2, Kind.SUPPORT_DOCUMENT): payload_v2.support_document,
    (Dialect.V2, Kind.ADJUSTMENT_NOTE): payload_v2.adjustment_note,
}
