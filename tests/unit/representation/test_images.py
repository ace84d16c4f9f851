"""Logos: every ordinary PNG and JPEG is drawn as it looks, and what is none is refused in Spanish."""

import struct
import zlib
from contextlib import suppress
from typing import Any

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cauce.domain.errors import InvalidDocument
from cauce.domain.issuer import Environment
from cauce.representation import drawing, images
from cauce.representation.look import DEFAULT_COLOUR, LEAST_CONTRAST, Look, contrast, readable, rgb
from tests.examples import examples
from tests.unit.dian.builders import a_document
from tests.unit.dian.talking import issuer
from tests.unit.representation.drawn import accepted, shown
from tests.unit.representation.images import (
    COLOUR_ALPHA,
    GREY,
    GREY_ALPHA,
    PALETTE,
    SIGNATURE,
    chunk,
    header,
    jpeg,
    png,
)
from tests.unit.representation.reading import symbols, words

GREEN, RED = (10, 160, 80), (200, 30, 30)
PALETTES = chunk(b"PLTE", bytes((*GREEN, *RED))) + chunk(b"tRNS", bytes((255, 0)))


def halves(one: tuple[int, ...], other: tuple[int, ...]) -> Any:
    """One colour at the left, another at the right."""
    return lambda x, _: one if x < 20 else other


def colours(logo: bytes) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The colours in the middle of the left and right halves of a logo, as PDFium draws it on a paper."""
    by = issuer(environment=Environment.PRODUCTION)
    look = Look(logo=images.read(images.kept(logo)[1]))
    page = pypdfium2.PdfDocument(drawing.pdf(shown(accepted(a_document()), by), look))[0]
    picture = page.render(scale=2).to_pil().convert("RGB")
    # 92 points wide and 46 high, at 36 points from the left and 30 from the top.
    return picture.getpixel((2 * 56, 2 * 53)), picture.getpixel((2 * 108, 2 * 53))


@pytest.mark.parametrize(
    ("logo", "left", "right"),
    [
        (png(halves(GREEN, RED)), GREEN, RED),
        (png(halves(GREEN, RED), filters=(1, 2, 3, 4)), GREEN, RED),
        (png(halves(GREEN, RED), depth=16, filters=(4,)), GREEN, RED),
        (png(halves((*GREEN, 255), (*RED, 0)), kind=COLOUR_ALPHA, filters=(4, 1)), GREEN, (255, 255, 255)),
        (png(halves((0, 128), (0, 255)), kind=GREY_ALPHA, filters=(3,)), (127, 127, 127), (0, 0, 0)),
        (png(halves((200,), (20,)), kind=GREY, filters=(2,)), (200, 200, 200), (20, 20, 20)),
        (png(halves((1,), (0,)), kind=GREY, depth=1), (255, 255, 255), (0, 0, 0)),
        (png(halves((2,), (1,)), kind=GREY, depth=2), (170, 170, 170), (85, 85, 85)),
        (png(halves((0,), (1,)), kind=PALETTE, depth=4, more=PALETTES), GREEN, (255, 255, 255)),
    ],
    ids=["RGB", "filters", "16 bits", "RGBA", "grey and alpha", "grey", "1 bit", "2 bits", "palette"],
)
def test_a_png_of_any_kind_is_drawn_as_it_looks_on_white(logo: bytes, left: Any, right: Any) -> None:
    found = colours(logo)

    assert found == (pytest.approx(left, abs=2), pytest.approx(right, abs=2))


def test_a_jpeg_goes_into_the_paper_as_it_is() -> None:
    logo = jpeg()
    pdf = drawing.pdf(shown(accepted(a_document())), Look(logo=images.read(images.kept(logo)[1])))

    assert images.kept(logo) == ("image/jpeg", logo)
    assert logo in pdf
    assert b"/DCTDecode" in pdf


def test_whatever_else_a_png_holds_is_in_no_paper() -> None:
    hidden = chunk(b"tEXt", b"Comment\0hecho por Ana")

    media_type, kept = images.kept(png(halves(GREEN, RED), more=hidden))

    assert media_type == "image/png"
    assert b"Ana" not in kept


@pytest.mark.parametrize(
    ("logo", "why"),
    [
        (b"", "no es PNG ni JPEG"),
        (b"GIF89a" + bytes(50), "no es PNG ni JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no es PNG ni JPEG"),
        (SIGNATURE + bytes(400_000), "pesa 400 kB y puede pesar 300"),
        (SIGNATURE, "dañado o incompleto"),
        (png(halves(GREEN, RED))[:-30], "dañado o incompleto"),
        (png(halves(GREEN, RED)).replace(b"IDAT", b"IDAX"), "dañado"),
        (png(halves(GREEN, RED), interlaced=1), "entrelazado"),
        (png(halves(GREEN, RED), more=chunk(b"tRNS", bytes(6))), "usa un color como transparente"),
        (png(halves((0,), (1,)), kind=PALETTE, depth=1), "la paleta del PNG está dañada"),
        (png(halves((0,), (3,)), kind=PALETTE, depth=2, more=PALETTES), "la paleta del PNG está dañada"),
        (png(halves(GREEN, RED), width=8), "mide 8 × 20 puntos"),
        (SIGNATURE + header(9000, 20) + chunk(b"IDAT", b"") + chunk(b"IEND", b""), "mide 9000 × 20 puntos"),
        (SIGNATURE + header(40, 20, depth=3) + chunk(b"IDAT", b"") + chunk(b"IEND", b""), "dañado"),
        (SIGNATURE + header(40, 20) + chunk(b"IEND", b""), "dañado"),
        (SIGNATURE + chunk(b"IEND", b""), "dañado"),
        (SIGNATURE + header(40, 20) + chunk(b"IDAT", b"no") + chunk(b"IEND", b""), "dañado"),
        (
            SIGNATURE + header(40, 20) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b""),
            "incompleto",
        ),
        (
            SIGNATURE + header(40, 20) + chunk(b"IDAT", zlib.compress(b"\7" * 3000)) + chunk(b"IEND", b""),
            "dañado",
        ),
        (SIGNATURE + struct.pack(">I4s", 2**31, b"IHDR") + bytes(50), "dañado o incompleto"),
        (jpeg(channels=4), "no está en RGB ni en grises"),
        (jpeg(depth=12), "no está en RGB ni en grises"),
        (jpeg(frame=0xC3), "de un tipo poco común"),
        (jpeg(width=60_000), "mide 60000 × 20 puntos"),
        (jpeg()[:-2], "el JPEG no tiene final"),
        (b"\xff\xd8\xff\xe0\xff\xff\xff\xd9", "el JPEG no dice cuánto mide"),
        (b"\xff\xd8\xff\xc0\0\x04\0\0\xff\xd9", "el JPEG está dañado"),
    ],
)
def test_what_is_no_logo_is_refused_and_the_sentence_says_why(logo: bytes, why: str) -> None:
    with pytest.raises(InvalidDocument) as refusal:
        images.kept(logo)

    assert why in refusal.value.message
    assert refusal.value.message.startswith("El logo ")


def test_a_small_file_that_would_unpack_to_gigabytes_is_not_unpacked() -> None:
    bomb = zlib.compress(bytes(50_000_000), 9)

    _, kept = images.kept(SIGNATURE + header(40, 20) + chunk(b"IDAT", bomb) + chunk(b"IEND", b""))

    assert len(kept) < 1000  # the rows that there can be, all of them black


@given(st.binary(max_size=400), st.integers(0, 300), st.integers(0, 300))
@settings(max_examples=examples(60, deep=3000))
def test_no_bytes_break_the_reader(noise: bytes, at: int, cut: int) -> None:
    for start in (png(halves(GREEN, RED), filters=(4,)), jpeg(), SIGNATURE, b"\xff\xd8\xff"):
        spoilt = start[:at] + noise + start[at + cut :]
        with suppress(InvalidDocument):
            images.read(images.kept(spoilt)[1])


def test_a_paper_with_logo_colour_and_footer_is_still_read() -> None:
    look = Look(
        logo=images.read(images.kept(png(halves(GREEN, RED)))[1]), colour="#0A5", footer="Gracias. " * 30
    )

    pdf = drawing.pdf(shown(accepted(a_document())), look)

    assert "Gracias. Gracias." in words(pdf)
    assert "CUFE: 8bb918b1" in words(pdf)
    ((symbol,),) = symbols(pdf)
    assert "documentkey" in symbol.text


@pytest.mark.parametrize(
    ("colour", "seen"), [("#000", 21.0), ("#FFFFFF", 1.0), ("0A5", 3.05), ("#767676", 4.54), ("#f00", 4.0)]
)
def test_how_well_a_colour_is_read_on_white(colour: str, seen: float) -> None:
    """#767676 is the lightest grey that texts may have, by WCAG's own account."""
    assert contrast(colour) == pytest.approx(seen, abs=0.01)
    assert contrast(DEFAULT_COLOUR) > LEAST_CONTRAST


@pytest.mark.parametrize("colour", ["#000000", "#00AA55", "#FF0000", "#1F3A5F", "#767676"])
def test_texts_have_the_colour_or_a_darker_one_that_is_read(colour: str) -> None:
    red, green, blue = (round(255 * part) for part in readable(colour))

    assert contrast(f"#{red:02x}{green:02x}{blue:02x}") == pytest.approx(max(4.5, contrast(colour)), abs=0.05)


@pytest.mark.parametrize("colour", ["", "red", "#12", "#12345", "#GGG", "rgb(1,2,3)", "#0A5;x"])
def test_what_is_no_colour_is_refused(colour: str) -> None:
    with pytest.raises(ValueError, match=f"^{colour if colour != 'rgb(1,2,3)' else 'rgb'}"):
        rgb(colour)
