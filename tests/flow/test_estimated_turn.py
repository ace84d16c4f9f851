"""Estimated turn: whose turn is near is waited for, any other is answered at once, and told when to ask again."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cauce import wiring
from cauce.domain.breaker import OPENS_AFTER
from cauce.domain.errors import NotSent
from cauce.domain.issuer import Issuer
from cauce.domain.lot import LotLine
from cauce.domain.record import Record
from cauce.emission import sending
from cauce.gateway import Gateway
from cauce.providers.base import Lane, Wait
from cauce.providers.guard import Guarded, Unwatched
from cauce.wiring import PATIENCE_SECONDS
from tests.documents import invoice
from tests.flow.conftest import Clock
from tests.flow.test_consultation import CAPABILITIES, Scripted
from tests.quick_boto3 import own
from tests.stack import breaker_of

NIT = "901724254"


@pytest.fixture(autouse=True)
def _the_line_of_calls_is_empty(issuer: Issuer, clock: Clock) -> None:
    clock.advance(minutes=1)


@pytest.fixture
def patience() -> float:
    return PATIENCE_SECONDS


class Patient(Clock):
    """Lets no time pass while somebody waits; what a test orders happens meanwhile, or nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.waited = 0.0
        self.meanwhile: list[Callable[[], object]] = []

    def sleep(self, seconds: float) -> None:
        self.waited += seconds
        while self.meanwhile:
            self.meanwhile.pop()()

    @property
    def was_waited_for(self) -> bool:
        """Whether a request waited all its time, in vain."""
        return self.waited >= PATIENCE_SECONDS


@pytest.fixture
def clock() -> Patient:
    return Patient()


@pytest.fixture
def each(gateway: Gateway, issuer: Issuer) -> float:
    """Seconds that a document takes at the pace of Factus."""
    pace = gateway.documents_a_second(issuer, "factus")
    assert pace is not None
    return 1 / pace


@pytest.fixture
def before(call: Any) -> Any:
    """Post so many documents whose ERP does not wait."""

    def posted(count: int) -> None:
        for n in range(count):
            call("POST", "/documentos", invoice(referencia=f"B-{n}"), Prefer="respond-async")

    return posted


def test_whose_turn_is_near_is_waited_for_and_where_that_ran_out_is_told_when_to_ask(
    call, clock, each
) -> None:
    posted = call("POST", "/documentos", invoice(referencia="V-1"))

    assert (posted.status, posted.json["data"]["estado"]) == (201, "pendiente")
    assert clock.was_waited_for
    assert posted.headers["Retry-After"] == str(math.ceil(each))


def test_whose_turn_is_beyond_is_answered_at_once(call, clock, before, each) -> None:
    ahead = math.ceil(PATIENCE_SECONDS / each) - 1
    before(ahead)

    posted = call("POST", "/documentos", invoice(referencia="V-1"))

    assert (posted.status, posted.json["data"]["estado"]) == (201, "pendiente")
    assert not clock.was_waited_for
    assert posted.headers["Retry-After"] == str(math.ceil((ahead + 1) * each))


def test_what_is_before_one_that_is_answered_at_once_is_read_once(call, before, each, gateway) -> None:
    before(math.ceil(PATIENCE_SECONDS / each))
    read: list[str] = []
    own("dynamodb").meta.events.register(
        "before-parameter-build.dynamodb.GetItem", lambda params, **_: read.append(params["Key"]["pk"]["S"])
    )

    call("POST", "/documentos", invoice(referencia="V-1"))

    assert [key.partition("#")[0] for key in read].count("LANE") == 1


@pytest.mark.parametrize("is_within", [True, False])
def test_a_turn_is_near_within_twenty_seconds(is_within, call, clock, before, each) -> None:
    within = math.floor(20 / each)
    before(within - 1 if is_within else within)

    call("POST", "/documentos", invoice(referencia="V-1"))

    assert clock.was_waited_for is is_within


def test_the_lines_of_a_lot_that_wait_in_its_lane_are_not_before_it(
    call, clock, gateway, accept, each
) -> None:
    for n in range(30):
        sending.enqueue(gateway, accept(f"L-{n}", line=LotLine(lot="lote", place=f"{n:06d}")))

    posted = call("POST", "/documentos", invoice(referencia="V-1"))

    assert clock.was_waited_for
    assert posted.headers["Retry-After"] == str(math.ceil(each))


def test_what_has_its_turn_behind_it_is_counted_no_more(call, clock, before, each, drain, factus) -> None:
    before(math.ceil(PATIENCE_SECONDS / each) - 1)
    drain()

    call("POST", "/documentos", invoice(referencia="V-1"))

    assert clock.was_waited_for


def test_nobody_waits_for_a_breaker_that_is_open(call, gateway, clock) -> None:
    breaker = breaker_of(gateway, NIT, "factus")
    for _ in range(OPENS_AFTER):
        breaker.admit()
        with pytest.raises(NotSent), breaker.listening():
            raise NotSent("no conecta")

    posted = call("POST", "/documentos", invoice(referencia="V-1"))

    assert not clock.was_waited_for
    assert 20 < int(posted.headers["Retry-After"]) <= 40

    clock.advance(seconds=25)
    call("POST", "/documentos", invoice(referencia="V-2"))
    assert not clock.was_waited_for, "nor for its last seconds: who is out may stay out"


def test_nobody_waits_for_a_pace_whose_next_turn_is_too_far_off(call, clock, gateway, issuer) -> None:
    gateway.provider(issuer, "factus").connection.turns.rest(60)

    posted = call("POST", "/documentos", invoice(referencia="V-1"))

    assert not clock.was_waited_for
    assert 50 < int(posted.headers["Retry-After"]) <= 62


def test_a_pace_whose_next_turn_is_near_is_waited_for(call, clock, gateway, issuer) -> None:
    gateway.provider(issuer, "factus").connection.turns.rest(10)

    call("POST", "/documentos", invoice(referencia="V-1"))

    assert clock.was_waited_for


@pytest.mark.parametrize("wait", [Wait(60.0), Wait(5.0, is_sure=False)])
def test_nor_is_a_slow_provider_without_lanes_waited_for_while_it_is_held(
    gateway, accept, clock, wait
) -> None:
    class Slow(Scripted):
        def wait(self) -> Wait:
            return wait

    provider = Slow(can=replace(CAPABILITIES, slow=True, lane=Lane.NONE))
    here = replace(gateway, provider=lambda *_: provider)
    record = accept()

    offered, before = sending.offer(here, record, here.provider_of(record))

    assert (clock.was_waited_for, offered, before.wait) == (False, record, wait)
    assert sending.asked_again_in(here, record) == wait.seconds


def test_a_slow_provider_without_lanes_that_may_be_called_is_waited_for(gateway, accept, clock) -> None:
    provider = Scripted(can=replace(CAPABILITIES, slow=True, lane=Lane.NONE))
    here = replace(gateway, provider=lambda *_: Guarded(provider, Unwatched()))
    record = accept()

    sending.offer(here, record, here.provider_of(record))

    assert clock.was_waited_for


def test_what_was_answered_is_told_nothing_of_asking_again(call, clock, drain) -> None:
    clock.meanwhile.append(drain)

    posted = call("POST", "/documentos", invoice(referencia="V-1"))

    assert posted.json["data"]["estado"] == "aceptado"
    assert "Retry-After" not in posted.headers


def test_one_in_doubt_is_asked_for_again_when_it_is_looked_at(call, gateway, drain, factus, clock) -> None:
    factus.answer_next(status=500, stored=True)
    call("POST", "/documentos", invoice(referencia="V-1"))
    drain()

    repeated = call("POST", "/documentos", invoice(referencia="V-1"))

    record = gateway.records.by_reference(NIT, "V-1")
    assert repeated.json["data"]["estado"] == "pendiente"
    assert 1 <= int(repeated.headers["Retry-After"]) <= 30
    assert record.state == "unknown"


def test_whoever_does_not_want_to_wait_is_answered_as_before(call, clock) -> None:
    posted = call("POST", "/documentos", invoice(referencia="V-1"), Prefer="respond-async")

    assert posted.status == 202
    assert "Retry-After" not in posted.headers
    assert not clock.was_waited_for


@pytest.mark.parametrize(
    ("each_read", "least", "most"),
    [(0.0, 19.0, 22.0), (1.0, 19.0, 23.0), (-60.0, 0.0, 22.0)],
    ids=["quick reads", "slow reads", "a clock that is set back"],
)
def test_a_wait_in_vain_ends_in_twenty_seconds_however_long_reads_take(
    call, gateway, clock: Clock, monkeypatch, each_read, least, most
) -> None:
    read, slept = gateway.records.read, []

    def slow(nit: str, document_id: str) -> Record:
        clock.advance(seconds=each_read)
        return read(nit, document_id)

    monkeypatch.setattr(gateway.records, "read", slow)
    monkeypatch.setattr(
        clock, "sleep", lambda seconds: slept.append(seconds) or clock.advance(seconds=seconds)
    )
    here = replace(gateway, sleep=clock.sleep)
    monkeypatch.setattr(wiring, "gateway", lambda: here)

    posted = call("POST", "/documentos", invoice(referencia="V-1"))

    assert posted.json["data"]["estado"] == "pendiente"
    waited = sum(slept) + max(0.0, each_read) * len(slept)
    assert least <= waited <= most
