"""Dead letters: what the emission queue gave up, explained on the records, and put back.

The schedule looks at them and leaves them where they are, so that their alarm goes on until somebody acts. Nothing is
lost with them: the table is the outbox, and a record that was received is queued again in its time.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from cauce.domain.errors import NotFound
from cauce.domain.record import Record, State
from cauce.gateway import Gateway
from cauce.settlement import saved

if TYPE_CHECKING:
    from cauce.aws.dead_letters import DeadLetter

_GIVEN_UP = "given up by the queue"
# What failed at every delivery may fail again: time for somebody to look, and for a provider to come back.
_QUEUED_AGAIN_AFTER = timedelta(hours=1)


def explain(gateway: Gateway, most: int = 100) -> int:
    """Say on each record that its message was given up, once for each message; how many messages there are."""
    count = 0
    for letter in gateway.dead_letters.look(most):
        count += 1
        record = about(gateway, letter)
        if record is not None and not _is_explained(record, letter):
            saved(gateway, _explained(gateway, record, letter))
    return count


def redrive(gateway: Gateway) -> Iterator[tuple["DeadLetter", Record | None]]:
    """Put every dead letter back, with the record it is about. One that is about none of ours stays."""
    for letter in gateway.dead_letters.taken():
        record = about(gateway, letter)
        if record is not None:
            if record.state is State.RECEIVED:
                due = max(record.due_at or gateway.now(), gateway.now() + _QUEUED_AGAIN_AFTER)
                record = saved(
                    gateway, record.noted("redriven", gateway.now(), needs_person=False, due_at=due)
                )
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


def _is_explained(record: Record, letter: "DeadLetter") -> bool:
    return any(
        step.what == _GIVEN_UP and (step.detail or "").startswith(letter.message_id) for step in record.steps
    )


def _explained(gateway: Gateway, record: Record, letter: "DeadLetter") -> Record:
    """The record with what happened to its message; one that is past the queue changes nothing but its trace."""
    now, cause = gateway.now(), record.last_error or "sin respuesta de la función"
    detail = f"{letter.message_id}: {cause}"
    if record.state is not State.RECEIVED:
        return record.noted(_GIVEN_UP, now, detail)
    why = (
        f"La cola agotó sus entregas sin poder enviarlo. Último error: {cause} "
        "Se reintentará por sí solo; «cauce queue redrive» lo reintenta ya."
    )
    due = max(record.due_at or now, now + _QUEUED_AGAIN_AFTER)
    return record.noted(_GIVEN_UP, now, detail, last_error=why, needs_person=True, due_at=due)
