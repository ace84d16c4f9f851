"""A document as read from a request of either dialect: codes instead of ids, numbers instead of text."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.simulators.factus.catalogs import Kind
from tests.simulators.factus.listed import Entry
from tests.simulators.factus.municipalities import Municipality


@dataclass(frozen=True)
class Party:
    """Customer or supplier; texts are kept as sent, because the answer repeats them so."""

    identity_code: str
    identification: str
    dv: str | None
    company: str | None
    trade_name: str | None
    names: str | None
    address: str | None
    email: str | None
    phone: str | None
    organization_code: str
    tribute_code: str
    country_code: str | None
    municipality: Municipality | None
    responsibilities: tuple[str, ...] = ()

    @property
    def display_name(self) -> str:
        return self.names or self.company or ""


@dataclass(frozen=True)
class Tax:
    code: str
    rate: Decimal
    is_excluded: bool = False


@dataclass(frozen=True)
class Withholding:
    code: str
    rate: Decimal


@dataclass(frozen=True)
class Line:
    """`price` is per unit; `price_includes_taxes` says whether it includes the taxes."""

    code_reference: str
    name: str
    quantity: Decimal
    price: Decimal
    price_includes_taxes: bool
    discount_rate: Decimal
    discount_amount: Decimal | None
    unit: Entry
    standard_code: str
    taxes: tuple[Tax, ...]
    withholdings: tuple[Withholding, ...]
    note: str | None = None
    scheme_id: str | None = None
    mandate: dict[str, Any] | None = None
    collection_concept: str | None = None
    additional_properties: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Surcharge:
    concept: str
    reason: str
    base: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Payment:
    form: str
    method: str
    amount: Decimal | None
    reference: str | None = None
    due_date: str | None = None


@dataclass(frozen=True)
class Draft:
    kind: Kind
    reference: str
    range_id: int | None
    party: Party
    lines: tuple[Line, ...]
    payments: tuple[Payment, ...]
    observation: str | None = None
    surcharges: tuple[Surcharge, ...] = ()
    send_email: bool = False
    document_code: str = "01"
    operation: str = "10"
    customization: str | None = None
    correction: str | None = None
    target_number: str | None = None
    order_reference: dict[str, Any] | None = None
    related_documents: tuple[dict[str, Any], ...] = ()
    billing_period: dict[str, Any] | None = None
    establishment: dict[str, Any] | None = None
    prepayments: tuple[dict[str, Any], ...] = ()
    cash_rounding: Decimal = Decimal(0)
    health: dict[str, Any] | None = None
    beneficiary: dict[str, Any] | None = None
    unknown_fields: tuple[str, ...] = field(default=())

    @property
    def is_credit(self) -> bool:
        return any(payment.form == "2" for payment in self.payments)
