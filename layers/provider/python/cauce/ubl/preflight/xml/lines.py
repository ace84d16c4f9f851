"""Each line and its item: number, quantity, value, price, description, code. Annex 1.9, groups FAV, FAW, FAZ, FBB."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cauce.domain import catalogs
from cauce.domain.document import Kind
from cauce.domain.money import ZERO
from cauce.ubl.facts import AIU, EXPORT
from cauce.ubl.lines import AIU_NOTE
from cauce.ubl.preflight.rules import AIU_LENGTH, NOTHING, UNSPSC, Hit, one_of, shown
from cauce.ubl.preflight.xml.amounts import unequal
from cauce.ubl.preflight.xml.file import File, text_of
from cauce.ubl.preflight.xml.terms import adjustments, consecutive

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


def check(file: File) -> Iterator[Hit]:
    lines = file.lines()
    if not lines:
        yield Hit("FAV01", file.shape.line, "una línea o más", NOTHING)
    seen: set[str] = set()
    for n, (path, line) in enumerate(lines, start=1):
        number = file.text("cbc:ID", line)
        if number != str(n):
            code = "FAV02a" if number in seen else "FAV02b"
            yield Hit(code, f"{path}/cbc:ID", str(n), shown(number))
        seen.add(number)
        yield from _quantity(file, path, line)
        yield from _value(file, path, line)
        yield from _price(file, path, line)
        yield from adjustments(file, f"{path}/", line)
        if file.kind is Kind.SUPPORT_DOCUMENT:
            yield from consecutive(file, "DSBE02", f"{path}/", line)
    if file.kind is Kind.INVOICE and file.text("cbc:CustomizationID") == AIU:
        yield from _contract(file)
    yield from _items(file)


def _contract(file: File) -> Iterator[Hit]:
    """A line of an AIU contract says what the contract is about."""
    notes = [file.text("cbc:Note", line) for _, line in file.lines()]
    if not any(note.startswith(AIU_NOTE.strip()) and len(note) in AIU_LENGTH for note in notes):
        field = f"{file.shape.line}/cbc:Note"
        yield Hit("FAV03", field, f"«{AIU_NOTE.strip()} …», de 20 a 5000 caracteres", NOTHING)


def _quantity(file: File, path: str, line: "Element") -> Iterator[Hit]:
    tag = file.shape.quantity
    if not file.text(tag, line):
        yield Hit("FAV04a", f"{path}/{tag}", "una cantidad", NOTHING)
    elif file.number(tag, line) < ZERO:
        yield Hit("FAV04b", f"{path}/{tag}", "0 o más", file.text(tag, line))
    unit = file.attribute(tag, "unitCode", line)
    if unit not in catalogs.units():
        yield Hit("FAV05", f"{path}/{tag}/@unitCode", "un código de la tabla 13.3.6", shown(unit))


def _value(file: File, path: str, line: "Element") -> Iterator[Hit]:
    """A line's value: price × quantity, less its discounts, plus its charges."""
    expected = file.number("cac:Price/cbc:PriceAmount", line) * file.number(
        "cac:Price/cbc:BaseQuantity", line
    )
    for each in file.all("cac:AllowanceCharge", line):
        amount = file.number("cbc:Amount", each)
        expected += amount if file.text("cbc:ChargeIndicator", each) == "true" else -amount
    found = file.number("cbc:LineExtensionAmount", line)
    yield from unequal("FAV06", f"{path}/cbc:LineExtensionAmount", expected, found)


def _price(file: File, path: str, line: "Element") -> Iterator[Hit]:
    if not file.text("cac:Price/cbc:PriceAmount", line):
        yield Hit("FBB02", f"{path}/cac:Price/cbc:PriceAmount", "un precio", NOTHING)
    if not file.attribute("cac:Price/cbc:BaseQuantity", "unitCode", line):
        yield Hit("FBB04", f"{path}/cac:Price/cbc:BaseQuantity/@unitCode", "la unidad", NOTHING)
    reference = "cac:PricingReference/cac:AlternativeConditionPrice"
    kind = file.text(f"{reference}/cbc:PriceTypeCode", line)
    is_free = file.text("cbc:FreeOfChargeIndicator", line) == "true"
    if is_free and (
        kind not in catalogs.REFERENCE_PRICES or not file.text(f"{reference}/cbc:PriceAmount", line)
    ):
        field = f"{path}/{reference}/cbc:PriceTypeCode"
        yield Hit("FAW05", field, one_of(catalogs.REFERENCE_PRICES), shown(kind))


def _items(file: File) -> Iterator[Hit]:
    is_export = file.kind is Kind.INVOICE and file.type_code == EXPORT
    for line_path, line in file.lines():
        path, item = f"{line_path}/cac:Item", file.first("cac:Item", line)
        if not file.text("cac:Item/cbc:Description", line):
            yield Hit("FAZ02", f"{path}/cbc:Description", "una descripción", NOTHING)
        if is_export:
            for code, name in (("FAZ04", "cbc:BrandName"), ("FAZ05", "cbc:ModelName")):
                if not file.text(f"cac:Item/{name}", line):
                    yield Hit(code, f"{path}/{name}", "un dato", NOTHING)
        if item is not None:
            yield from _standard(file, path, item)


def _standard(file: File, path: str, item: "Element") -> Iterator[Hit]:
    place = "cac:StandardItemIdentification/cbc:ID"
    found = file.first(place, item)
    if found is None or not text_of(found):
        yield Hit("FAZ09", f"{path}/{place}", "un código", NOTHING)
        return
    scheme = found.get("schemeID") or ""
    if scheme not in catalogs.ITEM_STANDARDS:
        yield Hit("FAZ12", f"{path}/{place}/@schemeID", one_of(catalogs.ITEM_STANDARDS), shown(scheme))
    elif scheme == "001" and not UNSPSC.fullmatch(text_of(found)):
        yield Hit("FAZ10", f"{path}/{place}", "un código UNSPSC de 8 dígitos", text_of(found))
