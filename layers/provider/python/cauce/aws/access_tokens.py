"""The access tokens of the API's callers, and how many requests each has made."""

import logging
import math
from collections.abc import Iterator
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from cauce import faults
from cauce.aws import items, keys
from cauce.aws.table import InTable, Table
from cauce.domain.access_token import LAST_USE_IS_GOOD_FOR, AccessToken
from cauce.domain.errors import TooManyRequests
from cauce.domain.issuer import RequestLimit

_log = logging.getLogger("cauce")

# How long a token's count is kept after its window, for containers with late clocks; DynamoDB's TTL then deletes it.
_KEPT_SECONDS = 3_600


class AccessTokens(InTable):
    def __init__(self, table: Table):
        super().__init__(table)
        self._known = items.Known[AccessToken]("schema", "data", "last_used")

    def save(self, token: AccessToken) -> None:
        """Write a token, without ``last_used``, which ``used`` alone writes."""
        attributes = {
            "list_pk": keys.tokens_of(token.issuer),
            "list_sk": f"{token.id:012d}",
            "schema": items.SCHEMA,
            "data": token.model_dump_json(exclude_defaults=True, exclude={"last_used_at"}),
        }
        self._table.set(keys.access_token(token.id), attributes)

    def read(self, token_id: int) -> AccessToken | None:
        item = self._table.get(keys.access_token(token_id))
        if item is None:
            return None
        return self._known.of(item) or self._known.keep(item, items.stored_token(item))

    def all(self, nit: str) -> Iterator[AccessToken]:
        """An issuer's tokens."""
        for token_id in self._table.listed(keys.tokens_of(nit)):
            token = self.read(int(token_id))
            if token is not None:
                yield token

    def used(self, token: AccessToken, now: datetime) -> None:
        """Keep when a token was used, at most once an hour; of two uses at once, the first. A fault of DynamoDB is
        only logged: it must not stop the request."""
        told = token.last_used_at
        if told is not None and now - told < LAST_USE_IS_GOOD_FOR:
            return
        as_read = "attribute_exists(pk) AND attribute_not_exists(last_used)"
        values = {":now": now.isoformat()}
        if told is not None:
            as_read, values[":told"] = "last_used = :told", told.isoformat()
        try:
            with faults.time_for(0):  # one try: the caller is waiting
                self._table.update(
                    keys.access_token(token.id), "SET last_used = :now", values, condition=as_read
                )
        except (BotoCoreError, ClientError) as trouble:
            _log.warning(
                "last use of a token not kept", extra={"token": token.id, "error": type(trouble).__name__}
            )


class RequestCounts(InTable):
    """The requests of each token, counted for all containers: one conditional write a request.

    A request counts in a window, as long as the limit says, that begins at a multiple of its length since the epoch:
    all containers are in the same one. Each count is an item of its own, which is not read after its window. Refused
    requests are not counted, so in the next window the token has its whole limit again.
    """

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
