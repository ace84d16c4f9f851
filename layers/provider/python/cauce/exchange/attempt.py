"""One attempt of a record: its request is made and archived, sent once, and what became of it is stored.

``send`` is the only caller of ``Provider.send``, and takes only records already marked «sending».
"""

from cauce.domain import life
from cauce.domain.errors import (
    CauceError,
    Conflict,
    CredentialsRejected,
    NotSent,
    NumberTaken,
    OutcomeUnknown,
    Stale,
    Unsupported,
)
from cauce.domain.event import Event
from cauce.domain.outcome import Accepted, Blocked, Outcome, Rejected
from cauce.domain.record import Record, State
from cauce.exchange import failures
from cauce.gateway import Asking, Filing, Recording, Settling
from cauce.providers import identity
from cauce.providers.base import NumberedBy, Provider, Request, Resend, Verb, refs


def prepared(gateway: Filing, provider: Provider, record: Record) -> tuple[Record, Request]:
    """The archived request of a record's present attempt, and the record with the identifier in it.

    With ``sent_as`` the archived request of that attempt is sent again byte for byte, since DIAN or the buyer may
    have it: made anew after a change of certificate or settings it would be another document. Raises what ``resolve``
    and ``prepare`` raise.
    """
    if record.sent_as is not None:
        request = gateway.archive.sent_request(record, record.sent_as)
    else:
        record = life.dated(record, provider.issued_at(record))
        if ids := provider.resolve(record):
            record = life.identified(record, ids)
        request = provider.prepare(_with_its_range(gateway, provider, record))
    keeps_bytes = record.sent_as is None and provider.capabilities.resend is Resend.SAME_BYTES
    gateway.archive.request(record, request)
    return life.prepared(record, request.uuid, keeps_bytes=keeps_bytes), request


def _with_its_range(gateway: Asking, provider: Provider, record: Record) -> Record:
    """The record as ``prepare`` needs it: its range as last synced, with the technical key that no stored record has.
    One with the key in memory is as it is."""
    if record.range is None or record.number is None or record.range.technical_key is not None:
        return record
    needs_key = provider.capabilities.uses_technical_key
    read = gateway.ranges.read_with_key if needs_key else gateway.ranges.read
    return life.in_range(record, read(record.issuer, record.range.key))


def mark_sending(gateway: Recording, record: Record) -> Record:
    """The last write before the call leaves. Raises Stale where another worker wrote the record since it was read."""
    return gateway.records.save(life.leaving(record, gateway.now()))


def send(
    gateway: Settling, provider: Provider, record: Record, request: Request, *, repeated: bool = False
) -> Record:
    """Send the request of a record marked «sending»; the record as it is then. If accepted, its signed XML is
    archived, or found in the archived request.

    ``repeated``: the provider has the document already, so that a record which is turned away now is still pending.
    """
    away = life.put_off if repeated else life.turned_away
    try:
        outcome = provider.send(request)
    except (NotSent, CredentialsRejected) as trouble:
        gateway.archive.answer(record, getattr(trouble, "raw", b""))
        failures.note_failure(gateway, provider, record, trouble)
        after = away(record, gateway.now(), trouble)
        return saved(gateway, failures.tried_soon(provider, after, trouble, gateway.now()))
    except OutcomeUnknown as doubt:
        gateway.archive.answer(record, doubt.raw)
        failures.note_failure(gateway, provider, record, doubt)
        return saved(gateway, life.in_doubt(record, gateway.now(), doubt.message, doubt.failure))
    except Conflict as stranger:
        failures.note_answer(gateway, provider, record)
        record = failures.with_deadline(gateway, provider, record)
        return saved(gateway, life.number_taken(record, gateway.now(), stranger.message))
    except CauceError as surprise:  # the request may have left all the same
        gateway.archive.answer(record, getattr(surprise, "raw", b""))
        return saved(gateway, life.in_doubt(record, gateway.now(), surprise.message))
    gateway.archive.answer(record, outcome.raw)
    failures.note_answer(gateway, provider, record)
    record = failures.with_deadline(gateway, provider, record)
    record = life.answered(record)
    if repeated and isinstance(outcome, Blocked):
        return saved(gateway, life.put_off(record, gateway.now(), NotSent(outcome.status_message or "")))
    return settle(gateway, provider, record, outcome, request)


def settle(
    gateway: Filing, provider: Provider, record: Record, outcome: Outcome, request: Request | None = None
) -> Record:
    """Store an outcome; the record as it is then. If accepted, its signed XML is archived, or found in the
    archived request. ``request``: what was just sent, where the outcome answers that.

    A number that the provider gave, and the CUFE of an accepted record, are claimed in the same write; where we
    signed what was accepted, it names the archived request too, which has the signed XML. Where another record has
    that number, or the answer names another document, the outcome is not this record's: it is in doubt until a person
    decides, however alike the two documents are.
    """
    if why := of_another(provider, record, outcome):
        return saved(gateway, life.for_a_person(record, gateway.now(), why))
    after = life.settled(
        record,
        outcome,
        gateway.now(),
        numbered_here=provider.capabilities.numbered_by is NumberedBy.GATEWAY,
        wants_file=Verb.XML in provider.capabilities.verbs,
        wants_mail=isinstance(outcome, Accepted) and provider.wants_mail(record),
    )
    if isinstance(outcome, Rejected) and outcome.for_its_signer and _may_be_signed_anew(after):
        after = life.signed_anew(after, gateway.now())
    # A file that is ours is no longer waited for.
    if request is not None and (key := _own_xml(gateway, provider, after, request)):
        after = life.file_was_sent(after, key)
    try:
        after = gateway.records.save_settled(after, record)
    except Stale:
        return gateway.records.read(record.issuer, record.document_id)
    except NumberTaken:
        why = f"El proveedor respondió con el número {after.number}, que es de otro documento."
        return saved(gateway, life.for_a_person(record, gateway.now(), why))
    return keep_signed_xml(gateway, provider, after)


def _may_be_signed_anew(record: Record) -> bool:
    """Whether a rejected record may be made anew: not one issued in contingency, which its buyer has as it is."""
    return record.state is State.REJECTED and record.contingency is None


def of_another(provider: Provider, record: Record, outcome: Outcome) -> str | None:
    """Why an answer is about another document than the record's, in Spanish; ``None`` where nothing in it says so."""
    if outcome.about is None:
        return None
    ours = identity.known(refs(record), provider.capabilities, record.issuer)
    different = identity.contradiction(ours, outcome.about, tolerance=identity.a_cent_a_line(record))
    return f"{provider.title} respondió por un documento que no es este: {different}." if different else None


def keep_signed_xml(gateway: Filing, provider: Provider, record: Record) -> Record:
    """Archive an accepted record's signed XML. A failure is tried again by the schedule, for as long as a document
    may wait; after that only a request for the file fetches it. Some files are never published."""
    record = own_xml_noted(gateway, provider, record)
    if record.state is not State.ACCEPTED or record.signed_xml or Verb.XML not in provider.capabilities.verbs:
        return record
    try:
        xml = xml_of(provider, record)
        key = gateway.archive.signed_xml(record, xml)
    except (CauceError, Unsupported) as trouble:
        return saved(gateway, life.file_missing(record, gateway.now(), trouble.message))
    return xml_noted(gateway, record, key)


def own_xml_noted(gateway: Filing, provider: Provider, record: Record) -> Record:
    """The record; with the key of its signed XML where it is accepted and that XML is ours."""
    if record.sent_as is None or record.state is not State.ACCEPTED or record.signed_xml:
        return record
    key = _own_xml(gateway, provider, record, gateway.archive.sent_request(record, record.sent_as))
    return xml_noted(gateway, record, key) if key else record


def _own_xml(gateway: Filing, provider: Provider, record: Record, request: Request) -> str | None:
    """The key of an accepted record's archived request, if we signed the XML in it and what DIAN accepted can be no
    other document of ours. DIAN may never publish that XML."""
    # Without ``sent_as`` nothing signed by us was sent: the provider signs, or no attempt left.
    if record.state is not State.ACCEPTED or record.signed_xml or record.sent_as is None:
        return None
    has_fixed_time = isinstance(record.content, Event) or record.content.issue_time is not None
    if has_fixed_time and record.was_asked_again:
        return None  # at the same issue time, the correction and what it corrects may have one identifier
    ours = provider.signed_in(request)
    if ours is None or ours[0] != record.uuid:
        return None
    return gateway.archive.request_key(record, record.sent_as)


def xml_of(provider: Provider, record: Record) -> bytes:
    """The signed XML of an accepted record. Raises Conflict where its provider hands out another document's."""
    xml = provider.xml(refs(record))
    told = identity.of_signed(xml, record.kind)
    if told is not None and record.uuid is not None and told.uuid not in (None, record.uuid):
        raise Conflict(f"{provider.title} entregó el XML de otro documento.")
    return xml


def xml_noted(gateway: Recording, record: Record, key: str) -> Record:
    """The record with the archive key of its signed XML: nothing is left to do."""
    return saved(gateway, life.file_kept(record, gateway.now(), key))


def saved(gateway: Recording, record: Record) -> Record:
    """Write a record; where another worker wrote it since it was read, that one's version stays and is returned."""
    try:
        return gateway.records.save(record)
    except Stale:
        return gateway.records.read(record.issuer, record.document_id)
