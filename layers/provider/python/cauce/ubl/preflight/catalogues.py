"""DIAN's tables as rules need them: as part of a sentence, or longer than the domain's."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from cauce.domain import catalogs
from cauce.law import rates
from cauce.ubl.values import decimals

NOTHING = "nada"

# Percentages of ReteRenta; only support documents have a rule about them (DSAT10, a notice).
INCOME_RATES = frozenset(
    "0.10 0.50 1.00 1.50 2.00 2.50 3.00 3.50 4.00 6.00 7.00 10.00 11.00 20.00".split()  # noqa: SIM905
)
WITH_REFERENCE = frozenset({"20", "30"})
CANCELLATION = "2"
# FAZ10. Eight digits; the older schematron's own list has some with a check digit after them.
UNSPSC = re.compile(r"\d{8}(-\d)?", re.ASCII)
AIU_LENGTH = range(20, 5001)
"""Characters that the note of an AIU contract may have, its fixed beginning included (FAV03)."""
DISCOUNTS = frozenset(catalogs.CHARGE_REASONS) - catalogs.CHARGES


def one_of(codes: Iterable[str]) -> str:
    """``uno de: 1, 2``."""
    return f"uno de: {', '.join(sorted(codes))}"


def shown(text: str | None) -> str:
    """A text as it was found; «nada» where there was none."""
    return text.strip() or NOTHING if text else NOTHING


def rates_of(code: str, extra: rates.Extra = rates.NONE) -> frozenset[str] | None:
    """The percentages of a tax as text, since DIAN takes «19.00» but not «19»; ``None`` where it takes any."""
    found = rates.allowed(code, extra)
    return None if found is None else frozenset(map(decimals, found))


@cache
def postal_codes() -> frozenset[str]:
    """The postal codes of table 13.4.4."""
    text = (Path(__file__).parent / "postal_codes.txt").read_text("utf-8")
    return frozenset(start + end for start, *ends in map(str.split, text.splitlines()[1:]) for end in ends)
