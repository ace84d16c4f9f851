"""Documents' evidence, verified offline: whatever was altered in a ZIP is named, and none breaks the command."""

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from cauce.domain import ledger
from cauce.domain.errors import InvalidDocument
from cauce.domain.ledger import GENESIS, Proof, Segment
from cauce.verification import evidence
from cauce.verification.report import Verdict
from tests.unit.test_ledger import KEYS, NIT, signed

DOCUMENT, NUMBER, CUFE, CONTENT = "id-1", "SETP990000001", "c" * 96, "d" * 64
REQUEST, ANSWER = b"PK the request", b"<ApplicationResponse/>"


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def facts(number: int = 1, **others: Any) -> ledger.Facts:
    own = {
        "n": number,
        "tracking_id": DOCUMENT,
        "estado": "aceptado",
        "numero_completo": NUMBER,
        "cufe": CUFE,
        "contenido_sha256": CONTENT,
        "archivos": {"request-001": sha256(REQUEST), "answer-001": sha256(ANSWER)},
    }
    return {**own, **others}


def chain(*entries: ledger.Facts, before: str = GENESIS, issuer: str = NIT) -> Segment:
    """A signed segment with these entries."""
    made = [ledger.entry(before, entries[0])]
    for each in entries[1:]:
        made.append(ledger.entry(made[-1].hash, each))
    signature = signed(made[-1].number, made[-1].hash, issuer=issuer)
    return Segment(issuer=issuer, before=before, entries=tuple(made), read_to="0", signature=signature)


def proofs_of(segment: Segment) -> list[Proof]:
    return [ledger.proof(segment, entry.number) for entry in segment.entries]


def listed(name: str, body: bytes, archived: str | None = None) -> dict[str, Any]:
    return {"nombre": name, "bytes": len(body), "sha256": sha256(body), "archivo": archived}


def zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return made.getvalue()


def made(
    proofs: list[Proof] | None = None,
    *,
    change: Callable[[dict[str, Any]], None] = lambda manifest: None,
    more: dict[str, bytes] | None = None,
    **said: Any,
) -> bytes:
    """A document's evidence as ``GET …/evidencia`` gives it, with ``said`` in its manifest. ``change`` is what
    somebody does to the manifest who signs nothing, and ``more`` the files that they put in."""
    proofs = proofs_of(chain(facts())) if proofs is None else proofs
    told = {
        "documento.json": b"{}",
        "cadena.json": json.dumps([each.model_dump(by_alias=True) for each in proofs]).encode(),
        "archivo/request-001.zip": REQUEST,
        "archivo/answer-001": ANSWER,
    }
    archived = {"archivo/request-001.zip": "request-001", "archivo/answer-001": "answer-001"}
    manifest = {
        "emisor": NIT,
        "tracking_id": DOCUMENT,
        "numero_completo": NUMBER,
        "cufe": CUFE,
        "estado": "aceptado",
        "contenido_sha256": CONTENT,
        "archivos": [listed(name, body, archived.get(name)) for name, body in told.items()],
        **said,
    }
    change(manifest)
    return zipped({**told, **(more or {}), "manifiesto.json": json.dumps(manifest).encode()})


def said(zipped: bytes, verdict: Verdict = Verdict.WRONG) -> list[str]:
    report, _ = evidence.verify(zipped, KEYS, "uno.zip")
    return [check.text for check in report.checks if check.verdict is verdict]


def rows(manifest: dict[str, Any]) -> dict[str, Any]:
    return {each["nombre"]: each for each in manifest["archivos"]}


def test_evidence_that_nobody_touched_is_right_and_says_what_no_entry_proves():
    assert said(made()) == []
    assert said(made(), Verdict.NOTICE) == [
        "Ninguna entrada los prueba, porque la cadena no los nombra: documento.json."
    ]


def test_a_file_shown_under_the_name_of_another_is_named():
    def swap(manifest: dict[str, Any]) -> None:
        one, other = rows(manifest)["archivo/request-001.zip"], rows(manifest)["archivo/answer-001"]
        one["archivo"], other["archivo"] = other["archivo"], one["archivo"]

    named = [text for text in said(made(change=swap)) if text.startswith("El manifiesto da por otro")]

    assert [text.split()[-1] for text in named] == ["archivo/request-001.zip.", "archivo/answer-001."]


@pytest.mark.parametrize(
    "forged",
    [
        {"archivo": None},  # beside the true answer, which a reader of the ZIP would take for the one
        {"archivo": "answer-001"},  # the last row of a name is believed
    ],
)
def test_a_second_file_given_for_one_of_the_archive_is_named(forged):
    false = b"<ApplicationResponse>Aceptado</ApplicationResponse>"

    def add(manifest: dict[str, Any]) -> None:
        manifest["archivos"].insert(0, {**listed("archivo/answer-001.xml", false), **forged})

    found = said(made(change=add, more={"archivo/answer-001.xml": false}))

    assert (
        "El manifiesto da por otro archivo, o nombra dos veces, el archivo archivo/answer-001.xml." in found
    )


def test_a_row_listed_twice_is_named():
    def twice(manifest: dict[str, Any]) -> None:
        manifest["archivos"].append(rows(manifest)["documento.json"])

    assert "El manifiesto da por otro archivo, o nombra dos veces, el archivo documento.json." in said(
        made(change=twice)
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("contenido_sha256", "e" * 64),
        ("cufe", "e" * 96),
        ("numero_completo", "SETP990000002"),
        ("estado", "rechazado"),
    ],
)
def test_what_the_manifest_says_otherwise_than_the_entry_of_an_accepted_document_is_named(field, value):
    assert said(made(**{field: value})) == [f"El manifiesto no dice lo que la cadena dice de {field}."]


def test_evidence_without_a_proof_is_not_said_to_be_proved():
    assert said(made([]), Verdict.NOTICE) == [
        "No trae ninguna prueba de la cadena. Un documento entra en ella minutos después de quedar en firme: si este quedó "
        "antes, pida otra vez su evidencia."
    ]


def test_a_document_that_was_corrected_after_its_rejection_is_right():
    rejected = facts(1, estado="rechazado", contenido_sha256="0" * 64, numero_completo=None, cufe=None)

    assert said(made(proofs_of(chain(rejected, facts(2))))) == []
    assert said(made(proofs_of(chain(rejected)), estado="pendiente")) == []


def test_what_is_said_to_be_accepted_without_an_entry_that_says_so_is_told():
    rejected = proofs_of(chain(facts(estado="rechazado")))

    assert "Ninguna entrada prueba todavía que esté aceptado." in said(made(rejected), Verdict.NOTICE)


@pytest.mark.parametrize(
    "manifest",
    [
        b"[]",
        b"null",
        b'{"archivos": {}}',
        b'{"archivos": ["documento.json"]}',
        b'{"archivos": [{"nombre": ["a"], "sha256": {}}]}',
        b'{"archivos": [{"nombre": "documento.json", "sha256": 1, "archivo": []}]}',
    ],
)
def test_a_manifest_of_another_shape_proves_no_file(manifest):
    zip_file = zipped({"manifiesto.json": manifest, "documento.json": b"{}"})

    assert "El archivo no está en el manifiesto: documento.json." in said(zip_file)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"manifiesto.json": b"\xff"},
        {"manifiesto.json": b"[" * 100_000},
        {"manifiesto.json": b"{}", "cadena.json": b"{}"},
        {"manifiesto.json": b"{}", "cadena.json": b'[{"siguientes": 1}]'},
    ],
)
def test_a_zip_that_is_no_evidence_is_refused_in_a_sentence(files):
    with pytest.raises(InvalidDocument, match=r"uno\.zip"):
        evidence.verify(zipped(files), KEYS, "uno.zip")


def test_a_zip_that_fills_the_memory_is_refused_unread(monkeypatch):
    monkeypatch.setattr(evidence, "_MOST_BYTES", 2**20)
    bomb = zipped({"manifiesto.json": b"{}", "archivo/answer-001": bytes(2**20)})
    monkeypatch.setattr(zipfile.ZipFile, "read", None)

    with pytest.raises(InvalidDocument, match=r"uno\.zip pasa de 1 MB"):
        evidence.verify(bomb, KEYS, "uno.zip")


def test_a_zip_that_two_programs_would_unpack_differently_is_refused():
    both = zipped({"manifiesto.json": b"{}", "manifiesto.jsom": b"[]"}).replace(b".jsom", b".json")

    with pytest.raises(InvalidDocument, match=r"dos archivos con el mismo nombre: manifiesto\.json"):
        evidence.verify(both, KEYS, "uno.zip")


@pytest.mark.parametrize("method", [1, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_whose_bytes_are_not_of_its_method_is_refused_in_a_sentence(method):
    stored = bytearray(_stored(b"\x09\x04\x05\x00" + bytes(60)))
    _patch(stored, b"PK\x01\x02", 10, method)
    _patch(stored, b"PK\x03\x04", 8, method)

    with pytest.raises(InvalidDocument, match=r"uno\.zip no es un ZIP que se pueda leer"):
        evidence.verify(bytes(stored), KEYS, "uno.zip")


def test_an_encrypted_zip_is_refused_in_a_sentence():
    stored = bytearray(_stored(b"{}"))
    _patch(stored, b"PK\x01\x02", 8, 1)
    _patch(stored, b"PK\x03\x04", 6, 1)

    with pytest.raises(InvalidDocument, match=r"uno\.zip no es un ZIP que se pueda leer"):
        evidence.verify(bytes(stored), KEYS, "uno.zip")


def test_proofs_of_one_ledger_agree_and_those_of_several_issuers_are_compared_apart():
    own = proofs_of(chain(facts(1), facts(2), facts(3)))
    others = proofs_of(chain(facts(1), issuer="900373115"))

    report = evidence.compare([own[0], own[2], *others])

    assert [(section.title, [check.text for check in section.checks]) for section in report.sections] == [
        ("Emisor 900373115", ["Son de la misma cadena."]),
        (
            "Emisor 901724254",
            ["Son de la misma cadena.", "De estos archivos falta la entrada 2."],
        ),
    ]


def test_two_ledgers_of_one_issuer_are_found_by_the_hashes_between_an_entry_and_its_signature():
    """Whoever has the key signed one ledger for one reader, and another for the other."""
    one, other = chain(facts(1), facts(2), facts(3)), chain(facts(1), facts(2, cufe="x"), facts(3))

    report = evidence.compare([ledger.proof(one, 1), ledger.proof(other, 3)])

    assert [check.text for check in report.checks if check.verdict is Verdict.WRONG] == [
        "No son las mismas en todos las entradas 2, 3: son de cadenas distintas."
    ]


@pytest.mark.parametrize("name", ["n", "estado", "numero_completo", "tracking_id", "archivos", "cufe"])
@pytest.mark.parametrize("value", [{}, {"a": "b"}, None, 0, 10**30, ""])
def test_facts_of_any_shape_are_wrong_and_break_nothing(name, value):
    entry = proofs_of(chain(facts()))[0]
    forged = entry.model_copy(update={"entry": ledger.Entry(facts=facts(**{name: value}), hash="0" * 64)})

    assert "fue alterada" in " ".join(said(made([forged])))


def test_a_proof_that_no_key_signed_is_not_compared():
    """Its numbers may be any, and would be counted."""
    far = facts(10**15)
    forged = chain(far).model_copy(update={"signature": signed(1, "0" * 64)})

    report, proofs = evidence.verify(made(proofs_of(forged)), KEYS, "uno.zip")

    assert "La firma no es de esta entrada, o no es de esa llave." in [check.text for check in report.checks]
    assert proofs == []


def _stored(body: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("manifiesto.json", body)
    return kept.getvalue()


def _patch(zip_file: bytearray, mark: bytes, offset: int, value: int) -> None:
    struct.pack_into("<H", zip_file, zip_file.index(mark) + offset, value)
