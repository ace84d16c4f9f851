"""Every due record is looked at within minutes, even while the providers of others hang.

Each issuer at each provider has a message group of its own in the queue of looks. In a group shared by several, the
looks of all would wait for the one whose provider hangs; with several groups, one issuer could take every run.

Waits are counted in elapsed time, not by the clocks: a jump of the clock makes records due, but is no wait.
"""

import json
from datetime import datetime

from tests.torture.queue import Message
from tests.torture.timeline import Timeline
from tests.torture.watch import Watch

LONGEST = 15 * 60.0
"""Seconds within which a due record is looked at, even if a message is lost or a run is killed and repeated."""


class Turns:
    """Measures how long each record waits for its look."""

    def __init__(self, timeline: Timeline, watch: Watch):
        self._timeline = timeline
        self._watch = watch
        self._since: dict[str, tuple[datetime, float]] = {}
        """By record: its ``due_at``, and the elapsed second at which that was first seen to be due."""
        self._late: set[str] = set()
        self._lines: dict[str, tuple[str, str]] = {}
        """By message group: the issuer and the provider whose looks it holds."""
        self._groups: dict[tuple[str, str], str] = {}
        self.longest = 0.0

    def given(self, look: Message) -> None:
        """Called with each message of the queue of looks, when it is delivered."""
        due = json.loads(look.body)
        line = (due["issuer"], due["provider"])
        if self._lines.setdefault(look.group, line) != line:
            self._watch.breach(
                due["document_id"], f"shares its message group of looks, {look.group}, with other issuers"
            )
        if self._groups.setdefault(line, look.group) != look.group:
            self._watch.breach(
                due["document_id"], "is in another message group of looks than the rest of its issuer's"
            )

    def seen(self, apart: set[str]) -> None:
        """Called every minute. ``apart``: NITs whose own provider is out; their looks may take longer."""
        now = self._timeline.now()
        for own, record in self._watch.records.items():
            due = record.due_at
            if due is None or due > now or record.issuer in apart:
                self._since.pop(own, None)
                continue
            if self._since.get(own, (None, 0.0))[0] != due:
                self._since[own] = (due, self._timeline.elapsed)
            waited = self._timeline.elapsed - self._since[own][1]
            self.longest = max(self.longest, waited)
            if waited > LONGEST and own not in self._late:
                self._late.add(own)
                self._watch.breach(own, f"has been due for {waited / 60:.0f} minutes, and nobody looks at it")
