"""What XAdES-EPES must say for DIAN beside the signature itself: who signed, when, and under which policy.

Sources: XAdES 1.3.2; Anexo Técnico 1.9, signature policy v2.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from cauce.domain.nit import check_digit, is_nit
from cauce.domain.time import BOGOTA, bogota
from cauce.ubl.document import NAMESPACES
from cauce.ubl.signature import POLICY, POLICY_DIGESTS
from cauce.verification.algorithms import Unsupported, digest_name, digested
from cauce.verification.file import text
from cauce.verification.report import Check, notice, right, wrong

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from lxml.etree import _Element as Element

_ROLES = {"supplier": "el emisor", "third party": "un proveedor tecnológico"}


def of_certificate(root: "Element", properties: "Element", certificate: "Certificate") -> Iterator[Check]:
    """Whether the certificate is the one XAdES names, was valid at signing, and is the issuer's or its provider's."""
    yield from _signed_certificate(properties, certificate)
    yield from _validity(properties, certificate)
    yield from _names(root, certificate)


def of_policy(properties: "Element") -> Iterator[Check]:
    """Whether it was signed under DIAN's policy, in a role that DIAN knows."""
    yield from _policy(properties)
    yield from _role(properties)


def _signed_certificate(properties: "Element", certificate: "Certificate") -> Iterator[Check]:
    """XAdES names the signer's certificate by digest and serial number, so that it cannot be replaced by another."""
    from cryptography.hazmat.primitives.serialization import Encoding

    cert = properties.find(".//xades:SigningCertificate/xades:Cert", NAMESPACES)
    if cert is None:
        yield wrong("XAdES no dice con qué certificado se firmó (SigningCertificate).", "ZE02")
        return
    digest = cert.find("xades:CertDigest", NAMESPACES)
    try:
        name = digest_name(digest) if digest is not None else "sha256"
    except Unsupported as cause:
        yield wrong(f"No se puede comprobar SigningCertificate: {cause}.", "ZE02")
        return
    computed = digested(name, certificate.public_bytes(Encoding.DER))
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


def _validity(properties: "Element", certificate: "Certificate") -> Iterator[Check]:
    signed_at = _signing_time(properties)
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
    """The NITs that may sign: the issuer's, and that of the owner of the software."""
    is_bought = text(root, "cbc:InvoiceTypeCode") == "05" or text(root, "cbc:CreditNoteTypeCode") == "95"
    side = "Customer" if is_bought else "Supplier"
    paths = (
        f"cac:Accounting{side}Party/cac:Party/cac:PartyTaxScheme/cbc:CompanyID",
        "cac:SenderParty/cac:PartyTaxScheme/cbc:CompanyID",
        ".//{*}SoftwareProvider/{*}ProviderID",
    )
    return set(filter(is_nit, (text(root, path) for path in paths)))


def _policy(properties: "Element") -> Iterator[Check]:
    path = ".//xades:SignaturePolicyIdentifier/xades:SignaturePolicyId"
    policy = properties.find(path, NAMESPACES)
    if policy is None:
        yield wrong("La firma no declara la política de firma de la DIAN.", "ZE02")
        return
    stated = text(policy, "xades:SigPolicyHash/ds:DigestValue")
    digest = policy.find("xades:SigPolicyHash", NAMESPACES)
    try:
        name = digest_name(digest) if digest is not None else "sha256"
    except Unsupported:
        name = "sha256"
    if stated != POLICY_DIGESTS[name]:
        yield wrong(
            "El resumen de la política de firma no es el de la política de la DIAN.",
            "ZE02",
            expected=POLICY_DIGESTS[name],
            found=stated or "nada",
        )
        return
    identifier = text(policy, "xades:SigPolicyId/xades:Identifier")
    if identifier != POLICY:
        yield notice(
            "La dirección de la política de firma no es la vigente.", expected=POLICY, found=identifier
        )
    else:
        yield right("Declara la política de firma v2 de la DIAN.")


def _role(properties: "Element") -> Iterator[Check]:
    role = text(properties, ".//xades:SignerRole/xades:ClaimedRoles/xades:ClaimedRole")
    if role not in _ROLES:
        yield notice(
            "El rol de quien firma no es de los que la DIAN conoce.",
            expected=" o ".join(_ROLES),
            found=role or "nada",
        )


def facts(properties: "Element", certificate: "Certificate") -> Iterator[tuple[str, str]]:
    yield "certificado de", _name(certificate.subject)
    yield "expedido por", _name(certificate.issuer)
    since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    yield "vigente", f"{bogota(since):%Y-%m-%d} a {bogota(until):%Y-%m-%d}"
    signed_at = _signing_time(properties)
    if signed_at is not None:
        role = _ROLES.get(text(properties, ".//xades:ClaimedRole"))
        yield "firmado", f"{bogota(signed_at):%Y-%m-%d %H:%M:%S}{f', por {role}' if role else ''}"


def _name(name: object) -> str:
    """The organisation in a certificate's name, or its common name, or else the whole name."""
    from cryptography.x509 import Name, NameOID

    assert isinstance(name, Name)
    for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        found = name.get_attributes_for_oid(oid)
        if found:
            return str(found[0].value)
    return name.rfc4514_string()


def _signing_time(properties: "Element") -> datetime | None:
    try:
        found = datetime.fromisoformat(text(properties, ".//xades:SigningTime"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=BOGOTA)
