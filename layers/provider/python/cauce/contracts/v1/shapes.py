"""The parts of a request's header in the contract's own words: issue, payment, currency, charges, prepayments.

Seed 002 field for field, and what Cauce adds to it, all of it optional. A field's title is its name in
messages. Each field alone is checked here; fields against each other in ``rules``.
"""

from datetime import date, time
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from cauce.contracts.v1.fields import Amount, Clock, Code, Day, Percent, Text, To
from cauce.domain import catalogs
from cauce.domain.document import Kind, operations_of

CURRENCY = Code(catalogs.currencies, like="debe ser un código ISO 4217 de tres letras mayúsculas, como COP")
_MEANS = Code(
    catalogs.payment_means,
    integer=True,
    like="debe ser un código de la tabla de medios de pago de la DIAN, como 10 o 47",
)
_CHARGES = {code: name for code, name in catalogs.CHARGE_REASONS.items() if code in catalogs.CHARGES}
_DISCOUNTS = {code: name for code, name in catalogs.CHARGE_REASONS.items() if code not in catalogs.CHARGES}
_OPERATION, _REASON_CODE = To("operation", copied=False), To("reason_code", copied=False)


class Shape(BaseModel):
    """An object of the request: frozen, and closed to fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Issue(Shape):
    """When the document is issued; absent, now. ``operacion``: UBL's CustomizationID."""

    fecha: Annotated[date | None, Day(), To("issue_date")] = Field(None, title="La fecha")
    hora: Annotated[time | None, Clock(), To("issue_time")] = Field(None, title="La hora")
    operacion: str | None = None


class InvoiceIssue(Issue):
    """The issue of an invoice, which is of one of four types."""

    tipo: Annotated[str | None, Code(catalogs.INVOICE_TYPES), To("invoice_type", copied=False)] = Field(
        None, title="El tipo de factura", description="01 sale, 02 export, 03 from paper, 04 contingency"
    )
    operacion: Annotated[str | None, Code(operations_of(Kind.INVOICE)), _OPERATION] = Field(
        None, title="El tipo de operación"
    )


class CreditNoteIssue(Issue):
    """The issue of a credit note: operation 22 corrects no invoice in particular."""

    operacion: Annotated[str | None, Code(operations_of(Kind.CREDIT_NOTE)), _OPERATION] = Field(
        None, title="El tipo de operación"
    )


class DebitNoteIssue(Issue):
    """The issue of a debit note: operation 32 corrects no invoice in particular."""

    operacion: Annotated[str | None, Code(operations_of(Kind.DEBIT_NOTE)), _OPERATION] = Field(
        None, title="El tipo de operación"
    )


class SupportIssue(Issue):
    """The issue of a support document or adjustment note: the operation says whether the seller is a resident."""

    operacion: Annotated[str | None, Code(operations_of(Kind.SUPPORT_DOCUMENT)), _OPERATION] = Field(
        None, title="El tipo de operación"
    )


class Payment(Shape):
    """How the document is paid."""

    forma: Annotated[str | None, Code(catalogs.PAYMENT_FORMS, integer=True), To("form")] = Field(
        None, title="La forma de pago"
    )
    medio: Annotated[str | None, _MEANS, To("means")] = Field(None, title="El medio de pago")
    vencimiento: Annotated[date | None, Day(), To("due_date")] = Field(None, title="La fecha de vencimiento")


class Order(Shape):
    """The buyer's purchase order."""

    numero: Annotated[str, Text(60), To("number")] = Field(title="El número de la orden")
    fecha: Annotated[date | None, Day(), To("issue_date")] = Field(None, title="La fecha de la orden")


class ExchangeRate(Shape):
    """Pesos for one unit of a foreign currency: the document's, unless that is the peso."""

    moneda: Annotated[str | None, CURRENCY, To("currency")] = Field(
        None, title="La moneda de la tasa de cambio"
    )
    valor: Annotated[Decimal, Amount(positive=True), To("rate")] = Field(
        title="El valor de la tasa de cambio"
    )
    fecha: Annotated[date, Day(), To("on")] = Field(title="La fecha de la tasa de cambio")


class Prepayment(Shape):
    """Money received before; it informs, and changes no total."""

    valor: Annotated[Decimal, Amount(positive=True), To("amount")] = Field(title="El valor del anticipo")
    fecha: Annotated[date, Day(), To("received_date")] = Field(title="La fecha del anticipo")
    referencia: Annotated[str | None, Text(60), To("reference")] = Field(
        None, title="La referencia del anticipo"
    )
    descripcion: Annotated[str | None, Text(300), To("text")] = Field(
        None, title="La descripción del anticipo"
    )


class DeliveryTerms(Shape):
    """The terms on which a sale abroad is delivered."""

    incoterm: Annotated[str, Code(catalogs.INCOTERMS), To("incoterm")] = Field(title="El incoterm")
    descripcion: Annotated[str | None, Text(300), To("text")] = Field(
        None, title="La descripción de la entrega"
    )


class BillingPeriod(Shape):
    """The days that a document covers, both included."""

    desde: Annotated[date, Day(), To("start")] = Field(title="La fecha inicial del periodo")
    hasta: Annotated[date, Day(), To("end")] = Field(title="La fecha final del periodo")


class ExpectedTotals(Shape):
    """The totals that the ERP expects, any of the three: a document with another total is not emitted."""

    subtotal: Annotated[Decimal | None, Amount(places=2), To("subtotal")] = Field(
        None, title="El subtotal esperado"
    )
    iva: Annotated[Decimal | None, Amount(places=2), To("vat")] = Field(None, title="El IVA esperado")
    total: Annotated[Decimal | None, Amount(places=2), To("payable")] = Field(None, title="El total esperado")


class PaperInvoice(Shape):
    """The paper invoice that an invoice of type 03 transcribes."""

    numero: Annotated[str, Text(24), To("number")] = Field(title="El número de la factura de papel")
    fecha: Annotated[date, Day(), To("issue_date")] = Field(title="La fecha de la factura de papel")


class Adjustment(Shape):
    """A charge or discount: an amount, or a percentage of its line or, on the document, of the sum of the lines."""

    codigo: str | None = None
    descripcion: Annotated[str, Text(300), To("reason")] = Field(title="La descripción")
    valor: Annotated[Decimal | None, Amount(positive=True), To("amount", copied=False)] = Field(
        None, title="El valor"
    )
    porcentaje: Annotated[Decimal | None, Percent(), To("percent")] = Field(
        None, title="El porcentaje", description="or `valor`"
    )


class Charge(Adjustment):
    """A charge on the whole document or on a line."""

    codigo: Annotated[str | None, Code(_CHARGES), _REASON_CODE] = Field(None, title="El código del cargo")


class Discount(Adjustment):
    """A discount: on the whole document it does not lower the taxes, on a line it does."""

    codigo: Annotated[str | None, Code(_DISCOUNTS), _REASON_CODE] = Field(
        None, title="El código del descuento"
    )
