"""What a document adds up to. Pure arithmetic on ``Decimal``; each line is rounded first, then summed.

Source: Anexo Técnico 1.9, rules FAV06 (line), FAS07 (tax), FAU02 to FAU14 (totals); withholdings never enter
the payable amount (11.9.1).
"""

from collections.abc import Iterable
from decimal import Decimal

from cauce.domain.catalogs import PER_MIL, VAT
from cauce.domain.document import Document, Line, Tax, Value
from cauce.domain.money import HUNDRED, ZERO, rounded, share


class TaxAmount(Value):
    """A tax or withholding with its base and what it comes to. ``percent`` is absent on nominal taxes."""

    code: str
    percent: Decimal | None
    base: Decimal
    amount: Decimal


class LineTotals(Value):
    """One line: quantity × price, its discount, what remains, and the taxes on that."""

    gross: Decimal
    discount: Decimal
    net: Decimal
    taxes: tuple[TaxAmount, ...]
    withholdings: tuple[TaxAmount, ...]

    @property
    def with_taxes(self) -> Decimal:
        return self.net + sum((tax.amount for tax in self.taxes), ZERO)


class Totals(Value):
    """The document: UBL's LegalMonetaryTotal, and its taxes and withholdings by code and rate."""

    lines: tuple[LineTotals, ...]
    line_extension: Decimal
    tax_exclusive: Decimal
    tax_inclusive: Decimal
    allowance: Decimal
    charge: Decimal
    payable: Decimal
    taxes: tuple[TaxAmount, ...]
    withholdings: tuple[TaxAmount, ...]

    @property
    def tax(self) -> Decimal:
        return sum((tax.amount for tax in self.taxes), ZERO)

    def tax_of(self, code: str) -> Decimal:
        """What the document owes of one tax, every rate together."""
        return sum((tax.amount for tax in self.taxes if tax.code == code), ZERO)


def totals(document: Document) -> Totals:
    """The totals of a document, from its lines up."""
    lines = tuple(line_totals(line) for line in document.lines)
    line_extension = sum((line.net for line in lines), ZERO)
    taxes = _by_rate(tax for line in lines for tax in line.taxes)
    tax_inclusive = line_extension + sum((tax.amount for tax in taxes), ZERO)
    allowance = sum((rounded(a.amount) for a in document.allowance_charges if not a.is_charge), ZERO)
    charge = sum((rounded(c.amount) for c in document.allowance_charges if c.is_charge), ZERO)
    return Totals(
        lines=lines,
        line_extension=line_extension,
        # Only the first tax of each line counts: the official health-tax example adds up in no other way.
        tax_exclusive=sum((line.taxes[0].base for line in lines if line.taxes), ZERO),
        tax_inclusive=tax_inclusive,
        allowance=allowance,
        charge=charge,
        payable=tax_inclusive - allowance + charge,
        taxes=taxes,
        withholdings=_by_rate(tax for line in lines for tax in line.withholdings),
    )


def line_totals(line: Line) -> LineTotals:
    """The totals of one line; its IVA or INC comes first, as the header's arithmetic expects."""
    gross = rounded(line.quantity * line.price)
    discount = (
        rounded(line.discount_amount)
        if line.discount_amount is not None
        else share(gross, line.discount_percent or ZERO)
    )
    net = gross - discount
    taxes = tuple(_tax(tax, net) for tax in sorted(line.taxes, key=lambda tax: tax.code not in (VAT, "04")))
    vat = sum((tax.amount for tax in taxes if tax.code == VAT), ZERO)
    withholdings = tuple(
        _percentage(w.code, w.percent, vat if w.code == "05" else net) for w in line.withholdings
    )
    return LineTotals(gross=gross, discount=discount, net=net, taxes=taxes, withholdings=withholdings)


def _tax(tax: Tax, net: Decimal) -> TaxAmount:
    if tax.percent is not None:
        return _percentage(tax.code, tax.percent, net)
    amount = (tax.per_unit_amount or ZERO) * (tax.base_units or ZERO)
    if tax.code == "34":  # IBUA is an amount for each 100 ml (annex 13.3.11)
        amount /= HUNDRED
    return TaxAmount(code=tax.code, percent=None, base=net, amount=rounded(amount))


def _percentage(code: str, percent: Decimal, base: Decimal) -> TaxAmount:
    effective = percent / 10 if code in PER_MIL else percent
    return TaxAmount(code=code, percent=percent, base=base, amount=share(base, effective))


def _by_rate(taxes: Iterable[TaxAmount]) -> tuple[TaxAmount, ...]:
    """One entry for each code and rate, in order of first appearance."""
    merged: dict[tuple[str, Decimal | None], TaxAmount] = {}
    for tax in taxes:
        key = (tax.code, tax.percent)
        seen = merged.get(key)
        merged[key] = (
            tax
            if seen is None
            else seen.model_copy(update={"base": seen.base + tax.base, "amount": seen.amount + tax.amount})
        )
    return tuple(merged.values())
