"""Indexes that lag, as DynamoDB's do and moto's never: what was written is seen by a query only some queries later.

Every entry of an index comes and goes in its own time, so that an item whose keys changed may be found under the old
ones, under both, or not at all. Reads by key stay exact. An answer holds what the index projects and nothing else,
and says where the next page starts whenever it is full, even if nothing follows.
Source: DynamoDB's developer guide, «Read consistency» (all reads from global secondary indexes are eventually
consistent) and «Paginating table query results»; no order between entries is promised, so none is kept.
"""

import base64
import json
import random
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple

from botocore.awsrequest import AWSResponse
from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID

from tests import stack

_CONDITION = re.compile(
    r"(?P<partition>#?\w+) = (?P<whose>:\w+)"
    r"(?: AND (?:#?\w+ BETWEEN (?P<since>:\w+) AND (?P<until>:\w+)"
    r"|begins_with\(\w+, (?P<prefix>:\w+)\)|\w+ <= (?P<most>:\w+)))?"
)


class Entry(NamedTuple):
    """An item's place in an index; as a tuple it sorts as the index does."""

    name: str
    partition: str
    place: str
    pk: str
    sk: str
    shown: str
    """What the index has of it besides its keys, as JSON."""


Where = tuple[str, str, str, str, str]
"""An entry without what it shows."""


class LateIndexes:
    """Stands before the indexes of the stack's table, for one client.

    ``lag``: how many queries more do not see a change, asked for each; none where every query sees all.
    """

    def __init__(self, client: Any, lag: Callable[[], int] = lambda: 0):
        definitions = stack.template()["Resources"]["Table"]["Properties"]["GlobalSecondaryIndexes"]
        self._keys: dict[str, tuple[str, str]] = {
            each["IndexName"]: (each["KeySchema"][0]["AttributeName"], each["KeySchema"][1]["AttributeName"])
            for each in definitions
        }
        self._more: dict[str, list[str]] = {
            each["IndexName"]: each["Projection"].get("NonKeyAttributes", []) for each in definitions
        }
        self._lag = lag
        self._queries = 0
        self._view: Callable[[set[Entry]], set[Entry]] | None = None
        self._seen: set[Entry] = self._true()
        self._due: dict[Where, int] = {}
        self.lagged = 0
        """How many queries were answered otherwise than moto's would have been."""
        client.meta.events.register("before-call.dynamodb.Query", self._query)

    def standing(self) -> AbstractContextManager[None]:
        """Meanwhile no query sees anything that is written from now on."""
        before = self._true()
        return self._seen_as(lambda _: before)

    def doubled(self) -> AbstractContextManager[None]:
        """Meanwhile whatever moves is seen where it is, and still where it was."""
        before = self._true()
        return self._seen_as(lambda true: before | true)

    def caught_up(self) -> AbstractContextManager[None]:
        """Meanwhile every query sees everything."""
        return self._seen_as(lambda true: true)

    def lacking(self, place: str) -> AbstractContextManager[None]:
        """Meanwhile no query sees what stands at a place with this in it."""
        return self._seen_as(lambda true: {entry for entry in true if place not in entry.place})

    @contextmanager
    def _seen_as(self, view: Callable[[set[Entry]], set[Entry]]) -> Iterator[None]:
        self._view = view
        try:
            yield
        finally:
            self._view = None

    def _query(self, params: Any, **_: Any) -> Any:
        asked = json.loads(params["body"])
        if "IndexName" not in asked:
            return None
        self._catch_up()
        found = self._page(asked, self._seen)
        self.lagged += found != self._page(asked, self._true())
        rows, last = found
        answer: dict[str, Any] = {"Count": len(rows), "ScannedCount": len(rows)}
        if asked.get("Select") != "COUNT":
            wanted = asked.get("ProjectionExpression")
            answer["Items"] = [{wanted: row[wanted]} if wanted else row for row in rows]
        if last:
            answer["LastEvaluatedKey"] = last
        return AWSResponse("http://dynamodb", 200, {}, None), answer

    def _catch_up(self) -> None:
        self._queries += 1
        true = self._true()
        if self._view is not None:
            self._seen = self._view(true)
            return
        changed = self._seen ^ true
        # What changes in its place changes at once, in one query.
        self._due = {each: self._due[each] for each in map(_where, changed) if each in self._due}
        for entry in sorted(changed):
            if self._due.setdefault(_where(entry), self._queries + self._lag()) <= self._queries:
                self._seen ^= {entry}

    def _true(self) -> set[Entry]:
        table = get_backend("dynamodb")[DEFAULT_ACCOUNT_ID][stack.REGION].tables["cauce"]
        found = set()
        for item in table.all_items():
            values = {name: kept.value for name, kept in item.attrs.items() if kept.type == "S"}
            for index, (partition, place) in self._keys.items():
                if partition in values and place in values:
                    more = {
                        name: item.attrs[name].to_json() for name in self._more[index] if name in item.attrs
                    }
                    own = values[partition], values[place], values["pk"], values["sk"]
                    found.add(Entry(index, *own, json.dumps(more, sort_keys=True)))
        return found

    def _page(self, asked: dict[str, Any], seen: set[Entry]) -> tuple[list[dict[str, Any]], Any]:
        """The rows that a query finds, and the key that the next page starts after."""
        index = asked["IndexName"]
        partition, place = self._keys[index]
        condition = _CONDITION.fullmatch(asked["KeyConditionExpression"])
        assert condition is not None, asked["KeyConditionExpression"]
        name = condition["partition"]
        assert asked.get("ExpressionAttributeNames", {}).get(name, name) == partition
        given = {name: value["S"] for name, value in asked["ExpressionAttributeValues"].items()}
        bounds = {name: given[value] for name, value in condition.groupdict().items() if value in given}
        found = {
            _where(entry): entry
            for entry in sorted(seen)
            if (entry.name, entry.partition) == (index, bounds["whose"]) and _within(entry.place, bounds)
        }
        rows = list(found.values())
        forward = asked.get("ScanIndexForward", True)
        if not forward:
            rows.reverse()
        start = asked.get("ExclusiveStartKey")
        if start:
            names = (partition, place, "pk", "sk")
            after = (index, *(start[name]["S"] for name in names))
            rows = [row for row in rows if (_where(row) > after if forward else _where(row) < after)]
        limit = asked.get("Limit", len(rows) + 1)
        keys = [
            {partition: {"S": each.partition}, place: {"S": each.place}, "pk": {"S": each.pk}, "sk": {"S": each.sk}}
            for each in rows[:limit]
        ]  # fmt: skip
        shown = [{**key, **_as_parsed(each.shown)} for key, each in zip(keys, rows, strict=False)]
        return shown, keys[-1] if len(keys) == limit else None


def _where(entry: Entry) -> "Where":
    return entry.name, entry.partition, entry.place, entry.pk, entry.sk


def _as_parsed(shown: str) -> dict[str, Any]:
    """As botocore gives it: bytes are no longer in base64."""
    typed = json.loads(shown)
    return {name: {"B": base64.b64decode(it["B"])} if "B" in it else it for name, it in typed.items()}


def _within(place: str, bounds: dict[str, str]) -> bool:
    if "prefix" in bounds:
        return place.startswith(bounds["prefix"])
    return bounds.get("since", "") <= place <= bounds.get("until", bounds.get("most", "\U0010ffff"))


def at_random(seed: int) -> Callable[[], int]:
    """Lags as they come: some changes are seen at once, most a few queries later, now and then one much later."""
    chance = random.Random(seed)
    return lambda: chance.choice((0, 0, 0, 1, 1, 2, 3, 5, 8, 20))
