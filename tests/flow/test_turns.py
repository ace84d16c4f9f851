"""Fair turns: what is unfinished is looked at, everybody in their turn, whoever hangs."""

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from cauce.aws import pace
from cauce.aws.pace import SharedTurns
from cauce.domain import life
from cauce.domain.errors import Held, InvalidDocument, NotSent
from cauce.domain.record import Due, Record, State
from cauce.gateway import Gateway
from cauce.providers.base import Pace
from cauce.providers.guard import QUESTION_SECONDS, Guarded, Unwatched
from cauce.settling import looks
from cauce.settling.looks import Seen
from tests import stack
from tests.bench.looks import ANSWER_SECONDS, LONGEST_SECONDS, RUNS, Queue, Timed, kept, looks_due, measure
from tests.flow import queues
from tests.flow.conftest import Clock, Still, as_look, context, named
from tests.settling import handed_out

HEALTHY = "800197268"
EIGHTY_A_MINUTE = Pace(80, 60)


@pytest.fixture
def clock() -> Clock:
    return Still()


@pytest.fixture
def keep(gateway: Gateway, issuer: Any) -> Any:
    """A record that is due, of an issuer of its own."""

    def keep(nit: str, document_id: str, state: State = State.UNKNOWN, **facts: Any) -> Record:
        if nit not in known:
            known.add(nit)
            gateway.issuers.save(issuer.model_copy(update={"nit": nit, "id": len(known) + 10}))
        return kept(gateway, nit, document_id, state, **facts)

    known: set[str] = set()
    return keep


def messages(gateway: Gateway) -> list[Due]:
    looks.hand_out(gateway)
    return [gateway.looks.due(each["Body"]) for each in handed_out(gateway)]


def played(gateway: Gateway, clock: Clock, *, runs: int = RUNS) -> Any:
    queue = Queue(clock, lambda due, came_back: looks.take(gateway, due, came_back=came_back), runs)
    return queue.run(looks_due(gateway))


def paced(gateway: Gateway, clock: Clock, nit: str, limit: Pace = EIGHTY_A_MINUTE) -> tuple[Gateway, Timed]:
    """Where an issuer's provider sets a pace, its turns shared with whoever else has the credential."""
    turns = turns_of(gateway, clock, nit, limit)
    limited, others = Timed(clock, ANSWER_SECONDS, turns=turns), Timed(clock, ANSWER_SECONDS)

    def provider(issuer: Any, name: str) -> Any:
        asked = limited if issuer.nit == nit else others
        return Guarded(asked, stack.breaker_of(gateway, issuer.nit, name, pace=limit))

    return replace(gateway, provider=provider), limited


def turns_of(gateway: Gateway, clock: Clock, nit: str, limit: Pace = EIGHTY_A_MINUTE) -> SharedTurns:
    return SharedTurns(stack.table(), nit, "otro", limit, clock.seconds, clock.sleep)


def received(gateway: Gateway) -> list[Any]:
    return queues.received(queues.LOOKS)


def test_what_is_due_is_looked_at_within_five_minutes_though_there_are_ten_thousand():
    """Of a hundred issuers, each answer 300 ms away: ``python -m tests.bench.looks`` in small, three looks of each."""
    measured = measure(300)

    assert measured.looked_at == measured.asked == 300
    assert measured.seconds * 10_000 / 300 <= LONGEST_SECONDS
    assert looks.MOST >= 10_000


def test_beside_a_hundred_hung_issuers_a_healthy_one_is_asked_within_two_minutes(gateway, keep, clock):
    hung, healthy = Timed(clock, QUESTION_SECONDS, hangs=True), Timed(clock, ANSWER_SECONDS)
    here = replace(
        gateway,
        provider=lambda issuer, _: Guarded(healthy if issuer.nit == HEALTHY else hung, Unwatched()),
    )
    for issuer in range(100):
        keep(f"9{issuer:08d}", str(issuer), due_at=gateway.now() - timedelta(minutes=5))
    keep(HEALTHY, "sana")

    ended = played(here, clock).ended

    assert healthy.asked == 1
    assert ended["sana"] <= 120


def test_an_issuer_at_a_provider_is_one_line_of_the_queue_of_looks(gateway, keep):
    for n, (nit, provider) in enumerate(
        [("900000001", "otro"), ("900000001", "otro"), ("900000001", "dian"), (HEALTHY, "otro")]
    ):
        keep(nit, f"{n}", provider=provider)

    looks.hand_out(gateway)

    groups: dict[str, set[str]] = {}
    for message in handed_out(gateway):
        line = groups.setdefault(message["Attributes"]["MessageGroupId"], set())
        line.add(gateway.looks.due(message["Body"]).document_id)
    assert sorted(groups.values(), key=min) == [{"0", "1"}, {"2"}, {"3"}]


def test_an_issuer_s_flood_leaves_the_others_their_turn(gateway, keep, monkeypatch):
    monkeypatch.setattr(looks, "MOST_OF_A_LINE", 3)
    for n in range(10):
        keep("900000001", f"mucho-{n}", due_at=gateway.now() - timedelta(hours=1))
    keep(HEALTHY, "uno")

    due = messages(gateway)

    assert [each.issuer for each in due].count("900000001") == 3
    assert "uno" in {each.document_id for each in due}


def test_what_others_have_been_waiting_for_does_not_fill_a_run_without_the_last_that_came(gateway, keep):
    """A hundred issuers whose provider hangs, each with hundreds due, are more than a run hands out."""
    for issuer in range(3):
        for n in range(3):
            keep(f"90000000{issuer}", f"{issuer}-{n}", due_at=gateway.now() - timedelta(hours=1))
    keep(HEALTHY, "sana")

    handed = looks.hand_out(gateway, most=5)
    due = [gateway.looks.due(each["Body"]) for each in handed_out(gateway)]

    assert handed == len(due) == 5
    assert [each.document_id for each in due].count("sana") == 1
    assert len({each.issuer for each in due[:4]}) == 4


def test_what_was_handed_out_and_not_taken_yet_is_not_handed_out_twice(gateway, keep):
    keep(HEALTHY, "uno")
    looks.hand_out(gateway)

    assert [each.document_id for each in messages(gateway)] == ["uno"]


def test_a_look_that_comes_twice_is_one_question(gateway, keep, clock):
    provider = Timed(clock, ANSWER_SECONDS)
    here = replace(gateway, provider=lambda *_: Guarded(provider, Unwatched()))
    keep(HEALTHY, "uno")
    (due,) = messages(here)

    seen = [looks.take(here, due).seen for _ in range(2)]

    assert seen == [Seen.WAITING, Seen.NOT_DUE]
    assert provider.asked == 1


def test_what_a_breaker_holds_costs_no_time(gateway, keep, clock):
    class Open(Unwatched):
        def admit(self, *, is_patient: bool) -> None:
            raise Held("El proveedor no responde.", retry_after=300)

    provider = Timed(clock, QUESTION_SECONDS, hangs=True)
    here = replace(gateway, provider=lambda *_: Guarded(provider, Open()))
    for n in range(5):
        keep(HEALTHY, f"{n}")

    looked = played(here, clock)

    assert looked.seconds == 0
    assert provider.asked == 0
    assert here.records.due(here.now()) == []


@pytest.mark.parametrize("holds", ["pace", "lane"])
def test_nor_does_what_the_provider_s_pace_or_another_document_of_its_lane_holds(
    holds, gateway, keep, issuer, factus, clock
):
    held = {"state": State.UNKNOWN} if holds == "pace" else {"state": State.RECEIVED, "blocked": True}
    keep(issuer.nit, "uno", provider="factus", **held)
    if holds == "pace":
        gateway.provider(issuer, "factus").connection.turns.rest(300)
    (due,) = messages(gateway)
    before, heard = clock.passed, len(factus.requests)

    look = looks.take(gateway, due)

    assert look.seen in (Seen.QUEUED, Seen.WAITING, Seen.FAILED)
    assert (clock.passed, len(factus.requests)) == (before, heard)
    assert gateway.records.due(gateway.now()) == []


def test_a_look_whose_turn_has_not_come_takes_no_time_and_comes_back_at_its_turn(gateway, keep, clock):
    here, provider = paced(gateway, clock, HEALTHY)
    keep(HEALTHY, "uno")
    before, turns = clock(), turns_of(gateway, clock, HEALTHY)
    next_turn = max(turns.turn() for _ in range(5)) + pace.gap_ms(EIGHTY_A_MINUTE) / 1000

    (due,) = looks_due(here)
    look = looks.take(here, due)

    assert (look.seen, provider.asked, clock()) == (Seen.HELD, 0, before)
    assert look.comes_back_in.total_seconds() == pytest.approx(next_turn - before.timestamp(), abs=0.001)
    clock.advance(seconds=look.comes_back_in.total_seconds())
    arrived = clock()
    assert looks.take(here, due, came_back=True).seen is Seen.WAITING
    assert (provider.asked, clock() - arrived) == (1, timedelta(seconds=ANSWER_SECONDS))


def test_two_hundred_records_at_eighty_calls_a_minute_are_asked_about_once_within_three_minutes(
    gateway, keep, clock
):
    here, provider = paced(gateway, clock, HEALTHY)
    ids = [f"{n:03d}" for n in range(200)]
    for n, document_id in enumerate(ids):
        keep(HEALTHY, document_id, due_at=gateway.now() - timedelta(seconds=1000 - n))

    looked = played(here, clock)

    assert provider.asked == 200
    assert list(looked.began) == ids
    assert max(looked.ended.values()) <= 3 * 60
    assert looked.seconds == pytest.approx(200 * ANSWER_SECONDS)
    began = list(looked.began.values())
    assert max(sum(at <= other < at + 60 for other in began) for at in began) <= EIGHTY_A_MINUTE.calls


def test_a_single_run_looks_at_the_others_while_a_pace_holds_an_issuer_s_records(gateway, keep, clock):
    here, provider = paced(gateway, clock, HEALTHY)
    for n in range(5):
        keep(HEALTHY, f"limitado-{n}", due_at=gateway.now() - timedelta(hours=1))
    for n in range(10):
        keep(f"90000000{n}", f"libre-{n}")
    turns_of(gateway, clock, HEALTHY).rest(5)

    ended = played(here, clock, runs=1).ended

    assert max(at for own, at in ended.items() if own.startswith("libre")) == pytest.approx(
        10 * ANSWER_SECONDS
    )
    assert min(at for own, at in ended.items() if own.startswith("limitado")) > 5
    assert provider.asked == 5


def test_beside_who_takes_every_turn_a_look_that_came_back_waits_for_one_among_them(gateway, keep, clock):
    here, provider = paced(gateway, clock, HEALTHY)
    keep(HEALTHY, "uno")
    (due,) = looks_due(here)

    def lot() -> None:
        """Its workers have taken the turns of the next seconds, at whatever moment the look comes."""
        for _ in range(5):
            turns_of(gateway, clock, HEALTHY).turn()

    lot()
    first = looks.take(here, due)
    clock.advance(seconds=first.comes_back_in.total_seconds())
    lot()

    assert looks.take(here, due, came_back=True).seen is Seen.WAITING
    assert provider.asked == 1


def test_behind_a_rest_of_minutes_a_record_is_put_off_and_keeps_its_line_no_longer(gateway, keep, clock):
    here, provider = paced(gateway, clock, HEALTHY)
    keep(HEALTHY, "uno")
    turns_of(gateway, clock, HEALTHY).rest(600)

    looked = played(here, clock)

    assert (looked.seconds, provider.asked) == (0, 0)
    due_at = here.records.read(HEALTHY, "uno").due_at
    assert 600 <= (due_at - clock()).total_seconds() <= 900


def test_a_provider_that_answers_429_again_and_again_keeps_nobody_behind_in_its_line(gateway, keep, clock):
    class Limiting(Timed):
        def consult(self, refs: Any) -> Any:
            super().consult(refs)
            self.turns.rest(60)
            raise NotSent("El proveedor pide esperar.", retry_after=60)

    turns = turns_of(gateway, clock, HEALTHY)
    limiting = Limiting(clock, ANSWER_SECONDS, turns=turns)
    watched = stack.breaker_of(gateway, HEALTHY, "otro", pace=EIGHTY_A_MINUTE)
    here = replace(gateway, provider=lambda *_: Guarded(limiting, watched))
    for n in range(5):
        keep(HEALTHY, f"duda-{n}", due_at=gateway.now() - timedelta(minutes=5 - n))
    keep(HEALTHY, "sin-mensaje", State.RECEIVED)

    looked = played(here, clock)

    assert limiting.asked == 1
    assert looked.ended["sin-mensaje"] == pytest.approx(ANSWER_SECONDS)
    assert here.records.read(HEALTHY, "sin-mensaje").steps[-1].what == "queued again"
    assert here.records.due(here.now()) == []


def test_at_a_pace_of_few_calls_a_look_comes_back_however_long_its_gap_and_not_behind_a_longer_rest(
    gateway, keep, clock
):
    here, provider = paced(gateway, clock, HEALTHY, Pace(5, 60))
    turns = turns_of(gateway, clock, HEALTHY, Pace(5, 60))
    keep(HEALTHY, "uno")
    (due,) = looks_due(here)
    turns.turn()

    look = looks.take(here, due)
    turns.rest(21)
    later = looks.take(here, due)

    assert (look.seen, look.comes_back_in) == (Seen.HELD, timedelta(seconds=15))
    assert later.comes_back_in is None
    assert provider.asked == 0
    assert here.records.due(here.now()) == []


def test_the_message_of_a_look_whose_turn_has_not_come_stays_in_the_queue(gateway, keep, clock, monkeypatch):
    here, provider = paced(gateway, clock, HEALTHY)
    monkeypatch.setattr("cauce.wiring.gateway", lambda: here)
    keep(HEALTHY, "uno")
    turns_of(gateway, clock, HEALTHY).rest(5)
    looks.hand_out(here)
    (message,) = received(gateway)

    answer = named("consult").handler({"Records": [as_look(message)]}, context())

    assert answer == {"batchItemFailures": [{"itemIdentifier": message["MessageId"]}]}
    assert received(gateway) == []
    assert provider.asked == 0


def test_a_look_that_fails_is_a_failure_of_its_function(gateway, monkeypatch):
    message = {"MessageId": "1", "ReceiptHandle": "1", "Body": "{}", "Attributes": {}}

    with pytest.raises(BatchProcessingError):
        named("consult").handler({"Records": [as_look(message)]}, context())


@pytest.mark.parametrize("body", ["", "{}", "[]", "null", '{"issuer": "x"}', "[" * 100_000])
def test_a_message_that_is_no_look_fails_and_is_never_a_crash(body, gateway):
    with pytest.raises(InvalidDocument):
        gateway.looks.due(body)


def test_a_look_at_what_does_not_exist_is_over(gateway):
    assert looks.take(gateway, Due(HEALTHY, "no-hay", "otro", "0")).seen is Seen.NOT_DUE


def test_a_look_at_what_another_worker_writes_meanwhile_is_no_failed_one(gateway, keep, monkeypatch):
    keep(HEALTHY, "uno", State.RECEIVED)
    (due,) = messages(gateway)

    def behind_another(record: Record, now: datetime) -> Record:
        gateway.records.save(life.queueing(record, now))
        return life.queueing(record, now)

    monkeypatch.setattr("cauce.settling.looks.life", SimpleNamespace(queueing=behind_another))

    assert looks.take(gateway, due).seen is Seen.NOT_DUE


def test_a_record_that_cannot_be_read_keeps_nobody_behind_it_waiting(gateway, keep, monkeypatch):
    keep(HEALTHY, "ilegible")
    (due,) = messages(gateway)
    monkeypatch.setattr(type(gateway.records), "read", lambda *_: Record.model_validate({}))

    assert looks.take(gateway, due).seen is Seen.FAILED
