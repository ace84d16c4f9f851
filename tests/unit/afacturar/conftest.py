"""Afacturar's simulator, running, and the adapter connected to it."""

from collections.abc import Iterator

import pytest

from cauce.providers.afacturar.provider import Afacturar
from tests.simulators.afacturar import AfacturarSimulator
from tests.unit.afacturar.builders import afacturar


@pytest.fixture
def simulator() -> Iterator[AfacturarSimulator]:
    with AfacturarSimulator() as running:
        yield running


@pytest.fixture
def provider(simulator: AfacturarSimulator) -> Afacturar:
    return afacturar(simulator.base_url)
