"""The month's close: what an issuer issued in a month, added up; which numbers have no valid document, and why.

A month may have a hundred thousand documents, and an answer has 29 s. So a close is read in pages, by date of issue:
each reads ``MOST_DOCUMENTS`` records at most, adds them up, and says where the next one starts. Whoever reads them
all adds up the sums of the pages. Nothing is written, and nothing is scanned.

Documents are added up with those of the same kind, state and currency: amounts of two currencies make no sum. Taxes
and withholdings are those of the accepted documents alone, by rate.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from cauce import faults
from cauce.domain.document import Document, Kind
from cauce.domain.money import ZERO
from cauce.domain.outcome import Number
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record, State
from cauce.domain.time import bogota
from cauce.domain.totals import NOTHING, Amounts, TaxAmount, totals
from cauce.gateway import Closing
from cauce.reading.series import key_of

MOST_DOCUMENTS = 5_000
"""Of one page: a hundred reads of fifty records each, some 20 ms apart, and a second to add up what they say."""
MOST_NUMBERS = 1_000
"""Numbers without a document of its own that a page looks up."""
_TO_FINISH_SECONDS = 10.0
"""A page ends where less time is left: its numbers are still to be looked up, and the answer to be written."""

Series = tuple[Kind, str, str | None]
"""A kind, a prefix, and the resolution of a range."""


@dataclass(frozen=True)
class Month:
    """A month of Bogotá's calendar."""

    first: date

    @property
    def last(self) -> date:
        return self.first.replace(day=monthrange(self.first.year, self.first.month)[1])

    def has(self, record: Record) -> bool:
        return self.first <= bogota(record.issued_at).date() <= self.last

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True)
class Start:
    """Where a page starts: behind a position in the issuer's list. ``reached``: the last number of each series so
    far."""

    position: str
    reached: tuple[tuple[Kind, Number], ...] = ()


@dataclass
class Sum:
    """So many documents, and what they come to."""

    documents: int = 0
    amounts: Amounts = NOTHING

    def add(self, amounts: Amounts) -> None:
        self.documents += 1
        self.amounts = Amounts(*(one + other for one, other in zip(self.amounts, amounts, strict=True)))


@dataclass
class TaxSum:
    """What so many documents owe of one tax at one rate."""

    documents: int = 0
    base: Decimal = ZERO
    amount: Decimal = ZERO

    def add(self, tax: TaxAmount) -> None:
        self.documents += 1
        self.base += tax.base
        self.amount += tax.amount


@dataclass(frozen=True)
class Rate:
    """A tax or withholding at one rate, in the documents of a kind and a currency."""

    kind: Kind
    currency: str
    code: str
    percent: Decimal | None
    name: str | None
    per_unit_amount: Decimal | None


class Why(StrEnum):
    """Why a number has no valid document."""

    NEVER_TAKEN = "never taken"
    """No record of ours ever took it."""
    SPENT = "spent"
    """An attempt used it up; its document has another number."""
    NOT_VALID = "not valid"
    """Its document is of another month, and not accepted."""
    NOT_LOOKED_UP = "not looked up"
    """There are too many in a row to look each of them up."""


@dataclass(frozen=True)
class Gap:
    """Numbers in a row, between numbers that are used, that no valid document has, and why."""

    kind: Kind
    prefix: str
    first: int
    last: int
    why: Why
    record: Record | None = None
    """The one that took the number, where one did."""


@dataclass
class Page:
    """A part of a month, added up."""

    month: Month
    documents: int = 0
    unreadable: int = 0
    """Records that a newer Cauce wrote: they are in no sum."""
    sums: dict[tuple[Kind, str, str], Sum] = field(default_factory=lambda: defaultdict(Sum))
    """By kind, shown state and currency."""
    taxes: dict[Rate, TaxSum] = field(default_factory=lambda: defaultdict(TaxSum))
    withholdings: dict[Rate, TaxSum] = field(default_factory=lambda: defaultdict(TaxSum))
    to_review: list[Record] = field(default_factory=list)
    """Those that are not accepted."""
    gaps: list[Gap] = field(default_factory=list)
    next: Start | None = None


def page(
    gateway: Closing,
    nit: str,
    month: Month,
    start: Start | None,
    most: int,
    each: Callable[[Record], None] | None,
) -> Page:
    """The part of a month that begins at ``start``: ``most`` documents at most, and fewer where time runs out.
    ``each``, if given, is called with every record."""
    made, ranges = Page(month), gateway.ranges.all(nit)
    numbers: dict[Series, set[int]] = defaultdict(set)
    last = ""
    behind = start.position if start else None
    for position, record in gateway.listing.between(nit, month.first, month.last, behind):
        if last and (made.documents == most or faults.seconds_left() < _TO_FINISH_SECONDS):
            made.next = Start(last, tuple(_reached(start, ranges, numbers)))
            break
        last = position
        made.documents += 1
        if record is None:
            made.unreadable += 1
            continue
        if each is not None:
            each(record)
        _count(made, record)
        if record.number is not None:
            series = record.kind, *key_of(ranges, record.kind, record.number)
            numbers[series].add(record.number.consecutive)
    made.gaps = list(_gaps(gateway, nit, month, list(_runs(gateway, nit, ranges, numbers, start))))
    return made


def _count(made: Page, record: Record) -> None:
    content = record.content
    currency = content.currency if isinstance(content, Document) else ""
    made.sums[record.kind, record.shown_state, currency].add(record.amounts)
    if record.state is not State.ACCEPTED:
        made.to_review.append(record)
    elif isinstance(content, Document):
        found = totals(content)
        for sums, taxes in ((made.taxes, found.taxes), (made.withholdings, found.withholdings)):
            for tax in taxes:
                rate = Rate(record.kind, currency, tax.code, tax.percent, tax.name, tax.per_unit_amount)
                sums[rate].add(tax)


def _reached(
    start: Start | None, ranges: list[NumberingRange], numbers: dict[Series, set[int]]
) -> Iterator[tuple[Kind, Number]]:
    """The last number of each series, of this page and of those before it."""
    before = _by_series(start, ranges)
    for series in sorted({*before, *numbers}, key=str):
        kind, prefix, _ = series
        highest = max((*numbers.get(series, ()), before.get(series, 0)))
        yield kind, Number(prefix=prefix, consecutive=highest)


def _by_series(start: Start | None, ranges: list[NumberingRange]) -> dict[Series, int]:
    reached = start.reached if start else ()
    return {(kind, *key_of(ranges, kind, number)): number.consecutive for kind, number in reached}


Run = tuple[Kind, str, int, int]
"""Numbers in a row of a kind and a prefix: the first and the last."""


def _runs(
    gateway: Closing,
    nit: str,
    ranges: list[NumberingRange],
    numbers: dict[Series, set[int]],
    start: Start | None,
) -> Iterator[Run]:
    """The numbers that no document of this page has, from the last one of the pages before to the page's highest. On
    the first page they begin behind the last number that was taken before the month's lowest."""
    before = _by_series(start, ranges)
    for series, found in numbers.items():
        kind, prefix, _ = series
        lowest = Number(prefix=prefix, consecutive=min(found))
        begin = before.get(series)
        if begin is None:
            earlier = gateway.numbers.before(nit, kind, lowest)
            same = earlier is not None and (kind, *key_of(ranges, kind, earlier)) == series
            begin = earlier.consecutive if earlier is not None and same else lowest.consecutive
        for one, other in pairwise(sorted({begin, *(n for n in found if n > begin)})):
            if other - one > 1:
                yield kind, prefix, one + 1, other - 1


def _gaps(gateway: Closing, nit: str, month: Month, runs: list[Run]) -> Iterator[Gap]:
    wanted: dict[Kind, list[Number]] = defaultdict(list)
    left, too_long = MOST_NUMBERS, set()
    for kind, prefix, first, last in runs:
        if last - first >= left:
            too_long.add((kind, prefix, first))
            continue
        left -= last - first + 1
        wanted[kind] += [Number(prefix=prefix, consecutive=n) for n in range(first, last + 1)]
    for kind, prefix, first, last in runs:
        if (kind, prefix, first) in too_long:
            yield Gap(kind, prefix, first, last, Why.NOT_LOOKED_UP)
    for kind, asked in wanted.items():
        taken = dict(gateway.numbers.holders(nit, kind, asked))
        yield from _merged(_unused(kind, number, taken.get(number), month) for number in asked)


def _unused(kind: Kind, number: Number, record: Record | None, month: Month) -> Gap | None:
    """The gap that one number is; ``None`` where it has a valid document, or one that its own page has to review."""
    if record is None:
        why = Why.NEVER_TAKEN
    elif record.number != number:
        why = Why.SPENT
    elif record.state is State.ACCEPTED or month.has(record):
        return None
    else:
        why = Why.NOT_VALID
    return Gap(kind, number.prefix, number.consecutive, number.consecutive, why, record)


def _merged(gaps: Iterable[Gap | None]) -> Iterator[Gap]:
    """Numbers in a row that nobody took as one gap."""
    open_: Gap | None = None
    for gap in gaps:
        if (
            open_ is not None
            and gap is not None
            and (gap.why, open_.why) == (Why.NEVER_TAKEN, Why.NEVER_TAKEN)
            and (gap.prefix, gap.first) == (open_.prefix, open_.last + 1)
        ):
            open_ = Gap(gap.kind, gap.prefix, open_.first, gap.last, gap.why)
            continue
        if open_ is not None:
            yield open_
        open_ = gap
    if open_ is not None:
        yield open_
