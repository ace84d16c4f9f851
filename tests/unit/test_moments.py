"""The moments at which tests run (conftest.py at the top): what they are, and that the clock is moved to them."""

import ast
import re
from datetime import UTC, date, datetime, timedelta
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


def test_a_run_of_the_makefile_at_each_of_them_takes_all_tests_that_need_no_engine():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    target = makefile.partition("\ntest-clock:")[2].partition("\n\n")[0]

    assert "conftest.MOMENTS.values()" in target
    assert "--at $$at tests/unit tests/contract tests/flow" in target


def test_nothing_asserts_a_duration():
    """How long something took says how busy the machine is."""
    clocks = re.compile(r"\b(monotonic|perf_counter|process_time|elapsed\.total_seconds)\b|\btime\.time\(")
    asserted = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "tests").rglob("*.py")
        for text in [path.read_text(encoding="utf-8")]
        if clocks.search(text)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Assert) and clocks.search(ast.unparse(node))
    ]

    assert asserted == []


@pytest.mark.reads_the_date
def test_what_reads_the_date_begins_at_its_moment(begins_at: datetime):
    assert begins_at <= datetime.now(UTC) < begins_at + timedelta(minutes=5)


@pytest.mark.parametrize("n", range(16))
def test_any_other_begins_at_one_of_them_whatever_the_day_on_which_it_runs(
    n: int, begins_at: datetime, pytestconfig: pytest.Config
):
    assert begins_at <= datetime.now(UTC) < begins_at + timedelta(minutes=5)
    assert begins_at in moments(pytestconfig) or pytestconfig.getoption("at")
