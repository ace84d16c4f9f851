"""Exactly once, in small: whatever is done in whatever order, each request has one record, one number, one document.

Hypothesis chooses what happens next, in the world of ``tests.torture``: one issuer, its provider's strict simulator,
the functions' handlers, and a queue that delivers only when told to. What must hold at the end is what holds there.
"""

from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cauce.domain.document import Kind
from cauce.domain.record import State
from tests.torture.chaos import ASKS, NONE, SENDS, Rates
from tests.torture.episode import World, let_settle, persons_decide
from tests.torture.erp import Order
from tests.torture.verdict import judge

_SOON = 90.0


class ExactlyOnce(RuleBasedStateMachine):
    """An ERP, a provider, and everything between them that may fail."""

    house = ""
    """The issuer, by its provider and dialect."""

    def __init__(self) -> None:
        super().__init__()
        self._placed = ExitStack()
        self.world: Any = None

    @initialize()
    def enrolled(self) -> None:
        self.world = self._placed.enter_context(World("small", NONE, only=self.house).running())
        self.world.queue.held = True
        self.world.erps.goes_on = False

    # The ERP

    @rule()
    def posts(self) -> None:
        order = self.world.erps.order(self.world.houses[0])
        self._posted(order)

    @precondition(lambda self: self.world is not None and self.world.houses[0].kinds != (Kind.EVENT,))
    @rule(count=st.integers(1, 3))
    def sends_many(self, count: int) -> None:
        """In a request, in a file or straight into the queue, whichever chance has it."""
        self.world.bulk.send_soon(self.world.houses[0], count, within=1.0)
        self._pass()

    @precondition(lambda self: self._orders())
    @rule(data=st.data())
    def repeats(self, data: st.DataObject) -> None:
        self._posted(data.draw(st.sampled_from(self._orders())))

    @precondition(lambda self: self._orders(State.REJECTED, State.FAILED))
    @rule(data=st.data())
    def corrects(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from(self._orders(State.REJECTED, State.FAILED)))
        self.world.erps.corrected(order)
        self._posted(order)

    # The queue

    @precondition(lambda self: self.world.queue.messages)
    @rule(twice=st.booleans())
    def is_delivered(self, twice: bool) -> None:
        """The next message; or the next one twice, both deliveries at work at the same time."""
        message = self.world.queue.next()
        if message is None:
            return
        self.world.queue.give(message)
        if twice:
            self.world.queue.give_again(message)
        self._pass()

    # What goes wrong

    @rule(what=st.sampled_from(sorted(SENDS)))
    def will_go_wrong(self, what: str) -> None:
        """With the next request that creates a document."""
        self.world.network.next.append(what)

    @rule(at=st.integers(1, 14), when=st.sampled_from(["before", "after"]))
    def will_be_killed(self, at: int, when: str) -> None:
        """Whichever container comes to so many side effects from now on."""
        self.world.effects.kill_at = (self.world.effects.count + at, when)

    # Time

    @rule(seconds=st.sampled_from([1.0, 31.0, 61.0, 151.0, 601.0, 3601.0]))
    def passes(self, seconds: float) -> None:
        self._pass(seconds)
        self.world.settle()
        self._pass()

    def teardown(self) -> None:
        try:
            if self.world is not None:
                self._all_ends_well()
        finally:
            self._placed.close()

    def _all_ends_well(self) -> None:
        world = self.world
        world.calm()
        world.erps.insist()
        let_settle(world)
        persons_decide(world)
        let_settle(world)
        verdict = judge(world)
        breaches = verdict.breaches + [("handler", what) for what in world.functions.crashes]
        traces = [line for own, _ in breaches for line in world.watch.traces.get(own, [])]
        assert not breaches, "\n".join([f"{own}: {what}" for own, what in breaches] + traces)

    def _orders(self, *states: State) -> list[Order]:
        """Orders that may be posted again, as they have a reference to be known by; their records in one of these
        states where any are named."""
        if self.world is None:
            return []
        records = self.world.watch.records
        return [
            order
            for order in self.world.erps.orders
            if order.has_reference
            and (not states or (order.document_id in records and records[order.document_id].state in states))
        ]

    def _posted(self, order: Order) -> None:
        self.world.erps.post(order)
        self._pass()

    def _pass(self, seconds: float = _SOON) -> None:
        self.world.timeline.run(until=self.world.timeline.elapsed + seconds)


def test_the_torture_has_every_sort_of_trouble_that_was_ever_met():
    """``make torture`` draws from these; what is not among them it never tries."""
    sends = {"rule 90", "foreign before storing", "foreign after storing", "oversized before storing"}
    rates = Rates()

    assert sends | {"oversized after storing", "a book of notices"} <= SENDS.keys()
    assert {"foreign", "oversized"} <= ASKS.keys()
    assert (
        min(*SENDS.values(), *ASKS.values(), rates.hangs, rates.two_contents, rates.twice, rates.decision) > 0
    )
    world = World("hung", replace(rates, hangs=1.0))
    assert len(world.hanging) > 1 and all(house in world.houses for house in world.hanging)
    declares = {house.bench.provider.name for house in world.houses if house.kinds == (Kind.EVENT,)}
    assert declares >= {"dian"}


@pytest.mark.parametrize("house", ["factus-v2", "facepro", "facturatech", "afacturar", "dian"])
def test_each_request_has_one_record_one_number_and_one_document_whatever_happens(house: str):
    machine = type(f"ExactlyOnce_{house}", (ExactlyOnce,), {"house": house})
    bounded = settings(
        max_examples=5,
        stateful_step_count=15,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=bounded)
