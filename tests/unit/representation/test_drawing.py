"""How it is drawn: on as many pages as it takes, inside their margins, whatever the texts are."""

import hashlib
import subprocess
import sys
from decimal import Decimal
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cauce.domain.document import AllowanceCharge, Prepayment, Tax
from cauce.domain.issuer import Environment
from cauce.representation.flow import LEFT, PAGE_HEIGHT, RIGHT
from cauce.representation.typography import REGULAR, Style, clean, width, wrapped
from tests.examples import examples
from tests.unit.dian.builders import BUYER, ISSUED_AT, a_document, a_line
from tests.unit.representation.drawn import drawn
from tests.unit.representation.reading import Page, metadata, read, symbols, words

_TWO_CM = 2 / 2.54 * 72
# The sides of a glyph may lean a little out of its own width.
_SLACK = 1.5


def assert_within_the_margins(pages: list[Page]) -> None:
    for page in pages:
        outside = [
            box
            for box in page.boxes
            if box[0] < LEFT - _SLACK or box[2] > RIGHT + _SLACK or box[1] < 20 or box[3] > PAGE_HEIGHT - 20
        ]
        assert outside == []


def test_five_hundred_lines_fill_pages_that_each_say_what_they_are_of() -> None:
    lines = tuple(a_line(code=f"P-{n:03}", description=f"Producto número {n}") for n in range(1, 501))

    pdf = drawn(a_document(lines=lines))
    pages = read(pdf)

    assert len(pages) > 10
    for n, page in enumerate(pages, start=1):
        assert f"Página {n} de {len(pages)}" in page.text
        assert "SETP990000001" in page.text
        if "P-" in page.text:
            assert "Descripción" in page.text
    text = words(pdf)
    found = [text.index(f"P-{n:03} Producto número {n} ") for n in range(1, 501)]
    assert all(one < next_one for one, next_one in pairwise(found))
    assert "Total a pagar COP 59.500.000,00" in text
    assert_within_the_margins(pages)


def test_the_qr_is_on_every_page_and_large_enough() -> None:
    lines = tuple(a_line() for _ in range(90))

    first, *others = symbols(drawn(a_document(lines=lines)))

    assert len(others) == 2
    for found in (first, *others):
        (symbol,) = found
        assert symbol.text == first[0].text
        assert symbol.side >= _TWO_CM


def test_two_hundred_lines_are_a_row_each_on_five_pages() -> None:
    lines = tuple(
        a_line(
            code=f"REF-{n:05}", description="Tornillo galvanizado hexagonal de 1/2", quantity=Decimal("12.75"),
            price=Decimal("123456.78"), discount_percent=Decimal("7.5") if n % 10 == 0 else None,
        )
        for n in range(1, 201)
    )  # fmt: skip

    pages = read(drawn(a_document(lines=lines, notes=("Entregar en portería.",))))

    assert len(pages) <= 5
    rows = [line for page in pages for line in page.text.splitlines() if "REF-" in line]
    assert len(rows) == 200
    assert all("hexagonal de 1/2 12,75 Unidad 123.456,78" in " ".join(row.split()) for row in rows)


@cache
def hostile() -> bytes:
    """Everything as long as the contract takes it, in words that nowhere break."""
    buyer = BUYER.model_copy(
        update={
            "name": "<b>Ñoño & «Hijos»</b> " + "W" * 428,
            "trade_name": "W" * 450,
            "address": "Ж" * 300,
            "email": f"{'a' * 64}@{'b' * 180}.example",
        }
    )
    lines = (
        a_line(code="C" * 50, description="X" * 300, quantity=Decimal(1), price=Decimal("999999999.999999")),
        a_line(description="línea\n" * 149 + "fin", aiu_contract="palabra " * 612, note="%s {x} \\n (a) [b] <c/> &amp;"),
        a_line(
            quantity=Decimal("9999999999.999999"), price=Decimal("0.000001"),
            taxes=tuple(Tax(code="ZZ", name=f"{n}{'N' * 49}", percent=Decimal("1.2345")) for n in range(10)),
        ),
    )  # fmt: skip
    return drawn(
        a_document(
            counterparty=buyer,
            lines=lines,
            notes=("nota " * 1000, "Z" * 5000, "\n" * 500 + "al final"),
            prepayments=tuple(
                Prepayment(amount=Decimal("999999999999.99"), received_date=ISSUED_AT.date(), text="t" * 300)
                for _ in range(20)
            ),
            allowance_charges=tuple(
                AllowanceCharge(is_charge=True, reason_code="02", reason="q" * 300, amount=Decimal(1))
                for _ in range(20)
            ),
        ),
        Environment.TEST,
    )


def test_the_longest_texts_wrap_and_never_leave_the_page() -> None:
    pdf = hostile()
    pages = read(pdf)
    signs = "".join(words(pdf).split())

    assert_within_the_margins(pages)
    assert signs.count("W") >= 878
    assert signs.count("Ж") == 300
    # A line that a page ends is cut off nowhere.
    assert signs.count("línea") == 149 + len(("Número de líneas",))
    assert signs.count("palabra") == 611 + 1
    assert signs.count("t" * 300) + signs.count("q" * 300) >= 2
    assert "<b>Ñoño&«Hijos»</b>" in signs
    assert "%s{x}\\n(a)[b]<c/>&amp;" in signs
    assert "9.999.999.999,999999" in signs
    assert "999.999.999.999,99" in signs
    assert "alfinal" in signs


def test_as_many_taxes_as_there_can_be_have_their_place() -> None:
    taxes = [Tax(code="ZZ", name=f"Tributo {n:04}", percent=Decimal(1)) for n in range(600)]
    lines = tuple(a_line(taxes=tuple(taxes[n : n + 10])) for n in range(0, 600, 10))

    pdf = drawn(a_document(lines=lines))
    text = words(pdf)

    assert_within_the_margins(read(pdf))
    # On its line, in the summary by rate, and in the totals.
    assert {text.count(f"Tributo {n:04}") for n in range(600)} == {3}
    assert "Total a pagar COP 6.600.000,00" in text


def test_empty_lines_take_no_pages() -> None:
    assert len(read(drawn(a_document(notes=("uno" + "\n" * 4000 + "dos",))))) == 1


def test_no_text_is_written_over_another() -> None:
    """Two lines of text that share a place would share a box; signs of one line never overlap by half."""
    for page in read(hostile()):
        boxes = sorted(page.boxes)
        for n, (left, bottom, right, top) in enumerate(boxes):
            for other in boxes[n + 1 : n + 60]:
                if other[0] >= right:
                    break
                across = min(right, other[2]) - other[0]
                along = min(top, other[3]) - max(bottom, other[1])
                smaller = min(right - left, other[2] - other[0]), min(top - bottom, other[3] - other[1])
                assert not (across > 0.6 * smaller[0] and along > 0.6 * smaller[1]), (page.text, other)


@pytest.mark.parametrize(
    "text", ["Łódź Şğıİ Đặng Thị", "Ελλάδα", "Київ Ёж", "⌀ ≥ ≤ → ■ ✓ № ½ € ‰", "გამარჯობა"]
)
def test_other_alphabets_and_signs_are_drawn(text: str) -> None:
    assert clean(text) == text
    assert text in words(drawn(a_document(lines=(a_line(description=text),))))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Café שלום עולם 3 kg", "Café [texto en hebreo] 3 kg"),
        ("Dátiles تمر، من المدينة (1 kg)", "Dátiles [texto en árabe] (1 kg)"),
        ("\ufefc\ufe8e", "[texto en árabe]"),
        ("\U00010900", "[texto en otra escritura]"),
        ("\ufeffuno", " uno"),
    ],
)
def test_what_is_written_from_right_to_left_is_left_out_and_says_so(text: str, shown: str) -> None:
    """Its letters would stand in the wrong order, and Arabic ones in the wrong shape."""
    assert clean(text) == shown
    assert clean(shown) == shown
    assert shown.strip() in words(drawn(a_document(lines=(a_line(description=text),))))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("e\u0301", "é"),
        ("東京", "□□"),
        ("\u202eevil\u202c", " evil "),
        ("a\x00b\x07c", "a b c"),
        ("❤\ufe0f", "❤"),
        ("\ud800", " "),
        ("\U0010fffd", "□"),
        ("a\u00a0b", "a\u00a0b"),
        ("uno\u2028dos", "uno dos"),
    ],
)
def test_what_cannot_be_drawn_is_seen_to_be_missing_and_what_is_unseen_hides_nothing(
    text: str, shown: str
) -> None:
    assert clean(text) == shown


@given(st.text(max_size=300), st.floats(10, 400))
@settings(max_examples=examples(60, deep=1000))
def test_any_text_wraps_into_lines_that_fit_and_loses_nothing(text: str, room: float) -> None:
    style = Style(8.0, 10.0, REGULAR)

    lines = wrapped(text, style, room)

    assert all(width(line, style) <= room or len(line) == 1 for line in lines)
    assert "".join("".join(lines).split()) == "".join(clean(text).split())


@given(st.text(min_size=1, max_size=300))
@settings(max_examples=examples(25, deep=500))
def test_any_text_is_drawn(text: str) -> None:
    pdf = drawn(a_document(lines=(a_line(description=text, code=text[:50]),), notes=(text,)))

    assert_within_the_margins(read(pdf))


def test_the_same_record_is_always_the_same_file() -> None:
    """In this process, in which others were drawn between, and in another one, with other hash seeds."""
    first = drawn(a_document())
    drawn(a_document(lines=(a_line(description="ΩЖ⌀"),)))
    program = (
        "import sys, hashlib; from tests.unit.dian.builders import a_document; "
        "from tests.unit.representation.drawn import drawn; "
        "print(hashlib.sha256(drawn(a_document())).hexdigest())"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert drawn(a_document()) == first
    assert elsewhere.stdout.strip() == hashlib.sha256(first).hexdigest()


def test_the_file_says_what_it_is() -> None:
    said = metadata(drawn(a_document()))

    assert said["Title"] == "Factura electrónica de venta SETP990000001"
    assert said["Author"] == "Ñandú & Cía. S.A.S."
    assert said["Subject"].startswith("CUFE 8bb918b1")
