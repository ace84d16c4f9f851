"""The console of a company with ten thousand documents in a month: no page asks for more than it shows."""

import re

import pytest

from tests.face.company import crowd
from tests.face.conftest import DESKTOP, places

pytestmark = pytest.mark.xdist_group("chromium")

MOST_REQUESTS, MOST_BYTES, MOST_NODES = 4, 200_000, 1_500
CROWD = 10_000


def test_with_ten_thousand_documents_a_page_asks_little_and_shows_little(console, company):
    crowd(company, CROWD)
    here = console(DESKTOP)
    here.enter()
    first, then = here.asked[:4], here.asked[4:]

    assert [each.url.rpartition("/")[2] for each in first] == [
        "consola",
        "consola.css",
        "consola.js",
        "util.js",
    ]
    assert len(then) <= MOST_REQUESTS
    for place in places(company):
        here.go(place)

        assert (place, here.has_asked(MOST_REQUESTS, MOST_BYTES)) == (place, None)
        assert (place, here.tab.locator("*").count() <= MOST_NODES) == (place, True)
        if place.startswith("#/cierre"):
            assert "documentos con fecha" in here.text
            shown = here.tab.locator(".resumen").inner_text().split(" ")[0]
            assert int(re.sub(r"\D", "", shown)) > CROWD
