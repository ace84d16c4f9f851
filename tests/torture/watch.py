"""What must never happen, checked at every write of a record; and the trace of each record, to explain a breach.

An accepted record changes only by its XML; states follow ``MOVES``; a number once taken stays; no version is written
over another. Only an invoice is issued in contingency; from then on its document stays the same until DIAN decides, it
is never given up, and past its deadline a person has been called. Who calls a person says why. A document that DIAN
says it has (rule 90) is neither sent again nor discarded. An event that is declared again after its rejection is dated
anew.
"""

from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

import httpx

from cauce.aws import items
from cauce.domain.document import Kind
from cauce.domain.record import MOVES, SETTLED, Contingency, Record, State
from tests.torture.breakers import Breakers
from tests.torture.timeline import Timeline

_LONGEST = 400
# An event declared again is dated with the moment of its write, in whole seconds; the write itself may be repeated.
_DATED_WITHIN = timedelta(seconds=5)


class Watch:
    """Keeps the last written state of every record, and every breach."""

    def __init__(self, timeline: Timeline, *, numbered_here: frozenset[str]):
        self._timeline = timeline
        self._numbered_here = numbered_here
        self.records: dict[str, Record] = {}
        self.breaches: list[tuple[str, str]] = []
        """The record's id, and what happened to it."""
        self.traces: dict[str, list[str]] = defaultdict(list)
        self.counts: Counter[str] = Counter()
        self.breakers = Breakers(timeline, self.counts)
        self.called: set[str] = set()
        """Records about which a person was called."""
        self.decided: set[str] = set()
        """Records that a person decided to send again."""
        self._contents: dict[str, dict[str, Any]] = {}
        """By its partition: the item of each record's content."""
        self._left: dict[str, float] = {}
        """By record: the elapsed second at which it was last written as ``sending``."""
        self._numbers: dict[tuple[str, str], str] = {}
        self._written: set[tuple[str, int]] = set()
        self._working_on: dict[str, str] = {}

    # Told by the effects

    def written(self, operation: str, arguments: Any) -> None:
        """A write that was done."""
        if operation == "PutItem":
            self._put(arguments["Item"])
        elif operation == "TransactWriteItems":
            puts = [each["Put"]["Item"] for each in arguments["TransactItems"] if "Put" in each]
            for item in sorted(puts, key=lambda item: item["sk"]["S"] != "CONTENT"):
                self._put(item)
        elif operation == "UpdateItem":
            self.breakers.written(arguments)
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

    # Questions about the records

    @property
    def at_hand(self) -> str | None:
        """The record that the running container handles."""
        return self._working_on.get(self._who())

    def numbered(self, nit: str, number: str) -> tuple[str, Record | None]:
        """The id and the record that have this issuer's number; the number itself and None where none has."""
        document_id = self._numbers.get((nit, number), number)
        return document_id, self.records.get(document_id)

    def left_at(self, record: Record) -> float:
        """When a record was last written as ``sending``, in seconds since the episode began."""
        return self._left.get(record.document_id, 0.0)

    @property
    def wait_in_contingency(self) -> list[Contingency]:
        """The invoices of type 04 that are still to be transmitted."""
        return [
            record.contingency
            for record in self.records.values()
            if record.contingency and record.in_contingency and record.state not in SETTLED
        ]

    # Writing the traces

    def works_on(self, document_id: str, who: str | None = None) -> None:
        """From now on a container (the running one unless ``who`` names another) handles this record."""
        self._working_on[who or self._who()] = document_id

    def note(self, document_id: str, what: str) -> None:
        moment = f"{self._timeline.elapsed:10.2f}  {self._timeline.now():%m-%d %H:%M:%S}"
        trace = self.traces[document_id]
        trace.append(f"{moment}  {self._who():<12} {what}")
        del trace[:-_LONGEST]

    def breach(self, document_id: str, what: str) -> None:
        self.breaches.append((document_id, what))
        self.note(document_id, f"BREACH {what}")

    # Checks

    def _put(self, item: dict[str, Any]) -> None:
        if not item["pk"]["S"].startswith("RECORD#"):
            return
        if item["sk"]["S"] == "CONTENT":
            self._contents[item["pk"]["S"]] = item
            return
        record = items.record(item, self._contents.get(item["pk"]["S"]))
        before = self.records.get(record.document_id)
        self.records[record.document_id] = record
        if record.number is not None:
            self._numbers[record.issuer, str(record.number)] = record.document_id
        if record.state is State.SENDING:
            self._left[record.document_id] = self._timeline.elapsed
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
        if before.state is State.REJECTED and after.state is State.RECEIVED and after.event is not None:
            self.counts["events declared again after their rejection"] += 1
            if abs(after.issued_at - self._timeline.now()) > _DATED_WITHIN:
                self.breach(own, f"declared again, and dated {after.issued_at}")
        gone = after.state in (State.RECEIVED, State.FAILED)
        if before.state is State.UNKNOWN and before.already_processed and gone and not before.absences:
            self.breach(own, f"became {after.state}, though DIAN says that it has it and nobody denied it")
        if after.needs_person and not before.needs_person:
            self.called.add(own)
            if not (after.last_error or after.steps[-1].detail):
                self.breach(own, "a person is called, and nobody says why")
        self._compare_contingency(before, after)

    def _compare_contingency(self, before: Record, after: Record) -> None:
        own, now = after.document_id, self._timeline.now()
        if after.contingency is not None and before.contingency is None:
            self.counts["contingency: issued"] += 1
            if after.contingency.ordinary_in_doubt:
                self.counts["contingency: issued with the ordinary one in doubt"] += 1
            if after.kind is not Kind.INVOICE:
                self.breach(own, f"issued in contingency, and it is a {after.kind}")
        if before.contingency is None or after.contingency is None:
            if before.contingency is not None and before.state not in (State.REJECTED, State.FAILED):
                self.breach(own, f"issued in contingency, and not any more, though it was {before.state}")
            return
        if not before.in_contingency:
            return
        if not after.in_contingency:
            self.counts["contingency: DIAN had the ordinary one"] += 1
            return
        for name in ("uuid", "issued_at", "signed_xml"):
            if getattr(before, name) != getattr(after, name):
                self.breach(own, f"issued in contingency, and its {name} changed")
        limit = after.contingency.limit
        if before.contingency.limit not in (None, limit):
            self.breach(own, f"its deadline {before.contingency.limit} became {limit}")
        if limit is not None and before.contingency.limit is None:
            self.counts["contingency: deadline known before DIAN answered it"] += after.state not in SETTLED
        if after.state is State.FAILED:
            self.breach(own, "issued in contingency, and given up")
        if after.state is State.REJECTED and before.state is not State.REJECTED:
            self.counts["contingency: not taken as such by DIAN"] += 1
        if after.state is State.ACCEPTED and before.state is not State.ACCEPTED:
            self.counts["contingency: accepted"] += 1
            if limit is not None and now > limit:
                self.counts["contingency: accepted past its deadline"] += 1

    def _who(self) -> str:
        running = self._timeline.running
        return running.name if running is not None else "world"


def _line(record: Record) -> str:
    step = record.steps[-1]
    number = f" {record.number}" if record.number else ""
    detail = f": {step.detail}" if step.detail else ""
    return f"v{record.version} {record.state}{number} «{step.what}»{detail}"
