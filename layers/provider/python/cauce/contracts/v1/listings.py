"""Ranges, their syncs, and a provider's own listing, in the contract's words."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from cauce.contracts.v1.bodies import UNWRITABLE, JsonObject, shown
from cauce.contracts.v1.errors import InvalidRequest
from cauce.contracts.v1.fields import read_date
from cauce.contracts.v1.names import FILTERS
from cauce.contracts.v1.render import TIPO_DOCUMENTO
from cauce.domain.ranges import NumberingRange, RangeState
from cauce.providers.base import Emitted, EmittedPage, EmittedQuery, Filter

if TYPE_CHECKING:
    from cauce.numbering.sync import SyncReport

_KIND_OF = {name: kind for kind, name in TIPO_DOCUMENTO.items()}
# Sorts of invoice that only a provider's listing tells apart (seed 003): filters, and no kinds of ours.
_INVOICE_SORTS = ("factura_mandato", "factura_exportacion", "factura_contingencia")
EMITTED_KINDS = (*_KIND_OF, *_INVOICE_SORTS)
MAX_ROWS = 100
_LONGEST_FILTER = 100


def ranges(found: list[tuple[NumberingRange, RangeState, str | None]]) -> JsonObject:
    """The answer of GET /numeraciones."""
    return {"ok": True, "data": [_range(r, state, warned) for r, state, warned in found]}


def sync_reports(reports: list["SyncReport"], today: date) -> JsonObject:
    """The answer of POST /numeraciones/sincronizar: what each provider's sync changed, and which ranges end soon."""
    return {
        "ok": all(report.error is None for report in reports),
        "data": [_report(r, today) for r in reports],
    }


def emitted_query(parameters: Mapping[str, str] | None) -> tuple[str | None, EmittedQuery]:
    """The provider named in a GET /emitidos, if any, and what to search for in its listing.

    ``proveedor``, ``tipo_documento``, ``offset`` and ``cantidad`` are ours; the rest are the provider's filters.
    """
    given = {name: value.strip() for name, value in (parameters or {}).items() if value.strip()}
    name = given.pop("proveedor", None)
    kind = given.pop("tipo_documento", None)
    if kind in _INVOICE_SORTS:
        given["tipo_documento"], kind = kind, None
    if kind is not None and kind not in _KIND_OF:
        raise InvalidRequest({"tipo_documento": [f"Es uno de: {', '.join(EMITTED_KINDS)}."]})
    for parameter, value in {**given, "proveedor": name or ""}.items():
        _check_filter(parameter, value)
    offset = _count(given.pop("offset", "0"), "offset", 0, 1_000_000)
    limit = _count(given.pop("cantidad", "20"), "cantidad", 1, MAX_ROWS)
    return name, EmittedQuery(
        kind=_KIND_OF[kind] if kind else None, filters=filters(given), offset=offset, limit=limit
    )


def filters(given: Mapping[str, str]) -> tuple[Filter, ...]:
    """The filters that parameters ask for."""
    return tuple(Filter(FILTERS.get(said), value, said) for said, value in given.items())


def emitted(provider: str, page: EmittedPage) -> JsonObject:
    """The answer of GET /emitidos."""
    return {
        "ok": True,
        "data": [_emitted(row) for row in page.rows],
        "meta": {"proveedor": provider, "offset_siguiente": page.next_offset},
    }


def _range(found: NumberingRange, state: RangeState, warned: str | None) -> JsonObject:
    """A range without its technical key, which is a secret."""
    return {
        "proveedor": found.provider,
        "tipo_documento": TIPO_DOCUMENTO[found.kind] if found.kind else None,
        "tipo_proveedor": found.provider_type,
        "prefijo": found.prefix,
        "resolucion": found.resolution,
        "desde": found.start,
        "hasta": found.end,
        "siguiente": found.next,
        "disponibles": found.left,
        "vigente_desde": found.valid_from.isoformat() if found.valid_from else None,
        "vigente_hasta": found.valid_to.isoformat() if found.valid_to else None,
        "estado": state.value,
        "aviso": warned,
    }


def _report(report: "SyncReport", today: date) -> JsonObject:
    def rows(found: list[NumberingRange]) -> list[JsonObject]:
        return [_range(r, r.state(today), r.warning(today)) for r in found]

    return {
        "proveedor": report.provider,
        "error": report.error,
        "nuevos": rows(report.new),
        "cambiados": rows(report.changed),
        "ausentes": rows(report.vanished),
        "iguales": len(report.unchanged),
        "por_renovar": rows(report.to_be_renewed(today)),
    }


def _emitted(row: Emitted) -> JsonObject:
    return {
        "id_proveedor": row.provider_id,
        "referencia": row.reference,
        "tipo_documento": row.own_type or (TIPO_DOCUMENTO[row.kind] if row.kind else None),
        "numero_completo": row.number,
        "adquirente": {"documento": row.counterparty, "razon_social": row.counterparty_name},
        "total": row.total,
        "fecha_emision": row.issued_at,
        "fecha_recepcion": row.received_at,
        "cufe": row.uuid,
        "estado": row.shown_state,
        "mensajes": list(row.messages),
        "links": row.links,
        "otros": row.extra,
    }


def _check_filter(name: str, value: str) -> None:
    """Raise InvalidDocument for a filter that is too long, has control characters, or is named a date and is none."""
    message = None
    if len(name) > _LONGEST_FILTER or len(value) > _LONGEST_FILTER or UNWRITABLE.search(name + value):
        message = f"admite máximo {_LONGEST_FILTER} caracteres, ninguno de control"
    elif name in ("desde", "hasta") or name.startswith("fecha_"):
        try:
            read_date(value)
        except PydanticCustomError as error:
            message = error.message()
    if message:
        named = shown(name)
        raise InvalidRequest({named: [f"El parámetro «{named}» {message}."]})


def _count(text: str, name: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 8 and least <= int(text) <= most):
        message = f"El parámetro «{name}» debe ser un número entero entre {least} y {most}."
        raise InvalidRequest({name: [message]})
    return int(text)
