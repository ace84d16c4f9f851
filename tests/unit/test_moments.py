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


def test_every_test_that_works_out_today_s_date_is_marked_to_run_at_all_of_them():
    unmarked = [
        f"{path.relative_to(ROOT)}::{name}"
        for suite in ("unit", "contract", "flow")
        for path in sorted((ROOT / "tests" / suite).rglob("*.py"))
        for name in _dated(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert unmarked == []


def _dated(module: ast.Module) -> list[str]:
    """The unmarked tests of a module that take a date from the present, themselves or through its own functions."""
    functions = {each.name: each for each in module.body if isinstance(each, ast.FunctionDef)}
    dated = {name for name, each in functions.items() if any(map(_is_a_date_of_now, ast.walk(each)))}
    while found := {name for name, each in functions.items() if _named_in(each) & dated} - dated:
        dated |= found
    return [
        name
        for name in functions
        if name in dated
        and name.startswith("test_")
        and not any("reads_the_date" in ast.unparse(each) for each in functions[name].decorator_list)
    ]


def _named_in(function: ast.FunctionDef) -> set[str]:
    """What it calls and the fixtures that it takes."""
    used = {each.id for each in ast.walk(function) if isinstance(each, ast.Name)}
    return used | {each.arg for each in function.args.args + function.args.kwonlyargs}


def _is_a_date_of_now(node: ast.AST) -> bool:
    """``clock().date()``, ``f"{gateway.now():%Y-%m-%d}"``, ``now().strftime(…)``, ``date.today()``."""
    match node:
        case ast.Call(func=ast.Attribute(value=of, attr="date" | "strftime")):
            return _is_of_now(of)
        case ast.Call(func=ast.Attribute(attr="today")):
            return True
        case ast.FormattedValue(value=of, format_spec=ast.JoinedStr()):
            return _is_of_now(of)
    return False


def _is_of_now(node: ast.AST) -> bool:
    calls = [each.func for each in ast.walk(node) if isinstance(each, ast.Call)]
    return any(
        (getattr(each, "attr", None) or getattr(each, "id", None)) in ("now", "clock") for each in calls
    )
