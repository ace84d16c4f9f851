"""Audit: compares an issuer's numbers with those that its provider has, and names every difference.

Where a provider lists what it emitted, the listing is read; where it does not, it is asked about each number. Nothing
is written. Of a provider that lists but takes none of our documents only gaps and duplicates in its own listing are
named: that we have no record of its documents is no anomaly.

Documents go on being emitted meanwhile, and the index of our numbers lags. So a number without a record in the index
is looked up by its key before it is reported, and a record that is being sent, or has changed since it was read, is
not reported.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby, pairwise
from typing import TypeVar

from cauce.domain.document import Kind
from cauce.domain.errors import Held, NotFound, Unsupported
from cauce.domain.issuer import Issuer
from cauce.domain.outcome import Accepted, Number, Pending
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record, State
from cauce.gateway import Gateway
from cauce.providers.base import EmittedQuery, Provider, Verb, refs

Question = TypeVar("Question")
Answer = TypeVar("Answer")

# How a listing names notes; the other names are of invoices.
_NOTES = {"nota_credito": Kind.CREDIT_NOTE, "nota_debito": Kind.DEBIT_NOTE}
_ROWS = 100
_HELD_TIMES = 20
# A longer gap does not come from a lagging index: its numbers are not looked up one by one.
_LATE_AT_ONCE = 1000


class What(StrEnum):
    """What may be wrong with a number."""

    GAP = "gap"
    """Neither side has it, though the numbers before and after it are used."""
    MISSING = "missing"
    """Taken by us; the provider has no document with it."""
    DUPLICATE = "duplicate"
    """Two documents at the provider have it, or two numbers have one reference."""
    STRANGER = "stranger"
    """The provider has it, and no record of ours."""
    DIFFERENT = "different"
    """Both have it, with another CUFE or another state."""


@dataclass(frozen=True)
class Anomaly:
    """A number that does not agree, or the first and the last of several."""

    what: What
    first: int
    last: int
    detail: str
    document_id: str | None = None


@dataclass(frozen=True)
class Audited:
    """The numbers of one prefix, within one range or outside of all: how many each side has, and what is wrong."""

    kind: Kind
    prefix: str
    resolution: str | None
    ours: int
    theirs: int
    anomalies: list[Anomaly]


@dataclass(frozen=True)
class Theirs:
    """A document that the provider has."""

    number: Number
    estado: str
    uuid: str | None = None
    reference: str | None = None
    provider_id: str | None = None
    kind: str = ""
    """In the provider's words, where it was listed."""


@dataclass
class _Series:
    """The numbers of one prefix and range."""

    ours: dict[int, Record] = field(default_factory=dict)
    theirs: dict[int, list[Theirs]] = field(default_factory=lambda: defaultdict(list))
    elsewhere: set[int] = field(default_factory=set)
    """Numbers of our documents at other providers."""

    def known(self) -> list[int]:
        """The numbers that this provider has or should have, and those of other providers between them."""
        here = sorted({*self.ours, *self.theirs})
        return sorted({*here, *(n for n in self.elsewhere if here and here[0] < n < here[-1])})


_AllSeries = dict[tuple[str, str | None], _Series]


def audit(gateway: Gateway, issuer: Issuer, name: str) -> list[Audited]:
    """Every series of numbers that the issuer has at a provider. Raises whatever asking the provider raises."""
    if name not in issuer.connected:
        raise Unsupported(f"El emisor no tiene configurado el proveedor «{name}».", field="provider")
    provider = gateway.provider(issuer, name)
    ranges = [found for found in gateway.ranges.all(issuer.nit) if found.provider == name]
    kinds = provider.capabilities.kinds - {Kind.EVENT}
    lists = Verb.LIST_EMITTED in provider.capabilities.verbs
    report = []
    for kind in sorted(kinds):
        numbers = dict(gateway.numbers.taken(issuer.nit, kind))
        prefixes = {found.prefix for found in ranges} | {number.prefix for number in numbers}
        listed = list(_listed(gateway, provider, kind, prefixes)) if lists else []
        unexplained = _unexplained(_series(ranges, kind, name, numbers, listed))
        numbers |= dict(gateway.numbers.holders(issuer.nit, kind, unexplained))
        asked = [] if lists else list(_asked(gateway, provider, name, numbers))
        series = _series(ranges, kind, name, numbers, [*listed, *asked])
        report += _reported(kind, series, lambda found: _anomalies(gateway, issuer, found))
    if not kinds and lists:
        report = _of_a_listing_alone(gateway, provider, ranges)
    return report


def _of_a_listing_alone(gateway: Gateway, provider: Provider, ranges: list[NumberingRange]) -> list[Audited]:
    """The documents of a provider that takes none of ours, checked for gaps and duplicates among themselves."""
    series: dict[Kind, _AllSeries] = defaultdict(lambda: defaultdict(_Series))
    for each in _listed(gateway, provider, None, {found.prefix for found in ranges}):
        kind = next((kind for word, kind in _NOTES.items() if each.kind.startswith(word)), Kind.INVOICE)
        series[kind][_key(ranges, kind, each.number)].theirs[each.number.consecutive].append(each)
    return [one for kind in sorted(series) for one in _reported(kind, series[kind], _among_theirs)]


def _reported(
    kind: Kind, series: _AllSeries, anomalies: Callable[[_Series], Iterator[Anomaly]]
) -> list[Audited]:
    return [
        Audited(
            kind=kind,
            prefix=prefix,
            resolution=resolution,
            ours=len(found.ours),
            theirs=len(found.theirs),
            anomalies=sorted(anomalies(found), key=lambda each: (each.first, each.what)),
        )
        for (prefix, resolution), found in sorted(series.items(), key=str)
    ]


def _key(ranges: Iterable[NumberingRange], kind: Kind, number: Number) -> tuple[str, str | None]:
    """The prefix and the resolution of a number. Ranges are kept apart: the unused numbers of an expired one are no
    gap."""
    for found in ranges:
        inside = found.start <= number.consecutive <= found.end
        if found.prefix == number.prefix and found.kind in (kind, None) and inside:
            return number.prefix, found.resolution
    return number.prefix, None


def _series(
    ranges: list[NumberingRange], kind: Kind, name: str, numbers: dict[Number, Record], theirs: list[Theirs]
) -> _AllSeries:
    series: _AllSeries = defaultdict(_Series)
    for number, record in numbers.items():
        if record.provider == name:
            series[_key(ranges, kind, number)].ours[number.consecutive] = record
    for each in theirs:
        series[_key(ranges, kind, each.number)].theirs[each.number.consecutive].append(each)
    for number, record in numbers.items():
        if record.provider != name and (key := _key(ranges, kind, number)) in series:
            series[key].elsewhere.add(number.consecutive)
    return series


def _unexplained(series: _AllSeries) -> Iterator[Number]:
    """The numbers without a record of ours: those in gaps, and those that only the provider has."""
    for (prefix, _), found in series.items():
        gaps = pairwise(found.known())
        missing = [n for one, other in gaps if other - one <= _LATE_AT_ONCE for n in range(one + 1, other)]
        for consecutive in (*missing, *(found.theirs.keys() - found.ours.keys())):
            yield Number(prefix=prefix, consecutive=consecutive)


def _listed(gateway: Gateway, provider: Provider, kind: Kind | None, prefixes: set[str]) -> Iterator[Theirs]:
    """The provider's own listing, each row once: pages shift while documents are being emitted."""
    seen: set[tuple[str | None, str | None]] = set()
    offset: int | None = 0
    while offset is not None:
        query = EmittedQuery(kind=kind, filters={}, offset=offset, limit=_ROWS)
        page = _patiently(gateway, provider.list_emitted, query)
        for row in page.rows:
            number = _split(row.number or "", prefixes)
            if number is None or (row.provider_id, row.number) in seen:
                continue
            seen.add((row.provider_id, row.number))
            yield Theirs(
                number=number,
                estado=row.estado,
                uuid=row.uuid,
                reference=row.reference,
                provider_id=row.provider_id,
                kind=row.kind or "",
            )
        offset = page.next_offset


def _split(text: str, prefixes: set[str]) -> Number | None:
    """A number from its text, split after the longest known prefix, else before its last digits."""
    for prefix in sorted(prefixes, key=len, reverse=True):
        if text.startswith(prefix) and text[len(prefix) :].isdecimal():
            return Number(prefix=prefix, consecutive=int(text[len(prefix) :]))
    found = re.fullmatch(r"(.*?)([0-9]+)", text)
    return Number(prefix=found[1], consecutive=int(found[2])) if found else None


def _asked(
    gateway: Gateway, provider: Provider, name: str, numbers: dict[Number, Record]
) -> Iterator[Theirs]:
    """What the provider says of each of our numbers there. One that was never sent is not asked about."""
    for number, record in numbers.items():
        if record.provider != name or record.number != number or record.sent_at is None:
            continue
        try:
            outcome = _patiently(gateway, provider.consult, refs(record))
        except NotFound:
            continue
        if isinstance(outcome, Accepted | Pending):  # a rejected number has no document
            estado = "aceptado" if isinstance(outcome, Accepted) else "pendiente"
            yield Theirs(number=outcome.number or number, estado=estado, uuid=outcome.uuid)


def _anomalies(gateway: Gateway, issuer: Issuer, series: _Series) -> Iterator[Anomaly]:
    yield from _among_theirs(series)
    for consecutive, record in series.ours.items():
        theirs = series.theirs.get(consecutive)
        wrong = list(_different(consecutive, record, theirs[0]) if theirs else _missing(consecutive, record))
        if wrong and _is_still(gateway, record):
            yield from wrong
    for consecutive, found in series.theirs.items():
        if consecutive not in series.ours:
            yield from _stranger(gateway, issuer, consecutive, found[0])


def _is_still(gateway: Gateway, record: Record) -> bool:
    """Whether a record is as it was when read, and is not being sent: else it cannot be compared with a later
    answer."""
    now = gateway.records.read(record.issuer, record.document_id)
    return now.version == record.version and now.state is not State.SENDING


def _among_theirs(series: _Series) -> Iterator[Anomaly]:
    """Gaps and duplicates among the provider's documents, whoever has sent them."""
    yield from _gaps(series.known())
    for consecutive, found in series.theirs.items():
        if len(found) > 1:
            ids = ", ".join(each.provider_id or "?" for each in found)
            yield Anomaly(What.DUPLICATE, consecutive, consecutive, f"el proveedor tiene {len(found)}: {ids}")
    yield from _twice(series)


def _gaps(known: list[int]) -> Iterator[Anomaly]:
    for before, after in pairwise(known):
        if after > before + 1:
            count = after - before - 1
            yield Anomaly(
                What.GAP, before + 1, after - 1, f"{count} sin documento" if count > 1 else "sin documento"
            )


def _missing(consecutive: int, record: Record) -> Iterator[Anomaly]:
    """A number of ours that the provider does not have; only an accepted one should worry anybody."""
    if record.number is not None and record.number.consecutive != consecutive:
        why = f"lo gastó un intento anterior; el documento quedó con {record.number}"
    else:
        why = f"el documento está {record.estado} ({record.state.value})"
    yield Anomaly(What.MISSING, consecutive, consecutive, why, record.document_id)


def _stranger(gateway: Gateway, issuer: Issuer, consecutive: int, found: Theirs) -> Iterator[Anomaly]:
    """A number of the provider's without a record of ours; not where our record of its reference is being sent, or
    has it by now."""
    ours = gateway.records.by_reference(issuer.nit, found.reference) if found.reference else None
    if ours is not None and (ours.state is State.SENDING or ours.number == found.number):
        return
    detail = f"{found.estado}, referencia {found.reference or 'desconocida'}"
    if ours is not None:
        detail += f"; es la de un documento nuestro, {ours.estado}, que no lo sabe"
    yield Anomaly(What.STRANGER, consecutive, consecutive, detail, ours.document_id if ours else None)


def _different(consecutive: int, ours: Record, theirs: Theirs) -> Iterator[Anomaly]:
    if ours.uuid and theirs.uuid and ours.uuid != theirs.uuid.lower():
        detail = f"código único {ours.uuid[:12]}… aquí y {theirs.uuid[:12]}… en el proveedor"
        yield Anomaly(What.DIFFERENT, consecutive, consecutive, detail, ours.document_id)
    accepted = ours.state is State.ACCEPTED
    if accepted != (theirs.estado == "aceptado"):
        detail = f"{ours.estado} aquí y {theirs.estado} en el proveedor"
        yield Anomaly(What.DIFFERENT, consecutive, consecutive, detail, ours.document_id)


def _twice(series: _Series) -> Iterator[Anomaly]:
    """One reference under two numbers: the same sale was emitted twice."""
    named = [
        (each.reference, consecutive)
        for consecutive, found in series.theirs.items()
        for each in found[:1]
        if each.reference and each.estado == "aceptado"
    ]
    counts = Counter(reference for reference, _ in named)
    repeated = sorted(pair for pair in named if counts[pair[0]] > 1)
    for reference, group in groupby(repeated, key=lambda pair: pair[0]):
        numbers = [consecutive for _, consecutive in group]
        detail = f"la referencia {reference} está en {', '.join(map(str, numbers))}"
        yield Anomaly(What.DUPLICATE, numbers[0], numbers[-1], detail)


def _patiently(gateway: Gateway, call: Callable[[Question], Answer], about: Question) -> Answer:
    """Make a call, and wait each time it is held: documents being emitted share the provider's pace. Raises Held
    after ``_HELD_TIMES`` waits."""
    for _ in range(_HELD_TIMES):
        try:
            return call(about)
        except Held as wait:
            gateway.sleep(wait.retry_after)
    return call(about)
