"""The issuer's signing certificate: examined once, when an operator enrols it; loaded in microseconds after.

A PKCS#12 file is slow to open, and may hold a certificate that DIAN would refuse. So ``enrolled`` examines the file
and returns what is kept in Secrets Manager: PEM of the private key and of the certificates, the signer's first.
"""

import base64
import hashlib
import re
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, NamedTuple

from pydantic import SecretStr

from cauce.domain import nit as nits
from cauce.domain.errors import CredentialsRejected, CredentialsUnusable
from cauce.domain.time import bogota

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509 import Certificate as X509

LEAST_RSA_BITS = 2048
# Signer, subordinate CA and root: no more are allowed (annex 1.9, signature policy).
_MOST_CERTIFICATES = 3


class Link(NamedTuple):
    """A certificate of the chain as XAdES mentions it: SHA-256 of its DER in base64, issuer (RFC 4514), serial."""

    digest: str
    issuer: str
    serial: str


@dataclass(frozen=True, eq=False)
class Certificate:
    """A certificate with its private key: it signs documents and SOAP envelopes. Each is equal to itself alone, so
    that what was made with its key can be kept beside it."""

    der: bytes = field(repr=False)
    """The signer's certificate."""
    chain: tuple[Link, ...]
    """The signer's certificate and those of its authorities, the signer's first."""
    valid_from: datetime
    valid_to: datetime
    key: "RSAPrivateKey" = field(repr=False)

    @cached_property
    def base64(self) -> str:
        """The certificate as XML carries it, on one line."""
        return base64.b64encode(self.der).decode()

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of its DER in hex, by which ``Refusals`` and operators know it."""
        return fingerprint(self.der)

    def sign(self, content: bytes) -> bytes:
        """RSA PKCS#1 v1.5 with SHA-256: the same content always gives the same signature."""
        return self.key.sign(content, *_rsa_sha256())


@cache
def _rsa_sha256() -> "tuple[PKCS1v15, SHA256]":
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    return PKCS1v15(), SHA256()


def fingerprint(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()


def enrolled(pkcs12: bytes, password: SecretStr, nit: str, now: datetime) -> SecretStr:
    """The certificate of a PKCS#12 file in the form that is kept, after checking that this issuer can sign with it.

    Raises CredentialsRejected, saying what is wrong: file or password, key that is not RSA of 2048 bits or not
    the certificate's, expired, self-signed or with a chain that does not hold, of another NIT.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import pkcs12 as files

    try:
        key, signer, others = files.load_key_and_certificates(pkcs12, password.get_secret_value().encode())
    except ValueError:  # the error's text may quote the file
        raise CredentialsRejected(
            "El archivo no es PKCS#12 (.p12, .pfx) o la contraseña no es suya."
        ) from None
    if key is None or signer is None:
        raise CredentialsRejected("El archivo no trae la llave privada con su certificado.")
    if not isinstance(key, RSAPrivateKey) or key.key_size < LEAST_RSA_BITS:
        raise CredentialsRejected(f"La llave del certificado debe ser RSA de {LEAST_RSA_BITS} bits o más.")
    if signer.public_key() != key.public_key():
        raise CredentialsRejected("La llave privada no corresponde al certificado.")
    if signer.not_valid_after_utc < now:
        raise CredentialsRejected(f"El certificado venció el {bogota(signer.not_valid_after_utc).date()}.")
    if not _names(signer, nit):
        raise CredentialsRejected(f"El certificado no nombra el NIT {nit} en su sujeto.")
    kept = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for link in _chain(signer, others):
        kept += link.public_bytes(serialization.Encoding.PEM)
    return SecretStr(kept.decode())


def loaded(pem: SecretStr) -> Certificate:
    """The certificate in a text of ``enrolled``. Takes about 50 µs: keep it for as long as the secret is the same.

    Raises CredentialsUnusable where the text is not one of ``enrolled``.
    """
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
    from cryptography.x509 import load_pem_x509_certificates

    text = pem.get_secret_value().encode()
    try:
        # RSA's own check of the primes takes 30 ms; it was made at enrolment.
        key = load_pem_private_key(text, None, unsafe_skip_rsa_key_validation=True)
        certificates = load_pem_x509_certificates(text)
    except ValueError:  # the error's text may quote the key
        raise CredentialsUnusable("El certificado guardado no se puede leer; inscríbalo de nuevo.") from None
    if not isinstance(key, RSAPrivateKey):
        raise CredentialsUnusable("El certificado guardado no tiene llave RSA; inscríbalo de nuevo.")
    ders = [found.public_bytes(Encoding.DER) for found in certificates]
    links = zip(certificates, ders, strict=True)
    return Certificate(
        der=ders[0],
        chain=tuple(_link(found, der) for found, der in links),
        valid_from=certificates[0].not_valid_before_utc,
        valid_to=certificates[0].not_valid_after_utc,
        key=key,
    )


def in_force(certificates: tuple[Certificate, ...], moment: datetime) -> list[Certificate]:
    return [each for each in certificates if each.valid_from <= moment <= each.valid_to]


def current(
    certificates: tuple[Certificate, ...], moment: datetime, refused: Container[str] = ()
) -> Certificate:
    """The certificate to sign with at this moment: the first of those given that is valid then and that DIAN has not
    refused (``refused``: fingerprints); where it refused them all, the first that is valid.

    Raises CredentialsUnusable where none is valid then.
    """
    valid = in_force(certificates, moment)
    if not valid:
        raise CredentialsUnusable("Ningún certificado de firma del emisor está vigente.")
    return next((each for each in valid if each.fingerprint not in refused), valid[0])


def _link(certificate: "X509", der: bytes) -> Link:
    return Link(
        digest=base64.b64encode(hashlib.sha256(der).digest()).decode(),
        issuer=certificate.issuer.rfc4514_string(),
        serial=str(certificate.serial_number),
    )


def _names(signer: "X509", nit: str) -> bool:
    """Whether the subject names the NIT. Each authority has its own attribute for it, with or without the DV."""
    wanted = {nit, nit + nits.check_digit(nit)}
    values = (str(attribute.value) for attribute in signer.subject)
    return any(re.sub("[^0-9]", "", value) in wanted for value in values)


def _chain(signer: "X509", others: list["X509"]) -> list["X509"]:
    """The signer and, above it, those of its authorities that the file brings, each signed by the next."""
    if signer.subject == signer.issuer:
        raise CredentialsRejected("El certificado se firma a sí mismo; la DIAN exige el de una autoridad.")
    chain = [signer]
    while len(chain) < _MOST_CERTIFICATES and chain[-1].issuer != chain[-1].subject:
        above = [other for other in others if other.subject == chain[-1].issuer]
        if not above:
            break
        chain.append(next((other for other in above if _signed(chain[-1], other)), above[0]))
        if not _signed(chain[-2], chain[-1]):
            raise CredentialsRejected("La cadena del certificado no se sostiene: su autoridad no lo firmó.")
    return chain


def _signed(certificate: "X509", authority: "X509") -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, TypeError, ValueError):
        return False
    return True
