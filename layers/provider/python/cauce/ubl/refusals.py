"""Refuses what DIAN's UBL cannot express exactly, before a number is spent, under its path.

These are the limits of the format; whether DIAN would accept the content is for ``preflight`` to say.
Source: the order of UBL's schemas; Anexo Técnico 1.9; Anexo DS 1.1.
"""

from collections.abc import Callable, Iterator
from functools import partial

from pydantic import BaseModel

from cauce.domain import catalogs
from cauce.domain.document import (
    AUTHORISED,
    NOTES,
    Address,
    Document,
    Kind,
    Line,
    Participant,
    Party,
    Tax,
    Withholding,
    operations_of,
)
from cauce.domain.errors import CauceError, InvalidDocument, Unsupported
from cauce.domain.money import ZERO, scale
from cauce.domain.nit import is_nit
from cauce.domain.survey import survey
from cauce.domain.totals import TaxAmount, totals
from cauce.ubl.canonical import UNWRITABLE
from cauce.ubl.currency import PESO
from cauce.ubl.facts import FROM_PAPER, usual_type

_CREDIT = "2"
_INVOICES = frozenset({Kind.INVOICE})
_TICKETS = frozenset({Kind.EQUIVALENT_DOCUMENT})
_SALES = frozenset({Kind.INVOICE, Kind.CREDIT_NOTE, Kind.DEBIT_NOTE})

# Each optional field, its Spanish name, and the kinds of document that have a place for it.
_PLACES: tuple[tuple[str, str, frozenset[Kind]], ...] = (
    ("invoice_type", "tipo de factura", _INVOICES | _TICKETS),
    ("prepayments", "anticipos", _INVOICES),
    ("paper_invoice", "factura_papel", _INVOICES),
    ("delivery_terms", "entrega", _SALES),
    ("note_references", "notas_referencia", _INVOICES),
    ("due_diligence", "debida_diligencia", _INVOICES),
    ("more_billing_references", "facturas_referencia", NOTES),
    ("delivery", "envio", _SALES),
    ("downloader", "autorizado_descarga", _SALES),
    ("health", "salud", _SALES),
    ("till", "caja", _TICKETS),
    ("benefits", "beneficios", _TICKETS),
)
_WITHHELD = AUTHORISED
_LINE_PLACES: tuple[tuple[str, str, frozenset[Kind]], ...] = (
    # No note has a place for withholdings, so an adjustment note cannot repeat its support document's.
    ("withholdings", "retenciones", _WITHHELD),
    # A debit note's line has no mark of being free.
    (
        "reference_price",
        "precio_referencia",
        frozenset({Kind.INVOICE, Kind.CREDIT_NOTE, Kind.EQUIVALENT_DOCUMENT, Kind.EQUIVALENT_NOTE}),
    ),
    ("purchase", "compra", frozenset({Kind.SUPPORT_DOCUMENT})),
    ("principal", "mandante", _SALES),
    ("consignment", "remesa", _INVOICES),
    ("period", "periodo", frozenset({Kind.INVOICE, Kind.CREDIT_NOTE})),
    ("aiu_contract", "contrato_aiu", _INVOICES),
)
_WITHOUT_REFERENCE = frozenset({"22", "32"})
_ALWAYS_ON_ONE = {
    Kind.ADJUSTMENT_NOTE: "documento soporte",
    Kind.EQUIVALENT_NOTE: "documento equivalente",
}
"""The notes that correct one document always, and which."""
_CANCELLATION = "2"


def refuse(document: Document) -> None:
    """Raise InvalidDocument or Unsupported for the first thing in a document that UBL cannot express."""
    if document.once(has_problem):
        raise next(_problems(document))


def has_problem(document: Document) -> bool:
    """Whether ``refuse`` raises for a document, which it asks once."""
    return any(True for _ in _problems(document))


def path(*steps: str | int) -> str:
    """``"lines", 0, "price"`` is ``lines.0.price``, the domain's path of a field."""
    return ".".join(map(str, steps))


def _problems(document: Document) -> Iterator[CauceError]:
    unwritable = _unwritable(document)
    if unwritable:
        yield InvalidDocument("El texto contiene caracteres que XML no admite.", field=unwritable)
    kind = document.kind
    for name, called, kinds in _PLACES:
        if getattr(document, name) and kind not in kinds:
            yield Unsupported(
                f"El UBL de la DIAN no tiene dónde decir «{called}» en este tipo de documento; omítalo.",
                field=name,
            )
    if document.health and document.health.proofs and kind is not Kind.INVOICE:
        yield Unsupported("Los soportes de un recaudo van en la factura; omítalos.", field="health.proofs")
    yield from _type(document)
    yield from _currency(document)
    yield from _party(document)
    yield from _payments(document)
    if kind in NOTES:
        yield from _correction(document)
    if not document.lines:
        yield InvalidDocument("El documento necesita al menos una línea.", field="lines")
    are_right = _ordinary_are_right(document)
    for index, line in survey(document).unusual if are_right else enumerate(document.lines):
        yield from _line(kind, index, line)


def _payments(document: Document) -> Iterator[CauceError]:
    parts = ((path("payments", n), part) for n, part in enumerate(document.payments))
    for field, payment in (("payment", document.payment), *parts):
        if payment.form == _CREDIT and payment.due_date is None:
            yield InvalidDocument(
                "Un pago a crédito necesita fecha de vencimiento.", field=f"{field}.due_date"
            )


def _ordinary_are_right(document: Document) -> bool:
    """Whether UBL can express what ordinary lines say, their texts apart: asked of all lines together, which is
    quicker."""
    kind, sums = document.kind, totals(document)
    return not (
        (sums.withholdings and kind not in _WITHHELD)
        or any(True for tax in sums.taxes for _ in _tax(kind, tax, path))
        or any(True for each in sums.withholdings for _ in _withholding(kind, each, path))
    )


def _type(document: Document) -> Iterator[CauceError]:
    found = usual_type(document)
    if document.kind is Kind.EQUIVALENT_DOCUMENT:
        yield from _equivalent(document, found)
    elif document.kind is Kind.INVOICE and found not in catalogs.INVOICE_TYPES:
        yield InvalidDocument("El tipo de factura es 01, 02, 03 o 04.", field="invoice_type")
    if (found == FROM_PAPER) != (document.paper_invoice is not None):
        yield InvalidDocument(
            "Una factura tipo 03, y solo ella, lleva la factura de papel que transcribe.",
            field="paper_invoice",
        )
    operations = operations_of(document.kind)
    if document.operation and document.operation not in operations:
        allowed = ", ".join(sorted(operations))
        yield InvalidDocument(f"El tipo de operación aquí es uno de: {allowed}.", field="operation")
    if document.delivery_terms and document.delivery_terms.incoterm not in catalogs.INCOTERMS:
        yield InvalidDocument(
            f"El incoterm es uno de: {', '.join(catalogs.INCOTERMS)}.", field="delivery_terms.incoterm"
        )


def _equivalent(document: Document, found: str) -> Iterator[CauceError]:
    """Type 08, of contingency, has a form that is published nowhere that we know of."""
    if found not in catalogs.EQUIVALENT_TYPES:
        yield Unsupported(
            f"Cauce todavía no escribe el documento equivalente de tipo {found}; los hay de tipo "
            f"{', '.join(catalogs.EQUIVALENT_TYPES)}.",
            field="invoice_type",
        )
    if document.till is None:
        yield InvalidDocument("Un tiquete POS lleva los datos de su caja.", field="till")


def _currency(document: Document) -> Iterator[CauceError]:
    rate = document.exchange_rate
    if document.currency == PESO:
        if rate is not None and rate.currency == PESO:
            yield InvalidDocument(
                "La tasa de cambio es de una moneda extranjera.", field="exchange_rate.currency"
            )
    elif rate is None:
        yield InvalidDocument(
            "Un documento en moneda extranjera necesita la tasa de cambio.", field="exchange_rate"
        )
    elif rate.currency != document.currency:
        yield InvalidDocument(
            f"La tasa de cambio debe ser de {document.currency}, la moneda del documento.",
            field="exchange_rate.currency",
        )


def _party(document: Document) -> Iterator[CauceError]:
    party = document.counterparty
    if party.identification_type == catalogs.NIT and not is_nit(party.identification):
        yield InvalidDocument(
            "Un NIT tiene de 1 a 15 dígitos, sin el de verificación.",
            field="counterparty.identification",
        )
    yield from _place(party, "counterparty")
    if party.fiscal_address:
        yield from _place(party.fiscal_address, "counterparty.fiscal_address")
    if document.delivery and document.delivery.address:
        yield from _place(document.delivery.address, "delivery.address")
    yield from _tax_scheme(party, "counterparty")
    for n, member in enumerate(party.participants):
        yield from _tax_scheme(member, path("counterparty", "participants", n))
    if document.kind.is_bought:
        yield from _seller(party)
    if document.kind.is_bought and party.country == "CO":
        for name in ("municipality", "address"):
            if not getattr(party, name):
                yield InvalidDocument(
                    "Un vendedor residente necesita dirección y municipio.", field=f"counterparty.{name}"
                )


def _seller(party: Party) -> Iterator[CauceError]:
    """What a support document's format has no place for in its seller."""
    for name, called in (
        ("contact", "contacto"),
        ("fiscal_address", "direccion_fiscal"),
        ("participants", "participantes"),
    ):
        if getattr(party, name):
            yield Unsupported(
                f"El UBL de la DIAN no tiene dónde decir «{called}» del vendedor; omítalo.",
                field=f"counterparty.{name}",
            )


def _tax_scheme(whose: Party | Participant, at: str) -> Iterator[CauceError]:
    if whose.tax_scheme not in catalogs.PARTY_TAX_SCHEMES:
        allowed = ", ".join(catalogs.PARTY_TAX_SCHEMES)
        yield InvalidDocument(f"El tributo es uno de: {allowed}.", field=f"{at}.tax_scheme")


def _place(where: Party | Address, at: str) -> Iterator[CauceError]:
    code = where.municipality
    if code and code not in catalogs.municipalities():
        yield InvalidDocument(f"El municipio {code} no existe.", field=f"{at}.municipality")
    if where.country not in catalogs.countries():
        yield InvalidDocument(f"El país {where.country} no existe.", field=f"{at}.country")


def _correction(document: Document) -> Iterator[CauceError]:
    kind, corrected = document.kind, document.billing_reference
    if document.reason is None:
        yield InvalidDocument("Una nota necesita su motivo.", field="reason")
    if corrected is None:
        if kind in _ALWAYS_ON_ONE:
            what = _ALWAYS_ON_ONE[kind]
            yield InvalidDocument(f"La nota necesita el {what} que ajusta.", field="billing_reference")
        elif document.period is None:
            yield InvalidDocument(
                "Una nota sin referencia a una factura necesita el periodo que corrige.", field="period"
            )
        elif document.reason and document.reason.code == _CANCELLATION and kind is Kind.CREDIT_NOTE:
            yield InvalidDocument(
                "Una anulación necesita la factura que anula (CAD02a).", field="billing_reference"
            )
    asked = document.operation
    if asked and kind not in _ALWAYS_ON_ONE and (asked in _WITHOUT_REFERENCE) != (corrected is None):
        yield InvalidDocument(
            "El tipo de operación no concuerda con que la nota tenga referencia.", field="operation"
        )


def _line(kind: Kind, index: int, line: Line) -> Iterator[CauceError]:
    def field(*names: str) -> str:
        return path("lines", index, *names)

    for name, called, kinds in _LINE_PLACES:
        if getattr(line, name) and kind not in kinds:
            yield Unsupported(
                f"El UBL de la DIAN no tiene dónde decir «{called}» en las líneas de este documento; omítalo.",
                field=field(name),
            )
    if line.reference_price:
        if line.price:
            yield InvalidDocument(
                "Lo que se entrega gratis tiene precio 0; su valor va en el precio de referencia.",
                field=field("price"),
            )
        if line.reference_price.type not in catalogs.REFERENCE_PRICES:
            yield InvalidDocument(
                "El tipo del precio de referencia es 01, 02 o 03.", field=field("reference_price", "type")
            )
    yield from _codes_of_parts(line, field)
    for n, tax in enumerate(line.taxes):
        yield from _tax(kind, tax, partial(path, "lines", index, "taxes", n))
    for n, withholding in enumerate(line.withholdings):
        yield from _withholding(kind, withholding, partial(path, "lines", index, "withholdings", n))


def _codes_of_parts(line: Line, field: Callable[..., str]) -> Iterator[CauceError]:
    if line.standard not in catalogs.ITEM_STANDARDS:
        yield InvalidDocument(
            f"El estándar es uno de: {', '.join(catalogs.ITEM_STANDARDS)}.", field=field("standard")
        )
    if line.consignment and line.consignment.unit not in catalogs.CONSIGNMENT_UNITS:
        yield InvalidDocument(
            "La carga de una remesa se cuenta en KGM o GLL.", field=field("consignment", "unit")
        )
    if line.purchase and line.purchase.form not in catalogs.PURCHASE_FORMS:
        yield InvalidDocument("La forma de la compra es 1 o 2.", field=field("purchase", "form"))


def _tax(kind: Kind, tax: Tax | TaxAmount, field: Callable[[str], str]) -> Iterator[CauceError]:
    if tax.code not in (catalogs.SUPPORT_TAXES if kind.is_bought else catalogs.TAXES):
        yield Unsupported(f"La DIAN no admite aquí el impuesto {tax.code}.", field=field("code"))
    if tax.code == "ZZ" and not tax.name:
        yield InvalidDocument("Otro tributo necesita su nombre.", field=field("name"))
    if tax.percent is None:
        for name in ("per_unit_amount", "base_units", "unit"):
            if getattr(tax, name) is None:
                yield InvalidDocument(
                    "Un impuesto nominal necesita valor por unidad, unidades y unidad de medida.",
                    field=field(name),
                )
    elif scale(tax.percent) > 2:
        yield Unsupported("La DIAN admite tarifas con dos decimales.", field=field("percent"))


def _withholding(
    kind: Kind, withholding: Withholding | TaxAmount, field: Callable[[str], str]
) -> Iterator[CauceError]:
    if withholding.code not in (catalogs.SUPPORT_WITHHOLDINGS if kind.is_bought else catalogs.WITHHOLDINGS):
        yield Unsupported(f"La DIAN no admite aquí la retención {withholding.code}.", field=field("code"))
    if scale(withholding.percent or ZERO) > 2:
        yield Unsupported("La DIAN admite tarifas con dos decimales.", field=field("percent"))


def _unwritable(document: Document) -> str | None:
    """The path of the first text that XML cannot carry, if there is one."""
    if _is_writable(document):
        return None
    return next((path(*steps) for steps, text in _texts(document, ()) if UNWRITABLE.search(text)), None)


def _is_writable(document: Document) -> bool:
    """Whether XML can carry every text of a document: it nearly always can, and then no path need be made. What is
    printable can be written."""
    said, sums = survey(document), totals(document)
    texts = [each.code for each in (*sums.taxes, *sums.withholdings)]
    waiting: list[object] = [value for name, value in vars(document).items() if value and name != "lines"]
    waiting += [line for _, line in said.unusual]
    for value in waiting:  # and what is found in it
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, BaseModel):
            waiting += filter(None, vars(value).values())
        elif isinstance(value, tuple):
            waiting += value
    everything = "".join(texts)
    return said.is_printable and (everything.isprintable() or not UNWRITABLE.search(everything))


def _texts(value: object, steps: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield steps, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _texts(getattr(value, name), (*steps, name))
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*steps, index))
