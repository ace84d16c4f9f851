"""A provider's published table of answer codes, and where to read it again.

Each bench has its own in full, so that nothing but this repository is needed; ``tests/coverage_seeds`` compares
them with their source where that is beside it.
"""

import re
from dataclasses import dataclass
from pathlib import Path

_REFERENCE = Path(__file__).resolve().parents[3] / "shared"


@dataclass(frozen=True)
class Table:
    """A provider's codes; ``page`` is where they are from, ``pattern`` finds each in what ``within`` delimits."""

    codes: frozenset[str]
    page: str
    within: tuple[str, str]
    pattern: str
    besides: frozenset[str] = frozenset()
    """Codes from another page of the provider's, or that only its examples show."""

    def published(self) -> set[str] | None:
        """The codes that the page has, or ``None`` where the reference material is absent."""
        found = next(iter(sorted(_REFERENCE.glob(self.page))), None)
        if found is None:
            return None
        text = found.read_text("utf-8")
        start = text.index(self.within[0])
        return set(re.findall(self.pattern, text[start : text.index(self.within[1], start)]))
