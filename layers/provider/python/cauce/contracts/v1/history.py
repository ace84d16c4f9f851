"""The RADIAN events on an invoice, in the contract's words."""

from collections.abc import Iterable

from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.render import of_record
from cauce.domain.catalogs import EVENTS
from cauce.domain.record import Record
from cauce.domain.time import bogota
from cauce.providers.base import EventSeen


def answer(record: Record, seen: Iterable[EventSeen], base_url: str) -> JsonObject:
    """The answer of GET /documentos/{id}/eventos."""
    return {"ok": True, "documento": of_record(record, base_url), "eventos": [_event(each) for each in seen]}


def _event(seen: EventSeen) -> JsonObject:
    return {
        "codigo": seen.code,
        "nombre": EVENTS.get(seen.code) or seen.description,
        "numero": seen.number,
        "cude": seen.uuid,
        "fecha": bogota(seen.at).isoformat() if seen.at else None,
        "declarante": seen.sender,
    }
