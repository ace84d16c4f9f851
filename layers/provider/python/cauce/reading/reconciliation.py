"""Audit: compares an issuer's numbers with those that its provider has, and names every difference.

Where a provider lists what it emitted, the listing is read; where it does not, it is asked about each number. Nothing
is written. Of a provider that lists but takes none of our documents only gaps and duplicates in its own listing are
named: that we have no record of its documents is no anomaly.

Documents go on being emitted meanwhile, and the index of our numbers lags. So a number without a record in the index
is looked up by its key before it is reported, and a record that is being sent, or has changed since it was read, is
not reported.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from cauce.domain.document import Kind
from cauce.domain.errors import Held, NotFound
from cauce.domain.issuer import Issuer
from cauce.domain.outcome import Accepted, Number, Pending
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record, State
from cauce.gateway import Reconciling, Recording
from cauce.providers.base import EmittedQuery, Provider, Verb, refs
from cauce.reading.series import (
    AllSeries,
    Anomaly,
    Series,
    Theirs,
    What,
    among_theirs,
    different,
    grouped,
    key_of,
    missing,
    number_in,
    unexplained,
)

Question = TypeVar("Question")
Answer = TypeVar("Answer")

_ROWS = 100
_HELD_TIMES = 20


@dataclass(frozen=True)
class Reconciled:
    """The numbers of one prefix, within one range or outside of all: how many each side has, and what is wrong."""

    kind: Kind
    prefix: str
    resolution: str | None
    ours: int
    theirs: int
    anomalies: list[Anomaly]


def reconcile(gateway: Reconciling, issuer: Issuer, name: str) -> list[Reconciled]:
    """Every series of numbers that the issuer has at a provider. Raises whatever asking the provider raises."""
    issuer.require(name)
    provider = gateway.provider(issuer, name)
    ranges = [found for found in gateway.ranges.all(issuer.nit) if found.provider == name]
    kinds = provider.capabilities.kinds - {Kind.EVENT}
    lists = Verb.LIST_EMITTED in provider.capabilities.verbs
    report = []
    for kind in sorted(kinds):
        numbers = dict(gateway.numbers.taken(issuer.nit, kind))
        prefixes = {found.prefix for found in ranges} | {number.prefix for number in numbers}
        listed = list(_listed(gateway, provider, kind, prefixes)) if lists else []
        without_record = unexplained(grouped(ranges, kind, name, numbers, listed))
        numbers |= dict(gateway.numbers.holders(issuer.nit, kind, without_record))
        asked = [] if lists else list(_asked(gateway, provider, name, numbers))
        series = grouped(ranges, kind, name, numbers, [*listed, *asked])
        report += _reported(kind, series, lambda found: _anomalies(gateway, issuer, found))
    if not kinds and lists:
        report = _of_a_listing_alone(gateway, provider, ranges)
    return report


def _of_a_listing_alone(
    gateway: Reconciling, provider: Provider, ranges: list[NumberingRange]
) -> list[Reconciled]:
    """The documents of a provider that takes none of ours, checked for gaps and duplicates among themselves."""
    series: dict[Kind, AllSeries] = defaultdict(lambda: defaultdict(Series))
    for each in _listed(gateway, provider, None, {found.prefix for found in ranges}):
        kind = each.kind or Kind.INVOICE
        series[kind][key_of(ranges, kind, each.number)].theirs[each.number.consecutive].append(each)
    return [one for kind in sorted(series) for one in _reported(kind, series[kind], among_theirs)]


def _reported(
    kind: Kind, series: AllSeries, anomalies: Callable[[Series], Iterator[Anomaly]]
) -> list[Reconciled]:
    return [
        Reconciled(
            kind=kind,
            prefix=prefix,
            resolution=resolution,
            ours=len(found.ours),
            theirs=len(found.theirs),
            anomalies=sorted(anomalies(found), key=lambda each: (each.first, each.what)),
        )
        for (prefix, resolution), found in sorted(series.items(), key=str)
    ]


def _listed(
    gateway: Reconciling, provider: Provider, kind: Kind | None, prefixes: set[str]
) -> Iterator[Theirs]:
    """The provider's own listing, each row once: pages shift while documents are being emitted."""
    seen: set[tuple[str | None, str | None]] = set()
    offset: int | None = 0
    while offset is not None:
        query = EmittedQuery(kind=kind, filters=(), offset=offset, limit=_ROWS)
        page = _patiently(gateway, provider.list_emitted, query)
        for row in page.rows:
            number = number_in(row.number or "", prefixes)
            if number is None or (row.provider_id, row.number) in seen:
                continue
            seen.add((row.provider_id, row.number))
            yield Theirs(
                number=number,
                shown_state=row.shown_state,
                uuid=row.uuid,
                reference=row.reference,
                provider_id=row.provider_id,
                kind=row.kind,
            )
        offset = page.next_offset


def _asked(
    gateway: Reconciling, provider: Provider, name: str, numbers: dict[Number, Record]
) -> Iterator[Theirs]:
    """What the provider says of each of our numbers there. One that was never sent is not asked about."""
    for number, record in numbers.items():
        if record.provider != name or record.number != number or record.sent_at is None:
            continue
        try:
            outcome = _patiently(gateway, provider.consult, refs(record))
        except NotFound:
            continue
        if isinstance(outcome, Accepted | Pending):  # after a rejection no document exists under the number
            shown = "aceptado" if isinstance(outcome, Accepted) else "pendiente"
            yield Theirs(number=outcome.number or number, shown_state=shown, uuid=outcome.uuid)


def _anomalies(gateway: Recording, issuer: Issuer, series: Series) -> Iterator[Anomaly]:
    yield from among_theirs(series)
    for consecutive, record in series.ours.items():
        theirs = series.theirs.get(consecutive)
        wrong = list(different(consecutive, record, theirs[0]) if theirs else missing(consecutive, record))
        if wrong and _is_still(gateway, record):
            yield from wrong
    for consecutive, found in series.theirs.items():
        if consecutive not in series.ours:
            yield from _stranger(gateway, issuer, consecutive, found[0])


def _is_still(gateway: Recording, record: Record) -> bool:
    """Whether a record is as it was when read, and is not being sent: else it cannot be compared with a later
    answer."""
    now = gateway.records.read(record.issuer, record.document_id)
    return now.version == record.version and now.state is not State.SENDING


def _stranger(gateway: Recording, issuer: Issuer, consecutive: int, found: Theirs) -> Iterator[Anomaly]:
    """Yields the anomaly «only the provider has this number», unless our record of that reference is being sent, or
    has the number by now."""
    ours = gateway.records.by_reference(issuer.nit, found.reference) if found.reference else None
    if ours is not None and (ours.state is State.SENDING or ours.number == found.number):
        return
    detail = f"{found.shown_state}, referencia {found.reference or 'desconocida'}"
    if ours is not None:
        detail += f"; es la de un documento nuestro, {ours.shown_state}, que no lo sabe"
    yield Anomaly(What.STRANGER, consecutive, consecutive, detail, ours.document_id if ours else None)


def _patiently(gateway: Reconciling, call: Callable[[Question], Answer], about: Question) -> Answer:
    """Make a call, and wait each time it is held: documents being emitted share the provider's pace. Raises Held
    after ``_HELD_TIMES`` waits."""
    for _ in range(_HELD_TIMES):
        try:
            return call(about)
        except Held as wait:
            gateway.sleep(wait.retry_after)
    return call(about)
