"""Dead letters: what the queues gave up, explained, and put back.

Nothing is lost with those of the emission queue: the table is the outbox, and a record that was received is queued
again in its time. Its message's last delivery says so on the record, and so does the schedule, which looks at the
letters for those that nobody could say it of, and leaves them where they are, so that their alarm goes on until
somebody acts. Those of the intake queue may be documents of which nothing else is left. Those of the control queue
are about lots, which the table has and the schedule goes on with.
"""

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cauce import bulk, emission, faults
from cauce.domain import life
from cauce.domain.errors import CauceError, InvalidDocument, NotFound, Unauthenticated
from cauce.domain.lot import GoOn, LotState, Uploaded
from cauce.domain.record import Record, State
from cauce.gateway import Gateway
from cauce.settlement import saved

if TYPE_CHECKING:
    from cauce.aws.dead_letters import DeadLetter

_log = logging.getLogger("cauce")


# ── Of the emission queue ─────────────────────────────────────────────────────────────────────────


def give_up(gateway: Gateway, record: Record, message_id: str) -> Record:
    """A record at its message's last delivery; where the message is still needed, it says that it was given up."""
    while emission.keeps_its_place(gateway, record) and message_id not in record.given_up:
        record = saved(gateway, life.given_up(record, gateway.now(), message_id))
    return record


def explain(gateway: Gateway, most: int = 100) -> int:
    """Say on each record that its message was given up, once for each message; how many messages were seen.

    A look at a lane shows ten of them. What a container's end kept from being explained is explained here.
    """
    count = 0
    for letter in gateway.dead_letters.look(most):
        count += 1
        try:
            record = about(gateway, letter)
            if record is not None and letter.message_id not in record.given_up:
                saved(gateway, life.given_up(record, gateway.now(), letter.message_id))
        except (
            Exception
        ) as trouble:  # one record that cannot be read, or written: the others need not wait for it
            if faults.is_fault(trouble):
                raise
            _log.exception("a dead letter could not be explained", extra={"message_id": letter.message_id})
    return count


def redrive(gateway: Gateway) -> Iterator[tuple["DeadLetter", Record | None]]:
    """Put every dead letter back, with the record it is about. One that is about none of ours stays."""
    for letter in gateway.dead_letters.taken():
        record = about(gateway, letter)
        if record is not None:
            if record.state is State.RECEIVED:
                record = saved(gateway, life.redriven(record, gateway.now()))
            gateway.dead_letters.redrive(letter)
        yield letter, record


def about(gateway: Gateway, letter: "DeadLetter") -> Record | None:
    """The record that a message asked to emit; ``None`` where there is none."""
    job = letter.job
    if job is None:
        return None
    try:
        return gateway.store.record(job.issuer, job.document_id)
    except NotFound:
        return None


# ── Of the intake queue ───────────────────────────────────────────────────────────────────────────


def take_in(gateway: Gateway, read: bulk.Read) -> Iterator[tuple["DeadLetter", str | None]]:
    """Do here and now what every dead letter asks for, each with why it could not be done, which leaves it there.

    Nothing is sent to the queue again: with its own sender a message speaks for who it spoke for, and with its own
    id and time its document has the place in its day that it always had. Any number of times.
    """
    for letter in gateway.intake_dead_letters.taken():
        try:
            bulk.received(gateway, letter.body, letter.envelope, read)
        except CauceError as trouble:
            yield letter, trouble.message
            continue
        except Exception as fault:  # our own: seen in the log, and no reason for the others to stay
            _log.exception("a dead letter could not be taken in", extra={"message_id": letter.message_id})
            yield letter, f"Falla de Cauce ({type(fault).__name__})."
            continue
        gateway.intake_dead_letters.delete(letter)
        yield letter, None


def hindrance(gateway: Gateway, letter: "DeadLetter") -> str:
    """What keeps a dead letter of the intake queue from being taken in, as far as that can be known now."""
    try:
        bulk.spoken_for(gateway, letter.envelope)
    except Unauthenticated as nobody:
        return nobody.message
    return _NOTHING


_NOTHING = "Nada lo impide ahora; lo que falló está en los registros de «emit», con el id del mensaje."


# ── Of the control queue ──────────────────────────────────────────────────────────────────────────


def lots_of(gateway: Gateway, letter: "DeadLetter") -> tuple[tuple[str, str], ...]:
    """The lots that a dead letter of the control queue is about, each with its issuer's NIT."""
    try:
        message = gateway.control.message(letter.body)
    except InvalidDocument:
        return ()
    match message:
        case Uploaded(lots):
            return lots
        case GoOn(nit, lot_id, _):
            return ((nit, lot_id),)


def wake(gateway: Gateway) -> Iterator["DeadLetter"]:
    """Have the schedule take up what every dead letter is about, and take the letter away. Any number of times.

    Nothing is sent to the control queue: nobody but the functions and S3 may.
    """
    for letter in gateway.control_dead_letters.taken():
        for nit, lot_id in lots_of(gateway, letter):
            bulk.wake(gateway, nit, lot_id)
        gateway.control_dead_letters.delete(letter)
        yield letter


def told(gateway: Gateway, letter: "DeadLetter") -> str:
    """How the lots stand that a dead letter of the control queue is about."""
    found = [gateway.lots.find(nit, lot_id) for nit, lot_id in lots_of(gateway, letter)]
    lots = [lot for lot in found if lot is not None]
    if not lots:
        return "No trata de ningún lote."
    if all(lot.state is LotState.READ for lot in lots):
        return "Ya no hace falta: el lote se leyó completo."
    errors = [lot.last_error for lot in lots if lot.last_error]
    return errors[0] if errors else _NOTHING
