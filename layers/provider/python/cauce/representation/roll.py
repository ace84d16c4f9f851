"""A sheet for the 80 mm roll of a till: one long page, black on white, as a thermal printer has it.

It says all that the pages of letter paper say. What stands across each of those here stands at both ends.
"""

from collections.abc import Iterator

from cauce.representation.flow import Mark, Picture, Qr, Rule, Text, fitting
from cauce.representation.look import Look
from cauce.representation.sheet import Block, Fact, Item, Sheet, Table
from cauce.representation.typography import BOLD, REGULAR, Style, shortened, width, wrapped

WIDTH = 80 / 25.4 * 72
"""Of the paper; printers leave 72 mm of it."""
_LEFT, _RIGHT = 4 / 25.4 * 72, WIDTH - 4 / 25.4 * 72
_ROOM = _RIGHT - _LEFT
_MOST = 14_000.0
"""Points that a page of PDF may be high, nearly; a longer roll is several pages."""
_EDGE, _GAP = 14.0, 5.0
# DIAN asks for 2 cm at least.
_QR_SIDE = 38 / 25.4 * 72
_LOGO_WIDTH, _LOGO_HEIGHT = 120.0, 42.0

_NAME = Style(10.5, 13.0, BOLD, 0.0)
_TITLE = Style(8.6, 10.6, BOLD, 0.0)
_NUMBER = Style(12.0, 15.0, BOLD, 0.0)
_BODY = Style(8.0, 10.0, REGULAR, 0.0)
_STRONG = Style(8.0, 10.0, BOLD, 0.0)
_PAYABLE = Style(11.0, 15.0, BOLD, 0.0)
_SMALL = Style(7.0, 8.8, REGULAR, 0.0)


class _Roll:
    """The pages so far; ``y`` is the last line's, below 0 from the top of its page."""

    def __init__(self) -> None:
        self.pages: list[tuple[list[Mark], float]] = []
        self._marks: list[Mark] = []
        self.y = -_EDGE

    def end(self) -> list[tuple[list[Mark], float]]:
        """The pages, each with its height."""
        self._cut()
        return self.pages

    def need(self, height: float) -> None:
        if -self.y + height + _EDGE > _MOST:
            self._cut()

    def mark(self, mark: Mark) -> None:
        self._marks.append(mark)

    def space(self, height: float = _GAP) -> None:
        self.y -= height

    def rule(self) -> None:
        self.space()
        self.mark(Rule(_LEFT, self.y, _RIGHT, 0.6, 0.0))
        self.space(2.0)

    def write(self, text: str, style: Style = _BODY, *, is_centred: bool = False) -> None:
        for line in wrapped(text, style, _ROOM):
            self.need(style.leading)
            self.y -= style.leading
            x = _LEFT + (_ROOM - width(line, style)) / 2 if is_centred else _LEFT
            self.mark(Text(x, self.y, line, style))

    def pair(self, label: str, figure: str, style: Style = _BODY) -> None:
        """A label at the left and its figure at the right."""
        self.need(style.leading)
        self.y -= style.leading
        fitted = fitting(figure, style, _ROOM * 0.6)
        taken = width(figure, fitted)
        self.mark(Text(_LEFT, self.y, shortened(label, style, _ROOM - taken - _GAP), style))
        self.mark(Text(_RIGHT - taken, self.y, figure, fitted))

    def box(self, across: float, high: float) -> tuple[float, float]:
        """Room in the middle for what is so wide and high: its lower left corner."""
        self.need(high)
        self.y -= high
        return _LEFT + (_ROOM - across) / 2, self.y

    def _cut(self) -> None:
        height = -self.y + _EDGE
        self.pages.append(([_moved(mark, height) for mark in self._marks], height))
        self._marks, self.y = [], -_EDGE


def pages(sheet: Sheet, look: Look) -> list[tuple[list[Mark], float]]:
    """The marks of every page, from its lower left corner, and its height: one page, but for hundreds of lines."""
    roll = _Roll()
    _warnings(roll, sheet)
    _head(roll, sheet, look)
    _block(roll, sheet.counterparty)
    _facts(roll, (*sheet.facts, *sheet.references))
    roll.rule()
    for item in sheet.items:
        _item(roll, item)
    _sums(roll, sheet)
    _foot(roll, sheet, look)
    _warnings(roll, sheet)
    return roll.end()


def _warnings(roll: _Roll, sheet: Sheet) -> None:
    if sheet.marks:
        roll.write(" · ".join(sheet.marks), _NAME, is_centred=True)
    for legend in sheet.legends:
        roll.write(legend, _STRONG, is_centred=True)
    if sheet.marks or sheet.legends:
        roll.space()


def _head(roll: _Roll, sheet: Sheet, look: Look) -> None:
    """The issuer, and which document it is."""
    if look.logo is not None:
        across, high = look.logo.within(_LOGO_WIDTH, _LOGO_HEIGHT)
        roll.mark(Picture(*roll.box(across, high), across, high))
        roll.space()
    roll.write(sheet.issuer.name, _NAME, is_centred=True)
    for line in (sheet.issuer.identification, *sheet.issuer.lines):
        roll.write(line, is_centred=True)
    roll.rule()
    roll.write(sheet.title, _TITLE, is_centred=True)
    if sheet.variant:
        roll.write(sheet.variant, is_centred=True)
    roll.write(sheet.number, _NUMBER, is_centred=True)
    roll.write(sheet.status, is_centred=True)
    roll.rule()


def _block(roll: _Roll, block: Block) -> None:
    roll.write(f"{block.role}: {block.name}", _STRONG)
    for line in (block.identification, *block.lines):
        roll.write(line)


def _facts(roll: _Roll, facts: tuple[Fact, ...]) -> None:
    for fact in facts:
        roll.write(f"{fact.label}: {fact.text}")


def _item(roll: _Roll, item: Item) -> None:
    """A line: what is sold, then how much of it, at what price, and its total at the right."""
    roll.write(f"{item.position}. {item.description}", _STRONG)
    for detail in filter(None, (item.code, *item.details)):
        roll.write(detail, _SMALL)
    roll.pair(f"{item.quantity} {item.unit} × {item.price}", item.total)
    if item.discount:
        roll.pair("Descuento", "  ".join(reversed(item.discount)), _SMALL)
    for name, amount in item.taxes:
        roll.pair(name, amount, _SMALL)
    roll.space(2.0)


def _sums(roll: _Roll, sheet: Sheet) -> None:
    roll.rule()
    roll.write(f"Número de líneas: {sheet.count}", _SMALL)
    for fact in sheet.totals:
        roll.pair(fact.label, fact.text)
    roll.pair(sheet.payable.label, sheet.payable.text, _PAYABLE)
    for fact in sheet.after:
        roll.pair(fact.label, fact.text)
    if sheet.words:
        roll.write(sheet.words, _SMALL)
    for table in sheet.tables:
        _table(roll, table)


def _table(roll: _Roll, table: Table) -> None:
    roll.space()
    for cells, style in ((table.heads, _STRONG), *((row, _SMALL) for row in table.rows)):
        roll.pair(cells[0], "  ".join(filter(None, cells[1:])), style)


def _foot(roll: _Roll, sheet: Sheet, look: Look) -> None:
    roll.rule()
    for note in sheet.notes:
        roll.write(note)
    roll.space()
    x, y = roll.box(_QR_SIDE, _QR_SIDE)
    roll.mark(Qr(x, y, _QR_SIDE))
    roll.space()
    for text in _identified(sheet, look):
        roll.write(text, _SMALL, is_centred=True)
        roll.space(2.0)


def _identified(sheet: Sheet, look: Look) -> Iterator[str]:
    yield f"{sheet.identifier.label}: {sheet.identifier.text}"
    yield from filter(None, (sheet.numbering, sheet.software, sheet.colophon, look.footer))


def _moved(mark: Mark, by: float) -> Mark:
    return mark._replace(y=mark.y + by)
