"""Taxes and withholdings, of a line or of the whole document: one group for each tax, one entry for each rate.

Source: Anexo Técnico 1.9, groups FAS, FAT, FAX, FAY and section 13.3.11.
"""

from cauce.domain.catalogs import TAXES, WITHHOLDINGS
from cauce.domain.money import ZERO
from cauce.domain.totals import TaxAmount
from cauce.ubl.canonical import Element, group, leaf
from cauce.ubl.values import amount, decimals, price, quantity

_NAMES = {**TAXES, **WITHHOLDINGS}


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
