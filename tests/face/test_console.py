"""The console in a browser: what a person reads, by keyboard, on a phone and on a desk, with ten thousand documents."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from cauce.contracts.v1.news import TIPOS
from cauce.domain.access_token import Scope
from cauce.domain.document import Kind
from cauce.domain.outcome import Number
from cauce.domain.time import bogota
from cauce.reading import comparison, month_files
from cauce.reading.series import Anomaly, What
from cauce.reception import access
from tests.face.company import FIRST, HOSTILE, PREFIX, RULE
from tests.face.conftest import DESKTOP, PHONE, Console, places

pytestmark = pytest.mark.xdist_group("chromium")  # one browser, whoever has it


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core's own script."""
    found = pytest.importorskip(
        "axe_playwright_python.base", reason="axe is not installed: nothing is audited"
    )
    return found.AXE_FILE_PATH.read_text("utf-8")


def serious(console: Console, axe: str, **options: Any) -> list[str]:
    """What axe finds on the page that is serious or worse."""
    if not console.tab.evaluate("() => 'axe' in window"):
        console.tab.evaluate(axe + "; 0")
    found = console.tab.evaluate("options => axe.run(document, options)", options)
    return [
        f"{each['id']}: {node['html'][:120]}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_each_page_is_accessible_in_light_and_dark_and_never_wider_than_its_screen(
    console, company, axe, size
):
    here = console(size)
    here.tab.goto(f"{here.base}/consola")
    assert serious(here, axe) == []
    here.enter()

    for place in places(company):
        here.go(place)

        assert (place, serious(here, axe)) == (place, [])
        if size == PHONE:
            here.tab.emulate_media(color_scheme="dark")
            assert (place, serious(here, axe, runOnly=["color-contrast"])) == (place, [])
            here.tab.emulate_media(color_scheme="light")
        width = here.tab.evaluate("() => document.documentElement.scrollWidth")
        assert (place, width) == (place, size[0])
        assert here.tab.evaluate("() => document.querySelectorAll('h1').length") == 1


def test_everything_is_reached_by_keyboard_and_the_focus_is_seen(console, company):
    here = console(DESKTOP)
    here.tab.goto(f"{here.base}/consola")
    keys = here.tab.keyboard
    keys.type(here.token)  # the field has the focus
    keys.press("Enter")
    here.tab.get_by_role("navigation", name="Páginas de la consola").wait_for()
    here.settle()
    assert here.tab.evaluate("() => document.activeElement.tagName") == "H1"

    stops = list(tabbed(here))

    assert [text for text, _ in stops][:3] == ["Saltar al contenido", "Documentos", "Cierre del mes"]
    reachable = here.tab.locator("main :is(a, button, input, select, summary):visible").count()
    assert len(stops) >= 8 + reachable  # the link that skips, six pages, «Salir»
    assert [text for text, is_seen in stops if not is_seen] == []


def tabbed(here: Console) -> Iterator[tuple[str, bool]]:
    """What Tab reaches from the top of the page to its end, and whether its focus is seen."""
    ends = 0
    for _ in range(300):
        here.tab.keyboard.press("Tab")
        found = here.tab.evaluate(_FOCUSED)
        ends += found is None
        if ends == 2:
            return
        if ends and found:
            yield found[0], found[1]
    raise AssertionError("Tab never leaves the page")


_FOCUSED = """() => {
  const one = document.activeElement
  if (!one || one === document.body) return null
  const style = getComputedStyle(one)
  const isSeen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
  return [one.textContent.trim() || one.name, isSeen]
}"""


def test_the_first_tab_offers_to_skip_the_menu_and_leads_to_the_content(console):
    here = console(DESKTOP)
    here.enter()
    here.tab.evaluate("() => { document.activeElement.blur() }")
    here.tab.locator(".salto").focus()

    assert here.tab.locator(".salto").bounding_box()["y"] >= 0
    here.tab.keyboard.press("Enter")

    assert here.tab.evaluate("() => document.activeElement.id") == "contenido"
    assert here.tab.locator("h1").inner_text() == "Documentos"


def test_a_buyers_name_is_text_whatever_it_says(console, company):
    here = console(DESKTOP)
    here.enter()
    for place in ("#/documentos", f"#/documentos/{company.hostile.document_id}"):
        here.go(place)

        assert HOSTILE in here.text
        assert here.tab.evaluate("() => document.querySelectorAll('main img').length") == 0


def test_nothing_is_kept_and_a_reload_asks_for_the_token_again(console):
    here = console(DESKTOP)
    here.enter()
    kept = here.tab.evaluate("() => [localStorage.length, sessionStorage.length, document.cookie]")
    here.tab.reload()

    assert kept == [0, 0, ""]
    assert here.tab.context.cookies() == []
    assert here.tab.get_by_label("Token").input_value() == ""
    assert here.token not in here.tab.content()


def test_a_token_that_is_none_is_told_so_and_another_may_be_tried(console):
    here = console(PHONE)
    here.tab.goto(f"{here.base}/consola")
    here.tab.get_by_label("Token").fill("cauce_hab_9|nada")
    here.tab.get_by_role("button", name="Entrar").click()

    here.tab.get_by_role("alert").wait_for()

    assert "Token inválido" in here.text
    here.enter()
    assert here.tab.locator("h1").inner_text() == "Documentos"


def test_a_search_is_an_address_that_can_be_gone_back_from(console, company):
    here = console(DESKTOP)
    here.enter()
    here.tab.get_by_label("Estado").select_option("rechazado")
    here.tab.get_by_role("button", name="Buscar").click()
    here.tab.locator('main[data-lugar="#/documentos?estado=rechazado"]').wait_for()
    here.settle()

    assert here.tab.locator("tbody tr").count() == 1
    assert str(company.rejected.number) in here.text
    here.tab.go_back()
    here.tab.locator('main[data-lugar=""]').wait_for()
    assert here.tab.locator("tbody tr").count() > 20


def test_the_beginning_of_a_number_finds_its_documents(console, company):
    here = console(PHONE)
    here.enter()
    here.tab.get_by_label("Buscar").fill(str(company.rejected.number)[:-1])
    here.tab.get_by_role("button", name="Buscar").click()
    here.tab.locator('main[data-lugar^="#/documentos?q="]').wait_for()

    found = here.tab.get_by_role("rowheader").all_inner_texts()
    assert str(company.rejected.number) in found
    assert all(each.startswith(str(company.rejected.number)[:-1]) for each in found)


def test_a_token_that_lacks_a_pages_scope_is_told_which_one_to_ask_for(console, company):
    running = company.running
    only = access.grant(
        running.gateway, running.issuer.nit, name="C", email="c@e.example", scopes=frozenset({Scope.READ})
    )[1]
    here = console(PHONE)
    here.enter(only)
    here.go("#/numeracion")

    assert "un token con el alcance «numerar»" in here.tab.get_by_role("alert").inner_text()
    here.go(f"#/cierre?mes={company.month}")
    assert "documentos con fecha" in here.text


def test_a_wrong_filter_is_told_in_the_apis_words(console):
    here = console(DESKTOP)
    here.enter()
    here.go("#/documentos?desde=2026-05-02&hasta=2026-05-01")

    assert "«hasta» no puede ser anterior a «desde»" in here.tab.get_by_role("alert").inner_text()


def test_a_document_tells_its_story_and_links_dians_rule(console, company):
    here = console(DESKTOP)
    here.enter()
    here.go(f"#/documentos/{company.rejected.document_id}")

    rule = here.tab.get_by_role("link", name=re.compile(RULE))
    assert rule.get_attribute("href") == f"{here.base}/docs/reglas/{RULE}"
    assert "El valor a pagar no es la suma de sus partes." in here.text
    steps = here.tab.locator(".historia strong").all_inner_texts()
    assert [each.lower() for each in steps] == ["recibido", "enviándose", "rechazado"]
    assert (
        here.tab.get_by_role("button", name="Ver PDF").count() == 0
    )  # nothing that may be given to the buyer


def test_every_type_of_news_that_a_feed_has_can_be_chosen_by_its_name(console, company):
    here = console(DESKTOP)
    here.enter()
    here.go("#/novedades")

    options = here.tab.locator("select[name=tipos] option")
    offered = dict(
        zip(
            options.evaluate_all("all => all.map(each => each.value)"),
            options.all_text_contents(),
            strict=True,
        )
    )

    assert set(offered) == {"", *(name for name in TIPOS if name != "webhook.prueba")}
    assert [name for name, text in offered.items() if name and text == name] == []


def test_an_address_that_was_cut_off_is_an_unknown_page(console, company):
    here = console(DESKTOP)
    here.enter()

    here.go("#/documentos/%C3")

    assert here.tab.locator("h1").inner_text() == "Página desconocida"


def test_the_pdf_is_shown_and_the_files_are_handed_over(console, company):
    here = console(DESKTOP)
    here.enter()
    here.go(f"#/documentos/{company.accepted}")

    here.tab.get_by_role("button", name="Ver PDF").click()
    here.tab.locator("iframe.pdf").wait_for()
    with here.tab.expect_download() as taken:
        here.tab.get_by_role("button", name="Descargar PDF").click()

    assert taken.value.path().read_bytes()[:5] == b"%PDF-"
    with here.tab.expect_download() as taken:
        here.tab.get_by_role("button", name="Descargar XML").click()
    assert b"<Invoice" in taken.value.path().read_bytes()


def shown_money(text: str) -> Decimal:
    """An amount as a person reads it: «$ 1.234,50»."""
    return Decimal(re.sub(r"[^0-9,−]", "", text).replace(",", ".").replace("−", "-"))


def test_the_close_adds_up_and_its_files_are_whole(console, company):
    here = console(DESKTOP)
    here.enter()
    here.go(f"#/cierre?mes={company.month}")

    with here.tab.expect_download() as taken:
        here.tab.get_by_role("button", name="Descargar CSV").click()
    rows = list(
        csv.DictReader(io.StringIO(taken.value.path().read_text("utf-8-sig"), newline=""), delimiter=";")
    )
    with here.tab.expect_download() as taken:
        here.tab.get_by_role("button", name="Tablas en ZIP").click()
    with zipfile.ZipFile(taken.value.path()) as zipped:
        names = zipped.namelist()

    assert {"documentos.csv", "numeros.csv", "impuestos.csv"} <= set(names)
    accepted = [row for row in rows if row["estado"] == "aceptado"]
    vat = sum(
        (-1 if row["tipo_documento"] == "nota_credito" else 1) * Decimal(row["iva"].replace(",", "."))
        for row in accepted
        if row["tipo_documento"] in ("factura", "nota_credito", "nota_debito") and row["moneda"] == "COP"
    )
    cards = dict(
        zip(
            here.tab.locator(".tarjeta dt").all_inner_texts(),
            here.tab.locator(".tarjeta dd").all_inner_texts(),
            strict=True,
        )
    )
    assert shown_money(cards["IVA generado"]) == vat
    assert f"{len(rows)} documentos con fecha" in here.text
    assert "SETP990000117" in here.text  # the number that nobody took
    sums = here.tab.locator("tfoot tr", has_text="Ventas netas").locator("td").all_inner_texts()
    assert sums[-2:] == [cards["IVA generado"], "$ 2.456.125,00"]
    notes = here.tab.locator("tbody tr", has_text="Notas crédito").first.locator("td").all_inner_texts()
    assert notes[-1] == "−$ 145.775,00"  # what takes away is seen to


def test_the_months_documents_come_as_one_zip_however_many_parts_there_are(
    console, company, monkeypatch, tmp_path
):
    monkeypatch.setattr(month_files, "MOST_DOCUMENTS", 6)
    here = console(DESKTOP)
    here.enter()
    here.go(f"#/cierre?mes={bogota(company.running.clock.now):%Y-%m}")
    with here.tab.expect_download() as taken:
        here.tab.get_by_role("button", name="XML y PDF").click()
    taken.value.save_as(tmp_path / "now.zip")
    here.go(f"#/cierre?mes={company.month}")
    here.asked.clear()
    with here.tab.expect_download() as taken:
        here.tab.get_by_role("button", name="XML de los documentos").click()
    taken.value.save_as(tmp_path / "before.zip")
    here.tab.get_by_text("documentos no tienen su XML en el archivo").wait_for()

    with zipfile.ZipFile(tmp_path / "now.zip") as zipped:
        assert zipped.testzip() is None
        assert [name.rpartition(".")[2] for name in zipped.namelist()] == ["xml", "pdf"]
        assert b"<Invoice" in zipped.read(zipped.namelist()[0])
    with zipfile.ZipFile(tmp_path / "before.zip") as zipped:
        assert zipped.testzip() is None
        names = zipped.namelist()
    parts = [each for each in here.asked if "/archivos" in each.url]
    assert len(parts) > 3
    assert len(names) == len(set(names)) == 21  # those that are accepted; the company's have no file
    assert f"factura/{PREFIX}{FIRST}-falta.txt" in names


def test_a_month_that_goes_on_says_that_its_figures_change(console, company):
    here = console(PHONE)
    here.enter()
    here.go(f"#/cierre?mes={bogota(company.running.clock.now):%Y-%m}")

    assert "El mes no ha terminado" in here.text
    here.go(f"#/cierre?mes={company.month}")
    assert "El mes no ha terminado" not in here.text


def test_an_amount_is_in_its_own_currency(console):
    here = console(DESKTOP)
    here.enter()
    here.go("#/documentos?q=SETP990000122")

    assert here.tab.locator("tbody .cifra").all_inner_texts() == ["USD 145.775,00"]
    here.tab.get_by_role("rowheader").get_by_role("link").click()
    here.tab.locator(".sumas").wait_for()
    assert here.tab.locator(".sumas .total td").inner_text() == "USD 145.775,00"


def test_without_a_network_a_page_says_so_and_comes_when_it_is_back(console):
    here = console(PHONE)
    here.enter()
    here.tab.context.set_offline(True)
    here.go("#/lotes")  # whose own code was never fetched

    assert "No hay conexión con Cauce" in here.tab.get_by_role("alert").inner_text()
    here.tab.context.set_offline(False)
    here.tab.get_by_role("button", name="Intentar de nuevo").click()
    here.tab.get_by_role("table").wait_for()
    assert here.tab.locator("h1").inner_text() == "Lotes"


def test_what_was_refused_offers_a_way_back_and_no_other_try(console):
    here = console(PHONE)
    here.enter()
    here.go("#/documentos/ninguno")

    assert here.tab.get_by_role("button", name="Intentar de nuevo").count() == 0
    here.tab.get_by_role("link", name="Volver a Documentos").click()
    here.tab.get_by_role("table").wait_for()


def test_a_token_that_ends_meanwhile_is_asked_for_again_and_the_page_goes_on(console):
    here = console(PHONE)
    here.enter()
    told = '{"detail": "El token venció.", "codigo": "no_autenticado"}'
    here.tab.route("**/lotes", lambda route: route.fulfill(status=401, body=told))
    here.tab.evaluate("() => { location.hash = '#/lotes' }")
    here.tab.get_by_label("Token").wait_for()

    assert "El token venció." in here.text
    here.tab.unroute("**/lotes")
    here.tab.get_by_label("Token").fill(here.token)
    here.tab.get_by_role("button", name="Entrar").click()
    here.tab.get_by_role("table").wait_for()
    assert here.tab.locator("h1").inner_text() == "Lotes"


def test_a_comparison_with_a_provider_without_a_list_says_so(console, company):
    here = console(DESKTOP)
    here.enter()
    here.go(f"#/cierre?mes={company.month}")

    here.tab.get_by_role("button", name="Comparar con el proveedor").click()
    here.tab.get_by_role("listitem").filter(has_text="Facturas en dian").wait_for()

    assert "no da un listado" in here.text


def test_a_comparison_names_what_the_provider_lacks_and_what_is_a_strangers(console, company, monkeypatch):
    def listed(
        gateway: Any, issuer: Any, month: Any, name: str, kind: Kind, offset: int
    ) -> comparison.Compared:
        numbers = [Number(prefix=PREFIX, consecutive=FIRST + n) for n in range(13) if n != 4]
        stranger = Number(prefix=PREFIX, consecutive=FIRST + 900)
        found = [(stranger, Anomaly(What.STRANGER, 1, 1, "aceptado, referencia AJENA-1"))] if offset else []
        return comparison.Compared(name, kind, numbers[offset : offset + 6], found, None if offset else 6)

    monkeypatch.setattr(comparison, "compared", listed)
    here = console(PHONE)
    here.enter()
    here.go(f"#/cierre?mes={company.month}")

    here.tab.get_by_role("button", name="Comparar con el proveedor").click()
    table = here.tab.get_by_role("table", name="Lo que no coincide")
    table.wait_for()

    told = {row.split("\n")[0] for row in table.get_by_role("row").all_inner_texts()}
    assert {f"{PREFIX}{FIRST + 4}", f"{PREFIX}{FIRST + 900}", f"{PREFIX}{FIRST + 13}"} <= told
    assert f"{PREFIX}{FIRST + 3}" not in told
