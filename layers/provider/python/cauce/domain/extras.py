"""What a document may say beyond an ordinary sale: each feature, with the domain's path of the field that says it.

A document with a feature is refused for every provider that does not declare it (``Capabilities.extras``). So a
feature that is added here is never dropped silently by an adapter that does not know it.
"""

from collections.abc import Iterator

from cauce.domain.document import NOTES, Document, Line

ORDINARY_INVOICE = "01"


def extras(document: Document) -> Iterator[tuple[str, str]]:
    """(feature, domain's path) for everything out of the ordinary that the document says."""
    if document.invoice_type not in (None, ORDINARY_INVOICE):
        yield f"invoice type {document.invoice_type}", "invoice_type"
    for feature in _OF_DOCUMENT:
        if getattr(document, feature):
            yield feature, feature
    for feature in _OF_PARTY:
        if getattr(document.counterparty, feature):
            yield feature, f"counterparty.{feature}"
    for position, line in enumerate(document.lines):
        for feature, path in _of_line(line):
            yield feature, f"lines.{position}.{path}"


_OF_DOCUMENT = ("operation", "exchange_rate", "prepayments", "delivery_terms", "period", "paper_invoice")
# Separate names, postal code, and city and region abroad are no features: an adapter without a place for them leaves
# them out. The name says the same as the separate names, and no tax depends on the others.
_OF_PARTY = ("commercial_registration", "economic_activity")
_CALLED = {
    "invoice type 02": "las facturas de exportación (tipo 02)",
    "invoice type 03": "las facturas transcritas de papel (tipo 03)",
    "invoice type 04": "las facturas de contingencia (tipo 04)",
    "operation": "este tipo de operación",
    "exchange_rate": "la tasa de cambio",
    "prepayments": "los anticipos",
    "delivery_terms": "los términos de entrega",
    "period": "el periodo",
    "paper_invoice": "la factura de papel",
    "commercial_registration": "la matrícula mercantil",
    "economic_activity": "la actividad económica",
    "reference_price": "el precio de referencia de lo que se entrega gratis",
    "brand": "la marca de una línea",
    "model": "el modelo de una línea",
    "principal": "el mandante de una línea",
    "purchase": "la fecha de compra de una línea",
    "aiu_contract": "el objeto de un contrato AIU",
    "allowance_charges": "varios cargos o descuentos en una línea",
    "tax base": "un impuesto sobre otra base que el valor de la línea",
    "tax name": "el nombre de un impuesto",
}
# Features that cannot be left out: without one the document would be another, or invalid.
_NEEDED = frozenset({"operation", "principal", "paper_invoice", "tax base", "tax name", "allowance_charges"})


def refusal(feature: str, document: Document, title: str, *, is_written: bool) -> str:
    """The Spanish sentence that refuses a feature: what it is, whose limit, and what to do.

    ``is_written``: the provider publishes no place for the feature. Else it does, and Cauce does not send it yet.
    """
    what = _CALLED[feature]
    whose = (
        f"{title} no tiene dónde decir {what}" if is_written else f"Cauce todavía no envía {what} a {title}"
    )
    needed = _is_needed(feature, document)
    return f"{whose}: {'emítalo con otro proveedor' if needed else 'omítalo, o emítalo con otro proveedor'}."


def _is_needed(feature: str, document: Document) -> bool:
    match feature:
        case "period":  # a note without an invoice corrects this period
            return document.kind in NOTES and document.billing_reference is None
        case "exchange_rate":
            return document.currency != "COP"
        case _:
            return feature in _NEEDED or feature.startswith("invoice type")


_OF_LINE = ("reference_price", "brand", "model", "principal", "purchase", "aiu_contract")

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
    for feature in _OF_LINE:
        if getattr(line, feature):
            yield feature, feature
    if line.allowance_charges:
        yield "allowance_charges", "allowance_charges"
    for position, tax in enumerate(line.taxes):
        if tax.base is not None:
            yield "tax base", f"taxes.{position}.base"
        if tax.name is not None:
            yield "tax name", f"taxes.{position}.name"
