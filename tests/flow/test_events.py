"""Every file of ``events/``, as API Gateway, SQS and the schedules send them, given to the handler it names."""

import json
from typing import Any

import pytest

from cauce.domain.access_token import AccessToken, secret_hash
from cauce.domain.issuer import Issuer
from cauce.domain.lot import Lot, LotState
from cauce.domain.record import State
from cauce.intake import documents
from tests import stack
from tests.documents import invoice
from tests.flow import queues
from tests.flow.conftest import context, enrol
from tests.flow.handlers import named

FILES = sorted((stack.ROOT / "events").glob("*.json"))
# What the files hold: whose token, which document, which issuer.
SECRET = "aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789abcd"
NIT = "900123456"
DOCUMENT = "018f6d2e-7c41-7a90-8b5e-2f1d3c4b5a69"
LOT = "018f6d2e-7c41-5a90-8b5e-2f1d3c4b5a69"
SENDER = "AROAEXAMPLEOFTHEERP00"


@pytest.fixture
def issuer(gateway: Any, factus: Any) -> Issuer:
    """The issuer of the files, with their token, and one document of its own under their id."""
    found = enrol(gateway, factus, NIT, senders=frozenset({SENDER}))
    gateway.access_tokens.save(
        AccessToken(
            id=1, issuer=NIT, name="ERP", email="erp@empresa.example", secret_hash=secret_hash(SECRET),
            created_at=gateway.now(),
        )
    )  # fmt: skip
    return found


@pytest.fixture
def document(gateway: Any, issuer: Issuer) -> str:
    """A received document under the id that the files ask for."""
    posted = json.loads((stack.ROOT / "events" / "emit-post-documentos.json").read_text())
    for headers in (posted["headers"], posted.get("multiValueHeaders", {})):
        headers.pop("Idempotency-Key", None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents.uuid, "uuid4", lambda: DOCUMENT)
        answer = named("emit").handler({**posted, "body": json.dumps(invoice())}, context())
    assert answer["statusCode"] == 201, answer["body"]
    return DOCUMENT


def test_there_is_an_event_for_each_trigger_of_each_function():
    functions = {file.stem.partition("-")[0] for file in FILES}

    assert functions == {"emit", "consult", "list_emitted", "sync_numbering"}
    assert any("queue" in file.stem for file in FILES)
    assert sum("schedule" in file.stem for file in FILES) == 3


@pytest.fixture
def lots(gateway: Any, issuer: Issuer) -> None:
    """The lots that the files ask for: one being read, with one line left, and one whose file is awaited."""
    line = json.dumps({"tipo": "factura", **invoice(referencia="ULTIMA")}).encode()
    facts = {"issuer": NIT, "created_at": gateway.now(), "due_at": gateway.now(), "size": len(line)}
    reading = Lot(lot_id=LOT, state=LotState.READING, sha256="0" * 64, position=25, **facts)
    gateway.lots.create(reading)
    gateway.lot_files.write(reading, line)
    gateway.lots.create(Lot(lot_id=DOCUMENT, state=LotState.AWAITED, sha256="1" * 64, **facts))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_handler_takes_its_event(file, gateway, issuer, factus, document, lots, monkeypatch):
    event = json.loads(file.read_text())
    for message in event.get("Records", []):
        ours = {
            "Intake": gateway.intake.name,
            "Control": gateway.control.name,
            "MailEvents": gateway.mail.events,
            "NewsQueue": gateway.pushes.name,
        }
        for name, queue in ours.items():
            if name in message["eventSourceARN"]:  # which queue of ours that is, its name says
                message["eventSourceARN"] = f"arn:aws:sqs:us-east-1:123456789012:{queue}"
    # The receipt is the queue's own, and this queue has given none.
    monkeypatch.setattr(gateway.queue, "delay", lambda *_: pytest.fail("it was emitted"))

    answer = named(file.stem.partition("-")[0]).handler(event, context())

    if "httpMethod" in event:
        assert answer["statusCode"] in (200, 201, 202), answer["body"]
        assert json.loads(answer["body"])
        json.dumps(answer)
    elif "Records" in event:
        assert answer == {"batchItemFailures": []}
        assert LEFT_BEHIND[file.stem](gateway), file.stem
    elif file.stem == "consult-schedule-settle":
        assert answer["looks"] == 0
    elif file.stem == "consult-schedule-ledger":
        assert answer == {"entries": 0, "stuck": 0}
    else:
        assert answer["failed"] == 0


# What shows that a message did what it asked for.
LEFT_BEHIND = {
    # It is not due yet, so that nothing is done.
    "consult-look": lambda gateway: gateway.records.read(NIT, DOCUMENT).state is State.RECEIVED,
    # No mail of that id was sent.
    "consult-mail-returned": lambda gateway: gateway.records.read(NIT, DOCUMENT).mail is None,
    # Its webhook was removed meanwhile: nothing is delivered, and the message is done with.
    "consult-news-round": lambda gateway: list(gateway.endpoints.all(NIT)) == [],
    "emit-queue": lambda gateway: gateway.records.read(NIT, DOCUMENT).shown_state == "aceptado",
    "emit-intake-document": lambda gateway: gateway.records.by_reference(NIT, "PEDIDO-1045"),
    "emit-control-lot": lambda gateway: gateway.records.by_reference(NIT, "ULTIMA").line.place == "000026",
    # The file of that key is of a lot that is being read already: telling of it again changes nothing.
    "emit-control-upload": lambda gateway: gateway.lots.find(NIT, LOT).position == 25,
}


def test_a_message_that_could_not_be_finished_comes_back_when_the_provider_said(
    gateway, issuer, factus, document, monkeypatch
):
    factus.answer_next(status=429, path="/validate", retry_after=90)
    event = json.loads((stack.ROOT / "events" / "emit-queue.json").read_text())
    waits: list[int] = []
    monkeypatch.setattr(
        gateway.queue, "delay", lambda _receipt, seconds: waits.append(seconds.total_seconds())
    )

    answer = named("emit").handler(event, context())

    assert answer == {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]}
    assert len(waits) == 1
    assert 85 <= waits[0] <= 91


def test_the_settling_schedule_queues_what_was_received_and_left(gateway, issuer, document, clock, settle):
    clock.advance(minutes=4)

    settle()

    assert DOCUMENT in queues.received(queues.EMISSION)[0]["Body"]
