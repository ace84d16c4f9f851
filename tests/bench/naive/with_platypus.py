"""reportlab's platypus and segno: the PDF of an invoice as reportlab's own manual has one lay it out.

Paragraphs and tables, the head of the table of lines repeated on each page, the QR as segno's PNG, the fonts those of
every PDF reader.
"""

import io
from typing import Any

import segno
from reportlab.lib import colors
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus import Image, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from cauce.domain import catalogs
from tests.bench.naive import header
from tests.bench.naive.figures import Figures, figures, shown
from tests.bench.naive.header import Computed
from tests.bench.naive.request import Invoice, Line

_STYLES = getSampleStyleSheet()
_BODY, _TITLE, _SMALL = (
    _STYLES["BodyText"],
    _STYLES["Heading2"],
    _STYLES["BodyText"].clone("small", fontSize=7),
)
_UNITS = catalogs.units()
_GRID = TableStyle(
    [
        ("FONTSIZE", (0, 0), (-1, -1), 7),
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.lightgrey),
        ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
        ("ALIGN", (3, 0), (-1, -1), "RIGHT"),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
)
_HEAD = (
    "N.º",
    "Código",
    "Descripción",
    "Cantidad",
    "Unidad",
    "Valor unitario",
    "Descuento",
    "IVA",
    "Valor total",
)
_WIDTHS = [each * mm for each in (8, 20, 52, 17, 17, 24, 18, 14, 24)]


def pdf(invoice: Invoice) -> bytes:
    """The PDF of an invoice that was read."""
    found = figures(invoice)
    computed = header.computed(invoice, found)
    file = io.BytesIO()
    document = SimpleDocTemplate(
        file, pagesize=letter, leftMargin=12 * mm, rightMargin=12 * mm, title=f"Factura {header.number}"
    )

    def foot(canvas: Any, _: object) -> None:
        canvas.setFont("Helvetica", 6)
        canvas.drawString(12 * mm, 8 * mm, f"CUFE {computed.cufe}")
        canvas.drawRightString(letter[0] - 12 * mm, 8 * mm, f"Página {canvas.getPageNumber()}")

    document.build(_story(invoice, found, computed), onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()


def _story(invoice: Invoice, found: Figures, computed: Computed) -> list[Any]:
    rows = [
        _HEAD,
        *(_row(n, *each) for n, each in enumerate(zip(invoice.lineas, found.lines, strict=True), 1)),
    ]
    totals = [
        ("Subtotal", _money(found.net)),
        *((f"IVA {shown(percent)} %", _money(tax)) for percent, (_, tax) in found.taxes.items()),
        ("Total a pagar", _money(found.payable)),
    ]
    return [
        Paragraph(f"Factura electrónica de venta {header.number}", _TITLE),
        Table([[_party(*_issuer()), _party(*_buyer(invoice)), _qr(computed)]], [70 * mm, 80 * mm, 34 * mm]),
        Paragraph(f"Fecha de emisión: {computed.day} {computed.hour}", _BODY),
        Paragraph(f"Forma de pago: {catalogs.PAYMENT_FORMS[invoice.pago.forma]}", _BODY),
        Paragraph(f"Vencimiento: {invoice.pago.vencimiento}", _BODY),
        Paragraph(f"Autorización {header.range_.resolution}, {header.range_.prefix}", _BODY),
        Spacer(1, 4 * mm),
        Table(rows, _WIDTHS, repeatRows=1, style=_GRID),
        Spacer(1, 4 * mm),
        Table(totals, [40 * mm, 40 * mm], hAlign="RIGHT"),
        *(Paragraph(note, _BODY) for note in invoice.observaciones),
    ]


def _row(n: int, line: Line, sums: Any) -> tuple[Any, ...]:
    return (
        str(n),
        line.codigo,
        Paragraph(line.descripcion, _SMALL),
        shown(line.cantidad),
        Paragraph(_UNITS[line.unidad], _SMALL),
        _money(line.precio),
        _money(sums.discount),
        "" if sums.percent is None else shown(sums.percent),
        _money(sums.net),
    )


def _party(name: str, *facts: str | None) -> list[Paragraph]:
    return [
        Paragraph(f"<b>{name.replace('&', '&amp;')}</b>", _BODY),
        *(Paragraph(each, _SMALL) for each in facts if each),
    ]


def _issuer() -> tuple[str | None, ...]:
    found = header.issuer
    place = header.MUNICIPALITIES[found.municipality or ""]
    return (
        found.name,
        f"NIT {header.nit}-{found.check_digit}",
        found.address,
        place,
        found.phone,
        found.email,
    )


def _buyer(invoice: Invoice) -> tuple[str | None, ...]:
    found = invoice.adquiriente
    place = header.MUNICIPALITIES.get(found.codigo_municipio or "")
    number = f"NIT {found.numero_documento}"
    return (found.razon_social, number, found.direccion, place, found.telefono, found.email)


def _qr(computed: Computed) -> Image:
    picture = io.BytesIO()
    segno.make(computed.qr, error="m").save(picture, kind="png", scale=4)
    return Image(picture, 30 * mm, 30 * mm)


def _money(value: Any) -> str:
    return f"$ {value:,.2f}"
