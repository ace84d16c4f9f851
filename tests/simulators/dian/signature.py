"""The document's XAdES-EPES signature: signxml verifies it, and this module checks the rest of the policy.

Source: the signature policy v2 and Anexo Técnico 1.9; rules ZE02, ZD04 to ZD07, FAD09e, DC24.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import signxml
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.exceptions import SignXMLException

from tests.simulators.dian.document import NS, Document
from tests.simulators.dian.findings import Finding
from tests.simulators.dian.pki import Authority, nit_of

_POLICY = "https://facturaelectronica.dian.gov.co/politicadefirma/v2/politicadefirmav2.pdf"
_POLICY_DIGESTS = frozenset(
    {
        "dMoMvtcG5aIzgYo0tIsSQeVJBDnUnfSOfBpxXrmor0Y=",
        "EQC0kiWPaAME6IsEZ7WuaTWJ97Zmf6hIO69rMCVURmQxBB9ebgLrjhL5BArQ0a0l",
        "Zcjw1Z9nGQn2j6NyGx8kAaLbOfJGd/fJxRTCeirlqAg7zRG27piJkJOpflGu7XACpMj9hC6dVMcCyzqHxxPZeQ==",
    }
)
_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
_MOST_CERTIFICATES = 3
_SKEW = timedelta(minutes=5)
_M, _D = signxml.SignatureMethod, signxml.DigestAlgorithm
_CONFIG = signxml.SignatureConfiguration(
    location=f"./{{{NS['ext']}}}UBLExtensions/{{{NS['ext']}}}UBLExtension/{{{NS['ext']}}}ExtensionContent/",
    expect_references=3,
    signature_methods=frozenset({_M.RSA_SHA256, _M.RSA_SHA384, _M.RSA_SHA512}),
    digest_algorithms=frozenset({_D.SHA256, _D.SHA384, _D.SHA512}),
    default_reference_c14n_method=signxml.CanonicalizationMethod.CANONICAL_XML_1_0,
)


def check(document: Document, authority: Authority, sender: str, now: datetime) -> Iterator[Finding]:
    letters = document.family.letters
    signatures = document.all("//ds:Signature")
    if (
        len(signatures) != 1
        or len(document.all("ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/ds:Signature")) != 1
    ):
        yield Finding(f"{letters}AC03", "Debe haber exactamente una firma, en su extensión")
        return
    if b"<ds:Signature " not in document.content and b"<ds:Signature>" not in document.content:
        # DIAN's verifier searches the text for the prefix «ds».
        yield Finding("ZE02", "Valor de la firma inválido.")
        return
    certificate = certificate_of(document)
    if certificate is None:
        yield Finding("ZD06", "No se encuentra el certificado en KeyInfo.")
        return
    if not verifies(document, certificate):
        yield Finding("ZE02", "Valor de la firma inválido.")
        return
    yield from _trust(certificate, authority, sender, now)
    yield from _properties(document, certificate, now)


def certificate_of(document: Document) -> x509.Certificate | None:
    """The certificate in the first element of KeyInfo, the only one that DIAN's verifier reads."""
    text = document.text("//ds:Signature/ds:KeyInfo/*[1][self::ds:X509Data]/ds:X509Certificate[1]")
    try:
        return x509.load_der_x509_certificate(base64.b64decode("".join(text.split())))
    except (binascii.Error, ValueError):
        return None


def verifies(document: Document, certificate: x509.Certificate) -> bool:
    """Whether the signature verifies and has exactly the three references that the policy asks for."""
    info = "//ds:Signature/ds:SignedInfo"
    key_info = document.text("//ds:Signature/ds:KeyInfo/@Id")
    properties = document.text("//xades:SignedProperties/@Id")
    references = [(r.get("URI"), r.get("Type")) for r in document.all(f"{info}/ds:Reference")]
    wanted = [("", None), (f"#{key_info}", None), (f"#{properties}", _PROPERTIES)]
    transforms = [
        t.get("Algorithm") for t in document.all(f"{info}/ds:Reference[1]/ds:Transforms/ds:Transform")
    ]
    if references != wanted or transforms != ["http://www.w3.org/2000/09/xmldsig#enveloped-signature"]:
        return False
    if document.text(f"{info}/ds:CanonicalizationMethod/@Algorithm") != _C14N:
        return False
    # As of a day when the certificate was valid: another rule checks its dates.
    config = replace(_CONFIG, verification_time=certificate.not_valid_before_utc)
    try:
        signxml.XMLVerifier().verify(document.content, x509_cert=certificate, expect_config=config)
    except (SignXMLException, etree.DocumentInvalid, ValueError):
        return False
    return True


def _trust(
    certificate: x509.Certificate, authority: Authority, sender: str, now: datetime
) -> Iterator[Finding]:
    if not authority.trusts(certificate):
        yield Finding("ZD05", "Cadena de confianza del certificado digital no es válida.")
    if certificate.serial_number in authority.revoked:
        yield Finding("ZD04", "Certificado revocado.")
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        yield Finding("ZD07", "Certificado aún no se encuentra vigente o está vencido.")
    if nit_of(certificate) != sender:
        yield Finding("ZD05", f"El certificado no es de quien envía, {sender}.")


def _properties(document: Document, certificate: x509.Certificate, now: datetime) -> Iterator[Finding]:
    base = "//xades:QualifyingProperties/xades:SignedProperties/xades:SignedSignatureProperties"
    if document.text("//xades:QualifyingProperties/@Target") != "#" + document.text("//ds:Signature/@Id"):
        yield Finding("ZE02", "QualifyingProperties no señala la firma.")
    policy = f"{base}/xades:SignaturePolicyIdentifier/xades:SignaturePolicyId"
    digest = document.text(f"{policy}/xades:SigPolicyHash/ds:DigestValue")
    if (
        document.text(f"{policy}/xades:SigPolicyId/xades:Identifier") != _POLICY
        or digest not in _POLICY_DIGESTS
    ):
        yield Finding("ZE02", "Política de firma inválida.")
    if document.text(f"{base}/xades:SignerRole/xades:ClaimedRoles/xades:ClaimedRole") not in (
        "supplier",
        "third party",
    ):
        yield Finding("DC56", "Rol del firmante inválido.")
    entries = document.all(f"{base}/xades:SigningCertificate/xades:Cert")
    if not 1 <= len(entries) <= _MOST_CERTIFICATES or not _is_of(document, entries[0], certificate):
        yield Finding("ZE02", "SigningCertificate no describe el certificado del firmante.")
    yield from _signing_time(document, now)


def _is_of(document: Document, entry: etree._Element, certificate: x509.Certificate) -> bool:
    algorithm = document.text("xades:CertDigest/ds:DigestMethod/@Algorithm", entry).rpartition("#")[2]
    if algorithm not in ("sha256", "sha384", "sha512"):
        return False
    digest = hashlib.new(algorithm, certificate.public_bytes(Encoding.DER)).digest()
    return (
        document.text("xades:CertDigest/ds:DigestValue", entry) == base64.b64encode(digest).decode()
        and document.text("xades:IssuerSerial/ds:X509SerialNumber", entry) == str(certificate.serial_number)
        and document.text("xades:IssuerSerial/ds:X509IssuerName", entry)
        == certificate.issuer.rfc4514_string()
    )


def _signing_time(document: Document, now: datetime) -> Iterator[Finding]:
    # The first SigningTime in the text counts, wherever it stands.
    text = document.text("//xades:SigningTime")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or moment > now + _SKEW:
        yield Finding("DC24", "Fecha y hora de la firma inválida.")
    elif moment.date() != document.issue_date:
        yield Finding(
            f"{document.family.letters}AD09e", "La fecha de emisión es diferente de la fecha de la firma."
        )
