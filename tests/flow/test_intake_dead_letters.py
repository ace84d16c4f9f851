"""What the intake queue gave up: told to the operator, and taken in once its sender is named, exactly once."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto.sqs.models import DEFAULT_SENDER_ID as ERP
from typer.testing import CliRunner

from cauce import admin
from cauce.contracts.v1 import lots
from cauce.domain.errors import Busy
from cauce.domain.record import State
from cauce.intake import documents
from cauce.settling import redriving
from tests import stack
from tests.documents import item
from tests.flow import queues
from tests.flow.conftest import as_record, context
from tests.flow.handlers import named

NIT = "901724254"


def today() -> str:
    return f"cola-{(datetime.now(UTC) - timedelta(hours=5)).date()}"


@pytest.fixture(autouse=True)
def _soon(gateway, monkeypatch) -> None:
    """A look hides a letter for no time and waits for none, so that a test need not wait to look again."""
    for name in ("LOOK_SECONDS", "MOVE_SECONDS", "PATIENCE_SECONDS"):
        monkeypatch.setattr(f"cauce.aws.dead_letters.{name}", 0)


@pytest.fixture
def send(gateway, issuer) -> Any:
    """What an ERP puts in the intake queue; the message's id."""

    return lambda body, nit=NIT: queues.to_intake(body, nit)


@pytest.fixture
def deliver(gateway) -> Any:
    """Deliver the intake queue to ``emit`` until it is empty: what fails every time ends in its dead letters."""

    def run() -> None:
        while found := queues.received(queues.INTAKE, VisibilityTimeout=0):
            records = [as_record(message, ERP) for message in found]
            answer = named("emit").handler({"Records": records}, context())
            failed = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
            for message in found:
                if message["MessageId"] not in failed:
                    queues.delete(queues.INTAKE, message)

    return run


@pytest.fixture
def given_up(send, deliver) -> Any:
    """Send a message that nobody can take in, and see it given up; its id."""

    def sent(body: Any, nit: str | None = NIT) -> str:
        message_id = send(body, nit)
        deliver()
        return message_id

    return sent


@pytest.fixture
def lost(gateway, sqs) -> Any:
    """Put a message among the dead letters of the control queue."""
    url = sqs.get_queue_url(QueueName="cauce-control-dead")["QueueUrl"]
    return lambda body: sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))


@pytest.fixture
def name_sender(gateway, issuer) -> Any:
    """What ``cauce issuer update NIT --sender`` does."""
    return lambda: gateway.issuers.save(issuer.model_copy(update={"senders": frozenset({ERP})}))


@pytest.fixture
def cauce(gateway, monkeypatch) -> Any:
    """Run a command of the operator's: ``cauce("queue", "show")``."""
    monkeypatch.setattr("cauce.admin.stack.gateway", lambda: gateway)
    monkeypatch.setattr("cauce.admin.terminal.out.width", 300)

    def run(*arguments: str) -> Any:
        answer = CliRunner().invoke(admin.app, [*arguments])
        assert answer.exit_code == 0, answer
        return answer.stdout

    return run


@pytest.fixture
def redrive(cauce) -> Any:
    """Put the dead letters back as the operator does; the intake's, each with whether and why not."""
    return lambda: json.loads(cauce("queue", "redrive", "--json"))["entrada"]


@pytest.fixture
def lines(call) -> Any:
    """The lines of a lot, those that an ERP sent itself today unless another is named."""

    def listed(lot_id: str | None = None) -> list[dict[str, Any]]:
        answer = call("GET", f"/lotes/{lot_id or today()}?per_page=100")
        assert answer.status == 200, answer.text
        return answer.json["documentos"]

    return listed


@pytest.fixture
def left(gateway) -> Any:
    """How many dead letters there are."""

    def count() -> int:
        depth = gateway.intake_dead_letters.depths()[1]
        return depth.waiting + depth.in_flight

    return count


# ── Told ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.reads_the_date
def test_show_says_what_each_letter_is_who_sent_it_and_why_it_was_given_up(cauce, given_up, left) -> None:
    message_id = given_up(item("V-1"))

    told = json.loads(cauce("queue", "show", "--json"))["entrada"]

    assert told["cola"] == {"en_espera": 0, "en_curso": 0}
    assert told["abandonados"] == {"en_espera": 1, "en_curso": 0}
    (row,) = told["mensajes"]
    assert (row["mensaje"], row["emisor"], row["remitente"]) == (message_id, NIT, ERP)
    assert (row["lote"], row["referencia"], row["entregas"] > 4) == (today(), "V-1", True)
    assert f"({ERP}) no habla por el emisor {NIT}" in row["motivo"]
    printed = cauce("queue", "show")
    assert "En la cola de entrada: 0 en espera, 0 en curso; abandonados: 1." in printed
    assert all(each in printed for each in (message_id, NIT, ERP, "V-1", "no habla por el emisor"))
    assert left() == 1


def test_show_says_when_nothing_is_in_the_way_any_more(cauce, given_up, name_sender) -> None:
    given_up(item("V-1"))
    name_sender()

    (row,) = json.loads(cauce("queue", "show", "--json"))["entrada"]["mensajes"]

    assert row["motivo"].startswith("Nada lo impide ahora")


def test_show_says_of_a_letter_about_a_lot_which_one_and_how_far_it_got(cauce, call, lost) -> None:
    lot = call("POST", "/lotes", [item("V-1"), item("V-2")]).json["data"]["lote_id"]
    lost({"lote": lot, "emisor": NIT, "desde": 0})
    lost({"Records": [s3_record(f"lotes/{NIT}/{lot}/{'0' * 64}.ndjson")]})
    lost({"sobra": 1})

    told = json.loads(cauce("queue", "show", "--json"))["control"]

    assert told["abandonados"] == {"en_espera": 3, "en_curso": 0}
    assert [(row["emisor"], row["lote"]) for row in told["mensajes"]] == [(NIT, lot)] * 2 + [(None, None)]
    assert [row["motivo"][:15] for row in told["mensajes"]] == ["Nada lo impide "] * 2 + ["No trata de nin"]
    assert "En la cola de control: 1 en espera, 0 en curso; abandonados: 3." in cauce("queue", "show")


def refuse(*_: Any, **__: Any) -> None:
    raise Busy("La tabla está saturada.")


def s3_record(key: str) -> dict[str, Any]:
    return {"eventSource": "aws:s3", "s3": {"object": {"key": key}}}


# ── Put back ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.reads_the_date
def test_who_speaks_for_nobody_stays_until_the_issuer_names_it(
    given_up, redrive, cauce, everything, name_sender, left, drain, factus, lines
) -> None:
    given_up(item("V-1"))
    given_up(item("V-2"), nit="999999999")
    before = everything()

    rows = redrive()
    assert [row["devuelto"] for row in rows] == [False, False]
    assert {row["motivo"] for row in rows} == {
        f"Quien envió el mensaje ({ERP}) no habla por el emisor {NIT}.",
        "El atributo «emisor» no es un NIT de esta instalación.",
    }
    assert everything() == before
    assert left() == 2

    name_sender()
    assert "Recibidos de la cola de entrada: 1." in cauce("queue", "redrive")
    drain()
    assert left() == 1
    (row,) = lines()
    assert (row["referencia"], row["estado"]) == ("V-1", "aceptado")
    assert factus.documents_received == 1


@pytest.mark.reads_the_date
def test_it_has_its_original_place_among_its_days_documents(
    given_up, send, deliver, redrive, name_sender, drain, lines
) -> None:
    first = given_up(item("V-1"))
    name_sender()
    second = send(item("V-2"))
    deliver()

    redrive()
    drain()

    assert [row["mensaje"] for row in lines()] == [first, second]


@pytest.mark.reads_the_date
def test_redriven_while_its_message_is_delivered_once_more_it_is_one_document(
    send, deliver, name_sender, gateway, redrive, drain, factus, lines
) -> None:
    message_id = send(item("V-1"))
    (message,) = queues.received(queues.INTAKE, VisibilityTimeout=0)
    deliver()
    name_sender()

    redrive()
    named("emit").handler({"Records": [as_record(message, ERP)]}, context())
    drain()

    assert factus.documents_received == 1
    assert [(row["mensaje"], row["estado"], row["repetido"]) for row in lines()] == [
        (message_id, "aceptado", False)
    ]


@pytest.mark.reads_the_date
def test_dying_at_any_call_and_redriving_again_is_one_document(
    given_up, name_sender, gateway, drain, factus, monkeypatch, left, lines
) -> None:
    class Died(BaseException):
        pass

    name_nobody = gateway.issuers.read(NIT)
    call_aws = boto3.client("sqs", region_name=stack.REGION)._make_api_call.__func__
    calls, survived, deaths = 0, False, 0

    def dies(self: Any, operation: str, arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        answer = call_aws(self, operation, arguments)
        if calls == dies_at:
            raise Died
        return answer

    while not survived:
        dies_at, calls = deaths + 1, 0
        gateway.issuers.save(name_nobody)
        given_up(item(f"V-{dies_at}"))
        name_sender()
        with monkeypatch.context() as patched:
            patched.setattr("botocore.client.BaseClient._make_api_call", dies)
            try:
                list(redriving.take_in(gateway, lots.asked))
                survived = True
            except Died:
                deaths += 1
        list(redriving.take_in(gateway, lots.asked))
        drain()
        assert left() == 0
        assert factus.documents_received == dies_at

    assert deaths > 8
    assert [(row["estado"], row["repetido"]) for row in lines()] == [("aceptado", False)] * (deaths + 1)


@pytest.mark.reads_the_date
def test_what_its_erp_has_sent_again_meanwhile_is_not_emitted_twice(
    given_up, send, deliver, name_sender, redrive, drain, factus, lines
) -> None:
    given_up(item("V-1"))
    name_sender()
    send(item("V-1"))
    deliver()

    assert [row["devuelto"] for row in redrive()] == [True]
    drain()

    assert factus.documents_received == 1
    assert sorted(row["repetido"] for row in lines()) == [False, True]


@pytest.mark.reads_the_date
def test_it_is_no_correction_of_what_its_erp_has_asked_for_since(
    given_up, send, deliver, name_sender, redrive, drain, factus, lines, gateway
) -> None:
    old = given_up(item("V-1", observaciones="de antes"))
    name_sender()
    factus.reject_next("FAK24", "No está informado el DV del NIT")
    send(item("V-1", observaciones="de ahora"))
    deliver()
    drain()

    redrive()
    drain()

    by_message = {row["mensaje"]: row for row in lines()}
    assert by_message[old]["estado"] == "invalido"
    assert "después" in by_message[old]["error"]
    assert list(by_message[old]["errors"]) == ["referencia"]
    assert sorted(row["estado"] for row in by_message.values()) == ["invalido", "rechazado"]
    send(item("V-1", observaciones="corregida"))
    deliver()
    drain()
    record = gateway.records.by_reference(NIT, "V-1")
    assert (record.state, record.content.notes) == (State.ACCEPTED, ("corregida",))


@pytest.mark.reads_the_date
def test_a_bad_document_is_kept_for_its_issuer_and_leaves(
    given_up, name_sender, redrive, lines, left
) -> None:
    given_up({**item("V-1"), "lineas": []})
    given_up("no es JSON")
    name_sender()

    assert [row["devuelto"] for row in redrive()] == [True, True]

    assert [row["estado"] for row in lines()] == ["invalido", "invalido"]
    assert left() == 0


@pytest.mark.parametrize("failure", [Busy("La tabla está saturada."), ZeroDivisionError()])
def test_one_that_cannot_be_taken_in_now_stays_and_stops_no_other(
    given_up, name_sender, redrive, drain, factus, left, monkeypatch, failure
) -> None:
    for n in range(12):
        given_up(item(f"V-{n}"))
    name_sender()
    accept = documents.take_in

    def fails(gateway: Any, issuer: Any, document: Any, *more: Any, **named: Any) -> Any:
        if document.reference == "V-3":
            raise failure
        return accept(gateway, issuer, document, *more, **named)

    monkeypatch.setattr("cauce.intake.documents.take_in", fails)
    monkeypatch.setattr("cauce.aws.dead_letters.MOVE_SECONDS", 30)

    assert sorted(row["devuelto"] for row in redrive()) == [False] + [True] * 11

    drain()
    assert factus.documents_received == 11
    assert left() == 1


def test_an_attribute_that_is_no_nit_is_said_to_be_none_however_long(cauce, given_up, redrive) -> None:
    given_up(item("V-1"), nit="9" * 3000)
    given_up(item("V-2"), nit="no es un NIT")

    rows = json.loads(cauce("queue", "show", "--json"))["entrada"]["mensajes"]

    assert {row["motivo"] for row in rows} == {"El atributo «emisor» no es un NIT de esta instalación."}
    assert [row["devuelto"] for row in redrive()] == [False, False]
