"""The percentages that exist, of ``rates.json``: closed lists of IVA, INC and ReteIVA; other taxes have none."""

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

from cauce.domain.catalogs import TAXES, VAT, WITHHOLDINGS
from cauce.domain.money import HUNDRED, plain

INC, VAT_WITHHELD = "04", "05"

Extra = Mapping[str, tuple[Decimal, ...]]
"""By tax, the percentages of an issuer's own setting: what a law of tomorrow adds before this file has it."""
NONE: Extra = {}

_NAMES = {VAT: "El IVA", INC: "El INC", VAT_WITHHELD: "La ReteIVA"}
# What a percentage was meant to be that is not one: 0.19 and 1.9 for 19.
_MEANT_TIMES = (HUNDRED, Decimal(10))


def allowed(code: str, extra: Extra = NONE) -> frozenset[Decimal] | None:
    """The percentages that a tax or withholding may have; ``None`` where any."""
    listed = _listed().get(code)
    return None if listed is None else listed | frozenset(extra.get(code, ()))


def refusal(code: str, percent: Decimal, extra: Extra = NONE) -> str | None:
    """What to do about a percentage that does not exist, in Spanish; ``None`` where it does."""
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


def name(code: str) -> str:
    return {**TAXES, **WITHHOLDINGS}[code]


@cache
def _listed() -> dict[str, frozenset[Decimal]]:
    text = (Path(__file__).parent / "rates.json").read_text("utf-8")
    return {code: frozenset(map(Decimal, each)) for code, each in json.loads(text)["percent"].items()}
