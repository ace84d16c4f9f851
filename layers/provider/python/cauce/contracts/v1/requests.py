"""What each POST takes: one request per kind of document, put together from ``shapes``, ``parties`` and ``lines``.

Seed 002 for invoices and their notes; support documents have all that seed 001 has, in the same style: the
other party is ``vendedor``, and the note that adjusts one names it in ``documento_referencia``.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from cauce.contracts.v1.fields import (
    Boolean,
    Code,
    Day,
    FieldKind,
    Listed,
    Text,
    To,
    refused,
    written,
)
from cauce.contracts.v1.lines import Line
from cauce.contracts.v1.parties import Buyer, Seller
from cauce.contracts.v1.shapes import (
    CURRENCY,
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
)
from cauce.domain.document import Kind, reasons_of

# More lines than fit in the largest body (``bodies.MAX_BYTES``): a longer list holds something else.
MAX_LINES = 5000
REFERENCE = r"[A-Za-z0-9._:/-]{1,64}"
REFERENCE_LIKE = "admite de 1 a 64 letras sin tilde, dígitos y los signos . _ : / -"


REFERENCE_TEXT = Text(64, pattern=REFERENCE, like=REFERENCE_LIKE)
UUID = Text(96, pattern=r"[0-9A-Fa-f]{96}", like="debe tener 96 dígitos hexadecimales")
_NUMBER = Text(
    24, pattern=r"[A-Za-z0-9_-]+", like="debe unir el prefijo y el consecutivo, como SETP990000011"
)
_CORRECTED = To("billing_reference", copied=False)
_PREFIX = Text(10, pattern=r"[A-Za-z0-9]+", like="admite letras sin tilde y dígitos")


class _Reference(Shape):
    numero: Annotated[str, _NUMBER, To("number")] = Field(title="El número del documento de referencia")
    fecha: Annotated[date, Day(), To("issue_date")] = Field(title="La fecha del documento de referencia")


class InvoiceReference(_Reference):
    """The invoice that a note corrects."""

    cufe: Annotated[str, UUID, To("uuid", copied=False)] = Field(title="El CUFE")


class SupportReference(_Reference):
    """The support document that a note adjusts: its CUDS, in ``cuds`` or, as in the other notes, ``cufe``."""

    cuds: Annotated[str | None, UUID, To("uuid", copied=False)] = Field(None, title="El CUDS")
    cufe: Annotated[str | None, UUID, To("uuid", copied=False)] = Field(None, title="El CUDS")


class _Reason(Shape):
    descripcion: Annotated[str, Text(500), To("text")] = Field(title="La descripción del motivo")


class CreditReason(_Reason):
    """Why a credit note is issued."""

    codigo: Annotated[str, Code(reasons_of(Kind.CREDIT_NOTE), integer=True), To("code")] = Field(
        title="El código del motivo"
    )


class DebitReason(_Reason):
    """Why a debit note is issued."""

    codigo: Annotated[str, Code(reasons_of(Kind.DEBIT_NOTE), integer=True), To("code")] = Field(
        title="El código del motivo"
    )


class AdjustmentReason(_Reason):
    """Why an adjustment note is issued."""

    codigo: Annotated[str, Code(reasons_of(Kind.ADJUSTMENT_NOTE), integer=True), To("code")] = Field(
        title="El código del motivo"
    )


@dataclass(frozen=True)
class Paragraphs(FieldKind):
    """One text or a list of them; empty ones are left out."""

    most: int = 20
    longest: int = 5000

    def read(self, value: object) -> tuple[str, ...]:
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list | tuple):
            raise refused("debe ser un texto o una lista de textos")
        if len(texts) > self.most:
            raise refused(f"admite máximo {self.most} textos")
        found = [written(item, many_lines=True) for item in texts if item is not None]
        if any(len(item) > self.longest for item in found):
            raise refused(f"admite máximo {self.longest} caracteres por texto")
        return tuple(item for item in found if item)

    def empty(self, *, is_optional: bool) -> tuple[str, ...]:  # noqa: ARG002 - in either case there is none
        return ()


def _few_enough(value: object) -> object:
    """Refuse too long a list before its elements are read."""
    if isinstance(value, list) and len(value) > MAX_LINES:
        raise refused(f"máximo {MAX_LINES}")
    return value


class Request(Shape):
    """The fields of every document."""

    factura: Issue | None = Field(None, title="La factura")
    lineas: Annotated[tuple[Line, ...], BeforeValidator(_few_enough), To("lines", copied=False)] = Field(
        min_length=1, max_length=MAX_LINES, title="Las líneas"
    )
    referencia: Annotated[str | None, REFERENCE_TEXT, To("reference", copied=False)] = Field(
        None, title="La referencia"
    )
    prefijo: Annotated[str | None, _PREFIX, To("prefix")] = Field(
        None, title="El prefijo", description="the range to use, if there are several"
    )
    pago: Annotated[Payment | None, To("payment")] = Field(None, title="El pago")
    moneda: Annotated[str | None, CURRENCY, To("currency")] = Field(None, title="La moneda")
    tasa_cambio: Annotated[ExchangeRate | None, To("exchange_rate", copied=False)] = Field(
        None,
        title="La tasa de cambio",
        description="pesos for one unit of the document's foreign currency, or of a second one besides pesos",
    )
    orden: Annotated[Order | None, To("order_reference")] = Field(None, title="La orden")
    observaciones: Annotated[tuple[str, ...], Paragraphs(), To("notes")] = Field(
        (), title="Las observaciones", description="a text or a list"
    )
    cargos: Annotated[Listed[Charge], To("allowance_charges", copied=False)] = Field(
        (), max_length=20, title="Los cargos", description="of the whole document, a tip too"
    )
    descuentos: Annotated[Listed[Discount], To("allowance_charges", copied=False)] = Field(
        (), max_length=20, title="Los descuentos", description="of the whole document, a tip too"
    )
    periodo: Annotated[BillingPeriod | None, To("period")] = Field(
        None,
        title="El periodo",
        description="what a note without `factura_referencia` (operation 22 or 32) is about",
    )
    totales_esperados: Annotated[ExpectedTotals | None, To("expected")] = Field(
        None, title="Los totales esperados", description="compared with those that Cauce computes"
    )
    enviar_correo: Annotated[bool | None, Boolean(), To("notify")] = Field(
        None, title="El campo enviar_correo", description="absent: only in production"
    )


class SaleRequest(Request):
    """The fields of an invoice and of the notes on it."""

    adquiriente: Annotated[Buyer, To("counterparty", copied=False)] = Field(title="El adquiriente")
    entrega: Annotated[DeliveryTerms | None, To("delivery_terms")] = Field(
        None, title="La entrega", description="terms of an export"
    )


class InvoiceRequest(SaleRequest):
    """POST /documentos."""

    factura: InvoiceIssue | None = Field(None, title="La factura")
    anticipos: Annotated[Listed[Prepayment], To("prepayments")] = Field(
        (), max_length=20, title="Los anticipos", description="prepayments, which do not lower the total"
    )
    factura_papel: Annotated[PaperInvoice | None, To("paper_invoice")] = Field(
        None,
        title="La factura de papel",
        description="the paper invoice that a type 03 transcribes, in a contingency range",
    )


class CreditNoteRequest(SaleRequest):
    """POST /notas-credito. Without ``factura_referencia`` only as operation 22, on a period."""

    factura: CreditNoteIssue | None = Field(None, title="La factura")
    factura_referencia: Annotated[InvoiceReference | None, _CORRECTED] = Field(
        None, title="La factura de referencia"
    )
    motivo: Annotated[CreditReason, To("reason")] = Field(title="El motivo")


class DebitNoteRequest(SaleRequest):
    """POST /notas-debito. Without ``factura_referencia`` only as operation 32, on a period."""

    factura: DebitNoteIssue | None = Field(None, title="La factura")
    factura_referencia: Annotated[InvoiceReference | None, _CORRECTED] = Field(
        None, title="La factura de referencia"
    )
    motivo: Annotated[DebitReason, To("reason")] = Field(title="El motivo")


class SupportDocumentRequest(Request):
    """POST /documentos-soporte."""

    factura: SupportIssue | None = Field(None, title="La factura")
    vendedor: Annotated[Seller, To("counterparty", copied=False)] = Field(title="El vendedor")


class AdjustmentNoteRequest(SupportDocumentRequest):
    """POST /notas-ajuste. ``factura_referencia`` is the same field under the other notes' name."""

    documento_referencia: Annotated[SupportReference | None, _CORRECTED] = Field(
        None, title="El documento de referencia"
    )
    factura_referencia: Annotated[SupportReference | None, _CORRECTED] = Field(
        None, title="El documento de referencia"
    )
    motivo: Annotated[AdjustmentReason, To("reason")] = Field(title="El motivo")


REQUESTS: dict[Kind, type[SaleRequest | SupportDocumentRequest]] = {
    Kind.INVOICE: InvoiceRequest,
    Kind.CREDIT_NOTE: CreditNoteRequest,
    Kind.DEBIT_NOTE: DebitNoteRequest,
    Kind.SUPPORT_DOCUMENT: SupportDocumentRequest,
    Kind.ADJUSTMENT_NOTE: AdjustmentNoteRequest,
}
