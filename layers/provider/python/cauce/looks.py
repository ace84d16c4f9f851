"""Looks: whatever is unfinished is looked at when its time comes, everybody in their turn.

The schedule hands out what is due (``hand_out``): a look at each record, in a queue where an issuer at a provider is
one line. Many runs take them (``take``), one of each line at a time: who waits long for an answer is waited for by
its own line alone. A look is one decision about a due record: it is queued, asked about, or put behind what holds it.
Where that is its provider's pace the look comes back when the turn does, so that no run spends its time waiting.
"""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from cauce import contingency, faults
from cauce.consultation import ask, provider_of
from cauce.domain import life
from cauce.domain.errors import CauceError, NotFound, Stale
from cauce.domain.record import Due, Record, State
from cauce.gateway import Gateway
from cauce.settlement import saved

_log = logging.getLogger("cauce")

# Handed out in one run of the schedule, and of one line: what is left is handed out by the next run.
MOST = 12_000
MOST_OF_A_LINE = 300
# A turn further off keeps its line no longer: the record is put behind it, as behind an open breaker.
_COMES_BACK_WITHIN = timedelta(minutes=1)


class Seen(StrEnum):
    """What a look came to."""

    QUEUED = "queued"
    SETTLED = "settled"
    WAITING = "waiting"
    FAILED = "failed"
    HELD = "held"
    """Nobody was asked: its provider's pace is used up for now."""
    NOT_DUE = "not_due"
    """It has moved on, or somebody else was quicker."""


@dataclass(frozen=True)
class Look:
    """What was seen of a record that was due."""

    seen: Seen
    age_seconds: float = 0.0
    """Since its ERP asked for it; 0 where it is accepted, and only its file is waited for."""
    is_late: bool = False
    """It was issued in contingency, and its time to be transmitted is nearly over, or is."""
    comes_back_in: timedelta | None = None
    """After which the same look is to be taken again, nothing of its line before it; none where it is over."""


def hand_out(gateway: Gateway, *, most: int = MOST) -> int:
    """Put a look at what is due in the queue: the longest due of each line, then the next of each; how many.

    So that lines which are long for nobody answers them fill no run alone. Safe to repeat.
    """
    lines: Counter[tuple[str, str]] = Counter()
    due: list[tuple[int, Due]] = []
    for each in gateway.store.due(gateway.now()):
        line = (each.issuer, each.provider)
        lines[line] += 1
        if lines[line] <= MOST_OF_A_LINE:
            due.append((lines[line], each))
    by_turns = [each for _, each in sorted(due, key=lambda ranked: ranked[0])][:most]
    gateway.looks.put(by_turns)
    return len(by_turns)


def take(gateway: Gateway, due: Due, *, came_back: bool = False) -> Look:
    """Look at a record that was due when its look was handed out, if it still is. Nothing is raised but by AWS.

    ``came_back``: the look did already, and others had its turn: now it waits for one among them, or those who make
    many calls, as a lot's documents do, would be before it every time.
    """
    try:
        return _look(gateway, due, came_back=came_back)
    except NotFound:
        return Look(Seen.NOT_DUE)
    except Exception as trouble:  # one that cannot be read, or written: those behind it need not wait for it
        if faults.is_fault(trouble):
            raise
        _log.exception("a record could not be looked at", extra={"document_id": due.document_id})
        return Look(Seen.FAILED)


def _look(gateway: Gateway, due: Due, *, came_back: bool) -> Look:
    record = gateway.store.record(due.issuer, due.document_id)
    if record.due_at is None or record.early(gateway.now()):
        return Look(Seen.NOT_DUE)
    age = 0.0
    if record.state is not State.ACCEPTED:
        age = (gateway.now() - record.received_at).total_seconds()
    is_late = False
    try:
        if record.in_contingency:
            record = contingency.watched(gateway, provider_of(gateway, record), record)
            is_late = contingency.is_late(record, gateway.now())
        if record.state is State.RECEIVED:
            _queue_again(gateway, record)
            return Look(Seen.QUEUED, age, is_late)
        if not came_back and (turn := _turn_of(gateway, record)):
            return Look(Seen.HELD, age, is_late, comes_back_in=turn)
        settled = ask(gateway, record).due_at is None
        return Look(Seen.SETTLED if settled else Seen.WAITING, age, is_late)
    except Stale:  # somebody else is at it
        return Look(Seen.FAILED, age, is_late)
    except CauceError as trouble:  # it waits its turn like any other, or it would be first in every run
        saved(gateway, life.no_answer(record, gateway.now(), trouble.message))
    except Exception as fault:  # our own: seen in the log, and no reason for the others to wait
        if faults.is_fault(fault):
            raise
        _log.exception("a record could not be looked at", extra={"document_id": record.document_id})
        saved(gateway, life.no_answer(record, gateway.now(), "Cauce no pudo revisar el documento."))
    return Look(Seen.FAILED, age, is_late)


def _turn_of(gateway: Gateway, record: Record) -> timedelta | None:
    """How long until its provider's pace lets a record be asked about; none where that is now, or is far off."""
    wait = provider_of(gateway, record).wait()
    turn = timedelta(seconds=wait.seconds)
    return turn if wait.is_sure and timedelta() < turn <= _COMES_BACK_WITHIN else None


def _queue_again(gateway: Gateway, record: Record) -> None:
    """Queue a received record that may have no message, and then leave it to the queue, which loses none."""
    now = gateway.now()
    record = gateway.store.save(life.queueing(record, now))
    gateway.queue.put(record, provider_of(gateway, record).capabilities.lane)
    try:
        gateway.store.save(life.queued(record, now))
    except Stale:  # its message has come already
        return
