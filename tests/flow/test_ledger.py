"""The ledger: what became of each document, in a signed chain, written by the schedule after the fact."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from cauce.aws.settings import Settings
from cauce.domain.errors import WrittenByNewer
from cauce.domain.ledger import GENESIS
from cauce.ledger import chain
from cauce.verification import evidence
from cauce.verification.ledger import Keys, verify
from cauce.verification.report import Verdict
from tests import dian_issuers, stack
from tests.documents import invoice
from tests.flow.conftest import context
from tests.flow.handlers import named


@pytest.fixture
def resources(resources: Settings) -> Settings:
    return replace(resources, ledger_key=stack.ledger_key())


@pytest.fixture
def issuer(gateway, dian):
    return dian_issuers.enrolled(gateway, dian)


@pytest.fixture
def extended(gateway, clock) -> Any:
    """Let the schedule extend the ledgers; how many entries it wrote."""

    def run() -> int:
        clock.advance(seconds=20)  # news is held back a little
        written: int = named("consult").handler({"schedule": "ledger"}, context(150))["entries"]
        return written

    return run


@pytest.fixture
def sold(posted) -> Any:
    return lambda reference: posted("/documentos", invoice(referencia=reference))


@pytest.fixture
def exported(cauce, issuer, tmp_path) -> Any:
    """The files of ``cauce ledger export``, and those of the key."""

    def run() -> dict[str, bytes]:
        done = cauce("ledger", "export", issuer.nit, "--salida", str(tmp_path / "cadena"))
        assert done.exit_code == 0, done.output
        return {each.name: each.read_bytes() for each in (tmp_path / "cadena").iterdir()}

    return run


@pytest.fixture
def key(cauce) -> Any:
    return lambda: Keys.read([cauce("ledger", "key").output.encode()])


def facts(files: dict[str, bytes]) -> list[dict[str, Any]]:
    names = sorted(name for name in files if name != "cabeza.json")
    return [entry["hechos"] for name in names for entry in json.loads(files[name])["entradas"]]


def test_what_was_settled_is_an_entry_in_the_order_of_the_news(sold, dian, extended, exported, key):
    first = sold("V-1")
    dian.reject_next("FAD06", "Valor del CUFE no está calculado correctamente.")
    refused = sold("V-2")
    assert extended() == 2
    last = sold("V-3")
    assert extended() == 1
    assert extended() == 0

    files = exported()

    assert [(each["n"], each["tracking_id"], each["estado"]) for each in facts(files)] == [
        (1, first.document_id, "aceptado"),
        (2, refused.document_id, "rechazado"),
        (3, last.document_id, "aceptado"),
    ]
    assert facts(files)[0]["cufe"] == first.uuid
    assert {"request-001", "answer-001"} <= set(facts(files)[0]["archivos"])
    assert verify(files, key()).is_right


def test_two_schedules_at_once_write_each_entry_once(
    sold, gateway, clock, issuer, exported, key, monkeypatch
):
    for n in range(5):
        sold(f"V-{n}")
    clock.advance(seconds=20)
    monkeypatch.setattr(chain, "MOST", 2)

    with ThreadPoolExecutor(4) as runs:
        list(runs.map(lambda _: chain.extend(gateway, issuer.nit), range(4)))
    chain.extend(gateway, issuer.nit)

    assert [each["n"] for each in facts(exported())] == [1, 2, 3, 4, 5]
    assert verify(exported(), key()).is_right


@pytest.mark.parametrize("dies_at", ["write", "index", "move"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_run_that_dies_anywhere_is_gone_on_with_by_the_next(
    sold, gateway, clock, issuer, extended, exported, key, monkeypatch, dies_at, when
):
    sold("V-1")
    sold("V-2")
    clock.advance(seconds=20)
    works = getattr(gateway.ledger, dies_at)

    def dies(*arguments: Any) -> None:
        if when == "after":
            works(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as killed, suppress(KeyboardInterrupt):
        killed.setattr(gateway.ledger, dies_at, dies)
        chain.extend(gateway, issuer.nit)
    sold("V-3")  # the next run reads more news than the one that died
    extended()
    extended()

    assert [each["n"] for each in facts(exported())] == [1, 2, 3]
    assert verify(exported(), key()).is_right
    assert gateway.ledger.end(issuer.nit).entries == 3


def test_a_document_s_evidence_proves_its_entry(sold, extended, call, key):
    one, other = sold("V-1"), sold("V-2")
    extended()
    zipped = {
        kept.document_id: base64.b64decode(call("GET", f"/documentos/{kept.document_id}/evidencia").text)
        for kept in (one, other)
    }

    report, proofs = evidence.verify(zipped[one.document_id], key(), "uno.zip")

    assert [check.text for check in report.checks if check.verdict is not Verdict.RIGHT] == [
        "Ninguna entrada los prueba, porque la cadena no los nombra: documento.json, contenido.json, traza.json."
    ]
    assert [(proof.entry.number, proof.before) for proof in proofs] == [(1, GENESIS)]
    assert str(other.number) not in proofs[0].model_dump_json()


def test_evidence_whose_file_was_changed_is_wrong_though_its_manifest_was_changed_too(
    sold, extended, call, key, cauce, tmp_path
):
    one = sold("V-1")
    extended()
    good = base64.b64decode(call("GET", f"/documentos/{one.document_id}/evidencia").text)
    bad = _with_another_answer(good)

    (tmp_path / "llave.pem").write_text(cauce("ledger", "key").output)
    for name, body in (("bien.zip", good), ("mal.zip", bad)):
        (tmp_path / name).write_bytes(body)
    right, wrong = (
        cauce("verify", "ledger", str(tmp_path / name), "--key", str(tmp_path / "llave.pem"))
        for name in ("bien.zip", "mal.zip")
    )

    assert (right.exit_code, wrong.exit_code) == (0, 1)
    assert "El archivo no es el que la cadena dice: answer-001." in wrong.output


def test_a_ledger_that_meets_what_it_cannot_read_is_counted_and_goes_on_once_it_can(
    sold, extended, gateway, exported, monkeypatch, capsys
):
    sold("V-1")

    def newer(*_: Any) -> None:
        raise WrittenByNewer(99, 1)

    with monkeypatch.context() as broken:
        broken.setattr(gateway.records, "read", newer)
        assert extended() == 0
    assert '"LedgersStuck":[1.0]' in capsys.readouterr().out

    assert extended() == 1
    assert '"LedgersStuck":[0.0]' in capsys.readouterr().out
    assert [each["n"] for each in facts(exported())] == [1]


@pytest.mark.parametrize("many", [2, 15, 60])
def test_in_its_turns_each_issuer_s_ledger_is_the_first(gateway, clock, monkeypatch, many):
    nits = [f"{900_000_000 + n}" for n in range(many)]
    monkeypatch.setattr(gateway.issuers, "all", lambda: [SimpleNamespace(nit=nit) for nit in nits])
    monkeypatch.setattr(gateway.ledger, "_key", "a key")
    firsts = []
    for _ in nits:
        ran: list[str] = []
        monkeypatch.setattr(chain, "extend", lambda _, nit, ran=ran: ran.append(nit) or 0)
        chain.extend_all(gateway)
        firsts.append(ran[0])
        clock.advance(minutes=15)

    assert sorted(firsts) == nits


def test_a_stack_without_a_key_keeps_no_ledger(sold, extended, gateway, monkeypatch):
    sold("V-1")
    monkeypatch.setattr(gateway.ledger, "_key", "")

    assert extended() == 0


def test_an_exported_ledger_is_verified_by_the_command(sold, extended, exported, cauce, tmp_path):
    sold("V-1")
    extended()
    exported()
    (tmp_path / "llave.pem").write_text(cauce("ledger", "key").output)

    done = cauce("verify", "ledger", str(tmp_path / "cadena"), "--key", str(tmp_path / "llave.pem"))
    told = cauce("verify", "ledger", str(tmp_path / "cadena"), "--key", str(tmp_path / "llave.pem"), "--json")
    nothing = cauce("verify", "ledger", str(tmp_path / "llave.pem"), "--key", str(tmp_path / "llave.pem"))

    assert done.exit_code == 0, done.output
    assert "Correcto" in done.output
    assert json.loads(told.output)[0]["correcto"] is True
    assert (nothing.exit_code, "no es un ZIP" in nothing.output) == (2, True)


def test_an_export_during_which_the_schedule_writes_on_is_right(
    sold, extended, gateway, exported, key, monkeypatch
):
    sold("V-1")
    extended()
    reads = gateway.ledger.segment

    def and_the_schedule(*arguments: Any) -> Any:
        monkeypatch.setattr(gateway.ledger, "segment", reads)
        sold("V-2")
        extended()
        return reads(*arguments)

    monkeypatch.setattr(gateway.ledger, "segment", and_the_schedule)
    files = exported()

    assert [each["n"] for each in facts(files)] == [1]
    assert verify(files, key()).is_right
    assert [each["n"] for each in facts(exported())] == [1, 2]


def test_evidence_of_a_document_that_was_rejected_and_corrected_is_right(posted, dian, extended, call, key):
    dian.reject_next("FAD06", "Valor del CUFE no está calculado correctamente.")
    posted("/documentos", invoice(referencia="V-1"))
    extended()
    record = posted("/documentos", invoice(referencia="V-1", observaciones="Corregida."))
    before = base64.b64decode(call("GET", f"/documentos/{record.document_id}/evidencia").text)
    extended()
    after = base64.b64decode(call("GET", f"/documentos/{record.document_id}/evidencia").text)

    told = [evidence.verify(each, key(), "uno.zip") for each in (before, after)]

    assert [report.is_right for report, _ in told] == [True, True]
    assert [[proof.entry.facts["estado"] for proof in proofs] for _, proofs in told] == [
        ["rechazado"],
        ["rechazado", "aceptado"],
    ]


def _with_another_answer(zipped: bytes) -> bytes:
    """Evidence in which somebody replaced an answer, and corrected the manifest."""
    import hashlib
    import io
    import zipfile

    from cauce.ubl.files import zipped as made

    with zipfile.ZipFile(io.BytesIO(zipped)) as found:
        files = {name: found.read(name) for name in found.namelist()}
    files["archivo/answer-001"] = b"Procesado Correctamente."
    manifest = json.loads(files["manifiesto.json"])
    for each in manifest["archivos"]:
        if each["nombre"] == "archivo/answer-001":
            each["sha256"] = hashlib.sha256(files["archivo/answer-001"]).hexdigest()
    return made({**files, "manifiesto.json": json.dumps(manifest).encode()})
