"""The RADIAN events on an invoice of ours, as DIAN has them: who asks is answered, and each event that was not
seen before is news.

Nothing looks on its own: each look at each invoice would be a call to DIAN, for an event that may never come.
"""

import hashlib
from contextlib import suppress

from cauce.domain import news
from cauce.domain.document import Kind
from cauce.domain.errors import Conflict, CredentialsRejected, Unsupported
from cauce.domain.event import EventCode
from cauce.domain.news import News, NewsType, OfEvent
from cauce.domain.record import Record, State
from cauce.gateway import Hearing
from cauce.providers.base import EventSeen, Provider, Verb

# Events of one history that are told, at most; an invoice has a few.
_MOST = 50


def events(gateway: Hearing, record: Record) -> list[EventSeen]:
    """The events on an accepted invoice, oldest first. One call; besides, two requests for each event that is told,
    and one for each that was.

    Raises Unsupported where no provider of the issuer's tells a history, Conflict where the invoice has none yet, and
    whatever the call raises.
    """
    if record.kind is not Kind.INVOICE:
        raise Unsupported("Solo las facturas tienen eventos.")
    if record.state is not State.ACCEPTED or record.uuid is None:
        raise Conflict("La factura no está aceptada, y sin eso no tiene eventos.")
    seen = _that_tells(gateway, record).events(record.uuid)
    for each in seen[:_MOST]:
        _tell(gateway, record, each)
    return seen


def _that_tells(gateway: Hearing, record: Record) -> Provider:
    """The invoice's own provider or, where that keeps no history, the one that declares the issuer's events."""
    issuer = gateway.issuers.read(record.issuer)
    names = dict.fromkeys((record.provider, issuer.providers.get(Kind.EVENT)))
    for name in filter(None, names):
        with suppress(CredentialsRejected):  # the issuer has left it
            provider = gateway.provider(issuer, name)
            if Verb.EVENTS in provider.capabilities.verbs:
                return provider
    raise Unsupported("Ningún proveedor del emisor permite consultar los eventos de una factura.")


def _tell(gateway: Hearing, record: Record, seen: EventSeen) -> None:
    """Tell that an event was seen, once. One that the issuer declared itself is no news to it."""
    what = f"{record.document_id}#event#{_which(seen)}"
    if seen.sender == record.issuer or gateway.news.was_noticed(record.issuer, what):
        return
    about = OfEvent(code=seen.code, number=seen.number, uuid=seen.uuid, at=seen.at)
    told = News(
        id="",
        type=NewsType.EVENT_SEEN,
        issuer=record.issuer,
        at=gateway.now(),
        record=news.outlined(record),
        event=about,
    )
    gateway.news.notice(what, told)


def _which(seen: EventSeen) -> str:
    """Which of an invoice's events: DIAN takes each code of an acceptance once (LGC01), others, as endorsements,
    again."""
    if seen.code in set(EventCode):
        return seen.code
    return hashlib.sha256(f"{seen.code}#{seen.uuid or seen.number}".encode()).hexdigest()[:32]
