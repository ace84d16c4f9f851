"""The check digit of a NIT: Orden Administrativa 4 of 1989."""


def check_digit(nit: str) -> str:
    """The check digit (DV) of a NIT: weights from the right, modulo 11."""
    if not (nit.isascii() and nit.isdigit()):
        return ""
    weights = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71)
    rest = sum(int(d) * w for d, w in zip(reversed(nit), weights, strict=False)) % 11
    return str(rest if rest < 2 else 11 - rest)
