"""Pytest fixtures of the engine and the deployed stack, made once a session. Loaded by the top-level conftest.

Tests share a stack; each makes its own issuer. All tests that use one of these fixtures run in the same worker
(``--dist loadgroup``), so that a stack is deployed once and not in every worker.
"""

from collections.abc import Iterator

import pytest

from tests.local import engine as local_engine
from tests.local.deploy import Stack, deploy
from tests.local.engine import Engine

# Schedules are off: tests run them with Stack.run_schedule.
_QUIET = {"Schedules": "DISABLED"}
_GROUPS = {"stack": "engine", "engine": "engine", "stack_with_iam": "engine-iam"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for fixture, group in _GROUPS.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.xdist_group(group))
                item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """A local engine with nothing on it but what tests make."""
    with local_engine.running() as running:
        yield running


@pytest.fixture(scope="session")
def stack(engine: Engine) -> Stack:
    """The real template, deployed, with its schedules off."""
    return deploy(engine, _QUIET)


@pytest.fixture(scope="session")
def stack_with_iam() -> Iterator[Stack]:
    """The real template on an engine that enforces every role and policy, over TLS."""
    with local_engine.running(enforce_iam=True) as running:
        yield deploy(running, _QUIET)
