"""Type: the fonts, what their characters measure, and text cut into lines that fit.

Noto Sans SemiCondensed (OFL 1.1) has Latin, Greek and Cyrillic; what it lacks is drawn from DejaVu Sans Condensed,
which has more signs and scripts; what neither has becomes an empty square. The licences are beside the fonts.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD, _FALLBACK = "Noto", "Noto-Bold", "DejaVu"
_FILES = {
    REGULAR: "NotoSans-SemiCondensed.ttf",
    BOLD: "NotoSans-SemiCondensedBold.ttf",
    _FALLBACK: "DejaVuSansCondensed.ttf",
}
_ELLIPSIS, _MISSING = "…", "□"
# Variation selectors: they choose a look of the character before them, and are not drawn.
_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))
INK, FAINT = 0.13, 0.42
"""Shades of grey: of values, and of their labels."""


@dataclass(frozen=True)
class Style:
    """How a text looks. ``size`` and ``leading`` in points."""

    size: float
    leading: float
    font: str = REGULAR
    shade: float = INK


def clean(text: str) -> str:
    """The text in composed characters that can be drawn; control and format characters become spaces."""
    return "".join(map(_drawn, unicodedata.normalize("NFC", text)))


def runs(text: str, font: str) -> list[tuple[str, str]]:
    """The text in pieces, each with the font that has its characters."""
    found: list[tuple[str, str]] = []
    for character in text:
        name = font if _has(font, character) else _FALLBACK
        if found and found[-1][0] == name:
            found[-1] = (name, found[-1][1] + character)
        else:
            found.append((name, character))
    return found


def width(text: str, style: Style) -> float:
    return sum(_em(character, style.font) for character in text) * style.size


def wrapped(text: str, style: Style, room: float) -> list[str]:
    """The text in lines no wider than ``room`` points: broken between words, and inside one that is too wide."""
    lines = []
    for paragraph in clean(text).split("\n"):
        line = ""
        # Not str.split(): a no-break space joins words.
        for word in filter(None, paragraph.split(" ")):
            longer = f"{line} {word}" if line else word
            if width(longer, style) <= room:
                line = longer
                continue
            if line:
                lines.append(line)
            *whole, line = _cut(word, style, room)
            lines.extend(whole)
        if line or (lines and lines[-1]):  # of several empty lines one is enough
            lines.append(line)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def shortened(text: str, style: Style, room: float) -> str:
    """The text on one line, its end left out where there is no room."""
    one = " ".join(clean(text).split())
    if width(one, style) <= room:
        return one
    while one and width(one + _ELLIPSIS, style) > room:
        one = one[:-1]
    return one.rstrip() + _ELLIPSIS


def fonts() -> "dict[str, TTFont]":
    """The fonts by name, registered with reportlab."""
    return {name: _font(name) for name in _FILES}


def _cut(word: str, style: Style, room: float) -> list[str]:
    pieces, piece = [], ""
    for character in word:
        if piece and width(piece + character, style) > room:
            pieces.append(piece)
            piece = ""
        piece += character
    return [*pieces, piece]


@cache
def _drawn(character: str) -> str:
    if character == "\n" or (_has(REGULAR, character) and character.isprintable()):
        return character
    if character in _SELECTORS:
        return ""
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return " "
    return character if _has(_FALLBACK, character) else _MISSING


def _has(font: str, character: str) -> bool:
    return ord(character) in _font(font).face.charToGlyph


@cache
def _em(character: str, font: str) -> float:
    """How wide a character is, in ems."""
    name = font if _has(font, character) else _FALLBACK
    measured: float = _font(name).stringWidth(character, 1000)
    return measured / 1000


@cache
def _font(name: str) -> "TTFont":
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    font = TTFont(name, str(Path(__file__).parent / "fonts" / _FILES[name]))
    pdfmetrics.registerFont(font)
    return font
