"""The pages of the reference in a browser: accessible in light and dark, and never wider than a phone."""

import pytest

from tests.face.conftest import DESKTOP, PHONE
from tests.face.test_console import axe as axe
from tests.face.test_console import serious

pytestmark = pytest.mark.xdist_group("chromium")

PAGES = [
    "/docs",
    "/docs/rutas",
    "/docs/campos",
    "/docs/errores",
    "/docs/reglas/FAK24",
    "/docs/errores/ocupado",
]


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_each_page_of_the_reference_is_accessible_and_never_wider_than_its_screen(console, axe, size):
    here = console(size)

    for path in PAGES:
        here.tab.goto(f"{here.base}{path}")
        here.tab.emulate_media(color_scheme="light")
        assert (path, serious(here, axe)) == (path, [])
        here.tab.emulate_media(color_scheme="dark")
        assert (path, serious(here, axe, runOnly=["color-contrast"])) == (path, [])
        wide = here.tab.evaluate("() => document.documentElement.scrollWidth > window.innerWidth")
        assert (path, wide) == (path, False)


def test_the_examples_are_chosen_by_keyboard_and_one_is_shown_at_a_time(console):
    here = console(PHONE)
    here.tab.goto(f"{here.base}/docs")
    shown = here.tab.locator(".panel:visible")

    assert "emitir.sh" in shown.inner_text()
    here.tab.get_by_role("radio", name="curl").focus()
    here.tab.keyboard.press("ArrowRight")
    assert shown.count() == 1
    assert "emitir.py" in shown.inner_text()
    here.tab.get_by_text("C#").click()
    assert "Sin probar" in shown.inner_text()
