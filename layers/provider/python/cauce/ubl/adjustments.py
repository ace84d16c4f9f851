"""Discounts and charges, of a line or of the whole document."""

from decimal import Decimal

from cauce.domain.document import AllowanceCharge, Line
from cauce.domain.money import HUNDRED, rounded
from cauce.domain.totals import own_discount
from cauce.ubl.canonical import Element, group, leaf, maybe
from cauce.ubl.values import amount, decimals

_LINE_DISCOUNT = "Descuento"


def of_document(entries: tuple[AllowanceCharge, ...], base: Decimal, currency: str) -> list[Element]:
    """AllowanceCharge elements, numbered from 1. ``base``: the base amount of the entries that state none."""
    return [_entry(n, entry, base, currency) for n, entry in enumerate(entries, start=1)]


def of_line(line: Line, gross: Decimal, currency: str) -> list[Element]:
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
    return of_document(entries, gross, currency)


def _entry(n: int, entry: AllowanceCharge, base: Decimal, currency: str) -> Element:
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
