"""What is said of a file of DIAN's: that it agrees with verifiers nobody here wrote, and with what is known of
DIAN's own examples."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from cauce import admin
from cauce.domain.errors import InvalidDocument
from cauce.domain.event import EventCode
from cauce.ubl.certificate import Certificate
from cauce.ubl.emitter import build_signed, build_signed_container
from cauce.verification.document import verify
from cauce.verification.identifier import Secrets
from cauce.verification.report import Check, Report, Verdict
from tests.unit.dian.builders import DIAN, DOCUMENTS, SOFTWARE, a_delivery, a_document, an_event, numbered
from tests.unit.dian.certificates import Made
from tests.unit.dian.conftest import certificate, chain  # noqa: F401  their chain of certificates

KNOWN = Secrets(technical_key=None, pin=SOFTWARE.pin)
EXAMPLES = sorted(DIAN.joinpath("examples").glob("*.xml"))


def section(report: Report, title: str) -> list[Check]:
    return [check for each in report.sections if each.title == title for check in each.checks]


def texts(checks: list[Check], verdict: Verdict) -> list[str]:
    return [check.text for check in checks if check.verdict is verdict]


def wrong(report: Report) -> list[tuple[str | None, str]]:
    return [(check.rule, check.text) for check in report.checks if check.verdict is Verdict.WRONG]


def signed(certificate: Certificate, name: str = "invoice") -> bytes:  # noqa: F811
    return build_signed(numbered(DOCUMENTS[name]), certificate).xml


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_we_sign_has_its_own_signature_identifier_and_sums(name: str, certificate: Certificate):  # noqa: F811
    report = verify(signed(certificate, name), KNOWN)

    for title in ("Firma", "Identificador", "Totales"):
        assert texts(section(report, title), Verdict.WRONG) == [], title
    assert texts(section(report, "Identificador"), Verdict.UNKNOWN) == []


@pytest.mark.parametrize("code", EventCode)
def test_an_event_has_its_own_cude_and_no_sums(code: EventCode, certificate: Certificate):  # noqa: F811
    report = verify(build_signed(an_event(code), certificate).xml, KNOWN)

    assert wrong(report) == []
    assert f"Evento {code}" in report.title
    assert section(report, "Totales") == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (b"</cbc:PayableAmount>", b"0</cbc:PayableAmount>", "el documento"),
        (b"T15:30:05-05:00</xades", b"T15:30:06-05:00</xades", "las propiedades firmadas"),
        (b"<ds:X509Certificate>", b"<ds:X509Certificate>\n", "el certificado"),
    ],
)
def test_what_changed_after_it_was_signed_is_named(
    before: bytes,
    after: bytes,
    said: str,
    certificate: Certificate,  # noqa: F811
):
    xml = signed(certificate)
    tampered = xml.replace(before, after, 1)
    assert tampered != xml

    found = texts(section(verify(tampered, KNOWN), "Firma"), Verdict.WRONG)
    assert any(said in text for text in found), found


def test_another_certificate_or_another_value_is_told(certificate: Certificate, chain: Any):  # noqa: F811
    import base64

    from cryptography.hazmat.primitives.serialization import Encoding

    xml = signed(certificate)
    stranger: Made = chain[1]
    other = base64.b64encode(stranger.certificate.public_bytes(Encoding.DER))
    found = texts(
        section(verify(xml.replace(certificate.base64.encode(), other), KNOWN), "Firma"), Verdict.WRONG
    )

    assert any("El valor de la firma no es" in text for text in found)
    assert "SigningCertificate nombra otro certificado." in found


def test_a_reference_that_two_elements_answer_to_is_no_reference(certificate: Certificate):  # noqa: F811
    """Signature wrapping: the signed element stays, and another of its name says something else."""
    xml = signed(certificate)
    twice = xml.replace(b"<cbc:Line>", b'<cbc:Line Id="xmldsig-cauce-signedprops">', 1)
    assert twice != xml

    assert ("ZE02", "La referencia «#xmldsig-cauce-signedprops» no señala exactamente un elemento.") in wrong(
        verify(twice, KNOWN)
    )


def test_a_signature_that_leaves_the_document_out_is_not_one(certificate: Certificate):  # noqa: F811
    xml = signed(certificate)
    start, end = xml.index(b"<ds:Reference "), xml.index(b"</ds:Reference>") + len(b"</ds:Reference>")

    assert ("ZE02", "La firma no cubre el documento.") in wrong(verify(xml[:start] + xml[end:], KNOWN))


def test_properties_that_were_not_signed_do_not_count(certificate: Certificate):  # noqa: F811
    """Others of the same name, put before those that were signed."""
    xml = signed(certificate)
    start = xml.index(b"<xades:SignedProperties ")
    end = xml.index(b"</xades:SignedProperties>") + len(b"</xades:SignedProperties>")
    forged = xml[start:end].replace(b"-signedprops", b"-forged").replace(b"T15:30:05", b"T00:00:00")

    found = wrong(verify(xml.replace(b"<ds:Object>", b"<ds:Object>" + forged), KNOWN))
    assert ("ZE02", "La firma no cubre las propiedades firmadas.") in found


def test_two_signatures_are_one_too_many(certificate: Certificate):  # noqa: F811
    xml = signed(certificate)
    start = xml.index(b"<ds:Signature ")
    end = xml.index(b"</ds:Signature>") + len(b"</ds:Signature>")

    found = wrong(verify(xml[:end] + xml[start:end] + xml[end:], KNOWN))
    assert ("FAC03", "El archivo trae 2 firmas; la DIAN admite una.") in found


def test_an_algorithm_that_dian_does_not_take_verifies_nothing(certificate: Certificate):  # noqa: F811
    xml = signed(certificate).replace(
        b"http://www.w3.org/2001/04/xmlenc#sha256", b"http://www.w3.org/2000/09/xmldsig#sha1"
    )

    found = texts(section(verify(xml, KNOWN), "Firma"), Verdict.WRONG)
    assert any("la DIAN no admite el resumen" in text for text in found)


def test_without_the_secret_the_identifier_is_not_verified_and_with_another_it_is_wrong(
    certificate: Certificate,  # noqa: F811
):
    note = signed(certificate, "credit note")
    without = section(verify(note, Secrets()), "Identificador")
    other = section(verify(note, Secrets(pin=SecretStr("otro"))), "Identificador")

    assert [check.verdict for check in without] == [Verdict.UNKNOWN, Verdict.UNKNOWN]
    assert "falta el PIN del software (--pin)" in without[0].text
    assert [(check.verdict, check.rule) for check in other] == [
        (Verdict.WRONG, "CAD06"),
        (Verdict.WRONG, "FAB27b"),
    ]


def test_a_production_invoice_needs_its_technical_key_and_one_of_the_test_range_does_not(
    certificate: Certificate,  # noqa: F811
):
    public = numbered(a_document())
    own = numbered(
        a_document(),
        range=public.range.model_copy(update={"resolution": "18764000001"}) if public.range else None,
        technical_key=SecretStr("secreta"),
    )
    xml = build_signed(own, certificate).xml

    assert texts(section(verify(signed(certificate), Secrets()), "Identificador"), Verdict.RIGHT)
    assert section(verify(xml, Secrets()), "Identificador")[0].verdict is Verdict.UNKNOWN
    known = section(verify(xml, Secrets(technical_key=SecretStr("secreta"))), "Identificador")
    assert known[0].verdict is Verdict.RIGHT


def test_a_wrong_sum_is_told_with_both(certificate: Certificate):  # noqa: F811
    xml = signed(certificate).replace(b">119000.00</cbc:PayableAmount>", b">118000.00</cbc:PayableAmount>")

    total = next(check for check in section(verify(xml, KNOWN), "Totales") if check.rule == "FAU14")
    assert (total.verdict, total.expected, total.found) == (Verdict.WRONG, "119000.00", "118000.00")


def an_answer(uuid: str, code: str = "02") -> bytes:
    """DIAN's own, as far as its reader looks; unsigned."""
    return f"""<?xml version="1.0" encoding="utf-8"?>
        <ApplicationResponse xmlns="urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2"
            xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
            xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
        <cbc:ID>1</cbc:ID><cbc:UUID>{"0" * 96}</cbc:UUID>
        <cac:SenderParty><cac:PartyTaxScheme><cbc:CompanyID>800197268</cbc:CompanyID></cac:PartyTaxScheme>
        </cac:SenderParty>
        <cac:DocumentResponse><cac:Response><cbc:ResponseCode>{code}</cbc:ResponseCode></cac:Response>
        <cac:DocumentReference><cbc:UUID>{uuid}</cbc:UUID></cac:DocumentReference></cac:DocumentResponse>
        </ApplicationResponse>""".strip().encode()


def a_container(certificate: Certificate, code: str = "02", about: str = "") -> bytes:  # noqa: F811
    invoice = build_signed(numbered(a_document()), certificate)
    delivery = a_delivery(invoice.xml, an_answer(about or invoice.identifier, code))
    return build_signed_container(replace(delivery, identifier=invoice.identifier), certificate)


def test_a_container_is_opened_and_what_it_encloses_verified(certificate: Certificate):  # noqa: F811
    report = verify(a_container(certificate), KNOWN)

    assert [inner.title for inner in report.enclosed] == [
        "Factura electrónica de venta",
        "Respuesta de la DIAN",
    ]
    assert texts(section(report, "Contenido"), Verdict.RIGHT)[-1] == "La DIAN lo validó."
    assert wrong(report.enclosed[0]) == []
    assert wrong(report) == [("AAC03", "El archivo no está firmado.")], "the invented answer"


def test_a_container_about_another_document_or_a_rejected_one_is_told(certificate: Certificate):  # noqa: F811
    found = wrong(verify(a_container(certificate, code="04", about="f" * 96), KNOWN))

    assert (None, "La respuesta de la DIAN es de otro documento.") in found
    assert (None, "La DIAN no lo validó.") in found


@pytest.mark.parametrize(("invoice_type", "is_right"), [("04", True), ("01", False)])
def test_only_what_was_issued_in_contingency_is_delivered_without_dian_s_answer(
    invoice_type: str,
    is_right: bool,
    certificate: Certificate,  # noqa: F811
):
    invoice = build_signed(numbered(a_document(invoice_type=invoice_type)), certificate)
    delivery = replace(a_delivery(invoice.xml, b""), identifier=invoice.identifier, validation=None)

    report = verify(build_signed_container(delivery, certificate), KNOWN)

    assert report.is_right is is_right
    told = Verdict.UNKNOWN if is_right else Verdict.WRONG
    assert any("la respuesta de la DIAN" in said for said in texts(section(report, "Contenido"), told))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"<Invoice>",
        b"<a/>",
        b'<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/passwd">]><Invoice>&x;</Invoice>',
        b'<!DOCTYPE Invoice [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><Invoice>&b;</Invoice>',
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_document_of_dians_is_refused(content: bytes):
    with pytest.raises(InvalidDocument):
        verify(content, Secrets())


@pytest.mark.parametrize(
    "root", ["Invoice", "CreditNote", "DebitNote", "ApplicationResponse", "AttachedDocument"]
)
def test_an_empty_root_is_wrong_and_breaks_nothing(root: str):
    xml = f'<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2"/>'

    assert not verify(xml.encode(), Secrets()).is_right


# The official examples. Without the reference material beside this copy there is nothing to compare with.

examples = pytest.mark.skipif(not EXAMPLES, reason="the reference material is not beside this copy")
SIGNED_AND_INTACT = {
    "Consumidor Final.xml",
    "CreditNote.xml",
    "DebitNote.xml",
    "GenericaPagoAnticipado.xml",
}
# The chain in their cbc:Note, or their own facts with the public key, gives their UUID (SPEC 6.7).
HASHED_AS_THEY_SAY = {
    "030 - Acuse_ReciboFEV.xml",
    "Consumidor Final.xml",
    "CreditNote.xml",
    "DebitNote.xml",
    "Excluido de IVA.xml",
    "Exento de IVA.xml",
    "Generica.xml",
    "GenericaPagoAnticipado.xml",
    "Servicios.xml",
}
# Edited after they were hashed: what the chain has otherwise than the file.
EDITED = {
    "030 - Acuse_ReciboFEV.xml": {"900373987", "900373981"},
    "CreditNote.xml": {"900508908"},
    "DebitNote.xml": {"900508908"},
    "Generica.xml": {"900508908", "14024.07"},
    "GenericaPagoAnticipado.xml": {"900508908"},
    "Servicios.xml": {"900508908"},
}
# Of 2019: their total has the prepayment taken off (SPEC 14.3). The tip prices one of the ten that it invoices, and
# the bags of «Consumidor Final» are charged twice.
WRONG_SUMS = {
    "Consumidor Final.xml": {"FAS07", "FAX07"},
    "Ejemplificacion Propina.xml": {"FAV06"},
    "GenericaPagoAnticipado.xml": {"FAU14"},
    "Servicios.xml": {"FAU14"},
}


def core_accepts(xml: bytes) -> bool:
    """libxmlsec1's verdict, with the key of the certificate that the file brings."""
    import xmlsec
    from lxml import etree

    tree = etree.fromstring(xml)
    signature = tree.find(".//{*}Signature")
    if signature is None:
        return False
    xmlsec.tree.add_ids(tree, ["Id"])
    der = tree.find(".//{*}X509Certificate").text
    pem = f"-----BEGIN CERTIFICATE-----\n{''.join(der.split())}\n-----END CERTIFICATE-----\n"
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatCertPem)
    try:
        context.verify(signature)
    except xmlsec.Error:
        return False
    return True


@examples
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_examples_signature_holds_exactly_where_libxmlsec1_says_so(path: Path):
    checks = section(verify(path.read_bytes(), Secrets()), "Firma")

    holds = texts(checks, Verdict.WRONG) == []
    assert holds == core_accepts(path.read_bytes()) == (path.name in SIGNED_AND_INTACT)


@examples
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_examples_chain_gives_its_uuid_where_it_is_known_to(path: Path):
    checks = section(verify(path.read_bytes(), Secrets()), "Identificador")

    gives = [
        text
        for text in texts(checks, Verdict.RIGHT)
        if "La cadena que trae" in text or "clave pública" in text
    ]
    assert bool(gives) == (path.name in HASHED_AS_THEY_SAY)
    if path.name in HASHED_AS_THEY_SAY:
        edited = {check.found for check in checks if check.verdict is Verdict.WRONG}
        assert edited == EDITED.get(path.name, set())


@examples
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_examples_sums_are_right_but_for_those_known_to_be_wrong(path: Path):
    checks = section(verify(path.read_bytes(), Secrets()), "Totales")

    assert {check.rule for check in checks if check.verdict is Verdict.WRONG} == WRONG_SUMS.get(
        path.name, set()
    )


@examples
@pytest.mark.parametrize(
    "name", ["030 - Acuse_ReciboFEV.xml", "CreditNote.xml", "Ejemplificacion Propina.xml", "Servicios.xml"]
)
def test_an_examples_software_is_the_one_of_its_pin(name: str):
    """SPEC 6.5."""
    xml = DIAN.joinpath("examples", name).read_bytes()

    checks = section(verify(xml, Secrets(pin=SecretStr("20191"))), "Identificador")
    assert "El código de seguridad es el del software, su PIN y el número." in texts(checks, Verdict.RIGHT)


@examples
def test_the_support_document_was_hashed_with_its_first_subtotal_so_its_cuds_is_wrong():
    """SPEC 6.4 and 14.7: DIAN's server hashes the tax."""
    xml = DIAN.joinpath("examples", "documento-soporte-residente.xml").read_bytes()

    checks = section(verify(xml, Secrets(pin=SecretStr("12345"))), "Identificador")
    assert (checks[0].verdict, checks[0].rule) == (Verdict.WRONG, "DSAD06")


# The command.


def ran(*arguments: str, **settings: Any) -> Any:
    return CliRunner().invoke(admin.app, ["document", "verify", *arguments], **settings)


@pytest.fixture
def file(tmp_path: Path, certificate: Certificate) -> Path:  # noqa: F811
    found = tmp_path / "factura.xml"
    found.write_bytes(signed(certificate))
    return found


def test_the_command_says_what_holds_and_what_it_could_not_check(file: Path):
    result = ran(str(file))

    assert result.exit_code == 0
    assert "✔ Está como se firmó: el documento." in result.output
    assert "119,000.00 COP" in result.output
    assert "acreditada" in result.output
    assert "✔ Correcto, 2 cosas sin verificar." in result.output


def test_the_command_ends_with_1_where_something_is_wrong_and_2_where_it_is_no_document(
    file: Path, tmp_path: Path
):
    file.write_bytes(file.read_bytes().replace(b"Seguro", b"Segura").replace(b"119000.00", b"119000.01"))
    stranger = tmp_path / "otro.xml"
    stranger.write_text("<a/>")

    assert ran(str(file)).exit_code == 1
    result = ran(str(stranger))
    assert result.exit_code == 2
    assert "no es un documento de la DIAN" in result.output


def test_the_command_speaks_json(file: Path):
    result = ran(str(file), "--json", "--pin", SOFTWARE.pin.get_secret_value())
    said = json.loads(result.stdout)

    assert said["correcto"] is True
    assert [each["titulo"] for each in said["secciones"]] == [
        "Firma",
        "Identificador",
        "Totales",
        "Reglas de la DIAN",
    ]
    assert {check["veredicto"] for check in said["secciones"][1]["verificaciones"]} == {"correcto"}


def test_a_secret_may_be_asked_for_and_is_never_shown(file: Path):
    result = ran(str(file), "--pin", "-", input=SOFTWARE.pin.get_secret_value() + "\n")

    assert result.exit_code == 0
    assert "El código de seguridad es el del software" in result.output
    assert SOFTWARE.pin.get_secret_value() not in result.output.replace("2019-12-31", "")
