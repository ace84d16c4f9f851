"""Ranges, their syncs, and a provider's own listing, in the contract's words."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from cauce.api.render import TIPO_DOCUMENTO
from cauce.domain.errors import InvalidDocument
from cauce.domain.ranges import NumberingRange, RangeState
from cauce.providers.base import Emitted, EmittedPage, EmittedQuery

if TYPE_CHECKING:
    from cauce.numbering import Report

_KIND_OF = {name: kind for kind, name in TIPO_DOCUMENTO.items()}
MAX_ROWS = 100


def ranges(found: list[tuple[NumberingRange, RangeState, str | None]]) -> dict[str, Any]:
    """The answer of GET /numeraciones."""
    return {"ok": True, "data": [_range(r, state, warned) for r, state, warned in found]}


def sync_reports(reports: list["Report"], today: date) -> dict[str, Any]:
    """The answer of POST /numeraciones/sincronizar: what each provider's sync changed."""
    return {
        "ok": all(report.error is None for report in reports),
        "data": [_report(r, today) for r in reports],
    }


def emitted_query(parameters: Mapping[str, str] | None) -> tuple[str | None, EmittedQuery]:
    """The provider named in a GET /emitidos, if any, and what to search for in its listing.

    ``proveedor``, ``tipo_documento``, ``offset`` and ``cantidad`` are ours; the rest are the provider's filters.
    """
    given = dict(parameters or {})
    name = given.pop("proveedor", None)
    kind = given.pop("tipo_documento", None)
    if kind is not None and kind not in _KIND_OF:
        raise InvalidDocument(
            "Datos invalidos", fields={"tipo_documento": [f"Es uno de: {', '.join(_KIND_OF)}."]}
        )
    offset = _count(given.pop("offset", "0"), "offset", 0, 1_000_000)
    limit = _count(given.pop("cantidad", "20"), "cantidad", 1, MAX_ROWS)
    return name, EmittedQuery(
        kind=_KIND_OF[kind] if kind else None, filters=given, offset=offset, limit=limit
    )


def emitted(provider: str, page: EmittedPage) -> dict[str, Any]:
    """The answer of GET /emitidos."""
    return {
        "ok": True,
        "data": [_emitted(row) for row in page.rows],
        "meta": {"proveedor": provider, "offset_siguiente": page.next_offset},
    }


def _range(found: NumberingRange, state: RangeState, warned: str | None) -> dict[str, Any]:
    """A range; its technical key is a secret and stays inside."""
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


def _report(report: "Report", today: date) -> dict[str, Any]:
    def rows(found: list[NumberingRange]) -> list[dict[str, Any]]:
        return [_range(r, r.state(today), r.warning(today)) for r in found]

    return {
        "proveedor": report.provider,
        "error": report.error,
        "nuevos": rows(report.new),
        "cambiados": rows(report.changed),
        "ausentes": rows(report.vanished),
        "iguales": len(report.unchanged),
    }


def _emitted(row: Emitted) -> dict[str, Any]:
    return {
        "id_proveedor": row.provider_id,
        "referencia": row.reference,
        "tipo_documento": row.kind,
        "numero_completo": row.number,
        "adquirente": {"documento": row.counterparty, "razon_social": row.counterparty_name},
        "total": row.total,
        "fecha_emision": row.issued_at,
        "fecha_recepcion": row.received_at,
        "cufe": row.uuid,
        "estado": row.estado,
        "mensajes": list(row.messages),
        "links": row.links,
        "otros": row.extra,
    }


def _count(text: str, name: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 8 and least <= int(text) <= most):
        message = f"El parámetro «{name}» debe ser un número entero entre {least} y {most}."
        raise InvalidDocument("Datos invalidos", fields={name: [message]})
    return int(text)
