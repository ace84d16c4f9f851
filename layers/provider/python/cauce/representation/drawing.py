"""A sheet as a PDF. The same sheet is always the same bytes: nothing in the file says when it was made."""

import io
import math
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from cauce.representation.flow import PAGE_HEIGHT, PAGE_WIDTH, Mark, Qr, Rule, Text
from cauce.representation.pages import pages
from cauce.representation.sheet import Sheet
from cauce.representation.typography import Style, loaded, runs

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

_QR = "qr"
_DARK = re.compile(rb"\0+")


def pdf(sheet: Sheet) -> bytes:
    """The graphic representation, on as many pages of letter paper as it takes."""
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
    drawn = pages(sheet)
    texts = _Texts(canvas, drawn)
    for page in drawn:
        # In PDF's own operators: by the canvas's methods a page of lines takes three times as long.
        canvas.addLiteral("\n".join((*_rules(page), *texts.of(page))))
        for mark in page:
            if isinstance(mark, Qr):
                _qr(canvas, mark)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _rules(page: list[Mark]) -> Iterator[str]:
    for mark in page:
        if isinstance(mark, Rule):
            yield (
                f"{mark.shade} G {mark.weight} w {mark.x:.2f} {mark.y:.2f} m {mark.end:.2f} {mark.y:.2f} l S"
            )


class _Elsewhere(Exception):
    """A character is in another font than its text, or not in the first of its font's subsets."""


class _Codes(dict[int, str]):
    """What stands in the PDF for the characters of a font, two hexadecimal digits: a table for ``str.translate``."""

    def __missing__(self, code: int) -> str:
        raise _Elsewhere


class _Texts:
    """The texts of a document, in PDF's operators."""

    def __init__(self, canvas: "Canvas", drawn: list[list[Mark]]):
        self._document = canvas._doc
        used: defaultdict[str, set[str]] = defaultdict(set)
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

    def of(self, page: list[Mark]) -> Iterator[str]:
        """The texts of a page."""
        used: Style | None = None
        yield "BT"
        for mark in page:
            if not isinstance(mark, Text):
                continue
            if mark.style != used:
                used = mark.style
                yield f"{self._named(used.font, 0)} {used.size:.2f} Tf {used.shade} g"
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


def _qr(canvas: "Canvas", mark: Qr) -> None:
    canvas.saveState()
    canvas.translate(mark.x, mark.y)
    canvas.scale(mark.side, mark.side)
    canvas.doForm(_QR)
    canvas.restoreState()
