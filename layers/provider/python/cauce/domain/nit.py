"""NIT: the tax number of a Colombian company or person, and its check digit."""

from functools import lru_cache

_WEIGHTS = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71)


def is_nit(text: str) -> bool:
    """Whether a text may be a NIT without its check digit: 1 to 15 digits."""
    return text.isascii() and text.isdigit() and len(text) <= len(_WEIGHTS)


@lru_cache(maxsize=1024)
def check_digit(nit: str) -> str:
    """The DV of a NIT given as digits without it: ``"800197268"`` → ``"4"``.

    Source: DIAN, Orden Administrativa 4 of 1989: weights from the right, modulo 11.
    Raises ValueError where ``nit`` is not 1 to 15 digits.
    """
    if not is_nit(nit):
        raise ValueError("a NIT is 1 to 15 digits")
    remainder = sum(int(digit) * weight for digit, weight in zip(reversed(nit), _WEIGHTS, strict=False)) % 11
    return str(remainder if remainder < 2 else 11 - remainder)


def has_check_digit(number: str) -> bool:
    """Whether a NIT was given with its check digit as tenth digit. Only a company's is looked at, nine digits that
    begin with 8 or 9; ten that begin with 1 are a person's cédula."""
    if len(number) != 10 or not (number.isascii() and number.isdigit()) or number[0] not in "89":
        return False
    return check_digit(number[:-1]) == number[-1]
