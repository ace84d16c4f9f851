"""Pace: each call with a credential takes a turn first, in whatever container it is made.

Turns are spaced for 95 % of the calls that the provider allows. The other 5 % may be made at once after an idle time,
so that no window, wherever it begins, ever holds more than the provider's limit. A turn that is taken and not used is
lost, so a caller takes only the turn that it is about to use.
"""

import math
import random
from collections.abc import Callable

from cauce.aws import keys
from cauce.aws.table import Table
from cauce.aws.turns import TooFar, TurnLine
from cauce.domain.errors import Held
from cauce.providers.base import Pace

SHARE = 95
"""Percent of the provider's limit by which turns are spaced."""
# How long a caller waits for its turn inside a function; for a later turn Held is raised instead.
PATIENCE_SECONDS = 5.0


class SharedTurns:
    """The turns of one issuer's credential at one provider."""

    def __init__(
        self,
        table: Table,
        nit: str,
        provider: str,
        pace: Pace,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ):
        self._line = TurnLine(table, keys.calls(nit, provider))
        self._gap = gap_ms(pace)
        self._slack = self._gap * (at_once(pace) - 1)
        self._clock = clock
        self._sleep = sleep

    def take(self, patience: float = PATIENCE_SECONDS) -> None:
        """As ``providers.base.Turns`` says."""
        wait = self.turn(patience) - self._clock()
        if wait > 0:
            self._sleep(wait)

    def turn(self, patience: float = PATIENCE_SECONDS) -> float:
        """Take the next turn: when it begins, in seconds since the epoch. Raises Held where that is too far off."""
        most = ms(max(0.0, min(patience, PATIENCE_SECONDS)))
        try:
            return self._line.take(ms(self._clock()), gap=self._gap, slack=self._slack, patience=most) / 1000
        except TooFar as late:
            raise held(late.wait_ms) from None

    def rest(self, seconds: float) -> None:
        """As ``providers.base.Turns`` says."""
        self._line.none_before(ms(self._clock() + seconds))


def gap_ms(pace: Pace) -> int:
    """Milliseconds between two turns."""
    return -(-pace.seconds * 1000 // max(1, pace.calls * SHARE // 100))


def at_once(pace: Pace) -> int:
    """How many calls may be made at once after an idle time: the spare 5 %, less one for the network's delays."""
    return max(1, pace.calls - pace.calls * SHARE // 100 - 1)


def parsed(text: str) -> Pace | None:
    """A pace as an operator writes it: ``80/60`` for 80 calls in 60 s, ``0`` for none. Raises ValueError for other
    texts."""
    calls, _, seconds = text.partition("/")
    return Pace(calls=int(calls), seconds=int(seconds)) if calls != "0" else None


def held(wait_ms: int) -> Held:
    """The Held to raise; its wait is spread at random, so that callers held together do not come back together."""
    wait = wait_ms / 1000
    spread = random.uniform(0, wait / 2)  # noqa: S311 - spreads callers, guards nothing
    return Held(
        "El proveedor limita las solicitudes; el documento espera su turno.", retry_after=wait + spread
    )


def ms(seconds: float) -> int:
    """Milliseconds, rounded up: a turn rounded down would shorten the gap before it."""
    return math.ceil(seconds * 1000)
