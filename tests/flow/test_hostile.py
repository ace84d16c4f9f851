"""What nobody honest sends, through the real handlers: always 4xx in Spanish, and no trace of it afterwards."""

import base64
import io
import itertools
import json
import logging
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from cauce import observability
from cauce.domain.document import Kind
from tests.documents import invoice
from tests.flow.conftest import context
from tests.flow.handlers import function, http_event, named
from tests.unit.contracts.examples import EXAMPLES, changed, put
from tests.unit.contracts.test_hostile import FULL, NOWHERE_RIGHT, hostile_texts, hostile_tokens, paths

ROUTES = {
    Kind.INVOICE: "/documentos",
    Kind.CREDIT_NOTE: "/notas-credito",
    Kind.DEBIT_NOTE: "/notas-debito",
    Kind.SUPPORT_DOCUMENT: "/documentos-soporte",
    Kind.ADJUSTMENT_NOTE: "/notas-ajuste",
    Kind.EQUIVALENT_DOCUMENT: "/documentos-equivalentes",
    Kind.EQUIVALENT_NOTE: "/notas-documento-equivalente",
}
# In the buyer of every body below: if one shows up in a log, something of the body did.
MARK = "Zoraida Quintanilla"
MARKED_MAIL = "zoraida@quintanilla.example"


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Any:
    """All that was logged: our lines as they are printed, and anybody's records from INFO on with their extras."""
    caplog.set_level(logging.INFO)
    printed = io.StringIO()
    for handler in (*observability.logger().handlers, *logging.getLogger("cauce").handlers):
        monkeypatch.setattr(handler, "stream", printed, raising=False)
    return lambda: printed.getvalue() + "\n".join(repr(vars(record)) for record in caplog.records)


@pytest.fixture
def untouched(everything, factus, token) -> Iterator[None]:
    """Nothing is stored, no number is taken and no provider hears of it."""
    before, heard, numbers = everything(), len(factus.requests), _next_numbers(factus)
    yield
    assert everything() == before
    assert not [key for key in everything() if key[0].startswith(("RECORD", "REFERENCE", "NUMBER"))]
    assert len(factus.requests) == heard
    assert _next_numbers(factus) == numbers


def _next_numbers(factus: Any) -> dict[int, int]:
    return {row.id: row.next_number for row in factus.ranges.values()}


def marked(text: str) -> str:
    """A body with our buyer in it, wherever the examples have theirs."""
    for name in ("Lucía Ramírez", "Luc\\u00eda Ram\\u00edrez", "Alan Turing"):
        text = text.replace(name, MARK)
    return text.replace("lucia@example.com", MARKED_MAIL)


def refused(answer: Any, *statuses: int) -> None:
    """Assert an answer of 4xx as problem details in Spanish, and no longer than it needs to be."""
    assert 400 <= answer.status < 500, (answer.status, answer.text)
    assert answer.status in (statuses or range(400, 500)), (answer.status, answer.text[:300])
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    body = answer.json
    assert body["ok"] is False
    assert body["status"] == answer.status
    assert {"error", "codigo", "type", "title", "detail", "instance"} <= body.keys()
    for sentence in (body["error"], body["detail"], *itertools.chain(*body.get("errors", {}).values())):
        assert not any(english in sentence for english in ("Input", "should", "valid ", "Field", "must"))
        told = sentence.partition(' {"factura_referencia"')[0]  # a note that is ready has a bound of its own
        assert 0 < len(told) < 400
    assert len(answer.text) < 20_000


def as_json(body: Any) -> str:
    """JSON with a Decimal as the number it is, however long; ``json`` alone would write text."""
    text = json.dumps(body, default=lambda number: f"@{number}@")
    return re.sub(r'"@([^"]*)@"', r"\1", text)


def wrong_values() -> Iterator[tuple[Kind, str, str]]:
    """A value that fits nowhere, in each place of a full request: the path, and the body with it there."""
    for path in paths(FULL):
        for value in NOWHERE_RIGHT:
            if value is object or value != value:  # no JSON at all: see hostile_texts
                continue
            body = changed(FULL, {})
            put(body, list(path), value)
            yield Kind.INVOICE, ".".join(path), as_json(body)


def wrong_kinds() -> Iterator[tuple[Kind, str, str]]:
    for kind in ROUTES:
        for field in ("adquiriente", "vendedor", "lineas", "motivo"):
            if field in EXAMPLES[kind]():
                for value in (True, 0, "", "texto", [], [1], {}, None):
                    yield kind, field, as_json({**EXAMPLES[kind](), field: value})


BODIES = [*wrong_values(), *wrong_kinds()]


def test_there_are_enough_hostile_bodies():
    assert len(BODIES) >= 200


def test_every_hostile_body_is_refused_by_the_name_of_its_field_and_leaves_nothing(
    call, clock, untouched, logged
):
    for kind, path, body in BODIES:
        clock.advance(seconds=0.01)  # no faster than a token may ask
        answer = call("POST", ROUTES[kind], marked(body))

        refused(answer, 400, 422)
        named_fields = list(answer.json.get("errors", {}))
        assert any(f"{name}.".startswith(f"{path}.") for name in named_fields), (path, answer.text)

    said = logged()
    assert MARK not in said
    assert MARKED_MAIL not in said


def test_every_hostile_text_is_refused_and_leaves_nothing(call, untouched, logged):
    texts = [marked(text) for text in hostile_texts()]
    for text in texts:
        refused(call("POST", "/notas-credito", text), 400, 413, 422)

    assert len(texts) > 40
    assert MARK not in logged()


def test_what_is_called_base64_and_is_not_json_in_it_is_refused(token, untouched):
    for body in ("%%%", "====", "e30", "AAA=AAA", "ñ", "\x00", " ", "e30=\ne30=", _base64(b"\xff\xfe")):
        event = http_event("POST", "/documentos", body, bearer=token, headers={})
        event["isBase64Encoded"] = True

        refused(_answer("POST", "/documentos", event), 400)


def test_a_wrong_encoding_is_refused(call, untouched):
    text = json.dumps(invoice(observaciones="café"), ensure_ascii=False)
    for encoding in ("latin-1", "cp1252", "utf-16", "utf-16-le", "utf-32", "utf-32-be", "cp500"):
        refused(call("POST", "/documentos", text.encode(encoding)), 400)


def test_no_body_at_all_is_refused(call, untouched):
    for path in ROUTES.values():
        for body in (None, "", " ", "null", "[]", '""', "0", "true", "{}", '{"": ""}'):
            refused(call("POST", path, body), 400, 422)


def test_another_content_type_is_refused(call, untouched):
    for content_type in (
        "text/plain", "application/xml", "multipart/form-data; boundary=x", "application/json; charset=latin1",
        "*/*", "json", "\x00", "application/json, application/json", "x" * 10_000,
    ):  # fmt: skip
        refused(call("POST", "/documentos", invoice(), Content_Type=content_type), 415)


def test_the_names_that_a_body_invents_are_not_logged(call, untouched, logged):
    inside = changed(FULL, {})
    inside["adquiriente"][MARKED_MAIL] = 1
    bodies = [{MARK: 1}, {MARK: {MARKED_MAIL: [1]}}, inside]
    for body in bodies:
        refused(call("POST", "/documentos", body), 422)
    refused(call("POST", "/documentos", f'{{"{MARK}": 1, "{MARK}": 2}}'), 400)
    refused(call("GET", f"/documentos?{MARKED_MAIL}=1"), 422)

    said = logged()
    assert MARK not in said
    assert MARKED_MAIL not in said


# Tokens


def test_every_hostile_token_is_nobodys_and_leaves_nothing(call, token, untouched, logged):
    honest = token.partition("|")[2]
    values = [value for value in dict.fromkeys(hostile_tokens()) if value]
    assert len(values) >= 200
    for method, path in (("GET", "/me"), ("POST", "/documentos")):
        for value in values:
            answer = call(method, path, invoice() if method == "POST" else None, Authorization=value)

            refused(answer, 401)
            assert answer.headers["WWW-Authenticate"] == "Bearer"

    said = logged()
    assert honest not in said
    assert "aBcDeFgHiJkLmNoPqRsTuVwXyZ" not in said


def test_nothing_but_health_answers_without_a_token(call, untouched):
    reads = (
        "/me", "/documentos", "/emitidos", "/documentos/x", "/documentos/x/consultar", "/documentos/x/xml",
        "/documentos/x/pdf", "/numeraciones",
    )  # fmt: skip
    for path in reads:
        refused(call("GET", path, bearer=None), 401)
    for path in (*ROUTES.values(), "/numeraciones/sincronizar"):
        refused(call("POST", path, invoice(), bearer=None), 401)

    assert call("GET", "/health", bearer=None).status == 200


def test_an_honest_id_with_another_secret_is_refused(call, token, untouched):
    named, _, secret = token.partition("|")
    token_id = named.rpartition("_")[2]

    for written in (named, token_id):
        for wrong in (secret[:-1], f"{secret}x", secret.swapcase(), "a" * 40, f"{int(token_id) + 1}"):
            refused(call("GET", "/me", bearer=f"{written}|{wrong}"), 401)
    refused(call("GET", "/me", bearer=f"{int(token_id) + 1}|{secret}"), 401)
    refused(call("GET", "/me", bearer=f"cauce_prod_{token_id}|{secret}"), 401)


# What surrounds a body

HOSTILE_TEXTS = [
    "", " ", "'", '"', "\x00", "\n", "ñ", "😀", "\ud800", "٣", "１", "-1", "0", "1e3", "NaN", "null", "true",
    "../", "..%2f..", "%00", "${jndi:ldap://x}", "<script>", "' OR 1=1 --", "{}", "[]", "x" * 10_000,
    "2026-02-30", "2026-13-01", "9999-12-31", "0000-00-00", "1999-12-31", "RECORD#1#2", "a#b",
]  # fmt: skip


PARAMETERS = (
    "estado", "desde", "hasta", "per_page", "page", "cursor", "offset", "cantidad", "proveedor",
    "tipo_documento", "numero_documento", "prefijo", "referencia",
)  # fmt: skip


@pytest.mark.parametrize("path", ["/documentos", "/emitidos"])
def test_a_hostile_parameter_never_breaks_a_listing(token, issuer, path):
    for value in HOSTILE_TEXTS:
        for name in (*PARAMETERS, value):
            event = http_event("GET", path, bearer=token, headers={})
            event["queryStringParameters"] = {name: value}
            event["multiValueQueryStringParameters"] = {name: [value]}

            answer = _answer("GET", path, event)

            assert answer.status < 500, (name, value, answer.text)
            if answer.status != 200:
                refused(answer, 422)


def test_a_hostile_switch_of_a_post_is_refused_by_name_or_ignored(token, untouched):
    for value in HOSTILE_TEXTS:
        event = http_event("POST", "/documentos", invoice(lineas=[]), bearer=token, headers={})
        event["queryStringParameters"] = {"validar": value, value: value}

        refused(_answer("POST", "/documentos", event), 422)


PATH_IDS = [
    "..", "../..", ".", "%2e%2e", "..%2f", "ñandú", "😀", "١٢٣", "\x00", "\n", "\ud800", " ", "a b", "'", "#",
    "RECORD", "REFERENCE#1", "%", "%00", "?", "*", "x" * 2_000, "x" * 2_048, "x" * 10_000, "ñ" * 5_000,
    "018f6d2e-7c41-7a90-8b5e-2f1d3c4b5a69",
]  # fmt: skip


def test_an_id_that_is_nobodys_is_not_found_whatever_it_looks_like(token, issuer):
    for what in ("", "/consultar", "/xml", "/pdf"):
        for document_id in PATH_IDS:
            event = http_event("GET", "/documentos/x" + what, bearer=token, headers={})
            event["path"] = event["resource"] = f"/v1/documentos/{document_id}{what}"
            event["pathParameters"] = {"id": document_id}

            refused(_answer("GET", "/documentos/x" + what, event), 404)


LOT_IDS = [
    "cola-2026-02-30", "cola-2026-13-01", "cola-0000-00-00", "cola-9999-12-31", "cola-0001-01-01", "cola-2026-2-3",
    "cola-", "cola-٢٠٢٦-٠١-٠١", "x" * 3_000, "é" * 3_000, "a" * 64, "a" * 65,
]  # fmt: skip


@pytest.mark.parametrize("query", [{}, {"estado": "aceptado"}, {"per_page": "1"}])
def test_a_lot_of_a_day_that_does_not_exist_or_of_an_id_that_no_key_can_hold_is_not_found(
    token, issuer, query
):
    for lot_id in (*LOT_IDS, *PATH_IDS):
        event = http_event("GET", "/lotes/x", bearer=token, headers={})
        event["path"] = event["resource"] = f"/v1/lotes/{lot_id}"
        event["pathParameters"] = {"id": lot_id}
        event["queryStringParameters"] = query

        refused(_answer("GET", "/lotes/x", event), 404)


@pytest.mark.parametrize(
    ("method", "path", "body", "statuses"),
    [
        ("POST", "/documentos/x/resolver", {"accion": "descartar", "motivo": "no llegó"}, [404]),
        (
            *("PUT", "/numeraciones/x/tipo-documento"),
            *({"resolucion": "18764000012", "tipo_documento": "DSE"}, [404, 422]),
        ),
    ],
)
def test_a_document_that_no_key_can_hold_is_not_found_and_a_prefix_that_no_range_can_have_is_refused(
    token, untouched, method, path, body, statuses
):
    for name in PATH_IDS:
        event = http_event(method, path, body, bearer=token, headers={})
        event["path"] = event["resource"] = f"/v1{path.replace('x', name, 1)}"

        refused(_answer(method, path, event), *statuses)


def test_a_factus_token_that_no_header_can_carry_is_nobodys(call, untouched):
    for value in ("ñ", "a b", "a\nb", "a\r\nX-Otro: 1", "\x00", "\ud800", "😀", " ", "x" * 10_000):
        answer = call("GET", "/lookups/numbering-ranges", X_Factus_Token=value)

        assert (answer.status, answer.json) == (401, {"detail": "Not authenticated"})


HEADERS = (
    "Authorization", "Idempotency-Key", "Content-Type", "Prefer", "Host", "X-Forwarded-Proto", "X-Factus-Token",
)  # fmt: skip


HEADER_VALUES = (
    "", " ", "\x00", "a\r\nX-Otro: 1", "ñ", "\ud800", "x" * 10_000, "%00", "application/json; charset=\udcff",
    "Bearer ñ|ñ",
)  # fmt: skip
READ_BY_HEADERS = [
    ("GET", "/documentos"), ("POST", "/documentos"), ("POST", "/eventos"), ("POST", "/lotes"), ("POST", "/numeraciones"),
    ("GET", "/lookups/numbering-ranges"),
]  # fmt: skip


def test_no_value_of_a_header_breaks_a_route(call, issuer):
    for (method, path), name, value in itertools.product(READ_BY_HEADERS, HEADERS, HEADER_VALUES):
        answer = call(method, path, {} if method != "GET" else None, **{name.replace("-", "_"): value})

        assert answer.status < 500, (method, path, name, value, answer.text)


def test_an_idempotency_key_that_no_reference_can_be_names_the_header(call, untouched):
    for value in ("ñ", "a b", "x" * 65, "x" * 10_000, "\x00", "\ud800", "<x>"):
        answer = call("POST", "/documentos", invoice(), Idempotency_Key=value)

        refused(answer, 422)
        assert list(answer.json["errors"]) == ["Idempotency-Key"]


def test_an_idempotency_key_that_is_not_the_bodys_reference_is_refused(call, untouched):
    answer = call("POST", "/documentos", invoice(referencia="A"), Idempotency_Key="B")

    refused(answer, 422)
    assert list(answer.json["errors"]) == ["referencia"]


def test_a_hostile_preference_is_no_preference(call, issuer):
    for value in (
        "",
        ";",
        ",,,",
        "respond-async=",
        "respond_async",
        "wait=10",
        "\x00",
        "ñ",
        "\ud800",
        "x" * 9_999,
    ):
        refused(call("POST", "/documentos", invoice(lineas=[]), Prefer=value), 422)

    assert call("POST", "/documentos", invoice(), Prefer="ñ, respond-async=").status == 201


def test_an_event_with_its_headers_missing_is_refused_and_not_an_error(issuer):
    for missing in ("headers", "multiValueHeaders", "queryStringParameters", "pathParameters", "body"):
        event = http_event("POST", "/documentos", invoice(), bearer=None, headers={})
        event[missing] = None
        refused(_answer("POST", "/documentos", event), 401)

        del event[missing]
        refused(_answer("POST", "/documentos", event), 401)


def test_a_route_or_method_that_does_not_exist_is_not_found(token, issuer):
    methods = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "FOO", "")
    routes = ("/", "/nada", "/v2/documentos", "/documentos/a/b/c", "//", "/documentos/x/borrar")
    for folder in ("emit", "consult", "list_emitted", "sync_numbering"):
        for method, path in itertools.product(methods, routes):
            event = http_event(method, path, bearer=token, headers={})

            refused(_of(named(folder).handler(event, context())), 404)


def test_a_known_path_with_another_method_is_not_found(token, issuer):
    for folder, method, path in (
        ("emit", "GET", "/documentos"),
        ("emit", "DELETE", "/documentos"),
        ("consult", "POST", "/documentos/x"),
        ("consult", "PUT", "/me"),
        ("list_emitted", "POST", "/documentos"),
        ("sync_numbering", "DELETE", "/numeraciones"),
    ):
        event = http_event(method, path, bearer=token, headers={})

        refused(_of(named(folder).handler(event, context())), 404, 405)


def test_a_message_that_is_none_of_ours_fails_alone_and_says_nothing_of_itself(gateway, logged):
    for body in ("", "x", "null", "[]", "{}", '{"issuer": 1}', MARK, '{"issuer": "1", "document_id": "x"}'):
        message = {"messageId": "m", "receiptHandle": "r", "body": body, "eventSource": "aws:sqs"}

        answer = named("emit").handler({"Records": [message]}, context())

        assert answer == {"batchItemFailures": [{"itemIdentifier": "m"}]}
    assert MARK not in logged()


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _answer(method: str, path: str, event: dict[str, Any]) -> Any:
    return _of(function(method, path).handler(event, context()))


def _of(answer: dict[str, Any]) -> Any:
    text = answer["body"]
    json.dumps(answer)  # as Lambda hands it to API Gateway
    return SimpleNamespace(
        status=answer["statusCode"],
        headers={name: values[0] for name, values in answer["multiValueHeaders"].items()},
        text=text,
        json=json.loads(text) if text[:1] in "{[" else None,
    )
