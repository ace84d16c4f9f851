"""A provider's published table of answer codes, and where its page can be read again.

Each bench has the whole table, so the suite needs no page; ``tests/coverage_seeds`` compares it with the page where
that is at hand.
"""

import re
from dataclasses import dataclass
from pathlib import Path

_REFERENCE = Path(__file__).resolve().parents[3] / "shared"


@dataclass(frozen=True)
class Table:
    """A provider's codes; ``page`` is the file of its page, ``pattern`` matches each code between the ``within``
    marks.
    """

    codes: frozenset[str]
    page: str
    within: tuple[str, str]
    pattern: str
    besides: frozenset[str] = frozenset()
    """Codes that are not in the table: from another page of the provider's, or only in its examples."""

    def published(self) -> set[str] | None:
        """The codes that the page has; None where the page is not at hand."""
        found = next(iter(sorted(_REFERENCE.glob(self.page))), None)
        if found is None:
            return None
        text = found.read_text("utf-8")
        start = text.index(self.within[0])
        return set(re.findall(self.pattern, text[start : text.index(self.within[1], start)]))
