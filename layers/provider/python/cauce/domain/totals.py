"""What a document adds up to. Pure arithmetic on ``Decimal``; each line is rounded first, then summed.

Source: Anexo Técnico 1.9, rules FAV06 (line), FAS07 (tax), FAU02 to FAU14 (totals); withholdings never enter
the payable amount (11.9.1).
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import NamedTuple

from cauce.domain.catalogs import PER_MIL, VAT
from cauce.domain.document import AllowanceCharge, Document, Line, Tax, Withholding
from cauce.domain.money import HUNDRED, ZERO, rounded, share

TOLERANCE = Decimal(2)
"""How far a total may be from what its parts come to, in pesos (annex 1.9, 5.2.1.1)."""


class TaxAmount(NamedTuple):
    """A tax or withholding, its base and its amount. ``percent`` is absent on nominal taxes (so much a unit).

    Its first five fields are its rate: two amounts with the same rate are added up.
    """

    code: str
    percent: Decimal | None
    name: str | None
    per_unit_amount: Decimal | None
    """Of a nominal tax, which is taken on ``base_units``, counted in ``unit``."""
    unit: str | None
    base: Decimal
    """0 for a nominal tax without a stated base: it is taken on units."""
    amount: Decimal
    base_units: Decimal | None = None


class LineTotals(NamedTuple):
    """One line: quantity × price, its discounts and charges, what remains, and the taxes on that."""

    gross: Decimal
    discount: Decimal
    charge: Decimal
    net: Decimal
    taxes: tuple[TaxAmount, ...]
    withholdings: tuple[TaxAmount, ...]

    @property
    def with_taxes(self) -> Decimal:
        return self.net + _amount_of(self.taxes)


class Totals(NamedTuple):
    """The document: UBL's LegalMonetaryTotal, and its taxes and withholdings, one for each code and rate."""

    lines: tuple[LineTotals, ...]
    line_extension: Decimal
    tax_exclusive: Decimal
    tax_inclusive: Decimal
    allowance: Decimal
    charge: Decimal
    prepaid: Decimal
    """Informative: it is not taken off ``payable`` (annex 1.9, 11.9.2)."""
    rounding: Decimal
    """What ``payable`` was rounded by, so that it can be paid in cash: below 0 where it was lowered."""
    payable: Decimal
    taxes: tuple[TaxAmount, ...]
    withholdings: tuple[TaxAmount, ...]

    @property
    def tax(self) -> Decimal:
        return _amount_of(self.taxes)

    def tax_of(self, code: str) -> Decimal:
        """What the document owes of one tax, every rate together."""
        return _amount_of([tax for tax in self.taxes if tax.code == code])


class Amounts(NamedTuple):
    """The amounts of a document that its record keeps and our answers show.

    ``subtotal`` + ``tax`` − ``allowance`` + ``charge`` is ``payable``, but for its rounding; ``vat`` is the IVA
    within ``tax``.
    """

    subtotal: Decimal
    vat: Decimal
    payable: Decimal
    tax: Decimal
    """Every tax together."""
    allowance: Decimal
    """Discounts on the whole document; those of a line are in ``subtotal`` already."""
    charge: Decimal


NOTHING = Amounts(subtotal=ZERO, vat=ZERO, payable=ZERO, tax=ZERO, allowance=ZERO, charge=ZERO)


def amounts_of(sums: Totals) -> Amounts:
    return Amounts(
        subtotal=sums.line_extension,
        vat=sums.tax_of(VAT),
        payable=sums.payable,
        tax=sums.tax,
        allowance=sums.allowance,
        charge=sums.charge,
    )


def totals(document: Document) -> Totals:
    """The totals of a document, from its lines up: computed once."""
    return document.once(add_up)


def add_up(document: Document) -> Totals:
    """As ``totals``, which is to be asked instead: computed at each call."""
    lines = tuple(map(line_totals, document.lines))
    line_extension = sum([line.net for line in lines], ZERO)
    taxes = _by_rate([line.taxes for line in lines])
    tax_inclusive = line_extension + _amount_of(taxes)
    allowance, charge = _adjustments(document.allowance_charges)
    rounding = rounded(document.payable_rounding) if document.payable_rounding else ZERO
    return Totals(
        lines=lines,
        line_extension=line_extension,
        tax_exclusive=sum([_taxable(line.taxes) for line in lines if line.taxes], ZERO),
        tax_inclusive=tax_inclusive,
        allowance=allowance,
        charge=charge,
        prepaid=sum((rounded(p.amount) for p in document.prepayments), ZERO),
        rounding=rounding,
        payable=tax_inclusive - allowance + charge + rounding,
        taxes=taxes,
        withholdings=_by_rate([line.withholdings for line in lines if line.withholdings]),
    )


def _taxable(taxes: tuple[TaxAmount, ...]) -> Decimal:
    """Of a line only the base of its first tax, at each rate that it has of it, 0 for a nominal tax without a base:
    DIAN's official example of the health taxes adds up in no other way."""
    first = taxes[0]
    if len(taxes) == 1:
        return first.base
    return sum([tax.base for tax in taxes if tax.code == first.code], ZERO)


# Each line passes here. A tuple is made without its class's own ``__new__``, and a model's fields are read at once:
# either would else take as long as the arithmetic.
_new = tuple.__new__
_OF_LINE = itemgetter(
    *("quantity", "price", "discount_amount", "discount_percent", "allowance_charges"),
    *("reference_price", "taxes", "withholdings", "paid"),
)
_OF_TAX = itemgetter("code", "base", "name", "percent")


def line_totals(line: Line) -> LineTotals:
    """The totals of one line. Its IVA or INC comes first, since ``totals`` counts the base of the first tax."""
    quantity, price, amount, percent, entries, free, taxed, withheld, paid = _OF_LINE(vars(line))
    gross = net = rounded(quantity * price)
    discount = charge = ZERO
    if amount is not None or percent is not None:
        discount = _own_discount(gross, amount, percent)
        net = gross - discount
    if entries:
        listed, charge = _adjustments(entries)
        discount += listed
        net = gross - discount + charge
    base = net if free is None else rounded(quantity * free.amount)
    taxes: tuple[TaxAmount, ...] = ()
    if paid is not None:
        net, taxes = _within(paid, taxed)
    elif taxed:
        taxes = _several(taxed, base)
    withholdings: tuple[TaxAmount, ...] = ()
    if withheld:
        vat = _amount_of(tax for tax in taxes if tax.code == VAT)
        withholdings = tuple(
            _percentage(w.code, w.percent, None, _held_of(w, vat if w.code == "05" else net))
            for w in withheld
        )
    return _new(LineTotals, (gross, discount, charge, net, taxes, withholdings))


def _held_of(withholding: Withholding, usual: Decimal) -> Decimal:
    return usual if withholding.base is None else rounded(withholding.base)


def _within(paid: Decimal, taxed: Sequence[Tax]) -> tuple[Decimal, tuple[TaxAmount, ...]]:
    """What a line is worth before its taxes, and these, that together come to what is paid. The tax of the highest
    rate takes the cent by which no base of two decimals and its rounded tax make that amount."""
    net = rounded(without_taxes(paid, taxed))
    taxes = list(_several(taxed, net))
    rest = rounded(paid) - net - _amount_of(taxes)
    if rest:
        n = max(range(len(taxes)), key=lambda n: _rate_of(taxes[n].code, taxes[n].percent or ZERO))
        taxes[n] = taxes[n]._replace(amount=taxes[n].amount + rest)
    return net, tuple(taxes)


def without_taxes(paid: Decimal, taxed: Sequence[Tax]) -> Decimal:
    """What an amount is before the taxes that are within it, not rounded: those on units or on a base of their own
    are taken off it, and what remains is divided by 1 + the rates of the others."""
    apart = _amount_of(_tax(tax, ZERO) for tax in taxed if tax.percent is None or tax.base is not None)
    rates = [_rate_of(tax.code, tax.percent) for tax in taxed if tax.percent is not None and tax.base is None]
    return (paid - apart) * HUNDRED / (HUNDRED + sum(rates))


def of_rate(tax: TaxAmount) -> Decimal:
    """What a tax in per cent of its base comes to."""
    return share(tax.base, _rate_of(tax.code, tax.percent or ZERO))


def _rate_of(code: str, percent: Decimal) -> Decimal:
    """A tax's rate in per cent."""
    return percent / 10 if code in PER_MIL else percent


def own_discount(line: Line) -> Decimal:
    """The discount that a line states as an amount or a percentage of itself."""
    return _own_discount(rounded(line.quantity * line.price), line.discount_amount, line.discount_percent)


def _own_discount(gross: Decimal, amount: Decimal | None, percent: Decimal | None) -> Decimal:
    return share(gross, percent or ZERO) if amount is None else rounded(amount)


def _adjustments(entries: Iterable[AllowanceCharge]) -> tuple[Decimal, Decimal]:
    """What the discounts come to, and the charges."""
    sums = {False: ZERO, True: ZERO}
    for entry in entries:
        sums[entry.is_charge] += rounded(entry.amount)
    return sums[False], sums[True]


def _amount_of(taxes: Iterable[TaxAmount]) -> Decimal:
    return sum([tax.amount for tax in taxes], ZERO)


def _several(taxed: Sequence[Tax], base: Decimal) -> tuple[TaxAmount, ...]:
    if len(taxed) == 1:
        return (_tax(taxed[0], base),)
    return tuple(_tax(tax, base) for tax in sorted(taxed, key=lambda tax: tax.code not in (VAT, "04")))


def _tax(tax: Tax, taxable: Decimal) -> TaxAmount:
    code, stated, name, percent = _OF_TAX(vars(tax))
    if stated is not None:
        stated = taxable = rounded(stated)
    if percent is not None:
        return _percentage(code, percent, name, taxable)
    per_unit_amount, base_units = tax.per_unit_amount, tax.base_units
    amount = (per_unit_amount or ZERO) * (base_units or ZERO)
    if code == "34":  # IBUA is an amount for each 100 ml (annex 13.3.11)
        amount /= HUNDRED
    return TaxAmount(code, None, name, per_unit_amount, tax.unit, stated or ZERO, rounded(amount), base_units)


def _percentage(code: str, percent: Decimal, name: str | None, base: Decimal) -> TaxAmount:
    amount = share(base, _rate_of(code, percent))
    return _new(TaxAmount, (code, percent, name, None, None, base, amount, None))


def _by_rate(of_lines: Iterable[tuple[TaxAmount, ...]]) -> tuple[TaxAmount, ...]:
    """One entry for each code and rate, in order of first appearance."""
    alike: dict[tuple[object, ...], list[TaxAmount]] = {}
    for taxes in of_lines:
        for tax in taxes:
            found = alike.get(tax[:5])
            if found is None:
                alike[tax[:5]] = [tax]
            else:
                found.append(tax)
    return tuple(map(_sum, alike.values()))


def _sum(alike: list[TaxAmount]) -> TaxAmount:
    """One amount of several with the same rate."""
    first, *others = alike
    if not others:
        return first
    units = first.base_units
    if units is not None:
        units = sum([tax.base_units for tax in others if tax.base_units is not None], units)
    return first._replace(
        base=sum([tax.base for tax in others], first.base),
        amount=sum([tax.amount for tax in others], first.amount),
        base_units=units,
    )
