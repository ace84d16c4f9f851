"""One provider under load: one issuer's documents, all containers of the stack, simulated time.

The world is that of ``tests.torture`` without random faults: the functions' own handlers, the queue and its ten
workers, the provider's strict simulator. Every call is kept with the moment at which it left.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

import httpx

from cauce.domain.record import SETTLED, Record
from tests.torture.chaos import NONE
from tests.torture.episode import World
from tests.torture.houses import House
from tests.torture.verdict import Verdict, judge, stored

_MINUTE = 60.0
# Seconds for the way and the work of an answer: short, so that documents wait only for the provider's limit.
_WAY, _WORK = (0.02, 0.06), (0.05, 0.3)


@dataclass(frozen=True)
class Call:
    """A call: when it left, in seconds since the beginning, and the status of its answer; None if there was no answer."""

    at: float
    status: int | None
    creates: bool
    """It asks the provider to create a document."""


class Silence(StrEnum):
    """Ways of being out. Too late: the provider does what was asked, but its caller gets no answer."""

    REFUSES = "refuses"
    TIMES_OUT = "times out"
    TOO_LATE = "answers too late"


@dataclass
class Load:
    """The load on one provider, and the calls that came of it."""

    world: World
    calls: list[Call] = field(default_factory=list)
    silence: Silence | None = None
    """How the provider is out now; None while it answers."""

    @property
    def house(self) -> House:
        return self.world.houses[0]

    def post(self, documents: int, within: float) -> None:
        """Schedule so many orders, spread evenly over so many seconds, whether the provider answers or not."""
        for n in range(documents):
            order = self.world.erps.order(self.house)
            self.world.timeline.after(within * n / documents, lambda order=order: self.world.erps.post(order))

    def run(self, seconds: float) -> None:
        """Let time pass; the schedule runs every minute."""
        self._pass(self.world.timeline.elapsed + seconds, lambda: False)

    def run_until_settled(self, most: float) -> None:
        """Let time pass until every order is settled and nothing is left to do for any, or for ``most`` seconds."""
        self._pass(self.world.timeline.elapsed + most, self._is_settled)

    def go_out(self, how: Silence) -> None:
        """The provider is out from now on. DIAN's simulator also declares the outage, as DIAN does afterwards."""
        self.silence = how
        if declare := getattr(self.house.bench.simulator, "declare_outage", None):
            declare(hours=0)

    def come_back(self) -> None:
        self.silence = None
        if end := getattr(self.house.bench.simulator, "come_back", None):
            end()

    def records(self) -> list[Record]:
        return list(stored(self.world.gateway, self.house).values())

    def judged(self) -> Verdict:
        """Torture's final checks: one record, one number and one document at the provider for each order, and the
        others.
        """
        return judge(self.world)

    def _pass(self, until: float, over: Callable[[], bool]) -> None:
        ended = False

        def minute() -> None:
            nonlocal ended
            ended = over() or self.world.timeline.elapsed >= until
            if not ended:
                self.world.settle()
                self.world.timeline.after(_MINUTE, minute)

        self.world.timeline.after(_MINUTE, minute)
        self.world.timeline.run(over=lambda: ended)

    def _is_settled(self) -> bool:
        known = self.world.watch.records.values()
        settled = sum(record.state in SETTLED and record.due_at is None for record in known)
        return settled == len(self.world.erps.orders) and not self.world.functions.at_work

    def carry(self, carry: Callable[..., httpx.Response]) -> Callable[..., httpx.Response]:
        """``carry`` with every call kept, and none answered while the provider is out."""

        def noted(request: httpx.Request, *, safely: bool = False) -> httpx.Response:
            if safely:
                return carry(request, safely=True)
            at, creates = self.world.timeline.elapsed, self.house.creates(request)
            try:
                self._keep_silent(carry, request)
                answer = carry(request)
            except httpx.TransportError:
                self.calls.append(Call(at, None, creates))
                raise
            self.calls.append(Call(at, answer.status_code, creates))
            return answer

        return noted

    def _keep_silent(self, carry: Callable[..., httpx.Response], request: httpx.Request) -> None:
        """Raise what httpx raises while the provider is out."""
        if self.silence is None:
            return
        if self.silence is Silence.REFUSES:
            raise httpx.ConnectError(self.silence, request=request)
        if self.silence is Silence.TOO_LATE:
            carry(request, safely=True)
        self.world.timeline.sleep(float(request.extensions["timeout"]["read"]))
        raise httpx.ReadTimeout(self.silence, request=request)


@contextmanager
def on(house: str, seed: str = "load") -> Iterator[Load]:
    """The world with only this house's issuer (``tests.torture.houses``), enrolled and idle."""
    world = World(seed, NONE, only=house)
    world.network.way, world.network.work = _WAY, _WORK
    with world.running():
        world.erps.goes_on = False
        load = Load(world)
        world.network.carry = load.carry(world.network.carry)  # type: ignore[method-assign]
        yield load


def fullest(moments: list[float], seconds: float) -> int:
    """The most moments in any window of this many seconds, its end excluded."""
    ordered = sorted(moments)
    return max(
        (bisect_left(ordered, start + seconds) - n for n, start in enumerate(ordered)),
        default=0,
    )
