"""Verifies a file's signature: each reference's digest, and the signature value.

It shares no code with the signer: it parses and canonicalises, and the signer does neither. What XAdES adds is in
``xades``. Source: XML Signature 1.0, core validation.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cauce.ubl.document import NAMESPACES
from cauce.verification import xades
from cauce.verification.algorithms import (
    Unsupported,
    algorithm,
    canonical,
    digest_name,
    digested,
    without_signature,
)
from cauce.verification.file import elements, rule, text
from cauce.verification.report import Check, Section, right, unknown, wrong

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from lxml.etree import _Element as Element

TITLE = "Firma"

_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_PROPERTIES = ".//xades:SignedProperties"
_METHODS = {
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": "SHA256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": "SHA384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": "SHA512",
}
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
    properties = signature.find(_PROPERTIES)
    if properties is not None:
        if certificate is not None:
            facts = tuple(xades.facts(properties, certificate))
            checks += xades.of_certificate(root, properties, certificate)
        checks += xades.of_policy(properties)
    checks.append(_NOT_CHECKED)
    return Section(TITLE, tuple(checks), facts)


def _references(signature: _Signature) -> Iterator[Check]:
    """Check each reference's digest, and that document, certificate and signed properties are all referenced.

    KeyInfo and SignedProperties must be this signature's own elements, not others of the same name.
    """
    wanted = {
        "el documento": signature.root,
        "el certificado": signature.find("ds:KeyInfo"),
        "las propiedades firmadas": signature.find(_PROPERTIES),
    }
    for reference in elements(signature.element, "ds:SignedInfo/ds:Reference"):
        uri = reference.get("URI", "")
        target = _target(signature.root, uri) if uri else signature.root
        if target is None:
            yield wrong(f"La referencia «{uri}» no señala exactamente un elemento.", "ZE02")
            continue
        what = next((name for name, part in wanted.items() if part is target), f"«{uri}»")
        wanted.pop(what, None)
        yield _reference(signature, reference, target if uri else None, what)
    for name in wanted:
        yield wrong(f"La firma no cubre {name}.", "ZE02")


def _reference(signature: _Signature, reference: "Element", target: "Element | None", what: str) -> Check:
    stated = "".join(text(reference, "ds:DigestValue").split())
    try:
        name = digest_name(reference)
        octets = _octets(signature, reference, target)
    except Unsupported as cause:
        return wrong(f"No se puede comprobar {what}: {cause}.", "ZE02")
    computed = digested(name, octets)
    if computed != stated:
        return wrong(f"Cambió después de firmarse: {what}.", "ZE02", expected=stated, found=computed)
    return right(f"Está como se firmó: {what}.")


def _octets(signature: _Signature, reference: "Element", target: "Element | None") -> bytes:
    """The bytes that a reference digests, after its transforms. Raises Unsupported."""
    transforms = elements(reference, "ds:Transforms/ds:Transform")
    others = [each for each in transforms if each.get("Algorithm") != _ENVELOPED]
    if len(others) > 1:
        raise Unsupported("más de una transformación")
    how = algorithm(others[0]) if others else algorithm(None)
    if target is not None:
        return canonical(target, how)
    # The signature itself is left out only where the reference has the enveloped transform.
    is_enveloped = len(others) < len(transforms)
    return canonical(without_signature(signature.xml) if is_enveloped else signature.root.getroottree(), how)


def _target(root: "Element", uri: str) -> "Element | None":
    """The one element with a ``#id``; ``None`` if several have it, a way to make a signature cover another."""
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
    method_element = signature.find("ds:SignedInfo/ds:SignatureMethod")
    method = method_element.get("Algorithm", "") if method_element is not None else ""
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
