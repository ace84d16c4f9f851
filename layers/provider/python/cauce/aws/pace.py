"""Pace: one credential's calls, a turn each, shared by every container that has the credential.

The table holds one moment per credential, ``next_at``: when the next free turn begins. Taking a turn moves it on by
one gap, in one conditional write that callers in a queue never lose to each other. Turns are a gap apart at 95 % of
what the provider allows; the rest of its window is what may go at once after a silence, so that no window of any
position ever holds more than the provider's own limit. A turn that is taken and not used is lost to everybody, so
nobody takes more than the one it is about to use.
"""

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from cauce.aws import items, keys
from cauce.domain.errors import Held
from cauce.providers.base import Pace

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SHARE = 95
"""Of a hundred calls that the provider allows, those that go a gap apart."""
# How long a caller waits for its turn; a later one is not worth a function's time.
PATIENCE_SECONDS = 5.0
_TRIES = 8


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
        self._client = client
        self._table = table
        self._key = items.pack(dict(keys.calls(nit, provider)))
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
        for _ in range(_TRIES):
            now, next_at = self._now(), self._next_at()
            if next_at > now + _ms(PATIENCE_SECONDS):
                raise held(next_at - now)
            idle_since = now - self._slack
            taken = self._queue(now, idle_since) if next_at > idle_since else self._start(idle_since)
            if taken is not None:
                return taken / 1000
        raise held(self._gap)

    def rest(self, seconds: float) -> None:
        """As ``providers.base.Turns`` says; a longer rest that is already on is not cut short."""
        until = self._now() + _ms(seconds)
        self._write(
            "SET next_at = :until", "attribute_not_exists(next_at) OR next_at < :until", {":until": until}
        )

    def _queue(self, now: int, idle_since: int) -> int | None:
        """Take the turn at the end of the queue; ``None`` where the queue is not what it was."""
        following = self._write(
            "SET next_at = next_at + :gap",
            "next_at > :idle AND next_at <= :latest",
            {":gap": self._gap, ":idle": idle_since, ":latest": now + _ms(PATIENCE_SECONDS)},
        )
        return following - self._gap if following is not None else None

    def _start(self, idle_since: int) -> int | None:
        """Take the first turn after a silence; ``None`` where somebody else did."""
        following = self._write(
            "SET next_at = :following",
            "attribute_not_exists(next_at) OR next_at <= :idle",
            {":following": idle_since + self._gap, ":idle": idle_since},
        )
        return idle_since if following is not None else None

    def _next_at(self) -> int:
        answer = self._client.get_item(
            TableName=self._table, Key=self._key, ProjectionExpression="next_at", ConsistentRead=True
        )
        return int(items.unpack(dict(answer.get("Item", {}))).get("next_at", 0))

    def _write(self, update: str, condition: str, values: dict[str, int]) -> int | None:
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=self._key,
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=items.pack(dict(values)),
                ReturnValues="UPDATED_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return int(items.unpack(dict(answer["Attributes"]))["next_at"])

    def _now(self) -> int:
        return _ms(self._clock())


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


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
