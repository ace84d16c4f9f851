"""A sheet as a PDF. The same sheet is always the same bytes: nothing in the file says when it was made."""

import io
from typing import TYPE_CHECKING

from cauce.representation.flow import PAGE_HEIGHT, PAGE_WIDTH, Qr, Rule, Text
from cauce.representation.pages import pages
from cauce.representation.sheet import Sheet
from cauce.representation.typography import fonts, runs, width

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

_QR = "qr"


def pdf(sheet: Sheet) -> bytes:
    """The graphic representation, on as many pages of letter paper as it takes."""
    from reportlab.pdfgen.canvas import Canvas

    fonts()
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1, pageCompression=1, lang="es-CO")
    canvas.setTitle(f"{sheet.title} {sheet.number}")
    canvas.setAuthor(sheet.issuer.name)
    canvas.setSubject(f"{sheet.identifier.label} {sheet.identifier.text}")
    canvas.setCreator("Cauce")
    _define_qr(canvas, sheet.qr)
    for page in pages(sheet):
        for mark in page:
            match mark:
                case Text():
                    _text(canvas, mark)
                case Rule():
                    canvas.setStrokeGray(mark.shade)
                    canvas.setLineWidth(mark.weight)
                    canvas.line(mark.x, mark.y, mark.end, mark.y)
                case Qr():
                    _qr(canvas, mark)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _text(canvas: "Canvas", mark: Text) -> None:
    canvas.setFillGray(mark.style.shade)
    x = mark.x
    for font, text in runs(mark.text, mark.style.font):
        canvas.setFont(font, mark.style.size)
        canvas.drawString(x, mark.y, text)
        x += width(text, mark.style)


def _define_qr(canvas: "Canvas", text: str) -> None:
    """Define the QR once, one point wide and high; each page draws it scaled. Adjacent dark modules are one
    rectangle.

    Level M corrects 15 % of damage, enough for a sheet that is printed and folded.
    """
    from reportlab.graphics.barcode.qr import QrCodeWidget

    symbol = QrCodeWidget(text, barLevel="M").qr
    symbol.make()
    size = symbol.getModuleCount()
    canvas.beginForm(_QR, 0, 0, 1, 1)
    canvas.setFillGray(0)
    path = canvas.beginPath()
    for row in range(size):
        start = None
        for column in range(size + 1):
            dark = column < size and symbol.isDark(row, column)
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                path.rect(start / size, 1 - (row + 1) / size, (column - start) / size, 1 / size)
                start = None
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.endForm()


def _qr(canvas: "Canvas", mark: Qr) -> None:
    canvas.saveState()
    canvas.translate(mark.x, mark.y)
    canvas.scale(mark.side, mark.side)
    canvas.doForm(_QR)
    canvas.restoreState()
