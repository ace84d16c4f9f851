"""How a new record comes into the table: with its references, its number and its counts, or not at all."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from botocore.exceptions import ClientError

from cauce import faults
from cauce.aws import items, keys
from cauce.aws.ranges import Ranges, counted_in
from cauce.aws.records import report
from cauce.aws.table import FAILED, MOST_READ, Table, Write, reasons
from cauce.aws.turns import TooFar, TurnLine
from cauce.domain import life
from cauce.domain.errors import Busy, NumberingUnavailable, QuotaExceeded, ReferenceTaken
from cauce.domain.issuer import Issuer, Period, Quota
from cauce.domain.outcome import Number
from cauce.domain.record import Record

# How long a caller competes for a number before Busy is raised.
_CLAIM_SECONDS = 8.0
# The longest and the shortest turn (s) at numbers that several callers want. Turns are as long as a try takes, longer
# after each loss and shorter again after each success. A try that measures less than the shortest means that the
# clock was set back, and counts as that.
_LONGEST_TURN, _SHORTEST_TURN = 0.1, 0.001
_LONGER, _SHORTER = 1.5, 0.95
# For so long (s) after a lost try a container takes a turn before it tries at all: the others are likely still there.
_COMPETES_FOR = 2.0
# The reasons of a cancelled transaction after which another try may succeed: some of its items failed a condition or
# were contended. Any other reason means that the transaction itself is wrong.
_LOST = frozenset({"None", FAILED, "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
_CONTENTION = frozenset(
    {
        "TransactionConflictException",
        "TransactionInProgressException",
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
    }
)


class NewRecords:
    def __init__(
        self, table: Table, ranges: Ranges, clock: Callable[[], float], sleep: Callable[[float], None]
    ):
        self._table = table
        self._ranges = ranges
        self._clock = clock
        self._sleep = sleep
        self._quickest = _LONGEST_TURN
        """Seconds of the quickest try for a number so far: about what one takes without competition."""
        self._turn = 0.0
        """Seconds of a turn, as tries were lost and won lately."""
        self._lost_at: dict[str, float] = {}
        """When a try was last lost to another caller, by issuer."""
        self._following: dict[tuple[str, str], int] = {}
        """What followed the last number that this container took, by range."""
        self._seen_used: dict[tuple[str, str, Quota], int] = {}
        """What an issuer's own count was when ``newly_used`` last told it, by its period and quota."""

    def take_in(self, record: Record, *, numbered: bool, quota: Quota | None) -> Record:
        """Write a new record, its references, its number and its counts in one transaction.

        It counts in its month and in its year even without a quota (in its range, if it takes a number there), so
        that a quota that is set later, or for another period, finds what was used. With ``numbered`` the next number
        of ``record.range`` is taken, gapless and unique under any number of callers. Raises DocumentTooLarge,
        ReferenceTaken, QuotaExceeded, NumberingUnavailable or Busy; then nothing was written. Raises what boto raises
        for a fault of AWS, which may have written all of it, and for a transaction that can never succeed.
        """
        record = life.first_written(record)
        content = self._table.putting(items.content_item(record))
        arrived = self._clock()
        from_memory = not self._competes(record.issuer)
        if not from_memory:
            self._wait_turn(record, min(_CLAIM_SECONDS, faults.seconds_left()))
        while True:
            began = self._clock()
            candidate = self._numbered(record, from_memory=from_memory) if numbered else record
            try:
                self._table.client.transact_write_items(
                    TransactItems=self._written_with(candidate, content, numbered, quota)
                )
                self._won(candidate)
                report(candidate)
                return candidate
            except self._table.client.exceptions.TransactionCanceledException as cancelled:
                why = reasons(cancelled)
                if why[0] == FAILED and (ours := self._stored(candidate)):
                    return ours
                self._explain(candidate, quota, why)
                if not _LOST.issuperset(why):
                    raise
                if numbered:
                    self._pass_over(candidate, why)
            except ClientError as error:
                if error.response["Error"]["Code"] not in _CONTENTION:
                    raise
            from_memory = False
            now = self._clock()
            self._lost(record.issuer, now, now - began)
            self._wait_turn(record, min(_CLAIM_SECONDS - max(0.0, now - arrived), faults.seconds_left()))

    def _stored(self, record: Record) -> Record | None:
        """The record as an earlier try wrote it, which AWS said was in progress; its id is no other's."""
        found = self._table.records([keys.record(record.issuer, record.document_id)])
        return next((items.record(*each) for each in found), None)

    def _competes(self, nit: str) -> bool:
        lost_at = self._lost_at.get(nit)
        return lost_at is not None and 0 <= self._clock() - lost_at < _COMPETES_FOR

    def _lost(self, nit: str, now: float, took: float) -> None:
        self._quickest = min(self._quickest, max(_SHORTEST_TURN, took))
        self._turn = min(_LONGEST_TURN, max(self._quickest, self._turn * _LONGER))
        self._lost_at[nit] = now

    def _won(self, taken: Record) -> None:
        self._turn *= _SHORTER
        if taken.range is not None and taken.number is not None:
            self._following[_range_of(taken)] = taken.number.consecutive + 1

    def _wait_turn(self, record: Record, seconds_left: float) -> None:
        """Wait for a turn among the callers that compete for an issuer's numbers and counts.

        Turns only spread the tries: a number is unique because of the transaction alone. Raises Busy where the turn
        is more than ``seconds_left`` away.
        """
        line = TurnLine(self._table, keys.turns_to_take_in(record.issuer))
        gap = math.ceil(min(_LONGEST_TURN, max(self._quickest, self._turn)) * 1000)
        try:
            turn = line.take(round(self._clock() * 1000), gap=gap, patience=round(seconds_left * 1000))
        except TooFar as late:
            raise Busy(
                "Demasiadas emisiones a la vez en tu empresa; intente de nuevo en un segundo."
            ) from late
        self._sleep(max(0.0, turn / 1000 - self._clock()))

    def _numbered(self, record: Record, *, from_memory: bool) -> Record:
        """The record with the next number of its range. ``from_memory``: without a reading, the number
        after the last one that this container took, or the next one of the range as its caller read it."""
        assert record.range is not None
        current = record.range
        if current.next is not None:
            current = current.at(max(current.next, self._following.get(_range_of(record), 0)))
        if not from_memory or not current.left:
            current = self._ranges.read(record.issuer, record.range.key)
        if current.next is None:
            raise NumberingUnavailable(
                f"Del rango {current.prefix} no se sabe el siguiente número; sincronice las numeraciones.",
                field="prefix",
            )
        if current.left == 0:
            raise NumberingUnavailable(
                f"El rango {current.prefix} se agotó; configure otro rango de numeración.", field="prefix"
            )
        number = Number(prefix=current.prefix, consecutive=current.next)
        return life.numbered(record, number)

    def _written_with(
        self, record: Record, content: Write, numbered: bool, quota: Quota | None
    ) -> list[Write]:
        absent = "attribute_not_exists(pk)"
        writes = [self._table.putting(items.head_item(record), absent)]
        for reference in record.references:
            key = keys.reference(record.issuer, reference)
            writes.append(self._table.putting(items.pack({**key, "document_id": record.document_id}), absent))
        if numbered:
            writes.append(self._table.putting(items.number_item(record), absent))
            writes.append(self._step(record, counted=quota is None))
        writes.append(content)
        if not (numbered and quota is None):
            writes += [self._count(record, period, quota) for period in Period]
        return writes

    def _count(self, record: Record, period: Period, quota: Quota | None) -> Write:
        """The update that counts a record in a period, on condition that a quota of that period has room for it."""
        key = keys.quota(record.issuer, period.name_at(record.created_at))
        if quota is None or quota.period is not period:
            return self._table.updating(key, "ADD used :one", {":one": 1})
        return self._table.updating(
            key,
            "ADD used :one",
            {":one": 1, ":limit": quota.limit - self._used_before(record, quota)},
            condition="attribute_not_exists(used) OR used < :limit",
        )

    def _used_before(self, record: Record, quota: Quota) -> int:
        """How many records of the period were counted in their ranges, before the issuer had a quota. Raises
        QuotaExceeded where those alone are as many as it allows."""
        period = quota.period.name_at(record.created_at)
        found = sum(self._ranges.counted(record.issuer, counted_in(period)))
        if found >= quota.limit:
            raise self._exceeded(record, quota)
        return found

    def used(self, nit: str, period: Period, moment: datetime) -> int:
        """How many records of an issuer were taken in in the period of a moment: by its own count and its ranges'."""
        name = period.name_at(moment)
        own = self._table.attributes(keys.quota(nit, name), "used").get("used", 0)
        return int(own) + sum(self._ranges.counted(nit, counted_in(name)))

    def newly_used(self, issuers: Iterable[Issuer], now: datetime) -> Iterator[tuple[Issuer, int]]:
        """The issuers of which more of their quota is used than when this container told them last, each with how
        much. One that the caller does not come back from is told again.

        A hundred issuers' counts are read in one call; besides, of each that is told, its ranges in one query.
        """
        every = ((each, each.quota) for each in issuers)
        limited = ((each, quota, quota.period.name_at(now)) for each, quota in every if quota is not None)
        while page := list(islice(limited, MOST_READ)):
            places = [keys.quota(issuer.nit, period) for issuer, _, period in page]
            read = {(item["pk"]["S"], item["sk"]["S"]): item for item in self._table.read(places)}
            for (issuer, quota, period), place in zip(page, places, strict=True):
                item = items.unpack(read.get((place["pk"], place["sk"]), {}))
                own, seen = int(item.get("used", 0)), (issuer.nit, period, quota)
                if self._seen_used.get(seen) == own:
                    continue
                yield issuer, own + sum(self._ranges.counted(issuer.nit, counted_in(period)))
                self._seen_used[seen] = own

    def counted(self, nit: str, periods: Sequence[str]) -> tuple[int, ...]:
        """How many records of each of these periods an issuer's own counts have: those that their ranges do not."""
        places = [keys.quota(nit, period) for period in periods]
        found = {item["sk"]["S"]: items.unpack(item) for item in self._table.read(places)}
        return tuple(int(found.get(place["sk"], {}).get("used", 0)) for place in places)

    def _step(self, record: Record, *, counted: bool) -> Write:
        """The update that moves a range past a record's number, on condition that it is still the next one.

        ``counted``: it counts the record too, in its month and in its year. An issuer without a quota needs no count
        of its own, for which the callers of all its ranges would compete.
        """
        assert record.number is not None
        assert record.range is not None
        taken = record.number.consecutive
        names, values = {"#next": "next"}, {":taken": taken, ":following": taken + 1}
        update = "SET #next = :following"
        if counted:
            names |= {f"#{each.name}": counted_in(each.name_at(record.created_at)) for each in Period}
            values |= {":zero": 0, ":one": 1}
            update += "".join(
                f", #{each.name} = if_not_exists(#{each.name}, :zero) + :one" for each in Period
            )
        return self._table.updating(
            keys.numbering_range(record.issuer, record.range.key),
            update,
            values,
            condition="#next = :taken",
            names=names,
        )

    def _pass_over(self, record: Record, why: list[str]) -> None:
        """Move a range past its next number where another record has that number.

        This happens where a sync set ``next`` from an index of numbers that lacked the last ones, or where the number
        was taken under another key of the same authorisation. Otherwise every later try would fail at the same
        number.
        """
        at = 1 + len(record.references)
        number, step = why[at : at + 2]
        if number == FAILED and step != FAILED:
            self._table.write(self._step(record, counted=False))

    def _explain(self, record: Record, quota: Quota | None, why: list[str]) -> None:
        """Raise what cancelled the transaction where no other try can succeed; else return."""
        for position, reference in enumerate(record.references, start=1):
            taken = why[position] == FAILED and self._table.get(keys.reference(record.issuer, reference))
            if taken:
                raise ReferenceTaken(items.unpack(taken)["document_id"])
        if quota and dict(zip(Period, why[-len(Period) :], strict=True))[quota.period] == FAILED:
            raise self._exceeded(record, quota)

    def _exceeded(self, record: Record, quota: Quota) -> QuotaExceeded:
        ends = quota.period.end(record.created_at)
        return QuotaExceeded(
            used=self.used(record.issuer, quota.period, record.created_at),
            limit=quota.limit,
            period=quota.period.value,
            retry_after=(ends - record.created_at).total_seconds(),
        )


def _range_of(record: Record) -> tuple[str, str]:
    assert record.range is not None
    return record.issuer, record.range.key
