"""Where its services are, and whether ours know it."""

from importlib.resources import files

import pytest

from cauce.domain.issuer import Environment
from cauce.providers.base import Lane, NumberedBy, RecoveredBy, Resend, Verb
from cauce.providers.facturatech import settings
from cauce.providers.facturatech.provider import Facturatech
from cauce.providers.registry import provider_class
from tests.unit.facturatech.builders import RANGES, published


def test_the_published_addresses():
    test = settings.read({}, Environment.TEST)
    production = settings.read({}, Environment.PRODUCTION)

    assert test.emission_url == "https://ws.facturatech.co/v2/demo/index.php"
    assert test.support_url == "https://ws-dse.facturatech.co/v1/demo/"
    assert production.emission_url == "https://ws.facturatech.co/v2/pro/index.php"
    assert production.support_url == "https://ws-dse.facturatech.co/v1/pro/"
    sheet = published("providers/facturatech.md")
    for found in (test, production):
        for url in (found.emission_url, found.support_url, found.numbering_url):
            assert url in sheet


def test_one_host_may_stand_before_all_three():
    found = settings.read({"base_url": "http://127.0.0.1:9/"}, Environment.TEST)

    assert found.emission_url == "http://127.0.0.1:9/v2/demo/index.php"
    assert found.support_url == "http://127.0.0.1:9/v1/demo/"
    assert found.numbering_url == "http://127.0.0.1:9/v2/BETA/SincronizacionNumeracion.asmx"


@pytest.mark.parametrize("key", ["emission_url", "support_url", "numbering_url"])
def test_quirk_2_every_address_can_be_set(key: str):
    found = settings.read({key: "https://otro.example/x", "base_url": "http://a"}, Environment.TEST)

    assert getattr(found, key) == "https://otro.example/x"


def test_what_it_declares():
    found = provider_class("facturatech").declare({})

    assert found.kinds == frozenset(RANGES)
    assert found.verbs == {Verb.RANGES, Verb.GENERATE_RANGE, Verb.ASSIGN_RANGE_TYPE, Verb.XML, Verb.PDF}
    assert (found.numbered_by, found.recovered_by) == (NumberedBy.GATEWAY, RecoveredBy.NUMBER)
    assert (found.resend, found.lane, found.slow) == (Resend.SAME_BYTES, Lane.NONE, True)
    assert Facturatech.credential_fields == ("username", "password")


def test_the_wsdl_is_part_of_the_package():
    assert files("cauce.providers.facturatech").joinpath("SincronizacionNumeracion.wsdl").is_file()
