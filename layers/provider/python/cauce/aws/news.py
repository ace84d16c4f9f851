"""The feed of an issuer's news, in the order in which it was written.

Each piece of news is an item under its moment. Readers go from moment to moment, and would never see one that came
in behind them. So no reader reads the last ``HELD_BACK_SECONDS``: whatever says a moment that readers have passed was
written before they came there. That holds because

- a writer reads the clock just before it writes, and no try leaves its process later than
  ``WRITTEN_WITHIN_SECONDS`` after that (``faults.good_until``, by a clock that nobody sets); a write that takes
  longer says a new moment;
- a try without an answer is given up after five seconds (``faults.CONFIG``), so that seven seconds after its moment
  the write was carried out or never will be;
- the other three seconds are for what clocks differ by, and for AWS to finish what nobody waits for any more.
  Lambda's clocks are kept by Amazon's time service, to milliseconds.

The news of one record is in order even where a clock goes back: each says a later moment than the one before it
(``domain.news.told_at``), and is written after it.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cauce import faults
from cauce.aws import items, keys
from cauce.aws.items import Item
from cauce.aws.table import InTable, Table
from cauce.domain import news
from cauce.domain.news import News
from cauce.domain.record import Record

HELD_BACK_SECONDS = 10.0
"""How long news waits before a reader sees it."""
WRITTEN_WITHIN_SECONDS = 2.0
"""How long after its moment a piece of news may leave for the table."""
KEPT_FOR = timedelta(days=180)
"""How long news is kept in the feed; the records and the archive stay for ever."""
# How often it is written anew, each time with the present moment, before AWS's fault is raised.
_TIMES_TOLD = 3
BEGINNING = "0"
"""The position before all news."""


@dataclass(frozen=True)
class Page:
    """A page of a feed, each piece of news with its position, and where the next page starts."""

    rows: list[tuple[str, News]]
    next: str
    is_last: bool
    """Whether there was no more to be read now."""


class Feed(InTable):
    def __init__(self, table: Table, clock: Callable[[], float]):
        super().__init__(table)
        self._clock = clock

    def page(self, nit: str, after: str, most: int) -> Page:
        """An issuer's news after a position, oldest first. Reads no more than ``most`` items; each piece of news is
        seen exactly once by who goes on from ``next``."""
        until = items.instant(datetime.fromtimestamp(self._clock() - HELD_BACK_SECONDS, UTC))
        if after >= until:
            return Page([], after, is_last=True)
        answer = self._table.client.query(
            TableName=self._table.name,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :after AND :until",
            # A character more than a position is just behind it.
            ExpressionAttributeValues=items.pack(
                {":pk": keys.news_of(nit), ":after": f"{after} ", ":until": until}
            ),
            Limit=most,
            ConsistentRead=True,
        )
        rows = [(item["sk"]["S"], items.value(item, News)) for item in map(dict, answer["Items"])]
        return Page(rows, rows[-1][0] if rows else after, is_last="LastEvaluatedKey" not in answer)

    def latest(self, nit: str, before: str, most: int) -> Page:
        """An issuer's news before a position, newest first; before ``BEGINNING``, the latest. Reads no more than
        ``most`` items."""
        until = items.instant(datetime.fromtimestamp(self._clock() - HELD_BACK_SECONDS, UTC))
        if before != BEGINNING:
            # What is just before a position: its last character one less, and all that begins so.
            until = min(until, f"{before[:-1]}{chr(ord(before[-1]) - 1)}~")
        answer = self._table.client.query(
            TableName=self._table.name,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :after AND :until",
            ExpressionAttributeValues=items.pack(
                {":pk": keys.news_of(nit), ":after": BEGINNING, ":until": until}
            ),
            Limit=most,
            ScanIndexForward=False,
            ConsistentRead=True,
        )
        rows = [(item["sk"]["S"], items.value(item, News)) for item in map(dict, answer["Items"])]
        return Page(rows, rows[-1][0] if rows else BEGINNING, is_last="LastEvaluatedKey" not in answer)

    def is_waiting(self, nit: str, after: str) -> bool:
        """Whether there is news after a position, that which no reader sees yet too. Reads one item."""
        answer = self._table.client.query(
            TableName=self._table.name,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :after AND :until",
            ExpressionAttributeValues=items.pack(
                {":pk": keys.news_of(nit), ":after": f"{after} ", ":until": "~"}
            ),
            Limit=1,
        )
        return answer["Count"] > 0

    def notice(self, what: str, told: News, says: str | None = None) -> bool:
        """Write news that no record tells; ``what`` says which, and it is written once only. Whether it was
        now, where no answer was lost.

        ``says``: of what changes again and again, as what it is now; then it is written once until another is.
        """
        for _ in range(_TIMES_TOLD - 1):
            with suppress(faults.Outdated):
                return self._notice(what, told, says)
        return self._notice(what, told, says)

    def _notice(self, what: str, told: News, says: str | None) -> bool:
        began, now = time.monotonic(), datetime.fromtimestamp(self._clock(), UTC)
        said = news.dated(told, now, what if says is None else f"{what}#{says}#{now.isoformat()}")
        mark = {**keys.noticed(told.issuer, what), "told_at": now.isoformat()}
        own = self._table.putting(items.pack(mark), "attribute_not_exists(pk)")
        if says is not None:
            condition = "attribute_not_exists(pk) OR says <> :says"
            own = self._table.putting(items.pack({**mark, "says": says}), condition, {":says": says})
        item = items.news_item(said, keys.news(told.issuer, items.instant(now), _place(said)), now + KEPT_FOR)
        with faults.good_until(began + WRITTEN_WITHIN_SECONDS):
            is_known, *_ = self._table.write_all([own, self._table.putting(item)])
        return not is_known

    def was_noticed(self, nit: str, what: str) -> bool:
        return self._table.get(keys.noticed(nit, what)) is not None


def _place(told: News) -> str:
    """What stands behind the moment in the position of news that no record tells: no text that a provider wrote,
    since positions travel in links. That of a record begins as all news of it."""
    return f"{told.record.document_id}#{told.id}" if told.record is not None else told.id


def items_of(before: Record, after: Record) -> Iterator[Item]:
    """The items of a record's news, as it is written."""
    for told in news.of_record(before, after):
        assert told.record is not None
        what = f"{after.document_id}#{after.version}#{told.type.value}"
        key = keys.news(after.issuer, items.instant(told.at), what)
        yield items.news_item(told, key, told.at + KEPT_FOR)
