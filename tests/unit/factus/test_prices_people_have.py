"""Random invoices of the prices that people have, billed by the simulator from Factus's documentation.

Whatever passes is billed as we count it, or each figure is within DIAN's ±2.00 with both told; only the rest is
refused, and then with what would go.
"""

import json
import random
import re
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from cauce.domain.document import Document, ExpectedTotals, Kind, Line
from cauce.domain.errors import Unsupported
from cauce.domain.totals import Totals, amounts_of, totals
from cauce.providers.factus.provider import Factus
from tests.content import IVA_19
from tests.simulators.factus import arithmetic as factus_says
from tests.simulators.factus.catalogs import BILLS
from tests.simulators.factus.read_v1 import read_bill as read_v1
from tests.simulators.factus.read_v2 import read_bill as read_v2
from tests.simulators.factus.validation import Fields
from tests.unit.factus.builders import factus, invoice, line, note, record

D = Decimal
EACH = 400
TOLERANCE = D(2)
DIALECTS = pytest.mark.parametrize("dialect", ["v1", "v2"])


def in_cents(chance: random.Random) -> Decimal:
    return D(chance.randrange(1, 50_000_000)) / 100


def ending_in_50(chance: random.Random) -> Decimal:
    return chance.randrange(1, 500_000) + D("0.50")


def without_iva(places: str) -> Callable[[random.Random], Decimal]:
    """A price of whole pesos with its IVA, which an ERP divides by 1.19."""

    def price(chance: random.Random) -> Decimal:
        return (D(chance.randrange(100, 2_000_000)) / D("1.19")).quantize(D(places), ROUND_HALF_UP)

    return price


SHAPES = {
    "cents": in_cents,
    "ending in .50": ending_in_50,
    "÷ 1.19 at 2 decimals": without_iva("0.01"),
    "÷ 1.19 at 6 decimals": without_iva("0.000001"),
}


def invoices(shape: str, most_lines: int = 5) -> Iterator[Document]:
    chance = random.Random(f"{shape} {most_lines}")
    for _ in range(EACH):
        yield invoice(
            lines=tuple(
                line(
                    price=SHAPES[shape](chance),
                    quantity=D(chance.choice([1, 1, 1, 2, 3, 10, 24])),
                    taxes=IVA_19,
                    discount_percent=chance.choice([None, None, None, D(5), D("12.5")]),
                )
                for _ in range(chance.randint(1, most_lines))
            )
        )


def billed(provider: Factus, dialect: str, document: Document) -> Any:
    """The bill that Factus makes of what we send: its lines' figures and its totals, from its documentation."""
    sent = json.loads(provider.prepare(record(document)).body, parse_float=Decimal)
    fields = Fields(sent)
    draft = (read_v1 if dialect == "v1" else read_v2)(fields, None)  # type: ignore[arg-type]
    assert draft is not None, fields.errors
    return [factus_says.figures(each, BILLS) for each in draft.lines], factus_says.draft_totals(draft)


def why_not(provider: Factus, document: Document) -> Unsupported | None:
    try:
        provider.check(document)
    except Unsupported as refusal:
        return refusal
    return None


def figures(ours: Totals, lines: Any, bill: Any) -> Iterator[tuple[Decimal, Decimal]]:
    """Each figure as Factus bills it, and as we count it."""
    for mine, its in zip(ours.lines, lines, strict=True):
        yield factus_says.two(its.gross), mine.net
        for tax, amount in zip(mine.taxes, its.taxes, strict=True):
            yield factus_says.two(amount.amount), tax.amount
    yield bill.total, ours.payable


@DIALECTS
@pytest.mark.parametrize("shape", SHAPES)
def test_what_factus_bills_is_what_the_record_says_and_what_we_count_or_within_two_pesos_and_told(
    dialect: str, shape: str
) -> None:
    provider, refused = factus(dialect), 0
    for document in invoices(shape):
        if why_not(provider, document) is not None:
            refused += 1
            continue
        ours, (lines, bill) = totals(document), billed(provider, dialect, document)
        come_to = provider.computed(document)
        assert (come_to.amounts.subtotal, come_to.amounts.tax) == (bill.gross, bill.tax)
        # v1's page does not say whether it adds a line's rounded parts or rounds their sum.
        assert abs(come_to.amounts.payable - bill.total) <= (D("0.01") * len(lines) if dialect == "v1" else 0)
        told = " ".join(notice.text for notice in come_to.notices)
        for theirs, mine in figures(ours, lines, bill):
            assert abs(theirs - mine) <= TOLERANCE
            assert theirs == mine or told
    # Only v1's prices with taxes, rounded to the cent and multiplied, go so far.
    assert refused <= {"v1": EACH // 100, "v2": 0}[dialect]


@DIALECTS
@pytest.mark.parametrize("shape", SHAPES)
def test_each_figure_that_is_another_stands_beside_ours_in_a_notice(dialect: str, shape: str) -> None:
    provider = factus(dialect)
    for document in invoices(shape, most_lines=1):
        provider.check(document)
        ours, (lines, bill) = totals(document), billed(provider, dialect, document)
        told = [set(re.findall(r"\d+\.\d\d", notice.text)) for notice in provider.computed(document).notices]
        for theirs, mine in figures(ours, lines, bill):
            assert theirs == mine or any({str(theirs), str(mine)} <= both for both in told)
        if not told:
            assert provider.computed(document).amounts == amounts_of(ours)


@DIALECTS
def test_with_expected_totals_the_erps_are_billed_or_it_is_refused(dialect: str) -> None:
    provider, seen = factus(dialect), set()
    for document in invoices("ending in .50", most_lines=1):
        ours = totals(document)
        expected = ExpectedTotals(vat=ours.tax_of("01"), payable=ours.payable)
        asked = document.model_copy(update={"expected": expected})
        if (refused := why_not(provider, asked)) is not None:
            assert next(iter(refused.fields)).startswith("expected.")
            seen.add("refused")
            continue
        _, bill = billed(provider, dialect, asked)
        assert (bill.tax, bill.total) == (ours.tax, ours.payable)
        seen.add("billed")
    assert seen == {"refused", "billed"}


@DIALECTS
def test_the_total_that_factus_computes_may_be_the_one_expected(dialect: str) -> None:
    document = invoice(lines=(line(price=D("1.50")),))  # its IVA is 0.285: 0.28 for us, 0.29 for Factus
    expected = ExpectedTotals(subtotal=D("1.50"), vat=D("0.29"), payable=D("1.79"))

    provider = factus(dialect)
    provider.check(document.model_copy(update={"expected": expected}))

    assert provider.computed(document).amounts.payable == D("1.79")
    assert totals(document).payable == D("1.78")


def test_what_is_too_far_for_v1_says_which_price_goes_and_v2_takes_it() -> None:
    document = invoice(lines=(line(price=D("0.50"), quantity=D(10_000)),))

    with pytest.raises(Unsupported) as refusal:
        factus("v1").check(document)

    assert list(refusal.value.fields) == ["lines.0.price"]
    said = refusal.value.message
    assert "5042.02" in said and "5000.00" in said
    price = D(re.findall(r"Envíe el precio ([\d.]*\d)", said)[0])
    factus("v1").check(invoice(lines=(line(price=price, quantity=D(10_000)),)))
    factus("v2").check(document)


def test_v2_says_which_price_goes_where_two_decimals_are_too_few() -> None:
    of_mills = line(price=D("83.193277"), quantity=D(1000))

    with pytest.raises(Unsupported) as refusal:
        factus("v2").check(invoice(lines=(of_mills,)))

    assert "Envíe el precio 83.19, o" in refusal.value.message
    factus("v2").check(invoice(lines=(of_mills.model_copy(update={"price": D("83.19")}),)))


def test_many_small_differences_that_add_up_to_more_than_dian_tolerates_are_refused() -> None:
    tie: Line = line(price=D("1.50"))
    factus("v2").check(invoice(lines=(tie,) * 200))

    with pytest.raises(Unsupported) as refusal:
        factus("v2").check(invoice(lines=(tie,) * 201))

    assert "un total de" in refusal.value.message


def test_a_note_is_billed_as_its_invoice() -> None:
    for dialect, kind in (("v1", Kind.CREDIT_NOTE), ("v2", Kind.CREDIT_NOTE), ("v2", Kind.DEBIT_NOTE)):
        document = note(kind, lines=(line(price=D("1.50")),))
        factus(dialect).check(document)
        assert factus(dialect).computed(document).amounts.payable == D("1.79")
