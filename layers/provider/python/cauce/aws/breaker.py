"""Circuit breakers: a provider that does not answer is not called, except for one trial call at a time.

Each issuer's credential at a provider has a breaker, which opens after ``OPENS_AFTER`` failures in a row. All
credentials that call the same host share another, so that not each has to find out for itself: it opens once
``OPENS_AFTER_ISSUERS`` different issuers failed in a row and nobody was answered in between. One issuer whose account
hangs never opens it.

When an open breaker's time has come, one caller makes a trial call: it first moves ``open_until`` on, so that nobody
else tries meanwhile, and if it dies the next trial is only later. Callers that give up before the provider's time to
answer is over, as an ERP's request does, leave the trial to the workers: cut short, it proves nothing. An answer of
any kind closes the breaker. A document that is held keeps its place and is told when to come back.
"""

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cauce import faults
from cauce.aws import batches, items, keys
from cauce.aws.pace import PATIENCE_SECONDS, gap_ms, held, ms
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
from cauce.providers.base import Pace, Wait

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_log = logging.getLogger("cauce")

OPENS_AFTER = 5
"""Failures in a row of a credential's calls."""
OPENS_AFTER_ISSUERS = 3
"""Different issuers in a row whose calls to a host failed."""
IN_A_ROW_SECONDS = 600
"""Failures further apart than this are not in a row."""
# A call may last 60 s and its function 90: a trial call without an answer by then has died.
_PROBE_SECONDS = 90
# How long after ``open_until`` a caller that would give up early leaves the trial call to others. The workers look at
# unfinished documents every minute; with none, nobody but that caller may be there to try.
_LEFT_TO_THE_PATIENT_SECONDS = 120
# Index into ``backoff`` of the longest wait between trial calls: 10 minutes for a credential; 2 for a host, since
# everybody waits for its one trial call.
_LONGEST_BACKOFF, _LONGEST_BACKOFF_OF_HOST = 4, 2


class Breaker:
    """The two breakers around one issuer's calls to one provider: its credential's and its host's."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        nit: str,
        provider: str,
        host: str,
        pace: Pace | None,
        clock: Callable[[], float],
    ):
        self._client = client
        self._table = table
        self._clock = clock
        # Nobody takes a turn further off than its patience, so the turn after the last is one gap later, at most.
        self._ordinary_ms = ms(PATIENCE_SECONDS) + gap_ms(pace) if pace else 0
        self._own = _OfCredential(client, table, nit, provider)
        self._host = _OfHost(client, table, nit, provider, host)

    def admit(self, *, is_patient: bool = True) -> None:
        """Raise Held where the provider is not to be called now: a breaker is open, or its pace is used up for longer
        than ``PATIENCE_SECONDS``.

        ``is_patient``: the caller waits for as long as the call may take.
        """
        for each, item in zip((self._own, self._host), self._read(), strict=True):
            each.found(item)
        now = self._clock()
        turn = int(self._own.seen.get("next_at", 0)) - now * 1000
        if turn > PATIENCE_SECONDS * 1000:
            raise held(int(turn))
        wait = max(self._own.wait(now), self._host.wait(now))
        may_try = all(each.may_be_tried(now, is_patient=is_patient) for each in (self._own, self._host))
        # The host's lease first: a caller that does not get it must not take the credential's.
        if not (may_try and self._host.leased(now) and self._own.leased(now)):
            raise _out(
                max(1.0, wait),
                host_is_out=self._host.is_open,
                is_due_a_trial=wait <= 0 and not may_try,
            )

    def wait(self) -> Wait:
        """As ``providers.base.Provider`` says."""
        (own, host), now = self._read(), self._clock()
        next_at = int(own.get("next_at", 0))
        turn = max(0.0, next_at / 1000 - now)
        opened = [int(each["open_until"]) - now for each in (own, host) if "open_until" in each]
        is_ordinary = not opened and next_at - ms(now) <= self._ordinary_ms
        return Wait(max([turn, *opened]), is_sure=not opened, is_ordinary=is_ordinary)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Around an admitted call: tell both breakers whether the provider answered, whatever the answer was."""
        try:
            yield
        except (Held, Unsupported, InvalidDocument, CredentialsUnusable):  # no call was made
            raise
        except (NotSent, OutcomeUnknown) as silence:
            if silence.failure is Failure.CUT_SHORT:  # it may have answered, had we waited
                raise
            if getattr(silence, "retry_after", None) is None:
                self._failed()
            else:  # it answered when to come back
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
        """The stored attributes of the credential's breaker and of the host's; empty where nothing is stored."""
        wanted = (self._own.key, self._host.key)
        found = batches.read(self._client, self._table, list(wanted))
        by_key = {item["pk"]["S"]: items.unpack(item) for item in found}
        own, host = (by_key.get(key["pk"], {}) for key in wanted)
        return own, host


@contextmanager
def _if_aws_can() -> Iterator[None]:
    """Around an update of the breakers: a fault of AWS is only logged, so that the result of the call is not lost.
    The next call updates them again."""
    try:
        yield
    except faults.RAISED as fault:
        if not faults.is_fault(fault):
            raise
        _log.warning("the breaker was not told of a call", extra={"error": type(fault).__name__})


class _Circuit:
    """One breaker, an item of the table.

    ``failures``: those in a row so far, as their number or as the NITs that met them. ``failed_at``: when the last
    was, seconds since the epoch. Only while it is open: ``open_until``, when a trial call may be made, and
    ``opened``, how often it was opened since it was last closed.
    """

    longest_backoff: int

    def __init__(self, client: "DynamoDBClient", table: str, key: keys.Key, named: dict[str, str]):
        self._client = client
        self._table = table
        self.key = key
        self._named = named
        """Names it in the log and in the index; the provider comes first, as ``open_breakers`` expects."""
        self.seen: dict[str, Any] = {}
        self._lease: int | None = None

    def found(self, item: dict[str, Any]) -> None:
        """Take the attributes as stored before a call."""
        self.seen = item
        self._lease = None

    @property
    def is_open(self) -> bool:
        return "open_until" in self.seen

    def wait(self, now: float) -> float:
        """Seconds until a trial call may be made; zero or less where a call may be made now."""
        return float(self.seen["open_until"]) - now if self.is_open else 0.0

    def may_be_tried(self, now: float, *, is_patient: bool) -> bool:
        """Whether a caller may call, or try to get the lease for the trial call."""
        return not self.is_open or self.wait(now) <= (0 if is_patient else -_LEFT_TO_THE_PATIENT_SECONDS)

    def leased(self, now: float) -> bool:
        """Whether this caller may call: the breaker is closed, or the caller got the lease for the trial call."""
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
        # The condition is about the breaker as stored now: another call may have opened or closed it since this one
        # read it.
        if self._is_enough(self._count(now)):
            self._open(now, 0, "attribute_exists(failures) AND attribute_not_exists(open_until)", {})

    def _count(self, now: int) -> Any:
        """Add a failure to the row, or begin a new row; ``failures`` afterwards."""
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
        """Open it after ``opened`` openings in a row, if the condition holds; whether it did."""
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
    """A credential's breaker: ``failures`` is a number."""

    longest_backoff = _LONGEST_BACKOFF

    def __init__(self, client: "DynamoDBClient", table: str, nit: str, provider: str):
        super().__init__(client, table, keys.calls(nit, provider), {"provider": provider, "issuer": nit})

    def _count(self, now: int) -> Any:
        return self._add(1, now)

    def _is_enough(self, failures: Any) -> bool:
        return int(failures) >= OPENS_AFTER


class _OfHost(_Circuit):
    """A host's breaker: ``failures`` is the set of the NITs that met them."""

    longest_backoff = _LONGEST_BACKOFF_OF_HOST

    def __init__(self, client: "DynamoDBClient", table: str, nit: str, provider: str, host: str):
        super().__init__(client, table, keys.host(provider, host), {"provider": provider, "host": host})
        self._nit = nit

    def _count(self, now: int) -> Any:
        """A failure is added only to a row that existed when its call began; otherwise it may only begin a new row.

        An answered call removes only a row that it read when it began. While a call that read no row was waiting,
        others may have been answered and had no row to remove, so its failure does not count in a row that began
        meanwhile.
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
    """How many breakers of each provider are open, credentials' and hosts' together. One query of the index."""
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


def _out(wait: float, *, host_is_out: bool, is_due_a_trial: bool) -> Held:
    spread = random.uniform(0, wait / 4)  # noqa: S311 - spreads callers, guards nothing
    return Held(
        "El proveedor no responde; el documento espera en cola y se enviará cuando vuelva.",
        retry_after=wait + spread,
        host_is_out=host_is_out,
        is_due_a_trial=is_due_a_trial,
    )
