"""Chromium, one for all tests; where it or its driver is missing the tests of the pages skip and say so."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.bench.emission import container
from tests.face.company import Company, with_a_month
from tests.face.site import served

PHONE, DESKTOP = (390, 844), (1280, 900)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_QUIETLY = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    driver = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: no page is tried"
    )
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip("no Chromium is installed: no page is tried")
    with driver.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=_QUIETLY)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    with container() as running:
        yield with_a_month(running)


@pytest.fixture(scope="module")
def base(company: Company) -> Iterator[str]:
    with served() as url:
        yield url


@dataclass
class Console:
    """The console in a tab, and what the tab asked for and complained of."""

    tab: Any
    base: str
    token: str
    asked: list[Any] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def enter(self, token: str | None = None) -> None:
        """Show the console, and sign in."""
        self.tab.goto(f"{self.base}/consola")
        self.tab.get_by_label("Token").fill(token or self.token)
        self.tab.get_by_role("button", name="Entrar").click()
        self.tab.get_by_role("navigation", name="Páginas de la consola").wait_for()
        self.settle()

    def go(self, place: str) -> None:
        """Follow the console's own address for a page, and wait until it is there."""
        self.asked.clear()
        self.tab.evaluate("place => { location.hash = place }", place)
        self.tab.locator(f'main[data-lugar="{place}"]').wait_for()
        self.settle()

    def settle(self) -> None:
        self.tab.locator("main:not([aria-busy])").wait_for()

    def has_asked(self, most: int, most_bytes: int) -> str | None:
        """What was asked for since ``go``, if it was more than this."""
        sizes = [request.sizes()["responseBodySize"] for request in self.asked]
        within = len(sizes) <= most and sum(sizes) <= most_bytes
        return None if within else f"{len(sizes)} requests, {sum(sizes)} bytes"

    @property
    def text(self) -> str:
        found: str = self.tab.locator("main").inner_text()
        return found


@pytest.fixture
def console(browser: Any, base: str, company: Company) -> Iterator[Any]:
    """Open the console: ``console(PHONE)``. What a page complains of, as of a script that its policy refuses, fails the
    test."""
    contexts, opened = [], []

    def made(size: tuple[int, int] = DESKTOP) -> Console:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="es-CO",
            timezone_id="America/Bogota",
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(60_000)  # a busy machine is no fault of the page
        tab = context.new_page()
        tab.clock.set_fixed_time(company.running.clock.now)
        found = Console(tab, base, company.bearer)
        opened.append(found)
        tab.on("request", lambda request: found.asked.append(request))
        tab.on("pageerror", lambda error: found.complaints.append(str(error)))
        tab.on("console", lambda said: said.type == "error" and found.complaints.append(said.text))
        return found

    yield made
    for context in contexts:
        context.close()
    # A browser says for itself that an answer was an error: those are the API's, and shown.
    complaints = [each for one in opened for each in one.complaints if "Failed to load resource" not in each]
    assert complaints == []


def places(company: Company) -> list[str]:
    """Every page of the console, with something, with nothing and with a problem in it."""
    return [
        "#/documentos",
        f"#/documentos/{company.rejected.document_id}",
        f"#/documentos/{company.accepted}",
        "#/documentos?estado=fallido&desde=2030-01-01",  # nothing
        f"#/cierre?mes={company.month}",
        "#/lotes",
        f"#/lotes/{company.lot}",
        "#/numeracion",
        "#/novedades",
        "#/preparacion",
        "#/documentos/ninguno",  # a problem
    ]
