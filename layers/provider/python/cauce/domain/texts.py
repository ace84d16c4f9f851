"""Texts that somebody else wrote, made fit to be kept, shown and sent on. Pure."""

import re

LONGEST = 500
"""Characters of a sentence. The archive keeps the answer whole."""

# Line breaks and tabs are written by people; the rest of the controls, and half a pair of surrogates, by no one, and
# neither a table nor a header takes them.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def cut(text: str, longest: int = LONGEST) -> str:
    """The text without what cannot be written, and with «…» for what is beyond ``longest`` characters."""
    kept = _UNWRITABLE.sub(" ", text[: longest + 1])
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"
