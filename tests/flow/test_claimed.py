"""A document that is sent within its request comes into the table claimed: whoever dies, repeats or comes between, DIAN
gets one document, and under one number.
"""

from typing import Any

import pytest

from cauce.domain.record import Record, State, WaitsFor
from cauce.gateway import Gateway
from tests import dian_issuers
from tests.documents import invoice
from tests.flow.conftest import Clock
from tests.flow.killed import killed
from tests.simulators.dian import DianSimulator
from tests.unit.dian import builders

NIT = builders.ISSUER.nit


@pytest.fixture(autouse=True)
def issuer(gateway: Gateway, dian: DianSimulator) -> Any:
    return dian_issuers.enrolled(gateway, dian)


def the_record(gateway: Gateway, dian: DianSimulator, reference: str) -> Record:
    """The one record of a reference, accepted; DIAN has one document, of its number and its CUFE."""
    record = gateway.records.by_reference(NIT, reference)
    assert record is not None and record.state is State.ACCEPTED, record and record.steps
    assert [(each.number, each.uuid) for each in dian.documents] == [(str(record.number), record.uuid)]
    assert record.range is not None and record.number is not None
    assert gateway.ranges.read(NIT, record.range.key).next == record.number.consecutive + 1
    return record


@pytest.mark.parametrize("at", range(2, 10))
@pytest.mark.parametrize("is_repeated", [True, False], ids=["repeated", "left alone"])
def test_whatever_the_function_dies_at_dian_gets_the_document_once(
    call: Any, gateway: Any, dian: DianSimulator, let_pass: Any, at: int, is_repeated: bool
) -> None:
    body = invoice(referencia="A")
    with killed(at, "after") as seen:
        call("POST", "/documentos", body)

    found = gateway.records.by_reference(NIT, "A")
    if is_repeated or found is None:
        call("POST", "/documentos", body)
        found = gateway.records.by_reference(NIT, "A")
    let_pass(found, every=5)

    the_record(gateway, dian, "A")
    assert "dead" in seen, seen


def test_who_repeats_a_request_while_its_first_is_about_to_send_takes_it_over(
    call: Any, gateway: Any, dian: DianSimulator, meanwhile: Any
) -> None:
    body = invoice(referencia="A")
    others = meanwhile("PutItem", lambda: call("POST", "/documentos", body))

    first = call("POST", "/documentos", body)

    record = the_record(gateway, dian, "A")
    assert (record.attempt, others[0].headers["Idempotency-Replayed"]) == (2, "true")
    assert first.json["data"] == others[0].json["data"]


def test_a_claimed_document_whose_sender_died_is_queued_once_that_one_can_be_alive_no_more(
    call: Any, gateway: Any, dian: DianSimulator, clock: Clock
) -> None:
    with killed(3, "after") as seen:
        call("POST", "/documentos", invoice(referencia="A"))

    assert seen[-2:] == ["TransactWriteItems", "dead"]
    record = gateway.records.by_reference(NIT, "A")
    assert (record.state, record.waits_for, record.attempt) == (State.RECEIVED, WaitsFor.SENDER, 1)
    clock.advance(seconds=140)
    assert gateway.records.due(clock()) == []
    clock.advance(seconds=11)
    assert [each.document_id for each in gateway.records.due(clock())] == [record.document_id]


def test_a_document_that_goes_through_the_queue_is_claimed_by_who_takes_it_from_there(
    call: Any, gateway: Any, dian: DianSimulator, drain: Any
) -> None:
    call("POST", "/documentos", invoice(referencia="A"), Prefer="respond-async")

    record = gateway.records.by_reference(NIT, "A")
    assert (record.waits_for, record.attempt) == (WaitsFor.MESSAGE, 0)
    drain()
    assert the_record(gateway, dian, "A").attempt == 1
