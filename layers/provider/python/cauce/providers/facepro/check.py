"""Refuses what FacEPro cannot express exactly, before a call is spent.

Refused is whatever the ERP states and the legal document would lack or contradict: any tax but a percentage of IVA on
every line (an excluded line would become one of 0 %), withholdings, charges and discounts on the document, payment
other than the default cash, another currency, notes, an order, a prefix, a buyer abroad (an address has no country,
and would be read as Colombian), several responsibilities, a tax scheme of the buyer's.

Telephone, postal code and trade name of the buyer are left out of the request and not refused: no page has a place
for them, and neither tax nor identity depends on them. FacEPro computes the totals; its rounding is not documented,
so a difference shows as a notice on the accepted document.

Sources: field tables and catalogues of seed 002.
"""

from collections.abc import Iterator
from decimal import Decimal

from cauce.domain.catalogs import VAT
from cauce.domain.document import NOTES, Document, Line, Party, Payment, reasons_of
from cauce.domain.errors import CauceError, InvalidDocument, Unsupported
from cauce.domain.money import plain
from cauce.domain.totals import line_totals, of_rate
from cauce.law import correction
from cauce.providers.facepro import payload

# FacEPro's table «Tipo de documento», without DIAN's 10, 47, 48 and 91.
IDENTIFICATION_TYPES = frozenset({"11", "12", "13", "21", "22", "31", "41", "42", "50"})
RESPONSIBILITIES = frozenset({"O-13", "O-15", "O-23", "O-47", "R-99-PN"})
_CASH = Payment()
_OWN_CODES = "999"


def refuse(document: Document) -> None:
    """Raise InvalidDocument or Unsupported, with the path, for the first thing that FacEPro cannot express."""
    for problem in _problems(document):
        raise problem


def _problems(document: Document) -> Iterator[CauceError]:
    yield from _header(document)
    yield from _payment(document.payment)
    yield from _buyer(document.counterparty)
    if document.kind in NOTES:
        yield from _correction(document)
    for index, line in enumerate(document.lines):
        yield from _line(f"lines.{index}", line)


def _header(document: Document) -> Iterator[CauceError]:
    if document.kind not in payload.PATHS:
        yield Unsupported("FacEPro Cloud no emite este tipo de documento.")
    if document.prefix is not None:
        yield Unsupported("FacEPro Cloud numera con el rango de su portal; omita el prefijo.", field="prefix")
    if document.currency != "COP":
        yield Unsupported("FacEPro Cloud emite solo en pesos colombianos (COP).", field="currency")
    if document.order_reference:
        yield Unsupported("FacEPro Cloud no recibe la orden de compra.", field="order_reference.number")
    if document.notes:
        yield Unsupported("FacEPro Cloud no recibe observaciones.", field="notes")
    for entry in document.allowance_charges:
        what, field = ("cargos", "totals.charge") if entry.is_charge else ("descuentos", "totals.allowance")
        yield Unsupported(f"FacEPro Cloud no admite {what} globales; use los de línea.", field=field)


def _payment(payment: Payment) -> Iterator[CauceError]:
    # The page does not say which payment FacEPro writes; only the contract's own default is taken.
    if payment.form != _CASH.form:
        yield Unsupported("FacEPro Cloud no recibe la forma de pago: solo contado.", field="payment.form")
    if payment.means != _CASH.means:
        yield Unsupported("FacEPro Cloud no recibe el medio de pago.", field="payment.means")
    if payment.due_date is not None:
        yield Unsupported("FacEPro Cloud no recibe la fecha de vencimiento.", field="payment.due_date")


def _buyer(party: Party) -> Iterator[CauceError]:
    if party.identification_type not in IDENTIFICATION_TYPES:
        yield Unsupported(
            f"FacEPro Cloud no admite el tipo de documento {party.identification_type}.",
            field="counterparty.identification_type",
        )
    if len(party.responsibilities) != 1 or party.responsibilities[0] not in RESPONSIBILITIES:
        yield Unsupported(
            "FacEPro Cloud admite una sola responsabilidad fiscal.",
            field="counterparty.responsibilities",
        )
    if party.tax_scheme != "ZZ":
        yield Unsupported(
            "FacEPro Cloud no recibe el tributo del adquiriente.", field="counterparty.tax_scheme"
        )
    if party.country != "CO":
        yield Unsupported("FacEPro Cloud no recibe el país del adquiriente.", field="counterparty.country")


def _correction(document: Document) -> Iterator[CauceError]:
    correction.corrected_by(document, "factura")
    if correction.reason_of(document).code not in reasons_of(document.kind):
        yield InvalidDocument("El motivo no existe para este tipo de nota.", field="reason.code")


def _line(field: str, line: Line) -> Iterator[CauceError]:
    if line.standard != _OWN_CODES:
        yield Unsupported(
            "FacEPro Cloud toma el código como interno; no admite otro estándar.", field=f"{field}.standard"
        )
    if line.note:
        yield Unsupported("FacEPro Cloud no recibe notas por línea.", field=f"{field}.note")
    if line.withholdings:
        yield Unsupported("FacEPro Cloud no recibe retenciones.", field=f"{field}.withholdings")
    if not line.taxes:
        yield Unsupported(
            "FacEPro Cloud no distingue una línea excluida de una con IVA de 0 %.", field=f"{field}.taxes"
        )
    elif len(line.taxes) > 1 or line.taxes[0].code != VAT or line.taxes[0].percent is None:
        yield Unsupported("FacEPro Cloud admite solo un porcentaje de IVA por línea.", field=f"{field}.taxes")
    if line.discount_percent is not None and line.discount_amount is not None:
        yield Unsupported(
            "FacEPro Cloud recibe el descuento en porcentaje o en valor, no en ambos.",
            field=f"{field}.discount_amount",
        )
    yield from _paid(field, line)
    for name, amount in _amounts(line):
        if not payload.holds(amount):
            yield Unsupported(
                f"FacEPro Cloud recibe números JSON, que no representan {plain(amount)} con exactitud.",
                field=f"{field}.{name}",
            )


def _paid(field: str, line: Line) -> Iterator[CauceError]:
    """FacEPro computes the tax: of a price with it within, that may come to another total than the customer pays."""
    if line.paid is None:
        return
    for tax in line_totals(line).taxes:
        if tax.percent is not None and tax.amount != of_rate(tax):
            theirs = line.paid - tax.amount + of_rate(tax)
            yield Unsupported(
                f"Con los impuestos incluidos el cliente paga {line.paid}, y FacEPro Cloud calcularía {theirs}. "
                "Emítalo con otro proveedor, o envíe el precio sin impuestos.",
                field=f"{field}.price",
            )


def _amounts(line: Line) -> Iterator[tuple[str, Decimal]]:
    yield "quantity", line.quantity
    yield "price", line.price
    if line.taxes and line.taxes[0].percent is not None:
        yield "taxes.0.percent", line.taxes[0].percent
    if line.discount_percent is not None:
        yield "discount_percent", line.discount_percent
    if line.discount_amount is not None:
        yield "discount_amount", line.discount_amount
