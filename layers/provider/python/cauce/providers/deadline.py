"""Until when whoever asked waits: one deadline for every call that is made meanwhile, however many they are."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_UNTIL: ContextVar[float] = ContextVar("waited_until", default=math.inf)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """All calls made inside end within these seconds together, and within those of whoever called this."""
    before = _UNTIL.set(min(_UNTIL.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _UNTIL.reset(before)


def until() -> float:
    """The second of ``time.monotonic`` at which nobody waits any more; infinite where nobody said."""
    return _UNTIL.get()
