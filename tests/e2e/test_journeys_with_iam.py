"""The same journeys with every role, identity and bucket policy enforced, over TLS."""

import pytest

from tests.e2e.conftest import World
from tests.e2e.journeys import Journeys


class TestJourneysWithIam(Journeys):
    @pytest.fixture
    def here(self, strict_world: World) -> World:
        return strict_world
