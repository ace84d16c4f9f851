"""Which contents are the same, by the hash of today and by the first one, which older records keep."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest

from cauce.domain.document import (
    AllowanceCharge,
    BillingPeriod,
    Document,
    ExpectedTotals,
    Kind,
    Line,
    Payment,
    Prepayment,
    Principal,
    ReferencePrice,
    Tax,
    Withholding,
)
from cauce.domain.event import Event, EventCode
from cauce.domain.sameness import content_hash, is_hash_of
from tests import content

CHARGE = AllowanceCharge(is_charge=True, reason_code="", reason="Flete", amount=Decimal(10))
HELD = Withholding(code="06", percent=Decimal("2.5"))
EVENT = Event(code=EventCode.ACCEPTANCE, invoice_uuid="a" * 96)
DOCUMENT = Document(
    kind="invoice", counterparty=content.party(), lines=(content.line(), content.line(code="P2"))
)
# As they were hashed when there was only the first form.
FIRST_HASHES = {
    "document": "389f6d85345d79b08d60ec424832ddfb07cb102216506460f96dbdec939631cc",
    "event": "33eab5ab1c57e333f9efc288409befd8a40c35edcea05feeb5896fd52194f81c",
}


def differing() -> Iterator[Document]:
    """Documents of which no two are the same, though they differ in little."""
    header: list[dict[str, Any]] = [
        {},
        {"kind": Kind.CREDIT_NOTE},
        {"prefix": "SETP"},
        {"prefix": ""},
        {"notify": False},
        {"notify": True},
        {"notes": ("a", "b")},
        {"notes": ('a","b',)},
        {"notes": ("b", "a")},
        {"notes": ("",)},
        {"currency": "USD"},
        {"payment": Payment(form="2")},
        {"period": BillingPeriod(start=date(2026, 5, 1), end=date(2026, 5, 2))},
        {"prepayments": (Prepayment(amount=Decimal(1), received_date=date(2026, 5, 1), reference="R"),)},
        {"prepayments": (Prepayment(amount=Decimal(1), received_date=date(2026, 5, 1)),) * 2},
        {"allowance_charges": (CHARGE,)},
        {"allowance_charges": (CHARGE.model_copy(update={"is_charge": False}),)},
        {"counterparty": content.party(name="JUAN  PEREZ")},
        {"counterparty": content.party(responsibilities=("O-13", "O-15"))},
        {"counterparty": content.party(responsibilities=("O-13;O-15",))},
        {"lines": DOCUMENT.lines[::-1]},
        {"lines": DOCUMENT.lines[:1]},
        {"lines": DOCUMENT.lines + DOCUMENT.lines[1:]},
    ]
    line: list[dict[str, Any]] = [
        {"code": "PROD-001,P2"},
        {"description": "94"},
        {"quantity": Decimal("2.000001")},
        {"quantity": Decimal(20)},
        {"price": Decimal(5000)},
        {"price": Decimal("123456789012.123456")},
        {"unit": "KGM"},
        {"discount_percent": Decimal(0)},
        {"discount_percent": Decimal(2)},
        {"discount_amount": Decimal(2)},
        {"note": "x"},
        {"brand": "x"},
        {"model": "x"},
        {"taxes": ()},
        {"taxes": content.IVA_19 * 2},
        {"taxes": (Tax(code="01", percent=Decimal(0)),)},
        {"taxes": (Tax(code="01"),)},
        {"taxes": (Tax(code="01", percent=Decimal(19), base=Decimal(0)),)},
        {"taxes": (Tax(code="04", percent=Decimal(19)),)},
        {"withholdings": (HELD,)},
        {"withholdings": (HELD, HELD)},
        {"principal": Principal(identification_type="31", identification="1")},
        {"reference_price": ReferencePrice(amount=Decimal(1))},
        {"reference_price": ReferencePrice(amount=Decimal(1), type="02")},
        {"allowance_charges": (CHARGE,)},
    ]
    for facts in header:
        yield DOCUMENT.model_copy(update=facts)
    for position in (0, 1):
        for facts in line:
            lines: list[Line] = list(DOCUMENT.lines)
            lines[position] = lines[position].model_copy(update=facts)
            yield DOCUMENT.model_copy(update={"lines": tuple(lines)})


def test_no_two_that_differ_have_one_hash():
    documents = list(differing())
    hashes = [content_hash(each) for each in documents]

    alike = [
        (one, other) for one, other in combinations(range(len(documents)), 2) if hashes[one] == hashes[other]
    ]
    assert alike == []


@pytest.mark.parametrize(
    "facts",
    [
        {"reference": "F-1"},
        {"expected": ExpectedTotals(payable=Decimal(1))},
        {"payment": Payment(form="1", means="10")},
        {"notes": ()},
        {"counterparty": content.party(responsibilities=("R-99-PN",))},
        {"lines": (content.line(price=Decimal("50000.00"), quantity=Decimal("2E0")), DOCUMENT.lines[1])},
        {"lines": (content.line(unit="94", note=None, withholdings=()), DOCUMENT.lines[1])},
        {"lines": (content.line(taxes=(Tax(code="01", percent=Decimal("1.9E+1")),)), DOCUMENT.lines[1])},
    ],
)
def test_a_name_a_default_and_another_way_to_write_a_number_are_the_same(facts):
    said = DOCUMENT.model_copy(update=facts)

    assert content_hash(said) == content_hash(DOCUMENT)
    assert is_hash_of(FIRST_HASHES["document"], said, content_hash(said))


@pytest.mark.parametrize("found, first", [(DOCUMENT, "document"), (EVENT, "event")])
def test_a_hash_of_either_form_is_that_of_its_content_and_of_no_other(found, first):
    today = content_hash(found)
    assert today.startswith("2:")

    for stored in (today, FIRST_HASHES[first]):
        assert is_hash_of(stored, found, today)
        for other in (*list(differing())[1:], EVENT.model_copy(update={"code": EventCode.RECEIPT})):
            assert not is_hash_of(stored, other, content_hash(other))
    assert not is_hash_of(today.removeprefix("2:"), DOCUMENT, content_hash(DOCUMENT))
