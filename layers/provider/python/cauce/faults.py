"""Faults of AWS: how long calls may take, when they are repeated, and which errors are AWS's fault.

A Lambda invocation has its own time, and a request the 29 s of API Gateway. A call may be tried several times, but
again only where another try fits in the time left, so that the caller gets our answer before we are cut off.
"""

import math
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

_CONNECT_SECONDS, _READ_SECONDS = 1, 4
_TRIES = 4
CONFIG = Config(
    connect_timeout=_CONNECT_SECONDS,
    read_timeout=_READ_SECONDS,
    retries={"mode": "standard", "total_max_attempts": _TRIES},
)
"""For every client. AWS takes milliseconds, so a call without an answer in 5 s is better made again."""

RAISED = (BotoCoreError, ClientError)
"""What a call to AWS raises, whatever went wrong; ``is_fault`` says whose fault it was."""

# Codes of errors: a transaction that met another, too many calls, a service that broke down. Some are also reasons of
# a cancelled transaction.
_CODES = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServiceError",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingError",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
_ATTEMPT = re.compile(r"attempt=([0-9]+)")

_ends: ContextVar[float] = ContextVar("ends", default=math.inf)
_good_until: ContextVar[float] = ContextVar("good_until", default=math.inf)

LONGEST_TRY_SECONDS = _CONNECT_SECONDS + _READ_SECONDS
"""After so long without an answer a try is given up."""


class KeyNotTold(BotoCoreError):
    """The secret with the table's keys cannot be read: gone, forbidden or empty. An operator must act; then the
    request may be repeated."""

    fmt = "The secret of the table's key is not told: {reason}"


class OutOfTime(BotoCoreError):
    """A call failed, and there is no time to try it again."""

    fmt = "No time is left to try the call again."


class Outdated(OutOfTime):
    """A call says a moment that is too long ago; an earlier try of it may have been carried out."""

    fmt = "The moment that the call says is too long ago."


@contextmanager
def time_for(seconds: float) -> Iterator[None]:
    """Around code whose calls to AWS may take so many seconds."""
    before = _ends.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends.reset(before)


@contextmanager
def good_until(moment: float) -> Iterator[None]:
    """Around a call that says the time: no try of it leaves after ``moment``, of the monotonic clock. Raises Outdated
    then."""
    before = _good_until.set(moment)
    try:
        yield
    finally:
        _good_until.reset(before)


def seconds_left() -> float:
    """What is left of the invocation or the request; infinite where there is none, as for an operator's command."""
    return _ends.get() - time.monotonic()


def give_up_in_time(request: "AWSPreparedRequest", **_: object) -> None:
    """botocore's ``before-send``: raise OutOfTime for another try that would not end in time. The first try is always
    made, since it may write down what was done. Raise Outdated for any try of a call that is not good any more."""
    if _attempt(request) > 1 and seconds_left() < LONGEST_TRY_SECONDS:
        raise OutOfTime()
    if time.monotonic() > _good_until.get():
        raise Outdated()


def is_fault(error: BaseException | None) -> bool:
    """Whether AWS, and not the request to it, is to blame: the same may succeed a moment later."""
    if isinstance(error, ClientError):
        answer = error.response
        reasons = {reason.get("Code", "None") for reason in answer.get("CancellationReasons", ())} - {"None"}
        codes = reasons or {answer.get("Error", {}).get("Code", "")}
        broken = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500
        return broken or codes <= _CODES
    return isinstance(error, (KeyNotTold, OutOfTime, ConnectionError, HTTPClientError))


def _attempt(request: "AWSPreparedRequest") -> int:
    """Which try a request is, by the header that botocore counts them in."""
    found = _ATTEMPT.search(str(request.headers.get("amz-sdk-request", "")))
    return int(found[1]) if found else 1
