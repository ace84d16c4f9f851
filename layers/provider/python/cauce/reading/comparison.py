"""A month at a provider: a page of its own listing, compared with our records.

``reconciliation`` is the operator's, of all numbers at once. This one answers within a request; whoever has followed
its pages knows which numbers the provider named, and which it did not.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from cauce.domain.document import Kind
from cauce.domain.errors import Unsupported
from cauce.domain.issuer import Issuer
from cauce.domain.outcome import Number
from cauce.domain.record import Record
from cauce.gateway import Closing
from cauce.providers.base import Emitted, EmittedPage, EmittedQuery, Filter, FilterName
from cauce.reading import listing
from cauce.reading.close import Month
from cauce.reading.series import Anomaly, Theirs, What, different, number_in

_ROWS = 100
# A provider may date a document by when it came, on the other side of a month's end. Rows of these days are compared
# where they are ours, and are no strangers where they are not.
_AROUND = timedelta(days=1)


@dataclass(frozen=True)
class Compared:
    """A page of a provider's listing: the numbers that it names, and what does not agree with our records."""

    provider: str
    kind: Kind
    numbers: list[Number]
    anomalies: list[tuple[Number, Anomaly]]
    next_offset: int | None


def compared(
    gateway: Closing, issuer: Issuer, month: Month, name: str | None, kind: Kind, offset: int
) -> Compared:
    """A page of what the provider has of a kind in a month. Raises whatever asking the provider raises."""
    provider, page = _page(gateway, issuer, month, name, kind, offset)
    prefixes = {found.prefix for found in gateway.ranges.all(issuer.nit)}
    rows = [(number, row) for row in page.rows if (number := number_in(row.number or "", prefixes))]
    ours = dict(gateway.numbers.holders(issuer.nit, kind, (number for number, _ in rows)))
    twice = {number for number, times in Counter(number for number, _ in rows).items() if times > 1}
    found = [
        (number, anomaly)
        for number, row in rows
        for anomaly in _anomalies(month, number, row, ours.get(number), is_double=number in twice)
    ]
    return Compared(provider, kind, list(dict.fromkeys(n for n, _ in rows)), found, page.next_offset)


def _page(
    gateway: Closing, issuer: Issuer, month: Month, name: str | None, kind: Kind, offset: int
) -> tuple[str, EmittedPage]:
    """A page of the month's rows. Of a provider that cannot be asked for dates (Factus v1), those of its whole
    listing that are of the month; it lists the newest first, and is read until all of a page are older."""
    since, until = month.first - _AROUND, month.last + _AROUND
    bounds = ((FilterName.ISSUED_SINCE, since), (FilterName.ISSUED_UNTIL, until))
    filters = tuple(Filter(each, day.isoformat(), each.value) for each, day in bounds)
    query = EmittedQuery(kind=kind, filters=filters, offset=offset, limit=_ROWS)
    try:
        return listing.emitted(gateway, issuer, name, query)
    except Unsupported as refused:
        if not {each.value for each, _ in bounds}.intersection(refused.fields):
            raise
    provider, page = listing.emitted(gateway, issuer, name, replace(query, filters=()))
    days = [(row.issued_at or since.isoformat())[:10] for row in page.rows]
    rows = tuple(
        row for row, day in zip(page.rows, days, strict=True) if since.isoformat() <= day <= until.isoformat()
    )
    is_past = bool(days) and max(days) < since.isoformat()
    return provider, EmittedPage(rows=rows, next_offset=None if is_past else page.next_offset)


def _anomalies(
    month: Month, number: Number, row: Emitted, ours: Record | None, *, is_double: bool
) -> Iterator[Anomaly]:
    at = number.consecutive
    if is_double:
        yield Anomaly(What.DUPLICATE, at, at, f"el proveedor tiene dos: {row.provider_id or '?'}")
    if ours is not None:
        yield from different(at, ours, Theirs(number=number, shown_state=row.shown_state, uuid=row.uuid))
    elif month.first.isoformat() <= (row.issued_at or month.first.isoformat())[:10] <= month.last.isoformat():
        detail = f"{row.shown_state}, referencia {row.reference or 'desconocida'}"
        yield Anomaly(What.STRANGER, at, at, detail)
