"""Sums that should be equal, and by how much DIAN lets them differ."""

from collections.abc import Iterator
from decimal import Decimal

from cauce.domain.money import CENT, rounded
from cauce.domain.totals import TOLERANCE
from cauce.ubl.preflight.rules import Hit


def unequal(code: str, field: str, expected: Decimal, found: Decimal, slack: Decimal = CENT) -> Iterator[Hit]:
    """A hit where the two differ by ``slack`` or more; by rounding alone they differ less.

    Older checks compared whole pesos, so a difference within DIAN's tolerance is only a notice.
    """
    difference = abs(expected - found)
    if difference >= slack:
        yield Hit(code, field, f"{rounded(expected):f}", f"{found:f}", difference <= TOLERANCE)
