"""What must never happen, looked at with every write; and the trace of each record, for whoever must explain it.

An accepted record never changes but for its XML, no state follows another that ``MOVES`` does not allow, a number
once taken stays, and a record's version is written once.
"""

from collections import defaultdict
from typing import Any

import httpx

from cauce.aws import items
from cauce.domain.record import MOVES, Record, State
from tests.torture.timeline import Timeline

_LONGEST = 400


class Watch:
    """Keeps what was written of every record, and every breach."""

    def __init__(self, timeline: Timeline, *, numbered_here: frozenset[str]):
        self._timeline = timeline
        self._numbered_here = numbered_here
        self.records: dict[str, Record] = {}
        self.breaches: list[tuple[str, str]] = []
        """The record's id, and what happened to it."""
        self.traces: dict[str, list[str]] = defaultdict(list)
        self._written: set[tuple[str, int]] = set()
        self._working_on: dict[str, str] = {}

    # What the effects tell

    def written(self, operation: str, arguments: Any) -> None:
        """A write that was done."""
        if operation == "PutItem":
            self._put(arguments["Item"])
        elif operation == "TransactWriteItems":
            for each in arguments["TransactItems"]:
                if "Put" in each:
                    self._put(each["Put"]["Item"])
        elif operation == "PutObject" and not arguments["Key"].startswith("lotes/"):
            document_id = arguments["Key"].split("/")[3]
            self.note(document_id, f"archived {arguments['Key'].rpartition('/')[2]}")

    def killed(self, where: str) -> None:
        document_id = self._working_on.get(self._who())
        if document_id:
            self.note(document_id, f"KILLED {where}")

    def said(self, provider: str, request: httpx.Request, what: str) -> None:
        document_id = self._working_on.get(self._who())
        if document_id:
            self.note(document_id, f"{provider} {request.method} {request.url.path}: {what}")

    # What a trace is made of

    def works_on(self, document_id: str, who: str | None = None) -> None:
        """A container, the running one unless another is named, handles this record now."""
        self._working_on[who or self._who()] = document_id

    def note(self, document_id: str, what: str) -> None:
        moment = f"{self._timeline.elapsed:10.2f}  {self._timeline.now():%m-%d %H:%M:%S}"
        trace = self.traces[document_id]
        trace.append(f"{moment}  {self._who():<12} {what}")
        del trace[:-_LONGEST]

    def breach(self, document_id: str, what: str) -> None:
        self.breaches.append((document_id, what))
        self.note(document_id, f"BREACH {what}")

    # Inside

    def _put(self, item: dict[str, Any]) -> None:
        if not item["pk"]["S"].startswith("RECORD#"):
            return
        record = items.value(item, Record)
        before = self.records.get(record.document_id)
        self.records[record.document_id] = record
        self.works_on(record.document_id)
        self.note(record.document_id, _line(record))
        if before is not None and before != record:
            self._compare(before, record)

    def _compare(self, before: Record, after: Record) -> None:
        own = after.document_id
        if after.version != before.version + 1:
            self.breach(own, f"version {after.version} written over {before.version}")
        if after.state is not before.state and after.state not in MOVES[before.state]:
            self.breach(own, f"{before.state} became {after.state}")
        if before.state is State.ACCEPTED:
            for name in ("state", "number", "uuid", "content_hash", "payable", "rejections"):
                if getattr(before, name) != getattr(after, name):
                    self.breach(own, f"accepted, and its {name} changed")
        if after.provider in self._numbered_here and before.number != after.number:
            self.breach(own, f"number {before.number} became {after.number}")

    def _who(self) -> str:
        running = self._timeline.running
        return running.name if running is not None else "world"


def _line(record: Record) -> str:
    step = record.steps[-1]
    number = f" {record.number}" if record.number else ""
    detail = f": {step.detail}" if step.detail else ""
    return f"v{record.version} {record.state}{number} «{step.what}»{detail}"
