"""Circuit breakers: when a provider keeps silent, stop asking it, and try one call at a time.

Each issuer's credential has one, which opens after its failures in a row. All who call the same host share another,
so that not each of them has to find out: it opens after several issuers were met with silence in a row, with no
answer to anybody between. One of them alone, whose account hangs, never opens it.

An open one lets a single call through whenever its time comes, by moving that time on before the call (a lease: a
prober that dies only delays the next). An answer of any kind closes it. Nothing is lost meanwhile: who is held stays
where it is, with a time to come back.
"""

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cauce import faults
from cauce.aws import batches, items, keys
from cauce.aws.pace import PATIENCE_SECONDS, held
from cauce.domain.errors import (
    CauceError,
    CredentialsUnusable,
    Held,
    InvalidDocument,
    NotSent,
    OutcomeUnknown,
    Unsupported,
)
from cauce.domain.life import backoff
from cauce.domain.outage import Failure
from cauce.providers.base import Wait

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_log = logging.getLogger("cauce")

OPENS_AFTER = 5
"""Failures in a row of a credential's calls."""
OPENS_AFTER_ISSUERS = 3
"""Different issuers in a row who were met with silence by a host."""
IN_A_ROW_SECONDS = 600
"""Failures further apart than this do not belong to one outage."""
# A call may last 60 s and its function 90: a probe that has not answered by then has died.
_PROBE_SECONDS = 90
# The longest waits between probes, 10 minutes and 2: a host's is the probe of everybody, and everybody waits for it.
_LONGEST_BACKOFF, _LONGEST_BACKOFF_OF_HOST = 4, 2


class Breaker:
    """What one issuer's calls to one provider ask and tell: the breaker of its credential, and that of the host."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        nit: str,
        provider: str,
        host: str,
        clock: Callable[[], float],
    ):
        self._client = client
        self._table = table
        self._clock = clock
        self._own = _OfCredential(client, table, nit, provider)
        self._host = _OfHost(client, table, nit, provider, host)

    def admit(self) -> None:
        """Raise Held where the provider is not to be called now: it is out, or its pace is used up for a while."""
        for each, item in zip((self._own, self._host), self._read(), strict=True):
            each.found(item)
        now = self._clock()
        turn = int(self._own.seen.get("next_at", 0)) - now * 1000
        if turn > PATIENCE_SECONDS * 1000:
            raise held(int(turn))
        wait = max(self._own.wait(now), self._host.wait(now))
        # The host's lease first: who loses it, to one of many, leaves its own credential's as it is.
        if wait > 0 or not (self._host.leased(now) and self._own.leased(now)):
            raise _out(max(1.0, wait), host_is_out=self._host.is_open)

    def wait(self) -> Wait:
        """As ``providers.base.Provider`` says."""
        (own, host), now = self._read(), self._clock()
        turn = max(0.0, int(own.get("next_at", 0)) / 1000 - now)
        opened = [int(each["open_until"]) - now for each in (own, host) if "open_until" in each]
        return Wait(max([turn, *opened]), is_sure=not opened)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Around a call that was admitted: whether the provider answered, whatever it said."""
        try:
            yield
        except (Held, Unsupported, InvalidDocument, CredentialsUnusable):  # nobody was asked
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
        with _if_aws_can():
            self._own.answered()
            self._host.answered()

    def _failed(self) -> None:
        now = int(self._clock())
        with _if_aws_can():
            self._own.failed(now)
            self._host.failed(now)

    def _read(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the table has of the credential's and of the host's."""
        wanted = (self._own.key, self._host.key)
        found = batches.read(self._client, self._table, list(wanted))
        by_key = {item["pk"]["S"]: items.unpack(item) for item in found}
        own, host = (by_key.get(key["pk"], {}) for key in wanted)
        return own, host


@contextmanager
def _if_aws_can() -> Iterator[None]:
    """What a call came to is worth more than the breaker's hearing of it: the next call tells it again."""
    try:
        yield
    except faults.RAISED as fault:
        if not faults.is_fault(fault):
            raise
        _log.warning("the breaker was not told of a call", extra={"error": type(fault).__name__})


class _Circuit:
    """One breaker, under its key in the table.

    ``failures`` there is what the row of failures has come to, ``failed_at`` when the last was; ``open_until`` is
    there while it is open, and ``opened`` says after how many probes in vain.
    """

    longest_backoff: int

    def __init__(self, client: "DynamoDBClient", table: str, key: keys.Key, named: dict[str, str]):
        self._client = client
        self._table = table
        self.key = key
        self._named = named
        """What it is of, for the log: its provider first."""
        self.seen: dict[str, Any] = {}
        self._lease: int | None = None

    def found(self, item: dict[str, Any]) -> None:
        """What the table has, as a contact begins."""
        self.seen = item
        self._lease = None

    @property
    def is_open(self) -> bool:
        return "open_until" in self.seen

    def wait(self, now: float) -> float:
        """Seconds until somebody may try; none left where somebody may call now."""
        return float(self.seen["open_until"]) - now if self.is_open else 0.0

    def leased(self, now: float) -> bool:
        """Whether this caller may call: it is closed, or this is the one that tries."""
        if not self.is_open:
            return True
        until = int(now) + _PROBE_SECONDS
        leased = self._update(
            "SET open_until = :until",
            condition="open_until = :read",
            values={":until": until, ":read": self.seen["open_until"]},
        )
        self._lease = until if leased is not None else None
        return leased is not None

    def answered(self) -> None:
        self._lease = None
        if "failures" not in self.seen:
            return
        self._update("REMOVE failures, failed_at, open_until, opened, list_pk, list_sk")
        if self.is_open:
            _log.info("breaker closed", extra=self._named)
        self.seen = {}

    def failed(self, now: int) -> None:
        if self._lease is not None and self._open(
            now, int(self.seen.get("opened", 0)), "open_until = :lease", {":lease": self._lease}
        ):
            return
        # Closed as it is now: a call that was under way when another opened it, or closed it, saw it otherwise.
        if self._is_enough(self._count(now)):
            self._open(now, 0, "attribute_exists(failures) AND attribute_not_exists(open_until)", {})

    def _count(self, now: int) -> Any:
        """Put a failure at the end of the row, or begin another; what the row has come to."""
        raise NotImplementedError

    def _is_enough(self, failures: Any) -> bool:
        raise NotImplementedError

    def _add(self, this: int | set[str], now: int) -> Any:
        values = {":now": now, ":this": this}
        counted = self._update(
            "ADD failures :this SET failed_at = :now",
            condition="attribute_not_exists(failed_at) OR failed_at >= :recently",
            values={**values, ":recently": now - IN_A_ROW_SECONDS},
        )
        if counted is None:
            counted = self._update("SET failures = :this, failed_at = :now", values=values)
        return counted["failures"] if counted else this

    def _open(self, now: int, opened: int, condition: str, values: dict[str, Any]) -> bool:
        """Open it, or keep it open for longer than the last time, if it is still as the condition says."""
        until = now + int(backoff(min(opened, self.longest_backoff)).total_seconds())
        done = self._update(
            "SET open_until = :until, opened = :opened, list_pk = :open, list_sk = :here",
            condition=condition,
            values={
                ":until": until,
                ":opened": opened + 1,
                ":open": keys.OPEN_BREAKERS,
                ":here": "#".join(self._named.values()),
                **values,
            },
        )
        if done is not None:
            _log.warning("breaker opened", extra={**self._named, "times": opened + 1})
        return done is not None

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
                Key=items.pack(dict(self.key)),
                UpdateExpression=update,
                ReturnValues="ALL_NEW",
                **conditions,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return items.unpack(dict(answer["Attributes"]))


class _OfCredential(_Circuit):
    """A row of failures is their number."""

    longest_backoff = _LONGEST_BACKOFF

    def __init__(self, client: "DynamoDBClient", table: str, nit: str, provider: str):
        super().__init__(client, table, keys.calls(nit, provider), {"provider": provider, "issuer": nit})

    def _count(self, now: int) -> Any:
        return self._add(1, now)

    def _is_enough(self, failures: Any) -> bool:
        return int(failures) >= OPENS_AFTER


class _OfHost(_Circuit):
    """A row of failures is the set of the issuers who met them."""

    longest_backoff = _LONGEST_BACKOFF_OF_HOST

    def __init__(self, client: "DynamoDBClient", table: str, nit: str, provider: str, host: str):
        super().__init__(client, table, keys.host(provider, host), {"provider": provider, "host": host})
        self._nit = nit

    def _count(self, now: int) -> Any:
        """Only who began to call with the row begun already goes on with it: who saw one, and is answered, ends it.

        Calls that began before it are of no row: while they were silent others may have been answered, who had
        nothing to end.
        """
        if "failures" in self.seen:
            return self._add({self._nit}, now)
        self._update(
            "SET failures = :this, failed_at = :now",
            condition="attribute_not_exists(failed_at) OR failed_at < :recently",
            values={":now": now, ":this": {self._nit}, ":recently": now - IN_A_ROW_SECONDS},
        )
        return {self._nit}

    def _is_enough(self, failures: Any) -> bool:
        return len(failures) >= OPENS_AFTER_ISSUERS


def open_breakers(client: "DynamoDBClient", table: str) -> dict[str, int]:
    """How many breakers of each provider are open, its credentials' and its hosts': one query of what is open."""
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


def _out(wait: float, *, host_is_out: bool) -> Held:
    spread = random.uniform(0, wait / 4)  # noqa: S311 - spreads callers, guards nothing
    return Held(
        "El proveedor no responde; el documento espera en cola y se enviará cuando vuelva.",
        retry_after=wait + spread,
        host_is_out=host_is_out,
    )
