"""What is remembered of a service's failures, for every container of a credential: ``domain.outage`` in the table."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from cauce.aws import items, keys
from cauce.domain.outage import Failure, Outage, OutageRules

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Outages:
    """The outages of every issuer's credential at every provider."""

    def __init__(self, client: "DynamoDBClient", table: str):
        self._client = client
        self._table = table

    def read(self, nit: str, provider: str) -> Outage | None:
        key = items.pack(dict(keys.outage(nit, provider)))
        answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return items.value(dict(answer["Item"]), Outage) if "Item" in answer else None

    def failed(self, nit: str, provider: str, failure: Failure, rules: OutageRules, now: datetime) -> None:
        """Count a failure. Two at the same moment are one: they would not be far enough apart."""
        known = self.read(nit, provider)
        before = known or Outage(since=now, failed_at=now)
        self._write(nit, provider, before.failed(failure, rules, now))

    def answered(self, nit: str, provider: str, now: datetime) -> None:
        """A document was answered: whatever there was is over."""
        known = self.read(nit, provider)
        if known is not None and not known.is_over:
            self._write(nit, provider, known.over(now))

    def _write(self, nit: str, provider: str, outage: Outage) -> None:
        """Where somebody else wrote first, theirs stands: the next call says again what is the case."""
        following = outage.model_copy(update={"version": outage.version + 1})
        attributes: dict[str, Any] = {
            **keys.outage(nit, provider),
            "version": following.version,
            "data": following.model_dump_json(exclude_defaults=True),
        }
        try:
            self._client.put_item(
                TableName=self._table,
                Item=items.pack(attributes),
                ConditionExpression="attribute_not_exists(pk) OR version = :read",
                ExpressionAttributeValues=items.pack({":read": outage.version}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return
