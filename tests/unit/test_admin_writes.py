"""What an operator writes by hand: the issuer's own data, ranges that nobody tells, another try for a document."""

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pytest

from cauce.contracts.v1 import contract
from cauce.domain.document import Kind
from cauce.domain.record import State
from tests.documents import invoice
from tests.records import noted
from tests.unit.contracts.examples import a_record
from tests.unit.contracts.test_dian_fields import an_issuer
from tests.unit.test_admin import NIT, cauce, enrolled, factus, gateway, one_red_line, settings  # noqa: F401

KEY = "693ff6f2a553c3646a063436fd4dd9ded0311471"
RANGE = ["--provider", "dian", "--kind", "factura", "--prefix", "FE", "--from", "1", "--to", "5000"]


def a_file(folder: Path, content: Any) -> str:
    found = folder / "emisor.json"
    found.write_text(json.dumps(content), encoding="utf-8")
    return str(found)


@pytest.mark.parametrize("wrapped", [False, True], ids=["its fields", "the offline tool's file"])
def test_an_issuers_own_data_are_kept_and_shown(cauce, enrolled, gateway, tmp_path, wrapped):  # noqa: F811
    party = an_issuer(numero_documento=NIT)
    ran = cauce("issuer", "party", NIT, "--file", a_file(tmp_path, {"emisor": party} if wrapped else party))

    assert ran.code == 0, ran.err
    found = gateway.issuers.read(NIT)
    assert (found.party.address, found.party.municipality) == ("Carrera 7 # 1-20", "11001")
    assert found.name == "MI EMPRESA SAS"
    assert "Carrera 7 # 1-20, 11001, O-13;O-15" in ran.out


def test_data_with_mistakes_or_of_another_issuer_change_nothing(cauce, enrolled, gateway, tmp_path):  # noqa: F811
    wrong = cauce("issuer", "party", NIT, "--file", a_file(tmp_path, an_issuer(direccion=None, pais="US")))
    other = cauce("issuer", "party", NIT, "--file", a_file(tmp_path, an_issuer()))

    assert wrong.code == 1
    assert "direccion: La dirección es requerida." in wrong.err
    one_red_line(other, "900123456", f"no al {NIT}")
    assert gateway.issuers.read(NIT).party is None


def test_a_range_that_nobody_tells_is_written_with_its_key_from_a_file(cauce, enrolled, gateway, tmp_path):  # noqa: F811
    (tmp_path / "clave").write_text(f" {KEY.upper()}\n")
    ran = cauce(
        "range", "add", NIT, *RANGE, "--resolution", "18764000001", "--valid-from", "2026-01-01",
        "--valid-to", "2027-01-01", "--technical-key-file", str(tmp_path / "clave"),
    )  # fmt: skip

    assert ran.code == 0, ran.err
    (found,) = gateway.ranges.all_with_keys(NIT)
    assert (found.kind, found.prefix, found.start, found.end, found.next) == (Kind.INVOICE, "FE", 1, 5000, 1)
    assert (found.valid_from, found.valid_to) == (date(2026, 1, 1), date(2027, 1, 1))
    assert found.technical_key.get_secret_value() == KEY
    assert KEY not in ran.out


def test_a_ranges_next_number_never_goes_down(cauce, enrolled, gateway):  # noqa: F811
    cauce("range", "add", NIT, *RANGE, "--next", "40")
    ran = cauce("range", "add", NIT, *RANGE, "--next", "7")

    assert ran.code == 0
    assert "siguiente: 40" in ran.out
    assert gateway.ranges.all(NIT)[0].next == 40


@pytest.mark.parametrize(
    "wrong",
    [
        ["--to", "0"],
        ["--from", "6000"],
        ["--next", "5002"],
        ["--kind", "evento"],
        ["--kind", "recibo"],
        ["--prefix", "F-1"],
        ["--valid-from", "2027-01-01", "--valid-to", "2026-01-01"],
    ],
    ids=" ".join,
)
def test_a_range_that_makes_no_sense_is_not_written(cauce, enrolled, gateway, wrong):  # noqa: F811
    assert cauce("range", "add", NIT, *RANGE, *wrong).code == 2
    assert gateway.ranges.all(NIT) == []


@pytest.fixture
def connected(cauce, enrolled, factus, tmp_path):  # noqa: F811
    """An issuer whose provider answers."""
    file = tmp_path / "factus.json"
    file.write_text(json.dumps(asdict(factus.credentials)))
    cauce("issuer", "update", NIT, "--setting", f"factus.base_url={factus.base_url}")
    assert cauce("provider", "credentials", NIT, "factus", "--file", str(file)).code == 0


def test_a_sync_does_not_miss_what_an_operator_wrote(cauce, connected, gateway):  # noqa: F811
    cauce("range", "add", NIT, "--provider", "factus", "--kind", "factura", "--from", "1", "--to", "9")

    assert "0 ausentes" in cauce("range", "sync", NIT).out
    assert [found.vanished for found in gateway.ranges.all(NIT) if found.by_hand] == [False]


@pytest.mark.parametrize("state", State)
def test_only_what_waits_or_has_failed_is_tried_again(cauce, connected, settings, gateway, state):  # noqa: F811
    document = contract.document(Kind.INVOICE, invoice())
    long_ago = datetime(2026, 5, 10, 20, 30, tzinfo=UTC)
    due = datetime(2026, 12, 1, tzinfo=UTC)
    record = a_record(document, issuer=NIT, document_id="d-1", state=state, due_at=due, last_error="Cuota")
    record = gateway.new_records.take_in(noted(record, "received", long_ago), numbered=False, quota=None)

    ran = cauce("document", "retry", NIT, "d-1")

    after = gateway.records.read(NIT, "d-1")
    if state not in (State.RECEIVED, State.FAILED):
        one_red_line(ran, f"está en «{state}»")
        assert after == record
        return
    assert ran.code == 0, ran.err
    assert (after.state, after.last_error, after.due_at) == (State.RECEIVED, None, after.updated_at)
    assert after.steps[-1].at > long_ago
    assert queued(settings) == ["d-1"]


def queued(settings: Any) -> list[str]:  # noqa: F811
    sqs = boto3.client("sqs")
    found = sqs.receive_message(QueueUrl=settings.queue_url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"])["document_id"] for message in found]


def test_a_nit_with_its_check_digit_glued_on_makes_no_issuer(cauce, enrolled, gateway):  # noqa: F811
    ran = cauce("issuer", "create", "9003731153", "--name", "DEMO", "--provider", "factus")

    assert ran.code != 0
    assert "verificación 3: escriba" in " ".join(ran.err.replace("│", " ").split())
    assert [each.nit for each in gateway.issuers.all()] == [NIT]


def test_a_rate_that_a_new_law_brings_is_added_shown_and_dropped(cauce, enrolled, gateway):  # noqa: F811
    added = cauce("issuer", "update", NIT, "--rate", "01=12", "--rate", "01=2.50", "--rate", "04=10")
    assert added.code == 0, added.err
    assert gateway.issuers.read(NIT).extra_rates == {
        "01": (Decimal("2.5"), Decimal(12)),
        "04": (Decimal(10),),
    }
    assert "01=2.5, 01=12, 04=10" in added.out

    cauce("issuer", "update", NIT, "--no-rate", "01=2.5", "--no-rate", "04=10")
    assert gateway.issuers.read(NIT).extra_rates == {"01": (Decimal(12),)}


@pytest.mark.parametrize("wrong", ["03=5", "01=", "01=101", "01=-5", "IVA=12"])
def test_what_is_no_rate_of_a_closed_list_changes_nothing(cauce, enrolled, gateway, wrong):  # noqa: F811
    assert cauce("issuer", "update", NIT, "--rate", wrong).code != 0
    assert gateway.issuers.read(NIT).extra_rates == {}
