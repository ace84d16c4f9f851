"""The circuit breakers of ``domain.breaker``, shared by every container: an item of the table for each."""

import logging
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cauce import faults
from cauce.aws import items, keys
from cauce.aws.failures import Outages
from cauce.aws.items import Attributes
from cauce.aws.pace import PATIENCE_SECONDS, gap_ms, held, ms
from cauce.aws.table import Table
from cauce.domain.breaker import (
    IN_A_ROW_SECONDS,
    OF_CREDENTIAL,
    OF_HOST,
    TRIAL_SECONDS,
    BreakerRules,
    Circuit,
    Proof,
    proof,
)
from cauce.domain.errors import CauceError, Held
from cauce.providers.base import Pace, Wait

_log = logging.getLogger("cauce")

_LATELY_SECONDS = 1.0


class Breaker:
    """The two breakers around one issuer's calls to one provider: its credential's and its host's."""

    def __init__(
        self,
        table: Table,
        nit: str,
        provider: str,
        host: str,
        pace: Pace | None,
        clock: Callable[[], float],
        outages: Outages | None = None,
    ):
        """``outages``: read together with the breakers, where the provider's outages are noted."""
        self._table = table
        self._clock = clock
        self._outages = outages
        self._waited: tuple[float, Attributes, Attributes] | None = None
        self._outage_keys = [keys.outage(whose, provider) for whose in (nit, host)] if outages else []
        # The longest wait that the pace alone can cause: no caller takes a turn further off than its patience, and
        # the next turn is one gap later. A longer wait means that the provider asked for a rest.
        self._ordinary_ms = ms(PATIENCE_SECONDS) + gap_ms(pace) if pace else 0
        self._own = _OfCredential(table, nit, provider)
        self._host = _OfHost(table, nit, provider, host)

    def keys(self) -> list[keys.Key]:
        """Of all that is read before a call."""
        return [self._own.key, self._host.key, *self._outage_keys]

    def admit(self, *, is_patient: bool = True) -> None:
        """Raise Held where the provider is not to be called now: a breaker is open, or its pace is used up for longer
        than ``PATIENCE_SECONDS``.

        ``is_patient``: the caller waits for as long as the call may take.
        """
        own, host = self._read_lately() or self._read()
        self._own.found(own)
        self._host.found(host)
        now = self._clock()
        turn = int(own.get("next_at", 0)) - now * 1000
        if turn > PATIENCE_SECONDS * 1000:
            raise held(int(turn))
        circuits = (self._own.seen, self._host.seen)
        wait = max(each.wait(now) for each in circuits)
        may_try = all(each.may_be_tried(now, is_patient=is_patient) for each in circuits)
        # The host's lease first: a caller that does not get it must not take the credential's.
        if not (may_try and self._host.leased(now) and self._own.leased(now)):
            raise _out(
                max(1.0, wait),
                host_is_out=self._host.seen.is_open,
                is_due_a_trial=wait <= 0 and not may_try,
            )

    def wait(self) -> Wait:
        """As ``providers.base.Provider`` says."""
        (own, host), now = self._read(), self._clock()
        self._waited = now, own, host
        next_at = int(own.get("next_at", 0))
        turn = max(0.0, next_at / 1000 - now)
        opened = [each.wait(now) for each in map(_circuit, (own, host)) if each.is_open]
        is_ordinary = not opened and next_at - ms(now) <= self._ordinary_ms
        return Wait(max([turn, *opened]), is_sure=not opened, is_ordinary=is_ordinary)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Around an admitted call: tell both breakers what it proved about the provider."""
        try:
            yield
        except CauceError as raised:
            self._tell(proof(raised))
            raise
        else:
            self._tell(Proof.ANSWERS)

    def _tell(self, proved: Proof) -> None:
        """Tell both breakers. A fault of AWS is only logged, so that the result of the call is not lost: the next
        call tells them again."""
        now = int(self._clock())
        try:
            for each in (self._own, self._host):
                if proved is Proof.ANSWERS:
                    each.answered()
                elif proved is Proof.IS_SILENT:
                    each.failed(now)
        except faults.RAISED as fault:
            if not faults.is_fault(fault):
                raise
            _log.warning("the breaker was not told of a call", extra={"error": type(fault).__name__})

    def _read_lately(self) -> tuple[Attributes, Attributes] | None:
        """What ``wait`` read less than a second ago, once: whoever asks how long to wait then calls."""
        waited, self._waited = self._waited, None
        if waited is None or not 0 <= self._clock() - waited[0] < _LATELY_SECONDS:
            return None
        return waited[1:]

    def _read(self) -> tuple[Attributes, Attributes]:
        """The stored attributes of the credential's breaker and of the host's; empty where nothing is stored."""
        wanted = (self._own.key, self._host.key)
        found = {item["pk"]["S"]: item for item in self._table.read(self.keys())}
        if self._outages is not None:
            self._outages.at_admission(self._outage_keys, found, self._clock())
        own, host = (items.unpack(found.get(key["pk"], {})) for key in wanted)
        return own, host


def _circuit(stored: Attributes) -> Circuit:
    until = stored.get("open_until")
    return Circuit(
        has_failures="failures" in stored,
        open_until=None if until is None else int(until),
        opened=int(stored.get("opened", 0)),
    )


class _Stored:
    """One breaker, an item of the table.

    ``failures``: those in a row so far, as their number or as the NITs that met them. ``failed_at``: when the last
    was, seconds since the epoch. Only while it is open: ``open_until`` and ``opened``, as in ``Circuit``.
    """

    rules: BreakerRules

    def __init__(self, table: Table, key: keys.Key, named: dict[str, str]):
        self._table = table
        self.key = key
        self._named = named
        """Names it in the log and in the index; the provider comes first, as ``open_breakers`` expects."""
        self.seen = Circuit()
        self._lease: int | None = None

    def found(self, stored: Attributes) -> None:
        """Take the attributes as stored before a call."""
        self.seen = _circuit(stored)
        self._lease = None

    def leased(self, now: float) -> bool:
        """Whether this caller may call: the breaker is closed, or the caller got the lease for the trial call."""
        if not self.seen.is_open:
            return True
        until = int(now) + TRIAL_SECONDS
        leased = self._table.update(
            self.key,
            "SET open_until = :until",
            {":until": until, ":read": self.seen.open_until},
            condition="open_until = :read",
        )
        self._lease = until if leased is not None else None
        return leased is not None

    def answered(self) -> None:
        self._lease = None
        if not self.seen.has_failures:
            return
        self._table.update(self.key, "REMOVE failures, failed_at, open_until, opened, list_pk, list_sk", {})
        if self.seen.is_open:
            _log.info("breaker closed", extra=self._named)
        self.seen = Circuit()

    def failed(self, now: int) -> None:
        if self._lease is not None and self._open(
            now, self.seen.opened, "open_until = :lease", {":lease": self._lease}
        ):
            return
        # The condition is about the breaker as stored now: another call may have opened or closed it since this one
        # read it.
        if self._count(now) >= self.rules.opens_after:
            self._open(now, 0, "attribute_exists(failures) AND attribute_not_exists(open_until)", {})

    def _count(self, now: int) -> int:
        """Add a failure to the run of failures in succession, or begin a new run; how many are in it afterwards."""
        raise NotImplementedError

    def _add(self, this: int | set[str], now: int) -> Any:
        """Add this failure to the run in ``failures``, or begin a new run where the last failure was too long ago;
        ``failures`` afterwards. ``this``: 1, or the NIT that met it."""
        added = self._table.update(
            self.key,
            "ADD failures :this SET failed_at = :now",
            {":now": now, ":this": this, ":recently": now - IN_A_ROW_SECONDS},
            condition="attribute_not_exists(failed_at) OR failed_at >= :recently",
            whole=True,
        )
        if added is not None:
            return added["failures"]
        self._table.update(self.key, "SET failures = :this, failed_at = :now", {":now": now, ":this": this})
        return this

    def _open(self, now: int, opened: int, condition: str, values: Attributes) -> bool:
        """Open it after ``opened`` openings in a row, if the condition holds; whether it did."""
        done = self._table.update(
            self.key,
            "SET open_until = :until, opened = :opened, list_pk = :open, list_sk = :here",
            {
                ":until": self.rules.open_until(now, opened),
                ":opened": opened + 1,
                ":open": keys.OPEN_BREAKERS,
                ":here": "#".join(self._named.values()),
                **values,
            },
            condition=condition,
        )
        if done is not None:
            _log.warning("breaker opened", extra={**self._named, "times": opened + 1})
        return done is not None


class _OfCredential(_Stored):
    """A credential's breaker: ``failures`` is a number."""

    rules = OF_CREDENTIAL

    def __init__(self, table: Table, nit: str, provider: str):
        super().__init__(table, keys.calls(nit, provider), {"provider": provider, "issuer": nit})

    def _count(self, now: int) -> int:
        return int(self._add(1, now))


class _OfHost(_Stored):
    """A host's breaker: ``failures`` is the set of the NITs that met them."""

    rules = OF_HOST

    def __init__(self, table: Table, nit: str, provider: str, host: str):
        super().__init__(table, keys.host(provider, host), {"provider": provider, "host": host})
        self._nit = nit

    def _count(self, now: int) -> int:
        """A failure is added only to a run of failures that existed when its call began; otherwise it may only begin
        a new run.

        An answered call removes only a run that it read when it began. While a call that read no run was waiting,
        others may have been answered and had no run to remove, so its failure does not count in a run that began
        meanwhile.
        """
        if self.seen.has_failures:
            return len(self._add({self._nit}, now))
        self._table.update(
            self.key,
            "SET failures = :this, failed_at = :now",
            {":now": now, ":this": {self._nit}, ":recently": now - IN_A_ROW_SECONDS},
            condition="attribute_not_exists(failed_at) OR failed_at < :recently",
        )
        return 1


def open_breakers(table: Table) -> dict[str, int]:
    """How many breakers of each provider are open, credentials' and hosts' together. One query of the index."""
    return dict(Counter(name.partition("#")[0] for name in table.listed(keys.OPEN_BREAKERS)))


def _out(wait: float, *, host_is_out: bool, is_due_a_trial: bool) -> Held:
    spread = random.uniform(0, wait / 4)  # noqa: S311 - spreads callers, guards nothing
    return Held(
        "El proveedor no responde; el documento espera en cola y se enviará cuando vuelva.",
        retry_after=wait + spread,
        host_is_out=host_is_out,
        is_due_a_trial=is_due_a_trial,
    )
