"""A certification authority for tests: root, subordinate, and the certificates that it grants. All RSA 2048.

Its keys are made when the simulator starts and are never stored.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

# Far in past and future: one authority serves tests that run at many moments (conftest.py at the top).
_VALID_FOR = timedelta(days=3650)


@dataclass(frozen=True)
class Holder:
    """A certificate, its key, and the certificates above it in ``chain``."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey = field(repr=False)
    chain: tuple[x509.Certificate, ...] = ()

    def pkcs12(self, password: str) -> bytes:
        """The file that an authority hands to an issuer: certificate, key and chain under a password."""
        return pkcs12.serialize_key_and_certificates(
            b"firma",
            self.key,
            self.certificate,
            list(self.chain),
            serialization.BestAvailableEncryption(password.encode()),
        )


class Authority:
    """A root and the subordinate that grants certificates; ``trusts`` says whether DIAN would trust one."""

    def __init__(self, name: str) -> None:
        self.root = _granted(_name(f"{name} Raíz"), None, is_authority=True)
        self.subordinate = _granted(_name(f"{name} Subordinada"), self.root, is_authority=True)
        self.revoked: set[int] = set()

    def grant(
        self,
        nit: str | None,
        name: str,
        *,
        valid_from: datetime | None = None,
        valid_to: datetime | None = None,
    ) -> Holder:
        """A certificate for a company, with its NIT as the subject's serial number, or without it."""
        subject = _name(name, nit)
        return _granted(subject, self.subordinate, valid_from=valid_from, valid_to=valid_to)

    def revoke(self, certificate: x509.Certificate) -> None:
        self.revoked.add(certificate.serial_number)

    def trusts(self, certificate: x509.Certificate) -> bool:
        """Whether this authority granted it; its dates and revocation are checked elsewhere."""
        try:
            certificate.verify_directly_issued_by(self.subordinate.certificate)
        except (InvalidSignature, TypeError, ValueError):
            return False
        return True


def nit_of(certificate: x509.Certificate) -> str | None:
    """The NIT in a certificate's subject."""
    found = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    return str(found[0].value) if found else None


@cache
def trusted() -> Authority:
    """The authority that every simulator of this process trusts; cached, because making one takes a second."""
    return Authority("Entidad de Pruebas")


@cache
def dian() -> Holder:
    """The certificate with which DIAN signs ApplicationResponses."""
    return trusted().grant("800197268", "DIAN SIMULADA")


def _name(common: str, nit: str | None = None) -> x509.Name:
    attributes = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CO"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, common),
        x509.NameAttribute(NameOID.COMMON_NAME, common),
    ]
    if nit is not None:
        attributes.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, nit))
    return x509.Name(attributes)


def _granted(
    subject: x509.Name,
    by: Holder | None,
    *,
    is_authority: bool = False,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> Holder:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid_from or now - _VALID_FOR)
        .not_valid_after(valid_to or now + _VALID_FOR)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .sign(by.key if by else key, hashes.SHA256())
    )
    return Holder(certificate, key, (by.certificate, *by.chain) if by else ())
