"""The table: records, numbers, issuers, access tokens. Every read is by key or by index, never a scan."""

import logging
import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from cauce import faults
from cauce.aws import batches, items, keys, range_keys
from cauce.aws.items import Item
from cauce.aws.sealed import Seals
from cauce.aws.turns import Line, TooFar
from cauce.domain import life
from cauce.domain.access import LAST_USE_IS_GOOD_FOR, AccessToken
from cauce.domain.document import Kind
from cauce.domain.errors import (
    Busy,
    NotFound,
    NumberingUnavailable,
    NumberTaken,
    QuotaExceeded,
    ReferenceTaken,
    Stale,
    WrittenByNewer,
)
from cauce.domain.issuer import Issuer, Period, Quota
from cauce.domain.lot import Line as LotLine
from cauce.domain.lot import Repetition
from cauce.domain.outcome import Number
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Due, Record, State
from cauce.domain.time import bogota

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_log = logging.getLogger("cauce")

# How long a caller competes for a number before Busy is raised.
_CLAIM_SECONDS = 8.0
# The longest turn (s) at numbers that several callers want; turns are as long as a try takes, longer after each loss.
_LONGEST_TURN = 0.1


@dataclass(frozen=True)
class Page:
    """A page of records, and where the next one starts (``None`` at the end)."""

    records: list[Record]
    next: str | None


class Store:
    """The stack's table."""

    def __init__(self, client: "DynamoDBClient", table: str, seals: Seals):
        self._client = client
        self._table = table
        self.seals = seals
        self._quickest = _LONGEST_TURN
        """Seconds of the quickest try for a number so far: about what one takes without competition."""

    # Records

    def accept(self, record: Record, *, numbered: bool, quota: Quota | None) -> Record:
        """Write a new record, its references, its number and its counts in one transaction.

        It counts in its month and in its year even without a quota, so that a quota that is set later, or for another
        period, finds what was used. With ``numbered`` the next number of ``record.range`` is taken, gapless and
        unique under any number of callers. Raises DocumentTooLarge, ReferenceTaken, QuotaExceeded,
        NumberingUnavailable or Busy; then nothing was written. Raises what boto raises for a fault of AWS, which may
        have written all of it, and for a transaction that can never succeed.
        """
        items.check_fits(record)
        deadline = time.monotonic() + min(_CLAIM_SECONDS, faults.seconds_left())
        losses = 0
        while True:
            began = time.monotonic()
            claim = self._numbered(record) if numbered else record
            try:
                self._client.transact_write_items(TransactItems=self._acceptance(claim, numbered, quota))
                _report(claim)
                return claim
            except self._client.exceptions.TransactionCanceledException as cancelled:
                self._explain(claim, quota, cancelled.response)
                if not _LOST.issuperset(_reasons(cancelled.response)):
                    raise
                if numbered:
                    self._pass_over(claim, cancelled.response)
            except ClientError as error:
                if error.response["Error"]["Code"] not in _CONTENTION:
                    raise
            losses += 1
            self._quickest = min(self._quickest, time.monotonic() - began)
            self._wait_turn(record, losses * self._quickest, deadline - time.monotonic())

    def _wait_turn(self, record: Record, long: float, seconds_left: float) -> None:
        """Wait for a turn, ``long`` seconds long, among the callers that compete for an issuer's numbers and counts.

        Turns only spread the tries: a number is unique because of the transaction alone. Raises Busy where the turn
        is more than ``seconds_left`` away.
        """
        line = Line(self._client, self._table, keys.acceptance_turns(record.issuer))
        gap = math.ceil(min(long, _LONGEST_TURN) * 1000)
        try:
            turn = line.take(round(time.time() * 1000), gap=gap, patience=round(seconds_left * 1000))
        except TooFar as late:
            raise Busy(
                "Demasiadas emisiones a la vez en tu empresa; intente de nuevo en un segundo."
            ) from late
        time.sleep(max(0.0, turn / 1000 - time.time()))

    def _numbered(self, record: Record) -> Record:
        assert record.range is not None
        current = self.range(record.issuer, record.range.key)
        if current.next is None:
            raise NumberingUnavailable(
                f"Del rango {current.prefix} no se sabe el siguiente número; sincronice las numeraciones.",
                field="prefix",
            )
        if current.left == 0:
            raise NumberingUnavailable(
                f"El rango {current.prefix} se agotó; configure otro rango de numeración.", field="prefix"
            )
        number = Number(prefix=current.prefix, consecutive=current.next)
        return life.numbered(record, number)

    def _acceptance(self, record: Record, numbered: bool, quota: Quota | None) -> list[Any]:
        absent = "attribute_not_exists(pk)"
        writes = [self._put(items.record_item(record), absent)]
        for reference in record.references:
            key = keys.reference(record.issuer, reference)
            writes.append(self._put(items.pack({**key, "document_id": record.document_id}), absent))
        if numbered:
            writes.append(self._put(items.number_item(record), absent))
            writes.append({"Update": self._step(record)})
        writes += [{"Update": self._count(record, period, quota)} for period in Period]
        return writes

    def _count(self, record: Record, period: Period, quota: Quota | None) -> Any:
        """The update that counts a record in a period, on condition that a quota of that period has room for it."""
        update: dict[str, Any] = {
            "TableName": self._table,
            "Key": items.pack(dict(keys.quota(record.issuer, period.name_at(record.created_at)))),
            "UpdateExpression": "ADD used :one",
            "ExpressionAttributeValues": items.pack({":one": 1}),
        }
        if quota and quota.period is period:
            update["ConditionExpression"] = "attribute_not_exists(used) OR used < :limit"
            update["ExpressionAttributeValues"] |= items.pack({":limit": quota.limit})
        return update

    def used(self, nit: str, period: Period, moment: datetime) -> int:
        """How many records of an issuer were accepted in the period that a moment is in."""
        item = self._get(keys.quota(nit, period.name_at(moment)))
        return int(items.unpack(item)["used"]) if item else 0

    def _step(self, record: Record) -> Any:
        """The update that moves a range past a record's number, on condition that it is still the next one."""
        assert record.number is not None
        assert record.range is not None
        taken = record.number.consecutive
        return {
            "TableName": self._table,
            "Key": items.pack(dict(keys.numbering_range(record.issuer, record.range.key))),
            "UpdateExpression": "SET #next = :following",
            "ConditionExpression": "#next = :taken",
            "ExpressionAttributeNames": {"#next": "next"},
            "ExpressionAttributeValues": items.pack({":taken": taken, ":following": taken + 1}),
        }

    def _pass_over(self, record: Record, response: Any) -> None:
        """Move a range past its next number where another record has that number.

        This happens where a sync set ``next`` from an index of numbers that lacked the last ones, or where the number
        was taken under another key of the same authorisation. Otherwise every later try would fail at the same
        number.
        """
        at = 1 + len(record.references)
        number, step = _reasons(response)[at : at + 2]
        if number == _FAILED and step != _FAILED:
            try:
                self._client.update_item(**self._step(record))
            except self._client.exceptions.ConditionalCheckFailedException:
                return

    def _explain(self, record: Record, quota: Quota | None, response: Any) -> None:
        """Raise what cancelled the transaction where no other try can succeed; else return."""
        reasons = _reasons(response)
        for position, reference in enumerate(record.references, start=1):
            taken = reasons[position] == _FAILED and self._get(keys.reference(record.issuer, reference))
            if taken:
                raise ReferenceTaken(items.unpack(taken)["document_id"])
        counts = dict(zip(Period, reasons[-len(Period) :], strict=True))
        if quota and counts[quota.period] == _FAILED:
            ends = quota.period.end(record.created_at)
            raise QuotaExceeded(
                used=self.used(record.issuer, quota.period, record.created_at),
                limit=quota.limit,
                period=quota.period.value,
                retry_after=(ends - record.created_at).total_seconds(),
            )

    def correct(self, record: Record, left: LotLine | None) -> Record:
        """Write a corrected record: as ``save_moved`` where it was the record of the lot's line ``left``, else as
        ``save``. Raises DocumentTooLarge too; then nothing was written."""
        items.check_fits(record)
        return self.save(record) if left is None else self.save_moved(record, left)

    def save(self, record: Record) -> Record:
        """Write the next version of a record. Raises Stale where another worker wrote it since it was read."""
        following, write = self._following(record)
        try:
            self._past_transactions(lambda: self._client.put_item(**write["Put"]))
        except self._client.exceptions.ConditionalCheckFailedException as lost:
            raise Stale(record.document_id) from lost
        _report(following)
        return following

    def save_numbered(self, record: Record) -> Record:
        """As ``save``, and claim the number that its provider gave it: a number belongs to one record only. An
        accepted record claims its CUFE too, as in ``save_issued``.

        Raises NumberTaken where another record has the number; then nothing was written.
        """
        return self._save_claiming(record, number=True, uuid=record.state is State.ACCEPTED)

    def save_issued(self, record: Record) -> Record:
        """As ``save``, for a record that was accepted or issued in contingency: ``by_uuid`` finds it by its CUFE from
        then on.

        It is one call, a transaction: twice the record's write units, and two more.
        """
        return self._save_claiming(record, number=False, uuid=True)

    def _save_claiming(self, record: Record, *, number: bool, uuid: bool) -> Record:
        """Write a record together with the items that claim its number and its CUFE for it.

        Where another record has claimed the CUFE, that claim stays: this record is written without one, since DIAN's
        answer must be kept, and the log says so.
        """
        following, write = self._following(record)
        uuid = uuid and record.uuid is not None and keys.is_uuid(record.uuid)
        claims = [items.number_item(record)] if number else []
        claims += [items.uuid_item(record)] if uuid else []
        if not claims:
            return self.save(record)
        try:
            self._transact([write, *(self._claim(item) for item in claims)])
        except self._client.exceptions.TransactionCanceledException as cancelled:
            reasons = _reasons(cancelled.response)
            if reasons[0] == _FAILED:
                raise Stale(record.document_id) from cancelled
            if number and reasons[1] == _FAILED:
                raise NumberTaken(str(record.number)) from cancelled
            if not uuid or reasons[-1] != _FAILED:
                raise
            _log.error(
                "CUFE of another record",
                extra={"document_id": record.document_id, "issuer": record.issuer, "uuid": record.uuid},
            )
            return self._save_claiming(record, number=number, uuid=False)
        _report(following)
        return following

    def save_moved(self, record: Record, left: LotLine) -> Record:
        """As ``save``, and leave a Repetition of the record in the place of the lot's line ``left``, which it had
        before."""
        following, write = self._following(record)
        word = Repetition(line=left, document_id=record.document_id)
        kept = {"Put": {"TableName": self._table, "Item": items.line_item(record.issuer, word)}}
        try:
            self._transact([write, kept])
        except self._client.exceptions.TransactionCanceledException as cancelled:
            if _reasons(cancelled.response)[0] != _FAILED:
                raise
            raise Stale(record.document_id) from cancelled
        _report(following)
        return following

    def record(self, nit: str, document_id: str) -> Record:
        """A record of an issuer. Raises NotFound, also for another issuer's record: the issuer is part of the key."""
        item = self._get(keys.record(nit, document_id)) if keys.is_id(document_id) else None
        if item is None:
            raise NotFound("El documento no existe o no pertenece a tu empresa.")
        return items.value(item, Record)

    def by_reference(self, nit: str, reference: str) -> Record | None:
        item = self._get(keys.reference(nit, reference))
        return self.record(nit, items.unpack(item)["document_id"]) if item else None

    def by_number(self, nit: str, kind: Kind, number: str) -> Record | None:
        item = self._get(keys.number(nit, kind, number))
        return self.record(nit, items.unpack(item)["document_id"]) if item else None

    def by_uuid(self, nit: str, uuid: str) -> Record | None:
        """The record that was accepted, or issued in contingency, with a CUFE, CUDE or CUDS.

        Its ``uuid`` may be another one by now: an invoice of type 04 is void where DIAN has the ordinary one, and a
        rejected one may be corrected. Records that were written before CUFEs were claimed are not found.
        """
        item = self._get(keys.uuid(nit, uuid)) if keys.is_uuid(uuid) else None
        return self.record(nit, items.unpack(item)["document_id"]) if item else None

    def records(
        self,
        nit: str,
        *,
        estado: str | None,
        since: date | None,
        until: date | None,
        limit: int,
        start: str | None,
    ) -> Page:
        """An issuer's records by date of issue, newest first. ``start`` is a page's ``next``.

        Reads a page of the index and its records. The index lags: records that are no longer in the ``estado`` or
        between the dates are left out, and further queries fill the page. So are those that a newer Cauce wrote:
        one of them would close its page, and every page after it.
        """
        found: list[Record] = []
        while len(found) < limit:
            answer = self._list(nit, estado, since, until, limit - len(found), start)
            found += [
                record
                for record in self._readable(
                    [{"pk": item["pk"]["S"], "sk": "RECORD"} for item in answer["Items"]]
                )
                if (estado is None or record.estado == estado) and _issued_within(record, since, until)
            ]
            last = answer.get("LastEvaluatedKey")
            start = last["list_sk"]["S"] if last else None
            if start is None:
                break
        return Page(records=found, next=start)

    def position_after(
        self, nit: str, *, estado: str | None, since: date | None, until: date | None, rows: int
    ) -> str | None:
        """Where a listing goes on after its first ``rows`` records, or ``None`` where it has no more."""
        start = None
        while rows > 0:
            answer = self._list(nit, estado, since, until, rows, start)
            rows -= len(answer["Items"])
            last = answer.get("LastEvaluatedKey")
            if last is None:
                return None
            start = last["list_sk"]["S"]
        return start

    def _list(
        self,
        nit: str,
        estado: str | None,
        since: date | None,
        until: date | None,
        limit: int,
        start: str | None,
    ) -> Any:
        index, attribute, partition = (
            (keys.BY_STATE, "state_pk", keys.records_in_state(nit, estado))
            if estado
            else (keys.BY_ISSUER, "list_pk", keys.records_of(nit))
        )
        query: dict[str, Any] = {
            "IndexName": index,
            "KeyConditionExpression": "#partition = :partition AND list_sk BETWEEN :since AND :until",
            "ExpressionAttributeNames": {"#partition": attribute},
            "ExpressionAttributeValues": items.pack(
                {
                    ":partition": partition,
                    ":since": since.isoformat() if since else "0",
                    ":until": f"{until.isoformat()}T~" if until else "~",
                }
            ),
            "ScanIndexForward": False,
            "Limit": limit,
        }
        if start:
            here = keys.record(nit, start.rpartition("#")[2])
            query["ExclusiveStartKey"] = items.pack({attribute: partition, "list_sk": start, **here})
        return self._client.query(TableName=self._table, **query)

    def due(self, now: datetime) -> list[Due]:
        """Unsettled records whose time to be looked at has come, longest due first.

        Read from the index alone, which lags: the caller reads each record and sees whether it is still due.
        """
        found = [each for shard in keys.open_shards() for each in self._due_in(shard, now)]
        return sorted(found, key=lambda each: each.at)

    def _due_in(self, shard: str, now: datetime) -> Iterator[Due]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=keys.OPEN,
            KeyConditionExpression="open_pk = :shard AND open_sk <= :now",
            # ``open_sk`` is ``{instant}#{provider}``, and «#» sorts before «~».
            ExpressionAttributeValues=items.pack({":shard": shard, ":now": f"{items.instant(now)}~"}),
            PaginationConfig={"MaxItems": _MOST_DUE},
        )
        for page in pages:
            yield from map(items.due, page["Items"])

    def put_off(self, due: Due, until: datetime) -> None:
        """Move a record that this code cannot read to a later place in the index of what is due, if it still has the
        place that was read.

        Nothing else of its item is written, ``due_at`` in its data included: whoever can read it finds it as it was,
        and gives it a place of its own again with the next version.
        """
        try:
            self._client.update_item(
                TableName=self._table,
                Key=items.pack(dict(keys.record(due.issuer, due.document_id))),
                UpdateExpression="SET open_sk = :until",
                ConditionExpression="open_sk = :read",
                ExpressionAttributeValues=items.pack(
                    {
                        ":until": items.due_place(items.instant(until), due.provider),
                        ":read": items.due_place(due.at, due.provider),
                    }
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def issued_at(self, nit: str, moment: datetime) -> list[Record]:
        """An issuer's records that were issued in one second, a hundred at most, as far as the index knows."""
        return self._issued(nit, items.list_position(moment, ""))

    def issued_on(self, nit: str, day: date) -> list[Record]:
        """An issuer's records that were issued on a day, Bogotá, a hundred at most, as far as the index knows."""
        return self._issued(nit, day.isoformat())

    def _issued(self, nit: str, beginning: str) -> list[Record]:
        answer = self._client.query(
            TableName=self._table,
            IndexName=keys.BY_ISSUER,
            KeyConditionExpression="list_pk = :records AND begins_with(list_sk, :beginning)",
            ExpressionAttributeValues=items.pack({":records": keys.records_of(nit), ":beginning": beginning}),
            Limit=100,
        )
        return list(self._batch({"pk": item["pk"]["S"]} for item in answer["Items"]))

    def numbered(self, nit: str, kind: Kind) -> Iterator[tuple[Number, Record]]:
        """Every number that was ever taken for a kind of document, by prefix and consecutive, with its record.

        A record appears once for each number it used: a provider may give its correction another one.
        """
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=keys.BY_ISSUER,
            KeyConditionExpression="list_pk = :numbers",
            ExpressionAttributeValues=items.pack({":numbers": keys.numbers_of(nit, kind)}),
            PaginationConfig={"PageSize": 100},
        )
        for answer in pages:
            rows = [items.unpack(item)["list_sk"].rsplit("#", 2) for item in answer["Items"]]
            documents = dict.fromkeys(document_id for _, _, document_id in rows)
            found = {each.document_id: each for each in self._batch(keys.record(nit, id) for id in documents)}
            for prefix, consecutive, document_id in rows:
                if document_id in found:
                    yield Number(prefix=prefix, consecutive=int(consecutive)), found[document_id]

    def holders(self, nit: str, kind: Kind, numbers: Iterable[Number]) -> Iterator[tuple[Number, Record]]:
        """Those of ``numbers`` that were ever taken, each with its record. They are read by key, not from an index
        that lags."""
        wanted = {keys.number(nit, kind, str(number))["pk"]: number for number in numbers}
        for n in range(0, len(wanted), 100):
            asked = [{"pk": pk, "sk": "NUMBER"} for pk in list(wanted)[n : n + 100]]
            claims = {
                wanted[item["pk"]["S"]]: item["document_id"]["S"]
                for item in batches.read(self._client, self._table, asked)
            }
            found = {
                each.document_id: each for each in self._batch(keys.record(nit, id) for id in claims.values())
            }
            yield from ((number, found[document_id]) for number, document_id in claims.items())

    def last_number(self, nit: str, kind: Kind, numbering_range: NumberingRange) -> int | None:
        """The highest number of a range that a record of the issuer has, as far as the index knows. One query of one
        row."""
        answer = self._client.query(
            TableName=self._table,
            IndexName=keys.BY_ISSUER,
            KeyConditionExpression="list_pk = :numbers AND list_sk BETWEEN :first AND :last",
            ExpressionAttributeValues=items.pack(
                {
                    ":numbers": keys.numbers_of(nit, kind),
                    ":first": items.number_position(numbering_range.prefix, numbering_range.start),
                    ":last": items.number_position(numbering_range.prefix, numbering_range.end) + "~",
                }
            ),
            ScanIndexForward=False,
            Limit=1,
        )
        rows = [items.unpack(item)["list_sk"].rsplit("#", 2)[1] for item in answer["Items"]]
        return int(rows[0]) if rows else None

    # Issuers and ranges

    def save_issuer(self, issuer: Issuer) -> None:
        key = keys.issuer(issuer.nit)
        attributes = {
            **key,
            "list_pk": keys.ISSUERS,
            "list_sk": issuer.nit,
            "schema": items.SCHEMA,
            "data": issuer.model_dump_json(),
        }
        self._client.put_item(TableName=self._table, Item=items.pack(attributes))

    def issuer(self, nit: str) -> Issuer:
        item = self._get(keys.issuer(nit)) if keys.is_id(nit) else None
        if item is None:
            raise NotFound(f"No hay emisor con NIT {nit[:20]}.")
        return items.value(item, Issuer)

    def issuers(self) -> Iterator[Issuer]:
        for found in self._listed(keys.ISSUERS):
            yield self.issuer(found["list_sk"])

    def save_range(self, nit: str, numbering_range: NumberingRange) -> None:
        """Write a synced range. The stored ``next`` is never lowered, whatever the provider says, and a withheld
        technical key leaves the stored one as it is.

        Each of the two writes is one update: a reader finds the range as it was or as it is now, never without its
        ``next``.
        """
        key, gone = range_keys.sealed(self.seals, nit, numbering_range)
        item = {**items.range_item(nit, numbering_range), **key}
        if "next" in item:
            try:
                self._write_range(item, gone, "attribute_not_exists(#next) OR #next < :next")
                return
            except self._client.exceptions.ConditionalCheckFailedException:
                del item["next"]  # the stored one is as high or higher
        self._write_range(item, gone)

    def _write_range(self, item: Item, gone: Iterable[str], condition: str | None = None) -> None:
        values = {f":{name}": value for name, value in item.items() if name not in ("pk", "sk")}
        update = "SET " + ", ".join(f"#{value[1:]} = {value}" for value in values)
        names = {f"#{value[1:]}": value[1:] for value in values}
        if gone:
            update += f" REMOVE {', '.join(gone)}"
        write: dict[str, Any] = {
            "TableName": self._table,
            "Key": {"pk": item["pk"], "sk": item["sk"]},
            "UpdateExpression": update,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }
        if condition:
            write["ConditionExpression"] = condition
        self._client.update_item(**write)

    def range(self, nit: str, key: str) -> NumberingRange:
        """A range, its technical key withheld. Raises NumberingUnavailable where it does not exist."""
        return items.stored_range(self._range_item(nit, key))

    def range_with_key(self, nit: str, key: str) -> NumberingRange:
        """As ``range``, with its technical key, unless that does not open."""
        return range_keys.opened(self.seals, self._range_item(nit, key))

    def ranges(self, nit: str) -> list[NumberingRange]:
        """An issuer's ranges, their technical keys withheld."""
        return [items.stored_range(item) for item in self._range_items(nit)]

    def ranges_with_keys(self, nit: str) -> list[NumberingRange]:
        """As ``ranges``, with those technical keys that open."""
        return [range_keys.opened(self.seals, item) for item in self._range_items(nit)]

    def seal_technical_keys(self, nit: str) -> int:
        """Seal with the present key an issuer's technical keys that are in clear or sealed with an older key; how
        many. Idempotent."""
        done = 0
        for item in self._range_items(nit):
            change = range_keys.sealed_anew(self.seals, item)
            if change is None:
                continue
            before, was, sealed = change
            removed = f" REMOVE {before}" if before != range_keys.SEALED else ""
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key={"pk": item["pk"], "sk": item["sk"]},
                    UpdateExpression=f"SET {range_keys.SEALED} = :sealed{removed}",
                    ConditionExpression=f"{before} = :was",
                    ExpressionAttributeValues=items.pack({":sealed": sealed, ":was": was}),
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                continue  # the range was written meanwhile, and its key sealed
            done += 1
        return done

    def _range_item(self, nit: str, key: str) -> Item:
        item = self._get(keys.numbering_range(nit, key))
        if item is None:
            raise NumberingUnavailable("El rango de numeración ya no existe.", field="prefix")
        return item

    def _range_items(self, nit: str) -> list[Item]:
        found: list[Item] = []
        query: dict[str, Any] = {
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :range)",
            "ExpressionAttributeValues": items.pack({":pk": keys.issuer(nit)["pk"], ":range": "RANGE#"}),
            "ConsistentRead": True,
        }
        for answer in self._client.get_paginator("query").paginate(TableName=self._table, **query):
            found.extend(dict(item) for item in answer["Items"])
        return found

    # Access tokens

    def save_token(self, token: AccessToken) -> None:
        """Write a token, without ``last_used``, which ``token_used`` alone writes."""
        self._client.update_item(
            TableName=self._table,
            Key=items.pack(dict(keys.access_token(token.id))),
            UpdateExpression="SET list_pk = :list_pk, list_sk = :list_sk, #schema = :schema, #data = :data",
            ExpressionAttributeNames={"#schema": "schema", "#data": "data"},
            ExpressionAttributeValues=items.pack(
                {
                    ":list_pk": keys.tokens_of(token.issuer),
                    ":list_sk": f"{token.id:012d}",
                    ":schema": items.SCHEMA,
                    ":data": token.model_dump_json(exclude_defaults=True, exclude={"last_used_at"}),
                }
            ),
        )

    def token(self, token_id: int) -> AccessToken | None:
        item = self._get(keys.access_token(token_id))
        return items.stored_token(item) if item else None

    def token_used(self, token: AccessToken, now: datetime) -> None:
        """Keep when a token was used, at most once an hour; of two uses at once, the first. A fault of DynamoDB is
        only logged: it must not stop the request."""
        told = token.last_used_at
        if told is not None and now - told < LAST_USE_IS_GOOD_FOR:
            return
        as_read, values = (
            "attribute_exists(pk) AND attribute_not_exists(last_used)",
            {":now": now.isoformat()},
        )
        if told is not None:
            as_read, values[":told"] = "last_used = :told", told.isoformat()
        try:
            with faults.time_for(0):  # one try: the caller is waiting
                self._client.update_item(
                    TableName=self._table,
                    Key=items.pack(dict(keys.access_token(token.id))),
                    UpdateExpression="SET last_used = :now",
                    ConditionExpression=as_read,
                    ExpressionAttributeValues=items.pack(values),
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return
        except (BotoCoreError, ClientError) as trouble:
            _log.warning(
                "last use of a token not kept", extra={"token": token.id, "error": type(trouble).__name__}
            )

    def tokens(self, nit: str) -> Iterator[AccessToken]:
        for found in self._listed(keys.tokens_of(nit)):
            token = self.token(int(found["list_sk"]))
            if token is not None:
                yield token

    def next_id(self, name: str) -> int:
        """1, 2, 3… for small public ids (issuers, tokens) and file names; gaps are harmless here, repeats are not."""
        answer = self._client.update_item(
            TableName=self._table,
            Key=items.pack(dict(keys.counter(name))),
            UpdateExpression="ADD given :one",
            ExpressionAttributeValues=items.pack({":one": 1}),
            ReturnValues="UPDATED_NEW",
        )
        return int(items.unpack(dict(answer["Attributes"]))["given"])

    # Inside

    def _transact(self, writes: list[Any]) -> None:
        """Write all or nothing."""
        self._past_transactions(lambda: self._client.transact_write_items(TransactItems=writes))

    def _past_transactions(self, write: Callable[[], object]) -> None:
        """Write; repeat where another transaction held one of the items, which boto does not repeat."""
        for pause in (0.05, 0.1, 0.2, 0.4):
            try:
                write()
                return
            except (
                self._client.exceptions.TransactionCanceledException,
                self._client.exceptions.TransactionConflictException,
            ) as met:
                if not faults.is_fault(met):
                    raise
            time.sleep(pause)
        write()

    def _get(self, key: keys.Key) -> Item | None:
        answer = self._client.get_item(TableName=self._table, Key=items.pack(dict(key)), ConsistentRead=True)
        return dict(answer["Item"]) if "Item" in answer else None

    def _following(self, record: Record) -> tuple[Record, Any]:
        """The next version of a record, and the write of it, which fails where the record was written since it was
        read."""
        following = life.written(record)
        write = self._put(items.record_item(following), "version = :read")
        write["Put"]["ExpressionAttributeValues"] = items.pack({":read": record.version})
        return following, write

    def _claim(self, item: Item) -> Any:
        """The write of an item that claims a number or a CUFE for a record; it fails where another record has claimed
        that."""
        write = self._put(item, "attribute_not_exists(pk) OR document_id = :mine")
        write["Put"]["ExpressionAttributeValues"] = {":mine": item["document_id"]}
        return write

    def _put(self, item: Item, condition: str) -> Any:
        return {"Put": {"TableName": self._table, "Item": item, "ConditionExpression": condition}}

    def _listed(self, partition: str) -> Iterator[Item]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=keys.BY_ISSUER,
            KeyConditionExpression="list_pk = :pk",
            ExpressionAttributeValues=items.pack({":pk": partition}),
        )
        for answer in pages:
            yield from (items.unpack(item) for item in answer["Items"])

    def _readable(self, wanted: list[keys.Key]) -> Iterator[Record]:
        """As ``_batch``, without the records that a newer Cauce wrote."""
        for item in batches.read(self._client, self._table, wanted):
            with suppress(WrittenByNewer):  # logged; the others are told
                yield items.value(item, Record)

    def _batch(self, wanted: Iterable[keys.Key]) -> list[Record]:
        """The records under these keys, consistent, in the order asked. Raises Busy while throttled."""
        asked = [{"pk": key["pk"], "sk": "RECORD"} for key in wanted]
        return [items.value(item, Record) for item in batches.read(self._client, self._table, asked)]


_FAILED = "ConditionalCheckFailed"
# The reasons of a cancelled transaction after which another try may succeed: some of its items failed a condition or
# were contended. Any other reason means that the transaction itself is wrong.
_LOST = frozenset(
    {"None", _FAILED, "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
)


def _reasons(response: Any) -> list[str]:
    """The reason of each item of a cancelled transaction; «None» for those that were in order."""
    return [reason.get("Code", "None") for reason in response["CancellationReasons"]]


# The most rows of a shard of the index that one run of the schedule reads, a hundred bytes each.
_MOST_DUE = 50_000

_CONTENTION = frozenset(
    {
        "TransactionConflictException",
        "TransactionInProgressException",
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
    }
)


def _report(record: Record) -> None:
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


def _issued_within(record: Record, since: date | None, until: date | None) -> bool:
    issued = bogota(record.issued_at).date()
    return (since is None or since <= issued) and (until is None or issued <= until)
