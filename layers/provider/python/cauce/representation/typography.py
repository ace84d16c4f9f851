"""Type: the fonts, what their characters measure, and text cut into lines that fit.

Noto Sans SemiCondensed (OFL 1.1) has Latin, Greek and Cyrillic; what it lacks is drawn from DejaVu Sans Condensed,
which has more signs and scripts; what neither has becomes an empty square. The licences are beside the fonts.

What is written from right to left is not drawn: its letters would stand in the wrong order, and those of Arabic in
the wrong shape. A word in brackets says where such a text was left out; the XML has it.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

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
# A text from right to left, with what stands between two of its letters: Hebrew to Arabic, their presentation forms,
# and the scripts of the supplementary plane.
_LEFTWARDS = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
_FROM_THE_RIGHT = re.compile(f"[{_LEFTWARDS}](?:[^\\n<>A-Za-z]*[{_LEFTWARDS}])*")
_HEBREW, _ARABIC = (
    re.compile("[\u0590-\u05ff\ufb1d-\ufb4f]"),
    re.compile("[\u0600-\u08ff\ufb50-\ufdff\ufe70-\ufefc]"),
)
FONTS = tuple(_FILES)
INK, FAINT = 0.13, 0.42
"""Shades of grey: of values, and of their labels."""


class Style(NamedTuple):
    """How a text looks. ``size`` and ``leading`` in points."""

    size: float
    leading: float
    font: str = REGULAR
    shade: float = INK
    is_accent: bool = False
    """Whether it has the issuer's colour, and not its shade."""


def clean(text: str) -> str:
    """The text in composed characters that can be drawn; control and format characters become spaces, and a text from
    right to left a word that says so."""
    if text.isascii() and text.isprintable():
        return text
    return _FROM_THE_RIGHT.sub(_left_out, unicodedata.normalize("NFC", text)).translate(_DRAWN)


def _left_out(found: re.Match[str]) -> str:
    script = "hebreo" if _HEBREW.match(found[0]) else "árabe" if _ARABIC.match(found[0]) else "otra escritura"
    return f"[texto en {script}]"


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


@cache
def loaded(name: str) -> "TTFont":
    """A font by name, read when it is first used."""
    from reportlab.pdfbase.ttfonts import TTFont

    return TTFont(name, str(Path(__file__).parent / "fonts" / _FILES[name]), asciiReadable=False)


def width(text: str, style: Style) -> float:
    return _points(_measured(text, style), style)


def wrapped(text: str, style: Style, room: float) -> list[str]:
    """The text in lines no wider than ``room`` points: broken between words, and inside one that is too wide."""
    lines: list[str] = []
    for paragraph in clean(text).split("\n"):
        *whole, line = _broken(paragraph, style, room)
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


def _broken(paragraph: str, style: Style, room: float) -> list[str]:
    """A paragraph in one line or more; of an empty one, an empty line."""
    # Not str.split(): a no-break space joins words.
    words = list(filter(None, paragraph.split(" ")))
    if width(paragraph, style) <= room:
        return [" ".join(words)]
    lines, line, taken = [], "", 0.0
    space = _measured(" ", style)
    for word in words:
        longer = taken + bool(line) * space + _measured(word, style)
        if _points(longer, style) <= room:
            line, taken = f"{line} {word}" if line else word, longer
            continue
        if line:
            lines.append(line)
        *whole, line = _cut(word, style, room)
        lines.extend(whole)
        taken = _measured(line, style)
    return [*lines, line]


def _cut(word: str, style: Style, room: float) -> list[str]:
    pieces, start, taken = [], 0, 0.0
    for n, character in enumerate(word):
        measured = _measured(character, style)
        if n > start and _points(taken + measured, style) > room:
            pieces.append(word[start:n])
            start, taken = n, 0.0
        taken += measured
    return [*pieces, word[start:]]


def _measured(text: str, style: Style) -> float:
    """How wide a text is, in thousandths of an em: exact, since its characters' widths are binary fractions."""
    return sum(map(_WIDTHS[style.font].__getitem__, text))


def _points(measured: float, style: Style) -> float:
    return measured * style.size / 1000


class _Drawn(dict[int, str]):
    """What is drawn for a character: a table for ``str.translate``."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _drawn(chr(code))
        return found


def _drawn(character: str) -> str:
    if character == "\n" or (_has(REGULAR, character) and character.isprintable()):
        return character
    if character in _SELECTORS:
        return ""
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return " "
    return character if _has(_FALLBACK, character) else _MISSING


def _has(font: str, character: str) -> bool:
    return ord(character) in loaded(font).face.charToGlyph


class _Widths(dict[str, float]):
    """The widths of a font's characters, in thousandths of an em."""

    def __init__(self, font: str):
        self._name = font

    def __missing__(self, character: str) -> float:
        chosen = loaded(self._name if _has(self._name, character) else _FALLBACK)
        found: float = chosen.face.getCharWidth(ord(character))
        self[character] = found
        return found


_DRAWN = _Drawn()
_WIDTHS = {name: _Widths(name) for name in FONTS}
