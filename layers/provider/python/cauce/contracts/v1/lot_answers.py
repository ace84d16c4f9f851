"""Lots in the contract's words: what was taken in, where to upload a file, how far a lot has got."""

import math
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.queries import MAX_PER_PAGE, Parameters, Reader, decoded_cursor, encoded_cursor
from cauce.contracts.v1.render import of_record, within
from cauce.domain.document import Value
from cauce.domain.lot import Lot, LotLine, LotState, Refusal, is_of_a_day
from cauce.domain.record import SHOWN_STATE
from cauce.domain.time import bogota

if TYPE_CHECKING:
    from cauce.reading.lots import LotRow, Progress

# The estados of a line: its record's, or refused, or a document that had been asked for before.
ESTADOS = (*dict.fromkeys(SHOWN_STATE.values()), "invalido", "repetido")
_ESTADO = {
    LotState.AWAITED: "esperando_archivo",
    LotState.READING: "en_proceso",
    LotState.READ: "en_proceso",
    LotState.EXPIRED: "vencido",
}
# A position in the table's index: its sort key, and a record's id.
_POSITION = re.compile(r"[a-z]+(\.[a-z]+)?#[0-9a-f-]{1,64}( [0-9A-Za-z-]{1,64})?")
_LEIDO = "leido"
MAX_LOTS = 50
# A line's first wrong fields are enough to mend it; hundreds of lines must fit in one answer.
_MOST_FIELDS = 10


# When a lot came, in seconds, and its id.
_PLACE = re.compile(r"[0-9]{11}\.[0-9]{3}#[0-9A-Za-z_-]{1,64}")


class LotList(Value):
    """Which of an issuer's lots GET /lotes shows."""

    per_page: int = 20
    start: str | None = None


def list_query(parameters: Parameters) -> LotList:
    """The page of lots that a query string asks for. Raises InvalidDocument naming every wrong parameter."""
    reader = Reader(parameters)
    reader.refuse_unknown("per_page", "cursor")
    per_page = reader.integer("per_page", 20, MAX_LOTS)
    cursor = reader.text("cursor")
    start = decoded_cursor(cursor, _PLACE) if cursor else None
    if cursor and start is None:
        reader.refuse("cursor", "debe ser el cursor_siguiente de una página anterior")
    reader.settle()
    return LotList(per_page=per_page, start=start)


def listed(lots: list[Lot], following: str | None, query: LotList, base_url: str) -> JsonObject:
    """The answer of GET /lotes. What became of a lot's lines is counted for one lot alone, by GET /lotes/{id}."""
    cursor = encoded_cursor(following) if following else None
    path = f"{base_url.rstrip('/')}/lotes"
    asked = urlencode({"per_page": query.per_page, "cursor": cursor or ""})
    return {
        "ok": True,
        "data": [
            {
                **_lot(lot, base_url),
                "estado": _LEIDO if lot.state is LotState.READ else _ESTADO[lot.state],
                "documentos": lot.taken if lot.state is LotState.READ else lot.total,
                "leidos": lot.taken,
                "ultimo_error": lot.last_error,
            }
            for lot in lots
        ],
        "links": {"next": f"{path}?{asked}" if cursor else None},
        "meta": {"per_page": query.per_page, "cursor_siguiente": cursor},
    }


class LotPage(Value):
    """Which of a lot's lines GET /lotes/{id} shows. ``start`` says where the page starts."""

    estado: str | None = None
    per_page: int = 20
    start: str | None = None


def page_query(parameters: Parameters) -> LotPage:
    """The page that a query string asks for. Raises InvalidDocument naming every wrong parameter."""
    reader = Reader(parameters)
    reader.refuse_unknown("estado", "per_page", "cursor")
    estado = reader.choice("estado", ESTADOS)
    per_page = reader.integer("per_page", 20, MAX_PER_PAGE)
    cursor = reader.text("cursor")
    position = decoded_cursor(cursor, _POSITION) if cursor else None
    if cursor and not (position and position.startswith(estado or "")):
        reader.refuse("cursor", "debe ser el cursor_siguiente de una página anterior, con el mismo «estado»")
    reader.settle()
    return LotPage(estado=estado, per_page=per_page, start=position)


def taken_in(lot: Lot, refusals: list[Refusal], base_url: str) -> JsonObject:
    """The answer of a POST /lotes with its documents in it."""
    received = lot.total or 0
    return {
        "ok": True,
        "data": {
            **_lot(lot, base_url),
            "recibidos": received,
            "aceptados": received - len(refusals),
            "invalidos": len(refusals),
            "errores": [_refusal(refusal) for refusal in refusals],
        },
    }


def to_upload(lot: Lot, url: str, headers: dict[str, str], until: datetime, base_url: str) -> JsonObject:
    """The answer of a POST /lotes that announces a file."""
    upload = {"metodo": "PUT", "url": url, "encabezados": headers, "vence": bogota(until).isoformat()}
    return {"ok": True, "data": {**_lot(lot, base_url), "subida": upload}}


def status(
    found: "Progress",
    rows: list["LotRow"],
    following: str | None,
    query: LotPage,
    now: datetime,
    base_url: str,
) -> JsonObject:
    """The answer of GET /lotes/{id}."""
    lot, counts = found.lot, {estado: found.counts.get(estado, 0) for estado in ESTADOS}
    cursor = encoded_cursor(following) if following else None
    asked = {"estado": query.estado, "per_page": str(query.per_page), "cursor": cursor}
    finished = lot.state is LotState.READ and not counts["pendiente"]
    link = _self(lot.lot_id, base_url)
    data: JsonObject = {
        **_lot(lot, base_url),
        "estado": "terminado" if finished and not is_of_a_day(lot.lot_id) else _ESTADO[lot.state],
        "documentos": found.lines,
        # A line is in the index before its lot says that it was taken.
        "leidos": sum(found.counts.values()),
        "terminados": found.done,
        "avance_pct": _percent(found),
        "conteo": counts,
        "segundos_restantes": None if found.seconds_left is None else math.ceil(found.seconds_left),
        "termina_aproximadamente": _ends(found, now),
        "ultimo_error": lot.last_error,
    }
    return {
        "ok": True,
        "data": data,
        "documentos": [_row(row, len(rows), base_url) for row in rows],
        "links": {
            "self": link,
            "next": f"{link}?{urlencode({k: v for k, v in asked.items() if v})}" if cursor else None,
        },
        "meta": {"per_page": query.per_page, "cursor_siguiente": cursor},
    }


def named(lot: Lot) -> JsonObject:
    """The lot that a request conflicts with, for the answer."""
    return {"lote_id": lot.lot_id, "estado": _ESTADO[lot.state]}


def _lot(lot: Lot, base_url: str) -> JsonObject:
    return {
        **named(lot),
        "fecha_recepcion": bogota(lot.created_at).isoformat(),
        "links": {"self": _self(lot.lot_id, base_url)},
    }


def _self(lot_id: str, base_url: str) -> str:
    return f"{base_url.rstrip('/')}/lotes/{lot_id}"


def _row(row: "LotRow", rows: int, base_url: str) -> JsonObject:
    if isinstance(row, Refusal):
        return _refusal(row)
    repetition, record = row if isinstance(row, tuple) else (None, row)
    line = repetition.line if repetition else record.line
    assert line is not None
    shown = within(rows, of_record(record, base_url))
    return {**_place(line), "repetido": repetition is not None, **shown}


def _refusal(refusal: Refusal) -> JsonObject:
    fields = dict(list(refusal.fields.items())[:_MOST_FIELDS])
    return {
        **_place(refusal.line),
        "referencia": refusal.reference,
        "estado": "invalido",
        "codigo": refusal.code,
        "error": refusal.message,
        "errors": fields,
    }


def _place(line: LotLine) -> JsonObject:
    """The line's number in its lot, from 1; of a document that came by the queue, the message's id."""
    if line.place.isdigit():
        return {"posicion": int(line.place)}
    return {"posicion": None, "mensaje": line.place.partition("-")[2]}


def _percent(found: "Progress") -> float | None:
    if not found.lines:
        return None
    return round(100 * min(1.0, found.done / found.lines), 1)


def _ends(found: "Progress", now: datetime) -> str | None:
    if found.seconds_left is None:
        return None
    return bogota(now + timedelta(seconds=found.seconds_left)).isoformat()
