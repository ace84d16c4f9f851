"""The month's close in the contract's words: as JSON, as CSV, and as a ZIP of tables."""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.errors import InvalidRequest
from cauce.contracts.v1.fields import read_date
from cauce.contracts.v1.queries import (
    POSITION,
    Parameters,
    Reader,
    decoded_cursor,
    encoded_cursor,
    is_within,
)
from cauce.contracts.v1.render import TIPO_DOCUMENTO, amounts, state_detail
from cauce.contracts.v1.sheets import CSV, Cell, csv
from cauce.domain.catalogs import TAXES, VAT, WITHHOLDINGS
from cauce.domain.document import Document, Kind, Value
from cauce.domain.event import Event
from cauce.domain.issuer import Issuer
from cauce.domain.money import ZERO
from cauce.domain.outcome import Number
from cauce.domain.record import Record, State
from cauce.domain.time import bogota
from cauce.domain.totals import TaxAmount, totals

if TYPE_CHECKING:
    from cauce.reading.close import Gap, Page, Rate, Start, TaxSum
    from cauce.reading.comparison import Compared
    from cauce.reading.month_files import Part

ZIP = "application/zip"
FORMS = (ZIP, CSV)
"""What GET /cierre/{mes} gives besides JSON, where Accept names it."""
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_LONGEST_CURSOR = 2_000
# A position, and then the last number of each series: «factura:SETP:990000012».
_CURSOR = re.compile(POSITION.pattern + r"(?: [a-z_]+:[0-9A-Za-z]{0,20}:[0-9]{1,18}){0,40}")
_KIND_OF = {name: kind for kind, name in TIPO_DOCUMENTO.items()}
# Rows of what is to be reviewed and of numbers, in one page's JSON.
_MOST_ROWS = 500
_MOST_MESSAGES = 3
_CAUSES = {
    "never taken": (
        "nunca_tomado",
        "Ningún documento de Cauce lo tomó: se usó en otro sistema o el rango lo saltó.",
    ),
    "spent": ("gastado", "Lo gastó un intento anterior; su documento quedó con el número {number}."),
    "not valid": ("sin_validez", "Lo tiene un documento de {month} que no está aceptado. {detail}"),
    "not looked up": (
        "sin_revisar",
        "Son demasiados números seguidos para buscarlos uno a uno; revise si el rango saltó.",
    ),
}
CAUSES = [name for name, _ in _CAUSES.values()]
_RATES = ("19", "5")
_COLUMNS = (
    *("fecha_emision", "tipo_documento", "numero", "estado", "documento_tercero", "nombre_tercero", "moneda"),
    *("tasa_cambio", "subtotal", "descuentos", "cargos"),
    *(column for rate in _RATES for column in (f"base_iva_{rate}", f"iva_{rate}")),
    *("base_iva_0", "iva", "otros_impuestos", "total", "reteiva", "reterenta", "reteica"),
    *("referencia", "codigo_unico", "proveedor", "tracking_id", "observacion"),
)
_README = """Cierre de {month} · {name} · NIT {nit}

documentos.csv   cada documento del mes, con su estado, sus impuestos y sus retenciones
sumas.csv        cuántos documentos y cuánto suman, por tipo, estado y moneda
impuestos.csv    los impuestos de los documentos aceptados, por tipo y tarifa
retenciones.csv  las retenciones de los documentos aceptados, por tipo y tarifa
numeros.csv      los números sin documento válido, y por qué

Las notas crédito y de ajuste suman aparte: réstelas de sus facturas y documentos soporte.
Solo los documentos aceptados tienen validez. El XML de todos, y su PDF, está en GET /cierre/{month}/archivos?pdf=1.
{part}"""


_ABSENT = (
    "El XML firmado de este documento aún no está en el archivo de Cauce: su proveedor no lo ha entregado.\r\n"
    "Pídalo con GET /documentos/{id}/xml, y vuelva a descargar el mes.\r\n"
)
_TOO_LARGE = (
    "Los archivos de este documento no caben en una respuesta.\r\n"
    "Pida su XML con GET /documentos/{id}/xml.\r\n"
)
_NO_FILES = "En esta parte del mes no hay documentos con validez.\r\n"


class Query(Value):
    """What GET /cierre/{mes} asks for; ``position`` and ``reached`` say where its page starts."""

    first: date
    per_page: int
    position: str | None = None
    reached: tuple[tuple[Kind, Number], ...] = ()


class FilesQuery(Value):
    """What GET /cierre/{mes}/archivos asks for."""

    first: date
    with_pdf: bool
    position: str | None = None


def query(month: str, parameters: Parameters, most: int) -> Query:
    """The part of a month that a request asks for. Raises InvalidDocument naming every wrong parameter."""
    reader = Reader(parameters)
    first = first_day(month)
    reader.refuse_unknown("cursor", "per_page")
    per_page = reader.integer("per_page", most, most)
    position, reached = _beginning(reader, first)
    reader.settle()
    return Query(first=first, per_page=per_page, position=position, reached=reached)


def files_query(month: str, parameters: Parameters) -> FilesQuery:
    """The part of a month's files that a request asks for. Raises InvalidDocument naming every wrong parameter."""
    reader = Reader(parameters)
    first = first_day(month)
    reader.refuse_unknown("cursor", "pdf")
    position, _ = _beginning(reader, first)
    with_pdf = reader.choice("pdf", ("0", "1")) == "1"
    reader.settle()
    return FilesQuery(first=first, with_pdf=with_pdf, position=position)


def _beginning(reader: Reader, first: date) -> tuple[str | None, tuple[tuple[Kind, Number], ...]]:
    """Where the page that the cursor asks for starts, and the last number of each series before it."""
    cursor = reader.text("cursor")
    if not cursor:
        return None, ()
    position, reached = _read(cursor)
    if position is None or reached is None:
        reader.refuse("cursor", "debe ser el cursor_siguiente de una página anterior")
    elif position[:7] != f"{first:%Y-%m}" or not is_within(position, first, None):
        reader.refuse("cursor", "es de otro mes; empiece este sin cursor")
    return position, reached or ()


class Comparison(Value):
    """What GET /cierre/{mes}/conciliacion asks for."""

    first: date
    kind: Kind
    provider: str | None = None
    offset: int = 0


_MOST_ROWS_BEFORE = 1_000_000


def comparison_query(month: str, parameters: Parameters) -> Comparison:
    """The page of a provider's listing that is to be compared. Raises InvalidDocument for wrong parameters."""
    reader = Reader(parameters)
    first = first_day(month)
    reader.refuse_unknown("proveedor", "tipo_documento", "offset")
    kind = reader.choice(
        "tipo_documento", tuple(each for each in _KIND_OF if each != TIPO_DOCUMENTO[Kind.EVENT])
    )
    offset = reader.text("offset") or "0"
    if not re.fullmatch(r"[0-9]{1,7}", offset) or int(offset) > _MOST_ROWS_BEFORE:
        reader.refuse("offset", "debe ser el offset_siguiente de una página anterior")
    reader.settle()
    return Comparison(
        first=first,
        kind=_KIND_OF[kind] if kind else Kind.INVOICE,
        provider=reader.text("proveedor"),
        offset=int(offset),
    )


def comparison(found: "Compared") -> JsonObject:
    """The answer of GET /cierre/{mes}/conciliacion."""
    return {
        "ok": True,
        "data": {
            "proveedor": found.provider,
            "tipo_documento": TIPO_DOCUMENTO[found.kind],
            "numeros": list(map(str, found.numbers)),
            "hallazgos": [
                {
                    "numero_completo": str(number),
                    "que": anomaly.what.value,
                    "detalle": anomaly.detail,
                    "tracking_id": anomaly.document_id,
                }
                for number, anomaly in found.anomalies
            ],
        },
        "meta": {"offset_siguiente": found.next_offset},
    }


def first_day(month: str) -> date:
    """The first day of a month. Raises InvalidDocument."""
    try:
        if _MONTH.fullmatch(month):
            return read_date(f"{month}-01")
        told = "debe tener el formato AAAA-MM, como 2026-05"
    except PydanticCustomError as error:
        told = error.message()
    raise InvalidRequest({"mes": [f"El mes {told}."]})


def _read(cursor: str) -> tuple[str | None, tuple[tuple[Kind, Number], ...] | None]:
    text = decoded_cursor(cursor, _CURSOR, _LONGEST_CURSOR)
    if text is None:
        return None, None
    position, *series = text.split(" ")
    try:
        return position, tuple(map(_series, series))
    except (KeyError, ValidationError):
        return None, None


def _series(text: str) -> tuple[Kind, Number]:
    kind, prefix, consecutive = text.split(":")
    return _KIND_OF[kind], Number(prefix=prefix, consecutive=int(consecutive))


def _written(start: "Start") -> str:
    series = (
        f" {TIPO_DOCUMENTO[kind]}:{number.prefix}:{number.consecutive}" for kind, number in start.reached
    )
    return encoded_cursor(start.position + "".join(series))


def following(page: "Page", asked: Query, base_url: str) -> tuple[str | None, str | None]:
    """The cursor of the next page, and its link; ``None`` at the end."""
    if page.next is None:
        return None, None
    cursor = _written(page.next)
    query = urlencode({"per_page": asked.per_page, "cursor": cursor})
    return cursor, f"{base_url.rstrip('/')}/cierre/{page.month}?{query}"


def answer(page: "Page", asked: Query, base_url: str) -> JsonObject:
    """The answer as JSON."""
    cursor, link = following(page, asked, base_url)
    return {
        "ok": True,
        "data": {
            "mes": str(page.month),
            "desde": page.month.first.isoformat(),
            "hasta": page.month.last.isoformat(),
            "documentos": page.documents,
            "sin_leer": page.unreadable,
            "sumas": list(_sums(page)),
            "impuestos": list(_taxes(page.taxes, TAXES)),
            "retenciones": list(_taxes(page.withholdings, WITHHOLDINGS)),
            "por_revisar": [_to_review(each, base_url) for each in page.to_review[:_MOST_ROWS]],
            "por_revisar_mas": max(0, len(page.to_review) - _MOST_ROWS),
            "numeros": [_gap(each) for each in page.gaps[:_MOST_ROWS]],
            "numeros_mas": max(0, len(page.gaps) - _MOST_ROWS),
        },
        "links": {"next": link},
        "meta": {"per_page": asked.per_page, "cursor_siguiente": cursor},
    }


class Rows(list[tuple[Cell, ...]]):
    """The documents' lines of the CSV, made as each record is read."""

    def __call__(self, record: Record) -> None:
        self.append(_row(record))


def file(form: str, page: "Page", rows: Rows, issuer: Issuer, start: "Start | None") -> tuple[bytes, str]:
    """The answer as one of ``FORMS``, and the name of its file."""
    is_whole = start is None and page.next is None
    name = f"cierre-{page.month}" + (
        "" if is_whole else f"-desde-{start.position[:10] if start else page.month.first}"
    )
    if form == CSV:
        return csv(_COLUMNS, rows).encode(), f"{name}.csv"
    part = "" if is_whole else "\nEsta es una parte del mes: descargue las demás y sume las tablas.\n"
    files = {
        "documentos.csv": csv(_COLUMNS, rows),
        "sumas.csv": _of_objects(_sums(page)),
        "impuestos.csv": _of_objects(_taxes(page.taxes, TAXES)),
        "retenciones.csv": _of_objects(_taxes(page.withholdings, WITHHOLDINGS)),
        "numeros.csv": _of_objects(map(_gap, page.gaps)),
        "LEAME.txt": _README.format(month=page.month, name=issuer.name, nit=issuer.nit, part=part),
    }
    last, made = page.month.last, io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
        for called, text in files.items():
            entry = zipfile.ZipInfo(called, (last.year, last.month, last.day, 0, 0, 0))
            zipped.writestr(entry, text.encode(), zipfile.ZIP_DEFLATED)
    return made.getvalue(), f"{name}.zip"


def archive_names(part: "Part") -> dict[str, bytes]:
    """A part of the month's files by their names in the ZIP: a folder for each kind, and a note in the place of what
    is not there."""
    found = {f"{_place(each.record)}.{each.extension}": each.content for each in part.files}
    for records, why in ((part.absent, _ABSENT), (part.too_large, _TOO_LARGE)):
        found |= {f"{_place(each)}-falta.txt": why.format(id=each.document_id).encode() for each in records}
    return found or {"LEAME.txt": _NO_FILES.encode()}


def _place(record: Record) -> str:
    return f"{TIPO_DOCUMENTO[record.kind]}/{record.number or record.document_id}"


def archive_named(asked: FilesQuery, part: "Part") -> str:
    """The name of the ZIP."""
    is_whole = asked.position is None and part.next is None
    since = asked.position[:10] if asked.position else asked.first
    return f"documentos-{asked.first:%Y-%m}" + ("" if is_whole else f"-desde-{since}") + ".zip"


def following_files(asked: FilesQuery, part: "Part", base_url: str) -> str | None:
    """The link of the next part; ``None`` at the end."""
    if part.next is None:
        return None
    more = {"pdf": "1"} if asked.with_pdf else {}
    query = urlencode({**more, "cursor": encoded_cursor(part.next)})
    return f"{base_url.rstrip('/')}/cierre/{asked.first:%Y-%m}/archivos?{query}"


def _row(record: Record) -> tuple[Cell, ...]:
    found, content = record.amounts, record.content
    currency, rate, by_rate, withheld = _EVENT if isinstance(content, Event) else _of_document(content)
    return (
        bogota(record.issued_at).isoformat(sep=" ")[:19],
        TIPO_DOCUMENTO[record.kind],
        str(record.number) if record.number else None,
        record.shown_state,
        record.outline.counterparty,
        record.outline.counterparty_name,
        currency,
        rate,
        found.subtotal,
        found.allowance,
        found.charge,
        *by_rate,
        found.vat,
        found.tax - found.vat,
        found.payable,
        *withheld,
        record.outline.reference,
        record.uuid,
        record.provider,
        record.document_id,
        None if record.state is State.ACCEPTED else _why(record),
    )


_OfDocument = tuple[str | None, Decimal | None, tuple[Decimal, ...], tuple[Decimal, ...]]
"""Currency and its rate; the bases and amounts of IVA, by rate; the withholdings."""
_EVENT: _OfDocument = None, None, (ZERO,) * (2 * len(_RATES) + 1), (ZERO,) * len(WITHHOLDINGS)


def _of_document(document: Document) -> _OfDocument:
    found = totals(document)
    vat = {tax.percent: tax for tax in found.taxes if tax.code == VAT}
    by_rate = [value for each in _RATES for value in _base_and_amount(vat.get(Decimal(each)))]
    withheld = _by_code(found.withholdings)
    return (
        document.currency,
        document.exchange_rate.rate if document.exchange_rate else None,
        (*by_rate, _base_and_amount(vat.get(ZERO))[0]),
        tuple(withheld.get(code, ZERO) for code in WITHHOLDINGS),
    )


def _base_and_amount(tax: TaxAmount | None) -> tuple[Decimal, Decimal]:
    return (tax.base, tax.amount) if tax else (ZERO, ZERO)


def _by_code(taxes: Iterable[TaxAmount]) -> Mapping[str, Decimal]:
    found: dict[str, Decimal] = {}
    for tax in taxes:
        found[tax.code] = found.get(tax.code, ZERO) + tax.amount
    return found


def _sums(page: "Page") -> Iterable[JsonObject]:
    for (kind, state, currency), found in sorted(page.sums.items()):
        yield {
            "tipo_documento": TIPO_DOCUMENTO[kind],
            "estado": state,
            "moneda": currency or None,
            "documentos": found.documents,
            **amounts(found.amounts),
        }


def _taxes(found: Mapping["Rate", "TaxSum"], names: Mapping[str, str]) -> Iterable[JsonObject]:
    for rate, of in sorted(found.items(), key=lambda pair: _order(pair[0])):
        yield {
            "tipo_documento": TIPO_DOCUMENTO[rate.kind],
            "moneda": rate.currency,
            "codigo": rate.code,
            "nombre": rate.name or names.get(rate.code),
            "porcentaje": rate.percent,
            "valor_unitario": rate.per_unit_amount,
            "documentos": of.documents,
            "base": of.base,
            "valor": of.amount,
        }


def _order(rate: "Rate") -> tuple[Kind, str, str, Decimal, str]:
    return (
        rate.kind,
        rate.currency,
        rate.code,
        -(rate.percent or rate.per_unit_amount or ZERO),
        rate.name or "",
    )


def _to_review(record: Record, base_url: str) -> JsonObject:
    return {
        "tracking_id": record.document_id,
        "tipo_documento": TIPO_DOCUMENTO[record.kind],
        "numero_completo": str(record.number) if record.number else None,
        "fecha_emision": bogota(record.issued_at).isoformat(),
        "estado": record.shown_state,
        "total": record.amounts.payable,
        "porque": _stands(record),
        "rechazos": [
            {"regla": each.rule, "mensaje": each.text} for each in record.rejections[:_MOST_MESSAGES]
        ],
        "links": {"self": f"{base_url.rstrip('/')}/documentos/{record.document_id}"},
    }


def _gap(gap: "Gap") -> JsonObject:
    cause, sentence = _CAUSES[gap.why]
    record = gap.record
    told = sentence.format(
        number=(record and record.number) or "—",
        month=f"{bogota(record.issued_at):%Y-%m}" if record else "",
        detail=_stands(record) if record else "",
    )
    return {
        "tipo_documento": TIPO_DOCUMENTO[gap.kind],
        "prefijo": gap.prefix,
        "desde": gap.first,
        "hasta": gap.last,
        "cantidad": gap.last - gap.first + 1,
        "causa": cause,
        "porque": told.strip(),
        "tracking_id": record.document_id if record else None,
    }


def _why(record: Record) -> str:
    """What keeps a document from being valid: DIAN's first words, or what is going on with it."""
    first = next(iter(record.rejections), None)
    return f"{first.rule or ''} {first.text}".strip() if first else _stands(record)


def _stands(record: Record) -> str:
    """What is going on with a document that is not valid; of one that failed, what failed."""
    return (record.state is State.FAILED and record.last_error) or state_detail(record)


def _of_objects(rows: Iterable[JsonObject]) -> str:
    found = list(rows)
    header = list(found[0]) if found else ["sin_filas"]
    return csv(header, (_cells(each) for each in found))


def _cells(of: JsonObject) -> Iterable[Cell]:
    for value in of.values():
        assert value is None or isinstance(value, str | int | Decimal)
        yield value
