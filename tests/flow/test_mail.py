"""The mail to a buyer: once by itself, never within an emission; what became of it; another because a person asks."""

import email
import io
import json
import zipfile
from contextlib import suppress
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from cauce.aws.settings import Settings
from cauce.domain.issuer import Environment
from cauce.domain.record import MailState, Record, State
from cauce.mailing import letter
from cauce.mailing.letter import Unaddressable
from cauce.reception import access
from cauce.settling import looks
from tests import dian_issuers, stack
from tests.documents import invoice
from tests.flow.conftest import context
from tests.flow.handlers import named
from tests.settling import settle_due

SENDER = "Mi Empresa <facturas@empresa.example>"
QUEUE = "cauce-mails"


@pytest.fixture
def resources(resources: Settings) -> Settings:
    ses = stack.client("sesv2")
    ses.create_email_identity(EmailIdentity="facturas@empresa.example")
    ses.create_configuration_set(ConfigurationSetName="cauce-mail")
    return replace(resources, mail_set="cauce-mail")


@pytest.fixture
def issuer(gateway, dian):
    """An issuer whose mails Cauce sends."""
    found = dian_issuers.enrolled(gateway, dian).model_copy(update={"mail_from": SENDER})
    gateway.issuers.save(found)
    return found


class Outbox:
    """What SES was asked to send; and what it answers instead, once."""

    def __init__(self, gateway: Any):
        self.calls: list[dict[str, Any]] = []
        self.raises: Exception | None = None
        self.dies_after = False
        self._real = gateway.mail._client.send_email
        self._gateway = gateway

    def send_email(self, **call: Any) -> Any:
        self.calls.append(call)
        raised, self.raises = self.raises, None
        if raised is not None:
            raise raised
        answer = self._real(**call)
        if self.dies_after:
            raise KeyboardInterrupt
        return answer

    def mail(self, place: int = -1) -> EmailMessage:
        found = email.message_from_bytes(self.calls[place]["Content"]["Raw"]["Data"], policy=SMTP)
        assert isinstance(found, EmailMessage)
        return found


@pytest.fixture
def outbox(gateway, monkeypatch) -> Outbox:
    found = Outbox(gateway)
    monkeypatch.setattr(gateway.mail, "_client", found)
    return found


def refusal(code: str, status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "SendEmail")


def to(address: str | None = "ana@example.com", **changes: Any) -> dict[str, Any]:
    body = invoice(enviar_correo=True, **changes)
    body["adquiriente"] = {**body["adquiriente"], "email": address}
    return body if address else {**body, "adquiriente": {k: v for k, v in body["adquiriente"].items() if v}}


@pytest.fixture
def after(gateway, clock, now_at) -> Any:
    """A record after the schedule looked at what was due, so many minutes later."""

    def run(record: Record, minutes: float = 1) -> Record:
        clock.advance(minutes=minutes)
        settle_due(gateway)
        found: Record = now_at(record)
        return found

    return run


def test_the_mail_leaves_after_the_emission_with_the_annex_s_subject_and_zip(posted, call, after, outbox):
    sold = posted("/documentos", to(referencia="V-1"))
    assert (sold.state, sold.mail.state, outbox.calls) == (State.ACCEPTED, MailState.DUE, [])

    kept = after(sold)

    (sent,) = outbox.calls
    mail = outbox.mail()
    assert kept.mail.state is MailState.SENT
    assert kept.mail.message_id
    assert kept.due_at is None
    assert sent["FromEmailAddress"] == SENDER
    assert sent["Destination"] == {"ToAddresses": ["ana@example.com"]}
    assert str(mail["To"]) == "ana@example.com"
    nit, name, number, code, trade_name = str(mail["Subject"]).split(";")
    assert (nit, number, code) == (kept.issuer, str(kept.number), "01")
    assert name
    assert trade_name
    (attached,) = mail.iter_attachments()
    assert attached.get_content_type() == "application/zip"
    with zipfile.ZipFile(io.BytesIO(attached.get_content())) as files:
        assert [each.rpartition(".")[2] for each in files.namelist()] == ["xml", "pdf"]
        assert attached.get_filename() == f"z{files.namelist()[0][:-4]}.zip"
    shown = call("GET", f"/documentos/{sold.document_id}").json["correo"]
    assert shown["estado"] == "enviado"
    after(sold, 60)
    assert len(outbox.calls) == 1


def test_the_mails_of_a_lot_keep_no_document_from_being_settled(
    gateway, posted, dian, clock, monkeypatch, outbox
):
    monkeypatch.setattr(looks, "MOST_OF_A_LINE", 2)
    for n in range(4):
        posted("/documentos", to(referencia=f"V-{n}"))
    clock.advance(minutes=1)
    dian.lose_next_answer()
    unsettled = posted("/documentos", {**to(referencia="V-9"), "enviar_correo": False})
    clock.advance(minutes=5)

    looks.hand_out(gateway)

    sqs = stack.client("sqs")
    url = sqs.get_queue_url(QueueName="cauce-looks.fifo")["QueueUrl"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"])["Messages"]
    groups = {json.loads(each["Body"])["document_id"]: each["Attributes"]["MessageGroupId"] for each in found}
    assert groups[unsettled.document_id] == f"{unsettled.issuer}.dian"
    assert sorted(groups.values()) == [f"{unsettled.issuer}.dian", *[f"{unsettled.issuer}.dian.correo"] * 2]


@pytest.mark.parametrize(
    ("sender", "name", "as_called"),
    [
        (
            "José Peña SAS <facturas@empresa.example>",
            "José Peña SAS",
            "=?utf-8?b?Sm9zw6kgUGXDsWEgU0FT?= <facturas@empresa.example>",
        ),
        (
            "Mi Empresa S.A.S. <facturas@empresa.example>",
            "Mi Empresa S.A.S.",
            '"Mi Empresa S.A.S." <facturas@empresa.example>',
        ),
        (
            'Almacén "La 14" <facturas@empresa.example>',
            'Almacén "La 14"',
            "=?utf-8?q?Almac=C3=A9n_=22La_14=22?= <facturas@empresa.example>",
        ),
        (
            '"Peña, José" <facturas@empresa.example>',
            "Peña, José",
            "=?utf-8?b?UGXDsWEsIEpvc8Op?= <facturas@empresa.example>",
        ),
    ],
)
def test_the_sender_s_name_reaches_ses_in_ascii_as_it_wants_it(
    posted, after, outbox, gateway, issuer, sender, name, as_called
):
    gateway.issuers.save(issuer.model_copy(update={"mail_from": sender}))

    after(posted("/documentos", to()))

    assert outbox.calls[0]["FromEmailAddress"] == as_called
    (shown,) = outbox.mail()["From"].addresses
    assert shown.addr_spec == "facturas@empresa.example"
    assert shown.display_name == name


@pytest.mark.parametrize(
    "text",
    [
        "ana@example.com, otra@example.com",
        "ana@example.com <otra@example.com",
        "ana@example.com\r\nBcc: otra@example.com",
        "Ana\r\nBcc: otra@example.com <ana@example.com>",
        "<ana@example.com> <otra@example.com>",
        "ana@ñandú.example",
        "ana@empresa",
        "",
    ],
)
def test_what_is_not_one_address_is_nobody_s(text):
    with pytest.raises(Unaddressable):
        letter.address(text)


@pytest.mark.parametrize(
    ("asked", "environment", "is_sent"),
    [
        (True, Environment.TEST, True),
        (None, Environment.TEST, False),
        (None, Environment.PRODUCTION, True),
        (False, Environment.PRODUCTION, False),
    ],
)
def test_enviar_correo_means_here_what_the_contract_says(gateway, issuer, asked, environment, is_sent):
    from cauce.contracts.v1 import contract
    from cauce.domain.document import Kind
    from cauce.domain.record import WaitsFor
    from tests.flow.conftest import taken_in

    found = issuer.model_copy(update={"environment": environment})
    record = taken_in(gateway, issuer, "V-1")
    body = to()
    del body["enviar_correo"]
    document = contract.document(Kind.INVOICE, body if asked is None else {**body, "enviar_correo": asked})

    provider = gateway.provider(found, "dian")

    assert provider.wants_mail(record.model_copy(update={"content": document})) is is_sent
    assert record.waits_for is not WaitsFor.MAIL


def test_without_an_address_enviar_correo_is_refused_by_its_field(call, issuer):
    refused = call("POST", "/documentos", to(None))

    assert refused.status == 422
    assert list(refused.json["errors"]) == ["adquiriente.email"]


def test_an_issuer_that_did_not_turn_it_on_is_refused_as_before(call, gateway, issuer, outbox, posted, after):
    gateway.issuers.save(issuer.model_copy(update={"mail_from": None}))

    assert call("POST", "/documentos", to()).status == 422
    after(posted("/documentos", {**to(), "enviar_correo": False}))
    assert outbox.calls == []


@pytest.mark.parametrize("dies", ["before the call", "after the call"])
def test_who_dies_while_a_mail_leaves_leaves_it_to_a_person(
    posted, after, outbox, gateway, monkeypatch, dies
):
    sold = posted("/documentos", to())
    if dies == "before the call":
        outbox.raises = KeyboardInterrupt()  # type: ignore[assignment]
    else:
        outbox.dies_after = True
    with suppress(KeyboardInterrupt):
        after(sold)
    outbox.dies_after = False

    kept = after(sold, 30)

    assert len(outbox.calls) == 1
    assert kept.mail.state is MailState.DOUBTFUL
    assert kept.due_at is None


@pytest.mark.parametrize(
    ("trouble", "state", "calls"),
    [
        (ReadTimeoutError(endpoint_url="https://ses"), MailState.DOUBTFUL, 1),
        (refusal("InternalFailure", 500), MailState.DOUBTFUL, 1),
        (refusal("MessageRejected"), MailState.FAILED, 1),
        (refusal("MailFromDomainNotVerifiedException"), MailState.FAILED, 1),
        (refusal("TooManyRequestsException", 429), MailState.SENT, 2),
        (refusal("SendingPausedException"), MailState.SENT, 2),
        (EndpointConnectionError(endpoint_url="https://ses"), MailState.SENT, 2),
    ],
    ids=["no answer", "5xx", "refused", "not verified", "too many", "paused", "never left"],
)
def test_only_a_mail_that_certainly_did_not_leave_is_tried_again(
    posted, after, outbox, trouble, state, calls
):
    outbox.raises = trouble
    sold = posted("/documentos", to())

    after(sold)
    kept = after(sold, 90)

    assert (kept.mail.state, len(outbox.calls)) == (state, calls)


def test_a_package_that_dian_does_not_give_yet_is_mailed_later(posted, after, outbox, dian):
    sold = posted("/documentos", to())
    dian.answer_next(503, operation="GetStatus")

    assert after(sold).mail.state is MailState.DUE
    assert after(sold, 20).mail.state is MailState.SENT
    assert len(outbox.calls) == 1


def test_a_failed_mail_is_news_with_its_cause(posted, after, outbox, call, clock):
    outbox.raises = refusal("MessageRejected")
    after(posted("/documentos", to()))
    clock.advance(seconds=30)

    told = call("GET", "/novedades?tipos=correo.*").json["data"]

    assert [each["tipo"] for each in told] == ["correo.fallido"]
    assert "MessageRejected" in told[0]["motivo"]


# What SES tells


def ses_event(record: Record, kind: str, message_id: str | None = None) -> dict[str, Any]:
    detail = {
        "eventType": kind,
        "mail": {
            "messageId": message_id or record.mail.message_id,  # type: ignore[union-attr]
            "destination": ["ana@example.com"],
            "tags": {"issuer": [record.issuer], "document": [record.document_id]},
        },
        "bounce": {"bounceType": "Permanent", "bounceSubType": "NoEmail"},
    }
    return {"source": "aws.ses", "detail-type": "Email", "detail": detail}


def ses_tells(body: Any) -> Any:
    message = {
        "messageId": "1",
        "receiptHandle": "r",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:123456789012:{QUEUE}",
        "awsRegion": stack.REGION,
    }
    return named("consult").handler({"Records": [message]}, context())


def test_a_mail_that_came_back_is_on_the_record_and_news(posted, after, outbox, now_at, call, clock, capfd):
    kept = after(posted("/documentos", to()))

    assert ses_tells(ses_event(kept, "Bounce")) == {"batchItemFailures": []}
    ses_tells(ses_event(kept, "Bounce"))
    clock.advance(seconds=30)

    shown = call("GET", f"/documentos/{kept.document_id}").json["correo"]
    assert (shown["estado"], shown["motivo"]) == ("devuelto", "No se entregó: rebote permanente (NoEmail).")
    news = call("GET", "/novedades?tipos=correo.devuelto").json["data"]
    assert len(news) == 1
    ses_tells(ses_event(kept, "Complaint"))
    assert now_at(kept).mail.state is MailState.COMPLAINED
    assert "ana@example.com" not in capfd.readouterr().out


def test_of_a_mail_in_doubt_ses_settles_that_it_left_and_came_back(posted, after, outbox, now_at):
    outbox.raises = ReadTimeoutError(endpoint_url="https://ses")
    kept = after(posted("/documentos", to()))
    assert kept.mail.state is MailState.DOUBTFUL

    ses_tells(ses_event(kept, "Bounce", "0100-never-told"))

    assert now_at(kept).mail.state is MailState.RETURNED


def test_news_of_an_older_mail_and_what_is_no_news_of_ours_change_nothing(posted, after, outbox, now_at):
    kept = after(posted("/documentos", to()))

    for body in (ses_event(kept, "Bounce", "another"), "{}", "no es JSON", ses_event(kept, "Open"), []):
        assert ses_tells(body) == {"batchItemFailures": []}

    assert now_at(kept) == kept


def test_news_that_overtakes_its_mail_comes_back(posted, after, outbox, gateway, now_at):
    sold = posted("/documentos", to())
    outbox.dies_after = True
    with suppress(KeyboardInterrupt):
        after(sold)

    assert ses_tells(ses_event(now_at(sold), "Bounce", "x")) == {
        "batchItemFailures": [{"itemIdentifier": "1"}]
    }


def test_news_of_a_mail_whose_sender_died_waits_until_a_look_says_that_it_is_in_doubt(
    posted, after, outbox, clock, now_at
):
    sold = posted("/documentos", to())
    outbox.dies_after = True
    with suppress(KeyboardInterrupt):
        after(sold)
    told = ses_event(now_at(sold), "Bounce", "x")
    clock.advance(minutes=20)  # the schedule stands still

    assert ses_tells(told)["batchItemFailures"]
    after(sold)
    assert ses_tells(told) == {"batchItemFailures": []}
    assert now_at(sold).mail.state is MailState.RETURNED


def test_an_automatic_answer_is_not_said_to_be_a_mail_that_did_not_arrive(posted, after, outbox, now_at):
    kept = after(posted("/documentos", to()))
    told = ses_event(kept, "Bounce")
    told["detail"]["bounce"] = {"bounceType": "Transient", "bounceSubType": "General"}

    ses_tells(told)

    assert now_at(kept).mail.why == (
        "Volvió una respuesta automática o un rebote temporal: puede que sí haya llegado."
    )


# Again


def test_a_person_has_it_sent_again_to_the_buyer_or_to_another(posted, after, outbox, call, clock, capfd):
    kept = after(posted("/documentos", to()))
    path = f"/documentos/{kept.document_id}/reenviar-correo"

    too_soon = call("POST", path)
    clock.advance(minutes=2)
    again = call("POST", path)
    clock.advance(minutes=2)
    other = call("POST", path, {"correo": "compras@example.com"})

    assert (too_soon.status, again.status, other.status) == (409, 200, 200)
    assert again.json["correo"]["estado"] == "enviado"
    receivers = [each["Destination"]["ToAddresses"][0] for each in outbox.calls]
    assert receivers == ["ana@example.com", "ana@example.com", "compras@example.com"]
    assert "compras@example.com" not in capfd.readouterr().out


def test_what_cannot_be_sent_again_says_why(posted, call, gateway, issuer, outbox, dian):
    silent = posted("/documentos", {**to(None, referencia="V-1"), "enviar_correo": False})
    dian.reject_next("FAD06", "Valor del CUFE no está calculado correctamente.")
    refused = posted("/documentos", to(referencia="V-2"))
    ways = [
        call("POST", f"/documentos/{silent.document_id}/reenviar-correo"),
        call("POST", f"/documentos/{refused.document_id}/reenviar-correo"),
        call("POST", f"/documentos/{silent.document_id}/reenviar-correo", {"correo": "no es un correo"}),
        call("POST", f"/documentos/{silent.document_id}/reenviar-correo", {"otro": "a@example.com"}),
    ]
    gateway.issuers.save(issuer.model_copy(update={"mail_from": None}))
    off = call("POST", f"/documentos/{silent.document_id}/reenviar-correo", {"correo": "a@example.com"})

    assert [each.status for each in (*ways, off)] == [422, 409, 422, 422, 422]
    assert "«correo»" in ways[0].json["error"]
    assert list(ways[2].json["errors"]) == ["correo"]
    assert "activado" in off.json["error"]
    assert outbox.calls == []


def test_a_token_without_emitir_sends_nothing_again(posted, after, outbox, call, gateway, issuer):
    from cauce.domain.access_token import Scope

    kept = after(posted("/documentos", to()))
    bearer = access.grant(gateway, issuer.nit, name="x", email="x@empresa.example", scopes=[Scope.CONSULT])[1]

    assert call("POST", f"/documentos/{kept.document_id}/reenviar-correo", bearer=bearer).status == 403


# Turning it on


def test_an_issuer_turns_it_on_and_off_where_the_stack_sends_mail(cauce, gateway, issuer, monkeypatch):
    assert cauce("issuer", "update", issuer.nit, "--mail-from", "no es").exit_code != 0
    assert cauce("issuer", "update", issuer.nit, "--mail-from", "facturas@empresa.example").exit_code == 0
    assert gateway.issuers.read(issuer.nit).mail_from == "facturas@empresa.example"
    assert cauce("issuer", "update", issuer.nit, "--mail-from", "sin").exit_code == 0
    assert gateway.issuers.read(issuer.nit).mail_from is None
    monkeypatch.setattr(gateway.mail, "_set", "")
    assert cauce("issuer", "update", issuer.nit, "--mail-from", SENDER).exit_code != 0
