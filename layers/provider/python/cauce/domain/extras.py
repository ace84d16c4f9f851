"""What a document may say beyond an ordinary sale: each feature, with the contract's field that asks for it.

A provider takes a feature only if it declares it; so what is added here is refused by every provider until its
adapter has been taught it, and nothing is ever lost silently.
"""

from collections.abc import Iterator

from cauce.domain.document import Document, Kind, Line

ORDINARY_INVOICE = "01"


def extras(document: Document) -> Iterator[tuple[str, str]]:
    """(feature, contract field) for everything out of the ordinary that the document says."""
    if document.invoice_type not in (None, ORDINARY_INVOICE):
        yield f"invoice type {document.invoice_type}", "factura.tipo"
    for feature, field in _OF_DOCUMENT.items():
        if getattr(document, feature):
            yield feature, field
    side = "vendedor" if document.kind in _FROM_SELLERS else "adquiriente"
    for feature, field in _OF_PARTY.items():
        if getattr(document.counterparty, feature):
            yield feature, f"{side}.{field}"
    for position, line in enumerate(document.lines):
        for feature, field in _of_line(line):
            yield feature, f"lineas.{position}.{field}"


_OF_DOCUMENT = {
    "operation": "factura.operacion",
    "exchange_rate": "tasa_cambio",
    "prepayments": "anticipos",
    "delivery_terms": "entrega",
    "period": "periodo",
    "paper_invoice": "factura_papel",
}
# A person's names apart say no more than the whole name, and no tax depends on the city of an address abroad, as on
# no postal code: who has no place for them leaves them out, and no sale stops.
_OF_PARTY = {
    "commercial_registration": "matricula_mercantil",
    "economic_activity": "actividad_economica",
}
_FROM_SELLERS = frozenset({Kind.SUPPORT_DOCUMENT, Kind.ADJUSTMENT_NOTE})
_OF_LINE = {
    "reference_price": "precio_referencia",
    "brand": "marca",
    "model": "modelo",
    "principal": "mandante",
    "purchase": "compra",
    "aiu_contract": "contrato_aiu",
}

ALL = frozenset(
    {
        *("invoice type 02", "invoice type 03", "invoice type 04"),
        *_OF_DOCUMENT,
        *_OF_PARTY,
        *_OF_LINE,
        *("allowance_charges", "tax base", "tax name"),
    }
)


def _of_line(line: Line) -> Iterator[tuple[str, str]]:
    for feature, field in _OF_LINE.items():
        if getattr(line, feature):
            yield feature, field
    if line.allowance_charges:
        yield "allowance_charges", "cargos" if line.allowance_charges[0].is_charge else "descuentos"
    for position, tax in enumerate(line.taxes):
        if tax.base is not None:
            yield "tax base", f"impuestos.{position}.base"
        if tax.name is not None:
            yield "tax name", f"impuestos.{position}.nombre"
