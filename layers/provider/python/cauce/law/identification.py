"""Numbers that are not what their type says."""

from collections.abc import Iterator

from cauce.domain.catalogs import FINAL_CONSUMER
from cauce.domain.nit import check_digit

_NIT = "31"


def breaches(whose: str, identification_type: str, number: str) -> Iterator[tuple[str, str]]:
    """The field and what to do about it, of the party at the path ``whose``."""
    if identification_type != _NIT:
        return
    if number == FINAL_CONSUMER:
        yield f"{whose}.tipo_documento", "El consumidor final se identifica con el tipo 13, no con 31 (NIT)."
    elif _has_check_digit(number):
        yield (
            f"{whose}.numero_documento",
            f"Parece incluir el dígito de verificación {number[-1]}: envíe {number[:-1]}, sin él.",
        )


def _has_check_digit(number: str) -> bool:
    """A company's NIT is nine digits and begins with 8 or 9; ten that begin with 1 are a person's cédula."""
    if len(number) != 10 or not (number.isascii() and number.isdigit()) or number[0] not in "89":
        return False
    return check_digit(number[:-1]) == number[-1]
