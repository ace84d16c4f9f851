"""The parts of a request's header in the contract's own words: issue, payment, currency, charges, prepayments.

Seed 002 field for field, and what Cauce adds to it, all of it optional. A field's title is its name in
messages. Each field alone is checked here; fields against each other in ``rules``.
"""

from datetime import date, time
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict

from cauce.contracts.v1.fields import Amount, Clock, Code, Day, Percent, Text, To, Whole, optional, required
from cauce.domain import catalogs, health
from cauce.domain.document import Kind, operations_of

CURRENCY = Code(
    catalogs.currencies,
    like="debe ser un código ISO 4217 de tres letras mayúsculas, como COP",
    catalog="monedas",
)
_MEANS = Code(
    catalogs.payment_means,
    integer=True,
    like="debe ser un código de la tabla de medios de pago de la DIAN, como 10 o 47",
    catalog="medios-pago",
)
ADJUSTS = To("allowance_charges", copied=False)
_REASON_CODE = To("reason_code", copied=False)


def _operation(kind: Kind, catalog: str, example: str) -> Any:
    return optional(
        "El tipo de operación",
        Code(operations_of(kind), catalog=catalog),
        To("operation", copied=False),
        example=example,
        rule="FAD02",
    )


class Shape(BaseModel):
    """An object of the request: frozen, and closed to fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)


class Issue(Shape):
    """When the document is issued; absent, now. ``operacion``: UBL's CustomizationID."""

    fecha: date | None = optional(
        "La fecha",
        Day(),
        To("issue_date"),
        example="2026-05-10",
        rule=("FAB07b", "FAB08b", "FAD09a", "FAD09b", "FAD09c", "FAD09d", "FAD09e", "E.T. 617"),
    )
    hora: time | None = optional(
        "La hora", Clock(), To("issue_time"), example="15:30:00-05:00", rule=("FAD10", "DC24")
    )
    operacion: str | None = None


class InvoiceIssue(Issue):
    """The issue of an invoice, which is of one of four types."""

    tipo: str | None = optional(
        "El tipo de factura",
        Code(catalogs.INVOICE_TYPES, catalog="tipos-factura"),
        To("invoice_type", copied=False),
        about="01 venta, 02 exportación, 03 de papel, 04 contingencia",
        example="01",
        rule=("FAD12", "CTG01"),
    )
    operacion: str | None = _operation(Kind.INVOICE, "operaciones-factura", "10")


class CreditNoteIssue(Issue):
    """The issue of a credit note: operation 22 corrects no invoice in particular."""

    operacion: str | None = _operation(Kind.CREDIT_NOTE, "operaciones-nota-credito", "20")


class DebitNoteIssue(Issue):
    """The issue of a debit note: operation 32 corrects no invoice in particular."""

    operacion: str | None = _operation(Kind.DEBIT_NOTE, "operaciones-nota-debito", "30")


class SupportIssue(Issue):
    """The issue of a support document or adjustment note: the operation says whether the seller is a resident."""

    operacion: str | None = _operation(Kind.SUPPORT_DOCUMENT, "operaciones-documento-soporte", "10")


class EquivalentIssue(Issue):
    """The issue of a documento equivalente: which one it is."""

    tipo: str | None = optional(
        "El tipo de documento equivalente",
        Code(
            catalogs.EQUIVALENT_TYPES,
            like="debe ser 20 (tiquete POS): el 08 (contingencia) y los demás documentos equivalentes todavía no se "
            "emiten con Cauce",
            catalog="tipos-documento-equivalente",
        ),
        To("invoice_type", copied=False),
        example="20",
        rule="FAD12",
    )
    operacion: str | None = _operation(Kind.EQUIVALENT_DOCUMENT, "operaciones-documento-equivalente", "10")


class EquivalentNoteIssue(Issue):
    """The issue of a note on a documento equivalente, whose operation is the type of what it corrects."""

    operacion: str | None = _operation(Kind.EQUIVALENT_NOTE, "tipos-documento-equivalente", "20")


class Till(Shape):
    """The cash register at which a POS ticket was made."""

    placa: str = required("La placa de la caja", Text(100), To("plate"), example="CAJA-0042")
    ubicacion: str = required(
        "La ubicación de la caja", Text(200), To("place"), example="Almacén Centro, piso 1"
    )
    cajero: str = required("El cajero", Text(200), To("cashier"), example="Lucía Ramírez")
    tipo: str = required("El tipo de caja", Text(100), To("type"), example="Caja de apoyo")
    codigo_venta: str = required("El código de la venta", Text(100), To("sale"), example="743992")


class Benefits(Shape):
    """What the buyer of a POS ticket gathers."""

    codigo: str | None = optional(
        "El código del comprador",
        Text(100),
        To("code"),
        about="ausente: su identificación",
        example="79907759",
    )
    nombre: str | None = optional(
        "El nombre del comprador", Text(450), To("name"), about="ausente: el suyo", example="Lucía Ramírez"
    )
    puntos: int | None = optional(
        "Los puntos", Whole(10**9, least=0), To("points"), about="ausente: ninguno", example=100
    )


class Payment(Shape):
    """How the document is paid."""

    forma: str | None = optional(
        "La forma de pago",
        Code(catalogs.PAYMENT_FORMS, integer=True, catalog="formas-pago"),
        To("form"),
        example="2",
        rule="FAN02",
    )
    medio: str | None = optional("El medio de pago", _MEANS, To("means"), example="47", rule="FAN03")
    vencimiento: date | None = optional(
        "La fecha de vencimiento", Day(), To("due_date"), example="2026-06-09", rule="FAN04"
    )


class PaymentPart(Shape):
    """One of several payments, or an instalment."""

    forma: str | None = optional(
        "La forma de pago",
        Code(catalogs.PAYMENT_FORMS, integer=True, catalog="formas-pago"),
        To("form"),
        example="2",
        rule="FAN02",
    )
    medio: str | None = optional("El medio de pago", _MEANS, To("means"), example="47", rule="FAN03")
    vencimiento: date | None = optional(
        "La fecha de vencimiento", Day(), To("due_date"), example="2026-06-09", rule="FAN04"
    )
    valor: Decimal | None = optional(
        "El valor del pago", Amount(positive=True, places=2), To("amount"), example=50000
    )
    referencia: str | None = optional(
        "La referencia del pago", Text(60), To("reference"), example="VOUCHER-88213"
    )


class TradeReference(Shape):
    """A document of the trade that this one names."""

    numero: str = required("El número del documento", Text(60), To("number"), example="REM-2041")
    fecha: date | None = optional("La fecha del documento", Day(), To("issue_date"), example="2026-05-04")


class OtherReference(TradeReference):
    """Any other document that this one names."""

    descripcion: str = required("La descripción del documento", Text(100), To("text"), example="Contrato")


class Order(Shape):
    """The buyer's purchase order."""

    numero: str = required("El número de la orden", Text(60), To("number"), example="OC-1024")
    fecha: date | None = optional("La fecha de la orden", Day(), To("issue_date"), example="2026-05-04")


class ExchangeRate(Shape):
    """Pesos for one unit of a foreign currency: the document's, unless that is the peso."""

    moneda: str | None = optional(
        "La moneda de la tasa de cambio", CURRENCY, To("currency"), example="USD", rule="FAR02"
    )
    valor: Decimal = required(
        "El valor de la tasa de cambio",
        Amount(positive=True),
        To("rate"),
        example="4025.50",
        rule=("FAR06", "VLR01"),
    )
    fecha: date = required(
        "La fecha de la tasa de cambio", Day(), To("on"), example="2026-05-10", rule="FAR07"
    )


class Prepayment(Shape):
    """Money received before; it informs, and changes no total."""

    valor: Decimal = required(
        "El valor del anticipo", Amount(positive=True), To("amount"), example=20000, rule=("FBD03", "VLR01")
    )
    fecha: date = required("La fecha del anticipo", Day(), To("received_date"), example="2026-05-04")
    referencia: str | None = optional(
        "La referencia del anticipo", Text(60), To("reference"), example="RC-315"
    )
    descripcion: str | None = optional(
        "La descripción del anticipo", Text(300), To("text"), example="Abono del pedido"
    )
    concepto: str | None = optional(
        "El concepto del recaudo",
        Code(health.collections, catalog="conceptos-recaudo-salud"),
        To("concept"),
        about="lo que pagó un usuario de salud (operaciones SS-)",
        example="01",
        rule="Documento Técnico 2",
    )


class DeliveryTerms(Shape):
    """The terms on which a sale abroad is delivered."""

    incoterm: str = required(
        "El incoterm",
        Code(catalogs.INCOTERMS, catalog="incoterms"),
        To("incoterm"),
        example="FOB",
        rule="FBC04",
    )
    descripcion: str | None = optional(
        "La descripción de la entrega", Text(300), To("text"), example="Puerto de Cartagena"
    )


class BillingPeriod(Shape):
    """The days that a document covers, both included."""

    desde: date = required(
        "La fecha inicial del periodo", Day(), To("start"), example="2026-05-01", rule="CAE02"
    )
    hasta: date = required("La fecha final del periodo", Day(), To("end"), example="2026-05-09", rule="CAE04")


class ExpectedTotals(Shape):
    """The totals that the ERP expects, any of the three: a document with another total is not emitted."""

    subtotal: Decimal | None = optional(
        "El subtotal esperado", Amount(places=2), To("subtotal"), example=100000
    )
    iva: Decimal | None = optional("El IVA esperado", Amount(places=2), To("vat"), example=19000)
    total: Decimal | None = optional("El total esperado", Amount(places=2), To("payable"), example=119000)


class PaperInvoice(Shape):
    """The paper invoice that an invoice of type 03 transcribes."""

    numero: str = required(
        "El número de la factura de papel", Text(24), To("number"), example="T-0017", rule=("FBG01", "FBG03")
    )
    fecha: date = required("La fecha de la factura de papel", Day(), To("issue_date"), example="2026-05-09")


class Adjustment(Shape):
    """A charge or discount: an amount, or a percentage of its line or, on the document, of the sum of the lines."""

    codigo: str | None = None
    descripcion: str = required("La descripción", Text(300), To("reason"), example="Según acuerdo comercial")
    valor: Decimal | None = optional(
        "El valor",
        Amount(positive=True),
        To("amount", copied=False),
        example=2000,
        rule=("FAQ06", "FAQ09", "FBE09", "VLR01"),
    )
    porcentaje: Decimal | None = optional(
        "El porcentaje", Percent(), To("percent"), about="o `valor`", example=5, rule=("FAQ06", "VLR01")
    )


class Charge(Adjustment):
    """A charge on the whole document or on a line."""

    codigo: str | None = optional(
        "El código del cargo",
        Code(catalogs.CHARGES_ONLY, catalog="cargos"),
        _REASON_CODE,
        example="02",
        rule="FAQ04",
    )


class Discount(Adjustment):
    """A discount: on the whole document it does not lower the taxes, on a line it does."""

    codigo: str | None = optional(
        "El código del descuento",
        Code(catalogs.DISCOUNTS_ONLY, catalog="descuentos"),
        _REASON_CODE,
        example="00",
        rule="FAQ04",
    )
