"""Tells an issuer what the schedule of numbering notices: once each (``domain.notices``)."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cauce.domain import notices
from cauce.domain.document import AUTHORISED
from cauce.domain.errors import CauceError
from cauce.domain.issuer import Issuer
from cauce.domain.preparation import Point, Subject, Use
from cauce.domain.ranges import DAYS_OF_WARNING, NumberingRange, RangeState
from cauce.domain.time import bogota
from cauce.gateway import Noticing, Telling
from cauce.law import values
from cauce.providers import registry
from cauce.providers.base import NumberedBy

_DIAN, MONDAY = "dian", 0


def values_missing(now: datetime) -> int:
    """On Mondays, for how many of the law's yearly values this year's is missing, in December the next one's; 0 on
    other days, so that an alarm on it is raised each week."""
    today = bogota(now).date()
    return len(values.missing(today)) if today.weekday() == MONDAY else 0


Counted = list[tuple[NumberingRange, tuple[int, ...]]]
"""Ranges, each with how many records took a number in it: last month, in this, and in the quota's period."""


@dataclass(frozen=True)
class Found:
    """What was noticed of an issuer."""

    told: int
    """How many pieces of news were new."""
    certificates_told: int
    """How many of them are about certificates."""
    running_out: tuple[NumberingRange, ...]
    """Ranges whose numbers are foreseen to end soon by the issuer's pace alone."""
    certificate_days: int | None
    """Days until the first of its certificates ends that have not ended yet."""


def tell(gateway: Noticing, issuer: Issuer) -> Found:
    """Write the news of the end of an issuer's ranges, certificates and quota that is near. Idempotent."""
    now = gateway.now()
    today = bogota(now).date()
    months = [f"{today.replace(day=1) - timedelta(days=1):%Y-%m}", f"{today:%Y-%m}"]
    periods = [*months, issuer.counted_by.name_at(now)]
    own = gateway.new_records.counted(issuer.nit, periods)
    ranges = gateway.ranges.all_counted(issuer.nit, periods)
    uses = list(_uses(issuer, ranges, own, today))
    certificates = _certificates(gateway, issuer)

    found: list[notices.Noticed] = []
    for each, _ in ranges:
        found += notices.of_range(issuer, each, today, now)
    for each, use in uses:
        found += notices.of_pace(issuer, each, use, today, now)
    if issuer.quota is not None:
        used = own[-1] + sum(counts[-1] for _, counts in ranges)
        found += notices.of_quota(issuer, issuer.quota, used, now)
    year = values.year_needed(today)
    found += notices.of_law(issuer, year, values.absent(year), now)
    told = told_of(gateway, issuer.nit, found)
    about_certificates = told_of(
        gateway, issuer.nit, list(notices.of_certificates(issuer, certificates, now))
    )
    return Found(
        told=told + about_certificates,
        certificates_told=about_certificates,
        running_out=tuple(each for each, use in uses if _is_running_out(each, use, today)),
        certificate_days=min(
            (days for each in certificates if (days := each.days_left) is not None and days >= 0),
            default=None,
        ),
    )


def _is_running_out(found: NumberingRange, use: Use, today: date) -> bool:
    days = notices.days_by_pace(found, use, today)
    return days is not None and days <= DAYS_OF_WARNING and not found.is_to_be_renewed(today)


def told_of(gateway: Telling, nit: str, found: list[notices.Noticed]) -> int:
    """Write what was noticed and not told yet; how much."""
    return sum(
        gateway.news.notice(each.what, each.news)
        for each in found
        if not any(gateway.news.was_noticed(nit, what) for what in (each.what, *each.unless))
    )


def _certificates(gateway: Noticing, issuer: Issuer) -> list[Point]:
    if _DIAN not in issuer.providers.values():
        return []
    with suppress(CauceError):  # no certificate yet, or one that cannot be read: GET /preparacion says so
        points = gateway.provider(issuer, _DIAN).readiness(gateway.now())
        return [each for each in points if each.subject is Subject.CERTIFICATE and each.ends_on is not None]
    return []


def _uses(
    issuer: Issuer, ranges: Counted, own: tuple[int, ...], today: date
) -> Iterator[tuple[NumberingRange, Use]]:
    """The ranges whose pace is known. Documents that are counted for the whole issuer are taken for those of its only
    range by resolution; where it has several of these, nobody knows the pace of each."""
    authorised = [
        each for each, _ in ranges if each.kind in AUTHORISED and each.state(today) is RangeState.USABLE
    ]
    for each, counts in ranges:
        in_range = issuer.quota is None and _is_numbered_here(issuer, each.provider)
        if in_range or authorised == [each]:
            yield each, Use.of(counts, own, in_range=in_range)


def _is_numbered_here(issuer: Issuer, name: str) -> bool:
    try:
        declared = registry.provider_class(name).declare(issuer.settings.get(name, {}))
    except CauceError:  # its settings are wrong: GET /preparacion says so
        return False
    return declared.numbered_by is NumberedBy.GATEWAY
