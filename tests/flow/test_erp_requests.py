"""Requests as the programs around us make them: Odoo, ERPNext, Tryton, WooCommerce and tills, by the public names and
habits of their fields. Each is accepted, or refused with a sentence that says what to send instead."""

from typing import Any, NamedTuple

import pytest

from cauce.domain.issuer import Issuer
from cauce.gateway import Gateway
from tests import dian_issuers
from tests.documents import BUYER
from tests.simulators.dian import DianSimulator

INVOICES, CREDIT_NOTES, SUPPORT = "/documentos", "/notas-credito", "/documentos-soporte"
ANYBODY = {"tipo_documento": "13", "numero_documento": "222222222222"}
CORRECTED = {"numero": "SETP990000001", "cufe": "a" * 96, "fecha": "2026-01-01"}
RETURN = {"codigo": "1", "descripcion": "Devolución parcial"}


class Taken(NamedTuple):
    """A request that is accepted, and the total that it comes to."""

    called: str
    body: dict[str, Any]
    total: float
    route: str = INVOICES


class Refused(NamedTuple):
    """A request that is refused; of each field named here, a part of its sentence."""

    called: str
    body: dict[str, Any]
    says: dict[str, str]
    route: str = INVOICES


def line(**said: Any) -> dict[str, Any]:
    return {
        "codigo": "A-1",
        "descripcion": "Producto",
        "cantidad": 1,
        "precio": 100000,
        "iva_pct": 19,
        **said,
    }


def sale(*lines: dict[str, Any], **said: Any) -> dict[str, Any]:
    return {"adquiriente": dict(BUYER), "lineas": list(lines), **said}


ODOO = [
    # price_unit of a product sold at 10000 with its tax, as Python divides.
    Taken("a price divided by 1.19", sale(line(precio=10000 / 1.19, cantidad=3)), 30000),
    Taken("price_include", sale(line(precio=10000, precios_incluyen_impuestos=True)), 10000),
    Taken("a line's name with its variants", sale(line(descripcion="Camisa (Azul, L)\n" + "algodón " * 50)), 119000),
    Taken("a discount of two decimals", sale(line(descuento_pct=33.33)), 79337.3),
    Taken("a sum of floats as quantity", sale(line(cantidad=0.1 + 0.2)), 35700),
    Taken("a NIT with its check digit after a hyphen", sale(
        line(), adquiriente={**BUYER, "tipo_persona": "1", "tipo_documento": "31", "numero_documento": "900373115-3"}
    ), 119000),
    Taken("a company currency rate of many decimals", sale(
        line(precio=100), moneda="USD", tasa_cambio={"valor": 4012.551234567, "fecha": "2026-01-02"}
    ), 119),
    Taken("cash rounding", sale(line(precio=12345.67), redondeo=-41.35), 14650),
    Taken("out_refund", {
        **sale(line()), "factura_referencia": CORRECTED, "motivo": RETURN,
    }, 119000, CREDIT_NOTES),
    Refused("its own names", {
        "partner_id": 7, "invoice_date": "2026-01-02", "move_type": "out_invoice", "amount_total": 1190,
        "invoice_line_ids": [], "narration": "x",
    }, {
        "partner_id": "«adquiriente»", "invoice_date": "«factura.fecha»", "invoice_line_ids": "«lineas»",
        "move_type": "la ruta", "amount_total": "totales_esperados", "narration": "«observaciones»",
    }),
    Refused("its own names in a line", sale({
        "name": "Producto", "price_unit": 1, "quantity": 1, "tax_ids": [3], "product_uom_id": 1, "discount": 0,
        "price_subtotal": 1,
    }), {
        "lineas.0.name": "«descripcion»", "lineas.0.price_unit": "«precio»", "lineas.0.quantity": "«cantidad»",
        "lineas.0.tax_ids": "«impuestos»", "lineas.0.product_uom_id": "«unidad»",
        "lineas.0.discount": "«descuento_pct»", "lineas.0.price_subtotal": "totales_esperados",
    }),
    Refused("a section among the lines", sale(line(), {"display_type": "line_section", "name": "Repuestos"}),
            {"lineas.1.display_type": "observaciones"}),
    Refused("a discount as a line below 0", sale(line(), line(codigo="DESC", precio=-5000)),
            {"lineas.1.precio": "descuento_valor"}),
    Refused("a withholding among the taxes", sale(line(iva_pct=None, impuestos=[
        {"codigo": "01", "porcentaje": 19}, {"codigo": "06", "porcentaje": 2.5}
    ])), {"lineas.0.impuestos.1.codigo": "retenciones"}),
    Refused("a unit by its name", sale(line(unidad="Units")), {"lineas.0.unidad": "94"}),
]  # fmt: skip
ERPNEXT = [
    Taken("a discount by amount", sale(line(cantidad=2, descuento_valor=10000)), 226100),
    Taken("an additional discount on the whole", sale(
        line(), descuentos=[{"porcentaje": 10, "descripcion": "Descuento adicional"}]
    ), 109000),
    Taken("freight as a charge", sale(line(), cargos=[{"valor": 8000, "descripcion": "Flete"}]), 127000),
    Taken("a payment schedule", sale(line(), pagos=[
        {"forma": "2", "medio": "47", "vencimiento": "2099-01-31", "valor": 59500},
        {"forma": "2", "medio": "47", "vencimiento": "2099-02-28", "valor": 59500},
    ]), 119000),
    Taken("a purchase order", sale(line(), orden={"numero": "PO-00017"}), 119000),
    Taken("qty of a stock unit", sale(line(unidad="KGM", cantidad=1.250)), 148750),
    Refused("its own names", {"customer": "x", "posting_date": "2026-01-02", "due_date": "2026-02-02", "items": [],
                              "conversion_rate": 1, "is_return": 0, "grand_total": 1, "remarks": "No Remarks"},
            {"customer": "«adquiriente»", "posting_date": "«factura.fecha»", "due_date": "«pago.vencimiento»",
             "items": "«lineas»", "conversion_rate": "«tasa_cambio.valor»", "is_return": "la ruta",
             "grand_total": "totales_esperados", "remarks": "«observaciones»"}),
    Refused("is_return with quantities below 0", sale(line(cantidad=-2)), {"lineas.0.cantidad": "POST /notas-credito"}),
    Refused("a unit as ERPNext has it", sale(line(unidad="Nos")), {"lineas.0.unidad": "94"}),
]  # fmt: skip
TRYTON = [
    Taken("a decimal as text", sale(line(precio="8403.3613", cantidad="3.000")), 30000),
    Taken("an exempt line beside a taxed one", sale(line(), line(codigo="B", iva_pct=0)), 219000),
    Taken("an excluded line", sale(line(iva_pct=None, excluido=True)), 100000),
    Taken("two taxes", sale(line(iva_pct=None, impuestos=[
        {"codigo": "01", "porcentaje": 5}, {"codigo": "22", "valor_unitario": 70, "unidades": 1, "unidad": "94"},
    ])), 105070),
    Refused("its own names", {"party": 3, "payment_term": 1, "untaxed_amount": 1, "lines": [], "comment": "x"},
            {"party": "«adquiriente»", "payment_term": "«pago.vencimiento»", "lines": "«lineas»",
             "untaxed_amount": "totales_esperados", "comment": "«observaciones»"}),
]  # fmt: skip
WOOCOMMERCE = [
    Taken("prices as text", sale(line(precio="19990.00", cantidad=2)), 47576.2),
    Taken("a coupon", sale(line(), descuentos=[{"valor": "5000.00", "descripcion": "Cupón BIENVENIDA"}]), 114000),
    Taken("shipping with its tax as a line", sale(line(), line(codigo="ENVIO", precio=8403.36)), 129000),
    Taken("a guest", sale(line(), adquiriente=ANYBODY), 119000),
    Refused("its own names", {"billing": {}, "line_items": [], "shipping_lines": [], "coupon_lines": [], "refunds": [],
                              "prices_include_tax": True, "customer_note": "x", "total": "1.00"},
            {"billing": "«adquiriente»", "line_items": "«lineas»", "shipping_lines": "«cargos»",
             "coupon_lines": "«descuentos»", "refunds": "POST /notas-credito",
             "prices_include_tax": "«precios_incluyen_impuestos»", "total": "totales_esperados"}),
    Refused("the parts of its billing address", sale(line(), adquiriente={
        **ANYBODY, "first_name": "Ana", "address_1": "Calle 1", "city": "Bogotá", "postcode": "110111"
    }), {"adquiriente.first_name": "«nombres»", "adquiriente.address_1": "«direccion»",
         "adquiriente.city": "«codigo_municipio»", "adquiriente.postcode": "«codigo_postal»"}),
    Refused("a price with thousands and a comma", sale(line(precio="19.990,00")), {"lineas.0.precio": "con punto"}),
    Refused("a refund's total below 0", sale(line(precio="-19990.00")), {"lineas.0.precio": "nota crédito"}),
]  # fmt: skip
TILLS = [
    Taken("a basket at prices with their tax", sale(
        line(precio=4500, cantidad=2), line(codigo="B", precio=12900, iva_pct=5),
        adquiriente=ANYBODY, precios_incluyen_impuestos=True,
    ), 21900),
    Taken("bags", sale(
        line(precio=5000), line(codigo="BOLSA", precio=80, iva_pct=None, impuestos=[
            {"codigo": "22", "valor_unitario": 73, "unidades": 1, "unidad": "94"}
        ]), adquiriente=ANYBODY, precios_incluyen_impuestos=True,
    ), 5080),
    Taken("a restaurant with INC and a tip", sale(
        line(iva_pct=None, impuestos=[{"codigo": "04", "porcentaje": 8}], precio=50000),
        cargos=[{"valor": 5000, "descripcion": "Propina voluntaria"}], adquiriente=ANYBODY,
    ), 59000),
    Taken("two hundred lines", sale(
        *(line(codigo=f"P{n}", precio=1190 + n) for n in range(200)),
        adquiriente=ANYBODY, precios_incluyen_impuestos=True,
    ), 257900),
    Taken("paid in cash to fifty pesos", sale(
        line(precio=10013), adquiriente=ANYBODY, precios_incluyen_impuestos=True, redondeo=-13,
    ), 10000),
    Taken("card and cash", sale(line(), pagos=[
        {"medio": "48", "valor": 100000, "referencia": "VOUCHER 0017"}, {"medio": "10", "valor": 19000},
    ]), 119000),
    Refused("its own names", {"pos_reference": "Order 00001-001-0001", "payment_ids": [], "lines": [
        {"full_product_name": "x", "qty": 1, "price_subtotal_incl": 1}
    ]}, {"pos_reference": "«referencia»", "payment_ids": "«pagos»", "lines": "«lineas»"}),
    Refused("payments that are short of the total", sale(line(), pagos=[{"medio": "10", "valor": 100000}]),
            {"pagos": "119000"}),
]  # fmt: skip
ALL = [*ODOO, *ERPNEXT, *TRYTON, *WOOCOMMERCE, *TILLS]


@pytest.fixture
def issuer(gateway: Gateway, dian: DianSimulator) -> Issuer:
    return dian_issuers.enrolled(gateway, dian)


def test_there_are_forty_at_least() -> None:
    assert len(ALL) >= 40 and len({each.called for each in ALL}) > 35


@pytest.mark.parametrize(
    "case", [each for each in ALL if isinstance(each, Taken)], ids=lambda case: case.called.replace(" ", "_")
)
def test_it_is_accepted_and_comes_to_what_that_program_shows(call: Any, issuer: Issuer, case: Taken) -> None:
    checked = call("POST", f"{case.route}?validar=solo", case.body)
    assert checked.status == 200, checked.text
    assert [each for each in checked.json["data"]["hallazgos"] if each["severidad"] == "Rechazo"] == []
    assert checked.json["data"]["totales"]["total"] == pytest.approx(case.total, abs=0.005)

    posted = call("POST", case.route, case.body)
    assert posted.status == 201, posted.text
    assert posted.json["data"]["totales"]["total"] == pytest.approx(case.total, abs=0.005)


@pytest.mark.parametrize(
    "case",
    [each for each in ALL if isinstance(each, Refused)],
    ids=lambda case: case.called.replace(" ", "_"),
)
def test_it_is_refused_with_what_to_send_instead(call: Any, issuer: Issuer, case: Refused) -> None:
    for route in (case.route, f"{case.route}?validar=solo"):
        answer = call("POST", route, case.body)
        assert answer.status == 422, answer.text
        errors = answer.json["errors"]
        assert {
            field: errors.get(field)
            for field, part in case.says.items()
            if part not in str(errors.get(field))
        } == {}
