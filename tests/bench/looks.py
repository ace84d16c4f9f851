"""How long looks at ten thousand due records take, if every provider answers in 300 ms.

``python -m tests.bench.looks [--records 10000]``. Every look is done in the order of the queue, by as many runs at once
as in the stack, in simulated time, so the machine's speed does not count. Fails if the looks' time, divided by the runs,
is more than five minutes, or if a record is not asked about exactly once.
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

from cauce import wiring
from cauce.aws.queues import Looks
from cauce.contracts.v1 import contract
from cauce.domain.document import Document, Kind
from cauce.domain.errors import OutcomeUnknown
from cauce.domain.issuer import Issuer
from cauce.domain.record import Due, Record, State
from cauce.gateway import Gateway
from cauce.providers.base import Resend, Turns, Unpaced
from cauce.providers.guard import Guarded
from cauce.settling import looks
from tests import stack
from tests.documents import invoice
from tests.flow.conftest import Clock, Still
from tests.flow.test_consultation import CAPABILITIES, PENDING, Scripted
from tests.records import noted
from tests.unit.contracts.examples import a_record

RECORDS = 10_000
ISSUERS = 100
LONGEST_SECONDS = 5 * 60.0
ANSWER_SECONDS = 0.3
RUNS = int(stack.template()["Parameters"]["SettleConcurrency"]["Default"])


class Timed(Scripted):
    """A provider whose every answer takes so many seconds, or which never answers; each call takes a turn of the pace
    first.
    """

    def __init__(
        self, clock: Clock, seconds: float, *, hangs: bool = False, turns: Turns | None = None
    ) -> None:
        # DIAN's own, whose pending documents are only asked about: one that is sent again needs its archived request.
        can = replace(CAPABILITIES, resend=Resend.SAME_BYTES)
        super().__init__(said=[OutcomeUnknown("no respondió") if hangs else PENDING], can=can)
        self.clock, self.seconds, self.turns = clock, seconds, turns or Unpaced()

    def consult(self, refs: Any) -> Any:
        self.turns.take()
        self.clock.advance(seconds=self.seconds)
        return super().consult(refs)


class HandedOut:
    """Stands for the SQS client: keeps the bodies sent. moto's gets slower the more messages it has."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, str]]) -> None:
        self.bodies += [entry["MessageBody"] for entry in Entries]


def looks_due(gateway: Gateway) -> list[Due]:
    """The looks that one run of the schedule puts in the queue, in order."""
    sent: Any = HandedOut()
    looks.hand_out(replace(gateway, looks=Looks(sent, "https://sqs/cauce-looks.fifo")))
    return [Looks.due(body) for body in sent.bodies]


@dataclass
class Played:
    """When each look was done, in seconds since the first began."""

    began: dict[str, float] = field(default_factory=dict)
    """When a record's last look began, by the record's id, in order of beginning."""
    ended: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    """Of all looks together, whichever run did them."""


@dataclass
class Queue:
    """The queue of looks and its runs: one look at a time of each line, first come first served among the lines.

    Before each look the clock is set to the moment at which a run is free for it; the look takes as long as it then
    advances the clock. A look that comes back does so after whole seconds, and its line waits meanwhile.
    """

    clock: Clock
    take: Callable[[Due, bool], looks.Look]
    runs: int = RUNS

    def run(self, due: list[Due]) -> Played:
        lines: dict[tuple[str, str], deque[Due]] = {}
        for each in due:
            lines.setdefault((each.issuer, each.provider), deque()).append(each)
        start, played = self.clock.passed, Played()
        free = [0.0] * self.runs
        ready = [(0.0, n, line) for n, line in enumerate(lines)]
        came_back: set[str] = set()
        given = len(lines)
        while ready:
            since, _, line = heapq.heappop(ready)
            at = max(since, heapq.heappop(free))
            each = lines[line][0]
            self.clock.passed = start + timedelta(seconds=at)
            look = self.take(each, each.document_id in came_back)
            end = (self.clock.passed - start).total_seconds()
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
    """Store a record that is due."""
    now = gateway.now()
    record = a_record(
        _invoice(),
        **{
            "issuer": nit, "provider": "otro", "state": state, "attempt": 1, "number": None, "uuid": None,
            "document_id": document_id, "created_at": now, "received_at": now, "updated_at": now,
            "due_at": now - timedelta(seconds=1), **facts,
        },
    )  # fmt: skip
    return gateway.new_records.take_in(noted(record, "kept", now), numbered=False, quota=None)


@cache
def _invoice() -> Document:
    return contract.document(Kind.INVOICE, invoice())


@dataclass(frozen=True)
class Measured:
    """The result of a measurement."""

    looked_at: int
    asked: int
    minutes: float
    """From the beginning of the first look to the end of the last."""
    seconds: float
    """Of all looks together, divided by the number of runs."""


def measure(records: int, issuers: int = ISSUERS) -> Measured:
    """Store so many due records, hand out their looks as the schedule does, and do every look."""
    with _gateway() as (gateway, clock):
        provider = Timed(clock, ANSWER_SECONDS)
        nits = [f"9{issuer:08d}" for issuer in range(issuers)]
        for number, nit in enumerate(nits):
            gateway.issuers.save(
                Issuer(
                    nit=nit, check_digit="1", uuid=f"6a2f1c4e-0000-4000-8000-{number:012d}", number=number + 1,
                    name="MI EMPRESA SAS", providers={Kind.INVOICE: "otro"}, settings={},
                )
            )  # fmt: skip
        for n in range(records):
            kept(gateway, nits[n % issuers], str(n))
        here = replace(
            gateway,
            provider=lambda issuer, name: Guarded(
                provider, stack.breaker_of(gateway, issuer.nit, name, client=stack.client("dynamodb"))
            ),
        )
        queue = Queue(clock, lambda due, came_back: looks.take(here, due, came_back=came_back))
        looked_at, minutes, seconds = set[str](), 0.0, 0.0
        while len(looked_at) < records:  # a run of the schedule; the next one hands out what is left
            played = queue.run(looks_due(here))
            looked_at |= played.ended.keys()
            minutes += max(played.ended.values()) / 60
            seconds += played.seconds / RUNS
        return Measured(len(looked_at), provider.asked, minutes, seconds)


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
