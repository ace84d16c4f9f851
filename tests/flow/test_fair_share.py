"""One issuer's thousands and another's single document, through SQS and Lambda's mapping as AWS describes them.

The groups are those our queue really gives; the mapping is simulated: the local engine serves a FIFO queue with one
worker, whatever it is told. As AWS has it: a group's messages go one after another, several groups at once, at most
MaximumConcurrency workers; among groups that are free, the oldest message is first. The last test does without a model: the handlers of the stack, in
the world of ``tests.torture``.
"""

import heapq
import random
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from cauce.aws import queues
from cauce.aws.pace import gap_ms
from cauce.contracts.v1 import contract
from cauce.domain.document import Kind
from cauce.domain.lot import LotLine
from cauce.domain.record import Record, State
from cauce.intake import control
from cauce.providers.base import Lane, Pace
from tests.bench.load import on
from tests.documents import invoice
from tests.records import a_record
from tests.stack import template
from tests.torture.chaos import NONE
from tests.torture.episode import World

DOCUMENT = contract.document(Kind.INVOICE, invoice())
WORKERS = template()["Parameters"]["EmitConcurrency"]["Default"]


@dataclass
class Mapping:
    """The emission queue and its workers, in simulated seconds."""

    workers: int
    now: float = 0.0
    waiting: dict[str, deque[tuple[float, str]]] = field(default_factory=dict)
    busy: list[tuple[float, str, str]] = field(default_factory=list)
    done: dict[str, float] = field(default_factory=dict)

    def put(self, group: str, name: str) -> None:
        self.waiting.setdefault(group, deque()).append((self.now, name))

    def start(self, seconds: float) -> None:
        """Hand messages to free workers: the oldest of the groups that nobody is at."""
        held = {group for _, group, _ in self.busy}
        free = sorted(
            (found[0], group) for group, found in self.waiting.items() if found and group not in held
        )
        for (_, name), group in free[: self.workers - len(self.busy)]:
            self.waiting[group].popleft()
            heapq.heappush(self.busy, (self.now + seconds, group, name))

    def run(self, until: float, seconds: float) -> None:
        self.start(seconds)
        while self.busy and self.busy[0][0] <= until:
            self.now, _, name = heapq.heappop(self.busy)
            self.done[name] = self.now
            self.start(seconds)
        self.now = until


def recorded(nit: str, document_id: str, line: LotLine | None) -> Record:
    return a_record(
        DOCUMENT, datetime.now(UTC), issuer=nit, document_id=document_id, provider="factus", line=line
    )


def documents(nit: str, lane: Lane, count: int = 5000, *, in_lot: bool = True) -> deque[tuple[str, str]]:
    """Group and name of each of an issuer's documents, as our queue puts them: a lot's, or as many single ones."""
    chance = random.Random(nit)
    found: deque[tuple[str, str]] = deque()
    for n in range(count):
        line = LotLine(lot="lot", place=f"{n:06d}") if in_lot else None
        record = recorded(nit, f"{chance.getrandbits(128):032x}", line)
        found.append((queues.message_group(record, lane), f"{nit}-{n}"))
    return found


def waits(lane: Lane, bulky: int, *, minutes: int = 12) -> list[float]:
    """How long each of another issuer's documents takes, one a minute, beside lots of 5,000.

    A document takes a second, and each minute the schedule fills the lots' lanes again.
    """
    mapping = Mapping(WORKERS)
    lots = [documents(f"90010000{n}", lane) for n in range(bulky)]
    owned = [{group for group, _ in lot} for lot in lots]
    in_lane = int(control.UNLIMITED * control.IN_LANE_SECONDS)
    posted: dict[str, float] = {}
    for minute in range(minutes):
        for lot, own in zip(lots, owned, strict=True):
            for _ in range(in_lane - sum(len(mapping.waiting.get(group, ())) for group in own)):
                mapping.put(*lot.popleft())
        mapping.run(minute * 60 + 13, 1.0)
        single = recorded("800197268", f"single-{minute}", None)
        mapping.put(queues.message_group(single, lane), single.document_id)
        posted[single.document_id] = mapping.now
        mapping.run(minute * 60 + 60, 1.0)
    mapping.run(1e6, 1.0)
    return [mapping.done[name] - at for name, at in posted.items()]


@pytest.mark.parametrize("lane", list(Lane))
@pytest.mark.parametrize("bulky", [1, 2])
def test_a_single_document_is_not_delayed_by_anothers_lot_of_thousands(lane: Lane, bulky: int):
    assert max(waits(lane, bulky)) <= 2.0


@pytest.mark.parametrize("lane", list(Lane))
@pytest.mark.parametrize("bulky", [1, 2])
def test_nor_by_the_thousands_that_another_posted_one_by_one(lane: Lane, bulky: int):
    """All of them queued at once, as an ERP does that posts and does not wait; no lot holds them back."""
    mapping = Mapping(WORKERS)
    for n in range(bulky):
        for group, name in documents(f"90010000{n}", lane, in_lot=False):
            mapping.put(group, name)
    posted: dict[str, float] = {}
    for minute in range(8):
        mapping.run(minute * 60 + 13, 1.0)
        single = recorded("800197268", f"single-{minute}", None)
        mapping.put(queues.message_group(single, lane), single.document_id)
        posted[single.document_id] = mapping.now
    mapping.run(8 * 60.0, 1.0)

    assert sum(map(len, mapping.waiting.values())) > 1000, "the thousands still wait"
    assert max(mapping.done[name] - at for name, at in posted.items()) <= 2.0


def test_with_more_lots_than_workers_it_waits_for_what_is_in_their_lanes_and_no_more():
    assert max(waits(Lane.NONE, 5)) <= control.IN_LANE_SECONDS + 2


def test_were_each_document_a_group_of_its_own_a_single_one_would_wait_for_all_that_are_queued():
    mapping = Mapping(WORKERS)
    for n in range(1000):
        mapping.put(f"document-{n}", f"lot-{n}")
    mapping.run(13, 1.0)
    mapping.put("single", "single")
    mapping.run(1e6, 1.0)

    assert mapping.done["single"] - 13 > 80


def test_an_issuer_s_own_lot_delays_its_single_document_by_what_is_in_the_lane_and_no_more():
    mapping = Mapping(WORKERS)
    seconds = (
        2 * gap_ms(Pace(calls=80, seconds=60)) / 1000
    )  # Factus: a document is two calls, each in its turn
    lot = documents("900100000", Lane.KIND)
    for _ in range(int(control.IN_LANE_SECONDS / seconds)):
        mapping.put(*lot.popleft())
    mapping.put(queues.message_group(recorded("900100000", "single", None), Lane.KIND), "single")
    mapping.run(1e6, seconds)

    assert mapping.done["single"] <= control.IN_LANE_SECONDS + seconds


@pytest.mark.parametrize("in_lot", [True, False])
def test_the_groups_of_an_issuer_are_few_and_even(in_lot: bool):
    found = [group for group, _ in documents("900100000", Lane.NONE, 4000, in_lot=in_lot)]

    assert len({*found}) == queues.GROUPS < WORKERS / 2
    assert min(found.count(group) for group in {*found}) > 900


def test_a_single_document_waits_in_none_of_the_groups_of_its_issuers_lots():
    lots, singles = (
        {group for group, _ in documents("900100000", Lane.NONE, 100, in_lot=in_lot)}
        for in_lot in (True, False)
    )

    assert not lots & singles


def test_anothers_many_posted_one_by_one_delay_nobody_through_the_handlers_and_their_turns():
    """Eighty for a provider of twenty calls in ten seconds, whose turns are waited for by the workers themselves."""
    with World("fair", NONE).running() as world:
        world.network.way, world.network.work = (0.02, 0.06), (0.05, 0.3)
        world.erps.goes_on = False
        houses = {house.name: house for house in world.houses}

        def post(name: str, at: float) -> str:
            order = world.erps.order(houses[name], always_referenced=True)
            path = "/documentos" if order.kind is Kind.INVOICE else "/documentos-soporte"
            world.timeline.after(
                at,
                lambda: world.functions.http(
                    "POST", path, order.body, order.house.bearer, lambda *_: None, Prefer="respond-async"
                ),
            )
            return order.name

        many = [post("facturatech", n / 8) for n in range(80)]
        posted = {
            post(name, at): at for name in ("factus-v2", "facepro", "dian") for at in (12.0, 25.0, 40.0)
        }
        began = world.timeline.now()
        world.timeline.run(until=world.timeline.elapsed + 60)
        records = {record.reference: record for record in world.watch.records.values()}

    waited = [
        (step.at - began).total_seconds() - at
        for name, at in posted.items()
        for step in records[name].steps
        if step.what == State.ACCEPTED.value
    ]
    assert sum(records[name].state is State.ACCEPTED for name in many) < 40, "most of the many still wait"
    assert len(waited) == len(posted)
    assert max(waited) <= 2.0


def test_one_that_is_turned_away_for_minutes_does_not_keep_those_of_its_group_waiting():
    with on("facturatech") as load:
        simulator = load.house.bench.simulator
        for _ in range(9):
            simulator.refuse_next("409", "El número de autorización no coincide")
        load.post(1, within=1)
        load.run(240)
        simulator.faults.clear()
        load.post(8, within=5)
        load.run(60)
        states = [record.state for record in sorted(load.records(), key=lambda record: record.created_at)]
        load.run_until_settled(1800)
        verdict, after = load.judged(), [record.state for record in load.records()]

    assert states == [State.RECEIVED, *[State.ACCEPTED] * 8]
    assert after == [State.ACCEPTED] * 9
    assert verdict.breaches == []
