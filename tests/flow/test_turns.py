"""Fair turns: what is unfinished is looked at, everybody in their turn, whoever hangs."""

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from cauce import looks
from cauce.contracts.v1 import contract
from cauce.domain.document import Kind
from cauce.domain.errors import Held, InvalidDocument, OutcomeUnknown
from cauce.domain.record import Due, Record, State
from cauce.gateway import Gateway
from cauce.looks import Seen
from cauce.providers.guard import QUESTION_SECONDS, Guarded, Unwatched
from tests.documents import invoice
from tests.flow.test_consultation import PENDING, Scripted
from tests.records import noted
from tests.settling import handed_out
from tests.stack import template
from tests.unit.contracts.examples import a_record

RUNS = int(template()["Parameters"]["SettleConcurrency"]["Default"])
ANSWER_SECONDS = 0.3
HEALTHY = "800197268"


class Timed(Scripted):
    """A provider that takes its time to answer, or hangs until nobody waits any more."""

    def __init__(self, clock: Any, seconds: float, *, hangs: bool = False):
        super().__init__(said=[OutcomeUnknown("no respondió") if hangs else PENDING])
        self.clock, self.seconds = clock, seconds

    def consult(self, refs: Any) -> Any:
        self.clock.advance(seconds=self.seconds)
        return super().consult(refs)


@dataclass
class Queue:
    """The queue of looks and its runs: one of a line at a time, the lines in their order.

    A look takes as long as the injected clock was made to pass meanwhile; the machine's own time does not count.
    """

    clock: Any
    take: Callable[[Due], looks.Look]

    def run(self, due: list[Due]) -> dict[str, float]:
        """When each look ended, in seconds, by the id of its record."""
        lines: dict[tuple[str, str], deque[Due]] = {}
        for each in due:
            lines.setdefault((each.issuer, each.provider), deque()).append(each)
        ready = deque(lines)
        free = [(0.0, n) for n in range(RUNS)]
        back: list[tuple[float, tuple[str, str]]] = []
        ended: dict[str, float] = {}
        while ready or back:
            at, run = heapq.heappop(free)
            while back and (back[0][0] <= at or not ready):
                freed, line = heapq.heappop(back)
                at = max(at, freed) if not ready else at
                ready.append(line)
            line = ready.popleft()
            before = self.clock._passed
            look = lines[line].popleft()
            self.take(look)
            at += (self.clock._passed - before).total_seconds()
            ended[look.document_id] = at
            heapq.heappush(free, (at, run))
            if lines[line]:
                heapq.heappush(back, (at, line))
        return ended


@pytest.fixture
def keep(gateway: Gateway, issuer: Any) -> Any:
    """A record that is due, of an issuer of its own."""
    document = contract.document(Kind.INVOICE, invoice())

    def kept(nit: str, document_id: str, state: State = State.UNKNOWN, **facts: Any) -> Record:
        now = gateway.now()
        if nit not in known:
            known.add(nit)
            gateway.store.save_issuer(issuer.model_copy(update={"nit": nit, "id": len(known) + 10}))
        record = a_record(
            document,
            **{
                "issuer": nit, "provider": "otro", "state": state, "attempt": 1, "number": None, "uuid": None,
                "document_id": document_id, "created_at": now, "received_at": now, "updated_at": now,
                "due_at": now - timedelta(seconds=1), **facts,
            },
        )  # fmt: skip
        return gateway.store.accept(noted(record, "kept", now), numbered=False, quota=None)

    known: set[str] = set()
    return kept


def messages(gateway: Gateway) -> list[Due]:
    looks.hand_out(gateway)
    return [gateway.looks.due(each["Body"]) for each in handed_out(gateway)]


def test_what_is_due_is_looked_at_within_five_minutes_though_there_are_ten_thousand(gateway, keep, clock):
    """Of a hundred issuers, each answer 300 ms away; one of each here, so that a look's cost is what is measured."""
    provider = Timed(clock, ANSWER_SECONDS)
    here = replace(gateway, provider=lambda *_: Guarded(provider, Unwatched()))
    for issuer in range(100):
        keep(f"9{issuer:08d}", str(issuer))

    due = messages(here)
    ended = Queue(clock, lambda each: looks.take(here, each)).run(due)

    assert len(ended) == len(due) == provider.asked == 100
    assert max(ended.values()) * 10_000 / 100 <= 5 * 60
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

    ended = Queue(clock, lambda each: looks.take(here, each)).run(messages(here))

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


def test_what_a_breaker_or_a_pace_holds_costs_no_time(gateway, keep, clock):
    class Open(Unwatched):
        def admit(self) -> None:
            raise Held("El proveedor no responde.", retry_after=300)

    provider = Timed(clock, QUESTION_SECONDS, hangs=True)
    here = replace(gateway, provider=lambda *_: Guarded(provider, Open()))
    for n in range(5):
        keep(HEALTHY, f"{n}")

    ended = Queue(clock, lambda each: looks.take(here, each)).run(messages(here))

    assert max(ended.values()) == 0
    assert provider.asked == 0
    assert here.store.due(here.now()) == []


@pytest.mark.parametrize("holds", ["pace", "lane"])
def test_nor_does_what_the_provider_s_pace_or_another_document_of_its_lane_holds(
    holds, gateway, keep, issuer, factus, clock
):
    held = {"state": State.UNKNOWN} if holds == "pace" else {"state": State.RECEIVED, "blocked": True}
    keep(issuer.nit, "uno", provider="factus", **held)
    if holds == "pace":
        gateway.provider(issuer, "factus").connection.turns.rest(300)
    (due,) = messages(gateway)
    before, heard = clock._passed, len(factus.requests)

    look = looks.take(gateway, due)

    assert look.seen in (Seen.QUEUED, Seen.WAITING, Seen.FAILED)
    assert (clock._passed, len(factus.requests)) == (before, heard)
    assert gateway.store.due(gateway.now()) == []


@pytest.mark.parametrize("body", ["", "{}", "[]", "null", '{"issuer": "x"}', "[" * 100_000])
def test_a_message_that_is_no_look_fails_and_is_never_a_crash(body, gateway):
    with pytest.raises(InvalidDocument):
        gateway.looks.due(body)


def test_a_look_at_what_does_not_exist_is_over(gateway):
    assert looks.take(gateway, Due(HEALTHY, "no-hay", "otro", "0")).seen is Seen.NOT_DUE


def test_a_record_that_cannot_be_read_keeps_nobody_behind_it_waiting(gateway, keep, monkeypatch):
    keep(HEALTHY, "ilegible")
    (due,) = messages(gateway)
    monkeypatch.setattr(type(gateway.store), "record", lambda *_: Record.model_validate({}))

    assert looks.take(gateway, due).seen is Seen.FAILED
