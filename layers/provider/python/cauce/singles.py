"""Singles first: what was posted by itself goes before the next line of a lot that waits in the same lane.

Whoever has the message of a line has the lane's turn, which the FIFO queue gives to one at a time. In that turn the
single documents that wait in the lane are emitted, and then the line; their own messages find them done. Nothing goes
past one that keeps its place. Whoever dies on the way leaves a place that was tried: what was being sent is asked
about before anything else is sent, and what was not is left to its own message, so that one at which containers end
takes no line with it.
"""

from dataclasses import dataclass
from datetime import timedelta

from cauce import emission, faults, places
from cauce.consultation import provider_of
from cauce.domain import life
from cauce.domain.record import Record, State
from cauce.gateway import Gateway
from cauce.providers.base import Lane
from cauce.providers.guard import CALL_SECONDS
from cauce.settlement import saved

# Of one turn. At Factus's pace the line then still goes in the same turn, so that no lot waits for singles for ever.
MOST = 8
# What is begun has time for a whole call, and to write down what came of it.
_TO_EMIT_SECONDS = CALL_SECONDS + 5


@dataclass(frozen=True)
class Turn:
    """What became of the single documents before a line."""

    emitted: tuple[Record, ...] = ()
    wait: timedelta | None = None
    """After which the line's message is to come back; none where the line goes now."""
    is_held: bool = False
    """One of them holds the lane."""


def first(gateway: Gateway, line: Record) -> Turn:
    """Emit the single documents that wait in a line's lane, the oldest first. Any number of times."""
    if line.line is None or line.state is not State.RECEIVED:  # one in doubt holds the lane itself
        return Turn()
    provider = provider_of(gateway, line)
    lane = provider.capabilities.lane
    if lane is Lane.NONE:
        return Turn()
    emitted: tuple[Record, ...] = ()
    seen = gateway.places.seen(line, lane)
    for place in seen.waiting[:MOST]:
        if place.document_id == line.document_id:  # its correction was posted; the others came after it
            break
        single = gateway.store.record(line.issuer, place.document_id)
        if not places.holds(single):
            gateway.places.left(line, lane, place)
            continue
        if place.is_tried and single.state is State.RECEIVED and single.back_at is None:
            break  # whoever tried it died: its own message is next, and those after it wait for theirs
        if not _has_time():
            return Turn(emitted, timedelta())
        if not gateway.places.tried(line, lane, place):
            continue
        single = emission.emit_record(gateway, single)
        emitted = (*emitted, single)
        if places.holds(single):
            is_held = places.kept(gateway, single)
            if is_held and line.held_by != single.document_id:
                why = places.why(provider, single)
                saved(gateway, life.lane_held(line, gateway.now(), why, single.document_id))
            return Turn(emitted, emission.comes_back_in(gateway, single), is_held)
        gateway.places.left(line, lane, place)
        if seen.holder == single.document_id:
            gateway.places.release(single, lane)
    return Turn(emitted, None if not emitted or _has_time() else timedelta())


def _has_time() -> bool:
    return faults.seconds_left() >= _TO_EMIT_SECONDS
