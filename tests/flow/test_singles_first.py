"""Singles first: what is posted by itself goes before the next line of a lot that waits in the same lane."""

from datetime import timedelta
from typing import Any

import pytest

from cauce.domain.document import Kind
from cauce.domain.lot import LotLine
from cauce.domain.record import Record, State
from cauce.emission import sending, singles
from cauce.providers.factus.provider import Factus
from tests.documents import invoice
from tests.flow.conftest import context, taken_in
from tests.flow.handlers import named
from tests.flow.lanes import VISIBILITY, LaneQueue
from tests.settling import look_at_what_is_due

NIT = "901724254"


@pytest.fixture
def queue(gateway, clock) -> LaneQueue:
    return LaneQueue(gateway, clock)


@pytest.fixture
def take(gateway, issuer, queue) -> Any:
    """Take in a document and queue it: ``take("V-1")`` by itself, ``take("L-1", of_lot=True)`` of a lot."""

    def taken(reference: str, kind: Kind = Kind.INVOICE, *, of_lot: bool = False) -> Record:
        line = LotLine(lot="lote", place=reference) if of_lot else None
        return sending.enqueue(gateway, taken_in(gateway, issuer, reference, kind, line))

    return taken


@pytest.fixture
def places(gateway) -> Any:
    """What the table has of a record's lane: the single documents that wait, and who holds it."""

    def seen(record: Record) -> tuple[list[str], str | None]:
        lane = gateway.provider(gateway.issuers.read(NIT), "factus").capabilities.lane
        found = gateway.places.stored(record, lane)
        return [place.document_id for place in found.waiting], found.holder

    return seen


def sent(factus) -> list[str]:
    """The references in the order in which they were sent, each time that they were."""
    return [
        seen.body["reference_code"]
        for seen in factus.requests
        if seen.path.endswith("/validate") and seen.method == "POST"
    ]


def deliver_all(queue: LaneQueue) -> None:
    while queue.deliver():
        pass


def test_single_documents_go_before_the_next_line_of_a_lot_the_oldest_first(take, queue, factus, places):
    lines = [take(f"L-{n}", of_lot=True) for n in range(3)]
    queue.deliver()
    take("S-1")
    take("S-2")

    deliver_all(queue)

    assert sent(factus) == ["L-0", "S-1", "S-2", "L-1", "L-2"]
    assert places(lines[0]) == ([], None)


def test_one_whose_post_died_before_it_had_its_place_goes_before_those_that_came_later(
    gateway, accept, take, queue, factus, clock
):
    for n in range(2):
        take(f"L-{n}", of_lot=True)
    accept("S-1")
    clock.advance(minutes=3)
    look_at_what_is_due(gateway)
    take("S-2")

    deliver_all(queue)

    assert sent(factus) == ["S-1", "S-2", "L-0", "L-1"]


def test_its_own_message_finds_a_document_that_went_before_it_done(take, queue, factus, now_at):
    take("L-1", of_lot=True)
    single = take("S-1")
    queue.deliver()
    before, heard = now_at(single), len(factus.requests)

    queue.deliver()

    assert (before.state, now_at(single)) == (State.ACCEPTED, before)
    assert (len(factus.requests), queue.waiting) == (heard, 0)


def test_a_lot_s_line_that_was_corrected_by_a_post_of_its_own_goes_before_the_other_lines(
    call, take, queue, factus, places
):
    factus.reject_next("FAK24", "No está informado el DV del NIT")
    line = take("L-0", of_lot=True)
    queue.deliver()
    for n in (1, 2):
        take(f"L-{n}", of_lot=True)

    call("POST", "/documentos", invoice(referencia="L-0", observaciones="corregida"))
    deliver_all(queue)

    assert sent(factus) == ["L-0", "L-0", "L-1", "L-2"]
    assert places(line) == ([], None)


def test_those_of_another_lane_wait_for_their_own(take, queue, factus):
    take("L-1", of_lot=True)
    take("DS-1", Kind.SUPPORT_DOCUMENT)

    queue.deliver()

    assert sent(factus) == ["L-1"]


def test_a_line_goes_after_so_many_singles_that_no_lot_waits_for_ever(take, queue, factus):
    take("L-1", of_lot=True)
    many = [take(f"S-{n}") for n in range(singles.MOST + 1)]

    queue.deliver()

    assert sent(factus) == [*(each.reference for each in many[:-1]), "L-1"]


def test_none_is_begun_that_would_not_fit_the_time_of_its_worker(take, queue, factus, gateway, places):
    line, single = take("L-1", of_lot=True), take("S-1")
    event = delivery(queue)

    answer = named("emit").handler(event, context(60))

    assert len(answer["batchItemFailures"]) == 1
    assert sent(factus) == []
    assert places(line) == ([single.document_id], None)
    assert queue.next_at() <= gateway.now(), "its message comes back at once"
    deliver_all(queue)
    assert sent(factus) == ["S-1", "L-1"]


def delivery(queue: LaneQueue) -> dict[str, Any]:
    """The event of the first message, which this test hands to the worker itself."""
    message = next(iter(queue.lanes.values()))[0]
    record = {
        "messageId": message.handle, "receiptHandle": message.handle, "body": message.body,
        "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {}, "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:cauce.fifo", "awsRegion": "us-east-1",
    }  # fmt: skip
    return {"Records": [record]}


@pytest.mark.parametrize("status", [500, 429])
def test_no_line_goes_past_a_single_in_doubt_or_turned_away(
    take, queue, factus, now_at, places, gateway, clock, status
):
    factus.answer_next(status=status, stored=status == 500)
    line, single = take("L-1", of_lot=True), take("S-1")

    deliver_all(queue)

    assert now_at(single).state is (State.UNKNOWN if status == 500 else State.RECEIVED)
    assert sent(factus) == ["S-1"]
    assert places(line) == ([single.document_id], single.document_id)
    held = now_at(line)
    assert (held.state, held.held_by, held.attempt) == (State.RECEIVED, single.document_id, 0)
    assert "S-1" in held.last_error

    queue.run(clock() + timedelta(minutes=5), lambda: None)

    assert (now_at(single).state, now_at(line).state) == (State.ACCEPTED, State.ACCEPTED)
    assert sent(factus)[-1] == "L-1"
    assert factus.documents_received == 2
    assert places(line) == ([], None)
    assert queue.waiting == 0


def test_a_single_that_only_a_person_can_settle_holds_no_line(take, queue, factus, now_at, monkeypatch):
    line, single = take("L-1", of_lot=True), take("S-1")
    send = Factus.send

    def another_s(provider, request):
        send(provider, request)
        monkeypatch.setattr(Factus, "send", send)
        raise sending.Conflict("Factus tiene otro documento con esta referencia.")

    monkeypatch.setattr(Factus, "send", another_s)

    queue.deliver()

    assert (now_at(single).state, now_at(single).needs_person) == (State.UNKNOWN, True)
    assert now_at(line).state is State.ACCEPTED


def test_whose_worker_died_before_sending_it_is_left_to_its_own_message(
    take, queue, factus, now_at, clock, monkeypatch, places
):
    """One at which containers end takes no line with it, and those behind it stay behind it."""
    line = take("L-1", of_lot=True)
    first, second = take("S-1"), take("S-2")
    with monkeypatch.context() as dying:
        dying.setattr(sending, "prepared", _dies)
        with pytest.raises(KeyboardInterrupt):
            queue.deliver()
    clock.advance(seconds=VISIBILITY.total_seconds())

    deliver_all(queue)

    assert sent(factus) == ["L-1", "S-1", "S-2"]
    assert {now_at(each).state for each in (line, first, second)} == {State.ACCEPTED}
    assert places(line) == ([], None)


@pytest.mark.parametrize("where", ["before it leaves", "after it arrived"])
def test_whose_worker_died_sending_it_is_asked_about_before_the_line_goes(
    take, queue, factus, now_at, clock, monkeypatch, where
):
    line, single = take("L-1", of_lot=True), take("S-1")
    send = Factus.send

    def dies(provider, request):
        if where == "after it arrived":
            send(provider, request)
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(Factus, "send", dies)
        with pytest.raises(KeyboardInterrupt):
            queue.deliver()
    assert now_at(single).state is State.SENDING
    heard = len(factus.requests)
    clock.advance(seconds=VISIBILITY.total_seconds())
    queue.deliver()
    said = [seen.method for seen in factus.requests[heard:] if "oauth" not in seen.path]
    assert said[0] == "GET"

    queue.run(clock() + timedelta(minutes=10), lambda: None)

    assert (now_at(single).state, now_at(line).state) == (State.ACCEPTED, State.ACCEPTED)
    assert sent(factus)[-1] == "L-1"
    assert factus.documents_received == 2


def test_whose_worker_died_after_it_was_done_leaves_a_place_that_is_seen_to_be_over(
    take, queue, factus, gateway, clock, monkeypatch, places
):
    line = take("L-1", of_lot=True)
    take("S-1")
    with monkeypatch.context() as dying:
        dying.setattr(gateway.places, "left", _dies)
        with pytest.raises(KeyboardInterrupt):
            queue.deliver()
    clock.advance(seconds=VISIBILITY.total_seconds())

    deliver_all(queue)

    assert sent(factus) == ["S-1", "L-1"]
    assert places(line) == ([], None)


def test_whose_message_was_lost_goes_with_the_next_line_all_the_same(take, queue, factus, now_at):
    take("L-1", of_lot=True)
    single = take("S-1")
    queue.lanes[next(iter(queue.lanes))].pop()

    deliver_all(queue)

    assert now_at(single).state is State.ACCEPTED


def test_whose_place_was_never_written_is_queued_by_the_schedule(
    call, queue, gateway, factus, clock, monkeypatch
):
    with monkeypatch.context() as dying:
        dying.setattr(gateway.places, "come", _dies)
        with pytest.raises(KeyboardInterrupt):
            call("POST", "/documentos", invoice(referencia="S-1"))
    clock.advance(minutes=4)

    queue.run(clock() + timedelta(minutes=1), lambda: None)
    assert sent(factus) == []
    look_at_what_is_due(gateway)
    deliver_all(queue)

    assert sent(factus) == ["S-1"]


def test_two_deliveries_at_once_send_a_single_once(take, queue, factus, gateway, now_at, monkeypatch):
    take("L-1", of_lot=True)
    single = take("S-1")
    send, event = Factus.send, delivery(queue)

    def beside(provider, request):
        monkeypatch.setattr(Factus, "send", send)
        named("emit").handler(event, context())
        return send(provider, request)

    monkeypatch.setattr(Factus, "send", beside)

    deliver_all(queue)

    assert sent(factus).count("S-1") == 1
    assert now_at(single).state is State.ACCEPTED


def test_what_the_queue_gave_up_once_goes_in_its_own_turn(gateway, take, queue, factus, clock, places):
    line, single = take("L-1", of_lot=True), take("S-1")
    message = queue.lanes[next(iter(queue.lanes))][1]
    message.deliveries = 49
    queue.lanes[next(iter(queue.lanes))].rotate(-1)

    queue.deliver()

    assert gateway.records.read(NIT, single.document_id).given_up
    assert places(line) == ([], None)
    clock.advance(hours=2)
    assert look_at_what_is_due(gateway).queued >= 1
    assert places(line) == ([], None)


def _dies(*_: Any, **__: Any) -> Any:
    raise KeyboardInterrupt
