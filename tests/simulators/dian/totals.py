"""The arithmetic of a document, from its XML: lines, taxes, header. Sums must be exact.

Products may differ by rounding: by less than a cent on a line, and on the header, whose taxes are sums of rounded lines,
by less than the two pesos of the annex. Source: Anexo Técnico 1.9, rules FAS, FAT, FAU, FAV, FAX, FAY; 5.2.1.1.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from lxml import etree

from tests.simulators.dian.document import Document
from tests.simulators.dian.findings import Finding
from tests.simulators.dian.identifiers import code_of

_CENT = Decimal("0.01")
_HEADER_TOLERANCE = Decimal(2)
_PER_MIL = frozenset({"03", "07"})
_PER_HUNDRED_UNITS = frozenset({"34"})
# Rates are compared as text with two decimals: «19.000» and «19» are wrong.
_RATES = {
    "01": frozenset({"0.00", "5.00", "16.00", "19.00"}),
    "04": frozenset({"0.00", "2.00", "4.00", "8.00", "16.00"}),
    "05": frozenset({"15.00", "100.00"}),
}
_TWO_DECIMALS = re.compile(r"\d+\.\d{2}")
# No amount may be negative except PayableRoundingAmount (VLR01).
_MONEY = "//cac:*/cbc:*[@currencyID]"


def check(document: Document) -> Iterator[Finding]:
    letters = document.family.letters
    for element in document.all(_MONEY):
        name = etree.QName(element).localname
        if (element.text or "").lstrip().startswith("-") and name != "PayableRoundingAmount":
            yield Finding("VLR01", f"{name} es negativo")
    for line in document.lines:
        yield from _line(document, line)
    yield from _taxes(document, None, "cac:TaxTotal", f"{letters}AS")
    yield from _taxes(document, None, "cac:WithholdingTaxTotal", f"{letters}AT")
    yield from _header_taxes_are_the_lines(document)
    yield from _header(document)


def _line(document: Document, line: etree._Element) -> Iterator[Finding]:
    letters, which = document.family.letters, document.text("cbc:ID", line)
    quantity = document.amount(f"cbc:{document.family.quantity}", line)
    if quantity < 0:
        yield Finding(f"{letters}AV04b", f"línea {which}: cantidad negativa")
    adjustments = _adjustments(document, line)
    expected = (
        document.amount("cac:Price/cbc:PriceAmount", line)
        * document.amount("cac:Price/cbc:BaseQuantity", line)
        - adjustments["false"]
        + adjustments["true"]
    )
    found = document.amount("cbc:LineExtensionAmount", line)
    if abs(found - expected) >= _CENT:
        yield Finding(f"{letters}AV06", f"línea {which}: {found} y no {expected}")
    yield from _taxes(document, line, "cac:TaxTotal", f"{letters}AX")
    yield from _taxes(document, line, "cac:WithholdingTaxTotal", f"{letters}AY")


def _taxes(document: Document, line: etree._Element | None, path: str, rules: str) -> Iterator[Finding]:
    """One total for each tax and one subtotal for each rate, each amount equal to base times rate."""
    tolerance = _HEADER_TOLERANCE if line is None else _CENT
    seen: set[str] = set()
    for total in document.all(path, line):
        code = code_of(document, total)
        if code in seen:
            yield Finding(f"{rules}01a", f"más de un total del impuesto {code}")
        seen.add(code)
        subtotals = document.all("cac:TaxSubtotal", total)
        added = sum((document.amount("cbc:TaxAmount", each) for each in subtotals), Decimal(0))
        if document.amount("cbc:TaxAmount", total) != added:
            yield Finding(
                f"{rules}02", f"el total del impuesto {code} no es la suma de sus subtotales, {added}"
            )
        rates = [_rate(document, each) for each in subtotals]
        if len(set(rates)) != len(rates):
            yield Finding(f"{rules}04", f"impuesto {code}: más de un subtotal por tarifa")
        for each in subtotals:
            yield from _subtotal(document, each, code, rules, tolerance)


def _subtotal(
    document: Document, subtotal: etree._Element, code: str, rules: str, tolerance: Decimal
) -> Iterator[Finding]:
    base = document.amount("cbc:TaxableAmount", subtotal)
    percent = document.text("cac:TaxCategory/cbc:Percent", subtotal)
    amount = document.amount("cbc:TaxAmount", subtotal)
    if percent:
        if not _TWO_DECIMALS.fullmatch(percent) or percent not in _RATES.get(code, {percent}):
            yield Finding(f"{rules}14", f"tarifa {percent} del impuesto {code}")
        expected = base * Decimal(percent) / (1000 if code in _PER_MIL else 100)
    else:
        if not document.text("cbc:BaseUnitMeasure/@unitCode", subtotal):
            yield Finding(f"{rules}09", f"impuesto {code}: valor por unidad sin unidad de medida")
        expected = document.amount("cbc:PerUnitAmount", subtotal) * document.amount(
            "cbc:BaseUnitMeasure", subtotal
        )
        if code in _PER_HUNDRED_UNITS:
            expected /= 100
    if abs(amount - expected) >= tolerance:
        yield Finding(f"{rules}07", f"impuesto {code}: {amount} y no {expected}")


def _header_taxes_are_the_lines(document: Document) -> Iterator[Finding]:
    """Header and lines have the same taxes and rates, and each of the header is the sum of the lines'."""
    letters = document.family.letters
    for path, rule in (("cac:TaxTotal", "AS01b"), ("cac:WithholdingTaxTotal", "AT01")):
        header, lines = _by_rate(document, [document.root], path), _by_rate(document, document.lines, path)
        for key in sorted(header.keys() | lines.keys()):
            if header.get(key) != lines.get(key):
                found, expected = header.get(key, "nada"), lines.get(key, "nada")
                yield Finding(
                    f"{letters}{rule}", f"{key}: en el encabezado {found}, en las líneas {expected}"
                )


def _by_rate(document: Document, nodes: list[etree._Element], path: str) -> dict[tuple[str, str], Decimal]:
    sums: dict[tuple[str, str], Decimal] = {}
    for node in nodes:
        for total in document.all(path, node):
            for subtotal in document.all("cac:TaxSubtotal", total):
                key = (code_of(document, total), _rate(document, subtotal))
                sums[key] = sums.get(key, Decimal(0)) + document.amount("cbc:TaxAmount", subtotal)
    return sums


def _rate(document: Document, subtotal: etree._Element) -> str:
    return document.text("cac:TaxCategory/cbc:Percent", subtotal) or "por unidad " + document.text(
        "cbc:PerUnitAmount", subtotal
    )


def _header(document: Document) -> Iterator[Finding]:
    letters, total = document.family.letters, f"cac:{document.family.total}"
    adjustments = _adjustments(document, None)
    taxes = sum((document.amount("cbc:TaxAmount", t) for t in document.all("cac:TaxTotal")), Decimal(0))
    first = "cac:TaxTotal[1]/cac:TaxSubtotal"
    exclusive = sum(
        (
            document.amount("cbc:TaxableAmount", subtotal)
            for line in document.lines
            for subtotal in document.all(first, line)
        ),
        Decimal(0),
    )
    extension = sum((document.amount("cbc:LineExtensionAmount", line) for line in document.lines), Decimal(0))
    inclusive = extension + taxes
    prepaid = sum(
        (document.amount("cbc:PaidAmount", each) for each in document.all("cac:PrepaidPayment")), Decimal(0)
    )
    expected = {
        "AU02": ("LineExtensionAmount", extension),
        "AU04": ("TaxExclusiveAmount", exclusive),
        "AU06": ("TaxInclusiveAmount", inclusive),
        "AU08": ("AllowanceTotalAmount", adjustments["false"]),
        "AU10": ("ChargeTotalAmount", adjustments["true"]),
        "AU12": ("PrepaidAmount", prepaid),
        "AU14": (
            "PayableAmount",
            inclusive
            - adjustments["false"]
            + adjustments["true"]
            + document.amount(f"{total}/cbc:PayableRoundingAmount"),
        ),
    }
    for rule, (name, amount) in expected.items():
        found = document.amount(f"{total}/cbc:{name}")
        if found != amount:
            yield Finding(f"{letters}{rule}", f"{name} es {found} y no {amount}")


def _adjustments(document: Document, node: etree._Element | None) -> dict[str, Decimal]:
    sums = {"false": Decimal(0), "true": Decimal(0)}
    for each in document.all("cac:AllowanceCharge", node):
        sign = document.text("cbc:ChargeIndicator", each)
        if sign in sums:
            sums[sign] += document.amount("cbc:Amount", each)
    return sums
