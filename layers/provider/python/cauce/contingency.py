"""Contingency: an invoice that cannot reach DIAN because DIAN is out is issued as type 04, with its number.

Its way: every call about a document says whether the service failed or answered (``failed``, ``answered``); of a
sending that was cut short, since a caller waits for 26 s and not a minute, the question after it says so
(``not_arrived``). Once the failures amount to an outage, an invoice that waits for nothing else is made anew as type
04, signed and archived (``issued_if_out``): from then on its XML may be handed to the buyer, and its bytes never
change. It goes on waiting as any other record does; the queue, the schedule and the breaker send it when DIAN is
back, and from DIAN's return its time runs (``watched``). Notes, support documents and events only wait.

One document, whatever happens. Before anything that may have arrived is made anew, DIAN is asked by its CUFE, and
what DIAN has is what counts. Where the question, too, comes to nothing, the annex (12.2) lets the invoice be issued
all the same. We follow it after an error of the annex's list, by which DIAN itself says that it works for nobody, and
not after silence, which is also how an overloaded DIAN treats documents that it has taken: those wait until it
answers (``OutageRules.in_doubt`` is the issuer's to change). Nothing that was in doubt when it was made anew is sent
before DIAN has said that it lacks the ordinary one; and where DIAN has that after all, as it may say to the number
itself (rule 90), the ordinary one is the document and the other is void.

Behind one host many issuers share the attempts, for its breaker lets one call through at a time: whom that breaker
holds counts every issuer's failures there, and its own otherwise.

Source: Anexo Técnico 1.9, 12.2.
"""

from datetime import datetime, timedelta
from typing import TypeGuard

from cauce.domain import life
from cauce.domain.document import Document, Kind
from cauce.domain.errors import CauceError, Stale
from cauce.domain.outage import FRESH, Failure, OutageRules
from cauce.domain.record import SETTLED, Record, State
from cauce.domain.time import bogota
from cauce.gateway import Gateway
from cauce.preparation import prepared
from cauce.providers.base import Provider

# Time enough for a person to find out why a document has not been taken.
NEAR = timedelta(hours=12)
_ORDINARY = "01"


def failed(gateway: Gateway, provider: Provider, record: Record, trouble: CauceError) -> None:
    """Take note of a call about a record that came to nothing, if the service is to blame."""
    rules, failure = provider.capabilities.contingency, life.failure_of(trouble)
    if rules is not None and is_the_services(failure):
        whose = (record.issuer, provider.host())
        gateway.outages.failed(record.provider, *whose, failure=failure, rules=rules, now=gateway.now())


def not_arrived(gateway: Gateway, provider: Provider, record: Record) -> None:
    """Take note of the service's saying for the first time that what was sent is not there.

    Where our patience cut the sending short, it was silence after all, of then: the service may be back by now. What
    took longer than we waited and is there was none: a slow service is not out of order.
    """
    rules = provider.capabilities.contingency
    is_silence = record.failure is Failure.CUT_SHORT and record.absences == 0
    if rules is not None and is_silence and record.sent_at is not None:
        # Its own alone: at the host others may have failed since, and what is of then would come behind them.
        gateway.outages.failed(
            record.provider, record.issuer, failure=Failure.SILENCE, rules=rules, now=record.sent_at
        )


def is_the_services(failure: Failure | None) -> TypeGuard[Failure]:
    """Whether a failure says by itself that the service is out of order."""
    return failure in (Failure.ERROR, Failure.SILENCE)


def tried_soon(provider: Provider, record: Record, trouble: CauceError, now: datetime) -> Record:
    """A record that just failed, due again as soon as the rules want an outage to be tried, so long as they do."""
    rules, failure = provider.capabilities.contingency, life.failure_of(trouble)
    if rules is None or not is_the_services(failure) or record.due_at is None:
        return record
    if not _is_of(record, rules, now):
        return record
    again, tries = rules.after(failure), record.attempt if record.state is State.RECEIVED else record.checks
    if tries > again.count + 1:
        return record
    return life.tried_soon(record, now + again.apart)


def answered(gateway: Gateway, provider: Provider, record: Record) -> Record:
    """Take note that a document which was sent was answered; the record, its deadline known if it had none.

    An answered question is none of this: DIAN may tell what it has and still take nothing.
    """
    if provider.capabilities.contingency is None:
        return record
    gateway.outages.answered(record.provider, record.issuer, provider.host(), now=gateway.now())
    return _with_deadline(gateway, provider, record)


def issued_if_out(
    gateway: Gateway,
    provider: Provider,
    record: Record,
    *,
    within: timedelta = FRESH,
    host_is_out: bool = False,
) -> Record:
    """A record that just failed to be sent or asked about: issued as type 04 if DIAN is out, or as it is.

    ``within``: how long ago the last failure may have been. ``host_is_out``: the breaker of its host held it, so
    what other issuers met there counts too.
    """
    rules = provider.capabilities.contingency
    now = gateway.now()
    if rules is None or not may_be_issued(record, rules, now):
        return record
    whose = (record.issuer, provider.host()) if host_is_out else (record.issuer,)
    known = gateway.outages.read(record.provider, *whose).values()
    if not any(outage.is_established(rules, now, within) for outage in known):
        return record
    try:
        return _issued(gateway, provider, record)
    except (Stale, CauceError):  # somebody else is at it, or nothing can be signed now: it waits as any other
        return gateway.store.record(record.issuer, record.document_id)


def may_be_issued(record: Record, rules: OutageRules, now: datetime) -> bool:
    """Whether an outage would make it an invoice of type 04 now. Pure.

    What DIAN may have is not touched, but after failures that the rules allow, and once DIAN was asked about it.
    """
    if not _is_of(record, rules, now):
        return False
    if record.uuid is not None and record.issued_at == bogota(now):
        return False  # in the same second it would have the very CUFE of the ordinary one
    if record.state is State.RECEIVED:
        return True
    asked = record.state is State.UNKNOWN and record.checks > 0 and not record.needs_person
    return asked and record.failure in rules.in_doubt


def _is_of(record: Record, rules: OutageRules, now: datetime) -> bool:
    """Whether it is of those that may be issued in contingency, and is not yet.

    It would be issued and signed now: a date that the ERP chose must be today's, and its range valid today.
    """
    content, today = record.content, bogota(now).date()
    if (
        record.contingency is not None
        or not isinstance(content, Document)
        or content.kind is not Kind.INVOICE
    ):
        return False
    if (content.invoice_type or _ORDINARY) not in rules.invoice_types:
        return False
    if content.issue_date not in (None, today):
        return False
    valid_to = record.range.valid_to if record.range is not None else None
    return record.number is not None and (valid_to is None or today <= valid_to)


def _issued(gateway: Gateway, provider: Provider, record: Record) -> Record:
    """The record with its invoice of type 04. What is archived before the last write is nobody's if that fails.

    The attempt is claimed first, so that two workers never archive under the same name.
    """
    now = gateway.now()
    claimed = gateway.store.save(life.claimed_for_contingency(record, now))
    issued, request = prepared(gateway, provider, life.made_anew(claimed, now))
    assert request.signed_xml is not None
    key = gateway.archive.contingency_xml(issued, request.signed_xml)
    return gateway.store.save_issued(life.issued_in_contingency(issued, now, key))


def deliverable(record: Record) -> bool:
    """Whether its archived XML may be handed to the buyer though DIAN has not validated it."""
    return record.in_contingency and record.signed_xml is not None and record.state not in SETTLED


def watched(gateway: Gateway, provider: Provider, record: Record) -> Record:
    """A record that is looked at: its deadline written down once DIAN is back, and a person called when it is near.

    Raises Stale where somebody else has it.
    """
    if not deliverable(record):
        return record
    now = gateway.now()
    known = _with_deadline(gateway, provider, record)
    if is_late(known, now) and not known.needs_person:
        assert known.contingency is not None and known.contingency.limit is not None
        why = f"Debe transmitirse a la DIAN antes de {bogota(known.contingency.limit):%Y-%m-%d %H:%M}."
        known = life.deadline_near(known, now, why)
    elif known is not record:
        known = life.deadline_noted(known, now)
    return record if known is record else gateway.store.save(known)


def is_late(record: Record, now: datetime) -> bool:
    """Whether it should have been transmitted by now, or very soon."""
    limit = record.contingency.limit if record.contingency is not None else None
    return limit is not None and record.state not in SETTLED and now >= limit - NEAR


def _with_deadline(gateway: Gateway, provider: Provider, record: Record) -> Record:
    rules = provider.capabilities.contingency
    contingency = record.contingency
    if rules is None or contingency is None or contingency.limit is not None or not record.in_contingency:
        return record
    known = gateway.outages.read(record.provider, record.issuer, provider.host()).values()
    back = [outage.recovered_after(contingency.since) for outage in known]
    if not any(back):
        return record
    return life.deadline_known(record, bogota(min(filter(None, back)) + rules.deliver_within))
