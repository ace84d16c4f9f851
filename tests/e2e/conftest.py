"""The deployed template, with a provider simulator behind it and HTTP clients in front.

The stack is shared, so every test makes its own issuers. ``world`` runs most tests twice, the second time with every role
and policy enforced, over TLS.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import count
from typing import Any, Protocol

import httpx
import pytest

from cauce import wiring
from cauce.aws import items, keys
from cauce.aws.settings import Settings
from cauce.domain.document import Kind
from cauce.domain.issuer import Issuer
from cauce.gateway import Gateway
from cauce.intake import control
from cauce.numbering.sync import sync_ranges
from cauce.providers.base import host_of
from cauce.reception import access
from tests.e2e.killed import Handlers
from tests.flow.conftest import Clock
from tests.local.deploy import Stack
from tests.local.front import Front
from tests.simulators.factus import FactusSimulator

FACTUS_KINDS = (Kind.INVOICE, Kind.CREDIT_NOTE, Kind.SUPPORT_DOCUMENT, Kind.ADJUSTMENT_NOTE)
_nits = count(900_100_000 + os.getpid() % 50_000)


@dataclass(frozen=True)
class World:
    """A deployed Cauce, and a gateway in this process on the same resources."""

    stack: Stack
    url: str
    gateway: Gateway
    clock: Clock
    factus: FactusSimulator

    def enrol(self, **changes: Any) -> tuple[Issuer, str]:
        """Make an issuer that emits through Factus; returns it and its bearer token."""
        nit = str(next(_nits))
        issuer = Issuer(
            nit=nit,
            check_digit="0",
            uuid=f"6a2f1c4e-0000-4000-8000-{int(nit):012d}",
            number=self.gateway.counters.next("issuer"),
            name="MI EMPRESA SAS",
            providers=dict.fromkeys(FACTUS_KINDS, "factus"),
            settings={"factus": {"base_url": self.factus.base_url}},
        ).model_copy(update=changes)
        self.gateway.issuers.save(issuer)
        self.stack.engine.client("secretsmanager").create_secret(
            Name=f"{self.stack.secret_prefix}/{nit}/factus",
            SecretString=json.dumps(asdict(self.factus.credentials)),
        )
        self.forget_host()
        sync_ranges(self.gateway, issuer, "factus")
        return issuer, access.grant(self.gateway, nit, name="ERP", email="erp@empresa.example")[1]

    def forget_host(self) -> None:
        """Close the host's breaker: all simulators are on this machine, so other tests' issuers share the host."""
        key = items.pack(dict(keys.host("factus", host_of(self.factus.base_url))))
        self.stack.engine.client("dynamodb").delete_item(TableName=self.stack.table, Key=key)

    def client(self, bearer: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {bearer}"}, timeout=40)


def settings_of(stack: Stack) -> Settings:
    return Settings(
        table=stack.table,
        bucket=stack.bucket,
        queue_url=stack.queue_url,
        intake_url=stack.intake_url,
        control_url=stack.control_url,
        looks_url=stack.looks_url,
        news_url=stack.news_url,
        secret_prefix=stack.secret_prefix,
        table_key=stack.table_key,
        stage="local",
    )


def _world(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name, value in stack.engine.environment().items():
        monkeypatch.setenv(name, value)
    clock = Clock()
    gateway = replace(wiring.connect(settings_of(stack)), now=clock)
    with FactusSimulator() as factus, Front() as front:
        front.serve(stack)
        made = World(stack=stack, url=front.url, gateway=gateway, clock=clock, factus=factus)
        made.forget_host()
        yield made


@pytest.fixture
def world(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Cauce on an engine that checks no permissions."""
    yield from _world(stack, monkeypatch)


@pytest.fixture
def strict_world(stack_with_iam: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Cauce with every role and policy enforced, over TLS."""
    yield from _world(stack_with_iam, monkeypatch)


class Run(Protocol):
    """Runs ``emit`` on an event in a process of its own, which is killed at a side effect: ``Handlers.run``."""

    def __call__(
        self, event: dict[str, Any], at: int, when: str, *, chunk: int = control.CHUNK
    ) -> list[str]: ...


@pytest.fixture(scope="session")
def handlers(stack: Stack) -> Iterator[Handlers]:
    with Handlers(stack.environment()) as running:
        yield running


@pytest.fixture
def run(world: World, handlers: Handlers) -> Run:
    def made(event: dict[str, Any], at: int, when: str, *, chunk: int = control.CHUNK) -> list[str]:
        world.forget_host()
        return handlers.run(event, at, when, chunk)

    return made
