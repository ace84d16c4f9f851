"""docs/COSTS.md says what a document asks of AWS today, at the prices that are written down."""

import pytest

from tests.costs import counted, page, priced

STORED = counted.stored()
AGAIN = "run: make cost"


@pytest.mark.parametrize("way", [*counted.WAYS, counted.IDLE])
def test_what_is_asked_of_aws_is_what_was_counted(way):
    assert counted.changed(STORED[way], counted.count(way, priced.load())) == [], AGAIN


def test_the_page_on_costs_is_what_the_counts_and_the_prices_say():
    assert page.FILE.read_text(encoding="utf-8") == page.written(STORED, priced.load()), AGAIN


def test_a_count_that_changes_and_a_size_that_changes_much_are_told():
    old = {"functions": {"Emit": {"calls": {"s3.PutObject": 3}}}, "bytes": {"archive": 1000.0, "logs": 100.0}}
    new = {"functions": {"Emit": {"calls": {"s3.GetObject": 1}}}, "bytes": {"archive": 1040.0, "logs": 106.0}}

    assert counted.changed(old, new) == [
        "functions Emit calls s3.PutObject: 3 → 0",
        "functions Emit calls s3.GetObject: 0 → 1",
        "bytes logs: 100 → 106",
    ]
