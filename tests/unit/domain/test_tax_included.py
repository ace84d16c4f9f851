"""Prices with their taxes within: what the customer pays is exact, and DIAN's rules hold within their tolerances."""

import json
from collections.abc import Iterable
from decimal import Decimal as D
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cauce.contracts.v1 import contract
from cauce.contracts.v1.bodies import Body
from cauce.contracts.v1.errors import InvalidRequest
from cauce.domain.document import Document, Kind
from cauce.domain.money import CENT
from cauce.domain.totals import TOLERANCE, of_rate, totals
from tests.documents import invoice

HALF_MICRO = D("0.0000005")
"""Half of the last decimal that a price has."""


def text_of(body: dict[str, Any]) -> str:
    """A request as JSON, its amounts as text."""
    return json.dumps(body, default=str)


def document(lines: Iterable[dict[str, Any]], **changes: Any) -> Document:
    known = {"codigo": "A", "descripcion": "A", "cantidad": 1, "iva_pct": 19}
    body = invoice(lineas=[{**known, **line} for line in lines], precios_incluyen_impuestos=True, **changes)
    return contract.read(Kind.INVOICE, Body(text_of(body)))


def of(**line: Any) -> tuple[D, D, list[D]]:
    """What one line comes to: the whole, its value before taxes and its taxes."""
    (sums,) = totals(document([line])).lines
    return sums.with_taxes, sums.net, [tax.amount for tax in sums.taxes]


def test_the_base_is_what_division_by_1_and_the_rate_leaves_and_the_tax_all_the_rest() -> None:
    assert of(precio=10000) == (D(10000), D("8403.36"), [D("1596.64")])
    # No base of two decimals and 19 % of it make 1003: 842.86 and 160.14 do, where the tax by the rate is 160.14.
    assert of(precio=30000, cantidad=3) == (D(90000), D("75630.25"), [D("14369.75")])


def test_where_no_base_has_a_tax_that_gives_the_total_the_tax_is_a_cent_off_its_rate() -> None:
    whole, net, (tax,) = of(precio=50)

    assert (whole, net, tax) == (D(50), D("42.02"), D("7.98"))
    odd = [price for price in range(1, 1000) if _is_odd(price)]
    assert 130 < len(odd) < 170  # some 15 % of all whole amounts


def _is_odd(price: int) -> bool:
    (line,) = totals(document([{"precio": price}])).lines
    (tax,) = line.taxes
    assert line.with_taxes == price and abs(tax.amount - of_rate(tax)) <= CENT
    return tax.amount != of_rate(tax)


def test_of_several_rates_the_highest_takes_the_cent_and_what_is_on_units_is_taken_off_first() -> None:
    both = [{"codigo": "01", "porcentaje": 19}, {"codigo": "04", "porcentaje": 8}]
    whole, net, (vat, inc) = of(precio=7, iva_pct=None, impuestos=both)
    assert (whole, net) == (D(7), D("5.51"))
    assert inc == D("0.44") and vat == D("1.05")

    bag = [{"codigo": "22", "valor_unitario": 70, "unidades": 2}]
    assert of(precio=100, cantidad=2, iva_pct=None, impuestos=bag) == (D(200), D(60), [D(140)])


def test_discounts_and_charges_have_their_taxes_within_too_and_the_line_adds_up() -> None:
    (sums,) = totals(document([{"precio": 10000, "cantidad": 3, "descuento_pct": 10}])).lines
    assert (sums.with_taxes, sums.net) == (D(27000), D("22689.08"))
    assert sums.gross - sums.discount == sums.net

    (by_amount,) = totals(document([{"precio": 10000, "descuento_valor": 1190}])).lines
    assert (by_amount.with_taxes, by_amount.discount) == (D(8810), D(1000))

    entries = {
        "cargos": [{"valor": 119, "descripcion": "Empaque"}],
        "descuentos": [{"porcentaje": 5, "descripcion": "Fidelidad"}],
    }
    (listed,) = totals(document([{"precio": 10000, **entries}])).lines
    assert listed.with_taxes == D(9619) and listed.charge == D(100)
    assert listed.gross - listed.discount + listed.charge == listed.net


def test_a_line_says_for_itself_whether_its_price_has_its_taxes() -> None:
    found = document([{"precio": 119}, {"precio": 100, "precios_incluyen_impuestos": False}])
    assert [line.with_taxes for line in totals(found).lines] == [D(119), D(119)]

    alone = invoice()
    alone["lineas"][0]["precios_incluyen_impuestos"] = True
    read = contract.read(Kind.INVOICE, Body(text_of(alone)))
    assert [line.with_taxes for line in totals(read).lines] == [D(100000), D(26775)]


def test_what_is_given_for_free_stays_as_it_is() -> None:
    gift = {"precio": 0, "precio_referencia": {"valor": 1000}}
    found = document([{"precio": 119}, gift])

    assert found.lines[1].paid is None
    assert [line.taxes[0].amount for line in totals(found).lines] == [D(19), D(190)]


def test_a_price_below_the_taxes_within_it_is_refused_by_name() -> None:
    bag = [{"codigo": "22", "valor_unitario": 70, "unidades": 1}]
    with pytest.raises(InvalidRequest) as refused:
        document([{"precio": 69, "iva_pct": None, "impuestos": bag}])

    assert refused.value.fields == {"lineas.0.precio": ["El precio no alcanza para los impuestos que trae."]}


def test_withholdings_are_of_the_value_before_taxes() -> None:
    held = [{"codigo": "06", "porcentaje": "2.5"}, {"codigo": "05", "porcentaje": 15}]
    (line,) = totals(document([{"precio": 119000, "retenciones": held}])).lines

    assert [(each.base, each.amount) for each in line.withholdings] == [
        (D(100000), D(2500)),
        (D(19000), D(2850)),
    ]


CENTS = st.integers(1, 10**8).map(lambda n: D(n) / 100)
PRICES = st.one_of(st.integers(50, 10**6).map(D), CENTS)
QUANTITIES = st.one_of(st.integers(1, 200).map(D), st.integers(1, 10**6).map(lambda n: D(n) / 1000))
RATES = st.sampled_from(
    [
        {"iva_pct": 19},
        {"iva_pct": 5},
        {"iva_pct": 0},
        {"excluido": True, "iva_pct": None},
        {"iva_pct": None, "impuestos": [{"codigo": "04", "porcentaje": 8}]},
        {"iva_pct": None, "impuestos": [{"codigo": "22", "valor_unitario": 70, "unidades": 1}]},
    ]
)
REDUCTIONS = st.one_of(
    st.just({}),
    st.integers(1, 9999).map(lambda n: {"descuento_pct": D(n) / 100}),
    st.integers(1, 4000).map(lambda n: {"descuento_valor": D(n) / 100}),
)
LINES = st.builds(
    lambda price, quantity, rate, less: {"precio": price, "cantidad": quantity, **rate, **less},
    PRICES.filter(lambda price: price > 41),
    QUANTITIES.filter(lambda quantity: quantity >= 1),
    RATES,
    REDUCTIONS,
).filter(lambda line: line["precio"] * line["cantidad"] * (100 - line.get("descuento_pct", 0)) > 11100)


def asked(line: dict[str, Any]) -> D:
    """What the customer pays for a line, worked out from the request alone."""
    gross = (line["precio"] * line["cantidad"]).quantize(CENT)
    if "descuento_pct" in line:
        return gross - (gross * line["descuento_pct"] / 100).quantize(CENT)
    paid: D = gross - line.get("descuento_valor", D(0))
    return paid


@given(st.lists(LINES, min_size=1, max_size=200))
def test_every_basket_comes_to_what_the_customer_paid_and_dians_rules_hold(
    basket: list[dict[str, Any]],
) -> None:
    found = document(basket)
    sums = totals(found)

    assert sums.payable == sum(map(asked, basket))
    assert sums.tax_inclusive == sums.line_extension + sum(tax.amount for tax in sums.taxes)
    for line, its in zip(found.lines, sums.lines, strict=True):
        # FAV06: price by quantity, less its discounts; a price has six decimals.
        off = abs(line.price * line.quantity - its.discount + its.charge - its.net)
        assert off <= CENT + line.quantity * HALF_MICRO
        assert its.net >= 0 and its.discount <= its.gross
        for tax in its.taxes:
            assert tax.percent is None or abs(tax.amount - of_rate(tax)) <= CENT
    for tax in sums.taxes:  # FAS07
        assert tax.percent is None or abs(tax.amount - of_rate(tax)) <= TOLERANCE
