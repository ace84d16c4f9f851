"""How an issuer wants its papers: logo, colour, a text at the foot, and the software that it names as its own."""

import re
from dataclasses import dataclass

from cauce.representation.images import Image

COLOUR = re.compile(r"#?([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})")
DEFAULT_COLOUR = "#1F3A5F"
LEAST_CONTRAST = 3.0
"""Of a line with its paper (WCAG 2.2, 1.4.11)."""
_OF_TEXT = 4.5
"""Of a text with its paper (1.4.3)."""

Rgb = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class Look:
    """What is drawn in the issuer's way."""

    logo: Image | None = None
    colour: str = DEFAULT_COLOUR
    footer: str = ""


PLAIN = Look()


def rgb(colour: str) -> Rgb:
    """``#0A5`` or ``#00AA55`` as shares of red, green and blue. Raises ValueError for any other form."""
    found = COLOUR.fullmatch(colour.strip())
    if found is None:
        raise ValueError(colour)
    digits = found[1] if len(found[1]) == 6 else "".join(2 * each for each in found[1])
    red, green, blue = (int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4))
    return red, green, blue


def contrast(colour: str) -> float:
    """How well a colour is seen on white paper: from 1, not at all, to 21, black."""
    return 1.05 / (_luminance(rgb(colour)) + 0.05)


def readable(colour: str) -> Rgb:
    """The colour as texts have it: itself, or as much darker as it takes to be read."""
    found = rgb(colour)
    enough, seen = 1.05 / _OF_TEXT - 0.05, _luminance(found)
    if seen <= enough:
        return found
    red, green, blue = (_shown(_light(part) * enough / seen) for part in found)
    return red, green, blue


def _luminance(colour: Rgb) -> float:
    red, green, blue = map(_light, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _light(part: float) -> float:
    """How much light a share of a colour is, and back."""
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _shown(light: float) -> float:
    return light * 12.92 if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
