"""Totals against the published examples, and against exact arithmetic."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cauce.contracts.v1 import contract
from cauce.domain.document import AllowanceCharge, Document, Kind, Line, ReferencePrice, Tax
from cauce.domain.totals import totals
from tests.documents import invoice, support_document
from tests.examples import examples


def document(*lines: dict[str, Any], **changes: Any) -> Document:
    known = {"codigo": "A", "descripcion": "A", "cantidad": 1, "precio": 100, "iva_pct": 19}
    body = invoice(lineas=[{**known, **line} for line in lines], **changes)
    return contract.document(Kind.INVOICE, body)


def test_the_contract_pages_example_comes_to_its_published_totals():
    found = totals(contract.document(Kind.INVOICE, invoice()))

    assert (found.line_extension, found.tax_of("01"), found.payable) == (
        Decimal("122500.00"), Decimal("23275.00"), Decimal("145775.00"),
    )  # fmt: skip


def test_the_support_document_example_comes_to_its_published_total_and_withholding():
    found = totals(contract.document(Kind.SUPPORT_DOCUMENT, support_document()))

    assert (found.payable, found.withholdings[0].amount) == (Decimal("90000.00"), Decimal("1400.00"))
    assert [(line.discount, line.net) for line in found.lines] == [
        (Decimal("10000.00"), Decimal("40000.00")),
        (Decimal("0.00"), Decimal("50000.00")),
    ]


def test_each_line_is_rounded_before_it_is_added():
    """Three of 0.335 are 0.34 each, 1.02 together: not 1.005 rounded once."""
    found = totals(document(*({"precio": "0.335", "iva_pct": 0} for _ in range(3))))

    assert found.line_extension == Decimal("1.02")


def test_a_withholding_lowers_nothing():
    plain = totals(document({}))
    held = totals(
        document({"retenciones": [{"codigo": "06", "porcentaje": 11}, {"codigo": "05", "porcentaje": 15}]})
    )

    assert held.payable == plain.payable == Decimal("119.00")
    assert {w.code: w.amount for w in held.withholdings} == {"06": Decimal("11.00"), "05": Decimal("2.85")}


def test_ica_is_per_thousand():
    found = totals(document({"retenciones": [{"codigo": "07", "porcentaje": "9.66"}], "precio": 100000}))

    assert found.withholdings[0].amount == Decimal("966.00")


def test_a_discount_of_the_document_leaves_its_taxes_as_they_are():
    found = totals(
        document(
            {}, descuentos=[{"descripcion": "x", "valor": 10}], cargos=[{"descripcion": "y", "porcentaje": 5}]
        )
    )

    assert (found.tax, found.allowance, found.charge) == (Decimal("19.00"), Decimal("10.00"), Decimal("5.00"))
    assert found.payable == Decimal("114.00")


def test_excluded_is_no_tax_and_exempt_is_a_tax_of_nothing():
    excluded = totals(document({"iva_pct": None, "excluido": True}))
    exempt = totals(document({"iva_pct": 0}))

    assert (excluded.taxes, excluded.tax_exclusive) == ((), Decimal("0.00"))
    assert [(tax.percent, tax.base, tax.amount) for tax in exempt.taxes] == [
        (Decimal(0), Decimal("100.00"), Decimal("0.00"))
    ]
    assert exempt.tax_exclusive == Decimal("100.00")


def test_one_entry_for_each_tax_and_rate():
    found = totals(document({}, {"iva_pct": 5}, {"precio": 200}, {"iva_pct": 0}))

    assert [(tax.percent, tax.base, tax.amount) for tax in found.taxes] == [
        (Decimal(19), Decimal("300.00"), Decimal("57.00")),
        (Decimal(5), Decimal("100.00"), Decimal("5.00")),
        (Decimal(0), Decimal("100.00"), Decimal("0.00")),
    ]


money = st.decimals(min_value="0.01", max_value="9999999", places=2)
line = st.fixed_dictionaries(
    {
        "cantidad": st.decimals(min_value="0.5", max_value="9999", places=3).map(str),
        "precio": money.map(str),
        "iva_pct": st.sampled_from([0, 5, 19]),
        "descuento_pct": st.sampled_from(["0", "2.5", "10", "33.33"]),
    }
)


@settings(max_examples=examples(150, deep=3000))
@given(st.lists(line, min_size=1, max_size=12))
def test_totals_stay_within_a_cent_a_rounding_of_exact_arithmetic(lines):
    found = totals(document(*({**each, "precio": str(Decimal(each["precio"]) + 1)} for each in lines)))

    exact = Fraction(0)
    for each in lines:
        net = Fraction(each["cantidad"]) * (Fraction(each["precio"]) + 1)
        net *= 1 - Fraction(each["descuento_pct"]) / 100
        exact += net * (1 + Fraction(each["iva_pct"]) / 100)
    # Gross, discount and tax of each line are rounded, each by half a cent at most; the tax of what was off besides.
    assert abs(Fraction(found.payable) - exact) <= len(lines) * Fraction(2, 100)
    assert found.payable == found.line_extension + found.tax
    assert found.line_extension == sum(each.net for each in found.lines)
    assert found.payable.as_tuple().exponent == -2


def test_what_says_minus_zero_comes_to_zero():
    minus, one = Decimal("-0"), {"code": "A", "description": "A", "quantity": Decimal(1)}
    nothing = Line(**one, price=minus, discount_amount=minus, taxes=(Tax(code="01", percent=minus),))
    entry = AllowanceCharge(is_charge=True, reason_code="02", reason="A", amount=minus)
    free = Line(**one, price=minus, reference_price=ReferencePrice(amount=minus), allowance_charges=(entry,))

    found = totals(document({}).model_copy(update={"lines": (nothing, free), "allowance_charges": (entry,)}))

    assert "-" not in str(tuple(found))
