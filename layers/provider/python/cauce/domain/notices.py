"""What a schedule notices of an issuer: a range, a certificate or a quota that comes to its end, ranges that changed.

Each is told once for each threshold that it passes: what stands before it in a pair says which, and is the same
however often it is noticed.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time

from cauce.domain.issuer import Issuer, Quota
from cauce.domain.models import changed
from cauce.domain.news import News, NewsType, OfQuota, OfRange
from cauce.domain.preparation import SHARE_OF_QUOTA, Point, Subject
from cauce.domain.ranges import (
    DAYS_OF_WARNING,
    SHARE_OF_WARNING,
    NumberingRange,
    RangeState,
    numbers_left,
)
from cauce.domain.time import BOGOTA

Noticed = tuple[str, News]
"""What is told, and which piece of news it is."""

DAYS = (1, 7, 15, DAYS_OF_WARNING)
"""Days before the end at which an issuer is told."""
SHARES = (1, 5, SHARE_OF_WARNING)
"""Per cent of a range's numbers that are left when an issuer is told."""


def of_range(issuer: Issuer, found: NumberingRange, today: date, now: datetime) -> Iterator[Noticed]:
    """That a range in use comes to its last day, or to its last number."""
    if found.state(today) is not RangeState.USABLE:
        return
    days, left = found.days_left(today), found.left
    of = _of(found, today)
    if days is not None and (passed := _passed(days, DAYS)) is not None:
        told = _news(issuer, NewsType.RANGE_EXPIRES, now, found.warning(today), range=of)
        yield f"range#{found.key}#{found.valid_to}#{passed}d", told
    if left is not None:
        share = -(-left * 100 // (found.end - found.start + 1))
        if (passed := _passed(share, SHARES)) is not None:
            told = _news(issuer, NewsType.RANGE_RUNS_OUT, now, numbers_left(left), range=of)
            yield f"range#{found.key}#{found.start}-{found.end}#{passed}%", told


def of_changes(
    issuer: Issuer, ranges: Iterable[NumberingRange], what: str, today: date, now: datetime
) -> Iterator[Noticed]:
    """That ranges are ``new``, ``changed`` or ``gone``: of each once a day."""
    for found in ranges:
        of = _of(found, today, what)
        told = _news(issuer, NewsType.RANGE_CHANGED, now, found.warning(today), range=of)
        yield f"range#{found.key}#{what}#{today}", told


def of_certificates(issuer: Issuer, points: Iterable[Point], now: datetime) -> Iterator[Noticed]:
    """That a certificate comes to its end."""
    for point in points:
        if point.subject is not Subject.CERTIFICATE or point.days_left is None or point.ends_on is None:
            continue
        passed = _passed(point.days_left, DAYS)
        if passed is not None:
            ends = datetime.combine(point.ends_on, time(), BOGOTA)
            told = _news(issuer, NewsType.CERTIFICATE_EXPIRES, now, point.says)
            told = changed(told, {"provider": point.provider, "expires_at": ends})
            yield f"certificate#{point.provider}#{point.ends_on}#{passed}", told


def of_quota(issuer: Issuer, quota: Quota, used: int, now: datetime) -> Iterator[Noticed]:
    """That four fifths of a quota, or all of it, is used."""
    period = quota.period.name_at(now)
    for share, kind in ((SHARE_OF_QUOTA, NewsType.QUOTA_80), (100, NewsType.QUOTA_100)):
        if used * 100 >= quota.limit * share:
            of = OfQuota(used=used, limit=quota.limit, period=period)
            told = changed(_news(issuer, kind, now, None), {"quota": of})
            yield f"quota#{period}#{quota.limit}#{share}", told


def _passed(value: int, thresholds: tuple[int, ...]) -> int | None:
    """The lowest threshold that a value is not above."""
    return next((each for each in thresholds if value <= each), None)


def _of(found: NumberingRange, today: date, what: str | None = None) -> OfRange:
    return OfRange(
        provider=found.provider,
        prefix=found.prefix,
        kind=found.kind,
        resolution=found.resolution,
        left=found.left,
        days=found.days_left(today),
        what=what,
    )


def _news(
    issuer: Issuer, kind: NewsType, now: datetime, why: str | None, *, range: OfRange | None = None
) -> News:
    return News(id="", type=kind, issuer=issuer.nit, at=now, why=why, range=range)
