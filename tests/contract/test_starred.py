"""Quirks that can duplicate or lose a legal document, where no other test of the suite is about them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from cauce.domain.document import Kind
from cauce.domain.errors import OutcomeUnknown
from cauce.domain.outcome import Accepted, Pending, Rejected
from cauce.providers.base import NumberedBy, Verb
from tests.contract.bench import RULE, TEXT, Live
from tests.contract.benches.factus import FactusV1, FactusV2


def test_quirk_56_nothing_but_a_rejected_attempt_is_ever_discarded(first: Live) -> None:
    """What is discarded was rejected and is kept: no other outcome says so of itself."""
    first.bench.delay()
    try:
        told = first.emit()
    except OutcomeUnknown:
        told = None  # nothing is known of it, and nothing is discarded
    assert told is None or (isinstance(told, Pending) and not hasattr(told, "stored"))

    settled = first.settle()

    assert isinstance(settled, Accepted)
    assert all(seen.method != "DELETE" for seen in first.asked)


def test_a_rejection_that_is_kept_can_be_discarded(first: Live) -> None:
    first.bench.reject(RULE, TEXT)

    refused = first.emit()

    assert isinstance(refused, Rejected)
    assert not refused.stored or Verb.DISCARD in first.capabilities.verbs


@pytest.fixture
def dialects() -> Iterator[list[Live]]:
    """An invoice in v1 and in v2, each at its own Factus."""
    benches = [FactusV1(), FactusV2()]
    for bench in benches:
        bench.simulator.start()
    yield [Live(bench, Kind.INVOICE, None) for bench in benches]
    for bench in benches:
        bench.simulator.stop()


def test_quirk_61_the_same_document_comes_to_the_same_total_in_either_dialect(dialects: Any) -> None:
    """50000 and its IVA: v1 is told 59500 a unit, v2 50000, and both bill 59500."""
    totals = [live.accepted().payable for live in dialects]

    assert totals == [Decimal("59500.00"), Decimal("59500.00")]
    bodies = [live.request.body for live in dialects]
    assert b'"price":59500' in bodies[0]
    assert b'"price":"50000.00"' in bodies[1]


def test_quirk_120_who_numbers_is_declared_and_held_to(live: Live) -> None:
    """A provider that numbers gives the number with its answer; one that does not takes ours, in its request."""
    before = live.record.number
    request = live.ready()

    outcome = live.provider.send(request)

    if live.kind is Kind.EVENT:
        assert before is None  # an event has no number of a range
    elif live.capabilities.numbered_by is NumberedBy.PROVIDER:
        assert before is None
        assert outcome.number is not None
    else:
        assert before is not None
        assert outcome.number in (None, before)
