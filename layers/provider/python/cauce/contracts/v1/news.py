"""News in the contract's words: ``GET /novedades``, and what a webhook brings."""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.queries import MAX_PER_PAGE, Reader, decoded_cursor, encoded_cursor
from cauce.contracts.v1.render import TIPO_CODIGO, TIPO_DOCUMENTO
from cauce.domain.catalogs import EVENTS
from cauce.domain.document import Value
from cauce.domain.news import News, NewsType, OfEvent, OfLot, OfRecord
from cauce.domain.record import SHOWN_STATE, State
from cauce.domain.time import bogota

TIPOS = {
    "aceptado": NewsType.ACCEPTED,
    "rechazo": NewsType.REJECTED,
    "fallido": NewsType.FAILED,
    "requiere_atencion": NewsType.NEEDS_PERSON,
    "contingencia.emitida": NewsType.CONTINGENCY_ISSUED,
    "contingencia.plazo": NewsType.CONTINGENCY_LIMIT,
    "contingencia.sin_efecto": NewsType.CONTINGENCY_VOID,
    "correo.fallido": NewsType.MAIL_FAILED,
    "correo.devuelto": NewsType.MAIL_RETURNED,
    "correo.queja": NewsType.MAIL_COMPLAINED,
    "numeracion.por_agotarse": NewsType.RANGE_RUNS_OUT,
    "numeracion.por_vencer": NewsType.RANGE_EXPIRES,
    "numeracion.cambio": NewsType.RANGE_CHANGED,
    "certificado.por_vencer": NewsType.CERTIFICATE_EXPIRES,
    "cuota.80": NewsType.QUOTA_80,
    "cuota.100": NewsType.QUOTA_100,
    "ley.faltan_valores": NewsType.LAW_VALUES_MISSING,
    "evento.recibido": NewsType.EVENT_SEEN,
    "lote.terminado": NewsType.LOT_ENDED,
    "webhook.desactivado": NewsType.ENDPOINT_DISABLED,
    "webhook.prueba": NewsType.TEST,
}
"""What the contract calls each type of news."""
_CALLED = {found: name for name, found in TIPOS.items()}
_SETTLED = (State.ACCEPTED, State.REJECTED, State.FAILED)
TERMINADOS = (*(SHOWN_STATE[each] for each in _SETTLED), "invalido", "repetido")
"""In what a lot's lines end."""
_CAMBIO = {"new": "nuevo", "changed": "cambiado", "gone": "ausente"}

# A moment, and what was told then: a position in a feed, or the beginning.
POSITION = re.compile(r"0|[0-9]{11}\.[0-9]{3}#[!-~]{1,200}")
_START = "0"
ORDENES = _OLDEST, _LATEST = "antiguas", "recientes"


class Asked(Value):
    """What GET /novedades asks for; ``types`` is empty for all."""

    after: str = _START
    types: tuple[NewsType, ...] = ()
    per_page: int = MAX_PER_PAGE
    latest: bool = False
    """Newest first; ``after`` is then what the page is before, or the beginning for the latest of all."""


def asked(parameters: Mapping[str, str] | None) -> Asked:
    """What a query string asks for. Raises InvalidRequest naming every wrong parameter."""
    reader = Reader(parameters)
    reader.refuse_unknown("cursor", "tipos", "per_page", "orden")
    cursor = reader.text("cursor")
    after = decoded_cursor(cursor, POSITION) if cursor else _START
    if after is None:
        reader.refuse("cursor", "debe ser el «cursor» de una respuesta anterior")
    types = tipos(reader)
    per_page = reader.integer("per_page", MAX_PER_PAGE, MAX_PER_PAGE)
    order = reader.choice("orden", ORDENES)
    reader.settle()
    return Asked(after=after or _START, types=types, per_page=per_page, latest=order == _LATEST)


def tipos(reader: Reader) -> tuple[NewsType, ...]:
    """The types of the parameter ``tipos``, separated by commas. One that ends in a dot and an asterisk is all that
    begin so: ``contingencia.*``."""
    found: dict[NewsType, None] = {}
    for name in (reader.text("tipos") or "").split(","):
        named = matching(name.strip())
        if name.strip() and not named:
            reader.refuse("tipos", f"solo admite, separados por comas: {', '.join(TIPOS)}")
            break
        found |= dict.fromkeys(named)
    return tuple(found)


def matching(name: str) -> tuple[NewsType, ...]:
    """The types that a name means: one, or with ``.*`` all that begin so; none where there is no such type."""
    if name.endswith(".*"):
        return tuple(found for tipo, found in TIPOS.items() if tipo.startswith(name[:-1]))
    return (TIPOS[name],) if name in TIPOS else ()


def page(news: list[News], after: str, base_url: str, asked_for: Asked, *, has_more: bool) -> JsonObject:
    """The answer of GET /novedades. ``after``: where to go on from, whether there was news or not."""
    cursor = encoded_cursor(after)
    query = {"cursor": cursor, "per_page": str(asked_for.per_page)}
    if asked_for.latest:
        query["orden"] = _LATEST
    if asked_for.types:
        query["tipos"] = ",".join(_CALLED[each] for each in asked_for.types)
    return {
        "ok": True,
        "data": [told(each, base_url) for each in news],
        "cursor": cursor,
        "hay_mas": has_more,
        "links": {"siguiente": f"{base_url.rstrip('/')}/novedades?{urlencode(query)}"},
    }


def told(news: News, base_url: str | None) -> JsonObject:
    """One piece of news; of ``documento`` and the others it has what its type is about. Without a ``base_url`` it has
    no links."""
    about: JsonObject = {}
    if news.record is not None:
        about["documento"] = _record(news.record, base_url)
    if news.range is not None:
        about["numeracion"] = _range(news)
    if news.quota is not None:
        used, limit = news.quota.used, news.quota.limit
        about["cuota"] = {"consumidos": used, "limite": limit, "periodo": news.quota.period}
    if news.lot is not None:
        about["lote"] = _lot(news.lot, base_url)
    if news.event is not None:
        about["evento"] = _event(news.event)
    if news.expires_at is not None:
        about["certificado"] = {"proveedor": news.provider, "vence": bogota(news.expires_at).isoformat()}
    if news.endpoint is not None:
        about["webhook"] = {"id": news.endpoint}
    return {
        "id": news.id,
        "tipo": _CALLED[news.type],
        "fecha": bogota(news.at).isoformat(),
        **about,
        "motivo": news.why,
    }


def _record(found: OfRecord, base_url: str | None) -> JsonObject:
    own = {"self": f"{base_url.rstrip('/')}/documentos/{found.document_id}"} if base_url else None
    return {
        "tracking_id": found.document_id,
        "version": found.version,
        "tipo_documento": TIPO_DOCUMENTO[found.kind],
        "numero_completo": found.number,
        "referencia": found.reference,
        "cufe": found.uuid,
        "tipo_codigo": TIPO_CODIGO[found.kind],
        "estado": SHOWN_STATE[found.state],
        "proveedor": found.provider,
        **({"evento": found.code.value} if found.code else {}),
        **({"limite": bogota(found.limit).isoformat()} if found.limit else {}),
        **({"links": own} if own else {}),
    }


def _event(found: OfEvent) -> JsonObject:
    return {
        "codigo": found.code,
        "nombre": EVENTS.get(found.code),
        "numero": found.number,
        "cude": found.uuid,
        "fecha": bogota(found.at).isoformat() if found.at else None,
    }


def _lot(found: OfLot, base_url: str | None) -> JsonObject:
    own = {"self": f"{base_url.rstrip('/')}/lotes/{found.lot_id}"} if base_url else None
    return {
        "lote_id": found.lot_id,
        "fecha_recepcion": bogota(found.came_at).isoformat(),
        "documentos": sum(found.counts.values()),
        "conteo": {estado: found.counts.get(estado, 0) for estado in TERMINADOS},
        **({"links": own} if own else {}),
    }


def _range(news: News) -> JsonObject:
    found = news.range
    assert found is not None
    return {
        "proveedor": found.provider,
        "tipo_documento": TIPO_DOCUMENTO[found.kind] if found.kind else None,
        "prefijo": found.prefix,
        "resolucion": found.resolution,
        "numeros_restantes": found.left,
        "dias_restantes": found.days,
        **({"dias_al_ritmo": found.days_by_pace} if found.days_by_pace is not None else {}),
        **({"cambio": _CAMBIO[found.what]} if found.what else {}),
    }
