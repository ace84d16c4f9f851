"""The pace of a credential: never more than its provider allows, hardly less, whoever calls and from wherever."""

import math
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from cauce.aws import pace
from cauce.aws.pace import PATIENCE_SECONDS, SharedTurns
from cauce.aws.table import Table
from cauce.domain.errors import Held, NotSent
from cauce.domain.record import State
from cauce.emission import sending
from cauce.providers.base import Pace
from cauce.providers.factus.provider import Factus
from cauce.providers.registry import NAMES, provider_class
from tests import stack
from tests.bench.pace import LEAST_USED, LIMITS, measure
from tests.flow.conftest import Clock, Still, enrol, taken_in
from tests.records import moved
from tests.settling import settle_due
from tests.simulators.factus import auth as factus_auth

NIT = "901724254"
PACES = {
    name: provider_class(name).declare(variant).pace
    for name in NAMES
    for variant in provider_class(name).variants[:1]
}
LIMITED = [limit for limit in PACES.values() if limit is not None]


class Line:
    """A moment that only tests move."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Still()


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        stack.create()
        yield boto3.client("dynamodb", region_name=stack.REGION)


def turns(table: Any, limit: Pace, clock: Line, provider: str = "factus") -> SharedTurns:
    return SharedTurns(Table(table, "cauce", clock.sleep), NIT, provider, limit, clock, clock.sleep)


def most_in_a_window(moments: list[float], seconds: float) -> int:
    """The fullest window of this length, wherever it begins; its end is not in it."""
    ordered = sorted(moments)
    return max(sum(1 for each in ordered if start <= each < start + seconds) for start in ordered)


def test_the_documented_limits_are_declared() -> None:
    assert {
        "afacturar": Pace(120, 60),
        "dian": None,
        "facturatech": Pace(20, 10),
        "factus": Pace(80, 60),
        "facepro": None,
    } == PACES


# The turns themselves


@pytest.mark.parametrize("limit", LIMITED, ids=str)
def test_no_window_holds_more_than_the_limit_and_a_busy_one_nine_tenths_of_it(
    table: Any, limit: Pace
) -> None:
    clock = Line()
    containers = [turns(table, limit, clock) for _ in range(5)]

    taken = []
    for n in range(limit.calls * 4):
        containers[n % 5].take()
        taken.append(clock.now)

    assert most_in_a_window(taken, limit.seconds) <= limit.calls
    windows = (taken[-1] - taken[0]) / limit.seconds
    assert len(taken) / windows >= 0.9 * limit.calls


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    limit=st.sampled_from([*LIMITED, Pace(1, 1), Pace(3, 7), Pace(600, 60)]),
    steps=st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from([0.0, 0.01, 0.3, 2.0, 9.0, 61.0])),
        min_size=5,
        max_size=60,
    ),
)
def test_whatever_the_callers_do_no_window_holds_more_than_the_limit(
    table: Any, limit: Pace, steps: list[tuple[int, float]]
) -> None:
    """Callers that come together, after silences, and that do not wait for each other."""
    key = {"pk": {"S": f"CALLS#{NIT}#factus"}, "sk": {"S": "CALLS"}}
    table.delete_item(TableName="cauce", Key=key)
    clock = Line()
    containers = [turns(table, limit, clock) for _ in range(4)]

    taken = []
    for container, passes in steps:
        clock.now += passes
        try:
            taken.append(max(containers[container].turn(), clock.now))
        except Held as held:
            clock.now += held.retry_after

    assert most_in_a_window(taken, limit.seconds) <= limit.calls


def test_a_turn_begins_no_fraction_of_a_millisecond_before_its_caller_came(table: Any) -> None:
    clock = Line()
    clock.now += 0.0004
    first = turns(table, Pace(1, 1), clock).turn()

    assert first >= clock.now
    assert turns(table, Pace(1, 1), clock).turn() - first >= 1


def test_a_turn_that_is_too_far_off_is_refused_and_none_is_spent(table: Any) -> None:
    clock = Line()
    limit = Pace(20, 10)
    for _ in range(math.floor(PATIENCE_SECONDS * 1000 / pace.gap_ms(limit)) + 1):
        turns(table, limit, clock).turn()

    with pytest.raises(Held) as held:
        turns(table, limit, clock).turn()
    assert PATIENCE_SECONDS < held.value.retry_after < 2 * PATIENCE_SECONDS
    with pytest.raises(Held):
        turns(table, limit, clock).turn()
    clock.now += held.value.retry_after
    turns(table, limit, clock).take()


def test_a_turn_that_another_made_too_far_off_just_now_is_refused_and_none_is_spent(table: Any) -> None:
    """The line was short enough when it was read, and a limiter asked another container for a rest since."""
    clock = Line()
    container, other = (turns(table, Pace(20, 10), clock) for _ in range(2))
    container.take()
    rests = [lambda: other.rest(60)]
    table.meta.events.register(
        "before-call.dynamodb.UpdateItem", lambda **_: rests.pop()() if rests else None
    )

    with pytest.raises(Held) as held:
        container.turn()

    assert held.value.retry_after >= 60
    clock.now += 60
    assert other.turn() == clock.now


def test_a_taken_turn_costs_one_write(table: Any) -> None:
    clock = Line()
    written: list[str] = []
    table.meta.events.register("before-call.dynamodb.UpdateItem", lambda **_: written.append("write"))
    container = turns(table, Pace(80, 60), clock)

    for _ in range(10):
        container.take()

    assert len(written) == 10


def test_credentials_do_not_wait_for_each_other(table: Any) -> None:
    clock = Line()
    turns(table, Pace(20, 10), clock).rest(3600)

    turns(table, Pace(20, 10), clock, provider="facturatech").take()

    assert clock.now == Line().now


def test_a_longer_rest_is_not_cut_short(table: Any) -> None:
    clock = Line()
    container = turns(table, Pace(80, 60), clock)
    container.rest(60)
    container.rest(5)

    clock.now += 10
    with pytest.raises(Held) as held:
        container.take()
    assert held.value.retry_after >= 50


# Every call of every provider takes one


def test_a_call_out_of_turn_leaves_nothing_at_the_provider(gateway, issuer, factus) -> None:
    provider = gateway.provider(issuer, "factus")
    provider.connection.turns.rest(600)
    heard = len(factus.requests)

    with pytest.raises(NotSent) as held:
        provider.ranges()

    assert held.value.retry_after >= 600
    assert len(factus.requests) == heard


def test_a_429_empties_the_bucket_of_every_container(gateway, issuer, factus, clock) -> None:
    factus.answer_next(status=429, retry_after=40, path="/numbering-ranges")
    with pytest.raises(NotSent):
        gateway.provider(issuer, "factus").ranges()
    heard = len(factus.requests)

    with pytest.raises(Held):
        Factus(gateway.provider(issuer, "factus").connection).ranges()
    assert len(factus.requests) == heard

    clock.advance(seconds=41)
    assert gateway.provider(issuer, "factus").ranges()


def test_an_operator_may_agree_on_another_pace(gateway, issuer, factus) -> None:
    def gap(**settings: str) -> Any:
        changed = issuer.model_copy(
            update={"settings": {"factus": {"base_url": factus.base_url, **settings}}}
        )
        return getattr(gateway.provider(changed, "factus").connection.turns, "_gap", None)

    assert gap() == 790
    assert gap(pace="600/60") == 106
    assert gap(pace="0") is None


# Documents


def test_a_document_whose_turn_is_far_off_is_not_claimed_nor_archived(gateway, issuer, clock) -> None:
    record = taken_in(gateway, issuer, "V-1")
    gateway.provider(issuer, "factus").connection.turns.rest(300)

    held = sending.emit(gateway, gateway.records.read(NIT, record.document_id))
    again = sending.emit(gateway, gateway.records.read(NIT, record.document_id))

    assert (held.state, held.attempt, held.last_error) == (
        State.RECEIVED,
        0,
        "El proveedor limita las solicitudes; el documento espera su turno.",
    )
    assert held.due_at is not None
    assert 300 <= (held.due_at - clock()).total_seconds() <= 450  # spread over half as long again
    assert [step.what for step in again.steps].count("held back") == 1
    archived = boto3.client("s3", region_name=stack.REGION).list_objects_v2(Bucket="cauce")
    assert archived["KeyCount"] == 0


def test_held_for_days_it_is_still_not_failed(gateway, issuer, clock) -> None:
    record = taken_in(gateway, issuer, "V-1")
    clock.advance(days=5)
    gateway.provider(issuer, "factus").connection.turns.rest(300)

    assert sending.emit(gateway, gateway.records.read(NIT, record.document_id)).state is State.RECEIVED


# Enough for more calls than a window of the provider's holds.
DOCUMENTS = {"factus-v1": 45, "factus-v2": 45, "afacturar": 70, "facturatech": 25}


@pytest.mark.parametrize("name", LIMITS)
def test_documents_use_nine_tenths_of_a_provider_s_limit_and_are_never_refused(name: str) -> None:
    """``python -m tests.bench.pace`` in small: its simulator enforces the limit on the clock of all the containers."""
    measured = measure(name, DOCUMENTS[name])

    assert measured.workers > 1
    assert (measured.refused, measured.wrong) == (0, ())
    assert measured.used >= LEAST_USED
    assert measured.fullest <= LIMITS[name].calls < measured.calls
    provider = provider_class(name.partition("-")[0])
    # From which a lot's time to its end is told.
    assert measured.calls / measured.documents == pytest.approx(provider.declare({}).calls_each, rel=0.1)


def test_each_limit_that_is_declared_is_measured() -> None:
    declared = {name for name, limit in PACES.items() if limit is not None}

    assert {name.partition("-")[0] for name in LIMITS} == declared
    assert all(PACES[name.partition("-")[0]] == limit for name, limit in LIMITS.items())


def test_the_schedule_asks_no_faster_either(gateway, issuer, factus, clock: Clock, monkeypatch) -> None:
    monkeypatch.setattr(factus_auth, "time", SimpleNamespace(monotonic=clock.seconds))
    factus.throttle(80)
    for n in range(30):
        record = taken_in(gateway, issuer, f"V-{n}")
        lost = gateway.records.save(moved(record, State.SENDING, clock(), due_at=clock()))
        assert lost.state is State.SENDING

    for _ in range(4):
        clock.advance(minutes=2)
        settle_due(gateway)

    assert all(seen.status != 429 for seen in factus.requests)


def test_two_issuers_of_one_provider_have_a_bucket_each(gateway, issuer, factus) -> None:
    other = enrol(gateway, factus, "800197268")
    gateway.provider(issuer, "factus").connection.turns.rest(3600)

    record = taken_in(gateway, other, "V-1")

    assert sending.emit(gateway, gateway.records.read(other.nit, record.document_id)).state is State.ACCEPTED
