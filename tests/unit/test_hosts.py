"""The host that a provider's documents are sent to, as the settings of an issuer give it."""

from types import SimpleNamespace
from typing import Any

import pytest

from cauce.domain.issuer import Environment
from cauce.providers.base import host_of
from cauce.providers.registry import NAMES, provider_class

PUBLISHED = {
    ("afacturar", Environment.TEST): "servicios-pruebas.afacturar.com",
    ("afacturar", Environment.PRODUCTION): "servicios.afacturar.com",
    ("dian", Environment.TEST): "vpfe-hab.dian.gov.co",
    ("dian", Environment.PRODUCTION): "vpfe.dian.gov.co",
    ("facepro", Environment.TEST): "facepro.cdpconsultores.com",
    ("facepro", Environment.PRODUCTION): "facepro.cdpconsultores.com",
    ("facturatech", Environment.TEST): "ws.facturatech.co",
    ("facturatech", Environment.PRODUCTION): "ws.facturatech.co",
    ("factus", Environment.TEST): "api-sandbox.factus.com.co",
    ("factus", Environment.PRODUCTION): "api.factus.com.co",
}


def host(name: str, environment: Environment, **settings: str) -> str:
    connection: Any = SimpleNamespace(issuer=SimpleNamespace(environment=environment), settings=settings)
    return host_of(provider_class(name).address(connection))


@pytest.mark.parametrize("environment", Environment)
@pytest.mark.parametrize("name", NAMES)
def test_it_is_the_published_one_of_the_issuer_s_environment(name: str, environment: Environment):
    assert host(name, environment) == PUBLISHED[name, environment]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_another_where_an_address_is_set(name: str):
    assert host(name, Environment.TEST, base_url="https://Otro.example:8443/api") == "otro.example"


def test_a_stage_has_its_own():
    assert host("afacturar", Environment.TEST, stage="habilitacion") == "servicios-habilitacion.afacturar.com"


@pytest.mark.parametrize("address", ["", "sin dirección", "https://", "http://[mal", "localhost:8080"])
def test_what_names_no_host_has_none_and_is_no_crash(address: str):
    assert host_of(address) == ""


def test_what_stands_before_a_host_is_no_part_of_it():
    assert host_of("https://usuario:clave@api.example/v1") == "api.example"
