"""SOAP 1.2 as in the WSDL: requests are read and their signatures verified, answers and faults written.

signxml verifies the signature. This module checks only what signxml does not: which element was signed, dates, and
whether the certificate is trusted. An untrusted certificate gets the fault that the live service was seen to answer.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

import signxml
from cryptography import x509
from lxml import etree
from signxml.exceptions import SignXMLException

from tests.simulators.dian.pki import Authority
from tests.simulators.routing import Answer, Request

SOAP = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://www.w3.org/2005/08/addressing"
WCF = "http://wcf.dian.colombia"
_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
_NS = {
    "s": SOAP,
    "a": WSA,
    "w": WCF,
    "o": f"{_WSS}wssecurity-secext-1.0.xsd",
    "u": f"{_WSS}wssecurity-utility-1.0.xsd",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
_ID = f"{{{_NS['u']}}}Id"
_X509 = f"{_WSS}x509-token-profile-1.0#X509v3"
_ACTION = f"{WCF}/IWcfDianCustomerServices/"
_ACTION_ELEMENT = re.compile(rb"Action[^<>]*>\s*" + re.escape(_ACTION.encode()) + rb"(\w+)\s*<")
# Clients that read the WSDL send «To» with the WSDL's address, query included.
_DESCRIPTION = re.compile(r"\?(single)?wsdl$", re.IGNORECASE)
_SKEW = timedelta(minutes=5)
_LONGEST = timedelta(days=1)

# Operation → its arguments, in the WSDL's order.
OPERATIONS: dict[str, tuple[str, ...]] = {
    "SendBillSync": ("fileName", "contentFile"),
    "SendBillAsync": ("fileName", "contentFile"),
    "SendTestSetAsync": ("fileName", "contentFile", "testSetId"),
    "SendEventUpdateStatus": ("contentFile",),
    "GetStatus": ("trackId",),
    "GetStatusZip": ("trackId",),
    "GetStatusEvent": ("trackId",),
    "GetXmlByDocumentKey": ("trackId",),
    "GetNumberingRange": ("accountCode", "accountCodeT", "softwareCode"),
    "GetAcquirer": ("identificationType", "identificationNumber"),
}


@dataclass(frozen=True)
class Call:
    """A request whose envelope was accepted."""

    operation: str
    arguments: dict[str, str]
    certificate: x509.Certificate


class Refused(Exception):
    """The envelope was refused; ``answer`` is the fault to send."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.note)
        self.answer = answer


def operation_of(request: Request) -> str:
    """The operation, without parsing the request: from the content type's action or else from the Action element."""
    for part in request.headers.get("content-type", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == "action":
            return value.strip('"').removeprefix(_ACTION)
    found = _ACTION_ELEMENT.search(request.body)
    return found[1].decode() if found else ""


def read(request: Request, address: str, authority: Authority, now: datetime) -> Call:
    """Check the envelope and return the call in it. Raises Refused."""
    if request.media_type() != "application/soap+xml":
        raise Refused(Answer(415, b"", {}, "not SOAP 1.2"))
    try:
        # Comments are dropped: canonicalization leaves them out of the signature, so anybody could have added them.
        parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
        root = etree.fromstring(request.body, parser)
    except etree.XMLSyntaxError as cause:
        raise Refused(fault(400, "Sender", None, "Bad Request", str(cause))) from None
    if root.tag != f"{{{SOAP}}}Envelope" or root.getroottree().docinfo.doctype:
        raise Refused(fault(400, "VersionMismatch", None, "not a SOAP 1.2 envelope"))
    operation, arguments = _body(root)
    actions = root.xpath("s:Header/a:Action/text()", namespaces=_NS)
    if operation_of(request) != operation or actions != [_ACTION + operation]:
        raise Refused(fault(500, "Sender", "a:ActionMismatch", "the actions and the body do not agree"))
    to = root.xpath("s:Header/a:To", namespaces=_NS)
    if len(to) != 1 or _DESCRIPTION.sub("", to[0].text or "") != address:
        raise Refused(fault(500, "Sender", "a:DestinationUnreachable", f"To is not {address}"))
    certificate = _security(root, to[0], now)
    if not authority.trusts(certificate) or certificate.serial_number in authority.revoked:
        raise Refused(untrusted())
    return Call(operation, arguments, certificate)


def _body(root: etree._Element) -> tuple[str, dict[str, str]]:
    inside = root.xpath("s:Body/*", namespaces=_NS)
    name = etree.QName(inside[0]) if len(inside) == 1 else None
    if name is None or name.namespace != WCF or name.localname not in OPERATIONS:
        raise Refused(fault(500, "Sender", "a:ActionNotSupported", "no such operation"))
    arguments: dict[str, str] = {}
    expected = list(OPERATIONS[name.localname])
    for child in inside[0]:
        argument = etree.QName(child)
        # On the real service an argument that is unknown or out of order is lost; here it is refused.
        if argument.namespace != WCF or argument.localname not in expected or len(child):
            raise Refused(
                fault(500, "Sender", "a:DeserializationFailed", f"{argument.localname} out of place")
            )
        del expected[: expected.index(argument.localname) + 1]
        arguments[argument.localname] = child.text or ""
    return name.localname, arguments


def _security(root: etree._Element, to: etree._Element, now: datetime) -> x509.Certificate:
    headers = root.xpath("s:Header/o:Security", namespaces=_NS)
    if len(headers) != 1:
        raise _insecure("one Security header")
    found = {etree.QName(child).localname: child for child in headers[0]}
    # Strict layout: an element stands before the elements that refer to it.
    if list(found) != ["Timestamp", "BinarySecurityToken", "Signature"] or len(headers[0]) != 3:
        raise _insecure("Timestamp, BinarySecurityToken, Signature, in that order")
    _timestamp(found["Timestamp"], now)
    certificate = _token(found["BinarySecurityToken"])
    pointer = found["Signature"].xpath("ds:KeyInfo/o:SecurityTokenReference/o:Reference/@URI", namespaces=_NS)
    if pointer != [f"#{found['BinarySecurityToken'].get(_ID)}"]:
        raise _insecure("KeyInfo does not refer to the token")
    config = signxml.SignatureConfiguration(
        location=f"./{{{SOAP}}}Header/{{{_NS['o']}}}Security/",
        signature_methods=frozenset({signxml.SignatureMethod.RSA_SHA256}),
        digest_algorithms=frozenset({signxml.DigestAlgorithm.SHA256}),
        expect_references=True,  # any number: clients also sign the Timestamp; that To is signed is checked below
    )
    try:
        # signxml's schema of signatures lacks InclusiveNamespaces, so the schema is not checked.
        signed = signxml.XMLVerifier().verify(
            etree.tostring(root), x509_cert=certificate, expect_config=config, validate_schema=False
        )
    except (SignXMLException, ValueError) as cause:
        raise _insecure(f"the signature does not verify: {cause}") from None
    parts = [each.signed_xml for each in signed if each.signed_xml is not None]
    if not any(part.tag == to.tag and part.get(_ID) == to.get(_ID) for part in parts):
        raise _insecure("what is signed is not the To header")
    methods = found["Signature"].xpath(
        ".//ds:CanonicalizationMethod/@Algorithm | .//ds:Transform/@Algorithm", namespaces=_NS
    )
    if set(methods) != {"http://www.w3.org/2001/10/xml-exc-c14n#"}:
        raise _insecure("canonicalization is not the exclusive one")
    return certificate


def _timestamp(element: etree._Element, now: datetime) -> None:
    try:
        created, expires = (
            datetime.fromisoformat(element.findtext(f"u:{name}", "", _NS)) for name in ("Created", "Expires")
        )
    except ValueError:
        raise _insecure("the timestamp is not one") from None
    if created.tzinfo is None or expires.tzinfo is None:
        raise _insecure("the timestamp has no zone")
    if created > now + _SKEW or expires < now or expires - created > _LONGEST:
        raise _insecure("the timestamp is not of now")


def _token(element: etree._Element) -> x509.Certificate:
    if element.get("ValueType") != _X509:
        raise _insecure("the token is not X509v3")
    try:
        return x509.load_der_x509_certificate(
            base64.b64decode("".join((element.text or "").split()), validate=True)
        )
    except (binascii.Error, ValueError):
        raise _insecure("the token is not a certificate") from None


def description(address: str) -> Answer:
    """The service's WSDL with what a client needs for a call: operations, arguments and address."""
    elements = messages = operations = bound = ""
    for name, arguments in OPERATIONS.items():
        fields = "".join(
            f'<xs:element name="{each}" type="xs:{"base64Binary" if each == "contentFile" else "string"}" '
            'nillable="true" minOccurs="0"/>'
            for each in arguments
        )
        elements += (
            f'<xs:element name="{name}"><xs:complexType><xs:sequence>{fields}</xs:sequence></xs:complexType>'
            f'</xs:element><xs:element name="{name}Response"><xs:complexType><xs:sequence>'
            f'<xs:element name="{name}Result" type="xs:anyType" nillable="true" minOccurs="0"/>'
            "</xs:sequence></xs:complexType></xs:element>"
        )
        for message, element in ((f"{name}In", name), (f"{name}Out", f"{name}Response")):
            messages += f'<wsdl:message name="{message}"><wsdl:part name="parameters" element="t:{element}"/></wsdl:message>'
        operations += (
            f'<wsdl:operation name="{name}"><wsdl:input message="t:{name}In"/>'
            f'<wsdl:output message="t:{name}Out"/></wsdl:operation>'
        )
        bound += (
            f'<wsdl:operation name="{name}"><soap12:operation soapAction="{_ACTION}{name}" style="document"/>'
            '<wsdl:input><soap12:body use="literal"/></wsdl:input>'
            '<wsdl:output><soap12:body use="literal"/></wsdl:output></wsdl:operation>'
        )
    text = (
        f'<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:t="{WCF}" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" '
        f'name="WcfDianCustomerServices" targetNamespace="{WCF}"><wsdl:types>'
        f'<xs:schema targetNamespace="{WCF}" elementFormDefault="qualified">{elements}</xs:schema></wsdl:types>'
        f'{messages}<wsdl:portType name="IWcfDianCustomerServices">{operations}</wsdl:portType>'
        '<wsdl:binding name="WSHttpBinding_IWcfDianCustomerServices" type="t:IWcfDianCustomerServices">'
        f'<soap12:binding transport="http://schemas.xmlsoap.org/soap/http"/>{bound}</wsdl:binding>'
        '<wsdl:service name="WcfDianCustomerServices"><wsdl:port name="WSHttpBinding_IWcfDianCustomerServices" '
        f'binding="t:WSHttpBinding_IWcfDianCustomerServices"><soap12:address location="{address}"/></wsdl:port>'
        "</wsdl:service></wsdl:definitions>"
    )
    return Answer(200, text.encode(), {"Content-Type": "text/xml; charset=utf-8"}, "description")


def answer(operation: str, result: str, now: datetime) -> Answer:
    """The envelope of an answer; ``result`` is the ``…Result`` element with its own namespaces."""
    created, expires = (f"{t:%Y-%m-%dT%H:%M:%S.000Z}" for t in (now, now + timedelta(minutes=5)))
    text = (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:a="{WSA}" xmlns:u="{_NS["u"]}"><s:Header>'
        f'<a:Action s:mustUnderstand="1">{_ACTION}{operation}Response</a:Action>'
        f'<o:Security s:mustUnderstand="1" xmlns:o="{_NS["o"]}"><u:Timestamp u:Id="_0">'
        f"<u:Created>{created}</u:Created><u:Expires>{expires}</u:Expires></u:Timestamp></o:Security></s:Header>"
        f'<s:Body><{operation}Response xmlns="{WCF}">{result}</{operation}Response></s:Body></s:Envelope>'
    )
    return Answer(200, text.encode(), {"Content-Type": "application/soap+xml; charset=utf-8"}, operation)


def fault(status: int, code: str, subcode: str | None, reason: str, note: str = "") -> Answer:
    """A SOAP 1.2 fault; ``note``, for the log only, may say more than the reason."""
    inner = f"<s:Subcode><s:Value>{subcode}</s:Value></s:Subcode>" if subcode else ""
    text = (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:a="{WSA}"><s:Header>'
        f'<a:Action s:mustUnderstand="1">{WSA}/soap/fault</a:Action></s:Header><s:Body><s:Fault><s:Code>'
        f"<s:Value>s:{code}</s:Value>{inner}</s:Code>"
        f'<s:Reason><s:Text xml:lang="en-US">{escape(reason)}</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>'
    )
    return Answer(
        status, text.encode(), {"Content-Type": "application/soap+xml; charset=utf-8"}, note or reason
    )


def untrusted() -> Answer:
    """The live service's answer to a certificate that it does not trust."""
    return fault(
        500, "Client", None, "The creator of this fault did not specify a Reason.", "certificate not trusted"
    )


def insecure(note: str) -> Answer:
    """WCF's answer to any message whose security it cannot verify: it never says why."""
    return fault(
        500,
        "Sender",
        "a:InvalidSecurity",
        "An error occurred when verifying security for the message.",
        note,
    )


def _insecure(note: str) -> Refused:
    return Refused(insecure(note))


def utc_now() -> datetime:
    return datetime.now(UTC)
