"""The moments at which tests run (conftest.py at the top): what they are, and that the clock is moved to them."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from cauce.domain.time import BOGOTA
from tests.stack import ROOT


def moments(pytestconfig: pytest.Config) -> list[datetime]:
    (top,) = (
        plugin
        for plugin in pytestconfig.pluginmanager.get_plugins()
        if Path(getattr(plugin, "__file__", None) or "") == ROOT / "conftest.py"
    )
    return [datetime.fromisoformat(text) for text in top.MOMENTS.values()]


def test_they_are_five_of_one_day_around_its_midnights_and_the_days_that_calendars_get_wrong(pytestconfig):
    *five, leap, last, first = moments(pytestconfig)

    assert {at.astimezone(UTC).date() for at in five} == {date(2026, 9, 16)}
    assert [at.astimezone(BOGOTA).day for at in five] == [15, 15, 16, 16, 16]
    assert [f"{at.astimezone(BOGOTA):%d-%m}" for at in (leap, last, first)] == ["29-02", "31-12", "01-01"]
    assert [f"{at.astimezone(UTC):%d-%m}" for at in (leap, last)] == ["01-03", "01-01"]


@pytest.mark.reads_the_date
def test_what_reads_the_date_begins_at_its_moment(request: pytest.FixtureRequest):
    moved = getattr(request.node, "callspec", None)
    at = moved.params["begins_at"] if moved else request.config.getoption("at")

    assert datetime.now(BOGOTA).date() == datetime.fromtimestamp(at, BOGOTA).date()
