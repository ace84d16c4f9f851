"""News: what an ERP wants to be told without asking. Here is decided which changes of a record are news, and nowhere
else.

A record's news is what holds of it now (``situation``) and was not told yet (``Record.told``): a settled state, a
person that is called, an invoice that goes on in contingency. What ceases to hold may be told again once it holds
again, as the second rejection of a document that was corrected.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from cauce.domain.document import Kind, Value
from cauce.domain.event import EventCode
from cauce.domain.models import changed
from cauce.domain.record import SETTLED, MailState, Record, State, Told

# News of one record are this far apart at least, so that their order is theirs whatever a clock says.
_APART = timedelta(milliseconds=1)
# Longest reason that a piece of news tells; the document itself has all of it.
_MAX_WHY = 300


class NewsType(StrEnum):
    """What a piece of news says. Those of records are ``Told``'s."""

    ACCEPTED = Told.ACCEPTED.value
    REJECTED = Told.REJECTED.value
    FAILED = Told.FAILED.value
    NEEDS_PERSON = Told.NEEDS_PERSON.value
    CONTINGENCY_ISSUED = Told.CONTINGENCY_ISSUED.value
    CONTINGENCY_LIMIT = Told.CONTINGENCY_LIMIT.value
    CONTINGENCY_VOID = Told.CONTINGENCY_VOID.value
    MAIL_FAILED = Told.MAIL_FAILED.value
    MAIL_RETURNED = Told.MAIL_RETURNED.value
    MAIL_COMPLAINED = Told.MAIL_COMPLAINED.value
    RANGE_RUNS_OUT = "range_runs_out"
    RANGE_EXPIRES = "range_expires"
    RANGE_CHANGED = "range_changed"
    CERTIFICATE_EXPIRES = "certificate_expires"
    QUOTA_80 = "quota_80"
    QUOTA_100 = "quota_100"
    LAW_VALUES_MISSING = "law_values_missing"
    LOT_ENDED = "lot_ended"
    EVENT_SEEN = "event_seen"
    """Somebody declared a RADIAN event on an invoice of the issuer's."""
    ENDPOINT_DISABLED = "endpoint_disabled"
    TEST = "test"
    """What an operator or an ERP sends to its own endpoint to try it. It is in no feed."""


class OfRecord(Value):
    """The record that a piece of news is about, as it was then."""

    document_id: str
    version: int
    kind: Kind
    state: State
    provider: str
    reference: str | None = None
    number: str | None = None
    uuid: str | None = None
    code: EventCode | None = None
    """Of an event."""
    limit: datetime | None = None
    """By when DIAN must have its invoice of type 04."""


class OfRange(Value):
    """The range that a piece of news is about."""

    provider: str
    prefix: str
    kind: Kind | None = None
    resolution: str | None = None
    left: int | None = None
    """How many numbers remain."""
    days: int | None = None
    """Days until it ends."""
    days_by_pace: int | None = None
    """For how many days its numbers are enough at the pace of late, where it is told for that."""
    what: str | None = None
    """How it changed: ``new``, ``changed`` or ``gone``."""


class OfQuota(Value):
    used: int
    limit: int
    period: str


class OfLot(Value):
    """The lot that a piece of news is about, as it ended."""

    lot_id: str
    came_at: datetime
    counts: dict[str, int]
    """How many of its lines ended in each shown state, refused and repeated ones too."""


class OfEvent(Value):
    """The RADIAN event that was seen on an invoice."""

    code: str
    number: str | None = None
    uuid: str | None = None
    at: datetime | None = None


class News(Value):
    """One piece of news of an issuer. Of the fields below ``why`` it has the one that its type is about."""

    id: str
    """The same however often it is told: receivers know by it what they have seen."""
    type: NewsType
    issuer: str
    at: datetime
    why: str | None = None
    record: OfRecord | None = None
    range: OfRange | None = None
    quota: OfQuota | None = None
    lot: OfLot | None = None
    event: OfEvent | None = None
    provider: str | None = None
    """Whose certificate it is about."""
    expires_at: datetime | None = None
    """When that certificate expires."""
    endpoint: str | None = None
    """The endpoint that was disabled or is tried."""


def situation(record: Record) -> tuple[Told, ...]:
    """What holds of a record now, of all that its ERP is told."""
    return tuple(told for told, holds in _holds(record) if holds)


def _holds(record: Record) -> Iterator[tuple[Told, bool]]:
    is_open = record.state not in SETTLED
    contingency = record.contingency
    yield Told.ACCEPTED, record.state is State.ACCEPTED
    yield Told.REJECTED, record.state is State.REJECTED
    yield Told.FAILED, record.state is State.FAILED
    yield Told.NEEDS_PERSON, record.needs_person and is_open
    if contingency is not None:
        # Once told, it stays so until the record is corrected, which clears its contingency.
        yield Told.CONTINGENCY_ISSUED, record.signed_xml is not None or Told.CONTINGENCY_ISSUED in record.told
        yield Told.CONTINGENCY_LIMIT, contingency.limit is not None and is_open
        yield Told.CONTINGENCY_VOID, contingency.void_uuid is not None and record.state is State.ACCEPTED
    if record.mail is not None:
        yield Told.MAIL_FAILED, record.mail.state in (MailState.FAILED, MailState.DOUBTFUL)
        yield Told.MAIL_RETURNED, record.mail.state is MailState.RETURNED
        yield Told.MAIL_COMPLAINED, record.mail.state is MailState.COMPLAINED


def told_at(record: Record, now: datetime) -> datetime:
    """The moment of a record's next news, to the millisecond: now, or just after its last one where a clock has gone
    back."""
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    return now if record.told_at is None else max(now, record.told_at + _APART)


def of_record(before: Record, after: Record) -> tuple[News, ...]:
    """The news of a record that is written; ``before`` is the record that was told less."""
    assert after.told_at is not None or after.told == before.told
    return tuple(
        _of_record(after, told, after.told_at)
        for told in after.told
        if told not in before.told and after.told_at is not None
    )


def _of_record(record: Record, told: Told, at: datetime) -> News:
    return News(
        id=known_as(record.issuer, f"{record.document_id}#{record.version}#{told.value}"),
        type=NewsType(told.value),
        issuer=record.issuer,
        at=at,
        why=_why(record, told),
        record=outlined(record),
    )


def outlined(record: Record) -> OfRecord:
    """A record as its news tells it."""
    outline = record.outline
    return OfRecord(
        document_id=record.document_id,
        version=record.version,
        kind=outline.kind,
        state=record.state,
        provider=record.provider,
        reference=outline.reference,
        number=str(record.number) if record.number else None,
        uuid=record.uuid,
        code=outline.code,
        limit=record.contingency.limit if record.contingency is not None else None,
    )


def _why(record: Record, told: Told) -> str | None:
    """Why it was rejected or failed, or needs a person; cut where it is long."""
    match told:
        case Told.REJECTED:
            why = "; ".join(message.text for message in record.rejections) or record.status_message
        case Told.FAILED | Told.NEEDS_PERSON:
            why = record.last_error
        case Told.MAIL_FAILED | Told.MAIL_RETURNED | Told.MAIL_COMPLAINED:
            why = record.mail.why if record.mail is not None else None
        case _:
            return None
    return why if why is None or len(why) <= _MAX_WHY else why[: _MAX_WHY - 1] + "…"


def dated(told: News, now: datetime, what: str) -> News:
    """News that no record tells, of this moment; ``what`` says which."""
    return changed(told, {"at": now, "id": known_as(told.issuer, what)})


def known_as(issuer: str, what: str) -> str:
    """The id of a piece of news, by what it tells of an issuer."""
    return hashlib.sha256(f"{issuer}#{what}".encode()).hexdigest()[:32]
