"""Figures as Colombians write them: a point between thousands, a comma before decimals; and amounts in words, as
invoices state them beside the figures."""

from datetime import date, datetime
from decimal import Decimal

from cauce.domain.catalogs import PER_MIL, currencies, units
from cauce.domain.money import plain, rounded, scale, truncated
from cauce.domain.time import bogota

_SWAPPED = str.maketrans(",.", ".,")
_GROUPED_IDENTIFICATIONS = frozenset({"13", "31"})
_MOST_DIGITS = 20
"""Of an identification; more are none, and are shown as they are."""
NO_BREAK = "\u00a0"

# fmt: off
_UNITS = (
    "cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve",
    "diez", "once", "doce", "trece", "catorce", "quince", "dieciséis", "diecisiete", "dieciocho", "diecinueve",
    "veinte", "veintiuno", "veintidós", "veintitrés", "veinticuatro", "veinticinco", "veintiséis", "veintisiete",
    "veintiocho", "veintinueve",
)
_TENS = ("treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa")
_HUNDREDS = (
    "ciento", "doscientos", "trescientos", "cuatrocientos", "quinientos", "seiscientos", "setecientos", "ochocientos",
    "novecientos",
)
# fmt: on
# Every six digits have a name in Spanish; a billón is a million millions.
_MILLIONS = (("millón", "millones"), ("billón", "billones"), ("trillón", "trillones"))
_LIMIT = 10**24

# The currencies of most documents; any other is written as its code, because no table has its plural.
_CURRENCIES = {
    "COP": ("peso colombiano", "pesos colombianos"),
    "EUR": ("euro", "euros"),
    "USD": ("dólar estadounidense", "dólares estadounidenses"),
}


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
    is_number = number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS
    grouped = is_number and type_code in _GROUPED_IDENTIFICATIONS
    text = f"{int(number):,}".translate(_SWAPPED) if grouped and not number.startswith("0") else number
    return f"{text}-{check_digit}" if check_digit else text


def in_words(value: Decimal, currency: str) -> str:
    """``Mil doscientos pesos colombianos con 50/100``. Raises ValueError below zero and from 10^24 on."""
    whole = int(truncated(value, 0))
    cents = int(truncated(value * 100, 0)) - whole * 100
    if currency in _CURRENCIES:
        name = _CURRENCIES[currency][0 if whole == 1 else 1]
        said = _apocopated(number_in_words(whole))
        # «Un millón de pesos», but «un millón mil pesos».
        joint = " de " if said.endswith(("llón", "llones")) else " "
        text = f"{said}{joint}{name} con {cents:02}/100"
    else:
        name = currencies().get(currency, "")
        text = f"{number_in_words(whole)} con {cents:02}/100 {currency}{f' ({name})' if name else ''}"
    return text[0].upper() + text[1:]


def number_in_words(value: int) -> str:
    """A whole number in words: ``veintiún mil ciento uno``. Raises ValueError below zero and from 10^24 on."""
    if not 0 <= value < _LIMIT:
        raise ValueError("numbers are said from zero to below 10^24")
    if value == 0:
        return _UNITS[0]
    parts, groups = [], value
    for power in range(len(_MILLIONS) + 1):
        groups, group = divmod(groups, 10**6)
        if group == 0:
            continue
        said = _below_a_million(group)
        if power:
            names = _MILLIONS[power - 1]
            said = f"{_apocopated(said)} {names[0 if group == 1 else 1]}"
        parts.append(said)
    return " ".join(reversed(parts))


def _below_a_million(value: int) -> str:
    thousands, rest = divmod(value, 1000)
    parts = []
    if thousands == 1:
        parts.append("mil")
    elif thousands:
        parts.append(f"{_apocopated(_below_a_thousand(thousands))} mil")
    if rest:
        parts.append(_below_a_thousand(rest))
    return " ".join(parts)


def _below_a_thousand(value: int) -> str:
    if value == 100:
        return "cien"
    hundreds, rest = divmod(value, 100)
    parts = [_HUNDREDS[hundreds - 1]] if hundreds else []
    if rest >= 30:
        tens, ones = divmod(rest, 10)
        parts.append(_TENS[tens - 3] + (f" y {_UNITS[ones]}" if ones else ""))
    elif rest:
        parts.append(_UNITS[rest])
    return " ".join(parts)


def _apocopated(said: str) -> str:
    """Before a noun «uno» loses its ending: «veintiún pesos», «un mil»."""
    if said.endswith("veintiuno"):
        return said.removesuffix("veintiuno") + "veintiún"
    return said.removesuffix("o") if said.endswith("uno") else said
