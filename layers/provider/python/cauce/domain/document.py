"""A document: what the ERP asks us to emit, in UBL's vocabulary, whole and valid by itself.

Amounts are ``Decimal``; prices are net of tax, as in UBL. Parties, lines and documents are frozen values.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, TypeVarTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from cauce.domain import catalogs
from cauce.domain.time import BOGOTA, bogota


class Kind(StrEnum):
    """What sort of document it is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    DEBIT_NOTE = "debit_note"
    SUPPORT_DOCUMENT = "support_document"
    ADJUSTMENT_NOTE = "adjustment_note"
    EQUIVALENT_DOCUMENT = "equivalent_document"
    EQUIVALENT_NOTE = "equivalent_note"
    EVENT = "event"

    @property
    def is_bought(self) -> bool:
        """Whether the issuer is the buyer and the counterparty sells: a support document, or the note on one."""
        return self in _BOUGHT

    @property
    def is_equivalent(self) -> bool:
        """Whether it is a documento equivalente, such as a POS ticket, or the note on one."""
        return self in _EQUIVALENT

    @property
    def is_handed_over(self) -> bool:
        """Whether its buyer receives the electronic document itself, with DIAN's answer to it."""
        return self in _HANDED_OVER


_BOUGHT = (Kind.SUPPORT_DOCUMENT, Kind.ADJUSTMENT_NOTE)
PESO = "COP"
_EQUIVALENT = (Kind.EQUIVALENT_DOCUMENT, Kind.EQUIVALENT_NOTE)
_HANDED_OVER = (Kind.INVOICE, Kind.CREDIT_NOTE, Kind.DEBIT_NOTE)
NOTES = frozenset({Kind.CREDIT_NOTE, Kind.DEBIT_NOTE, Kind.ADJUSTMENT_NOTE, Kind.EQUIVALENT_NOTE})
AUTHORISED = frozenset({Kind.INVOICE, Kind.SUPPORT_DOCUMENT, Kind.EQUIVALENT_DOCUMENT})
"""Kinds that are numbered in a range that DIAN authorised by a resolution, which they state; the others need none."""

# What is not below 0 has no sign: of −0, which is no less than 0, sums would keep it.
_UNSIGNED = AfterValidator(Decimal.copy_abs)

# Money as the contract takes it: up to 999 billion with 6 decimals (annex 1.9: prices carry 0 to 6).
Amount = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=6, allow_inf_nan=False), _UNSIGNED]
SignedAmount = Annotated[Decimal, Field(max_digits=18, decimal_places=6, allow_inf_nan=False)]
Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=4, allow_inf_nan=False), _UNSIGNED]


Answer = TypeVar("Answer")
Given = TypeVarTuple("Given")


class Value(BaseModel):
    """A frozen value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


@dataclass(frozen=True)
class Extra:
    """Marks a field that an ordinary sale does not have: a feature, which only a provider that declares it takes
    (``extras``)."""

    called: str
    """What it is, in Spanish, in the sentence that refuses it."""
    feature: str | None = None
    """The feature's name, where it is not the field's own."""
    needed: bool = False
    """Whether it cannot be left out: without it the document would be another, or invalid."""


class Address(Value):
    """Where something is: as a party's own fields have it."""

    address: str
    municipality: str | None = None
    country: str = "CO"
    postal_code: str | None = None
    city: str | None = None
    region: str | None = None


class Identified(Value):
    """Who somebody is: a name, with what identifies it."""

    identification_type: str
    identification: str
    check_digit: str | None = None
    name: str


class Participant(Identified):
    """A member of a consorcio or unión temporal, and its part of it in per cent."""

    percent: Percent
    responsibilities: tuple[str, ...] = ("R-99-PN",)
    tax_scheme: str = "ZZ"


class Party(Value):
    """The other party: the buyer, or in a support document the seller, who is not obliged to invoice. An issuer may
    have one too (``Issuer.party``)."""

    person_type: str
    identification_type: str
    identification: str
    check_digit: str | None = None
    name: str
    trade_name: str | None = None
    responsibilities: tuple[str, ...] = ("R-99-PN",)
    tax_scheme: str = "ZZ"
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    municipality: str | None = None
    """DIVIPOLA code, 5 digits."""
    country: str = "CO"
    # The next five fields are no extras: an adapter without a place for them leaves them out. ``name`` has what
    # ``given_names`` and ``family_names`` say, and no tax depends on the other three.
    postal_code: str | None = None
    city: str | None = None
    """Name of the city of an address abroad, which has no ``municipality``."""
    region: str | None = None
    """State or province of an address abroad."""
    given_names: str | None = None
    family_names: str | None = None
    """``given_names`` and ``family_names``: a natural person's, which ``name`` has together."""
    commercial_registration: Annotated[str | None, Extra("la matrícula mercantil")] = None
    """Number of the matrícula mercantil."""
    economic_activity: Annotated[str | None, Extra("la actividad económica")] = None
    """CIIU code; several are joined with «;»."""
    contact: Annotated[str | None, Extra("el nombre de un contacto")] = None
    """Whom to ask for there, by phone and e-mail."""
    fiscal_address: Annotated[Address | None, Extra("una dirección fiscal aparte")] = None
    """Its domicile by the RUT, where ``address`` is that of an establishment."""
    participants: Annotated[
        tuple[Participant, ...], Extra("los participantes de un consorcio o unión temporal", needed=True)
    ] = ()


class Tax(Value):
    """A tax on a line: a percentage of its base, or an amount for each unit of measure."""

    code: str
    base: Annotated[
        Amount | None,
        Extra("un impuesto sobre otra base que el valor de la línea", feature="tax base", needed=True),
    ] = None
    """Taxable amount. Absent, a percentage is of the line's value, or of its reference value where the line is given
    for free; a tax on units then has none."""
    name: Annotated[str | None, Extra("el nombre de un impuesto", feature="tax name", needed=True)] = None
    """Name of a tax whose code (ZZ) does not say which one it is."""
    percent: Percent | None = None
    per_unit_amount: Amount | None = None
    base_units: Amount | None = None
    unit: str | None = None


class Withholding(Value):
    """A withholding on a line. Informative: it never changes the amount payable (annex 1.9, 11.9.1)."""

    code: str
    percent: Percent
    base: Annotated[
        Amount | None,
        Extra("una retención sobre otra base que la de la línea", feature="withholding base", needed=True),
    ] = None
    """Absent: the line's value before taxes or, of ReteIVA, its IVA."""


class AllowanceCharge(Value):
    """A discount or a charge: on the whole document, where it does not touch the taxes, or on one line."""

    is_charge: bool
    reason_code: str
    reason: str
    amount: Amount
    base_amount: Amount | None = None
    percent: Percent | None = None


class ReferencePrice(Value):
    """Value of one unit that is given for free. ``type``: 01 commercial, 02 inventory, 03 other."""

    amount: Amount
    type: str = "01"


class Principal(Value):
    """The third party whose income a line is: the mandante (annex 1.9, 13.3.13)."""

    identification_type: str
    identification: str
    check_digit: str | None = None
    name: str | None = None


class Purchase(Value):
    """When a line of a support document was bought. ``form``: 1 in one operation, 2 in a week's operations."""

    on: date
    form: str = "1"


class BillingPeriod(Value):
    """The days that a document or a line covers, both included."""

    start: date
    end: date


class Consignment(Value):
    """The remesa of a line of freight transport: its filing number at the RNDC, the carrier's own number, its freight
    in pesos and how much of what it carries."""

    filing: str
    number: str
    freight: Annotated[int, Field(ge=0)]
    quantity: Amount
    unit: str
    """KGM or GLL."""


class OtherCode(Value):
    """A further code of an item, and what sort of code it is, as EAN13."""

    scheme: str
    code: str


class Line(Value):
    """One good or service. ``taxes`` empty means excluded; a tax of 0 % means exempt."""

    code: str
    description: str
    quantity: Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=6, allow_inf_nan=False)]
    unit: str = "94"
    price: Amount
    discount_percent: Percent | None = None
    discount_amount: Amount | None = None
    taxes: tuple[Tax, ...] = ()
    withholdings: tuple[Withholding, ...] = ()
    standard: str = "999"
    """Scheme of ``standard_code``, or of ``code`` where there is no other: 999 own, 001 UNSPSC, 010 GTIN, 020 tariff
    heading."""
    standard_code: Annotated[str | None, Extra("el código de un estándar además del propio")] = None
    other_codes: Annotated[tuple[OtherCode, ...], Extra("otros códigos de una línea")] = ()
    note: str | None = None
    reference_price: Annotated[
        ReferencePrice | None, Extra("el precio de referencia de lo que se entrega gratis")
    ] = None
    """Present on what is given for free, whose ``price`` is 0."""
    brand: Annotated[str | None, Extra("la marca de una línea")] = None
    model: Annotated[str | None, Extra("el modelo de una línea")] = None
    principal: Annotated[Principal | None, Extra("el mandante de una línea", needed=True)] = None
    """Present where the income is a third party's."""
    purchase: Annotated[Purchase | None, Extra("la fecha de compra de una línea")] = None
    """In support documents; absent: bought in one operation, on the date of issue."""
    period: Annotated[BillingPeriod | None, Extra("el periodo de una línea", feature="line period")] = None
    """When what it is about was used or rendered."""
    consignment: Annotated[Consignment | None, Extra("la remesa de una línea", needed=True)] = None
    """Of freight transport (operation 12)."""
    aiu_contract: Annotated[str | None, Extra("el objeto de un contrato AIU")] = None
    """Object of the AIU contract, on the line of its administration (operation 09)."""
    allowance_charges: Annotated[
        tuple[AllowanceCharge, ...], Extra("varios cargos o descuentos en una línea", needed=True)
    ] = ()
    """Its charges, and any further discounts (the first is in ``discount_*``); both change the base of its taxes."""
    paid: Annotated[
        Amount | None, Extra("precios con los impuestos incluidos", feature="tax included", needed=True)
    ] = None
    """What the customer pays for it, taxes included, where its price was said so: the base is what that leaves once
    divided by 1 + rates, and the tax all the rest. ``price`` and the discounts are before taxes all the same."""


class Payment(Value):
    """How a document is paid: form 1 cash or 2 credit, DIAN's code of the means, and the due date of a credit."""

    form: str = "1"
    means: str = "10"
    due_date: date | None = None


class PaymentPart(Payment):
    """One of several payments, or an instalment, of a document: its means, when it is due, and how much it is."""

    amount: Amount | None = None
    reference: str | None = None
    """As the voucher of a card."""


class BillingReference(Value):
    """The document that a note corrects: full number, CUFE or CUDS, date of issue."""

    number: str
    uuid: str
    issue_date: date


class NoteReference(BillingReference):
    """A note that an invoice names."""

    kind: Kind


class TradeReference(Value):
    """A document of the trade that another names, as a despatch advice."""

    number: str
    issue_date: date | None = None


class OtherReference(TradeReference):
    """Any other document, as a contract: ``text`` says what it is. Annex 1.9 publishes codes without their names."""

    text: str


class Delivery(Value):
    """The delivery of the goods or the service: when, where, and who carries it."""

    on: date | None = None
    at: time | None = None
    address: Address | None = None
    carrier: Identified | None = None


class Reason(Value):
    """Why a note is issued: DIAN's code and free text."""

    code: str
    text: str


class OrderReference(Value):
    """The buyer's purchase order."""

    number: str
    issue_date: date | None = None


class ExchangeRate(Value):
    """Pesos for one unit of a foreign currency, and the date of that rate.

    The currency is the document's own; in a document in pesos, one in which it states its amounts too.
    """

    currency: str
    rate: Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=6, allow_inf_nan=False)]
    on: date


class Prepayment(Value):
    """Money received before. Informative: it lowers no total (annex 1.9, 11.9.2)."""

    amount: Amount
    received_date: date
    reference: str | None = None
    """Number of the receipt, or of the document that was paid in advance."""
    text: str | None = None
    concept: Annotated[
        str | None,
        Extra("el concepto de un recaudo de salud", feature="collection concept", needed=True),
    ] = None
    """What a user of the health system paid: a code of ``health.collections``."""


class DeliveryTerms(Value):
    """Incoterm of a sale abroad, and a text about it."""

    incoterm: str
    text: str | None = None


class CollectionProof(Value):
    """The document that proves what a user of the health system paid; one of paper has no identifier."""

    number: str
    issue_date: date
    uuid: str | None = None
    """Its CUFE or CUDE."""


class Health(Value):
    """What the health sector says of a sale, for MinSalud's own validation (MUV)."""

    provider: str
    """The provider's code at the REPS: 10 digits, and 2 of the site if they were said."""
    payment_method: str
    coverage: str
    contract: str | None = None
    """The contract's CUCON, or its number."""
    no_contract: str | None = None
    """Why there is no contract."""
    policy: str | None = None
    proofs: tuple[CollectionProof, ...] = ()
    """Of what its user paid before, in the operations that credit that."""


class PaperInvoice(Value):
    """The paper invoice of which a contingency invoice (type 03) is the transcription."""

    number: str
    issue_date: date


class Till(Value):
    """The cash register of a POS ticket: its inventory plate, where it is, who serves there, what sort of till it is,
    and the till's own code of the sale."""

    plate: str
    place: str
    cashier: str
    type: str
    sale: str


class Benefits(Value):
    """What the buyer of a POS ticket gathers: points, under a code and a name, which absent are the buyer's own."""

    code: str | None = None
    name: str | None = None
    points: Annotated[int, Field(ge=0)] = 0


class Rounded(Value):
    """A number of a request that had more decimals than its field: the request's own path, and what was kept."""

    field: str
    said: str
    kept: str


class ExpectedTotals(Value):
    """The totals that the ERP computed, as many as it sent: the lines before taxes, IVA alone, and the total."""

    subtotal: Amount | None = None
    vat: Amount | None = None
    payable: Amount | None = None


class Document(Value):
    """A document to emit, before it has a number."""

    # What ``once`` remembers. It is no field: no copy, comparison, dump or pickle of the document has it.
    __slots__ = ("_answers",)
    if TYPE_CHECKING:
        _answers: dict[object, tuple[tuple[object, ...], Any]]

    kind: Kind
    reference: str | None = None
    """The ERP's own id, by which a repeated request is recognised."""
    prefix: str | None = None
    """Prefix of the range that it asks for, where the issuer has several."""
    issue_date: date | None = None
    issue_time: time | None = None
    """Bogotá time. An absent date or time of issue is that of now."""
    counterparty: Party
    lines: tuple[Line, ...]
    allowance_charges: tuple[AllowanceCharge, ...] = ()
    payment: Payment = Payment.model_construct()
    currency: str = PESO
    order_reference: OrderReference | None = None
    billing_reference: BillingReference | None = None
    reason: Reason | None = None
    notes: tuple[str, ...] = ()
    notify: bool | None = None
    """Whether the provider mails it to the buyer; absent: only in production."""
    invoice_type: str | None = None
    """01 sale (also where absent), 02 export, 03 transcribed from paper, 04 issued while DIAN is out; of a documento
    equivalente, which one it is: 20, the POS ticket, also where absent."""
    operation: Annotated[str | None, Extra("este tipo de operación", needed=True)] = None
    """UBL's CustomizationID; absent: the ordinary one of its kind."""
    exchange_rate: Annotated[ExchangeRate | None, Extra("la tasa de cambio")] = None
    payable_rounding: Annotated[SignedAmount | None, Extra("el redondeo del total", needed=True)] = None
    """What is added to the total, or taken off it, so that it can be paid in cash; the taxes stay as they are."""
    prepayments: Annotated[tuple[Prepayment, ...], Extra("los anticipos")] = ()
    delivery_terms: Annotated[DeliveryTerms | None, Extra("los términos de entrega")] = None
    period: Annotated[BillingPeriod | None, Extra("el periodo")] = None
    """Required in a note without ``billing_reference``, which corrects the documents of that period."""
    paper_invoice: Annotated[PaperInvoice | None, Extra("la factura de papel", needed=True)] = None
    payments: Annotated[tuple[PaymentPart, ...], Extra("varios pagos o cuotas")] = ()
    """Where there are several, ``payment`` says of them together what a document has room for once."""
    more_billing_references: Annotated[
        tuple[BillingReference, ...], Extra("una nota sobre varias facturas", needed=True)
    ] = ()
    """What else a note corrects besides ``billing_reference``."""
    note_references: Annotated[tuple[NoteReference, ...], Extra("las notas que nombra una factura")] = ()
    despatches: Annotated[tuple[TradeReference, ...], Extra("las remisiones")] = ()
    receipts: Annotated[tuple[TradeReference, ...], Extra("las entradas de mercancía")] = ()
    other_references: Annotated[tuple[OtherReference, ...], Extra("otros documentos de referencia")] = ()
    delivery: Annotated[Delivery | None, Extra("la entrega de lo que se vende")] = None
    due_diligence: Annotated[
        str | None, Extra("la debida diligencia de una compra o venta de divisas", needed=True)
    ] = None
    """Of whoever changes money (operations 15 and 16): a code of annex 1.9, 18.3."""
    health: Annotated[Health | None, Extra("los datos del sector salud", needed=True)] = None
    """Of the operations SS-*, but for SS-Recaudo; and of the notes on them."""
    downloader: Annotated[Identified | None, Extra("la persona autorizada a descargar")] = None
    """Who else may download it from DIAN."""
    till: Annotated[Till | None, Extra("los datos de la caja", needed=True)] = None
    """Of a POS ticket, which has one always."""
    benefits: Annotated[Benefits | None, Extra("los puntos del comprador")] = None
    """Of a POS ticket; absent: no points."""
    expected: ExpectedTotals | None = None
    """Compared with our totals before a number is taken; not part of the document, and sent to no provider."""
    rounded: tuple[Rounded, ...] = ()
    """What was rounded when it was read; not part of the document either."""

    def once(self, question: "Callable[[Document, *Given], Answer]", *given: *Given) -> Answer:
        """What a pure function answers about the document and what else it is given: computed at the first time.

        Of each function the last answer is remembered, for as long as it is given equal values.
        """
        try:
            answers = self._answers
        except AttributeError:
            answers = {}
            object.__setattr__(self, "_answers", answers)
        known = answers.get(question)
        if known is None or known[0] != given:
            known = answers[question] = (given, question(self, *given))
        answer: Answer = known[1]
        return answer

    @property
    def resident(self) -> bool:
        return self.counterparty.country == "CO"

    @property
    def from_paper(self) -> bool:
        """Whether it transcribes a paper invoice: type 03, numbered in a contingency range."""
        return self.invoice_type == "03"

    def issued_at(self, now: datetime) -> datetime:
        """Date and time of issue: as asked, or now, Bogotá time to the second."""
        here = bogota(now)
        return datetime.combine(self.issue_date or here.date(), self.issue_time or here.time(), tzinfo=BOGOTA)


def reasons_of(kind: Kind) -> dict[str, str]:
    """The reason codes a note of this kind may carry."""
    return _REASONS[kind]


def operations_of(kind: Kind) -> dict[str, str]:
    """The types of operation that a document of this kind may be (UBL's CustomizationID)."""
    return _OPERATIONS[kind]


_REASONS = {
    Kind.CREDIT_NOTE: catalogs.CREDIT_NOTE_REASONS,
    Kind.DEBIT_NOTE: catalogs.DEBIT_NOTE_REASONS,
    Kind.ADJUSTMENT_NOTE: catalogs.ADJUSTMENT_NOTE_REASONS,
    Kind.EQUIVALENT_NOTE: catalogs.EQUIVALENT_NOTE_REASONS,
}
_OPERATIONS = {
    Kind.INVOICE: catalogs.INVOICE_OPERATIONS,
    Kind.CREDIT_NOTE: catalogs.CREDIT_NOTE_OPERATIONS,
    Kind.DEBIT_NOTE: catalogs.DEBIT_NOTE_OPERATIONS,
    Kind.SUPPORT_DOCUMENT: catalogs.SUPPORT_OPERATIONS,
    Kind.ADJUSTMENT_NOTE: catalogs.SUPPORT_OPERATIONS,
    Kind.EQUIVALENT_DOCUMENT: catalogs.EQUIVALENT_OPERATIONS,
    # A note on one has for its operation the code of what it corrects (annex DE 1.0, 16.4.2).
    Kind.EQUIVALENT_NOTE: catalogs.EQUIVALENT_TYPES,
}
