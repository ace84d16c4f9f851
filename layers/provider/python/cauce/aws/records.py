"""Records: read by each of their names, written one version after another, and found when they are due.

A record is written only as a move of ``domain.life`` made it, and only over the version that the move began with.
"""

import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

from cauce import faults
from cauce.aws import items, keys, news
from cauce.aws.items import Item
from cauce.aws.table import InTable, Table, Write
from cauce.domain import life
from cauce.domain.document import Kind
from cauce.domain.errors import NotFound, NumberTaken, Stale
from cauce.domain.lot import LotLine, Repetition
from cauce.domain.record import Due, Record, State

_log = logging.getLogger("cauce")

# The most rows of a shard of the index that one run of the schedule reads, a hundred bytes each.
_MOST_DUE = 50_000
# How often a record with news is written anew, each time with the present moment, before AWS's fault is raised.
_TIMES_TOLD = 3


class Records(InTable):
    def __init__(self, table: Table, clock: Callable[[], float]):
        super().__init__(table)
        self._clock = clock

    def read(self, nit: str, document_id: str) -> Record:
        """A record of an issuer. Raises NotFound, also for another issuer's record: the issuer is part of the key."""
        wanted = [keys.record(nit, document_id)] if keys.is_id(document_id) else []
        for found in self._table.records(wanted):
            return items.record(*found)
        raise NotFound("El documento no existe o no pertenece a tu empresa.")

    def by_reference(self, nit: str, reference: str) -> Record | None:
        item = self._table.get(keys.reference(nit, reference))
        return self.read(nit, items.unpack(item)["document_id"]) if item else None

    def by_number(self, nit: str, kind: Kind, number: str) -> Record | None:
        item = self._table.get(keys.number(nit, kind, number))
        return self.read(nit, items.unpack(item)["document_id"]) if item else None

    def by_uuid(self, nit: str, uuid: str) -> Record | None:
        """The record that was accepted, or issued in contingency, with a CUFE, CUDE or CUDS.

        Its ``uuid`` may be another one by now: an invoice of type 04 is void where DIAN has the ordinary one, and a
        rejected one may be corrected. Records that were written before CUFEs were claimed are not found.
        """
        item = self._table.get(keys.uuid(nit, uuid)) if keys.is_uuid(uuid) else None
        return self.read(nit, items.unpack(item)["document_id"]) if item else None

    def correct(self, record: Record, left: LotLine | None) -> Record:
        """Write a corrected record: as ``save_moved`` where it was the record of the lot's line ``left``, else as
        ``save``. Raises DocumentTooLarge too; then nothing was written."""
        return self.save(record) if left is None else self.save_moved(record, left)

    def save(self, record: Record) -> Record:
        """Write the next version of a record. Raises Stale where another worker wrote it since it was read."""
        return self._save(record)

    def save_numbered(self, record: Record) -> Record:
        """As ``save``, and claim the number that its provider gave it: a number belongs to one record only. An
        accepted record claims its CUFE too, as in ``save_issued``.

        Raises NumberTaken where another record has the number; then nothing was written.
        """
        return self._save(record, number=True, uuid=record.state is State.ACCEPTED)

    def save_issued(self, record: Record) -> Record:
        """As ``save``, for a record that was accepted or issued in contingency: ``by_uuid`` finds it by its CUFE from
        then on.

        It is one call, a transaction: twice the record's write units, and two more.
        """
        return self._save(record, uuid=True)

    def save_settled(self, after: Record, before: Record) -> Record:
        """Write a record after an outcome: as ``save_numbered`` where its provider gave it a number, else as
        ``save_issued`` where it was accepted, else as ``save``."""
        if after.number is not None and after.number != before.number:
            return self.save_numbered(after)
        return self.save_issued(after) if after.state is State.ACCEPTED else self.save(after)

    def _save(self, record: Record, *, number: bool = False, uuid: bool = False) -> Record:
        """Write a record, together with the items that claim its number and its CUFE for it, if they are wanted.

        Where another record has claimed the CUFE, that claim stays: this record is written without one, since DIAN's
        answer must be kept, and the log says so.
        """
        claims = [items.number_item(record)] if number else []
        if uuid and keys.is_uuid(record.uuid or ""):
            claims.append(items.uuid_item(record))
        following, refused = self._write(record, list(map(self._claim, claims)))
        taken = refused[1:]
        if number and taken[0]:
            raise NumberTaken(str(record.number))
        if any(taken):
            _log.error(
                "CUFE of another record",
                extra={"document_id": record.document_id, "issuer": record.issuer, "uuid": record.uuid},
            )
            return self._save(record, number=number)
        report(following)
        return following

    def _write(self, record: Record, others: list[Write]) -> tuple[Record, list[bool]]:
        """Write the next version of a record, its news, and other items, or nothing: the record as it was written;
        and whether its own write was refused, and each of the others. Raises Stale where its own was.

        News says when it was written, and readers rely on that (``aws.news``): where a try takes too long, the write
        is made again with a new moment. The earlier try may have been carried out all the same.
        """
        for tried in range(_TIMES_TOLD - 1):
            with suppress(faults.Outdated):
                return self._write_once(record, others, is_again=tried > 0)
        return self._write_once(record, others, is_again=True)

    def _write_once(
        self, record: Record, others: list[Write], *, is_again: bool
    ) -> tuple[Record, list[bool]]:
        began = time.monotonic()
        following, (own, *content) = self._following(record)
        told = [self._table.putting(item) for item in news.items_of(record, following)]
        with faults.good_until(began + news.WRITTEN_WITHIN_SECONDS if told else math.inf):
            refused = self._table.write_all([own, *others, *content, *told])
        if not refused[0]:
            return following, refused[: 1 + len(others)]
        if is_again and (ours := self._carried_out(following)):
            return ours, [False] * (1 + len(others))
        raise Stale(record.document_id)

    def _carried_out(self, following: Record) -> Record | None:
        """The record as an earlier try wrote it, whose answer was lost. What another worker wrote says another
        time."""
        stored = self._table.get(keys.record(following.issuer, following.document_id))
        is_ours = stored is not None and stored["data"] == items.head_item(following)["data"]
        return self.read(following.issuer, following.document_id) if is_ours else None

    def save_moved(self, record: Record, left: LotLine) -> Record:
        """As ``save``, and leave a Repetition of the record in the place of the lot's line ``left``, which it had
        before."""
        word = Repetition(line=left, document_id=record.document_id)
        following, _ = self._write(record, [self._table.putting(items.line_item(record.issuer, word))])
        report(following)
        return following

    def due(self, now: datetime) -> list[Due]:
        """Unsettled records whose time to be looked at has come, longest due first.

        Read from the index alone, which lags: the caller reads each record and sees whether it is still due.
        """
        found = [each for shard in keys.open_shards() for each in self._due_in(shard, now)]
        return sorted(found, key=lambda each: each.at)

    def _due_in(self, shard: str, now: datetime) -> Iterator[Due]:
        rows = self._table.rows(
            keys.OPEN,
            "open_pk = :shard AND open_sk <= :now",
            # ``open_sk`` is ``{instant}#{provider}``, and «#» sorts before «~».
            {":shard": shard, ":now": f"{items.instant(now)}~"},
            PaginationConfig={"MaxItems": _MOST_DUE},
        )
        return map(items.due, rows)

    def put_off(self, due: Due, until: datetime) -> None:
        """Move a record that this code cannot read to a later place in the index of what is due, if it still has the
        place that was read.

        Nothing else of its item is written, ``due_at`` in its data included: whoever can read it finds it as it was,
        and gives it a place of its own again with the next version.
        """
        self._table.update(
            keys.record(due.issuer, due.document_id),
            "SET open_sk = :until",
            {
                ":until": items.due_place(items.instant(until), due.provider, is_mail=due.is_mail),
                ":read": items.due_place(due.at, due.provider, is_mail=due.is_mail),
            },
            condition="open_sk = :read",
        )

    def _following(self, record: Record) -> tuple[Record, list[Write]]:
        """The next version of a record, and the writes of it: first its own, which fails where the record was written
        since it was read, then its content's, where that is new or in an older form's place."""
        following = life.written(record, datetime.fromtimestamp(self._clock(), UTC))
        own = self._table.putting(items.head_item(following), "version = :read", {":read": record.version})
        if record.content_at is not None:
            return following, [own]
        return following, [own, self._table.putting(items.content_item(following))]

    def _claim(self, item: Item) -> Write:
        """The write of an item that claims a number or a CUFE for a record; it fails where another record has claimed
        that."""
        mine = {":mine": item["document_id"]["S"]}
        return self._table.putting(item, "attribute_not_exists(pk) OR document_id = :mine", mine)


def report(record: Record) -> None:
    """One log line for each change of a record; its buyer and its lines are not log fields."""
    _log.info(
        record.steps[-1].what,
        extra={
            "document_id": record.document_id,
            "issuer": record.issuer,
            "kind": record.kind.value,
            "provider": record.provider,
            "state": record.state.value,
            "attempt": record.attempt,
            "number": str(record.number or ""),
        },
    )
