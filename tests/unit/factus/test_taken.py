"""What Factus takes in either dialect, and what it makes of it: totals, periods, prepayments, a verdict that is late."""

import dataclasses
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cauce.domain import extras
from cauce.domain.document import (
    AllowanceCharge,
    BillingPeriod,
    Document,
    Kind,
    Payment,
    PaymentPart,
    Prepayment,
    Reason,
    Tax,
    Withholding,
)
from cauce.domain.errors import InvalidDocument, Unsupported
from cauce.domain.outcome import Accepted, Outcome, Pending, Rejected
from cauce.domain.record import Record
from cauce.domain.totals import totals
from cauce.providers.base import refs
from cauce.providers.factus.provider import Factus
from tests.simulators.factus import FactusSimulator
from tests.unit.factus.builders import factus as connected
from tests.unit.factus.builders import (
    invoice,
    line,
    note,
    party,
    record,
    seller,
    support_document,
    v2_invoice,
)

D = Decimal
DIALECTS = pytest.mark.parametrize("dialect", ["v1", "v2"])


@pytest.fixture
def simulator() -> Iterator[FactusSimulator]:
    with FactusSimulator() as running:
        yield running


@pytest.fixture
def connect(simulator: FactusSimulator) -> Any:
    def provider(dialect: str = "v1", **settings: str) -> Factus:
        return connected(
            dialect,
            base_url=simulator.base_url,
            secrets=dataclasses.asdict(simulator.credentials),
            **settings,
        )

    return provider


def numbered(document: Document, simulator: FactusSimulator, **changes: Any) -> Record:
    """A record in the range that the simulator's account has for its kind."""
    code = {"invoice": "21", "credit_note": "22", "debit_note": "23"}.get(
        document.kind, "24" if document.kind is Kind.SUPPORT_DOCUMENT else "25"
    )
    chosen = next(row.id for row in simulator.ranges.values() if row.type_code == code and row.is_active)
    return record(document, range_id=str(chosen), **changes)


def emit(provider: Factus, kept: Record) -> Outcome:
    """What emission does with a provider, from the check to the answer."""
    provider.check(kept.document)
    ids = {**kept.provider_ids, **provider.resolve(kept)}
    return provider.send(provider.prepare(kept.model_copy(update={"provider_ids": ids})))


def accepted(provider: Factus, kept: Record) -> Accepted:
    outcome = emit(provider, kept)
    assert isinstance(outcome, Accepted), outcome
    return outcome


def purchase(**changes: Any) -> Document:
    return support_document(**{"counterparty": seller(), "reference": None, **changes})


SHAPES: list[tuple[str, tuple[str, ...], Document]] = [
    ("one line", ("v1", "v2"), invoice()),
    (
        "exempt and excluded",
        ("v1", "v2"),
        invoice(lines=(line(taxes=(Tax(code="01", percent=D(0)),)), line(taxes=()))),
    ),
    ("consumption tax", ("v1", "v2"), invoice(lines=(line(taxes=(Tax(code="04", percent=D(8)),)),))),
    ("discount by rate", ("v1", "v2"), invoice(lines=(line(discount_percent=D(15)),))),
    ("discount by amount", ("v1", "v2"), invoice(lines=(line(discount_amount=D(5000)),))),
    ("odd amount of discount", ("v2",), invoice(lines=(line(discount_amount=D("16666.67")),))),
    ("fractions", ("v2",), invoice(lines=(line(quantity=D("2.35"), price=D("1234.56")),))),
    (
        "ultraprocessed",
        ("v2",),
        invoice(lines=(line(taxes=(Tax(code="01", percent=D(19)), Tax(code="35", percent=D(20)))),)),
    ),
    ("price with cents", ("v1", "v2"), invoice(lines=(line(price=D("33.33")),))),
    (
        "withholdings",
        ("v1", "v2"),
        invoice(lines=(line(withholdings=tuple(Withholding(code=c, percent=D(4)) for c in ("05", "06"))),)),
    ),
    (
        "tip",
        ("v1", "v2"),
        invoice(
            allowance_charges=(
                AllowanceCharge(
                    is_charge=True, reason_code="03", reason="Propina", amount=D(5000), percent=D(10)
                ),
            )
        ),
    ),
    ("credit", ("v1", "v2"), invoice(payment=Payment(form="2", means="47", due_date=date(2099, 1, 1)))),
    ("company", ("v1", "v2"), v2_invoice(reference=None)),
    (
        "foreigner",
        ("v2",),
        invoice(
            counterparty=party(
                identification_type="42", identification="X99", country="US", municipality=None
            )
        ),
    ),
    ("purchase", ("v1", "v2"), purchase()),
    (
        "purchase from a citizen",
        ("v1", "v2"),
        purchase(counterparty=seller(identification_type="13", check_digit=None)),
    ),
    (
        "purchase from abroad",
        ("v1", "v2"),
        purchase(
            counterparty=seller(
                identification_type="42",
                identification="X99",
                check_digit=None,
                country="US",
                municipality=None,
            )
        ),
    ),
]


@pytest.mark.parametrize(
    ("dialect", "document"),
    [
        pytest.param(dialect, document, id=f"{dialect}: {what}")
        for what, dialects, document in SHAPES
        for dialect in dialects
    ],
)
def test_whatever_passes_the_check_is_accepted_and_adds_up_to_our_totals(
    connect: Any, simulator: FactusSimulator, dialect: str, document: Document
) -> None:
    provider = connect(dialect)
    kept = numbered(document, simulator)

    outcome = accepted(provider, kept)

    assert outcome.payable == totals(document).payable
    assert simulator.emails == []

    asked = provider.consult(refs(kept))
    assert isinstance(asked, Accepted)
    assert (asked.uuid, asked.number, asked.payable) == (outcome.uuid, outcome.number, outcome.payable)


APRIL = BillingPeriod(start=date(2026, 4, 1), end=date(2026, 4, 30))


@pytest.mark.parametrize(
    ("dialect", "kind", "customization"),
    [
        ("v1", Kind.CREDIT_NOTE, "22"),
        ("v2", Kind.CREDIT_NOTE, "22"),
        ("v2", Kind.DEBIT_NOTE, "32"),
    ],
)
def test_a_note_without_reference_goes_with_its_period(
    connect: Any, simulator: FactusSimulator, dialect: str, kind: Kind, customization: str
) -> None:
    on_april = note(kind, billing_reference=None, period=APRIL, reason=Reason(code="1", text="Rebaja"))

    accepted(connect(dialect), numbered(on_april, simulator))

    stored = simulator.documents[f"{kind.value.replace('_', '-')}s"][0]
    assert stored.draft.customization == customization
    assert stored.draft.billing_period == {
        "start_date": "2026-04-01",
        "start_time": "00:00:00",
        "end_date": "2026-04-30",
        "end_time": "23:59:59",
    }
    assert stored.unknown_fields == ()


@DIALECTS
def test_an_invoice_says_the_period_that_it_covers(
    connect: Any, simulator: FactusSimulator, dialect: str
) -> None:
    accepted(connect(dialect), numbered(invoice(period=APRIL), simulator))

    stored = simulator.documents["bills"][0]
    assert stored.draft.billing_period is not None
    assert stored.draft.billing_period["end_date"] == "2026-04-30"
    assert stored.unknown_fields == ()


def test_several_payments_go_through_v2_each_with_its_amount(
    connect: Any, simulator: FactusSimulator
) -> None:
    due = date(2090, 1, 1)
    parts = (
        PaymentPart(means="10", amount=D("9500.00"), reference="V-1"),
        PaymentPart(form="2", means="47", due_date=due, amount=D("50000.00")),
    )
    whole = Payment(form="2", means="10", due_date=due)

    accepted(connect("v2"), numbered(invoice(payments=parts, payment=whole), simulator))

    stored = simulator.documents["bills"][0]
    assert [
        (row.form, row.method, row.amount, row.reference, row.due_date) for row in stored.draft.payments
    ] == [
        ("1", "10", D("9500.00"), "V-1", None),
        ("2", "47", D("50000.00"), None, "2090-01-01"),
    ]
    assert stored.unknown_fields == ()


@pytest.mark.parametrize(
    "changes, path",
    [
        ({"amount": None}, "payments.0.amount"),
        ({"means": "3"}, "payments.0.means"),
    ],
)
def test_what_v2_has_no_place_for_in_a_payment_is_refused(
    connect: Any, changes: dict[str, Any], path: str
) -> None:
    part = PaymentPart(means="10", amount=D("59500.00")).model_copy(update=changes)

    with pytest.raises((InvalidDocument, Unsupported)) as refusal:
        connect("v2").check_whole(invoice(payments=(part,)))

    assert list(refusal.value.fields) == [path]


def test_prepayments_go_through_v2_and_lower_no_total(connect: Any, simulator: FactusSimulator) -> None:
    paid = (
        Prepayment(amount=D(5000), received_date=date(2026, 5, 1)),
        Prepayment(amount=D("3300.50"), received_date=date(2026, 5, 2), reference="RC-7", text="abono"),
    )

    outcome = accepted(connect("v2"), numbered(invoice(prepayments=paid), simulator))

    stored = simulator.documents["bills"][0]
    assert [
        (row["reference_code"], row["received_date"], row["amount"], row["note"])
        for row in stored.draft.prepayments
    ] == [("1", "2026-05-01", D(5000), None), ("RC-7", "2026-05-02", D("3300.50"), "abono")]
    assert stored.unknown_fields == ()
    assert outcome.payable == D("59500.00")


def test_a_city_abroad_stops_no_sale(connect: Any, simulator: FactusSimulator) -> None:
    abroad = party(identification_type="50", country="US", municipality=None, city="Miami", region="Florida")

    accepted(connect("v2"), numbered(invoice(counterparty=abroad), simulator))

    assert extras.ALL.isdisjoint({"city", "region"})


@DIALECTS
def test_a_pending_document_may_end_rejected(connect: Any, simulator: FactusSimulator, dialect: str) -> None:
    provider, kept = connect(dialect), numbered(invoice(), simulator)
    simulator.pend_next(n_asks=1, then_rule="FAD06", then_text="CUFE mal calculado")

    assert isinstance(emit(provider, kept), Pending)
    assert isinstance(emit(provider, kept), Rejected)
    assert isinstance(provider.consult(refs(kept)), Rejected)
