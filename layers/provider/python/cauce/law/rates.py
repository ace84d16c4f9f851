"""The percentages that taxes may have, from ``rates.json``: closed lists for IVA, INC and ReteIVA, for no other."""

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

from cauce.domain.catalogs import TAXES, VAT
from cauce.domain.money import HUNDRED, plain

INC, VAT_WITHHELD = "04", "05"

Extra = Mapping[str, tuple[Decimal, ...]]
"""By tax code, further percentages of an issuer's settings: those of a new law, until ``rates.json`` has them."""
NONE: Extra = {}

_NAMES = {VAT: "El IVA", INC: "El INC", VAT_WITHHELD: "La ReteIVA"}
# A wrong percentage was probably meant to be so many times as much: 0.19 or 1.9 for 19.
_MEANT_TIMES = (HUNDRED, Decimal(10))


def allowed(code: str, extra: Extra = NONE) -> frozenset[Decimal] | None:
    """The percentages that a tax or withholding may have; ``None`` where it may have any."""
    listed, more = _listed().get(code), extra.get(code)
    return listed if listed is None or not more else listed.union(more)


def refusal(code: str, percent: Decimal, extra: Extra = NONE) -> str | None:
    """The Spanish sentence that refuses a percentage; ``None`` where the tax may have it."""
    found = allowed(code, extra)
    if found is None or percent in found:
        return None
    *others, last = (plain(each) for each in sorted(found))
    sentence = f"{_NAMES[code]} es {', '.join(others)} o {last} %; llegó {plain(percent)}."
    hint = _hint(code, percent, found, extra)
    return f"{sentence} {hint}" if hint else sentence


def _hint(code: str, percent: Decimal, found: frozenset[Decimal], extra: Extra) -> str | None:
    for times in _MEANT_TIMES:
        if percent and percent * times in found:
            return f"¿{plain(percent * times)}?"
    other = {VAT: INC, INC: VAT}.get(code)
    if other is not None and percent in (allowed(other, extra) or ()):
        return f"El {plain(percent)} % es {TAXES[other]}: va en impuestos, con el código {other}."
    return None


def codes() -> tuple[str, ...]:
    """The taxes and withholdings whose percentages are a closed list."""
    return tuple(_listed())


@cache
def _listed() -> dict[str, frozenset[Decimal]]:
    text = (Path(__file__).parent / "rates.json").read_text("utf-8")
    return {code: frozenset(map(Decimal, each)) for code, each in json.loads(text)["percent"].items()}
