"""The control queue is obeyed, and the intake queue is not: what an ERP may send there is a document, or is none."""

import hashlib
import json
from typing import Any

import pytest
from typer.testing import CliRunner

from cauce import admin
from cauce.aws.lot_files import key as file_key
from cauce.domain.lot import LotState, of_day
from cauce.domain.time import bogota
from tests.documents import item
from tests.flow import queues
from tests.flow.conftest import context
from tests.flow.handlers import named

LOT = "018f6d2e-7c41-5a90-8b5e-2f1d3c4b5a69"


@pytest.fixture
def awaited(call: Any) -> str:
    """A lot whose file is awaited; its id."""
    body = json.dumps(item("V-1")).encode()
    announced = {"subir": True, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    found: str = call("POST", "/lotes", announced).json["data"]["lote_id"]
    return found


def s3_record(key: Any) -> dict[str, Any]:
    return {"eventSource": "aws:s3", "s3": {"object": {"key": key}}}


@pytest.mark.reads_the_date
@pytest.mark.parametrize("what", ["a file came", "go on", "nothing came", "s3 tries it out"])
def test_what_looks_like_control_in_the_intake_queue_is_a_document_and_refused_as_one(
    call: Any, erp: Any, deliver: Any, gateway: Any, issuer: Any, awaited: str, what: str
) -> None:
    """Anybody who may send there can work out a lot's id."""
    reading = call("POST", "/lotes", [item("V-2")]).json["data"]["lote_id"]
    queues.purge(queues.CONTROL)
    before = [gateway.lots.lot(issuer.nit, lot_id) for lot_id in (awaited, reading)]
    gateway.lot_files.write(before[0], json.dumps(item("V-1")).encode())

    erp(
        {
            "a file came": {"Records": [s3_record(file_key(before[0]))]},
            "go on": {"lote": reading, "emisor": issuer.nit, "desde": 0},
            "nothing came": {"Records": []},
            "s3 tries it out": {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "cauce"},
        }[what]
    )
    assert deliver() == []

    assert [gateway.lots.lot(issuer.nit, lot_id) for lot_id in (awaited, reading)] == before
    (row,) = call("GET", f"/lotes/{of_day(bogota(gateway.now()).date())}").json["documentos"]
    assert (row["estado"], row["codigo"]) == ("invalido", "datos_invalidos")
    assert "tipo" in row["errors"]


def test_what_looks_like_control_and_speaks_for_nobody_is_given_up_like_any_such_message(
    deliver: Any, gateway: Any, everything: Any
) -> None:
    before = everything()
    queues.to_intake({"Records": []}, None)

    assert len(deliver()) == 1
    assert everything() == before


SENSELESS = [
    "no es JSON",
    "[" * 5000,
    "7",
    {},
    {"Records": []},
    {"Records": None},
    {"Records": [None]},
    {"Records": [{"eventSource": "aws:s3"}]},
    {"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": 7}}}]},
    {"Records": [{"eventSource": "aws:s3", "s3": {"object": None}}]},
    {"Records": [{"eventSource": "aws:sns", "s3": {"object": {"key": "lotes/1"}}}]},
    {"lote": "x" * 3000, "emisor": "901724254", "desde": 0},
    {"lote": LOT, "emisor": "9" * 3000, "desde": 0},
    {"lote": LOT, "emisor": "901724254", "desde": "0"},
    {"lote": LOT, "emisor": "901724254", "desde": -1},
    {"lote": LOT, "emisor": "901724254", "desde": 0, "sobra": 1},
    item("V-1"),
]


def test_a_control_message_that_says_nothing_is_logged_and_dropped(
    deliver: Any, gateway: Any, everything: Any, caplog: Any
) -> None:
    before = everything()
    for body in SENSELESS:
        queues.to_control(body)

    assert deliver() == []

    assert everything() == before
    said = [each.message for each in caplog.records if each.levelname == "ERROR"]
    assert said == ["El mensaje de control no es ni de S3 ni de Cauce."] * len(SENSELESS)


ABOUT_NOTHING = [
    {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "cauce"},  # it tries the queue out
    {"Records": [s3_record("901724254/2026/05/x/request-001")]},
    {"Records": [s3_record("lotes/%ff/x")]},
    {"lote": LOT, "emisor": "901724254", "desde": 0},
    {"lote": LOT, "emisor": "901724254", "desde": 10**30},
]


def test_control_about_nothing_of_ours_changes_nothing(
    deliver: Any, gateway: Any, everything: Any, caplog: Any
) -> None:
    before = everything()
    for body in ABOUT_NOTHING:
        queues.to_control(body)

    assert deliver() == []

    assert everything() == before
    assert not [each for each in caplog.records if each.levelname == "ERROR"]


def test_what_the_control_queue_gave_up_is_taken_away_and_its_lots_go_on(
    call: Any, gateway: Any, issuer: Any, sqs: Any, deliver: Any, drain: Any, factus: Any, awaited: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("cauce.admin.stack.gateway", lambda: gateway)
    reading = call("POST", "/lotes", [item("V-2")]).json["data"]["lote_id"]
    queues.purge(queues.CONTROL)
    lot = gateway.lots.lot(issuer.nit, awaited)
    gateway.lot_files.write(lot, json.dumps(item("V-1")).encode())
    dead = sqs.get_queue_url(QueueName="cauce-control-dead")["QueueUrl"]
    for body in (
        {"lote": reading, "emisor": issuer.nit, "desde": 0},
        {"Records": [s3_record(file_key(lot))]},
        {"sobra": 1},
    ):
        sqs.send_message(QueueUrl=dead, MessageBody=json.dumps(body))

    answer = CliRunner().invoke(admin.app, ["queue", "redrive", "--json"])
    named("consult").handler({"schedule": "settle"}, context(600))
    deliver()
    drain()

    rows = json.loads(answer.stdout)["control"]
    assert {(row["lote"], row["devuelto"]) for row in rows} == {
        (reading, True),
        (awaited, True),
        (None, True),
    }
    assert gateway.control_dead_letters.depths()[1].waiting == 0
    assert {bill.reference for bill in factus.documents["bills"]} == {"V-1", "V-2"}
    assert gateway.lots.lot(issuer.nit, awaited).state is LotState.READ
