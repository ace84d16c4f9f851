"""What one accepted invoice through DIAN may cost, counted: the same on every machine. Lower a number when you can.

``make bench`` measures times.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from types import CodeType, FrameType
from typing import Any
from unittest import mock

import pytest
from lxml import etree

from cauce import law
from cauce.aws import keys
from cauce.contracts.v1 import contract
from cauce.domain.document import Kind
from cauce.domain.record import Due, State, WaitsFor
from cauce.domain.totals import add_up
from cauce.settling import looks
from cauce.ubl import preflight, refusals
from cauce.ubl.certificate import Certificate
from tests.bench import asked
from tests.bench.emission import Container, container
from tests.thin_aws import Bill

LINES = (2, 200)
MOST = {
    # of our own work                        2, 200 lines
    "RSA operations":                       (1, 1),
    "XML parses":                           (3, 3),
    "C14N passes":                          (0, 0),
    "preflights":                           (1, 1),
    "refusals":                             (1, 1),
    "totals":                               (1, 1),
    "law checks":                           (1, 1),
    "content hashes":                       (1, 1),
    # of AWS
    "DynamoDB requests":                    (8, 8),
    "DynamoDB write units, with indexes":   (28, 36),
    "the same, transactions once":          (21, 25),
    "DynamoDB read units":                  (3, 3),
    "S3 puts":                              (2, 2),
    "S3 gets":                              (0, 0),
    "secrets read":                         (0, 0),
    "log events put":                       (1, 1),
    "SQS calls":                            (0, 0),
}  # fmt: skip
"""The most that each may be."""

# Ours are counted by their code, from wherever they are called.
_OURS: dict[str, Any] = {
    "RSA operations": Certificate.sign,
    "preflights": preflight.look_over,
    "refusals": refusals.has_problem,
    "totals": add_up,
    "law checks": law.check,
    "content hashes": contract.content_hash,
}


@pytest.mark.parametrize("size", range(len(LINES)), ids=[f"{n} lines" for n in LINES])
def test_an_accepted_invoice_costs_no_more_than_its_budget(size):
    with container() as running:
        found = _counted(running, LINES[size])

    assert {what: found[what] for what in MOST if found[what] > MOST[what][size]} == {}


def test_a_look_reads_once_and_writes_once_and_only_an_answer_that_says_something_new_is_kept_too():
    with container() as running:
        running.accepted(2)
        (due,) = _in_doubt(running)

        first, at_first = _looked_at(running, due)
        running.clock.sleep(1200)
        again, then = _looked_at(running, due)

    assert [first.seen, again.seen] == [looks.Seen.WAITING] * 2
    assert at_first.requests == {"dynamodb.BatchGetItem": 1, "dynamodb.PutItem": 1, "s3.PutObject": 1}
    assert then.requests == {"dynamodb.BatchGetItem": 1, "dynamodb.PutItem": 1}


def test_a_page_of_fifty_by_issuer_state_and_date_is_one_query_of_fifty_rows():
    assert asked.pages(4 * asked.PAGE, asked.by_rows) == (asked.PAGE, 1)


def test_a_page_of_fifty_by_another_filter_reads_the_rows_of_its_index_and_their_heads_and_no_content():
    assert asked.pages(4 * asked.PAGE, asked.by_keys) == (2 * asked.PAGE, 2)


def test_a_page_of_fifty_by_how_a_number_or_an_identification_begins_asks_each_kind_of_number_once():
    assert asked.pages(4 * asked.PAGE, asked.by_beginning) == (2 * asked.PAGE, 2 + len(Kind))


def _looked_at(running: Container, due: Due) -> tuple[looks.Look, Bill]:
    """A look at a record, and what it cost."""
    bill = running.aws.begin()
    return looks.take(running.gateway, due), bill


def _in_doubt(running: Container) -> list[Due]:
    """One of the container's records, in doubt and due."""
    gateway, now = running.gateway, running.gateway.now()
    issuer, document_id = keys.of_record(next(pk for pk, sk in running.aws.table.items if sk == keys.RECORD))
    record = gateway.records.read(issuer, document_id)
    changes = {"state": State.UNKNOWN, "due_at": now, "waits_for": WaitsFor.ANSWER, "waits_since": now}
    gateway.records.save(record.model_copy(update=changes))
    return gateway.records.due(now)


def _counted(running: Container, lines: int) -> Counter[str]:
    """What an invoice of so many lines costs, under the names of the table above."""
    found: Counter[str] = Counter()
    with _calls_counted(found), _xml_counted(found):
        bill = running.accepted(lines)
    found["DynamoDB requests"] = bill.calls("dynamodb")
    found["DynamoDB write units, with indexes"] = bill.write_units
    found["the same, transactions once"] = bill.plain_units + bill.index_units
    found["DynamoDB read units"] = ceil(bill.read_units)
    found["S3 puts"] = bill.requests["s3.PutObject"]
    found["S3 gets"] = bill.requests["s3.GetObject"]
    found["secrets read"] = bill.calls("secretsmanager")
    found["log events put"] = bill.calls("logs")
    found["SQS calls"] = bill.calls("sqs")
    return found


@contextmanager
def _calls_counted(found: Counter[str]) -> Iterator[None]:
    names: dict[CodeType, str] = {work.__code__: name for name, work in _OURS.items()}

    def count(frame: FrameType, event: str, _what: object) -> None:
        if event == "call" and frame.f_code in names:
            found[names[frame.f_code]] += 1

    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(None)


@contextmanager
def _xml_counted(found: Counter[str]) -> Iterator[None]:
    """libxml2's work, which is not in Python."""

    def counting(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **options: Any) -> Any:
            found[name] += name != "C14N passes" or options.get("method", "c14n") == "c14n"
            return work(*args, **options)

        return counted

    names = {
        "fromstring": "XML parses",
        "XML": "XML parses",
        "parse": "XML parses",
        "iterparse": "XML parses",
        "canonicalize": "C14N passes",
        "tostring": "C14N passes",
    }
    works = {each: counting(name, getattr(etree, each)) for each, name in names.items()}
    with mock.patch.multiple(etree, **works):
        yield
