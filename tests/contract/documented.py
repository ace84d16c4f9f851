"""Every provider's published table of answer codes, and where to read it again.

The tables stand here in full, so that nothing but this repository is needed; ``tests/coverage_seeds`` compares
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


TABLES = {
    "factus": Table(
        frozenset(
            ["200", "201", "204", "400", "401", "402", "403", "404", "409", "422", "429", "500", "503"]
        ),
        "providers/factus.md",
        ("Codes listed officially", "[docs-v2 respuestas-del-api]"),
        r"\b\d{3}\b",
    ),
    "facepro": Table(
        frozenset(["200", "201", "401", "403", "404", "422", "429", "500"]),
        "seeds/002_*.txt",
        ("Códigos de error", "Ejemplo: 422"),
        r"(?m)^[|` ]*(\d{3})[` ]*\|",
    ),
    "afacturar": Table(
        # 0 and 11 are in its examples of answers, and not in its table.
        frozenset(
            [
                "0",
                "11",
                "15",
                "28",
                "400",
                "401",
                "403",
                "404",
                "405",
                "409",
                "415",
                "422",
                "429",
                "500",
                "503",
            ]
        ),
        "seeds/003_*.txt",
        ("Tabla de Errores", "Ejemplo 1."),
        r"(?m)^(\d{2,3}) ",
        besides=frozenset({"0", "11"}),
    ),
    "facturatech": Table(
        # 100 and 200 are said beside the table to mean success too.
        frozenset(["100", "200", "201", "404", "405", "409"]),
        "providers/facturatech.md",
        ("| op | code |", "Manual says success"),
        r"(?m)^\|[^|]*\|[ *]*(\d{3})",
        besides=frozenset({"100", "200"}),
    ),
    "dian": Table(
        # 67 and 68 are of the history alone (tests/unit/dian/test_events.py); 500 has its own row.
        frozenset(["00", "2", "66", "67", "68", "89", "90", "98", "99", "500"]),
        "dian/SPEC.md",
        ("| Outcome | Meaning | Action |", "| GetNumberingRange"),
        r"(?m)^\| (?:IsValid true, |Rule )?(\d{1,3})\b",
        besides=frozenset({"68"}),
    ),
}
