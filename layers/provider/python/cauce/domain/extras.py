"""What a document may say beyond an ordinary sale: each feature, with the contract's field that asks for it.

A provider takes a feature only if it declares it; so what is added here is refused by every provider until its
adapter has been taught it, and nothing is ever lost silently.
"""

from collections.abc import Iterator

from cauce.domain.document import Document, Line

ORDINARY_INVOICE = "01"


def extras(document: Document) -> Iterator[tuple[str, str]]:
    """(feature, contract field) for everything out of the ordinary that the document says."""
    if document.invoice_type not in (None, ORDINARY_INVOICE):
        yield f"invoice type {document.invoice_type}", "tipo_factura"
    for feature, field in _OF_DOCUMENT.items():
        if getattr(document, feature):
            yield feature, field
    for position, line in enumerate(document.lines):
        for feature, field in _of_line(line):
            yield feature, f"lineas.{position}.{field}"


_OF_DOCUMENT = {
    "operation": "tipo_operacion",
    "exchange_rate": "tasa_cambio",
    "prepayments": "anticipos",
    "delivery_terms": "entrega",
    "period": "periodo",
    "paper_invoice": "factura_papel",
}
_OF_LINE = {
    "allowance_charges": "cargos",
    "reference_price": "precio_referencia",
    "brand": "marca",
    "model": "modelo",
    "principal": "mandante",
    "purchase": "compra",
    "aiu_contract": "contrato_aiu",
}

ALL = frozenset(
    {"invoice type 02", "invoice type 03", "invoice type 04", *_OF_DOCUMENT, *_OF_LINE, "tax base"}
)


def _of_line(line: Line) -> Iterator[tuple[str, str]]:
    for feature, field in _OF_LINE.items():
        if getattr(line, feature):
            yield feature, field
    if any(tax.base is not None for tax in line.taxes):
        yield "tax base", "impuestos"
