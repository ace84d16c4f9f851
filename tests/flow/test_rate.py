"""How many requests a token may make in a window: those that act and those that read apart, whichever container."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from cauce import wiring
from cauce.aws.access_tokens import RequestCounts
from cauce.contracts.v1 import rest
from cauce.domain.access_token import ACTS, Scope, read_bearer
from cauce.domain.issuer import RequestLimit
from cauce.reception import access
from tests import stack
from tests.documents import invoice
from tests.flow.conftest import enrol
from tests.quick_boto3 import own

LIMIT = RequestLimit(requests=3, seconds=10)
BEGINS = datetime(2026, 5, 10, 15, 0, 0, tzinfo=UTC)
"""Of a window of ten seconds."""


class Hands:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = BEGINS

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **units: float) -> None:
        self.now += timedelta(**units)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def gateway(gateway: Any, hands: Hands, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A stack whose tokens may make three requests in ten seconds."""
    limited = replace(gateway, request_limit=LIMIT, now=hands)
    monkeypatch.setattr(wiring, "gateway", lambda: limited)
    return limited


@pytest.fixture
def limit(gateway: Any, issuer: Any) -> Callable[[RequestLimit | None], None]:
    """Give the issuer a limit of its own, as an operator does."""
    return lambda own: gateway.issuers.save(issuer.model_copy(update={"request_limit": own}))


@pytest.fixture
def operations(gateway: Any) -> Iterator[list[str]]:
    """What DynamoDB was asked for since, and of which kind of item."""
    asked: list[str] = []

    def seen(params: dict[str, Any], model: Any, **_: Any) -> None:
        asked.append(f"{model.name} {params.get('Key', {}).get('pk', {}).get('S', '').partition('#')[0]}")

    events = own("dynamodb").meta.events
    events.register("provide-client-params.dynamodb.*", seen)
    yield asked
    events.unregister("provide-client-params.dynamodb.*", seen)


def reads(call: Any, times: int = 1, **options: Any) -> list[int]:
    return [call("GET", "/documentos", **options).status for _ in range(times)]


def acts(call: Any, times: int = 1, **options: Any) -> list[int]:
    """Numbering is one of the acts, and quick."""
    return [call("GET", "/numeraciones", **options).status for _ in range(times)]


# At the limit, beyond it, after it


@pytest.mark.parametrize("use", [reads, acts])
def test_as_many_requests_as_the_limit_says_are_answered_and_the_next_is_429(call, use):
    assert use(call, 4) == [200, 200, 200, 429]


def test_beyond_the_limit_the_answer_says_how_many_seconds_and_what_to_do(call, hands):
    reads(call, 3)
    acts(call, 3)
    hands.advance(seconds=6.5)

    read, act = call("GET", "/documentos"), call("POST", "/documentos", invoice())

    for answer in (read, act):
        assert (answer.status, answer.json["codigo"]) == (429, "demasiadas_solicitudes")
        assert answer.headers["Retry-After"] == "4"
        assert answer.headers["Content-Type"] == "application/problem+json; charset=utf-8"
    assert read.json["error"] == (
        "Este token llegó a su límite para consultar y listar: 3 solicitudes cada 10 segundos. No se hizo nada; "
        "repita esta misma solicitud en 4 segundos."
    )
    assert act.json["error"] == (
        "Este token llegó a su límite para emitir, numerar y decidir: 3 solicitudes cada 10 segundos. No se hizo nada; "
        "repita esta misma solicitud en 4 segundos. Muchos documentos caben en un solo lote."
    )


@pytest.mark.parametrize(
    ("passed", "retry_after", "words"),
    [(0, "10", "en 10 segundos."), (9.001, "1", "en 1 segundo."), (9.999, "1", "en 1 segundo.")],
)
def test_retry_after_is_whole_seconds_and_the_window_is_over_then(call, hands, passed, retry_after, words):
    reads(call, 3)
    hands.advance(seconds=passed)

    refused = call("GET", "/documentos")
    assert (refused.status, refused.headers["Retry-After"]) == (429, retry_after)
    assert refused.json["error"].endswith(words)

    hands.advance(seconds=int(retry_after))
    assert reads(call) == [200]


def test_after_the_window_a_token_has_its_whole_limit_again_whatever_was_refused(call, hands):
    assert reads(call, 8)[3:] == [429] * 5

    hands.advance(seconds=9.999)
    assert reads(call) == [429]
    hands.advance(seconds=0.001)
    assert reads(call, 4) == [200, 200, 200, 429]


def test_a_document_refused_so_is_taken_in_after_the_window_as_if_it_had_never_been_sent(call, hands, factus):
    acts(call, 3)
    assert call("POST", "/documentos", invoice(referencia="V-1")).status == 429

    hands.advance(seconds=10)
    taken = call("POST", "/documentos", invoice(referencia="V-1"))

    assert taken.status == 201
    assert "Idempotency-Replayed" not in taken.headers


# What is counted together, and what apart


def test_reads_are_counted_apart_from_what_acts(call):
    assert reads(call, 4)[-1] == 429
    assert acts(call, 4) == [200, 200, 200, 429]


def test_a_route_is_counted_by_its_scope(call, limit, hands):
    limit(RequestLimit(requests=1, seconds=10))
    for (method, path), scope in rest.SCOPES.items():
        if (method, path) in rest.OPEN:
            continue
        used, other = (acts, reads) if scope in ACTS else (reads, acts)
        used(call)

        refused = call(method, path.replace("{id}", "x").replace("{prefijo}", "SETP"), {})

        assert (refused.status, refused.json["codigo"]) == (429, "demasiadas_solicitudes"), (method, path)
        assert other(call) == [200], (method, path)
        hands.advance(seconds=10)


def test_what_asks_for_no_token_is_not_counted_and_its_detail_is_a_read(call):
    assert [call("GET", "/health", bearer=None).status for _ in range(5)] == [200] * 5
    assert [call("GET", "/health?detalle=1").status for _ in range(4)] == [200, 200, 200, 429]


@pytest.mark.parametrize(("body", "status"), [("{", 400), ({}, 422)], ids=["unreadable", "invalid"])
def test_what_is_refused_for_its_body_is_counted(call, body, status):
    assert [call("POST", "/documentos", body).status for _ in range(4)] == [status, status, status, 429]


def test_what_a_token_may_not_do_is_refused_for_that_and_not_counted(call, gateway, issuer):
    _, bearer = access.grant(gateway, issuer.nit, name="Caja", email="", scopes=[Scope.NUMBERING])

    posted = [call("POST", "/documentos", invoice(), bearer=bearer) for _ in range(5)]

    assert {answer.json["codigo"] for answer in posted} == {"alcance_insuficiente"}
    assert acts(call, 3, bearer=bearer) == [200, 200, 200]


def test_another_token_of_the_same_issuer_has_a_limit_of_its_own(call, gateway, issuer):
    _, second = access.grant(gateway, issuer.nit, name="Otra caja", email="")
    assert reads(call, 4)[-1] == 429

    assert reads(call, 4, bearer=second) == [200, 200, 200, 429]


def test_another_issuer_has_a_limit_of_its_own(call, gateway, factus):
    other = enrol(gateway, factus, "800197268")
    _, theirs = access.grant(gateway, other.nit, name="ERP", email="")
    assert acts(call, 4)[-1] == 429

    assert acts(call, 4, bearer=theirs) == [200, 200, 200, 429]


# Whose limit


def test_an_issuer_s_own_limit_is_what_holds_for_its_tokens_and_for_nobody_else(call, gateway, limit, factus):
    other = enrol(gateway, factus, "800197268")
    _, theirs = access.grant(gateway, other.nit, name="ERP", email="")

    limit(RequestLimit(requests=5, seconds=10))

    assert reads(call, 6) == [200] * 5 + [429]
    assert reads(call, 4, bearer=theirs) == [200, 200, 200, 429]
    limit(None)
    assert reads(call) == [429]


def test_an_issuer_s_own_limit_may_be_of_another_window(call, limit, hands):
    limit(RequestLimit(requests=2, seconds=60))
    hands.advance(seconds=20)

    reads(call, 2)
    refused = call("GET", "/documentos")

    assert refused.headers["Retry-After"] == "40"
    assert "2 solicitudes cada 60 segundos" in refused.json["error"]


def test_a_limit_that_was_lowered_holds_at_once(call, limit):
    reads(call, 2)

    limit(RequestLimit(requests=2, seconds=10))

    assert reads(call) == [429]


# Queue and lots


def test_a_lot_is_one_request_and_neither_its_lines_nor_queued_documents_are_refused(
    call, gateway, issuer, erp, deliver, drain, factus
):
    lot = call("POST", "/lotes", [{"tipo": "factura", **invoice(referencia=f"L-{n}")} for n in range(4)])
    acts(call, 2)
    assert acts(call) == [429]

    for n in range(2):
        erp({"tipo": "factura", **invoice(referencia=f"Q-{n}")})
    failed = deliver()
    drain()

    assert (lot.status, failed) == (202, [])
    assert acts(call) == [429]  # still in that window
    references = [*(f"L-{n}" for n in range(4)), "Q-0", "Q-1"]
    assert {gateway.records.by_reference(issuer.nit, each).shown_state for each in references} == {"aceptado"}


# Where it is counted


def test_two_containers_share_the_count(call, gateway, monkeypatch):
    second = replace(gateway, request_counts=RequestCounts(stack.table()))
    assert reads(call, 2) == [200, 200]

    monkeypatch.setattr(wiring, "gateway", lambda: second)

    assert reads(call, 2) == [200, 429]
    monkeypatch.setattr(wiring, "gateway", lambda: gateway)
    assert reads(call) == [429]


def test_a_request_is_counted_by_one_write_and_its_count_ends_by_itself(call, operations, hands):
    reads(call)
    operations.clear()

    reads(call)

    counting = [each for each in operations if each.endswith("REQUESTS")]
    (kept,) = [
        item
        for item in boto3.client("dynamodb", region_name=stack.REGION).scan(TableName="cauce")["Items"]
        if item["pk"]["S"].startswith("REQUESTS#")
    ]
    assert counting == ["UpdateItem REQUESTS"]
    assert kept["made"] == {"N": "2"}
    assert int(kept["expires_at"]["N"]) > hands().timestamp() + LIMIT.seconds


def test_what_is_refused_reads_only_whose_limit_it_is_and_stores_nothing(
    call, operations, everything, factus
):
    acts(call, 3)
    before, asked = everything(), len(factus.requests)
    operations.clear()

    assert call("POST", "/documentos", "{ not even read").status == 429

    assert operations == ["GetItem TOKEN", "GetItem ISSUER", "UpdateItem REQUESTS"]
    assert (everything(), len(factus.requests)) == (before, asked)


def test_a_refusal_is_in_the_audit_log_with_its_token_and_route(call, token, issuer):
    reads(call, 4)

    logs = boto3.client("logs", region_name=stack.REGION)
    (stream,) = logs.describe_log_streams(logGroupName="cauce-audit")["logStreams"]
    events = logs.get_log_events(
        logGroupName="cauce-audit", logStreamName=stream["logStreamName"], startFromHead=True
    )["events"]
    line = json.loads(events[-1]["message"])
    assert (line["status"], line["codigo"]) == (429, "demasiadas_solicitudes")
    assert (line["token"], line["issuer"]) == (read_bearer(token).id, issuer.nit)
    assert (line["method"], line["route"]) == ("GET", "/documentos")
