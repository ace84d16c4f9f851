"""What is noticed of an issuer's ranges: which piece of news each is, and what it says."""

from datetime import date

import pytest

from cauce.domain import notices
from cauce.domain.news import NewsType
from cauce.domain.preparation import Use
from tests.unit.domain.test_preparation import NOON, TODAY, issuer, numbers


def by_pace(left: int, used: int) -> list[notices.Noticed]:
    """Of a range with so many numbers, of which so many were used in the sixteen days of this month."""
    found = numbers(start=1, end=1_000_000, next=1_000_001 - left)
    return list(notices.of_pace(issuer(), found, Use(0, used), TODAY, NOON))


@pytest.mark.parametrize(
    "left, told", [(496, None), (480, 30), (240, 15), (112, 7), (16, 1), (10, 1)]
)  # sixteen a day
def test_a_range_that_ends_by_its_pace_is_noticed_by_the_days_that_it_lasts(left, told):
    assert [each.what.rpartition("#")[2] for each in by_pace(left, 256)] == ([str(told)] if told else [])


def test_what_is_said_of_a_pace_has_the_numbers_and_the_days():
    (found,) = by_pace(200, 256)

    assert found.news.type is NewsType.RANGE_RUNS_OUT
    assert found.news.why == "Al ritmo reciente los 200 números que quedan se acaban en 12 días."
    assert found.news.range is not None
    assert (found.news.range.left, found.news.range.days_by_pace) == (200, 12)


def test_a_pace_that_slows_down_tells_no_threshold_that_lies_behind():
    (near,), (far,) = by_pace(112, 256), by_pace(112, 128)

    assert near.what in far.unless
    assert far.what not in near.unless


@pytest.mark.parametrize("changes", [{"next": None}, {"active": False}, {"valid_to": date(2026, 9, 15)}])
def test_nothing_is_foreseen_of_a_range_that_is_not_used_or_whose_numbers_nobody_knows(changes):
    found = numbers(**{"start": 1, "end": 20, "next": 1, **changes})

    assert list(notices.of_pace(issuer(), found, Use(0, 256), TODAY, NOON)) == []


def test_a_range_says_something_else_once_anything_but_its_next_number_is_another():
    def says(**changes: object) -> str:
        return notices.of_change(issuer(), numbers(**changes), "changed", TODAY, NOON).says

    assert says(next=5) == says(next=6)
    others = ({"end": 1001}, {"active": False}, {"technical_key": "a" * 40}, {"held_by": "factus"})
    assert len({says(), *(says(**each) for each in others)}) == 5
