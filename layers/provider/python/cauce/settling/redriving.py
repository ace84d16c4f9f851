"""Dead letters: messages that the queues gave up, explained, and put back.

A dead letter of the emission queue loses nothing: its record is in the table, and is queued again in its time. That
its message was given up is noted on the record by the message's last delivery or, where that died, by the schedule,
which looks at the letters and leaves them in their queue, so that their alarm goes on until somebody acts. A dead
letter of the intake queue may be all that is left of a document. Those of the control queue are about lots, which the
table has and the schedule goes on with.
"""

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cauce import faults
from cauce.domain import life
from cauce.domain.errors import CauceError, InvalidDocument, NotFound, Unauthenticated
from cauce.domain.lot import GoOn, LotState, Uploaded
from cauce.domain.record import Record, State
from cauce.emission import sending
from cauce.exchange.attempt import saved
from cauce.gateway import Connected, LotKeeping, Recording, Redriving, TakingAgain
from cauce.intake import control, lines, queue

if TYPE_CHECKING:
    from cauce.aws.dead_letters import DeadLetter

_log = logging.getLogger("cauce")


# ── Of the emission queue ─────────────────────────────────────────────────────────────────────────


def give_up(gateway: Connected, record: Record, message_id: str) -> Record:
    """At the last delivery of a record's message, note on the record that it was given up, if it still needs the
    message."""
    while sending.keeps_its_place(gateway, record) and message_id not in record.given_up:
        record = saved(gateway, life.given_up(record, gateway.now(), message_id))
    return record


def explain(gateway: Redriving, most: int = 100) -> int:
    """Note on the record of each dead letter that its message was given up, once for each message; how many were
    seen.

    A look shows ten letters of a lane. This is for messages whose last delivery died before it could note that.
    """
    count = 0
    for letter in gateway.dead_letters.look(most):
        count += 1
        try:
            record = about(gateway, letter)
            if record is not None and letter.message_id not in record.given_up:
                saved(gateway, life.given_up(record, gateway.now(), letter.message_id))
        except Exception as trouble:  # the other letters go on
            if faults.is_fault(trouble):
                raise
            _log.exception("a dead letter could not be explained", extra={"message_id": letter.message_id})
    return count


def redrive(gateway: Redriving) -> Iterator[tuple["DeadLetter", Record | None]]:
    """Put every dead letter back, each with the record that it is about. One that is about none of ours stays."""
    for letter in gateway.dead_letters.taken():
        record = about(gateway, letter)
        if record is not None:
            if record.state is State.RECEIVED:
                record = saved(gateway, life.redriven(record, gateway.now()))
            gateway.dead_letters.redrive(letter)
        yield letter, record


def about(gateway: Recording, letter: "DeadLetter") -> Record | None:
    """The record that a dead letter asked to emit; ``None`` where there is none."""
    job = letter.job
    if job is None:
        return None
    try:
        return gateway.records.read(job.issuer, job.document_id)
    except NotFound:
        return None


# ── Of the intake queue ───────────────────────────────────────────────────────────────────────────


def take_in(gateway: TakingAgain, read: lines.ReadLine) -> Iterator[tuple["DeadLetter", str | None]]:
    """Take in the document of every dead letter; each letter with the reason where that failed, and then it stays.

    Nothing is sent to the queue again: the letter itself has the sender, by whom it speaks for an issuer, and the id
    and time that give its document its place in its day's lot. Idempotent.
    """
    for letter in gateway.intake_dead_letters.taken():
        try:
            queue.take_in(gateway, letter.body, letter.envelope, read)
        except CauceError as trouble:
            yield letter, trouble.message
            continue
        except Exception as fault:  # a fault of ours: logged, and the other letters go on
            _log.exception("a dead letter could not be taken in", extra={"message_id": letter.message_id})
            yield letter, f"Falla de Cauce ({type(fault).__name__})."
            continue
        gateway.intake_dead_letters.delete(letter)
        yield letter, None


def hindrance(gateway: Connected, letter: "DeadLetter") -> str:
    """What keeps a dead letter of the intake queue from being taken in, as far as that can be known now."""
    try:
        queue.spoken_for(gateway, letter.envelope)
    except Unauthenticated as nobody:
        return nobody.message
    return _NOTHING


_NOTHING = "Nada lo impide ahora; lo que falló está en los registros de «emit», con el id del mensaje."


# ── Of the control queue ──────────────────────────────────────────────────────────────────────────


def lots_of(gateway: LotKeeping, letter: "DeadLetter") -> tuple[tuple[str, str], ...]:
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


def wake(gateway: TakingAgain) -> Iterator["DeadLetter"]:
    """Have the schedule look at the lots of every dead letter, and delete the letter. Idempotent.

    Nothing is sent to the control queue: nobody but the functions and S3 may.
    """
    for letter in gateway.control_dead_letters.taken():
        for nit, lot_id in lots_of(gateway, letter):
            control.wake(gateway, nit, lot_id)
        gateway.control_dead_letters.delete(letter)
        yield letter


def what_became(gateway: LotKeeping, letter: "DeadLetter") -> str:
    """What became of the lots that a dead letter of the control queue is about, in Spanish."""
    found = [gateway.lots.find(nit, lot_id) for nit, lot_id in lots_of(gateway, letter)]
    lots = [lot for lot in found if lot is not None]
    if not lots:
        return "No trata de ningún lote."
    if all(lot.state is LotState.READ for lot in lots):
        return "Ya no hace falta: el lote se leyó completo."
    errors = [lot.last_error for lot in lots if lot.last_error]
    return errors[0] if errors else _NOTHING
