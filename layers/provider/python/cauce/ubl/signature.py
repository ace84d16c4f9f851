"""XAdES-EPES as DIAN's signature policy v2 asks for it, made without parsing or canonicalising anything.

A document's bytes are already canonical (``canonical``), so each digest is taken of what is about to be
written. Three parts are signed: the document without the signature, the certificate, and the signed properties.
The last two, and what the key signs, are taken as they stand in the document, with every namespace of its root.

Source: Anexo Técnico 1.9, section on the signature, and the policy itself; checked with signxml and libxmlsec1.
"""

import base64
import hashlib
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from cauce.domain.time import bogota
from cauce.ubl.canonical import Unsigned, octets, text
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


# What does not change between documents is written once for each certificate and each kind of root.
_kept = lru_cache(maxsize=256)


def signed(
    document: Unsigned, certificate: Certificate, signing_time: datetime, role: Role = Role.SUPPLIER
) -> bytes:
    """The document with its signature in its place, as a file to send.

    The document's namespaces must include NAMESPACES. One RSA operation; the same arguments give the same bytes.
    """
    before, after, context = octets(document.before), octets(document.after), document.namespaces
    key_info, key_info_digest = _key_info(certificate.base64, context)
    properties = (
        "<xades:SignedSignatureProperties>"
        f"<xades:SigningTime>{bogota(signing_time).isoformat()}</xades:SigningTime>"
        f"{_signer(certificate.chain, role)}"
        "</xades:SignedSignatureProperties>"
        "</xades:SignedProperties>"
    )
    signed_info = (
        f'<ds:CanonicalizationMethod Algorithm="{_C14N}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{_RSA_SHA256}"></ds:SignatureMethod>'
        f'<ds:Reference Id="{_ID}-ref0" URI="">'
        f'<ds:Transforms><ds:Transform Algorithm="{_ENVELOPED}"></ds:Transform></ds:Transforms>'
        f"{_digest_elements(_digest(before, after))}"
        "</ds:Reference>"
        f'<ds:Reference URI="#{_ID}-keyinfo">{_digest_elements(key_info_digest)}</ds:Reference>'
        f'<ds:Reference Type="{_PROPERTIES}" URI="#{_ID}-signedprops">'
        f"{_digest_elements(_digest(octets(_properties_tag(context) + properties)))}"
        "</ds:Reference>"
        "</ds:SignedInfo>"
    )
    value = base64.b64encode(certificate.sign(octets(f"<ds:SignedInfo{context}>{signed_info}"))).decode()
    signature = (
        f'<ds:Signature Id="{_ID}">'
        f"<ds:SignedInfo>{signed_info}"
        f'<ds:SignatureValue Id="{_ID}-sigvalue">{value}</ds:SignatureValue>'
        f"<ds:KeyInfo{key_info}"
        f'<ds:Object><xades:QualifyingProperties Target="#{_ID}">'
        f"{_properties_tag()}{properties}"
        "</xades:QualifyingProperties></ds:Object>"
        "</ds:Signature>"
    )
    return b"".join((DECLARATION, before, octets(signature), after))


@_kept
def _key_info(certificate: str, context: str) -> tuple[str, str]:
    """KeyInfo, after its name, and its digest. DIAN reads only its first entry, so the signer's is the only one."""
    key_info = (
        f' Id="{_ID}-keyinfo">'
        f"<ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data>"
        "</ds:KeyInfo>"
    )
    return key_info, _digest(octets(f"<ds:KeyInfo{context}{key_info}"))


def _properties_tag(context: str = "") -> str:
    return f'<xades:SignedProperties{context} Id="{_ID}-signedprops">'


@_kept
def _signer(chain: tuple[Link, ...], role: Role) -> str:
    """The signed properties but for the time: the certificates, the policy and the role."""
    return (
        f"<xades:SigningCertificate>{''.join(map(_cert, chain))}</xades:SigningCertificate>"
        "<xades:SignaturePolicyIdentifier><xades:SignaturePolicyId>"
        "<xades:SigPolicyId>"
        f"<xades:Identifier>{POLICY}</xades:Identifier>"
        f"<xades:Description>{text(_POLICY_DESCRIPTION)}</xades:Description>"
        "</xades:SigPolicyId>"
        f"<xades:SigPolicyHash>{_digest_elements(POLICY_DIGESTS['sha256'])}</xades:SigPolicyHash>"
        "</xades:SignaturePolicyId></xades:SignaturePolicyIdentifier>"
        "<xades:SignerRole><xades:ClaimedRoles>"
        f"<xades:ClaimedRole>{role.value}</xades:ClaimedRole>"
        "</xades:ClaimedRoles></xades:SignerRole>"
    )


def _cert(link: Link) -> str:
    return (
        "<xades:Cert>"
        f"<xades:CertDigest>{_digest_elements(link.digest)}</xades:CertDigest>"
        "<xades:IssuerSerial>"
        f"<ds:X509IssuerName>{text(link.issuer)}</ds:X509IssuerName>"
        f"<ds:X509SerialNumber>{link.serial}</ds:X509SerialNumber>"
        "</xades:IssuerSerial>"
        "</xades:Cert>"
    )


def _digest_elements(digest: str) -> str:
    return (
        f'<ds:DigestMethod Algorithm="{_SHA256}"></ds:DigestMethod><ds:DigestValue>{digest}</ds:DigestValue>'
    )


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return base64.b64encode(digest.digest()).decode()
