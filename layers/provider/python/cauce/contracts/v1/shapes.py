"""The parts of a request's header in the contract's own words: issue, payment, currency, charges, prepayments.

Seed 002 field for field, and what Cauce adds to it, all of it optional. A field's title is its name in
messages. Each field alone is checked here; fields against each other in ``rules``.
"""

from datetime import date, time
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from cauce.contracts.v1.fields import amount, clock, code, day, percent, text
from cauce.domain import catalogs
from cauce.domain.document import Kind, operations_of

_CURRENCY_LIKE = "debe ser un código ISO 4217 de tres letras mayúsculas, como COP"


class Shape(BaseModel):
    """An object of the request: frozen, and closed to fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def currency() -> BeforeValidator:
    """An optional ISO 4217 code."""
    return code(catalogs.currencies, optional=True, like=_CURRENCY_LIKE)


def _operation(kind: Kind) -> BeforeValidator:
    return code(lambda: operations_of(kind), optional=True)


class Issue(Shape):
    """When the document is issued; absent, now. ``operacion``: UBL's CustomizationID."""

    fecha: Annotated[date | None, day(optional=True)] = Field(None, title="La fecha")
    hora: Annotated[time | None, clock(optional=True)] = Field(None, title="La hora")
    operacion: str | None = None


class InvoiceIssue(Issue):
    """The issue of an invoice, which is of one of four types."""

    tipo: Annotated[str | None, code(lambda: catalogs.INVOICE_TYPES, optional=True)] = Field(
        None, title="El tipo de factura"
    )
    operacion: Annotated[str | None, _operation(Kind.INVOICE)] = Field(None, title="El tipo de operación")


class CreditNoteIssue(Issue):
    """The issue of a credit note: operation 22 corrects no invoice in particular."""

    operacion: Annotated[str | None, _operation(Kind.CREDIT_NOTE)] = Field(None, title="El tipo de operación")


class DebitNoteIssue(Issue):
    """The issue of a debit note: operation 32 corrects no invoice in particular."""

    operacion: Annotated[str | None, _operation(Kind.DEBIT_NOTE)] = Field(None, title="El tipo de operación")


class SupportIssue(Issue):
    """The issue of a support document or adjustment note: the operation says whether the seller is a resident."""

    operacion: Annotated[str | None, _operation(Kind.SUPPORT_DOCUMENT)] = Field(
        None, title="El tipo de operación"
    )


class Payment(Shape):
    """How the document is paid."""

    forma: Annotated[str | None, code(lambda: catalogs.PAYMENT_FORMS, optional=True, integer=True)] = Field(
        None, title="La forma de pago"
    )
    medio: Annotated[
        str | None,
        code(
            catalogs.payment_means,
            optional=True,
            integer=True,
            like="debe ser un código de la tabla de medios de pago de la DIAN, como 10 o 47",
        ),
    ] = Field(None, title="El medio de pago")
    vencimiento: Annotated[date | None, day(optional=True)] = Field(None, title="La fecha de vencimiento")


class Order(Shape):
    """The buyer's purchase order."""

    numero: Annotated[str, text(60)] = Field(title="El número de la orden")
    fecha: Annotated[date | None, day(optional=True)] = Field(None, title="La fecha de la orden")


class ExchangeRate(Shape):
    """Pesos for one unit of a foreign currency: the document's, unless that is the peso."""

    moneda: Annotated[str | None, currency()] = Field(None, title="La moneda de la tasa de cambio")
    valor: Annotated[Decimal, amount(positive=True)] = Field(title="El valor de la tasa de cambio")
    fecha: Annotated[date, day()] = Field(title="La fecha de la tasa de cambio")


class Prepayment(Shape):
    """Money received before; it informs, and changes no total."""

    valor: Annotated[Decimal, amount(positive=True)] = Field(title="El valor del anticipo")
    fecha: Annotated[date, day()] = Field(title="La fecha del anticipo")
    referencia: Annotated[str | None, text(60, optional=True)] = Field(
        None, title="La referencia del anticipo"
    )
    descripcion: Annotated[str | None, text(300, optional=True)] = Field(
        None, title="La descripción del anticipo"
    )


class DeliveryTerms(Shape):
    """The terms on which a sale abroad is delivered."""

    incoterm: Annotated[str, code(lambda: catalogs.INCOTERMS)] = Field(title="El incoterm")
    descripcion: Annotated[str | None, text(300, optional=True)] = Field(
        None, title="La descripción de la entrega"
    )


class BillingPeriod(Shape):
    """The days that a document covers, both included."""

    desde: Annotated[date, day()] = Field(title="La fecha inicial del periodo")
    hasta: Annotated[date, day()] = Field(title="La fecha final del periodo")


class ExpectedTotals(Shape):
    """The totals that the ERP expects, any of the three: a document with another total is not emitted."""

    subtotal: Annotated[Decimal | None, amount(optional=True, places=2)] = Field(
        None, title="El subtotal esperado"
    )
    iva: Annotated[Decimal | None, amount(optional=True, places=2)] = Field(None, title="El IVA esperado")
    total: Annotated[Decimal | None, amount(optional=True, places=2)] = Field(None, title="El total esperado")


class PaperInvoice(Shape):
    """The paper invoice that an invoice of type 03 transcribes."""

    numero: Annotated[str, text(24)] = Field(title="El número de la factura de papel")
    fecha: Annotated[date, day()] = Field(title="La fecha de la factura de papel")


class Adjustment(Shape):
    """A charge or discount: an amount, or a percentage of its line or, on the document, of the sum of the lines."""

    codigo: str | None = None
    descripcion: Annotated[str, text(300)] = Field(title="La descripción")
    valor: Annotated[Decimal | None, amount(optional=True, positive=True)] = Field(None, title="El valor")
    porcentaje: Annotated[Decimal | None, percent(optional=True)] = Field(None, title="El porcentaje")


class Charge(Adjustment):
    """A charge on the whole document or on a line."""

    codigo: Annotated[
        str | None,
        code(
            lambda: {c: name for c, name in catalogs.CHARGE_REASONS.items() if c in catalogs.CHARGES},
            optional=True,
        ),
    ] = Field(None, title="El código del cargo")


class Discount(Adjustment):
    """A discount: on the whole document it does not lower the taxes, on a line it does."""

    codigo: Annotated[
        str | None,
        code(
            lambda: {c: name for c, name in catalogs.CHARGE_REASONS.items() if c not in catalogs.CHARGES},
            optional=True,
        ),
    ] = Field(None, title="El código del descuento")
