"""Lines, taxes and totals as blocks: ITE, TOT and TIM. Pure; every amount comes from ``domain.totals``.

Source: Facturatech's field table and arithmetic (ITE_5 = ITE_27 × ITE_7 less IDE, TOT_1 = ΣITE_5, TOT_3 = ΣIIM_4 of
each line's first tax, TOT_7 = TOT_1 + taxes, TOT_5 = TOT_7).
"""

from datetime import date
from decimal import Decimal

from cauce.domain.catalogs import PURCHASE_FORMS
from cauce.domain.document import Document, Kind, Line, Purchase
from cauce.domain.money import HUNDRED, ZERO, rounded
from cauce.domain.totals import LineTotals, TaxAmount, Totals
from cauce.providers.facturatech.sheet import Block, block, exact, money

# Decimals of a discount's percentage where the request gave an amount; the amount beside it is what counts.
_PERCENT_PLACES = 4


def tot(sums: Totals) -> Block:
    amounts = (sums.line_extension, sums.tax_exclusive, sums.payable, sums.tax_inclusive)
    fields: dict[int, str | None] = {}
    for index, amount in enumerate(amounts):
        fields |= money(2 * index + 1, amount)
    return block("TOT", fields)


def tim(sums: Totals) -> list[Block]:
    """A TIM for each tax and for each withholding, with an IMP for each of its rates."""
    return [*_grouped(sums.taxes, withheld=False), *_grouped(sums.withholdings, withheld=True)]


def ite(document: Document, sums: Totals, issued: date) -> list[Block]:
    pairs = zip(document.lines, sums.lines, strict=True)
    return [
        _line(document.kind, n, line, amounts, issued) for n, (line, amounts) in enumerate(pairs, start=1)
    ]


def _line(kind: Kind, number: int, line: Line, amounts: LineTotals, issued: date) -> Block:
    # Support documents have no fields 19 to 22.
    subtotal = {} if kind.is_bought else {**money(19, amounts.net), **money(21, amounts.with_taxes)}
    return block(
        "ITE",
        {
            1: str(number),
            3: exact(line.quantity),
            4: line.unit,
            **money(5, amounts.net),
            **money(7, line.price),
            11: line.description,
            **subtotal,
            27: exact(line.quantity),
            28: line.unit,
        },
        block("IAE", {1: line.code, 2: line.standard}),
        _purchase(line.purchase or Purchase(on=issued)) if kind is Kind.SUPPORT_DOCUMENT else None,
        _discount(line, amounts) if amounts.discount else None,
        *(_line_tax(tax, withheld=False) for tax in amounts.taxes),
        *(_line_tax(tax, withheld=True) for tax in amounts.withholdings),
    )


def _purchase(purchase: Purchase) -> Block:
    return block("IBS", {1: purchase.on.isoformat(), 2: purchase.form, 3: PURCHASE_FORMS[purchase.form]})


def _discount(line: Line, amounts: LineTotals) -> Block:
    """A line's discount, without a reason code (IDE_10): the request has none, and DIAN requires it only for
    discounts on the whole document."""
    percent = line.discount_percent
    if percent is None:
        percent = rounded(amounts.discount * HUNDRED / amounts.gross, _PERCENT_PLACES)
    return block(
        "IDE",
        {1: "false", **money(2, amounts.discount), 6: exact(percent), **money(7, amounts.gross)},
    )


def _line_tax(tax: TaxAmount, *, withheld: bool) -> Block:
    return block(
        "TII",
        {**money(1, tax.amount), 3: "true" if withheld else "false"},
        block("IIM", _rated(tax, tax.amount, tax.base)),
    )


def _grouped(taxes: tuple[TaxAmount, ...], *, withheld: bool) -> list[Block]:
    codes = dict.fromkeys(tax.code for tax in taxes)
    return [_total([tax for tax in taxes if tax.code == code], withheld=withheld) for code in codes]


def _total(taxes: list[TaxAmount], *, withheld: bool) -> Block:
    amount = sum((tax.amount for tax in taxes), ZERO)
    return block(
        "TIM",
        {1: "true" if withheld else "false", **money(2, amount)},
        *(block("IMP", _rated(tax, tax.base, tax.amount)) for tax in taxes),
    )


def _rated(tax: TaxAmount, one: Decimal, other: Decimal) -> dict[int, str | None]:
    """The fields of a tax at one rate: IIM has its amount before its base, IMP after it."""
    return {1: tax.code, **money(2, one), **money(4, other), 6: exact(tax.percent or ZERO)}
