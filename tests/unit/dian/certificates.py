"""Certificates as an authority issues them, made when the tests run: root, subordinate authority, signer."""

from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

PASSWORD = SecretStr("cl4ve-del-p12")
NIT = "900123456"


@dataclass(frozen=True)
class Made:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def authority(name: str, above: Made | None = None) -> Made:
    return _made([(NameOID.COMMON_NAME, name), (NameOID.COUNTRY_NAME, "CO")], above, authority=True)


def signer(
    above: Made | None,
    *,
    nit: str = NIT,
    valid_from: datetime = datetime(2020, 1, 1, tzinfo=UTC),
    valid_to: datetime = datetime(2045, 1, 1, tzinfo=UTC),
    bits: int = 2048,
) -> Made:
    names = [
        (NameOID.SERIAL_NUMBER, nit),
        (NameOID.ORGANIZATION_NAME, 'MI EMPRESA, "S.A.S." + Cía'),
        (NameOID.COUNTRY_NAME, "CO"),
    ]
    return _made(names, above, valid_from=valid_from, valid_to=valid_to, bits=bits)


def pkcs12_of(made: Made, *others: Made, key: object = None) -> bytes:
    return pkcs12.serialize_key_and_certificates(
        b"firma",
        key or made.key,
        made.certificate,
        [other.certificate for other in others],
        BestAvailableEncryption(PASSWORD.get_secret_value().encode()),
    )


def _made(
    names: list[tuple[x509.ObjectIdentifier, str]],
    above: Made | None,
    *,
    authority: bool = False,
    valid_from: datetime = datetime(2019, 1, 1, tzinfo=UTC),
    valid_to: datetime = datetime(2049, 1, 1, tzinfo=UTC),
    bits: int = 2048,
) -> Made:
    key = rsa.generate_private_key(65537, bits)
    subject = x509.Name([x509.NameAttribute(oid, value) for oid, value in names])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above.certificate.subject if above else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid_from)
        .not_valid_after(valid_to)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .sign(above.key if above else key, hashes.SHA256())
    )
    return Made(certificate, key)
