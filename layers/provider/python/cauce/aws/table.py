"""The one table: items read by key or from an index, and written on a condition, alone or with others in a
transaction."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from botocore.exceptions import ClientError

from cauce import faults
from cauce.aws import items, keys
from cauce.aws.items import Attributes, Item
from cauce.domain.errors import Busy

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryOutputTypeDef

Write: TypeAlias = Any
"""One of the writes of a transaction, as boto3 takes it: ``{"Put": {…}}`` or ``{"Update": {…}}``."""

FAILED = "ConditionalCheckFailed"
"""Why a write of a transaction was refused: its condition did not hold."""
MOST_READ = 100
"""Keys that DynamoDB reads in one call."""
# A transaction is being written for milliseconds.
_TORN_PAUSES_SECONDS = (0.0, 0.01, 0.05, 0.1, 0.2, 0.4)
_THROTTLED_PAUSES_SECONDS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8)
_CONFLICT_PAUSES_SECONDS = (0.05, 0.1, 0.2, 0.4)


class Table:
    """The stack's table. Raises what boto raises, but for a condition that does not hold."""

    def __init__(self, client: "DynamoDBClient", name: str, sleep: Callable[[float], None]):
        self.client = client
        self.name = name
        self._sleep = sleep
        self._ahead: dict[tuple[str, str], Item | None] = {}

    @contextmanager
    def ahead(self, wanted: Iterable[keys.Key]) -> Iterator[None]:
        """Around work that reads these items: they are read now, in one call, and the first reading of each costs
        none. What is read a second time, or after it was written here, is read anew."""
        asked = list(wanted)
        found = {_place(key): None for key in asked} | {_place(items.key(it)): it for it in self.read(asked)}
        self._ahead = dict(found)
        try:
            yield
        finally:
            self._ahead = {}

    def get(self, key: keys.Key) -> Item | None:
        """The item under a key, read consistently."""
        if _place(key) in self._ahead:
            return self._ahead.pop(_place(key))
        answer = self.client.get_item(TableName=self.name, Key=items.pack(key), ConsistentRead=True)
        return dict(answer["Item"]) if "Item" in answer else None

    def attributes(self, key: keys.Key, *names: str) -> Attributes:
        """An item's attributes, or those of these names, read consistently; empty where there is no item."""
        only: Attributes = {"ProjectionExpression": ", ".join(names)} if names else {}
        answer = self.client.get_item(TableName=self.name, Key=items.pack(key), ConsistentRead=True, **only)
        return items.unpack(dict(answer.get("Item", {})))

    def read(self, wanted: Iterable[keys.Key]) -> list[Item]:
        """The items under at most ``MOST_READ`` keys, read consistently, in the order asked, without absent ones.

        A key may be given twice, as by an index in which an item has just moved: it is read once, since DynamoDB
        refuses repeated keys. Raises Busy while the table is throttled.
        """
        order = list(dict.fromkeys(map(_place, wanted)))
        found = self._known(order)
        pending = [items.pack({"pk": pk, "sk": sk}) for pk, sk in order if (pk, sk) not in found]
        for pause in _THROTTLED_PAUSES_SECONDS:
            if not pending:
                break
            self._sleep(pause)
            answer = self.client.batch_get_item(
                RequestItems={self.name: {"Keys": pending, "ConsistentRead": True}}
            )
            for read in answer["Responses"].get(self.name, []):
                found[read["pk"]["S"], read["sk"]["S"]] = dict(read)
            unprocessed = answer.get("UnprocessedKeys", {}).get(self.name)
            pending = [dict(key) for key in unprocessed["Keys"]] if unprocessed else []
        if pending:
            raise Busy("La lectura de documentos está saturada; intente de nuevo en un segundo.")
        return [item for place in order if (item := found.get(place)) is not None]

    def _known(self, places: list[tuple[str, str]]) -> dict[tuple[str, str], Item | None]:
        """Those of these items that were read ahead, or found absent then; each is given once."""
        return {place: self._ahead.pop(place) for place in places if place in self._ahead}

    def records(self, wanted: Iterable[keys.Key]) -> Iterator[tuple[Item, Item | None]]:
        """The records under these keys, in the order asked, without absent ones: the item of each, and its content's,
        which those of an older form lack. Fifty are read in one call.

        Read consistently; two items that were read while they were written are read again. Raises Busy.
        """
        every = iter(wanted)
        while page := list(dict.fromkeys(key["pk"] for key in islice(every, MOST_READ // 2))):
            found: dict[str, tuple[Item, Item | None]] = {}
            torn = page
            for pause in _TORN_PAUSES_SECONDS:
                if pause:
                    self._sleep(pause)
                found |= self._pairs(torn)
                torn = [pk for pk, pair in found.items() if items.is_torn(*pair)]
                if not torn:
                    break
            else:
                raise Busy("El documento se está corrigiendo; intente de nuevo en un segundo.")
            yield from (found[pk] for pk in page if pk in found)

    def for_lists(self, heads: list[Item]) -> Iterator[tuple[Item, Item | None]]:
        """These heads of records, each with its content if a list needs that, which is then read, and the head with
        it."""
        needing = map(items.key, filter(items.needs_content, heads))
        whole = {head["pk"]["S"]: (head, content) for head, content in self.records(needing)}
        return (whole.get(head["pk"]["S"], (head, None)) for head in heads)

    def _pairs(self, partitions: list[str]) -> dict[str, tuple[Item, Item | None]]:
        """The two items of each of these records, by their partition."""
        read = self.read({"pk": pk, "sk": sk} for pk in partitions for sk in (keys.RECORD, keys.CONTENT))
        contents = {item["pk"]["S"]: item for item in read if item["sk"]["S"] == keys.CONTENT}
        heads = (item for item in read if item["sk"]["S"] == keys.RECORD)
        return {head["pk"]["S"]: (head, contents.get(head["pk"]["S"])) for head in heads}

    def query(self, index: str, condition: str, values: Attributes, **how: Any) -> "QueryOutputTypeDef":
        """One answer of an index, which lags. ``how``: further arguments of boto's ``query``."""
        return self.client.query(**self._asking(index, condition, values), **how)

    def rows(self, index: str, condition: str, values: Attributes, **how: Any) -> Iterator[Item]:
        """All rows of an index that meet a condition, page after page; as ``query``."""
        pages = self.client.get_paginator("query")
        for answer in pages.paginate(**self._asking(index, condition, values), **how):
            yield from map(dict, answer["Items"])

    def _asking(self, index: str, condition: str, values: Attributes) -> dict[str, Any]:
        return {
            "TableName": self.name,
            "IndexName": index,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": items.pack(values),
        }

    def listed(self, partition: str) -> Iterator[str]:
        """The sort keys of a partition of the index by issuer, in their order."""
        rows = self.rows(keys.BY_ISSUER, "list_pk = :pk", {":pk": partition})
        return (row["list_sk"]["S"] for row in rows)

    def put(self, item: Item, condition: str | None = None, values: Attributes | None = None) -> bool:
        """Put a packed item in its place; whether the condition held."""
        try:
            self.client.put_item(**self.putting(item, condition, values)["Put"])
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def update(
        self,
        key: keys.Key,
        update: str,
        values: Attributes,
        *,
        condition: str | None = None,
        names: dict[str, str] | None = None,
        whole: bool = False,
    ) -> Attributes | None:
        """Update an item, as ``write`` does."""
        return self.write(self.updating(key, update, values, condition=condition, names=names), whole=whole)

    def set(
        self,
        key: keys.Key,
        attributes: Attributes,
        gone: Collection[str] = (),
        *,
        condition: str | None = None,
        values: Attributes | None = None,
    ) -> bool:
        """Set these attributes of an item and remove those that are ``gone``; whether the condition held.

        The condition has an attribute as ``#name``, and its new value as ``:name``.
        """
        update = "SET " + ", ".join(f"#{name} = :{name}" for name in attributes)
        removed = ", ".join(f"#{name}" for name in gone)
        written = self.update(
            key,
            f"{update} REMOVE {removed}" if removed else update,
            {**{f":{name}": value for name, value in attributes.items()}, **(values or {})},
            condition=condition,
            names={f"#{name}": name for name in (*attributes, *gone)},
        )
        return written is not None

    def write(self, update: Write, *, whole: bool = False) -> Attributes | None:
        """Make an update that ``updating`` gave; the attributes that were written, or the ``whole`` item. ``None``
        where its condition did not hold."""
        try:
            answer = self.client.update_item(
                **update["Update"], ReturnValues="ALL_NEW" if whole else "UPDATED_NEW"
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return None
        return items.unpack(dict(answer.get("Attributes", {})))

    def putting(self, item: Item, condition: str | None = None, values: Attributes | None = None) -> Write:
        """A write that puts a packed item in its place, on a condition if there is one."""
        return {"Put": self._on_condition({"Item": item}, condition, values)}

    def updating(
        self,
        key: keys.Key,
        update: str,
        values: Attributes,
        *,
        condition: str | None = None,
        names: dict[str, str] | None = None,
    ) -> Write:
        """A write that updates an item, on a condition if there is one."""
        what: Write = {"Key": items.pack(key), "UpdateExpression": update}
        if names:
            what["ExpressionAttributeNames"] = names
        return {"Update": self._on_condition(what, condition, values)}

    def _on_condition(self, what: Write, condition: str | None, values: Attributes | None) -> Write:
        own = what.get("Key") or what["Item"]
        self._ahead.pop(_place(items.key(own)), None)
        write = {"TableName": self.name, **what}
        if condition:
            write["ConditionExpression"] = condition
        if values:
            write["ExpressionAttributeValues"] = items.pack(values)
        return write

    def write_all(self, writes: list[Write]) -> list[bool]:
        """Write all or nothing; for each write, whether its condition refused it. One put alone is no transaction.

        Tries again where another transaction held one of the items, which boto does not.
        """
        for pause in _CONFLICT_PAUSES_SECONDS:
            try:
                return self._write_all(writes)
            except (
                self.client.exceptions.TransactionCanceledException,
                self.client.exceptions.TransactionConflictException,
            ) as met:
                if not faults.is_fault(met):
                    raise
            self._sleep(pause)
        return self._write_all(writes)

    def _write_all(self, writes: list[Write]) -> list[bool]:
        try:
            if len(writes) > 1:
                self.client.transact_write_items(TransactItems=writes)
            else:
                self.client.put_item(**writes[0]["Put"])
        except self.client.exceptions.ConditionalCheckFailedException:
            return [True]
        except self.client.exceptions.TransactionCanceledException as cancelled:
            refused = [reason == FAILED for reason in reasons(cancelled)]
            if not any(refused):
                raise
            return refused
        return [False] * len(writes)


def _place(key: keys.Key) -> tuple[str, str]:
    return key["pk"], key["sk"]


class InTable:
    """Base of the classes that keep one subject (issuers, lots, …) in the table."""

    def __init__(self, table: Table):
        self._table = table


def reasons(cancelled: ClientError) -> list[str]:
    """The reason of each item of a cancelled transaction; «None» for those that were in order."""
    return [reason.get("Code", "None") for reason in cancelled.response["CancellationReasons"]]
