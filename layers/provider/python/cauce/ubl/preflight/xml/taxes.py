"""Taxes and withholdings of the header and of each line. Annex 1.9, groups FAS, FAT, FAX and FAY; 13.3.11."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from cauce.domain.catalogs import PER_MIL, TAXES, WITHHOLDINGS
from cauce.domain.money import CENT, HUNDRED, ZERO
from cauce.ubl.preflight import catalogues
from cauce.ubl.preflight.arithmetic import unequal
from cauce.ubl.preflight.catalogues import NOTHING, one_of, shown
from cauce.ubl.preflight.rules import Hit
from cauce.ubl.preflight.xml.file import File

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_SCHEME = "cac:TaxCategory/cac:TaxScheme"
_PERCENT = "cac:TaxCategory/cbc:Percent"
_RATE = re.compile(r"\d+\.\d{2}", re.ASCII)
_NAMES = {**TAXES, **WITHHOLDINGS}
_OTHER, _IBUA = "ZZ", "34"
_TAX, _WITHHOLDING = "cac:TaxTotal", "cac:WithholdingTaxTotal"


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


def check(file: File) -> Iterator[Hit]:
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
    rates = catalogues.rates_of(code)
    if file.kind.is_bought and is_withholding and code == "06":
        rates = catalogues.INCOME_RATES
    if rates is None:
        if not _RATE.fullmatch(percent):
            yield Hit("FAX14", field, "dos decimales", percent)
    elif percent not in rates:
        rule = "FAY10" if is_withholding else "FAX14"
        if file.kind.is_bought:
            rule = "DSAT10" if is_withholding else "DSAX14"
        yield Hit(rule, field, one_of(rates), percent)


def _scheme(file: File, tag: str, path: str, subtotal: "Element") -> Iterator[Hit]:
    code, name = file.text(f"{_SCHEME}/cbc:ID", subtotal), file.text(f"{_SCHEME}/cbc:Name", subtotal)
    field = f"{path}/{_SCHEME}/cbc:ID"
    if code not in _NAMES:
        yield Hit("FAS16", field, "un código de la tabla 13.2.2", shown(code))
        return
    if code != _OTHER and name.casefold() != _NAMES[code].casefold():
        yield Hit("FAS14", f"{path}/{_SCHEME}/cbc:Name", _NAMES[code], shown(name))
    allowed = catalogues.SUPPORT_WITHHOLDINGS if tag == _WITHHOLDING else catalogues.SUPPORT_TAXES
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
