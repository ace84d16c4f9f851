"""A sheet as a PDF. The same sheet is always the same bytes: nothing in the file says when it was made."""

import io
import math
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from cauce.representation import roll
from cauce.representation.flow import PAGE_HEIGHT, PAGE_WIDTH, Band, Mark, Picture, Qr, Rule, Text
from cauce.representation.images import Image
from cauce.representation.look import PLAIN, Look, readable, rgb
from cauce.representation.pages import pages
from cauce.representation.sheet import Sheet
from cauce.representation.typography import BOLD, Style, loaded, runs, width

if TYPE_CHECKING:
    from reportlab.pdfbase.pdfdoc import PDFStream
    from reportlab.pdfgen.canvas import Canvas

_QR, _LOGO = "qr", "logo"
_QUIET = 4.0
"""White around a QR, in points."""
_ACROSS = Style(100.0, 100.0, BOLD, 0.9)
"""Of the word across a page that is no validated document: light, so that what stands on it is read."""
_ACROSS_LENGTH, _MOST_ACROSS = 640.0, 96.0
_DARK = re.compile(rb"\0+")


def pdf(sheet: Sheet, look: Look = PLAIN, *, is_roll: bool = False) -> bytes:
    """The graphic representation, on as many pages of letter paper as it takes, or on a till's roll."""
    from reportlab import rl_config
    from reportlab.pdfgen.canvas import Canvas

    rl_config.useA85 = 0  # binary streams: a quarter smaller
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1, pageCompression=1, lang="es-CO")
    canvas.setTitle(f"{sheet.title} {sheet.number}")
    canvas.setAuthor(sheet.issuer.name)
    canvas.setSubject(f"{sheet.identifier.label} {sheet.identifier.text}")
    canvas.setCreator("Cauce")
    canvas.beginForm(_QR, 0, 0, 1, 1)
    canvas.addLiteral(_symbol(sheet.qr))
    canvas.endForm()
    if look.logo is not None:
        canvas._doc.addForm(_LOGO, _embedded(look.logo))
    drawn, sizes, word = _laid(sheet, look, is_roll=is_roll)
    accent, ink = (" ".join(f"{part:.3f}" for part in of(look.colour)) for of in (rgb, readable))
    texts = _Texts(canvas, drawn, word, ink)
    for page, size in zip(drawn, sizes, strict=True):
        canvas.setPageSize(size)
        # In PDF's own operators: by the canvas's methods a page of lines takes three times as long.
        canvas.addLiteral("\n".join((*texts.across(word), *_shapes(page, accent), *texts.of(page))))
        for mark in page:
            if isinstance(mark, Qr):
                _form(canvas, _QR, mark.x, mark.y, mark.side, mark.side)
            elif isinstance(mark, Picture):
                _form(canvas, _LOGO, mark.x, mark.y, mark.width, mark.height)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _laid(
    sheet: Sheet, look: Look, *, is_roll: bool
) -> tuple[list[list[Mark]], list[tuple[float, float]], str]:
    """The pages, the width and height of each, and the word across each, which a roll has at its ends instead."""
    if is_roll:
        laid = roll.pages(sheet, look)
        return [page for page, _ in laid], [(roll.WIDTH, height) for _, height in laid], ""
    drawn = pages(sheet, look)
    return drawn, [(PAGE_WIDTH, PAGE_HEIGHT)] * len(drawn), " · ".join(sheet.marks)


def _shapes(page: list[Mark], accent: str) -> Iterator[str]:
    """Rules and bands, and white paper below each QR, whatever is drawn across the page."""
    for mark in page:
        if isinstance(mark, Rule):
            colour = f"{accent} RG" if mark.is_accent else f"{mark.shade} G"
            yield f"{colour} {mark.weight} w {mark.x:.2f} {mark.y:.2f} m {mark.end:.2f} {mark.y:.2f} l S"
        elif isinstance(mark, Band):
            yield f"{mark.shade} g {mark.x:.2f} {mark.y:.2f} {mark.width:.2f} {mark.height:.2f} re f"
        elif isinstance(mark, Qr):
            side = mark.side + 2 * _QUIET
            yield f"1 g {mark.x - _QUIET:.2f} {mark.y - _QUIET:.2f} {side:.2f} {side:.2f} re f"


class _Elsewhere(Exception):
    """A character is in another font than its text, or not in the first of its font's subsets."""


class _Codes(dict[int, str]):
    """What stands in the PDF for the characters of a font, two hexadecimal digits: a table for ``str.translate``."""

    def __missing__(self, code: int) -> str:
        raise _Elsewhere


class _Texts:
    """The texts of a document, in PDF's operators."""

    def __init__(self, canvas: "Canvas", drawn: list[list[Mark]], across: str, ink: str):
        self._document, self._ink = canvas._doc, ink
        used: defaultdict[str, set[str]] = defaultdict(set)
        used[_ACROSS.font].update(across)
        for mark in chain.from_iterable(drawn):
            if isinstance(mark, Text):
                used[mark.style.font].update(mark.text)
        # Of all characters of a font at once: each call takes as long as for a whole text.
        self._codes = {name: self._coded(name, "".join(sorted(used[name]))) for name in sorted(used)}

    def _coded(self, name: str, characters: str) -> _Codes:
        own = [character for character in characters if ord(character) in loaded(name).face.charToGlyph]
        coded = loaded(name).splitString("".join(own), self._document)
        codes = ((subset, code) for subset, text in coded for code in text)
        return _Codes(
            (ord(character), f"{code:02x}")
            for character, (subset, code) in zip(own, codes, strict=True)
            if subset == 0
        )

    def across(self, word: str) -> Iterator[str]:
        """A word from the lower left to the upper right, in the middle of the page."""
        if not word:
            return
        size = min(_MOST_ACROSS, _ACROSS.size * _ACROSS_LENGTH / width(word, _ACROSS))
        half = width(word, _ACROSS) * size / _ACROSS.size / 2
        along = math.atan2(PAGE_HEIGHT, PAGE_WIDTH)
        cos, sin = math.cos(along), math.sin(along)
        x = PAGE_WIDTH / 2 - half * cos + size / 3 * sin
        y = PAGE_HEIGHT / 2 - half * sin - size / 3 * cos
        yield f"BT {self._named(_ACROSS.font, 0)} {size:.2f} Tf {_ACROSS.shade} g"
        yield f"{cos:.5f} {sin:.5f} {-sin:.5f} {cos:.5f} {x:.2f} {y:.2f} Tm"
        yield f"<{word.translate(self._codes[_ACROSS.font])}> Tj ET"

    def of(self, page: list[Mark]) -> Iterator[str]:
        """The texts of a page."""
        used: Style | None = None
        yield "BT"
        for mark in page:
            if not isinstance(mark, Text):
                continue
            if mark.style != used:
                used = mark.style
                colour = f"{self._ink} rg" if used.is_accent else f"{used.shade} g"
                yield f"{self._named(used.font, 0)} {used.size:.2f} Tf {colour}"
            yield f"1 0 0 1 {mark.x:.2f} {mark.y:.2f} Tm"
            try:
                yield f"<{mark.text.translate(self._codes[used.font])}> Tj"
            except _Elsewhere:
                yield from self._piecewise(mark)
                used = None
        yield "ET"

    def _piecewise(self, mark: Text) -> Iterator[str]:
        """A text with characters of several fonts, or of several subsets of one."""
        for name, text in runs(mark.text, mark.style.font):
            for subset, coded in loaded(name).splitString(text, self._document):
                yield f"{self._named(name, subset)} {mark.style.size:.2f} Tf <{coded.hex()}> Tj"

    def _named(self, name: str, subset: int) -> str:
        found: str = loaded(name).getSubsetInternalName(subset, self._document)
        return found


def _symbol(text: str) -> str:
    """The QR, one point wide and high, in PDF's operators: adjacent dark modules are one rectangle.

    Level M corrects 15 % of damage, enough for a sheet that is printed and folded.
    """
    import zxingcpp

    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    image = symbol.to_image(scale=1, add_quiet_zones=False)
    dots = memoryview(image).tobytes()  # type: ignore[arg-type]  # its stubs do not say that it is a buffer
    size = math.isqrt(len(dots))
    rows = (dots[start : start + size] for start in range(0, size * size, size))
    dark = (
        f"{start} {size - row} {end - start} -1 re"
        for row, modules in enumerate(rows)
        for start, end in map(re.Match.span, _DARK.finditer(modules))
    )
    return "\n".join((f"0 g {1 / size:.8f} 0 0 {1 / size:.8f} 0 0 cm", *dark, "f"))


def _form(canvas: "Canvas", name: str, x: float, y: float, width: float, height: float) -> None:
    """Draws what is one point wide and high into a box."""
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(width, height)
    canvas.doForm(name)
    canvas.restoreState()


def _embedded(image: Image) -> "PDFStream":
    """A picture as PDF has it: a JPEG whole, a PNG's rows as they are compressed."""
    from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFStream

    facts = {
        "Type": PDFName("XObject"),
        "Subtype": PDFName("Image"),
        "Width": image.width,
        "Height": image.height,
        "BitsPerComponent": 8,
        "ColorSpace": PDFName("DeviceGray" if image.channels == 1 else "DeviceRGB"),
        "Filter": PDFName("DCTDecode" if image.is_jpeg else "FlateDecode"),
    }
    if not image.is_jpeg:
        rows = {"Predictor": 15, "Colors": image.channels, "BitsPerComponent": 8, "Columns": image.width}
        facts["DecodeParms"] = PDFDictionary(rows)
    return PDFStream(PDFDictionary(facts), image.data)
