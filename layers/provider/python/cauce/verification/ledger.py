"""Verifies a ledger offline: its files, or the proofs that documents' evidence has, and the public key.

What is wrong is named by the numbers of its entries. Of an entry that was altered its own hash is wrong; the hashes
after it are judged by the hash that is written, so that they do not seem wrong too. Whoever computes all those anew
has to sign them, and has no key: then the first signature behind the entry is wrong.
"""

import base64
import binascii
import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError

from cauce.domain.errors import InvalidDocument
from cauce.domain.ledger import (
    ALGORITHM,
    DOCUMENT,
    FILES,
    FULL_NUMBER,
    GENESIS,
    STATE,
    Entry,
    Head,
    Proof,
    Segment,
    Signature,
    chained,
    digest,
    statement,
)
from cauce.domain.models import Fields
from cauce.verification.report import Check, Report, Section, notice, right, wrong

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

V = TypeVar("V", Segment, Head)

HEAD, PROOFS, MANIFEST = "cabeza.json", "cadena.json", "manifiesto.json"
_PROOFS: TypeAdapter[tuple[Proof, ...]] = TypeAdapter(tuple[Proof, ...])
# Places that one sentence names.
_MOST_NAMED = 20


@dataclass(frozen=True)
class Keys:
    """The public keys of the issuer's stack. Raises InvalidDocument where a file is none."""

    known: tuple["EllipticCurvePublicKey", ...]

    @classmethod
    def read(cls, files: Iterable[bytes]) -> "Keys":
        return cls(tuple(map(_public_key, files)))

    def verify(self, said: bytes, signature: Signature) -> bool:
        return signature.algorithm == ALGORITHM and any(
            _is_signed(key, said, signature.value) for key in self.known
        )


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
        ("última entrada", f"{last.last} ({_name(last.entries[-1])})"),
        ("firmada el", last.signature.at),
    )


def _sequence(places: Sequence[_Place], head: Head | None) -> list[Check]:
    """What is missing, there twice or out of its place."""
    numbers = [place.entry.number for place in places]
    begins = 1 if _is_genesis(places) else min(numbers)
    last = max(*numbers, head.entries) if head else max(numbers)
    counts = Counter(numbers)
    told = (
        ("Falta", "Faltan", [number for number in range(begins, last + 1) if number not in counts]),
        ("Está repetida", "Están repetidas", sorted(n for n, many in counts.items() if many > 1)),
        ("Está fuera de su lugar", "Están fuera de su lugar", _out_of_place(numbers)),
    )
    checks = [wrong(_sentence(*each)) for each in told if each[2]]
    if begins > 1:
        checks.append(notice(f"Lo anterior a la entrada {begins} no está en estos archivos."))
    return checks


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
            yield wrong(f"La entrada {number} fue alterada: {_name(entry)}.")
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
        if not _is_signed_for(segment.issuer, last.number, last.hash, segment.signature, keys):
            bad.append(f"{segment.first} a {segment.last}")
    if bad:
        named = "; ".join(bad[:_MOST_NAMED])
        yield wrong(f"La firma no es de estas entradas, o no es de esa llave: {named}.")
    else:
        yield right("Las firmas son de la llave." if len(segments) > 1 else "La firma es de la llave.")
    if head is None:
        yield notice(f"Sin {HEAD} no se sabe si la cadena sigue después de la última entrada.")
    elif not _is_signed_for(head.issuer, head.entries, head.hash, head.signature, keys):
        yield wrong(f"La firma de {HEAD} no es de esa llave.")
    elif head.hash not in {segment.entries[-1].hash for segment in segments}:
        yield wrong(f"La cadena no termina donde {HEAD} dice: en la entrada {head.entries}.")
    else:
        yield right(f"Termina en la entrada {head.entries}, como se firmó el {head.signature.at}.")


def verify_evidence(zipped: bytes, keys: Keys, title: str) -> tuple[Report, list[Proof]]:
    """Verify a document's evidence: its files against its manifest, and what the ledger says of it; and its proofs.

    Raises InvalidDocument where the ZIP is no evidence.
    """
    files = _unzipped(zipped, title)
    manifest, proofs = _manifest(files, title), _proofs(files, title)
    sections = [Section("Archivos", tuple(_files(files, manifest)))]
    if not proofs:
        why = "El documento todavía no está en la cadena: entra minutos después de quedar en firme."
        sections.append(Section("Cadena", (notice(why),)))
    for proof in proofs:
        sections.append(Section(f"Entrada {proof.entry.number}", tuple(_proved(proof, manifest, keys))))
    return Report(title, (), tuple(sections)), proofs


def compare(proofs: Sequence[Proof]) -> Report:
    """What the proofs of several documents say of each other."""
    by_number = {proof.entry.number: proof for proof in proofs}
    checks = [
        wrong(f"La entrada {number} no sigue a la {number - 1}: son de cadenas distintas.")
        for number, proof in sorted(by_number.items())
        if number - 1 in by_number and by_number[number - 1].entry.hash != proof.before
    ]
    gone = [n for n in range(min(by_number), max(by_number)) if n not in by_number]
    if gone:
        checks.append(notice(_sentence("De estos archivos falta", "De estos archivos faltan", gone)))
    return Report(
        "Entre sí", (), (Section("Orden", tuple(checks) or (right("Sigue cada entrada a la anterior."),)),)
    )


def _proved(proof: Proof, manifest: Fields, keys: Keys) -> Iterator[Check]:
    facts = proof.entry.facts
    if facts.get(DOCUMENT) != manifest.get(DOCUMENT) or proof.issuer != manifest.get("emisor"):
        yield wrong("La entrada es de otro documento.")
    if chained(proof.before, digest(facts)) != proof.entry.hash:
        yield wrong(f"La entrada {proof.entry.number} fue alterada.")
    elif not _is_signed_for(proof.issuer, *proof.signed, proof.signature, keys):
        yield wrong("La firma no es de esta entrada, o no es de esa llave.")
    else:
        yield right(f"{_name(proof.entry)}: firmada el {proof.signature.at}.")
    told = {each["archivo"]: each["sha256"] for each in _listed(manifest) if each.get("archivo")}
    said = facts.get(FILES)
    for name, sha256 in (said if isinstance(said, dict) else {}).items():
        if name not in told:
            yield wrong(f"Falta un archivo que la cadena nombra: {name}.")
        elif told[name] != sha256:
            yield wrong(f"El archivo no es el que la cadena dice: {name}.", expected=sha256, found=told[name])


def _files(files: Mapping[str, bytes], manifest: Fields) -> Iterator[Check]:
    listed = {each["nombre"]: each["sha256"] for each in _listed(manifest)}
    is_right = True
    for name, sha256 in listed.items():
        if name not in files:
            is_right = False
            yield wrong(f"Falta un archivo del manifiesto: {name}.")
        elif (found := hashlib.sha256(files[name]).hexdigest()) != sha256:
            is_right = False
            yield wrong(f"El archivo no es el del manifiesto: {name}.", expected=sha256, found=found)
    for name in sorted(files.keys() - listed.keys() - {MANIFEST}):
        is_right = False
        yield wrong(f"El archivo no está en el manifiesto: {name}.")
    if is_right:
        yield right("Están todos, y son los del manifiesto.")


def _listed(manifest: Fields) -> list[dict[str, str]]:
    found = manifest.get("archivos")
    rows = found if isinstance(found, list) else []
    return [each for each in rows if isinstance(each, dict) and {"nombre", "sha256"} <= each.keys()]


def _unzipped(zipped: bytes, title: str) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(zipped)) as found:
            return {name: found.read(name) for name in found.namelist()}
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, ValueError) as cause:
        raise InvalidDocument(f"{title} no es un ZIP.") from cause


def _manifest(files: Mapping[str, bytes], title: str) -> Fields:
    try:
        found = json.loads(files[MANIFEST])
    except (KeyError, ValueError, RecursionError) as cause:
        raise InvalidDocument(f"{title} no es la evidencia de un documento: le falta {MANIFEST}.") from cause
    return found if isinstance(found, dict) else {}


def _proofs(files: Mapping[str, bytes], title: str) -> list[Proof]:
    if PROOFS not in files:
        return []
    try:
        return list(_PROOFS.validate_json(files[PROOFS]))
    except ValidationError as cause:
        raise InvalidDocument(f"{PROOFS} de {title} no se puede leer.") from cause


def _read(model: type[V], name: str, body: bytes) -> V:
    try:
        return model.model_validate_json(body)
    except ValidationError as cause:
        raise InvalidDocument(f"{name} no es de una cadena, o está dañado.") from cause


def _is_signed_for(issuer: str, count: int, last: str, signature: Signature, keys: Keys) -> bool:
    return keys.verify(statement(issuer, count, last, signature.at), signature)


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


def _name(entry: Entry) -> str:
    said = entry.facts
    return f"{said.get(FULL_NUMBER) or said.get(DOCUMENT)}, {said.get(STATE)}"


def _sentence(one: str, several: str, numbers: Sequence[int]) -> str:
    """«Falta la entrada 3.», or «Faltan las entradas 3, 7 a 9.»"""
    if len(numbers) == 1:
        return f"{one} la entrada {numbers[0]}."
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    named = [f"{run[0]} a {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    more = f" y {len(named) - _MOST_NAMED} tramos más" if len(named) > _MOST_NAMED else ""
    return f"{several} las entradas {', '.join(named[:_MOST_NAMED])}{more}."
