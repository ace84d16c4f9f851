"""Exchange rate, taxes, withholdings and total of a file. Annex 1.9, groups FAR to FAU, FAX, FAY; 13.3.11.

A file in pesos may state another currency too. FAR03, an older rule, wants a base rate of 1, and the example in 1.9
of such a file has another; so FAR03 is checked only in files in a foreign currency. Neither withholdings nor
prepayments lower the total (11.9), and the taxable total counts the base of each line's first tax only.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from cauce.domain import catalogs
from cauce.domain.catalogs import PER_MIL, TAXES, WITHHOLDINGS
from cauce.domain.money import CENT, HUNDRED, ZERO, rounded
from cauce.domain.totals import TOLERANCE
from cauce.law import rates
from cauce.ubl.currency import PESO
from cauce.ubl.preflight.rules import INCOME_RATES, NOTHING, Hit, as_written, one_of, shown
from cauce.ubl.preflight.xml.file import File, number_of

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_EXCHANGE_RATE = "cac:PaymentExchangeRate"
_ONE = 1
_SCHEME = "cac:TaxCategory/cac:TaxScheme"
_PERCENT = "cac:TaxCategory/cbc:Percent"
_RATE = re.compile(r"\d+\.\d{2}", re.ASCII)
_NAMES = {**TAXES, **WITHHOLDINGS}
_OTHER, _IBUA = "ZZ", "34"
_TAX, _WITHHOLDING = "cac:TaxTotal", "cac:WithholdingTaxTotal"
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
    yield from _exchange_rate(file)
    yield from _taxes(file)
    yield from _total(file)


def unequal(code: str, field: str, expected: Decimal, found: Decimal, slack: Decimal = CENT) -> Iterator[Hit]:
    """A hit where the two differ by ``slack`` or more; by rounding alone they differ less.

    Older checks compared whole pesos, so a difference within DIAN's tolerance is only a notice.
    """
    difference = abs(expected - found)
    if difference >= slack:
        yield Hit(code, field, f"{rounded(expected):f}", f"{found:f}", difference <= TOLERANCE)


def _exchange_rate(file: File) -> Iterator[Hit]:
    currency, rate = file.text("cbc:DocumentCurrencyCode"), file.first(_EXCHANGE_RATE)
    if rate is None:
        if currency != PESO:
            yield Hit("FAR06", f"{_EXCHANGE_RATE}/cbc:CalculationRate", f"pesos por {currency}", NOTHING)
        return
    source = file.text("cbc:SourceCurrencyCode", rate)
    if source != currency:
        yield Hit("FAR02", f"{_EXCHANGE_RATE}/cbc:SourceCurrencyCode", shown(currency), shown(source))
    if currency != PESO:
        if file.number("cbc:SourceCurrencyBaseRate", rate) != _ONE:
            found = file.text("cbc:SourceCurrencyBaseRate", rate)
            yield Hit("FAR03", f"{_EXCHANGE_RATE}/cbc:SourceCurrencyBaseRate", "1.00", shown(found))
        target = file.text("cbc:TargetCurrencyCode", rate)
        if target != PESO:
            yield Hit("FAR04", f"{_EXCHANGE_RATE}/cbc:TargetCurrencyCode", PESO, shown(target))
    if file.number("cbc:TargetCurrencyBaseRate", rate) != _ONE:
        found = file.text("cbc:TargetCurrencyBaseRate", rate)
        yield Hit("FAR05", f"{_EXCHANGE_RATE}/cbc:TargetCurrencyBaseRate", "1.00", shown(found))
    for code, name, what in (
        ("FAR06", "cbc:CalculationRate", "la tasa"),
        ("FAR07", "cbc:Date", "la fecha de la tasa"),
    ):
        if not file.text(name, rate):
            yield Hit(code, f"{_EXCHANGE_RATE}/{name}", what, NOTHING)


# ── Taxes ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Group:
    """One kind of total, of the header or of a line, and the codes of the rules about it."""

    tag: str
    path: str
    sums: str
    product: str
    once: str
    rates: str
    slack: Decimal
    """Differences smaller than this are of rounding alone."""


def _taxes(file: File) -> Iterator[Hit]:
    lines = file.lines()
    # A header's tax is the sum of its lines', each rounded by itself.
    slack = CENT * max(1, len(lines))
    header = (
        _Group(_TAX, "", "FAS02", "FAS07", "FAS01a", "FAS04", slack),
        _Group(_WITHHOLDING, "", "FAT02", "FAT07", "FAS01a", "FAS04", slack),
    )
    for group in header:
        yield from _totals(file, group, file.root)
        yield from _agreement(file, group.tag, [line for _, line in lines])
    for path, line in lines:
        repeated = "DSAY01" if file.kind.is_bought else "FAX01"
        yield from _totals(file, _Group(_TAX, f"{path}/", "FAX02", "FAX07", "FAX01", "FAX03", CENT), line)
        yield from _totals(
            file, _Group(_WITHHOLDING, f"{path}/", "FAY02", "FAY07", repeated, "FAX03", CENT), line
        )


def _totals(file: File, group: _Group, within: "Element") -> Iterator[Hit]:
    """There is one total for each tax, and one subtotal for each rate, which must be base × rate."""
    seen: set[str] = set()
    for n, total in enumerate(file.all(group.tag, within), start=1):
        path = f"{group.path}{group.tag}[{n}]"
        subtotals = file.all("cac:TaxSubtotal", total)
        code = _code(file, total)
        name = file.text(f"cac:TaxSubtotal/{_SCHEME}/cbc:Name", total)
        tax = f"{code} {name}" if code == _OTHER else code
        if tax in seen:
            yield Hit(group.once, path, f"un grupo del tributo {code}", "más de uno")
        seen.add(tax)
        added = sum((file.number("cbc:TaxAmount", each) for each in subtotals), ZERO)
        yield from unequal(group.sums, f"{path}/cbc:TaxAmount", added, file.number("cbc:TaxAmount", total))
        rates = [_rate(file, each) for each in subtotals]
        for m, each in enumerate(subtotals, start=1):
            where = f"{path}/cac:TaxSubtotal[{m}]"
            if rates[m - 1] in rates[: m - 1]:
                yield Hit(group.rates, where, "un subtotal por tarifa", f"otro de {rates[m - 1]}")
            yield from _scheme(file, group.tag, where, each)
            yield from _product(file, group, where, code, each)


def _product(file: File, group: _Group, path: str, code: str, subtotal: "Element") -> Iterator[Hit]:
    base, percent = file.number("cbc:TaxableAmount", subtotal), file.text(_PERCENT, subtotal)
    if percent:
        yield from _listed(file, group.tag, f"{path}/{_PERCENT}", code, percent)
        expected = base * file.number(_PERCENT, subtotal) / (1000 if code in PER_MIL else HUNDRED)
    else:
        if not file.attribute("cbc:BaseUnitMeasure", "unitCode", subtotal):
            yield Hit("FAX09", f"{path}/cbc:BaseUnitMeasure/@unitCode", "la unidad de medida", NOTHING)
        expected = file.number("cbc:PerUnitAmount", subtotal) * file.number("cbc:BaseUnitMeasure", subtotal)
        if code == _IBUA:  # for each 100 ml
            expected /= HUNDRED
    found = file.number("cbc:TaxAmount", subtotal)
    yield from unequal(group.product, f"{path}/cbc:TaxAmount", expected, found, group.slack)


def _listed(file: File, tag: str, field: str, code: str, percent: str) -> Iterator[Hit]:
    """A percentage must be one of its tax's, as text with two decimals."""
    is_withholding = tag == _WITHHOLDING
    allowed = rates.allowed(code)
    if file.kind.is_bought and is_withholding and code == "06":
        allowed = INCOME_RATES
    if allowed is None:
        if not _RATE.fullmatch(percent):
            yield Hit("FAX14", field, "dos decimales", percent)
    elif percent not in as_written(allowed):
        rule = "FAY10" if is_withholding else "FAX14"
        if file.kind.is_bought:
            rule = "DSAT10" if is_withholding else "DSAX14"
        yield Hit(rule, field, one_of(as_written(allowed)), percent)


def _scheme(file: File, tag: str, path: str, subtotal: "Element") -> Iterator[Hit]:
    code, name = file.text(f"{_SCHEME}/cbc:ID", subtotal), file.text(f"{_SCHEME}/cbc:Name", subtotal)
    field = f"{path}/{_SCHEME}/cbc:ID"
    if code not in _NAMES:
        yield Hit("FAS16", field, "un código de la tabla 13.2.2", shown(code))
        return
    if code != _OTHER and name.casefold() != _NAMES[code].casefold():
        yield Hit("FAS14", f"{path}/{_SCHEME}/cbc:Name", _NAMES[code], shown(name))
    allowed = catalogs.SUPPORT_WITHHOLDINGS if tag == _WITHHOLDING else catalogs.SUPPORT_TAXES
    if file.kind.is_bought and code not in allowed:
        yield Hit("DSAY13", field, one_of(allowed), code)


def _agreement(file: File, tag: str, lines: list["Element"]) -> Iterator[Hit]:
    """Each tax and rate of the header must be in a line, and the reverse."""
    header, in_lines = _pairs(file, tag, [file.root]), _pairs(file, tag, lines)
    for code, rate in sorted(header - in_lines):
        yield Hit("FAS01b", tag, f"{code} a {rate} en alguna línea", NOTHING)
    for code, rate in sorted(in_lines - header):
        yield Hit("FAS01b", tag, f"{code} a {rate} en el encabezado", NOTHING)


def _pairs(file: File, tag: str, nodes: list["Element"]) -> set[tuple[str, str]]:
    return {
        (_code(file, total), _rate(file, each))
        for node in nodes
        for total in file.all(tag, node)
        for each in file.all("cac:TaxSubtotal", total)
    }


def _code(file: File, total: "Element") -> str:
    return file.text(f"cac:TaxSubtotal/{_SCHEME}/cbc:ID", total)


def _rate(file: File, subtotal: "Element") -> str:
    """A rate as text, to compare it with others: the percentage, or the amount for each unit."""
    percent = file.text(_PERCENT, subtotal)
    if percent:
        return f"{percent} %"
    unit = file.attribute("cbc:BaseUnitMeasure", "unitCode", subtotal)
    return f"{file.text('cbc:PerUnitAmount', subtotal)} por {unit}"


# ── The total ───────────────────────────────────────────────────────────────────────────────────────


def _total(file: File) -> Iterator[Hit]:
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
    every = file.all("cac:AllowanceCharge")
    entries = [each for each in every if file.text("cbc:ChargeIndicator", each) == sign]
    return sum((file.number("cbc:Amount", each) for each in entries), ZERO)


def _sum(elements: Iterable["Element"]) -> Decimal:
    return sum((number_of(each) for each in elements), ZERO)
