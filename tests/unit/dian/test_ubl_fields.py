"""No field that a document has is left out of its XML in silence: to change it changes the XML, or is refused.

The fields that a kind of document has no place for, and does not refuse, are named here, one by one.
"""

from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from cauce.domain.document import (
    AUTHORISED,
    Address,
    AllowanceCharge,
    Benefits,
    BillingPeriod,
    BillingReference,
    CollectionProof,
    Consignment,
    Delivery,
    DeliveryTerms,
    Document,
    ExchangeRate,
    Health,
    Identified,
    Kind,
    NoteReference,
    OrderReference,
    OtherCode,
    OtherReference,
    PaperInvoice,
    Participant,
    Party,
    Payment,
    PaymentPart,
    Prepayment,
    Principal,
    Purchase,
    Reason,
    ReferencePrice,
    Tax,
    TradeReference,
    Withholding,
)
from cauce.domain.errors import InvalidDocument, Unsupported
from cauce.domain.models import model_in
from cauce.ubl.canonical import octets
from cauce.ubl.certificate import Certificate
from cauce.ubl.document import build
from cauce.ubl.emitter import build_signed
from tests.unit.dian.builders import CUFE, VAT_19, a_document, a_line, numbered
from tests.unit.dian.oracles import canonical, schema_errors

# What is asked of us, and is no part of any document.
NOWHERE = {
    "reference",
    "prefix",
    "issue_date",
    "issue_time",
    "notify",
    "expected",
    "rounded",
    "rounded.field",
    "rounded.said",
    "rounded.kept",
    "expected.subtotal",
    "expected.vat",
    "expected.payable",
}
_CORRECTION = {"billing_reference.number", "billing_reference.uuid", "billing_reference.issue_date"}
_REASON = {"reason.code", "reason.text"}
# Anexo DS 1.1 describes a seller by less.
_OF_A_SELLER = {
    f"counterparty.{name}"
    for name in (
        "trade_name",
        "email",
        "phone",
        "given_names",
        "family_names",
        "commercial_registration",
        "economic_activity",
    )
}
# What is paid stands there as the line's value and its taxes.
_IN_PARTS = {"lines.paid"}
LEFT_OUT = {
    # A document that corrects nothing.
    Kind.INVOICE: _IN_PARTS | _CORRECTION | _REASON,
    Kind.CREDIT_NOTE: _IN_PARTS,
    Kind.DEBIT_NOTE: _IN_PARTS,
    Kind.SUPPORT_DOCUMENT: _IN_PARTS | _CORRECTION | _REASON | _OF_A_SELLER,
    Kind.ADJUSTMENT_NOTE: _IN_PARTS | _OF_A_SELLER,
    Kind.EQUIVALENT_DOCUMENT: _IN_PARTS | _CORRECTION | _REASON,
    Kind.EQUIVALENT_NOTE: _IN_PARTS,
}
KINDS = sorted(LEFT_OUT)

_TOLD = ("counterparty", "counterparty.fiscal_address", "delivery.address")
TOLD_BY_THE_MUNICIPALITY = {f"{whose}.{name}" for whose in _TOLD for name in ("city", "region")}

HOSTILE = 'ñ & <b> "c" 🐎'
DAY = date(2026, 5, 3)
PARTY = Party(
    person_type="2",
    identification_type="31",
    identification="71234567",
    check_digit="1",
    name="Juan Pérez",
    trade_name="El Turpial",
    responsibilities=("O-13",),
    tax_scheme="01",
    email="juan@turpial.example",
    phone="3001234567",
    address="Calle 1 # 2-3",
    municipality="68679",
    country="US",
    postal_code="684031",
    city="Miami",
    region="Florida",
    given_names="Juan",
    family_names="Pérez",
    commercial_registration="12345",
    economic_activity="4511",
)
ELSEWHERE = Address(
    address="Km 3 vía Chía",
    municipality="25175",
    country="US",
    postal_code="250001",
    city="Chía",
    region="Cund.",
)
BUYER = PARTY.model_copy(
    update={
        "contact": "Lucía Ramírez",
        "fiscal_address": ELSEWHERE,
        "participants": (
            Participant(
                identification_type="31",
                identification="900373115",
                check_digit="3",
                name="Obras SAS",
                percent=Decimal("62.5"),
                responsibilities=("O-15",),
                tax_scheme="01",
            ),
        ),
    }
)
CARRIER = Identified(identification_type="31", identification="900373115", check_digit="3", name="Vía SAS")
HEALTH = Health(
    provider="1100112345",
    payment_method="04",
    coverage="16",
    contract="CT-1",
    no_contract="01",
    policy="P-1",
)
PROOF = CollectionProof(number="FC-1", issue_date=DAY, uuid=CUFE)
IN_A_SALE: dict[str, Any] = {
    "counterparty": BUYER,
    "delivery": Delivery(on=DAY, at=time(10, 20, 30), address=ELSEWHERE, carrier=CARRIER),
    "downloader": CARRIER,
    "health": HEALTH,
}
ANOTHER = BillingReference(number="SETP2", uuid=CUFE[::-1], issue_date=DAY)
PARTS = (
    PaymentPart(form="2", means="47", due_date=DAY, amount=Decimal(7), reference="V-1"),
    PaymentPart(form="1", means="10", amount=Decimal(5)),
)
ENTRY = AllowanceCharge(
    is_charge=True,
    reason_code="03",
    reason="Propina",
    amount=Decimal(10),
    base_amount=Decimal(100),
    percent=Decimal(10),
)
BAGS = Tax(
    code="22", name="Bolsas", base=Decimal(7), per_unit_amount=Decimal(66), base_units=Decimal(3), unit="94"
)
OTHER_TAX = Tax(code="ZZ", name="Tasa", base=Decimal(9), percent=Decimal(1))
CHANGES: dict[str, Any] = {
    "counterparty": PARTY,
    "lines": (
        a_line(
            note="Nota",
            brand="Marca",
            model="Modelo",
            discount_percent=Decimal(10),
            discount_amount=Decimal(7),
            allowance_charges=(ENTRY,),
            other_codes=(OtherCode(scheme="EAN13", code="7702004003508"),),
        ),
        a_line(standard_code="43211503", standard="001", paid=Decimal("119.01")),
    ),
    "allowance_charges": (ENTRY,),
    "payment": Payment(form="2", means="47", due_date=DAY),
    "order_reference": OrderReference(number="OC-1", issue_date=DAY),
    "billing_reference": BillingReference(number="SETP1", uuid=CUFE, issue_date=DAY),
    "reason": Reason(code="3", text="Rebaja"),
    "notes": ("Una nota",),
    "exchange_rate": ExchangeRate(currency="USD", rate=Decimal("3100.5"), on=DAY),
    "period": BillingPeriod(start=DAY, end=DAY),
    "payable_rounding": Decimal("-0.5"),
    "despatches": (TradeReference(number="REM-1", issue_date=DAY),),
    "receipts": (TradeReference(number="ENT-1", issue_date=DAY),),
    "other_references": (OtherReference(number="CT-1", issue_date=DAY, text="Contrato"),),
}
SALE_TAXES = (VAT_19, BAGS, OTHER_TAX)
WITHHELD = (Withholding(code="06", percent=Decimal("2.5"), base=Decimal(77)),)
OF_KIND: dict[Kind, dict[str, Any]] = {
    Kind.INVOICE: {
        "invoice_type": "03",
        "paper_invoice": PaperInvoice(number="T-17", issue_date=DAY),
        "operation": "11",
        "due_diligence": "02",
        "prepayments": (
            Prepayment(amount=Decimal(5), received_date=DAY, reference="RC-9", text="Abono", concept="01"),
        ),
        "delivery_terms": DeliveryTerms(incoterm="FOB", text="Puerto"),
        "note_references": (
            NoteReference(number="NC1", uuid=CUFE, issue_date=DAY, kind=Kind.CREDIT_NOTE),
            NoteReference(number="ND1", uuid=CUFE, issue_date=DAY, kind=Kind.DEBIT_NOTE),
        ),
        **IN_A_SALE,
        "health": HEALTH.model_copy(update={"proofs": (PROOF,)}),
    },
    Kind.CREDIT_NOTE: {
        "operation": "20",
        "delivery_terms": DeliveryTerms(incoterm="FOB", text="Puerto"),
        "more_billing_references": (ANOTHER,),
        **IN_A_SALE,
    },
    Kind.DEBIT_NOTE: {
        "operation": "30",
        "delivery_terms": DeliveryTerms(incoterm="FOB", text="Puerto"),
        "more_billing_references": (ANOTHER,),
        **IN_A_SALE,
    },
    Kind.SUPPORT_DOCUMENT: {"operation": "10"},
    Kind.ADJUSTMENT_NOTE: {"operation": "10", "more_billing_references": (ANOTHER,)},
    Kind.EQUIVALENT_DOCUMENT: {
        "operation": "10",
        "benefits": Benefits(code="79907759", name="Edison Hernández", points=100),
        "counterparty": BUYER,
    },
    Kind.EQUIVALENT_NOTE: {
        "operation": "20",
        "reason": Reason(code="2", text="Anulación"),
        "more_billing_references": (ANOTHER,),
        "counterparty": BUYER,
    },
}
PRINCIPAL = Principal(
    identification_type="31", identification="900108281", check_digit="3", name="FONDO & CIA"
)
LINE_OF_KIND: dict[Kind, dict[str, Any]] = {
    Kind.INVOICE: {
        "taxes": SALE_TAXES,
        "withholdings": WITHHELD,
        "principal": PRINCIPAL,
        "aiu_contract": "aseo y vigilancia",
        "period": BillingPeriod(start=DAY, end=DAY),
        "consignment": Consignment(
            filing="13456", number="REM0001", freight=250000, quantity=Decimal("10.5"), unit="KGM"
        ),
    },
    Kind.CREDIT_NOTE: {
        "taxes": SALE_TAXES,
        "principal": PRINCIPAL,
        "period": BillingPeriod(start=DAY, end=DAY),
    },
    Kind.DEBIT_NOTE: {"taxes": SALE_TAXES, "principal": PRINCIPAL},
    Kind.SUPPORT_DOCUMENT: {
        "taxes": (VAT_19,),
        "withholdings": WITHHELD,
        "purchase": Purchase(on=DAY, form="2"),
    },
    Kind.ADJUSTMENT_NOTE: {"taxes": (VAT_19,)},
    Kind.EQUIVALENT_DOCUMENT: {"taxes": SALE_TAXES, "withholdings": WITHHELD},
    Kind.EQUIVALENT_NOTE: {"taxes": SALE_TAXES},
}
FREE = a_line(price=Decimal(0), reference_price=ReferencePrice(amount=Decimal(100), type="03"))


def full(kind: Kind) -> Document:
    """A document of this kind with every field that it has a place for."""
    first, second = CHANGES["lines"]
    lines = [first.model_copy(update=LINE_OF_KIND[kind]), second]
    if kind in (Kind.INVOICE, Kind.CREDIT_NOTE, Kind.EQUIVALENT_DOCUMENT, Kind.EQUIVALENT_NOTE):
        lines.append(FREE)
    return a_document(kind, **{**CHANGES, **OF_KIND[kind], "lines": tuple(lines)})


def xml(document: Document) -> bytes:
    """The document without its identifier, which tells nobody what is in it."""
    ready = numbered(document)
    before, after, _ = build(ready)
    return octets(before + after).replace(ready.identifier.encode(), b"")


# Of a code, others that UBL can express; of any other text, one that is hard to write.
CODES = {
    "person_type": ("1",),
    "identification_type": ("13",),
    "tax_scheme": ("ZZ",),
    "municipality": ("05001",),
    "country": ("CO", "MX"),
    "code": ("01", "04", "05", "2"),
    "standard": ("010", "999"),
    "type": ("01",),
    "form": ("1",),
    "operation": ("10", "09", "11"),
    "incoterm": ("CIF",),
    "currency": ("EUR",),
    "invoice_type": ("01",),
    "check_digit": ("5",),
    "payment_method": ("01",),
    "coverage": ("15",),
    "no_contract": ("07",),
    "concept": ("02",),
}


def others(name: str, value: Any) -> Iterator[Any]:
    """Other values that a field may have; of what has fields of its own, none."""
    match value:
        case bool():
            yield not value
        case int():
            yield value + 1
        case Decimal():
            yield value + Decimal("1.37")
        case date():
            yield value + timedelta(days=1)
        case tuple():
            yield value[:-1]
            if isinstance(value[0], str):
                yield (*value, HOSTILE)
        case str():
            yield HOSTILE
            yield from CODES.get(name, ())


def changed(value: Any, steps: tuple[str | int, ...], new: Any) -> Any:
    """A document with another value at a path."""
    if not steps:
        return new
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        return (*value[:step], changed(value[step], rest, new), *value[step + 1 :])
    return value.model_copy(update={step: changed(getattr(value, step), rest, new)})


def fields(value: Any, steps: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every field that is set in a document, with its path."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            found = getattr(value, name)
            if found not in (None, ()) and name != "kind":
                yield (*steps, name), found
                yield from fields(found, (*steps, name))
    elif isinstance(value, tuple):
        for n, each in enumerate(value):
            yield from fields(each, (*steps, n))


def called(steps: tuple[str | int, ...]) -> str:
    """The path of a field without positions: ``lines.taxes.percent``."""
    return ".".join(step for step in steps if isinstance(step, str))


def _on_the_way(document: Document, steps: tuple[str, ...]) -> Iterator[Any]:
    found: Any = document
    for step in steps:
        found = getattr(found, step, None)
        yield found


def is_silent(document: Document, plain: bytes, steps: tuple[str | int, ...], value: Any) -> bool:
    """Whether a field may have another value, and the XML stays as it was."""
    written = set()
    for new in others(str(steps[-1]), value):
        if new == value:
            continue
        try:
            found = xml(changed(document, steps, new))
        except (InvalidDocument, Unsupported):
            continue
        assert canonical(found) == found
        # A number also changes what is added up from it: it must stand there itself.
        is_there = not isinstance(new, Decimal) or found.count(_figure(new)) > plain.count(_figure(new))
        written.add(found if is_there else plain)
    return written == {plain}


def _figure(number: Decimal) -> bytes:
    return f">{number:.2f}<".encode()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("is_abroad", [False, True])
def test_a_field_that_a_document_has_is_in_its_xml_or_refused(kind: Kind, is_abroad: bool):
    document = full(kind)
    if is_abroad:
        for whose in _TOLD:
            steps = (*whose.split("."), "municipality")
            if all(found is not None for found in _on_the_way(document, steps)):
                document = changed(document, steps, None)
    plain = xml(document)

    there = {called(steps) for steps, _ in fields(document)}
    silent = {called(steps) for steps, value in fields(document) if is_silent(document, plain, steps, value)}

    assert silent == LEFT_OUT[kind] | (set() if is_abroad else TOLD_BY_THE_MUNICIPALITY & there)


@pytest.mark.parametrize("kind", KINDS)
def test_of_several_payments_all_is_written_but_their_amounts(kind: Kind):
    """UBL has no amount in a payment's means. What they come to together is then not written a second time."""
    document = full(kind).model_copy(update={"payments": PARTS})
    plain, paid = xml(document), [each for each in fields(document) if str(each[0][0]).startswith("payment")]

    silent = {called(steps) for steps, value in paid if is_silent(document, plain, steps, value)}

    is_invoice = kind in AUTHORISED
    together = {"payment.form", "payment.means"} | (set() if is_invoice else {"payment.due_date"})
    assert silent == together | {"payments.amount"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_schemas_take_a_document_that_says_everything(kind: Kind, certificate: Certificate):
    document = full(kind).model_copy(update={"payments": PARTS})

    assert schema_errors(build_signed(numbered(document), certificate).xml) == []


def test_these_are_all_the_fields_of_a_document():
    every = [full(kind).model_copy(update={"payments": PARTS}) for kind in KINDS]
    found = {called(steps) for each in every for steps, _ in fields(each)}

    assert set(declared(Document)) - found == {"kind", "note_references.kind", *NOWHERE}


def declared(model: type[BaseModel], path: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield path + name
        inner = model_in(field.annotation)
        if inner:
            yield from declared(inner, f"{path}{name}.")
