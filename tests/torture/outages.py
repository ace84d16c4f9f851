"""Services that are out: DIAN for minutes or many hours, another provider for about an hour, and the providers of
several issuers at once for half an hour in which they answer nothing at all.

What a caller meets depends on ``How``; now and then a document is taken all the same and its caller gets no answer, and
now and then a single call gets through. Meanwhile everything else that can go wrong goes on.
Source: Anexo Técnico 1.9, 12.2.1 (how DIAN is out).
"""

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from tests.torture.chaos import Chaos
from tests.torture.houses import HANGS, House
from tests.torture.timeline import Timeline

_MINUTE = 60.0
_HOUR = 60 * _MINUTE
_DIAN = "dian"


class How(StrEnum):
    """What callers meet while a service is out."""

    REFUSES = "refuses connections"
    TIMES_OUT = "times out"
    TOO_LATE = "answers too late"
    """What was asked is done, but its caller gets no answer."""
    ERROR = "answers an error"
    TAKES_NOTHING = "answers questions and takes nothing"


# Weights of the ways to be out; how long DIAN is out, with weights; the statuses with which services answer meanwhile.
_WAYS = {How.ERROR: 5, How.REFUSES: 2, How.TIMES_OUT: 2, How.TOO_LATE: 2, How.TAKES_NOTHING: 2}
_DIAN_SECONDS = {
    (5 * _MINUTE, 15 * _MINUTE): 3,
    (20 * _MINUTE, _HOUR): 5,
    (_HOUR, 3 * _HOUR): 3,
    (5 * _HOUR, 12 * _HOUR): 1,
}
_PROVIDER_SECONDS = (40 * _MINUTE, 80 * _MINUTE)
_HANGS_AFTER, _HANGS_FOR = (_MINUTE, 5 * _MINUTE), (25 * _MINUTE, 40 * _MINUTE)
_DIAN_ERRORS = (403, 500, 503, 507, 508)
_ERRORS = (500, 502, 503, 504)


@dataclass
class Outage:
    """One outage of one service; ``began`` and ``ends`` in seconds since the episode began."""

    house: House
    how: How
    status: int
    began: float
    ends: float
    is_declared: bool
    """DIAN admits the outage afterwards, so that it takes the invoices of type 04 signed during it."""

    @property
    def concerns_dian(self) -> bool:
        return self.house.name == _DIAN


class Outages:
    """Every outage of an episode, planned from its seed."""

    def __init__(self, timeline: Timeline, chaos: Chaos, random: Random):
        self._timeline = timeline
        self._chaos = chaos
        self._random = random
        self._now: dict[str, Outage] = {}
        self.planned: list[Outage] = []

    @property
    def over_at(self) -> float:
        """When the last one ends, in seconds since the episode began."""
        return max((outage.ends for outage in self.planned), default=0.0)

    def plan(self, houses: list[House], within: float) -> None:
        """Plan perhaps one or two outages of DIAN and one of another provider; the first begins within so many seconds."""
        dian = next((house for house in houses if house.name == _DIAN), None)
        if dian is not None and self._chaos.strikes("dian_out"):
            first = self._soon(dian, self._random.uniform(0, within), self._dian_seconds())
            if self._random.random() < 0.3:
                self._soon(dian, first.ends + self._random.uniform(2, 40) * _MINUTE, self._dian_seconds())
        others = [house for house in houses if house is not dian]
        if others and self._chaos.strikes("provider_out"):
            house = self._random.choices(others, [house.weight for house in others])[0]
            self._soon(house, self._random.uniform(0, within), self._random.uniform(*_PROVIDER_SECONDS))

    def hang(self, houses: list[House]) -> None:
        """Let the provider of each house answer nothing to anybody, soon and for about half an hour."""
        for house in houses:
            self._soon(
                house, self._random.uniform(*_HANGS_AFTER), self._random.uniform(*_HANGS_FOR), How.TIMES_OUT
            )

    def end(self) -> None:
        """End all outages, now and for good."""
        for outage in list(self._now.values()):
            self._come_back(outage)
        self.planned = [outage for outage in self.planned if outage.began <= self._timeline.elapsed]

    def met(self, name: str, *, creates: bool) -> Outage | None:
        """The outage that a call to a service meets now; None where the call gets through."""
        outage = self._now.get(name)
        if outage is None or (outage.how is How.TAKES_NOTHING and not creates):
            return None
        if self._chaos.strikes("flicker"):
            self._chaos.count("outage: one call gets through")
            return None
        self._chaos.count("outage: calls into it")
        return outage

    def done_all_the_same(self, outage: Outage, *, creates: bool) -> bool:
        """Whether a service that is out does what it is asked, though its caller gets no answer."""
        done = outage.how is How.TOO_LATE or (creates and self._chaos.strikes("leak"))
        if done and creates:
            self._chaos.count("outage: taken, and nobody heard")
        return done

    def _dian_seconds(self) -> float:
        return self._random.uniform(*self._chaos.one_of(_DIAN_SECONDS))

    def _soon(self, house: House, after: float, seconds: float, how: How | None = None) -> Outage:
        began = self._timeline.elapsed + after
        how = how or self._chaos.one_of(_WAYS)
        status = self._random.choice(_DIAN_ERRORS if house.name == _DIAN else _ERRORS)
        is_declared = self._random.random() < 0.9
        outage = Outage(house, how, status, began, began + seconds, is_declared)
        self.planned.append(outage)
        self._timeline.after(after, lambda: self._go_out(outage))
        self._timeline.after(after + seconds, lambda: self._come_back(outage))
        return outage

    def _go_out(self, outage: Outage) -> None:
        if outage not in self.planned:
            return
        self._now[outage.house.name] = outage
        name = outage.house.name
        self._chaos.count(
            f"outage: {name.partition('-')[0] if name.startswith(HANGS) else name} {outage.how}"
        )
        if outage.concerns_dian and outage.is_declared:
            outage.house.bench.simulator.declare_outage(hours=0)  # type: ignore[attr-defined]
        elif outage.concerns_dian:
            self._chaos.count("outage: not declared")

    def _come_back(self, outage: Outage) -> None:
        if self._now.get(outage.house.name) is not outage:
            return
        del self._now[outage.house.name]
        outage.ends = self._timeline.elapsed
        if outage.concerns_dian:
            outage.house.bench.simulator.come_back()  # type: ignore[attr-defined]
