"""Signatures that two verifiers accept which nobody here wrote, and whose every byte counts."""

import subprocess
import sys
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from cauce.domain.event import EventCode
from cauce.ubl.certificate import Certificate
from cauce.ubl.emitter import build_signed, build_signed_container
from cauce.ubl.signature import DECLARATION
from tests.unit.dian.builders import (
    DOCUMENTS,
    ISSUED_AT,
    SOFTWARE,
    a_delivery,
    a_document,
    an_event,
    numbered,
)
from tests.unit.dian.certificates import Made
from tests.unit.dian.oracles import (
    canonical,
    parsed,
    schema_errors,
    signxml_accepts,
    text,
    texts,
    xmlsec_accepts,
)

Chain = tuple[Made, Made, Made]

EVENTS = [f"event {code.value}" for code in EventCode]
EVERYTHING = [*DOCUMENTS, *EVENTS, "attached document"]


def signed(name: str, certificate: Certificate) -> bytes:
    if name in DOCUMENTS:
        return build_signed(numbered(DOCUMENTS[name]), certificate).xml
    if name in EVENTS:
        return build_signed(an_event(EventCode(name.removeprefix("event "))), certificate).xml
    invoice = signed("invoice", certificate)
    verdict = b'\xef\xbb\xbf<?xml version="1.0"?>\r\n<a><![CDATA[<b>&]]></a>'
    return build_signed_container(a_delivery(invoice, verdict), certificate)


@pytest.mark.parametrize("name", EVERYTHING)
def test_signxml_and_libxmlsec1_accept_the_signature_of(name: str, certificate: Certificate, chain: Chain):
    xml = signed(name, certificate)

    assert signxml_accepts(xml, chain[0])
    assert xmlsec_accepts(xml, chain[0])


@pytest.mark.parametrize("name", EVERYTHING)
def test_both_verifiers_catch_a_changed_amount_or_text_in(name: str, certificate: Certificate, chain: Chain):
    xml = signed(name, certificate)
    # Events and containers have no amount; their time of issue will do.
    end = b"</cbc:PayableAmount>" if b"</cbc:PayableAmount>" in xml else b"</cbc:IssueTime>"
    tampered = xml.replace(end, b"0" + end, 1)
    assert tampered != xml

    assert not signxml_accepts(tampered, chain[0])
    assert not xmlsec_accepts(tampered, chain[0])


@pytest.mark.parametrize("name", EVERYTHING)
def test_both_verifiers_catch_a_changed_signing_time_in(name: str, certificate: Certificate, chain: Chain):
    xml = signed(name, certificate)
    tampered = xml.replace(b"T15:30:05-05:00</xades", b"T15:30:06-05:00</xades")
    assert tampered != xml

    assert not signxml_accepts(tampered, chain[0])
    assert not xmlsec_accepts(tampered, chain[0])


def test_both_verifiers_catch_another_certificate(certificate: Certificate, chain: Chain):
    stranger = b64encode(chain[1].certificate.public_bytes(Encoding.DER))
    xml = signed("invoice", certificate)
    tampered = xml.replace(certificate.base64.encode(), stranger)
    assert tampered != xml

    assert not signxml_accepts(tampered, chain[0])
    assert not xmlsec_accepts(tampered, chain[0])


@pytest.mark.parametrize("name", [*DOCUMENTS, *EVENTS])
def test_what_is_sent_is_its_own_canonical_form(name: str, certificate: Certificate):
    xml = signed(name, certificate)

    assert xml == DECLARATION + canonical(xml)


@pytest.mark.parametrize("name", EVERYTHING)
def test_the_schemas_of_ubl_accept(name: str, certificate: Certificate):
    assert schema_errors(signed(name, certificate)) == []


@pytest.mark.parametrize("name", EVERYTHING)
def test_the_same_facts_give_the_same_bytes(name: str, certificate: Certificate):
    assert signed(name, certificate) == signed(name, certificate)


def test_signing_takes_one_rsa_operation(certificate: Certificate):
    class Counting:
        operations = 0

        def sign(self, *arguments: Any) -> bytes:
            self.operations += 1
            return certificate.key.sign(*arguments)

    key = Counting()
    build_signed(numbered(a_document()), replace(certificate, key=key))

    assert key.operations == 1


def test_nothing_that_parses_xml_is_loaded_to_sign():
    loads = (
        "import sys; import cauce.ubl.emitter;"
        "sys.exit(bool({'lxml', 'xml.etree', 'xml.dom', 'signxml', 'cryptography'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", loads], check=False).returncode == 0


def test_the_structure_that_dian_asks_for(certificate: Certificate, chain: Chain):
    tree = parsed(signed("invoice", certificate))
    properties = "//xades:SignedProperties/xades:SignedSignatureProperties"

    assert text(tree, f"{properties}/xades:SigningTime") == "2026-05-10T15:30:05-05:00"
    assert len(texts(tree, f"{properties}/xades:SigningCertificate/xades:Cert")) == 3
    serials = texts(tree, f"{properties}//ds:X509SerialNumber")
    assert serials == [str(made.certificate.serial_number) for made in chain]
    assert text(tree, "//xades:SigPolicyId/xades:Identifier").endswith(
        "/politicadefirma/v2/politicadefirmav2.pdf"
    )
    assert (
        text(tree, "//xades:SigPolicyHash/ds:DigestValue") == "dMoMvtcG5aIzgYo0tIsSQeVJBDnUnfSOfBpxXrmor0Y="
    )
    assert text(tree, "//xades:ClaimedRole") == "supplier"
    # In the second extension, alone (FAC03).
    assert len(tree.xpath("//*[local-name()='UBLExtension'][2]/*/*")) == 1
    assert len(texts(tree, "//ext:UBLExtension[2]/ext:ExtensionContent/ds:Signature")) == 1


def test_the_day_of_signing_is_the_day_of_issue(certificate: Certificate):
    late = ISSUED_AT.replace(hour=23, minute=59) + timedelta(seconds=30)
    tree = parsed(build_signed(numbered(a_document(), issued_at=late), certificate).xml)

    assert text(tree, "//xades:SigningTime")[:10] == text(tree, "/*/cbc:IssueDate") == "2026-05-10"


def test_software_of_another_owner_signs_as_a_third_party(certificate: Certificate):
    software = replace(SOFTWARE, owner_nit="800197268")
    tree = parsed(build_signed(numbered(a_document(), software=software), certificate).xml)

    assert text(tree, "//xades:ClaimedRole") == "third party"
    assert text(tree, "//sts:ProviderID") == "800197268"
    assert text(tree, "//sts:ProviderID/@schemeID") == "4"


def test_an_attached_document_brings_both_files_back_byte_for_byte(certificate: Certificate):
    invoice = signed("invoice", certificate)
    verdict = b'<?xml version="1.0"?>\r\n<a><![CDATA[<b>&]]></a>'
    container = build_signed_container(a_delivery(invoice, verdict), certificate)
    tree = parsed(container)

    enclosed = texts(tree, "//cac:ExternalReference/cbc:Description")
    assert [content.encode() for content in enclosed] == [invoice, verdict]
    assert container.count(b"<cbc:Description><![CDATA[<?xml") == 2
