"""Lots in the table: their own items, those of lines without a record, and the index that tells every line's state.

In ``by_lot`` a record stands under ``{shown_state}.{state}#{place}``, and a line without one under
``invalido#{place}`` or ``repetido#{place}``: every line that was taken is there exactly once, whatever its
document's state.
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, zip_longest
from typing import TypedDict, Unpack

from cauce.aws import items, keys
from cauce.aws.items import Attributes, Item
from cauce.aws.table import MOST_READ, InTable
from cauce.domain.errors import NotFound, Stale, WrittenByNewer
from cauce.domain.lot import Lot, LotLine, LotState, Refusal, Repetition
from cauce.domain.record import SHOWN_STATE, Listed, State

_UNFINISHED = SHOWN_STATE[State.RECEIVED]
_WAITING = f"{_UNFINISHED}.{State.RECEIVED.value}#"


class _Changes(TypedDict, total=False):
    """What changes of a lot: attributes beside ``data``. A change is conditional on ``position`` and ``state``."""

    state: LotState
    position: int
    offset: int
    blank: int
    due_at: datetime | None
    last_error: str | None


_CHANGES = frozenset(_Changes.__annotations__)


@dataclass(frozen=True)
class LotPage:
    """Lines of a lot in their present state, and where the next page starts (``None`` at the end)."""

    rows: list[Listed | Refusal | tuple[Repetition, Listed]]
    next: str | None


class Lots(InTable):
    def create(self, lot: Lot) -> Lot:
        """Write a new lot and return it; where a lot of this id exists, nothing is written and that one is
        returned."""
        is_new = self._table.put(items.pack(_attributes(lot)), "attribute_not_exists(pk)")
        return lot if is_new else self.lot(lot.issuer, lot.lot_id)

    def find(self, nit: str, lot_id: str) -> Lot | None:
        if not (keys.is_id(nit) and keys.is_id(lot_id)):
            return None
        found = self._table.get(keys.lot(nit, lot_id))
        return _lot(found) if found else None

    def lot(self, nit: str, lot_id: str) -> Lot:
        """A lot of an issuer. Raises NotFound, also for another issuer's lot: the issuer is part of the key."""
        found = self.find(nit, lot_id)
        if found is None:
            raise NotFound("El lote no existe o no pertenece a tu empresa.")
        return found

    def change(self, lot: Lot, **changes: Unpack[_Changes]) -> Lot:
        """Write changes of a lot. Raises Stale where its position or its state has changed since it was read."""
        following = lot.model_copy(update=changes)
        attributes = {name: value for name, value in _attributes(following).items() if name in _KEPT}
        is_written = self._table.set(
            keys.lot(lot.issuer, lot.lot_id),
            attributes,
            sorted(_KEPT - attributes.keys()),
            condition="#position = :read_position AND #state = :read_state",
            values={":read_position": lot.position, ":read_state": lot.state.value},
        )
        if not is_written:
            raise Stale(lot.lot_id)
        return following

    def due(self, now: datetime, limit: int) -> list[Lot]:
        """Lots whose ``due_at`` has passed (their reading stopped, or their file should have come): one of each
        issuer in turn, each issuer's longest due first.

        Reads the keys of all due lots, and the items of the first ``limit``. The index lags: lots whose item is not
        due any more are left out.
        """
        return self._due(keys.OPEN_LOTS, now, limit)

    def read_to_their_end(self, now: datetime, limit: int) -> list[Lot]:
        """Lots that are read to their end and whose end is still to be told; as ``due``."""
        return self._due(keys.READ_LOTS, now, limit)

    def _due(self, partition: str, now: datetime, limit: int) -> list[Lot]:
        values = {":lots": partition, ":now": items.instant(now)}
        by_issuer: dict[str, list[keys.Key]] = {}
        for row in self._table.rows(keys.OPEN, "open_pk = :lots AND open_sk <= :now", values):
            key = items.key(row)
            by_issuer.setdefault(keys.issuer_of_lot(key), []).append(key)
        in_turns = (key for turn in zip_longest(*by_issuer.values()) for key in turn if key is not None)
        found: list[Lot] = []
        for item in self._read(list(islice(in_turns, limit))):
            if item.get("open_pk", {}).get("S") == partition:  # else the index still has it where it was
                with suppress(WrittenByNewer):  # logged; the other lots go on
                    found.append(_lot(item))
        return [lot for lot in found if lot.due_at is not None and lot.due_at <= now]

    def being_read(self, nit: str, most: int) -> int:
        """How many lots of an issuer are in state READING, counted up to ``most``."""
        lots = {":lots": keys.lots_of(nit)}
        return self._table.query(keys.BY_ISSUER, "list_pk = :lots", lots, Select="COUNT", Limit=most)["Count"]

    def latest(self, nit: str, limit: int, start: str | None) -> tuple[list[Lot], str | None]:
        """An issuer's lots, those being read and then the others, the latest first; and where the next page starts.
        ``start`` is such a place. Lots that came to their end before this index had them are not in it.

        Two queries, one where there is a ``start``, and a reading of the lots.
        """
        rows: list[Item] = []
        if start is None:
            reading = {":lots": keys.lots_of(nit)}
            rows += self._table.query(keys.BY_ISSUER, "list_pk = :lots", reading, Limit=limit)["Items"]
        partition, after = keys.other_lots_of(nit), Attributes()
        if start:
            own = keys.lot(nit, start.rpartition("#")[2])
            after["ExclusiveStartKey"] = items.pack({**own, "list_pk": partition, "list_sk": start})
        answer = self._table.query(
            keys.BY_ISSUER,
            "list_pk = :lots",
            {":lots": partition},
            ScanIndexForward=False,
            Limit=limit,
            **after,
        )
        found: list[Lot] = []
        for item in self._table.read(map(items.key, (*rows, *answer["Items"]))):
            with suppress(WrittenByNewer):  # logged; the other lots are told
                found.append(_lot(item))
        last = answer.get("LastEvaluatedKey")
        return found, last["list_sk"]["S"] if last else None

    # Lines

    def refuse(self, nit: str, refusal: Refusal) -> None:
        """Keep a line's refusal. Idempotent."""
        self._table.put(items.line_item(nit, refusal))

    def repeat(self, nit: str, repetition: Repetition) -> None:
        """Keep that a line's document is the one of an existing record. Idempotent."""
        self._table.put(items.line_item(nit, repetition))

    def is_kept(self, nit: str, line: LotLine) -> bool:
        """Whether a line is stored as refused or as a repetition."""
        return bool(self._table.attributes(keys.line(nit, line.lot, line.place), "pk"))

    def refusals(self, lot: Lot, places: list[str]) -> list[Refusal]:
        """The refusals of a lot's lines at these places."""
        wanted = [keys.line(lot.issuer, lot.lot_id, place) for place in places]
        return [items.value(item, Refusal) for item in self._read(wanted)]

    def waiting(self, nit: str, lot_id: str, most: int) -> int:
        """How many of a lot's records are still in state RECEIVED, counted up to ``most``."""
        values = {":lot": keys.lines_of(nit, lot_id), ":waiting": _WAITING}
        condition = "lot_pk = :lot AND begins_with(lot_sk, :waiting)"
        return self._table.query(keys.BY_LOT, condition, values, Select="COUNT", Limit=most)["Count"]

    def is_unfinished(self, nit: str, lot_id: str) -> bool:
        """Whether any of a lot's records is unsettled. Reads one entry of the index."""
        values = {":lot": keys.lines_of(nit, lot_id), ":unfinished": f"{_UNFINISHED}."}
        condition = "lot_pk = :lot AND begins_with(lot_sk, :unfinished)"
        return self._table.query(keys.BY_LOT, condition, values, Select="COUNT", Limit=1)["Count"] > 0

    def counts(self, nit: str, lot_id: str) -> Counter[str]:
        """How many of a lot's lines are in each ``shown_state``. Reads the lot's index entries, not its records.

        A line whose state changes during the query may be found in two states: it counts once, as ``pendiente`` if
        that is one of them.
        """
        found: dict[str, str] = {}
        lot = {":lot": keys.lines_of(nit, lot_id)}
        for row in self._table.rows(keys.BY_LOT, "lot_pk = :lot", lot, ProjectionExpression="lot_sk"):
            state, _, place = row["lot_sk"]["S"].partition("#")
            shown_state = state.partition(".")[0]
            if found.setdefault(place, shown_state) != shown_state and shown_state == _UNFINISHED:
                found[place] = shown_state
        return Counter(found.values())

    def page(
        self, nit: str, lot_id: str, *, shown_state: str | None, limit: int, start: str | None
    ) -> LotPage:
        """Lines of a lot, by ``shown_state`` and then by place. ``start`` is a page's ``next``.

        Reads one page of the index and its items. The index lags: a line whose item is no longer in this lot and
        ``shown_state`` is left out.
        """
        partition = keys.lines_of(nit, lot_id)
        condition, values = "lot_pk = :lot", {":lot": partition}
        if shown_state:
            condition += " AND begins_with(lot_sk, :shown_state)"
            values[":shown_state"] = shown_state
        after: Attributes = {}
        if start:
            lot_sk, _, document_id = start.partition(" ")
            place = lot_sk.partition("#")[2]
            key = keys.record(nit, document_id) if document_id else keys.line(nit, lot_id, place)
            after["ExclusiveStartKey"] = items.pack({**key, "lot_pk": partition, "lot_sk": lot_sk})
        answer = self._table.query(keys.BY_LOT, condition, values, Limit=limit, **after)
        last = answer.get("LastEvaluatedKey")
        found = [
            item
            for item in self._table.read(map(items.key, answer["Items"]))
            if item["lot_pk"]["S"] == partition and item["lot_sk"]["S"].startswith(shown_state or "")
        ]
        return LotPage(rows=self._rows(nit, found), next=_position(last) if last else None)

    def _read(self, wanted: list[keys.Key]) -> Iterator[Item]:
        for start in range(0, len(wanted), MOST_READ):
            yield from self._table.read(wanted[start : start + MOST_READ])

    def _rows(self, nit: str, found: list[Item]) -> list[Listed | Refusal | tuple[Repetition, Listed]]:
        repeated = {
            item["sk"]["S"]: items.value(item, Repetition)
            for item in found
            if item["lot_sk"]["S"].startswith(items.REPEATED)
        }
        wanted = {each.document_id: keys.record(nit, each.document_id) for each in repeated.values()}
        own = [item for item in found if item["sk"]["S"] == keys.RECORD]
        heads = self._table.for_lists([*self._table.read(wanted.values()), *own])
        records = {record.document_id: record for record in (items.listed(*each) for each in heads)}
        rows: list[Listed | Refusal | tuple[Repetition, Listed]] = []
        for item in found:
            if item["sk"]["S"] == keys.RECORD:
                rows.append(records[keys.of_record(item["pk"]["S"])[1]])
            elif item["sk"]["S"] in repeated:
                repetition = repeated[item["sk"]["S"]]
                rows.append((repetition, records[repetition.document_id]))
            else:
                rows.append(items.value(item, Refusal))
        return rows


_KEPT = _CHANGES | {"list_pk", "list_sk", "open_pk", "open_sk"}


def _attributes(lot: Lot) -> Attributes:
    attributes: Attributes = {
        **keys.lot(lot.issuer, lot.lot_id),
        "schema": items.SCHEMA,
        "data": lot.model_dump_json(exclude=set(_CHANGES)),
        "state": lot.state.value,
        "position": lot.position,
        "offset": lot.offset,
        "blank": lot.blank,
        "last_error": lot.last_error,
    }
    if lot.due_at is not None:
        attributes |= {
            "due_at": lot.due_at.isoformat(),
            "open_pk": keys.READ_LOTS if lot.state is LotState.READ else keys.OPEN_LOTS,
            "open_sk": items.instant(lot.due_at),
        }
    if lot.state is LotState.READING:
        attributes |= {"list_pk": keys.lots_of(lot.issuer), "list_sk": lot.lot_id}
    else:
        came = items.instant(lot.created_at)
        attributes |= {"list_pk": keys.other_lots_of(lot.issuer), "list_sk": f"{came}#{lot.lot_id}"}
    return {name: value for name, value in attributes.items() if value is not None}


def _position(key: Item) -> str:
    """An index entry as a page's ``next``: its place in the index, and the document's id where it is a record's."""
    document = key["pk"]["S"].rpartition("#")[2] if key["sk"]["S"] == "RECORD" else ""
    return f"{key['lot_sk']['S']} {document}".rstrip()


def _lot(item: Item) -> Lot:
    attributes = items.read(item)
    changes = {name: attributes[name] for name in _CHANGES & attributes.keys()}
    return Lot.model_validate(
        {
            **json.loads(attributes["data"]),
            **changes,
            # Lots written before ``blank`` was kept have none.
            **{name: int(changes.get(name, 0)) for name in ("position", "offset", "blank")},
        }
    )
