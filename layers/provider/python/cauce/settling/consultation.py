"""Consultation: asks a provider what became of a document, and settles its record. Asking creates nothing."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from cauce.domain import life
from cauce.domain.errors import (
    CauceError,
    Conflict,
    CredentialsRejected,
    Held,
    NotFound,
    NotSent,
    OutcomeUnknown,
    Stale,
)
from cauce.domain.money import CENT
from cauce.domain.outage import LASTS
from cauce.domain.outcome import Accepted, Blocked, Number, Outcome, Pending, Rejected
from cauce.domain.record import Record, State
from cauce.gateway import Gateway
from cauce.providers import identity
from cauce.providers.base import NumberedBy, Provider, RecoveredBy, Resend, refs
from cauce.settling import contingency
from cauce.settling.settlement import deliver, fetch_signed_xml, mark_sending, of_another, saved, settle


def ask(gateway: Gateway, record: Record, *, is_waited_for: bool = False) -> Record:
    """The record after asking its provider, if there is anything to ask.

    ``is_waited_for``: a caller waits for the answer, so nothing is sent again to a slow provider. A record that is
    being sent right now is left alone; one whose sender died is put in doubt, and asked about.
    """
    if record.state is State.SENDING:
        if record.due_at is not None and gateway.now() < record.due_at:
            return record
        record = saved(
            gateway, life.in_doubt(record, gateway.now(), "El envío se interrumpió antes de la respuesta.")
        )
    if record.is_doubtful_rejection:
        record = saved(gateway, life.already_processed(record, gateway.now()))
    wants_xml = record.state is State.ACCEPTED and record.signed_xml is None
    if not (wants_xml or record.state in (State.PENDING, State.UNKNOWN)):
        return record
    provider = provider_of(gateway, record)
    try:
        if wants_xml:
            provider.admit()
            return fetch_signed_xml(gateway, provider, record)
        outcome = provider.consult(refs(record))
    except Held as wait:
        if not record.early(gateway.now()):
            record = saved(gateway, life.held_back(record, gateway.now(), wait))
        return contingency.issued_if_held(gateway, provider, record, wait)
    except NotFound as absent:
        contingency.not_arrived(gateway, provider, record)
        after = saved(gateway, _absent(record, provider, gateway.now(), absent))
        # Sent twice and absent twice: DIAN answers questions, but takes nothing. Proving that took minutes, so a
        # failure may be older (LASTS) than elsewhere.
        again = after.state is State.RECEIVED and after.sent_as is not None and after.attempt > after.sent_as
        return contingency.issued_if_out(gateway, provider, after, within=LASTS) if again else after
    except Conflict as stranger:
        return saved(gateway, life.for_a_person(record, gateway.now(), stranger.message))
    except (NotSent, OutcomeUnknown, CredentialsRejected) as silence:
        gateway.archive.answer(record, getattr(silence, "raw", b""), asked=True)
        contingency.failed(gateway, provider, record, silence)
        after = life.no_answer(record, gateway.now(), silence.message)
        after = saved(gateway, contingency.tried_soon(provider, after, silence, gateway.now()))
        is_out = contingency.is_the_services(life.failure_of(silence))
        return contingency.issued_if_out(gateway, provider, after) if is_out else after
    gateway.archive.answer(record, outcome.raw, asked=True)
    if isinstance(outcome, Blocked):  # it is about the lane, not about this document
        return saved(gateway, life.no_answer(record, gateway.now(), outcome.status_message or "Bloqueado."))
    if why := of_another(provider, record, outcome):  # an answer about another document decides nothing
        return saved(gateway, life.for_a_person(record, gateway.now(), why))
    if record.contingency is not None and record.contingency.ordinary_in_doubt:
        return _ordinary(gateway, provider, record, outcome)
    if twin := _twin(gateway, provider, record, outcome):
        why = (
            f"{provider.title} tiene un documento como este, y puede ser el de la referencia {_named(twin)}: mismo "
            "adquiriente, total y segundo de emisión, y tampoco se conoce su resultado."
        )
        return saved(gateway, life.for_a_person(record, gateway.now(), why))
    may_send = not (is_waited_for and provider.capabilities.slow)
    if may_send and _repeats(provider, record, outcome, gateway.now()):
        return _send_again(gateway, provider, record)
    return settle(gateway, provider, life.counted(record, gateway.now()), outcome)


class Decision(StrEnum):
    """What a person may decide on a record that cannot be settled by asking."""

    SEND_AGAIN = "reenviar"
    DISCARD = "descartar"
    ACCEPT = "aceptar"


def decide(
    gateway: Gateway,
    record: Record,
    decision: Decision,
    *,
    reason: str,
    who: str,
    uuid: str | None = None,
    by: str | None = None,
) -> Record:
    """Carry out a person's decision on a record that cannot be settled by asking; the trace keeps who, why, and whose
    token (``by``).

    Sending again may make a second document, which is why only a person may choose it. While DIAN says that it has a
    document of this number (rule 90), it may be this one, and valid: the record is not sent again, and is discarded
    only if its absence at the provider is proved. ``uuid``: the document to accept, which is read and compared first.
    Raises Conflict where the record is not waiting for a person, or the decision is not allowed now.
    """
    if record.is_doubtful_rejection:
        record = life.already_processed(record, gateway.now())
    elif not (record.needs_person and record.state is State.UNKNOWN):
        raise Conflict("El documento no espera la decisión de una persona.")
    provider = provider_of(gateway, record)
    if decision is Decision.ACCEPT:
        return _accepted_by(gateway, provider, record, uuid or "", f"accepted by {who}: {reason}", by)
    absent = record.absences >= provider.capabilities.absent_after
    if record.already_processed and (decision is Decision.SEND_AGAIN or not absent):
        raise Conflict(
            "La DIAN responde que ya procesó un documento con este número (regla 90): puede ser este, y ser "
            "válido. Consúltelo en la DIAN y, si es este, use «aceptar» con su CUFE. No se envía de nuevo, y solo "
            "se descarta cuando el proveedor haya respondido varias veces que no lo tiene."
        )
    if decision is Decision.SEND_AGAIN:
        decided = life.sent_again(record, gateway.now(), f"{who}: {reason}", by=by)
    else:
        decided = life.discarded(record, gateway.now(), who, reason, by=by)
    try:
        decided = gateway.store.save(decided)
    except Stale as lost:
        raise Conflict("El documento acaba de cambiar; consúltelo antes de decidir.") from lost
    if decision is Decision.SEND_AGAIN:
        gateway.queue.put(decided, provider.capabilities.lane)
    return decided


def _accepted_by(
    gateway: Gateway, provider: Provider, record: Record, uuid: str, why: str, by: str | None
) -> Record:
    """The record accepted, after the document of that identifier was read and compared with it.

    Raises Conflict where it is another document, or cannot be read.
    """
    known = replace(refs(record), uuid=uuid)
    try:
        provider.admit()
        found = provider.found_by_uuid(known)
        ids = found.provider_ids if found is not None else {}
        xml = provider.xml(replace(known, provider_ids={**known.provider_ids, **ids}))
    except CauceError as trouble:
        raise Conflict(
            f"No se pudo leer el documento, y sin leerlo no se acepta: {trouble.message}"
        ) from trouble
    number, different = _read(provider, record, uuid, xml)
    if different:
        raise Conflict(f"El documento de ese CUFE no es este: {different}.")
    told = found.number if found is not None else None
    accepted = Accepted(uuid=uuid, number=record.number or told or number, provider_ids=ids, raw=xml)
    after = settle(gateway, provider, life.decided(record, gateway.now(), why, by=by), accepted)
    if after.state is not State.ACCEPTED:  # its number is another's, or the record has changed meanwhile
        raise Conflict(after.last_error or "El documento acaba de cambiar; consúltelo antes de decidir.")
    return after


def _read(provider: Provider, record: Record, uuid: str, xml: bytes) -> tuple[Number | None, str | None]:
    """The number in a document that was read, and in Spanish how the document differs from the record's, if it does.

    Raises Conflict where the document has another identifier.
    """
    if record.event is not None:
        is_same = identity.is_event(xml, uuid, record.event, record.issuer)
        return None, None if is_same else "es otro evento, de otra factura o de otro emisor"
    known, theirs = refs(record), identity.of_signed(xml, record.kind)
    if theirs is None or theirs.uuid != uuid:
        raise Conflict(f"{provider.title} no entregó el documento de ese CUFE.")
    is_dated = provider.capabilities.numbered_by is NumberedBy.GATEWAY
    ours = identity.of_refs(known, issuer=record.issuer, is_dated=is_dated)
    different = identity.difference(ours, theirs, tolerance=identity.a_cent_a_line(record))
    return _number_of(record, theirs.number), different


def _number_of(record: Record, text: str | None) -> Number | None:
    """A document's number from its text, split after the prefix of the record's range, else before its last digits.
    The record needs it: a claimed number keeps another record from taking the same document."""
    whole, known = text or "", record.range.prefix if record.range is not None else ""
    prefix = known if known and whole.startswith(known) else whole.rstrip("0123456789")
    digits = whole.removeprefix(prefix)
    try:
        return Number(prefix=prefix, consecutive=int(digits)) if digits.isascii() else None
    except ValueError:
        return None


def retry(gateway: Gateway, record: Record) -> Record:
    """Make a received or failed record due and queue it, whatever it waits for: an operator wants it tried now.

    Raises Conflict in any other state: what may have arrived is only asked about, a rejected document is corrected.
    """
    if record.state not in (State.RECEIVED, State.FAILED):
        raise Conflict(
            f"Solo se reintenta un documento que espera o que falló; este está en «{record.state}»."
        )
    try:
        wanted = gateway.store.save(life.retried_by_operator(record, gateway.now()))
    except Stale as lost:
        raise Conflict("El documento acaba de cambiar; consúltelo antes de reintentarlo.") from lost
    gateway.queue.put(wanted, provider_of(gateway, wanted).capabilities.lane)
    return wanted


def provider_of(gateway: Gateway, record: Record) -> Provider:
    """The provider that has a record, or is to have it, connected for its issuer."""
    return gateway.provider(gateway.store.issuer(record.issuer), record.provider)


def _absent(record: Record, provider: Provider, now: datetime, answer: NotFound) -> Record:
    """The record after its provider said that it has no such document.

    Once its absence is proved it is received again and sent anew, with its number; where a repeated send could make a
    second document, a person decides.
    """
    capabilities = provider.capabilities
    if record.absent_at is not None and now - record.absent_at < life.ABSENCES_APART:
        return life.counted(record, now)
    if record.absences + 1 < capabilities.absent_after:
        return life.not_found(record, now, answer.message)
    if record.already_processed:
        return life.absent_though_processed(record, now)
    safe = capabilities.resend is not Resend.NEVER and capabilities.recovered_by is not RecoveredBy.NOTHING
    if record.state is State.UNKNOWN and safe:
        return life.proved_absent(record, now)
    return life.for_a_person(
        life.ordinary_absent(record),
        now,
        "El proveedor no encuentra el documento y no es seguro enviarlo de nuevo.",
    )


def _ordinary(gateway: Gateway, provider: Provider, record: Record, outcome: Outcome) -> Record:
    """A record in contingency after its provider told what became of the ordinary invoice."""
    now = gateway.now()
    match outcome:
        case Accepted():
            return settle(gateway, provider, life.void(life.counted(record, now)), outcome)
        case Rejected():  # nothing legal exists, and the number is free
            return saved(gateway, life.ordinary_rejected(record, now))
        case _:
            why = "La DIAN todavía valida la factura ordinaria."
            return saved(gateway, life.no_answer(record, now, why))


def _repeats(provider: Provider, record: Record, outcome: Outcome, now: datetime) -> bool:
    """Whether a pending document is due to be sent again, identical: that makes Factus ask DIAN once more."""
    return (
        isinstance(outcome, Pending)
        and record.state is State.PENDING
        and provider.capabilities.resend is Resend.SAME_REFERENCE
        and record.due_at is not None
        and record.due_at <= now
    )


def _twin(gateway: Gateway, provider: Provider, record: Record, outcome: Outcome) -> Record | None:
    """Another record in doubt to which a document that was just found by searching may belong: what is searched by
    does not tell the two apart. A record whose number is known has claimed it (``settlement.settle``)."""
    was_found = not outcome.provider_ids.items() <= record.provider_ids.items()
    if provider.capabilities.recovered_by is not RecoveredBy.SEARCH or not was_found:
        return None
    # Two ways of rounding a line differ by a cent at most: a search does not tell totals apart that are this close.
    alike = (provider.capabilities.max_lines or 0) * CENT
    return next(
        (
            other
            for other in gateway.store.issued_at(record.issuer, record.issued_at)
            if other.document_id != record.document_id
            and (other.provider, other.kind) == (record.provider, record.kind)
            and other.state in (State.SENDING, State.UNKNOWN)
            and other.document.counterparty.identification == record.document.counterparty.identification
            and abs(other.payable - record.payable) <= alike
        ),
        None,
    )


def _named(record: Record) -> str:
    return record.content.reference or record.document_id


def _send_again(gateway: Gateway, provider: Provider, record: Record) -> Record:
    request = gateway.archive.sent_request(record)
    try:
        record = mark_sending(gateway, life.counted(record, gateway.now()))
    except Stale:
        return gateway.store.record(record.issuer, record.document_id)
    return deliver(gateway, provider, record, request, repeated=True)
