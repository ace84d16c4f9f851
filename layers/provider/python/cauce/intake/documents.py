"""Taking in: from a document that an ERP posted to its record, exactly once, or to a refusal with nothing stored."""

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from cauce import faults, law
from cauce.domain import expected, life
from cauce.domain.acquirer import named_as
from cauce.domain.document import BillingReference, Document, Kind
from cauce.domain.errors import (
    CauceError,
    CredentialsRejected,
    InvalidDocument,
    NotFound,
    NotSent,
    OutcomeUnknown,
    PermissionDenied,
    ReferenceConflict,
    ReferenceTaken,
    Stale,
    Unsupported,
)
from cauce.domain.issuer import PERMISSION_OF, Issuer
from cauce.domain.lot import LotLine
from cauce.domain.outcome import Finding, Message, Origin
from cauce.domain.ranges import NumberingRange, choose
from cauce.domain.record import Record, State
from cauce.domain.sameness import is_hash_of
from cauce.domain.time import bogota
from cauce.gateway import Acquiring, Asking, Recording, TakingIn
from cauce.intake import acquirers, alternatives
from cauce.law import correction
from cauce.providers.base import Computed, NumberedBy, Preview, Provider, Verb

_log = logging.getLogger("cauce")

# Findings that a record keeps for good, and the characters of each: a document of thousands of lines may break a rule
# on each.
_MOST_FINDINGS = 100
_LONGEST_FINDING = 500


@dataclass(frozen=True)
class Validated:
    """What would become of a document if it were posted now."""

    provider: str
    preview: Preview
    findings: tuple[Finding, ...]
    computed: Computed


@dataclass(frozen=True)
class _Posted:
    """A document, and all that was said with it."""

    document: Document
    content_hash: str
    line: LotLine | None
    by: str | None
    said: Callable[[str], str | None]
    looks_up: int | None
    """The token for which its buyer's name may be looked up."""


@dataclass(frozen=True)
class _Judged:
    """What is known of a document that its provider will take exactly as it is."""

    issuer: Issuer
    provider: Provider
    range: NumberingRange | None
    """The range to number it in; ``None`` where its provider numbers it, or its record has a number already."""
    original: Record | None
    """Our record of the document that a note corrects, if we have one."""


def take_in(
    gateway: TakingIn,
    issuer: Issuer,
    document: Document,
    content_hash: str,
    line: LotLine | None = None,
    *,
    by: str | None = None,
    said: Callable[[str], str | None] = lambda _: None,
    looks_up: int | None = None,
    at_once: bool = False,
) -> tuple[Record, bool]:
    """The record of a document, and whether the request only repeats what the record was taken in or corrected with.

    The same reference with the same content is the same record. With other content it corrects a rejected or failed
    record, which keeps its number; of any other record it is a ReferenceConflict. A failed record is tried again, and
    so is one that was issued in contingency and that DIAN rejected. ``line``: the lot's line that the document came
    in, which becomes the record's unless it existed before. ``by``: who asked, for the trace. ``said``: the request's
    own name for a path of the domain, where the document would tell another. ``looks_up``: the id of the token for
    which the buyer's name is looked up where the document has none (``acquirers.completed``). ``at_once``: the caller
    sends a new record now, where its provider takes documents at once; it is then claimed already.

    Raises PermissionDenied, QuotaExceeded, Unsupported, InvalidDocument, DocumentTooLarge, NumberingUnavailable,
    ReferenceConflict, Busy or, of a note, InvoicePending; then nothing was stored.
    """
    posted = _Posted(document, content_hash, line, by, said, looks_up)
    earlier = _earlier(gateway, issuer, document)
    if earlier is not None:
        return _again(gateway, issuer, earlier, posted)
    document = _completed(gateway, issuer, posted)
    posted = replace(posted, document=document)
    judged = _judged(gateway, issuer, document)
    now = gateway.now()
    with own_faults_refused():
        computed = judged.provider.computed(document)
        record = life.taken_in(
            str(uuid.uuid4()),
            issuer.nit,
            document,
            content_hash,
            judged.provider.name,
            judged.range,
            computed.amounts,
            now,
            line=line,
            by=by,
            findings=_kept(posted, judged, computed, now),
        )
    if at_once and judged.provider.capabilities.sent_at_once:
        record = life.claimed_at_once(record, now)
    numbered = judged.provider.capabilities.numbered_by is NumberedBy.GATEWAY
    try:
        return gateway.new_records.take_in(record, numbered=numbered, quota=issuer.quota), False
    except ReferenceTaken as taken:
        return _again(gateway, issuer, gateway.records.read(issuer.nit, taken.document_id), posted)


def _completed(gateway: Acquiring, issuer: Issuer, posted: _Posted) -> Document:
    lot = posted.line.lot if posted.line else None
    return acquirers.completed(gateway, issuer, posted.document, posted.looks_up, lot)


def _earlier(gateway: Recording, issuer: Issuer, document: Document) -> Record | None:
    """The record of a document's reference, if there is one."""
    return gateway.records.by_reference(issuer.nit, document.reference) if document.reference else None


def _judged(
    gateway: TakingIn,
    issuer: Issuer,
    document: Document,
    earlier: Record | None = None,
    *,
    as_it_was: bool = False,
) -> _Judged:
    """A document that its provider will take exactly as it is. Raises as ``take_in``.

    A document's dates are checked only when it is new (without ``earlier``, the record of its reference): on a later
    day the same document is still the same. The provider is asked for the document that a note corrects, in the
    provider's pace. ``as_it_was``: as in ``taker``.
    """
    first_seen = gateway.now() if earlier is None else None
    provider = taker(gateway, issuer, document, as_it_was=as_it_was, first_seen=first_seen)
    original = None
    if not as_it_was and document.billing_reference is not None:
        original = _original(gateway, issuer, document, document.billing_reference)
        _look_up(provider, document, document.billing_reference, original)
        for n, other in enumerate(document.more_billing_references):
            _original(gateway, issuer, document, other, f"more_billing_references.{n}")
    # A numbered record keeps its number, though its range may have ended.
    has_number = earlier is not None and earlier.number is not None
    numbering_range = None if has_number else _numbered_in(gateway, issuer, provider, document)
    return _Judged(issuer, provider, numbering_range, original)


def taker(
    gateway: Asking,
    issuer: Issuer,
    document: Document,
    *,
    as_it_was: bool = False,
    first_seen: datetime | None = None,
) -> Provider:
    """The provider that will take the document exactly as it is; nothing is read from the table.

    ``as_it_was``: it is sent again unchanged, and its provider may have it, so today's rules are not applied.
    ``first_seen``: now, where its reference is new; its dates are checked only then.
    """
    permission = PERMISSION_OF[document.kind]
    if permission not in issuer.permissions:
        raise PermissionDenied(permission.value)
    with own_faults_refused():
        if not as_it_was:
            law.check(document, issuer.extra_rates)
        if first_seen is not None:
            law.check_today(document, bogota(first_seen).date())
        name = issuer.providers.get(document.kind)
        if name is None:
            nobody = Unsupported("No hay un proveedor configurado para este tipo de documento.")
            raise alternatives.named(nobody, issuer, document, gateway.now(), _fits)
        provider = gateway.provider(issuer, name)
        with alternatives.suggested(issuer, document, gateway.now(), _fits):
            if as_it_was:
                provider.check_whole(document)
            else:
                _fits(provider, document)
            if first_seen is not None:
                provider.check_today(document, first_seen)
    return provider


@contextmanager
def own_faults_refused() -> Iterator[None]:
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
    provider.check_whole(document)
    expected.refuse(document, provider.computed(document).amounts)


def _numbered_in(
    gateway: Asking, issuer: Issuer, provider: Provider, document: Document
) -> NumberingRange | None:
    """The range that a document takes its number in; ``None`` where its provider numbers it and lists no ranges.
    Raises NumberingUnavailable, and InvalidDocument where the document does not fit the range."""
    capabilities = provider.capabilities
    if not capabilities.numbers_in_ranges:
        return None
    read = gateway.ranges.all_with_keys if capabilities.uses_technical_key else gateway.ranges.all
    known = [r for r in read(issuer.nit) if r.provider == provider.name]
    today = bogota(gateway.now()).date()
    with own_faults_refused():
        chosen = choose(known, document.kind, document.prefix, today, from_paper=document.from_paper)
        provider.check_range(document, chosen)
    return chosen


def _findings(document: Document, judged: _Judged, now: datetime) -> tuple[Finding, ...]:
    """What is odd in a document by law, and what DIAN would notify, as far as it can be known."""
    against = correction.findings(document, judged.original) if judged.original is not None else ()
    by_law = law.findings(document, bogota(now).date(), judged.issuer.extra_rates)
    return (*by_law, *against, *judged.provider.findings(document, judged.range, now))


def _kept(posted: _Posted, judged: _Judged, computed: Computed, now: datetime) -> tuple[Message, ...]:
    """The findings that a document's record keeps, and notices where its provider computes other amounts than we."""
    found = [_message(each, posted.said(each.field)) for each in _findings(posted.document, judged, now)]
    found += computed.notices
    if len(found) <= _MOST_FINDINGS:
        return tuple(found)
    unseen = len(found) - _MOST_FINDINGS
    more = f"Hay {unseen} hallazgos más; valide el documento con ?validar=solo para verlos todos."
    return (*found[:_MOST_FINDINGS], Message(text=more, origin=Origin.CAUCE))


def _message(finding: Finding, said: str | None) -> Message:
    text = finding.sentence
    cut = text if len(text) <= _LONGEST_FINDING else f"{text[: _LONGEST_FINDING - 1]}…"
    return Message(text=cut, rule=finding.rule, field=finding.field, said=said, origin=Origin.CAUCE)


def _original(
    gateway: TakingIn,
    issuer: Issuer,
    note: Document,
    reference: BillingReference,
    path: str = "billing_reference",
) -> Record | None:
    """Our record of the document that a note corrects, if we have one. Raises InvalidDocument or InvoicePending where
    that document cannot be corrected.

    It is found by its number, or by its CUFE. A record whose CUFE is not claimed, because it is older or not
    accepted, is found only among the first hundred of the day that the note names.
    """
    kind = correction.CORRECTED.get(note.kind)
    if kind is None:
        return None
    found = gateway.records.by_number(issuer.nit, kind, correction.plain_number(reference.number))
    if found is None:
        found = gateway.records.by_uuid(issuer.nit, reference.uuid)
    if found is None:
        that_day = gateway.listing.issued_on(issuer.nit, reference.issue_date)
        found = next((each for each in that_day if each.kind is kind and each.uuid == reference.uuid), None)
    if found is None or found.kind is not kind:
        return None
    with own_faults_refused():
        correction.check(note, found, reference, path)
    return found


def _look_up(
    provider: Provider, document: Document, billed: BillingReference, original: Record | None
) -> None:
    """Raise InvalidDocument where the provider does not have the document that a note corrects, or has another CUFE
    for it.

    It is not asked where ``original`` went through it. Where it cannot be asked now the note goes on: it is looked up
    again, or refused, when it is sent.
    """
    if Verb.UUID_OF not in provider.capabilities.verbs:
        return
    if original is not None and original.provider == provider.name:
        return
    is_invoice = document.kind is not Kind.ADJUSTMENT_NOTE
    what = f"{'la factura' if is_invoice else 'el documento soporte'} {billed.number}"
    try:
        known = provider.uuid_of(Kind.INVOICE if is_invoice else Kind.SUPPORT_DOCUMENT, billed.number)
    except NotFound:
        raise InvalidDocument(
            f"{provider.title} no tiene {what}: una nota se emite con quien emitió lo que corrige.",
            field="billing_reference.number",
        ) from None
    except (NotSent, OutcomeUnknown, CredentialsRejected):
        return
    if known is not None and known != billed.uuid.lower():
        code = "cufe" if is_invoice else "cuds"
        raise InvalidDocument(
            f"El {code.upper()} no es el de {what}: compárelo con el que se emitió.",
            field="billing_reference.uuid",
        )


def validated(
    gateway: TakingIn, issuer: Issuer, document: Document, content_hash: str, looks_up: int | None = None
) -> Validated:
    """What would become of a document if it were posted now. Nothing is stored but who its buyer is; raises as
    ``take_in`` would.

    Where its reference has a record already, it is judged as it would be when it is posted: its dates are not
    checked, and it has the record's number.
    """
    earlier = _earlier(gateway, issuer, document)
    posted = _Posted(document, content_hash, None, None, lambda _: None, looks_up)
    if earlier is None:
        document = _completed(gateway, issuer, posted)
        judged = _judged(gateway, issuer, document)
    elif (same := _is_same(earlier, document, content_hash)) and not _is_open_again(earlier):
        document = named_as(document, earlier.document)
        judged = _judged(gateway, issuer, document, earlier)
    else:
        document = _completed_again(gateway, issuer, earlier, posted, same=same)
        judged = _judged_again(gateway, issuer, earlier, document, same=same)
    provider, numbering_range, now = judged.provider, judged.range, gateway.now()
    if earlier is not None and earlier.number is not None:
        if earlier.range is not None and earlier.provider == provider.name:
            numbering_range = earlier.range.at(earlier.number.consecutive)
        else:
            numbering_range = _numbered_in(gateway, issuer, provider, document)
    if numbering_range is not None and provider.capabilities.uses_technical_key:
        with_key = gateway.ranges.read_with_key(issuer.nit, numbering_range.key)
        numbering_range = with_key.at(numbering_range.next)
    with own_faults_refused():
        return Validated(
            provider.name,
            provider.preview(document, numbering_range, now),
            _findings(document, replace(judged, range=numbering_range), now),
            provider.computed(document),
        )


def _again(gateway: TakingIn, issuer: Issuer, earlier: Record, posted: _Posted) -> tuple[Record, bool]:
    """The record of a reference that was posted again: as it is, or corrected, or taken up again."""
    line = posted.line
    if line is not None and line in (earlier.line, *earlier.former_lines):
        return earlier, True  # the line was taken before; its document may have been corrected since
    same = _is_same(earlier, posted.document, posted.content_hash)
    if same and not _is_open_again(earlier):
        return earlier, True
    document = _completed_again(gateway, issuer, earlier, posted, same=same)
    posted = replace(posted, document=document)
    judged = _judged_again(gateway, issuer, earlier, document, same=same)
    now = gateway.now()
    if _goes_as_it_was(earlier, same=same):
        after = life.retried(earlier, now, line, by=posted.by)
    else:
        with own_faults_refused():
            computed = judged.provider.computed(document)
            after = life.corrected(
                earlier,
                document,
                posted.content_hash,
                judged.range,
                computed.amounts,
                now,
                line=line,
                by=posted.by,
                findings=_kept(posted, judged, computed, now),
            )
    left = earlier.line if line is not None else None
    try:
        return gateway.records.correct(after, left), same
    except Stale:
        return _again(gateway, issuer, gateway.records.read(issuer.nit, earlier.document_id), posted)


def _completed_again(
    gateway: Acquiring, issuer: Issuer, earlier: Record, posted: _Posted, *, same: bool
) -> Document:
    """As ``_completed``, for a document that corrects an earlier record or takes it up again: then it has the name
    that it had. Raises ReferenceConflict where that record is not open to it."""
    _refuse_closed(earlier, posted.document)
    if same:
        return named_as(posted.document, earlier.document)
    return _completed(gateway, issuer, posted)


def _refuse_closed(earlier: Record, document: Document) -> None:
    """Raise ReferenceConflict where an earlier record is open to no other document."""
    if earlier.state not in (State.REJECTED, State.FAILED) or earlier.kind is not document.kind:
        raise _conflict(
            earlier,
            document,
            f"La referencia {document.reference} ya identifica otro documento "
            f"({earlier.number or earlier.document_id}, {earlier.shown_state}), con otro contenido.",
        )
    if earlier.is_doubtful_rejection:
        raise _conflict(
            earlier,
            document,
            f"La DIAN respondió que ya procesó el número de {document.reference} (regla 90): puede ser válido. "
            "Consúltelo con /consultar, que lo pregunta; no se corrige mientras no se sepa.",
        )


def _judged_again(
    gateway: TakingIn, issuer: Issuer, earlier: Record, document: Document, *, same: bool
) -> _Judged:
    """As ``_judged``, for a document that corrects an earlier record or takes it up again. Raises ReferenceConflict
    where that record is another provider's."""
    judged = _judged(gateway, issuer, document, earlier, as_it_was=_goes_as_it_was(earlier, same=same))
    if judged.provider.name != earlier.provider:
        raise _conflict(
            earlier,
            document,
            f"El documento con la referencia {document.reference} está en {earlier.provider}; "
            "corríjalo allí o use otra referencia.",
        )
    return judged


def _conflict(earlier: Record, document: Document, why: str) -> ReferenceConflict:
    if earlier.event is None:
        document = named_as(document, earlier.document)  # for what is told to differ
    return ReferenceConflict(why, field="reference", other=earlier, asked=document)


def _is_same(earlier: Record, document: Document, content_hash: str) -> bool:
    return is_hash_of(earlier.content_hash, document, content_hash) and earlier.kind is document.kind


def _is_open_again(earlier: Record) -> bool:
    """Whether a record goes to its provider again when the same document is posted again."""
    # An invoice rejected as type 04 may need no correction: asked for again, it is sent as an ordinary one.
    return earlier.state is State.FAILED or (earlier.state is State.REJECTED and earlier.in_contingency)


def _goes_as_it_was(earlier: Record, *, same: bool) -> bool:
    # A document that was discarded in doubt may be at its provider, which recognises it if the same is sent again.
    return same and earlier.state is State.FAILED and earlier.sent_as is not None
