"""Factus's arithmetic: exact fractions inside, rounded half up to two decimals when shown.

Source: v1 `factura-avanzada` (price with taxes), v1 support document, v2 create pages (price net of taxes).
The documented 6386.55 for 33613.45 at 19 % proves that a tax is computed on the unrounded base; the documented
document totals 81232.50 and 8767.50 prove that a document adds its lines after rounding them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tests.simulators.factus.catalogs import ADJUSTMENT_NOTES, BILLS, CREDIT_NOTES, DEBIT_NOTES, Kind
from tests.simulators.factus.drafts import Draft, Line, Surcharge, Tax


@dataclass(frozen=True)
class TaxFigure:
    code: str
    rate: Decimal
    is_excluded: bool
    taxable: Fraction
    amount: Fraction


@dataclass(frozen=True)
class WithholdingFigure:
    code: str
    shown_rate: Decimal
    value: Fraction


@dataclass(frozen=True)
class LineFigures:
    """`gross` is net of discount and of taxes; `total` adds the taxes. Withholdings never lower a total."""

    discount: Fraction
    gross: Fraction
    price_includes_taxes: bool
    taxes: tuple[TaxFigure, ...]
    withholdings: tuple[WithholdingFigure, ...]

    @property
    def tax(self) -> Fraction:
        return sum((figure.amount for figure in self.taxes), Fraction(0))

    @property
    def taxable(self) -> Fraction:
        return self.gross if any(not figure.is_excluded for figure in self.taxes) else Fraction(0)

    @property
    def total(self) -> Decimal:
        """If the price has its taxes: price less discount, rounded once. If it is net: the rounded parts added."""
        if self.price_includes_taxes:
            return two(self.gross + self.tax)
        return two(self.gross) + sum((two(figure.amount) for figure in self.taxes), Decimal("0.00"))


@dataclass(frozen=True)
class Totals:
    gross: Decimal
    taxable: Decimal
    tax: Decimal
    surcharge: Decimal
    total: Decimal


def figures(line: Line, kind: Kind) -> LineFigures:
    """The amounts of one line of a document of this kind."""
    taxes = line.taxes if taxes_count(kind) else ()
    net_before_discount = _net_unit(line, taxes) * Fraction(line.quantity)
    if line.discount_amount is not None:
        discount = Fraction(line.discount_amount)
    else:
        discount = net_before_discount * Fraction(line.discount_rate) / 100
    gross = net_before_discount - discount
    tax_figures = tuple(_tax(tax, gross) for tax in taxes)
    tax_amount = sum((figure.amount for figure in tax_figures), Fraction(0))
    withheld = []
    for withholding in line.withholdings:
        rate = _withholding_rate(withholding.rate, line, kind)
        base = tax_amount if withholding.code == "05" else gross
        withheld.append(WithholdingFigure(withholding.code, rate, base * Fraction(rate) / 100))
    return LineFigures(discount, gross, line.price_includes_taxes, tax_figures, tuple(withheld))


def taxes_count(kind: Kind) -> bool:
    """Whether the taxes of a line enter the totals.

    The v2 example of a support document sends IVA 19 % and pays exactly the net; the one of an adjustment
    note sends the same IVA and pays it. Both are followed as printed.
    """
    return kind in (BILLS, CREDIT_NOTES, DEBIT_NOTES, ADJUSTMENT_NOTES)


def totals(lines: Iterable[LineFigures], surcharges: Iterable[Surcharge] = ()) -> Totals:
    """A document's totals: lines rounded first, then added."""
    rounded = [
        (two(line.gross), two(line.taxable), [two(tax.amount) for tax in line.taxes], line.total)
        for line in lines
    ]
    surcharge = sum((item.amount for item in surcharges), Decimal("0.00"))
    return Totals(
        gross=sum((gross for gross, *_ in rounded), Decimal("0.00")),
        taxable=sum((taxable for _, taxable, *_ in rounded), Decimal("0.00")),
        tax=sum((amount for _, _, amounts, _ in rounded for amount in amounts), Decimal("0.00")),
        surcharge=surcharge,
        total=sum((total for *_, total in rounded), Decimal("0.00")) + surcharge,
    )


def draft_totals(draft: Draft) -> Totals:
    return totals([figures(line, draft.kind) for line in draft.lines], draft.surcharges)


def two(value: Fraction | Decimal) -> Decimal:
    """Two decimals, half away from zero."""
    scaled = abs(Fraction(value)) * 100
    cents = (scaled.numerator * 2 + scaled.denominator) // (scaled.denominator * 2)
    return (Decimal(cents) / 100).quantize(Decimal("0.01")) * (-1 if value < 0 else 1)


def text(value: Fraction | Decimal) -> str:
    """An amount as most answers have it: a string with two decimals."""
    return f"{two(value):.2f}"


def number(value: Fraction | Decimal) -> int | float:
    """An amount as v1's `items[].total` has it: a JSON number, without decimals if it is whole."""
    exact = two(value)
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def _net_unit(line: Line, taxes: tuple[Tax, ...]) -> Fraction:
    if not line.price_includes_taxes:
        return Fraction(line.price)
    rates = sum((Fraction(tax.rate) for tax in taxes if not tax.is_excluded), Fraction(0))
    return Fraction(line.price) / (1 + rates / 100)


def _tax(tax: Tax, gross: Fraction) -> TaxFigure:
    if tax.is_excluded:
        return TaxFigure(tax.code, Decimal("0.00"), True, Fraction(0), Fraction(0))
    return TaxFigure(tax.code, tax.rate, False, gross, gross * Fraction(tax.rate) / 100)


def _withholding_rate(rate: Decimal, line: Line, kind: Kind) -> Decimal:
    """v1 bills and credit notes cut a withholding rate to its integer part (7.38 → 7.00), and compute with that."""
    if line.price_includes_taxes and kind in (BILLS, CREDIT_NOTES):
        return Decimal(int(rate))
    return rate
