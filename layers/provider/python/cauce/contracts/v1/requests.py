"""What each POST takes: one request per kind of document, put together from ``shapes``, ``parties`` and ``lines``.

Seed 002 for invoices and their notes; support documents have all that seed 001 has, in the same style: the
other party is ``vendedor``, and the note that adjusts one names it in ``documento_referencia``.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.fields import (
    Boolean,
    Code,
    Day,
    FieldKind,
    Listed,
    Rounding,
    Text,
    To,
    listed,
    optional,
    refused,
    required,
    written,
)
from cauce.contracts.v1.health import Health
from cauce.contracts.v1.lines import LineRequest
from cauce.contracts.v1.parties import Buyer, Delivery, Named, Seller
from cauce.contracts.v1.shapes import (
    ADJUSTS,
    CURRENCY,
    Benefits,
    BillingPeriod,
    Charge,
    CreditNoteIssue,
    DebitNoteIssue,
    DeliveryTerms,
    Discount,
    EquivalentIssue,
    EquivalentNoteIssue,
    ExchangeRate,
    ExpectedTotals,
    InvoiceIssue,
    Issue,
    Order,
    OtherReference,
    PaperInvoice,
    Payment,
    PaymentPart,
    Prepayment,
    Shape,
    SupportIssue,
    Till,
    TradeReference,
)
from cauce.domain import catalogs
from cauce.domain.document import Kind, reasons_of

# More lines than fit in the largest body (``bodies.MAX_BYTES``): a longer list holds something else.
MAX_LINES = 5000
REFERENCE = r"[A-Za-z0-9._:/-]{1,64}"
REFERENCE_LIKE = "admite de 1 a 64 letras sin tilde, dígitos y los signos . _ : / -"


REFERENCE_TEXT = Text(64, pattern=REFERENCE, like=REFERENCE_LIKE)
UUID = Text(96, pattern=r"[0-9A-Fa-f]{96}", like="debe tener 96 dígitos hexadecimales")
# Of the annex's own example (1.9, 11.2.1).
A_CUFE = "8bb918b19ba22a694f1da11c643b5e9de39adf60311cf179179e9b33381030bcd4c3c3f156c506ed5908f9276f5bd9b4"
_NUMBER = Text(
    24, pattern=r"[A-Za-z0-9_-]+", like="debe unir el prefijo y el consecutivo, como SETP990000011"
)
_CORRECTED = To("billing_reference", copied=False)
_PREFIX = Text(10, pattern=r"[A-Za-z0-9]+", like="admite letras sin tilde y dígitos")
# Of the range that the prefix chooses, and of the number that it gives.
_RANGE_RULES = (
    *("FAB05a", "FAB07a", "FAB08a", "FAB10b", "FAB11a", "FAB12a"),
    *("FAD05a", "FAD05b", "FAD05c", "FAD06"),
)


class _Reference(Shape):
    numero: str = required(
        "El número del documento de referencia",
        _NUMBER,
        To("number"),
        example="SETP990000011",
        rule=("CBG02", "CBG03"),
    )
    fecha: date = required(
        "La fecha del documento de referencia",
        Day(),
        To("issue_date"),
        example="2026-05-04",
        rule=("CBG02", "CBG06"),
    )


class InvoiceReference(_Reference):
    """The invoice that a note corrects."""

    cufe: str = required(
        "El CUFE", UUID, To("uuid", copied=False), example=A_CUFE, rule=("CBG02", "CBG04a", "CBG04b")
    )


class SupportReference(_Reference):
    """The support document that a note adjusts: its CUDS, in ``cuds`` or, as in the other notes, ``cufe``."""

    cuds: str | None = optional("El CUDS", UUID, To("uuid", copied=False), example=A_CUFE, rule="CBG02")
    cufe: str | None = optional("El CUDS", UUID, To("uuid", copied=False), example=A_CUFE, rule="CBG02")


class EquivalentReference(_Reference):
    """The documento equivalente that a note corrects."""

    cude: str = required("El CUDE", UUID, To("uuid", copied=False), example=A_CUFE, rule="CBG02")


class NoteReference(_Reference):
    """A note that an invoice names."""

    tipo_documento: str = required(
        "El tipo de la nota",
        Text(12, pattern="nota_(credito|debito)", like="debe ser nota_credito o nota_debito"),
        To("kind", copied=False),
        example="nota_credito",
    )
    cude: str = required("El CUDE", UUID, To("uuid", copied=False), example=A_CUFE)


def _reason(kind: Kind, catalog: str, example: str, *rule: str) -> Any:
    return required(
        "El código del motivo",
        Code(reasons_of(kind), integer=True, catalog=catalog),
        To("code"),
        example=example,
        rule=rule,
    )


class _Reason(Shape):
    descripcion: str = required(
        "La descripción del motivo", Text(500), To("text"), example="Ajuste del precio acordado"
    )


class CreditReason(_Reason):
    """Why a credit note is issued."""

    codigo: str = _reason(Kind.CREDIT_NOTE, "motivos-nota-credito", "4", "CAE03", "CBF03", "CBF03a", "CAD02a")


class DebitReason(_Reason):
    """Why a debit note is issued."""

    codigo: str = _reason(Kind.DEBIT_NOTE, "motivos-nota-debito", "3", "CAE03", "DBF03")


class AdjustmentReason(_Reason):
    """Why an adjustment note is issued."""

    codigo: str = _reason(Kind.ADJUSTMENT_NOTE, "motivos-nota-ajuste", "4", "CAE03", "CBF03")


class EquivalentReason(_Reason):
    """Why a note on a documento equivalente is issued."""

    codigo: str = _reason(Kind.EQUIVALENT_NOTE, "motivos-nota-documento-equivalente", "2", "CAE03", "CBF03")


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

    def described(self) -> JsonObject:
        text = {"type": "string", "maxLength": self.longest}
        return {"anyOf": [text, {"type": "array", "items": text, "maxItems": self.most}, {"type": "null"}]}

    def empty(self, *, is_optional: bool) -> tuple[str, ...]:  # noqa: ARG002 - in either case there is none
        return ()


def _few_enough(value: object) -> object:
    """Refuse too long a list before its elements are read."""
    if isinstance(value, list) and len(value) > MAX_LINES:
        raise refused(f"máximo {MAX_LINES}")
    return value


class Request(Shape):
    """The fields of every document."""

    factura: Issue | None = optional("La factura")
    lineas: Annotated[
        tuple[LineRequest, ...], BeforeValidator(_few_enough), Field(min_length=1, max_length=MAX_LINES)
    ] = required("Las líneas", To("lines", copied=False), rule=("FAV01", "FAS07"))
    referencia: str | None = optional(
        "La referencia", REFERENCE_TEXT, To("reference", copied=False), example="PEDIDO-1024"
    )
    prefijo: str | None = optional(
        "El prefijo",
        _PREFIX,
        To("prefix"),
        about="el del rango que se usa, si hay varios",
        example="SETP",
        rule=_RANGE_RULES,
    )
    pago: Payment | None = optional("El pago", To("payment"), rule="CAN01")
    moneda: str | None = optional("La moneda", CURRENCY, To("currency"), example="COP", rule="FAD15a")
    tasa_cambio: ExchangeRate | None = optional(
        "La tasa de cambio",
        To("exchange_rate", copied=False),
        about="pesos por unidad de la moneda extranjera del documento, o de una segunda moneda además del peso",
        rule="FAR06",
    )
    pagos: Listed[PaymentPart] = listed(
        "Los pagos",
        20,
        To("payments", copied=False),
        about="en lugar de `pago`, si son varios o si son cuotas; sus valores suman el total",
        rule="FAN02",
    )
    orden: Order | None = optional("La orden", To("order_reference"))
    remisiones: Listed[TradeReference] = listed(
        "Las remisiones", 50, To("despatches"), about="las guías o remisiones con que se despachó"
    )
    entradas: Listed[TradeReference] = listed(
        "Las entradas", 50, To("receipts"), about="las entradas de mercancía del comprador"
    )
    otras_referencias: Listed[OtherReference] = listed(
        "Las otras referencias",
        20,
        To("other_references"),
        about="otros documentos, como un contrato",
    )
    observaciones: tuple[str, ...] = optional(
        "Las observaciones",
        Paragraphs(),
        To("notes"),
        default=(),
        about="un texto o una lista",
        example="Entregar en portería",
    )
    precios_incluyen_impuestos: bool | None = optional(
        "El campo precios_incluyen_impuestos",
        Boolean(),
        about=(
            "si el precio de cada línea es el que el cliente paga, con sus impuestos: el total es exactamente ese; "
            "no cambia lo que se regala"
        ),
        example=True,
    )
    redondeo: Decimal | None = optional(
        "El redondeo",
        Rounding(),
        To("payable_rounding"),
        about="lo que se suma al total, o se le quita, para pagarlo en efectivo: `-14.81` deja 260564.81 en 260550",
        example="-14.81",
        rule="FAU14",
    )
    cargos: Listed[Charge] = listed(
        "Los cargos", 20, ADJUSTS, about="de todo el documento, la propina también"
    )
    descuentos: Listed[Discount] = listed(
        "Los descuentos", 20, ADJUSTS, about="de todo el documento, la propina también", rule="VLR01"
    )
    periodo: BillingPeriod | None = optional(
        "El periodo",
        To("period"),
        about="de qué trata una nota sin `factura_referencia` (operación 22 o 32)",
        rule=("CBG03", "CAE02"),
    )
    totales_esperados: ExpectedTotals | None = optional(
        "Los totales esperados", To("expected"), about="se comparan con los que Cauce calcula"
    )
    enviar_correo: bool | None = optional(
        "El campo enviar_correo", Boolean(), To("notify"), about="ausente: solo en producción", example=True
    )


class SaleRequest(Request):
    """The fields of an invoice and of the notes on it."""

    adquiriente: Buyer = required("El adquiriente", To("counterparty", copied=False))
    entrega: DeliveryTerms | None = optional(
        "La entrega", To("delivery_terms"), about="las condiciones de una exportación"
    )
    envio: Delivery | None = optional(
        "El envío",
        To("delivery", copied=False),
        about="cuándo y dónde se entrega lo que se vende, y quién lo transporta",
    )
    autorizado_descarga: Named | None = optional(
        "El autorizado a descargar",
        To("downloader", copied=False),
        about="quién más puede descargar el documento de la DIAN",
    )
    salud: Health | None = optional(
        "Los datos de salud",
        To("health"),
        about="de las operaciones SS-, menos SS-Recaudo, y de sus notas; los revisa el Ministerio de Salud",
        rule="Documento Técnico 2",
    )


class InvoiceRequest(SaleRequest):
    """POST /documentos."""

    factura: InvoiceIssue | None = optional("La factura")
    anticipos: Listed[Prepayment] = listed(
        "Los anticipos", 20, To("prepayments"), about="pagos recibidos antes; no bajan el total"
    )
    factura_papel: PaperInvoice | None = optional(
        "La factura de papel",
        To("paper_invoice"),
        about="la de talonario que transcribe un tipo 03, con un rango de contingencia",
        rule="FBG01",
    )
    debida_diligencia: str | None = optional(
        "La debida diligencia",
        Code(catalogs.DUE_DILIGENCE, catalog="debida-diligencia"),
        To("due_diligence"),
        about="de una compra o venta de divisas (operación 15 o 16)",
        example="01",
        rule="Anexo 1.9, 18.3",
    )
    notas_referencia: Listed[NoteReference] = listed(
        "Las notas de referencia",
        20,
        To("note_references", copied=False),
        about="notas que la factura nombra",
    )


class _NoteRequest(SaleRequest):
    """A note on an invoice, or on several."""

    facturas_referencia: Listed[InvoiceReference] = listed(
        "Las facturas de referencia",
        50,
        To("more_billing_references", copied=False),
        about="las demás, si la nota corrige varias; la primera va en `factura_referencia`",
        rule=("CBG02", "CBG04a"),
    )


class CreditNoteRequest(_NoteRequest):
    """POST /notas-credito. Without ``factura_referencia`` only as operation 22, on a period."""

    factura: CreditNoteIssue | None = optional("La factura")
    factura_referencia: InvoiceReference | None = optional(
        "La factura de referencia", _CORRECTED, rule=("CBG02", "CBG03", "CAD02a")
    )
    motivo: CreditReason = required("El motivo", To("reason"), rule="CBF01")


class DebitNoteRequest(_NoteRequest):
    """POST /notas-debito. Without ``factura_referencia`` only as operation 32, on a period."""

    factura: DebitNoteIssue | None = optional("La factura")
    factura_referencia: InvoiceReference | None = optional(
        "La factura de referencia", _CORRECTED, rule=("CBG02", "CBG03")
    )
    motivo: DebitReason = required("El motivo", To("reason"), rule="CBF01")


class SupportDocumentRequest(Request):
    """POST /documentos-soporte."""

    factura: SupportIssue | None = optional("La factura")
    vendedor: Seller = required("El vendedor", To("counterparty", copied=False))


class AdjustmentNoteRequest(SupportDocumentRequest):
    """POST /notas-ajuste. ``factura_referencia`` is the same field under the other notes' name."""

    documento_referencia: SupportReference | None = optional(
        "El documento de referencia", _CORRECTED, rule=("CBG02", "CBG03")
    )
    factura_referencia: SupportReference | None = optional(
        "El documento de referencia", _CORRECTED, rule=("CBG02", "CBG03")
    )
    motivo: AdjustmentReason = required("El motivo", To("reason"), rule="CBF01")


class EquivalentRequest(Request):
    """The fields of a documento equivalente and of the note on one."""

    adquiriente: Buyer | None = optional(
        "El adquiriente",
        To("counterparty", copied=False),
        about="ausente: el consumidor final, a quien el tiquete no le soporta costos",
    )


class EquivalentDocumentRequest(EquivalentRequest):
    """POST /documentos-equivalentes."""

    factura: EquivalentIssue | None = optional("La factura")
    caja: Till = required("La caja", To("till"))
    beneficios: Benefits | None = optional(
        "Los beneficios", To("benefits"), about="los puntos que acumula el comprador"
    )


class EquivalentNoteRequest(EquivalentRequest):
    """POST /notas-documento-equivalente."""

    factura: EquivalentNoteIssue | None = optional("La factura")
    documento_referencia: EquivalentReference = required(
        "El documento de referencia", _CORRECTED, rule=("CBG02", "CBG03")
    )
    motivo: EquivalentReason = required("El motivo", To("reason"), rule="CBF01")


AnyRequest = SaleRequest | SupportDocumentRequest | EquivalentRequest
REQUESTS: dict[Kind, type[AnyRequest]] = {
    Kind.INVOICE: InvoiceRequest,
    Kind.CREDIT_NOTE: CreditNoteRequest,
    Kind.DEBIT_NOTE: DebitNoteRequest,
    Kind.SUPPORT_DOCUMENT: SupportDocumentRequest,
    Kind.ADJUSTMENT_NOTE: AdjustmentNoteRequest,
    Kind.EQUIVALENT_DOCUMENT: EquivalentDocumentRequest,
    Kind.EQUIVALENT_NOTE: EquivalentNoteRequest,
}
