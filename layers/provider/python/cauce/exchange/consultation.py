"""Consultation: asks a provider what became of a document, and settles its record. Asking creates nothing."""

from datetime import datetime

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
from cauce.domain.outcome import Accepted, Blocked, Outcome, Pending, Rejected
from cauce.domain.record import Record, State
from cauce.exchange import contingency, failures
from cauce.exchange.attempt import keep_signed_xml, mark_sending, of_another, saved, send, settle
from cauce.gateway import Filing, Reading, Recording, Settling
from cauce.providers.base import NumberedBy, Provider, RecoveredBy, Resend, refs


def ask(
    gateway: Settling, record: Record, *, provider: Provider | None = None, is_waited_for: bool = False
) -> Record:
    """The record after asking its provider, if there is anything to ask.

    ``provider``: the record's, where the caller has it already.
    ``is_waited_for``: a caller waits for the answer, so nothing is sent again to a slow provider. A record that is
    being sent right now is left alone; one whose sender died is put in doubt, and asked about.
    """
    if record.state is State.SENDING and record.early(gateway.now()):
        return record
    record = _in_doubt(gateway, record)
    wants_xml = record.state is State.ACCEPTED and record.signed_xml is None
    if not (wants_xml or record.state in (State.PENDING, State.UNKNOWN)):
        return record
    provider = provider or gateway.provider_of(record)
    try:
        if wants_xml:
            provider.admit()
            return keep_signed_xml(gateway, provider, record)
        outcome = provider.consult(refs(record))
    except Held as wait:
        return _after_wait(gateway, provider, record, wait)
    except NotFound as absent:
        return _after_absence(gateway, provider, record, absent)
    except Conflict as stranger:
        return saved(gateway, life.for_a_person(record, gateway.now(), stranger.message))
    except (NotSent, OutcomeUnknown, CredentialsRejected) as silence:
        return _after_silence(gateway, provider, record, silence)
    _archive(gateway, provider, record, outcome)
    return _after_answer(gateway, provider, record, outcome, is_waited_for=is_waited_for)


def _archive(gateway: Settling, provider: Provider, record: Record, outcome: Outcome) -> None:
    """Archive an answer, unless it only says again that a document is pending, and has nothing that its record has
    not: it is evidence of nothing, and the trace says that it was asked about."""
    says_the_same = (
        isinstance(outcome, Pending)
        and record.state is State.PENDING
        and not life.learns(record, outcome, provider.capabilities.numbered_by is NumberedBy.GATEWAY)
        and not of_another(provider, record, outcome)
        and not _repeats(provider, record, outcome, gateway.now())
    )
    if not says_the_same:
        gateway.archive.answer(record, outcome.raw, asked=True)


def _in_doubt(gateway: Recording, record: Record) -> Record:
    """The record, put in doubt where its sender died, or where it was stored as rejected by rule 90."""
    if record.state is State.SENDING:
        why = "El envío se interrumpió antes de la respuesta."
        record = saved(gateway, life.in_doubt(record, gateway.now(), why))
    if record.is_doubtful_rejection:
        record = saved(gateway, life.already_processed(record, gateway.now()))
    return record


def _after_wait(gateway: Settling, provider: Provider, record: Record, wait: Held) -> Record:
    if not record.early(gateway.now()):
        record = saved(gateway, life.held_back(record, gateway.now(), wait))
    return contingency.issued_if_held(gateway, provider, record, wait)


def _after_absence(gateway: Settling, provider: Provider, record: Record, absent: NotFound) -> Record:
    failures.note_not_arrived(gateway, provider, record)
    after = saved(gateway, _absent(record, provider, gateway.now(), absent))
    # Two sendings, each proved absent: DIAN answers questions, but takes no documents. The proof took minutes, so
    # the last failure may be older (``LASTS``) than is allowed elsewhere (``FRESH``).
    again = after.state is State.RECEIVED and after.sent_as is not None and after.attempt > after.sent_as
    return contingency.issued_if_out(gateway, provider, after, within=LASTS) if again else after


def _after_silence(gateway: Settling, provider: Provider, record: Record, silence: CauceError) -> Record:
    gateway.archive.answer(record, getattr(silence, "raw", b""), asked=True)
    failures.note_failure(gateway, provider, record, silence)
    after = life.no_answer(record, gateway.now(), silence.message)
    after = saved(gateway, failures.tried_soon(provider, after, silence, gateway.now()))
    is_out = failures.is_the_services(life.failure_of(silence))
    return contingency.issued_if_out(gateway, provider, after) if is_out else after


def _after_answer(
    gateway: Settling, provider: Provider, record: Record, outcome: Outcome, *, is_waited_for: bool
) -> Record:
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


def _ordinary(gateway: Filing, provider: Provider, record: Record, outcome: Outcome) -> Record:
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


def _twin(gateway: Reading, provider: Provider, record: Record, outcome: Outcome) -> Record | None:
    """Another record in doubt that may own the document which a search just found: same buyer, total and second. A
    record out of doubt need not be compared: its number is claimed, and ``attempt.settle`` refuses a claimed one."""
    was_found = not outcome.provider_ids.items() <= record.provider_ids.items()
    if provider.capabilities.recovered_by is not RecoveredBy.SEARCH or not was_found:
        return None
    # Two ways of rounding a line differ by a cent at most: a search does not tell totals apart that are this close.
    alike = (provider.capabilities.max_lines or 0) * CENT
    return next(
        (
            other
            for other in gateway.listing.issued_at(record.issuer, record.issued_at)
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


def _send_again(gateway: Settling, provider: Provider, record: Record) -> Record:
    request = gateway.archive.sent_request(record)
    try:
        record = mark_sending(gateway, life.counted(record, gateway.now()))
    except Stale:
        return gateway.records.read(record.issuer, record.document_id)
    return send(gateway, provider, record, request, repeated=True)
