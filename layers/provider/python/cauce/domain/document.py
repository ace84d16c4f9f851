"""A document: what the ERP asks us to emit, in UBL's vocabulary, whole and valid by itself.

Amounts are ``Decimal``; prices are net of tax, as in UBL. Parties, lines and documents are frozen values.
"""

from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from cauce.domain import catalogs


class Kind(StrEnum):
    """What sort of document it is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    DEBIT_NOTE = "debit_note"
    SUPPORT_DOCUMENT = "support_document"
    ADJUSTMENT_NOTE = "adjustment_note"


NOTES = frozenset({Kind.CREDIT_NOTE, Kind.DEBIT_NOTE, Kind.ADJUSTMENT_NOTE})

# Money as the contract takes it: up to 999 billion with 6 decimals (annex 1.9: prices carry 0 to 6).
Amount = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=6, allow_inf_nan=False)]
Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=4, allow_inf_nan=False)]


class Value(BaseModel):
    """A frozen value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Party(Value):
    """The other side: the buyer, or in a support document the seller who is not obliged to invoice."""

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
    postal_code: str | None = None


class Tax(Value):
    """A tax on a line: a percentage of its base, or an amount for each unit of measure."""

    code: str
    percent: Percent | None = None
    per_unit_amount: Amount | None = None
    base_units: Amount | None = None
    unit: str | None = None


class Withholding(Value):
    """A withholding on a line. Informative: it never changes the amount payable (annex 1.9, 11.9.1)."""

    code: str
    percent: Percent


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
    """Scheme of ``code``: 999 own, 001 UNSPSC, 010 GTIN, 020 tariff heading."""
    note: str | None = None


class AllowanceCharge(Value):
    """A discount or a charge on the whole document; it does not touch the taxes."""

    is_charge: bool
    reason_code: str
    reason: str
    amount: Amount
    base_amount: Amount | None = None
    percent: Percent | None = None


class Payment(Value):
    """How it is paid: form 1 cash or 2 credit, DIAN's code of the means, and the due date of a credit."""

    form: str = "1"
    means: str = "10"
    due_date: date | None = None


class BillingReference(Value):
    """The document that a note corrects: full number, CUFE or CUDS, date of issue."""

    number: str
    uuid: str
    issue_date: date


class Reason(Value):
    """Why a note is issued: DIAN's code and free text."""

    code: str
    text: str


class OrderReference(Value):
    """The buyer's purchase order."""

    number: str
    issue_date: date | None = None


class Document(Value):
    """A document to emit, before it has a number."""

    kind: Kind
    reference: str | None = None
    """The ERP's own id: what makes a repeated request the same request."""
    prefix: str | None = None
    """The range it asks for, where the issuer has several."""
    issue_date: date | None = None
    issue_time: time | None = None
    """Bogotá time; both absent means now."""
    counterparty: Party
    lines: tuple[Line, ...]
    allowance_charges: tuple[AllowanceCharge, ...] = ()
    payment: Payment = Payment()
    currency: str = "COP"
    order_reference: OrderReference | None = None
    billing_reference: BillingReference | None = None
    reason: Reason | None = None
    notes: tuple[str, ...] = ()
    notify: bool | None = None
    """Whether the provider mails it to the buyer; absent: only in production."""

    @property
    def resident(self) -> bool:
        return self.counterparty.country == "CO"


def reasons_of(kind: Kind) -> dict[str, str]:
    """The reason codes a note of this kind may carry."""
    return {
        Kind.CREDIT_NOTE: catalogs.CREDIT_NOTE_REASONS,
        Kind.DEBIT_NOTE: catalogs.DEBIT_NOTE_REASONS,
        Kind.ADJUSTMENT_NOTE: catalogs.ADJUSTMENT_NOTE_REASONS,
    }[kind]
