"""Verifies documents' evidence offline: their ZIPs, against the proofs of the ledger that are in them.

A ZIP may come from anybody: nothing that it says of its own size, names or numbers is believed.
"""

import hashlib
import io
import json
import lzma
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pydantic import TypeAdapter, ValidationError

from cauce.domain.errors import InvalidDocument
from cauce.domain.ledger import (
    ACCEPTED,
    CONTENT,
    DOCUMENT,
    FILES,
    FULL_NUMBER,
    STATE,
    UUID,
    Facts,
    Proof,
    chained,
    digest,
)
from cauce.domain.models import Fields
from cauce.verification.ledger import Keys, entry_name, missing, runs, sentence
from cauce.verification.report import Check, Report, Section, notice, right, wrong

PROOFS, MANIFEST = "cadena.json", "manifiesto.json"
_PROOFS: TypeAdapter[tuple[Proof, ...]] = TypeAdapter(tuple[Proof, ...])
# What a document's evidence holds at most, unpacked: hundreds of times what the largest has.
_MOST_BYTES = 2**30
_ARCHIVED = "archivo/"
# What a document's manifest says as its entry does, once it is accepted.
_FINAL = (STATE, FULL_NUMBER, UUID, CONTENT)
# What zipfile raises for what it cannot read: RuntimeError for what is encrypted or of a form that it does not know.
_NO_ZIP = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, RuntimeError, ValueError)


def verify(zipped: bytes, keys: Keys, title: str) -> tuple[Report, list[Proof]]:
    """Verify a document's evidence: its files against its manifest, and what the ledger says of it; and those of its
    proofs that a key signed.

    Raises InvalidDocument where the ZIP is no evidence.
    """
    files = _unzipped(zipped, title)
    manifest, proofs = _manifest(files, title), _proofs(files, title)
    sections = [Section("Archivos", tuple(_files(files, manifest)))]
    if not proofs:
        why = (
            "No trae ninguna prueba de la cadena. Un documento entra en ella minutos después de quedar en firme: si "
            "este quedó antes, pida otra vez su evidencia."
        )
        sections.append(Section("Cadena", (notice(why),)))
    for proof in proofs:
        sections.append(Section(f"Entrada {proof.entry.number}", tuple(_proved(proof, manifest, keys))))
    is_proved = any(proof.entry.facts.get(STATE) == ACCEPTED for proof in proofs)
    if proofs and manifest.get(STATE) == ACCEPTED and not is_proved:
        sections.append(Section("Cadena", (notice("Ninguna entrada prueba todavía que esté aceptado."),)))
    if proofs and (beside := _unproved(proofs, manifest)):
        why = f"Ninguna entrada los prueba, porque la cadena no los nombra: {', '.join(beside)}."
        sections.append(Section("Aparte de la cadena", (notice(why),)))
    return Report(title, (), tuple(sections)), [proof for proof in proofs if _is_proof(proof, keys)]


def compare(proofs: Sequence[Proof]) -> Report:
    """What the proofs of several documents say of each other, those of each issuer apart."""
    issuers = sorted({proof.issuer for proof in proofs})
    sections = tuple(
        Section(f"Emisor {issuer}", tuple(_compared([proof for proof in proofs if proof.issuer == issuer])))
        for issuer in issuers
    )
    return Report("Entre sí", (), sections)


def _compared(proofs: Sequence[Proof]) -> Iterator[Check]:
    """Each proof tells the hash before its entry, and every hash from there to the signature: one ledger has one
    hash for each of its entries."""
    hashes: dict[int, set[str]] = {}
    for proof in proofs:
        for number, found in proof.hashes:
            hashes.setdefault(number, set()).add(found)
    if forked := sorted(number for number, found in hashes.items() if len(found) > 1):
        said = sentence("No es la misma en todos", "No son las mismas en todos", runs(forked))
        yield wrong(f"{said[:-1]}: son de cadenas distintas.")
    else:
        yield right("Son de la misma cadena.")
    numbers = [proof.entry.number for proof in proofs]
    if gone := missing(numbers, min(numbers), max(numbers)):
        yield notice(sentence("De estos archivos falta", "De estos archivos faltan", gone))


def _proved(proof: Proof, manifest: Fields, keys: Keys) -> Iterator[Check]:
    facts = proof.entry.facts
    if facts.get(DOCUMENT) != manifest.get(DOCUMENT) or proof.issuer != manifest.get("emisor"):
        yield wrong("La entrada es de otro documento.")
    if _is_proof(proof, keys):
        yield right(f"{entry_name(proof.entry)}: firmada el {proof.signature.at}.")
    elif not _is_its_hash(proof):
        yield wrong(f"La entrada {proof.entry.number} fue alterada.")
    else:
        yield wrong("La firma no es de esta entrada, o no es de esa llave.")
    yield from _said(facts, manifest)


def _said(facts: Facts, manifest: Fields) -> Iterator[Check]:
    """What an entry says of the document and of its files, and the manifest does not."""
    # What was not accepted may have been corrected since.
    for name in _FINAL if facts.get(STATE) == ACCEPTED else ():
        if facts.get(name) not in (None, manifest.get(name)):
            yield wrong(f"El manifiesto no dice lo que la cadena dice de {name}.", expected=str(facts[name]))
    told = {each["archivo"]: each["sha256"] for each in _listed(manifest) if each.get("archivo")}
    said = facts.get(FILES)
    for name, sha256 in (said if isinstance(said, dict) else {}).items():
        if name not in told:
            yield wrong(f"Falta un archivo que la cadena nombra: {name}.")
        elif told[name] != sha256:
            yield wrong(f"El archivo no es el que la cadena dice: {name}.", expected=sha256, found=told[name])


def _is_proof(proof: Proof, keys: Keys) -> bool:
    return _is_its_hash(proof) and keys.signed(proof.issuer, *proof.signed, proof.signature)


def _is_its_hash(proof: Proof) -> bool:
    return chained(proof.before, digest(proof.entry.facts)) == proof.entry.hash


def _unproved(proofs: Sequence[Proof], manifest: Fields) -> list[str]:
    """The files that no entry names: what is told when the evidence is asked for, and what was archived after the
    last entry."""
    named: set[str] = set()
    for proof in proofs:
        said = proof.entry.facts.get(FILES)
        named.update(said if isinstance(said, dict) else ())
    rows = _listed(manifest)
    return [row["nombre"] for row in rows if row.get("archivo") not in named and row["nombre"] != PROOFS]


def _files(files: Mapping[str, bytes], manifest: Fields) -> Iterator[Check]:
    listed = {each["nombre"]: each["sha256"] for each in _listed(manifest)}
    is_right = True
    for name in _mislabelled(manifest):
        is_right = False
        yield wrong(f"El manifiesto da por otro archivo, o nombra dos veces, el archivo {name}.")
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


def _mislabelled(manifest: Fields) -> list[str]:
    """The files that the manifest lists twice, or under the name of another file of the archive."""
    rows = _listed(manifest)
    archived = Counter(each["archivo"] for each in rows if each.get("archivo"))
    names = Counter(each["nombre"] for each in rows)
    return [
        each["nombre"]
        for each in rows
        if names[each["nombre"]] > 1
        or (each["nombre"].startswith(_ARCHIVED) and not each.get("archivo"))
        or (each.get("archivo") and (archived[each["archivo"]] > 1 or not _is_labelled(each)))
    ]


def _is_labelled(row: Mapping[str, str]) -> bool:
    """Whether a file of the archive has its own name in the ZIP, but for an extension."""
    own = f"{_ARCHIVED}{row['archivo']}"
    return row["nombre"] == own or row["nombre"].rpartition(".")[0] == own


def _listed(manifest: Fields) -> list[dict[str, str]]:
    found = manifest.get("archivos")
    rows = found if isinstance(found, list) else []
    return [
        each
        for each in rows
        if isinstance(each, dict)
        and all(isinstance(each.get(name), str) for name in ("nombre", "sha256"))
        and isinstance(each.get("archivo"), str | None)
    ]


def _unzipped(zipped: bytes, title: str) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(zipped)) as found:
            inside = found.infolist()
            _refuse_inside(inside, title)
            return {each.filename: found.read(each) for each in inside}
    except _NO_ZIP as cause:
        raise InvalidDocument(f"{title} no es un ZIP que se pueda leer.") from cause


def _refuse_inside(inside: Sequence[zipfile.ZipInfo], title: str) -> None:
    """Raise InvalidDocument for a ZIP that fills the memory, or that two programs would unpack differently."""
    if sum(each.file_size for each in inside) > _MOST_BYTES:
        raise InvalidDocument(f"{title} pasa de {_MOST_BYTES // 2**20} MB una vez descomprimido.")
    twice = [name for name, many in Counter(each.filename for each in inside).items() if many > 1]
    if twice:
        raise InvalidDocument(f"{title} tiene dos archivos con el mismo nombre: {twice[0]}.")


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
