"""``totales_esperados``: the ERP's own count is compared before a number is taken, whichever way the document came."""

import json
from typing import Any

import pytest

from cauce.contracts.v1 import lots
from cauce.domain.issuer import Issuer
from cauce.domain.lot import LotLine
from cauce.gateway import Gateway
from cauce.intake import lines
from tests.documents import invoice
from tests.simulators.factus import FactusSimulator

ONE = {"codigo": "P1", "descripcion": "Producto", "cantidad": 1, "precio": 10000, "iva_pct": 19}
RIGHT = {"subtotal": 10000, "iva": 1900, "total": 11900}


def expecting(line: dict[str, Any] = ONE, **totals: Any) -> dict[str, Any]:
    return invoice(lineas=[line], totales_esperados=totals)


@pytest.mark.parametrize("said", [RIGHT, {"total": "11900.00"}, {"iva": 1900}, {"subtotal": 10000}, {}, None])
def test_a_document_that_comes_to_what_its_erp_expects_is_emitted(call: Any, said: Any) -> None:
    assert call("POST", "/documentos", invoice(lineas=[ONE], totales_esperados=said)).status == 201


@pytest.mark.parametrize("path", ["/documentos", "/documentos?validar=solo"])
@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"subtotal": 9999.99}, ["subtotal"]),
        ({"iva": 1900.01}, ["iva"]),
        ({"total": 11900.01}, ["total"]),
        ({"subtotal": 10000, "iva": 0, "total": 10000}, ["iva", "total"]),
    ],
)
def test_a_cent_of_difference_is_refused_saying_where_line_by_line_before_anything_is_spent(
    call: Any, factus: FactusSimulator, everything: Any, path: str, said: Any, wrong: list[str]
) -> None:
    call("GET", "/me")
    before = everything()

    refused = call("POST", path, expecting(**said))

    assert (refused.status, refused.json["codigo"]) == (422, "datos_invalidos")
    assert set(refused.json["errors"]) == {*(f"totales_esperados.{name}" for name in wrong), "lineas.0"}
    (line,) = refused.json["errors"]["lineas.0"]
    assert line == "1 × 10000 = 10000.00; subtotal 10000.00; IVA 19 = 1900.00; total 11900.00."
    assert factus.documents_received == 0
    assert everything() == before


def test_the_line_says_what_its_amounts_were_before_their_cents_were_rounded(call: Any) -> None:
    line = {**ONE, "cantidad": 3, "precio": "33.333333", "iva_pct": 5}

    refused = call("POST", "/documentos", expecting(line, total=106))

    (said,) = refused.json["errors"]["lineas.0"]
    assert "= 100.00 (exacto 99.999999)" in said
    refused = call("POST", "/documentos", expecting({**ONE, "precio": 10.01}, total=12))
    (said,) = refused.json["errors"]["lineas.0"]
    assert "IVA 19 = 1.90 (exacto 1.9019)" in said


def test_every_line_is_worked_out_and_what_is_charged_on_the_whole_document(call: Any) -> None:
    other = {**ONE, "cantidad": 2, "iva_pct": 5}
    body = invoice(
        lineas=[ONE, other],
        cargos=[{"codigo": "03", "descripcion": "Propina", "valor": 100}],
        totales_esperados={"total": 32900},
    )

    said = call("POST", "/documentos?validar=solo", body).json["errors"]

    assert said.keys() == {"totales_esperados.total", "lineas.0", "lineas.1", "cargos"}
    assert said["lineas.1"] == ["2 × 10000 = 20000.00; subtotal 20000.00; IVA 5 = 1000.00; total 21000.00."]
    assert said["cargos"] == ["Los cargos del documento suman 100.00."]
    assert "33000.00: la diferencia es 100.00" in said["totales_esperados.total"][0]


def test_what_is_expected_is_iva_alone_and_the_total_before_withholdings(call: Any) -> None:
    line = {
        **ONE,
        "iva_pct": 0,
        "impuestos": [{"codigo": "04", "porcentaje": 8}],
        "retenciones": [{"codigo": "06", "porcentaje": 4}],
    }

    assert call("POST", "/documentos", expecting(line, iva=0, total=10800)).status == 201


def test_the_same_document_with_or_without_expected_totals_is_the_same(
    call: Any, drain: Any, factus: FactusSimulator
) -> None:
    plain, expected = invoice(referencia="E-1", lineas=[ONE]), {**expecting(**RIGHT), "referencia": "E-1"}
    first = call("POST", "/documentos", plain).json["data"]

    again = call("POST", "/documentos", expected)
    drain()

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json["data"]["tracking_id"] == first["tracking_id"]
    assert factus.documents_received == 1


def test_a_correction_that_comes_to_another_total_is_refused_and_what_was_rejected_stays(
    call: Any, drain: Any, gateway: Gateway, issuer: Issuer, factus: FactusSimulator
) -> None:
    factus.reject_next("FAK24", "DV del NIT")
    call("POST", "/documentos", {**expecting(**RIGHT), "referencia": "C-1"})
    drain()
    rejected = gateway.records.by_reference(issuer.nit, "C-1")
    assert rejected is not None and rejected.shown_state == "rechazado"

    wrong = {**expecting(total=1), "referencia": "C-1", "observaciones": "corregida"}
    refused = call("POST", "/documentos", wrong)

    assert (refused.status, set(refused.json["errors"])) == (422, {"totales_esperados.total", "lineas.0"})
    assert gateway.records.by_reference(issuer.nit, "C-1") == rejected


@pytest.mark.usefixtures("issuer")
def test_a_line_of_a_lot_is_refused_for_its_totals_alone(call: Any) -> None:
    wrong = {**expecting(total=1), "referencia": "L-1", "tipo": "factura"}
    right = {**expecting(**RIGHT), "referencia": "L-2", "tipo": "factura"}

    lot = call("POST", "/lotes", [wrong, right])

    assert (lot.status, lot.json["data"]["aceptados"], lot.json["data"]["invalidos"]) == (202, 1, 1)
    (error,) = lot.json["data"]["errores"]
    assert (error["referencia"], set(error["errors"])) == ("L-1", {"totales_esperados.total", "lineas.0"})


def test_a_message_of_the_queue_is_kept_as_invalid_for_its_totals(gateway: Gateway, issuer: Issuer) -> None:
    line = LotLine(lot="cola-2026-05-10", place="1-00000000-0000-4000-8000-000000000000")
    wrong = {**expecting(total=1), "referencia": "Q-1", "tipo": "factura"}

    lines.take_in(gateway, issuer, line, lots.asked(json.dumps(wrong).encode()), None)

    assert gateway.lots.is_kept(issuer.nit, line)
    assert gateway.records.by_reference(issuer.nit, "Q-1") is None


def test_what_an_expected_total_may_be_is_an_amount_in_cents(call: Any) -> None:
    for said in ({"total": -1}, {"total": "11900.001"}, {"total": "once mil"}, {"gran_total": 1}):
        refused = call("POST", "/documentos", expecting(**said))
        assert refused.status == 422
        assert list(refused.json["errors"]) == [f"totales_esperados.{next(iter(said))}"]
