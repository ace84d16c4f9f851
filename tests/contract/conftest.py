"""The cases of the suite: every bench, with every kind of document and every event that its provider declares."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from cauce import wiring
from cauce.domain.document import Kind
from cauce.gateway import Gateway
from tests import stack
from tests.answering import Asked, Told, answering
from tests.connections import Tokens
from tests.contract.bench import Bench, Coded, Live
from tests.contract.benches import BENCHES
from tests.flow.conftest import Clock


@dataclass(frozen=True)
class Case:
    """One kind of document, or one event, at one bench."""

    bench: type[Bench]
    kind: Kind
    code: str | None = None

    def __str__(self) -> str:
        return f"{named(self.bench)}: {self.code or self.kind.value}"


def named(bench: type[Bench]) -> str:
    return " ".join((bench.provider.name, *bench.variant.values()))


def cases(bench: type[Bench]) -> list[Case]:
    """The kinds that a bench's provider declares; for events, each of their codes."""
    capabilities = bench.provider.declare(bench.variant)
    documents = [
        Case(bench, kind) for kind in sorted(capabilities.kinds - {Kind.EVENT}, key=list(Kind).index)
    ]
    return documents + [Case(bench, Kind.EVENT, code) for code in sorted(capabilities.event_codes)]


ALL = [case for bench in BENCHES for case in cases(bench)]
FIRST = [cases(bench)[0] for bench in BENCHES]
"""One case for each bench, for tests in which the kind makes no difference."""


@pytest.fixture(scope="session")
def _running() -> Iterator[dict[type[Bench], Bench]]:
    """The benches used so far, each with its simulator running for the whole session."""
    made: dict[type[Bench], Bench] = {}
    yield made
    for bench in made.values():
        bench.simulator.stop()


@pytest.fixture
def at_work(_running: dict[type[Bench], Bench]) -> Callable[[Case], Live]:
    """Starts a case on its shared bench, after resetting the simulator."""

    def put(case: Case) -> Live:
        if case.bench not in _running:
            _running[case.bench] = case.bench()
            _running[case.bench].simulator.start()
        bench = _running[case.bench]
        bench.simulator.reset()
        bench.tokens = Tokens()
        return Live(bench, case.kind, case.code)

    return put


@pytest.fixture
def alone() -> Iterator[object]:
    """Starts a case on a bench of its own, whose simulator a test may stall or stop."""
    made: list[Bench] = []

    def put(case: Case) -> Live:
        bench = case.bench()
        bench.simulator.start()
        made.append(bench)
        return Live(bench, case.kind, case.code)

    yield put
    for bench in made:
        bench.simulator.stop()


@pytest.fixture(params=ALL, ids=str)
def live(request: pytest.FixtureRequest, at_work: Callable[[Case], Live]) -> Live:
    """Every case in turn."""
    return at_work(request.param)


@pytest.fixture(params=FIRST, ids=lambda case: named(case.bench))
def first(request: pytest.FixtureRequest, at_work: Callable[[Case], Live]) -> Live:
    """The first case of every bench."""
    return at_work(request.param)


@pytest.fixture
def says() -> Iterator[Any]:
    """A server that gives every request the same answer: ``says(coded)`` sets it and returns the address. With status
    0 it closes the connection instead.
    """
    told: list[Coded] = []

    def answer(_: Asked) -> Told:
        return told[0].status, told[0].body, {"Content-Type": told[0].content_type}

    with answering(answer) as url:

        def address(coded: Coded) -> str:
            told[:] = [coded]
            return url

        yield address


@pytest.fixture
def gateway(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """A gateway on an empty stack in moto, with the test's clock, which does not wait for a provider's pace."""
    with stack.in_moto(monkeypatch) as settings:
        yield replace(wiring.connect(settings, sleep=lambda _: None), now=clock)


@pytest.fixture
def clock() -> Clock:
    return Clock()
