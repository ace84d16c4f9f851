"""Contingency: an invoice that cannot reach DIAN because DIAN is out is issued as type 04, with its number.

Once the failures that ``failures`` notes amount to an outage, an invoice that waits for nothing else is made anew as
type 04, signed and archived (``issued_if_out``): from then on its XML may be handed to the buyer, and its bytes never
change. It goes on waiting as any other record does; the queue, the schedule and the breaker send it when DIAN is
back, and from DIAN's return its time runs (``watched``). Notes, support documents and events only wait.

There is one document, whatever happens. Before an invoice that may have arrived is made anew, DIAN is asked by its
CUFE, and what DIAN has counts. Where that question fails too, the annex (12.2) lets the invoice be issued all the
same. We follow it after an error of the annex's list, by which DIAN itself says that it works for nobody. We do not
after silence, which is also how an overloaded DIAN treats documents that it has taken: those wait until it answers
(``OutageRules.in_doubt`` is the issuer's to change). An invoice of type 04 whose ordinary one is in doubt is not sent
before DIAN has said that it lacks the ordinary one. Where DIAN has that after all, as it may also say by rule 90 when
it gets the number, the ordinary one is the document and the type 04 is void.

Source: Anexo Técnico 1.9, 12.2.
"""

from datetime import datetime, timedelta

from cauce.domain import life
from cauce.domain.errors import CauceError, Held, Stale
from cauce.domain.outage import FRESH, OutageRules
from cauce.domain.record import SETTLED, Record, State
from cauce.domain.time import bogota
from cauce.exchange.attempt import prepared
from cauce.exchange.failures import is_candidate, with_deadline
from cauce.gateway import Filing, Settling
from cauce.providers.base import Provider

# How long before its deadline a person is called: time to find out why a document has not been taken.
NEAR = timedelta(hours=12)


def issued_if_out(
    gateway: Settling,
    provider: Provider,
    record: Record,
    *,
    within: timedelta = FRESH,
    host_is_out: bool = False,
) -> Record:
    """A record that just failed to be sent or asked about: issued as type 04 if DIAN is out, else as it is.

    ``within``: how long ago the last failure may have been. ``host_is_out``: the breaker of its host held it, so the
    failures of other issuers there count too.
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
    except (Stale, CauceError):  # another worker has it, or it cannot be signed now: it goes on waiting
        return gateway.records.read(record.issuer, record.document_id)


def issued_if_held(gateway: Settling, provider: Provider, record: Record, held: Held) -> Record:
    """A record that an open breaker held back: issued as type 04 if DIAN is out, else as it is.

    Nothing is issued where the breaker's wait is over and its trial call is only left to a more patient caller:
    nobody has tried DIAN since it opened, and DIAN may be back.
    """
    if held.is_due_a_trial:
        return record
    return issued_if_out(gateway, provider, record, host_is_out=held.host_is_out)


def may_be_issued(record: Record, rules: OutageRules, now: datetime) -> bool:
    """Whether a record would become an invoice of type 04 in an outage now. Pure.

    A record that DIAN may have becomes one only after failures that the rules allow, and once DIAN was asked about
    it.
    """
    if not is_candidate(record, rules, now):
        return False
    if record.uuid is not None and record.issued_at == bogota(now):
        return False  # in the same second it would have the very CUFE of the ordinary one
    if record.state is State.RECEIVED:
        return True
    asked = record.state is State.UNKNOWN and record.checks > 0 and not record.needs_person
    return asked and record.failure in rules.in_doubt


def _issued(gateway: Filing, provider: Provider, record: Record) -> Record:
    """The record with its invoice of type 04. If the last write fails, what was archived before belongs to no record.

    The attempt is claimed first, so that two workers never archive under the same name.
    """
    now = gateway.now()
    claimed = gateway.records.save(life.claimed_for_contingency(record, now))
    issued, request = prepared(gateway, provider, life.made_anew(claimed, now))
    assert request.signed_xml is not None
    key = gateway.archive.request_key(issued, issued.attempt)
    return gateway.records.save_issued(life.issued_in_contingency(issued, now, key))


def may_be_handed_over(record: Record) -> bool:
    """Whether its archived XML may be handed to the buyer though DIAN has not validated it."""
    return record.is_ahead_of_dian


def watched(gateway: Settling, provider: Provider, record: Record) -> Record:
    """A record that is looked at: its deadline stored once DIAN is back, and a person called when it is near. Any
    that was not issued in contingency stays as it is.

    Raises Stale where another worker wrote it.
    """
    if not may_be_handed_over(record):
        return record
    now = gateway.now()
    known = with_deadline(gateway, provider, record)
    if is_late(known, now) and not known.needs_person:
        assert known.contingency is not None and known.contingency.limit is not None
        why = f"Debe transmitirse a la DIAN antes de {bogota(known.contingency.limit):%Y-%m-%d %H:%M}."
        known = life.deadline_near(known, now, why)
    elif known is not record:
        known = life.deadline_noted(known, now)
    return record if known is record else gateway.records.save(known)


def is_late(record: Record, now: datetime) -> bool:
    """Whether a record's deadline is near, or over."""
    limit = record.contingency.limit if record.contingency is not None else None
    return limit is not None and record.state not in SETTLED and now >= limit - NEAR
