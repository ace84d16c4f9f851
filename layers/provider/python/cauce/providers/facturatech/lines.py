"""Lines, taxes and totals as blocks: ITE, TOT and TIM. Pure; every amount comes from ``domain.totals``.

Source: Facturatech's field table and arithmetic (ITE_5 = ITE_27 × ITE_7 less IDE, TOT_1 = ΣITE_5, TOT_3 = ΣIIM_4 of
each line's first tax, TOT_7 = TOT_1 + taxes, TOT_5 = TOT_7).
"""

from datetime import date

from cauce.domain.document import Document, Kind, Line, Purchase
from cauce.domain.money import HUNDRED, ZERO, rounded
from cauce.domain.totals import LineTotals, TaxAmount, Totals
from cauce.providers.facturatech.sheet import CURRENCY, Block, block, exact

_PURCHASE_FORMS = {"1": "Por operación", "2": "Acumulado semanal"}
# Decimals of a discount's percentage where the request gave an amount; the amount beside it is what counts.
_PERCENT_PLACES = 4


def tot(sums: Totals) -> Block:
    amounts = (sums.line_extension, sums.tax_exclusive, sums.payable, sums.tax_inclusive)
    fields: dict[int, str | None] = {}
    for index, amount in enumerate(amounts):
        fields |= {2 * index + 1: exact(amount), 2 * index + 2: CURRENCY}
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
    subtotal: dict[int, str | None] = (
        {}
        if kind.is_bought
        else {19: exact(amounts.net), 20: CURRENCY, 21: exact(amounts.with_taxes), 22: CURRENCY}
    )
    return block(
        "ITE",
        {
            1: str(number),
            3: exact(line.quantity),
            4: line.unit,
            5: exact(amounts.net),
            6: CURRENCY,
            7: exact(line.price),
            8: CURRENCY,
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
    return block("IBS", {1: purchase.on.isoformat(), 2: purchase.form, 3: _PURCHASE_FORMS[purchase.form]})


def _discount(line: Line, amounts: LineTotals) -> Block:
    """A line's discount, without a reason code (IDE_10): the request has none, and DIAN requires it only for
    discounts on the whole document."""
    percent = line.discount_percent
    if percent is None:
        percent = rounded(amounts.discount * HUNDRED / amounts.gross, _PERCENT_PLACES)
    return block(
        "IDE",
        {
            1: "false",
            2: exact(amounts.discount),
            3: CURRENCY,
            6: exact(percent),
            7: exact(amounts.gross),
            8: CURRENCY,
        },
    )


def _line_tax(tax: TaxAmount, *, withheld: bool) -> Block:
    return block(
        "TII",
        {1: exact(tax.amount), 2: CURRENCY, 3: "true" if withheld else "false"},
        block(
            "IIM",
            {
                1: tax.code,
                2: exact(tax.amount),
                3: CURRENCY,
                4: exact(tax.base),
                5: CURRENCY,
                6: exact(tax.percent or ZERO),
            },
        ),
    )


def _grouped(taxes: tuple[TaxAmount, ...], *, withheld: bool) -> list[Block]:
    codes = dict.fromkeys(tax.code for tax in taxes)
    return [_total([tax for tax in taxes if tax.code == code], withheld=withheld) for code in codes]


def _total(taxes: list[TaxAmount], *, withheld: bool) -> Block:
    amount = sum((tax.amount for tax in taxes), ZERO)
    return block(
        "TIM",
        {1: "true" if withheld else "false", 2: exact(amount), 3: CURRENCY},
        *(
            block(
                "IMP",
                {
                    1: tax.code,
                    2: exact(tax.base),
                    3: CURRENCY,
                    4: exact(tax.amount),
                    5: CURRENCY,
                    6: exact(tax.percent or ZERO),
                },
            )
            for tax in taxes
        ),
    )
