"""Deadlines: how long all the calls inside a block may take together, and how long each exchange of them."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_UNTIL: ContextVar[float] = ContextVar("until", default=math.inf)
_PATIENCE: ContextVar[float] = ContextVar("patience", default=math.inf)
_EACH: ContextVar[float] = ContextVar("each", default=math.inf)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """All calls made inside end within these seconds together, or sooner where a block around this one ends sooner.

    Our own caller waits no longer: a call that this cuts short says nothing of the provider (``Failure.CUT_SHORT``).
    """
    patience = _PATIENCE.set(min(_PATIENCE.get(), time.monotonic() + seconds))
    try:
        with at_most(seconds):
            yield
    finally:
        _PATIENCE.reset(patience)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """As ``within``, but a provider that has not answered by then counts as silent (``Failure.SILENCE``)."""
    before = _UNTIL.set(min(_UNTIL.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _UNTIL.reset(before)


@contextmanager
def each_at_most(seconds: float) -> Iterator[None]:
    """No single exchange made inside takes longer than these seconds, however many of them a call takes."""
    before = _EACH.set(min(_EACH.get(), seconds))
    try:
        yield
    finally:
        _EACH.reset(before)


def longest_exchange() -> float:
    """Seconds that one exchange may take; infinite without ``each_at_most``."""
    return _EACH.get()


def until() -> float:
    """When calls must have ended, in seconds of ``time.monotonic``; infinite without a deadline."""
    return _UNTIL.get()


def patience() -> float:
    """Seconds that our own caller still waits; infinite without ``within``."""
    return _PATIENCE.get() - time.monotonic()


def is_impatient() -> bool:
    """Whether our own caller waits no longer, so that a call just cut short says nothing of the provider."""
    return patience() <= 0
