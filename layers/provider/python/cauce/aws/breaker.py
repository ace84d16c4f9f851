"""The circuit breaker of one credential: when a provider keeps silent, stop asking it, and try one call at a time.

It opens after failures in a row. An open one lets a single call through whenever its time comes, by moving that time
on before the call (a lease: a prober that dies only delays the next). An answer of any kind closes it. Nothing is
lost meanwhile: who is held stays where it is, with a time to come back.
"""

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cauce.aws import items, keys
from cauce.aws.pace import PATIENCE_SECONDS, held
from cauce.domain.errors import CauceError, Held, InvalidDocument, NotSent, OutcomeUnknown, Unsupported
from cauce.domain.life import backoff
from cauce.domain.outage import Failure
from cauce.providers.base import Wait

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_log = logging.getLogger("cauce")

OPENS_AFTER = 5
"""Failures in a row."""
IN_A_ROW_SECONDS = 600
"""Failures further apart than this do not belong to one outage."""
# A call may last 60 s and its function 90: a probe that has not answered by then has died.
_PROBE_SECONDS = 90
_LONGEST_BACKOFF = 4


class Breaker:
    """The breaker of one issuer's credential at one provider."""

    def __init__(
        self, client: "DynamoDBClient", table: str, nit: str, provider: str, clock: Callable[[], float]
    ):
        self._client = client
        self._table = table
        self._nit = nit
        self._provider = provider
        self._key = items.pack(dict(keys.calls(nit, provider)))
        self._clock = clock
        self._seen: dict[str, Any] = {}
        self._probing = False

    def admit(self) -> None:
        """Raise Held where the provider is not to be called now: it is out, or its pace is used up for a while."""
        self._seen = self._read()
        self._probing = False
        now = self._clock()
        turn = int(self._seen.get("next_at", 0)) - now * 1000
        if turn > PATIENCE_SECONDS * 1000:
            raise held(int(turn))
        if "open_until" not in self._seen:
            return
        until = int(self._seen["open_until"])
        if now < until or not self._lease(until, now):
            raise _out(max(1.0, until - now))
        self._probing = True

    def wait(self) -> Wait:
        """As ``providers.base.Provider`` says."""
        seen, now = self._read(), self._clock()
        turn = max(0.0, int(seen.get("next_at", 0)) / 1000 - now)
        if "open_until" not in seen:
            return Wait(turn)
        return Wait(max(turn, int(seen["open_until"]) - now), is_sure=False)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Around a call that was admitted: whether the provider answered, whatever it said."""
        try:
            yield
        except (Held, Unsupported, InvalidDocument):  # nobody was asked
            raise
        except (NotSent, OutcomeUnknown) as silence:
            if silence.failure is Failure.CUT_SHORT:  # it may have answered, had we waited
                raise
            if getattr(silence, "retry_after", None) is None:
                self._failed()
            else:  # it said when to come back
                self._answered()
            raise
        except CauceError:
            self._answered()
            raise
        else:
            self._answered()

    def _answered(self) -> None:
        self._probing = False
        if "failures" not in self._seen:
            return
        self._update("REMOVE failures, failed_at, open_until, opened, list_pk, list_sk")
        if "open_until" in self._seen:
            _log.info("breaker closed", extra={"issuer": self._nit, "provider": self._provider})
        self._seen = {}

    def _failed(self) -> None:
        now = int(self._clock())
        if self._probing:
            self._open(now, int(self._seen.get("opened", 0)))
            return
        found = self._count(now)
        # As it is now: a call that was under way when another opened it saw it closed.
        if int(found["failures"]) >= OPENS_AFTER and "open_until" not in found:
            self._open(now, 0)

    def _count(self, now: int) -> dict[str, Any]:
        """The item once the failure is counted."""
        values = {":now": now, ":one": 1}
        counted = self._update(
            "ADD failures :one SET failed_at = :now",
            condition="attribute_not_exists(failed_at) OR failed_at >= :recently",
            values={**values, ":recently": now - IN_A_ROW_SECONDS},
        )
        if counted is None:
            counted = self._update("SET failures = :one, failed_at = :now", values=values)
        return counted or {}

    def _open(self, now: int, opened: int) -> None:
        """Open it, or keep it open for longer than the last time."""
        until = now + int(backoff(min(opened, _LONGEST_BACKOFF)).total_seconds())
        self._update(
            "SET open_until = :until, opened = :opened, list_pk = :open, list_sk = :here",
            values={
                ":until": until,
                ":opened": opened + 1,
                ":open": keys.OPEN_BREAKERS,
                ":here": f"{self._provider}#{self._nit}",
            },
        )
        _log.warning(
            "breaker opened", extra={"issuer": self._nit, "provider": self._provider, "times": opened + 1}
        )

    def _lease(self, until: int, now: float) -> bool:
        """Whether this caller is the one that tries."""
        leased = self._update(
            "SET open_until = :until",
            condition="open_until = :read",
            values={":until": int(now) + _PROBE_SECONDS, ":read": until},
        )
        return leased is not None

    def _read(self) -> dict[str, Any]:
        answer = self._client.get_item(TableName=self._table, Key=self._key, ConsistentRead=True)
        return items.unpack(dict(answer.get("Item", {})))

    def _update(
        self, update: str, *, condition: str | None = None, values: dict[str, Any] | None = None
    ) -> dict[str, Any] | None:
        """The item afterwards; ``None`` where the condition did not hold."""
        conditions: dict[str, Any] = {"ConditionExpression": condition} if condition else {}
        if values:
            conditions["ExpressionAttributeValues"] = items.pack(values)
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=self._key,
                UpdateExpression=update,
                ReturnValues="ALL_NEW",
                **conditions,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return items.unpack(dict(answer["Attributes"]))


def open_breakers(client: "DynamoDBClient", table: str) -> dict[str, int]:
    """How many credentials of each provider have their breaker open: one query of what is open, and no more."""
    counts: dict[str, int] = {}
    pages = client.get_paginator("query").paginate(
        TableName=table,
        IndexName=keys.BY_ISSUER,
        KeyConditionExpression="list_pk = :open",
        ExpressionAttributeValues=items.pack({":open": keys.OPEN_BREAKERS}),
    )
    for answer in pages:
        for item in answer["Items"]:
            provider = item["list_sk"]["S"].partition("#")[0]
            counts[provider] = counts.get(provider, 0) + 1
    return counts


def _out(wait: float) -> Held:
    spread = random.uniform(0, wait / 4)  # noqa: S311 - spreads callers, guards nothing
    return Held(
        "El proveedor no responde; el documento espera en cola y se enviará cuando vuelva.",
        retry_after=wait + spread,
    )
