"""Factus's arithmetic against its published figures, and against ours wherever ``check`` says yes."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cauce.domain.document import Document, Kind, Tax, Withholding
from cauce.domain.errors import Unsupported
from cauce.domain.totals import totals
from cauce.providers.factus import arithmetic
from tests.examples import examples
from tests.unit.factus.builders import TODAY, body, factus, invoice, line, note, published, support_document
from tests.unit.factus.test_payload import SEED_001

D = Decimal


def test_the_published_figures_of_v1() -> None:
    """«Factura avanzada»: a price of 50000 with its 19 %, less 20 %; and one with 5 %."""
    sent = {
        "items": [
            {
                "quantity": 1,
                "discount_rate": 20,
                "price": 50000,
                "tax_rate": "19.00",
                "is_excluded": 0,
                "tribute_id": 1,
                # As Factus used them: it had been sent 7.38 and 15.12.
                "withholding_taxes": [
                    {"code": "06", "withholding_tax_rate": "7.00"},
                    {"code": "05", "withholding_tax_rate": "15.00"},
                ],
            },
            {
                "quantity": 1,
                "discount_rate": 0,
                "price": 50000,
                "tax_rate": "5.00",
                "is_excluded": 0,
                "tribute_id": 1,
            },
        ],
        "allowance_charges": [{"amount": "9000.00"}],
    }
    first, second = arithmetic.lines(sent, Kind.INVOICE)

    assert (first.discount, first.net, first.taxes, first.whole) == (
        D("8403.36"),
        D("33613.45"),
        (D("6386.55"),),
        D("40000.00"),
    )
    assert first.withholdings == (D("2352.94"), D("957.98"))
    assert (second.net, second.taxes, second.total) == (D("47619.05"), (D("2380.95"),), D("50000.00"))
    assert arithmetic.total(sent, Kind.INVOICE) == D("99000.00")


def test_the_published_figures_of_seed_001() -> None:
    first, second = arithmetic.lines(SEED_001, Kind.SUPPORT_DOCUMENT)

    assert (first.discount, first.net, first.withholdings) == (D("10000.00"), D("40000.00"), (D("1400.00"),))
    assert (second.net, second.taxes, second.total) == (D("50000.00"), (), D("50000.00"))
    assert arithmetic.total(SEED_001, Kind.SUPPORT_DOCUMENT) == D("90000.00")


def test_the_published_figures_of_v2() -> None:
    example = published("v2__facturas__ejemplos__redondeo-medios-pago__1.json")
    paid = sum(D(payment["amount"]) for payment in example["payment_details"])

    assert arithmetic.total(example, Kind.INVOICE) == paid - D(example["cash_rounding_amount"])
    assert arithmetic.total(example, Kind.INVOICE) == D("260564.81")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("v2__facturas__crear-y-validar__1.json", Kind.INVOICE),
        ("v2__facturas__ejemplos__estandar-propina__1.json", Kind.INVOICE),
        ("v2__facturas__ejemplos__estandar-impuesto-excluido__1.json", Kind.INVOICE),
        ("v2__facturas__ejemplos__estandar-autorrentenciones__1.json", Kind.INVOICE),
        ("v2__facturas__tipos-de-factura__mandatos__1.json", Kind.INVOICE),
        ("v2__notas-credito__crear-y-validar__1.json", Kind.CREDIT_NOTE),
        ("v2__notas-ajuste-documentos-soporte__crear-validar__1.json", Kind.ADJUSTMENT_NOTE),
    ],
)
def test_the_published_payments_add_up_to_the_total(name: str, kind: Kind) -> None:
    example = published(name)

    paid = sum(D(payment["amount"]) for payment in example["payment_details"])
    assert arithmetic.total(example, kind) == paid


@pytest.mark.parametrize(
    ("value", "over", "expected"),
    [
        ("0.005", "1", "0.01"),
        ("0.0049999", "1", "0.00"),
        ("-0.005", "1", "-0.01"),
        ("2.675", "1", "2.68"),
        ("1", "3", "0.33"),
        ("0.595", "119", "0.01"),
        ("0.594999999999999999999999999999", "119", "0.00"),
    ],
)
def test_ties_go_away_from_zero_and_are_decided_exactly(value: str, over: str, expected: str) -> None:
    assert arithmetic.rounded(D(value), D(over)) == D(expected)


prices = st.decimals(min_value=0, max_value=D("9999999.9999"), places=2) | st.decimals(
    min_value=0, max_value=D("99999"), places=4
)
whole = st.integers(min_value=1, max_value=2000).map(D)
hundredths = st.decimals(min_value=D("0.01"), max_value=D("500"), places=2)
rates = st.sampled_from([D(0), D(5), D(8), D(19), D("16.5")])
percents = st.none() | st.decimals(min_value=0, max_value=100, places=2)


@st.composite
def lines_of(draw: st.DrawFn, dialect: str) -> Any:
    taxes: tuple[Tax, ...] = ()
    if draw(st.booleans()):
        taxes = (Tax(code=draw(st.sampled_from(["01", "04"])), percent=draw(rates)),)
        if dialect == "v2" and draw(st.booleans()):
            taxes = (*taxes, Tax(code="35", percent=draw(rates)))
    withheld = st.tuples() if draw(st.booleans()) else st.just((Withholding(code="06", percent=D(4)),))
    changes: dict[str, Any] = {
        "quantity": draw(whole if dialect == "v1" else hundredths),
        "price": draw(prices),
        "taxes": taxes,
        "withholdings": draw(withheld),
    }
    if draw(st.booleans()):
        changes["discount_percent"] = draw(percents)
    elif draw(st.booleans()):
        changes["discount_amount"] = draw(
            st.decimals(min_value=0, max_value=changes["price"] * changes["quantity"], places=2)
        )
    return line(**changes)


def _expect_figures_told(dialect: str, document: Document) -> None:
    """If the document passes, every amount that Factus will compute is ours, or near it and told beside ours."""
    provider = factus(dialect)
    try:
        provider.check(document)
    except Unsupported:
        return
    sent = body(provider, document, provider_ids={"bill_id": "1"})
    ours = totals(document)
    theirs = arithmetic.lines(sent, document.kind)
    told = [notice.text for notice in provider.computed(document).notices]
    pairs = [("un total", arithmetic.total(sent, document.kind), ours.payable)]
    for mine, its in zip(ours.lines, theirs, strict=True):
        pairs += [
            ("un descuento", its.discount, mine.discount),
            ("un valor", its.net, mine.net),
            ("impuestos", sum(its.taxes, D(0)), mine.with_taxes - mine.net),
            ("retenciones", sum(its.withholdings, D(0)), sum((w.amount for w in mine.withholdings), D(0))),
        ]
        if dialect == "v1" and its.whole != its.total:
            pairs.append(("un total", its.whole, mine.with_taxes))
    for what, their, our in pairs:
        assert abs(their - our) <= D(2)
        assert their == our or any(f"{what} de {their}" in text and str(our) in text for text in told)


relaxed = settings(max_examples=examples(100, deep=3000))


@relaxed
@given(st.lists(lines_of("v1"), min_size=1, max_size=3))
def test_whatever_v1_lets_pass_adds_up_to_our_totals_or_is_told(lines: Any) -> None:
    _expect_figures_told("v1", invoice(lines=tuple(lines)))
    _expect_figures_told("v1", note(lines=tuple(lines)))


@relaxed
@given(st.lists(lines_of("v2"), min_size=1, max_size=3))
def test_whatever_v2_lets_pass_adds_up_to_our_totals_or_is_told(lines: Any) -> None:
    for document in (invoice(lines=tuple(lines)), note(Kind.DEBIT_NOTE, lines=tuple(lines))):
        _expect_figures_told("v2", document)


@relaxed
@given(st.lists(lines_of("v1"), min_size=1, max_size=3))
def test_whatever_a_support_document_lets_pass_adds_up_to_our_totals_or_is_told(lines: Any) -> None:
    untaxed = tuple(entry.model_copy(update={"taxes": ()}) for entry in lines)
    for dialect in ("v1", "v2"):
        _expect_figures_told(dialect, support_document(lines=untaxed))


@given(st.integers(min_value=0, max_value=10**9), whole, rates)
def test_a_whole_price_passes_v1_at_any_usual_rate(price: int, quantity: Decimal, rate: Decimal) -> None:
    """What most ERPs send must not be refused: 119 % of whole pesos has two decimals at most."""
    usual = () if rate == D("16.5") else (Tax(code="01", percent=rate),)
    document = invoice(lines=(line(price=D(price), quantity=quantity, taxes=usual),), issue_date=TODAY)

    factus("v1").check(document)
