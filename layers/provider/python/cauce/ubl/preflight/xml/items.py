"""The item of each line. Annex 1.9, group FAZ."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cauce.domain import catalogs
from cauce.domain.document import Kind
from cauce.ubl.facts import EXPORT
from cauce.ubl.preflight.catalogues import NOTHING, UNSPSC, one_of, shown
from cauce.ubl.preflight.rules import Hit
from cauce.ubl.preflight.xml.file import File, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


def check(file: File) -> Iterator[Hit]:
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
