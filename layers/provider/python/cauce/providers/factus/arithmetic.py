"""The amounts that Factus will compute for a body, so that a cent of difference shows before it is sent.

Factus computes exactly and rounds each result half up to two decimals; lines are rounded first and then added;
withholdings lower nothing. Source: the figures of v1's «factura avanzada» (50000 with 19 % and a discount of 20 %
gives 8403.36, 33613.45, 6386.55, 40000: the tax is taken on the unrounded base), seed 001, v2's «redondeo»
(260564.81).
"""

from collections.abc import Iterable
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import NamedTuple

from cauce.domain.document import Kind
from cauce.domain.money import CENT, EXACT, ZERO, half_up
from cauce.providers.factus.values import Row, mappings

_PRICE_WITH_TAXES = frozenset({Kind.INVOICE, Kind.CREDIT_NOTE})
_ONE = Decimal(1)


class LineAmounts(NamedTuple):
    """A line as Factus shows it. ``total`` adds the rounded parts; ``whole`` rounds their sum.

    No page tells which of the two becomes the total. In v2 that is harmless: the request states its payments, and
    Factus refuses it, storing nothing, where its total differs from them. v1 would issue the other total.
    """

    unit_price: Decimal
    """Net of taxes, not rounded."""
    discount: Decimal
    net: Decimal
    taxes: tuple[Decimal, ...]
    withholdings: tuple[Decimal, ...]
    whole: Decimal

    @property
    def total(self) -> Decimal:
        return sum(self.taxes, self.net)


def lines(body: Row, kind: Kind) -> list[LineAmounts]:
    """The amounts of each line of a body of either dialect."""
    with localcontext(EXACT):
        return [_line(item, kind) for item in mappings(body["items"])]


def total(body: Row, kind: Kind) -> Decimal:
    """The total that Factus will give the document."""
    with localcontext(EXACT):
        amount = _surcharges(body)
        for item in mappings(body["items"]):
            _, _, net, taxes, over = _exact(item, kind)
            amount += rounded(net, over)
            for tax in taxes:
                amount += rounded(tax, over)
    return amount


def added(counted: Iterable[LineAmounts], body: Row) -> Decimal:
    """The same as ``total`` of a body whose lines are counted already."""
    return sum([line.total for line in counted], _surcharges(body))


def rounded(value: Decimal, over: Decimal = _ONE) -> Decimal:
    """A quotient with two decimals, ties away from zero, decided on all of its digits."""
    if over is not _ONE:
        value = EXACT.divide(value, over)
    return half_up(value) + ZERO  # which takes the sign from what is rounded to −0


def _surcharges(body: Row) -> Decimal:
    return sum([_decimal(charge["amount"]) for charge in mappings(body.get("allowance_charges"))], ZERO)


def _line(item: Row, kind: Kind) -> LineAmounts:
    price, discount, net, taxes, over = _exact(item, kind)
    return LineAmounts(
        unit_price=price / over,
        discount=rounded(discount, over),
        net=rounded(net, over),
        taxes=tuple([rounded(amount, over) for amount in taxes]),
        withholdings=_withheld(item, net, taxes, over),
        whole=rounded(sum(taxes, net), over),
    )


def _exact(item: Row, kind: Kind) -> tuple[Decimal, Decimal, Decimal, list[Decimal], Decimal]:
    """A line's price, discount, net and taxes before they are rounded, and what each is still to be divided by."""
    rates = _tax_rates(item)
    price, over = _decimal(item["price"]), _ONE
    if "tax_rate" in item and kind in _PRICE_WITH_TAXES:
        over = sum(rates, _ONE)
    before = price * _decimal(item["quantity"])
    if "discount_amount" in item:
        discount = _decimal(item["discount_amount"]) * over
    else:
        discount = before * _rate(item["discount_rate"])
    net = before - discount
    return price, discount, net, [net * rate for rate in rates], over


def _tax_rates(item: Row) -> list[Decimal]:
    """The rates that enter the total. v1's support documents have none."""
    if "tax_rate" in item:
        return [] if item["is_excluded"] else [_rate(item["tax_rate"])]
    return [_rate(tax["rate"]) for tax in mappings(item.get("taxes")) if not tax.get("is_excluded")]


def _withheld(item: Row, net: Decimal, taxes: list[Decimal], over: Decimal) -> tuple[Decimal, ...]:
    """The withholdings: ReteIVA is a part of the line's VAT, the others of its net."""
    withheld = item.get("withholding_taxes")
    if not withheld:
        return ()
    return tuple(
        rounded(
            (_vat(item, taxes) if w["code"] == "05" else net)
            * _rate(w["withholding_tax_rate"] if "withholding_tax_rate" in w else w["rate"]),
            over,
        )
        for w in mappings(withheld)
    )


def _vat(item: Row, taxes: list[Decimal]) -> Decimal:
    """The VAT of the line."""
    if "tax_rate" in item:
        return taxes[0] if taxes and item["tribute_id"] == 1 else ZERO
    codes = [tax["code"] for tax in mappings(item.get("taxes")) if not tax.get("is_excluded")]
    return sum((amount for code, amount in zip(codes, taxes, strict=True) if code == "01"), ZERO)


def _decimal(value: object) -> Decimal:
    return Decimal(str(value))


@lru_cache(maxsize=256)
def _rate(percent: object) -> Decimal:
    """A percentage as a part of 1: the same one in line after line."""
    return _decimal(percent) * CENT
