"""Places texts, rules and tables on pages, from top to bottom, on as many pages as they take.

Positions are points from the lower left corner of the page, as in PDF. Nothing is drawn here: a page is a list of
marks, so the number of pages is known before the first one is written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import NamedTuple

from cauce.representation.typography import BOLD, FAINT, Style, clean, width, wrapped

PAGE_WIDTH, PAGE_HEIGHT = 612.0, 792.0
"""Letter, the paper that Colombia prints on."""
LEFT, RIGHT = 36.0, PAGE_WIDTH - 36.0
TOP = PAGE_HEIGHT - 30.0

# A table's row of at most so many lines is not split between two pages.
_KEPT_WHOLE = 12
GUTTER = 6.0
"""Between two columns of a table."""
_ROW_SPACE = 1.6


class Text(NamedTuple):
    """A line of text; ``x`` is its left end, ``y`` its base line."""

    x: float
    y: float
    text: str
    style: Style


class Rule(NamedTuple):
    """A horizontal line; in the issuer's colour where ``is_accent``."""

    x: float
    y: float
    end: float
    weight: float = 0.4
    shade: float = 0.72
    is_accent: bool = False


class Band(NamedTuple):
    """A filled rectangle, its lower left corner, width and height; texts stand on it."""

    x: float
    y: float
    width: float
    height: float
    shade: float


class Picture(NamedTuple):
    """The issuer's logo, its lower left corner, width and height."""

    x: float
    y: float
    width: float
    height: float


class Qr(NamedTuple):
    """The document's QR, its lower left corner and its side."""

    x: float
    y: float
    side: float


Mark = Text | Rule | Band | Picture | Qr


@dataclass(frozen=True)
class Column:
    """A column of a table. Figures are aligned at the right, and made smaller rather than broken."""

    head: str
    width: float
    is_figure: bool = False


Cell = Sequence[tuple[str, Style]]
"""Pieces of text, one under another."""


@dataclass
class Flow:
    """The pages so far, the index of the one being filled, and the height ``y`` down to which it is full."""

    begin: Callable[["Flow"], None]
    """Puts on each page after the first its head, from TOP to ``below_head``."""
    below_head: float
    """Where the contents of a page after the first begin."""
    bottom: float
    """Where the contents of each page end."""
    pages: list[list[Mark]] = field(default_factory=lambda: [[]])
    page: int = 0
    y: float = TOP

    def mark(self, *marks: Mark) -> None:
        self.pages[self.page].extend(marks)

    def beside(self, *columns: Callable[[], None]) -> None:
        """Columns that begin at the same height; what follows begins below the one that ends last."""
        start, ends = (self.page, self.y), []
        for column in columns:
            self.page, self.y = start
            column()
            ends.append((-self.page, self.y))
        page, self.y = min(ends)
        self.page = -page

    def need(self, height: float) -> bool:
        """Go on at the next page unless ``height`` is left on this one; whether it did."""
        if self.y - height >= self.bottom:
            return False
        self.page += 1
        self.y = self.below_head
        if self.page == len(self.pages):
            self.pages.append([])
            self.begin(self)
        return True

    def space(self, height: float) -> None:
        self.y -= height

    def write(self, text: str, style: Style, x: float = LEFT, end: float = RIGHT) -> None:
        """A text over as many lines and pages as it takes."""
        for line in wrapped(text, style, end - x):
            self.need(style.leading)
            self.y -= style.leading
            self.mark(Text(x, self.y, line, style))

    def rule(
        self,
        x: float = LEFT,
        end: float = RIGHT,
        weight: float = 0.4,
        shade: float = 0.72,
        is_accent: bool = False,
    ) -> None:
        self.mark(Rule(x, self.y, end, weight, shade, is_accent))

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], x: float = LEFT) -> None:
        """Rows under a head that every page repeats."""
        end = x + sum(column.width for column in columns)
        self.need(_HEAD_HEIGHT + 2 * HEAD.leading)
        self._head(columns, x, end)
        for row in rows:
            self._row(columns, row, x, end)

    def _row(self, columns: Sequence[Column], row: Sequence[Cell], x: float, end: float) -> None:
        """A row, whole on one page where it is short; the head is repeated on each page that it goes on to."""
        cells = [_placed(cell, column) for cell, column in zip(row, columns, strict=True)]
        leading = max(style.leading for cell in row for _, style in cell)
        count = max(map(len, cells))
        if self.need(min(count, _KEPT_WHOLE) * leading + 2 * _ROW_SPACE):
            self._head(columns, x, end)
        self.y -= _ROW_SPACE
        for pieces in zip_longest(*cells):
            if self.need(leading + _ROW_SPACE):
                self._head(columns, x, end)
            self.y -= leading
            self._line(columns, pieces, x)
        self.y -= _ROW_SPACE + 0.4
        self.rule(x, end, 0.3, 0.86)

    def _head(self, columns: Sequence[Column], x: float, end: float) -> None:
        self.y -= _HEAD_HEIGHT
        names: list[tuple[str, Style] | None] = [
            (column.head, fitting(column.head, HEAD, column.width - GUTTER + 0.1)) for column in columns
        ]
        self.y += 4.0
        self._line(columns, names, x)
        self.y -= 4.0
        self.rule(x, end, 0.8, is_accent=True)

    def _line(self, columns: Sequence[Column], pieces: Sequence[tuple[str, Style] | None], x: float) -> None:
        for column, piece in zip(columns, pieces, strict=True):
            if piece is not None and piece[0]:
                text, style = piece
                start = x
                if column.is_figure:
                    start = x + column.width - width(text, style)
                    start -= 0 if column is columns[-1] else GUTTER
                self.mark(Text(start, self.y, text, style))
            x += column.width


HEAD = Style(6.6, 8.0, BOLD, FAINT)
"""Of a table's head."""
_HEAD_HEIGHT = 13.0


def _placed(cell: Cell, column: Column) -> list[tuple[str, Style]]:
    """The lines of a cell: a figure made to fit on one, a text broken."""
    room = column.width - GUTTER
    if column.is_figure:
        return [(clean(text), fitting(clean(text), style, room)) for text, style in cell]
    return [(line, style) for text, style in cell for line in wrapped(text, style, room)]


def fitting(text: str, style: Style, room: float) -> Style:
    """The style, smaller where the text would not fit on one line."""
    needed = width(text, style)
    if needed <= room:
        return style
    return style._replace(size=style.size * room / needed)
