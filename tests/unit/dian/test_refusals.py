"""What cannot be written exactly is refused under the domain's path of the field, before a number is spent."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cauce.domain.document import (
    AllowanceCharge,
    DeliveryTerms,
    Document,
    ExchangeRate,
    Kind,
    PaperInvoice,
    Payment,
    Prepayment,
    Principal,
    Purchase,
    Reason,
    ReferencePrice,
    Tax,
    Withholding,
)
from cauce.domain.errors import InvalidDocument, Unsupported
from cauce.domain.event import EventCode
from cauce.ubl import event
from cauce.ubl.document import build
from cauce.ubl.refusals import refuse
from tests.unit.dian.builders import BUYER, DOCUMENTS, SELLER, a_document, a_line, an_event, numbered

INVOICE, CREDIT, DEBIT, SUPPORT, ADJUSTMENT = (
    Kind.INVOICE,
    Kind.CREDIT_NOTE,
    Kind.DEBIT_NOTE,
    Kind.SUPPORT_DOCUMENT,
    Kind.ADJUSTMENT_NOTE,
)
DOLLARS = ExchangeRate(currency="USD", rate=Decimal(3100), on=date(2026, 5, 10))
PAPER = PaperInvoice(number="T-1", issue_date=date(2026, 5, 9))
FREE = ReferencePrice(amount=Decimal(100))
RENTA = (Withholding(code="06", percent=Decimal("2.5")),)


def header(kind: Kind = INVOICE, **changes: Any) -> Callable[[], Document]:
    return lambda: a_document(kind, **changes)


def other(kind: Kind = INVOICE, **changes: Any) -> Callable[[], Document]:
    """A document whose other party is changed."""
    party = SELLER if kind is SUPPORT else BUYER
    return header(kind, counterparty=party.model_copy(update=changes))


def line(kind: Kind = INVOICE, **changes: Any) -> Callable[[], Document]:
    return lambda: a_document(kind, lines=(a_line(), a_line(**changes)))


def tax(kind: Kind = INVOICE, **facts: Any) -> Callable[[], Document]:
    return line(kind, taxes=(Tax(**facts),))


@pytest.mark.parametrize(
    "given, refusal, field",
    [
        (header(lines=()), InvalidDocument, "lines"),
        (header(invoice_type="05"), InvalidDocument, "invoice_type"),
        (header(CREDIT, invoice_type="01"), Unsupported, "invoice_type"),
        (header(invoice_type="03"), InvalidDocument, "paper_invoice"),
        (header(paper_invoice=PAPER), InvalidDocument, "paper_invoice"),
        (header(operation="20"), InvalidDocument, "operation"),
        (header(operation="SS-CUFES"), InvalidDocument, "operation"),
        (header(CREDIT, operation="22"), InvalidDocument, "operation"),
        (header(delivery_terms=DeliveryTerms(incoterm="XXX")), InvalidDocument, "delivery_terms.incoterm"),
        (header(SUPPORT, delivery_terms=DeliveryTerms(incoterm="FOB")), Unsupported, "delivery_terms"),
        (header(currency="USD"), InvalidDocument, "exchange_rate"),
        (header(currency="EUR", exchange_rate=DOLLARS), InvalidDocument, "exchange_rate.currency"),
        (
            header(exchange_rate=DOLLARS.model_copy(update={"currency": "COP"})),
            InvalidDocument,
            "exchange_rate.currency",
        ),
        (header(payment=Payment(form="2")), InvalidDocument, "payment.due_date"),
        (
            header(CREDIT, prepayments=(Prepayment(amount=Decimal(1), received_date=date(2026, 1, 1)),)),
            Unsupported,
            "prepayments",
        ),
        (header(CREDIT, reason=None), InvalidDocument, "reason"),
        (header(CREDIT, billing_reference=None), InvalidDocument, "period"),
        (header(ADJUSTMENT, billing_reference=None), InvalidDocument, "billing_reference"),
        (
            lambda: DOCUMENTS["credit note without reference"].model_copy(
                update={"reason": Reason(code="2", text="Anulación")}
            ),
            InvalidDocument,
            "billing_reference",
        ),
        (other(identification="800-1"), InvalidDocument, "counterparty.identification"),
        (other(municipality="99999"), InvalidDocument, "counterparty.municipality"),
        (other(country="XX"), InvalidDocument, "counterparty.country"),
        (other(tax_scheme="99"), InvalidDocument, "counterparty.tax_scheme"),
        (other(SUPPORT, address=None), InvalidDocument, "counterparty.address"),
        (other(SUPPORT, municipality=None), InvalidDocument, "counterparty.municipality"),
        (line(CREDIT, withholdings=RENTA), Unsupported, "lines.1.withholdings"),
        (line(DEBIT, withholdings=RENTA), Unsupported, "lines.1.withholdings"),
        (line(ADJUSTMENT, withholdings=RENTA), Unsupported, "lines.1.withholdings"),
        (line(DEBIT, price=Decimal(0), reference_price=FREE), Unsupported, "lines.1.reference_price"),
        (line(reference_price=FREE), InvalidDocument, "lines.1.price"),
        (
            line(price=Decimal(0), reference_price=ReferencePrice(amount=Decimal(1), type="09")),
            InvalidDocument,
            "lines.1.reference_price.type",
        ),
        (line(purchase=Purchase(on=date(2026, 5, 1))), Unsupported, "lines.1.purchase"),
        (
            line(SUPPORT, purchase=Purchase(on=date(2026, 5, 1), form="3")),
            InvalidDocument,
            "lines.1.purchase.form",
        ),
        (
            line(SUPPORT, principal=Principal(identification_type="31", identification="1")),
            Unsupported,
            "lines.1.principal",
        ),
        (line(CREDIT, aiu_contract="aseo de las sedes"), Unsupported, "lines.1.aiu_contract"),
        (line(standard="002"), InvalidDocument, "lines.1.standard"),
        (tax(code="01", percent=Decimal("19.125")), Unsupported, "lines.1.taxes.0.percent"),
        (tax(code="99", percent=Decimal(1)), Unsupported, "lines.1.taxes.0.code"),
        (tax(code="ZZ", percent=Decimal(1)), InvalidDocument, "lines.1.taxes.0.name"),
        (
            tax(code="22", per_unit_amount=Decimal(1), base_units=Decimal(1)),
            InvalidDocument,
            "lines.1.taxes.0.unit",
        ),
        (tax(SUPPORT, code="04", percent=Decimal(8)), Unsupported, "lines.1.taxes.0.code"),
        (
            line(SUPPORT, withholdings=(Withholding(code="07", percent=Decimal(1)),)),
            Unsupported,
            "lines.1.withholdings.0.code",
        ),
        (
            line(withholdings=(Withholding(code="06", percent=Decimal("0.125")),)),
            Unsupported,
            "lines.1.withholdings.0.percent",
        ),
    ],
)
def test_it_is_refused_under_its_field(given: Callable[[], Document], refusal: type[Exception], field: str):
    with pytest.raises(refusal) as found:
        refuse(given())
    assert list(found.value.fields) == [field]


BELL = "\x07"


@pytest.mark.parametrize(
    "given, field",
    [
        (header(notes=("bien", BELL)), "notes.1"),
        (other(name=BELL), "counterparty.name"),
        (other(SUPPORT, city=BELL), "counterparty.city"),
        (header(CREDIT, reason=Reason(code="3", text=BELL)), "reason.text"),
        (line(description=f"Cosa{BELL}"), "lines.1.description"),
        (line(brand=BELL), "lines.1.brand"),
        (tax(code="ZZ", name=BELL, percent=Decimal(1)), "lines.1.taxes.0.name"),
        (
            header(
                allowance_charges=(
                    AllowanceCharge(is_charge=True, reason_code="02", reason="Flete", amount=Decimal(1)),
                    AllowanceCharge(is_charge=False, reason_code="00", reason=BELL, amount=Decimal(1)),
                )
            ),
            "allowance_charges.1.reason",
        ),
    ],
)
def test_a_text_that_xml_cannot_carry_is_refused_under_its_field(given: Callable[[], Document], field: str):
    with pytest.raises(InvalidDocument) as found:
        build(numbered(given()))
    assert list(found.value.fields) == [field]


def test_a_text_that_xml_cannot_carry_is_refused_in_an_event_too():
    received = an_event(EventCode.RECEIPT)
    person = received.event.person.model_copy(update={"names": BELL})
    with pytest.raises(InvalidDocument) as found:
        event.build(replace(received, event=received.event.model_copy(update={"person": person})))
    assert list(found.value.fields) == ["person.names"]

    with pytest.raises(InvalidDocument):
        event.build(an_event(EventCode.ACCEPTANCE, other=BUYER.model_copy(update={"name": BELL})))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_valid_is_refused(name: str):
    assert "</cbc:UUID>" in build(numbered(DOCUMENTS[name])).after
