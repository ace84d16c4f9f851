"""Webhooks: news arrives signed, in the order of each record, until it is taken; and never at a private address."""

import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep
from types import SimpleNamespace
from typing import Any
from unittest import mock

import botocore.client
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from standardwebhooks import Webhook

from cauce.contracts.v1 import webhooks
from cauce.domain.access_token import Scope
from cauce.domain.endpoint import TRIES_AFTER
from cauce.domain.errors import Conflict
from cauce.domain.record import State
from cauce.reception import access
from cauce.telling import endpoints, posting, push
from tests import stack
from tests.documents import item
from tests.flow.conftest import Clock, context, enrol
from tests.flow.handlers import named
from tests.flow.killed import killed

_CALL = botocore.client.BaseClient._make_api_call


class Receiver:
    """An ERP's own server; ``answers`` are the statuses that it will answer, and then 200."""

    def __init__(self) -> None:
        self.got: list[SimpleNamespace] = []
        self.answers: list[int] = []
        self.always: int | None = None
        self.refused: set[str] = set()
        """References of documents that it does not know, and answers 404 of."""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append(
                    SimpleNamespace(headers=dict(self.headers), body=body, json=json.loads(body))
                )
                told = outer.got[-1].json.get("data", {}).get("documento") or {}
                if told.get("referencia") in outer.refused:
                    outer.answers.insert(0, 404)
                status = outer.always or (outer.answers.pop(0) if outer.answers else 200)
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", outer.url)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/avisos"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def told(self) -> list[str]:
        return [each.json["type"] for each in self.got]


@pytest.fixture
def erp_server() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def other_server() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def notifier(gateway, issuer) -> str:
    """A token that may say where news goes."""
    scopes = [Scope.NOTIFY, Scope.READ]
    return access.grant(gateway, issuer.nit, name="ERP", email="erp@empresa.example", scopes=scopes)[1]


@pytest.fixture
def ask(call, notifier) -> Callable[..., Any]:
    def made(method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = call(method, path, body, bearer=notifier)
        assert answer.status == status, answer.text
        return answer.json

    return made


@pytest.fixture
def webhook(ask, erp_server) -> SimpleNamespace:
    """A webhook at the ERP's server."""
    made = ask("POST", "/webhooks", {"url": erp_server.url}, 201)
    return SimpleNamespace(
        id=made["data"]["id"], secret=made["secreto"], path=f"/webhooks/{made['data']['id']}"
    )


@pytest.fixture
def pass_minutes(gateway, clock) -> Callable[[float], None]:
    """Let the schedule hand out rounds, and every message be taken, minute after minute."""
    messages = Messages(gateway, clock)

    def passed(minutes: float = 1) -> None:
        for _ in range(round(minutes)):
            push.hand_out(gateway)
            messages.take()
            clock.advance(seconds=20)
            messages.take()
            clock.advance(seconds=40)

    return passed


class Messages:
    """The queue of news in simulated time: one message of a group at a time, in order; one that is hidden keeps the
    others of its group waiting."""

    def __init__(self, gateway: Any, clock: Clock) -> None:
        self._gateway, self._clock = gateway, clock
        self._groups: dict[str, list[dict[str, Any]]] = {}
        self._hidden: dict[str, float] = {}
        self.lose: Callable[[dict[str, Any]], bool] = lambda _: False

    def take(self) -> None:
        self._collect()
        for _ in range(500):
            ready = [
                group
                for group, waiting in self._groups.items()
                if waiting and self._hidden.get(waiting[0]["ReceiptHandle"], 0) <= self._clock.seconds()
            ]
            if not ready:
                return
            for group in ready:
                self._handle(self._groups[group])
            self._collect()

    def _collect(self) -> None:
        """This is AWS's own work, in which no function of ours dies."""
        with mock.patch.object(botocore.client.BaseClient, "_make_api_call", _CALL):
            self._received()

    def _received(self) -> None:
        sqs = stack.client("sqs")
        url = sqs.get_queue_url(QueueName="cauce-news.fifo")["QueueUrl"]
        while found := sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"], VisibilityTimeout=43_000
        ).get("Messages"):
            for message in found:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                self._groups.setdefault(message["Attributes"]["MessageGroupId"], []).append(message)

    def _handle(self, waiting: list[dict[str, Any]]) -> None:
        message = waiting[0]
        hidden: list[float] = []
        record = {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": {**message["Attributes"], "SentTimestamp": self._sent(message)},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:cauce-news.fifo",
            "awsRegion": stack.REGION,
        }
        pushes = self._gateway.pushes
        real = pushes.delay
        pushes.delay = lambda _, wait: hidden.append(wait.total_seconds())
        try:
            answer = named("consult").handler({"Records": [record]}, context())
        finally:
            pushes.delay = real
        if answer["batchItemFailures"]:
            self._hidden[message["ReceiptHandle"]] = self._clock.seconds() + max(hidden[0], 0.001)
            self._clock.advance(seconds=0.002)
        else:
            waiting.pop(0)

    def _sent(self, message: dict[str, Any]) -> str:
        return message.setdefault("sent", str(round(self._clock.seconds() * 1000)))


def verified(got: SimpleNamespace, *secrets: str) -> Any:
    """What arrived, by the public library of the standard, with one of these secrets."""
    for secret in secrets:
        Webhook(secret).verify(got.body, got.headers)
    return got.json


def test_news_arrives_signed_as_the_public_library_of_the_standard_verifies_it(
    webhook, erp_server, emitted, pass_minutes, clock, monkeypatch
):
    record = emitted("W-1")
    pass_minutes()

    (got,) = erp_server.got
    monkeypatch.setattr("standardwebhooks.webhooks.datetime", _now(clock))
    body = verified(got, webhook.secret)
    assert (body["type"], body["data"]["documento"]["tracking_id"]) == ("aceptado", record.document_id)
    assert got.headers["webhook-id"] == body["data"]["id"]


def test_what_is_pushed_is_the_feed_s_own_row_without_links(webhook, erp_server, emitted, pass_minutes, call):
    emitted("W-2")
    pass_minutes()

    (row,) = call("GET", "/novedades").json["data"]
    row["documento"].pop("links")
    assert erp_server.got[0].json["data"] == row


def test_the_end_of_a_lot_is_pushed_too(
    webhook, erp_server, pass_minutes, call, deliver, drain, settle, clock
):
    posted = call("POST", "/lotes", [item("W-1")], Idempotency_Key="W").json["data"]
    deliver()
    drain()
    clock.advance(minutes=1)
    settle()
    pass_minutes()

    (ended,) = (got.json for got in erp_server.got if got.json["type"] == "lote.terminado")
    assert ended["data"]["lote"]["lote_id"] == posted["lote_id"]
    assert ended["data"]["lote"]["conteo"]["aceptado"] == 1
    assert "links" not in ended["data"]["lote"]


def test_while_a_secret_is_replaced_both_sign_and_after_a_day_only_the_new_one(
    ask, webhook, erp_server, emitted, pass_minutes, clock, monkeypatch
):
    new = ask("POST", f"{webhook.path}/secreto")["secreto"]
    monkeypatch.setattr("standardwebhooks.webhooks.datetime", _now(clock))
    emitted("R-1")
    pass_minutes()
    verified(erp_server.got[0], webhook.secret, new)

    clock.advance(hours=25)
    emitted("R-2")
    pass_minutes()
    verified(erp_server.got[1], new)
    with pytest.raises(Exception, match="signature"):
        verified(erp_server.got[1], webhook.secret)


def test_a_failed_delivery_is_tried_again_for_a_day_with_the_same_id_and_body(
    ask, webhook, erp_server, emitted, pass_minutes
):
    erp_server.answers = [500, 503, 302]
    emitted("F-1")
    pass_minutes(10)

    assert len(erp_server.got) == 4
    assert len({(each.headers["webhook-id"], each.body) for each in erp_server.got}) == 1
    (delivery,) = ask("GET", f"{webhook.path}/entregas")["data"]
    assert delivery["estado"] == "entregada"
    assert [each["http"] for each in delivery["intentos"]] == [500, 503, 302, 200]
    assert 23 < sum(each.total_seconds() for each in TRIES_AFTER) / 3600 < 25


def test_a_record_s_news_waits_for_the_one_before_it_and_no_other_record_s_does(
    gateway, webhook, erp_server, accept, pass_minutes
):
    erp_server.answers = [500]
    record = gateway.records.save(accept("O-1").model_copy(update={"needs_person": True}))
    gateway.records.save(record.model_copy(update={"state": State.REJECTED, "needs_person": False}))
    gateway.records.save(accept("O-2").model_copy(update={"needs_person": True}))
    pass_minutes(3)

    arrived = [(each.json["data"]["documento"]["referencia"], each.json["type"]) for each in erp_server.got]
    assert arrived[0] == ("O-1", "requiere_atencion")  # refused
    assert arrived[1] == ("O-2", "requiere_atencion")
    assert arrived[2:] == [("O-1", "requiere_atencion"), ("O-1", "rechazo")]


def test_one_that_refuses_many_documents_gets_all_the_others_and_is_not_disabled(
    ask, webhook, erp_server, emitted, pass_minutes, clock, monkeypatch
):
    monkeypatch.setattr(push, "_MOST_WAITING", 3)
    erp_server.refused = {f"X-{n}" for n in range(5)}
    for reference in sorted(erp_server.refused):
        emitted(reference)
    good = [f"G-{n}" for n in range(6)]
    for reference in good:
        emitted(reference)
    pass_minutes(30)
    for n in range(14):
        clock.advance(hours=2)
        emitted(f"H-{n}")
        pass_minutes(6)

    arrived = {each.json["data"]["documento"]["referencia"] for each in erp_server.got} - erp_server.refused
    assert arrived == {*good, *(f"H-{n}" for n in range(14))}
    assert ask("GET", webhook.path)["data"]["estado"] == "activo"


@pytest.mark.parametrize(("status", "most"), [(503, 20), (404, 45)])
def test_one_that_takes_nothing_gets_few_deliveries_however_much_is_new(
    ask, webhook, erp_server, emitted, pass_minutes, monkeypatch, status, most
):
    monkeypatch.setattr(push, "_MOST_WAITING", 3)
    monkeypatch.setattr(push, "_AT_ONCE", 5)
    erp_server.always = status
    for n in range(60):
        emitted(f"D-{n}")
    pass_minutes(30)

    assert 3 < len(ask("GET", f"{webhook.path}/entregas?per_page=100")["data"]) < most


def test_a_record_s_news_keeps_its_order_among_many_that_wait_though_a_message_was_lost(
    gateway, issuer, webhook, erp_server, emitted, accept, clock, monkeypatch
):
    monkeypatch.setattr(push, "_MOST_WAITING", 1)
    for n in range(3):
        emitted(f"W-{n}")
    record = gateway.records.save(accept("O-1").model_copy(update={"needs_person": True}))
    gateway.records.save(record.model_copy(update={"state": State.REJECTED, "needs_person": False}))
    clock.advance(seconds=20)
    push.round_of(gateway, issuer.nit, webhook.id, gateway.now())
    waiting = gateway.deliveries.pending(issuer.nit, webhook.id, 100)
    first, second = sorted(each for each in waiting if record.document_id in each[0])
    gateway.deliveries.put_off(issuer.nit, webhook.id, *first, gateway.now() + timedelta(hours=1))

    push.deliver(gateway, issuer.nit, webhook.id, second[0], webhooks.sent)

    assert erp_server.told == ["requiere_atencion"]


def test_only_the_chosen_types_arrive(ask, erp_server, gateway, accept, pass_minutes):
    ask("POST", "/webhooks", {"url": erp_server.url, "tipos": ["rechazo", "contingencia.*"]}, 201)
    gateway.records.save(accept("T-1").model_copy(update={"needs_person": True}))
    gateway.records.save(accept("T-2").model_copy(update={"state": State.REJECTED}))
    pass_minutes()

    assert erp_server.told == ["rechazo"]


def test_one_that_takes_nothing_for_a_day_is_disabled_which_is_news_and_gets_it_all_once_enabled(
    ask, webhook, erp_server, emitted, pass_minutes, clock, call, capsys
):
    erp_server.always = 500
    emitted("D-1")
    for _ in range(14):
        pass_minutes()
        clock.advance(hours=2)
    disabled = ask("GET", webhook.path)["data"]
    calls = len(erp_server.got)

    erp_server.always = None
    pass_minutes(2)
    assert len(erp_server.got) == calls
    ask("PATCH", webhook.path, {"estado": "activo"})
    pass_minutes(2)

    assert disabled["estado"] == "inactivo"
    assert "500" in disabled["motivo"]
    assert "webhook.desactivado" in [each["tipo"] for each in call("GET", "/novedades").json["data"]]
    assert "NewsDisabled" in capsys.readouterr().out
    assert sorted(erp_server.told[calls:]) == ["aceptado", "webhook.desactivado"]


def test_a_410_disables_it_at_once(ask, webhook, erp_server, emitted, pass_minutes):
    erp_server.always = 410
    emitted("G-1")
    pass_minutes()

    assert ask("GET", webhook.path)["data"]["estado"] == "inactivo"


def test_a_test_is_sent_at_once_and_tells_what_was_answered(ask, webhook, erp_server, call):
    found = ask("POST", f"{webhook.path}/probar")["data"]

    assert (found["recibido"], found["http"], erp_server.told) == (True, 200, ["webhook.prueba"])
    assert call("GET", "/novedades").json["data"] == []


def test_deliveries_are_read_page_by_page_newest_first(ask, webhook, emitted, pass_minutes):
    for n in range(3):
        emitted(f"A-{n}")
    pass_minutes()
    whole = ask("GET", f"{webhook.path}/entregas")

    first = ask("GET", f"{webhook.path}/entregas?per_page=2")
    rest = ask("GET", f"{webhook.path}/entregas?per_page=2&cursor={first['cursor_siguiente']}")

    assert (len(first["data"]), len(rest["data"]), rest["cursor_siguiente"]) == (2, 1, None)
    assert first["data"] + rest["data"] == whole["data"]


def test_deliveries_are_made_again_one_or_all_since_a_moment(ask, webhook, erp_server, emitted, pass_minutes):
    for n in range(2):
        emitted(f"A-{n}")
    pass_minutes()
    (newest, _) = ask("GET", f"{webhook.path}/entregas")["data"]

    ask("POST", f"{webhook.path}/repetir", {"entrega": newest["id"]}, 202)
    pass_minutes()
    since = ask("POST", f"{webhook.path}/repetir", {"desde": "2020-01-01T00:00:00-05:00"}, 202)
    pass_minutes()

    assert since == {"ok": True, "repetidas": 2, "hay_mas": False, "desde_siguiente": None}
    ids = [each.headers["webhook-id"] for each in erp_server.got]
    assert (len(ids), len(set(ids))) == (5, 2)


def test_more_deliveries_than_one_request_repeats_are_repeated_by_the_next_ones(
    ask, webhook, erp_server, emitted, pass_minutes, monkeypatch
):
    monkeypatch.setattr(endpoints, "MOST_AGAIN", 2)
    for n in range(5):
        emitted(f"A-{n}")
        pass_minutes()
    first = [each.headers["webhook-id"] for each in erp_server.got]

    asked: str | None = "2020-01-01T00:00:00-05:00"
    repeated = []
    while asked is not None:
        answer = ask("POST", f"{webhook.path}/repetir", {"desde": asked}, 202)
        repeated.append(answer["repetidas"])
        asked = answer["desde_siguiente"]
        assert answer["hay_mas"] is (asked is not None)
        pass_minutes()  # they are delivered meanwhile

    assert repeated == [2, 2, 1]
    assert [each.headers["webhook-id"] for each in erp_server.got[5:]] == first


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_round_or_a_delivery_that_dies_at_any_line_loses_nothing_and_keeps_each_record_s_order(
    gateway, webhook, erp_server, accept, pass_minutes, clock, when
):
    for at in range(1, 14):
        record = gateway.records.save(accept(f"K-{at}").model_copy(update={"needs_person": True}))
        gateway.records.save(record.model_copy(update={"state": State.REJECTED, "needs_person": False}))
        with killed(at, when):
            pass_minutes()
    for _ in range(3):
        clock.advance(minutes=61)
        pass_minutes()

    told: dict[str, list[str]] = {}
    for each in erp_server.got:
        told.setdefault(each.json["data"]["documento"]["referencia"], []).append(each.json["type"])
    firsts = {reference: list(dict.fromkeys(found)) for reference, found in told.items()}
    assert firsts == {f"K-{at}": ["requiere_atencion", "rechazo"] for at in range(1, 14)}


def test_an_issuer_without_a_webhook_has_no_messages(gateway, issuer, emitted, clock):
    emitted("N-1")
    clock.advance(minutes=1)

    assert push.hand_out(gateway) == 0


def test_at_another_address_it_gets_at_once_what_waited_and_its_old_failures_do_not_disable_it(
    ask, webhook, erp_server, other_server, emitted, pass_minutes, clock
):
    erp_server.always = 500
    emitted("U-1")
    emitted("U-2")
    for _ in range(11):
        pass_minutes()
        clock.advance(hours=2)
    other_server.answers = [503]

    ask("PATCH", webhook.path, {"url": other_server.url})
    pass_minutes(12)

    assert sorted(other_server.told) == ["aceptado"] * 3  # one was refused first
    assert ask("GET", webhook.path)["data"]["estado"] == "activo"


def test_what_waits_hours_for_its_next_try_is_delivered_within_minutes_where_it_is_asked_for(
    ask, webhook, erp_server, emitted, pass_minutes, clock
):
    erp_server.always = 500
    emitted("U-1")
    for _ in range(8):
        clock.advance(hours=2)
        pass_minutes()
    calls = len(erp_server.got)
    (waits,) = ask("GET", f"{webhook.path}/entregas")["data"]

    erp_server.always = None
    ask("POST", f"{webhook.path}/repetir", {"entrega": waits["id"]}, 202)
    pass_minutes(12)

    assert len(erp_server.got) == calls + 1


def test_an_address_that_is_changed_while_the_old_one_says_410_stays_and_is_not_disabled(
    ask, webhook, erp_server, other_server, emitted, pass_minutes, monkeypatch
):
    erp_server.always = 410
    _meanwhile(monkeypatch, lambda: ask("PATCH", webhook.path, {"url": other_server.url}))
    emitted("U-1")
    pass_minutes(12)

    found = ask("GET", webhook.path)["data"]
    assert (found["url"], found["estado"]) == (other_server.url, "activo")
    assert (erp_server.told, other_server.told) == (["aceptado"], ["aceptado"])


def test_of_two_changes_at_once_the_second_is_a_conflict_and_shows_no_secret_that_does_not_sign(
    gateway, issuer, ask, webhook
):
    seen = gateway.endpoints.read(issuer.nit, webhook.id)
    _, secret, _ = endpoints.rotate(gateway, seen)

    for late in (
        lambda: endpoints.rotate(gateway, seen),
        lambda: endpoints.change(gateway, seen, description="Otra"),
        lambda: endpoints.change(gateway, seen, active=False),
    ):
        with pytest.raises(Conflict, match="cambió"):
            late()

    now = gateway.endpoints.read(issuer.nit, webhook.id)
    assert [each.get_secret_value() for each in gateway.endpoints.secrets(now, gateway.now())] == [
        secret.get_secret_value(),
        webhook.secret,
    ]


@pytest.mark.parametrize("status", [500, 410])
def test_of_a_webhook_that_is_removed_while_it_is_called_no_delivery_stays_open(
    ask, webhook, erp_server, emitted, pass_minutes, everything, monkeypatch, status
):
    erp_server.always = status
    _meanwhile(monkeypatch, lambda: ask("DELETE", webhook.path))
    emitted("U-1")
    pass_minutes(12)

    deliveries = [item for (pk, _), item in everything().items() if pk.startswith("DELIVERIES#")]
    assert [("open_pk" in item, "expires_at" in item) for item in deliveries] == [(False, True)]
    assert erp_server.told == ["aceptado"]


def _meanwhile(monkeypatch: pytest.MonkeyPatch, what: Callable[[], Any]) -> None:
    """Let this happen while an endpoint is called the first time."""
    calls = push.call

    def call(*arguments: Any) -> Any:
        answer = calls(*arguments)
        monkeypatch.setattr(push, "call", calls)
        what()
        return answer

    monkeypatch.setattr(push, "call", call)


# Who may, and what is refused


def test_only_a_token_with_the_scope_by_name_may_ask(gateway, issuer, call):
    usual = access.grant(gateway, issuer.nit, name="ERP", email="erp@empresa.example")[1]
    answer = call("POST", "/webhooks", {"url": "https://erp.example.com/avisos"}, bearer=usual)

    assert (answer.status, answer.json["codigo"], answer.json["alcance"]) == (
        403,
        "alcance_insuficiente",
        "avisos",
    )


def test_another_issuer_s_webhook_is_not_found(gateway, factus, webhook, call):
    other = enrol(gateway, factus, "900123456")
    bearer = access.grant(gateway, other.nit, name="X", email="x@empresa.example", scopes=[Scope.NOTIFY])[1]

    for method, path in (
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/probar"),
        ("GET", "/entregas"),
    ):
        assert (
            call(method, webhook.path + path, {} if method == "PATCH" else None, bearer=bearer).status == 404
        )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "ftp://erp.example.com/"}, "url"),
        ({"url": "https://ana:clave@erp.example.com/"}, "url"),
        ({"url": "https://erp.example.com/ñ"}, "url"),
        ({"url": "https://erp.example.com:99999/"}, "url"),
        ({"url": "https://[::1"}, "url"),
        ({"url": "https://erp.example.com/", "tipos": ["otro"]}, "tipos"),
        ({"url": "https://erp.example.com/", "tipos": [1]}, "tipos"),
        ({"url": "https://erp.example.com/", "tipo": "rechazo"}, "tipo"),
    ],
)
def test_a_wrong_webhook_is_refused_by_its_field(call, notifier, body, field):
    answer = call("POST", "/webhooks", body, bearer=notifier)

    assert (answer.status, list(answer.json["errors"])) == (422, [field])


def test_an_address_is_one_webhook_s_and_an_issuer_has_ten_at_most(ask):
    for n in range(10):
        ask("POST", "/webhooks", {"url": f"https://erp.example.com/{n}"}, 201)

    assert ask("POST", "/webhooks", {"url": "https://erp.example.com/0"}, 409)["codigo"] == "conflicto"
    assert "10" in ask("POST", "/webhooks", {"url": "https://erp.example.com/10"}, 409)["error"]


def test_a_removed_webhook_gets_nothing_more(ask, webhook, erp_server, emitted, pass_minutes):
    ask("DELETE", webhook.path)
    emitted("X-1")
    pass_minutes(2)

    assert erp_server.got == []
    assert ask("GET", "/webhooks")["data"] == []


def test_no_secret_is_in_the_table_or_shown_again(ask, webhook, everything):
    (key, item), *_ = [each for each in everything().items() if each[0][0].startswith("ENDPOINTS#")]

    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", webhook.secret)
    assert webhook.secret.removeprefix("whsec_") not in str(item) + str(key)
    assert webhook.secret not in str(ask("GET", webhook.path)) + str(ask("GET", "/webhooks"))


# Addresses


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.31.0.9", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.1.2.3"),
        *("224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1"),
        *(
            "::1",
            "::",
            "fe80::1",
            "fd00:ec2::254",
            "fc00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
        ),
        *("64:ff9b::a00:1", "2002:a00:1::1", "2001:0:a00:1::1", "2001:db8::1"),
    ],
)
def test_an_address_that_is_not_public_is_never_called(address, monkeypatch):
    called = _no_connection(monkeypatch)

    with pytest.raises(posting.NoAnswer, match="pública"):
        posting.post(
            "https://erp.example.com/", b"{}", {}, local=False, names=lambda *_: ["8.8.8.8", address]
        )

    assert called == []
    host = f"[{address}]" if ":" in address else address
    assert "público" in (webhooks.fault_of_url(f"https://{host}/", local=False) or "")


def test_the_connection_goes_to_the_address_that_was_looked_at_and_the_name_is_looked_up_once(monkeypatch):
    called, looked = _no_connection(monkeypatch), []

    def names(host: str, port: int) -> list[str]:
        looked.append((host, port))
        return ["8.8.8.8"] if len(looked) == 1 else ["127.0.0.1"]

    with pytest.raises(posting.NoAnswer, match="conectar"):
        posting.post("https://erp.example.com/x", b"{}", {}, local=False, names=names)

    assert (looked, called) == ([("erp.example.com", 443)], [("8.8.8.8", 443)])


def test_the_name_in_tls_and_in_host_is_the_endpoint_s_and_its_certificate_is_verified(certified):
    with pytest.raises(posting.NoAnswer, match="certificado"):
        posting.post(certified.url, b"{}", {}, local=True, names=lambda *_: ["127.0.0.1"])
    answer = posting.post(
        certified.url, b"{}", {}, local=True, names=lambda *_: ["127.0.0.1"], context=certified.trusting
    )

    assert (answer.status, certified.named) == (200, ["erp.example.com"] * 2)
    assert [got.headers["Host"] for got in certified.got] == [certified.url.split("/")[2]]


def test_a_name_that_is_looked_up_without_end_is_left():
    told, ended = threading.Event(), []

    def names(*_: Any) -> list[str]:
        told.wait(5)
        ended.append(True)
        return ["8.8.8.8"]

    with pytest.raises(posting.NoAnswer, match="DNS"):
        posting.post("https://erp.example.com/", b"{}", {}, local=False, names=names, seconds=0.1)

    assert ended == []
    told.set()


def test_an_answer_that_drips_or_has_no_end_is_left(monkeypatch):
    with _dripping() as url, pytest.raises(posting.NoAnswer, match="segundos"):
        posting.post(url, b"{}", {}, local=True, seconds=0.3)


@pytest.mark.parametrize(
    ("stage", "allowed"), [("local", True), ("habilitacion", False), ("produccion", False)]
)
def test_only_the_local_stage_allows_endpoints_of_its_own_machine(resources, stage, allowed):
    assert replace(resources, stage=stage).local_endpoints is allowed


def _no_connection(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    called: list[tuple[str, int]] = []

    def refuse(address: tuple[str, int], *_: Any, **__: Any) -> None:
        called.append(address[:2])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    return called


def _now(clock: Clock) -> Any:
    """The moment at which the library of the standard believes to be."""
    return SimpleNamespace(now=lambda tz=None: clock(), fromtimestamp=datetime.fromtimestamp)


@contextmanager
def _dripping() -> Iterator[str]:
    """A server that answers a byte in a while, without end."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            with suppress(OSError):
                connection, _ = server.accept()
                connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                for _ in range(100):
                    connection.sendall(b"a")
                    sleep(0.05)

        threading.Thread(target=drip, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


@pytest.fixture
def certified(tmp_path: Any) -> Iterator[SimpleNamespace]:
    """A server with a certificate of its own making for erp.example.com, and a context that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "erp.example.com")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=400))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("erp.example.com")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    pem = made.public_bytes(encoding)
    whole = tmp_path / "server.pem"
    plain = serialization.NoEncryption()
    whole.write_bytes(key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain) + pem)
    named: list[str | None] = []
    receiver = Receiver()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(whole)
    serving.sni_callback = lambda _socket, name, _context: named.append(name)
    server = receiver._server
    server.socket = serving.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    trusting = ssl.create_default_context(cadata=pem.decode())
    port = server.server_address[1]
    url = f"https://erp.example.com:{port}/x"
    yield SimpleNamespace(url=url, trusting=trusting, named=named, got=receiver.got)
    receiver.close()
