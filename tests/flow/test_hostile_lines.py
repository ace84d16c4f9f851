"""A line that nothing can be worked out of is refused by itself, in each of the three ways in, and stops no other."""

import json
from typing import Any

import pytest

from cauce.contracts.v1 import contract, lots, translation
from cauce.domain.document import Document
from cauce.domain.errors import InvalidDocument
from cauce.domain.issuer import Issuer
from cauce.domain.time import bogota
from cauce.gateway import Gateway
from cauce.law import correction
from cauce.providers.factus.provider import Factus
from tests.documents import invoice, item
from tests.flow.test_bulk import announce, ndjson, put

# A million of something that costs ten million, and a percentage of that.
HUGE = {"codigo": "P", "descripcion": "P", "cantidad": 1_000_000, "precio": 10_000_000, "iva_pct": 19}
PERCENTAGES = {
    "a charge": {"cargos": [{"descripcion": "Flete", "porcentaje": 10}]},
    "a discount": {"descuentos": [{"descripcion": "Rebaja", "porcentaje": 10}]},
}


@pytest.mark.parametrize("percentage", PERCENTAGES.values(), ids=PERCENTAGES)
def test_posted_it_is_refused_naming_the_price(call: Any, percentage: dict[str, Any]) -> None:
    refused = call("POST", "/documentos", invoice(lineas=[{**HUGE, **percentage}]))

    assert (refused.status, list(refused.json["errors"])) == (422, ["lineas.0.precio"])
    assert "1000000000000" in refused.json["errors"]["lineas.0.precio"][0]


@pytest.mark.parametrize("percentage", PERCENTAGES.values(), ids=PERCENTAGES)
def test_in_a_lot_it_is_that_line_s_refusal_and_the_others_are_taken(
    call: Any, percentage: dict[str, Any]
) -> None:
    bad = item("V-2", lineas=[{**HUGE, **percentage}])

    answer = call("POST", "/lotes", [item("V-1"), bad, item("V-3")])

    assert answer.status == 202, answer.text
    assert [error["posicion"] for error in answer.json["data"]["errores"]] == [2]


@pytest.mark.parametrize("fault", [ValueError, ArithmeticError, RecursionError, KeyError])
def test_whatever_a_line_of_a_file_or_a_message_makes_us_raise_is_its_own_refusal(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fault: type[Exception]
) -> None:
    """``lots.asked`` reads every line of a lot, of an uploaded file, and every message of the queue."""

    def broken(*_: Any, **__: Any) -> Any:
        raise fault("71234567")

    monkeypatch.setattr(contract, "quickly", lambda *_: None)
    monkeypatch.setattr(contract, "document", broken)

    asked = lots.asked(json.dumps(item("V-1")).encode())

    assert (asked.reference, type(asked.content)) == ("V-1", InvalidDocument)
    assert "71234567" not in caplog.text + str(asked.content)


@pytest.mark.parametrize(
    ("path", "where", "verb"),
    [
        ("/documentos", translation, "document"),
        ("/documentos?validar=solo", translation, "document"),
        *(
            ("/documentos?validar=solo", Factus, verb)
            for verb in ("check", "check_today", "check_range", "computed", "findings", "preview")
        ),
    ],
)
def test_whatever_a_request_makes_us_raise_while_it_is_read_or_only_validated_is_its_refusal_and_no_500(
    path: str, where: Any, verb: str, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise ArithmeticError("71234567")

    monkeypatch.setattr(where, verb, broken)

    refused = call("POST", path, invoice())

    assert (refused.status, refused.json["codigo"]) == (422, "datos_invalidos")
    assert "avise al operador" in refused.json["error"] and "71234567" not in refused.text


@pytest.mark.reads_the_date
@pytest.mark.parametrize("verb", ["check", "computed", "check_today", "check_range"])
@pytest.mark.parametrize("way", ["request", "lot", "file", "queue"])
def test_whatever_a_document_makes_us_raise_while_it_is_judged_is_its_own_refusal_in_each_way_in(
    verb: str,
    way: str,
    call: Any,
    deliver: Any,
    drain: Any,
    gateway: Gateway,
    issuer: Issuer,
    erp: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = getattr(Factus, verb)

    def broken(self: Factus, document: Document, *rest: Any) -> Any:
        if document.reference == "V-1":
            raise ArithmeticError("71234567")
        return real(self, document, *rest)

    monkeypatch.setattr(Factus, verb, broken)
    documents = [item("V-1"), item("V-2")]

    match way:
        case "request":
            refused = call("POST", "/documentos", invoice(referencia="V-1"))
            assert (refused.status, refused.json["codigo"]) == (422, "datos_invalidos")
            assert "71234567" not in refused.text
            return
        case "lot":
            lot = call("POST", "/lotes", documents).json["data"]["lote_id"]
        case "file":
            body = ndjson(documents).encode()
            lot = announce(call, body).json["data"]["lote_id"]
            put(gateway, issuer.nit, lot, body)
        case _:
            for each in documents:
                erp(each)
            lot = f"cola-{bogota(gateway.now()):%Y-%m-%d}"
    assert deliver() == []
    drain()

    rows = call("GET", f"/lotes/{lot}?per_page=100").json["documentos"]
    assert {row["referencia"]: row["estado"] for row in rows} == {"V-1": "invalido", "V-2": "aceptado"}


@pytest.mark.parametrize("way", ["request", "only validated", "lot"])
def test_whatever_a_note_makes_us_raise_while_it_is_held_against_its_invoice_is_its_own_refusal(
    way: str, call: Any, deliver: Any, drain: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold = call("POST", "/documentos", invoice(), Prefer="respond-async").json["data"]
    drain()
    sold = call("GET", f"/documentos/{sold['tracking_id']}").json
    billed = {name: sold[key] for name, key in (("numero", "numero_completo"), ("cufe", "cufe"))}
    billed["fecha"] = sold["fecha_emision"][:10]
    note = {"factura_referencia": billed, "motivo": {"codigo": "3", "descripcion": "Rebaja"}}
    body = invoice(referencia="N-1", **note)

    def broken(*_: Any) -> Any:
        raise ArithmeticError("71234567")

    monkeypatch.setattr(correction, "check", broken)

    if way != "lot":
        query = "" if way == "request" else "?validar=solo"
        refused = call("POST", f"/notas-credito{query}", body)
        assert (refused.status, refused.json["codigo"]) == (422, "datos_invalidos")
        assert "avise al operador" in refused.json["error"] and "71234567" not in refused.text
        return
    posted = call("POST", "/lotes", [{"tipo": "nota_credito", **body}, item("V-2")])
    assert deliver() == []
    drain()

    rows = call("GET", f"/lotes/{posted.json['data']['lote_id']}?per_page=100").json["documentos"]
    assert {row["referencia"]: row["estado"] for row in rows} == {"N-1": "invalido", "V-2": "aceptado"}


@pytest.mark.parametrize("way", ["lot", "file"])
def test_a_document_whose_thousands_of_lines_are_all_wrong_is_one_refusal_and_no_other_waits_for_it(
    way: str, call: Any, deliver: Any, drain: Any, gateway: Gateway, issuer: Issuer
) -> None:
    wrong = {"codigo": "P", "descripcion": "P", "cantidad": 1, "precio": 1, "iva_pct": 8}
    documents = [item("V-1", lineas=[wrong] * 3700), item("V-2")]
    body = "\n".join(json.dumps(each, separators=(",", ":")) for each in documents).encode()

    if way == "lot":
        posted = call("POST", "/lotes", body.decode(), Content_Type="application/x-ndjson")
        lot = posted.json["data"]["lote_id"]
    else:
        lot = announce(call, body).json["data"]["lote_id"]
        put(gateway, issuer.nit, lot, body)
    assert deliver() == []
    drain()

    rows = call("GET", f"/lotes/{lot}?per_page=100").json["documentos"]
    assert {row["referencia"]: row["estado"] for row in rows} == {"V-1": "invalido", "V-2": "aceptado"}
    (refused,) = [row for row in rows if row["estado"] == "invalido"]
    assert next(iter(refused["errors"])) == "lineas.0.iva_pct"
