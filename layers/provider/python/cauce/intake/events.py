"""RADIAN: the events that a buyer, or after its silence the issuer, declares about an invoice.

An event becomes a record as a document does, and travels the same way; what is particular to it is checked here:
each code once per invoice, in DIAN's order, and tacit acceptance only after three business days of silence.
"""

import uuid
from datetime import date, timedelta

from cauce.domain import life
from cauce.domain.document import Kind
from cauce.domain.errors import (
    InvalidDocument,
    PermissionDenied,
    ReferenceConflict,
    ReferenceTaken,
    Stale,
    Unsupported,
)
from cauce.domain.event import Event, EventCode
from cauce.domain.issuer import PERMISSION_OF, Issuer
from cauce.domain.record import Record, State
from cauce.domain.sameness import is_hash_of
from cauce.domain.time import bogota
from cauce.domain.totals import NOTHING
from cauce.gateway import Recording, TakingIn, Timed
from cauce.providers.base import Provider, Verb
from cauce.providers.registry import able

# The event that must have been declared before (RADIAN: 030, then 032, then 033 or 031, or silence and 034).
_AFTER = {
    EventCode.RECEIPT: EventCode.ACKNOWLEDGEMENT,
    EventCode.CLAIM: EventCode.RECEIPT,
    EventCode.ACCEPTANCE: EventCode.RECEIPT,
    EventCode.TACIT_ACCEPTANCE: EventCode.RECEIPT,
}
# An invoice has only one of these: they contradict each other.
_ENDS = (EventCode.CLAIM, EventCode.ACCEPTANCE, EventCode.TACIT_ACCEPTANCE)
# Business days of silence, the day of the receipt not counted, that make an acceptance tacit.
_SILENCE = 3


def take_in(
    gateway: TakingIn,
    issuer: Issuer,
    event: Event,
    content_hash: str,
    received_on: date | None,
    *,
    by: str | None = None,
) -> tuple[Record, bool]:
    """The record of an event, and whether it existed before: one event of each code per invoice.

    ``received_on``: the day of the receipt (032), which a tacit acceptance needs where the provider has no history of
    events. ``by``: who asked, for the trace.
    Raises PermissionDenied, Unsupported, InvalidDocument (out of order, contradicted, too early) or
    ReferenceConflict; then nothing was stored.
    """
    earlier = gateway.records.by_reference(issuer.nit, event.identity)
    if earlier is not None:
        return _again(gateway, issuer, earlier, event, content_hash, received_on, by)
    provider = _checked(gateway, issuer, event, received_on)
    record = life.taken_in(
        str(uuid.uuid4()), issuer.nit, event, content_hash, provider.name, None, NOTHING, gateway.now(), by=by
    )
    try:
        return gateway.new_records.take_in(record, numbered=False, quota=issuer.quota), False
    except ReferenceTaken as taken:
        other = gateway.records.read(issuer.nit, taken.document_id)
        return _again(gateway, issuer, other, event, content_hash, received_on, by)


def _checked(gateway: TakingIn, issuer: Issuer, event: Event, received_on: date | None) -> Provider:
    """The provider that will declare the event, if its order and its time are right."""
    permission = PERMISSION_OF[Kind.EVENT]
    if permission not in issuer.permissions:
        raise PermissionDenied(permission.value)
    name = issuer.providers.get(Kind.EVENT)
    if name is None:
        raise Unsupported("No hay un proveedor configurado para eventos.", providers=able(Kind.EVENT))
    provider = gateway.provider(issuer, name)
    if event.code not in provider.capabilities.event_codes:
        raise Unsupported(f"{provider.title} no emite el evento {event.code}.", field="code")
    provider.check_event(event)
    _check_order(gateway, issuer, provider, event, received_on)
    return provider


def tacit_from(received_on: date) -> date:
    """The first day of tacit acceptance: the one after three Colombian business days that follow the receipt."""
    from holidays import country_holidays

    closed = country_holidays("CO")
    day, passed = received_on, 0
    while passed < _SILENCE:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in closed:
            passed += 1
    return day + timedelta(days=1)


def _again(
    gateway: TakingIn,
    issuer: Issuer,
    earlier: Record,
    event: Event,
    content_hash: str,
    received_on: date | None,
    by: str | None,
) -> tuple[Record, bool]:
    """As ``take_in``, where the event's reference has a record already: that one, or the event as its correction."""
    same = is_hash_of(earlier.content_hash, event, content_hash) and earlier.event is not None
    mendable = earlier.state in (State.REJECTED, State.FAILED)
    if same and not mendable:
        return earlier, True
    if earlier.event is None or earlier.event.identity != event.identity:
        raise ReferenceConflict(
            f"La referencia {event.reference} es de otro documento.",
            field="reference",
            other=earlier,
            asked=event,
        )
    if not mendable:
        raise ReferenceConflict(
            f"El evento {event.code} de esta factura ya existe.",
            field="invoice_uuid",
            other=earlier,
            asked=event,
        )
    _checked(gateway, issuer, event, received_on)
    now = gateway.now()
    # An event that was discarded in doubt is sent again as it was; any other is made anew, and declared now.
    goes_as_it_was = same and earlier.state is State.FAILED and earlier.sent_as is not None
    if goes_as_it_was:
        renewed = life.retried(earlier, now, by=by)
    else:
        renewed = life.corrected(earlier, event, content_hash, None, NOTHING, now, by=by)
    try:
        return gateway.records.save(renewed), same
    except Stale:
        current = gateway.records.read(issuer.nit, earlier.document_id)
        return _again(gateway, issuer, current, event, content_hash, received_on, by)


def _check_order(
    gateway: Recording, issuer: Issuer, provider: Provider, event: Event, received_on: date | None
) -> None:
    """Raise InvalidDocument for an event that is out of order, contradicts another, or comes too early. Our own
    events are read from our records, others from the provider where it keeps a history."""
    ours, under_way = _declared_here(gateway, issuer, event)
    before = _AFTER.get(event.code)
    asks = before is not None and before not in ours and Verb.EVENTS in provider.capabilities.verbs
    declared = {**_history(provider, event), **ours} if asks else ours
    _refuse_contradiction(event, declared, under_way)
    # The receipt was declared by the buyer: without a history its date is believed as the request tells it.
    tacit = event.code is EventCode.TACIT_ACCEPTANCE
    if before is not None and before not in declared and (asks or not tacit):
        raise InvalidDocument(
            f"El evento {event.code} va después del {before}, que no está aceptado.", field="code"
        )
    if tacit:
        _check_silence(gateway, declared.get(EventCode.RECEIPT) or received_on)


def _history(provider: Provider, event: Event) -> dict[EventCode, date | None]:
    """The invoice's events that its provider knows, with their dates where it tells them."""
    known: dict[EventCode, date | None] = {}
    for found in provider.events(event.invoice_uuid):
        if found.code in set(EventCode):
            known.setdefault(EventCode(found.code), bogota(found.at).date() if found.at else None)
    return known


def _refuse_contradiction(
    event: Event, declared: dict[EventCode, date | None], under_way: set[EventCode]
) -> None:
    if event.code not in _ENDS:
        return
    for ending in _ENDS:
        if ending in declared and ending is not event.code:
            raise InvalidDocument(f"La factura ya tiene el evento {ending}.", field="code")
        if ending in under_way:
            why = f"El evento {ending} de la factura está pendiente; espere su resultado."
            raise InvalidDocument(why, field="code")


def _declared_here(
    gateway: Recording, issuer: Issuer, event: Event
) -> tuple[dict[EventCode, date | None], set[EventCode]]:
    """The invoice's other events that we declared and DIAN accepted, with their dates; and those without a verdict
    yet."""
    found: dict[EventCode, date | None] = {}
    under_way = set()
    for code in EventCode:
        if code is event.code:
            continue
        record = gateway.records.by_reference(issuer.nit, event.identity_of(code))
        if record is None or record.state in (State.REJECTED, State.FAILED):
            continue
        if record.state is State.ACCEPTED:
            found[code] = bogota(record.issued_at).date()
        else:
            under_way.add(code)
    return found, under_way


def _check_silence(gateway: Timed, received_on: date | None) -> None:
    if received_on is None:
        raise InvalidDocument(
            "Indique la fecha del recibo del bien o servicio (evento 032).", field="received_on"
        )
    earliest = tacit_from(received_on)
    if bogota(gateway.now()).date() < earliest:
        raise InvalidDocument(
            f"La aceptación tácita solo procede pasados {_SILENCE} días hábiles: desde el {earliest}.",
            field="code",
        )
