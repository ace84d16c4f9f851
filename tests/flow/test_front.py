"""What surrounds a request as HTTP: headers that come twice, where links lead, who may see what, what an error carries."""

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest

from cauce import observability
from tests.documents import invoice
from tests.flow.conftest import context
from tests.flow.handlers import function, http_event


@pytest.fixture
def send(gateway: Any, token: str) -> Any:
    """A request whose headers may have several values, as API Gateway brings them: the last one stands alone too."""

    def sent(method: str, path: str, body: Any = None, **repeated: list[str]) -> Any:
        event = http_event(method, path, body, bearer=token, headers={})
        for name, values in repeated.items():
            event["multiValueHeaders"][name.replace("_", "-")] = values
            event["headers"][name.replace("_", "-")] = values[-1]
        return answered(function(method, path).handler(event, context()))

    return sent


def answered(answer: dict[str, Any]) -> Any:
    return SimpleNamespace(
        status=answer["statusCode"],
        headers={name: values[0] for name, values in answer["multiValueHeaders"].items()},
        json=json.loads(answer["body"]),
    )


# Headers that come twice


def test_two_authorizations_are_nobodys_and_the_sentence_says_so(
    send: Any, token: str, everything: Any
) -> None:
    before = everything()
    other = token[:-1] + ("a" if token[-1] != "a" else "b")

    for values in ([f"Bearer {token}", f"Bearer {other}"], [f"Bearer {other}", f"Bearer {token}"]):
        refused = send("POST", "/documentos", invoice(), Authorization=values)

        assert (refused.status, refused.json["codigo"]) == (401, "no_autenticado")
        assert "dos encabezados Authorization" in refused.json["error"]
    assert everything() == before


def test_two_idempotency_keys_are_refused_and_nothing_is_stored(send: Any, everything: Any) -> None:
    before = everything()

    for path, body in (
        ("/documentos", invoice()),
        ("/lotes", [{**invoice(referencia="A"), "tipo": "factura"}]),
    ):
        refused = send("POST", path, body, Idempotency_Key=["VENTA-1", "VENTA-2"])

        assert (refused.status, refused.json["codigo"]) == (400, "encabezado_repetido")
        assert list(refused.json["errors"]) == ["Idempotency-Key"]
    assert everything() == before


def test_two_idempotency_keys_of_different_case_in_their_names_are_refused(send: Any, issuer: Any) -> None:
    refused = send("POST", "/documentos", invoice(), Idempotency_Key=["A"], idempotency_key=["B"])

    assert (refused.status, refused.json["codigo"]) == (400, "encabezado_repetido")


def test_the_same_value_twice_is_one_value(send: Any, issuer: Any, token: str) -> None:
    twice = {"Authorization": [f"Bearer {token}"] * 2, "Idempotency_Key": ["VENTA-1"] * 2}

    first = send("POST", "/documentos", invoice(), **twice)
    again = send("POST", "/documentos", invoice(), Idempotency_Key=["VENTA-1"])

    assert (first.status, again.headers["Idempotency-Replayed"]) == (201, "true")


def test_two_content_types_are_refused(send: Any, issuer: Any) -> None:
    refused = send("POST", "/documentos", invoice(), Content_Type=["application/json", "text/plain"])

    assert (refused.status, list(refused.json["errors"])) == (400, ["Content-Type"])


def test_preferences_may_come_in_several_headers(send: Any, issuer: Any) -> None:
    assert send("POST", "/documentos", invoice(), Prefer=["wait=1", "respond-async"]).status == 202


def test_two_factus_tokens_are_nobodys_in_the_words_of_the_look_up(send: Any, issuer: Any) -> None:
    refused = send("GET", "/lookups/numbering-ranges", X_Factus_Token=["a", "b"])

    assert (refused.status, refused.json) == (401, {"detail": "Not authenticated"})


# Where links lead

FORGED = {
    "Host": ["robo.example"],
    "X-Forwarded-Host": ["robo.example"],
    "X-Forwarded-Proto": ["http"],
    "Forwarded": ["host=robo.example;proto=http"],
}


def links(found: Any) -> list[str]:
    """Every address in an answer."""
    if isinstance(found, dict):
        return [link for value in found.values() for link in links(value)]
    if isinstance(found, list):
        return [link for value in found for link in links(value)]
    return [found] if isinstance(found, str) and "://" in found else []


def every_link(send: Any) -> list[str]:
    """The links of a POST, a document, a page and a lot, asked for with forged headers."""
    sold = send("POST", "/documentos", invoice(referencia="A"), **FORGED)
    document = send("GET", f"/documentos/{sold.json['data']['tracking_id']}", **FORGED)
    send("POST", "/documentos", invoice(referencia="B"))
    page = send("GET", "/documentos?per_page=1", **FORGED)
    lot = send("POST", "/lotes", [{**invoice(referencia="C"), "tipo": "factura"}], **FORGED)
    found = [links(answer.json) for answer in (sold, document, page, lot)]
    assert all(found)
    return [link for each in found for link in each if not link.startswith("https://catalogo-vpfe")]


def test_a_forged_host_leads_no_link_astray(send: Any, issuer: Any) -> None:
    for link in every_link(send):
        assert link.startswith("https://api.cauce.example/api/v1/"), link


def test_links_begin_with_the_public_address_where_the_stack_was_told_one(
    send: Any, issuer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAUCE_PUBLIC_URL", "https://facturas.empresa.example/cauce/v1")

    for link in every_link(send):
        assert link.startswith("https://facturas.empresa.example/cauce/v1/"), link


# Who may see what


def test_the_detail_of_health_asks_for_a_token_and_plain_health_for_none(call: Any) -> None:
    assert call("GET", "/health", bearer=None).status == 200
    assert call("GET", "/health?detalle=1").json["proveedores"]

    for bearer in (None, "1|" + "x" * 40):
        refused = call("GET", "/health?detalle=1", bearer=bearer)

        assert (refused.status, refused.json["codigo"]) == (401, "no_autenticado")
        assert refused.headers["WWW-Authenticate"] == "Bearer"


# What an error carries

REQUEST_ID = "00000000-0000-4000-8000-000000000001"


def test_every_error_carries_the_id_of_its_request_and_the_log_has_the_same(
    call: Any, issuer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = io.StringIO()
    for handler in observability.logger().handlers:
        monkeypatch.setattr(handler, "stream", printed, raising=False)

    errors = [
        call("GET", "/me", bearer=None),
        call("GET", "/documentos/nadie"),
        call("POST", "/documentos", {}),
        call("POST", "/documentos", "x"),
    ]

    assert [error.json["request_id"] for error in errors] == [REQUEST_ID] * 4
    logged = [json.loads(line) for line in printed.getvalue().splitlines() if '"refused"' in line]
    assert [line["request_id"] for line in logged] == [REQUEST_ID] * 4


def test_a_fault_of_ours_carries_the_id_of_its_request(
    call: Any, gateway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(type(gateway.access_tokens), "read", lambda *_: broken(None))

    answer = call("GET", "/me")

    assert (answer.status, answer.json["codigo"]) == (500, "error_interno")
    assert answer.json["request_id"] == REQUEST_ID


def test_an_error_of_the_look_up_carries_it_in_a_header(call: Any) -> None:
    assert call("GET", "/lookups/numbering-ranges", bearer=None).headers["X-Request-Id"] == REQUEST_ID
