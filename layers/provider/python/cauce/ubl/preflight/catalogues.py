"""DIAN's tables as rules need them: in a sentence, or larger than the domain's."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from cauce.domain import catalogs
from cauce.law import rates
from cauce.ubl.values import decimals

NOTHING = "nada"

# ReteRenta's, of which only support documents are told (DSAT10, a notice).
INCOME_RATES = frozenset(
    "0.10 0.50 1.00 1.50 2.00 2.50 3.00 3.50 4.00 6.00 7.00 10.00 11.00 20.00".split()  # noqa: SIM905
)
# DSAY13: a support document has VAT and no other tax, and ReteIVA and ReteRenta and no other withholding.
SUPPORT_TAXES = frozenset({"01"})
SUPPORT_WITHHOLDINGS = frozenset({"05", "06"})

OPERATIONS = {
    "F": frozenset(catalogs.INVOICE_OPERATIONS),
    "C": frozenset({"20", "22"}),
    "D": frozenset({"30", "32"}),
    "DS": frozenset({"10", "11"}),
    "NS": frozenset({"10", "11"}),
}
WITH_REFERENCE = frozenset({"20", "30"})
REASONS = {
    "C": catalogs.CREDIT_NOTE_REASONS,
    "D": catalogs.DEBIT_NOTE_REASONS,
    "NS": catalogs.ADJUSTMENT_NOTE_REASONS,
}
CANCELLATION = "2"
# FAZ10. Eight digits; the older schematron's own list has some with a check digit after them.
UNSPSC = re.compile(r"\d{8}(-\d)?", re.ASCII)
AIU_LENGTH = range(20, 5001)
"""How long the note of an AIU contract may be, its beginning included (FAV03)."""
DISCOUNTS = frozenset(catalogs.CHARGE_REASONS) - catalogs.CHARGES


def one_of(codes: Iterable[str]) -> str:
    """``uno de: 1, 2``."""
    return f"uno de: {', '.join(sorted(codes))}"


def shown(text: str | None) -> str:
    """A text as it was found, or that there was none."""
    return text.strip() or NOTHING if text else NOTHING


def rates_of(code: str, extra: rates.Extra = rates.NONE) -> frozenset[str] | None:
    """The percentages of a tax as text, since «19.000» and «19» are others; ``None`` where any."""
    found = rates.allowed(code, extra)
    return None if found is None else frozenset(map(decimals, found))


@cache
def postal_codes() -> frozenset[str]:
    """Table 13.4.4."""
    text = (Path(__file__).parent / "postal_codes.txt").read_text("utf-8")
    return frozenset(start + end for start, *ends in map(str.split, text.splitlines()[1:]) for end in ends)
