"""PaymentExchangeRate. Annex 1.9, group FAR.

A file in pesos may state another currency too. Its base rate is then not 1 in the example of 1.9, against the older
FAR03, so that rule is checked only in files in a foreign currency.
"""

from collections.abc import Iterator

from cauce.ubl.currency import PESO
from cauce.ubl.preflight.catalogues import NOTHING, shown
from cauce.ubl.preflight.rules import Hit
from cauce.ubl.preflight.xml.file import File

_RATE = "cac:PaymentExchangeRate"
_ONE = 1


def check(file: File) -> Iterator[Hit]:
    currency, rate = file.text("cbc:DocumentCurrencyCode"), file.first(_RATE)
    if rate is None:
        if currency != PESO:
            yield Hit("FAR06", f"{_RATE}/cbc:CalculationRate", f"pesos por {currency}", NOTHING)
        return
    source = file.text("cbc:SourceCurrencyCode", rate)
    if source != currency:
        yield Hit("FAR02", f"{_RATE}/cbc:SourceCurrencyCode", shown(currency), shown(source))
    if currency != PESO:
        if file.number("cbc:SourceCurrencyBaseRate", rate) != _ONE:
            found = file.text("cbc:SourceCurrencyBaseRate", rate)
            yield Hit("FAR03", f"{_RATE}/cbc:SourceCurrencyBaseRate", "1.00", shown(found))
        target = file.text("cbc:TargetCurrencyCode", rate)
        if target != PESO:
            yield Hit("FAR04", f"{_RATE}/cbc:TargetCurrencyCode", PESO, shown(target))
    if file.number("cbc:TargetCurrencyBaseRate", rate) != _ONE:
        found = file.text("cbc:TargetCurrencyBaseRate", rate)
        yield Hit("FAR05", f"{_RATE}/cbc:TargetCurrencyBaseRate", "1.00", shown(found))
    for code, name, what in (
        ("FAR06", "cbc:CalculationRate", "la tasa"),
        ("FAR07", "cbc:Date", "la fecha de la tasa"),
    ):
        if not file.text(name, rate):
            yield Hit(code, f"{_RATE}/{name}", what, NOTHING)
