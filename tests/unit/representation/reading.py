"""A PDF as others read it: its text and where each sign stands by PDFium, its symbols by quirc."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pypdfium2
import qrlyzer

_LARGEST = 25  # points: no sign of the page itself is so high
_SCALE = 4  # 288 dots an inch: what an ordinary printer or camera sees


@dataclass(frozen=True)
class Page:
    text: str
    boxes: list[tuple[float, float, float, float]]
    """Left, bottom, right and top of every sign that leaves ink, in points; without the word across the page, on
    which all else stands."""


@dataclass(frozen=True)
class Symbol:
    """A QR code: what it says, and how wide it is, in points."""

    text: str
    side: float


def read(pdf: bytes) -> list[Page]:
    with _opened(pdf) as document:
        return [_page(page.get_textpage()) for page in document]


def words(pdf: bytes) -> str:
    """All of its text, lines and pages joined by single spaces."""
    return " ".join(" ".join(page.text for page in read(pdf)).split())


def symbols(pdf: bytes) -> list[list[Symbol]]:
    """The QR codes of each page."""
    with _opened(pdf) as document:
        return [_symbols(page) for page in document]


def metadata(pdf: bytes) -> dict[str, str]:
    with _opened(pdf) as document:
        return document.get_metadata_dict()


@contextmanager
def _opened(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        yield document
    finally:
        document.close()


def _page(texts: pypdfium2.PdfTextPage) -> Page:
    boxes = (texts.get_charbox(n) for n in range(texts.count_chars()))
    inked = [box for box in boxes if box[2] > box[0] and 0 < box[3] - box[1] < _LARGEST]
    return Page(texts.get_text_bounded(), inked)


def _symbols(page: pypdfium2.PdfPage) -> list[Symbol]:
    picture = page.render(scale=_SCALE, grayscale=True).to_pil()
    found = qrlyzer.detect_and_decode_from_bytes_with_bbox(picture.tobytes(), picture.width, picture.height)
    return [Symbol(text, across / _SCALE) for text, (_, _, across, _) in found]
