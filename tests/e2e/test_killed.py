"""Kill the emit function at every side effect: afterwards one document, one record, one number."""

import json
import time
from dataclasses import replace
from typing import Any

import pytest

from cauce.contracts.v1 import contract
from cauce.domain.document import Kind
from cauce.domain.errors import CauceError
from cauce.domain.issuer import Issuer
from cauce.domain.record import Record, State
from cauce.domain.search import Search
from cauce.emission import sending
from cauce.intake import documents
from cauce.providers.base import Lane
from tests.documents import invoice
from tests.e2e.conftest import Run, World
from tests.flow.handlers import http_event
from tests.local.engine import ROOT
from tests.settling import look_at_what_is_due


def queued_event(record: Record) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / "events/emit-queue.json").read_text())
    event["Records"] = event["Records"][:1]
    event["Records"][0]["body"] = json.dumps({"issuer": record.issuer, "document_id": record.document_id})
    return event


def forget_provider_token(world: World, nit: str) -> None:
    """As in a stack that never called the provider: the login is one more side effect."""
    key = {"pk": {"S": f"PROVIDER_TOKEN#{nit}#factus"}, "sk": {"S": "PROVIDER_TOKEN"}}
    world.stack.engine.client("dynamodb").delete_item(TableName=world.stack.table, Key=key)


def received(world: World) -> tuple[Issuer, str, Record]:
    issuer, bearer = world.enrol()
    forget_provider_token(world, issuer.nit)
    document = contract.document(Kind.INVOICE, invoice(referencia="V-1"))
    record, _ = documents.take_in(world.gateway, issuer, document, contract.content_hash(document))
    return issuer, bearer, record


class Unread:
    """An emission queue that nobody reads. The stack's own worker has the real clock, and after a jump of the test's
    clock would find claims of the future: two clocks minutes apart, which is another failure than a kill."""

    def put(self, record: Record, lane: Lane) -> None: ...


def settle(world: World, nit: str, document_id: str) -> Record:
    """Restart: the queue delivers the message again, and the schedule runs until the record is settled."""
    gateway = replace(world.gateway, queue=Unread())  # type: ignore[arg-type]
    for _ in range(12):
        world.forget_host()  # messages that other tests left meet simulators that are gone
        try:
            record = sending.emit(gateway, gateway.records.read(nit, document_id))
        except CauceError:
            record = gateway.records.read(nit, document_id)
        if record.state is State.ACCEPTED and record.signed_xml:
            return record
        world.clock.advance(minutes=3)
        look_at_what_is_due(gateway)
    return gateway.records.read(nit, document_id)


def assert_exactly_once(world: World, issuer: Issuer, record: Record, where: str) -> None:
    """``where`` names the kill. At the provider: one document under this reference, with the record's number."""
    at_provider = [d for d in world.factus.documents["bills"] if d.reference == record.reference]
    records = world.gateway.listing.page(issuer.nit, Search(), limit=10, start=None).records
    assert record.state is State.ACCEPTED, f"{where}: {record.state}, {[s.what for s in record.steps]}"
    assert [d.number for d in at_provider] == [str(record.number)], where
    # Factus would forgive a repetition; the gateway must not need it to.
    sent = [seen for seen in world.factus.requests if seen.path.endswith("/bills/validate")]
    assert len(sent) == 1, f"{where}: sent {len(sent)} times"
    assert [r.document_id for r in records] == [record.document_id], where
    xml = world.gateway.archive.read(record.signed_xml or "")
    assert str(record.number).encode() in xml, where


def test_a_document_emitted_from_the_queue_survives_a_kill_at_every_side_effect(world: World, run: Run):
    effects = run(queued_event(received(world)[2]), 0, "after")
    assert "POST /v1/bills/validate" in effects
    assert effects.count("PutObject") >= 3

    for position, name in enumerate(effects, start=1):
        for when in ("before", "after"):
            world.factus.reset()
            issuer, _, record = received(world)
            run(queued_event(record), position, when)

            settled = settle(world, issuer.nit, record.document_id)

            assert_exactly_once(world, issuer, settled, f"killed {when} {position} {name}")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("position", [1, 2, 3])
def test_a_post_killed_while_accepting_taking_its_place_or_queueing_is_safely_repeated(
    world: World, run: Run, position: int, when: str
):
    issuer, bearer = world.enrol()
    body = invoice(referencia="V-1")
    run(http_event("POST", "/documentos", body, bearer=bearer, headers={}), position, when)

    with world.client(bearer) as api:
        repeated = api.post("/documentos", json=body)
        assert repeated.status_code == 201, repeated.text
        document_id = repeated.json()["data"]["tracking_id"]
        for _ in range(50):
            record = world.gateway.records.read(issuer.nit, document_id)
            if record.signed_xml:
                break
            time.sleep(0.2)

    assert_exactly_once(world, issuer, record, f"POST killed {when} {position}")
