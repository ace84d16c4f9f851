"""What each POST takes: one request per kind of document, put together from ``shapes``, ``parties`` and ``lines``.

Seed 002 for invoices and their notes; support documents have all that seed 001 has, in the same style: the
other party is ``vendedor``, and the note that adjusts one names it in ``documento_referencia``.
"""

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from cauce.contracts.v1.fields import boolean, code, day, listed, refused, text, written
from cauce.contracts.v1.lines import Line
from cauce.contracts.v1.parties import Buyer, Seller
from cauce.contracts.v1.shapes import (
    BillingPeriod,
    Charge,
    CreditNoteIssue,
    DebitNoteIssue,
    DeliveryTerms,
    Discount,
    ExchangeRate,
    ExpectedTotals,
    InvoiceIssue,
    Issue,
    Order,
    PaperInvoice,
    Payment,
    Prepayment,
    Shape,
    SupportIssue,
    currency,
)
from cauce.domain.document import Kind, reasons_of

# More lines than fit in the largest body (``bodies.MAX_BYTES``): a longer list holds something else.
MAX_LINES = 5000
REFERENCE = r"[A-Za-z0-9._:/-]{1,64}"
REFERENCE_LIKE = "admite de 1 a 64 letras sin tilde, dígitos y los signos . _ : / -"


def _uuid(*, optional: bool = False) -> BeforeValidator:
    return text(96, optional=optional, pattern=r"[0-9A-Fa-f]{96}", like="debe tener 96 dígitos hexadecimales")


class _Reference(Shape):
    numero: Annotated[
        str,
        text(24, pattern=r"[A-Za-z0-9_-]+", like="debe unir el prefijo y el consecutivo, como SETP990000011"),
    ] = Field(title="El número del documento de referencia")
    fecha: Annotated[date, day()] = Field(title="La fecha del documento de referencia")


class InvoiceReference(_Reference):
    """The invoice that a note corrects."""

    cufe: Annotated[str, _uuid()] = Field(title="El CUFE")


class SupportReference(_Reference):
    """The support document that a note adjusts: its CUDS, in ``cuds`` or, as in the other notes, ``cufe``."""

    cuds: Annotated[str | None, _uuid(optional=True)] = Field(None, title="El CUDS")
    cufe: Annotated[str | None, _uuid(optional=True)] = Field(None, title="El CUDS")


class _Reason(Shape):
    descripcion: Annotated[str, text(500)] = Field(title="La descripción del motivo")


class CreditReason(_Reason):
    """Why a credit note is issued."""

    codigo: Annotated[str, code(lambda: reasons_of(Kind.CREDIT_NOTE), integer=True)] = Field(
        title="El código del motivo"
    )


class DebitReason(_Reason):
    """Why a debit note is issued."""

    codigo: Annotated[str, code(lambda: reasons_of(Kind.DEBIT_NOTE), integer=True)] = Field(
        title="El código del motivo"
    )


class AdjustmentReason(_Reason):
    """Why an adjustment note is issued."""

    codigo: Annotated[str, code(lambda: reasons_of(Kind.ADJUSTMENT_NOTE), integer=True)] = Field(
        title="El código del motivo"
    )


def _paragraphs(value: Any) -> Any:
    """One text or a list of them; empty ones are left out."""
    texts = [value] if value is None or isinstance(value, str) else value
    if not isinstance(texts, list | tuple):
        raise refused("debe ser un texto o una lista de textos")
    if len(texts) > 20:
        raise refused("admite máximo 20 textos")
    found = [written(item, many_lines=True) for item in texts if item is not None]
    if any(len(item) > 5000 for item in found):
        raise refused("admite máximo 5000 caracteres por texto")
    return tuple(item for item in found if item)


def _few_enough(value: Any) -> Any:
    """Refuse too long a list before its elements are read."""
    if isinstance(value, list) and len(value) > MAX_LINES:
        raise refused(f"máximo {MAX_LINES}")
    return value


class Request(Shape):
    """The fields of every document."""

    factura: Issue | None = Field(None, title="La factura")
    lineas: Annotated[tuple[Line, ...], BeforeValidator(_few_enough)] = Field(
        min_length=1, max_length=MAX_LINES, title="Las líneas"
    )
    referencia: Annotated[str | None, text(64, optional=True, pattern=REFERENCE, like=REFERENCE_LIKE)] = (
        Field(None, title="La referencia")
    )
    prefijo: Annotated[
        str | None, text(10, optional=True, pattern=r"[A-Za-z0-9]+", like="admite letras sin tilde y dígitos")
    ] = Field(None, title="El prefijo")
    pago: Payment | None = Field(None, title="El pago")
    moneda: Annotated[str | None, currency()] = Field(None, title="La moneda")
    tasa_cambio: ExchangeRate | None = Field(None, title="La tasa de cambio")
    orden: Order | None = Field(None, title="La orden")
    observaciones: Annotated[tuple[str, ...], BeforeValidator(_paragraphs)] = Field(
        (), title="Las observaciones"
    )
    cargos: Annotated[tuple[Charge, ...], BeforeValidator(listed)] = Field(
        (), max_length=20, title="Los cargos"
    )
    descuentos: Annotated[tuple[Discount, ...], BeforeValidator(listed)] = Field(
        (), max_length=20, title="Los descuentos"
    )
    periodo: BillingPeriod | None = Field(None, title="El periodo")
    totales_esperados: ExpectedTotals | None = Field(None, title="Los totales esperados")
    enviar_correo: Annotated[bool | None, boolean(optional=True)] = Field(
        None, title="El campo enviar_correo"
    )


class SaleRequest(Request):
    """The fields of an invoice and of the notes on it."""

    adquiriente: Buyer = Field(title="El adquiriente")
    entrega: DeliveryTerms | None = Field(None, title="La entrega")


class InvoiceRequest(SaleRequest):
    """POST /documentos."""

    factura: InvoiceIssue | None = Field(None, title="La factura")
    anticipos: Annotated[tuple[Prepayment, ...], BeforeValidator(listed)] = Field(
        (), max_length=20, title="Los anticipos"
    )
    factura_papel: PaperInvoice | None = Field(None, title="La factura de papel")


class CreditNoteRequest(SaleRequest):
    """POST /notas-credito. Without ``factura_referencia`` only as operation 22, on a period."""

    factura: CreditNoteIssue | None = Field(None, title="La factura")
    factura_referencia: InvoiceReference | None = Field(None, title="La factura de referencia")
    motivo: CreditReason = Field(title="El motivo")


class DebitNoteRequest(SaleRequest):
    """POST /notas-debito. Without ``factura_referencia`` only as operation 32, on a period."""

    factura: DebitNoteIssue | None = Field(None, title="La factura")
    factura_referencia: InvoiceReference | None = Field(None, title="La factura de referencia")
    motivo: DebitReason = Field(title="El motivo")


class SupportDocumentRequest(Request):
    """POST /documentos-soporte."""

    factura: SupportIssue | None = Field(None, title="La factura")
    vendedor: Seller = Field(title="El vendedor")


class AdjustmentNoteRequest(SupportDocumentRequest):
    """POST /notas-ajuste. ``factura_referencia`` is the same field under the other notes' name."""

    documento_referencia: SupportReference | None = Field(None, title="El documento de referencia")
    factura_referencia: SupportReference | None = Field(None, title="El documento de referencia")
    motivo: AdjustmentReason = Field(title="El motivo")


REQUESTS: dict[Kind, type[SaleRequest | SupportDocumentRequest]] = {
    Kind.INVOICE: InvoiceRequest,
    Kind.CREDIT_NOTE: CreditNoteRequest,
    Kind.DEBIT_NOTE: DebitNoteRequest,
    Kind.SUPPORT_DOCUMENT: SupportDocumentRequest,
    Kind.ADJUSTMENT_NOTE: AdjustmentNoteRequest,
}
