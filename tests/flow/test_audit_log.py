"""Who asked for what, and what became of it: one line for each request, in a log group of its own."""

import json
import logging
import re
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from cauce import wiring
from cauce.aws.audit_log import AuditLog
from cauce.contracts.v1 import rest
from cauce.domain.access_token import Scope, read_bearer
from cauce.gateway import Gateway
from cauce.reception import access
from tests import stack
from tests.documents import invoice
from tests.flow.conftest import Clock, context
from tests.flow.handlers import http_event, named

FIELDS = {
    "time", "request_id", "method", "route", "token", "issuer", "document", "lot", "codigo", "status",
}  # fmt: skip


@pytest.fixture
def broken(gateway: Gateway, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Any:
    """CloudWatch answers nothing but this error; how often it was asked."""

    def to(error: Exception) -> SimpleNamespace:
        asked = SimpleNamespace(times=0)

        def fail(**_: Any) -> None:
            asked.times += 1
            raise error

        client = SimpleNamespace(
            create_log_stream=fail,
            put_log_events=fail,
            exceptions=SimpleNamespace(ResourceAlreadyExistsException=KeyError),
        )
        here = replace(gateway, audit_log=AuditLog(lambda: client, stack.AUDIT_LOG, clock.seconds))
        monkeypatch.setattr(wiring, "gateway", lambda: here)
        return asked

    return to


def test_a_request_leaves_a_line_that_says_who_asked_for_what_and_what_became_of_it(
    call, kept, token, issuer
):
    posted = call("POST", "/documentos", invoice())

    (line,) = kept()
    assert line.keys() == FIELDS
    assert datetime.fromisoformat(line.pop("time")).utcoffset() is not None
    assert line == {
        "request_id": "00000000-0000-4000-8000-000000000001",
        "method": "POST",
        "route": "/documentos",
        "token": read_bearer(token).id,
        "issuer": issuer.nit,
        "document": posted.json["data"]["tracking_id"],
        "lot": None,
        "codigo": None,
        "status": 201,
    }


def test_every_route_leaves_its_line_with_the_token_that_asked_and_what_became_of_it(
    call, kept, token, issuer
):
    asked = [route for route in rest.SCOPES if route not in rest.OPEN]
    answers = []
    for method, path in asked:
        body = {} if method != "GET" else None
        answers.append(
            call(method, re.sub(r"{\w+}", "x", path), body, X_Factus_Token="none-of-factus").status
        )

    lines = kept()
    assert [(line["method"], line["route"]) for line in lines] == asked
    assert [line["status"] for line in lines] == answers
    assert {(line["token"], line["issuer"]) for line in lines} == {(read_bearer(token).id, issuer.nit)}


def test_a_line_names_the_document_that_was_looked_at_and_the_route_not_the_path(call, kept):
    document = call("POST", "/documentos", invoice()).json["data"]["tracking_id"]

    call("GET", f"/documentos/{document}")
    call("GET", f"/documentos/{document}/xml")
    call("POST", f"/documentos/{document}/resolver", {"accion": "reenviar", "motivo": "x"})

    assert [(line["route"], line["document"]) for line in kept()[1:]] == [
        ("/documentos/{id}", document),
        ("/documentos/{id}/xml", document),
        ("/documentos/{id}/resolver", document),
    ]


def test_what_was_refused_is_in_its_line_with_its_code_and_without_what_was_sent(call, kept, token):
    call("POST", "/documentos", invoice(lineas=[]))
    call("GET", "/documentos/LUCIA-RAMIREZ-3001234567")
    call("POST", "/documentos", "{")

    lines = kept()
    assert [(line["status"], line["codigo"]) for line in lines] == [
        (422, "datos_invalidos"),
        (404, "no_encontrado"),
        (400, "json_invalido"),
    ]
    assert {(line["token"], line["document"]) for line in lines} == {(read_bearer(token).id, None)}
    assert "LUCIA" not in json.dumps(lines)


def test_a_token_that_may_not_is_named_and_one_that_is_nobodys_is_not(call, kept, gateway, issuer, token):
    reader, bearer = access.grant(gateway, issuer.nit, name="contador", email="", scopes={Scope.READ})

    call("POST", "/documentos", invoice(), bearer=bearer)
    call("GET", "/me", bearer=f"{read_bearer(token).id}|{'x' * 40}")
    call("GET", "/me", bearer=None)

    assert [(line["token"], line["issuer"], line["codigo"]) for line in kept()] == [
        (reader.id, issuer.nit, "alcance_insuficiente"),
        (None, None, "no_autenticado"),
        (None, None, "no_autenticado"),
    ]


def test_one_request_s_line_tells_nothing_of_the_one_before(call, kept):
    call("POST", "/documentos", invoice())
    call("GET", "/health", bearer=None)

    line = kept()[-1]
    assert (line["route"], line["status"]) == ("/health", 200)
    assert [line[name] for name in ("token", "issuer", "document", "lot", "codigo")] == [None] * 5


def test_a_lot_is_named_in_the_lines_about_it(call, kept):
    posted = call("POST", "/lotes", [invoice(referencia="V-1", tipo="factura")])
    lot = posted.json["data"]["lote_id"]
    call("GET", f"/lotes/{lot}")

    assert [(line["route"], line["lot"]) for line in kept()] == [("/lotes", lot), ("/lotes/{id}", lot)]


def test_a_fault_of_ours_is_in_its_line_too(call, kept, gateway, monkeypatch):
    def fails(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(type(gateway.new_records), "used", fails)

    assert call("GET", "/me").status == 500
    (line,) = kept()
    assert (line["status"], line["codigo"]) == (500, "error_interno")


def test_a_route_that_does_not_exist_is_not_written_as_it_was_asked(kept, gateway, token):
    event = http_event("GET", "/clientes/LUCIA", bearer=token, headers={})
    named("consult").handler(event, context())

    (line,) = kept()
    assert (line["route"], line["status"], line["codigo"]) == (None, 404, "no_encontrado")
    assert "LUCIA" not in json.dumps(line)


def test_neither_secret_nor_person_is_in_any_line(call, kept, token):
    body = invoice()
    posted = call("POST", "/documentos", body)
    call("GET", f"/documentos/{posted.json['data']['tracking_id']}")
    call("GET", "/me")

    written = json.dumps(kept(), ensure_ascii=False)
    buyer = body["adquiriente"]
    for private in (
        token.partition("|")[2],
        buyer["razon_social"],
        buyer["numero_documento"],
        "erp@empresa.example",
    ):
        assert private not in written


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ThrottlingException", "Message": "x"}}, "PutLogEvents"),
        ClientError({"Error": {"Code": "AccessDeniedException", "Message": "x"}}, "CreateLogStream"),
        ReadTimeoutError(endpoint_url="logs"),
    ],
    ids=["throttled", "denied", "silent"],
)
def test_a_line_that_cannot_be_kept_fails_no_request_and_stands_in_the_functions_own_log(
    call, broken, kept, caplog, issuer, error
):
    broken(error)

    with caplog.at_level(logging.ERROR, "cauce"):
        posted = call("POST", "/documentos", invoice())

    assert posted.status == 201
    assert kept() == []
    (said,) = [each for each in caplog.records if each.message == "audit line not kept"]
    assert (said.issuer, said.document, said.status) == (issuer.nit, posted.json["data"]["tracking_id"], 201)


def test_while_cloudwatch_is_out_requests_do_not_wait_for_it_one_by_one(call, broken, clock):
    asked = broken(ReadTimeoutError(endpoint_url="logs"))

    for _ in range(5):
        assert call("GET", "/me").status == 200
    assert asked.times == 1

    clock.advance(seconds=61)
    call("GET", "/me")
    assert asked.times == 2


def test_a_stream_that_somebody_deleted_is_made_again(call, kept, clock):
    call("GET", "/me")
    logs = boto3.client("logs", region_name=stack.REGION)
    for each in logs.describe_log_streams(logGroupName=stack.AUDIT_LOG)["logStreams"]:
        logs.delete_log_stream(logGroupName=stack.AUDIT_LOG, logStreamName=each["logStreamName"])
    call("GET", "/me")

    clock.advance(seconds=61)
    call("GET", "/me")

    assert [line["route"] for line in kept()] == ["/me"]


def test_a_container_writes_one_stream(call, gateway):
    for _ in range(3):
        call("GET", "/me")

    logs = boto3.client("logs", region_name=stack.REGION)
    assert len(logs.describe_log_streams(logGroupName=stack.AUDIT_LOG)["logStreams"]) == 1
