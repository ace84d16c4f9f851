"""A document's codes, correction, payment, currency, discounts. Annex 1.9, groups AD, BF, BG, AN, AQ, AR."""

from collections.abc import Iterator
from decimal import Decimal

from cauce.domain import catalogs
from cauce.domain.document import NOTES, AllowanceCharge, Document
from cauce.domain.money import HUNDRED, ZERO
from cauce.ubl.currency import PESO
from cauce.ubl.facts import FROM_PAPER
from cauce.ubl.fields import path
from cauce.ubl.preflight import catalogues
from cauce.ubl.preflight.catalogues import one_of, shown
from cauce.ubl.preflight.document.case import Case
from cauce.ubl.preflight.rules import LETTERS, Hit

_CREDIT = "2"


def check(case: Case) -> Iterator[Hit]:
    document = case.document
    yield from _codes(case)
    if case.kind in NOTES:
        yield from _correction(case)
    if document.payment.form == _CREDIT and document.payment.due_date is None:
        yield Hit("FAN04", "payment.due_date", "una fecha", catalogues.NOTHING)
    yield from _currency(document)
    yield from _adjustments(case)
    line_extension = case.totals.line_extension
    for n, prepayment in enumerate(document.prepayments):
        if prepayment.amount >= line_extension:
            field = path("prepayments", n, "amount")
            yield Hit("FBD03", field, f"menos de {line_extension}", str(prepayment.amount))


def _codes(case: Case) -> Iterator[Hit]:
    document = case.document
    if case.invoice_type not in catalogs.INVOICE_TYPES:
        field = "invoice_type"
        yield Hit("FAD12", field, one_of(catalogs.INVOICE_TYPES), case.invoice_type)
    if case.invoice_type == FROM_PAPER and document.paper_invoice is None:
        field = "paper_invoice"
        yield Hit("FBG01", field, "la factura de papel que transcribe", catalogues.NOTHING)
    operations = catalogues.OPERATIONS[LETTERS[case.kind]]
    if document.operation is not None and document.operation not in operations:
        yield Hit("FAD02", "operation", one_of(operations), document.operation)
    payment = document.payment
    if payment.form not in catalogs.PAYMENT_FORMS:
        field = "payment.form"
        yield Hit("FAN02", field, one_of(catalogs.PAYMENT_FORMS), payment.form)
    if payment.means not in catalogs.payment_means():
        yield Hit("FAN03", "payment.means", "un código de 13.3.4.2", payment.means)
    terms = document.delivery_terms
    if terms is not None and terms.incoterm not in catalogs.INCOTERMS:
        field = "delivery_terms.incoterm"
        yield Hit("FBC04", field, one_of(catalogs.INCOTERMS), terms.incoterm)


def _correction(case: Case) -> Iterator[Hit]:
    document, letters = case.document, LETTERS[case.kind]
    reason, corrected = document.reason, document.billing_reference
    field = "billing_reference"
    if reason is None:
        yield Hit("CBF01", "reason", "el motivo de la nota", catalogues.NOTHING)
    elif reason.code not in catalogues.REASONS[letters]:
        allowed = one_of(catalogues.REASONS[letters])
        yield Hit("CAE03", "reason.code", allowed, reason.code)
    elif letters == "C" and reason.code == catalogues.CANCELLATION and corrected is None:
        yield Hit("CAD02a", field, "la factura que anula", catalogues.NOTHING)
    must_refer = letters == "NS" or document.operation in catalogues.WITH_REFERENCE
    if must_refer and (corrected is None or not corrected.number.strip()):
        yield Hit("CBG03", field, "el documento que corrige", catalogues.NOTHING)


def _currency(document: Document) -> Iterator[Hit]:
    currency, rate = document.currency, document.exchange_rate
    if currency not in catalogs.currencies():
        yield Hit("FAD15a", "currency", "un código ISO 4217", shown(currency))
    elif currency == PESO:
        return
    elif rate is None:
        yield Hit("FAR06", "exchange_rate", f"pesos por {currency}", catalogues.NOTHING)
    elif rate.currency != currency:
        yield Hit("FAR02", "exchange_rate.currency", currency, rate.currency)


def _adjustments(case: Case) -> Iterator[Hit]:
    document = case.document
    for n, entry in enumerate(document.allowance_charges):
        where = ("allowance_charges", n)
        allowed = catalogs.CHARGES if entry.is_charge else catalogues.DISCOUNTS
        if entry.reason_code not in allowed:
            field = path(*where, "reason_code")
            yield Hit("FAQ04", field, one_of(allowed), shown(entry.reason_code))
        yield from _share(where, entry, case.totals.line_extension)
    for position, (line, sums) in enumerate(zip(document.lines, case.totals.lines, strict=True)):
        for n, entry in enumerate(line.allowance_charges):
            yield from _share(("lines", position, "allowance_charges", n), entry, sums.gross)


def _share(where: tuple[str | int, ...], entry: AllowanceCharge, whole: Decimal) -> Iterator[Hit]:
    """A discount or charge is of its base at most. On a line of value 0 it is written with itself as its base."""
    base = entry.base_amount if entry.base_amount is not None else whole or entry.amount
    field = path(*where, "amount")
    if base == ZERO and entry.amount:
        yield Hit("FAQ06", field, "un porcentaje de una base mayor que 0", f"una base de {base}")
    elif not entry.is_charge and entry.amount > base:
        yield Hit("FAQ09", field, f"{base} o menos", str(entry.amount))
    elif entry.is_charge and entry.amount > base:
        yield Hit("FAQ06", field, f"{HUNDRED} % de {base} o menos", str(entry.amount))
