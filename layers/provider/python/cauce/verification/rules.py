"""DIAN's rules about a file: a section on its sums, which also says which are right, and one on all other rules."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from cauce.domain.outcome import Finding
from cauce.ubl.preflight import xml_findings
from cauce.verification.file import elements, local, text
from cauce.verification.report import Check, Section, Verdict, right

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

# A rule's code without the letters of its kind of document: FAU14, CAU14 and DSAU14 are one.
_GENERAL = re.compile(r"(?:DS|NS|DE|NA|[FCD])A([A-Z]\d+[a-z]?)")
_TOTALS = {
    "LineExtensionAmount": ("U02", "Suma de las líneas"),
    "TaxExclusiveAmount": ("U04", "Base de los impuestos"),
    "TaxInclusiveAmount": ("U06", "Con impuestos"),
    "AllowanceTotalAmount": ("U08", "Descuentos"),
    "ChargeTotalAmount": ("U10", "Cargos"),
    "PrepaidAmount": ("U12", "Anticipos"),
    "PayableAmount": ("U14", "Total"),
}
_LINES = frozenset({"V06"})
_TAXES = frozenset({"S02", "S07", "T02", "T07", "X02", "X07", "Y02", "Y07"})
# Rules about the signature, which has a section of its own.
_SIGNATURE = re.compile(r"(?:DS|NS|DE|NA|[FCDA])AC03")


def check(root: "Element") -> Iterator[Section]:
    """The section about the sums, in documents that have them, and the one about the rules."""
    found = [each for each in xml_findings(root) if not _SIGNATURE.fullmatch(each.rule)]
    sums = [
        each for each in found if _general(each) in {code for code, _ in _TOTALS.values()} | _LINES | _TAXES
    ]
    if local(root) in ("Invoice", "CreditNote", "DebitNote"):
        yield Section("Totales", (*_totals(root, sums), *_parts(root, sums)))
    others = tuple(_check(each) for each in found if each not in sums)
    yield Section("Reglas de la DIAN", others or (right("Cumple las que se pueden saber sin preguntarle."),))


def _totals(root: "Element", sums: list[Finding]) -> Iterator[Check]:
    """One check for each total that the file states."""
    tag = "cac:RequestedMonetaryTotal" if local(root) == "DebitNote" else "cac:LegalMonetaryTotal"
    for name, (code, title) in _TOTALS.items():
        hits = [each for each in sums if _general(each) == code]
        stated = text(root, f"{tag}/cbc:{name}")
        yield from map(_check, hits)
        if stated and not hits:
            yield right(f"{title}: {_money(stated, text(root, 'cbc:DocumentCurrencyCode'))}")


def _parts(root: "Element", sums: list[Finding]) -> Iterator[Check]:
    lines = len(elements(root, f"cac:{local(root)}Line"))
    count = "Una línea" if lines == 1 else f"{lines} líneas"
    for codes, fine in (
        (_LINES, f"{count}: cada valor es precio por cantidad, menos descuentos, más cargos"),
        (_TAXES, "Los impuestos y retenciones son su base por su tarifa, y sus sumas"),
    ):
        hits = [each for each in sums if _general(each) in codes]
        yield from map(_check, hits)
        if not hits:
            yield right(f"{fine}.")


def _check(found: Finding) -> Check:
    verdict = Verdict.WRONG if found.is_rejection else Verdict.NOTICE
    return Check(verdict, found.fix, found.rule, found.field, found.expected, found.found)


def _general(found: Finding) -> str:
    match = _GENERAL.fullmatch(found.rule)
    return match[1] if match else found.rule


def _money(stated: str, currency: str) -> str:
    try:
        return f"{Decimal(stated):,.2f} {currency}".rstrip()
    except InvalidOperation:
        return stated
