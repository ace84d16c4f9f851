"""Series: the numbers of one prefix and range, ours beside those of their provider, and what is wrong with them."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby, pairwise

from cauce.domain.document import Kind
from cauce.domain.outcome import Number
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record, State

# A longer gap does not come from a lagging index: its numbers are not looked up one by one.
_LATE_AT_ONCE = 1000
# What the contract calls «pendiente», told apart for the operator.
_WITHOUT_VERDICT = {
    State.RECEIVED: "sin entregar",
    State.PENDING: "sin veredicto",
    State.UNKNOWN: "en duda",
}


class What(StrEnum):
    """What may be wrong with a number, in the operator's words."""

    GAP = "salto"
    """Neither side has it, though the numbers before and after it are used."""
    MISSING = "falta"
    """Taken by us; the provider has no document with it."""
    DUPLICATE = "duplicado"
    """Two documents at the provider have it, or two numbers have one reference."""
    STRANGER = "ajeno"
    """The provider has it, and no record of ours."""
    DIFFERENT = "distinto"
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
class Theirs:
    """A document that the provider has."""

    number: Number
    shown_state: str
    uuid: str | None = None
    reference: str | None = None
    provider_id: str | None = None
    kind: Kind | None = None


@dataclass
class Series:
    """The numbers of one prefix and range."""

    ours: dict[int, Record] = field(default_factory=dict)
    theirs: dict[int, list[Theirs]] = field(default_factory=lambda: defaultdict(list))
    elsewhere: set[int] = field(default_factory=set)
    """Numbers of our documents at other providers."""

    def known(self) -> list[int]:
        """The numbers that this provider has or should have, and those of other providers between them."""
        here = sorted({*self.ours, *self.theirs})
        return sorted({*here, *(n for n in self.elsewhere if here and here[0] < n < here[-1])})


AllSeries = dict[tuple[str, str | None], Series]


def key_of(ranges: Iterable[NumberingRange], kind: Kind, number: Number) -> tuple[str, str | None]:
    """The prefix and the resolution of a number. Ranges are kept apart: the unused numbers of an expired one are no
    gap."""
    for found in ranges:
        inside = found.start <= number.consecutive <= found.end
        if found.prefix == number.prefix and found.kind in (kind, None) and inside:
            return number.prefix, found.resolution
    return number.prefix, None


def grouped(
    ranges: list[NumberingRange], kind: Kind, name: str, numbers: dict[Number, Record], theirs: list[Theirs]
) -> AllSeries:
    """The series of our numbers, by record, and of the documents that the provider of that name has."""
    series: AllSeries = defaultdict(Series)
    for number, record in numbers.items():
        if record.provider == name:
            series[key_of(ranges, kind, number)].ours[number.consecutive] = record
    for each in theirs:
        series[key_of(ranges, kind, each.number)].theirs[each.number.consecutive].append(each)
    for number, record in numbers.items():
        if record.provider != name and (key := key_of(ranges, kind, number)) in series:
            series[key].elsewhere.add(number.consecutive)
    return series


def unexplained(series: AllSeries) -> Iterator[Number]:
    """The numbers without a record of ours: those in gaps, and those that only the provider has."""
    for (prefix, _), found in series.items():
        gaps = pairwise(found.known())
        unused = [n for one, other in gaps if other - one <= _LATE_AT_ONCE for n in range(one + 1, other)]
        for consecutive in (*unused, *(found.theirs.keys() - found.ours.keys())):
            yield Number(prefix=prefix, consecutive=consecutive)


def number_in(text: str, prefixes: set[str]) -> Number | None:
    """A number from its text, split after the longest known prefix, else before its last digits."""
    for prefix in sorted(prefixes, key=len, reverse=True):
        if text.startswith(prefix) and text[len(prefix) :].isdecimal():
            return Number(prefix=prefix, consecutive=int(text[len(prefix) :]))
    found = re.fullmatch(r"(.*?)([0-9]+)", text)
    return Number(prefix=found[1], consecutive=int(found[2])) if found else None


def among_theirs(series: Series) -> Iterator[Anomaly]:
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


def missing(consecutive: int, record: Record) -> Iterator[Anomaly]:
    """A number of ours that the provider does not have; only an accepted one should worry anybody."""
    if record.number is not None and record.number.consecutive != consecutive:
        why = f"lo gastó un intento anterior; el documento quedó con {record.number}"
    else:
        why = f"el documento está {_WITHOUT_VERDICT.get(record.state, record.shown_state)}"
    yield Anomaly(What.MISSING, consecutive, consecutive, why, record.document_id)


def different(consecutive: int, ours: Record, theirs: Theirs) -> Iterator[Anomaly]:
    """What differs between a document of ours and the provider's of the same number."""
    if ours.uuid and theirs.uuid and ours.uuid != theirs.uuid.lower():
        detail = f"código único {ours.uuid[:12]}… aquí y {theirs.uuid[:12]}… en el proveedor"
        yield Anomaly(What.DIFFERENT, consecutive, consecutive, detail, ours.document_id)
    accepted = ours.state is State.ACCEPTED
    if accepted != (theirs.shown_state == "aceptado"):
        detail = f"{ours.shown_state} aquí y {theirs.shown_state} en el proveedor"
        yield Anomaly(What.DIFFERENT, consecutive, consecutive, detail, ours.document_id)


def _twice(series: Series) -> Iterator[Anomaly]:
    """One reference under two numbers: the same sale was emitted twice."""
    named = [
        (each.reference, consecutive)
        for consecutive, found in series.theirs.items()
        for each in found[:1]
        if each.reference and each.shown_state == "aceptado"
    ]
    counts = Counter(reference for reference, _ in named)
    repeated = sorted(pair for pair in named if counts[pair[0]] > 1)
    for reference, group in groupby(repeated, key=lambda pair: pair[0]):
        numbers = [consecutive for _, consecutive in group]
        detail = f"la referencia {reference} está en {', '.join(map(str, numbers))}"
        yield Anomaly(What.DUPLICATE, numbers[0], numbers[-1], detail)
