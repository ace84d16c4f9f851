"""Limits of what a request adds up to: no value below zero, and none beyond the largest amount."""

from collections.abc import Iterator, Sequence

from cauce.contracts.v1.fields import AMOUNT_LIMIT
from cauce.contracts.v1.lines import Line as LineShape
from cauce.contracts.v1.sentences import Finding
from cauce.domain.document import NOTES, Document, Line
from cauce.domain.money import ZERO, plain, rounded
from cauce.domain.totals import line_totals, totals


def of_request(lines: Sequence[LineShape]) -> Iterator[Finding]:
    """Refuses lines beyond the largest amount: not even a percentage of them can be computed."""
    for n, line in enumerate(lines):
        if rounded(line.cantidad * line.precio) >= AMOUNT_LIMIT:
            yield f"lineas.{n}.precio", f"El valor de la línea debe ser menor que {AMOUNT_LIMIT:f}."


def of_lines(lines: tuple[Line, ...]) -> Iterator[Finding]:
    """Refuses lines whose discount exceeds their value, or that exceed the largest amount, alone or together."""
    everything = ZERO
    for n, line in enumerate(lines):
        found = line_totals(line)
        if found.discount > found.gross:
            listed = any(not entry.is_charge for entry in line.allowance_charges)
            yield (
                f"lineas.{n}.{'descuentos' if listed else 'descuento_valor'}",
                f"El descuento no puede superar el valor de la línea, {plain(found.gross)}.",
            )
        if max(found.gross, found.net, found.with_taxes) >= AMOUNT_LIMIT:
            yield f"lineas.{n}.precio", f"El valor de la línea debe ser menor que {AMOUNT_LIMIT:f}."
        elif any(tax.base >= AMOUNT_LIMIT for tax in found.taxes):
            field = "precio_referencia.valor" if line.reference_price else "impuestos"
            yield f"lineas.{n}.{field}", f"La base del impuesto debe ser menor que {AMOUNT_LIMIT:f}."
        everything += found.with_taxes
    if everything >= AMOUNT_LIMIT:
        yield "lineas", f"El total de las líneas debe ser menor que {AMOUNT_LIMIT:f}."


def of_document(found: Document) -> Iterator[Finding]:
    """Refuses a total below zero, and a total of zero but in a note or where something is given for free."""
    payable = totals(found).payable
    if payable < 0:
        yield "descuentos", "Los descuentos no pueden superar el valor del documento."
    elif payable == 0 and found.kind not in NOTES and not any(line.reference_price for line in found.lines):
        yield "lineas", "El total del documento debe ser mayor que 0."
    elif payable >= AMOUNT_LIMIT:
        yield "cargos", f"El total del documento debe ser menor que {AMOUNT_LIMIT:f}."
