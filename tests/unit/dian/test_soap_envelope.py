"""What leaves for DIAN: envelopes that others verify, canonicalise, and read with the official WSDL."""

import base64
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import signxml
import xmlsec
from lxml import etree

from cauce.providers.dian.envelope import action, envelope
from cauce.ubl.canonical import Unwritable
from cauce.ubl.certificate import Certificate
from tests.unit.dian.builders import reference
from tests.unit.dian.certificates import Made

Chain = tuple[Made, Made, Made]

ADDRESS = "https://vpfe-hab.dian.gov.co/WcfDianCustomerServices.svc"
NOW = datetime(2026, 5, 10, 20, 30, 5, 123456, tzinfo=UTC)
# Accents, an entity look-alike and a character above 16 bits must survive; every operation of the annex is here.
ARGUMENTS: dict[str, dict[str, str]] = {
    "SendBillSync": {"fileName": "zfv.zip", "contentFile": "UEsDBA=="},
    "SendBillAsync": {"fileName": "zfv.zip", "contentFile": "UEsDBA=="},
    "SendTestSetAsync": {"fileName": "zfv.zip", "contentFile": "UEsDBA==", "testSetId": "358f9538"},
    "SendEventUpdateStatus": {"contentFile": "UEsDBA=="},
    "GetStatus": {"trackId": "ñ & <&amp;> \U0001f600"},
    "GetStatusZip": {"trackId": "358f9538-1f80-4ed5-a3f6-aaa1ef36bebd"},
    "GetStatusEvent": {"trackId": "ab" * 48},
    "GetXmlByDocumentKey": {"trackId": "ab" * 48},
    "GetNumberingRange": {
        "accountCode": "900123456",
        "accountCodeT": "900123456",
        "softwareCode": "56f2ae4e-9812-4fad-9255-08fcfcd5ccb0",
    },
    "GetAcquirer": {"identificationType": "31", "identificationNumber": "800199436"},
}
NAMES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://www.w3.org/2005/08/addressing",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "o": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
    "u": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
}


def made(operation: str, certificate: Certificate, now: datetime = NOW) -> bytes:
    return envelope(operation, ARGUMENTS[operation], ADDRESS, certificate, now)


@pytest.mark.parametrize("operation", ARGUMENTS)
def test_the_bytes_of_an_envelope_are_their_own_canonical_form(operation: str, certificate: Certificate):
    sent = made(operation, certificate)

    assert etree.tostring(etree.fromstring(sent), method="c14n") == sent


def test_the_same_moment_gives_the_same_bytes_and_another_only_another_timestamp(certificate: Certificate):
    one, other = (
        made("GetStatus", certificate),
        made("GetStatus", certificate, NOW.replace(microsecond=124000)),
    )

    assert made("GetStatus", certificate) == one
    assert other.replace(b".124Z", b".123Z") == one


def test_a_certificate_signs_an_address_once(certificate: Certificate):
    class Counting:
        operations = 0

        def sign(self, *arguments: Any) -> bytes:
            self.operations += 1
            return certificate.key.sign(*arguments)

    counting = replace(certificate, key=Counting())

    assert made("GetStatus", counting) == made("GetStatus", certificate)
    made("SendBillSync", counting, NOW.replace(minute=31))
    assert counting.key.operations == 1
    envelope("GetStatus", ARGUMENTS["GetStatus"], f"{ADDRESS}/", counting, NOW)
    assert counting.key.operations == 2


def test_a_file_is_written_in_base64(certificate: Certificate):
    given = {**ARGUMENTS["SendBillSync"], "contentFile": b"PK\x03\x04"}

    assert envelope("SendBillSync", given, ADDRESS, certificate, NOW) == made("SendBillSync", certificate)


def test_a_timestamp_is_in_milliseconds_of_utc_and_lasts_60000_seconds(certificate: Certificate):
    root = etree.fromstring(made("GetStatus", certificate))

    assert root.xpath("//u:Created/text()", namespaces=NAMES) == ["2026-05-10T20:30:05.123Z"]
    assert root.xpath("//u:Expires/text()", namespaces=NAMES) == ["2026-05-11T13:10:05.123Z"]


def test_the_security_header_stands_first_and_in_the_strict_order(certificate: Certificate):
    root = etree.fromstring(made("GetStatus", certificate))

    headers = [etree.QName(each).localname for each in root[0]]
    security = [etree.QName(each).localname for each in root[0][0]]
    assert headers == ["Security", "Action", "To"]
    assert security == ["Timestamp", "BinarySecurityToken", "Signature"]


def test_the_token_is_the_signer_s_certificate_and_the_signature_points_to_it(
    certificate: Certificate, chain: Chain
):
    root = etree.fromstring(made("GetStatus", certificate))

    token = root.xpath("//o:BinarySecurityToken", namespaces=NAMES)[0]
    assert base64.b64decode(token.text) == certificate.der
    uri = root.xpath("//ds:KeyInfo/o:SecurityTokenReference/o:Reference/@URI", namespaces=NAMES)
    assert uri == ["#" + token.get(f"{{{NAMES['u']}}}Id")]


def test_exclusive_canonicalization_names_the_prefixes_that_dian_s_clients_name(certificate: Certificate):
    root = etree.fromstring(made("GetStatus", certificate))

    prefixes = [each.get("PrefixList") for each in root.iter("{http://www.w3.org/2001/10/xml-exc-c14n#}*")]
    assert prefixes == ["wsa soap wcf", "soap wcf"]


@pytest.mark.parametrize("operation", ARGUMENTS)
def test_signxml_accepts_the_signature_of_to_alone(operation: str, certificate: Certificate, chain: Chain):
    assert signed_by(made(operation, certificate), chain[0]).tag == f"{{{NAMES['a']}}}To"


@pytest.mark.parametrize("operation", ARGUMENTS)
def test_libxmlsec1_accepts_the_signature(operation: str, certificate: Certificate, chain: Chain):
    assert xmlsec_accepts(made(operation, certificate), chain[0])


def test_an_envelope_for_another_address_is_not_ours(certificate: Certificate, chain: Chain):
    turned = made("GetStatus", certificate).replace(b">https://vpfe-hab", b">https://vpfe-bah")

    assert not xmlsec_accepts(turned, chain[0])
    with pytest.raises(signxml.InvalidSignature):
        signed_by(turned, chain[0])


def test_what_xml_cannot_carry_is_never_sent(certificate: Certificate):
    with pytest.raises(Unwritable):
        envelope("GetStatus", {"trackId": "\x00"}, ADDRESS, certificate, NOW)


@pytest.mark.parametrize("environment", ["habilitacion", "produccion"])
@pytest.mark.parametrize("operation", ARGUMENTS)
def test_zeep_reads_each_call_with_the_official_wsdl(
    operation: str, environment: str, certificate: Certificate
):
    client = wsdl(environment)
    body = etree.fromstring(made(operation, certificate)).find("s:Body", NAMES)

    described = client.wsdl.bindings["{http://wcf.dian.colombia}WSHttpBinding_IWcfDianCustomerServices"].get(
        operation
    )
    read = client.get_element(body[0].tag).parse(body[0], client.wsdl.types)
    values = {
        name: base64.b64encode(found).decode() if isinstance(found, bytes) else found
        for name, found in ((name, read[name]) for name in read)
    }
    assert described.soapaction == action(operation)
    assert values == ARGUMENTS[operation]


@pytest.mark.parametrize("operation", ARGUMENTS)
def test_zeep_writes_the_same_body(operation: str, certificate: Certificate):
    client = wsdl("habilitacion")
    service = client.bind("WcfDianCustomerServices", "WSHttpBinding_IWcfDianCustomerServices")
    values = dict(ARGUMENTS[operation])
    if "contentFile" in values:
        values["contentFile"] = base64.b64decode(values["contentFile"])

    theirs = client.create_message(service, operation, **values)

    ours = etree.fromstring(made(operation, certificate))
    assert canonical_body(ours) == canonical_body(theirs)


def canonical_body(root: Any) -> list[tuple[str, str]]:
    body = root.find("s:Body", NAMES)
    return [(each.tag, each.text or "") for each in body.iter() if each is not body]


def wsdl(environment: str) -> Any:
    import zeep

    return zeep.Client(str(reference("wsdl", f"WcfDianCustomerServices.{environment}.single.wsdl")))


def signed_by(sent: bytes, signer: Made) -> Any:
    """The element that signxml says was signed. Its schema does not know InclusiveNamespaces."""
    found = signxml.XMLVerifier().verify(sent, x509_cert=signer.pem.decode(), validate_schema=False)
    assert not isinstance(found, list)
    return found.signed_xml


def xmlsec_accepts(sent: bytes, signer: Made) -> bool:
    root = etree.fromstring(sent)
    to = root.find("s:Header/a:To", NAMES)
    context = xmlsec.SignatureContext()
    context.register_id(to, "Id", NAMES["u"])
    context.key = xmlsec.Key.from_memory(signer.pem, xmlsec.constants.KeyDataFormatCertPem)
    try:
        context.verify(root.find(".//ds:Signature", NAMES))
    except xmlsec.VerificationError:
        return False
    return True
