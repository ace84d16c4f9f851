"""Sums that should be equal, and how far DIAN lets them be apart."""

from collections.abc import Iterator
from decimal import Decimal

from cauce.domain.money import CENT, rounded
from cauce.domain.totals import TOLERANCE
from cauce.ubl.preflight.rules import Hit


def unequal(code: str, field: str, expected: Decimal, found: Decimal, slack: Decimal = CENT) -> Iterator[Hit]:
    """A hit where the two differ by ``slack`` or more, which is what rounding alone may do.

    Older checks compared whole pesos, so within DIAN's tolerance a difference is a notice.
    """
    difference = abs(expected - found)
    if difference >= slack:
        yield Hit(code, field, f"{rounded(expected):f}", f"{found:f}", difference <= TOLERANCE)
