"""Verifies a ledger's files offline, with the public key.

What is wrong is named by the numbers of its entries. Of an entry that was altered its own hash is wrong; the hashes
after it are judged by the hash that is written, so that they do not seem wrong too. Whoever computes all those anew
has to sign them, and has no key: then the first signature behind the entry is wrong.
"""

import base64
import binascii
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from pydantic import ValidationError

from cauce.domain.errors import InvalidDocument
from cauce.domain.ledger import (
    ALGORITHM,
    DOCUMENT,
    FULL_NUMBER,
    GENESIS,
    STATE,
    Entry,
    Head,
    Segment,
    Signature,
    chained,
    digest,
    statement,
)
from cauce.verification.report import Check, Report, Section, notice, right, wrong

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

V = TypeVar("V", Segment, Head)

HEAD = "cabeza.json"
# Places that one sentence names.
_MOST_NAMED = 20


@dataclass(frozen=True)
class Keys:
    """The public keys of the issuer's stack. Raises InvalidDocument where a file is none."""

    known: tuple["EllipticCurvePublicKey", ...]

    @classmethod
    def read(cls, files: Iterable[bytes]) -> "Keys":
        return cls(tuple(map(_public_key, files)))

    def signed(self, issuer: str, count: int, last: str, signature: Signature) -> bool:
        """Whether one of them signed that an issuer's ledger had so many entries, the last with this hash."""
        said = statement(issuer, count, last, signature.at)
        return signature.algorithm == ALGORITHM and any(
            _is_signed(key, said, signature.value) for key in self.known
        )


class Run(NamedTuple):
    """Entries that follow each other, the last included."""

    first: int
    last: int


class _Place(NamedTuple):
    """An entry where it was found."""

    entry: Entry
    segment: Segment


def verify(files: Mapping[str, bytes], keys: Keys) -> Report:
    """Verify a ledger's files, by name. Raises InvalidDocument where there is no ledger in them."""
    head = _read(Head, HEAD, files[HEAD]) if HEAD in files else None
    segments = [
        _read(Segment, name, body)
        for name, body in sorted(files.items())
        if name.endswith(".json") and name != HEAD
    ]
    if not segments:
        raise InvalidDocument("No hay ninguna entrada de una cadena en esos archivos.")
    issuers = {segment.issuer for segment in segments}
    if len(issuers) > 1:
        raise InvalidDocument(f"Hay cadenas de varios emisores: {', '.join(sorted(issuers))}.")
    places = [_Place(entry, segment) for segment in segments for entry in segment.entries]
    sections = (
        Section("Entradas", tuple(_sequence(places, head) or [right("Están todas, y en su orden.")])),
        Section("Hechos", tuple(_hashes(places)) or (right("Ninguno fue alterado."),)),
        Section("Firmas", tuple(_signatures(segments, head, keys))),
    )
    return Report(f"Cadena del emisor {segments[0].issuer}", _told(segments, places), sections)


def _told(segments: Sequence[Segment], places: Sequence[_Place]) -> tuple[tuple[str, str], ...]:
    last = max(segments, key=lambda segment: segment.last)
    return (
        ("entradas", str(len(places))),
        ("última entrada", f"{last.last} ({entry_name(last.entries[-1])})"),
        ("firmada el", last.signature.at),
    )


def _sequence(places: Sequence[_Place], head: Head | None) -> list[Check]:
    """What is missing, there twice or out of its place."""
    numbers = [place.entry.number for place in places]
    # Who has where the ledger ends exported the whole of it.
    begins = 1 if head or _is_genesis(places) else min(numbers)
    last = max(*numbers, head.entries) if head else max(numbers)
    counts = Counter(numbers)
    twice = sorted(number for number, many in counts.items() if many > 1)
    told = (
        ("Falta", "Faltan", missing(numbers, begins, last)),
        ("Está repetida", "Están repetidas", runs(twice)),
        ("Está fuera de su lugar", "Están fuera de su lugar", runs(_out_of_place(numbers))),
    )
    checks = [wrong(sentence(*each)) for each in told if each[2]]
    if begins > 1:
        checks.append(notice(f"Lo anterior a la entrada {begins} no está en estos archivos."))
    return checks


def missing(numbers: Iterable[int], begins: int, last: int) -> list[Run]:
    """What is not there of the entries from ``begins`` to ``last``, which nobody has signed for yet: it may be any
    number, and nothing is counted up to it."""
    ends = [begins - 1, *sorted(n for n in set(numbers) if begins <= n <= last), last + 1]
    return [Run(one + 1, other - 1) for one, other in itertools.pairwise(ends) if other > one + 1]


def runs(numbers: Iterable[int]) -> list[Run]:
    """Numbers in ascending order, as those that follow each other."""
    runs: list[Run] = []
    for number in numbers:
        if runs and number == runs[-1].last + 1:
            runs[-1] = runs[-1]._replace(last=number)
        else:
            runs.append(Run(number, number))
    return runs


def _out_of_place(numbers: Sequence[int]) -> list[int]:
    return sorted({at for at, number in zip(numbers, sorted(numbers), strict=True) if at != number})


def _is_genesis(places: Sequence[_Place]) -> bool:
    """Whether the ledger's beginning is there: nothing stands before its first file."""
    return min(places, key=lambda place: place.entry.number).segment.before == GENESIS


def _hashes(places: Sequence[_Place]) -> Iterator[Check]:
    """What was altered. The hash of an altered entry may be what was altered, or what was not: the entry after it is
    right if it follows either."""
    by_number = {place.entry.number: place for place in places}
    last, known = 0, {GENESIS}
    for number, (entry, segment) in sorted(by_number.items()):
        if number != last + 1:
            known = _before_a_gap(entry, segment, is_the_beginning=last == 0)
        elif entry is segment.entries[0] and segment.before not in known:
            yield wrong(f"Lo anterior a la entrada {number}, que su archivo dice, fue alterado.")
        facts = digest(entry.facts)
        must = {chained(before, facts) for before in known}
        is_altered = bool(must) and entry.hash not in must
        if is_altered:
            yield wrong(f"La entrada {number} fue alterada: {entry_name(entry)}.")
        known = {entry.hash, *must} if is_altered else {entry.hash}
        last = number


def _before_a_gap(entry: Entry, segment: Segment, *, is_the_beginning: bool) -> set[str]:
    """The hash before an entry whose predecessor is not there: what its file says, where the files begin with it;
    else nobody tells."""
    is_told = is_the_beginning and entry is segment.entries[0] and segment.before != GENESIS
    return {segment.before} if is_told else set()


def _signatures(segments: Sequence[Segment], head: Head | None, keys: Keys) -> Iterator[Check]:
    bad = []
    for segment in segments:
        last = segment.entries[-1]
        if not keys.signed(segment.issuer, last.number, last.hash, segment.signature):
            bad.append(f"{segment.first} a {segment.last}")
    if bad:
        named = "; ".join(bad[:_MOST_NAMED])
        yield wrong(f"La firma no es de estas entradas, o no es de esa llave: {named}.")
    else:
        yield right("Las firmas son de la llave." if len(segments) > 1 else "La firma es de la llave.")
    if head is None:
        yield notice(f"Sin {HEAD} no se sabe si la cadena sigue después de la última entrada.")
    elif not keys.signed(head.issuer, head.entries, head.hash, head.signature):
        yield wrong(f"La firma de {HEAD} no es de esa llave.")
    elif head.hash not in {segment.entries[-1].hash for segment in segments}:
        yield wrong(f"La cadena no termina donde {HEAD} dice: en la entrada {head.entries}.")
    else:
        yield right(f"Termina en la entrada {head.entries}, como se firmó el {head.signature.at}.")


def _read(model: type[V], name: str, body: bytes) -> V:
    try:
        return model.model_validate_json(body)
    except ValidationError as cause:
        raise InvalidDocument(f"{name} no es de una cadena, o está dañado.") from cause


def _is_signed(key: "EllipticCurvePublicKey", said: bytes, value: str) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        key.verify(base64.b64decode(value, validate=True), said, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _public_key(file: bytes) -> "EllipticCurvePublicKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        found = serialization.load_pem_public_key(file)
    except (ValueError, UnsupportedAlgorithm) as cause:
        raise InvalidDocument("La llave pública debe ser un archivo PEM («cauce ledger key»).") from cause
    if not isinstance(found, ec.EllipticCurvePublicKey):
        raise InvalidDocument("La llave pública no es de una cadena de Cauce: debe ser de curva elíptica.")
    return found


def entry_name(entry: Entry) -> str:
    said = entry.facts
    return f"{said.get(FULL_NUMBER) or said.get(DOCUMENT)}, {said.get(STATE)}"


def sentence(one: str, several: str, runs: Sequence[Run]) -> str:
    """«Falta la entrada 3.», or «Faltan las entradas 3, 7 a 9.»"""
    if len(runs) == 1 and runs[0].first == runs[0].last:
        return f"{one} la entrada {runs[0].first}."
    more = f" y {len(runs) - _MOST_NAMED} tramos más" if len(runs) > _MOST_NAMED else ""
    return f"{several} las entradas {', '.join(map(_named, runs[:_MOST_NAMED]))}{more}."


def _named(run: Run) -> str:
    if run.last - run.first > 1:
        return f"{run.first} a {run.last}"
    return str(run.first) if run.first == run.last else f"{run.first}, {run.last}"
