"""A request and an issuer on file become DIAN's XML, with nothing but this machine."""

import json
import socket
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cauce import admin
from cauce.admin import offline
from cauce.contracts.v1 import issuer_file
from cauce.domain.document import Kind, Payment
from cauce.domain.errors import InvalidDocument
from cauce.domain.issuer import Environment
from cauce.ubl.certificate import Certificate
from cauce.ubl.emitter import build_signed
from cauce.verification.document import verify
from cauce.verification.identifier import Secrets
from tests.documents import invoice, note, note_on_ticket, support_document, ticket
from tests.unit.contracts.test_dian_fields import an_issuer
from tests.unit.dian import certificates
from tests.unit.dian.builders import CUFE, SOFTWARE, a_document, numbered
from tests.unit.dian.certificates import Made, authority, pkcs12_of, signer
from tests.unit.dian.conftest import certificate, chain  # noqa: F401  their chain of certificates
from tests.unit.dian.oracles import parsed, schema_errors, signxml_accepts, text, texts, xmlsec_accepts

PIN = SOFTWARE.pin.get_secret_value()
SUPPORT_RANGE = {
    "tipo": "documento-soporte",
    "prefijo": "SEDS",
    "resolucion": "18760000002",
    "desde": 984000000,
    "hasta": 985000000,
    "valido_desde": "2022-01-01",
    "valido_hasta": "2030-01-01",
}
TICKET_RANGE = {
    **SUPPORT_RANGE,
    "tipo": "documento-equivalente",
    "prefijo": "EPOS",
    "resolucion": "18760000001",
    "desde": 1,
    "hasta": 1000,
}
OWN_RANGE = {
    "prefijo": "FE",
    "resolucion": "18764000001",
    "desde": 1,
    "hasta": 5000,
    "valido_desde": "2026-01-01",
    "valido_hasta": "2027-01-01",
    "clave_tecnica": "693ff6f2a553c3646a063436fd4dd9ded0311471",
}


def on_file(**changes: Any) -> dict[str, Any]:
    return {
        "emisor": an_issuer(),
        "ambiente": "habilitacion",
        "software": {"id": SOFTWARE.id, "pin": PIN},
        "rangos": [SUPPORT_RANGE, TICKET_RANGE],
        **changes,
    }


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No network, no AWS, and a folder of its own."""

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("the offline tool reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    for name in ("CAUCE_TABLE", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def p12(chain: tuple[Made, Made, Made], tmp_path: Path) -> list[str]:  # noqa: F811
    """The options that name a certificate and its password."""
    (tmp_path / "cert.p12").write_bytes(pkcs12_of(*chain))
    (tmp_path / "clave").write_text(certificates.PASSWORD.get_secret_value() + "\n")
    return ["--certificado", "cert.p12", "--clave-archivo", "clave"]


def ran(command: str, body: Any, *options: str, issuer: Any = None, **settings: Any) -> Any:
    Path("peticion.json").write_text(body if isinstance(body, str) else json.dumps(body), encoding="utf-8")
    Path("emisor.json").write_text(json.dumps(issuer or on_file()), encoding="utf-8")
    arguments = ["document", command, "peticion.json", "--emisor", "emisor.json", *options]
    return CliRunner().invoke(admin.app, arguments, **settings)


def built(body: Any, *options: str, **settings: Any) -> bytes:
    result = ran("build", body, *options, "--salida", "hecho.xml", **settings)
    assert result.exit_code == 0, (result.output, result.exception)
    return Path("hecho.xml").read_bytes()


def refused(command: str, body: Any, *options: str, **settings: Any) -> dict[str, list[str]]:
    result = ran(command, body, *options, **settings)
    error = result.exception
    assert isinstance(error, InvalidDocument), (result.output, error)
    return error.fields


BODIES = {
    "factura": (invoice(), [], "SETP990000000"),
    "nota-credito": (note("SETP990000001", CUFE), ["--tipo", "nota-credito"], "NC1"),
    "nota-debito": (
        note("SETP990000001", CUFE, codigo="3"),
        ["--tipo", "nota-debito", "--numero", "ND77"],
        "ND77",
    ),
    "documento-soporte": (support_document(), [], "SEDS984000000"),
    "nota-ajuste": (
        support_document(
            lineas=[{"codigo": "1", "descripcion": "x", "cantidad": 1, "precio": 5}],
            documento_referencia={"numero": "SEDS984000000", "cuds": CUFE, "fecha": "2026-05-10"},
            motivo={"codigo": "2", "descripcion": "Anulación"},
        ),
        [],
        "NA1",
    ),
    "documento-equivalente": (ticket(), [], "EPOS1"),
    "nota-documento-equivalente": (note_on_ticket("EPOS1", CUFE), [], "NE1"),
}


@pytest.mark.parametrize("name", BODIES)
def test_every_kind_is_built_valid_by_the_schemas_signed_and_verified_by_others(
    name: str,
    p12: list[str],
    chain: tuple[Made, Made, Made],  # noqa: F811
):
    body, options, number = BODIES[name]
    xml = built(body, *options, *p12, "--fecha", "2026-05-10T15:30:00")

    assert schema_errors(xml) == []
    assert text(parsed(xml), "/*/cbc:ID") == number
    assert text(parsed(xml), "/*/cbc:IssueTime") == "15:30:00-05:00"
    assert signxml_accepts(xml, chain[0])
    assert xmlsec_accepts(xml, chain[0])
    assert verify(xml, Secrets(pin=SOFTWARE.pin)).is_right


def test_an_event_is_built_on_the_invoice_that_its_buyer_received(
    p12: list[str],
    certificate: Certificate,  # noqa: F811
):
    on_credit = Payment(form="2", means="1", due_date=date(2026, 6, 9))
    received = build_signed(numbered(a_document(payment=on_credit)), certificate)
    Path("factura.xml").write_bytes(received.xml)
    body = {
        "codigo": "030",
        "informacion_documento_referencia": {"cufe": received.identifier},
        "quien_recibio_documento": {
            "tipo_identificacion": "13",
            "identificacion": "71234567",
            "nombres": "Ana",
            "apellidos": "Díaz",
        },
    }
    buyer = on_file(emisor=an_issuer(numero_documento="800199436", razon_social="Compradora S.A."))

    found = parsed(built(body, "--factura", "factura.xml", "--numero", "AR1", "--sin-firma", issuer=buyer))
    assert text(found, "//cac:DocumentReference/cbc:ID") == "SETP990000001"
    assert text(found, "/*/cac:SenderParty/cac:PartyTaxScheme/cbc:CompanyID") == "800199436"

    other = {**body, "informacion_documento_referencia": {"cufe": CUFE}}
    wrong = refused("build", other, "--factura", "factura.xml", "--sin-firma", issuer=buyer)
    assert "otra factura" in wrong["informacion_documento_referencia.cufe"][0]
    stranger = refused("build", body, "--factura", "factura.xml", "--sin-firma")
    assert "quien recibió" in stranger["informacion_documento_referencia.cufe"][0]


def test_without_a_certificate_it_says_that_dian_will_not_have_it():
    result = ran("build", invoice(), "--sin-firma")

    assert result.exit_code == 0
    assert "Sin firma." in result.output
    assert "la DIAN lo rechaza" in result.output
    xml = Path("fv-900123456-SETP990000000.xml").read_bytes()
    assert texts(parsed(xml), "//ds:Signature") == []
    assert [check.text for check in verify(xml, Secrets()).checks if check.rule == "FAC03"]


def test_it_tells_what_it_made(p12: list[str]):
    result = ran("build", invoice(), *p12, "--fecha", "2026-05-10T15:30:00")

    for said in ("fv-900123456-SETP990000000.xml", "2026-05-10T15:30:00-05:00", "145,775.00 COP", "CUFE"):
        assert said in result.output
    assert PIN not in result.output


def test_a_file_is_not_overwritten_unless_it_was_named():
    assert ran("build", invoice(), "--sin-firma").exit_code == 0
    again = ran("build", invoice(), "--sin-firma")

    assert again.exit_code == 2
    assert "ya existe" in again.output
    assert built(invoice(), "--sin-firma")


def test_the_same_request_at_the_same_time_gives_the_same_bytes(p12: list[str]):
    options = [*p12, "--fecha", "2026-05-10T15:30:00", "--numero", "SETP990000017"]

    assert built(invoice(), *options) == built(invoice(), *options)


@pytest.mark.parametrize("options", [[], ["--sin-firma", "--certificado", "peticion.json"]])
def test_one_chooses_to_sign_or_not_to(options: list[str]):
    assert ran("build", invoice(), *options).exit_code == 2


def test_a_note_that_could_be_either_kind_must_be_told():
    result = ran("build", note("SETP1", CUFE), "--sin-firma")

    assert result.exit_code == 2
    assert "--tipo nota-credito" in result.output


def test_what_the_file_leaves_out_is_asked_for_and_not_shown():
    open_file = on_file(
        software={}, rangos=[{name: value for name, value in OWN_RANGE.items() if name != "clave_tecnica"}]
    )
    answers = f"{SOFTWARE.id}\n{PIN}\n{OWN_RANGE['clave_tecnica']}\n"

    asked = built(invoice(), "--sin-firma", "--fecha", "2026-05-10", issuer=open_file, input=answers)
    told = built(invoice(), "--sin-firma", "--fecha", "2026-05-10", issuer=on_file(rangos=[OWN_RANGE]))
    assert asked == told
    assert text(parsed(told), "/*/cbc:ID") == "FE1"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--numero", "FE5001"], "no trae el rango del número FE5001"),
        (["--numero", "SETP990000001"], "no trae el rango del número"),
        (["--numero", "FE0007"], "no trae el rango del número FE0007"),
        (["--numero", "FE"], "no trae el rango del número"),
    ],
)
def test_a_number_outside_the_ranges_on_file_is_refused(options: list[str], words: str):
    result = ran("build", invoice(), "--sin-firma", *options, issuer=on_file(rangos=[OWN_RANGE]))

    assert words in str(result.exception)


def test_of_several_ranges_the_request_or_the_number_chooses():
    ranges = on_file(rangos=[OWN_RANGE, {**OWN_RANGE, "prefijo": "FV"}])

    assert "varios rangos (FE, FV)" in str(ran("build", invoice(), "--sin-firma", issuer=ranges).exception)
    chosen = built(invoice(prefijo="FV"), "--sin-firma", issuer=ranges)
    assert text(parsed(chosen), "/*/cbc:ID") == "FV1"


def test_a_wrong_request_is_refused_with_every_field():
    body = invoice(lineas=[{"codigo": "1", "descripcion": "x", "cantidad": -1, "precio": 5, "iva_pct": 19}])

    assert set(refused("build", body, "--sin-firma")) == {"lineas.0.cantidad"}


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"emisor": an_issuer(direccion=None)}, "emisor.direccion", "La dirección es requerida."),
        ({"emisor": []}, "emisor", "debe ser un objeto JSON"),
        ({"ambiente": "pruebas"}, "ambiente", "habilitacion, produccion"),
        ({"software": {"pin": 20191}}, "software.pin", "debe ser un texto entre comillas"),
        ({"software": {"clave": "x"}}, "software.clave", "no existe"),
        ({"rangos": [{**OWN_RANGE, "hasta": 0}]}, "rangos.0.hasta", "entre 1 y 9999999999"),
        ({"rangos": [{**OWN_RANGE, "desde": 9000}]}, "rangos.0.hasta", "no puede ser menor que el inicial"),
        ({"rangos": [{**OWN_RANGE, "tipo": "evento"}]}, "rangos.0.tipo", "factura, nota-credito"),
        ({"rangos": [{**OWN_RANGE, "valido_hasta": "2027"}]}, "rangos.0.valido_hasta", "AAAA-MM-DD"),
    ],
)
def test_a_wrong_issuer_file_is_refused_naming_the_field(change: dict[str, Any], path: str, words: str):
    with pytest.raises(InvalidDocument) as raised:
        issuer_file.read(on_file(**change))

    assert words in " ".join(raised.value.fields[path])


def test_an_issuer_on_file_is_an_issuer_of_the_domain():
    found = issuer_file.read(on_file(ambiente="produccion", software={"nit": "900373076"}))

    assert (found.issuer.nit, found.issuer.check_digit) == ("900123456", "8")
    assert found.issuer.environment is Environment.PRODUCTION
    assert found.owner_nit == "900373076"
    assert found.ranges[0].kind is Kind.SUPPORT_DOCUMENT
    assert PIN not in repr(issuer_file.read(on_file()))


def test_a_certificate_of_somebody_else_or_of_nobody_signs_nothing(p12: list[str]):
    stranger = signer(authority("RAIZ AJENA"), nit="800197268")
    for made, words in ((stranger, "no nombra el NIT"), (signer(None), "se firma a sí mismo")):
        Path("cert.p12").write_bytes(pkcs12_of(made))
        assert words in str(ran("build", invoice(), *p12).exception)


def test_a_wrong_password_is_told_without_quoting_it(p12: list[str]):
    Path("clave").write_text("no-es-esta")
    result = ran("build", invoice(), *p12)

    assert "la contraseña no es suya" in str(result.exception)
    assert "no-es-esta" not in str(result.exception)


def test_a_check_names_the_rules_that_a_request_breaks_and_ends_with_1():
    late = {"factura": {"fecha": "2035-01-01"}}
    result = ran("check", invoice(**late))

    assert result.exit_code == 1
    assert "se esperaba" in result.output
    assert "La DIAN lo rechazaría por" in result.output
    said = json.loads(ran("check", invoice(**late), "--json").output)
    assert {"regla", "severidad", "campo", "esperado", "hallado", "correccion", "correccion_en"} == set(
        said[0]
    )


def test_what_is_asked_for_another_day_is_issued_signed_and_examined_as_if_it_were_that_day(p12: list[str]):
    result = ran("build", invoice(), *p12, "--fecha", "2026-05-10T15:30:00", "--salida", "hecho.xml")
    found = parsed(Path("hecho.xml").read_bytes())

    assert text(found, "/*/cbc:IssueDate") == "2026-05-10"
    assert text(found, "//xades:SigningTime") == "2026-05-10T15:30:00-05:00"
    assert "Cumple las reglas" in result.output
    assert "Firmado como si fuera el 2026-05-10." in result.output
    assert "hágalo sin --fecha" in result.output


def test_a_request_of_another_day_is_signed_at_the_true_time_and_dian_s_rejection_is_told(
    p12: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(offline, "datetime", At)
    result = ran("build", invoice(factura={"fecha": "2026-05-08"}), *p12, "--salida", "hecho.xml")
    found = parsed(Path("hecho.xml").read_bytes())

    assert text(found, "/*/cbc:IssueDate") == "2026-05-08"
    assert text(found, "//xades:SigningTime") == "2026-05-10T15:30:00-05:00"
    assert "FAD09e" in result.output
    assert "La DIAN lo rechazaría por 1 regla" in result.output
    assert "Firmado como si fuera" not in result.output


def test_a_request_of_one_day_is_not_built_or_checked_for_another():
    body = invoice(factura={"fecha": "2026-05-08"})

    for command in (["build", "--sin-firma"], ["check"]):
        wrong = refused(command[0], body, *command[1:], "--fecha", "2026-05-10")
        assert "La petición es del 2026-05-08 y --fecha es del 2026-05-10" in wrong["factura.fecha"][0]
    same = ran("check", body, "--fecha", "2026-05-08")
    assert (same.exit_code, "Cumple las reglas" in same.output) == (0, True)


class At(datetime):
    """A clock that stands at half past three in Bogotá."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "At":
        return cls(2026, 5, 10, 20, 30, tzinfo=UTC)


def test_a_check_of_a_good_request_says_so():
    result = ran("check", invoice())

    assert result.exit_code == 0, result.output
    assert "Cumple las reglas" in result.output


def test_a_body_is_read_as_strictly_as_the_api_does():
    result = ran("check", '{"lineas": [], "lineas": []}')

    assert "repetida" in str(result.exception)
