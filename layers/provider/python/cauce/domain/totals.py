"""What a document adds up to. Pure arithmetic on ``Decimal``; each line is rounded first, then summed.

Source: Anexo Técnico 1.9, rules FAV06 (line), FAS07 (tax), FAU02 to FAU14 (totals); withholdings never enter
the payable amount (11.9.1).
"""

from collections.abc import Iterable
from decimal import Decimal

from cauce.domain.catalogs import PER_MIL, VAT
from cauce.domain.document import AllowanceCharge, Document, Line, Tax, Value
from cauce.domain.money import HUNDRED, ZERO, rounded, share

TOLERANCE = Decimal(2)
"""How far a total may be from what its parts come to, in pesos (annex 1.9, 5.2.1.1)."""


class TaxAmount(Value):
    """A tax or withholding, its base and its amount. ``percent`` is absent on nominal taxes (so much a unit)."""

    code: str
    percent: Decimal | None
    base: Decimal
    """0 for a nominal tax without a stated base: it is taken on units."""
    amount: Decimal
    name: str | None = None
    per_unit_amount: Decimal | None = None
    """Of a nominal tax, which is taken on ``base_units``, counted in ``unit``."""
    base_units: Decimal | None = None
    unit: str | None = None

    @property
    def rate(self) -> tuple[object, ...]:
        """Two amounts with the same rate are added up."""
        return (self.code, self.percent, self.per_unit_amount, self.unit, self.name)


class LineTotals(Value):
    """One line: quantity × price, its discounts and charges, what remains, and the taxes on that."""

    gross: Decimal
    discount: Decimal
    charge: Decimal = ZERO
    net: Decimal
    taxes: tuple[TaxAmount, ...]
    withholdings: tuple[TaxAmount, ...]

    @property
    def with_taxes(self) -> Decimal:
        return self.net + _amount_of(self.taxes)


class Totals(Value):
    """The document: UBL's LegalMonetaryTotal, and its taxes and withholdings by code and rate."""

    lines: tuple[LineTotals, ...]
    line_extension: Decimal
    tax_exclusive: Decimal
    tax_inclusive: Decimal
    allowance: Decimal
    charge: Decimal
    prepaid: Decimal = ZERO
    """Informative: it is not taken off ``payable`` (annex 1.9, 11.9.2)."""
    payable: Decimal
    taxes: tuple[TaxAmount, ...]
    withholdings: tuple[TaxAmount, ...]

    @property
    def tax(self) -> Decimal:
        return _amount_of(self.taxes)

    def tax_of(self, code: str) -> Decimal:
        """What the document owes of one tax, every rate together."""
        return _amount_of(tax for tax in self.taxes if tax.code == code)


class Amounts(Value):
    """The amounts of a document that its record keeps and our answers show.

    ``subtotal`` + ``tax`` − ``allowance`` + ``charge`` is ``payable``; ``vat`` is the IVA within ``tax``.
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
    """The totals of a document, from its lines up."""
    lines = tuple(line_totals(line) for line in document.lines)
    line_extension = sum((line.net for line in lines), ZERO)
    taxes = _by_rate(tax for line in lines for tax in line.taxes)
    tax_inclusive = line_extension + _amount_of(taxes)
    allowance, charge = _adjustments(document.allowance_charges)
    return Totals(
        lines=lines,
        line_extension=line_extension,
        # Of each line only the base of its first tax, 0 for a nominal tax without a base: DIAN's official example of
        # the health taxes adds up in no other way.
        tax_exclusive=sum((line.taxes[0].base for line in lines if line.taxes), ZERO),
        tax_inclusive=tax_inclusive,
        allowance=allowance,
        charge=charge,
        prepaid=sum((rounded(p.amount) for p in document.prepayments), ZERO),
        payable=tax_inclusive - allowance + charge,
        taxes=taxes,
        withholdings=_by_rate(tax for line in lines for tax in line.withholdings),
    )


def line_totals(line: Line) -> LineTotals:
    """The totals of one line. Its IVA or INC comes first, since ``totals`` counts the base of the first tax."""
    gross = rounded(line.quantity * line.price)
    listed, charge = _adjustments(line.allowance_charges)
    discount = own_discount(line) + listed
    net = gross - discount + charge
    free = line.reference_price
    base = net if free is None else rounded(line.quantity * free.amount)
    taxes = tuple(_tax(tax, base) for tax in sorted(line.taxes, key=lambda tax: tax.code not in (VAT, "04")))
    vat = _amount_of(tax for tax in taxes if tax.code == VAT)
    withholdings = tuple(
        _percentage(w.code, w.percent, vat if w.code == "05" else net) for w in line.withholdings
    )
    return LineTotals(
        gross=gross, discount=discount, charge=charge, net=net, taxes=taxes, withholdings=withholdings
    )


def own_discount(line: Line) -> Decimal:
    """The discount that a line states as an amount or a percentage of itself."""
    if line.discount_amount is not None:
        return rounded(line.discount_amount)
    return share(rounded(line.quantity * line.price), line.discount_percent or ZERO)


def _adjustments(entries: Iterable[AllowanceCharge]) -> tuple[Decimal, Decimal]:
    """What the discounts come to, and the charges."""
    sums = {False: ZERO, True: ZERO}
    for entry in entries:
        sums[entry.is_charge] += rounded(entry.amount)
    return sums[False], sums[True]


def _amount_of(taxes: Iterable[TaxAmount]) -> Decimal:
    return sum((tax.amount for tax in taxes), ZERO)


def _tax(tax: Tax, taxable: Decimal) -> TaxAmount:
    stated = None if tax.base is None else rounded(tax.base)
    if tax.percent is not None:
        return _percentage(tax.code, tax.percent, taxable if stated is None else stated, tax.name)
    amount = (tax.per_unit_amount or ZERO) * (tax.base_units or ZERO)
    if tax.code == "34":  # IBUA is an amount for each 100 ml (annex 13.3.11)
        amount /= HUNDRED
    return TaxAmount(
        code=tax.code,
        percent=None,
        base=stated or ZERO,
        amount=rounded(amount),
        name=tax.name,
        per_unit_amount=tax.per_unit_amount,
        base_units=tax.base_units,
        unit=tax.unit,
    )


def _percentage(code: str, percent: Decimal, base: Decimal, name: str | None = None) -> TaxAmount:
    effective = percent / 10 if code in PER_MIL else percent
    return TaxAmount(code=code, percent=percent, base=base, amount=share(base, effective), name=name)


def _by_rate(taxes: Iterable[TaxAmount]) -> tuple[TaxAmount, ...]:
    """One entry for each code and rate, in order of first appearance."""
    merged: dict[tuple[object, ...], TaxAmount] = {}
    for tax in taxes:
        seen = merged.get(tax.rate)
        merged[tax.rate] = tax if seen is None else _sum(seen, tax)
    return tuple(merged.values())


def _sum(one: TaxAmount, other: TaxAmount) -> TaxAmount:
    added: dict[str, Decimal] = {"base": one.base + other.base, "amount": one.amount + other.amount}
    if one.base_units is not None and other.base_units is not None:
        added["base_units"] = one.base_units + other.base_units
    return one.model_copy(update=added)
