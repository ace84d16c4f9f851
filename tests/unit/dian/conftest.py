"""One chain of certificates for the whole run, because making RSA keys is slow; and DIAN's simulator."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from cauce.providers.dian.provider import Dian
from cauce.ubl.certificate import Certificate, enrolled, loaded
from tests.simulators.dian import DianSimulator
from tests.unit.dian import certificates
from tests.unit.dian.builders import BUYER, ISSUER
from tests.unit.dian.certificates import Made
from tests.unit.dian.talking import connected, simulator


@pytest.fixture(scope="session")
def chain() -> tuple[Made, Made, Made]:
    """The certificates of the signer, the subordinate authority and the root."""
    root = certificates.authority("RAIZ DE PRUEBA")
    subordinate = certificates.authority("SUBORDINADA DE PRUEBA", root)
    return certificates.signer(subordinate), subordinate, root


@pytest.fixture(scope="session")
def certificate(chain: tuple[Made, Made, Made]) -> Certificate:
    pkcs12 = certificates.pkcs12_of(*chain)
    kept = enrolled(pkcs12, certificates.PASSWORD, certificates.NIT, datetime(2026, 5, 10, tzinfo=UTC))
    return loaded(kept)


@pytest.fixture
def dian() -> Iterator[DianSimulator]:
    with simulator(ISSUER.nit, BUYER.identification) as running:
        yield running


@pytest.fixture
def provider(dian: DianSimulator) -> Dian:
    return connected(dian)
