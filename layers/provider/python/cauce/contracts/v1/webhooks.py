"""Webhooks: endpoints in the contract's words, what they are asked with, and what they are sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr

from cauce.contracts.v1 import news as told
from cauce.contracts.v1 import sentences
from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.errors import InvalidRequest
from cauce.contracts.v1.fields import Boolean, Code, FieldKind, Text, optional, refused, required
from cauce.contracts.v1.queries import MAX_PER_PAGE, Reader, decoded_cursor, encoded_cursor
from cauce.contracts.v1.render import dump
from cauce.contracts.v1.shapes import Shape
from cauce.domain.document import Value
from cauce.domain.endpoint import Delivery, DeliveryState, Endpoint, Try, fault_of_url
from cauce.domain.news import News, NewsType
from cauce.domain.time import bogota

_ESTADOS = {"activo": True, "inactivo": False}
ENTREGAS = {
    "pendiente": DeliveryState.PENDING,
    "entregada": DeliveryState.DELIVERED,
    "abandonada": DeliveryState.GIVEN_UP,
}
_CALLED = {state: name for name, state in ENTREGAS.items()}
_SHOWN_TYPES = {kind: name for name, kind in told.TIPOS.items()}
_MOST_TYPES = 50


@dataclass(frozen=True)
class _Types(FieldKind):
    """A list of types of news; ``contingencia.*`` stands for all that begin so."""

    def read(self, value: object) -> tuple[NewsType, ...]:
        named = value.split(",") if isinstance(value, str) else value
        if not isinstance(named, list) or len(named) > _MOST_TYPES:
            raise refused("debe ser una lista de tipos de novedad")
        found: dict[NewsType, None] = {}
        for each in named:
            matched = told.matching(each.strip()) if isinstance(each, str) else ()
            if not matched:
                raise refused(f"solo admite: {', '.join(told.TIPOS)}")
            found |= dict.fromkeys(matched)
        return tuple(found)

    def described(self) -> JsonObject:
        return {"type": "array", "items": {"type": "string"}, "maxItems": _MOST_TYPES}


_URL = Text(500)
_DESCRIPTION = Text(100)


class NewWebhook(Shape):
    """POST /webhooks."""

    url: str = required("La dirección", _URL, example="https://erp.example.com/avisos")
    tipos: tuple[NewsType, ...] | None = optional("Los tipos", _Types(), about="vacío: todas las novedades")
    descripcion: str | None = optional("La descripción", _DESCRIPTION, example="Contabilidad")


class WebhookChange(Shape):
    """PATCH /webhooks/{id}: what is absent stays as it is."""

    url: str | None = optional("La dirección", _URL, example="https://erp.example.com/avisos")
    tipos: tuple[NewsType, ...] | None = optional("Los tipos", _Types(), about="[] son todas las novedades")
    descripcion: str | None = optional("La descripción", _DESCRIPTION, example="Contabilidad")
    estado: str | None = optional("El estado", Code(dict.fromkeys(_ESTADOS, "")), example="activo")

    @property
    def active(self) -> bool | None:
        return None if self.estado is None else _ESTADOS[self.estado]


class Again(Shape):
    """POST /webhooks/{id}/repetir: one delivery by its id, or all since a moment."""

    entrega: str | None = optional("La entrega", Text(300))
    desde: str | None = optional("La fecha", Text(40), example="2026-05-10T08:00:00-05:00")
    solo_abandonadas: bool | None = optional("Si solo las abandonadas", Boolean(), example=False)


def new(body: JsonObject, *, local: bool) -> NewWebhook:
    """The endpoint that a body asks for. Raises InvalidRequest."""
    found = sentences.read(NewWebhook, body)
    _check(found.url, local=local)
    return found


def change(body: JsonObject, *, local: bool) -> WebhookChange:
    found = sentences.read(WebhookChange, body)
    if found.url is not None:
        _check(found.url, local=local)
    return found


def _check(url: str, *, local: bool) -> None:
    if fault := fault_of_url(url, local=local):
        raise InvalidRequest({"url": [f"La dirección {fault}."]})


def again(body: JsonObject) -> tuple[str | None, datetime | None, bool]:
    """What is to be delivered again: the position of one delivery, or the moment since which, and whether only what
    was given up. Raises InvalidRequest."""
    found = sentences.read(Again, body)
    if (found.entrega is None) == (found.desde is None):
        raise InvalidRequest({"entrega": ["Diga la «entrega» que quiere repetir, o «desde» cuándo."]})
    if found.entrega is not None:
        position = decoded_cursor(found.entrega, told.POSITION)
        if position is None:
            raise InvalidRequest({"entrega": ["La entrega no es el «id» de una entrega de este webhook."]})
        return position, None, False
    return None, _moment(found.desde or ""), bool(found.solo_abandonadas)


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not 2000 <= found.year <= 2100:
        raise InvalidRequest(
            {"desde": ["La fecha debe ser como 2026-05-10T08:00:00-05:00, con su hora y su zona."]}
        )
    return found


class LogQuery(Value):
    start: str | None = None
    per_page: int = 20


def log_query(parameters: Mapping[str, str] | None) -> LogQuery:
    """The page of deliveries that a query string asks for. Raises InvalidRequest."""
    reader = Reader(parameters)
    reader.refuse_unknown("cursor", "per_page")
    cursor = reader.text("cursor")
    start = decoded_cursor(cursor, told.POSITION) if cursor else None
    if cursor and start is None:
        reader.refuse("cursor", "debe ser el «cursor_siguiente» de una respuesta anterior")
    per_page = reader.integer("per_page", 20, MAX_PER_PAGE)
    reader.settle()
    return LogQuery(start=start, per_page=per_page)


def sent(news: News) -> bytes:
    """What an endpoint is sent of a piece of news: the same bytes each time. Source: Standard Webhooks, «Payload
    structure»; ``data`` is a row of GET /novedades, without links."""
    body = told.told(news, None)
    return dump({"type": body["tipo"], "timestamp": body["fecha"], "data": body}).encode()


def named(types: tuple[NewsType, ...]) -> list[str]:
    """What the contract calls these types."""
    return [_SHOWN_TYPES[each] for each in types]


def shown(endpoint: Endpoint) -> JsonObject:
    """An endpoint; its secret is shown only when it is made or replaced."""
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "tipos": [*named(endpoint.types)],
        "descripcion": endpoint.description,
        "estado": "activo" if endpoint.active else "inactivo",
        "creado": bogota(endpoint.created_at).isoformat(),
        "desactivado": bogota(endpoint.disabled_at).isoformat() if endpoint.disabled_at else None,
        "motivo": endpoint.disabled_why,
        "fallos_seguidos": endpoint.failures,
        "falla_desde": bogota(endpoint.failing_since).isoformat() if endpoint.failing_since else None,
    }


def answer(endpoint: Endpoint) -> JsonObject:
    return {"ok": True, "data": shown(endpoint)}


def with_secret(endpoint: Endpoint, secret: SecretStr, former_until: datetime | None = None) -> JsonObject:
    """The answer that shows a secret, once."""
    until = {"anterior_vale_hasta": bogota(former_until).isoformat()} if former_until else {}
    return {**answer(endpoint), "secreto": secret.get_secret_value(), **until}


def listed(endpoints: list[Endpoint]) -> JsonObject:
    return {"ok": True, "data": [shown(each) for each in endpoints]}


def tried(found: Try) -> JsonObject:
    """The answer of POST /webhooks/{id}/probar."""
    return {"ok": True, "data": {"recibido": found.why is None, **_try(found)}}


def log(deliveries: list[Delivery], following: str | None) -> JsonObject:
    """The answer of GET /webhooks/{id}/entregas."""
    return {
        "ok": True,
        "data": [delivery(each) for each in deliveries],
        "cursor_siguiente": encoded_cursor(following) if following else None,
    }


def delivery(found: Delivery) -> JsonObject:
    is_pending = found.state is DeliveryState.PENDING
    return {
        "id": encoded_cursor(found.position),
        "webhook_id": found.news.id,
        "tipo": _SHOWN_TYPES[found.news.type],
        "fecha": bogota(found.news.at).isoformat(),
        "tracking_id": found.news.record.document_id if found.news.record else None,
        "estado": _CALLED[found.state],
        "proximo_intento": bogota(found.next_at).isoformat() if is_pending else None,
        "intentos": [_try(each) for each in found.tries],
    }


def _try(found: Try) -> JsonObject:
    return {
        "fecha": bogota(found.at).isoformat(),
        "http": found.status,
        "ms": found.took_ms,
        "motivo": found.why,
    }


def repeated(count: int, more_since: datetime | None) -> JsonObject:
    """The answer of POST /webhooks/{id}/repetir. ``more_since``: since when there are more."""
    following = bogota(more_since).isoformat() if more_since else None
    return {"ok": True, "repetidas": count, "hay_mas": more_since is not None, "desde_siguiente": following}
