"""The amounts that Factus will compute for a body, so that a cent of difference shows before it is sent.

Factus computes with fractions and rounds each result half up to two decimals; lines are rounded first and then added;
withholdings lower nothing. Source: the figures of v1's «factura avanzada» (50000 with 19 % and a discount of 20 %
gives 8403.36, 33613.45, 6386.55, 40000: the tax is taken on the unrounded base), seed 001, v2's «redondeo»
(260564.81).
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from cauce.domain.document import Kind
from cauce.domain.money import half_up
from cauce.providers.factus.values import Row, mappings

_PRICE_WITH_TAXES = frozenset({Kind.INVOICE, Kind.CREDIT_NOTE})


@dataclass(frozen=True)
class LineAmounts:
    """A line as Factus shows it. ``total`` adds the rounded parts; ``whole`` rounds their sum.

    No page tells which of the two becomes the total. In v2 that is harmless: the request states its payments, and
    Factus refuses it, storing nothing, where its total differs from them. v1 would issue the other total.
    """

    unit_price: Fraction
    """Net of taxes."""
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
    return [_line(item, kind) for item in mappings(body["items"])]


def total(body: Row, kind: Kind) -> Decimal:
    """The total that Factus will give the document."""
    surcharges = (Decimal(str(charge["amount"])) for charge in mappings(body.get("allowance_charges")))
    return sum((line.total for line in lines(body, kind)), Decimal("0.00")) + sum(surcharges, Decimal("0.00"))


def rounded(value: Fraction) -> Decimal:
    """Two decimals, ties away from zero, decided on the exact fraction."""
    thousandths, rest = divmod(abs(value.numerator) * 1000, value.denominator)
    # A further digit where something was cut, so that only an exact tie is rounded as a tie.
    exact = Decimal(thousandths * 10 + (1 if rest else 0)).scaleb(-4)
    return half_up(exact) if value >= 0 else -half_up(exact)


def _line(item: Row, kind: Kind) -> LineAmounts:
    rates = _tax_rates(item)
    price = _fraction(item["price"])
    if "tax_rate" in item and kind in _PRICE_WITH_TAXES:
        price /= 1 + sum(rates, Fraction(0)) / 100
    before = price * _fraction(item["quantity"])
    if "discount_amount" in item:
        discount = _fraction(item["discount_amount"])
    else:
        discount = before * _fraction(item["discount_rate"]) / 100
    net = before - discount
    taxes = [net * rate / 100 for rate in rates]
    tax = sum(taxes, Fraction(0))
    return LineAmounts(
        unit_price=price,
        discount=rounded(discount),
        net=rounded(net),
        taxes=tuple(rounded(amount) for amount in taxes),
        withholdings=tuple(
            rounded((_vat(item, taxes) if code == "05" else net) * rate / 100)
            for code, rate in _withholdings(item)
        ),
        whole=rounded(net + tax),
    )


def _tax_rates(item: Row) -> list[Fraction]:
    """The rates that enter the total. v1's support documents have none."""
    if "tax_rate" in item:
        return [] if item["is_excluded"] else [_fraction(item["tax_rate"])]
    return [_fraction(tax["rate"]) for tax in mappings(item.get("taxes")) if not tax.get("is_excluded")]


def _vat(item: Row, taxes: list[Fraction]) -> Fraction:
    """The VAT of the line, which ReteIVA is a part of."""
    if "tax_rate" in item:
        return taxes[0] if taxes and item["tribute_id"] == 1 else Fraction(0)
    codes = [tax["code"] for tax in mappings(item.get("taxes")) if not tax.get("is_excluded")]
    return sum((amount for code, amount in zip(codes, taxes, strict=True) if code == "01"), Fraction(0))


def _withholdings(item: Row) -> list[tuple[str, Fraction]]:
    return [
        (str(w["code"]), _fraction(w["withholding_tax_rate"] if "withholding_tax_rate" in w else w["rate"]))
        for w in mappings(item.get("withholding_taxes"))
    ]


def _fraction(value: object) -> Fraction:
    return Fraction(Decimal(str(value)))
