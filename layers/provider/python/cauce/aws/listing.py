"""An issuer's records as lists show them, and its numbers. What comes from the indexes lags."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from cauce.aws import beginnings, items, keys
from cauce.aws.items import Item
from cauce.aws.table import MOST_READ, InTable
from cauce.domain.document import Kind
from cauce.domain.errors import InvalidDocument, WrittenByNewer
from cauce.domain.outcome import Number
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import SHOWN_STATE, Listed, Record, State
from cauce.domain.search import Search

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import QueryOutputTypeDef

# Of a search that no index decides alone, a page looks at so many rows at most and the next page goes on: rows that
# have what a list shows, and rows whose records are read by key.
_MOST_WHOLE, _MOST_BY_KEY = 500, 200
# Where a page of a search by beginning starts: among the numbers, or among the other parties.
_AT_NUMBER, _AT_PARTY = "N", "P"
_ACCEPTED = SHOWN_STATE[State.ACCEPTED]


# Rows of the index that one query reads: two hundred bytes each.
_ROWS_AT_ONCE = 1_000


@dataclass(frozen=True)
class Page:
    """A page of records, and where the next one starts (``None`` at the end)."""

    records: list[Listed]
    next: str | None


@dataclass(frozen=True)
class _Way:
    """The rows of an index that a search goes through: those of a partition between two places."""

    index: str
    partition_name: str
    partition: str
    place_name: str
    first: str
    last: str
    decides: str | None = None
    """The field of the search that all of these rows have, besides the dates."""
    is_whole: bool = False
    """Whether a row has what a list shows; else its record is read by key."""
    has_id: bool = True
    """Whether a row's place ends in the record's id."""

    def decides_all_of(self, search: Search) -> bool:
        """Whether a row's place alone decides whether it is found."""
        return search.asks <= {"since", "until", self.decides}

    def position(self, row: Item) -> str:
        """Where a page ends whose last row this is."""
        place: str = row[self.place_name]["S"]
        return place if self.has_id else f"{place}#{keys.of_record(row['pk']['S'])[1]}"

    def after(self, nit: str, position: str) -> Item:
        """The key of the row at a position. Raises InvalidDocument where there can be none: DynamoDB refuses it."""
        before, _, document_id = position.rpartition("#")
        place = position if self.has_id else before
        if not (self.first <= place <= self.last and keys.is_id(document_id)):
            raise InvalidDocument("El cursor no es de esta búsqueda.", field="cursor")
        own = keys.record(nit, document_id)
        return items.pack({self.partition_name: self.partition, self.place_name: place, **own})


class Listing(InTable):
    def page(self, nit: str, search: Search, *, limit: int, start: str | None) -> Page:
        """The records that a search finds, newest first; ``start`` is a page's ``next``.

        What has a reference, a number or a CUFE is one page. By a beginning, first comes what has it in its number,
        by number, then what has it in the other party's identification, by that. A page of a search that no index
        decides alone may be short, or even empty, and have a next one all the same: what it reads is bounded. Raises
        InvalidDocument for a ``start`` that is none of this search.

        The index lags: a row may say what was so a moment ago. Records that a newer Cauce wrote are left out: one
        that cannot be read would make its page fail, and hide every page after it.
        """
        if search.is_by_key:
            return Page(self._named(nit, search), None)
        if search.beginning:
            return self._by_beginning(nit, search, search.beginning, limit, start)
        return self._walk(_way(nit, search), nit, search, limit, start)

    @staticmethod
    def counts(search: Search) -> bool:
        """Whether ``position_after`` can count what a search finds."""
        return not (search.is_by_key or search.beginning) and _way("", search).decides_all_of(search)

    def position_after(self, nit: str, search: Search, *, rows: int) -> str | None:
        """Where a listing goes on after its first ``rows`` records, or ``None`` where it has no more."""
        start, way = None, _way(nit, search)
        while rows > 0:
            answer = self._query(way, nit, rows, start, Select="COUNT")
            rows -= answer["Count"]
            start = _following(way, answer)
            if start is None:
                return None
        return start

    def _walk(self, way: _Way, nit: str, search: Search, limit: int, start: str | None) -> Page:
        found: dict[str, Listed] = {}
        most, looked_at = _MOST_WHOLE if way.is_whole else _MOST_BY_KEY, 0
        while looked_at < most:
            is_likely = looked_at == 0 or way.decides_all_of(search)
            step = min(limit - len(found) if is_likely else MOST_READ, most - looked_at)
            answer = self._query(way, nit, step, start)
            shown, start = self._shown(answer["Items"], is_whole=way.is_whole), _following(way, answer)
            looked_at += len(answer["Items"])
            for row in answer["Items"]:
                record = shown.get(row["pk"]["S"])
                if record is not None and search.finds(record):
                    found.setdefault(row["pk"]["S"], record)
                if len(found) == limit:
                    is_last = start is None and row is answer["Items"][-1]
                    return Page(list(found.values()), None if is_last else way.position(row))
            if start is None:
                break
        return Page(list(found.values()), start)

    def _query(self, way: _Way, nit: str, limit: int, start: str | None, **how: Any) -> "QueryOutputTypeDef":
        """The next rows of a way, its last place first."""
        if start is not None:
            how["ExclusiveStartKey"] = way.after(nit, start)
        return self._table.query(
            way.index,
            f"{way.partition_name} = :partition AND {way.place_name} BETWEEN :first AND :last",
            {":partition": way.partition, ":first": way.first, ":last": way.last},
            ScanIndexForward=False,
            Limit=limit,
            **how,
        )

    def between(
        self, nit: str, since: date, until: date, start: str | None
    ) -> Iterator[tuple[str, Record | None]]:
        """An issuer's records from one date of issue to another, oldest first, behind the position ``start``. Each
        with its own position; ``None`` for one that a newer Cauce wrote.

        Reads a page of the index, and then the records fifty at a time as they are asked for. The index lags: records
        that are no longer between the dates are left out.
        """
        partition, search = keys.records_of(nit), Search(since=since, until=until)
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
                if search.finds(record):
                    yield position, record

    def _shown(self, rows: Iterable[Item], *, is_whole: bool) -> dict[str, Listed]:
        """The records of rows of an index, by their partition, without those that a newer Cauce wrote."""
        heads = list(rows) if is_whole else self._table.read(map(items.key, rows))
        shown = {}
        for head, content in self._table.for_lists(heads):
            with suppress(WrittenByNewer):  # logged; the others are told
                shown[head["pk"]["S"]] = items.listed(head, content)
        return shown

    def _named(self, nit: str, search: Search) -> list[Listed]:
        """What a search by reference, CUFE or number finds."""
        if search.reference:
            claims = [keys.reference(nit, search.reference)]
        elif search.uuid:
            claims = [keys.uuid(nit, search.uuid)]
        else:
            claims = [keys.number(nit, kind, search.number or "") for kind in _kinds(search)]
        found = self._of_ids(nit, (claim["document_id"]["S"] for claim in self._table.read(claims)))
        return [record for record in found.values() if search.finds(record)]

    def _of_ids(self, nit: str, ids: Iterable[str]) -> dict[str, Listed]:
        """An issuer's records with these ids, a hundred at most, by id."""
        shown = self._shown((items.pack(keys.record(nit, each)) for each in ids), is_whole=False)
        return {keys.of_record(partition)[1]: record for partition, record in shown.items()}

    def _by_beginning(self, nit: str, search: Search, beginning: str, limit: int, start: str | None) -> Page:
        phase, place = (start or _AT_NUMBER)[0], (start or "")[1:] or None
        begun = Page([], None)
        if phase == _AT_NUMBER:
            begun, place = self._by_number(nit, search, beginning, limit, place), None
            if begun.next is not None:
                return begun
        left = limit - len(begun.records)
        if left == 0:
            return Page(begun.records, _AT_PARTY)
        way = _of_party(nit, beginning, f"{beginning}~")
        page = self._walk(way, nit, replace(search, is_found_by_party=True), left, place)
        return Page([*begun.records, *page.records], f"{_AT_PARTY}{page.next}" if page.next else None)

    def _by_number(self, nit: str, search: Search, beginning: str, limit: int, start: str | None) -> Page:
        """The records that a search finds whose number begins so."""
        begun, following = beginnings.begun(self._table, nit, _kinds(search), beginning, limit, start)
        records = self._of_ids(nit, (document_id for _, document_id in begun))
        # A record may have had another number before a correction.
        taken = ((number, records[document_id]) for number, document_id in begun if document_id in records)
        found = [each for number, each in taken if str(each.number) == number and search.finds(each)]
        return Page(found, f"{_AT_NUMBER}{following}" if following else None)

    def reindex(self, nit: str) -> int:
        """Give an issuer's records that are older than the indexes by kind and by the other party their places there;
        how many got them.

        One that is written meanwhile gets them so. It may be repeated.
        """
        given = 0
        rows = self._table.rows(keys.BY_ISSUER, "list_pk = :records", {":records": keys.records_of(nit)})
        while page := list(islice(rows, MOST_READ)):
            heads = [head for head in self._table.read(map(items.key, page)) if "kind_pk" not in head]
            for partition, record in self._shown(heads, is_whole=True).items():
                places = {name: at for name, at in items.found_by(nit, record).items() if at is not None}
                key = {"pk": partition, "sk": keys.RECORD}
                given += self._table.set(key, places, condition="attribute_not_exists(kind_pk)")
        return given

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


def _way(nit: str, search: Search) -> _Way:
    """The index that a search goes by: the one that has fewest rows besides those that are found.

    Nearly all records are accepted, and of most issuers nearly all are invoices.
    """
    since = search.since.isoformat() if search.since else ""
    until = f"{search.until.isoformat()}T~" if search.until else "~"
    if search.counterparty:
        return _of_party(
            nit, f"{search.counterparty}#{since}", f"{search.counterparty}#{until}", "counterparty"
        )
    is_rare = search.shown_state not in (None, _ACCEPTED)
    is_usual = search.shown_state == _ACCEPTED and search.kind is Kind.INVOICE
    dates = since or "0", until
    if search.kind and not (is_rare or is_usual):
        partition = keys.records_of_kind(nit, search.kind)
        return _Way(keys.BY_KIND, "kind_pk", partition, "list_sk", *dates, decides="kind")
    if search.shown_state:
        partition = keys.records_in_state(nit, search.shown_state)
        return _Way(
            keys.BY_STATE, "state_pk", partition, "list_sk", *dates, decides="shown_state", is_whole=True
        )
    return _Way(keys.BY_ISSUER, "list_pk", keys.records_of(nit), "list_sk", *dates, is_whole=True)


def _of_party(nit: str, first: str, last: str, decides: str | None = None) -> _Way:
    """Records by the identification of the other party, between two places."""
    return _Way(
        keys.BY_PARTY, "list_pk", keys.records_of(nit), "party_sk", first, last, decides, has_id=False
    )


def _kinds(search: Search) -> list[Kind]:
    return [search.kind] if search.kind else list(Kind)


def _following(way: _Way, answer: "QueryOutputTypeDef") -> str | None:
    last = answer.get("LastEvaluatedKey")
    return way.position(last) if last else None


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
