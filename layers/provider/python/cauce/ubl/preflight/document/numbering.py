"""Date and time of issue, and range. Annex 1.9, groups FAB and FAD."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from cauce.domain.document import Kind
from cauce.domain.issuer import Environment
from cauce.domain.ranges import NumberingRange
from cauce.domain.time import bogota
from cauce.ubl.facts import FROM_PAPER
from cauce.ubl.own_ranges import TEST_RESOLUTION, is_key_missed, technical_key
from cauce.ubl.preflight.document.case import Case
from cauce.ubl.preflight.rules import Hit

_NUMBER = re.compile(r"[A-Za-z0-9]{1,20}")
_MOST = 999_999_999
# FAD09c and FAD09d. Older texts say 5 days for the first, later ones 10; support documents have neither rule.
_DAYS = timedelta(days=10)
# How far our clock and DIAN's may be apart.
_CLOCKS = timedelta(minutes=1)


def check(case: Case) -> Iterator[Hit]:
    if case.now is not None:
        yield from _moment(case, bogota(case.now))
    yield from _reference(case)
    if case.range is not None:
        yield from _range(case, case.range)


def _moment(case: Case, now: datetime) -> Iterator[Hit]:
    field = "issue_date"
    issued, today = bogota(case.issued_at).date(), now.date()
    if not case.is_support and issued < today - _DAYS:
        yield Hit("FAD09c", field, f"{today - _DAYS} o después", str(issued))
    elif not case.is_support and issued > today + _DAYS:
        yield Hit("FAD09d", field, f"{today + _DAYS} o antes", str(issued))
    elif issued != today:
        # The day of signing must be the day of issue, and the document is signed today.
        yield Hit("FAD09e", field, f"{today}, el día de la firma", str(issued), case.other_dates)
    elif case.issued_at > now + _CLOCKS:
        # The annex has this rule for events alone; that DIAN applies it to documents too was only reported.
        field = "issue_time"
        yield Hit("DC24", field, f"{now:%H:%M:%S} o antes", f"{case.issued_at:%H:%M:%S}", True)


def _reference(case: Case) -> Iterator[Hit]:
    corrected, issued = case.document.billing_reference, bogota(case.issued_at).date()
    if corrected is not None and corrected.issue_date > issued:
        field = "billing_reference.issue_date"
        yield Hit("CBG06", field, f"{issued} o antes", str(corrected.issue_date))


def _range(case: Case, found: NumberingRange) -> Iterator[Hit]:
    field = "prefix"
    number = f"{found.prefix}{found.start if found.next is None else found.next}"
    if not _NUMBER.fullmatch(number):
        yield Hit("FAD05a", field, "de 1 a 20 letras y dígitos", number)
    if case.kind not in (Kind.INVOICE, Kind.SUPPORT_DOCUMENT):
        return
    if found.resolution is None:
        yield Hit("FAB05a", field, "un rango con resolución", "un rango sin resolución")
    elif found.resolution == TEST_RESOLUTION and case.issuer.environment is Environment.PRODUCTION:
        yield Hit("FAB05a", field, "una resolución del emisor", f"{TEST_RESOLUTION}, la de pruebas")
    for code, bound in (("FAB11a", found.start), ("FAB12a", found.end)):
        if not 0 < bound <= _MOST:
            yield Hit(code, field, f"de 1 a {_MOST}", str(bound))
    if found.next is not None and found.next < found.start:
        yield Hit("FAD05b", field, f"{found.start} o más", str(found.next))
    if found.next is not None and found.next > found.end:
        yield Hit("FAD05c", field, f"{found.end} o menos", str(found.next))
    yield from _validity(case, found.valid_from, found.valid_to)
    has_key = technical_key(found) is not None or is_key_missed(found)
    if case.kind is Kind.INVOICE and case.invoice_type != FROM_PAPER and not has_key:
        yield Hit("FAD06", field, "un rango con clave técnica", "un rango sin clave técnica")


def _validity(case: Case, start: date | None, end: date | None) -> Iterator[Hit]:
    prefix, issued = "prefix", bogota(case.issued_at).date()
    field = "issue_date"
    early, late = ("FAB07b", "FAB08b") if case.is_support else ("FAD09a", "FAD09b")
    if start is None:
        yield Hit("FAB07a", prefix, "un rango con fecha inicial", "un rango sin ella")
    elif issued < start:
        yield Hit(early, field, f"{start} o después", str(issued))
    if end is None:
        yield Hit("FAB08a", prefix, "un rango con fecha final", "un rango sin ella")
    elif issued > end:
        yield Hit(late, field, f"{end} o antes", str(issued))
