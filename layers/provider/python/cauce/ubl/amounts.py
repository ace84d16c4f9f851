"""Amounts, and what is made of them: taxes, withholdings, discounts and charges, of a line or of the whole document.

Source: Anexo Técnico 1.9, groups FAQ, FAS, FAT, FAX, FAY and section 13.3.11.
"""

from decimal import Decimal

from cauce.domain.catalogs import TAXES, WITHHOLDINGS
from cauce.domain.document import AllowanceCharge, Line
from cauce.domain.money import HUNDRED, ZERO, rounded, scale
from cauce.domain.totals import TaxAmount, own_discount
from cauce.ubl.canonical import Element, group, leaf, maybe

_NAMES = {**TAXES, **WITHHOLDINGS}
_LINE_DISCOUNT = "Descuento"


def amount(tag: str, value: Decimal, currency: str) -> Element:
    """Money with two decimals, and its currency."""
    return leaf(tag, f"{rounded(value):f}", currencyID=currency)


def price(tag: str, value: Decimal, currency: str) -> Element:
    """A unit price: two decimals, or up to six where it has more."""
    return leaf(tag, decimals(value), currencyID=currency)


def quantity(tag: str, value: Decimal, unit: str) -> Element:
    return leaf(tag, decimals(value), unitCode=unit)


def decimals(value: Decimal) -> str:
    """The number with the decimals it has, two at least. A rate must have two: «19» is refused (FAX14)."""
    return f"{rounded(value, max(2, scale(value))):f}"


# ── Taxes and withholdings: one group for each tax, one entry for each rate ─────────────────────────


def tax_totals(taxes: tuple[TaxAmount, ...], currency: str) -> list[Element]:
    """TaxTotal elements, one for each tax; an excluded good has none."""
    return _groups("cac:TaxTotal", taxes, currency)


def withholding_totals(withholdings: tuple[TaxAmount, ...], currency: str) -> list[Element]:
    return _groups("cac:WithholdingTaxTotal", withholdings, currency)


def _groups(tag: str, taxes: tuple[TaxAmount, ...], currency: str) -> list[Element]:
    by_code: dict[str, list[TaxAmount]] = {}
    for tax in taxes:
        by_code.setdefault(tax.code, []).append(tax)
    return [
        group(
            tag,
            amount("cbc:TaxAmount", sum((rate.amount for rate in rates), ZERO), currency),
            *(_subtotal(rate, currency) for rate in rates),
        )
        for rates in by_code.values()
    ]


def _subtotal(tax: TaxAmount, currency: str) -> Element:
    scheme = group("cac:TaxScheme", leaf("cbc:ID", tax.code), leaf("cbc:Name", tax.name or _NAMES[tax.code]))
    taxable = amount("cbc:TaxableAmount", tax.base, currency)
    total = amount("cbc:TaxAmount", tax.amount, currency)
    if tax.percent is not None:
        # ICA and ReteICA are written per thousand, as they are stated.
        rate = group("cac:TaxCategory", leaf("cbc:Percent", decimals(tax.percent)), scheme)
        return group("cac:TaxSubtotal", taxable, total, rate)
    assert tax.per_unit_amount is not None and tax.base_units is not None and tax.unit is not None
    return group(
        "cac:TaxSubtotal",
        taxable if tax.base else None,
        total,
        quantity("cbc:BaseUnitMeasure", tax.base_units, tax.unit),
        price("cbc:PerUnitAmount", tax.per_unit_amount, currency),
        group("cac:TaxCategory", scheme),
    )


# ── Discounts and charges ─────────────────────────────────────────────────────────────────────────


def adjustments(entries: tuple[AllowanceCharge, ...], base: Decimal, currency: str) -> list[Element]:
    """AllowanceCharge elements, numbered from 1. ``base``: the base amount of the entries that state none."""
    return [_adjustment(n, entry, base, currency) for n, entry in enumerate(entries, start=1)]


def adjustments_of_line(line: Line, gross: Decimal, currency: str) -> list[Element]:
    """AllowanceCharge elements of a line, its own discount first. On a line they need no reason code."""
    entries = line.allowance_charges
    own = own_discount(line)
    if own:
        discount = AllowanceCharge(
            is_charge=False,
            reason_code="",
            reason=_LINE_DISCOUNT,
            amount=own,
            percent=line.discount_percent,
        )
        entries = (discount, *entries)
    return adjustments(entries, gross, currency)


def _adjustment(n: int, entry: AllowanceCharge, base: Decimal, currency: str) -> Element:
    if entry.base_amount is not None:
        base = entry.base_amount
    percent = entry.percent
    # DIAN requires a percentage (FAX05), also on a line of value 0: the entry is then 100 % of itself.
    base = base or entry.amount
    if percent is None and base:
        percent = rounded(entry.amount * HUNDRED / base)
    return group(
        "cac:AllowanceCharge",
        leaf("cbc:ID", str(n)),
        leaf("cbc:ChargeIndicator", "true" if entry.is_charge else "false"),
        maybe("cbc:AllowanceChargeReasonCode", entry.reason_code),
        maybe("cbc:AllowanceChargeReason", entry.reason),
        None if percent is None else leaf("cbc:MultiplierFactorNumeric", decimals(percent)),
        amount("cbc:Amount", entry.amount, currency),
        amount("cbc:BaseAmount", base, currency),
    )
