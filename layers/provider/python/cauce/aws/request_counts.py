"""How many requests each token has made, counted for all containers: one conditional write a request.

A request counts in a window, as long as the limit says, that begins at a multiple of its length since the epoch: all
containers are in the same one. Each count is an item of its own, which is not read after its window. Refused requests
are not counted, so in the next window the token has its whole limit again.
"""

import logging
import math
from datetime import datetime

from cauce import faults
from cauce.aws import keys
from cauce.aws.table import InTable
from cauce.domain.access_token import AccessToken
from cauce.domain.errors import TooManyRequests
from cauce.domain.issuer import RequestLimit

_log = logging.getLogger("cauce")

# How long a count is kept after its window, for containers with late clocks; DynamoDB's TTL then deletes it.
_KEPT_SECONDS = 3_600


class RequestCounts(InTable):
    def count(self, token: AccessToken, limit: RequestLimit, now: datetime, *, acts: bool) -> None:
        """Count a request, acting and reading ones separately. Raises TooManyRequests beyond the limit.

        Where DynamoDB fails the only try, the request is let through: its caller is waiting, and may be within the
        limit.
        """
        window = int(now.timestamp()) // limit.seconds * limit.seconds
        ends = window + limit.seconds
        try:
            with faults.time_for(0):
                counted = self._table.update(
                    keys.requests(token.issuer, token.id, "acts" if acts else "reads", window),
                    "ADD made :one SET expires_at = :expires_at",
                    {":one": 1, ":limit": limit.requests, ":expires_at": ends + _KEPT_SECONDS},
                    condition="attribute_not_exists(made) OR made < :limit",
                )
        except faults.RAISED as fault:
            if not faults.is_fault(fault):
                raise
            _log.warning("request not counted", extra={"token": token.id, "error": type(fault).__name__})
            return
        if counted is None:
            raise TooManyRequests(
                limit.requests, limit.seconds, acts=acts, retry_after=math.ceil(ends - now.timestamp())
            )
