"""The simulator accepts what clients written by others send to DIAN's service.

Their public sources show: comments inside the envelope, no ``action`` in the content type, the WSDL's address as the
service's address, and a signature over more than the To header.
"""

import base64
import io
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import xmlsec
import zeep
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from lxml import etree

from tests.simulators.dian import PATH, DianSimulator
from tests.simulators.dian.envelope import OPERATIONS

_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
_ENVELOPE = """\
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"
 xmlns:w="http://wcf.dian.colombia"><s:Header><!-- built by hand -->
<o:Security xmlns:o="{wss}wssecurity-secext-1.0.xsd" xmlns:u="{wss}wssecurity-utility-1.0.xsd">
<u:Timestamp u:Id="TS-1"><u:Created>{created}</u:Created><u:Expires>{expires}</u:Expires></u:Timestamp>
<o:BinarySecurityToken u:Id="X509-1" ValueType="{wss}x509-token-profile-1.0#X509v3">{token}</o:BinarySecurityToken>
</o:Security><a:Action>http://wcf.dian.colombia/IWcfDianCustomerServices/GetStatus</a:Action>
<a:To xmlns:u="{wss}wssecurity-utility-1.0.xsd" u:Id="TO-1">{to}</a:To></s:Header>
<s:Body><w:GetStatus><!-- the CUFE --><w:trackId>{uuid}</w:trackId></w:GetStatus></s:Body></s:Envelope>"""


@pytest.fixture
def dian() -> Iterator[DianSimulator]:
    with DianSimulator() as running:
        yield running


def signed(dian: DianSimulator, to: str, *references: str) -> bytes:
    """A GetStatus as a client with libxmlsec1 sends it, with these parts signed."""
    account = dian.enrol()
    key, certificate, _ = pkcs12.load_key_and_certificates(account.pkcs12(), account.password.encode())
    assert key is not None and certificate is not None
    now = datetime.now(UTC)
    root = etree.fromstring(
        _ENVELOPE.format(
            wss=_WSS,
            created=f"{now:%Y-%m-%dT%H:%M:%S.000Z}",
            expires=f"{now + timedelta(minutes=5):%Y-%m-%dT%H:%M:%S.000Z}",
            token=base64.b64encode(certificate.public_bytes(Encoding.DER)).decode(),
            to=to,
            uuid="0" * 96,
        )
    )
    xmlsec.tree.add_ids(root, ["Id"])
    signature = xmlsec.template.create(root, xmlsec.Transform.EXCL_C14N, xmlsec.Transform.RSA_SHA256, ns="ds")
    security = next(root.iter("{*}Security"))
    security.append(signature)
    for reference in references:
        part = xmlsec.template.add_reference(signature, xmlsec.Transform.SHA256, uri=f"#{reference}")
        xmlsec.template.add_transform(part, xmlsec.Transform.EXCL_C14N)
    info = xmlsec.template.ensure_key_info(signature)
    pointer = etree.SubElement(info, f"{{{_WSS}wssecurity-secext-1.0.xsd}}SecurityTokenReference")
    etree.SubElement(pointer, f"{{{_WSS}wssecurity-secext-1.0.xsd}}Reference", URI="#X509-1")
    context = xmlsec.SignatureContext()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    context.key = xmlsec.Key.from_memory(pem, xmlsec.KeyFormat.PEM)
    context.sign(signature)
    return etree.tostring(root)


def answered(dian: DianSimulator, message: bytes, query: str = "") -> bytes:
    request = urllib.request.Request(
        f"{dian.base_url}{PATH}{query}", message, {"Content-Type": "application/soap+xml; charset=utf-8"}
    )
    with urllib.request.urlopen(request) as answer:
        return answer.read()


@pytest.mark.parametrize("query", ["", "?wsdl", "?WSDL", "?singleWsdl"])
@pytest.mark.parametrize("references", [["TO-1"], ["TS-1", "TO-1"]], ids=["To", "Timestamp and To"])
def test_comments_no_action_the_description_s_address_and_further_references_are_taken(
    dian: DianSimulator, query: str, references: list[str]
):
    message = signed(dian, f"{dian.base_url}{PATH}{query}", *references)

    assert b"GetStatusResponse" in answered(dian, message, query)


def test_a_signature_over_anything_but_the_address_is_still_refused(dian: DianSimulator):
    message = signed(dian, f"{dian.base_url}{PATH}", "TS-1")

    with pytest.raises(urllib.error.HTTPError) as refused:
        answered(dian, message)
    assert b"InvalidSecurity" in refused.value.read()


@pytest.mark.parametrize("query", ["wsdl", "WSDL", "singleWsdl"])
def test_its_description_is_one_that_a_stranger_s_client_reads(dian: DianSimulator, query: str):
    with urllib.request.urlopen(f"{dian.base_url}{PATH}?{query}") as answer:
        client = zeep.Client(io.BytesIO(answer.read()))

    assert set(client.service._operations) == set(OPERATIONS)
    assert client.service._binding_options["address"] == f"{dian.base_url}{PATH}"
