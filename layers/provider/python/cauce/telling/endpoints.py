"""Endpoints: made, changed, tried and removed by their issuer or an operator."""

import uuid
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from cauce.domain import endpoint as endpoints
from cauce.domain.endpoint import OVERLAP, DeliveryState, Endpoint, Try
from cauce.domain.errors import Conflict, NotFound
from cauce.domain.models import changed
from cauce.domain.news import News, NewsType, known_as
from cauce.gateway import Endpointing
from cauce.telling import push
from cauce.telling.push import Rendered

# Deliveries that one request asks for again, at most.
MOST_AGAIN = 500
_PAGE = 100


def create(
    gateway: Endpointing,
    nit: str,
    url: str,
    types: tuple[NewsType, ...] = (),
    description: str | None = None,
    *,
    by: str | None = None,
) -> tuple[Endpoint, SecretStr]:
    """A new endpoint, which gets what is new from now on, and its secret, which is shown only now.

    Raises Conflict where the issuer has an endpoint at this address, or as many as it may.
    """
    others = gateway.endpoints.all(nit)
    _refuse_repeated(others, url)
    if len(others) >= endpoints.MOST_OF_AN_ISSUER:
        raise Conflict(f"Ya hay {len(others)} webhooks, que es lo máximo; elimine uno.")
    now = gateway.now()
    made = Endpoint(
        id=f"wh_{uuid.uuid4().hex[:20]}",
        issuer=nit,
        url=url,
        types=types,
        description=description,
        by=by,
        created_at=now,
        position=f"{now.timestamp():015.3f}",
    )
    secret = endpoints.new_secret()
    gateway.endpoints.save(made, secret, is_new=True)
    return made, secret


def _refuse_repeated(others: list[Endpoint], url: str) -> None:
    for other in others:
        if other.url == url:
            raise Conflict(f"El webhook {other.id} ya lleva a esa dirección.")


def change(
    gateway: Endpointing,
    endpoint: Endpoint,
    *,
    url: str | None = None,
    types: tuple[NewsType, ...] | None = None,
    description: str | None = None,
    active: bool | None = None,
) -> Endpoint:
    """An endpoint with what is given changed. Once enabled it gets all that it did not get meanwhile, and at another
    address what waits. Raises Conflict, also where somebody else changed it meanwhile."""
    following = changed(
        endpoint,
        {
            "url": url or endpoint.url,
            "types": endpoint.types if types is None else types,
            "description": description or endpoint.description,
        },
    )
    is_elsewhere = following.url != endpoint.url
    if is_elsewhere:
        _refuse_repeated(gateway.endpoints.all(endpoint.issuer), following.url)
    if active and not endpoint.active:
        following = changed(following, {"active": True, "disabled_at": None, "disabled_why": None})
    if active is False and endpoint.active:
        return push.disable(gateway, following, None)
    gateway.endpoints.save(following)
    if following.active and (is_elsewhere or not endpoint.active):
        _begin_anew(gateway, endpoint)
    return following


def _begin_anew(gateway: Endpointing, endpoint: Endpoint) -> None:
    """Have what is pending at an endpoint tried at once, and the endpoint not rest."""
    gateway.endpoints.worked(endpoint)
    for position, _ in gateway.deliveries.pending(endpoint.issuer, endpoint.id, MOST_AGAIN):
        delivery = gateway.deliveries.find(endpoint.issuer, endpoint.id, position)
        if delivery is not None and delivery.state is DeliveryState.PENDING:
            gateway.deliveries.save(endpoint.issuer, delivery.asked_again(_at_once(gateway)))


def rotate(gateway: Endpointing, endpoint: Endpoint) -> tuple[Endpoint, SecretStr, datetime]:
    """A new secret of an endpoint, which is shown only now, and until when the former one signs too. Raises
    Conflict."""
    now = gateway.now()
    former = next(iter(gateway.endpoints.secrets(endpoint, now)), None)
    rotated, secret = changed(endpoint, {"rotated_at": now}), endpoints.new_secret()
    gateway.endpoints.save(rotated, secret, former)
    return rotated, secret, now + OVERLAP


def remove(gateway: Endpointing, endpoint: Endpoint) -> None:
    gateway.endpoints.remove(endpoint, gateway.now())
    gateway.deliveries.forget(endpoint.issuer, endpoint.id, gateway.now())


def test(gateway: Endpointing, endpoint: Endpoint, rendered: Rendered) -> Try:
    """Call an endpoint now with news that says only that it is a test. It is in no feed and in no log."""
    now = gateway.now()
    news = News(
        id=known_as(endpoint.issuer, f"{endpoint.id}#test#{now.isoformat()}"),
        type=NewsType.TEST,
        issuer=endpoint.issuer,
        at=now,
        endpoint=endpoint.id,
    )
    tried, _ = push.call(gateway, endpoint, news, rendered)
    return tried


def deliver_again(gateway: Endpointing, endpoint: Endpoint, position: str) -> None:
    """Have a delivery made once more, whatever became of it; the endpoint knows it by its id. Raises NotFound."""
    delivery = gateway.deliveries.find(endpoint.issuer, endpoint.id, position)
    if delivery is None:
        raise NotFound("Esa entrega no existe o no es de este webhook.")
    gateway.deliveries.save(endpoint.issuer, delivery.asked_again(_at_once(gateway)))


def deliver_again_since(
    gateway: Endpointing, endpoint: Endpoint, since: datetime, *, failed: bool
) -> tuple[int, datetime | None]:
    """Have all deliveries of what happened since a moment made once more, or only those that were given up, oldest
    first: how many, and since when there are more than one request asks for."""
    done, start = 0, None
    while True:
        page, start = gateway.deliveries.since(
            endpoint.issuer, endpoint.id, f"{since.timestamp():015.3f}", start, _PAGE
        )
        for delivery in page:
            is_wanted = delivery.state is DeliveryState.GIVEN_UP or not failed
            if not is_wanted or delivery.state is DeliveryState.PENDING:
                continue
            if done >= MOST_AGAIN:
                return done, datetime.fromtimestamp(float(delivery.position.partition("#")[0]), UTC)
            gateway.deliveries.save(endpoint.issuer, delivery.asked_again(_at_once(gateway)))
            done += 1
        if start is None:
            return done, None


def _at_once(gateway: Endpointing) -> datetime:
    """A time by which the next round finds a delivery overdue, and queues it."""
    return gateway.now() - timedelta(hours=1)
