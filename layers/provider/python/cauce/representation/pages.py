"""The pages of a sheet: issuer, other party, lines, amounts, notes, and at each page's foot the identifier."""

from collections.abc import Mapping, Sequence

from cauce.representation.flow import (
    GUTTER,
    HEAD,
    LEFT,
    RIGHT,
    TOP,
    Band,
    Cell,
    Column,
    Flow,
    Mark,
    Picture,
    Qr,
    Rule,
    Text,
    fitting,
)
from cauce.representation.look import Look
from cauce.representation.sheet import Block, Fact, Item, Sheet, Table
from cauce.representation.typography import BOLD, FAINT, INK, REGULAR, Style, clean, shortened, width, wrapped

_TITLE = Style(10.5, 13.0, BOLD, INK, is_accent=True)
_NUMBER = Style(15.0, 19.0, BOLD)
_NAME = Style(11.0, 14.0, BOLD)
_OTHER_NAME = Style(9.0, 12.0, BOLD)
_ROLE = Style(6.6, 9.0, BOLD, INK, is_accent=True)
_LABEL = Style(7.0, 9.6, REGULAR, FAINT)
_BODY = Style(7.6, 10.0)
_SMALL = Style(6.6, 8.4, REGULAR, FAINT)
_ROW = Style(7.2, 8.8)
_DETAIL = Style(6.6, 8.8, REGULAR, FAINT)
_TOTAL = Style(8.0, 12.0)
_PAYABLE = Style(10.5, 15.0, BOLD)
_LEGEND = Style(7.6, 9.6, BOLD, 1.0)
_MARKS = Style(10.0, 12.0, BOLD, 1.0)

_GAP = 18.0
_FOOT = 20.0
"""Below the foot of each page."""
# DIAN asks for 2 cm at least: 28 mm on the first page, 20.5 mm on the others.
_QR_SIDE, _QR_REPEATED = 79.4, 58.2
_RIGHT_HALF = 336.0
_TERMS = 264.0
_LABEL_WIDTH = 104.0
_BAND_SHADE = 0.22
_LOGO_WIDTH, _LOGO_HEIGHT = 160.0, 46.0
_PAGE_NUMBER = 80.0
"""Its room, at the end of the first lines of the foot."""
_MOST_OF_FOOTER = 3
"""Lines of the issuer's own text at the foot of each page."""

_MOST_TOGETHER = 240.0
_SUMMARY_WIDTH = _RIGHT_HALF - _GAP - LEFT
_TAX_WIDTH = 60.0
_LEAST_DESCRIBED = 132.0
_MOST_OF_DISCOUNT = 20
"""Letters of a discount and its percentage on one line."""
_SLACK = 0.1
"""So that no rounding breaks the longest text of a column."""


def pages(sheet: Sheet, look: Look) -> list[list[Mark]]:
    """The marks of every page, its foot included."""
    foot = _foot(sheet, look)
    flow = Flow(
        begin=lambda flow: _repeated_head(flow, sheet),
        below_head=TOP - _banded(sheet) - _QR_REPEATED - 6.0,
        bottom=_FOOT + (len(foot) + 1) * _SMALL.leading,
    )
    _band(flow, sheet)
    _letterhead(flow, sheet, look)
    _parties(flow, sheet)
    _lines(flow, sheet.items)
    flow.space(3)
    _labelled(flow, Fact("Número de líneas", str(sheet.count)), LEFT, RIGHT, 70.0)
    _summary(flow, sheet)
    _texts(flow, sheet)
    for number, page in enumerate(flow.pages, start=1):
        page.extend(_footed(foot, flow.bottom, number, len(flow.pages)))
    return flow.pages


# The band of warnings, at the top of each page


def _band(flow: Flow, sheet: Sheet) -> None:
    height = _banded(sheet)
    if not height:
        return
    flow.mark(Band(LEFT, TOP - height + 4, RIGHT - LEFT, height - 4, _BAND_SHADE))
    y = TOP - 2
    for text, style in _warnings(sheet):
        y -= style.leading
        flow.mark(Text(LEFT + 6, y, text, style))
    flow.y = TOP - height


def _banded(sheet: Sheet) -> float:
    """How high the band is, with the space below it."""
    warnings = _warnings(sheet)
    return sum(style.leading for _, style in warnings) + 11.0 if warnings else 0.0


def _warnings(sheet: Sheet) -> list[tuple[str, Style]]:
    said = [(" · ".join(sheet.marks), _MARKS)] if sheet.marks else []
    return [
        *said,
        *((line, _LEGEND) for each in sheet.legends for line in wrapped(each, _LEGEND, RIGHT - LEFT - 12)),
    ]


# The top of the first page


def _letterhead(flow: Flow, sheet: Sheet, look: Look) -> None:
    """The issuer at the left, under its logo; the document's title, number and status at the right."""

    def issuer() -> None:
        if look.logo is not None:
            across, high = look.logo.within(_LOGO_WIDTH, _LOGO_HEIGHT)
            flow.mark(Picture(LEFT, flow.y - high, across, high))
            flow.space(high + 5)
        _block(flow, sheet.issuer, LEFT, _RIGHT_HALF - _GAP, _NAME)

    def document() -> None:
        flow.write(sheet.title, _TITLE, _RIGHT_HALF)
        if sheet.variant:
            flow.write(sheet.variant, _BODY, _RIGHT_HALF)
        flow.write(sheet.number, _NUMBER, _RIGHT_HALF)
        flow.space(2)
        flow.write(sheet.status, _BODY, _RIGHT_HALF)
        if sheet.numbering:
            flow.write(sheet.numbering, _BODY, _RIGHT_HALF)

    flow.beside(issuer, document)
    flow.space(7)
    flow.rule(weight=1.4, is_accent=True)
    flow.space(4)


def _parties(flow: Flow, sheet: Sheet) -> None:
    """The other party at the left, the terms in the middle, the QR at the right."""

    def terms() -> None:
        flow.space(1)
        for fact in sheet.facts:
            _labelled(flow, fact, _TERMS, RIGHT - _QR_SIDE - _GAP, 92)

    def symbol() -> None:
        flow.space(_QR_SIDE + 4)
        flow.mark(Qr(RIGHT - _QR_SIDE, flow.y, _QR_SIDE))

    flow.need(_QR_SIDE + 4)
    flow.beside(
        lambda: _block(flow, sheet.counterparty, LEFT, _TERMS - _GAP, _OTHER_NAME),
        terms,
        symbol,
    )
    if sheet.references:
        flow.space(7)
        flow.rule()
        flow.space(3)
        for fact in sheet.references:
            _labelled(flow, fact, LEFT, RIGHT, _LABEL_WIDTH)
    flow.space(8)


def _block(flow: Flow, block: Block, x: float, end: float, name: Style) -> None:
    flow.write(block.role.upper(), _ROLE, x, end)
    flow.write(block.name, name, x, end)
    flow.space(1)
    for line in (block.identification, *block.lines):
        flow.write(line, _BODY, x, end)


def _labelled(flow: Flow, fact: Fact, x: float, end: float, label_width: float) -> None:
    flow.need(_BODY.leading)
    flow.mark(Text(x, flow.y - _BODY.leading, fact.label, _LABEL))
    flow.write(fact.text, _BODY, x + label_width, end)


# The lines


# The most that each column takes, and whether it has figures; the description has what the others leave.
_COLUMNS = {
    "Código": (62.0, False),
    "Cantidad": (58.0, True),
    "Unidad": (56.0, False),
    "Valor unitario": (74.0, True),
    "Descuento": (80.0, True),
    "Impuesto": (_TAX_WIDTH, False),
    "Valor imp.": (64.0, True),
    "Valor total": (74.0, True),
}
_POSITION, _DESCRIPTION = "N.º", "Descripción"

Said = Mapping[str, Cell]
"""The cells of a line by their columns' heads."""


def _lines(flow: Flow, items: Sequence[Item]) -> None:
    said = list(map(_said, items))
    columns = _columns(said)
    flow.table(columns, [[cells[column.head] for column in columns] for cells in said])


def _columns(lines: Sequence[Said]) -> list[Column]:
    """The columns of the lines, as wide as what they say; none for discounts or taxes where no line has any."""
    number = Column(_POSITION, 8.0 + 4.0 * max(2, len(str(len(lines)))))
    columns = [_column(head, lines) for head in _COLUMNS if any(cells[head] for cells in lines)]
    rest = RIGHT - LEFT - number.width - sum(column.width for column in columns)
    if rest < _LEAST_DESCRIBED:
        columns, rest = _narrowed(columns, _LEAST_DESCRIBED - rest), _LEAST_DESCRIBED
    return [number, columns[0], Column(_DESCRIPTION, rest), *columns[1:]]


def _column(head: str, lines: Sequence[Said]) -> Column:
    most, is_figure = _COLUMNS[head]
    texts = {text for cells in lines for text, _ in cells[head]}
    longest = max((width(clean(text), _ROW) for text in texts), default=0.0)
    return Column(head, max(width(head, HEAD), min(longest + _SLACK, most - GUTTER)) + GUTTER, is_figure)


def _narrowed(columns: list[Column], by: float) -> list[Column]:
    """Narrower columns of figures, which are made smaller then: no word is cut."""
    share = 1 - by / sum(column.width for column in columns if column.is_figure)
    return [
        Column(each.head, each.width * share, is_figure=True) if each.is_figure else each for each in columns
    ]


def _said(item: Item) -> Said:
    return {
        _POSITION: [(item.position, _DETAIL)],
        "Código": [(item.code, _ROW)],
        _DESCRIPTION: [(item.description, _ROW), *((detail, _DETAIL) for detail in item.details)],
        "Cantidad": [(item.quantity, _ROW)],
        "Unidad": [(item.unit, _ROW)],
        "Valor unitario": [(item.price, _ROW)],
        "Descuento": _discount(item),
        "Impuesto": [(shortened(name, _ROW, _TAX_WIDTH - GUTTER), _ROW) for name, _ in item.taxes],
        "Valor imp.": [(amount, _ROW) for _, amount in item.taxes],
        "Valor total": [(item.total, _ROW)],
    }


def _discount(item: Item) -> Cell:
    """A discount, its percentage before it, so that amounts stand under amounts; below it, where both are long."""
    together = "  ".join(reversed(item.discount))
    if len(together) <= _MOST_OF_DISCOUNT:
        return [(together, _ROW)] if together else []
    amount, *percent = item.discount
    return [(amount, _ROW), *((text, _DETAIL) for text in percent)]


# What follows the lines


def _summary(flow: Flow, sheet: Sheet) -> None:
    """The totals at the right; at their left, taxes and whatever else adds or informs."""

    def informed() -> None:
        for table in sheet.tables:
            _small_table(flow, table)
            flow.space(8)

    flow.space(6)
    # The totals stay on one page if they are not too many: a document may have any number of taxes.
    rows = len(sheet.totals) + len(sheet.after)
    flow.need(min(rows * _TOTAL.leading + _PAYABLE.leading + 24, _MOST_TOGETHER))
    flow.beside(informed, lambda: _totals(flow, sheet))
    flow.space(6)
    _paragraph(flow, "Valor en letras", sheet.words)


def _totals(flow: Flow, sheet: Sheet) -> None:
    for fact in sheet.totals:
        _total(flow, fact, _TOTAL)
    flow.space(5)
    flow.rule(_RIGHT_HALF, weight=1.0, is_accent=True)
    flow.space(2)
    _total(flow, sheet.payable, _PAYABLE)
    for fact in sheet.after:
        _total(flow, fact, _TOTAL)


def _total(flow: Flow, fact: Fact, style: Style) -> None:
    flow.need(style.leading)
    flow.y -= style.leading
    figure = fitting(fact.text, style, (RIGHT - _RIGHT_HALF) * 0.62)
    label = shortened(fact.label, style, RIGHT - _RIGHT_HALF - width(fact.text, figure) - 6)
    flow.mark(Text(_RIGHT_HALF, flow.y, label, style))
    flow.mark(Text(RIGHT - width(fact.text, figure), flow.y, fact.text, figure))


def _small_table(flow: Flow, table: Table) -> None:
    widths = (44.0, 66.0, 66.0)[-(len(table.heads) - 1) :]
    columns = [Column(table.heads[0], _SUMMARY_WIDTH - sum(widths))]
    columns += [
        Column(head, each, is_figure=True) for head, each in zip(table.heads[1:], widths, strict=True)
    ]
    flow.table(columns, [[[(text, _ROW)] for text in row] for row in table.rows])


def _texts(flow: Flow, sheet: Sheet) -> None:
    for n, note in enumerate(sheet.notes):
        _paragraph(flow, "Observaciones" if n == 0 else "", note)


def _paragraph(flow: Flow, label: str, text: str) -> None:
    flow.space(3)
    _labelled(flow, Fact(label, text), LEFT, RIGHT, _LABEL_WIDTH)


# Each page


def _repeated_head(flow: Flow, sheet: Sheet) -> None:
    """The head of each page after the first: of which document it is a page."""
    y = flow.y
    _band(flow, sheet)
    flow.y, top = y, TOP - _banded(sheet)
    end = RIGHT - _QR_REPEATED - _GAP
    flow.mark(Qr(RIGHT - _QR_REPEATED, top - _QR_REPEATED, _QR_REPEATED))
    lines: Sequence[tuple[str, Style]] = (
        (f"{sheet.title} {sheet.number}", _TITLE),
        (f"{sheet.issuer.name} · {sheet.issuer.identification}", _BODY),
        (f"{sheet.counterparty.role}: {sheet.counterparty.name}", _BODY),
        (f"{sheet.issued} · {sheet.status}", _BODY),
    )
    for text, style in lines:
        top -= style.leading
        flow.mark(Text(LEFT, top, shortened(text, style, end - LEFT), style))


def _foot(sheet: Sheet, look: Look) -> list[str]:
    """The lines at the foot of each page."""
    room = RIGHT - LEFT - _PAGE_NUMBER
    own = wrapped(look.footer, _SMALL, room)[:_MOST_OF_FOOTER]
    made = " · ".join(filter(None, (sheet.colophon, sheet.software)))
    identifier = f"{sheet.identifier.label}: {sheet.identifier.text}"
    return [*own, *wrapped(identifier, _SMALL, room), *wrapped(made, _SMALL, RIGHT - LEFT)]


def _footed(lines: list[str], bottom: float, number: int, count: int) -> list[Mark]:
    y = bottom - 4
    page = f"Página {number} de {count}"
    marks: list[Mark] = [Rule(LEFT, y, RIGHT, 0.8, is_accent=True)]
    marks.append(Text(RIGHT - width(page, _SMALL), y - _SMALL.leading, page, _SMALL))
    for line in lines:
        y -= _SMALL.leading
        marks.append(Text(LEFT, y, line, _SMALL))
    return marks
