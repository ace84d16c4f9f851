"""Who holds a lane: what waits in it behind a document in doubt, or one that could not be delivered, names that one."""

from typing import Any

import boto3
import pytest

from cauce import observability
from cauce.aws import items, keys
from cauce.contracts.v1 import contract
from cauce.domain import life
from cauce.domain.document import Kind
from cauce.domain.lot import LotLine
from cauce.domain.record import State
from cauce.emission import sending
from tests import stack
from tests.documents import invoice, support_document

NIT = "901724254"


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the metrics that were counted."""
    found: list[str] = []
    monkeypatch.setattr(observability, "count", lambda name, amount=1: found.append(name))
    return found


@pytest.fixture
def post(call: Any) -> Any:
    """Post an invoice under a reference; what the answer says of it."""
    return lambda reference: call("POST", "/documentos", invoice(referencia=reference)).json["data"]


@pytest.fixture
def get(call: Any) -> Any:
    """What is told of a document that was posted."""
    return lambda posted: call("GET", f"/documentos/{posted['tracking_id']}").json


@pytest.fixture
def hangs(factus: Any) -> Any:
    """The next document is in doubt, and stays so."""

    def ordered() -> None:
        factus.answer_next(status=500, stored=True)
        for _ in range(5):
            factus.answer_next(status=500, method="GET")

    return ordered


def test_what_waits_behind_one_in_doubt_names_it_when_it_is_posted_and_when_it_is_asked_for(
    post, get, drain, hangs, gateway, factus
) -> None:
    hangs()
    post("V-1")
    drain()

    posted = post("V-2")

    for told in (posted, get(posted)):
        assert "V-1" in told["ultimo_error"]
        assert "no tiene veredicto" in told["ultimo_error"]
        assert told["estado"] == "pendiente"
        assert "todavía no se ha podido entregar" in told["estado_detalle"]
    assert gateway.records.by_reference(NIT, "V-2").version == 0, "nothing is written of who only waits"
    assert factus.documents_received == 1


def test_what_waits_behind_one_that_a_newer_cauce_wrote_is_taken_in_and_names_nobody(
    call, post, drain, hangs, gateway
) -> None:
    hangs()
    first = post("V-1")
    drain()
    boto3.client("dynamodb", region_name=stack.REGION).update_item(
        TableName="cauce",
        Key=items.pack(dict(keys.record(NIT, first["tracking_id"]))),
        UpdateExpression="SET #schema = :newer",
        ExpressionAttributeNames={"#schema": "schema"},
        ExpressionAttributeValues=items.pack({":newer": items.SCHEMA + 1}),
    )

    posted = call("POST", "/documentos", invoice())

    assert (posted.status, posted.json["data"]["ultimo_error"]) == (201, None)
    assert gateway.records.read(NIT, posted.json["data"]["tracking_id"]).state is State.RECEIVED


def test_nobody_is_named_once_the_lane_goes_on(post, get, drain, hangs, factus, clock) -> None:
    hangs()
    post("V-1")
    drain()
    second = post("V-2")
    factus.faults.clear()
    clock.advance(minutes=3)

    drain()

    assert (get(second)["estado"], get(second)["ultimo_error"]) == ("aceptado", None)
    assert post("V-3")["ultimo_error"] is None


def test_one_that_could_not_be_delivered_is_named_too(post, get, drain, factus) -> None:
    factus.answer_next(status=429)
    first = post("V-1")
    drain()

    posted = post("V-2")

    assert "V-1" in posted["ultimo_error"]
    assert "todavía no se ha podido entregar" in posted["ultimo_error"]
    assert "V-1" not in get(first)["ultimo_error"], "it waits for no other"


def test_a_line_of_a_lot_in_doubt_is_named_by_what_is_posted_by_itself(
    post, gateway, accept, drain, hangs
) -> None:
    hangs()
    sending.enqueue(gateway, accept("L-1", line=LotLine(lot="lote", place="000001")))
    drain()

    assert "L-1" in post("V-1")["ultimo_error"]


def test_what_waits_in_another_lane_is_behind_nobody(call, post, drain, hangs) -> None:
    hangs()
    post("V-1")
    drain()

    posted = call("POST", "/documentos-soporte", support_document(referencia="DS-1")).json["data"]

    assert posted["ultimo_error"] is None


def test_who_was_left_to_a_person_holds_no_lane(post, get, drain, hangs, gateway, clock) -> None:
    """What the table still says of it is seen to be over by its own record."""
    hangs()
    first = post("V-1")
    drain()
    record = gateway.records.read(NIT, first["tracking_id"])
    gateway.records.save(life.for_a_person(record, clock(), "Decida una persona."))

    assert post("V-2")["ultimo_error"] is None


def test_who_waits_for_the_pace_of_its_provider_holds_nobody(post, drain, gateway, issuer) -> None:
    gateway.provider(issuer, "factus").connection.turns.rest(60)
    post("V-1")
    drain()

    assert post("V-2")["ultimo_error"] is None


def test_an_alarm_hears_of_each_delivery_that_finds_its_lane_held_and_of_who_waits_there(
    post, drain, hangs, counted, clock
) -> None:
    hangs()
    post("V-1")
    assert "LaneHeld" not in counted

    drain()
    assert counted.count("LaneHeld") == 1
    post("V-2")
    assert counted.count("LaneHeld") == 2
    drain()
    assert counted.count("LaneHeld") == 3


def test_what_is_in_doubt_itself_names_nobody_that_held_it_before(gateway) -> None:
    document = contract.document(Kind.INVOICE, invoice())
    now = gateway.now()
    record = life.taken_in("d1", NIT, document, "0" * 64, "factus", None, _amounts(document), now)
    leaving = life.leaving(life.begun(life.lane_held(record, now, "espera a V-1", "d0"), now), now)

    doubtful = life.in_doubt(leaving, now, "sin respuesta")

    assert (doubtful.state, doubtful.held_by) == (State.UNKNOWN, None)


def _amounts(document: Any) -> Any:
    from cauce.domain.totals import amounts_of, totals

    return amounts_of(totals(document))
