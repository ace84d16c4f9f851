"""One world from beginning to end: orders while things go wrong, calm until all is settled, persons, the final check."""

import logging
import os
import signal
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
from unittest.mock import patch

import httpx
from moto import mock_aws

from cauce import observability
from cauce.aws import breaker
from cauce.domain.breaker import OF_HOST, OPENS_AFTER_ISSUERS
from cauce.domain.document import Kind
from cauce.domain.record import Record, State
from cauce.exchange import consultation
from cauce.gateway import Gateway
from cauce.settling import looks
from tests import stack
from tests.torture import houses as houses_of
from tests.torture import radian
from tests.torture.bulk import Bulk
from tests.torture.chaos import Chaos, Rates
from tests.torture.containers import Lambda
from tests.torture.effects import Effects
from tests.torture.erp import Erps
from tests.torture.houses import House
from tests.torture.intake import CONTROL, INTAKE, Sent, StandardQueue
from tests.torture.intake import Limits as StandardLimits
from tests.torture.network import Address, Network
from tests.torture.outages import Outages
from tests.torture.persons import Persons, waits_for_a_person
from tests.torture.queue import FifoQueue, Limits, Message
from tests.torture.timeline import Task, Timeline, in_charge, today
from tests.torture.turns import Turns
from tests.torture.verdict import Verdict, judge, stored
from tests.torture.watch import Watch

ORDERS = 50
"""Orders that an episode starts with; credit notes and events that follow from them come on top."""
# An episode takes seconds; one that is not over after this many is stopped as hanging.
_HANGS_SECONDS = 600
_MINUTE = 60.0
_HOUR = 3600.0
_FIRE = 40 * _MINUTE
# The chance that an ERP sends its next orders in bulk; about two of five documents come so.
_IN_BULK = 0.1
# A provider that is out gets this many times its share of the orders. Things go on going wrong for a while after it is
# back.
_MORE_OF_THE_SAME = 4
_OF_EACH_THAT_HANGS = 2
# An ERP asks again for what a person discarded, and that may need a person again: persons decide this many times.
_ROUNDS = 2
_AFTERWARDS = 15 * _MINUTE
_LEAP_SECONDS = (36 * _HOUR, 60 * _HOUR)
# Values of the issuer's setting ``contingency_in_doubt``, with weights: after which failures an invoice that DIAN may
# have is issued as type 04 at once.
_IN_DOUBT = {"error": 3, "error,silence": 2, "none": 1}
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": stack.REGION,
    "POWERTOOLS_SERVICE_NAME": "cauce-torture",
    "POWERTOOLS_METRICS_NAMESPACE": "Cauce",
    "POWERTOOLS_METRICS_DISABLED": "true",
    "POWERTOOLS_TRACE_DISABLED": "true",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
}


@dataclass
class Report:
    """What came of an episode: its counts, and its breaches with the traces of their records."""

    seed: str
    orders: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    breaches: list[tuple[str, str]] = field(default_factory=list)
    traces: dict[str, list[str]] = field(default_factory=dict)


class World:
    """All parts of an episode, put together."""

    def __init__(self, seed: str, rates: Rates, only: str | None = None):
        self.random = Random(seed)
        self.timeline = Timeline(today(), self.random)
        self.chaos = Chaos(self.random, rates)
        self.houses: list[House] = houses_of.build(self.timeline.now, only)
        if only is None:
            self.houses.append(radian.house(self.timeline.now))
        self.hanging = houses_of.hanging(self.timeline.now) if self.chaos.strikes("hangs") else []
        self.houses += self.hanging
        for house in self.houses:
            if house.name == "dian" and rates.dian_out:
                house.settings["contingency_in_doubt"] = self.chaos.one_of(_IN_DOUBT)
        self.watch = Watch(self.timeline, numbered_here=frozenset({"facturatech", "dian"}))
        self.opens_after_issuers = 1 if self.chaos.strikes("one_for_all") else OPENS_AFTER_ISSUERS
        self.outages = Outages(self.timeline, self.chaos, self.random)
        self.network = Network(self.timeline, self.chaos, self.outages, self._said)
        self.queue = FifoQueue(self.timeline, self.chaos, Limits.of_template(), self._deliver)
        self.intake, self.control = self._standard(INTAKE), self._standard(CONTROL)
        self.looks = FifoQueue(self.timeline, self.chaos, Limits.of_looks(), self._look)
        self.effects = Effects(
            self.timeline, self.chaos, self.network, self.queue, self.control, self.looks, self.watch
        )
        self.turns = Turns(self.timeline, self.watch)
        self.settling = Counter[str]()

    @contextmanager
    def running(self) -> Iterator["World"]:
        """Put the world in place of this process's network, AWS and time, and enrol its issuers."""
        with ExitStack() as placed:
            placed.enter_context(_environment())
            placed.enter_context(mock_aws())
            host_rules = replace(OF_HOST, opens_after=self.opens_after_issuers)
            placed.enter_context(patch.object(breaker._OfHost, "rules", host_rules))
            self.functions = Lambda(self.timeline, stack.create())
            placed.enter_context(self.functions.in_place())
            placed.enter_context(self.effects.in_place())
            placed.enter_context(in_charge(self.timeline))
            placed.enter_context(patch.object(looks, "ask", self._asking(consultation.ask)))
            self.calls = {house.name: house.calls(self.watch, self.timeline) for house in self.houses}
            for house in self.houses:
                calls = self.calls[house.name]
                self.network.add(
                    Address(house.name, house.bench, house.creates, calls, house.repeated, house.tells_whose)
                )
            self.gateway = self.functions.connected()
            for number, house in enumerate(self.houses, start=1):
                houses_of.enrol(self.gateway, house, number)
            self.erps = Erps(self.timeline, self.chaos, self.functions, self.watch, self.random)
            self.bulk = Bulk(
                self.timeline, self.chaos, self.functions, self.intake, self.control, self.erps, self.random
            )
            self.persons = Persons(
                self.timeline,
                self.chaos,
                self.functions,
                self.gateway,
                self.watch,
                self.houses,
                self.random,
            )
            yield self

    def calm(self) -> None:
        """From now on nothing goes wrong, and faults that were ordered but have not struck are cancelled."""
        self.chaos.calm()
        self.outages.end()
        self.network.next.clear()
        self.effects.kill_at = None
        self.queue.held = False
        for house in self.houses:
            house.calm()
        self.queue.pump()

    def settle(self) -> Task:
        """One run of the settling schedule."""

        def ended(answer: Any, error: BaseException | None) -> None:
            self.settling["runs"] += 1
            if error is None:
                self.settling.update({name: int(count) for name, count in answer.items()})

        return self.functions.settle(ended)

    def next_due(self) -> float | None:
        """Seconds until the next record or lot is due; None where nothing is left to do."""
        if any(not batch.is_over for batch in self.bulk.batches):
            return 0.0
        due = [record.due_at for record in self.watch.records.values() if record.due_at is not None]
        return (min(due) - self.timeline.now()).total_seconds() if due else None

    def is_quiet(self) -> bool:
        """Whether nothing is running, queued or due, except records that wait for a person."""
        records = self.watch.records
        waits = {own for own, record in records.items() if waits_for_a_person(record)}
        due = {own for own, record in records.items() if record.due_at is not None and not _is_done(record)}
        if self.looks.messages or self.queue.messages or self.intake.messages or self.control.messages:
            return False
        if self.functions.at_work or due - waits:
            return False
        if any(not batch.is_over for batch in self.bulk.batches):
            return False
        return all(
            order.is_over or order.given_up or not order.has_reference or order.document_id in waits
            for order in self.erps.orders
        )

    def _deliver(self, message: Message, done: Callable[[bool], None]) -> None:
        task = self.functions.message(message, done)
        self.watch.works_on(self.queue.document_id(message), task.name)

    def _look(self, message: Message, done: Callable[[bool], None]) -> None:
        self.turns.given(message)
        self.functions.look(message, done)

    def _standard(self, name: str) -> StandardQueue:
        def deliver(messages: list[Sent], done: Callable[[set[str]], None]) -> None:
            self.functions.take_in(name, messages, done)

        return StandardQueue(name, self.timeline, self.chaos, StandardLimits.of_template(name), deliver)

    def _asking(self, ask: Callable[..., Record]) -> Callable[..., Record]:
        """``consultation.ask``, once the watch knows its record: the provider's answers go into that record's trace."""

        def asked(gateway: Gateway, record: Record, **said: Any) -> Record:
            self.watch.works_on(record.document_id)
            return ask(gateway, record, **said)

        return asked

    def _said(self, provider: str, request: httpx.Request, what: str) -> None:
        self.watch.said(provider, request, what)


def _is_done(record: Record) -> bool:
    """Accepted events are left alone: where the provider's answer was lost, the XML that it named cannot be found, and
    the schedule looks for it for days.
    """
    return record.state is State.ACCEPTED and record.event is not None


def play(seed: str, *, rates: Rates | None = None, orders: int = ORDERS) -> Report:
    """Play one episode. The same seed gives the same report."""
    with World(seed, rates or Rates()).running() as world:
        _fire(world, orders)
        world.calm()
        let_settle(world)
        for _ in range(_ROUNDS):
            if not persons_decide(world):
                break
            let_settle(world)
        world.bulk.look_once_more()
        world.erps.look_once_more()
        world.timeline.run(over=lambda: not world.functions.at_work)
        verdict = judge(world)
        return _report(world, seed, verdict)


def play_safely(seed: str) -> Report:
    """``play`` for a pool's process: an exception or a timeout becomes a breach in the report."""
    signal.signal(signal.SIGALRM, _hangs)
    signal.alarm(_HANGS_SECONDS)
    try:
        return play(seed)
    except Exception as error:
        trace = traceback.format_exc().splitlines()
        return Report(seed, breaches=[("the episode", repr(error))], traces={"the episode": trace})
    finally:
        signal.alarm(0)


def _hangs(*_: object) -> None:
    raise TimeoutError(f"no end after {_HANGS_SECONDS} s")


def _fire(world: World, orders: int) -> None:
    """Orders come in, the schedule runs every minute, and everything that can go wrong does."""
    world.outages.plan([each for each in world.houses if each not in world.hanging], within=_FIRE / 8)
    world.outages.hang(world.hanging)
    out = {outage.house.name: outage for outage in reversed(world.outages.planned)}
    weights = [house.weight * (_MORE_OF_THE_SAME if house.name in out else 1) for house in world.houses]
    world.queue.keeps |= {house.issuer.nit for house in world.houses if house.name in out}
    ends = world.timeline.elapsed + _FIRE
    if out:
        ends = max(ends, world.outages.over_at + _AFTERWARDS)
    leapt = False
    left = orders
    while left > 0:
        house = world.random.choices(world.houses, weights)[0]
        within = _FIRE / 2
        if house.name in out:  # orders go on coming for as long as it is out, up to a limit
            within = min(max(within, out[house.name].ends), 2 * _FIRE)
        many = min(left, world.random.randint(2, 12))
        if Kind.EVENT not in house.kinds and world.random.random() < _IN_BULK:
            world.bulk.send_soon(house, many, within=within)
            left -= many
        else:
            world.erps.post_soon(world.erps.order(house), within=within)
            left -= 1

    for house in world.hanging:
        for _ in range(_OF_EACH_THAT_HANGS):
            world.erps.post_soon(world.erps.order(house), within=_FIRE / 2)
    apart = {outage.house.issuer.nit for outage in world.outages.planned}

    def minute() -> None:
        nonlocal leapt
        world.turns.seen(apart)
        wait = world.watch.wait_in_contingency
        runs = any(contingency.limit is not None for contingency in wait)
        if wait and not leapt and world.chaos.strikes("late_leap" if runs else "leap"):
            leapt = True
            world.timeline.jump(world.random.uniform(*_LEAP_SECONDS))
            world.chaos.count("contingency: clocks set forward two days meanwhile")
        if world.chaos.strikes("jump"):
            seconds = world.random.choice((-3.0, 30.0, 600.0, 3 * _HOUR)) * world.random.random()
            world.timeline.jump(seconds)
            world.chaos.count("clock set forward" if seconds > 0 else "clock set back")
        due = world.next_due()
        if due is not None and due <= 0:
            world.settle()
        if world.chaos.strikes("decision"):
            world.persons.at_any_moment()
        if world.timeline.elapsed < ends:
            world.timeline.after(_MINUTE, minute)

    world.timeline.after(_MINUTE, minute)
    world.timeline.run(until=ends)


def let_settle(world: World) -> None:
    """With nothing going wrong, let time pass until only persons are waited for, or for five days."""
    ended = False

    def minute() -> None:
        nonlocal ended
        ended = world.is_quiet() or world.timeline.elapsed > ends
        if ended:
            return
        due = world.next_due()
        if due is not None and due <= 0:
            world.settle()
        pause = min(max(_MINUTE, due or _MINUTE), _HOUR)
        world.timeline.after(pause - world.timeline.elapsed % _MINUTE, minute)

    ends = world.timeline.elapsed + 5 * 24 * _HOUR
    world.timeline.after(1.0, minute)
    world.timeline.run(over=lambda: ended)
    last = world.settle()  # this run writes in the records why their messages are dead letters
    world.timeline.run(over=lambda: last.ended)


def persons_decide(world: World) -> int:
    """A person looks at the provider's portal and decides on each record that waits for one; returns how many those
    were.
    """
    decided = 0
    for house in world.houses:
        for record in stored(world.gateway, house).values():
            if waits_for_a_person(record):
                decided += 1
                world.persons.settles(record)
    world.timeline.run(over=lambda: not world.functions.at_work)
    return decided


def _report(world: World, seed: str, verdict: Verdict) -> Report:
    counts = verdict.counts
    counts.update(world.chaos.happened)
    counts.update({f"settling: {name}": count for name, count in world.settling.items()})
    verdict.breaches += [("a handler", f"raised {what}") for what in world.functions.crashes]
    counts["side effects"] = world.effects.count
    counts["simulated hours"] = int(world.timeline.elapsed / _HOUR)
    traces = {document_id: world.watch.traces.get(document_id, []) for document_id, _ in verdict.breaches}
    return Report(seed, len(world.erps.orders), counts, verdict.breaches, traces)


@contextmanager
def _environment() -> Iterator[None]:
    kept = dict(os.environ)
    os.environ.update(_ENVIRONMENT)
    level, ours = logging.root.manager.disable, logging.getLogger("cauce")
    its_level = ours.level
    logging.disable(logging.CRITICAL)
    try:
        with (
            patch.object(observability, "count"),
            patch.object(observability, "gauge_seconds"),
        ):
            yield
    finally:
        # Loggers and metrics made here are cached, and would keep these settings for later tests in this process.
        for made in (observability.logger, observability.tracer, observability.metrics):
            made.cache_clear()
        ours.setLevel(its_level)
        logging.disable(level)
        os.environ.clear()
        os.environ.update(kept)
