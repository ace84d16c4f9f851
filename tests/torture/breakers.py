"""Which breakers are open, of issuers and of hosts, learnt from their writes; and which tasks may call meanwhile."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.torture.timeline import Task, Timeline

# How the keys of breakers in the table begin: of an issuer at a provider, and of a host.
_WHOSE = {"CALLS": "", "HOST": " of a host"}


@dataclass
class _Opened:
    """An open breaker: when it opened, in seconds since the episode began, and the tasks that leased its probe."""

    at: float
    probers: list[Task] = field(default_factory=list)


class Breakers:
    """Every breaker of a world."""

    def __init__(self, timeline: Timeline, counts: Counter[str]):
        self._timeline = timeline
        self._counts = counts
        self._open: dict[str, _Opened] = {}

    def written(self, arguments: Any) -> None:
        """Reads one UpdateItem that was done. Breakers are recognised by their keys and expressions (``aws.breaker``)."""
        key, update = arguments["Key"]["pk"]["S"], arguments["UpdateExpression"]
        whose = _WHOSE.get(key.partition("#")[0])
        if whose is None:
            return
        if "opened = :opened" in update:
            if key not in self._open:
                self._counts[f"breaker{whose} opened"] += 1
            else:
                self._counts[f"breaker{whose}: a probe failed"] += 1
            self._open[key] = _Opened(self._timeline.elapsed)
        elif update == "SET open_until = :until":
            running, opened = self._timeline.running, self._open.get(key)
            if running is not None and opened is not None:
                opened.probers.append(running)
        elif "open_until" in update and self._open.pop(key, None) is not None:
            self._counts[f"breaker{whose} closed"] += 1

    def allow(self, nit: str, provider: str, host: str, task: Task) -> bool:
        """Whether a task may call: the breakers are closed, or it leased the probe, or it began before they opened."""
        found = (self._open.get(f"CALLS#{nit}#{provider}"), self._open.get(f"HOST#{provider}#{host}"))
        return all(opened is None or task in opened.probers or task.began <= opened.at for opened in found)
