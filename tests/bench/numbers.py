"""Numbers per second, and conflicts per number, for many callers on one prefix, on the local engine.

``python -m tests.bench.numbers [--callers 64] [--each 10] [--rounds 3]``. Rounds of one caller and of all callers
alternate, so that other work on the machine slows both. CPU time is shown as the ratio of the two, which a busy machine
changes little. Fails unless every number was given exactly once.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median
from typing import Any

from botocore.config import Config

from cauce.aws.new_records import NewRecords
from cauce.aws.ranges import Ranges
from cauce.aws.sealed import Seals
from cauce.aws.table import Table
from cauce.domain.document import Kind
from cauce.domain.errors import Busy
from cauce.domain.ranges import NumberingRange
from tests.e2e.test_numbers import NIT, a_record
from tests.local import engine as local_engine
from tests.local.engine import Engine
from tests.stack import template

_TABLE = "cauce-bench"
_START = 990_000_000


@dataclass(frozen=True)
class Round:
    """What one round took: wall and CPU seconds of this process, transactions tried, times a caller was answered Busy."""

    numbers: int
    seconds: float
    cpu: float
    tried: int
    refused: int
    slowest: float

    @property
    def per_second(self) -> float:
        return self.numbers / self.seconds

    @property
    def conflicts(self) -> float:
        """Transactions that failed, for each number."""
        return self.tried / self.numbers - 1

    @property
    def cpu_ms(self) -> float:
        return self.cpu / self.numbers * 1000


def client(engine: Engine, callers: int) -> Any:
    import boto3

    return boto3.Session(
        local_engine.ACCESS_KEY, local_engine.SECRET_KEY, region_name=local_engine.REGION
    ).client(
        "dynamodb",
        endpoint_url=engine.url,
        config=Config(max_pool_connections=callers, retries={"mode": "standard", "max_attempts": 4}),
    )


def parts_on(dynamodb: Any) -> tuple[NewRecords, Ranges]:
    """What takes numbers, with a client of Secrets Manager that is never called: the bench's range has
    no technical key to encrypt.
    """
    import boto3

    nobody = boto3.client("secretsmanager", region_name=local_engine.REGION)
    table = Table(dynamodb, _TABLE, time.sleep)
    ranges = Ranges(table, Seals(nobody, "", time.time))
    return NewRecords(table, ranges, time.time, time.sleep), ranges


def create_table(dynamodb: Any) -> None:
    properties = template()["Resources"]["Table"]["Properties"]
    names = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    dynamodb.create_table(TableName=_TABLE, **{name: properties[name] for name in names})


def measure(dynamodb: Any, numbering_range: NumberingRange, callers: int, each: int) -> Round:
    """One round: each caller takes so many numbers one after another."""
    new_records, ranges = parts_on(dynamodb)
    tried, refused = Counter[str](), Counter[str]()
    dynamodb.meta.events.register(
        "before-call.dynamodb.TransactWriteItems", lambda **_: tried.update(["x"]), unique_id="bench"
    )

    def caller(_: int) -> tuple[list[int], float]:
        taken, slowest = [], 0.0
        for _ in range(each):
            began = time.monotonic()
            accepted = None
            while accepted is None:
                try:
                    accepted = new_records.take_in(a_record(numbering_range), numbered=True, quota=None)
                except Busy:
                    refused.update(["x"])
            slowest = max(slowest, time.monotonic() - began)
            assert accepted.number is not None
            taken.append(accepted.number.consecutive)
        return taken, slowest

    before = ranges.read(NIT, numbering_range.key).next or _START
    wall, cpu = time.monotonic(), time.process_time()
    with ThreadPoolExecutor(callers) as pool:
        done = list(pool.map(caller, range(callers)))
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    dynamodb.meta.events.unregister("before-call.dynamodb.TransactWriteItems", unique_id="bench")
    taken = sorted(number for numbers, _ in done for number in numbers)
    assert taken == list(range(before, before + callers * each)), "a number was given twice, or left out"
    slowest = max(longest for _, longest in done)
    return Round(len(taken), wall, cpu, tried["x"], refused["x"], slowest)


def rounds_of(callers: int, each: int, rounds: int) -> tuple[list[Round], list[Round]]:
    """So many rounds of one caller, and as many of all callers, on an engine of their own."""
    with local_engine.running() as engine:
        dynamodb = client(engine, callers)
        create_table(dynamodb)
        numbering_range = NumberingRange(
            provider="dian",
            kind=Kind.INVOICE,
            prefix="SETP",
            resolution="1",
            start=_START,
            end=_START + 9_999_999,
            next=_START,
        )
        parts_on(dynamodb)[1].save(NIT, numbering_range)
        measure(dynamodb, numbering_range, 4, 5)  # warms up connections and caches
        alone, together = [], []
        for _ in range(rounds):
            alone.append(measure(dynamodb, numbering_range, 1, 4 * each))
            together.append(measure(dynamodb, numbering_range, callers, each))
        return alone, together


def conflicts(callers: int, each: int, rounds: int) -> float:
    """Conflicts for each number with so many callers, the median of the rounds."""
    return median(found.conflicts for found in rounds_of(callers, each, rounds)[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--callers", type=int, default=64)
    parser.add_argument("--each", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    report(asked.callers, *rounds_of(asked.callers, asked.each, asked.rounds))


def report(callers: int, alone: list[Round], together: list[Round]) -> None:
    print(f"{'':24}{'1 caller':>12}{f'{callers} callers':>14}   (median of {len(alone)} rounds)")
    rows: list[tuple[str, Callable[[Round], float]]] = [
        ("numbers per second", lambda each: each.per_second),
        ("conflicts per number", lambda each: each.conflicts),
        ("refused as busy", lambda each: each.refused),
        ("slowest number, s", lambda each: each.slowest),
        ("CPU per number, ms", lambda each: each.cpu_ms),
    ]
    for name, value in rows:
        print(f"{name:24}{median(map(value, alone)):12.2f}{median(map(value, together)):14.2f}")
    ratios = [many.cpu_ms / one.cpu_ms for one, many in zip(alone, together, strict=True)]
    print(f"{'CPU time, ratio':24}{1:12.2f}{median(ratios):14.2f}")


if __name__ == "__main__":
    main()
