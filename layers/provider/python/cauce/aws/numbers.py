"""The numbers that an issuer's records have, of each kind of document."""

from collections.abc import Iterable, Iterator
from itertools import islice

from cauce.aws import items, keys
from cauce.aws.table import MOST_READ, InTable
from cauce.domain.document import Kind
from cauce.domain.outcome import Number
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record


class Numbers(InTable):
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
        found = self._table.read(keys.record(nit, document_id) for document_id in ids)
        return {record.document_id: record for record in (items.value(item, Record) for item in found)}
