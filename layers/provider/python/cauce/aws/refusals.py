"""The certificates that a provider refused, remembered for every container of a credential."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cauce.aws import items, keys

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# How old the list in memory may get. A certificate that was refused in that time may be tried once more: it is only
# refused again.
_MAX_AGE_SECONDS = 60


class SharedRefusals:
    """The certificates refused to one issuer at one provider: an item with an attribute for each fingerprint, since
    when."""

    def __init__(
        self, client: "DynamoDBClient", table: str, nit: str, provider: str, clock: Callable[[], float]
    ):
        self._client = client
        self._table = table
        self._key = items.pack(dict(keys.certificates(nit, provider)))
        self._clock = clock
        self._known: dict[str, datetime] = {}
        self._read_at: float | None = None

    def known(self) -> Mapping[str, datetime]:
        """As ``providers.base.Refusals`` says."""
        now = self._clock()
        if self._read_at is None or not 0 <= now - self._read_at < _MAX_AGE_SECONDS:
            answer = self._client.get_item(TableName=self._table, Key=self._key, ConsistentRead=True)
            found = {**answer.get("Item", {})}
            refused = {name: value for name, value in items.unpack(found).items() if name not in self._key}
            self._known = {name: datetime.fromisoformat(since) for name, since in refused.items()}
            self._read_at = now
        return self._known

    def add(self, fingerprint: str) -> None:
        since = datetime.fromtimestamp(self._clock(), UTC)
        values = items.pack({":since": since.isoformat()})
        self._update(
            fingerprint,
            UpdateExpression="SET #it = if_not_exists(#it, :since)",
            ExpressionAttributeValues=values,
        )
        self._known = {fingerprint: since, **self._known}

    def remove(self, fingerprint: str) -> None:
        self._update(fingerprint, UpdateExpression="REMOVE #it")
        self._known = {name: since for name, since in self._known.items() if name != fingerprint}

    def _update(self, fingerprint: str, **what: Any) -> None:
        self._client.update_item(
            TableName=self._table, Key=self._key, ExpressionAttributeNames={"#it": fingerprint}, **what
        )
