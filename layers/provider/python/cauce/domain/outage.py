"""An outage of the authority's service: which failures count, when they amount to one, when it was over. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cauce.domain.document import Value

LASTS = timedelta(minutes=20)
"""Failures further apart are not of one outage. While anything waits, an open breaker tries every 13 minutes."""
FRESH = timedelta(minutes=3)
"""How long a failure says that the service is out. What is signed once it is back is no contingency (CTG01)."""
_MOST_RECOVERIES = 20


class Failure(StrEnum):
    """How a call came to nothing through the service's own fault."""

    ERROR = "error"
    """It answered with a status by which it says that it is out of order."""
    SILENCE = "silence"
    """Nobody answered: no connection, or none that lasted until the answer."""
    CUT_SHORT = "cut_short"
    """We waited no longer, since whoever asked us does not. That alone says nothing of the service: it is silence
    once the service says, asked afterwards, that what was sent had not arrived."""


@dataclass(frozen=True)
class Attempts:
    """How often a failed call is tried again, and how long after the attempt before."""

    count: int
    apart: timedelta


@dataclass(frozen=True, kw_only=True)
class OutageRules:
    """When a service counts as out of order, and what may be issued meanwhile without it."""

    after_error: Attempts
    after_silence: Attempts
    invoice_types: frozenset[str]
    """The invoices that may be; nothing else ever is."""
    in_doubt: frozenset[Failure]
    """After which failures of the call that sent it a document may be, though nobody could say that it did not
    arrive. Where the service can be asked, it is asked first whatever this says."""
    deliver_within: timedelta
    """From the service's recovery."""

    def after(self, failure: Failure) -> Attempts:
        return self.after_error if failure is Failure.ERROR else self.after_silence


class Outage(Value):
    """What is known of a service's failures, and of its recoveries: from one credential's calls, or all to a host."""

    version: int = 0
    since: datetime
    failed_at: datetime
    errors: int = 0
    """Failures of sort ERROR, each long enough after the one counted before, which was at ``error_at``."""
    error_at: datetime | None = None
    misses: int = 0
    """Failures of either sort, counted likewise with the distance for SILENCE."""
    missed_at: datetime | None = None
    is_over: bool = False
    recoveries: tuple[datetime, ...] = ()
    """When a document was answered again after failures, oldest first."""

    def is_established(self, rules: OutageRules, now: datetime, within: timedelta = FRESH) -> bool:
        """Whether a call and all the attempts after it that the rules ask for have failed, the last just now."""
        if self.is_over or now - self.failed_at > within:
            return False
        return self.errors > rules.after_error.count or self.misses > rules.after_silence.count

    def failed(self, failure: Failure, rules: OutageRules, now: datetime) -> "Outage":
        """After another failure, which begins a new outage where the one before is over or long past. One that is
        told late, of before what is known, changes no more than it would have then."""
        if self.recoveries and now < self.recoveries[-1]:
            return self
        if self.is_over or now - self.failed_at > LASTS:
            begun = Outage(since=now, failed_at=now, version=self.version, recoveries=self.recoveries)
            return begun.failed(failure, rules, now)
        facts: dict[str, object] = {"failed_at": max(now, self.failed_at)}
        if failure is Failure.ERROR and _apart(self.error_at, now, rules.after_error):
            facts |= {"errors": self.errors + 1, "error_at": now}
        if _apart(self.missed_at, now, rules.after_silence):
            facts |= {"misses": self.misses + 1, "missed_at": now}
        return self.model_copy(update=facts)

    def over(self, now: datetime) -> "Outage":
        """After a document was answered."""
        recoveries = (*self.recoveries, now)[-_MOST_RECOVERIES:]
        return self.model_copy(update={"is_over": True, "recoveries": recoveries})

    def recovered_after(self, moment: datetime) -> datetime | None:
        """When the service was first back after a moment; ``None`` while it is not."""
        return next((back for back in self.recoveries if back > moment), None)


def _apart(before: datetime | None, now: datetime, attempts: Attempts) -> bool:
    return before is None or now - before >= attempts.apart
