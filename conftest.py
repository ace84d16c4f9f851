"""The clock of the tests: each runs at a simulated moment, only those on the local engine at the machine's time.

Each test begins at one of MOMENTS, chosen by its id, so that the real day and hour do not matter and every run of the
suite covers all of them. The report of a failure says which. A test marked ``reads_the_date`` runs at all of them;
``pytest --at 2028-02-29T19:30:00-05:00`` runs every test at that moment, and ``make test-clock`` at each of MOMENTS.
Time goes on from the moment, in this process only: a process that a test starts has the machine's time.
"""

import fcntl
import os
from collections.abc import Generator
from datetime import datetime
from typing import Any
from zlib import crc32

import hypothesis
import pytest
import time_machine
from botocore.loaders import JSONFileLoader

pytest_plugins = ["tests.local.fixtures"]  # pytest accepts this only in the top conftest

MOMENTS = {
    "00:30-utc": "2026-09-16T00:30:00+00:00",
    "04:50-utc": "2026-09-16T04:50:00+00:00",
    "05:01-utc": "2026-09-16T05:01:00+00:00",
    "17:00-utc": "2026-09-16T17:00:00+00:00",
    "23:50-utc": "2026-09-16T23:50:00+00:00",
    "29-february": "2028-02-29T19:30:00-05:00",
    "31-december": "2026-12-31T23:30:00-05:00",
    "1-january": "2027-01-01T00:30:00-05:00",
}
"""Five moments of a day, with Bogotá's midnight between the second and the third; and three days that calendars often
get wrong, on the first two of which it is already the next day in UTC. All are minutes from midnight, so that even on
a slow machine no test passes it."""

# How long an example takes depends on how busy the machine is, so it must not fail a test.
hypothesis.settings.register_profile(
    "cauce", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("cauce")
# Of ``make test-deep``. A test that says how many examples it takes asks tests/examples.py.
hypothesis.settings.register_profile("deep", hypothesis.settings.get_profile("cauce"), max_examples=1000)

_read_model = JSONFileLoader.load_file
_models: dict[str, Any] = {}


def _read_once(loader: JSONFileLoader, path: str) -> Any:
    """botocore's descriptions of AWS's services, megabytes, read once and not by each session of each test.

    Sharing them is safe: the clients of one session share them too, and nothing changes them.
    """
    if path not in _models:
        _models[path] = _read_model(loader, path)
    return _models[path]


JSONFileLoader.load_file = _read_once


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--at", type=_moment, metavar="MOMENT", help="run as if it were then (ISO 8601 with its zone)"
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Modules are imported at a simulated moment too, so that nothing in them depends on the real day."""
    at = session.config.getoption("at") or _moment(next(iter(MOMENTS.values())))
    with time_machine.travel(at.timestamp()):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, object, object]:
    """Workers that begin together import each module one after another: the first of them compiles what it imports,
    which takes longer than to run most of it, and the others find it compiled.
    """
    if not isinstance(collector, pytest.Module) or "PYTEST_XDIST_WORKER" not in os.environ:
        return (yield)
    with collector.path.open() as module:
        fcntl.flock(module, fcntl.LOCK_EX)
        return (yield)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.definition.get_closest_marker("reads_the_date") and not metafunc.config.getoption("at"):
        moments = [_moment(text) for text in MOMENTS.values()]
        metafunc.parametrize("begins_at", moments, ids=MOMENTS, indirect=True)


@pytest.fixture(autouse=True)
def begins_at(request: pytest.FixtureRequest) -> datetime | None:
    """The moment at which a test begins; None for the machine's time. The clock is set before any fixture is made."""
    return _begins_at(request.node)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Sets the clock anew for each test, so that the tests before it cannot have moved it past midnight."""
    at = _begins_at(item)
    if at is None:
        return (yield)
    item.add_report_section("setup", "clock", f"began at {at.isoformat()}; again: --at {at.isoformat()}")
    with time_machine.travel(at.timestamp()):  # a timestamp: from a datetime it would also set the zone
        return (yield)


def _begins_at(item: pytest.Item) -> datetime | None:
    told: datetime | None = getattr(item, "callspec", None) and item.callspec.params.get("begins_at")
    told = told or item.config.getoption("at")
    if told or item.get_closest_marker("e2e"):  # the engine has the machine's time
        return told
    return _moment([*MOMENTS.values()][crc32(item.nodeid.encode()) % len(MOMENTS)])


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    return at
