"""Tells an issuer what the schedule of numbering notices: once each (``domain.notices``)."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from cauce.domain import notices
from cauce.domain.errors import CauceError
from cauce.domain.issuer import Issuer
from cauce.domain.time import bogota
from cauce.gateway import Noticing
from cauce.law import values
from cauce.numbering.sync import SyncReport

_DIAN, MONDAY = "dian", 0


def values_missing(now: datetime) -> int:
    """On Mondays, for how many of the law's yearly values this year's is missing, in December the next one's; 0 on
    other days, so that an alarm on it is raised each week."""
    today = bogota(now).date()
    return len(values.missing(today)) if today.weekday() == MONDAY else 0


def tell(gateway: Noticing, issuer: Issuer, reports: Iterable[SyncReport]) -> int:
    """Write the news of what a sync found, of the ranges' and the certificate's end, and of the quota; how many were
    new. Idempotent."""
    now = gateway.now()
    today = bogota(now).date()
    found: list[notices.Noticed] = []
    for report in reports:
        for what, ranges in (("new", report.new), ("changed", report.altered), ("gone", report.vanished)):
            found += notices.of_changes(issuer, ranges, what, today, now)
    for each in gateway.ranges.all(issuer.nit):
        found += notices.of_range(issuer, each, today, now)
    if issuer.quota is not None:
        used = gateway.new_records.used(issuer.nit, issuer.quota.period, now)
        found += notices.of_quota(issuer, issuer.quota, used, now)
    if _DIAN in issuer.providers.values():
        with suppress(CauceError):  # no certificate yet, or one that cannot be read: GET /preparacion says so
            found += notices.of_certificates(issuer, gateway.provider(issuer, _DIAN).readiness(now), now)
    return sum(
        gateway.news.notice(what, told)
        for what, told in found
        if not gateway.news.was_noticed(issuer.nit, what)
    )
