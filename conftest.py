"""The clock that tests run by: a moment of its own for each, the machine's only for those on the local engine.

A test begins at one of MOMENTS, which its id chooses, whatever the day and the hour on which it is run: what is green
once is green at any hour, and the suite is at all of them in every run. One that fails says at which. A test marked
``reads_the_date`` runs at all of them in any run; ``pytest --at 2028-02-29T19:30:00-05:00`` runs each as if it began
then, and ``make test-clock`` is a run at each of MOMENTS. Time goes on from there, in this process: a process that a
test starts has the machine's.
"""

from collections.abc import Generator
from datetime import datetime
from typing import Any
from zlib import crc32

import hypothesis
import pytest
import time_machine
from botocore.loaders import JSONFileLoader

pytest_plugins = ["tests.local.fixtures"]  # at the top, because pytest takes plugins from nowhere else

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
"""Five moments of a day, Bogotá's midnight between the second and the third; and the days that calendars get wrong,
the first two when it is already the next in UTC. No midnight is so near that a slow machine reaches it in a test."""

# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile(
    "cauce", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("cauce")

_read_model = JSONFileLoader.load_file
_models: dict[str, Any] = {}


def _read_once(loader: JSONFileLoader, path: str) -> Any:
    """AWS's descriptions of its services, read once: each session of each test would read megabytes of them again.

    A session gives its clients the same one likewise, and none changes it.
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
    """What modules take from the clock as they are read is no more of the real day than what tests take."""
    at = session.config.getoption("at") or _moment(next(iter(MOMENTS.values())))
    with time_machine.travel(at.timestamp()):
        return (yield)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.definition.get_closest_marker("reads_the_date") and not metafunc.config.getoption("at"):
        moments = [_moment(text) for text in MOMENTS.values()]
        metafunc.parametrize("begins_at", moments, ids=MOMENTS, indirect=True)


@pytest.fixture(autouse=True)
def begins_at(request: pytest.FixtureRequest) -> datetime | None:
    """The moment at which a test begins, before any fixture is made; ``None``: the machine's time."""
    return _begins_at(request.node)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Each test begins at the moment itself, however long those before it took: no midnight comes unforeseen."""
    at = _begins_at(item)
    if at is None:
        return (yield)
    item.add_report_section("setup", "clock", f"began at {at.isoformat()}; again: --at {at.isoformat()}")
    with time_machine.travel(at.timestamp()):  # which takes a datetime's zone for the process's
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
