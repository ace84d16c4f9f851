"""Sending: gives a record to its provider, at once or through its lane, exactly once or not at all.

Each line with a side effect leaves behind a state from which the next delivery, or the settling schedule, can go on
without sending twice.
"""

from datetime import timedelta

from cauce.domain import life
from cauce.domain.errors import (
    Conflict,
    CredentialsRejected,
    Held,
    InvalidDocument,
    NotSent,
    NumberingUnavailable,
    OutcomeUnknown,
    Stale,
    Unsupported,
)
from cauce.domain.record import SETTLED, Record, State, WaitsFor
from cauce.emission import places
from cauce.emission.lanes import unblock
from cauce.exchange import contingency
from cauce.exchange.attempt import mark_sending, prepared, saved, send
from cauce.exchange.consultation import ask
from cauce.gateway import Connected, Offering, Placing, Recording, Settling
from cauce.providers.base import Lane, Provider, refs

# After so long it is worth asking again for a record that is being sent.
_UNDER_WAY_SECONDS = 5.0
# Errors before a record is marked «sending»: nothing has left, and a later try may succeed.
_BEFORE_SENDING = (NotSent, OutcomeUnknown, CredentialsRejected, NumberingUnavailable)
_IN_QUEUE = (WaitsFor.MESSAGE, WaitsFor.LOT, WaitsFor.QUEUEING, WaitsFor.QUEUE)


def offer(
    gateway: Offering, record: Record, provider: Provider, *, is_new: bool = False
) -> tuple[Record, places.Ahead | None]:
    """Give a received record to its provider while the ERP waits; the record as it stands at the end, and what is
    ahead of one whose turn is too far off to wait for it.

    It is sent at once where its provider takes documents so; else through the queue. ``is_new``: this request took it
    in, and claimed it if it waits for its sender.
    """
    if provider.capabilities.sent_at_once:
        is_claimed = is_new and record.waits_for is WaitsFor.SENDER
        return emit(gateway, record, connected=provider, is_claimed=is_claimed), None
    places.enter(gateway, record, provider, alone=True)
    before = places.ahead(gateway, record)
    if before.wait.is_sure and before.wait.seconds <= gateway.patience:
        return _awaited(gateway, record), None
    return record, before


def emit(
    gateway: Settling, record: Record, *, connected: Provider | None = None, is_claimed: bool = False
) -> Record:
    """Take a record to its provider; the record as it stands afterwards. ``connected``: the record's provider, where
    the caller has just connected it. ``is_claimed``: the caller has just taken it in, and claimed it.

    Idempotent, for any record, however long ago it was read, and with any number of workers at once: the worker that
    writes «sending» sends it, and from then on all others may only ask.
    """
    if record.state is not State.RECEIVED:
        return ask(gateway, record, provider=connected)
    try:
        provider = connected or gateway.provider_of(record)
        record = record if is_claimed else _checked_again(gateway, provider, record)
        provider.admit()
        # Claimed, here or when it was taken in: the write of «sending» by a worker that read the record before fails
        # as Stale, and only one sends.
        record = record if is_claimed else gateway.records.save(life.begun(record, gateway.now()))
        if record.stored_rejected:
            provider.discard(refs(record))
            record = gateway.records.save(life.rejected_discarded(record, gateway.now()))
        record, request = prepared(gateway, provider, record)
        record = mark_sending(gateway, record)
    except Stale:
        return gateway.records.read(record.issuer, record.document_id)
    except Held as wait:
        held = saved(gateway, life.held_back(record, gateway.now(), wait))
        return contingency.issued_if_held(gateway, provider, held, wait)
    except (InvalidDocument, Unsupported) as refusal:
        return _refused(gateway, record, refusal)
    except Conflict as alive:  # the attempt to discard is valid after all: in doubt
        return saved(gateway, life.in_doubt(record, gateway.now(), alive.message))
    except _BEFORE_SENDING as trouble:
        return saved(gateway, life.turned_away(record, gateway.now(), trouble))
    return _after_sending(gateway, provider, send(gateway, provider, record, request))


def _checked_again(gateway: Settling, provider: Provider, record: Record) -> Record:
    """The issuer's settings may have changed since it was taken in; a request that is sent again stays as it is."""
    if record.sent_as is None:
        provider.check_whole(record.content)
    return contingency.watched(gateway, provider, record)


def _refused(gateway: Recording, record: Record, refusal: InvalidDocument | Unsupported) -> Record:
    """The record cannot be sent as it is. With ``sent_as`` the provider or the buyer may have the document: then it
    is not failed."""
    now = gateway.now()
    if record.sent_as is None:
        return saved(gateway, life.cannot_be_sent(record, now, refusal.message))
    return saved(gateway, life.turned_away(record, now, refusal))


def _after_sending(gateway: Settling, provider: Provider, record: Record) -> Record:
    """What did not arrive may be issued in contingency; what another document of its lane blocks, unblocked."""
    if record.state is State.RECEIVED and record.failure is not None:
        return contingency.issued_if_out(gateway, provider, record)
    return unblock(gateway, provider, record) if record.blocked else record


def enqueue(gateway: Placing, record: Record) -> Record:
    """Queue a received record for an ERP that does not wait."""
    provider = gateway.provider_of(record)
    places.enter(gateway, record, provider, alone=record.line is None)
    return record


def _awaited(gateway: Offering, record: Record) -> Record:
    """Wait until a record leaves RECEIVED and SENDING or has an error, or the ERP can wait no longer; the record
    then."""
    deadline = gateway.now() + timedelta(seconds=gateway.patience)
    pause, waited = 0.1, 0.0
    # The pauses are counted too, so that a clock that is set back ends the wait no later.
    while waited < gateway.patience and gateway.now() < deadline:
        gateway.sleep(pause)
        pause, waited = min(pause * 1.5, 1.0), waited + pause
        current = gateway.records.read(record.issuer, record.document_id)
        if current.state not in (State.RECEIVED, State.SENDING) or current.last_error:
            return current
    return gateway.records.read(record.issuer, record.document_id)


def asked_again_in(gateway: Placing, record: Record, before: places.Ahead | None = None) -> float | None:
    """After how many seconds it is worth asking for a record again; ``None`` once its verdict is known.

    ``before``: what is ahead of it, where that was just read.
    """
    if record.state in SETTLED:
        return None
    if record.waits_for is WaitsFor.SENDER or record.state is State.SENDING:
        return _UNDER_WAY_SECONDS
    if record.state is State.RECEIVED and record.waits_for in _IN_QUEUE:
        return (before or places.ahead(gateway, record)).wait.seconds
    return max(0.0, (record.due_at - gateway.now()).total_seconds()) if record.due_at else 0.0


def keeps_its_place(gateway: Connected, record: Record) -> bool:
    """Whether a record's message stays at the head of its message group: while the record is received and, in a lane,
    also while it holds its place."""
    if record.state is State.RECEIVED:
        return True
    if not places.holds(record):
        return False
    return gateway.provider_of(record).capabilities.lane is not Lane.NONE


def comes_back_in(gateway: Recording, record: Record) -> timedelta:
    """How long to hide the message of a record that keeps its place; a received record notes when it comes back.

    The schedule, which queues records whose message is lost, looks at it only some time after that.
    """
    now = gateway.now()
    # The schedule re-queued this record during this delivery and moved due_at six hours ahead for the new message;
    # ignore that date here.
    is_behind = record.waits_for in (WaitsFor.QUEUEING, WaitsFor.QUEUE)
    due = now if is_behind else max(record.due_at or now, now)
    # Only where nothing was sent: else this write would put off, at each delivery, the schedule's question about the
    # record, and make the sender's own write of the answer Stale.
    if record.state is State.RECEIVED:
        saved(gateway, life.comes_back(record, due))
    return due - now
