"""What is noticed of an issuer: a range, a certificate or a quota that comes to its end, ranges that changed.

What ends is told once for each threshold that it passes; a range that changed, once for what it has become.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import NamedTuple

from cauce.domain.issuer import Issuer, Quota
from cauce.domain.models import changed
from cauce.domain.news import News, NewsType, OfQuota, OfRange
from cauce.domain.preparation import SHARE_OF_QUOTA, Point, Subject, Use, end_by_pace
from cauce.domain.ranges import (
    DAYS_OF_WARNING,
    SHARE_OF_WARNING,
    NumberingRange,
    RangeState,
    numbers_left,
)
from cauce.domain.time import BOGOTA


class Noticed(NamedTuple):
    """What is told, and which piece of news it is: the same however often it is noticed."""

    what: str
    news: News
    unless: tuple[str, ...] = ()
    """It is not told once one of these was: the end was foreseen to be nearer."""


class Changed(NamedTuple):
    """That a range changed; it is told once until it ``says`` something else."""

    what: str
    news: News
    says: str


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
        yield Noticed(f"range#{found.key}#{found.valid_to}#{passed}d", told)
    if left is not None:
        share = -(-left * 100 // (found.end - found.start + 1))
        if (passed := _passed(share, SHARES)) is not None:
            told = _news(issuer, NewsType.RANGE_RUNS_OUT, now, numbers_left(left), range=of)
            yield Noticed(f"range#{found.key}#{found.start}-{found.end}#{passed}%", told)


def of_pace(issuer: Issuer, found: NumberingRange, use: Use, today: date, now: datetime) -> Iterator[Noticed]:
    """That the numbers of a range in use are foreseen to last no longer than so many days. A pace that slows down
    tells no threshold again that lies behind."""
    days = days_by_pace(found, use, today)
    if days is None or found.left is None or (passed := _passed(days, DAYS)) is None:
        return
    of = changed(_of(found, today), {"days_by_pace": days})
    told = _news(issuer, NewsType.RANGE_RUNS_OUT, now, end_by_pace(found.left, days), range=of)
    what = f"range#{found.key}#{found.start}-{found.end}#pace"
    nearer = tuple(f"{what}#{each}" for each in DAYS if each < passed)
    yield Noticed(f"{what}#{passed}", told, nearer)


def days_by_pace(found: NumberingRange, use: Use, today: date) -> int | None:
    """For how many days the numbers of a range are enough; ``None`` where it cannot be used, or nobody knows."""
    if found.state(today) is not RangeState.USABLE or found.left is None:
        return None
    return use.days_for(found.left, today)


def of_change(issuer: Issuer, found: NumberingRange, what: str, today: date, now: datetime) -> Changed:
    """That a range is ``new``, ``changed`` or ``gone``."""
    # Whether another provider has a new range is only known once all of them were asked.
    why = None if what == "new" and found.held_by is not None else found.warning(today)
    told = _news(issuer, NewsType.RANGE_CHANGED, now, why, range=_of(found, today, what))
    return Changed(f"range#{found.key}#change", told, _content(found))


def _content(found: NumberingRange) -> str:
    """A hash of all that a sync tells of a range, but its next number."""
    key = found.technical_key.get_secret_value() if found.technical_key is not None else ""
    text = found.model_dump_json(exclude={"next", "technical_key", "key_withheld"}, exclude_defaults=True)
    return hashlib.sha256(f"{text}#{key}".encode()).hexdigest()


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
            yield Noticed(f"certificate#{point.provider}#{point.ends_on}#{passed}", told)


def of_quota(issuer: Issuer, quota: Quota, used: int, now: datetime) -> Iterator[Noticed]:
    """That four fifths of a quota, or all of it, is used."""
    period = quota.period.name_at(now)
    for share, kind in ((SHARE_OF_QUOTA, NewsType.QUOTA_80), (100, NewsType.QUOTA_100)):
        if used * 100 >= quota.limit * share:
            of = OfQuota(used=used, limit=quota.limit, period=period)
            told = changed(_news(issuer, kind, now, None), {"quota": of})
            yield Noticed(f"quota#{period}#{quota.limit}#{share}", told)


def of_law(issuer: Issuer, year: int, missing: Iterable[str], now: datetime) -> Iterator[Noticed]:
    """That the values which the law sets anew for a year are not known yet; told once for each year."""
    if named := ", ".join(missing):
        why = (
            f"Cauce todavía no tiene los valores de {year} de {named}. Sus documentos se emiten como lleguen: revise "
            "en su sistema que desde el 1 de enero lleven los nuevos."
        )
        yield Noticed(f"law#{year}", _news(issuer, NewsType.LAW_VALUES_MISSING, now, why))


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
