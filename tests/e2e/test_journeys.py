"""The journeys on the deployed template."""

import pytest

from tests.documents import invoice
from tests.e2e.conftest import World
from tests.e2e.journeys import Journeys


class TestJourneys(Journeys):
    @pytest.fixture
    def here(self, world: World) -> World:
        return world


def test_the_links_of_an_answer_and_of_the_listing_lead_to_the_document_that_they_are_of(world: World):
    """They are the engine's own addresses, and not the short one that the client called."""
    _, bearer = world.enrol()
    with world.client(bearer) as api:
        posted, other = (
            api.post("/documentos", json=invoice(referencia=reference)).json()["data"]
            for reference in ("V-1", "V-2")
        )
        page = api.get("/documentos", params={"per_page": 1}).json()
        following = api.get(page["links"]["next"]).json()
        listed = {row["tracking_id"]: row for row in (*page["data"], *following["data"])}

        assert listed.keys() == {posted["tracking_id"], other["tracking_id"]}
        for document in (posted, listed[posted["tracking_id"]]):
            links = document["links"]
            assert links["self"].startswith(f"{world.stack.api_url}/documentos/")
            found = api.get(links["self"]).json()
            asked = api.get(links["consultar"]).json()["documento"]
            assert found["tracking_id"] == asked["tracking_id"] == posted["tracking_id"]
            assert found["cufe"] == asked["cufe"] == posted["cufe"]
            assert posted["numero_completo"].encode() in api.get(links["xml"]).content
