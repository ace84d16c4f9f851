"""Figures as Colombians write them: a point between thousands, a comma before decimals."""

from datetime import date, datetime
from decimal import Decimal

from cauce.domain.catalogs import PER_MIL, units
from cauce.domain.money import plain, rounded, scale
from cauce.domain.time import bogota

_SWAPPED = str.maketrans(",.", ".,")
_GROUPED_IDENTIFICATIONS = frozenset({"13", "31"})
NO_BREAK = "\u00a0"


def money(amount: Decimal) -> str:
    """``1.785.000,00``: two decimals, always."""
    return f"{rounded(amount):,f}".translate(_SWAPPED)


def price(amount: Decimal) -> str:
    """As ``money``, with more decimals where the price has them: ``1.250,125``."""
    return f"{rounded(amount, max(2, scale(amount))):,f}".translate(_SWAPPED)


def quantity(amount: Decimal) -> str:
    """``1.200`` or ``0,5``: no decimals but its own."""
    return f"{rounded(amount, scale(amount)):,f}".translate(_SWAPPED)


def rate(code: str, percent: Decimal) -> str:
    """``19 %``; ICA and ReteICA per thousand: ``9,66 ‰``."""
    sign = "‰" if code in PER_MIL else "%"
    return f"{plain(percent).translate(_SWAPPED)}{NO_BREAK}{sign}"


def unit(code: str) -> str:
    return units().get(code, code)


def day(when: date) -> str:
    return when.isoformat()


def moment(when: datetime) -> str:
    """``2026-05-10 15:30:05``, in Bogotá."""
    return f"{bogota(when):%Y-%m-%d %H:%M:%S}"


def identification(type_code: str, number: str, check_digit: str | None) -> str:
    """``901.724.254-8``: a NIT or a cédula with points, any other as it is."""
    grouped = type_code in _GROUPED_IDENTIFICATIONS and number.isascii() and number.isdigit()
    text = f"{int(number):,}".translate(_SWAPPED) if grouped and not number.startswith("0") else number
    return f"{text}-{check_digit}" if check_digit else text
