"""The two dialects side by side, each at its own Factus: what differs on the wire comes to the same document."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from cauce.domain.document import Kind
from tests.contract.bench import Live
from tests.contract.benches.factus import FactusV1, FactusV2


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
