"""How an issuer wants its papers: logo, colour, a text at the foot, and the software that it names as its own."""

import re
from dataclasses import dataclass

from cauce.representation.images import Image

COLOUR = re.compile(r"#?([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})")
DEFAULT_COLOUR = "#1F3A5F"
LEAST_CONTRAST = 4.5
"""Of a text with its paper: WCAG 2.2, 1.4.3."""

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
    """How well a colour is read on white paper: from 1, not at all, to 21, black."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb(colour)
    )
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
