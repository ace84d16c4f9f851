"""Looks: each unfinished record is looked at when its time comes.

The schedule puts a look at each due record (``hand_out``) in a FIFO queue in which an issuer at a provider is one
line. Many runs take looks (``take``), but of one line only one at a time: a provider that answers slowly delays its
own line alone. A look is one decision about a due record: queue it again, ask about it, or put it off. Where the
provider's pace is used up the look comes back when its turn does, so that no run spends its time waiting. Where the
provider asked for a rest, or a breaker is open, the record is put off instead, and its line goes on.
"""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from cauce import faults
from cauce.domain import life
from cauce.domain.errors import Busy, CauceError, NotFound, Stale
from cauce.domain.record import Due, Record, State, WaitsFor
from cauce.emission import places
from cauce.exchange import contingency
from cauce.exchange.attempt import saved
from cauce.exchange.consultation import ask
from cauce.gateway import Looking, Placing, Sending
from cauce.mailing import post
from cauce.providers.base import Provider

_log = logging.getLogger("cauce")

# The most looks of one run of the schedule, and of one line in it; the next run hands out the others.
MOST = 12_000
MOST_OF_A_LINE = 300
# For a turn further off, as a pace of few calls an hour makes it, the look does not come back: its record is put off.
_COMES_BACK_WITHIN = timedelta(minutes=1)
# When a record that cannot be read is looked at again; meanwhile those behind it have their turn.
_UNREADABLE_AFTER = timedelta(minutes=15)


class Seen(StrEnum):
    """The result of a look."""

    QUEUED = "queued"
    SETTLED = "settled"
    WAITING = "waiting"
    FAILED = "failed"
    HELD = "held"
    """No call was made: its provider's pace is used up for now."""
    NOT_DUE = "not_due"
    """The record was looked at, or changed, by another worker meanwhile."""


@dataclass(frozen=True)
class Look:
    """What a look found."""

    seen: Seen
    age_seconds: float = 0.0
    """Since its ERP asked for it; 0 where it is accepted and waits only for its file, or was issued in contingency,
    which has a time limit of its own (``is_late``)."""
    is_late: bool = False
    """It was issued in contingency, and its deadline is near or over."""
    comes_back_in: timedelta | None = None
    """How long to hide the look's message, its line waiting behind it; ``None`` where the look is done."""


def hand_out(gateway: Looking, *, most: int = MOST) -> int:
    """Queue a look at what is due; how many. Idempotent. Mails are lines of their own: those of a lot keep no
    document from being settled.

    First the longest due record of each line, then the next of each, and so on: long lines, of providers that do not
    answer, do not fill a run alone.
    """
    lines: Counter[tuple[str, str, bool]] = Counter()
    due: list[tuple[int, Due]] = []
    for each in gateway.records.due(gateway.now()):
        line = (each.issuer, each.provider, each.is_mail)
        lines[line] += 1
        if lines[line] <= MOST_OF_A_LINE:
            due.append((lines[line], each))
    by_turns = [each for _, each in sorted(due, key=lambda ranked: ranked[0])][:most]
    gateway.looks.put(by_turns)
    return len(by_turns)


def take(gateway: Sending, due: Due, *, came_back: bool = False) -> Look:
    """Look at a record, if it is still due. Only faults of AWS are raised, Busy among them.

    ``came_back``: the look came back once, and others had taken its turn. This time it waits for its turn inside the
    run, or whoever makes many calls, as for a lot's documents, would be before it every time.
    """
    try:
        return _look(gateway, due, came_back=came_back)
    except NotFound:
        return Look(Seen.NOT_DUE)
    except Busy:  # the table is; the look comes back
        raise
    except Exception as trouble:  # a newer Cauce wrote it, or it is broken: the other looks of its line go on
        if faults.is_fault(trouble):
            raise
        _log.exception("a record could not be looked at", extra={"document_id": due.document_id})
        gateway.records.put_off(due, gateway.now() + _UNREADABLE_AFTER)
        return Look(Seen.FAILED)


def _look(gateway: Sending, due: Due, *, came_back: bool) -> Look:
    with gateway.ahead(due):
        return _looked(gateway, due, came_back=came_back)


def _looked(gateway: Sending, due: Due, *, came_back: bool) -> Look:
    record = gateway.records.read(due.issuer, due.document_id)
    if record.due_at is None or record.early(gateway.now()):
        return Look(Seen.NOT_DUE)
    age = 0.0
    if record.state is not State.ACCEPTED and not record.in_contingency:
        age = (gateway.now() - record.received_at).total_seconds()
    is_late = False
    try:
        if record.in_contingency:
            record = contingency.watched(gateway, gateway.provider_of(record), record)
            is_late = contingency.is_late(record, gateway.now())
        seen, turn = _decided(gateway, record, came_back=came_back)
        return Look(seen, age, is_late, comes_back_in=turn)
    except Stale:  # another worker was first
        return Look(Seen.NOT_DUE, age, is_late)
    except Busy:
        raise
    except CauceError as trouble:  # put off like any other, or it would be first in every run
        saved(gateway, life.no_answer(record, gateway.now(), trouble.message))
    except Exception as fault:  # a fault of ours: logged, and its line goes on
        if faults.is_fault(fault):
            raise
        _log.exception("a record could not be looked at", extra={"document_id": record.document_id})
        saved(gateway, life.no_answer(record, gateway.now(), "Cauce no pudo revisar el documento."))
    return Look(Seen.FAILED, age, is_late)


def _decided(gateway: Sending, record: Record, *, came_back: bool) -> tuple[Seen, timedelta | None]:
    """What a look does with a due record, and how long until its turn where that has not come."""
    if record.state is State.RECEIVED:
        _queue_again(gateway, record)
        return Seen.QUEUED, None
    if record.waits_for is WaitsFor.MAIL:
        posted = post.look(gateway, record)
        return Seen.SETTLED if posted.due_at is None else Seen.WAITING, None
    provider = gateway.provider_of(record)
    if not came_back and (turn := _turn_of(provider)):
        return Seen.HELD, turn
    settled = ask(gateway, record, provider=provider).due_at is None
    return Seen.SETTLED if settled else Seen.WAITING, None


def _turn_of(provider: Provider) -> timedelta | None:
    """How long until a provider's pace lets a record be asked about; ``None`` where that is now, or where more than
    the pace is in the way: then to ask makes no call, and puts the record off."""
    wait = provider.wait()
    turn = timedelta(seconds=wait.seconds)
    return turn if wait.is_ordinary and timedelta() < turn <= _COMES_BACK_WITHIN else None


def _queue_again(gateway: Placing, record: Record) -> None:
    """Queue a received record whose message may be lost, and note that it is queued. It gets its place in its lane
    too, since whoever took it in may have died before that; but not a record whose message the queue once gave up,
    which lost its place so that no other waits for it."""
    now = gateway.now()
    record = gateway.records.save(life.queueing(record, now))
    alone = record.line is None and not record.given_up
    places.enter(gateway, record, gateway.provider_of(record), alone=alone)
    try:
        gateway.records.save(life.queued(record, now))
    except Stale:  # its message has come already
        return
