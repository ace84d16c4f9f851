"""The adapter against a simulator written by others from the same documentation, in both dialects."""

import dataclasses
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from cauce.domain import extras
from cauce.domain.document import (
    AllowanceCharge,
    BillingPeriod,
    BillingReference,
    Document,
    Kind,
    Payment,
    Prepayment,
    Reason,
    Tax,
    Withholding,
)
from cauce.domain.errors import (
    Conflict,
    CredentialsRejected,
    InvalidDocument,
    NotFound,
    NotSent,
    OutcomeUnknown,
)
from cauce.domain.outcome import Accepted, Blocked, Number, Outcome, Pending, Rejected
from cauce.domain.record import Record
from cauce.domain.time import BOGOTA
from cauce.domain.totals import totals
from cauce.providers.base import EmittedQuery, Refs, refs
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


def billed(provider: Factus, simulator: FactusSimulator) -> BillingReference:
    """An accepted invoice to write notes about."""
    outcome = accepted(provider, numbered(invoice(), simulator, document_id="the-invoice"))
    assert outcome.uuid
    assert outcome.issued_at
    return BillingReference(
        number=str(outcome.number), uuid=outcome.uuid, issue_date=outcome.issued_at.date()
    )


def bought(provider: Factus, simulator: FactusSimulator) -> BillingReference:
    """An accepted support document to adjust."""
    outcome = accepted(provider, numbered(purchase(), simulator, document_id="the-purchase"))
    assert outcome.uuid
    assert outcome.issued_at
    return BillingReference(
        number=str(outcome.number), uuid=outcome.uuid, issue_date=outcome.issued_at.date()
    )


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
    (
        "credit",
        ("v1", "v2"),
        invoice(payment=Payment(form="2", means="47", due_date=date(2099, 1, 1))),
    ),
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
    began = datetime.now(BOGOTA).replace(microsecond=0)

    outcome = accepted(provider, kept)

    assert outcome.payable == totals(document).payable
    assert outcome.number is not None
    assert outcome.issued_at is not None
    assert began <= outcome.issued_at <= datetime.now(BOGOTA)
    assert simulator.documents_received == 1
    assert simulator.emails == []

    asked = provider.consult(refs(kept))
    assert isinstance(asked, Accepted)
    assert (asked.uuid, asked.number, asked.payable) == (outcome.uuid, outcome.number, outcome.payable)

    found = refs(kept.model_copy(update={"number": outcome.number}))
    assert provider.xml(found).lstrip().startswith(b"<")
    assert provider.pdf(found).startswith(b"%PDF")


@DIALECTS
@pytest.mark.parametrize("kind", [Kind.CREDIT_NOTE, Kind.DEBIT_NOTE])
def test_notes_correct_the_invoice_they_name(
    connect: Any, simulator: FactusSimulator, dialect: str, kind: Kind
) -> None:
    provider = connect(dialect)
    if kind not in provider.capabilities.kinds:
        assert dialect == "v1"
        return
    kept = numbered(note(kind, billing_reference=billed(provider, simulator)), simulator)

    outcome = accepted(provider, kept)

    assert outcome.payable == D("59500.00")
    assert isinstance(provider.consult(refs(kept)), Accepted)


@DIALECTS
def test_adjustment_notes_correct_the_support_document_they_name(
    connect: Any, simulator: FactusSimulator, dialect: str
) -> None:
    provider = connect(dialect)
    for reference, lines in (("n1", (line(taxes=()),)), ("n2", (line(),))):
        document = note(
            Kind.ADJUSTMENT_NOTE,
            lines=lines,
            billing_reference=bought(provider, simulator),
            reference=reference,
        )
        outcome = accepted(provider, numbered(document, simulator))
        assert outcome.payable == totals(document).payable


def test_a_credit_note_of_a_bill_that_is_not_there_is_refused_before_sending(
    connect: Any, simulator: FactusSimulator
) -> None:
    with pytest.raises(InvalidDocument):
        emit(connect(), numbered(note(), simulator))

    assert simulator.documents_received == 0


@DIALECTS
def test_a_lost_answer_is_settled_by_asking(connect: Any, simulator: FactusSimulator, dialect: str) -> None:
    provider, kept = connect(dialect), numbered(invoice(), simulator)
    simulator.lose_next_answer(stored=True)

    with pytest.raises(OutcomeUnknown):
        emit(provider, kept)

    assert isinstance(provider.consult(refs(kept)), Accepted)
    assert isinstance(emit(provider, kept), Accepted)  # the same reference makes no second document
    assert simulator.documents_received == 1


@DIALECTS
def test_a_request_lost_before_it_was_stored_is_found_absent(
    connect: Any, simulator: FactusSimulator, dialect: str
) -> None:
    provider, kept = connect(dialect), numbered(invoice(), simulator)
    simulator.lose_next_answer(stored=False)

    with pytest.raises(OutcomeUnknown):
        emit(provider, kept)
    with pytest.raises(NotFound):
        provider.consult(refs(kept))

    assert isinstance(emit(provider, kept), Accepted)
    assert simulator.documents_received == 1


@DIALECTS
def test_notices_do_not_make_a_document_less_valid(
    connect: Any, simulator: FactusSimulator, dialect: str
) -> None:
    simulator.accept_with_notices({"FAJ43b": "Nombre informado No corresponde al registrado en el RUT"})

    outcome = accepted(connect(dialect), numbered(invoice(), simulator))

    assert [message.rule for message in outcome.notices] == ["FAJ43b"]


@DIALECTS
def test_a_rejected_document_blocks_until_it_is_discarded_and_corrected(
    connect: Any, simulator: FactusSimulator, dialect: str
) -> None:
    provider, kept = connect(dialect), numbered(invoice(), simulator)
    other = numbered(invoice(), simulator, document_id="another")
    simulator.reject_next("FAK24", "No está informado el DV del NIT")

    outcome = emit(provider, kept)

    assert isinstance(outcome, Rejected)
    assert outcome.stored
    assert [message.rule for message in outcome.rejections] == ["FAK24"]
    assert isinstance(provider.consult(refs(kept)), Rejected)
    assert isinstance(emit(provider, other), Blocked)

    provider.discard(refs(kept))

    with pytest.raises(NotFound):
        provider.consult(refs(kept))
    assert isinstance(emit(provider, kept), Accepted)
    assert isinstance(emit(provider, other), Accepted)


@DIALECTS
def test_a_rule_in_a_422_is_a_rejection_that_was_stored(
    connect: Any, simulator: FactusSimulator, dialect: str
) -> None:
    provider, kept = connect(dialect), numbered(invoice(), simulator)
    simulator.answer_next(422, rules={"FAK24": "No está informado el DV del NIT"})

    outcome = emit(provider, kept)

    assert isinstance(outcome, Rejected)
    assert outcome.stored
    assert isinstance(provider.consult(refs(kept)), Rejected)
    provider.discard(refs(kept))
    assert isinstance(emit(provider, kept), Accepted)


@DIALECTS
def test_a_field_in_a_422_is_a_rejection_that_left_nothing(
    connect: Any, simulator: FactusSimulator, dialect: str
) -> None:
    provider, kept = connect(dialect), numbered(invoice(), simulator)
    simulator.answer_next(422, errors={"items.0.price": ["El campo precio no es válido."]})

    outcome = emit(provider, kept)

    assert isinstance(outcome, Rejected)
    assert not outcome.stored
    assert [message.field for message in outcome.rejections] == ["lines.0.price"]
    assert simulator.documents_received == 0
    assert isinstance(emit(provider, kept), Accepted)


def test_a_seller_without_email_is_refused_before_factus_does(
    connect: Any, simulator: FactusSimulator
) -> None:
    provider, kept = connect(), numbered(purchase(counterparty=seller(email=None)), simulator)

    with pytest.raises(InvalidDocument) as refusal:
        provider.check(kept.document)
    outcome = provider.send(provider.prepare(kept))

    assert list(refusal.value.fields) == ["counterparty.email"]
    assert isinstance(outcome, Rejected)
    assert [message.field for message in outcome.rejections] == ["counterparty.email"]


OCTOBER = BillingPeriod(start=date(2026, 4, 1), end=date(2026, 4, 30))


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
    on_october = note(kind, billing_reference=None, period=OCTOBER, reason=Reason(code="1", text="Rebaja"))

    accepted(connect(dialect), numbered(on_october, simulator))

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
    accepted(connect(dialect), numbered(invoice(period=OCTOBER), simulator))

    stored = simulator.documents["bills"][0]
    assert stored.draft.billing_period is not None
    assert stored.draft.billing_period["end_date"] == "2026-04-30"
    assert stored.unknown_fields == ()


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
def test_a_pending_document_is_settled_by_the_same_bytes(
    connect: Any, simulator: FactusSimulator, dialect: str
) -> None:
    provider, kept = connect(dialect), numbered(invoice(), simulator)
    simulator.pend_next(n_asks=1)

    assert isinstance(emit(provider, kept), Pending)
    assert isinstance(provider.consult(refs(kept)), Pending)
    assert isinstance(emit(provider, numbered(invoice(), simulator, document_id="next")), Blocked)

    assert isinstance(emit(provider, kept), Accepted)
    assert simulator.documents_received == 1


@DIALECTS
def test_a_pending_document_may_end_rejected(connect: Any, simulator: FactusSimulator, dialect: str) -> None:
    provider, kept = connect(dialect), numbered(invoice(), simulator)
    simulator.pend_next(n_asks=1, then_rule="FAD06", then_text="CUFE mal calculado")

    assert isinstance(emit(provider, kept), Pending)
    assert isinstance(emit(provider, kept), Rejected)
    assert isinstance(provider.consult(refs(kept)), Rejected)


@DIALECTS
def test_a_validated_document_cannot_be_discarded(
    connect: Any, simulator: FactusSimulator, dialect: str
) -> None:
    provider, kept = connect(dialect), numbered(invoice(), simulator)
    accepted(provider, kept)

    with pytest.raises(Conflict):
        provider.discard(refs(kept))

    assert isinstance(provider.consult(refs(kept)), Accepted)


def test_discarding_what_is_gone_is_fine(connect: Any, simulator: FactusSimulator) -> None:
    connect().discard(refs(numbered(invoice(), simulator)))


@DIALECTS
def test_other_content_under_our_reference_is_a_conflict(
    connect: Any, simulator: FactusSimulator, dialect: str
) -> None:
    provider = connect(dialect)
    accepted(provider, numbered(invoice(), simulator))
    changed = numbered(invoice(lines=(line(price=D(70000)),)), simulator)

    with pytest.raises(Conflict):
        emit(provider, changed)
    with pytest.raises(Conflict):
        provider.consult(refs(changed))
    stranger = numbered(invoice(counterparty=party(identification="987")), simulator)
    with pytest.raises(Conflict):
        provider.consult(refs(stranger))


@DIALECTS
@pytest.mark.parametrize("order", [500, 503, "html", "truncated"])
@pytest.mark.parametrize("stored", [False, True])
def test_an_answer_that_says_nothing_is_settled_by_asking(
    connect: Any, simulator: FactusSimulator, dialect: str, order: Any, stored: bool
) -> None:
    provider, kept = connect(dialect), numbered(invoice(), simulator)
    simulator.answer_next(order, stored=stored)

    with pytest.raises(OutcomeUnknown) as doubt:
        emit(provider, kept)

    assert doubt.value.raw
    if stored or order == "truncated":
        assert isinstance(provider.consult(refs(kept)), Accepted)
    else:
        with pytest.raises(NotFound):
            provider.consult(refs(kept))


@DIALECTS
@pytest.mark.parametrize("status", [402, 403])
def test_a_spent_plan_and_a_closed_account_are_the_operators_matter(
    connect: Any, simulator: FactusSimulator, dialect: str, status: Any
) -> None:
    simulator.answer_next(status)

    with pytest.raises(CredentialsRejected):
        emit(connect(dialect), numbered(invoice(), simulator))

    assert simulator.documents_received == 0


def test_a_limit_says_when_to_come_back(connect: Any, simulator: FactusSimulator) -> None:
    provider, kept = connect(), numbered(invoice(), simulator)
    simulator.answer_next(429, retry_after=23)
    with pytest.raises(NotSent) as ordered:
        emit(provider, kept)
    assert ordered.value.retry_after == 23

    simulator.throttle(1)
    emit(provider, kept)
    with pytest.raises(NotSent) as counted:
        provider.consult(refs(kept))
    assert counted.value.retry_after is not None
    assert 0 <= counted.value.retry_after <= 60


@DIALECTS
@pytest.mark.parametrize("refresh", [False, True])
def test_a_revoked_token_costs_one_repeated_call(
    connect: Any, simulator: FactusSimulator, dialect: str, refresh: bool
) -> None:
    provider = connect(dialect)
    accepted(provider, numbered(invoice(), simulator))
    simulator.revoke_tokens(refresh=refresh)

    accepted(provider, numbered(invoice(), simulator, document_id="second"))

    assert simulator.tokens.logins == (2 if refresh else 1)
    assert simulator.tokens.refreshes == (0 if refresh else 1)


def test_wrong_credentials_are_the_operators_matter(simulator: FactusSimulator) -> None:
    wrong = {**dataclasses.asdict(simulator.credentials), "password": "wrong"}
    provider = connected(base_url=simulator.base_url, secrets=wrong)

    with pytest.raises(CredentialsRejected):
        emit(provider, numbered(invoice(), simulator))


@DIALECTS
def test_ranges_and_the_number_that_comes_next(
    connect: Any, simulator: FactusSimulator, dialect: str
) -> None:
    provider = connect(dialect)
    before = {r.provider_id: r for r in provider.ranges()}
    outcome = accepted(provider, numbered(invoice(), simulator))
    after = {r.provider_id: r for r in provider.ranges()}

    assert {r.provider_id for r in before.values()} == {str(row.id) for row in simulator.ranges.values()}
    used = next(key for key in before if before[key].next != after[key].next)
    assert before[used].kind is Kind.INVOICE
    assert outcome.number == Number(prefix=before[used].prefix, consecutive=before[used].next or 0)
    assert {r.kind for r in before.values()} >= set(Kind) - {Kind.EVENT}


@DIALECTS
def test_the_listing_is_walked_by_offsets(connect: Any, simulator: FactusSimulator, dialect: str) -> None:
    provider = connect(dialect)
    for n in range(13):
        accepted(provider, numbered(invoice(), simulator, document_id=f"doc-{n:02}"))

    seen: list[str | None] = []
    offset: int | None = 0
    while offset is not None:
        found = provider.list_emitted(EmittedQuery(kind=None, filters={}, offset=offset, limit=6))
        seen += [row.reference for row in found.rows]
        offset = found.next_offset
    assert sorted(filter(None, seen)) == [f"doc-{n:02}" for n in range(13)]

    one = provider.list_emitted(
        EmittedQuery(Kind.INVOICE, {"referencia": "doc-07", "estado": "aceptado"}, 0, 10)
    )
    assert [(row.reference, row.estado, row.counterparty, row.total) for row in one.rows] == [
        ("doc-07", "aceptado", "123456789", D("59500.00"))
    ]


@DIALECTS
def test_a_number_is_listed_alone_though_factus_finds_those_that_hold_it(
    connect: Any, simulator: FactusSimulator, dialect: str
) -> None:
    provider = connect(dialect)
    made = [accepted(provider, numbered(invoice(), simulator, document_id=f"doc-{n}")) for n in range(3)]
    number = made[1].number
    assert number is not None
    asked = {"prefijo": number.prefix, "numero_documento": str(number.consecutive)}

    found = provider.list_emitted(EmittedQuery(None, asked, 0, 10))
    part = provider.list_emitted(EmittedQuery(None, {**asked, "numero_documento": "99"}, 0, 10))

    assert [row.number for row in found.rows] == [str(number)]
    assert part.rows == ()


def test_references_that_resemble_each_other_are_told_apart_over_many_pages(
    connect: Any, simulator: FactusSimulator
) -> None:
    provider = connect()
    for n in range(12):
        accepted(provider, numbered(invoice(), simulator, document_id=f"REF-1{n}"))
    ours: Refs = refs(numbered(invoice(), simulator, document_id="REF-1"))

    with pytest.raises(NotFound):
        provider.consult(ours)
    assert isinstance(provider.consult(dataclasses.replace(ours, reference="REF-10")), Accepted)


def test_a_slow_dian_is_waited_for_and_a_slower_one_is_unknown(simulator: FactusSimulator) -> None:
    provider = connected(
        base_url=simulator.base_url, secrets=dataclasses.asdict(simulator.credentials), read_seconds="0.3"
    )
    kept = numbered(invoice(), simulator)
    simulator.stall(1.0)

    with pytest.raises(OutcomeUnknown):
        emit(provider, kept)
