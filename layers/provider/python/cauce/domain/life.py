"""A record's life: every change of a record is one move of this module, and nothing else changes one.

A move is a pure function from a record to the record after something happened, documents and events alike. Its
parameters are the facts it needs; it sets the fields they concern and clears those that no longer hold.
``record.MOVES`` says which states may follow which. The trace (``steps``) is for people; what is done next is decided
by the other fields, and when, by ``next_look`` alone.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypedDict, Unpack

from cauce.domain import news
from cauce.domain.document import Document
from cauce.domain.errors import CauceError, Held, NotSent, OutcomeUnknown
from cauce.domain.event import Event
from cauce.domain.lot import LotLine
from cauce.domain.models import changed
from cauce.domain.outage import Failure
from cauce.domain.outcome import (
    Accepted,
    AlreadyProcessed,
    Blocked,
    Message,
    Number,
    Origin,
    Outcome,
    Pending,
    Rejected,
)
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import MOVES, Contingency, Mailing, MailState, Record, State, Step, Told, WaitsFor
from cauce.domain.sameness import is_hash_of
from cauce.domain.time import bogota
from cauce.domain.totals import Amounts

# How long a record may go on being turned away before its ERP is told that it failed.
GIVE_UP_AFTER = timedelta(days=3)
# Sends in a row without a readable answer after which a person is called.
MOST_UNPROVED_SENDS = 5
# Looks that settle nothing at a record in doubt by rule 90, after which a person is called: about an hour of them.
MOST_VAIN_CHECKS = 10
# DIAN's status code of a validated document, for providers that tell no code.
VALIDATED = "00"

# Absence is proved by look-ups at least this far apart (providers may index what they store with a delay).
ABSENCES_APART = timedelta(seconds=60)
# A record whose message may be lost is queued again after this long.
REQUEUE_AFTER = timedelta(minutes=3)
# The same for a lot's line. Its message waits behind those of the lot's other lines, and another one queued too soon
# would only lengthen the lane.
REQUEUE_LINE_AFTER = timedelta(hours=1)
# The same once the schedule has queued a record again: its message is safe, and a lane may take hours.
LEFT_TO_QUEUE = timedelta(hours=6)
# A call may last 65 s and its function 90: the sender of a record that is still «sending» after this has died.
SENDING_FOR = timedelta(seconds=150)
# How often the provider is asked about a record that waits for a person: it may answer after all.
ASKED_FOR_PERSON = timedelta(hours=1)
# How long a record rests whose message failed at every delivery: time for an operator to look, or for its provider to
# come back.
GIVEN_UP_FOR = timedelta(hours=1)

# A mail that was about to leave so long ago, and of which nothing is known, may have left.
MAIL_LEAVES_WITHIN = timedelta(minutes=10)

_BEFORE_ANY_ATTEMPT = timedelta(minutes=10)

# A record polled for days must stay far below DynamoDB's 400 kB.
_MAX_STEPS = 200
_MAX_TEXT = 600
_MAX_GIVEN_UP = 10


def next_look(record: Record) -> datetime | None:
    """When a record is looked at next, by what it waits for, since when, and how often it was looked at in vain.

    ``None`` once nothing is left to do. For records older than ``waits_for`` it is the stored ``due_at``.
    """
    if record.back_at is not None:  # the queue delivers its message then; the schedule looks if it did not
        return record.back_at + REQUEUE_AFTER
    if record.waits_for is None or record.waits_since is None:
        return record.due_at
    at = record.waits_since + _wait(record, record.waits_for)
    if record.not_before is not None:
        at = max(at, record.not_before)
    return at if record.try_by is None else min(at, record.try_by)


def _wait(record: Record, waits_for: WaitsFor) -> timedelta:
    match waits_for:
        case (
            WaitsFor.SCHEDULE | WaitsFor.TURN | WaitsFor.MAIL
        ):  # ``not_before`` says when a mail is tried again
            return timedelta()
        case WaitsFor.MESSAGE | WaitsFor.QUEUEING:
            return REQUEUE_AFTER
        case WaitsFor.LOT:
            return REQUEUE_LINE_AFTER
        case WaitsFor.QUEUE:
            return LEFT_TO_QUEUE
        case WaitsFor.SENDER:
            return SENDING_FOR
        case WaitsFor.PROVIDER | WaitsFor.LANE:
            # Turned away before any attempt, it lacks something that an operator must give it, as credentials.
            return backoff(record.attempt - 1) if record.attempt else _BEFORE_ANY_ATTEMPT
        case WaitsFor.VERDICT:
            return backoff(record.checks)
        case WaitsFor.ANSWER | WaitsFor.FILE:  # ``checks`` counts the last question already
            return backoff(max(0, record.checks - 1))
        case WaitsFor.ABSENCE:
            return max(ABSENCES_APART, backoff(record.absences))
        case WaitsFor.PERSON:
            return ASKED_FOR_PERSON


def backoff(checks: int) -> timedelta:
    """How long until the next look at an unsettled record: 30 s, 1, 2, 5, then every 10 minutes, hourly at last.

    Source: providers' guidance on slow DIAN answers (Factus: 30 s, 1, 2, 5, 10 minutes).
    """
    steps = (30, 60, 120, 300, 600)
    if checks < len(steps):
        return timedelta(seconds=steps[checks])
    return timedelta(seconds=600) if checks < 30 else timedelta(hours=1)


# ── Taken in ──────────────────────────────────────────────────────────────────────────────────────


def taken_in(
    document_id: str,
    issuer: str,
    content: Document | Event,
    content_hash: str,
    provider: str,
    numbering_range: NumberingRange | None,
    amounts: Amounts,
    now: datetime,
    *,
    line: LotLine | None = None,
    findings: tuple[Message, ...] = (),
    by: str | None = None,
) -> Record:
    """A new record, not stored yet. ``line``: the lot's line that it came in. ``findings``: notices of our checks.
    ``by``: who asked for the move (``Step.by``), here and below."""
    record = Record(
        issuer=issuer,
        document_id=document_id,
        content=content,
        content_hash=content_hash,
        provider=provider,
        range=_for_new_record(numbering_range),
        issued_at=_issue(content, now),
        subtotal=amounts.subtotal,
        vat=amounts.vat,
        payable=amounts.payable,
        tax=amounts.tax,
        allowance=amounts.allowance,
        charge=amounts.charge,
        findings=findings,
        line=line,
        created_at=now,
        received_at=now,
        updated_at=now,
    )
    return _noted(_waiting(record, _its_message(line), now), "received", now, by=by)


def numbered(record: Record, number: Number) -> Record:
    """A new record with the number that it takes from its range, before it is stored."""
    return _set(record, number=number)


def first_written(record: Record) -> Record:
    """A new record as it is written, with its content."""
    return _set(record, content_at=record.version)


def written(record: Record, now: datetime) -> Record:
    """The record with the version that it is written under, its content too if that was not written yet, and what is
    told of it as news."""
    version = record.version + 1
    told = news.situation(record)
    is_news = not set(told) <= set(record.told)
    return _set(
        record,
        version=version,
        content_at=version if record.content_at is None else record.content_at,
        told=told,
        told_at=news.told_at(record, now) if is_news else record.told_at,
    )


def retried(earlier: Record, now: datetime, line: LotLine | None = None, *, by: str | None = None) -> Record:
    """A failed record is sent again with the same bytes: its provider may have it, and then recognises them."""
    return _moved(_asked_again(earlier, now, line), State.RECEIVED, now, "se intenta otra vez", by=by)


def corrected(
    earlier: Record,
    content: Document | Event,
    content_hash: str,
    numbering_range: NumberingRange | None,
    amounts: Amounts,
    now: datetime,
    *,
    line: LotLine | None = None,
    findings: tuple[Message, ...] = (),
    by: str | None = None,
) -> Record:
    """A rejected or failed record emits other content, or the same in a new request; it keeps its number."""
    same = is_hash_of(earlier.content_hash, content, content_hash)
    anew = _set(
        _asked_again(earlier, now, line),
        content=content,
        content_at=None,
        content_hash=content_hash,
        range=earlier.range or _for_new_record(numbering_range),
        issued_at=_issue(content, now),
        subtotal=amounts.subtotal,
        vat=amounts.vat,
        payable=amounts.payable,
        tax=amounts.tax,
        allowance=amounts.allowance,
        charge=amounts.charge,
        findings=findings,
        sent_as=None,
        failure=None,
        contingency=None,
        signed_xml=None,
    )
    return _moved(anew, State.RECEIVED, now, "se intenta otra vez" if same else "corregido", by=by)


def _asked_again(earlier: Record, now: datetime, line: LotLine | None) -> Record:
    """A record that its ERP asked for again, with all that answers and errors said of it before cleared."""
    left = earlier.line if line is not None else None
    asked = _set(
        _waiting(earlier, _its_message(line), now),
        received_at=now,
        line=line or earlier.line,
        former_lines=(*earlier.former_lines, left) if left is not None else earlier.former_lines,
        rejections=(),
        notices=(),
        status_code=None,
        status_message=None,
    )
    return _no_trouble(asked)


def _its_message(line: LotLine | None) -> WaitsFor:
    return WaitsFor.MESSAGE if line is None else WaitsFor.LOT


def _issue(content: Document | Event, now: datetime) -> datetime:
    """Date and time of issue: as asked, or now, Bogotá time to the second."""
    return bogota(now) if isinstance(content, Event) else content.issued_at(now)


def _for_new_record(numbering_range: NumberingRange | None) -> NumberingRange | None:
    """A range as a new record has it: with its technical key, if that was opened (no stored record has it). That it
    was not is found out again when the request is made."""
    return numbering_range and numbering_range.model_copy(update={"key_withheld": False})


# ── On its way ────────────────────────────────────────────────────────────────────────────────────


def queueing(record: Record, now: datetime) -> Record:
    """The schedule is about to queue the record: its message may be lost, or was never queued."""
    return _noted(_waiting(record, WaitsFor.QUEUEING, now), "queued again", now)


def queued(record: Record, now: datetime) -> Record:
    """The schedule has put the record's message in the queue, which loses none."""
    return _waiting(record, WaitsFor.QUEUE, now)


def comes_back(record: Record, at: datetime) -> Record:
    """The record's message is hidden, keeping its place in the queue, and delivered again at ``at``."""
    back = _set(record, back_at=at)
    return _set(back, due_at=next_look(back))


def begun(record: Record, now: datetime) -> Record:
    """A worker begins an attempt to send the record; ``sent_as`` and the archive name it by its count. If the worker
    dies, the schedule queues the record."""
    waiting = _waiting(record, WaitsFor.MESSAGE, now)
    return _noted(_set(waiting, attempt=record.attempt + 1), "claimed", now)


def claimed_at_once(record: Record, now: datetime) -> Record:
    """A new record, not stored yet, that is sent within the request that asked for it: it comes into the table with
    its first attempt begun. If that worker dies, the schedule queues it as any other."""
    return _noted(_set(_waiting(record, WaitsFor.SENDER, now), attempt=1), "claimed", now)


def dated(record: Record, issued_at: datetime) -> Record:
    """The record with the date and time of issue that its request will have."""
    return _set(record, issued_at=issued_at)


def identified(record: Record, ids: dict[str, str]) -> Record:
    """The record with more ids of its provider's, which its request needs."""
    return _set(record, provider_ids={**record.provider_ids, **ids})


def in_range(record: Record, current: NumberingRange) -> Record:
    """The record from which its request is made: with its range as last synced and the technical key. Never
    stored."""
    return _set(record, range=current)


def prepared(record: Record, uuid: str | None, *, keeps_bytes: bool) -> Record:
    """The record's request is made; ``uuid`` is the identifier in it. ``keeps_bytes``: from now on this attempt's
    request is sent again byte for byte (``sent_as``)."""
    return _set(record, uuid=uuid or record.uuid, sent_as=record.attempt if keeps_bytes else record.sent_as)


def leaving(record: Record, now: datetime) -> Record:
    """The record becomes «sending»: the call is about to leave, and from now on the provider is only asked about it.
    A person may have decided to send a type 04 whose ordinary invoice is in doubt; the provider is asked about that
    one no more."""
    waiting = ordinary_absent(record)
    # One that was claimed at once waits for its sender already, and its time runs from the claim.
    if record.waits_for is not WaitsFor.SENDER:
        waiting = _waiting(waiting, WaitsFor.SENDER, now)
    out = _set(waiting, sent_at=now, failure=None, unproved_sends=record.unproved_sends + 1)
    return _moved(out, State.SENDING, now)


def answered(record: Record) -> Record:
    """The record was sent, and got a readable answer."""
    return _set(record, unproved_sends=0)


def cannot_be_sent(record: Record, now: datetime, why: str) -> Record:
    """The record cannot be sent as it is, and nothing has left: it has failed."""
    return _moved(_failed(record, why), State.FAILED, now, why)


def turned_away(record: Record, now: datetime, trouble: CauceError, *, blocked: bool = False) -> Record:
    """The record was not sent, or its provider processed nothing of it: it is received again, or failed once
    ``GIVE_UP_AFTER`` is over. ``blocked``: another document of its lane has no verdict yet."""
    retry_after = getattr(trouble, "retry_after", None)
    away = _unsent(record, trouble, blocked=blocked)
    # It does not fail while we hold it back ourselves. Nor in contingency: the buyer may have the type 04, which must
    # be transmitted however late.
    is_held = isinstance(trouble, Held)
    if not is_held and now - record.received_at > GIVE_UP_AFTER and not record.in_contingency:
        return _moved(_failed(away, trouble.message), State.FAILED, now, trouble.message)
    waits_for = WaitsFor.TURN if is_held else WaitsFor.LANE if blocked else WaitsFor.PROVIDER
    away = _waiting(away, waits_for, now, not_before=now + timedelta(seconds=retry_after or 0))
    if record.state is State.RECEIVED:
        return _noted(away, "turned away", now, trouble.message)
    return _moved(away, State.RECEIVED, now, trouble.message)


def _unsent(record: Record, trouble: CauceError, *, blocked: bool) -> Record:
    """The record without the attempt that was turned away, and with its trouble."""
    # Where this one was not sent, ``sent_as`` names an earlier attempt, whose bytes may have arrived.
    was_sent = record.state is State.SENDING
    arrived = getattr(trouble, "arrived", False)
    return _set(
        record,
        last_error=trouble.message,
        is_given_up=False,
        blocked=blocked,
        held_by=record.held_by if blocked else None,
        sent_at=None,
        failure=failure_of(trouble),
        # This attempt's bytes never arrived: the next attempt may build a new request.
        sent_as=None if was_sent and record.sent_as == record.attempt and not arrived else record.sent_as,
        unproved_sends=_unproved(record, trouble) if was_sent else record.unproved_sends,
    )


def _unproved(record: Record, trouble: CauceError) -> int:
    """``unproved_sends`` after a send that was turned away: 0 if the service answered that it processed nothing; else
    one less, since ``leaving`` counted a send that never left."""
    is_told = isinstance(trouble, NotSent) and (trouble.arrived or trouble.retry_after is not None)
    if is_told and not isinstance(trouble, Held):
        return 0
    return max(0, record.unproved_sends - 1)


def failure_of(trouble: CauceError) -> Failure | None:
    """How the service failed, if an error is its failure."""
    return trouble.failure if isinstance(trouble, NotSent | OutcomeUnknown) else None


def held_back(record: Record, now: datetime, why: Held) -> Record:
    """No call was made, since the pace is used up or a breaker is open: the record waits for its turn, its state
    unchanged. The trace says so once."""
    again = record.waits_for is WaitsFor.TURN
    held = _waiting(record, WaitsFor.TURN, now, not_before=now + timedelta(seconds=why.retry_after))
    if record.state is State.RECEIVED:
        held_by = record.held_by if record.blocked else None
        held = _set(held, last_error=why.message, is_given_up=False, held_by=held_by)
    return _set(held, updated_at=now) if again else _noted(held, "held back", now, why.message)


def rejected_discarded(record: Record, now: datetime) -> Record:
    """The provider has discarded the record's rejected attempt."""
    return _noted(_set(record, stored_rejected=False), "rejected attempt discarded", now)


def lane_cleared(record: Record, now: datetime) -> Record:
    """The documents that kept the provider from taking the record are settled: it is due at once."""
    return _noted(
        _set(_waiting(record, WaitsFor.SCHEDULE, now), needs_person=False, held_by=None), "lane cleared", now
    )


def lane_closed(record: Record, now: datetime, why: str) -> Record:
    """Only a person can settle the document that keeps the provider from taking the record, which waits as it did;
    ``why`` names that document."""
    closed = _set(record, last_error=why, is_given_up=False, needs_person=True, held_by=None)
    return _noted(closed, "needs a person", now, why)


def lane_held(record: Record, now: datetime, why: str, held_by: str) -> Record:
    """Our document ``held_by`` keeps the provider from taking the record. The trace says so once."""
    held = _set(record, last_error=why, is_given_up=False, held_by=held_by)
    return _set(held, updated_at=now) if record.held_by == held_by else _noted(held, "lane held", now, why)


def behind(record: Record, why: str, held_by: str) -> Record:
    """The record as shown to an ERP while it waits in its lane behind our document ``held_by``. Never stored: that
    may be over at any moment."""
    return _set(record, last_error=why, held_by=held_by)


def redriven(record: Record, now: datetime) -> Record:
    """An operator put the record's message, which the queue had given up, back in the queue: the schedule does not
    queue the record for an hour at least."""
    later = max(record.due_at or now, now + GIVEN_UP_FOR)
    waiting = _waiting(record, WaitsFor.SCHEDULE, now, not_before=later)
    return _noted(_set(waiting, needs_person=False), "redriven", now)


def given_up(record: Record, now: datetime, message_id: str) -> Record:
    """The queue gave up the record's message. A received record still needs one, and calls a person; any other only
    keeps the id, and a line in its trace."""
    cause = record.last_error
    if cause is None or record.is_given_up:
        cause = "sin respuesta de la función."
    known = _set(record, given_up=(*record.given_up, message_id)[-_MAX_GIVEN_UP:])
    if record.state is State.RECEIVED:
        why = (
            f"La cola agotó sus entregas sin poder enviarlo. Último error: {cause} "
            "Se reintentará por sí solo; «cauce queue redrive» lo reintenta ya."
        )
        later = max(record.due_at or now, now + GIVEN_UP_FOR)
        known = _waiting(known, WaitsFor.SCHEDULE, now, not_before=later)
        known = _set(known, last_error=why, is_given_up=True, needs_person=True)
    return _noted(known, "given up by the queue", now, f"{message_id}: {cause}")


# ── Answers ───────────────────────────────────────────────────────────────────────────────────────


def settled(
    record: Record,
    outcome: Outcome,
    now: datetime,
    *,
    numbered_here: bool,
    wants_file: bool,
    wants_mail: bool = False,
) -> Record:
    """The record after an outcome. Raises ValueError where ``MOVES`` forbids it, as for an accepted record.

    Accepted is final: errors are cleared, DIAN's notices kept, with one of ours where its totals differ, and the
    record waits for its file or for nothing. ``numbered_here``: we give the number, so one in the answer is ignored.
    ``wants_file``: its provider hands out the signed XML; an accepted record is then due at once for it, until
    ``file_kept`` or ``file_was_sent``. ``wants_mail``: we send its buyer a mail once it is accepted.
    """
    match outcome:
        case Accepted():
            mail = Mailing(state=MailState.DUE, at=now) if wants_mail else record.mail
            return _accepted(_set(record, mail=mail), outcome, now, numbered_here, wants_file)
        case Blocked():
            return turned_away(record, now, NotSent(outcome.status_message or ""), blocked=True)
        case _ if record.already_processed:
            return _still_in_doubt(record, outcome, now, numbered_here)
        case AlreadyProcessed():
            return already_processed(_with_facts(record, outcome, numbered_here), now)
        case Rejected():
            return _rejected(record, outcome, now, numbered_here)
        case Pending():
            return _pending(record, outcome, now, numbered_here)


def _still_in_doubt(
    record: Record, outcome: Rejected | AlreadyProcessed | Pending, now: datetime, numbered_here: bool
) -> Record:
    """The record was in doubt by rule 90 already: a second refusal, or too long without a verdict, calls a person."""
    if not isinstance(outcome, Pending):
        return for_a_person(_with_facts(record, outcome, numbered_here), now, _RULE_90)
    if record.checks >= MOST_VAIN_CHECKS:
        return for_a_person(record, now, _RULE_90)
    return _noted(_waiting(record, WaitsFor.VERDICT, now), "still in doubt", now, outcome.status_message)


def _rejected(record: Record, outcome: Rejected, now: datetime, numbered_here: bool) -> Record:
    detail = "; ".join(message.text for message in outcome.rejections) or outcome.status_message
    refused = _set(
        _rested(_told(record, outcome, numbered_here)),
        rejections=outcome.rejections,
        stored_rejected=outcome.stored,
    )
    return _moved(refused, State.REJECTED, now, detail)


def _pending(record: Record, outcome: Pending, now: datetime, numbered_here: bool) -> Record:
    pending = _told(record, outcome, numbered_here)
    if record.state is State.PENDING and record.early(now):
        return pending
    pending = _waiting(pending, WaitsFor.VERDICT, now)
    if record.state is State.PENDING:
        return _noted(pending, "still pending", now, outcome.status_message)
    return _moved(pending, State.PENDING, now, outcome.status_message)


def signed_anew(refused: Record, now: datetime) -> Record:
    """A record that DIAN rejected only for its certificate: a new request is signed with the issuer's other one.

    It is issued now, unless its ERP gave the time: with another time it has another CUFE, under which DIAN's answers
    are not about the rejected attempt.
    """
    why = "; ".join(message.text for message in refused.rejections)
    anew = _set(
        _waiting(refused, WaitsFor.SCHEDULE, now),
        issued_at=_issue(refused.content, now),
        rejections=(),
        notices=(),
        status_code=None,
        status_message=None,
        last_error=f"La DIAN ya no acepta el certificado que lo firmó, y lo firma el otro del emisor. {why}",
        is_given_up=False,
        sent_as=None,
        sent_at=None,
        failure=None,
        checks=0,
        unproved_sends=0,
    )
    return _moved(anew, State.RECEIVED, now, "firmado con otro certificado")


def _accepted(
    record: Record, outcome: Accepted, now: datetime, numbered_here: bool, wants_file: bool
) -> Record:
    told = _told(record, outcome, numbered_here)
    accepted = _set(
        told,
        status_code=outcome.status_code or VALIDATED,
        notices=(*outcome.notices, *_drift(record, outcome), *_void_notice(record)),
        rejections=(),
        already_processed=False,
        unproved_sends=0,
    )
    if wants_file and record.signed_xml is None:
        accepted = _waiting(accepted, WaitsFor.FILE, now, try_by=now)
    else:
        accepted = _with_its_file(accepted, now)
    return _moved(accepted, State.ACCEPTED, now, outcome.status_message)


def _drift(record: Record, outcome: Accepted) -> tuple[Message, ...]:
    """A notice where the provider's total differs from ours: an accountant must see it."""
    if outcome.payable is None or outcome.payable == record.payable:
        return ()
    text = f"El proveedor calculó un total de {outcome.payable}; el esperado era {record.payable}."
    return (Message(text=text, origin=Origin.CAUCE),)


def learns(record: Record, outcome: Outcome, numbered_here: bool) -> bool:
    """Whether an answer has a fact that the record has not, or ends a trouble that it has."""
    return _told(record, outcome, numbered_here) != record


def _told(record: Record, outcome: Outcome, numbered_here: bool) -> Record:
    """The record with the facts of an answer and its errors cleared. A fact that the answer lacks stays as it was."""
    return _set(
        _no_trouble(_with_facts(record, outcome, numbered_here)),
        issued_at=bogota(outcome.issued_at) if outcome.issued_at else record.issued_at,
        validated_at=bogota(outcome.validated_at) if outcome.validated_at else record.validated_at,
        status_message=outcome.status_message or record.status_message,
        failure=None,
        already_processed=record.already_processed,
    )


def _with_facts(record: Record, outcome: Outcome, numbered_here: bool) -> Record:
    """The record with the number, identifiers, code and notices of an answer. Errors and doubts stay as they are."""
    return _set(
        record,
        number=record.number if numbered_here else outcome.number or record.number,
        uuid=outcome.uuid or record.uuid,
        status_code=outcome.status_code or record.status_code,
        notices=outcome.notices or record.notices,
        provider_ids={**record.provider_ids, **outcome.provider_ids},
    )


def already_processed(record: Record, now: datetime) -> Record:
    """DIAN says that it has a document of this number (rule 90): the record is in doubt, and asked about next. It is
    neither sent again nor discarded meanwhile."""
    doubtful = _set(
        _in_doubt(record, now, _RULE_90), already_processed=True, rejections=(), stored_rejected=False
    )
    if record.state is State.UNKNOWN:
        return _noted(doubtful, "already processed", now, _RULE_90)
    return _moved(doubtful, State.UNKNOWN, now, _RULE_90)


_RULE_90 = (
    "La DIAN responde que ya procesó un documento con este número (regla 90). Puede ser este mismo, y ser válido: se "
    "consulta antes de decidir; no se envía de nuevo ni se descarta."
)


def in_doubt(record: Record, now: datetime, why: str, failure: Failure | None = None) -> Record:
    """The record was sent and the answer was lost: from now on the provider is only asked about it. The fifth such
    send in a row calls a person. ``failure``: how the service failed, if that is why."""
    doubtful = _set(_in_doubt(record, now, why), failure=failure)
    if failure is Failure.ERROR:  # by this the service says that it is out: it processed nothing
        return _moved(_set(doubtful, unproved_sends=0), State.UNKNOWN, now, why)
    if record.unproved_sends >= MOST_UNPROVED_SENDS:
        return for_a_person(
            doubtful, now, f"Se envió {record.unproved_sends} veces sin respuesta cierta. {why}"
        )
    return _moved(doubtful, State.UNKNOWN, now, why)


def _in_doubt(record: Record, now: datetime, why: str) -> Record:
    fresh = _set(
        record, absences=0, absent_at=None, checks=0, last_error=why, is_given_up=False, held_by=None
    )
    return _waiting(fresh, WaitsFor.ANSWER, now)


def for_a_person(record: Record, now: datetime, why: str) -> Record:
    """The record is in doubt until a person decides; until then its provider is asked about it once an hour at
    most."""
    called = _set(record, last_error=why, is_given_up=False, needs_person=True, checks=record.checks + 1)
    called = _waiting(called, WaitsFor.PERSON, now)
    if record.state is State.UNKNOWN:
        return _noted(called, "needs a person", now, why)
    return _moved(called, State.UNKNOWN, now, why)


def number_taken(record: Record, now: datetime, why: str) -> Record:
    """The answer to a send was about another document, as one that DIAN has under this number. In contingency that
    may be the ordinary invoice, which is asked about next; otherwise a person must find out."""
    found = _collided(record)
    called = for_a_person(found, now, why)
    return called if found is record else tried_soon(called, now + backoff(0))


def put_off(record: Record, now: datetime, trouble: CauceError) -> Record:
    """A pending record that was sent again, and turned away: its provider still has it, so it stays pending."""
    wait = timedelta(seconds=getattr(trouble, "retry_after", None) or 0)
    off = _waiting(record, WaitsFor.VERDICT, now, not_before=now + wait)
    off = _set(off, last_error=trouble.message, is_given_up=False, unproved_sends=_unproved(record, trouble))
    return _moved(off, State.PENDING, now, trouble.message)


def counted(record: Record, now: datetime) -> Record:
    """The record with this look counted, if it is due. An ERP's earlier questions do not count: each would lengthen
    the next wait."""
    return record if record.early(now) else _set(record, checks=record.checks + 1)


def no_answer(record: Record, now: datetime, why: str) -> Record:
    """The provider was asked about the record, and nothing was learnt. In doubt by rule 90, the tenth such look calls
    a person."""
    vain = _set(counted(record, now), last_error=why, is_given_up=False)
    if record.early(now):
        return vain
    if record.already_processed and vain.checks >= MOST_VAIN_CHECKS:
        return for_a_person(vain, now, why)
    if record.waits_for is WaitsFor.MAIL:
        return mail_put_off(record, now, why)
    waits_for = WaitsFor.FILE if record.state is State.ACCEPTED else WaitsFor.ANSWER
    return _noted(_waiting(vain, waits_for, now), "no answer", now, why)


def not_found(record: Record, now: datetime, why: str) -> Record:
    """The provider says that it has no such document, but not often enough yet to prove that it never arrived."""
    missing = _set(counted(record, now), absences=record.absences + 1, absent_at=now)
    missing = _waiting(missing, WaitsFor.ABSENCE, now)
    if record.state is State.PENDING:
        return _moved(missing, State.UNKNOWN, now, why)
    return _noted(missing, "not found", now, why)


def absent_though_processed(record: Record, now: datetime) -> Record:
    """The provider has no such document, but DIAN has one of this number (rule 90): a person must find out whether
    that is the record's."""
    return for_a_person(_set(record, absences=record.absences + 1, absent_at=now), now, _ABSENT_BUT_PROCESSED)


_ABSENT_BUT_PROCESSED = (
    "La DIAN responde que ya procesó un documento con este número (regla 90), y el proveedor no lo encuentra. "
    "Búsquelo en la DIAN: si es este, acéptelo con su CUFE; si no, puede descartarlo."
)


def proved_absent(record: Record, now: datetime) -> Record:
    """It is proved that the provider does not have the record: it is received again, and sent again."""
    ours = _no_trouble(_waiting(ordinary_absent(record), WaitsFor.SCHEDULE, now))
    return _moved(
        _set(ours, checks=0, sent_at=None, unproved_sends=0),
        State.RECEIVED,
        now,
        "se comprobó que el proveedor no lo tiene",
    )


def tried_soon(record: Record, at: datetime) -> Record:
    """The record waits for the same, but not beyond ``at``."""
    soon = _set(record, try_by=at if record.try_by is None else min(at, record.try_by))
    due_at = next_look(soon)
    return _set(soon, due_at=at if due_at is None else min(at, due_at))


def file_missing(record: Record, now: datetime, why: str) -> Record:
    """The signed XML of an accepted record could not be fetched. The schedule tries for three days, since some are
    never published; after that only a request for the file does."""
    missing = _set(record, checks=record.checks + 1)
    is_late = now - record.received_at > GIVE_UP_AFTER
    missing = _with_its_file(missing, now) if is_late else _waiting(missing, WaitsFor.FILE, now)
    return _noted(missing, "signed XML not available yet", now, why)


def file_was_sent(record: Record, key: str) -> Record:
    """The accepted record's signed XML is in the request that was sent, archived under ``key``: nothing is left to
    do but its mail."""
    return _set(_with_its_file(record, record.updated_at), signed_xml=key)


def file_kept(record: Record, now: datetime, key: str) -> Record:
    """The record's signed XML is archived under ``key``: nothing is left to do but its mail."""
    return _noted(_set(_with_its_file(record, now), signed_xml=key), "signed XML archived", now, key)


# ── The mail to its buyer ─────────────────────────────────────────────────────────────────────────


def _with_its_file(record: Record, now: datetime) -> Record:
    """The accepted record, whose file is waited for no longer: its mail is due, or nothing is."""
    is_due = record.mail is not None and record.mail.state is MailState.DUE
    return _waiting(record, WaitsFor.MAIL, now) if is_due else _rested(record)


def mail_leaving(record: Record, now: datetime, *, by: str | None = None) -> Record:
    """The mail of an accepted record is about to leave: from now on only a person has another one sent."""
    waiting = _waiting(record, WaitsFor.MAIL, now, not_before=now + MAIL_LEAVES_WITHIN)
    leaving = _set(waiting, mail=Mailing(state=MailState.LEAVING, at=now))
    return _noted(leaving, "mail leaving", now, by=by)


def mailed(record: Record, now: datetime, message_id: str) -> Record:
    """SES took the record's mail, which is known there by ``message_id``."""
    sent = Mailing(state=MailState.SENT, at=now, message_id=message_id)
    return _noted(_set(_rested(record), mail=sent), "mail sent", now, message_id)


def mail_put_off(record: Record, now: datetime, why: str, *, retry_after: float | None = None) -> Record:
    """The record's mail certainly did not leave: it is tried again later, for three days."""
    if record.mail is None or now - (record.validated_at or record.received_at) > GIVE_UP_AFTER:
        return mail_failed(record, now, why)
    wait = max(backoff(record.checks), timedelta(seconds=retry_after or 0))
    off = _waiting(record, WaitsFor.MAIL, now, not_before=now + wait)
    off = _set(off, mail=Mailing(state=MailState.DUE, at=now, why=why), checks=record.checks + 1)
    return _noted(off, "mail put off", now, why)


def mail_failed(record: Record, now: datetime, why: str) -> Record:
    """The record's mail did not leave, and will not by itself."""
    return _noted(_mail_ended(record, MailState.FAILED, now, why), "mail failed", now, why)


def mail_in_doubt(record: Record, now: datetime, why: str) -> Record:
    """The record's mail may have left: nobody sends it again but a person."""
    return _noted(_mail_ended(record, MailState.DOUBTFUL, now, why), "mail in doubt", now, why)


def mail_returned(record: Record, now: datetime, why: str) -> Record:
    """The record's mail did not arrive."""
    return _noted(_mail_ended(record, MailState.RETURNED, now, why), "mail returned", now, why)


def mail_complained(record: Record, now: datetime, why: str) -> Record:
    """Who received the record's mail called it spam."""
    return _noted(_mail_ended(record, MailState.COMPLAINED, now, why), "mail complained about", now, why)


def _mail_ended(record: Record, state: MailState, now: datetime, why: str) -> Record:
    message_id = record.mail.message_id if record.mail is not None else None
    return _set(_rested(record), mail=Mailing(state=state, at=now, message_id=message_id, why=why))


# ── A person's decisions ──────────────────────────────────────────────────────────────────────────


def sent_again(record: Record, now: datetime, who_and_why: str, *, by: str | None = None) -> Record:
    """A person decided to send the record again: it is received again."""
    again = _no_trouble(_waiting(record, WaitsFor.SCHEDULE, now))
    again = _set(again, checks=0, sent_at=None, received_at=now, unproved_sends=0)
    return _moved(again, State.RECEIVED, now, f"se envía otra vez; {who_and_why}", by=by)


def discarded(record: Record, now: datetime, who: str, reason: str, *, by: str | None = None) -> Record:
    """A person decided to discard the record: it has failed."""
    gone = _set(_no_trouble(record), checks=0)
    return _moved(_failed(gone, reason), State.FAILED, now, f"descartado por {who}: {reason}", by=by)


def decided(record: Record, now: datetime, what: str, *, by: str | None = None) -> Record:
    """A person decided that a document which was found is the record's; this only notes the decision."""
    return _noted(record, "decided", now, what, by=by)


def retried_by_operator(record: Record, now: datetime) -> Record:
    """An operator wants a received or failed record tried now, whatever it waits for."""
    wanted = _waiting(record, WaitsFor.SCHEDULE, now)
    wanted = _set(wanted, last_error=None, is_given_up=False, blocked=False, held_by=None, received_at=now)
    if record.state is State.RECEIVED:
        return _noted(wanted, "tried again by an operator", now)
    return _moved(wanted, State.RECEIVED, now, "reintentado por un operador")


# ── Contingency ───────────────────────────────────────────────────────────────────────────────────


def claimed_for_contingency(record: Record, now: datetime) -> Record:
    """A worker begins the attempt that issues the invoice as type 04; the record waits as it did."""
    claimed = _set(record, attempt=record.attempt + 1, due_at=record.due_at or now)
    return _noted(claimed, "claimed", now, "contingencia")


def made_anew(claimed: Record, now: datetime) -> Record:
    """The record from which the request of its invoice of type 04 is made, issued now."""
    contingency = Contingency(
        since=bogota(now),
        ordinary_uuid=claimed.uuid,
        ordinary_issued_at=claimed.issued_at,
        ordinary_sent_as=claimed.sent_as,
        ordinary_in_doubt=claimed.state is State.UNKNOWN,
    )
    return _set(claimed, contingency=contingency, issued_at=bogota(now), sent_as=None, uuid=None)


def issued_in_contingency(issued: Record, now: datetime, key: str) -> Record:
    """The record's invoice of type 04 is signed and archived under ``key``: the buyer may get it."""
    assert issued.contingency is not None
    ordinary = issued.contingency.ordinary_uuid or "no se hizo"
    detail = f"tipo 04, {issued.uuid}; la ordinaria: {ordinary}"
    kept = _set(issued, signed_xml=key, absences=0, absent_at=None)
    return _noted(kept, "issued in contingency", now, detail)


def deadline_known(record: Record, limit: datetime) -> Record:
    """DIAN is back: it must have the record's invoice of type 04 by ``limit``."""
    return _contingency(record, limit=limit)


def deadline_noted(record: Record, now: datetime) -> Record:
    return _noted(record, "deadline", now)


def deadline_near(record: Record, now: datetime, why: str) -> Record:
    """The record's deadline is near: a person is called, in time to find out why DIAN has not taken the invoice."""
    return _noted(_set(record, needs_person=True), "deadline near", now, why)


def ordinary_absent(record: Record) -> Record:
    """DIAN does not have the ordinary invoice: the type 04, if the record has one, may be sent."""
    return _contingency(record, ordinary_in_doubt=False) if record.contingency is not None else record


def ordinary_rejected(record: Record, now: datetime) -> Record:
    """DIAN rejected the ordinary invoice, which so never existed: the type 04 may be sent with its number."""
    free = _waiting(ordinary_absent(record), WaitsFor.SCHEDULE, now)
    return _moved(_set(free, unproved_sends=0), State.RECEIVED, now, "la ordinaria fue rechazada")


def _collided(record: Record) -> Record:
    """DIAN has the record's number under another CUFE: in contingency, perhaps that of the ordinary invoice, which is
    asked about next."""
    if record.contingency is None or record.contingency.ordinary_uuid is None:
        return record
    return _contingency(record, ordinary_in_doubt=True)


def void(record: Record) -> Record:
    """DIAN has the ordinary invoice, so the type 04 is void: the record is the ordinary invoice's again."""
    contingency = record.contingency
    assert contingency is not None
    voided = _contingency(record, ordinary_in_doubt=False, limit=None, void_uuid=record.uuid)
    return _set(
        voided,
        uuid=contingency.ordinary_uuid,
        issued_at=contingency.ordinary_issued_at,
        sent_as=contingency.ordinary_sent_as,
        signed_xml=None,
    )


def _void_notice(record: Record) -> tuple[Message, ...]:
    """The notice for the ERP of an accepted record whose buyer may have the void invoice of type 04."""
    if record.contingency is None or record.contingency.void_uuid is None:
        return ()
    text = (
        "La DIAN ya tenía esta factura como ordinaria. La copia en contingencia (tipo 04) con CUFE "
        f"{record.contingency.void_uuid} queda sin efecto: si la entregó, reemplácela por esta."
    )
    return (Message(text=text, origin=Origin.CAUCE),)


# ── Inside ────────────────────────────────────────────────────────────────────────────────────────


class _Facts(TypedDict, total=False):
    """The fields of a record that moves change, with the types that ``Record`` gives them, so that mypy refuses a
    misspelt field or a wrong type."""

    content: Document | Event
    content_hash: str
    version: int
    content_at: int | None
    state: State
    attempt: int
    range: NumberingRange | None
    number: Number | None
    uuid: str | None
    sent_as: int | None
    failure: Failure | None
    contingency: Contingency | None
    issued_at: datetime
    validated_at: datetime | None
    subtotal: Decimal
    vat: Decimal
    payable: Decimal
    tax: Decimal | None
    allowance: Decimal | None
    charge: Decimal | None
    status_code: str | None
    status_message: str | None
    notices: tuple[Message, ...]
    rejections: tuple[Message, ...]
    findings: tuple[Message, ...]
    last_error: str | None
    blocked: bool
    held_by: str | None
    stored_rejected: bool
    already_processed: bool
    needs_person: bool
    unproved_sends: int
    given_up: tuple[str, ...]
    is_given_up: bool
    absences: int
    absent_at: datetime | None
    checks: int
    provider_ids: dict[str, str]
    signed_xml: str | None
    mail: Mailing | None
    line: LotLine | None
    former_lines: tuple[LotLine, ...]
    received_at: datetime
    updated_at: datetime
    sent_at: datetime | None
    due_at: datetime | None
    waits_for: WaitsFor | None
    waits_since: datetime | None
    not_before: datetime | None
    try_by: datetime | None
    back_at: datetime | None
    steps: tuple[Step, ...]
    told: tuple[Told, ...]
    told_at: datetime | None


class _ContingencyFacts(TypedDict, total=False):
    limit: datetime | None
    ordinary_in_doubt: bool
    void_uuid: str | None


def _set(record: Record, **facts: Unpack[_Facts]) -> Record:
    return changed(record, facts)


def _contingency(record: Record, **facts: Unpack[_ContingencyFacts]) -> Record:
    assert record.contingency is not None
    return _set(record, contingency=record.contingency.model_copy(update=facts))


def _waiting(
    record: Record,
    waits_for: WaitsFor,
    now: datetime,
    *,
    not_before: datetime | None = None,
    try_by: datetime | None = None,
) -> Record:
    """The record waiting for this from now on, and no longer for what it waited for before."""
    waiting = _set(
        record, waits_for=waits_for, waits_since=now, not_before=not_before, try_by=try_by, back_at=None
    )
    return _set(waiting, due_at=next_look(waiting))


def _rested(record: Record) -> Record:
    """The record with nothing left to do."""
    return _set(
        record, waits_for=None, waits_since=None, not_before=None, try_by=None, back_at=None, due_at=None
    )


def _failed(record: Record, why: str) -> Record:
    return _set(_rested(record), last_error=why, is_given_up=False, needs_person=False)


def _no_trouble(record: Record) -> Record:
    """The record with errors, blocks and absences cleared: no person is called for it any more."""
    return _set(
        record,
        last_error=None,
        is_given_up=False,
        blocked=False,
        held_by=None,
        needs_person=False,
        already_processed=False,
        absences=0,
        absent_at=None,
    )


def _moved(
    record: Record, to: State, now: datetime, detail: str | None = None, *, by: str | None = None
) -> Record:
    """The record in its next state, with a line in its trace. Raises ValueError for a move not in MOVES."""
    if to not in MOVES[record.state]:
        raise ValueError(f"{record.state} may not become {to}")
    return _noted(_set(record, state=to), to.value, now, detail, by=by)


def _noted(
    record: Record, what: str, now: datetime, detail: str | None = None, *, by: str | None = None
) -> Record:
    """The record with a line more in its trace. A long detail is cut, and a long trace loses its oldest lines."""
    cut = detail if detail is None or len(detail) <= _MAX_TEXT else detail[: _MAX_TEXT - 1] + "…"
    step = Step(at=now, what=what, detail=cut, by=by)
    return _set(record, updated_at=now, steps=(*record.steps, step)[-_MAX_STEPS:])
