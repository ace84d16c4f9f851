"""A certificate is examined once, when it is enrolled, and is quick to load from then on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pydantic import SecretStr

from cauce.domain.errors import CredentialsRejected
from cauce.domain.time import bogota
from cauce.ubl.certificate import Certificate, current, enrolled, loaded
from tests.unit.dian import certificates
from tests.unit.dian.certificates import NIT, PASSWORD, Made, pkcs12_of, signer

NOW = datetime(2026, 5, 10, tzinfo=UTC)
Chain = tuple[Made, Made, Made]


def test_the_kept_form_has_key_and_chain_in_order_whatever_the_files(chain: Chain):
    leaf, subordinate, root = chain
    kept = enrolled(pkcs12_of(leaf, root, subordinate), PASSWORD, NIT, NOW)

    found = loaded(kept)
    assert [link.serial for link in found.chain] == [str(made.certificate.serial_number) for made in chain]
    assert [link.issuer for link in found.chain] == [
        subordinate.certificate.subject.rfc4514_string(),
        root.certificate.subject.rfc4514_string(),
        root.certificate.subject.rfc4514_string(),
    ]
    assert x509.load_der_x509_certificate(found.der) == leaf.certificate


def test_a_file_without_its_authorities_is_enough(chain: Chain):
    found = loaded(enrolled(pkcs12_of(chain[0]), PASSWORD, NIT, NOW))

    assert len(found.chain) == 1


@pytest.mark.parametrize("subject", [NIT, f"{NIT}8", f"NIT {NIT[:3]}.{NIT[3:6]}.{NIT[6:]}-8"])
def test_authorities_write_the_nit_in_their_own_ways(subject: str, chain: Chain):
    mine = signer(chain[1], nit=subject)

    assert loaded(enrolled(pkcs12_of(mine, chain[1]), PASSWORD, NIT, NOW)).chain


def test_what_is_wrong_is_said(chain: Chain):
    leaf, subordinate, _ = chain
    namesake = certificates.authority("SUBORDINADA DE PRUEBA")

    wrong = {
        "PKCS#12": (b"no es un archivo", PASSWORD, NIT),
        "contraseña": (pkcs12_of(leaf), SecretStr("otra"), NIT),
        "NIT 800197268": (pkcs12_of(leaf), PASSWORD, "800197268"),
        "2048 bits": (pkcs12_of(signer(subordinate, bits=1024)), PASSWORD, NIT),
        f"venció el {bogota(NOW - timedelta(days=1)).date()}": (
            pkcs12_of(signer(subordinate, valid_to=NOW - timedelta(days=1))),
            PASSWORD,
            NIT,
        ),
        "se firma a sí mismo": (pkcs12_of(signer(None)), PASSWORD, NIT),
        "cadena": (pkcs12_of(leaf, namesake), PASSWORD, NIT),
    }
    for said, (file, password, nit) in wrong.items():
        with pytest.raises(CredentialsRejected, match=said) as refusal:
            enrolled(file, password, nit, NOW)
        assert PASSWORD.get_secret_value() not in str(refusal.value)
        assert refusal.value.__cause__ is None


def test_a_key_of_another_sort_or_of_another_certificate_is_refused(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
):
    from cryptography.hazmat.primitives.serialization import pkcs12

    def opens_as(key: object) -> None:
        monkeypatch.setattr(pkcs12, "load_key_and_certificates", lambda *_: (key, chain[0].certificate, []))

    opens_as(ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(CredentialsRejected, match="RSA"):
        enrolled(b"", PASSWORD, NIT, NOW)
    opens_as(rsa.generate_private_key(65537, 2048))
    with pytest.raises(CredentialsRejected, match="no corresponde"):
        enrolled(b"", PASSWORD, NIT, NOW)
    opens_as(None)
    with pytest.raises(CredentialsRejected, match="llave privada"):
        enrolled(b"", PASSWORD, NIT, NOW)


@pytest.mark.parametrize(
    "kept", ["", "no es PEM", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_secret_that_is_no_certificate_is_refused_without_quoting_it(kept: str):
    with pytest.raises(CredentialsRejected) as refusal:
        loaded(SecretStr(kept))
    assert refusal.value.__cause__ is None and "PRIVATE" not in str(refusal.value)


def test_loading_checks_nothing_again_that_enrolling_checked(chain: Chain, monkeypatch: pytest.MonkeyPatch):
    kept = enrolled(pkcs12_of(*chain), PASSWORD, NIT, NOW)
    reads: list[dict[str, object]] = []
    load = serialization.load_pem_private_key
    monkeypatch.setattr(
        serialization, "load_pem_private_key", lambda *args, **how: reads.append(how) or load(*args, **how)
    )
    monkeypatch.delattr(x509.Certificate, "verify_directly_issued_by", raising=False)

    loaded(kept)

    assert reads == [{"unsafe_skip_rsa_key_validation": True}]


def test_of_two_certificates_the_one_in_force_signs_for_as_long_as_it_is_valid(
    certificate: Certificate,
):
    def lasting(start: datetime, end: datetime) -> Certificate:
        return replace(certificate, valid_from=start, valid_to=end)

    old = lasting(NOW - timedelta(days=700), NOW + timedelta(days=30))
    new = lasting(NOW, NOW + timedelta(days=730))

    assert current((old, new), NOW - timedelta(days=1)) is old
    assert current((old, new), NOW + timedelta(days=1)) is old
    assert current((old, new), NOW + timedelta(days=31)) is new
    with pytest.raises(CredentialsRejected, match="vigente"):
        current((old, new), NOW + timedelta(days=800))


def test_neither_key_nor_certificate_shows_when_printed(certificate: Certificate, chain: Chain):
    kept = enrolled(pkcs12_of(*chain), PASSWORD, NIT, NOW)

    assert "PRIVATE" not in repr(kept)
    assert "key" not in repr(certificate) and "der" not in repr(certificate)
