"""How values are written: amounts, quantities, percentages, identifications."""

from datetime import date
from decimal import Decimal

from cauce.domain import nit
from cauce.domain.catalogs import NIT
from cauce.domain.money import rounded, scale
from cauce.ubl.canonical import Element, leaf

AGENCY = {
    "schemeAgencyID": "195",
    "schemeAgencyName": "CO, DIAN (Dirección de Impuestos y Aduanas Nacionales)",
}
"""The attributes that name the keeper of the register of identifications: DIAN."""


def amount(tag: str, value: Decimal, currency: str) -> Element:
    """Money with two decimals, and its currency."""
    return leaf(tag, f"{rounded(value):f}", currencyID=currency)


def price(tag: str, value: Decimal, currency: str) -> Element:
    """A unit price: two decimals, or up to six where it has more."""
    return leaf(tag, decimals(value), currencyID=currency)


def quantity(tag: str, value: Decimal, unit: str) -> Element:
    return leaf(tag, decimals(value), unitCode=unit)


def day(tag: str, value: date | None) -> Element | None:
    return None if value is None else leaf(tag, value.isoformat())


def decimals(value: Decimal) -> str:
    """The number with the decimals it has, two at least. A rate must have two: «19» is refused (FAX14)."""
    return f"{rounded(value, max(2, scale(value))):f}"


def identification(tag: str, kind: str, number: str, check_digit: str | None, **attributes: str) -> Element:
    """An identification with its kind; a NIT also has its check digit beside it, never inside."""
    digit = {"schemeID": check_digit or nit.check_digit(number)} if kind == NIT else {}
    return leaf(tag, number, **AGENCY, **digit, **attributes, schemeName=kind)
