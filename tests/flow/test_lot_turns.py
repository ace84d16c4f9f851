"""Issuers take turns at having their lots read: what one of them has announced keeps no other's waiting."""

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from cauce import faults
from cauce.aws.lot_files import key as file_key
from cauce.contracts.v1 import lots as lots_of_the_contract
from cauce.domain.lot import Lot, LotState
from cauce.intake import control, lines
from cauce.reception import access
from tests.documents import item
from tests.flow import queues
from tests.flow.conftest import enrol

MANY = 350


def body(reference: str) -> bytes:
    return json.dumps(item(reference)).encode()


@pytest.fixture
def other(gateway: Any, factus: Any) -> Any:
    """Another issuer, and its bearer token."""
    found = enrol(gateway, factus, "800197268")
    return found, access.grant(gateway, found.nit, name="Otro", email="")[1]


@pytest.fixture
def lots(gateway: Any, issuer: Any) -> Any:
    """Make so many lots of the issuer, of one document each, whose files are awaited; due so long ago."""

    def made(
        count: int, state: LotState = LotState.AWAITED, due: timedelta = timedelta(hours=1)
    ) -> list[Lot]:
        now = gateway.now()
        found = []
        for n in range(count):
            text = body(f"A-{n}")
            lot = Lot(
                issuer=issuer.nit,
                lot_id=f"00000000-0000-4000-8000-{n:012d}",
                state=state,
                size=len(text),
                sha256=hashlib.sha256(text).hexdigest(),
                created_at=now,
                due_at=now - due + timedelta(seconds=n),
            )
            found.append(gateway.lots.create(lot))
        return found

    return made


def test_350_announced_uploads_that_never_came_keep_another_s_lot_waiting_for_no_run_of_the_schedule(
    call: Any, lots: Any, gateway: Any, issuer: Any, other: Any, settle: Any, deliver: Any,
    drain: Any, clock: Any, factus: Any,
) -> None:  # fmt: skip
    made = lots(MANY, due=timedelta(hours=2))
    call("POST", "/lotes", [item("B-1")], bearer=other[1])
    queues.purge(queues.CONTROL)
    clock.advance(minutes=3)

    settle()
    deliver()
    drain()

    assert [bill.reference for bill in factus.documents["bills"]] == ["B-1"]
    for _ in range(3):
        settle()
    states = {gateway.lots.lot(issuer.nit, lot.lot_id).state for lot in made}
    assert states == {LotState.EXPIRED}


def test_350_lots_that_are_left_behind_take_turns_with_another_s(
    call: Any, lots: Any, gateway: Any, other: Any, settle: Any, clock: Any
) -> None:
    """They are gone on with so many at a time, and the other's message is the second of them."""
    lots(MANY, LotState.READING, due=timedelta(hours=2))
    lot_id = call("POST", "/lotes", [item("B-1")], bearer=other[1]).json["data"]["lote_id"]
    queues.purge(queues.CONTROL)
    clock.advance(minutes=3)

    settle()

    found: list[str] = []
    while page := queues.received(queues.CONTROL):
        found += [json.loads(each["Body"])["lote"] for each in page]
    assert len(found) == control.READ_AT_ONCE + 1
    assert found.index(lot_id) <= 1


def test_uploads_that_all_come_at_once_are_read_so_many_at_a_time_and_all_of_them_in_the_end(
    call: Any, lots: Any, gateway: Any, issuer: Any, other: Any, s3: Any, deliver: Any, drain: Any,
    settle: Any, clock: Any, factus: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(control, "READ_AT_ONCE", 3)
    read: list[str] = []
    take = lines.take_in
    monkeypatch.setattr(lines, "take_in", lambda g, i, *more: (read.append(i.nit), take(g, i, *more)))
    made = lots(12, due=-timedelta(minutes=25))
    for n, lot in enumerate(made):
        s3.put_object(Bucket="cauce", Key=file_key(lot), Body=body(f"A-{n}"))
        queues.to_control(queues.uploaded(file_key(lot)))
    call("POST", "/lotes", [item("B-1")], bearer=other[1])

    deliver()

    assert read.index(other[0].nit) <= 3
    assert read.count(issuer.nit) == 3
    for _ in range(4):
        settle()
        deliver()
        drain()
    assert len(factus.documents["bills"]) == 13
    assert {gateway.lots.lot(issuer.nit, lot.lot_id).state for lot in made} == {LotState.READ}


def test_lots_in_requests_take_turns_too(
    call: Any, gateway: Any, deliver: Any, drain: Any, settle: Any, clock: Any, factus: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(control, "READ_AT_ONCE", 2)
    for n in range(5):
        call("POST", "/lotes", [item(f"A-{n}")])

    assert gateway.control_dead_letters.depths()[0].waiting == 1
    for _ in range(5):
        deliver()
        drain()
        clock.advance(minutes=3)
        settle()
    assert len(factus.documents["bills"]) == 5


def test_a_worker_whose_time_is_short_takes_one_line_and_leaves_the_others_to_the_next_message(
    call: Any, gateway: Any, issuer: Any, deliver: Any, drain: Any, factus: Any
) -> None:
    """A line may wait for its provider's answer about what it corrects."""
    lot_id = call("POST", "/lotes", [item(f"A-{n}") for n in range(3)]).json["data"]["lote_id"]

    with faults.time_for(10):
        control.go_on(gateway, issuer.nit, lot_id, 0, lots_of_the_contract.asked)

    taken = gateway.lots.lot(issuer.nit, lot_id)
    assert taken.position == 1
    with faults.time_for(10):  # word of a place that was left behind
        control.go_on(gateway, issuer.nit, lot_id, 0, lots_of_the_contract.asked)
    assert gateway.lots.lot(issuer.nit, lot_id) == taken
    deliver()
    drain()
    assert [bill.reference for bill in factus.documents["bills"]] == ["A-0", "A-1", "A-2"]
