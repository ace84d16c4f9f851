"""What is refused before anything is spent, each under the contract's path of the field to mend."""

import subprocess
import sys
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from cauce.domain.document import (
    AllowanceCharge,
    Document,
    Kind,
    OrderReference,
    Payment,
    Reason,
    Tax,
    Withholding,
)
from cauce.domain.errors import InvalidDocument, Unsupported
from cauce.providers.factus.provider import Factus
from tests.unit.factus.builders import (
    NOW,
    TODAY,
    advanced_invoice,
    factus,
    invoice,
    line,
    note,
    party,
    seller,
    support_document,
    v2_invoice,
)

D = Decimal
V1, V2, BOTH = ("v1",), ("v2",), ("v1", "v2")


def with_line(**changes: Any) -> Document:
    return invoice(lines=(line(), line(**changes)))


def with_tax(code: str, percent: str | None = "19", **changes: Any) -> Document:
    return with_line(taxes=(Tax(code=code, percent=D(percent) if percent else None, **changes),))


def with_withholding(code: str, percent: str) -> Document:
    return with_line(withholdings=(Withholding(code=code, percent=D(percent)),))


def with_charge(**changes: Any) -> Document:
    tip = {
        "is_charge": True,
        "reason_code": "03",
        "reason": "Propina",
        "amount": D(1000),
        "base_amount": D(50000),
    }
    return invoice(allowance_charges=(AllowanceCharge(**{**tip, **changes}),))


def sold_to(**changes: Any) -> Document:
    return invoice(counterparty=party(**changes))


def bought_from(**changes: Any) -> Document:
    return support_document(counterparty=seller(**changes))


def bought(**changes: Any) -> Document:
    return support_document(lines=(line(**changes),))


def adjusted(**changes: Any) -> Document:
    return note(Kind.ADJUSTMENT_NOTE, lines=(line(**changes),))


REFUSED: list[tuple[str, tuple[str, ...], Document, str]] = [
    ("a time, which Factus sets", BOTH, invoice(issue_time=time(10)), "issue_time"),
    ("yesterday", BOTH, invoice(issue_date=date(2026, 5, 9)), "issue_date"),
    ("tomorrow", BOTH, invoice(issue_date=date(2026, 5, 11)), "issue_date"),
    ("dollars", BOTH, invoice(currency="USD"), "currency"),
    ("long notes", BOTH, invoice(notes=("x" * 125, "y" * 125)), "notes"),
    ("a long reason", BOTH, note(reason=Reason(code="2", text="x" * 251)), "reason.text"),
    ("an unknown means of payment", BOTH, invoice(payment=Payment(means="97")), "payment.means"),
    ("credit without a date", BOTH, invoice(payment=Payment(form="2")), "payment.due_date"),
    (
        "credit in a support document",
        V1,
        support_document(payment=Payment(form="2", due_date=TODAY)),
        "payment.form",
    ),
    ("a due date in a credit note", V1, note(payment=Payment(due_date=TODAY)), "payment.due_date"),
    ("an order in a note", BOTH, note(order_reference=OrderReference(number="1")), "order_reference.number"),
    ("mail for a support document", BOTH, support_document(notify=True), "notify"),
    ("a fraction", V1, with_line(quantity=D("1.5")), "lines.1.quantity"),
    ("thousandths", V2, with_line(quantity=D("1.005")), "lines.1.quantity"),
    ("a fraction in an adjustment note", V1, adjusted(quantity=D("1.5")), "lines.0.quantity"),
    ("an unknown unit", BOTH, with_line(unit="XYZ"), "lines.1.unit"),
    ("an unknown standard", BOTH, with_line(standard="777"), "lines.1.standard"),
    ("a note on a line of a support document", BOTH, bought(taxes=(), note="n"), "lines.0.note"),
    (
        "a discount of four decimals",
        BOTH,
        with_line(discount_percent=D("3.3333")),
        "lines.1.discount_percent",
    ),
    ("a discount of mills", BOTH, with_line(discount_amount=D("1.005")), "lines.1.discount_amount"),
    ("many at a price of mills", V2, with_line(price=D("10.005"), quantity=D(1000)), "lines.1.price"),
    (
        "many at a price of mills in a support document",
        V1,
        bought(price=D("10.005"), quantity=D(1000), taxes=()),
        "lines.0.price",
    ),
    (
        "a price that its tax does not survive",
        V1,
        with_line(price=D("33.33"), quantity=D(1000)),
        "lines.1.price",
    ),
    (
        "a price cut by the conversion",
        V1,
        with_line(price=D("33.3333"), quantity=D(1000), taxes=()),
        "lines.1.price",
    ),
    (
        "a discount that no rate gives",
        V1,
        with_line(price=D(1000000), discount_amount=D("333333.33")),
        "lines.1.discount_amount",
    ),
    (
        "the same in a debit note of v2",
        V2,
        note(Kind.DEBIT_NOTE, lines=(line(price=D(1000000), discount_amount=D("333333.33")),)),
        "lines.0.discount_amount",
    ),
    (
        "two taxes",
        V1,
        with_line(taxes=(Tax(code="01", percent=D(19)), Tax(code="04", percent=D(8)))),
        "lines.1.taxes",
    ),
    ("a tax it has not", V1, with_tax("35", "10"), "lines.1.taxes"),
    ("a tax it has not", V2, with_tax("03", "10"), "lines.1.taxes"),
    ("a tax by unit", V2, with_tax("35", None, per_unit_amount=D(1), base_units=D(1)), "lines.1.taxes"),
    ("a rate of mills", BOTH, with_tax("01", "19.005"), "lines.1.taxes"),
    ("a tax in a support document", V1, bought(taxes=(Tax(code="01", percent=D(0)),)), "lines.0.taxes"),
    ("VAT in a support document", V2, bought(), "lines.0.taxes"),
    ("INC in an adjustment note", BOTH, adjusted(taxes=(Tax(code="04", percent=D(8)),)), "lines.0.taxes"),
    ("ReteICA", BOTH, with_withholding("07", "1"), "lines.1.withholdings"),
    ("a withholding that v1 would cut", V1, with_withholding("06", "3.5"), "lines.1.withholdings"),
    ("a withholding of mills", V2, with_withholding("06", "3.555"), "lines.1.withholdings"),
    ("a charge of another concept", BOTH, with_charge(reason_code="02"), "allowance_charges.0.reason_code"),
    ("a global discount", BOTH, with_charge(is_charge=False, reason_code="01"), "allowance_charges.0"),
    (
        "a charge on a support document",
        BOTH,
        support_document(allowance_charges=with_charge().allowance_charges),
        "allowance_charges.0",
    ),
    ("a charge of mills", BOTH, with_charge(amount=D("0.005")), "allowance_charges.0.amount"),
    ("a percentage that would change", BOTH, with_charge(percent=D("2.004")), "allowance_charges.0.percent"),
    (
        "an identification it has not",
        V1,
        sold_to(identification_type="48"),
        "counterparty.identification_type",
    ),
    (
        "an identification it has not",
        V2,
        sold_to(identification_type="10"),
        "counterparty.identification_type",
    ),
    (
        "a seller with a passport of minors",
        BOTH,
        bought_from(identification_type="12"),
        "counterparty.identification_type",
    ),
    (
        "a foreign seller with cédula",
        BOTH,
        bought_from(identification_type="13", country="US", municipality=None),
        "counterparty.identification_type",
    ),
    (
        "a NIT of letters",
        BOTH,
        sold_to(identification_type="31", identification="ABC"),
        "counterparty.identification",
    ),
    ("an unknown municipality", BOTH, sold_to(municipality="99999"), "counterparty.municipality"),
    ("a scheme it has not", BOTH, sold_to(tax_scheme="ZA"), "counterparty.tax_scheme"),
    ("a foreign buyer", V1, sold_to(country="US", municipality=None), "counterparty.country"),
    ("a great taxpayer", V1, sold_to(responsibilities=("O-13",)), "counterparty.responsibilities"),
    ("a seller with duties", BOTH, bought_from(responsibilities=("O-47",)), "counterparty.responsibilities"),
    ("a seller of VAT", BOTH, bought_from(tax_scheme="01"), "counterparty.tax_scheme"),
    ("a company that sells", V1, bought_from(person_type="1"), "counterparty.person_type"),
    ("a seller without address", BOTH, bought_from(address=None), "counterparty.address"),
    ("a seller without e-mail", V1, bought_from(email=None), "counterparty.email"),
    ("a resident without municipality", BOTH, bought_from(municipality=None), "counterparty.municipality"),
    ("a note about nothing", BOTH, note(billing_reference=None), "billing_reference.number"),
    (
        "an adjustment of nothing",
        BOTH,
        note(Kind.ADJUSTMENT_NOTE, billing_reference=None),
        "billing_reference.number",
    ),
    ("a reason that is none", BOTH, note(reason=Reason(code="7", text="t")), "reason.code"),
    ("a note without reason", BOTH, note(reason=None), "reason.code"),
]


@pytest.mark.parametrize(
    ("dialect", "document", "field"),
    [
        pytest.param(dialect, document, field, id=f"{dialect}: {what}")
        for what, dialects, document, field in REFUSED
        for dialect in dialects
    ],
)
def test_what_factus_cannot_say_is_refused_by_its_path(dialect: str, document: Document, field: str) -> None:
    provider = factus(dialect)
    with pytest.raises((Unsupported, InvalidDocument)) as refusal:
        _asked_today(provider, document)

    assert list(refusal.value.fields) == [field]
    assert refusal.value.message.endswith(".")


def _asked_today(provider: Factus, document: Document) -> None:
    provider.check(document)
    provider.check_today(document, NOW)


ACCEPTED: list[tuple[str, tuple[str, ...], Document]] = [
    ("an invoice", BOTH, invoice()),
    ("one of today", BOTH, invoice(issue_date=TODAY)),
    ("seed 001's support document", BOTH, support_document()),
    ("v2's first example", BOTH, v2_invoice(counterparty=party())),
    ("a credit note", BOTH, note()),
    ("a debit note", V2, note(Kind.DEBIT_NOTE)),
    ("an adjustment note with VAT", BOTH, note(Kind.ADJUSTMENT_NOTE)),
    ("a tip", BOTH, with_charge()),
    ("a tip without base", BOTH, with_charge(base_amount=None)),
    ("a tip by percentage", BOTH, with_charge(percent=D(2))),
    ("a fraction of cents", V2, with_line(quantity=D("1.25"))),
    ("a price whose tax comes back exact", V1, with_line(price=D("33.33"))),
    ("an amount of discount that a rate gives", V1, with_line(discount_amount=D(10000))),
    ("any amount of discount", V2, with_line(discount_amount=D("16666.67"))),
    ("a price of mills", V2, with_line(price=D("10.005"))),
    (
        "a price of mills in a support document",
        V1,
        support_document(lines=(line(price=D("10.005"), taxes=()),)),
    ),
    ("a price that its tax survives to some cents", V1, with_line(price=D("33.33"), quantity=D(100))),
    ("a price whose cut changes no amount", V1, with_line(price=D("33.3333"), taxes=())),
    ("a due date of a cash sale", BOTH, invoice(payment=Payment(due_date=TODAY))),
    ("a seller with cédula", BOTH, bought_from(identification_type="13", check_digit=None)),
    (
        "a foreign buyer",
        V2,
        invoice(counterparty=party(identification_type="42", country="US", municipality=None)),
    ),
    ("several duties", V2, invoice(counterparty=party(responsibilities=("O-13", "O-15")))),
    ("two taxes", V2, with_line(taxes=(Tax(code="01", percent=D(19)), Tax(code="35", percent=D(20))))),
    ("a withholding of cents on a purchase", BOTH, support_document()),
    ("a whole withholding", BOTH, with_withholding("06", "4")),
    ("ReteIVA", BOTH, with_withholding("05", "15")),
    ("250 characters", BOTH, invoice(notes=("x" * 250,))),
]


@pytest.mark.parametrize(
    ("dialect", "document"),
    [
        pytest.param(dialect, document, id=f"{dialect}: {what}")
        for what, dialects, document in ACCEPTED
        for dialect in dialects
    ],
)
def test_what_factus_can_say_passes(dialect: str, document: Document) -> None:
    factus(dialect).check(document)


def test_today_is_bogotas_and_not_greenwichs() -> None:
    at_night = datetime(2026, 5, 11, 3, 0, tzinfo=UTC)  # 22:00 of the 10th in Bogotá

    factus().check_today(invoice(issue_date=date(2026, 5, 10)), at_night)
    with pytest.raises(Unsupported):
        factus().check_today(invoice(issue_date=date(2026, 5, 11)), at_night)


def test_a_document_of_another_day_is_let_go_once_it_was_taken_in() -> None:
    factus().check(invoice(issue_date=date(2026, 5, 1)))


def test_the_cent_that_the_published_v1_example_loses_is_factuss_and_both_figures_are_told() -> None:
    """42016.81 less 20 % with 19 % is 6386.56 for us and, from the price with tax, 6386.55 for Factus."""
    factus().check(advanced_invoice())
    told = [(notice.field, notice.text) for notice in factus().computed(advanced_invoice()).notices]

    (text,) = [text for field, text in told if field == "lines.0.price" and "impuestos" in text]
    assert "6386.55" in text and "6386.56" in text


def test_checking_and_preparing_load_no_http_library() -> None:
    """A cold start that only refuses must not pay for a client."""
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; import cauce.providers.factus.provider; print('httpx' in sys.modules)",
        ],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert found.stdout.strip() == "False"
