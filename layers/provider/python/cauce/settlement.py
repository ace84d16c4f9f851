"""Settlement: send a prepared request once, and write down what became of it.

``deliver`` is the only caller of ``Provider.send``, and takes only records already marked «sending».
"""

import logging
from datetime import datetime, timedelta

from cauce import contingency
from cauce.domain.errors import (
    CauceError,
    Conflict,
    CredentialsRejected,
    Held,
    NotSent,
    NumberTaken,
    OutcomeUnknown,
    Stale,
    Unsupported,
)
from cauce.domain.event import Event
from cauce.domain.outage import Failure
from cauce.domain.outcome import (
    Accepted,
    AlreadyProcessed,
    Blocked,
    Message,
    Origin,
    Outcome,
    Pending,
    Rejected,
)
from cauce.domain.record import Record, State, backoff
from cauce.domain.time import bogota
from cauce.gateway import Gateway
from cauce.providers.base import NumberedBy, Provider, Request, Verb, refs

_log = logging.getLogger("cauce")

# How long a record may go on being turned away before its ERP is told that it failed.
GIVE_UP_AFTER = timedelta(days=3)
# DIAN's own code of a validated document, for the providers that only say so in words.
VALIDATED = "00"
# A call may last 60 s and its function 90: what is still «sending» after this died on the way.
SENDING_FOR = timedelta(seconds=150)


def mark_sending(gateway: Gateway, record: Record) -> Record:
    """The last write before the call leaves. Raises Stale where another worker has taken the record.

    From here on what leaves is what is asked about, a person's decision to send it in doubt included.
    """
    now = gateway.now()
    record = contingency.ordinary_absent(record)
    due = now + SENDING_FOR
    return gateway.store.save(record.moved(State.SENDING, now, sent_at=now, failure=None, due_at=due))


def deliver(
    gateway: Gateway, provider: Provider, record: Record, request: Request, *, repeated: bool = False
) -> Record:
    """Send the request of a record marked «sending»; what became of it, its XML fetched if accepted.

    ``repeated``: the provider has the document already, and turning us away now it says nothing of it.
    """
    away = put_off if repeated else turned_away
    try:
        with gateway.breaker(record.issuer, record.provider).listening():
            outcome = provider.send(request)
    except (NotSent, CredentialsRejected) as trouble:
        gateway.archive.answer(record, getattr(trouble, "raw", b""))
        contingency.failed(gateway, provider, record, trouble)
        after = away(record, gateway.now(), trouble)
        return saved(gateway, contingency.tried_soon(provider, after, trouble, gateway.now()))
    except OutcomeUnknown as doubt:
        gateway.archive.answer(record, doubt.raw)
        contingency.failed(gateway, provider, record, doubt)
        return saved(gateway, in_doubt(record, gateway.now(), doubt.message, doubt.failure))
    except Conflict as stranger:
        record = contingency.answered(gateway, provider, record)
        return saved(gateway, _number_taken(record, gateway.now(), stranger))
    except (
        Exception
    ) as fault:  # ours: the request may have left, and an answer that nobody foresaw proves nothing
        _log.error(  # its class alone: its message may quote the answer
            "an answer could not be read",
            extra={"document_id": record.document_id, "error": type(fault).__name__},
        )
        return saved(
            gateway,
            in_doubt(record, gateway.now(), "La respuesta del proveedor no se pudo leer; se consulta."),
        )
    gateway.archive.answer(record, outcome.raw)
    record = contingency.answered(gateway, provider, record)
    if repeated and isinstance(outcome, Blocked):
        return saved(gateway, put_off(record, gateway.now(), NotSent(outcome.status_message or "")))
    return settle(gateway, provider, record, outcome)


def settle(gateway: Gateway, provider: Provider, record: Record, outcome: Outcome) -> Record:
    """Write down an outcome; the record, its XML fetched if accepted.

    A number that a provider gave is claimed with it: where another record has that number, the outcome is about
    that one, however alike they are, and ours is in doubt until a person looks.
    """
    after = settled(record, outcome, provider, gateway.now())
    if after.number is None or after.number == record.number:
        return fetch_signed_xml(gateway, provider, saved(gateway, after))
    try:
        after = gateway.store.save_numbered(after)
    except Stale:
        return gateway.store.record(record.issuer, record.document_id)
    except NumberTaken:
        why = f"El proveedor respondió con el número {after.number}, que es de otro documento."
        return saved(gateway, for_a_person(record, gateway.now(), why))
    return fetch_signed_xml(gateway, provider, after)


def for_a_person(record: Record, now: datetime, why: str) -> Record:
    """The record in doubt until somebody decides; asked about once an hour at most."""
    facts: dict[str, object] = {
        "last_error": why,
        "needs_person": True,
        "checks": record.checks + 1,
        "due_at": now + timedelta(hours=1),
    }
    if record.state is State.UNKNOWN:
        return record.noted("needs a person", now, why, **facts)
    return record.moved(State.UNKNOWN, now, why, **facts)


def settled(record: Record, outcome: Outcome, provider: Provider, now: datetime) -> Record:
    """The record after an outcome. Pure; ``accepted`` is absorbing (``domain.record.MOVES``)."""
    facts = _facts(record, outcome, provider)
    match outcome:
        case Accepted():
            notices = (*outcome.notices, *_drift(record, outcome), *contingency.notice(record))
            wants_xml = Verb.XML in provider.capabilities.verbs and record.signed_xml is None
            return record.moved(
                State.ACCEPTED,
                now,
                outcome.status_message,
                **{
                    **facts,
                    "status_code": outcome.status_code or VALIDATED,
                    "notices": notices,
                    "rejections": (),
                    "already_processed": False,
                    "due_at": now if wants_xml else None,
                },
            )
        case Rejected() | AlreadyProcessed() if record.already_processed:
            return for_a_person(record.model_copy(update=_kept(facts)), now, _RULE_90)
        case Pending() if record.already_processed:
            return record.noted(
                "still in doubt", now, outcome.status_message, due_at=now + backoff(record.checks)
            )
        case AlreadyProcessed():
            return already_processed(record.model_copy(update=_kept(facts)), now)
        case Rejected():
            return record.moved(
                State.REJECTED,
                now,
                "; ".join(message.text for message in outcome.rejections) or outcome.status_message,
                **{
                    **facts,
                    "rejections": outcome.rejections,
                    "stored_rejected": outcome.stored,
                    "due_at": None,
                },
            )
        case Pending():
            due = {"due_at": now + backoff(record.checks)}
            if record.state is State.PENDING:
                if record.early(now):
                    return record.model_copy(update=facts)
                return record.noted("still pending", now, outcome.status_message, **{**facts, **due})
            return record.moved(State.PENDING, now, outcome.status_message, **{**facts, **due})
        case Blocked():
            return turned_away(record, now, NotSent(outcome.status_message or ""), blocked=True)


def already_processed(record: Record, now: datetime) -> Record:
    """The record after rule 90: in doubt, and asked about next. It is neither sent again nor discarded meanwhile."""
    found = {
        "absences": 0,
        "absent_at": None,
        "checks": 0,
        "due_at": now + backoff(0),
        "last_error": _RULE_90,
    }
    if record.state is State.UNKNOWN:
        return record.noted("already processed", now, _RULE_90, already_processed=True, **found)
    return record.moved(State.UNKNOWN, now, _RULE_90, already_processed=True, **found)


_RULE_90 = (
    "La DIAN responde que ya procesó un documento con este número (regla 90). Puede ser este mismo, y ser válido: se "
    "consulta antes de decidir; no se envía de nuevo ni se descarta."
)


def _kept(facts: dict[str, object]) -> dict[str, object]:
    """What an answer tells of a document in doubt, which settles nothing."""
    return {name: facts[name] for name in ("number", "uuid", "status_code", "notices", "provider_ids")}


def turned_away(record: Record, now: datetime, trouble: CauceError, *, blocked: bool = False) -> Record:
    """The record after proof that nothing left: received again, or failed once it has waited too long."""
    retry_after = getattr(trouble, "retry_after", None)
    facts: dict[str, object] = {
        "last_error": trouble.message,
        "blocked": blocked,
        "sent_at": None,
        "failure": contingency.failure_of(trouble),
    }
    was_sent = record.state is State.SENDING  # not turned away before: what arrived earlier stays what it is
    if was_sent and record.sent_as == record.attempt and not getattr(trouble, "arrived", False):
        facts["sent_as"] = None  # its bytes never arrived
    wait = timedelta(seconds=retry_after or 0)
    if not isinstance(
        trouble, Held
    ):  # whom we held back ourselves, the provider has not turned away once more
        # What its buyer holds already must be transmitted, however late.
        if now - record.received_at > GIVE_UP_AFTER and not record.in_contingency:
            return record.moved(State.FAILED, now, trouble.message, **{**facts, "due_at": None})
        wait = max(wait, backoff(record.attempt - 1))
    facts["due_at"] = now + wait
    if record.state is State.RECEIVED:
        return record.noted("turned away", now, trouble.message, **facts)
    return record.moved(State.RECEIVED, now, trouble.message, **facts)


def held_back(record: Record, now: datetime, why: Held) -> Record:
    """The record that was not even tried: as it is, until its turn comes. Its trace says so once."""
    facts: dict[str, object] = {"due_at": now + timedelta(seconds=why.retry_after)}
    if record.state is State.RECEIVED:
        facts["last_error"] = why.message
    if record.steps and record.steps[-1].what == _HELD:
        return record.model_copy(update={**facts, "updated_at": now})
    return record.noted(_HELD, now, why.message, **facts)


_HELD = "held back"


def put_off(record: Record, now: datetime, trouble: CauceError) -> Record:
    """The record that its provider has and could not be asked about now: pending, as before."""
    wait = max(backoff(record.checks), timedelta(seconds=getattr(trouble, "retry_after", None) or 0))
    return record.moved(State.PENDING, now, trouble.message, last_error=trouble.message, due_at=now + wait)


def in_doubt(record: Record, now: datetime, why: str, failure: Failure | None = None) -> Record:
    """The record whose answer was lost, through a ``failure`` of the service or not: from here on it is only asked
    about."""
    facts: dict[str, object] = {"absences": 0, "absent_at": None, "checks": 0, "due_at": now + backoff(0)}
    return record.moved(State.UNKNOWN, now, why, last_error=why, failure=failure, **facts)


def _number_taken(record: Record, now: datetime, stranger: Conflict) -> Record:
    """The record whose number is another document's: our own of before, or one that a person must explain."""
    found = contingency.collided(record)
    after = for_a_person(found, now, stranger.message)
    return after if found is record else after.model_copy(update={"due_at": now + backoff(0)})


def fetch_signed_xml(gateway: Gateway, provider: Provider, record: Record) -> Record:
    """Put an accepted record's signed XML in the archive. What fails here is tried again by the schedule, for as
    long as a document may wait: some files are never published, and asking for one still fetches it."""
    record = own_xml_kept(gateway, provider, record)
    if record.state is not State.ACCEPTED or record.signed_xml or Verb.XML not in provider.capabilities.verbs:
        return record
    try:
        with gateway.breaker(record.issuer, record.provider).listening():
            xml = provider.xml(refs(record))
        key = gateway.archive.signed_xml(record, xml)
    except (CauceError, Unsupported) as trouble:
        now = gateway.now()
        later = record.noted(
            "signed XML not available yet",
            now,
            trouble.message,
            checks=record.checks + 1,
            due_at=None if now - record.received_at > GIVE_UP_AFTER else now + backoff(record.checks),
        )
        return saved(gateway, later)
    return xml_noted(gateway, record, key)


def own_xml_kept(gateway: Gateway, provider: Provider, record: Record) -> Record:
    """An accepted record, its signed XML in the archive where it is ours to sign and no other of ours can be what was
    accepted: DIAN need not publish it, and may never do so."""
    if record.state is not State.ACCEPTED or record.signed_xml or record.sent_as is None:
        return record
    keeps_its_time = isinstance(record.content, Event) or record.content.issue_time is not None
    if keeps_its_time and record.received_at != record.created_at:
        return record  # a correction issued at the time of what it corrects may bear the same identifier
    ours = provider.signed_in(gateway.archive.sent_request(record, record.sent_as))
    if ours is None or ours[0] != record.uuid:
        return record
    return xml_noted(gateway, record, gateway.archive.signed_xml(record, ours[1]))


def xml_noted(gateway: Gateway, record: Record, key: str) -> Record:
    """The record whose signed XML is in the archive under a key: nothing is left to do."""
    return saved(
        gateway, record.noted("signed XML archived", gateway.now(), key, signed_xml=key, due_at=None)
    )


def saved(gateway: Gateway, record: Record) -> Record:
    """Write the record; where somebody else wrote it first, theirs stands."""
    try:
        return gateway.store.save(record)
    except Stale:
        return gateway.store.record(record.issuer, record.document_id)


def _facts(record: Record, outcome: Outcome, provider: Provider) -> dict[str, object]:
    """What every answer adds to a record; nothing known is ever replaced by nothing."""
    numbered_here = provider.capabilities.numbered_by is NumberedBy.GATEWAY
    return {
        "number": record.number if numbered_here else outcome.number or record.number,
        "uuid": outcome.uuid or record.uuid,
        "issued_at": bogota(outcome.issued_at) if outcome.issued_at else record.issued_at,
        "validated_at": bogota(outcome.validated_at) if outcome.validated_at else record.validated_at,
        "status_code": outcome.status_code or record.status_code,
        "status_message": outcome.status_message or record.status_message,
        "notices": outcome.notices or record.notices,
        "provider_ids": {**record.provider_ids, **outcome.provider_ids},
        "last_error": None,
        "failure": None,
        "blocked": False,
        "needs_person": False,
        "absences": 0,
        "absent_at": None,
    }


def _drift(record: Record, outcome: Accepted) -> tuple[Message, ...]:
    """A notice where the provider's total is not ours: the accountant must see it."""
    if outcome.payable is None or outcome.payable == record.payable:
        return ()
    text = f"El proveedor calculó un total de {outcome.payable}; el esperado era {record.payable}."
    return (Message(text=text, origin=Origin.CAUCE),)
