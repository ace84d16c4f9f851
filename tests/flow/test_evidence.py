"""The ZIP with all that is kept of a document."""

import base64
import hashlib
import io
import json
import zipfile
from typing import Any

import httpx
import pytest

from cauce.contracts.v1 import rest
from tests import dian_issuers
from tests.documents import invoice
from tests.flow.conftest import taken_in
from tests.simulators.dian.accounts import TEST_KEY
from tests.unit.dian.talking import account


def unzipped(body: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as files:
        return {name: files.read(name) for name in files.namelist()}


def evidence(call: Any, document_id: str) -> dict[str, bytes]:
    answer = call("GET", f"/documentos/{document_id}/evidencia")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/zip"), answer.text
    return unzipped(base64.b64decode(answer.text))


@pytest.fixture
def issuer(gateway, dian):
    return dian_issuers.enrolled(gateway, dian)


def test_the_manifest_has_the_hash_of_every_file_and_each_attempt_and_who_asked(posted, call, gateway):
    sold = posted("/documentos", invoice())

    found = evidence(call, sold.document_id)

    manifest = json.loads(found["manifiesto.json"])
    told = {each["nombre"]: each["sha256"] for each in manifest["archivos"]}
    others = {name: body for name, body in found.items() if name != "manifiesto.json"}
    assert told == {name: hashlib.sha256(body).hexdigest() for name, body in others.items()}
    assert {"archivo/request-001.zip", "archivo/answer-001"} <= set(found)
    assert (manifest["numero_completo"], manifest["cufe"]) == (str(sold.number), sold.uuid)
    assert (manifest["estado"], manifest["intentos"]) == ("aceptado", 1)
    assert manifest["pidieron"] == [{"quien": "token 1", "nombre": "ERP"}]
    steps = json.loads(found["traza.json"])["pasos"]
    assert [each["paso"] for each in steps][-1] == "aceptado"
    assert found["archivo/request-001.zip"] == gateway.archive.sent_request(sold).body


def test_the_same_record_gives_the_same_bytes(posted, call):
    path = f"/documentos/{posted('/documentos', invoice()).document_id}/evidencia"

    assert call("GET", path).text == call("GET", path).text


def test_what_was_only_taken_in_or_refused_has_its_evidence_too(call, gateway, issuer, posted, dian):
    waiting = taken_in(gateway, issuer, "V-1")
    dian.reject_next("FAD06", "Valor del CUFE no está calculado correctamente.")
    refused = posted("/documentos", invoice(referencia="V-2"))

    states = [
        json.loads(evidence(call, kept.document_id)["documento.json"])["estado"]
        for kept in (waiting, refused)
    ]

    assert states == ["pendiente", "rechazado"]


def test_it_holds_no_secret(posted, call):
    sold = posted("/documentos", invoice())

    found = b"".join(evidence(call, sold.document_id).values())

    for secret in (account(sold.issuer).pin, TEST_KEY):
        assert secret.encode() not in found


def test_another_issuer_s_document_has_none(posted, call, gateway, issuer):
    assert call("GET", "/documentos/no-existe/evidencia").status == 404


def test_one_too_large_for_an_answer_is_lent_by_the_archive(posted, call, monkeypatch, gateway, s3):
    sold = posted("/documentos", invoice())
    whole = call("GET", f"/documentos/{sold.document_id}/evidencia")
    monkeypatch.setattr(rest, "MOST_BYTES", 1000)

    found = call("GET", f"/documentos/{sold.document_id}/evidencia")
    again = call("GET", f"/documentos/{sold.document_id}/evidencia")

    assert (found.status, found.headers["Location"]) == (303, found.json["data"]["url"])
    key = httpx.URL(found.headers["Location"]).path.lstrip("/").removeprefix("cauce/")
    assert s3.get_object(Bucket="cauce", Key=key)["Body"].read() == base64.b64decode(whole.text)
    assert httpx.URL(again.headers["Location"]).path == httpx.URL(found.headers["Location"]).path
    assert evidence_names(call, sold, monkeypatch) == list(unzipped(base64.b64decode(whole.text)))


def evidence_names(call: Any, sold: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is in the evidence after it was lent: not itself."""
    monkeypatch.setattr(rest, "MOST_BYTES", 10**9)
    return list(evidence(call, sold.document_id))
