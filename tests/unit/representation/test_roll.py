"""The representation on the 80 mm roll of a till: what it says, how wide it is, and that its QR is read."""

import pypdfium2
import pytest

from cauce.domain.document import Document
from cauce.domain.issuer import Environment
from cauce.representation import drawing
from cauce.representation.look import Look
from tests.unit.dian.builders import DOCUMENTS, a_line
from tests.unit.dian.talking import issuer
from tests.unit.representation.drawn import accepted, shown
from tests.unit.representation.reading import read, symbols, words

MILLIMETRE = 72 / 25.4
FOOTER = "Gracias por su compra"


def on_roll(document: Document, environment: Environment = Environment.PRODUCTION) -> bytes:
    sheet = shown(accepted(document), issuer(environment=environment))
    return drawing.pdf(sheet, Look(footer=FOOTER), is_roll=True)


def on_paper(document: Document, environment: Environment = Environment.PRODUCTION) -> bytes:
    return drawing.pdf(shown(accepted(document), issuer(environment=environment)), Look(footer=FOOTER))


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_it_says_every_word_that_the_letter_page_says(name: str):
    # A label with its colon here, the number of a page there, a unit cut into lines: only what they say is compared.
    def said(pdf: bytes) -> set[str]:
        return {word.strip(":.,…") for word in words(pdf).split()}

    left_out = said(on_paper(DOCUMENTS[name])) - said(on_roll(DOCUMENTS[name]))

    heads = {
        "N.º",
        "Código",
        "Descripción",
        "Cantidad",
        "Unidad",
        "unitario",
        "imp",
        "total",
        "Valor",
        "letras",
    }
    around = {"VENDEDOR", "ADQUIRIENTE", "FACTURAR", "NO", "A", "OBLIGADO", "Página", "1", "Observaciones"}
    text = words(on_roll(DOCUMENTS[name])).replace(" ", "")
    assert {word for word in left_out - heads - around if word not in text} == set()


@pytest.mark.parametrize("name", ["POS ticket", "invoice, everything", "support document of a non-resident"])
def test_it_is_80_mm_wide_and_as_long_as_it_says_and_nothing_leaves_its_margins(name: str):
    pdf = on_roll(DOCUMENTS[name])
    (page,) = read(pdf)
    wide, high = pypdfium2.PdfDocument(pdf)[0].get_size()

    assert wide == pytest.approx(80 * MILLIMETRE, abs=0.01)
    lowest = min(bottom for _, bottom, _, _ in page.boxes)
    highest = max(top for _, _, _, top in page.boxes)
    assert 3 * MILLIMETRE < lowest < 10 * MILLIMETRE
    assert 3 * MILLIMETRE < high - highest < 10 * MILLIMETRE
    assert all(left >= 3.5 * MILLIMETRE for left, _, _, _ in page.boxes)
    assert all(right <= 76.5 * MILLIMETRE for _, _, right, _ in page.boxes)


def test_its_qr_is_read_and_more_than_2_cm_wide():
    ((symbol,),) = symbols(on_roll(DOCUMENTS["POS ticket"]))

    assert "documentkey=" in symbol.text
    assert symbol.side > 20 * MILLIMETRE


def test_it_says_the_till_and_the_total():
    text = words(on_roll(DOCUMENTS["POS ticket"]))

    for said in (
        "Documento equivalente electrónico: tiquete de máquina registradora con sistema POS",
        "Caja: CAJA-0042 · Caja de apoyo · Almacén Centro, piso 1",
        "Cajero: Lucía Ramírez",
        "Código de la venta: 743992",
        "Consumidor final 222222222222",
        "Total a pagar COP 119.173,00",
        "Autorización de numeración DIAN n.º 18760000001",
        FOOTER,
    ):
        assert said in text, said


def test_a_trial_says_at_both_ends_that_it_is_one():
    text = words(on_roll(DOCUMENTS["POS ticket"], Environment.TEST))

    assert text.startswith("HABILITACIÓN")
    assert text.endswith("no tiene validez.")
    assert text.count("HABILITACIÓN") == 2


def test_the_same_sheet_is_the_same_bytes():
    assert on_roll(DOCUMENTS["POS ticket"]) == on_roll(DOCUMENTS["POS ticket"])


def test_a_sale_of_very_many_lines_is_several_pages_that_pdf_allows():
    ticket = DOCUMENTS["POS ticket"].model_copy(update={"lines": (a_line(),) * 600})

    drawn = on_roll(ticket)

    pdf, (first, last) = pypdfium2.PdfDocument(drawn), read(drawn)
    assert all(page.get_size()[1] <= 14_400 for page in pdf)
    assert ("1. Repuesto" in first.text, "600. Repuesto" in last.text) == (True, True)
    assert ("CUDE:" in first.text, "CUDE:" in last.text) == (False, True)
