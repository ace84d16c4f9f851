"""Outages of DIAN's service: which failures count, when they amount to an outage, when it is over. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypedDict, Unpack

from cauce.domain.document import Value

LASTS = timedelta(minutes=20)
"""Failures further apart than this are not of one outage. While a document waits, an open breaker lets a trial call
through every 13 minutes at least."""
FRESH = timedelta(minutes=3)
"""How long after a failure the service still counts as out: an invoice signed once it is back is no contingency
(CTG01)."""
_MOST_RECOVERIES = 20


class Failure(StrEnum):
    """How the service failed at a call."""

    ERROR = "error"
    """It answered with a status that says that it is out of order."""
    SILENCE = "silence"
    """No answer came: there was no connection, or it ended before the answer."""
    CUT_SHORT = "cut_short"
    """We stopped waiting because our own caller waits no longer, which says nothing of the service. It counts as
    SILENCE once the service, asked later, says that what was sent had not arrived."""


@dataclass(frozen=True)
class Attempts:
    """How often a failed call is tried again, and how long after the attempt before it."""

    count: int
    apart: timedelta


@dataclass(frozen=True, kw_only=True)
class OutageRules:
    """When a service counts as out of order, and what may be issued meanwhile without it."""

    after_error: Attempts
    after_silence: Attempts
    invoice_types: frozenset[str]
    """The types of invoice that may be issued then; no other document may."""
    in_doubt: frozenset[Failure]
    """Failures of the sending call after which an invoice may be issued though it may have arrived. The service is
    asked about it first in any case, and what it answers counts."""
    deliver_within: timedelta
    """Time from the service's recovery until what was issued must be transmitted."""

    def after(self, failure: Failure) -> Attempts:
        return self.after_error if failure is Failure.ERROR else self.after_silence


class _Facts(TypedDict, total=False):
    """The fields of an outage that change, so that mypy refuses a misspelt one."""

    failed_at: datetime
    errors: int
    error_at: datetime
    misses: int
    missed_at: datetime
    is_over: bool
    recoveries: tuple[datetime, ...]


class Outage(Value):
    """A service's failures and recoveries, as one issuer's calls met them, or all calls to a host."""

    version: int = 0
    since: datetime
    failed_at: datetime
    errors: int = 0
    """Failures by ERROR, each counted if ``after_error.apart`` after the last one counted, at ``error_at``."""
    error_at: datetime | None = None
    misses: int = 0
    """Failures by ERROR or SILENCE, counted likewise with ``after_silence.apart``; the last at ``missed_at``."""
    missed_at: datetime | None = None
    is_over: bool = False
    recoveries: tuple[datetime, ...] = ()
    """When a document was answered again after failures, oldest first."""

    def is_established(self, rules: OutageRules, now: datetime, within: timedelta = FRESH) -> bool:
        """Whether the service is out: a call and all the attempts after it that the rules ask for have failed, the
        last one no longer than ``within`` ago."""
        if self.is_over or now - self.failed_at > within:
            return False
        return self.errors > rules.after_error.count or self.misses > rules.after_silence.count

    def failed(self, failure: Failure, rules: OutageRules, now: datetime) -> "Outage":
        """The outage after a failure at ``now``, which begins a new one where this is over or long past. A failure
        that is noted late, from before the last recovery, changes nothing."""
        if self.recoveries and now < self.recoveries[-1]:
            return self
        if self.is_over or now - self.failed_at > LASTS:
            begun = Outage(since=now, failed_at=now, version=self.version, recoveries=self.recoveries)
            return begun.failed(failure, rules, now)
        later = self._set(failed_at=max(now, self.failed_at))
        if failure is Failure.ERROR and _apart(self.error_at, now, rules.after_error):
            later = later._set(errors=self.errors + 1, error_at=now)
        if _apart(self.missed_at, now, rules.after_silence):
            later = later._set(misses=self.misses + 1, missed_at=now)
        return later

    def over(self, now: datetime) -> "Outage":
        """The outage after a document was answered, which ends it."""
        recoveries = (*self.recoveries, now)[-_MOST_RECOVERIES:]
        return self._set(is_over=True, recoveries=recoveries)

    def recovered_after(self, moment: datetime) -> datetime | None:
        """When the service first answered again after a moment; ``None`` if it has not yet."""
        return next((back for back in self.recoveries if back > moment), None)

    def _set(self, **facts: Unpack[_Facts]) -> "Outage":
        return self.model_copy(update=facts)


def _apart(before: datetime | None, now: datetime, attempts: Attempts) -> bool:
    return before is None or now - before >= attempts.apart
