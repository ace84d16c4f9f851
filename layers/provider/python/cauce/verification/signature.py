"""Whether a file's signature holds: each reference, the value, and what XAdES-EPES must say for DIAN.

A core verifier of its own, not the emitter's code: it parses and canonicalises, where the emitter does neither.
Sources: XML Signature 1.0, core validation; XAdES 1.3.2; Anexo Técnico 1.9, signature policy v2.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cauce.domain.nit import check_digit
from cauce.domain.time import BOGOTA, bogota
from cauce.verification.canonicalization import Unsupported, algorithm, canonical, without_signature
from cauce.verification.file import NAMESPACES, elements, local, rule, text
from cauce.verification.report import Check, Section, notice, right, unknown, wrong

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from lxml.etree import _Element as Element

TITLE = "Firma"

_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
_METHODS = {
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": "SHA256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": "SHA384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": "SHA512",
}
_POLICY = "https://facturaelectronica.dian.gov.co/politicadefirma/v2/politicadefirmav2.pdf"
# Of the policy's PDF, 1 272 898 bytes.
_POLICY_DIGESTS = {
    "sha256": "dMoMvtcG5aIzgYo0tIsSQeVJBDnUnfSOfBpxXrmor0Y=",
    "sha384": "EQC0kiWPaAME6IsEZ7WuaTWJ97Zmf6hIO69rMCVURmQxBB9ebgLrjhL5BArQ0a0l",
    "sha512": "Zcjw1Z9nGQn2j6NyGx8kAaLbOfJGd/fJxRTCeirlqAg7zRG27piJkJOpflGu7XACpMj9hC6dVMcCyzqHxxPZeQ==",
}
_ROLES = {"supplier": "el emisor", "third party": "un proveedor tecnológico"}

_NOT_CHECKED = unknown(
    "La confianza en el certificado no se verifica: la cadena hasta una autoridad acreditada y su revocación "
    "necesitan las raíces y la red (ZD04, ZD05)."
)


@dataclass(frozen=True)
class _Signature:
    """A signature and the file it is in."""

    xml: bytes
    root: "Element"
    element: "Element"

    def find(self, path: str) -> "Element | None":
        return self.element.find(path, NAMESPACES)

    def text(self, path: str) -> str:
        return text(self.element, path)


def check(xml: bytes, root: "Element") -> Section:
    """The section about the signature of a file; ``root`` is the file parsed."""
    found = elements(root, ".//ds:Signature")
    if not found:
        return Section(TITLE, (wrong("El archivo no está firmado.", rule(root, "C03")),))
    if len(found) > 1:
        return Section(
            TITLE, (wrong(f"El archivo trae {len(found)} firmas; la DIAN admite una.", rule(root, "C03")),)
        )
    signature = _Signature(xml, root, found[0])
    certificate = _certificate(signature)
    checks = [*_references(signature), *_value(signature, certificate)]
    facts: tuple[tuple[str, str], ...] = ()
    if certificate is not None:
        facts = tuple(_facts(signature, certificate))
        checks += [*_signed_certificate(signature, certificate), *_validity(signature, certificate)]
        checks += _names(root, certificate)
    checks += [*_policy(signature), *_role(signature), _NOT_CHECKED]
    return Section(TITLE, tuple(checks), facts)


def _references(signature: _Signature) -> Iterator[Check]:
    """Each reference's digest, and that the three things are signed which DIAN asks for."""
    missing = {
        "": "el documento",
        "KeyInfo": "el certificado",
        "SignedProperties": "las propiedades firmadas",
    }
    names = dict(missing)
    for reference in elements(signature.element, "ds:SignedInfo/ds:Reference"):
        uri = reference.get("URI", "")
        target = _target(signature.root, uri)
        if uri and target is None:
            yield wrong(f"La referencia «{uri}» no señala exactamente un elemento.", "ZE02")
            continue
        what = local(target) if target is not None else ""
        missing.pop(what, None)
        yield _reference(signature, reference, target, names.get(what, f"«{what}»"))
    for name in missing.values():
        yield wrong(f"La firma no cubre {name}.", "ZE02")


def _reference(signature: _Signature, reference: "Element", target: "Element | None", what: str) -> Check:
    stated = "".join(text(reference, "ds:DigestValue").split())
    try:
        name = _digest_name(reference)
        octets = _octets(signature, reference, target)
    except Unsupported as cause:
        return wrong(f"No se puede comprobar {what}: {cause}.", "ZE02")
    computed = base64.b64encode(hashlib.new(name, octets).digest()).decode()
    if computed != stated:
        return wrong(f"Cambió después de firmarse: {what}.", "ZE02", expected=stated, found=computed)
    return right(f"Está como se firmó: {what}.")


def _octets(signature: _Signature, reference: "Element", target: "Element | None") -> bytes:
    """What a reference digests, after its transforms."""
    transforms = elements(reference, "ds:Transforms/ds:Transform")
    others = [each for each in transforms if each.get("Algorithm") != _ENVELOPED]
    if len(others) > 1:
        raise Unsupported("más de una transformación")
    how = algorithm(others[0]) if others else algorithm(None)
    if target is None:
        # Its own signature is left out only where the reference says so.
        whole = (
            without_signature(signature.xml)
            if len(others) < len(transforms)
            else signature.root.getroottree()
        )
        return canonical(whole, how)
    return canonical(target, how)


def _target(root: "Element", uri: str) -> "Element | None":
    """The one element that ``#id`` points at; two of them are how a signature is made to cover another part."""
    if not uri.startswith("#"):
        return None
    wanted = uri[1:]
    found = [each for each in root.iter() if wanted in (each.get("Id"), each.get("ID"), each.get("id"))]
    return found[0] if len(found) == 1 else None


def _value(signature: _Signature, certificate: "Certificate | None") -> Iterator[Check]:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    if certificate is None:
        yield wrong("La firma no trae un certificado X.509 que se pueda leer.", "ZD06")
        return
    key = certificate.public_key()
    method = _attribute(signature.find("ds:SignedInfo/ds:SignatureMethod"))
    if method not in _METHODS or not isinstance(key, RSAPublicKey):
        yield wrong(f"La DIAN no admite el método de firma «{method}».", "ZE02")
        return
    signed_info = signature.find("ds:SignedInfo")
    assert signed_info is not None
    try:
        octets = canonical(signed_info, algorithm(signature.find("ds:SignedInfo/ds:CanonicalizationMethod")))
        value = base64.b64decode("".join(signature.text("ds:SignatureValue").split()), validate=True)
        key.verify(value, octets, PKCS1v15(), getattr(hashes, _METHODS[method])())
    except Unsupported as cause:
        yield wrong(f"No se puede comprobar el valor de la firma: {cause}.", "ZE02")
    except (InvalidSignature, ValueError):
        yield wrong(
            "El valor de la firma no es del certificado que trae, o SignedInfo cambió después.", "ZE02"
        )
    else:
        yield right("El valor de la firma es del certificado que trae.")


def _certificate(signature: _Signature) -> "Certificate | None":
    """The first certificate of KeyInfo, which is the only one that DIAN looks at."""
    from cryptography.x509 import load_der_x509_certificate

    try:
        der = base64.b64decode(signature.text("ds:KeyInfo/ds:X509Data/ds:X509Certificate"))
        return load_der_x509_certificate(der)
    except ValueError:
        return None


def _signed_certificate(signature: _Signature, certificate: "Certificate") -> Iterator[Check]:
    """XAdES names the signer's certificate by digest and serial number, so that no other can take its place."""
    from cryptography.hazmat.primitives.serialization import Encoding

    cert = signature.find(".//xades:SigningCertificate/xades:Cert")
    if cert is None:
        yield wrong("XAdES no dice con qué certificado se firmó (SigningCertificate).", "ZE02")
        return
    digest = cert.find("xades:CertDigest", NAMESPACES)
    try:
        name = _digest_name(digest) if digest is not None else "sha256"
    except Unsupported as cause:
        yield wrong(f"No se puede comprobar SigningCertificate: {cause}.", "ZE02")
        return
    computed = base64.b64encode(hashlib.new(name, certificate.public_bytes(Encoding.DER)).digest()).decode()
    stated = "".join(text(cert, "xades:CertDigest/ds:DigestValue").split())
    serial = text(cert, "xades:IssuerSerial/ds:X509SerialNumber")
    if stated != computed:
        yield wrong("SigningCertificate nombra otro certificado.", "ZE02", expected=computed, found=stated)
    elif serial != str(certificate.serial_number):
        yield notice(
            "El número de serie de SigningCertificate no es el del certificado.",
            expected=str(certificate.serial_number),
            found=serial or "nada",
        )
    else:
        yield right("SigningCertificate nombra ese certificado.")


def _validity(signature: _Signature, certificate: "Certificate") -> Iterator[Check]:
    signed_at = _signing_time(signature)
    if signed_at is None:
        yield wrong("SigningTime falta o no es una fecha con hora.", "DC24")
        return
    if certificate.not_valid_before_utc <= signed_at <= certificate.not_valid_after_utc:
        yield right("El certificado estaba vigente cuando dice que se firmó.")
    else:
        yield wrong("El certificado no estaba vigente cuando dice que se firmó.", "ZD07")


def _names(root: "Element", certificate: "Certificate") -> Iterator[Check]:
    """DIAN refuses (89) a sender whose NIT the certificate does not name; a provider signs with its own."""
    nits = _signers(root)
    if not nits:
        return
    wanted = {digits for nit in nits for digits in (nit, nit + check_digit(nit))}
    values = {re.sub("[^0-9]", "", str(attribute.value)) for attribute in certificate.subject}
    if wanted & values:
        yield right("El certificado nombra el NIT de quien emite o de su proveedor.")
    else:
        yield notice("El certificado no nombra el NIT de quien emite.", expected=" o ".join(sorted(nits)))


def _signers(root: "Element") -> set[str]:
    """The NITs that may sign: whoever issues, and the owner of the software."""
    side = "Customer" if text(root, "cbc:InvoiceTypeCode") == "05" or _is_adjustment(root) else "Supplier"
    paths = (
        f"cac:Accounting{side}Party/cac:Party/cac:PartyTaxScheme/cbc:CompanyID",
        "cac:SenderParty/cac:PartyTaxScheme/cbc:CompanyID",
        ".//{*}SoftwareProvider/{*}ProviderID",
    )
    found = {text(root, path) for path in paths}
    return {nit for nit in found if nit.isascii() and nit.isdigit() and len(nit) <= 15}


def _is_adjustment(root: "Element") -> bool:
    return text(root, "cbc:CreditNoteTypeCode") == "95"


def _policy(signature: _Signature) -> Iterator[Check]:
    path = ".//xades:SignaturePolicyIdentifier/xades:SignaturePolicyId"
    policy = signature.find(path)
    if policy is None:
        yield wrong("La firma no declara la política de firma de la DIAN.", "ZE02")
        return
    stated = text(policy, "xades:SigPolicyHash/ds:DigestValue")
    digest = policy.find("xades:SigPolicyHash", NAMESPACES)
    try:
        name = _digest_name(digest) if digest is not None else "sha256"
    except Unsupported:
        name = "sha256"
    if stated != _POLICY_DIGESTS[name]:
        yield wrong(
            "El resumen de la política de firma no es el de la política de la DIAN.",
            "ZE02",
            expected=_POLICY_DIGESTS[name],
            found=stated or "nada",
        )
        return
    identifier = text(policy, "xades:SigPolicyId/xades:Identifier")
    if identifier != _POLICY:
        yield notice(
            "La dirección de la política de firma no es la vigente.", expected=_POLICY, found=identifier
        )
    else:
        yield right("Declara la política de firma v2 de la DIAN.")


def _role(signature: _Signature) -> Iterator[Check]:
    role = signature.text(".//xades:SignerRole/xades:ClaimedRoles/xades:ClaimedRole")
    if role not in _ROLES:
        yield notice(
            "El rol de quien firma no es de los que la DIAN conoce.",
            expected=" o ".join(_ROLES),
            found=role or "nada",
        )


def _facts(signature: _Signature, certificate: "Certificate") -> Iterator[tuple[str, str]]:
    yield "certificado de", _name(certificate.subject)
    yield "expedido por", _name(certificate.issuer)
    since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    yield "vigente", f"{bogota(since):%Y-%m-%d} a {bogota(until):%Y-%m-%d}"
    signed_at = _signing_time(signature)
    if signed_at is not None:
        role = _ROLES.get(signature.text(".//xades:ClaimedRole"))
        yield "firmado", f"{bogota(signed_at):%Y-%m-%d %H:%M:%S}{f', por {role}' if role else ''}"


def _name(name: object) -> str:
    """Whom a certificate's name is of, without all the rest that it says."""
    from cryptography.x509 import Name, NameOID

    assert isinstance(name, Name)
    for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        found = name.get_attributes_for_oid(oid)
        if found:
            return str(found[0].value)
    return name.rfc4514_string()


def _signing_time(signature: _Signature) -> datetime | None:
    try:
        found = datetime.fromisoformat(signature.text(".//xades:SigningTime"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=BOGOTA)


def _digest_name(parent: "Element") -> str:
    method = _attribute(parent.find("ds:DigestMethod", NAMESPACES))
    if method not in _DIGESTS:
        raise Unsupported(f"la DIAN no admite el resumen «{method}»")
    return _DIGESTS[method]


def _attribute(element: "Element | None") -> str:
    return element.get("Algorithm", "") if element is not None else ""
