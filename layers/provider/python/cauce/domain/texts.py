"""Texts from outside, made fit to be stored, shown and sent on. Pure."""

import re
import unicodedata

LONGEST = 500
"""Most characters kept of a sentence; the archive has the whole answer."""

# Control characters but tab and line feed, and lone surrogates: nobody writes them, and a table or a header refuses
# them.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def cut(text: str, longest: int = LONGEST) -> str:
    """The text with a space for each unwritable character; a longer one cut to ``longest``, «…» included."""
    kept = _UNWRITABLE.sub(" ", text[: longest + 1])
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"


def folded(text: str) -> str:
    """The text in lower case and ASCII, its letters without accents."""
    return unaccented(text).lower()


def unaccented(text: str) -> str:
    """The text in ASCII, its letters without accents: services write «Notificación» in more than one way."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
