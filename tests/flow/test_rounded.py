"""Numbers as programs write them: what has more decimals than the document has is rounded, and told."""

import json
from decimal import Decimal as D
from typing import Any

import pytest

from cauce.contracts.v1 import contract
from cauce.domain.document import Kind
from cauce.domain.issuer import Issuer
from cauce.gateway import Gateway
from tests import dian_issuers
from tests.documents import BUYER, invoice, item, support_document
from tests.simulators.dian import DianSimulator


@pytest.fixture
def issuer(gateway: Gateway, dian: DianSimulator) -> Issuer:
    return dian_issuers.enrolled(gateway, dian)


def priced(**changes: Any) -> dict[str, Any]:
    body = invoice()
    body["lineas"][0] |= changes
    return body


def notices(answer: Any) -> list[str]:
    return [each["mensaje"] for each in answer.json["data"]["notificaciones"]]


@pytest.mark.parametrize(
    ("said", "kept"),
    [(10000 / 1.19, "8403.361345"), (0.1 + 0.2, "0.3")],
    ids=["a division", "a sum of floats"],
)
def test_a_price_as_a_program_writes_it_is_rounded_to_six_decimals_and_told(
    call: Any, gateway: Gateway, issuer: Issuer, said: Any, kept: str
) -> None:
    answer = call("POST", "/documentos", priced(precio=said))

    assert answer.json["data"]["estado"] == "aceptado"
    record = gateway.records.read(issuer.nit, answer.json["data"]["tracking_id"])
    assert record.document.lines[0].price == D(kept)
    (told,) = (each for each in notices(answer) if "redondeó" in each)
    assert f"Se redondeó a {kept}." in told and str(said)[:12] in told


def test_the_notice_names_the_field_that_was_sent(call: Any) -> None:
    answer = call("POST", "/documentos?validar=solo", priced(cantidad=1.1234567891, precio=10000 / 3))

    fields = [each["campo"] for each in answer.json["data"]["hallazgos"] if "redondeó" in str(each)]
    assert sorted(fields) == ["lineas.0.cantidad", "lineas.0.precio"]


def test_a_text_is_never_rounded_nor_a_number_to_nothing_and_what_else_is_wrong_is_told_alone(
    call: Any,
) -> None:
    nothing = call("POST", "/documentos", priced(cantidad="0.0000001"))
    wrong = call("POST", "/documentos", priced(precio=10000 / 1.19, cantidad=-1))
    text = call("POST", "/documentos", priced(precio="8403.3613445378"))

    assert list(nothing.json["errors"]) == ["lineas.0.cantidad"]
    assert list(wrong.json["errors"]) == ["lineas.0.cantidad"]
    assert list(text.json["errors"]) == ["lineas.0.precio"]


def test_the_same_request_again_is_a_repetition(call: Any) -> None:
    body = {**priced(precio=10000 / 1.19), "referencia": "V-1"}
    first, second = (call("POST", "/documentos", body).json["data"] for _ in range(2))
    plain = call("POST", "/documentos", {**priced(precio="8403.361345"), "referencia": "V-1"})

    assert first["tracking_id"] == second["tracking_id"] == plain.json["data"]["tracking_id"]


def test_a_line_of_a_lot_is_rounded_too(call: Any, gateway: Gateway, issuer: Issuer, deliver: Any) -> None:
    line = item("L-1")
    line["lineas"][0]["precio"] = 10000 / 1.19

    assert call("POST", "/lotes", [line]).status == 202
    deliver()

    record = gateway.records.by_reference(issuer.nit, "L-1")
    assert record is not None and record.document.lines[0].price == D("8403.361345")


@pytest.mark.parametrize("changes", [{"cantidad": -1}, {"precio": -5000}])
def test_a_line_below_0_says_the_two_right_ways(call: Any, changes: dict[str, Any]) -> None:
    answer = call("POST", "/documentos", priced(**changes))

    ((field, (said, note)),) = answer.json["errors"].items()
    assert field == f"lineas.0.{next(iter(changes))}"
    assert "nota crédito" in said and "POST /notas-credito" in said and "descuento_valor" in said
    _, _, ready = note.partition("POST /notas-credito ")
    body = json.loads(ready)
    assert body["factura_referencia"] == {"numero": "…", "cufe": "…", "fecha": "…"}
    (line,) = body["lineas"]
    assert {name: line[name] for name in changes} == {name: str(-value) for name, value in changes.items()}
    assert BUYER["razon_social"] not in answer.text
    # It is taken as it stands once it says whom it is for and which invoice it corrects.
    corrected = {"numero": "SETP990000001", "cufe": "a" * 96, "fecha": "2026-01-01"}
    assert contract.document(
        Kind.CREDIT_NOTE, {**body, "factura_referencia": corrected, "adquiriente": BUYER}
    )


def test_no_note_is_offered_where_a_line_is_no_return_or_the_document_no_sale(call: Any) -> None:
    wrong = call("POST", "/documentos", priced(precio="x"))
    assert len(wrong.json["errors"]["lineas.0.precio"]) == 1
    bought = call("POST", "/documentos-soporte", {**support_document(), "lineas": [{"cantidad": -1}]})
    assert len(bought.json["errors"]["lineas.0.cantidad"]) == 1
    hostile = priced(precio=-1, descripcion="x" * 5000)
    assert "lista" not in call("POST", "/documentos", hostile).text
