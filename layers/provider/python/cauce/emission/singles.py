"""Singles first: a document that was posted by itself goes before the next line of a lot in the same lane.

The worker that has the message of a line has the lane's turn, which the FIFO queue gives to one at a time. In that
turn it emits the single documents that wait in the lane, and then the line; their own messages find them done.
Nothing is emitted past a document that keeps its place. A worker that dies leaves a place marked as tried: if its
document was being sent, it is asked about before anything else is sent; if not, it is left to its own message, so
that a document at which workers die does not keep the lot's lines from being emitted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from cauce import faults
from cauce.domain import life
from cauce.domain.lane import Place
from cauce.domain.record import Record, State
from cauce.emission import places, sending
from cauce.exchange.attempt import saved
from cauce.gateway import Placing, Sending
from cauce.providers.base import Lane, Provider
from cauce.providers.guard import CALL_SECONDS

# The most singles of a turn. At Factus's pace the line still goes in the same turn, so that no lot waits for ever.
MOST = 8
# Seconds that a document needs: a whole call, and the writes after it.
_TO_EMIT_SECONDS = CALL_SECONDS + 5


@dataclass(frozen=True)
class Turn:
    """What a line's turn did with the single documents before it."""

    emitted: tuple[Record, ...] = ()
    wait: timedelta | None = None
    """How long to hide the line's message; ``None`` where the line is emitted now."""
    is_held: bool = False
    """One of them holds the lane."""


def first(gateway: Sending, line: Record) -> Turn:
    """Emit the single documents that wait in a line's lane, the oldest first. Idempotent."""
    if line.line is None or line.state is not State.RECEIVED:  # a line in doubt holds the lane itself
        return Turn()
    provider = gateway.provider_of(line)
    lane = provider.capabilities.lane
    if lane is Lane.NONE:
        return Turn()
    emitted: tuple[Record, ...] = ()
    stored = gateway.places.stored(line, lane)
    for place, waiting in _before(gateway, line, lane, stored.waiting[:MOST]):
        if not _has_time():
            return Turn(emitted, timedelta())
        if not gateway.places.tried(line, lane, place):
            continue
        single = sending.emit(gateway, waiting)
        emitted = (*emitted, single)
        if places.holds(single):
            is_held = _keeps_waiting(gateway, provider, line, single)
            return Turn(emitted, sending.comes_back_in(gateway, single), is_held)
        gateway.places.left(line, lane, place)
        if stored.holder == single.document_id:
            gateway.places.release(single, lane)
    return Turn(emitted, None if not emitted or _has_time() else timedelta())


def _before(
    gateway: Placing, line: Record, lane: Lane, waiting: tuple[Place, ...]
) -> Iterator[tuple[Place, Record]]:
    """Those of the waiting single documents that go before a line, each with its record, read when its turn comes.
    Places that were left over are removed."""
    for place in waiting:
        if place.document_id == line.document_id:
            return  # the line's document, posted again alone: those after it came later than it
        single = gateway.records.read(line.issuer, place.document_id)
        if not places.holds(single):
            gateway.places.left(line, lane, place)
        elif place.is_tried and single.state is State.RECEIVED and single.back_at is None:
            return  # its worker died: it and those after it are left to their own messages
        else:
            yield place, single


def _keeps_waiting(gateway: Placing, provider: Provider, line: Record, single: Record) -> bool:
    """Whether a single document that keeps its place holds the lane; the line then says so."""
    is_held = places.kept(gateway, single)
    if is_held and line.held_by != single.document_id:
        why = places.why(provider, single)
        saved(gateway, life.lane_held(line, gateway.now(), why, single.document_id))
    return is_held


def _has_time() -> bool:
    return faults.seconds_left() >= _TO_EMIT_SECONDS
