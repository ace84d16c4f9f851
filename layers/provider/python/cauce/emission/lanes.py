"""Blocked lanes: finds what keeps a document from being taken, settles it by the provider's rule, and goes on.

The rule is Factus's («manejo de errores»): a stored document that DIAN rejected is deleted; one without a verdict is
sent again, identical, in its own time; none without a verdict is ever deleted, because DIAN may yet validate it. A
document without a record of ours is left to a person: we know neither its content nor whose it is.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from cauce.domain import life
from cauce.domain.errors import CauceError, NotFound
from cauce.domain.record import Record, State, WaitsFor
from cauce.emission import places
from cauce.exchange.attempt import saved
from cauce.exchange.consultation import ask
from cauce.gateway import Connected, Recording, Settling
from cauce.providers.base import Blocker, Lane, Provider, refs


class Clearance(StrEnum):
    """What became of a blocker."""

    CLEAR = "clear"
    WAITS = "waits"
    """It is ours, and will have its verdict."""
    CLOSED = "closed"
    """Only a person can clear it."""


def unblock(gateway: Settling, provider: Provider, record: Record) -> Record:
    """A record that its provider would not take, after settling the documents that are in its way.

    If all are settled it is due at once; otherwise it waits as it did, and says for what.
    """
    try:
        found = [
            (blocker, _cleared(gateway, provider, record, blocker))
            for blocker in provider.blockers(record.kind)
        ]
    except CauceError:  # whatever it was, the next attempt looks again
        return gateway.records.read(record.issuer, record.document_id)
    record = gateway.records.read(record.issuer, record.document_id)
    if record.state is not State.RECEIVED or not found:
        return record
    return _noted(gateway, provider, record, found)


def _noted(
    gateway: Recording, provider: Provider, record: Record, found: list[tuple[Blocker, Clearance]]
) -> Record:
    """A record after what became of the documents in its way was stored on it."""
    now = gateway.now()
    closed = [blocker for blocker, became in found if became is Clearance.CLOSED]
    if closed:
        return saved(gateway, life.lane_closed(record, now, _explained(provider, closed)))
    if all(became is Clearance.CLEAR for _, became in found):
        return saved(gateway, life.lane_cleared(record, now))
    holders = (_ours(gateway, record, blocker) for blocker, became in found if became is Clearance.WAITS)
    holder = next((ours for ours in holders if ours is not None), None)
    return record if holder is None else saved(gateway, _held_by(provider, record, holder, now))


def _held_by(provider: Provider, record: Record, holder: Record, now: datetime) -> Record:
    """A record that waits for another of ours, and names it, so that its ERP can ask for that one."""
    why = (
        f"{provider.title} no lo recibe mientras tenga sin validar {places.named(holder)}. Este se envía solo en "
        "cuanto pueda."
    )
    return life.lane_held(record, now, why, holder.document_id)


def gives_way(gateway: Connected, record: Record) -> bool:
    """Whether a record that was turned away gives up its message; the schedule then queues it again in its time.

    It gives it up where there is no lane and the wait is long, so that the others of its message group need not wait.
    A wait that they all share (pace, an open breaker) is spent in the queue.
    """
    now = gateway.now()
    was_turned_away = record.state is State.RECEIVED and record.waits_for in _TURNED_AWAY
    if not was_turned_away or (record.due_at or now) - now < _LONG:
        return False
    return gateway.provider_of(record).capabilities.lane is Lane.NONE


_TURNED_AWAY = (WaitsFor.PROVIDER, WaitsFor.LANE)
# For a shorter wait the message stays: the schedule, which runs each minute, would bring it back no sooner.
_LONG = timedelta(seconds=90)


def _cleared(gateway: Settling, provider: Provider, record: Record, blocker: Blocker) -> Clearance:
    """Settle a document that is in the way of a record, if it is ours; what became of it."""
    ours = _ours(gateway, record, blocker)
    if ours is None or ours.state is State.ACCEPTED:
        return Clearance.CLOSED
    if ours.state is State.SENDING:  # a worker is sending it
        return Clearance.WAITS
    if ours.is_doubtful_rejection:
        return Clearance.CLOSED
    if blocker.rejected and not ours.already_processed:
        return _discarded(gateway, provider, ours)
    if ours.state in (State.REJECTED, State.FAILED):  # settled here, and yet stored at the provider
        return Clearance.CLOSED
    if ours.state is State.RECEIVED:  # it was believed never to have arrived
        why = f"{provider.title} ya lo tiene, sin validar."
        ours = saved(gateway, life.in_doubt(ours, gateway.now(), why))
    ours = ask(gateway, ours)
    if ours.state is State.REJECTED and ours.stored_rejected:
        return _discarded(gateway, provider, ours)
    return Clearance.CLEAR if ours.state in (State.ACCEPTED, State.REJECTED) else Clearance.WAITS


def _discarded(gateway: Settling, provider: Provider, ours: Record) -> Clearance:
    """Have the provider delete a rejected document of ours, after storing its verdict where we did not have it."""
    if ours.state in (State.PENDING, State.UNKNOWN):
        ours = ask(gateway, ours)
        if ours.state is not State.REJECTED:
            return Clearance.CLEAR if ours.state is State.ACCEPTED else Clearance.WAITS
    provider.discard(refs(ours))
    saved(gateway, life.rejected_discarded(ours, gateway.now()))
    return Clearance.CLEAR


def _ours(gateway: Recording, record: Record, blocker: Blocker) -> Record | None:
    """Our record of a blocker, by its reference: the ERP's own, or the record's id that stands in for it."""
    if blocker.reference is None:
        return None
    found = gateway.records.by_reference(record.issuer, blocker.reference)
    if found is None:
        try:
            found = gateway.records.read(record.issuer, blocker.reference)
        except NotFound:
            return None
    is_same = found.reference == blocker.reference and found.kind is record.kind
    return found if is_same and found.provider == record.provider else None


def _explained(provider: Provider, closed: list[Blocker]) -> str:
    """What is in the way, as far as it is known, and what a person can do about it, in Spanish."""
    named = "; ".join(
        f"{blocker.number or 'sin número'} (referencia {blocker.reference or 'desconocida'}, "
        f"{'rechazado' if blocker.rejected else 'sin veredicto'})"
        for blocker in closed
    )
    return (
        f"{provider.title} no recibe documentos de este tipo mientras tenga sin validar otros que Cauce no puede "
        f"resolver: {named}. En {provider.title}: elimine el rechazado; al que no tiene veredicto pídale validarlo "
        "otra vez, sin eliminarlo. Este documento se envía solo en cuanto pueda."
    )
