"""What the calls about documents tell of DIAN's service: each is noted as a failure of the service, or as an answer.

A sending that we cut short, since a request waits for 26 s and not a minute, is noted as a failure only once DIAN
answers a question that nothing arrived (``note_not_arrived``). By these notes ``contingency`` decides whether DIAN is
out.

All issuers of one host share its trial calls, since its breaker lets one call through at a time. So for a record that
this breaker holds the failures of every issuer at the host count, and for any other those of its own issuer.

Source: Anexo Técnico 1.9, 12.2.
"""

from datetime import datetime
from typing import TypeGuard

from cauce.domain import life
from cauce.domain.document import Document, Kind
from cauce.domain.errors import CauceError
from cauce.domain.outage import Failure, OutageRules
from cauce.domain.record import Record, State
from cauce.domain.time import bogota
from cauce.gateway import Watching
from cauce.providers.base import Provider

_ORDINARY = "01"


def note_failure(gateway: Watching, provider: Provider, record: Record, trouble: CauceError) -> None:
    """Note a call about a record that failed, if the service is to blame."""
    rules, failure = provider.capabilities.contingency, life.failure_of(trouble)
    if rules is not None and is_the_services(failure):
        whose = (record.issuer, provider.host())
        gateway.outages.failed(record.provider, *whose, failure=failure, rules=rules, now=gateway.now())


def note_not_arrived(gateway: Watching, provider: Provider, record: Record) -> None:
    """Note, as silence, a sending that we cut short, once the service says for the first time that nothing arrived.

    The failure is dated when it was sent: the service may be back by now. A sending that did arrive is no failure: a
    slow service is not out of order.
    """
    rules = provider.capabilities.contingency
    is_silence = record.failure is Failure.CUT_SHORT and record.absences == 0
    if rules is not None and is_silence and record.sent_at is not None:
        # For the issuer alone: at the host, failures of other issuers may be noted already that are later than this
        # one, and notes must come in the order of time.
        gateway.outages.failed(
            record.provider, record.issuer, failure=Failure.SILENCE, rules=rules, now=record.sent_at
        )


def note_answer(gateway: Watching, provider: Provider, record: Record) -> None:
    """Note that a document that was sent was answered.

    An answered question is not noted: DIAN may tell what it has and still take nothing. Which outages there are was
    read when the call was admitted (``Outages.at_admission``).
    """
    if provider.capabilities.contingency is not None:
        gateway.outages.answered(record.provider, record.issuer, provider.host(), now=gateway.now())


def with_deadline(gateway: Watching, provider: Provider, record: Record) -> Record:
    """A record in contingency with the deadline for its transmission, once DIAN is back; any other as it is."""
    rules = provider.capabilities.contingency
    contingency = record.contingency
    if rules is None or contingency is None or contingency.limit is not None or not record.in_contingency:
        return record
    known = gateway.outages.read(record.provider, record.issuer, provider.host()).values()
    back = [outage.recovered_after(contingency.since) for outage in known]
    if not any(back):
        return record
    return life.deadline_known(record, bogota(min(filter(None, back)) + rules.deliver_within))


def is_the_services(failure: Failure | None) -> TypeGuard[Failure]:
    """Whether a failure says by itself that the service is out of order."""
    return failure in (Failure.ERROR, Failure.SILENCE)


def tried_soon(provider: Provider, record: Record, trouble: CauceError, now: datetime) -> Record:
    """A record that just failed, due again as soon as the rules ask for another try, while they ask for more."""
    rules, failure = provider.capabilities.contingency, life.failure_of(trouble)
    if rules is None or not is_the_services(failure) or record.due_at is None:
        return record
    if not is_candidate(record, rules, now):
        return record
    again, tries = rules.after(failure), record.attempt if record.state is State.RECEIVED else record.checks
    if tries > again.count + 1:
        return record
    return life.tried_soon(record, now + again.apart)


def is_candidate(record: Record, rules: OutageRules, now: datetime) -> bool:
    """Whether a record is one that may be issued in contingency, and has not been.

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
