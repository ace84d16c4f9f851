"""Until when whoever asked waits: one deadline for every call that is made meanwhile, however many they are."""

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
    """All calls made inside end within these seconds together, and within those of whoever called this.

    They are our patience: what it cuts short says nothing of who was called.
    """
    patience = _PATIENCE.set(min(_PATIENCE.get(), time.monotonic() + seconds))
    try:
        with at_most(seconds):
            yield
    finally:
        _PATIENCE.reset(patience)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """The same; but who has not answered by then keeps silent."""
    before = _UNTIL.set(min(_UNTIL.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _UNTIL.reset(before)


@contextmanager
def each_at_most(seconds: float) -> Iterator[None]:
    """No single exchange made inside is waited for longer, however many a call takes."""
    before = _EACH.set(min(_EACH.get(), seconds))
    try:
        yield
    finally:
        _EACH.reset(before)


def longest_exchange() -> float:
    """Seconds; infinite where nobody said."""
    return _EACH.get()


def until() -> float:
    """The second of ``time.monotonic`` at which nobody waits any more; infinite where nobody said."""
    return _UNTIL.get()


def patience() -> float:
    """Seconds that whoever asked waits yet; infinite where nobody said."""
    return _PATIENCE.get() - time.monotonic()


def is_impatient() -> bool:
    """Whether a call that was just cut short was so by our patience."""
    return patience() <= 0
