"""Prices with their taxes within, and totals rounded to be paid in cash: from POST to what is signed or sent."""

from decimal import Decimal as D
from typing import Any

import pytest

from cauce.domain.issuer import Issuer
from cauce.gateway import Gateway
from tests import dian_issuers
from tests.documents import invoice, item
from tests.flow.conftest import signed
from tests.simulators.dian import DianSimulator
from tests.unit.dian.oracles import texts


@pytest.fixture
def issuer(gateway: Gateway, dian: DianSimulator) -> Issuer:
    return dian_issuers.enrolled(gateway, dian)


def sale(*prices: Any, **changes: Any) -> dict[str, Any]:
    lines = [
        {"codigo": f"P{n}", "descripcion": "Producto", "cantidad": 1, "precio": price, "iva_pct": 19}
        for n, price in enumerate(prices)
    ]
    return invoice(lineas=lines, precios_incluyen_impuestos=True, **changes)


def test_the_invoice_that_is_signed_comes_to_what_the_customer_paid(
    call: Any, gateway: Gateway, issuer: Issuer
) -> None:
    data = call("POST", "/documentos", sale(10000, 50, 12900)).json["data"]
    assert (data["estado"], data["totales"]["total"]) == ("aceptado", 22950)

    xml = signed(gateway, data, issuer.nit)
    total = "cac:LegalMonetaryTotal"
    assert texts(xml, f"{total}/cbc:PayableAmount") == ["22950.00"]
    assert texts(xml, f"{total}/cbc:PayableRoundingAmount") == []
    assert texts(xml, "cac:InvoiceLine/cbc:LineExtensionAmount") == ["8403.36", "42.02", "10840.34"]
    assert texts(xml, "cac:InvoiceLine/cac:TaxTotal/cbc:TaxAmount") == ["1596.64", "7.98", "2059.66"]


def test_where_the_tax_is_a_cent_off_its_rate_one_notice_says_so(call: Any, issuer: Issuer) -> None:
    answer = call("POST", "/documentos?validar=solo", sale(10000, 13, 13)).json["data"]

    (told,) = [each for each in answer["hallazgos"] if each["regla"] == "FAX07"]
    assert told["severidad"] == "Notificación" and told["campo"] == "lineas.1.precio"
    assert "2 líneas" in told["arreglo"] and "exacto" in told["arreglo"]
    assert answer["totales"]["total"] == 10026
    whole = call("POST", "/documentos?validar=solo", sale(10000)).json["data"]
    assert whole["hallazgos"] == []


def test_the_totals_that_an_erp_expects_are_those_that_the_customer_pays(call: Any, issuer: Issuer) -> None:
    right = call("POST", "/documentos", sale(10000, totales_esperados={"total": 10000, "iva": 1596.64}))
    assert right.status == 201
    wrong = call("POST", "/documentos", sale(10000, totales_esperados={"total": 11900}))
    assert wrong.status == 422 and "10000.00" in str(wrong.json["errors"]["totales_esperados.total"])


def test_a_lot_and_its_repetition_take_such_prices(
    call: Any, gateway: Gateway, issuer: Issuer, deliver: Any
) -> None:
    body = item("T-1", precios_incluyen_impuestos=True)
    assert call("POST", "/lotes", [body]).status == 202
    deliver()

    record = gateway.records.by_reference(issuer.nit, "T-1")
    assert record is not None and record.payable == D("122500.00")
    again = call("POST", "/documentos", {k: v for k, v in body.items() if k != "tipo"})
    assert again.json["data"]["tracking_id"] == record.document_id
    without = {**body, "precios_incluyen_impuestos": False}
    del without["tipo"]
    assert call("POST", "/documentos", without).status == 409


def test_a_total_is_rounded_to_fifty_pesos_and_every_paper_says_so(
    call: Any, gateway: Gateway, issuer: Issuer
) -> None:
    data = call("POST", "/documentos", sale(12345, 15, redondeo=-10)).json["data"]
    assert (data["estado"], data["totales"]["total"]) == ("aceptado", 12350)

    xml = signed(gateway, data, issuer.nit)
    total = "cac:LegalMonetaryTotal"
    assert texts(xml, f"{total}/cbc:TaxInclusiveAmount") == ["12360.00"]
    assert texts(xml, f"{total}/cbc:PayableRoundingAmount") == ["-10.00"]
    assert texts(xml, f"{total}/cbc:PayableAmount") == ["12350.00"]


@pytest.mark.parametrize(
    ("said", "part"), [(501, "entre -500 y 500"), ("-500.01", "descuentos"), ("x", "número")]
)
def test_a_rounding_beyond_what_cash_needs_is_refused(
    call: Any, issuer: Issuer, said: Any, part: str
) -> None:
    answer = call("POST", "/documentos", sale(1000, redondeo=said))

    assert answer.status == 422 and part in answer.json["errors"]["redondeo"][0]


def test_a_rounding_may_not_take_the_total_below_0(call: Any, issuer: Issuer) -> None:
    answer = call("POST", "/documentos", sale(100, redondeo=-150))

    assert answer.status == 422 and list(answer.json["errors"]) == ["redondeo"]
