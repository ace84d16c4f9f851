"""An issuer's records by date of issue, and by number. What comes from the indexes lags."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING

from cauce.aws import items, keys
from cauce.aws.items import Attributes, Item
from cauce.aws.table import MOST_READ, InTable
from cauce.domain.document import Kind
from cauce.domain.errors import WrittenByNewer
from cauce.domain.outcome import Number
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Listed, Record
from cauce.domain.time import bogota

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import QueryOutputTypeDef


# Rows of the index that one query reads: two hundred bytes each.
_ROWS_AT_ONCE = 1_000


@dataclass(frozen=True)
class Page:
    """A page of records, and where the next one starts (``None`` at the end)."""

    records: list[Listed]
    next: str | None


class Listing(InTable):
    def page(
        self,
        nit: str,
        *,
        shown_state: str | None,
        since: date | None,
        until: date | None,
        limit: int,
        start: str | None,
    ) -> Page:
        """An issuer's records by date of issue, newest first. ``start`` is a page's ``next``.

        Reads a page of the index and the heads of its records. The index lags: records that are no longer in the
        state or between the dates are left out, and further queries fill the page. Records that a newer Cauce wrote
        are left out too: one that cannot be read would make its page fail, and hide every page after it.
        """
        found: list[Listed] = []
        while len(found) < limit:
            answer = self._list(nit, shown_state, since, until, limit - len(found), start)
            found += [
                record
                for record in self._readable(answer["Items"])
                if (shown_state is None or record.shown_state == shown_state)
                and _issued_within(record, since, until)
            ]
            last = answer.get("LastEvaluatedKey")
            start = last["list_sk"]["S"] if last else None
            if start is None:
                break
        return Page(records=found, next=start)

    def position_after(
        self, nit: str, *, shown_state: str | None, since: date | None, until: date | None, rows: int
    ) -> str | None:
        """Where a listing goes on after its first ``rows`` records, or ``None`` where it has no more."""
        start = None
        while rows > 0:
            answer = self._list(nit, shown_state, since, until, rows, start)
            rows -= len(answer["Items"])
            last = answer.get("LastEvaluatedKey")
            if last is None:
                return None
            start = last["list_sk"]["S"]
        return start

    def _list(
        self,
        nit: str,
        shown_state: str | None,
        since: date | None,
        until: date | None,
        limit: int,
        start: str | None,
    ) -> "QueryOutputTypeDef":
        index, attribute, partition = (
            (keys.BY_STATE, "state_pk", keys.records_in_state(nit, shown_state))
            if shown_state
            else (keys.BY_ISSUER, "list_pk", keys.records_of(nit))
        )
        after: Attributes = {}
        if start:
            here = keys.record(nit, start.rpartition("#")[2])
            after["ExclusiveStartKey"] = items.pack({attribute: partition, "list_sk": start, **here})
        return self._table.query(
            index,
            f"{attribute} = :partition AND list_sk BETWEEN :since AND :until",
            {
                ":partition": partition,
                ":since": since.isoformat() if since else "0",
                ":until": f"{until.isoformat()}T~" if until else "~",
            },
            ScanIndexForward=False,
            Limit=limit,
            **after,
        )

    def between(
        self, nit: str, since: date, until: date, start: str | None
    ) -> Iterator[tuple[str, Record | None]]:
        """An issuer's records from one date of issue to another, oldest first, behind the position ``start``. Each
        with its own position; ``None`` for one that a newer Cauce wrote.

        Reads a page of the index, and then the records fifty at a time as they are asked for. The index lags: records
        that are no longer between the dates are left out.
        """
        partition = keys.records_of(nit)
        first = (
            f"{start}!" if start else since.isoformat()
        )  # «!» is in no position, and sorts before all that are
        rows = self._table.rows(
            keys.BY_ISSUER,
            "list_pk = :records AND list_sk BETWEEN :first AND :last",
            {":records": partition, ":first": first, ":last": f"{until.isoformat()}T~"},
            Limit=_ROWS_AT_ONCE,
        )
        while page := list(islice(rows, MOST_READ // 2)):
            positions = {row["pk"]["S"]: row["list_sk"]["S"] for row in page}
            for head, content in self._table.records(map(items.key, page)):
                position = positions[head["pk"]["S"]]
                try:
                    record = items.record(head, content)
                except WrittenByNewer:  # logged
                    yield position, None
                    continue
                if _issued_within(record, since, until):
                    yield position, record

    def issued_at(self, nit: str, moment: datetime) -> list[Record]:
        """An issuer's records that were issued in one second, a hundred at most, as far as the index knows."""
        return self._issued(nit, items.list_position(moment, ""))

    def issued_on(self, nit: str, day: date) -> list[Record]:
        """An issuer's records that were issued on a day, Bogotá, a hundred at most, as far as the index knows."""
        return self._issued(nit, day.isoformat())

    def _issued(self, nit: str, beginning: str) -> list[Record]:
        answer = self._table.query(
            keys.BY_ISSUER,
            "list_pk = :records AND begins_with(list_sk, :beginning)",
            {":records": keys.records_of(nit), ":beginning": beginning},
            Limit=MOST_READ,
        )
        return [items.record(*found) for found in self._table.records(map(items.key, answer["Items"]))]

    def _readable(self, rows: Iterable[Item]) -> Iterator[Listed]:
        """The records of rows of an index, without those that a newer Cauce wrote."""
        for found in self._table.for_lists(self._table.read(map(items.key, rows))):
            with suppress(WrittenByNewer):  # logged; the others are told
                yield items.listed(*found)


def _issued_within(record: Listed, since: date | None, until: date | None) -> bool:
    issued = bogota(record.issued_at).date()
    return (since is None or since <= issued) and (until is None or issued <= until)


class Numbers(InTable):
    """The numbers that an issuer's records have, of each kind of document."""

    def taken(self, nit: str, kind: Kind) -> Iterator[tuple[Number, Record]]:
        """Every number that was ever taken for a kind of document, by prefix and consecutive, with its record.

        A record appears once for each number it used: a provider may give its correction another one.
        """
        positions = self._table.listed(keys.numbers_of(nit, kind))
        while page := list(islice(positions, MOST_READ)):
            rows = [position.rsplit("#", 2) for position in page]
            found = self._records(nit, (document_id for _, _, document_id in rows))
            for prefix, consecutive, document_id in rows:
                if document_id in found:
                    yield Number(prefix=prefix, consecutive=int(consecutive)), found[document_id]

    def holders(self, nit: str, kind: Kind, numbers: Iterable[Number]) -> Iterator[tuple[Number, Record]]:
        """Those of ``numbers`` that were ever taken, each with its record. They are read by key, not from an index
        that lags."""
        wanted = {keys.number(nit, kind, str(number))["pk"]: number for number in numbers}
        for n in range(0, len(wanted), MOST_READ):
            asked = [{"pk": pk, "sk": "NUMBER"} for pk in list(wanted)[n : n + MOST_READ]]
            claims = {wanted[item["pk"]["S"]]: item["document_id"]["S"] for item in self._table.read(asked)}
            found = self._records(nit, claims.values())
            yield from ((number, found[document_id]) for number, document_id in claims.items())

    def before(self, nit: str, kind: Kind, number: Number) -> Number | None:
        """The highest number of a prefix below this one that a record of the issuer ever took, as far as the index
        knows. One query of one row."""
        answer = self._table.query(
            keys.BY_ISSUER,
            "list_pk = :numbers AND list_sk BETWEEN :first AND :last",
            {
                ":numbers": keys.numbers_of(nit, kind),
                ":first": items.number_position(number.prefix, 0),
                ":last": items.number_position(number.prefix, number.consecutive),
            },
            ScanIndexForward=False,
            Limit=1,
        )
        rows = [item["list_sk"]["S"].rsplit("#", 2) for item in answer["Items"]]
        return Number(prefix=rows[0][0], consecutive=int(rows[0][1])) if rows else None

    def last(self, nit: str, kind: Kind, numbering_range: NumberingRange) -> int | None:
        """The highest number of a range that a record of the issuer has, as far as the index knows. One query of one
        row."""
        answer = self._table.query(
            keys.BY_ISSUER,
            "list_pk = :numbers AND list_sk BETWEEN :first AND :last",
            {
                ":numbers": keys.numbers_of(nit, kind),
                ":first": items.number_position(numbering_range.prefix, numbering_range.start),
                ":last": items.number_position(numbering_range.prefix, numbering_range.end) + "~",
            },
            ScanIndexForward=False,
            Limit=1,
        )
        rows = [item["list_sk"]["S"].rsplit("#", 2)[1] for item in answer["Items"]]
        return int(rows[0]) if rows else None

    def _records(self, nit: str, ids: Iterable[str]) -> dict[str, Record]:
        """An issuer's records with these ids, a hundred at most, by id."""
        found = self._table.records(keys.record(nit, document_id) for document_id in dict.fromkeys(ids))
        return {record.document_id: record for record in (items.record(*each) for each in found)}
