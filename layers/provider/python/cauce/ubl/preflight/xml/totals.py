"""Compares the monetary total with the amounts that make it up. Annex 1.9, group FAU, and 11.9.

Neither withholdings nor prepayments lower it. The taxable total counts the base of each line's first tax only.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from cauce.domain.money import ZERO
from cauce.ubl.preflight.arithmetic import unequal
from cauce.ubl.preflight.rules import Hit
from cauce.ubl.preflight.xml.file import File, number_of

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

# In the order of the schema, each with the rule that says what it adds up to.
_TOTALS = {
    "LineExtensionAmount": "FAU02",
    "TaxExclusiveAmount": "FAU04",
    "TaxInclusiveAmount": "FAU06",
    "AllowanceTotalAmount": "FAU08",
    "ChargeTotalAmount": "FAU10",
    "PrepaidAmount": "FAU12",
    "PayableAmount": "FAU14",
}
_FIRST_TAX = "cac:TaxTotal[1]/cac:TaxSubtotal/cbc:TaxableAmount"


def check(file: File) -> Iterator[Hit]:
    lines, tag = [line for _, line in file.lines()], file.shape.total
    stated = {name: file.number(f"{tag}/cbc:{name}") for name in (*_TOTALS, "PayableRoundingAmount")}
    discounts, charges = (_adjustments(file, sign) for sign in ("false", "true"))
    expected = (
        _sum(x for line in lines for x in file.all("cbc:LineExtensionAmount", line)),
        _sum(x for line in lines for x in file.all(_FIRST_TAX, line)),
        stated["LineExtensionAmount"] + _sum(file.all("cac:TaxTotal/cbc:TaxAmount")),
        discounts,
        charges,
        _sum(file.all("cac:PrepaidPayment/cbc:PaidAmount")),
        stated["TaxInclusiveAmount"]
        - stated["AllowanceTotalAmount"]
        + stated["ChargeTotalAmount"]
        + stated["PayableRoundingAmount"],
    )
    for (name, code), amount in zip(_TOTALS.items(), expected, strict=True):
        yield from unequal(code, f"{tag}/cbc:{name}", amount, stated[name])


def _adjustments(file: File, sign: str) -> Decimal:
    entries = file.all("cac:AllowanceCharge")
    return sum(
        (
            file.number("cbc:Amount", each)
            for each in entries
            if file.text("cbc:ChargeIndicator", each) == sign
        ),
        ZERO,
    )


def _sum(elements: Iterable["Element"]) -> Decimal:
    return sum((number_of(each) for each in elements), ZERO)
