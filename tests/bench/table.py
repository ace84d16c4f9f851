"""The table of ``make bench``: what is measured, what it must be at most (or at least), and where it should end."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

Figures = Mapping[str, float | None]
"""What a part measured, by the name of its row; ``None`` where it cannot be measured here."""


@dataclass(frozen=True)
class Row:
    """One figure and its limits. ``must`` is a gate; ``aim`` is where it should end. Without ``must`` it only informs."""

    what: str
    must: float | None = None
    aim: float | None = None
    at_least: bool = False
    """The limits are the least that it may be."""
    unit: str = ""

    def holds(self, figure: float | None) -> bool:
        """Whether the gate is passed. What could not be measured does not pass it, and does not fail it either."""
        if self.must is None or figure is None:
            return True
        return figure >= self.must if self.at_least else figure <= self.must

    def is_there(self, figure: float) -> bool:
        """Whether the figure is where it should end."""
        if self.aim is None:
            return True
        return figure >= self.aim if self.at_least else figure <= self.aim


@dataclass(frozen=True)
class Part:
    """Rows that are measured together, by one function of the number of rounds."""

    name: str
    rows: tuple[Row, ...]
    measure: Callable[[int], Figures]
    missing: str = ""
    """Why its figures may be missing, for who reads the table."""


@dataclass
class Table:
    """The parts with their figures."""

    parts: list[Part]
    figures: dict[str, Figures] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)
    """The parts that were measured a second time."""

    def fill(self, rounds: int, say: Callable[[str], None]) -> None:
        """Measure every part, and once more those with a row that does not pass its gate."""
        for part in self.parts:
            say(f"{part.name} …")
            self.figures[part.name] = part.measure(rounds)
        for part in [each for each in self.parts if self._short(each)]:
            say(f"{part.name}, once more …")
            self.again.add(part.name)
            self.figures[part.name] = self._better(part, part.measure(rounds * 2))

    @property
    def short(self) -> list[str]:
        """The rows that do not pass their gate."""
        return [row.what for part in self.parts for row in self._short(part)]

    def _short(self, part: Part) -> list[Row]:
        found = self.figures[part.name]
        return [row for row in part.rows if not row.holds(found.get(row.what))]

    def _better(self, part: Part, second: Figures) -> Figures:
        """The first figure of a row that passed, and the second of one that did not."""
        first, failed = self.figures[part.name], {row.what for row in self._short(part)}
        return {row.what: (second if row.what in failed else first).get(row.what) for row in part.rows}

    def lines(self) -> Iterator[str]:
        """The table as a person reads it."""
        width = max(len(row.what) for part in self.parts for row in part.rows)
        yield f"{'':{width}}{'ours':>11}{'must':>12}{'aim':>10}"
        for part in self.parts:
            for row in part.rows:
                figure = self.figures[part.name].get(row.what)
                yield f"{row.what:{width}}{_cells(row, figure, part)}".rstrip()
            yield ""

    def as_json(self) -> dict[str, object]:
        return {
            f"{part.name}: {row.what}" if row.what != part.name else row.what: {
                "ours": None if (found := self.figures[part.name].get(row.what)) is None else round(found, 4),
                "must": row.must,
                "aim": row.aim,
                "at_least": row.at_least,
                "holds": row.holds(found),
                "measured_twice": part.name in self.again,
            }
            for part in self.parts
            for row in part.rows
        }


def _cells(row: Row, figure: float | None, part: Part) -> str:
    sign = "≥" if row.at_least else "≤"
    must = "" if row.must is None else f"{sign} {row.must:g}{row.unit}"
    aim = "" if row.aim is None else f"{row.aim:g}{row.unit}"
    if figure is None:
        return f"{'–':>11}{must:>12}{aim:>10}  not measured: {part.missing}"
    verdict = "" if row.must is None else "ok" if row.holds(figure) else "SHORT"
    if verdict == "ok" and row.aim is not None and row.is_there(figure):
        verdict = "ok, there"
    return f"{_shown(figure) + row.unit:>11}{must:>12}{aim:>10}  {verdict}"


def _shown(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 1000 or figure == int(figure) else f"{figure:.3g}"
