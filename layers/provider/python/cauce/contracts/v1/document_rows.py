"""GET /documentos as CSV (RFC 4180), for programs that follow its pages.

Cells are separated by commas, lines end in CRLF, and amounts are plain decimals with a point, as in JSON: what a
program reads must not depend on a country. What a person opens is a month's close, whose CSV is as Colombian offices
have it (``sheets``). It begins with UTF-8's mark all the same, which programs skip: somebody will open it in Excel,
which reads accents as other signs without it.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.documents import Links
from cauce.contracts.v1.render import of_record, within
from cauce.contracts.v1.sheets import CSV, Cell
from cauce.domain.money import plain
from cauce.domain.record import Listed

MEDIA_TYPE = f"{CSV}; charset=utf-8; header=present"
_MARK = "\ufeff"
# What a spreadsheet would compute: a cell that begins so. An Excel whose cells are separated by semicolons, as in
# Colombia, begins one at each of those too.
_COMPUTED = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=[=+\-@\t\r＝＋－＠])")

# Of a document, as its columns are called: where its answer has them.
_COLUMNS: dict[str, tuple[str, ...]] = {
    "tracking_id": ("tracking_id",),
    "numero_completo": ("numero_completo",),
    "tipo_documento": ("tipo_documento",),
    "prefijo": ("prefijo",),
    "consecutivo": ("consecutivo",),
    "fecha_emision": ("fecha_emision",),
    "adquirente_documento": ("adquirente", "documento"),
    "adquirente_razon_social": ("adquirente", "razon_social"),
    "moneda": ("moneda",),
    "subtotal": ("totales", "subtotal"),
    "iva": ("totales", "iva"),
    "impuestos": ("totales", "impuestos"),
    "descuentos": ("totales", "descuentos"),
    "cargos": ("totales", "cargos"),
    "total": ("totales", "total"),
    "cufe": ("cufe",),
    "estado": ("estado",),
    "estado_detalle": ("estado_detalle",),
    "estado_dian_codigo": ("estado_dian_codigo",),
    "estado_dian_mensaje": ("estado_dian_mensaje",),
    "referencia": ("referencia",),
    "proveedor": ("proveedor",),
    "rechazos": ("rechazos",),
    "notificaciones": ("notificaciones",),
    "ultimo_error": ("ultimo_error",),
    "enlace": ("links", "self"),
}


def table(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A table as CSV. A text that a spreadsheet would take for a formula has an apostrophe before it."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return _MARK + written.getvalue()


def page(records: list[Listed], base_url: str) -> str:
    """A page of documents."""
    rows = (within(len(records), of_record(record, base_url)) for record in records)
    return table(tuple(_COLUMNS), ([_at(row, way) for way in _COLUMNS.values()] for row in rows))


def linked(others: Links) -> str:
    """The addresses of the other pages, as the header ``Link`` has them (RFC 8288)."""
    named = {"first": others.first, "prev": others.prev, "next": others.next}
    return ", ".join(f'<{address}>; rel="{name}"' for name, address in named.items() if address)


def _at(row: JsonObject, way: tuple[str, ...]) -> Cell:
    found: object = row
    for name in way:
        found = found.get(name) if isinstance(found, dict) else None
    if isinstance(found, list):
        return " | ".join(map(_said, found))
    return found if isinstance(found, str | int | Decimal) else None


def _said(message: JsonObject) -> str:
    return ": ".join(str(message[name]) for name in ("regla", "mensaje") if message[name])


def _cell(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return plain(cell)
    return _COMPUTED.sub("'", cell) if isinstance(cell, str) else str("" if cell is None else cell)
