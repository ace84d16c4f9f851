"""The journeys on the deployed template."""

import pytest

from tests.e2e.conftest import World
from tests.e2e.journeys import Journeys


class TestJourneys(Journeys):
    @pytest.fixture
    def here(self, world: World) -> World:
        return world
