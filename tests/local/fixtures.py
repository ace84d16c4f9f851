"""Pytest fixtures: the engine and the deployed stack, once a session. Loaded by the top-level conftest.

Tests share a stack and are told apart by issuer: each makes its own. Whoever uses one of these fixtures
runs in one worker with all who use it (``--dist loadgroup``): a stack is deployed once, not once a worker.
"""

from collections.abc import Iterator

import pytest

from tests.local import engine as local_engine
from tests.local.deploy import Stack, deploy
from tests.local.engine import Engine

# Schedules are run by the tests that want them (Stack.run_schedule), not by the clock.
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
    """A local engine, empty but for what tests put there."""
    with local_engine.running() as running:
        yield running


@pytest.fixture(scope="session")
def stack(engine: Engine) -> Stack:
    """The real template, deployed, with its schedules off."""
    return deploy(engine, _QUIET)


@pytest.fixture(scope="session")
def stack_with_iam() -> Iterator[Stack]:
    """The same on an engine that enforces every role and policy, over TLS."""
    with local_engine.running(enforce_iam=True) as running:
        yield deploy(running, _QUIET)
