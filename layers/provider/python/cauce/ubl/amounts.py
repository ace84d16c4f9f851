"""Amounts, and what is made of them: taxes, withholdings, discounts and charges, of a line or of the whole document.

``money`` is the currency as an attribute's value. The amounts of ``domain.totals`` have their two decimals already:
they are written as they are (``!s``, the quickest way).

Source: Anexo Técnico 1.9, groups FAQ, FAS, FAT, FAX, FAY and section 13.3.11.
"""

from decimal import Decimal
from functools import lru_cache

from cauce.domain.catalogs import TAXES, WITHHOLDINGS
from cauce.domain.document import AllowanceCharge, Line
from cauce.domain.money import HUNDRED, ZERO, rounded
from cauce.domain.totals import LineTotals, TaxAmount, own_discount
from cauce.ubl.canonical import maybe, text, value

_LINE_DISCOUNT = "Descuento"


def amount(number: Decimal) -> str:
    """Money: two decimals."""
    said = str(number)
    return said if said[-3:-2] == "." else f"{rounded(number):f}"


def decimals(number: Decimal) -> str:
    """The number with the decimals it has, two at least. A rate must have two: «19» is refused (FAX14)."""
    said = str(number)
    if said.isdecimal():
        return said + ".00"
    if said[-3:-2] == ".":
        return said
    whole, _, fraction = (f"{number:f}" if "E" in said else said).partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"


# ── Taxes and withholdings: one group for each tax, one entry for each rate ─────────────────────────


def tax_totals(taxes: tuple[TaxAmount, ...], money: str) -> str:
    """TaxTotal elements, one for each tax; an excluded good has none."""
    return _totals("cac:TaxTotal", taxes, money)


def withholding_totals(withholdings: tuple[TaxAmount, ...], money: str) -> str:
    return _totals("cac:WithholdingTaxTotal", withholdings, money)


def _totals(tag: str, taxes: tuple[TaxAmount, ...], money: str) -> str:
    if len(taxes) == 1:  # as nearly every line has
        said = str(taxes[0].amount)
        return _total(tag, said, _subtotal(taxes[0], said, money), money)
    by_code: dict[str, list[TaxAmount]] = {}
    for tax in taxes:
        by_code.setdefault(tax.code, []).append(tax)
    return "".join(
        [
            _total(
                tag,
                str(sum([rate.amount for rate in rates], ZERO)),
                "".join([_subtotal(rate, str(rate.amount), money) for rate in rates]),
                money,
            )
            for rates in by_code.values()
        ]
    )


def _total(tag: str, said: str, subtotals: str, money: str) -> str:
    """``said``: the amount of one tax at all its rates, written."""
    return f'<{tag}><cbc:TaxAmount currencyID="{money}">{said}</cbc:TaxAmount>{subtotals}</{tag}>'


def _subtotal(tax: TaxAmount, said: str, money: str) -> str:
    """``said``: the tax's amount, written."""
    if tax.percent is None:
        return _nominal(tax, money)
    # ICA and ReteICA are written per thousand, as they are stated.
    return (
        "<cac:TaxSubtotal>"
        f'<cbc:TaxableAmount currencyID="{money}">{tax.base!s}</cbc:TaxableAmount>'
        f'<cbc:TaxAmount currencyID="{money}">{said}</cbc:TaxAmount>'
        f"{_category(tax.code, tax.name, tax.percent)}"
        "</cac:TaxSubtotal>"
    )


@lru_cache(maxsize=256)
def _category(code: str, name: str | None, percent: Decimal) -> str:
    """Written once for each rate."""
    return (
        "<cac:TaxCategory>"
        f"<cbc:Percent>{decimals(percent)}</cbc:Percent>"
        f"{_scheme(code, name) if name else _SCHEMES[code]}"
        "</cac:TaxCategory>"
    )


def _nominal(tax: TaxAmount, money: str) -> str:
    assert tax.per_unit_amount is not None and tax.base_units is not None and tax.unit is not None
    base = f'<cbc:TaxableAmount currencyID="{money}">{tax.base!s}</cbc:TaxableAmount>'
    return (
        "<cac:TaxSubtotal>"
        f"{base if tax.base else ''}"
        f'<cbc:TaxAmount currencyID="{money}">{tax.amount!s}</cbc:TaxAmount>'
        f'<cbc:BaseUnitMeasure unitCode="{value(tax.unit)}">{decimals(tax.base_units)}</cbc:BaseUnitMeasure>'
        f'<cbc:PerUnitAmount currencyID="{money}">{decimals(tax.per_unit_amount)}</cbc:PerUnitAmount>'
        "<cac:TaxCategory>"
        f"{_scheme(tax.code, tax.name) if tax.name else _SCHEMES[tax.code]}"
        "</cac:TaxCategory>"
        "</cac:TaxSubtotal>"
    )


def _scheme(code: str, name: str) -> str:
    return f"<cac:TaxScheme><cbc:ID>{text(code)}</cbc:ID><cbc:Name>{text(name)}</cbc:Name></cac:TaxScheme>"


_SCHEMES = {code: _scheme(code, name) for code, name in {**TAXES, **WITHHOLDINGS}.items()}


# ── Discounts and charges ─────────────────────────────────────────────────────────────────────────


def adjustments(entries: tuple[AllowanceCharge, ...], base: Decimal, money: str, first: int = 1) -> str:
    """AllowanceCharge elements, numbered from ``first``. ``base``: the base amount of the entries that state none."""
    if not entries:
        return ""
    return "".join(
        [
            _adjustment(
                n,
                is_charge=entry.is_charge,
                code=entry.reason_code,
                reason=entry.reason,
                percent=entry.percent,
                figure=entry.amount,
                base=base if entry.base_amount is None else entry.base_amount,
                money=money,
            )
            for n, entry in enumerate(entries, first)
        ]
    )


def adjustments_of_line(line: Line, sums: LineTotals, money: str) -> str:
    """AllowanceCharge elements of a line, its own discount first. On a line they need no reason code."""
    gross = sums.gross
    own = own_discount(line) if line.discount_percent or line.discount_amount else ZERO
    if not own:
        return adjustments(line.allowance_charges, gross, money)
    discount = _adjustment(
        1,
        is_charge=False,
        code="",
        reason=_LINE_DISCOUNT,
        percent=line.discount_percent,
        figure=own,
        base=gross,
        money=money,
    )
    return discount + adjustments(line.allowance_charges, gross, money, 2)


def _adjustment(
    n: int,
    *,
    is_charge: bool,
    code: str,
    reason: str,
    percent: Decimal | None,
    figure: Decimal,
    base: Decimal,
    money: str,
) -> str:
    # DIAN requires a percentage (FAX05), also on a line of value 0: the entry is then 100 % of itself.
    base = base or figure
    if percent is None and base:
        percent = rounded(figure * HUNDRED / base)
    return (
        "<cac:AllowanceCharge>"
        f"<cbc:ID>{n}</cbc:ID>"
        f"<cbc:ChargeIndicator>{'true' if is_charge else 'false'}</cbc:ChargeIndicator>"
        f"{maybe('cbc:AllowanceChargeReasonCode', code)}"
        f"{maybe('cbc:AllowanceChargeReason', reason)}"
        f"{maybe('cbc:MultiplierFactorNumeric', None if percent is None else decimals(percent))}"
        f'<cbc:Amount currencyID="{money}">{amount(figure)}</cbc:Amount>'
        f'<cbc:BaseAmount currencyID="{money}">{amount(base)}</cbc:BaseAmount>'
        "</cac:AllowanceCharge>"
    )
