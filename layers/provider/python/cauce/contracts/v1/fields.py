"""The kinds of field in the contract: each reads one JSON value strictly, or says what it should be.

A refusal is a predicate («debe ser un número»); ``sentences`` puts the field's name before it. Text is
stripped; an empty optional field is an absent one. Numbers are ``Decimal`` from the first, without trailing
zeros, so that 50000, 50000.00 and "50000" are one value.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from cauce.contracts.v1.bodies import UNWRITABLE

REFUSED, REQUIRED = "cauce_refused", "cauce_required"

# The limits of the domain's Amount and Percent, checked here too so that the refusal names the field.
AMOUNT_LIMIT = Decimal(10) ** 12
QUANTITY_LIMIT = Decimal(10) ** 10
AMOUNT_PLACES, PERCENT_PLACES = 6, 4

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_COMMA = re.compile(r"[+-]?[0-9.]*,[0-9]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"([0-9]{2}:[0-9]{2}:[0-9]{2})(-05:00)?")
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


def refused(predicate: str) -> PydanticCustomError:
    return PydanticCustomError(REFUSED, "{predicate}", {"predicate": predicate})


def reading(read: Callable[[Any], Any], *, optional: bool) -> BeforeValidator:
    """A validator. An absent or empty value is ``None`` if ``optional``, else refused; any other goes to ``read``."""

    def checked(value: Any) -> Any:
        if value is None or (isinstance(value, str) and not value.strip()):
            if optional:
                return None
            raise PydanticCustomError(REQUIRED, "required")
        return read(value)

    return BeforeValidator(checked)


def text(
    longest: int,
    *,
    optional: bool = False,
    pattern: str | None = None,
    like: str = "",
    many_lines: bool = False,
) -> BeforeValidator:
    """Text of at most ``longest`` characters; ``like`` is the predicate when ``pattern`` does not match."""
    shape = re.compile(pattern) if pattern else None

    def read(value: Any) -> str:
        found = written(value, many_lines=many_lines)
        if len(found) > longest:
            raise refused(f"admite máximo {longest} caracteres")
        if shape and not shape.fullmatch(found):
            raise refused(like)
        return found

    return reading(read, optional=optional)


def written(value: Any, *, many_lines: bool = False) -> str:
    """A string that XML can carry, stripped."""
    if not isinstance(value, str):
        raise refused("debe ser un texto entre comillas")
    found = value.strip()
    if UNWRITABLE.search(found):
        raise refused("contiene caracteres de control o que no son Unicode válido")
    if many_lines:
        return found.replace("\r\n", "\n").replace("\r", "\n")
    if not found.isprintable() and re.search(r"[\t\n\r\v\f\u2028\u2029]", found):
        raise refused("no admite saltos de línea ni tabulaciones")
    return found


def code(
    table: Callable[[], Mapping[str, str]], *, optional: bool = False, integer: bool = False, like: str = ""
) -> BeforeValidator:
    """A code of a DIAN table. ``integer``: codes without leading zeros may also come as a JSON number."""

    def read(value: Any) -> str:
        known = table()
        if integer and isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1000:
            value = str(value)
        if isinstance(value, str) and value.strip() in known:
            return value.strip()
        if not isinstance(value, str) and not integer:
            raise refused("debe ser un texto entre comillas, para conservar los ceros a la izquierda")
        raise refused(like or f"debe ser uno de estos códigos: {', '.join(known)}")

    return reading(read, optional=optional)


def amount(
    *,
    optional: bool = False,
    positive: bool = False,
    below: Decimal = AMOUNT_LIMIT,
    places: int = AMOUNT_PLACES,
) -> BeforeValidator:
    """A quantity or an amount of money, as a JSON number or as text with a decimal point."""

    def read(value: Any) -> Decimal:
        number = decimal(value, "debe ser un número")
        if number < 0 or (positive and number == 0):
            raise refused("debe ser mayor que 0" if positive else "no puede ser menor que 0")
        if number >= below:
            raise refused(f"debe ser menor que {below:f}")
        return _exact(number, places)

    return reading(read, optional=optional)


def whole(value: Any) -> int:
    """The first or last number of a range; for ``reading``."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < 10**10:
        raise refused("debe ser un número entero entre 1 y 9999999999")
    return value


def percent(*, optional: bool = False) -> BeforeValidator:
    """A percentage from 0 to 100, 19 meaning 19 %."""

    def read(value: Any) -> Decimal:
        like = "debe ser un número entre 0 y 100"
        number = decimal(value, like)
        if not 0 <= number <= 100:
            raise refused(like)
        return _exact(number, PERCENT_PLACES)

    return reading(read, optional=optional)


def decimal(value: Any, like: str) -> Decimal:
    """The number as written, whatever its size; ``like``: the predicate for a value that is no number."""
    if isinstance(value, str):
        written_number = value.strip()
        if _COMMA.fullmatch(written_number):
            raise refused("usa coma decimal: escriba 19000.50, con punto y sin separador de miles")
        if not _NUMBER.fullmatch(written_number):
            raise refused(like)
        return Decimal(written_number)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise refused(like)
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise refused(like)
    return number


def _exact(number: Decimal, places: int) -> Decimal:
    """The same number without zeros after its last digit; refused where it has more decimals than ``places``.

    Digit by digit, because Decimal's own arithmetic would round a long tail to 28 digits.
    """
    digits = number.as_tuple().digits
    exponent = number.adjusted() - len(digits) + 1
    zeros = 0
    while zeros < len(digits) - 1 and digits[-1 - zeros] == 0:
        zeros += 1
    if not any(digits):
        return Decimal(0)
    if exponent + zeros < -places:
        raise refused(f"admite máximo {places} decimales")
    significant = Decimal((0, digits[: len(digits) - zeros], exponent + zeros))
    return Decimal(f"{significant:f}")


def day(*, optional: bool = False) -> BeforeValidator:
    """A date, YYYY-MM-DD."""

    def read(value: Any) -> date:
        return read_date(value)

    return reading(read, optional=optional)


def read_date(value: Any) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value.strip()):
        raise refused("debe tener el formato AAAA-MM-DD, como 2026-05-10")
    try:
        found = date.fromisoformat(value.strip())
    except ValueError:
        raise refused("no existe en el calendario") from None
    if not _FIRST_YEAR <= found.year < _LAST_YEAR:
        raise refused(f"debe estar entre los años {_FIRST_YEAR} y {_LAST_YEAR - 1}")
    return found


def clock(*, optional: bool = False) -> BeforeValidator:
    """A time of day in Bogotá, HH:mm:ss-05:00; the offset may be left out."""

    def read(value: Any) -> time:
        found = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
        try:
            if found:
                return time.fromisoformat(found[1])
        except ValueError:
            pass
        raise refused("debe tener el formato HH:mm:ss-05:00, en la hora de Bogotá")

    return reading(read, optional=optional)


def boolean(*, optional: bool = False) -> BeforeValidator:
    def read(value: Any) -> bool:
        if not isinstance(value, bool):
            raise refused("debe ser true o false")
        return value

    return reading(read, optional=optional)


def listed(value: Any) -> Any:
    """An optional list: null is an empty one."""
    return () if value is None else value
