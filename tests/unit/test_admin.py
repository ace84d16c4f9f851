"""The operator's command over moto: what it makes, what it tells, and what it never shows."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from cauce import admin, wiring
from cauce.admin import stack as stack_in_use
from cauce.admin import terminal
from cauce.aws.settings import Settings
from cauce.contracts.v1 import contract
from cauce.domain.access_token import USUAL, Scope, read_bearer
from cauce.domain.document import Kind
from cauce.domain.errors import NotFound
from cauce.domain.issuer import Environment, Period, Permission, Quota, RequestLimit
from cauce.domain.outcome import Message
from cauce.domain.record import Contingency, State
from cauce.domain.time import bogota
from tests import stack
from tests.documents import invoice
from tests.records import noted
from tests.simulators.factus import FactusSimulator
from tests.unit.contracts.examples import a_record

NIT = "901724254"


@dataclass
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A fresh stack, named to the command by its environment."""
    monkeypatch.setattr(terminal.out, "width", 200)
    with stack.in_moto(monkeypatch) as made:
        for name, value in asdict(made).items():
            monkeypatch.setenv(f"CAUCE_{name.upper()}", str(value))
        _forget()
        yield made
    _forget()


def _forget() -> None:
    stack_in_use.gateway.cache_clear()
    stack_in_use.resources.cache_clear()


@pytest.fixture
def cauce(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the console script as a shell would: ``cauce("issuer", "show")`` → code, out and err."""

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr("sys.argv", ["cauce", *arguments])
        capsys.readouterr()
        code: Any = 0
        try:
            admin.run()
        except SystemExit as end:
            code = end.code or 0
        shown = capsys.readouterr()
        return Ran(code, shown.out, shown.err)

    return run


@pytest.fixture
def enrolled(cauce: Any) -> str:
    """An issuer; its NIT."""
    assert cauce("issuer", "create", NIT, "--name", "MI EMPRESA SAS", "--provider", "factus").code == 0
    return NIT


@pytest.fixture
def gateway(settings: Settings) -> Any:
    return wiring.connect(settings)


@pytest.fixture
def factus() -> Iterator[FactusSimulator]:
    with FactusSimulator() as simulator:
        yield simulator


def one_red_line(ran: Ran, *words: str) -> None:
    """Assert that the command ended as every trouble must: exit code 1 and a sentence, no traceback."""
    assert ran.code == 1, ran
    assert "Traceback" not in ran.err + ran.out
    assert len(ran.err.strip().splitlines()) == 1, ran.err
    for word in words:
        assert word in ran.err, ran.err


# Issuers


def test_an_issuer_is_made_with_what_was_said_and_its_check_digit(cauce, gateway):
    ran = cauce(
        "issuer", "create", NIT, "--name", "MI EMPRESA [SAS]", "--provider", "factus",
        "--setting", "factus.dialect=v2", "--setting", "factus.base_url=http://x?a=b", "--quota", "100/mensual",
    )  # fmt: skip

    found = gateway.issuers.read(NIT)
    assert ran.code == 0, ran.err
    assert (found.check_digit, found.number, found.active) == ("1", 1, True)
    assert found.environment is Environment.TEST
    assert found.quota == Quota(limit=100, period=Period.MONTHLY)
    assert found.settings == {"factus": {"dialect": "v2", "base_url": "http://x?a=b"}}
    assert set(found.providers) >= {
        Kind.INVOICE,
        Kind.CREDIT_NOTE,
        Kind.SUPPORT_DOCUMENT,
        Kind.ADJUSTMENT_NOTE,
    }
    assert found.permissions == frozenset(Permission)
    for shown in (f"{NIT}-1", "MI EMPRESA [SAS]", "activo", "habilitacion", "factura: factus", "100 mensual"):
        assert shown in ran.out


def test_a_provider_may_take_one_kind_only(cauce, gateway):
    cauce(
        "issuer", "create", NIT, "--name", "X", "--provider", "factura=factus", "--environment", "produccion"
    )

    found = gateway.issuers.read(NIT)
    assert found.providers == {Kind.INVOICE: "factus"}
    assert found.environment is Environment.PRODUCTION


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("create", NIT, "--name", "OTRA", "--provider", "factus"), (NIT, "ya existe")),
        (("update", NIT, "--setting", "factus.dialect=v9"), ("v9",)),
    ],
    ids=["one that exists", "a dialect that does not exist"],
)
def test_an_issuer_is_not_touched_by_what_is_refused(cauce, gateway, enrolled, asked, said):
    before = gateway.issuers.read(NIT)

    one_red_line(cauce("issuer", *asked), *said)

    assert gateway.issuers.read(NIT) == before


def test_an_issuer_s_documents_are_indexed_anew(cauce, enrolled):
    ran = cauce("issuer", "reindex", NIT)

    assert ran.code == 0, ran.err
    assert ran.out == "0 documentos se encuentran ahora por tipo y por adquiriente.\n"


def test_an_update_changes_what_was_said_and_nothing_else(cauce, gateway, enrolled):
    before = gateway.issuers.read(NIT)
    ran = cauce(
        "issuer", "update", NIT, "--quota", "1000/anual", "--deny", "permite_notas_debito", "--suspended",
        "--setting", "factus.dialect=v2",
    )  # fmt: skip
    after = gateway.issuers.read(NIT)

    assert ran.code == 0, ran.err
    assert after == before.model_copy(
        update={
            "quota": Quota(limit=1000, period=Period.YEARLY),
            "permissions": before.permissions - {Permission.DEBIT_NOTES},
            "active": False,
            "settings": {"factus": {"dialect": "v2"}},
        }
    )

    cauce(
        "issuer",
        "update",
        NIT,
        "--quota",
        "sin",
        "--allow",
        "permite_notas_debito",
        "--active",
        "--name",
        "Z",
    )
    cauce("issuer", "update", NIT, "--setting", "factus.base_url=http://x", "--environment", "produccion")
    again = gateway.issuers.read(NIT)
    assert (again.quota, again.permissions, again.active, again.name) == (None, before.permissions, True, "Z")
    assert again.settings == {"factus": {"dialect": "v2", "base_url": "http://x"}}
    assert (again.uuid, again.number) == (before.uuid, before.number)


def test_an_issuer_has_a_limit_of_requests_of_its_own_until_it_is_the_stack_s_again(cauce, gateway, enrolled):
    assert "las de la pila" in cauce("issuer", "show", NIT).out

    shown = cauce("issuer", "update", NIT, "--requests", "300/10").out
    assert gateway.issuers.read(NIT).request_limit == RequestLimit(requests=300, seconds=10)
    assert "300 cada 10 s por token" in shown

    cauce("issuer", "update", NIT, "--name", "OTRO NOMBRE")
    assert gateway.issuers.read(NIT).request_limit is not None
    cauce("issuer", "update", NIT, "--requests", "sin")
    assert gateway.issuers.read(NIT).request_limit is None


@pytest.mark.parametrize("text", ["300", "300/", "0/10", "-1/10", "300/0", "300/3601", "muchas/10", "1/2/3"])
def test_a_limit_of_requests_that_is_none_changes_nothing(cauce, gateway, enrolled, text):
    before = gateway.issuers.read(NIT)

    ran = cauce("issuer", "update", NIT, "--requests", text)

    assert ran.code == 2
    assert "300/10" in ran.err
    assert gateway.issuers.read(NIT) == before


def test_show_tells_one_issuer_or_all(cauce, enrolled):
    cauce("issuer", "create", "800197268", "--name", "OTRA", "--provider", "factus")

    assert "OTRA" not in cauce("issuer", "show", NIT).out
    everyone = cauce("issuer", "show").out
    assert f"{NIT}-1" in everyone
    assert "800197268-4" in everyone


@pytest.mark.parametrize(
    "command",
    [
        ("issuer", "show", "1"),
        ("issuer", "update", "1", "--name", "X"),
        ("provider", "credentials", "1", "factus", "--file", "pyproject.toml"),
        ("token", "create", "1", "--name", "X"),
        ("range", "list", "1"),
        ("range", "sync", "1"),
        ("token", "revoke", NIT, "99"),
        ("token", "revoke", "1", "99"),
        ("document", "show", "1", "x"),
        ("document", "trace", "1", "x" * 3000),
    ],
    ids=" ".join,
)
def test_what_does_not_exist_is_said_in_one_red_line(cauce, enrolled, command):
    one_red_line(cauce(*command))


@pytest.mark.parametrize(
    "arguments",
    [
        ("issuer", "create", "", "--name", "X", "--provider", "factus"),
        ("issuer", "create", "90x", "--name", "X", "--provider", "factus"),
        ("issuer", "create", "9" * 16, "--name", "X", "--provider", "factus"),
        ("issuer", "create", "٩٠١", "--name", "X", "--provider", "factus"),
        ("issuer", "create", "9003731153", "--name", "X", "--provider", "factus"),
        ("issuer", "create", "1", "--name", "X", "--provider", "recibo=factus"),
        ("issuer", "create", "1", "--name", "X", "--provider", "factus", "--quota", "0/mensual"),
        ("issuer", "create", "1", "--name", "X", "--provider", "factus", "--quota", "-1/mensual"),
        ("issuer", "create", "1", "--name", "X", "--provider", "factus", "--quota", "muchos"),
        ("issuer", "create", "1", "--name", "X", "--provider", "factus", "--quota", "5/semanal"),
        ("issuer", "create", "1", "--name", "X", "--provider", "factus", "--environment", "otro"),
        ("issuer", "create", "1", "--name", "X", "--provider", "factus", "--setting", "dialect=v2"),
        ("issuer", "create", "1", "--name", "X"),
        ("issuer", "update", NIT, "--allow", "todo"),
        ("token", "revoke", NIT, "x"),
        ("token", "create", NIT, "--name", "X", "--alcance", "todo"),
        ("token", "create", NIT, "--name", "X", "--vence", "2020-01-31"),
        ("token", "create", NIT, "--name", "X", "--vence", "31/01/2099"),
        ("token", "create", NIT, "--name", "X", "--vence", "9" * 12),
        ("token", "create", NIT, "--name", "X", "--vence", "²"),
        ("token", "revoke", "1"),
    ],
    ids=lambda arguments: " ".join(arguments[2:]),
)
def test_what_was_typed_wrong_is_explained_and_makes_nothing(cauce, gateway, enrolled, arguments):
    ran = cauce(*arguments)

    assert ran.code in (1, 2), ran
    assert "Traceback" not in ran.err
    assert ran.err.strip()
    assert [issuer.nit for issuer in gateway.issuers.all()] == [NIT]
    assert list(gateway.access_tokens.all(NIT)) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("--provider", "nadie"),
        ("--provider", "factus", "--setting", "nadie.x=1"),
        ("--provider", "factus", "--setting", "factus.dialect=v9"),
    ],
    ids=" ".join,
)
def test_a_provider_or_a_dialect_that_does_not_exist_makes_no_issuer(cauce, gateway, arguments):
    one_red_line(cauce("issuer", "create", "1", "--name", "X", *arguments))

    assert list(gateway.issuers.all()) == []


# Credentials

SECRETS = {"client_id": "id-9c1", "client_secret": "s3cr3t", "username": "ana", "password": "cl4ve"}


def stored_secret(settings: Settings) -> Any:
    client = boto3.client("secretsmanager", region_name=stack.REGION)
    return json.loads(
        client.get_secret_value(SecretId=f"{settings.secret_prefix}/{NIT}/factus")["SecretString"]
    )


def test_credentials_come_from_a_file_and_are_shown_nowhere(cauce, settings, enrolled, tmp_path):
    file = tmp_path / "factus.json"
    file.write_text(json.dumps({**SECRETS, "otra": "cosa"}))

    ran = cauce("provider", "credentials", NIT, "factus", "--file", str(file))

    assert ran.code == 0, ran.err
    assert stored_secret(settings) == SECRETS
    assert not any(secret in ran.out + ran.err for secret in SECRETS.values())

    file.write_text(json.dumps({**SECRETS, "password": "nueva"}))
    cauce("provider", "credentials", NIT, "factus", "--file", str(file))
    assert stored_secret(settings)["password"] == "nueva"


def test_credentials_are_asked_for_one_by_one_without_echo(settings, enrolled):
    ran = CliRunner().invoke(
        admin.app, ["provider", "credentials", NIT, "factus"], input="\n".join(SECRETS.values()) + "\n"
    )

    assert ran.exit_code == 0, ran.output
    assert stored_secret(settings) == SECRETS
    for name, secret in SECRETS.items():
        assert name in ran.output
        assert secret not in ran.output


def test_credentials_have_no_place_on_the_command_line(cauce, enrolled):
    for option in ("--password", "--client-secret", "--client_secret"):
        assert cauce("provider", "credentials", NIT, "factus", option, "x").code == 2
    assert cauce("provider", "credentials", NIT, "factus", "x").code == 2
    shown = cauce("provider", "credentials", "--help").out
    assert set(re.findall(r"--[a-z-]+", shown)) == {"--file", "--help"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"s3cr3t"',
        b'{"client_id": "s3cr3t"}',
        b"\xff\xfes3cr3t",
        b"s3cr3t=1",
        b'{"x": {}}',
    ],
)
def test_a_file_that_holds_no_credentials_is_refused_without_quoting_it(
    cauce, settings, enrolled, tmp_path, content
):
    file = tmp_path / "factus.json"
    file.write_bytes(content)

    ran = cauce("provider", "credentials", NIT, "factus", "--file", str(file))

    assert ran.code in (1, 2), ran
    assert "Traceback" not in ran.err
    assert "s3cr3t" not in ran.out + ran.err
    with pytest.raises(ClientError):
        stored_secret(settings)


# Tokens


def test_a_token_is_printed_once_and_opens_the_api(cauce, gateway, enrolled):
    ran = cauce("token", "create", NIT, "--name", "ERP [prueba]", "--email", "erp@empresa.example")

    bearer = ran.out.strip().splitlines()[-1]
    shown = read_bearer(bearer)
    secret = shown.secret.get_secret_value()
    assert gateway.access_tokens.read(shown.id).admits(shown)
    assert "ERP [prueba]" in ran.out

    listed = cauce("token", "list", NIT).out
    assert "erp@empresa.example" in listed
    assert "ERP [prueba]" in listed
    assert secret not in listed
    assert gateway.access_tokens.read(shown.id).secret_hash not in listed


def test_quiet_prints_the_token_and_nothing_else(cauce, enrolled):
    assert re.fullmatch(
        r"cauce_hab_1\|[A-Za-z0-9_-]{40}\n", cauce("token", "create", NIT, "--name", "X", "--quiet").out
    )


def test_a_token_says_which_world_it_is_for(cauce, enrolled):
    tried = cauce("token", "create", NIT, "--name", "pruebas", "--quiet").out
    cauce("issuer", "update", NIT, "--environment", "produccion")

    assert tried.startswith("cauce_hab_1|")
    assert cauce("token", "create", NIT, "--name", "caja", "--quiet").out.startswith("cauce_prod_2|")


def test_an_issuer_that_goes_to_production_is_told_which_tokens_stay_behind(cauce, enrolled):
    for name in ("uno", "dos", "tres"):
        cauce("token", "create", NIT, "--name", name)
    cauce("token", "revoke", NIT, "2", "--si")

    moved = cauce("issuer", "update", NIT, "--environment", "produccion").out

    assert "No emiten en produccion los tokens 1, 3: son del otro ambiente." in moved
    assert "No emiten" not in cauce("issuer", "update", NIT, "--environment", "habilitacion").out


def test_a_token_is_made_for_what_was_said_and_until_when(cauce, gateway, enrolled):
    ran = cauce("token", "create", NIT, "--name", "caja", "--vence", "2099-01-31",
                "--alcance", "emitir", "--alcance", "consultar")  # fmt: skip

    token = gateway.access_tokens.read(1)
    assert token.scopes == {Scope.EMIT, Scope.CONSULT}
    assert token.expires_at.isoformat() == "2099-02-01T00:00:00-05:00"
    assert "de habilitacion, alcances: emitir, consultar, hasta el 2099-01-31" in ran.out
    listed = cauce("token", "list", NIT).out
    for shown in ("habilitacion", "emitir, consultar", "2099-01-31"):
        assert shown in listed


def test_a_token_without_more_words_is_for_all_but_to_look_buyers_up_and_does_not_end(
    cauce, gateway, enrolled
):
    ran = cauce("token", "create", NIT, "--name", "ERP")

    assert (gateway.access_tokens.read(1).scopes, gateway.access_tokens.read(1).expires_at) == (
        USUAL,
        None,
    )
    assert "alcances: todos menos adquirientes, avisos, sin vencimiento" in ran.out


def test_days_of_a_token_are_counted_from_today_in_bogota(cauce, gateway, enrolled):
    cauce("token", "create", NIT, "--name", "caja", "--vence", "0")
    token = gateway.access_tokens.read(1)

    assert bogota(token.expires_at).date() - bogota(token.created_at).date() == timedelta(days=1)
    assert bogota(token.expires_at).time() == time(0)


def test_a_token_s_last_use_is_listed(cauce, gateway, enrolled):
    cauce("token", "create", NIT, "--name", "uno")
    used = gateway.access_tokens.read(1).created_at + timedelta(days=400)
    gateway.access_tokens.used(gateway.access_tokens.read(1), used)

    assert f"{bogota(used):%Y-%m-%d %H:%M}" in cauce("token", "list", NIT).out


def test_a_revoked_token_is_listed_as_such(cauce, gateway, enrolled):
    cauce("token", "create", NIT, "--name", "uno")
    cauce("token", "create", NIT, "--name", "dos")

    assert cauce("token", "revoke", NIT, "1", "--si").code == 0

    assert gateway.access_tokens.read(1).revoked_at is not None
    assert gateway.access_tokens.read(2).revoked_at is None
    first, second = cauce("token", "list", NIT).out.strip().splitlines()[1:]
    assert first.count("20") > second.count("20")
    assert "ya estaba revocado" in cauce("token", "revoke", NIT, "1").out


@pytest.mark.parametrize(
    "answer, code, revoked",
    [("s\n", 0, True), ("sí\n", 0, True), ("n\n", 1, False), ("\n", 1, False), ("", 1, False)],
)
def test_a_token_is_revoked_only_after_a_yes(cauce, gateway, enrolled, answer, code, revoked, monkeypatch):
    cauce("token", "create", NIT, "--name", "caja 1")
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))

    ran = cauce("token", "revoke", NIT, "1")

    assert (ran.code, gateway.access_tokens.read(1).revoked_at is not None) == (code, revoked)
    assert "¿Revocar el token 1 de 901724254 («caja 1»)?" in ran.err


def test_a_token_of_another_company_is_not_revoked_and_not_told_of(cauce, gateway, enrolled):
    cauce("issuer", "create", "800197268", "--name", "OTRA", "--provider", "factus")
    cauce("token", "create", "800197268", "--name", "de la otra")

    ran = cauce("token", "revoke", NIT, "1", "--si")

    one_red_line(ran, f"El emisor {NIT} no tiene un token con id 1.")
    assert "de la otra" not in ran.out + ran.err
    assert gateway.access_tokens.read(1).revoked_at is None


# Ranges


def test_ranges_are_brought_and_shown_without_their_technical_key(
    cauce, settings, enrolled, factus, tmp_path
):
    file = tmp_path / "factus.json"
    file.write_text(json.dumps(asdict(factus.credentials)))
    cauce("issuer", "update", NIT, "--setting", f"factus.base_url={factus.base_url}")
    cauce("provider", "credentials", NIT, "factus", "--file", str(file))

    synced, again = cauce("range", "sync", NIT), cauce("range", "sync", NIT)

    assert "factus: 6 nuevos, 0 cambiados, 0 ausentes, 0 iguales." in synced.out
    assert "factus: 0 nuevos, 0 cambiados, 0 ausentes, 6 iguales." in again.out
    listed = cauce("range", "list", NIT).out
    for shown in ("SETP", "990000000", "995000000", "990000493", "18760000001", "2030-01-19", "activo"):
        assert shown in listed
    assert "fc8eac422eba16e22ffd8c6f94b3f40a6e38162c" not in listed


def test_a_sync_that_fails_is_told_in_red_and_ends_with_1(cauce, enrolled):
    ran = cauce("range", "sync", NIT)

    assert ran.code == 1
    assert "factus: No hay credenciales" in ran.out + ran.err


# Documents


@pytest.fixture
def document(gateway, enrolled) -> str:
    """A rejected document whose provider writes brackets; its tracking id."""
    now = datetime(2026, 5, 10, 20, 30, tzinfo=UTC)
    record = a_record(
        contract.document(Kind.INVOICE, invoice(referencia="VENTA-1")),
        issuer=NIT,
        document_id="d-1",
        state=State.REJECTED,
        rejections=(Message(text="Rechazado [FAK24] por [/la DIAN]", rule="FAK24"),),
        notices=(Message(text="Ojo [bold]"),),
        last_error="error [x]",
    )
    record = noted(noted(record, "received", now), "rejected", now, "Rechazado [FAK24] por [/la DIAN]")
    gateway.new_records.take_in(record, numbered=False, quota=None)
    return "d-1"


@pytest.mark.parametrize("name", ["d-1", "VENTA-1"])
def test_a_document_is_shown_by_its_id_or_its_reference_word_for_word(cauce, document, name):
    ran = cauce("document", "show", NIT, name)

    assert ran.code == 0, ran.err
    for shown in (
        "d-1", "factura", "rechazado", "SETP990000011", "VENTA-1", "145,775.00 COP", "2026-05-10T15:30:00-05:00",
        "Rechazado [FAK24] por [/la DIAN]", "Ojo [bold]", "error [x]",
    ):  # fmt: skip
        assert shown in ran.out, shown


@pytest.mark.parametrize(
    "state, facts, words",
    [
        (State.RECEIVED, {}, "el plazo corre cuando la DIAN vuelva"),
        (State.UNKNOWN, {"limit": datetime(2026, 5, 12, 20, 30, tzinfo=UTC)}, "antes de 2026-05-12 15:30"),
        (State.ACCEPTED, {"void_uuid": "c4"}, "sin efecto: la DIAN ya tenía la ordinaria (CUFE del tipo 04: c4)"),
        (State.ACCEPTED, {}, "tipo 04 desde 2026-05-10 15:30"),
    ],
)  # fmt: skip
def test_a_document_issued_in_contingency_says_so_and_until_when_it_must_be_transmitted(
    cauce, gateway, enrolled, state, facts, words
):
    now = datetime(2026, 5, 10, 20, 30, tzinfo=UTC)
    content = contract.document(Kind.INVOICE, invoice(referencia="VENTA-2"))
    kept = a_record(
        content,
        issuer=NIT,
        document_id="d-2",
        state=state,
        contingency=Contingency(since=now, ordinary_issued_at=now, **facts),
    )
    gateway.new_records.take_in(noted(kept, "received", now), numbered=False, quota=None)

    shown = cauce("document", "show", NIT, "d-2").out

    assert "tipo 04 desde 2026-05-10 15:30" in shown
    assert words in shown


def test_a_documents_trace_has_every_step_with_its_time_in_bogota(cauce, document):
    ran = cauce("document", "trace", NIT, "VENTA-1")

    assert ran.code == 0, ran.err
    assert re.search(r"2026-05-10 15:30:00\.000\s+recibido", ran.out)
    assert "Rechazado [FAK24] por [/la DIAN]" in ran.out


def test_another_issuers_document_is_not_found(cauce, gateway, document):
    cauce("issuer", "create", "800197268", "--name", "OTRA", "--provider", "factus")

    one_red_line(cauce("document", "show", "800197268", "d-1"), "no existe")
    with pytest.raises(NotFound):
        gateway.records.read("800197268", "d-1")


# The table's key


def in_the_table(settings: Settings) -> str:
    pages = boto3.client("dynamodb", region_name=stack.REGION).get_paginator("scan")
    return str([item for page in pages.paginate(TableName=settings.table) for item in page["Items"]])


def test_a_new_key_is_put_in_use_and_every_technical_key_is_sealed_with_it(
    cauce, settings, enrolled, gateway, tmp_path
):
    (tmp_path / "clave").write_text("693ff6f2a553c3646a063436fd4dd9ded0311471")
    cauce(
        "range", "add", NIT, "--provider", "dian", "--kind", "factura", "--prefix", "FE", "--from", "1",
        "--to", "5000", "--technical-key-file", str(tmp_path / "clave"),
    )  # fmt: skip
    before = in_the_table(settings)
    secrets = boto3.client("secretsmanager", region_name=stack.REGION)
    first = secrets.get_secret_value(SecretId=settings.table_key)["SecretString"]

    ran = cauce("key", "rotate")

    assert ran.code == 0, ran.err
    assert "selladas con ella: 1" in ran.out
    new, kept = secrets.get_secret_value(SecretId=settings.table_key, VersionStage="AWSCURRENT")[
        "SecretString"
    ].split()
    assert kept == first
    assert new not in ran.out
    assert in_the_table(settings) != before
    (found,) = gateway.ranges.all_with_keys(NIT)
    assert found.technical_key.get_secret_value() == "693ff6f2a553c3646a063436fd4dd9ded0311471"


def test_without_the_secret_a_technical_key_is_not_written_and_the_command_says_why(
    cauce, settings, enrolled, tmp_path
):
    (tmp_path / "clave").write_text("693ff6f2a553c3646a063436fd4dd9ded0311471")
    boto3.client("secretsmanager", region_name=stack.REGION).delete_secret(
        SecretId=settings.table_key, ForceDeleteWithoutRecovery=True
    )

    ran = cauce(
        "range", "add", NIT, "--provider", "dian", "--kind", "factura", "--prefix", "FE", "--from", "1",
        "--to", "5000", "--technical-key-file", str(tmp_path / "clave"),
    )  # fmt: skip

    one_red_line(ran, "table's key", "ResourceNotFoundException")
    assert "693ff6f2" not in in_the_table(settings)


# The stack


def test_without_variables_the_stacks_outputs_name_its_resources(settings, enrolled, monkeypatch):
    for name in ("TABLE", "BUCKET", "QUEUE_URL", "SECRET_PREFIX", "STAGE"):
        monkeypatch.delenv(f"CAUCE_{name}", raising=False)
    described: list[str] = []

    class CloudFormation:
        def describe_stacks(self, StackName: str) -> Any:
            described.append(StackName)
            values = {
                "TableName": settings.table, "BucketName": settings.bucket, "QueueUrl": settings.queue_url,
                "SecretPrefix": settings.secret_prefix, "IntakeQueueUrl": settings.queue_url,
                "TableKeyArn": settings.table_key,
                "ControlQueueUrl": settings.queue_url, "LooksQueueUrl": settings.queue_url, "NewsQueueUrl": settings.queue_url,
            }  # fmt: skip
            return {"Stacks": [{"Outputs": [{"OutputKey": k, "OutputValue": v} for k, v in values.items()]}]}

    real = boto3.client
    monkeypatch.setattr(
        boto3, "client", lambda name, **o: CloudFormation() if name == "cloudformation" else real(name, **o)
    )
    for arguments, environment, expected in (
        (["issuer", "show", NIT], {}, "cauce"),
        (["issuer", "show", NIT], {"CAUCE_STACK": "cauce-produccion"}, "cauce-produccion"),
        (["--stack", "otra", "issuer", "show", NIT], {"CAUCE_STACK": "cauce-produccion"}, "otra"),
    ):
        _forget()
        ran = CliRunner().invoke(admin.app, arguments, env=environment)
        assert ran.exit_code == 0, ran.output
        assert "MI EMPRESA SAS" in ran.output
        assert described[-1] == expected


def test_a_stack_that_is_not_there_or_is_half_there_is_one_red_line(cauce, monkeypatch):
    monkeypatch.delenv("CAUCE_BUCKET")
    _forget()
    one_red_line(cauce("issuer", "show"), "CAUCE_BUCKET")

    monkeypatch.delenv("CAUCE_TABLE")

    class CloudFormation:
        def describe_stacks(self, StackName: str) -> Any:
            raise ClientError(
                {
                    "Error": {
                        "Code": "ValidationError",
                        "Message": f"Stack with id {StackName} does not exist",
                    }
                },
                "DescribeStacks",
            )

    monkeypatch.setattr(boto3, "client", lambda name, **_: CloudFormation())
    _forget()
    one_red_line(cauce("--stack", "ninguna", "issuer", "show"), "ninguna")


def test_aws_out_of_reach_is_one_red_line(cauce, monkeypatch):
    monkeypatch.setenv("CAUCE_TABLE", "no-such-table")
    _forget()

    one_red_line(cauce("issuer", "show", NIT))
