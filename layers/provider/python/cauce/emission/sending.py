"""Emission: from a document the ERP posted to one that DIAN has seen, exactly once or not at all.

``accept`` makes the record exist; ``emit`` takes it to its provider. Each line with a side effect leaves
behind a state from which the next delivery, or the settling schedule, can go on without sending twice.
"""

import logging
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from cauce import faults, law
from cauce.domain import expected, life
from cauce.domain.document import Document, Kind
from cauce.domain.errors import (
    CauceError,
    Conflict,
    CredentialsRejected,
    Held,
    InvalidDocument,
    NotFound,
    NotSent,
    NumberingUnavailable,
    OutcomeUnknown,
    PermissionDenied,
    ReferenceConflict,
    ReferenceTaken,
    Stale,
    Unsupported,
)
from cauce.domain.event import Event
from cauce.domain.extras import extras
from cauce.domain.extras import refusal as refusal_of
from cauce.domain.issuer import PERMISSION_OF, Issuer
from cauce.domain.lot import Line
from cauce.domain.ranges import NumberingRange, choose
from cauce.domain.record import SETTLED, Record, State, WaitsFor
from cauce.domain.time import bogota
from cauce.emission import places
from cauce.emission.lanes import unblock
from cauce.emission.preparation import prepared
from cauce.gateway import Gateway
from cauce.intake import alternatives, foresight
from cauce.law import correction
from cauce.providers.base import Lane, NumberedBy, Provider, RecoveredBy, Verb, refs
from cauce.settling import contingency
from cauce.settling.consultation import ask, provider_of
from cauce.settling.settlement import deliver, mark_sending, saved

_log = logging.getLogger("cauce")

# How long an ERP's request waits for its record to settle in the queue (API Gateway allows 29 s in all). One
# whose turn is further off is answered at once.
WAIT_SECONDS = 20.0
# After so long it is worth asking again for a record that is being sent.
_UNDER_WAY_SECONDS = 5.0


# Errors before a record is marked «sending»: nothing has left, and a later try may succeed.
_BEFORE_SENDING = (NotSent, OutcomeUnknown, CredentialsRejected, NumberingUnavailable)


def accept(
    gateway: Gateway,
    issuer: Issuer,
    document: Document,
    content_hash: str,
    line: Line | None = None,
    *,
    by: str | None = None,
    said: Callable[[str], str] = str,
) -> tuple[Record, bool]:
    """The record of a document, and whether it existed before.

    The same reference with the same content is the same record. With other content it corrects a rejected or failed
    record, which keeps its number; of any other record it is a ReferenceConflict. A failed record is tried again, and
    so is one that was issued in contingency and that DIAN rejected. ``line``: the lot's line that the document came
    in, which becomes the record's unless it existed before. ``by``: who asked, for the trace. ``said``: the request's
    own name for a path of the domain, under which findings are told.

    Raises PermissionDenied, QuotaExceeded, Unsupported, InvalidDocument, NumberingUnavailable or Busy; then nothing
    was stored.
    """
    if document.reference:
        earlier = gateway.store.by_reference(issuer.nit, document.reference)
        if earlier is not None:
            return _again(gateway, issuer, earlier, document, content_hash, line, by, said)
    provider, numbering_range, original = checked(gateway, issuer, document)
    now = gateway.now()
    with judging():
        record = life.taken_in(
            str(uuid.uuid4()),
            issuer.nit,
            document,
            content_hash,
            provider.name,
            numbering_range,
            provider.computed(document).amounts,
            now,
            line=line,
            by=by,
            findings=foresight.findings(provider, document, numbering_range, now, original, said),
        )
    numbered = provider.capabilities.numbered_by is NumberedBy.GATEWAY
    try:
        return gateway.store.accept(record, numbered=numbered, quota=issuer.quota), False
    except ReferenceTaken as taken:
        earlier = gateway.store.record(issuer.nit, taken.document_id)
        return _again(gateway, issuer, earlier, document, content_hash, line, by, said)


def validated(
    gateway: Gateway, issuer: Issuer, document: Document, content_hash: str
) -> tuple[Provider, NumberingRange | None, Record | None]:
    """As ``checked``, for a document that is only validated. Where its reference has a record already, it is judged
    as it would be when it is posted: its dates are not checked, and it has the record's number. Raises
    ReferenceConflict where it would not be that record's document."""
    reference = document.reference
    earlier = gateway.store.by_reference(issuer.nit, reference) if reference is not None else None
    if earlier is None:
        return checked(gateway, issuer, document)
    same = _is_same(earlier, document, content_hash)
    if same and not _is_open_again(earlier):
        provider, original = _judged(gateway, issuer, document, is_new=False)
    else:
        provider, _, original = _judged_again(gateway, issuer, earlier, document, same=same)
    if earlier.number is None or earlier.range is None or earlier.provider != provider.name:
        return provider, _numbered_in(gateway, issuer, provider, document), original
    return provider, earlier.range.at(earlier.number.consecutive), original


def checked(
    gateway: Gateway, issuer: Issuer, document: Document
) -> tuple[Provider, NumberingRange | None, Record | None]:
    """The provider that will take a new document exactly as it is, the range it would be numbered in, and our record
    of the document that a note corrects, if we have one.

    The document's dates are checked here and never again: on a later day the same document is still the same.
    The provider is asked for the document that a note corrects, in the provider's pace.
    """
    provider, original = _judged(gateway, issuer, document, is_new=True)
    return provider, _numbered_in(gateway, issuer, provider, document), original


def _judged(
    gateway: Gateway, issuer: Issuer, document: Document, *, is_new: bool, goes_as_it_was: bool = False
) -> tuple[Provider, Record | None]:
    """The provider that will take a document, and our record of the one that a note corrects, if we have it."""
    now = gateway.now()
    today = bogota(now).date() if is_new else None
    provider = taker(gateway, issuer, document, is_known=goes_as_it_was, today=today)
    if goes_as_it_was:
        return provider, None
    if is_new:
        with judging():
            try:
                provider.check_today(document, now)
            except Unsupported as refusal:
                raise alternatives.named(refusal, issuer, document, now, _fits) from refusal.__cause__
    original = _original(gateway, issuer, document)
    _look_up(provider, document, original)
    return provider, original


def _original(gateway: Gateway, issuer: Issuer, note: Document) -> Record | None:
    """Our record of the document that a note corrects, if we have one. Raises InvalidDocument or InvoicePending where
    that document cannot be corrected.

    It is found by its number, or by its CUFE. A record whose CUFE is not claimed, because it is older or not
    accepted, is found only among the first hundred of the day that the note names.
    """
    reference, kind = note.billing_reference, correction.CORRECTED.get(note.kind)
    if reference is None or kind is None:
        return None
    store = gateway.store
    found = store.by_number(issuer.nit, kind, correction.plain_number(reference.number))
    if found is None:
        found = store.by_uuid(issuer.nit, reference.uuid)
    if found is None:
        that_day = store.issued_on(issuer.nit, reference.issue_date)
        found = next((each for each in that_day if each.kind is kind and each.uuid == reference.uuid), None)
    if found is None or found.kind is not kind:
        return None
    with judging():
        correction.check(note, found)
    return found


def _numbered_in(
    gateway: Gateway, issuer: Issuer, provider: Provider, document: Document
) -> NumberingRange | None:
    capabilities = provider.capabilities
    if capabilities.numbered_by is NumberedBy.PROVIDER and Verb.RANGES not in capabilities.verbs:
        return None
    known = [r for r in gateway.store.ranges(issuer.nit) if r.provider == provider.name]
    today = bogota(gateway.now()).date()
    with judging():
        chosen = choose(known, document.kind, document.prefix, today, from_paper=document.from_paper)
        provider.check_range(document, chosen)
    return chosen


def taker(
    gateway: Gateway,
    issuer: Issuer,
    document: Document,
    *,
    is_known: bool = False,
    today: date | None = None,
) -> Provider:
    """The provider that will take the document exactly as it is; nothing is read from the table.

    ``is_known``: it is sent again unchanged, and its provider may have it, so today's rules are not applied.
    ``today``: the day for which its dates are checked, before any other provider is suggested; without it they are
    not.
    """
    permission = PERMISSION_OF[document.kind]
    if permission not in issuer.permissions:
        raise PermissionDenied(permission.value)
    with judging():
        if not is_known:
            law.check(document, issuer.extra_rates)
        if today is not None:
            law.check_today(document, today)
        name = issuer.providers.get(document.kind)
        if name is None:
            nobody = Unsupported("No hay un proveedor configurado para este tipo de documento.")
            raise alternatives.named(nobody, issuer, document, gateway.now(), _fits)
        provider = gateway.provider(issuer, name)
        try:
            if not is_known:
                _fits(provider, document)
            else:
                _check(provider, document)
        except Unsupported as refusal:
            raise alternatives.named(refusal, issuer, document, gateway.now(), _fits) from refusal.__cause__
    return provider


@contextmanager
def judging() -> Iterator[None]:
    """Around the judging of one document, before anything is stored: an error of our own code becomes that document's
    refusal, and keeps no other document waiting."""
    try:
        yield
    except (CauceError, *faults.RAISED):
        raise
    except Exception as fault:
        _log.error("a document could not be judged", extra={"error": type(fault).__name__})
        raise InvalidDocument(
            "Este documento no se pudo revisar. Mire sus valores; si son correctos, avise al operador."
        ) from fault


def _look_up(provider: Provider, document: Document, original: Record | None) -> None:
    """Raise InvalidDocument where the provider does not have the document that a note corrects, or has another CUFE
    for it.

    It is not asked where ``original`` went through it. Where it cannot be asked now the note goes on: it is looked up
    again, or refused, when it is sent.
    """
    billed = document.billing_reference
    if billed is None or Verb.UUID_OF not in provider.capabilities.verbs:
        return
    if original is not None and original.provider == provider.name:
        return
    is_invoice = document.kind is not Kind.ADJUSTMENT_NOTE
    what = f"{'la factura' if is_invoice else 'el documento soporte'} {billed.number}"
    try:
        uuid = provider.uuid_of(Kind.INVOICE if is_invoice else Kind.SUPPORT_DOCUMENT, billed.number)
    except NotFound:
        raise InvalidDocument(
            f"{provider.title} no tiene {what}: una nota se emite con quien emitió lo que corrige.",
            field="billing_reference.number",
        ) from None
    except (NotSent, OutcomeUnknown, CredentialsRejected):
        return
    if uuid is not None and uuid != billed.uuid.lower():
        code = "cufe" if is_invoice else "cuds"
        raise InvalidDocument(
            f"El {code.upper()} no es el de {what}: compárelo con el que se emitió.",
            field="billing_reference.uuid",
        )


def _fits(provider: Provider, document: Document) -> None:
    """Raise Unsupported or InvalidDocument where a provider would not issue the document exactly as it is, or with
    the amounts that its ERP expects. Pure."""
    capabilities = provider.capabilities
    if document.kind not in capabilities.kinds:
        raise Unsupported(f"{provider.title} no emite este tipo de documento con su configuración actual.")
    if capabilities.max_lines is not None and len(document.lines) > capabilities.max_lines:
        raise Unsupported(
            f"{provider.title} admite {capabilities.max_lines} líneas como máximo: divida el documento, o emítalo "
            "con otro proveedor.",
            field="lines",
        )
    _check(provider, document)
    expected.refuse(document, provider.computed(document).amounts)


def offer(gateway: Gateway, record: Record) -> tuple[Record, places.Ahead | None]:
    """Give a received record to its provider while the ERP waits; the record as it stands at the end, and what is
    ahead of one whose turn is too far off to wait for it.

    It is sent at once where its provider has no lane, is quick, and can be asked about it afterwards; else through
    the queue.
    """
    provider = provider_of(gateway, record)
    capabilities = provider.capabilities
    if (
        capabilities.lane is Lane.NONE
        and not capabilities.slow
        and capabilities.recovered_by is not RecoveredBy.NOTHING
    ):
        return emit_record(gateway, record), None
    places.enter(gateway, record, provider, alone=True)
    before = places.ahead(gateway, record)
    if before.wait.is_sure and before.wait.seconds <= WAIT_SECONDS:
        return _awaited(gateway, record), None
    return record, before


def enqueue(gateway: Gateway, record: Record) -> Record:
    """Queue a received record for an ERP that does not wait."""
    provider = provider_of(gateway, record)
    places.enter(gateway, record, provider, alone=record.line is None)
    return record


def asked_again_in(gateway: Gateway, record: Record, before: places.Ahead | None = None) -> float | None:
    """After how many seconds it is worth asking for a record again; ``None`` once its verdict is known.

    ``before``: what is ahead of it, where that was just read.
    """
    if record.state in SETTLED:
        return None
    if record.state is State.SENDING:
        return _UNDER_WAY_SECONDS
    if record.state is State.RECEIVED and record.waits_for in _IN_QUEUE:
        return (before or places.ahead(gateway, record)).wait.seconds
    return max(0.0, (record.due_at - gateway.now()).total_seconds()) if record.due_at else 0.0


_IN_QUEUE = (WaitsFor.MESSAGE, WaitsFor.LOT, WaitsFor.QUEUEING, WaitsFor.QUEUE)


def emit(gateway: Gateway, nit: str, document_id: str) -> Record:
    """Take the record of this id to its provider, as ``emit_record``."""
    return emit_record(gateway, gateway.store.record(nit, document_id))


def emit_record(gateway: Gateway, record: Record) -> Record:
    """Take a record to its provider; the record as it stands afterwards.

    Idempotent, for any record, however long ago it was read, and with any number of workers at once: the worker that
    writes «sending» sends it, and from then on all others may only ask.
    """
    if record.state is not State.RECEIVED:
        return ask(gateway, record)
    try:
        provider = provider_of(gateway, record)
        if record.sent_as is None:  # a request that is sent again was checked when it was made
            _check(provider, record.content)
        record = contingency.watched(gateway, provider, record)
        provider.admit()
        record = _claim(gateway, record)
        record = _discard_rejected(gateway, provider, record)
        record, request = prepared(gateway, provider, record)
        record = mark_sending(gateway, record)
    except Stale:
        return gateway.store.record(record.issuer, record.document_id)
    except Held as wait:
        held = saved(gateway, life.held_back(record, gateway.now(), wait))
        return contingency.issued_if_held(gateway, provider, held, wait)
    except (InvalidDocument, Unsupported) as refusal:
        # With ``sent_as`` the provider or the buyer may have the document: then it is not failed.
        now = gateway.now()
        if record.sent_as is None:
            return saved(gateway, life.undeliverable(record, now, refusal.message))
        return saved(gateway, life.turned_away(record, now, refusal))
    except Conflict as alive:  # the attempt to discard is valid after all: in doubt
        return saved(gateway, life.in_doubt(record, gateway.now(), alive.message))
    except _BEFORE_SENDING as trouble:
        return saved(gateway, life.turned_away(record, gateway.now(), trouble))
    record = deliver(gateway, provider, record, request)
    if record.state is State.RECEIVED and record.failure is not None:
        return contingency.issued_if_out(gateway, provider, record)
    return unblock(gateway, provider, record) if record.blocked else record


def keeps_its_place(gateway: Gateway, record: Record) -> bool:
    """Whether a record's message stays at the head of its message group: while the record is received and, in a lane,
    also while it holds its place."""
    if record.state is State.RECEIVED:
        return True
    if not places.holds(record):
        return False
    return provider_of(gateway, record).capabilities.lane is not Lane.NONE


def comes_back_in(gateway: Gateway, record: Record) -> timedelta:
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


def _again(
    gateway: Gateway,
    issuer: Issuer,
    earlier: Record,
    document: Document,
    content_hash: str,
    line: Line | None,
    by: str | None,
    said: Callable[[str], str],
) -> tuple[Record, bool]:
    if line is not None and line in (earlier.line, *earlier.former_lines):
        return earlier, True  # the line was taken before; its document may have been corrected since
    same = _is_same(earlier, document, content_hash)
    if same and not _is_open_again(earlier):
        return earlier, True
    provider, numbering_range, original = _judged_again(gateway, issuer, earlier, document, same=same)
    now = gateway.now()
    left = earlier.line if line is not None else None
    if _goes_as_it_was(earlier, same=same):
        corrected = life.retried(earlier, now, line, by=by)
    else:
        with judging():
            corrected = life.corrected(
                earlier,
                document,
                content_hash,
                numbering_range,
                provider.computed(document).amounts,
                now,
                line=line,
                by=by,
                findings=foresight.findings(provider, document, numbering_range, now, original, said),
            )
    try:
        return gateway.store.correct(corrected, left), same
    except Stale:
        current = gateway.store.record(issuer.nit, earlier.document_id)
        return _again(gateway, issuer, current, document, content_hash, line, by, said)


def _is_same(earlier: Record, document: Document, content_hash: str) -> bool:
    return earlier.content_hash == content_hash and earlier.kind is document.kind


def _is_open_again(earlier: Record) -> bool:
    """Whether a record goes to its provider again when the same document is posted again."""
    # An invoice rejected as type 04 may need no correction: asked for again, it is sent as an ordinary one.
    return earlier.state is State.FAILED or (earlier.state is State.REJECTED and earlier.in_contingency)


def _goes_as_it_was(earlier: Record, *, same: bool) -> bool:
    # A document that was discarded in doubt may be at its provider, which recognises it if the same is sent again.
    return same and earlier.state is State.FAILED and earlier.sent_as is not None


def _judged_again(
    gateway: Gateway, issuer: Issuer, earlier: Record, document: Document, *, same: bool
) -> tuple[Provider, NumberingRange | None, Record | None]:
    """As ``checked``, for a document under the reference of an earlier record, which it corrects or takes up again.
    There is no range where the record keeps its number.

    Raises ReferenceConflict where that record is not open to it.
    """
    if earlier.state not in (State.REJECTED, State.FAILED) or earlier.kind is not document.kind:
        raise ReferenceConflict(
            f"La referencia {document.reference} ya identifica otro documento "
            f"({earlier.number or earlier.document_id}, {earlier.estado}), con otro contenido.",
            field="reference",
            other=earlier,
            asked=document,
        )
    if earlier.is_doubtful_rejection:
        raise ReferenceConflict(
            f"La DIAN respondió que ya procesó el número de {document.reference} (regla 90): puede ser válido. "
            "Consúltelo con /consultar, que lo pregunta; no se corrige mientras no se sepa.",
            field="reference",
            other=earlier,
            asked=document,
        )
    goes_as_it_was = _goes_as_it_was(earlier, same=same)
    provider, original = _judged(gateway, issuer, document, is_new=False, goes_as_it_was=goes_as_it_was)
    # A numbered record keeps its number, though its range may have ended.
    has_number = earlier.number is not None
    numbering_range = None if has_number else _numbered_in(gateway, issuer, provider, document)
    if provider.name != earlier.provider:
        raise ReferenceConflict(
            f"El documento con la referencia {document.reference} está en {earlier.provider}; "
            "corríjalo allí o use otra referencia.",
            field="reference",
            other=earlier,
            asked=document,
        )
    return provider, numbering_range, original


def _check(provider: Provider, content: Document | Event) -> None:
    """Raise Unsupported or InvalidDocument where the provider cannot take the content exactly as it is."""
    if isinstance(content, Event):
        provider.check_event(content)
        return
    for feature, field in extras(content):
        if feature not in provider.capabilities.extras:
            is_written = feature not in provider.capabilities.not_yet
            raise Unsupported(
                refusal_of(feature, content, provider.title, is_written=is_written), field=field
            )
    provider.check(content)


def _claim(gateway: Gateway, record: Record) -> Record:
    """Begin an attempt. The write of «sending» by a worker that claimed earlier then fails as Stale: only one
    sends."""
    return gateway.store.save(life.claimed(record, gateway.now()))


def _discard_rejected(gateway: Gateway, provider: Provider, record: Record) -> Record:
    """The record after its provider discarded the rejected attempt that it keeps, if it does."""
    if not record.stored_rejected:
        return record
    provider.discard(refs(record))
    return gateway.store.save(life.rejected_discarded(record, gateway.now()))


def _awaited(gateway: Gateway, record: Record) -> Record:
    """Wait until a record leaves RECEIVED and SENDING or has an error, or the ERP can wait no longer; the record
    then."""
    deadline = time.monotonic() + WAIT_SECONDS
    pause = 0.1
    while time.monotonic() < deadline:
        time.sleep(pause)
        pause = min(pause * 1.5, 1.0)
        current = gateway.store.record(record.issuer, record.document_id)
        if current.state not in (State.RECEIVED, State.SENDING) or current.last_error:
            return current
    return gateway.store.record(record.issuer, record.document_id)
