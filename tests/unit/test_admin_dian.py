"""``cauce dian`` over moto and a strict DIAN: enrolling, showing, and the run of a test set."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from cauce import admin, wiring
from cauce.admin import habilitacion, terminal
from cauce.admin import stack as stack_in_use
from cauce.aws.archive import Archive
from cauce.domain import life
from cauce.domain.document import Kind
from cauce.domain.errors import Conflict, CredentialsRejected, InvalidDocument, Unsupported
from cauce.domain.record import State
from cauce.gateway import Gateway
from cauce.intake import documents
from cauce.providers.base import Refusals
from cauce.providers.dian.provider import Dian
from cauce.ubl.certificate import loaded
from tests import stack
from tests.dian_issuers import files_sent
from tests.simulators.dian import Account, DianSimulator
from tests.simulators.dian.pki import trusted
from tests.unit.dian.builders import ISSUER
from tests.unit.dian.talking import account, simulator

NIT = ISSUER.nit
SET_ID = "358f9538-1f80-4ed5-a3f6-000900123456"
DIAN_KINDS = dict.fromkeys(Kind, "dian")


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """A fresh stack, named to the command by its environment."""
    monkeypatch.setattr(terminal.out, "width", 300)
    monkeypatch.setattr(habilitacion, "FIRST_PAUSE", 0.01)
    with stack.in_moto(monkeypatch) as settings:
        for name, value in asdict(settings).items():
            monkeypatch.setenv(f"CAUCE_{name.upper()}", value)
        _forget()
        yield wiring.connect(settings)
    _forget()


def _forget() -> None:
    """As a new process would: every run of the command connects anew."""
    stack_in_use.gateway.cache_clear()
    stack_in_use.resources.cache_clear()


@pytest.fixture
def dian() -> Iterator[DianSimulator]:
    with simulator(NIT) as running:
        yield running


@pytest.fixture
def enrolment(gateway: Gateway, dian: DianSimulator, tmp_path: Path) -> list[str]:
    """An issuer that emits through DIAN, and the arguments that enrol its certificate."""
    settings = {"dian": {"base_url": dian.base_url}}
    gateway.issuers.save(ISSUER.model_copy(update={"providers": DIAN_KINDS, "settings": settings}))
    return _files(tmp_path, account(NIT))


def _files(folder: Path, found: Account) -> list[str]:
    (folder / "cert.p12").write_bytes(found.pkcs12())
    (folder / "clave").write_text(found.password + "\n")
    software = {"software_id": found.software_id, "software_pin": found.pin}
    (folder / "software.json").write_text(json.dumps(software))
    return [
        *("dian", "enrol", NIT, "--certificado", str(folder / "cert.p12")),
        *("--clave-archivo", str(folder / "clave"), "--file", str(folder / "software.json")),
    ]


@pytest.fixture
def enrolled(cauce: Any, enrolment: list[str]) -> None:
    assert cauce(*enrolment).exit_code == 0


@pytest.fixture
def cauce(gateway: Gateway) -> Any:
    """Run the command: exit code, output, and the exception that the console script would say in red."""

    def run(*arguments: str, typed: str = "") -> Result:
        _forget()
        return CliRunner().invoke(admin.app, list(arguments), input=typed)

    return run


def refused(ran: Result, kind: type[Exception], *words: str) -> None:
    assert isinstance(ran.exception, kind), ran
    for word in words:
        assert word in str(ran.exception)


def secret() -> dict[str, str]:
    client = boto3.client("secretsmanager", region_name=stack.REGION)
    found: dict[str, str] = json.loads(
        client.get_secret_value(SecretId=f"cauce/test/{NIT}/dian")["SecretString"]
    )
    return found


# Enrolling


def test_a_certificate_is_kept_as_it_loads_fastest_with_the_software(cauce, enrolment):
    ran = cauce(*enrolment)

    assert ran.exit_code == 0, ran.output
    kept = secret()
    assert set(kept) == {"software_id", "software_pin", "certificate"}
    assert kept["certificate"].startswith("-----BEGIN PRIVATE KEY-----")
    assert kept["software_pin"] == account(NIT).pin
    assert "firma ahora" in ran.output


def test_without_files_password_and_pin_are_asked_for_and_not_echoed(cauce, enrolment):
    found = account(NIT)
    typed = f"{found.software_id}\n{found.pin}\n"

    ran = cauce(*enrolment[:5], typed=f"{found.password}\n{typed}")

    assert ran.exit_code == 0, ran.output
    assert secret()["software_id"] == found.software_id
    assert found.password not in ran.output
    assert found.pin not in ran.output.replace(found.software_id, "")


def test_a_wrong_password_is_told_and_nothing_is_kept(cauce, enrolment, tmp_path):
    (tmp_path / "clave").write_text("otra")

    refused(cauce(*enrolment), CredentialsRejected, "contraseña")

    kept = boto3.client("secretsmanager", region_name=stack.REGION).list_secrets()["SecretList"]
    assert [each["Name"] for each in kept] == ["cauce-table-key"]


@pytest.mark.parametrize(
    ("of", "valid", "said"),
    [
        ("800199436", (-10, 10), f"no nombra el NIT {NIT}"),
        (NIT, (-10, -1), "venció"),
        (NIT, (1, 10), "empieza a regir"),
    ],
)
def test_a_certificate_that_would_not_sign_is_refused_when_enrolled(
    cauce, enrolment, tmp_path, of: str, valid: tuple[int, int], said: str
):
    granted(tmp_path / "cert.p12", of, *valid)

    refused(cauce(*enrolment), CredentialsRejected, said)


def test_a_file_that_misses_the_pin_is_told_without_being_quoted(cauce, enrolment, tmp_path):
    (tmp_path / "software.json").write_text(json.dumps({"software_id": "un-identificador"}))

    ran = cauce(*enrolment)

    refused(ran, InvalidDocument, "software_pin")
    assert "un-identificador" not in str(ran.exception)


def test_a_successor_that_is_not_valid_yet_waits_beside_the_one_in_force(
    cauce, enrolled, enrolment, tmp_path
):
    before = secret()
    granted(tmp_path / "nuevo.p12", NIT, 5, 900)

    ran = cauce(*_next(enrolment, tmp_path / "nuevo.p12"))

    assert ran.exit_code == 0, ran.output
    after = secret()
    assert after == {**before, "next_certificate": after["next_certificate"]}
    assert [line.split()[-1] for line in ran.output.splitlines() if "firma ahora" in line] == ["sí", "no"]


def test_a_third_certificate_takes_the_place_of_the_one_that_signs_no_more(
    cauce, enrolled, enrolment, tmp_path
):
    for name, until in (("b.p12", 900), ("c.p12", 1200)):
        granted(tmp_path / name, NIT, -1, until)
        assert cauce(*_next(enrolment, tmp_path / name)).exit_code == 0

    kept = secret()

    left = [(_until(kept[name]) - datetime.now(UTC)).days for name in ("certificate", "next_certificate")]
    assert left == [1199, 899]


def test_a_successor_that_dian_accepts_signs_and_the_one_before_it_can_be_chosen_again(
    cauce, enrolled, enrolment, tmp_path, dian
):
    before, heard = secret(), len(dian.requests)
    granted(tmp_path / "nuevo.p12", NIT, -1, 900)
    assert cauce(*_next(enrolment, tmp_path / "nuevo.p12")).exit_code == 0
    signing = secret()

    tried = [seen.path for seen in dian.requests[heard:]]
    assert tried, "and with a question, which creates nothing"
    assert not [path for path in tried if "/Send" in path]

    chosen = cauce("dian", "choose", NIT)

    assert signing["next_certificate"] == before["certificate"] != signing["certificate"]
    assert chosen.exit_code == 0, chosen.output
    assert secret() == {**before, "next_certificate": signing["certificate"]}


def test_a_successor_that_dian_does_not_trust_is_refused_and_the_one_in_force_goes_on(
    cauce, enrolled, enrolment, tmp_path
):
    before = secret()
    serial = granted(tmp_path / "nuevo.p12", NIT, -1, 900)
    trusted().revoked.add(serial)

    ran = cauce(*_next(enrolment, tmp_path / "nuevo.p12"))

    refused(ran, CredentialsRejected, "La DIAN no acepta el certificado", "Sigue firmando el anterior")
    assert secret() == before


def test_another_certificate_that_is_enrolled_as_the_first_was_is_tried_likewise_while_that_one_is_in_force(
    cauce, enrolled, enrolment, tmp_path
):
    before = secret()
    serial = granted(tmp_path / "nuevo.p12", NIT, -1, 900)
    another = [argument for argument in _next(enrolment, tmp_path / "nuevo.p12") if argument != "--siguiente"]
    trusted().revoked.add(serial)

    refused(cauce(*another), CredentialsRejected, "La DIAN no acepta el certificado")
    assert secret() == before

    trusted().revoked.discard(serial)
    assert cauce(*another).exit_code == 0
    assert secret()["next_certificate"] == before["certificate"] != secret()["certificate"]


def test_a_successor_that_cannot_be_tried_does_not_sign(cauce, enrolled, enrolment, tmp_path, dian):
    before = secret()
    granted(tmp_path / "nuevo.p12", NIT, -1, 900)
    dian.go_out(503)

    refused(cauce(*_next(enrolment, tmp_path / "nuevo.p12")), Conflict, "Sigue firmando el anterior")

    assert secret() == before


def test_a_successor_to_whose_trial_dian_answers_what_nobody_foresaw_does_not_sign(
    cauce, enrolled, enrolment, tmp_path, monkeypatch
):
    def unforeseen(_: Dian) -> None:
        raise ValueError("71234567")

    before = secret()
    granted(tmp_path / "nuevo.p12", NIT, -1, 900)
    monkeypatch.setattr(Dian, "ranges", unforeseen)

    ran = cauce(*_next(enrolment, tmp_path / "nuevo.p12"))

    refused(ran, Conflict, "No se pudo probar el certificado", "Sigue firmando el anterior")
    assert "71234567" not in ran.output
    assert secret() == before


def test_the_certificate_that_does_not_sign_is_dropped_and_never_the_one_that_does(
    cauce, enrolled, enrolment, tmp_path
):
    before = secret()
    refused(cauce("dian", "drop", NIT), Conflict, "un solo certificado")
    granted(tmp_path / "nuevo.p12", NIT, 5, 900)
    assert cauce(*_next(enrolment, tmp_path / "nuevo.p12")).exit_code == 0

    assert cauce("dian", "drop", NIT).exit_code == 0

    assert secret() == before


@pytest.fixture
def replaced(cauce, enrolled, enrolment, tmp_path, gateway) -> dict[str, str]:
    """An issuer whose first certificate DIAN refuses, so that its next one signs; its secret."""
    before = secret()
    granted(tmp_path / "nuevo.p12", NIT, -1, 900)
    assert cauce(*_next(enrolment, tmp_path / "nuevo.p12")).exit_code == 0
    assert cauce("dian", "choose", NIT).exit_code == 0
    refusals(gateway).add(loaded(SecretStr(before["certificate"])).fingerprint)
    return secret()


def refusals(gateway: Gateway) -> Refusals:
    return gateway.provider(gateway.issuers.read(NIT), "dian").connection.refusals


def test_show_tells_since_when_dian_refuses_a_certificate_and_that_the_other_signs(cauce, replaced):
    ran = cauce("dian", "show", NIT)

    signs = [line.split()[-1] for line in ran.output.splitlines() if "firma ahora" in line]
    assert signs == ["no", "sí"]
    assert re.search(r"la DIAN no lo acepta desde +\d{4}-\d\d-\d\d", ran.output)
    assert "«choose» lo prueba de nuevo" in ran.output


def test_a_refused_certificate_that_is_chosen_is_tried_and_signs_again_once_dian_takes_it(
    cauce, replaced, gateway
):
    serial = account(NIT).holder.certificate.serial_number
    trusted().revoked.add(serial)
    still = cauce("dian", "choose", NIT)
    trusted().revoked.discard(serial)
    unchanged, known = secret(), list(refusals(gateway).known())

    chosen = cauce("dian", "choose", NIT)

    refused(still, CredentialsRejected, "La DIAN no acepta el certificado", "Sigue firmando el anterior")
    assert (unchanged, len(known)) == (replaced, 1)
    assert chosen.exit_code == 0, chosen.output
    assert secret() == replaced
    assert "la DIAN no lo acepta" not in chosen.output


def test_a_refused_certificate_is_the_one_that_is_dropped(cauce, replaced):
    assert cauce("dian", "drop", NIT).exit_code == 0

    after = secret()
    assert after["certificate"] == replaced["next_certificate"]
    assert "next_certificate" not in after


def test_a_successor_takes_the_place_of_a_refused_certificate_not_of_the_one_that_signs(
    cauce, replaced, enrolment, tmp_path
):
    granted(tmp_path / "tercero.p12", NIT, 5, 1200)

    ran = cauce(*_next(enrolment, tmp_path / "tercero.p12"))

    assert ran.exit_code == 0, ran.output
    after = secret()
    assert after["certificate"] == replaced["next_certificate"]
    assert after["next_certificate"] not in replaced.values()


def test_a_refused_certificate_that_is_enrolled_again_signs(cauce, replaced, enrolment):
    ran = cauce(*enrolment)

    signs = [line.split()[-1] for line in ran.output.splitlines() if "firma ahora" in line]
    assert signs == ["sí", "no"], ran.output


def test_there_is_no_next_certificate_without_a_first(cauce, enrolment):
    refused(cauce(*enrolment, "--siguiente"), Conflict, "sin --siguiente")


def test_credentials_from_a_file_keep_the_next_certificate_too(cauce, enrolled, tmp_path):
    given = {**secret(), "next_certificate": "PEM", "comentario": "no es credencial"}
    (tmp_path / "todo.json").write_text(json.dumps(given))

    assert cauce("provider", "credentials", NIT, "dian", "--file", str(tmp_path / "todo.json")).exit_code == 0

    assert secret() == {name: text for name, text in given.items() if name != "comentario"}


def test_show_tells_who_signs_until_when_and_never_the_key_or_the_pin(cauce, enrolled):
    ran = cauce("dian", "show", NIT)

    holder = account(NIT).holder.certificate
    assert ran.exit_code == 0, ran.output
    days = str((holder.not_valid_after_utc - datetime.now(UTC)).days)
    for word in (f"serialNumber={NIT}", str(holder.serial_number), account(NIT).software_id, days):
        assert word in ran.output
    kept = secret()
    assert "PRIVATE KEY" not in ran.output
    assert not any(line and line in ran.output for line in kept["certificate"].splitlines()[1:-1])
    assert not re.search(rf"\b{kept['software_pin']}\b", ran.output)


def test_show_of_an_issuer_without_certificate_says_so(cauce, enrolment):
    refused(cauce("dian", "show", NIT), CredentialsRejected, "No hay credenciales de dian")


# The test set


def test_the_run_of_a_test_set_sends_what_it_asks_for_and_ends_it(cauce, gateway, enrolled, dian):
    ran = cauce("dian", "habilitar", NIT, "--set-id", SET_ID)

    assert ran.exit_code == 0, ran.output
    assert dian.accounts[NIT].test_set.missing() == {}
    assert ran.output.count("aceptado") == 11  # ten documents and the set
    assert "El set de pruebas está aceptado." in ran.output
    assert "test_set_id" not in gateway.issuers.read(NIT).settings["dian"]
    numbers = [v.number for v in dian.documents if v.kind == "invoice"]
    assert numbers == [f"SETP{990_000_000 + n}" for n in range(8)]


def test_run_again_it_sends_nothing_more(cauce, enrolled, dian):
    cauce("dian", "habilitar", NIT, "--set-id", SET_ID)
    sent = sends(dian)

    ran = cauce("dian", "habilitar", NIT, "--set-id", SET_ID)

    assert ran.exit_code == 0, ran.output
    assert sends(dian) == sent == 10


def test_what_is_rejected_says_why_and_goes_again_under_its_number(cauce, gateway, enrolled, dian):
    dian.reject_next("FAJ24", "DV del NIT del emisor errado")
    first = cauce("dian", "habilitar", NIT, "--set-id", SET_ID)

    second = cauce("dian", "habilitar", NIT)

    assert first.exit_code == 1
    assert "FAJ24" in first.output and "rechazado" in first.output
    assert "Falta que la DIAN acepte: 1 factura." in first.output
    assert second.exit_code == 0, second.output
    mended = gateway.records.by_reference(NIT, f"HAB-{SET_ID}-FV-1")
    assert (mended.state, str(mended.number), mended.attempt) == (State.ACCEPTED, "SETP990000000", 2)
    assert dian.documents_received == 10


def test_a_batch_that_takes_long_is_told_as_slow(cauce, enrolled, dian):
    dian.batch_asks = 10_000
    options = ("dian", "habilitar", NIT, "--set-id", SET_ID, "--espera", "0")

    ran = cauce(*options)

    assert ran.exit_code == 1
    assert "en proceso desde hace 0 min" in ran.output
    assert "Espera una factura aceptada." in ran.output
    assert "Falta que la DIAN acepte: 8 facturas, 1 nota crédito, 1 nota débito." in ran.output
    assert sends(dian) == 8


def test_what_is_stuck_is_told_and_another_is_sent_in_its_place(cauce, gateway, enrolled, dian):
    options = ("dian", "habilitar", NIT, "--set-id", SET_ID, "--espera", "0")
    dian.batch_asks = 10_000
    cauce(*options, "--facturas", "1")
    dian.batch_asks = 0
    first = gateway.records.by_reference(NIT, f"HAB-{SET_ID}-FV-1")
    assert first.state is State.PENDING
    long_ago = first.sent_at - timedelta(hours=2)
    gateway.records.save(first.model_copy(update={"sent_at": long_ago}))

    told = cauce(*options)
    ended = cauce(*options)

    assert "está atascado, y otro se envía en su lugar" in told.output
    assert ended.exit_code == 0, ended.output
    assert dian.accounts[NIT].test_set.missing() == {}
    assert sends(dian) == 11
    assert "test_set_id" not in gateway.issuers.read(NIT).settings["dian"]


def test_an_issuer_whose_documents_are_queued_has_its_set_sent_at_once(cauce, gateway, enrolled, dian):
    issuer = gateway.issuers.read(NIT)
    settings = {"dian": {**issuer.settings["dian"], "sending": "async"}}
    gateway.issuers.save(issuer.model_copy(update={"settings": settings}))

    ran = cauce("dian", "habilitar", NIT, "--set-id", SET_ID)

    assert ran.exit_code == 0, ran.output
    assert_whole(gateway, dian)


@pytest.mark.parametrize("kind_of_loss", ["after DIAN had it", "before DIAN had it"])
def test_an_answer_that_is_lost_half_way_doubles_nothing(
    cauce, gateway, enrolled, dian, monkeypatch, kind_of_loss: str
):
    monkeypatch.setattr(life, "ABSENCES_APART", timedelta(0))
    dian.lose_next_answer(stored=kind_of_loss == "after DIAN had it", operation="SendTestSetAsync")

    ran = cauce("dian", "habilitar", NIT, "--set-id", SET_ID)
    if ran.exit_code:  # its absence proved, it waits for the next run
        assert "Falta que la DIAN acepte: 1 factura." in ran.output
        ran = cauce("dian", "habilitar", NIT)

    assert ran.exit_code == 0, ran.output
    assert_whole(gateway, dian)
    first = gateway.records.by_reference(NIT, f"HAB-{SET_ID}-FV-1")
    assert first.number.consecutive == 990_000_000
    if kind_of_loss == "before DIAN had it":
        lost, again = (files_sent(dian)[position] for position in (0, -1))
        assert lost == again, "the same bytes"


KILLED_AT = {
    "before the record is there": (documents, "take_in", False),
    "once the record is there": (documents, "take_in", True),
    "as it is about to be sent": (Archive, "request", True),
    "once DIAN has it": (Dian, "send", True),
}


@pytest.mark.parametrize(("moment", "nth"), list(zip(KILLED_AT, (3, 9, 3, 9), strict=True)))
def test_a_run_that_is_killed_goes_on_where_it_was(
    cauce, gateway, enrolled, dian, monkeypatch, moment: str, nth: int
):
    with pytest.MonkeyPatch.context() as patch:
        owner, name, is_after = KILLED_AT[moment]
        patch.setattr(owner, name, dying(getattr(owner, name), nth, is_after=is_after))
        killed = cauce("dian", "habilitar", NIT, "--set-id", SET_ID)
    assert isinstance(killed.exception, SystemExit), killed
    for due in gateway.records.due(gateway.now() + timedelta(hours=1)):  # it is a while later
        record = gateway.records.read(due.issuer, due.document_id)
        gateway.records.save(record.model_copy(update={"due_at": gateway.now()}))

    ran = cauce("dian", "habilitar", NIT)

    assert ran.exit_code == 0, ran.output
    assert_whole(gateway, dian)


def dying(real: Any, nth: int, *, is_after: bool) -> Any:
    """The function, at whose ``nth`` call the process dies: after its work is done, or before."""
    seen = 0

    def call(*arguments: Any, **options: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == nth and not is_after:
            raise KeyboardInterrupt
        found = real(*arguments, **options)
        if seen == nth:
            raise KeyboardInterrupt
        return found

    return call


def assert_whole(gateway: Gateway, dian: DianSimulator) -> None:
    """Every document of the set once, in numbers without a gap."""
    assert dian.accounts[NIT].test_set.missing() == {}
    assert dian.accounts[NIT].test_set.accepted == {"invoice": 8, "credit_note": 1, "debit_note": 1}
    numbers = sorted(v.number for v in dian.documents if v.kind == "invoice")
    assert numbers == [f"SETP{990_000_000 + n}" for n in range(8)]
    assert {v.number for v in dian.documents if v.kind != "invoice"} == {"NC1", "ND1"}
    nexts = {found.prefix: found.next for found in gateway.ranges.all(NIT)}
    assert (nexts["SETP"], nexts["NC"], nexts["ND"]) == (990_000_008, 2, 2)


def test_another_s_test_set_stops_at_the_first_document(cauce, enrolled, dian):
    ran = cauce("dian", "habilitar", NIT, "--set-id", "00000000-0000-0000-0000-000000000000")

    assert ran.exit_code == 1
    assert "No se envió: La DIAN no recibió el archivo: Set de prueba no encontrado." in ran.output
    assert sends(dian) == 1


def test_a_test_set_that_the_portal_has_as_accepted_is_over(cauce, gateway, enrolled, dian):
    dian.accounts[NIT].test_set.accepted = {"invoice": 8, "credit_note": 1, "debit_note": 1}

    ran = cauce("dian", "habilitar", NIT, "--set-id", SET_ID)

    assert ran.exit_code == 0, ran.output
    assert "El set ya estaba aceptado y no recibe más." in ran.output
    assert "test_set_id" not in gateway.issuers.read(NIT).settings["dian"]


@pytest.mark.parametrize(
    ("changes", "kind", "said"),
    [
        ({"environment": "1"}, Conflict, "producción"),
        ({"party": None}, Conflict, "cauce issuer party"),
        ({"providers": {Kind.INVOICE: "factus"}}, Unsupported, "--provider dian"),
        ({}, Conflict, "--set-id"),
    ],
)
def test_an_issuer_that_is_not_ready_is_told_what_to_do(cauce, gateway, enrolled, changes, kind, said):
    issuer = gateway.issuers.read(NIT)
    gateway.issuers.save(type(issuer).model_validate({**issuer.model_dump(), **changes}))

    refused(cauce("dian", "habilitar", NIT), kind, said)


def sends(dian: DianSimulator) -> int:
    return sum(seen.path.endswith("/SendTestSetAsync") for seen in dian.requests)


def granted(file: Path, nit: str, begins: int, ends: int) -> int:
    """A PKCS#12 file under the account's password, valid from and until so many days from now; its serial number."""
    now = datetime.now(UTC)
    holder = trusted().grant(
        nit, "EMPRESA", valid_from=now + timedelta(days=begins), valid_to=now + timedelta(days=ends)
    )
    file.write_bytes(holder.pkcs12(account(NIT).password))
    return holder.certificate.serial_number


def _next(enrolment: list[str], file: Path) -> list[str]:
    return [*enrolment[:4], str(file), *enrolment[5:], "--siguiente"]


def _until(pem: str) -> datetime:

    return loaded(SecretStr(pem)).valid_to
