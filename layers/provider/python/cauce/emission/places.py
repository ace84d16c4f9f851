"""Places in a lane: when a record's turn comes, and which document holds it up.

A lane is a message group of the FIFO emission queue: its documents go one after another, and one that was not sent,
or is in doubt, keeps those behind it waiting. A document that was posted by itself has a place in the table too, by
which it goes before the next line of a lot (``singles``).
"""

from dataclasses import dataclass

from cauce.domain import life
from cauce.domain.errors import NotFound, WrittenByNewer
from cauce.domain.lane import StoredLane, place
from cauce.domain.record import Record, State, WaitsFor
from cauce.gateway import Placing, Recording
from cauce.providers.base import Lane, Provider, Wait

# Seconds that a document takes at a slow provider that sets no pace.
_SECONDS_EACH = 2.0


@dataclass(frozen=True)
class Ahead:
    """What is before a record that came alone."""

    wait: Wait
    """Until its turn, by those before it and its provider's pace."""
    holder: Record | None = None
    """The other document of ours that holds its lane."""


def enter(gateway: Placing, record: Record, provider: Provider, *, alone: bool) -> None:
    """Put a record in its lane; one that came ``alone`` gets a place, so that it waits for no lot.

    The place is written before the message: after a crash in between, the schedule queues the record, or a lot's next
    line has it emitted.
    """
    lane = provider.capabilities.lane
    if alone and lane is not Lane.NONE:
        gateway.places.come(record, lane, gateway.now())
    gateway.queue.put(record, lane)


def ahead(gateway: Placing, record: Record) -> Ahead:
    """What is before a record that came alone, as it is now."""
    issuer = gateway.issuers.read(record.issuer)
    provider = gateway.provider(issuer, record.provider)
    wait, lane = provider.wait(), provider.capabilities.lane
    if lane is Lane.NONE:
        return Ahead(wait)
    pace = gateway.documents_a_second(issuer, record.provider)
    stored, own = gateway.places.stored(record, lane), place(record)
    under_way = 1  # perhaps a lot's line is being emitted, which has no place
    before = sum(each.name < own.name for each in stored.waiting) + under_way
    seconds = wait.seconds + before * (1 / pace if pace else _SECONDS_EACH)
    found = _holding(gateway, record, stored)
    if found is None:
        return Ahead(Wait(seconds, wait.is_sure))
    due = max(0.0, (found.due_at - gateway.now()).total_seconds()) if found.due_at else 0.0
    return Ahead(Wait(seconds + due, is_sure=False), found)


def holder(gateway: Placing, record: Record) -> Record | None:
    """The other document of ours that holds the lane of a record, if one does."""
    lane = gateway.provider_of(record).capabilities.lane
    return None if lane is Lane.NONE else _holding(gateway, record, gateway.places.stored(record, lane))


def _holding(gateway: Recording, record: Record, stored: StoredLane) -> Record | None:
    if stored.holder is None or stored.holder == record.document_id:
        return None
    try:
        found = gateway.records.read(record.issuer, stored.holder)
    except (NotFound, WrittenByNewer):  # the holder cannot be told
        return None
    return found if holds(found) else None


def holds(record: Record) -> bool:
    """Whether a record in a lane keeps its place there: it was not sent, or is in doubt.

    A record that waits for a person leaves its place, or it would keep it for ever.
    """
    in_doubt = record.state in (State.SENDING, State.UNKNOWN) and not record.needs_person
    return record.state is State.RECEIVED or in_doubt


def kept(gateway: Placing, record: Record) -> bool:
    """Store that a record keeps its place and so holds its lane, so that others can name it; whether it does.

    A record that only waits for its provider's pace or breaker holds up nobody: the others wait for the same.
    """
    lane = gateway.provider_of(record).capabilities.lane
    if lane is Lane.NONE or record.waits_for is WaitsFor.TURN:
        return False
    gateway.places.hold(record, lane, gateway.now())
    return True


def left(gateway: Placing, record: Record, *, may_hold: bool) -> None:
    """Remove a record's place. ``may_hold``: it may hold its lane, which is released."""
    lane = gateway.provider_of(record).capabilities.lane
    if lane is Lane.NONE:
        return
    # A record that came in a lot and was never asked for again has no place.
    if record.line is None or record.was_asked_again:
        gateway.places.left(record, lane, place(record))
    if may_hold:
        gateway.places.release(record, lane)


def as_shown(gateway: Placing, record: Record, before: Ahead | None = None) -> Record:
    """A record as it is shown to its ERP: one that only waits for its turn names the document that holds its lane.

    ``before``: what is ahead of the record, where that was just read.
    """
    if record.state is not State.RECEIVED or record.last_error is not None:
        return record
    found = before.holder if before is not None else holder(gateway, record)
    if found is None:
        return record
    return life.behind(record, why(gateway.provider_of(record), found), found.document_id)


def why(provider: Provider, found: Record) -> str:
    """Why a record waits for the document that holds its lane, in Spanish."""
    return (
        f"{provider.title} recibe los documentos uno por uno, y antes va {named(found)}. Este se envía solo en "
        "cuanto pueda."
    )


def named(found: Record) -> str:
    """In Spanish, a document that others wait for, and what it waits for itself."""
    if found.needs_person:
        awaited = "espera la decisión de una persona"
    elif found.state is State.RECEIVED:
        awaited = "todavía no se ha podido entregar"
    else:
        awaited = "no tiene veredicto todavía"
    return f"el de la referencia {found.reference}, que {awaited}"
