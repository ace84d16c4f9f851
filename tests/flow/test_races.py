"""Two at once: what another writes between our reading and our writing is never written over, and nothing is taken
twice."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cauce.aws import keys
from cauce.aws.breaker import Breaker
from cauce.contracts.v1 import contract
from cauce.domain.document import Kind
from cauce.domain.errors import NumberTaken, QuotaExceeded, Stale
from cauce.domain.issuer import Period, Quota
from cauce.domain.lot import Lot, LotState
from cauce.domain.outage import Failure
from cauce.domain.outcome import Number
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record, State, Step
from cauce.exchange import attempt, consultation
from cauce.intake import documents
from cauce.providers import registry
from cauce.providers.base import NumberedBy
from tests.documents import invoice
from tests.flow.test_consultation import ACCEPTED, CAPABILITIES, Scripted
from tests.quick_boto3 import own
from tests.stack import table
from tests.unit.contracts.examples import CUFE, a_record

NIT = "901724254"
RANGE = NumberingRange(provider="otro", kind=Kind.INVOICE, prefix="FE", start=1, end=99, next=1)


@pytest.fixture
def received(gateway: Any, issuer: Any) -> Callable[[str], Record]:
    """A record to be accepted, in a range that we count."""
    gateway.ranges.save(NIT, RANGE)

    def made(name: str, **facts: Any) -> Record:
        now = gateway.now()
        document = contract.document(Kind.INVOICE, invoice(referencia=name))
        whole = {
            "issuer": NIT, "provider": "otro", "document_id": f"id-{name}", "state": State.RECEIVED, "range": RANGE,
            "number": None, "uuid": None, "created_at": now, "received_at": now, "due_at": now,
            "steps": (Step(at=now, what="received"),),
        }  # fmt: skip
        return a_record(document, **{**whole, **facts})

    return made


@pytest.fixture
def accept(gateway: Any, received: Any) -> Callable[..., Record]:
    return lambda name, **facts: gateway.new_records.take_in(
        received(name, **facts), numbered=True, quota=None
    )


def said(record: Record, who: str) -> Record:
    """The record, changed by somebody."""
    return record.model_copy(update={"last_error": who})


def the_next(gateway: Any) -> int | None:
    return gateway.ranges.read(NIT, RANGE.key).next


# ── Records and numbers that come into being ──────────────────────────────────────────────────────


def test_of_two_requests_under_one_reference_one_makes_the_record_and_the_other_is_told_it(
    gateway, issuer, meanwhile
):
    document = contract.document(Kind.INVOICE, invoice(referencia="V-1"))
    whole = contract.content_hash(document)
    others = meanwhile("TransactWriteItems", lambda: documents.take_in(gateway, issuer, document, whole))

    record, was_there = documents.take_in(gateway, issuer, document, whole)

    ((other, other_was_there),) = others
    assert (record.document_id, was_there, other_was_there) == (other.document_id, True, False)


def test_a_range_never_steps_back_behind_what_another_took(gateway, accept, meanwhile):
    """The other takes two numbers, and the first of them is what was read as the next."""
    after_each: list[int | None] = []
    for operation in ("TransactWriteItems", "UpdateItem"):
        own("dynamodb").meta.events.register(
            f"after-call.dynamodb.{operation}", lambda **_: after_each.append(the_next(gateway))
        )
    meanwhile("TransactWriteItems", lambda: [accept("V-1"), accept("V-2")])

    record = accept("V-3")

    assert str(record.number) == "FE3"
    assert after_each == sorted(after_each) and set(after_each) == {2, 3, 4}


def test_a_range_that_was_read_before_a_number_was_taken_from_it_is_written_with_what_is_next_now(
    gateway, accept
):
    accept("V-1")

    gateway.ranges.save(NIT, RANGE.model_copy(update={"active": False}))

    assert (the_next(gateway), gateway.ranges.read(NIT, RANGE.key).active) == (2, False)


def test_a_number_that_another_record_bears_is_passed_over_and_the_range_goes_on(gateway, received, accept):
    """The range was read before the number was taken under another key, or a late index did not tell of it."""
    bearer = gateway.new_records.take_in(received("V-1"), numbered=False, quota=None)
    gateway.records.save_numbered(
        bearer.model_copy(update={"number": Number(prefix="FE", consecutive=RANGE.next)})
    )

    taken = accept("V-2")

    assert (taken.number.consecutive, the_next(gateway)) == (RANGE.next + 1, RANGE.next + 2)


def test_a_transaction_that_met_another_spends_no_number(gateway, accept, meanwhile):
    """AWS cancels one of two that write the same items, and says so of the items: no condition was broken."""
    client = own("dynamodb")
    cancelled = [{"Code": "None"}, {"Code": "None"}, {"Code": "TransactionConflict"}, {"Code": "None"}]

    def conflict(**_: object) -> Any:
        return answers.pop() if answers else None

    answers = [
        (
            type("Http", (), {"status_code": 400})(),
            {
                "Error": {"Code": "TransactionCanceledException", "Message": "Transaction cancelled"},
                "CancellationReasons": [*cancelled, {"Code": "None"}, {"Code": "None"}],
            },
        )
    ]
    client.meta.events.register("before-call.dynamodb.TransactWriteItems", conflict)

    record = accept("V-1")

    assert (answers, str(record.number), the_next(gateway)) == ([], "FE1", 2)


@pytest.mark.parametrize("period", Period)
def test_a_quota_that_is_set_later_counts_what_each_range_numbered_before_and_lets_no_more_through(
    gateway, received, period
):
    """Without a quota a record is counted in its range; one that its provider numbers has no range to be counted in."""
    other = RANGE.model_copy(update={"prefix": "FX"})
    gateway.ranges.save(NIT, other)
    quota = Quota(limit=5, period=period)

    def taken(name: str, *, numbered: bool = True, quota: Quota | None = quota, **facts: Any) -> int:
        gateway.new_records.take_in(received(name, **facts), numbered=numbered, quota=quota)
        return int(gateway.new_records.used(NIT, period, gateway.now()))

    before = [taken("V-1", quota=None), taken("V-2", quota=None, range=other)]
    before.append(taken("V-3", quota=None, numbered=False))
    gateway.ranges.save(NIT, RANGE)  # a sync leaves its counts
    now = [taken("V-4"), taken("V-5", range=other)]
    with pytest.raises(QuotaExceeded) as exceeded:
        taken("V-6")

    assert (before, now) == ([1, 2, 3], [4, 5])
    assert (exceeded.value.used, exceeded.value.limit) == (5, 5)
    assert taken("V-7", quota=None, range=other) == 6  # and none is lost where it is lifted for a while
    with pytest.raises(QuotaExceeded):
        taken("V-8")


def test_of_two_that_come_at_once_with_room_for_one_in_a_quota_one_is_taken_in(
    gateway, received, accept, meanwhile
):
    accept("V-1")
    quota = Quota(limit=2)

    def take(name: str) -> Record:
        return gateway.new_records.take_in(received(name), numbered=True, quota=quota)

    meanwhile("TransactWriteItems", lambda: take("V-2"))

    with pytest.raises(QuotaExceeded):
        take("V-3")
    assert the_next(gateway) == 3


# ── Records that change ───────────────────────────────────────────────────────────────────────────


def test_who_read_a_record_before_another_wrote_it_writes_nothing(gateway, accept, meanwhile):
    read = accept("V-1")
    meanwhile("PutItem", lambda: gateway.records.save(said(read, "the other")))

    with pytest.raises(Stale):
        gateway.records.save(said(read, "we"))

    assert gateway.records.read(NIT, read.document_id).last_error == "the other"


def test_who_read_a_record_before_another_wrote_it_claims_no_number_with_it(gateway, received, meanwhile):
    read = gateway.new_records.take_in(received("V-1"), numbered=False, quota=None)
    meanwhile("TransactWriteItems", lambda: gateway.records.save(said(read, "the other")))

    with pytest.raises(Stale):
        gateway.records.save_numbered(read.model_copy(update={"number": Number(prefix="FE", consecutive=7)}))

    assert gateway.records.read(NIT, read.document_id).number is None
    assert list(gateway.numbers.holders(NIT, Kind.INVOICE, [Number(prefix="FE", consecutive=7)])) == []


def test_who_read_a_record_before_another_wrote_it_claims_no_cufe_with_it(gateway, accept, meanwhile):
    read = accept("V-1", uuid=CUFE)
    meanwhile("TransactWriteItems", lambda: gateway.records.save(said(read, "the other")))

    with pytest.raises(Stale):
        gateway.records.save_issued(read)

    assert gateway.records.by_uuid(NIT, CUFE) is None


@pytest.mark.parametrize("save", ["save_issued", "save_numbered"])
def test_a_record_that_is_written_again_with_its_cufe_still_has_it(gateway, accept, save):
    once = gateway.records.save_issued(accept("V-1", uuid=CUFE, state=State.ACCEPTED))

    again = getattr(gateway.records, save)(once)

    assert gateway.records.by_uuid(NIT, CUFE.upper()) == again


@pytest.mark.parametrize("save", ["save_issued", "save_numbered"])
def test_a_cufe_that_another_record_has_stays_its_own_and_what_was_accepted_is_written_all_the_same(
    gateway, accept, save, caplog
):
    first = gateway.records.save_issued(accept("V-1", uuid=CUFE, state=State.ACCEPTED))

    second = getattr(gateway.records, save)(accept("V-2", uuid=CUFE, state=State.ACCEPTED))

    assert gateway.records.read(NIT, second.document_id) == second
    assert gateway.records.by_uuid(NIT, CUFE) == first
    assert [
        (each.levelname, each.document_id)
        for each in caplog.records
        if each.message == "CUFE of another record"
    ] == [("ERROR", second.document_id)]


def test_of_two_that_are_accepted_with_one_cufe_at_once_both_are_and_one_is_found_by_it(
    gateway, accept, meanwhile
):
    first, second = (accept(name, uuid=CUFE, state=State.ACCEPTED) for name in ("V-1", "V-2"))
    meanwhile("TransactWriteItems", lambda: gateway.records.save_issued(second))

    gateway.records.save_issued(first)

    assert gateway.records.by_uuid(NIT, CUFE).document_id == second.document_id
    versions = [gateway.records.read(NIT, each.document_id).version for each in (first, second)]
    assert versions == [first.version + 1, second.version + 1]


def test_a_number_that_is_another_s_claims_no_cufe(gateway, accept, received):
    held = accept("V-1")
    read = gateway.new_records.take_in(
        received("V-2", uuid=CUFE, state=State.ACCEPTED), numbered=False, quota=None
    )

    with pytest.raises(NumberTaken):
        gateway.records.save_numbered(read.model_copy(update={"number": held.number}))

    assert gateway.records.by_uuid(NIT, CUFE) is None
    assert gateway.records.read(NIT, read.document_id) == read


def test_a_number_that_comes_with_no_verdict_claims_no_cufe(gateway, received):
    read = gateway.new_records.take_in(received("V-1", uuid=CUFE), numbered=False, quota=None)

    gateway.records.save_numbered(read.model_copy(update={"number": Number(prefix="FE", consecutive=7)}))

    assert gateway.records.by_uuid(NIT, CUFE) is None


@pytest.mark.parametrize("uuid", [None, "", "x", "é" * 96, "0" * 3000])
def test_what_is_no_cufe_is_kept_under_no_key_and_its_record_is_written(gateway, accept, uuid):
    saved = gateway.records.save_issued(accept("V-1", uuid=uuid, state=State.ACCEPTED))

    assert gateway.records.read(NIT, saved.document_id) == saved
    assert gateway.records.by_uuid(NIT, uuid or "") is None


def test_a_document_is_accepted_in_one_write_with_its_cufe(gateway, accept):
    sent = gateway.records.save(accept("V-1").model_copy(update={"state": State.PENDING}))
    provider = Scripted(can=replace(CAPABILITIES, verbs=frozenset(), numbered_by=NumberedBy.GATEWAY))
    asked: list[str] = []
    own("dynamodb").meta.events.register("before-call.dynamodb", lambda model, **_: asked.append(model.name))

    attempt.settle(gateway, provider, sent, ACCEPTED)

    assert asked == ["TransactWriteItems"]
    assert gateway.records.by_uuid(NIT, ACCEPTED.uuid).document_id == sent.document_id


def test_of_two_that_would_send_a_record_one_does(gateway, received, meanwhile):
    read = gateway.new_records.take_in(received("V-1"), numbered=False, quota=None)
    meanwhile("PutItem", lambda: attempt.mark_sending(gateway, read))

    with pytest.raises(Stale):
        attempt.mark_sending(gateway, read)


def test_who_read_a_lot_before_another_went_on_with_it_does_not_take_it_back(gateway, meanwhile):
    now = gateway.now()
    lot = gateway.lots.create(
        Lot(
            issuer=NIT,
            lot_id="l",
            state=LotState.READING,
            size=99,
            sha256="0" * 64,
            created_at=now,
            due_at=now,
        )
    )
    meanwhile("UpdateItem", lambda: gateway.lots.change(lot, position=8, offset=80))

    with pytest.raises(Stale):
        gateway.lots.change(lot, position=4, offset=40)

    assert gateway.lots.lot(NIT, "l").position == 8


def test_who_read_an_outage_before_another_wrote_that_it_is_over_does_not_begin_it_again(gateway, meanwhile):
    rules = registry.provider_class("dian").declare({}).contingency

    def fail() -> None:
        gateway.outages.failed("dian", NIT, failure=Failure.ERROR, rules=rules, now=gateway.now())

    fail()
    meanwhile("PutItem", lambda: gateway.outages.answered("dian", NIT, now=gateway.now()))

    fail()

    assert gateway.outages.read("dian", NIT)[NIT].is_over


@pytest.mark.parametrize("waited", [1, 20], ids=["at once", "after a while"])
def test_an_answer_ends_the_outage_that_others_met_while_it_was_waited_for(gateway, clock, waited):
    """Else an invoice would become one of type 04 though DIAN had just answered another."""
    rules = registry.provider_class("dian").declare({}).contingency

    def fail() -> None:
        gateway.outages.failed("dian", NIT, failure=Failure.ERROR, rules=rules, now=clock())

    if waited == 1:
        fail()
    watched = Breaker(table(), NIT, "dian", "dian.example", None, clock.seconds, gateway.outages)
    watched.admit()
    for _ in range(4):
        fail()
        clock.advance(seconds=waited / 4)

    gateway.outages.answered("dian", NIT, "dian.example", now=clock())

    assert gateway.outages.read("dian", NIT)[NIT].is_over


def test_a_record_that_is_corrected_while_it_is_read_is_read_until_both_its_items_agree(gateway, accept):
    record = accept("V-1")
    reads = 5

    def half(parsed, **_: object) -> None:
        nonlocal reads
        if reads and parsed["Responses"].get("cauce"):
            reads -= 1
            parsed["Responses"]["cauce"] = [
                each for each in parsed["Responses"]["cauce"] if each["sk"]["S"] == keys.RECORD
            ]

    own("dynamodb").meta.events.register("after-call.dynamodb.BatchGetItem", half)

    assert gateway.records.read(NIT, record.document_id).content == record.content
    assert reads == 0


# ── What an answer may not change ─────────────────────────────────────────────────────────────────


def test_a_number_that_we_gave_is_ours_whatever_an_answer_calls_it(gateway, accept):
    """A provider for which we number may answer with its own count, or with another document's number."""
    provider = Scripted(
        said=[replace(ACCEPTED, number=Number(prefix="XX", consecutive=999))],
        can=replace(CAPABILITIES, numbered_by=NumberedBy.GATEWAY),
    )
    here = replace(gateway, provider=lambda _issuer, _name: provider)

    after = consultation.ask(here, accept("V-1", state=State.UNKNOWN))

    assert (after.state, str(after.number)) == (State.ACCEPTED, "FE1")
