"""How long it takes to look at ten thousand due records, everybody's provider answering in 300 ms.

``python -m tests.bench.looks [--records 10000]``. Every look is played, in the order and by as many runs at once as in
the stack, in injected time: what the machine takes does not count. It fails where the looks' time, shared by the runs,
is more than five minutes, or a record is not asked about exactly once.
"""

import argparse
import heapq
import math
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import Any

from moto import mock_aws

from cauce import looks, wiring
from cauce.aws.looks import Looks
from cauce.contracts.v1 import contract
from cauce.domain.document import Document, Kind
from cauce.domain.errors import OutcomeUnknown
from cauce.domain.issuer import Issuer
from cauce.domain.record import Due, Record, State
from cauce.gateway import Gateway
from cauce.providers.base import Turns, Unpaced
from cauce.providers.guard import Guarded
from tests import stack
from tests.documents import invoice
from tests.flow.conftest import Clock, Still
from tests.flow.test_consultation import PENDING, Scripted
from tests.records import noted
from tests.unit.contracts.examples import a_record

RECORDS = 10_000
ISSUERS = 100
LONGEST_SECONDS = 5 * 60.0
ANSWER_SECONDS = 0.3
RUNS = int(stack.template()["Parameters"]["SettleConcurrency"]["Default"])


class Timed(Scripted):
    """A provider that takes its time to answer, or hangs until nobody waits any more; each question in its turn."""

    def __init__(
        self, clock: Clock, seconds: float, *, hangs: bool = False, turns: Turns | None = None
    ) -> None:
        super().__init__(said=[OutcomeUnknown("no respondió") if hangs else PENDING])
        self.clock, self.seconds, self.turns = clock, seconds, turns or Unpaced()

    def consult(self, refs: Any) -> Any:
        self.turns.take()
        self.clock.advance(seconds=self.seconds)
        return super().consult(refs)


class HandedOut:
    """SQS, as far as it keeps what it was sent; moto's takes the longer the more it has."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, str]]) -> None:
        self.bodies += [entry["MessageBody"] for entry in Entries]


def looks_due(gateway: Gateway) -> list[Due]:
    """What a run of the schedule hands out, in order."""
    sent: Any = HandedOut()
    looks.hand_out(replace(gateway, looks=Looks(sent, "https://sqs/cauce-looks.fifo")))
    return [Looks.due(body) for body in sent.bodies]


@dataclass
class Played:
    """What came of the looks, in seconds since the first began."""

    began: dict[str, float] = field(default_factory=dict)
    """When the look that was a record's last one began, by the record's id, in the order in which they did."""
    ended: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    """Of all looks together, whichever run took them."""


@dataclass
class Queue:
    """The queue of looks and its runs: one of a line at a time, the lines in their order.

    A look takes as long as it lets the injected clock pass, which is set to the moment at which it is taken. One that
    comes back does so after whole seconds, its line waiting behind it.
    """

    clock: Clock
    take: Callable[[Due, bool], looks.Look]
    runs: int = RUNS

    def run(self, due: list[Due]) -> Played:
        lines: dict[tuple[str, str], deque[Due]] = {}
        for each in due:
            lines.setdefault((each.issuer, each.provider), deque()).append(each)
        start, played = self.clock._passed, Played()
        free = [0.0] * self.runs
        ready = [(0.0, n, line) for n, line in enumerate(lines)]
        came_back: set[str] = set()
        given = len(lines)
        while ready:
            since, _, line = heapq.heappop(ready)
            at = max(since, heapq.heappop(free))
            each = lines[line][0]
            self.clock._passed = start + timedelta(seconds=at)
            look = self.take(each, each.document_id in came_back)
            end = (self.clock._passed - start).total_seconds()
            played.seconds += end - at
            heapq.heappush(free, end)
            if look.comes_back_in is not None:
                came_back.add(each.document_id)
                end += math.ceil(look.comes_back_in.total_seconds())
            else:
                lines[line].popleft()
                played.began[each.document_id] = at
                played.ended[each.document_id] = end
            if lines[line]:
                given += 1
                heapq.heappush(ready, (end, given, line))
        return played


def kept(gateway: Gateway, nit: str, document_id: str, state: State = State.UNKNOWN, **facts: Any) -> Record:
    """A record that is due, as its look finds it."""
    now = gateway.now()
    record = a_record(
        _invoice(),
        **{
            "issuer": nit, "provider": "otro", "state": state, "attempt": 1, "number": None, "uuid": None,
            "document_id": document_id, "created_at": now, "received_at": now, "updated_at": now,
            "due_at": now - timedelta(seconds=1), **facts,
        },
    )  # fmt: skip
    return gateway.store.accept(noted(record, "kept", now), numbered=False, quota=None)


@cache
def _invoice() -> Document:
    return contract.document(Kind.INVOICE, invoice())


@dataclass(frozen=True)
class Measured:
    """What came of a number of due records."""

    looked_at: int
    asked: int
    minutes: float
    """From the first look to the end of the last."""
    seconds: float
    """Of all looks together, shared by the runs."""


def measure(records: int, issuers: int = ISSUERS) -> Measured:
    """Keep so many due records, hand them out as the schedule does, and take every look."""
    with _gateway() as (gateway, clock):
        provider = Timed(clock, ANSWER_SECONDS)
        nits = [f"9{issuer:08d}" for issuer in range(issuers)]
        for number, nit in enumerate(nits):
            gateway.store.save_issuer(
                Issuer(
                    nit=nit, check_digit="1", uuid=f"6a2f1c4e-0000-4000-8000-{number:012d}", number=number + 1,
                    name="MI EMPRESA SAS", providers={Kind.INVOICE: "otro"}, settings={},
                )
            )  # fmt: skip
        for n in range(records):
            kept(gateway, nits[n % issuers], str(n))
        here = replace(
            gateway,
            provider=lambda issuer, name: Guarded(provider, stack.breaker_of(gateway, issuer.nit, name)),
        )
        queue = Queue(clock, lambda due, came_back: looks.take(here, due, came_back=came_back))
        looked_at, minutes, seconds = 0, 0.0, 0.0
        while due := looks_due(here):  # a run of the schedule; what it leaves is handed out by the next
            played = queue.run(due)
            looked_at += len(played.ended)
            minutes += max(played.ended.values()) / 60
            seconds += played.seconds / RUNS
        return Measured(looked_at, provider.asked, minutes, seconds)


@contextmanager
def _gateway() -> Iterator[tuple[Gateway, Clock]]:
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": stack.REGION,
    }
    clock = Still()
    with mock_aws():
        yield wiring.connect(stack.create(), clock.seconds, clock.sleep), clock


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, default=RECORDS)
    asked = parser.parse_args()
    found = measure(asked.records)
    print(
        f"{found.looked_at} of {asked.records} due records looked at, {found.asked} questions of {ANSWER_SECONDS} s: "
        f"{found.seconds:.0f} s for each of {RUNS} runs, {found.minutes:.1f} minutes from the first to the last"
    )
    is_each_asked_once = found.looked_at == found.asked == asked.records
    return 0 if is_each_asked_once and found.seconds <= LONGEST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
