"""How many requests each token has made, for every container: one conditional write a request.

They are counted by windows, each as long as the limit says. A window begins at a multiple of that length since the
epoch, so every container is in the same one. A count is an item of its own, and nobody looks at it after its window.
What is refused is not counted: in the next window its token has the whole limit again.
"""

import logging
import math
from datetime import datetime
from typing import TYPE_CHECKING

from cauce import faults
from cauce.aws import items, keys
from cauce.domain.access import AccessToken
from cauce.domain.errors import TooManyRequests
from cauce.domain.issuer import RequestLimit

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_log = logging.getLogger("cauce")

# After its window, for containers whose clocks are late; then DynamoDB deletes the count by itself.
_KEPT_SECONDS = 3_600


class RequestCounts:
    """The counts of every token of the stack."""

    def __init__(self, client: "DynamoDBClient", table: str):
        self._client = client
        self._table = table

    def count(self, token: AccessToken, limit: RequestLimit, now: datetime, *, acts: bool) -> None:
        """Count a request; those that act apart from those that read. Raises TooManyRequests for one too many.

        What DynamoDB does not count in one try is let through: whoever asked is waiting, and may be within the limit.
        """
        window = int(now.timestamp()) // limit.seconds * limit.seconds
        ends = window + limit.seconds
        try:
            with faults.time_for(0):
                self._client.update_item(
                    TableName=self._table,
                    Key=items.pack(
                        dict(keys.requests(token.issuer, token.id, "acts" if acts else "reads", window))
                    ),
                    UpdateExpression="ADD made :one SET expires_at = :expires_at",
                    ConditionExpression="attribute_not_exists(made) OR made < :limit",
                    ExpressionAttributeValues=items.pack(
                        {":one": 1, ":limit": limit.requests, ":expires_at": ends + _KEPT_SECONDS}
                    ),
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            raise TooManyRequests(
                limit.requests, limit.seconds, acts=acts, retry_after=math.ceil(ends - now.timestamp())
            ) from None
        except faults.RAISED as fault:
            if not faults.is_fault(fault):
                raise
            _log.warning("request not counted", extra={"token": token.id, "error": type(fault).__name__})
