"""The one table: an item read by its key, written on a condition, alone or with others in a transaction."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from cauce import faults
from cauce.aws import batches, items, keys
from cauce.aws.items import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Write: TypeAlias = Any
"""One of the writes of a transaction, as boto3 takes it: ``{"Put": {…}}`` or ``{"Update": {…}}``."""

FAILED = "ConditionalCheckFailed"
"""Why a write of a transaction was refused: its condition did not hold."""
_CONFLICT_PAUSES_SECONDS = (0.05, 0.1, 0.2, 0.4)


class Table:
    """The stack's table. Raises what boto raises, but for a condition that does not hold."""

    def __init__(self, client: "DynamoDBClient", name: str, sleep: Callable[[float], None]):
        self.client = client
        self.name = name
        self._sleep = sleep

    def get(self, key: keys.Key) -> Item | None:
        """The item under a key, read consistently."""
        answer = self.client.get_item(TableName=self.name, Key=items.pack(dict(key)), ConsistentRead=True)
        return dict(answer["Item"]) if "Item" in answer else None

    def read(self, wanted: Iterable[keys.Key]) -> list[Item]:
        """As ``batches.read``."""
        return batches.read(self.client, self.name, list(wanted))

    def update(
        self,
        key: keys.Key,
        update: str,
        values: Item,
        *,
        condition: str | None = None,
        names: dict[str, str] | None = None,
    ) -> Item | None:
        """Update an item, as ``write`` does."""
        return self.write(self.updating(key, update, values, condition=condition, names=names))

    def write(self, update: Write) -> Item | None:
        """Make an update that ``updating`` gave; the attributes that were written, as Python values. ``None`` where
        its condition did not hold."""
        try:
            answer = self.client.update_item(**update["Update"], ReturnValues="UPDATED_NEW")
        except self.client.exceptions.ConditionalCheckFailedException:
            return None
        return items.unpack(dict(answer.get("Attributes", {})))

    def putting(self, item: Item, condition: str, values: Item | None = None) -> Write:
        """A write that puts a packed item in its place, on a condition."""
        return {"Put": self._on_condition({"Item": item}, condition, values)}

    def updating(
        self,
        key: keys.Key,
        update: str,
        values: Item,
        *,
        condition: str | None = None,
        names: dict[str, str] | None = None,
    ) -> Write:
        """A write that updates an item, on a condition if there is one."""
        what = {"Key": items.pack(dict(key)), "UpdateExpression": update}
        if names:
            what["ExpressionAttributeNames"] = names
        return {"Update": self._on_condition(what, condition, values)}

    def _on_condition(self, what: Write, condition: str | None, values: Item | None) -> Write:
        write = {"TableName": self.name, **what}
        if condition:
            write["ConditionExpression"] = condition
        if values:
            write["ExpressionAttributeValues"] = items.pack(values)
        return write

    def listed(self, partition: str) -> Iterator[str]:
        """The sort keys of a partition of the index ``by_issuer``, in their order."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.name,
            IndexName=keys.BY_ISSUER,
            KeyConditionExpression="list_pk = :pk",
            ExpressionAttributeValues=items.pack({":pk": partition}),
        )
        for answer in pages:
            yield from (item["list_sk"]["S"] for item in answer["Items"])

    def transact(self, writes: list[Write]) -> None:
        """Write all or nothing."""
        self.past_transactions(lambda: self.client.transact_write_items(TransactItems=writes))

    def past_transactions(self, write: Callable[[], object]) -> None:
        """Write; repeat where another transaction held one of the items, which boto does not repeat."""
        for pause in _CONFLICT_PAUSES_SECONDS:
            try:
                write()
                return
            except (
                self.client.exceptions.TransactionCanceledException,
                self.client.exceptions.TransactionConflictException,
            ) as met:
                if not faults.is_fault(met):
                    raise
            self._sleep(pause)
        write()


def reasons(response: Any) -> list[str]:
    """The reason of each item of a cancelled transaction; «None» for those that were in order."""
    return [reason.get("Code", "None") for reason in response["CancellationReasons"]]
