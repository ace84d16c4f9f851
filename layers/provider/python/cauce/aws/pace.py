"""Pace: one credential's calls, a turn each, shared by every container that has the credential.

Turns are a gap apart at 95 % of what the provider allows; the rest of its window is what may go at once after a
silence, so that no window of any position ever holds more than the provider's own limit. A turn that is taken and not
used is lost to everybody, so nobody takes more than the one it is about to use.
"""

import math
import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from cauce.aws import keys
from cauce.aws.turns import Line, TooFar
from cauce.domain.errors import Held
from cauce.providers.base import Pace

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SHARE = 95
"""Of a hundred calls that the provider allows, those that go a gap apart."""
# How long a caller waits for its turn; a later one is not worth a function's time.
PATIENCE_SECONDS = 5.0


class SharedTurns:
    """The turns of one issuer's credential at one provider."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        nit: str,
        provider: str,
        pace: Pace,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ):
        self._line = Line(client, table, keys.calls(nit, provider))
        self._gap = gap_ms(pace)
        self._slack = self._gap * (at_once(pace) - 1)
        self._clock = clock
        self._sleep = sleep

    def take(self) -> None:
        """As ``providers.base.Turns`` says."""
        wait = self.turn() - self._clock()
        if wait > 0:
            self._sleep(wait)

    def turn(self) -> float:
        """Take the next turn: when it begins, in seconds since the epoch. Raises Held where that is too far off."""
        patience = ms(PATIENCE_SECONDS)
        try:
            return (
                self._line.take(ms(self._clock()), gap=self._gap, slack=self._slack, patience=patience) / 1000
            )
        except TooFar as late:
            raise held(late.wait_ms) from None

    def rest(self, seconds: float) -> None:
        """As ``providers.base.Turns`` says."""
        self._line.none_before(ms(self._clock() + seconds))


def gap_ms(pace: Pace) -> int:
    """Milliseconds between two turns."""
    return -(-pace.seconds * 1000 // max(1, pace.calls * SHARE // 100))


def at_once(pace: Pace) -> int:
    """How many calls may go together after a silence; one of the spare ones is left for the network's own delays."""
    return max(1, pace.calls - pace.calls * SHARE // 100 - 1)


def parsed(text: str) -> Pace | None:
    """A pace as an operator writes it, ``80/60`` for 80 calls in 60 s; ``0`` for none."""
    calls, _, seconds = text.partition("/")
    return Pace(calls=int(calls), seconds=int(seconds)) if calls != "0" else None


def held(wait_ms: int) -> Held:
    """Spread, so that those who are held together do not all come back together."""
    wait = wait_ms / 1000
    spread = random.uniform(0, wait / 2)  # noqa: S311 - spreads callers, guards nothing
    return Held(
        "El proveedor limita las solicitudes; el documento espera su turno.", retry_after=wait + spread
    )


def ms(seconds: float) -> int:
    """Never earlier: a turn that began before its caller came is a gap cut short."""
    return math.ceil(seconds * 1000)
