"""Circuit breakers: when a provider that does not answer is left alone, how long, and who tries it again. Pure.

Each issuer's credential at a provider has a breaker, which opens after ``OPENS_AFTER`` failures in a row. All
credentials that call the same host share another, so that not each has to find out for itself: it opens once
``OPENS_AFTER_ISSUERS`` different issuers failed in a row and nobody was answered in between. One issuer whose account
hangs never opens it.

When an open breaker's time has come, one caller makes a trial call: it first moves ``open_until`` on, so that nobody
else tries meanwhile, and if it dies the next trial is only later. Callers that give up before the provider's time to
answer is over, as an ERP's request does, leave the trial to the workers: cut short, it proves nothing. An answer of
any kind closes the breaker.
"""

from dataclasses import dataclass
from enum import Enum, auto

from cauce.domain.errors import (
    CauceError,
    CredentialsUnusable,
    Held,
    InvalidDocument,
    NotSent,
    OutcomeUnknown,
    Unsupported,
)
from cauce.domain.life import backoff
from cauce.domain.outage import Failure

OPENS_AFTER = 5
"""Failures in a row of a credential's calls."""
OPENS_AFTER_ISSUERS = 3
"""Different issuers in a row whose calls to a host failed."""
IN_A_ROW_SECONDS = 600
"""Failures further apart than this are not in a row."""
TRIAL_SECONDS = 90
"""A call may last 65 s and its function 90: a trial call without an answer by then has died."""
# How long after ``open_until`` a caller that would give up early leaves the trial call to others. The workers look at
# unfinished documents every minute; with none, nobody but that caller may be there to try.
_LEFT_TO_THE_PATIENT_SECONDS = 120


@dataclass(frozen=True)
class BreakerRules:
    """When a breaker opens, and for how long."""

    opens_after: int
    """Failures in a row, counted as its breaker counts them."""
    longest_backoff: int
    """The argument for which ``life.backoff`` gives the longest wait between trial calls."""

    def open_until(self, now: int, opened: int) -> int:
        """When a trial call may be made, if it opens now after ``opened`` openings in a row."""
        return now + int(backoff(min(opened, self.longest_backoff)).total_seconds())


OF_CREDENTIAL = BreakerRules(OPENS_AFTER, longest_backoff=4)
"""At most 10 minutes between trial calls."""
OF_HOST = BreakerRules(OPENS_AFTER_ISSUERS, longest_backoff=2)
"""At most 2 minutes between trial calls, since everybody waits for its one trial call."""


@dataclass(frozen=True)
class Circuit:
    """A breaker as it was read before a call. Moments are seconds since the epoch."""

    has_failures: bool = False
    """Whether a row of failures has begun."""
    open_until: int | None = None
    """When a trial call may be made; ``None`` while it is closed."""
    opened: int = 0
    """How often it was opened since it was last closed."""

    @property
    def is_open(self) -> bool:
        return self.open_until is not None

    def wait(self, now: float) -> float:
        """Seconds until a trial call may be made; zero or less where a call may be made now."""
        return self.open_until - now if self.open_until is not None else 0.0

    def may_be_tried(self, now: float, *, is_patient: bool) -> bool:
        """Whether a caller may call, or try to get the lease for the trial call. ``is_patient``: it waits for as long
        as the call may take."""
        return not self.is_open or self.wait(now) <= (0 if is_patient else -_LEFT_TO_THE_PATIENT_SECONDS)


class Proof(Enum):
    """What a call proved about its provider."""

    ANSWERS = auto()
    IS_SILENT = auto()
    NOTHING = auto()


def proof(raised: CauceError | None) -> Proof:
    """What a call proved that raised this, or that returned."""
    match raised:
        case Held() | Unsupported() | InvalidDocument() | CredentialsUnusable():  # no call was made
            return Proof.NOTHING
        # It may have answered later.
        case NotSent() | OutcomeUnknown() if raised.failure is Failure.CUT_SHORT:
            return Proof.NOTHING
        case NotSent() if raised.retry_after is not None:  # it answered when to come back
            return Proof.ANSWERS
        case NotSent() | OutcomeUnknown():
            return Proof.IS_SILENT
    return Proof.ANSWERS
