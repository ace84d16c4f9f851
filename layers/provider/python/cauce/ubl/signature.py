"""XAdES-EPES as DIAN's signature policy v2 asks for it, made without parsing or canonicalising anything.

A document's bytes are already canonical (``canonical``), so each digest is taken of what is about to be
written. Three parts are signed: the document without the signature, the certificate, and the signed properties.
The last two are digested as they stand in the document, with every namespace of its root.

Source: Anexo Técnico 1.9, section on the signature, and the policy itself; checked with signxml and libxmlsec1.
"""

import base64
import hashlib
from datetime import datetime
from enum import StrEnum

from cauce.domain.time import bogota
from cauce.ubl.canonical import Element, Tree, around, declarations, fragment, group, leaf
from cauce.ubl.certificate import Certificate, Link

# The first line of every official example; it is not among the bytes that are signed.
DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'

NAMESPACES = {
    # DIAN looks for these very prefixes in the text.
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xades": "http://uri.etsi.org/01903/v1.3.2#",
}
"""The namespaces that a document to be signed declares on its root for its signature."""

_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"

POLICY = "https://facturaelectronica.dian.gov.co/politicadefirma/v2/politicadefirmav2.pdf"
_POLICY_DESCRIPTION = "Política de firma para facturas electrónicas de la República de Colombia"
POLICY_DIGESTS = {
    "sha256": "dMoMvtcG5aIzgYo0tIsSQeVJBDnUnfSOfBpxXrmor0Y=",
    "sha384": "EQC0kiWPaAME6IsEZ7WuaTWJ97Zmf6hIO69rMCVURmQxBB9ebgLrjhL5BArQ0a0l",
    "sha512": "Zcjw1Z9nGQn2j6NyGx8kAaLbOfJGd/fJxRTCeirlqAg7zRG27piJkJOpflGu7XACpMj9hC6dVMcCyzqHxxPZeQ==",
}
"""Of the policy's PDF, 1 272 898 bytes."""

# A document has one signature, so the ids of the signature's parts may be the same in every document.
_ID = "xmldsig-cauce"


class Role(StrEnum):
    """Who signs: the issuer itself, or a technology provider for it."""

    SUPPLIER = "supplier"
    THIRD_PARTY = "third party"


def signed(tree: Tree, certificate: Certificate, signing_time: datetime, role: Role = Role.SUPPLIER) -> bytes:
    """The document with its signature in its hole, as a file to send.

    The tree's namespaces must include NAMESPACES. One RSA operation; the same arguments give the same bytes. Raises
    canonical.Unwritable.
    """
    context = declarations(tree.namespaces)
    before, after = around(tree.root, context)
    key_info = _key_info(certificate)
    properties = _signed_properties(certificate, signing_time, role)
    signed_info = _signed_info(
        document=_digest(before, after),
        key_info=_digest(fragment(key_info, context).encode()),
        properties=_digest(fragment(properties, context).encode()),
    )
    value = certificate.sign(fragment(signed_info, context).encode())
    signature = group(
        "ds:Signature",
        signed_info,
        leaf("ds:SignatureValue", base64.b64encode(value).decode(), Id=f"{_ID}-sigvalue"),
        key_info,
        group("ds:Object", group("xades:QualifyingProperties", properties, Target=f"#{_ID}")),
        Id=_ID,
    )
    return b"".join((DECLARATION, before, fragment(signature).encode(), after))


def _signed_info(*, document: str, key_info: str, properties: str) -> Element:
    return group(
        "ds:SignedInfo",
        leaf("ds:CanonicalizationMethod", "", Algorithm=_C14N),
        leaf("ds:SignatureMethod", "", Algorithm=_RSA_SHA256),
        group(
            "ds:Reference",
            group("ds:Transforms", leaf("ds:Transform", "", Algorithm=_ENVELOPED)),
            *_digest_elements(document),
            Id=f"{_ID}-ref0",
            URI="",
        ),
        group("ds:Reference", *_digest_elements(key_info), URI=f"#{_ID}-keyinfo"),
        group("ds:Reference", *_digest_elements(properties), Type=_PROPERTIES, URI=f"#{_ID}-signedprops"),
    )


def _key_info(certificate: Certificate) -> Element:
    # DIAN reads only the first entry, so the signer's is the only one.
    entry = group("ds:X509Data", leaf("ds:X509Certificate", certificate.base64))
    return group("ds:KeyInfo", entry, Id=f"{_ID}-keyinfo")


def _signed_properties(certificate: Certificate, signing_time: datetime, role: Role) -> Element:
    return group(
        "xades:SignedProperties",
        group(
            "xades:SignedSignatureProperties",
            leaf("xades:SigningTime", f"{bogota(signing_time):%Y-%m-%dT%H:%M:%S}-05:00"),
            group("xades:SigningCertificate", *map(_cert, certificate.chain)),
            _policy(),
            group("xades:SignerRole", group("xades:ClaimedRoles", leaf("xades:ClaimedRole", role.value))),
        ),
        Id=f"{_ID}-signedprops",
    )


def _policy() -> Element:
    identifier = group(
        "xades:SigPolicyId",
        leaf("xades:Identifier", POLICY),
        leaf("xades:Description", _POLICY_DESCRIPTION),
    )
    digest = group("xades:SigPolicyHash", *_digest_elements(POLICY_DIGESTS["sha256"]))
    return group("xades:SignaturePolicyIdentifier", group("xades:SignaturePolicyId", identifier, digest))


def _cert(link: Link) -> Element:
    serial = group(
        "xades:IssuerSerial",
        leaf("ds:X509IssuerName", link.issuer),
        leaf("ds:X509SerialNumber", link.serial),
    )
    return group("xades:Cert", group("xades:CertDigest", *_digest_elements(link.digest)), serial)


def _digest_elements(digest: str) -> tuple[Element, Element]:
    return leaf("ds:DigestMethod", "", Algorithm=_SHA256), leaf("ds:DigestValue", digest)


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return base64.b64encode(digest.digest()).decode()
