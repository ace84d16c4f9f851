"""Factus computes the bill: its rounding stands in the record, ours beside it in a notice, from POST to accepted."""

from decimal import Decimal
from typing import Any

import pytest

from tests.documents import invoice
from tests.simulators.factus import FactusSimulator


def sale(price: Any, quantity: int = 1, **changes: Any) -> dict[str, Any]:
    line = {"codigo": "P1", "descripcion": "Producto", "cantidad": quantity, "precio": price, "iva_pct": 19}
    return invoice(lineas=[line], **changes)


def test_a_price_in_50_is_billed_by_v1_and_both_roundings_of_its_iva_are_told(
    call: Any, drain: Any, factus: FactusSimulator
) -> None:
    posted = call("POST", "/documentos", sale(12345.5, 3))
    assert posted.status == 201, posted.text
    drain()
    found = call("GET", f"/documentos/{posted.json['data']['tracking_id']}/consultar").json

    document = found["documento"]
    billed = factus.documents["bills"][0].totals()
    totals = {name: Decimal(str(amount)) for name, amount in document["totales"].items()}
    assert document["estado"] == "aceptado"
    assert (totals["subtotal"], totals["iva"], totals["total"]) == (billed.gross, billed.tax, billed.total)
    assert totals["subtotal"] + totals["impuestos"] == totals["total"]
    told = [notice for notice in document["notificaciones"] if notice["origen"] == "cauce"]
    assert told == document["notificaciones"] and told
    assert any("Factus calcula" in notice["mensaje"] and "Cauce" in notice["mensaje"] for notice in told)
    assert found["dian"]["errors"] == []
    assert document["estado_detalle"] == "Validado por la DIAN."


@pytest.mark.usefixtures("v2")
def test_what_a_pos_sells_at_10000_with_its_iva_is_billed_so_by_v2(call: Any, drain: Any) -> None:
    posted = call("POST", "/documentos", sale(8403.361345, 3))
    drain()
    found = call("GET", f"/documentos/{posted.json['data']['tracking_id']}").json

    assert (found["estado"], found["totales"]["total"], found["notificaciones"]) == ("aceptado", 30000, [])


def test_validating_alone_shows_factuss_figures_and_ours(call: Any) -> None:
    checked = call("POST", "/documentos?validar=solo", sale(1.5)).json["data"]

    assert (checked["totales"]["iva"], checked["totales"]["total"]) == (0.29, 1.79)
    assert {(each["severidad"], each["origen"]) for each in checked["hallazgos"]} == {
        ("Notificación", "cauce")
    }
    assert any("0.29" in each["arreglo"] and "0.28" in each["arreglo"] for each in checked["hallazgos"])


@pytest.mark.parametrize("path", ["/documentos", "/documentos?validar=solo"])
def test_with_the_erps_own_total_factuss_rounding_is_refused_before_anything_is_sent(
    call: Any, factus: FactusSimulator, path: str
) -> None:
    refused = call("POST", path, sale(1.5, totales_esperados={"total": 1.78}))

    assert (refused.status, refused.json["codigo"]) == (422, "no_soportado")
    assert list(refused.json["errors"]) == ["totales_esperados.total"]
    assert factus.documents_received == 0
    assert call("POST", path, sale(1.5, totales_esperados={"total": 1.79})).status in (200, 201)


def paid(*prices: Any, **changes: Any) -> dict[str, Any]:
    """A sale at prices that have their IVA within."""
    lines = [line for price in prices for line in sale(price)["lineas"]]
    return invoice(lineas=lines, precios_incluyen_impuestos=True, **changes)


def test_v1_gets_the_prices_as_they_were_paid(call: Any, drain: Any, factus: FactusSimulator) -> None:
    posted = call("POST", "/documentos", paid(10000, 12900))

    assert posted.status == 201, posted.text
    drain()
    bill = factus.documents["bills"][0]
    assert bill.totals().total == 22900
    assert [line.price for line in bill.draft.lines] == [10000, 12900]


@pytest.mark.usefixtures("v2")
def test_where_factus_would_compute_another_total_than_was_paid_it_is_refused_before_it_is_sent(
    call: Any, factus: FactusSimulator
) -> None:
    right = call("POST", "/documentos", paid(10000))
    assert right.status == 201 and right.json["data"]["totales"]["total"] == 10000

    sent = factus.documents_received
    refused = call("POST", "/documentos", paid(13))
    assert (refused.status, refused.json["codigo"]) == (422, "no_soportado")
    assert list(refused.json["errors"]) == ["lineas.0.precio"]
    assert "13.00" in str(refused.json["errors"]) and factus.documents_received == sent


@pytest.mark.usefixtures("v2")
def test_factus_is_not_sent_a_rounding_whose_place_in_the_document_it_does_not_publish(call: Any) -> None:
    refused = call("POST", "/documentos", paid(10000, redondeo=50))

    assert refused.status == 422 and list(refused.json["errors"]) == ["redondeo"]
