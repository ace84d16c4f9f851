"""The pages of a sheet: issuer, other party, lines, amounts, notes, and at each page's foot the identifier."""

from collections.abc import Sequence

from cauce.representation.flow import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    Cell,
    Column,
    Flow,
    Mark,
    Qr,
    Rule,
    Text,
    fitting,
)
from cauce.representation.sheet import Block, Fact, Item, Sheet, Table
from cauce.representation.typography import BOLD, FAINT, REGULAR, Style, shortened, width, wrapped

_TITLE = Style(10.5, 13.0, BOLD)
_NUMBER = Style(15.0, 19.0, BOLD)
_NAME = Style(11.0, 14.0, BOLD)
_OTHER_NAME = Style(9.0, 12.0, BOLD)
_ROLE = Style(6.6, 9.0, BOLD, FAINT)
_LABEL = Style(7.0, 9.6, REGULAR, FAINT)
_BODY = Style(7.6, 10.0)
_SMALL = Style(6.6, 8.8, REGULAR, FAINT)
_ROW = Style(7.6, 9.6)
_DETAIL = Style(6.8, 9.6, REGULAR, FAINT)
_TOTAL = Style(8.0, 12.0)
_PAYABLE = Style(10.5, 15.0, BOLD)
_LEGEND = Style(8.0, 11.0, BOLD)

_GAP = 18.0
# DIAN asks for 2 cm at least: 28 mm on the first page, 22 mm on the others.
_QR_SIDE, _QR_REPEATED = 79.4, 62.4
_RIGHT_HALF = 336.0
_TERMS = 264.0
_LABEL_WIDTH = 104.0

_TAXES_WIDTH = 54.0
_ITEM_COLUMNS = (
    Column("N.º", 18),
    Column("Código", 58),
    Column("Descripción", 152),
    Column("Cantidad", 46, is_figure=True),
    Column("Unidad", 44),
    Column("Valor unitario", 60, is_figure=True),
    Column("Descuento", 50, is_figure=True),
    Column("Impuestos", _TAXES_WIDTH, is_figure=True),
    Column("Valor total", 58, is_figure=True),
)
_MOST_TOGETHER = 240.0
_SUMMARY_WIDTH = _RIGHT_HALF - _GAP - LEFT


def pages(sheet: Sheet) -> list[list[Mark]]:
    """The marks of every page, its foot included."""
    flow = Flow(begin=lambda flow: _repeated_head(flow, sheet))
    _letterhead(flow, sheet)
    _parties(flow, sheet)
    flow.table(_ITEM_COLUMNS, [_cells(item) for item in sheet.items])
    _summary(flow, sheet)
    _texts(flow, sheet)
    for number, page in enumerate(flow.pages, start=1):
        page.extend(_foot(sheet, number, len(flow.pages)))
    return flow.pages


def _letterhead(flow: Flow, sheet: Sheet) -> None:
    """The issuer at the left; the document's title, number and status at the right."""

    def document() -> None:
        flow.write(sheet.title, _TITLE, _RIGHT_HALF)
        if sheet.variant:
            flow.write(sheet.variant, _BODY, _RIGHT_HALF)
        flow.write(sheet.number, _NUMBER, _RIGHT_HALF)
        flow.space(2)
        flow.write(sheet.status, _BODY, _RIGHT_HALF)
        if sheet.numbering:
            flow.write(sheet.numbering, _SMALL, _RIGHT_HALF)

    flow.beside(lambda: _block(flow, sheet.issuer, LEFT, _RIGHT_HALF - _GAP, _NAME), document)
    for legend in sheet.legends:
        flow.space(4)
        flow.write(legend, _LEGEND)
    flow.space(9)
    flow.rule(weight=0.8, shade=0.3)
    flow.space(5)


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
        flow.space(8)
        flow.rule()
        flow.space(3)
        for fact in sheet.references:
            _labelled(flow, fact, LEFT, RIGHT, _LABEL_WIDTH)
    flow.space(10)


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


def _cells(item: Item) -> list[Cell]:
    return [
        [(item.position, _DETAIL)],
        [(item.code, _ROW)],
        [(item.description, _ROW), *((detail, _DETAIL) for detail in item.details)],
        [(item.quantity, _ROW)],
        [(item.unit, _ROW)],
        [(item.price, _ROW)],
        [(text, _ROW if n == 0 else _DETAIL) for n, text in enumerate(item.discount or ("—",))],
        [piece for name, amount in item.taxes for piece in _tax(name, amount)] or [("—", _ROW)],
        [(item.total, _ROW)],
    ]


def _tax(name: str, amount: str) -> Cell:
    """A tax, its name shortened to the column's width; the summary has it whole."""
    return [(shortened(name, _DETAIL, _TAXES_WIDTH - 6), _DETAIL), (amount, _ROW)]


def _summary(flow: Flow, sheet: Sheet) -> None:
    """The totals at the right; at their left, taxes and whatever else adds or informs."""

    def informed() -> None:
        for table in sheet.tables:
            _small_table(flow, table)
            flow.space(8)

    flow.space(8)
    # The totals stay on one page if they are not too many: a document may have any number of taxes.
    flow.need(min((len(sheet.totals) + 1) * _TOTAL.leading + _PAYABLE.leading + 24, _MOST_TOGETHER))
    flow.beside(informed, lambda: _totals(flow, sheet))
    flow.space(6)
    _paragraph(flow, "Valor en letras", sheet.words)


def _totals(flow: Flow, sheet: Sheet) -> None:
    for fact in sheet.totals:
        _total(flow, fact, _TOTAL)
    flow.space(5)
    flow.rule(_RIGHT_HALF, weight=0.8, shade=0.3)
    flow.space(2)
    _total(flow, sheet.payable, _PAYABLE)
    if sheet.equivalent:
        _total(flow, sheet.equivalent, _TOTAL)


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


def _repeated_head(flow: Flow, sheet: Sheet) -> None:
    """The head of each page after the first: of which document it is a page."""
    end = RIGHT - _QR_REPEATED - _GAP
    flow.mark(Qr(RIGHT - _QR_REPEATED, TOP - _QR_REPEATED, _QR_REPEATED))
    lines: Sequence[tuple[str, Style]] = (
        (f"{sheet.title} {sheet.number}", _TITLE),
        (f"{sheet.issuer.name} · {sheet.issuer.identification}", _BODY),
        (f"{sheet.counterparty.role}: {sheet.counterparty.name}", _BODY),
        (f"{sheet.issued} · {sheet.status}", _BODY),
        (" ".join(sheet.legends), Style(7.6, 10.0, BOLD)),
    )
    y = TOP
    for text, style in lines:
        y -= style.leading
        flow.mark(Text(LEFT, y, shortened(text, style, end - LEFT), style))


def _foot(sheet: Sheet, number: int, count: int) -> list[Mark]:
    y = BOTTOM - 14
    page = f"Página {number} de {count}"
    marks: list[Mark] = [Rule(LEFT, y, RIGHT)]
    lines = wrapped(f"{sheet.identifier.label}: {sheet.identifier.text}", _SMALL, RIGHT - LEFT - 80)
    for line in (*lines, sheet.colophon):
        y -= _SMALL.leading
        marks.append(Text(LEFT, y, shortened(line, _SMALL, RIGHT - LEFT - 80), _SMALL))
    marks.append(Text(RIGHT - width(page, _SMALL), BOTTOM - 14 - _SMALL.leading, page, _SMALL))
    return marks
