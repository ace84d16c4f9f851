"""Faults that a test orders: each strikes the first request that matches it, once."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fault:
    """`path` is part of a request's path and `method` its verb; "*" matches any."""

    kind: str
    details: dict[str, Any]
    path: str
    method: str

    def matches(self, method: str, path: str) -> bool:
        return self.method in ("*", method) and (self.path == "*" or self.path in path)


class Faults:
    """The faults that have not struck yet, oldest first; safe to use from any thread."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def take(self, kind: str, method: str, path: str) -> Fault | None:
        """Remove and return the oldest fault of this kind that matches this request."""
        with self._lock:
            for fault in self._waiting:
                if fault.kind == kind and fault.matches(method, path):
                    self._waiting.remove(fault)
                    return fault
        return None

    @property
    def waiting(self) -> list[Fault]:
        with self._lock:
            return list(self._waiting)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()


class Orders:
    """The faults that every simulator can be ordered, for the requests that its own ``_order`` says."""

    faults: Faults
    _order: Callable[..., None]

    def lose_next_answer(self, stored: bool = True, **where: str) -> None:
        """The connection closes without an answer, after the work was done or before."""
        self._order("lose", {"stored": stored}, **where)

    def stall(self, seconds: float, **where: str) -> None:
        """Waits so many seconds before doing anything."""
        self._order("stall", {"seconds": seconds}, **where)
