"""The providers that a container keeps, with their connections, between one document and the next."""

from typing import Any

import httpx
import pytest

from cauce import wiring
from cauce.aws import secrets
from cauce.domain.issuer import Issuer
from cauce.gateway import Gateway
from tests import stack
from tests.flow.conftest import enrol
from tests.simulators.factus import FactusSimulator


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Client]:
    """The HTTP clients made in a test, oldest first."""
    made: list[httpx.Client] = []

    class Noted(httpx.Client):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            made.append(self)

    monkeypatch.setattr(httpx, "Client", Noted)
    return made


def test_an_issuer_s_next_document_goes_over_the_same_connections(
    clients: list[httpx.Client], gateway: Gateway, issuer: Issuer
) -> None:
    gateway.provider(issuer, "factus").ranges()

    gateway.provider(issuer, "factus").ranges()

    assert [client.is_closed for client in clients] == [False]


def test_a_provider_of_changed_settings_takes_the_place_of_the_old_one_whose_connections_end(
    clients: list[httpx.Client], gateway: Gateway, issuer: Issuer
) -> None:
    old = gateway.provider(issuer, "factus")
    old.ranges()
    changed = issuer.model_copy(
        update={"settings": {"factus": {**issuer.settings["factus"], "dialect": "v2"}}}
    )

    new = gateway.provider(changed, "factus")
    new.ranges()

    assert [client.is_closed for client in clients] == [True, False]
    assert old.ranges(), "who had it before still may ask"
    assert [client.is_closed for client in clients] == [True, False, True]


def test_of_more_issuers_than_a_container_keeps_the_one_asked_about_longest_ago_is_closed(
    clients: list[httpx.Client], gateway: Gateway, issuer: Issuer, factus: FactusSimulator, monkeypatch
) -> None:
    monkeypatch.setattr(wiring, "MOST_HELD", 2)
    second = enrol(gateway, factus, "900123456")
    enrol(gateway, factus, "800197268")
    # The first has made room for the third by now.
    assert [client.is_closed for client in clients] == [True, False, False]

    gateway.provider(second, "factus").ranges()
    gateway.provider(issuer, "factus").ranges()

    assert [client.is_closed for client in clients] == [True, False, True, False]


def test_no_more_secrets_stay_in_memory_than_those_of_the_issuers_it_serves(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "MOST_KEPT", 2)
    kept = secrets.Secrets(stack.client("secretsmanager"), "cauce/test")
    for nit in ("1", "2", "3"):
        kept.write(nit, "factus", {"client_id": nit})

    def read(*nits: str) -> list[str]:
        return [kept.credentials(nit, "factus")["client_id"].get_secret_value() for nit in nits]

    assert read("1", "2", "3") == ["1", "2", "3"]
    for nit in ("1", "3"):
        kept.write(nit, "factus", {"client_id": "new"})

    assert read("3", "1") == ["3", "new"], "the last that was read is remembered, the first is read again"
