"""Turns, one after another, for callers in different containers.

Each line of callers has one item in the table, whose ``next_at`` is when its next free turn begins. Taking a turn
moves ``next_at`` on, in one conditional write; callers that queue at the same time do not make each other's condition
fail. A turn whose caller dies goes unused.
"""

from cauce.aws import keys
from cauce.aws.items import Attributes
from cauce.aws.table import Table

_TRIES = 8


class TooFar(Exception):
    """The next turn is further away than the caller waits; none was taken. Never leaves ``aws``."""

    def __init__(self, wait_ms: int):
        super().__init__(wait_ms)
        self.wait_ms = wait_ms


class TurnLine:
    """The line under one key of the table. Moments are milliseconds since the epoch."""

    def __init__(self, table: Table, key: keys.Key):
        self._table = table
        self._key = key

    def take(self, now: int, *, gap: int, slack: int = 0, patience: int) -> int:
        """Take the next turn; when it begins. The turn after it begins ``gap`` later.

        After an idle time the first turn begins ``slack`` ago, so that as many turns as fit in that time are free at
        once. Raises TooFar where the next turn begins more than ``patience`` from now. All in milliseconds.
        """
        for _ in range(_TRIES):
            next_at = self._next_at()
            if next_at > now + patience:
                raise TooFar(next_at - now)
            idle = now - slack
            turn = self._queue(gap, idle, now + patience) if next_at > idle else self._start(gap, idle)
            if turn is not None:
                return turn
        raise TooFar(gap)

    def none_before(self, moment: int) -> None:
        """Let no turn begin before this moment; nothing changes where the next one begins later anyway."""
        self._write("SET next_at = :at", "attribute_not_exists(next_at) OR next_at < :at", {":at": moment})

    def _queue(self, gap: int, idle: int, latest: int) -> int | None:
        """Take the turn at the end of the line; ``None`` where the condition does not hold any more."""
        values = {":gap": gap, ":idle": idle, ":latest": latest}
        following = self._write(
            "SET next_at = next_at + :gap", "next_at > :idle AND next_at <= :latest", values
        )
        return following - gap if following is not None else None

    def _start(self, gap: int, idle: int) -> int | None:
        """Take the first turn after an idle time; ``None`` where another caller took it."""
        following = self._write(
            "SET next_at = :following",
            "attribute_not_exists(next_at) OR next_at <= :idle",
            {":following": idle + gap, ":idle": idle},
        )
        return idle if following is not None else None

    def _next_at(self) -> int:
        return int(self._table.attributes(self._key, "next_at").get("next_at", 0))

    def _write(self, update: str, condition: str, values: Attributes) -> int | None:
        written = self._table.update(self._key, update, values, condition=condition)
        return int(written["next_at"]) if written is not None else None
