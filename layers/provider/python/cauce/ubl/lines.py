"""The lines of invoices, credit notes and debit notes, each in the order of its own schema.

An invoice line has its discounts before its taxes, and may have withholdings. A note's line has its discounts after
its taxes, and no withholdings.
"""

from collections.abc import Callable

from cauce.domain.catalogs import PURCHASE_FORMS, REFERENCE_PRICES
from cauce.domain.document import Kind, Line, Principal, Purchase
from cauce.domain.totals import LineTotals
from cauce.ubl import identifiers
from cauce.ubl.amounts import (
    adjustments_of_line,
    amount,
    price,
    quantity,
    tax_totals,
    withholding_totals,
)
from cauce.ubl.canonical import Element, group, leaf, maybe
from cauce.ubl.currency import line_in_second_currency
from cauce.ubl.facts import MANDATE, NumberedDocument
from cauce.ubl.parties import identification

AIU_NOTE = "Contrato de servicios AIU por concepto de: "
"""How the note on the line of an AIU contract's administration begins (FAV03)."""

# Annex 1.9, 13.3.5: the agency of each scheme of codes, and DIAN's name for it; the issuer's own has no agency.
_STANDARDS = {
    "001": {"schemeAgencyID": "10", "schemeName": "UNSPSC"},
    "010": {"schemeAgencyID": "9", "schemeName": "GTIN"},
    "020": {"schemeAgencyID": "195", "schemeName": "Partida Arancelarias"},
    "999": {"schemeName": "Estándar de adopción del contribuyente"},
}
# @schemeID of the line's number in a mandate (13.3.13).
_OWN_INCOME, _INCOME_OF_OTHERS = "0", "1"


def lines(numbered: NumberedDocument) -> list[Element]:
    """The lines, numbered from 1."""
    write = _WRITERS[numbered.kind]
    pairs = zip(numbered.document.lines, numbered.totals.lines, strict=True)
    return [write(numbered, n, line, sums) for n, (line, sums) in enumerate(pairs, start=1)]


def _invoice_line(numbered: NumberedDocument, n: int, line: Line, sums: LineTotals) -> Element:
    document = numbered.document
    currency = document.currency
    supported = numbered.kind is Kind.SUPPORT_DOCUMENT
    return group(
        "cac:InvoiceLine",
        *_start(numbered, n, line, sums, "cbc:InvoicedQuantity"),
        None if supported else _free(line),
        _bought(line.purchase, numbered) if supported else None,
        _reference_price(line, currency),
        *adjustments_of_line(line, sums.gross, currency),
        *tax_totals(sums.taxes, currency),
        *withholding_totals(sums.withholdings, currency),
        _item(line),
        _price(line, currency),
        line_in_second_currency(document, sums.net),
    )


def _credit_note_line(numbered: NumberedDocument, n: int, line: Line, sums: LineTotals) -> Element:
    currency = numbered.document.currency
    return group(
        "cac:CreditNoteLine",
        *_start(numbered, n, line, sums, "cbc:CreditedQuantity"),
        _free(line) if numbered.kind is Kind.CREDIT_NOTE else None,
        _reference_price(line, currency),
        *tax_totals(sums.taxes, currency),
        *adjustments_of_line(line, sums.gross, currency),
        _item(line),
        _price(line, currency),
    )


def _debit_note_line(numbered: NumberedDocument, n: int, line: Line, sums: LineTotals) -> Element:
    currency = numbered.document.currency
    return group(
        "cac:DebitNoteLine",
        *_start(numbered, n, line, sums, "cbc:DebitedQuantity"),
        *tax_totals(sums.taxes, currency),
        *adjustments_of_line(line, sums.gross, currency),
        _item(line),
        _price(line, currency),
    )


_WRITERS: dict[Kind, Callable[[NumberedDocument, int, Line, LineTotals], Element]] = {
    Kind.INVOICE: _invoice_line,
    Kind.SUPPORT_DOCUMENT: _invoice_line,
    Kind.CREDIT_NOTE: _credit_note_line,
    Kind.ADJUSTMENT_NOTE: _credit_note_line,
    Kind.DEBIT_NOTE: _debit_note_line,
}


def _start(
    numbered: NumberedDocument, n: int, line: Line, sums: LineTotals, tag: str
) -> tuple[Element | None, ...]:
    return (
        leaf("cbc:ID", str(n), **_income(numbered, line)),
        leaf("cbc:Note", AIU_NOTE + line.aiu_contract) if line.aiu_contract else None,
        maybe("cbc:Note", line.note),
        quantity(tag, line.quantity, line.unit),
        amount("cbc:LineExtensionAmount", sums.net, numbered.document.currency),
    )


def _income(numbered: NumberedDocument, line: Line) -> dict[str, str]:
    if line.principal:
        return {"schemeID": _INCOME_OF_OTHERS}
    return (
        {"schemeID": _OWN_INCOME} if numbered.kind is Kind.INVOICE and numbered.operation == MANDATE else {}
    )


def _free(line: Line) -> Element:
    return leaf("cbc:FreeOfChargeIndicator", "true" if line.reference_price else "false")


def _bought(purchase: Purchase | None, numbered: NumberedDocument) -> Element:
    """InvoicePeriod of a support document's line: when it was bought, in one operation or in a week's."""
    bought_on = purchase.on.isoformat() if purchase else identifiers.issue_date(numbered.issued_at)
    form = purchase.form if purchase else "1"
    return group(
        "cac:InvoicePeriod",
        leaf("cbc:StartDate", bought_on),
        leaf("cbc:DescriptionCode", form),
        leaf("cbc:Description", PURCHASE_FORMS[form]),
    )


def _reference_price(line: Line, currency: str) -> Element | None:
    found = line.reference_price
    if found is None:
        return None
    return group(
        "cac:PricingReference",
        group(
            "cac:AlternativeConditionPrice",
            price("cbc:PriceAmount", found.amount, currency),
            leaf("cbc:PriceTypeCode", found.type),
            leaf("cbc:PriceType", REFERENCE_PRICES[found.type]),
        ),
    )


def _item(line: Line) -> Element:
    return group(
        "cac:Item",
        leaf("cbc:Description", line.description),
        maybe("cbc:BrandName", line.brand),
        maybe("cbc:ModelName", line.model),
        group("cac:SellersItemIdentification", leaf("cbc:ID", line.code)),
        group(
            "cac:StandardItemIdentification",
            leaf("cbc:ID", line.code, schemeID=line.standard, **_STANDARDS[line.standard]),
        ),
        _principal(line.principal) if line.principal else None,
    )


def _principal(principal: Principal) -> Element:
    number = identification(
        "cbc:ID", principal.identification_type, principal.identification, principal.check_digit
    )
    agent = group("cac:AgentParty", group("cac:PartyIdentification", number))
    return group("cac:InformationContentProviderParty", group("cac:PowerOfAttorney", agent))


def _price(line: Line, currency: str) -> Element:
    """The price of one unit. BaseQuantity is the whole quantity, because FAV06 multiplies the two."""
    return group(
        "cac:Price",
        price("cbc:PriceAmount", line.price, currency),
        quantity("cbc:BaseQuantity", line.quantity, line.unit),
    )
