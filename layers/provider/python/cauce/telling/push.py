"""News is pushed to endpoints: once a minute a round of each makes its deliveries, and each delivery is tried until
it is taken, for a day.

The table is the outbox. A round writes each delivery, queues it, and only then moves the endpoint's position on: one
that dies is made again, and finds what is there. A delivery is done when its item says so; one that dies after its
call is made again, with the same id. Of one record the deliveries to an endpoint are one message group; one that
waits keeps the later ones behind it, and where its message was lost the later one's delivers it first.

An endpoint that does not answer, or says that it cannot now, rests between its tries. One that refuses a delivery, as
an ERP does the news of a document that it does not know, gets the others meanwhile. Of one that takes nothing, once
``_MOST_WAITING`` deliveries wait, one more is made in a minute, which tells whether it takes others than those; what
is new waits in the feed.
"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from cauce.domain.endpoint import (
    GONE,
    Delivery,
    DeliveryState,
    Endpoint,
    Try,
)
from cauce.domain.errors import Conflict, NotFound
from cauce.domain.models import changed
from cauce.domain.news import News, NewsType
from cauce.gateway import Endpointing, Pushing

_log = logging.getLogger("cauce")

# Deliveries that are made of one reading; those that may wait at an endpoint that takes nothing, and at any.
_AT_ONCE, _MOST_WAITING, _MOST_EVER = 100, 200, 2000
# A pending delivery that is overdue for so long has lost its message, or waits behind another of its record: it is
# queued again, once in an hour.
_OVERDUE, _AGAIN = timedelta(minutes=5), timedelta(hours=1)
# A round comes back so often, until its minute is over.
_COMES_BACK, _LASTS = timedelta(seconds=10), timedelta(seconds=45)
# No delivery's message is hidden for longer, whenever the next try is: it may be asked for at once meanwhile, and a
# message behind it in its group is not seen.
_LONGEST_HIDDEN = timedelta(minutes=10)
_MOST_RETRY_AFTER_SECONDS = 3600.0
# Answers by which a server, or what stands before it, says that it can take nothing now. Any other is about what it
# was sent.
_NOT_NOW = frozenset({408, 429, 502, 503, 504})

Rendered = Callable[[News], bytes]
"""What an endpoint is sent of a piece of news: the contract's."""


class Result(StrEnum):
    """What became of a delivery's message."""

    DELIVERED = "delivered"
    FAILED = "failed"
    GIVEN_UP = "given_up"
    DISABLED = "disabled"
    WAITS = "waits"
    NOTHING_TO_DO = "nothing_to_do"


FAILED = frozenset({Result.FAILED, Result.GIVEN_UP, Result.DISABLED})


@dataclass(frozen=True)
class Pushed:
    result: Result
    comes_back_in: timedelta | None = None


def hand_out(gateway: Pushing) -> int:
    """Queue a round of every active endpoint; how many. Of two runs in a minute SQS drops one."""
    active = list(gateway.endpoints.active())
    gateway.pushes.put_rounds(active, int(gateway.now().timestamp()) // 60)
    return len(active)


def round_of(gateway: Pushing, nit: str, endpoint_id: str, queued_at: datetime) -> timedelta | None:
    """Make an endpoint's deliveries of what is new; after how long its message comes back, if it does."""
    endpoint, now = gateway.endpoints.find(nit, endpoint_id), gateway.now()
    if endpoint is None or not endpoint.active:
        return None
    comes_back = _COMES_BACK if now - queued_at < _LASTS else None
    room = _room(gateway, endpoint, now)
    if room == 0:
        return comes_back
    page = gateway.news.page(nit, endpoint.position, room)
    wanted = [(position, news) for position, news in page.rows if endpoint.wants(news)]
    for position, news in wanted:
        gateway.deliveries.begin(endpoint, position, news, now)
    gateway.pushes.put(nit, endpoint_id, [(position, _group(news), "new") for position, news in wanted])
    if page.next != endpoint.position:
        gateway.endpoints.moved_on(endpoint, page.next)
    if room < _AT_ONCE:
        return None
    return comes_back if page.is_last else timedelta()


def _room(gateway: Pushing, endpoint: Endpoint, now: datetime) -> int:
    """How many more deliveries may be made for an endpoint now. Those whose message may be lost are queued again."""
    most = _MOST_WAITING if endpoint.failing_since else _MOST_EVER
    pending = gateway.deliveries.pending(endpoint.issuer, endpoint.id, most)
    overdue = now - _OVERDUE
    again = []
    for position, at in pending:
        if datetime.fromtimestamp(float(at), UTC) >= overdue:
            break
        if not gateway.deliveries.put_off(endpoint.issuer, endpoint.id, position, at, now + _AGAIN):
            continue
        delivery = gateway.deliveries.find(endpoint.issuer, endpoint.id, position)
        if delivery is not None:
            again.append((position, _group(delivery.news), at))
    gateway.pushes.put(endpoint.issuer, endpoint.id, sorted(again))
    if endpoint.rests_until is not None and now < endpoint.rests_until:
        return 0
    return _AT_ONCE if len(pending) < most else 1


def _group(news: News) -> str:
    """What keeps news in order: that of one record is one line, and so is all that is of none."""
    return news.record.document_id if news.record is not None else "-"


def deliver(gateway: Endpointing, nit: str, endpoint_id: str, position: str, rendered: Rendered) -> Pushed:
    """Deliver a piece of news to an endpoint, if that is still to be done."""
    endpoint = gateway.endpoints.find(nit, endpoint_id)
    delivery = gateway.deliveries.find(nit, endpoint_id, position)
    if endpoint is None:  # what was begun while it was removed
        gateway.deliveries.forget(nit, endpoint_id, gateway.now())
    if endpoint is None or delivery is None or delivery.state is not DeliveryState.PENDING:
        return Pushed(Result.NOTHING_TO_DO)
    if not endpoint.active:  # what is pending waits in the table until it is enabled
        return Pushed(Result.WAITS)
    first = _first_of_its_record(gateway, endpoint, delivery)
    now = gateway.now()
    ready_at = max(first.next_at, endpoint.rests_until or first.next_at)
    if now < ready_at:
        return Pushed(Result.WAITS, min(ready_at - now, _LONGEST_HIDDEN))
    pushed = _called(gateway, endpoint, first, rendered)
    # What was asked for comes next.
    return pushed if first is delivery else replace(pushed, comes_back_in=pushed.comes_back_in or timedelta())


def _first_of_its_record(gateway: Endpointing, endpoint: Endpoint, delivery: Delivery) -> Delivery:
    """The earliest pending delivery of the same record: its message may be lost."""
    record = delivery.news.record
    if record is None:
        return delivery
    earlier = [
        position
        for position, _ in gateway.deliveries.pending(endpoint.issuer, endpoint.id, _MOST_EVER + _AT_ONCE)
        if position < delivery.position and position.split("#")[1] == record.document_id
    ]
    for position in sorted(earlier):
        found = gateway.deliveries.find(endpoint.issuer, endpoint.id, position)
        if found is not None and found.state is DeliveryState.PENDING:
            return found
    return delivery


def _called(gateway: Endpointing, endpoint: Endpoint, delivery: Delivery, rendered: Rendered) -> Pushed:
    tried, retry_after = call(gateway, endpoint, delivery.news, rendered)
    is_done = tried.why is None
    after = delivery.tried(tried, is_done=is_done)
    gateway.deliveries.save(endpoint.issuer, after)
    _log.info(
        "news delivered" if is_done else "news not delivered",
        extra={
            "issuer": endpoint.issuer,
            "endpoint": endpoint.id,
            "status": tried.status,
            "news": delivery.news.id,
        },
    )
    if is_done:
        gateway.endpoints.worked(endpoint)
        return Pushed(Result.DELIVERED)
    if _failed(gateway, endpoint, tried, retry_after):
        return Pushed(Result.DISABLED)
    if after.state is DeliveryState.GIVEN_UP:
        return Pushed(Result.GIVEN_UP)
    return Pushed(Result.FAILED, min(after.next_at - gateway.now(), _LONGEST_HIDDEN))


def call(
    gateway: Endpointing, endpoint: Endpoint, news: News, rendered: Rendered
) -> tuple[Try, float | None]:
    """Call an endpoint once with a piece of news: what came of it, and how many seconds it wants to be left alone."""
    from cauce.telling import posting, signing  # the other messages of this function need no network

    at, body, began = gateway.now(), rendered(news), time.monotonic()

    def tried(status: int | None, why: str | None) -> Try:
        return Try(at=at, status=status, took_ms=round((time.monotonic() - began) * 1000), why=why)

    secrets = gateway.endpoints.secrets(endpoint, at)
    if not secrets:
        return tried(None, "Su secreto no se puede leer: renuévelo."), None
    try:
        answer = posting.post(
            endpoint.url, body, signing.headers(news.id, at, body, secrets), local=gateway.local_endpoints
        )
    except posting.NoAnswer as trouble:
        return tried(None, str(trouble)), None
    if 200 <= answer.status < 300:
        return tried(answer.status, None), None
    why = (
        f"Respondió {answer.status}: {answer.beginning}"
        if answer.beginning
        else f"Respondió {answer.status}."
    )
    return tried(answer.status, why), answer.retry_after


def _failed(gateway: Endpointing, endpoint: Endpoint, tried: Try, retry_after: float | None) -> bool:
    """Note a failed call: the endpoint rests, or is disabled. Whether it was disabled."""
    now = gateway.now()
    is_away = tried.status is None or tried.status in _NOT_NOW
    rests_until = endpoint.rests_after_failure(now) if is_away else None
    if retry_after is not None:
        asked = now + timedelta(seconds=min(retry_after, _MOST_RETRY_AFTER_SECONDS))
        rests_until = max(asked, rests_until or asked)
    current = gateway.endpoints.failed(endpoint, now, rests_until)
    if current is None or (tried.status != GONE and not current.is_to_be_disabled(now)):
        return False
    why = tried.why if tried.status == GONE else f"No recibió nada durante 24 horas. {tried.why}"
    with suppress(Conflict, NotFound):  # somebody changes or removes it right now
        disable(gateway, current, why)
        return True
    return False


def disable(gateway: Endpointing, endpoint: Endpoint, why: str | None) -> Endpoint:
    """Disable an endpoint: nothing is delivered to it until it is enabled, and nothing is lost. Where it is not a
    person who does so, ``why`` is news. Raises Conflict where somebody changed it meanwhile.

    The news is written first: who dies before the endpoint is disabled comes here again.
    """
    now = gateway.now()
    if why is not None:
        since = endpoint.failing_since or now
        news = News(
            id="",
            type=NewsType.ENDPOINT_DISABLED,
            issuer=endpoint.issuer,
            at=now,
            why=why,
            endpoint=endpoint.id,
        )
        gateway.news.notice(f"endpoint#{endpoint.id}#{since.isoformat()}", news)
    disabled = changed(endpoint, {"active": False, "disabled_at": now, "disabled_why": why})
    gateway.endpoints.save(disabled)
    _log.warning("endpoint disabled", extra={"issuer": endpoint.issuer, "endpoint": endpoint.id})
    return disabled
