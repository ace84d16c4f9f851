"""The lines of invoices, credit notes and debit notes, each in the order of its own schema.

An invoice line has its discounts before its taxes, and may have withholdings. A note's line has its discounts after
its taxes, and no withholdings. What only an unusual line says (``domain.survey``) is not looked for in others.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from cauce.domain import health
from cauce.domain.catalogs import PURCHASE_FORMS, REFERENCE_PRICES
from cauce.domain.document import (
    BillingPeriod,
    Consignment,
    ExchangeRate,
    Kind,
    Line,
    Principal,
    Purchase,
    ReferencePrice,
)
from cauce.domain.money import plain
from cauce.domain.survey import survey
from cauce.domain.totals import LineTotals
from cauce.ubl import identifiers
from cauce.ubl.amounts import adjustments_of_line, decimals, tax_totals, withholding_totals
from cauce.ubl.canonical import maybe, text, value
from cauce.ubl.currency import line_in_second_currency, second_currency
from cauce.ubl.facts import FREIGHT, MANDATE, NumberedDocument
from cauce.ubl.parties import identification

PART = 300
"""Most characters in one Description of an item, which may have three."""

AIU_NOTE = "Contrato de servicios AIU por concepto de: "
"""How the note on the line of an AIU contract's administration begins (FAV03)."""

# Annex 1.9, 13.3.5: the agency of each scheme of codes, and DIAN's name for it; the issuer's own has no agency.
_STANDARDS = {
    "001": 'schemeAgencyID="10" schemeID="001" schemeName="UNSPSC"',
    "010": 'schemeAgencyID="9" schemeID="010" schemeName="GTIN"',
    "020": 'schemeAgencyID="195" schemeID="020" schemeName="Partida Arancelarias"',
    "999": f'schemeID="999" schemeName="{value("Estándar de adopción del contribuyente")}"',
}
# Whether what a line names is given for free.
_FREE = "<cbc:FreeOfChargeIndicator>true</cbc:FreeOfChargeIndicator>"
_SOLD = "<cbc:FreeOfChargeIndicator>false</cbc:FreeOfChargeIndicator>"
# Attribute of the line's number in a mandate (13.3.13), and in freight transport (13.5.1), where 1 is a remesa
# registered at the RNDC and 0 any other service.
_OWN_INCOME, _INCOME_OF_OTHERS = ' schemeID="0"', ' schemeID="1"'


class _Whole(NamedTuple):
    """What a line needs to know of its document."""

    is_credit_note: bool
    is_support: bool
    money: str
    """The currency, as an attribute's value."""
    rate: ExchangeRate | None
    """Of the other currency in which a document in pesos states its amounts too."""
    income: str
    """Attribute of the number of a line whose income is the issuer's own."""
    issue_date: str


def lines(numbered: NumberedDocument) -> list[str]:
    """The lines, numbered from 1."""
    document, kind = numbered.document, numbered.kind
    says_whose = kind is Kind.INVOICE and numbered.operation in (MANDATE, FREIGHT, health.RECEIPT)
    whole = _Whole(
        is_credit_note=kind in (Kind.CREDIT_NOTE, Kind.EQUIVALENT_NOTE),
        is_support=kind is Kind.SUPPORT_DOCUMENT,
        money=value(document.currency),
        rate=second_currency(document),
        income=_OWN_INCOME if says_whose else "",
        issue_date=identifiers.issue_date(numbered.issued_at),
    )
    write, unusual = _WRITERS[kind], {n for n, _ in survey(document).unusual}
    pairs = enumerate(zip(document.lines, numbered.totals.lines, strict=True))
    return [write(whole, n + 1, line, sums, n in unusual) for n, (line, sums) in pairs]


def _invoice_line(whole: _Whole, n: int, line: Line, sums: LineTotals, is_unusual: bool) -> str:
    money, unit, quantity = whole.money, _unit(line.unit), decimals(line.quantity)
    return (
        "<cac:InvoiceLine>"
        f"<cbc:ID{_INCOME_OF_OTHERS if is_unusual and _is_marked(line) else whole.income}>{n}</cbc:ID>"
        f"{_notes(line) if is_unusual else ''}"
        f'<cbc:InvoicedQuantity unitCode="{unit}">{quantity}</cbc:InvoicedQuantity>'
        f'<cbc:LineExtensionAmount currencyID="{money}">{sums.net!s}</cbc:LineExtensionAmount>'
        f"{_bought(line.purchase, whole) if whole.is_support else _free(line) if is_unusual else _SOLD}"
        f"{period_of(line.period) if is_unusual else ''}"
        f"{_reference_price(line.reference_price, money) if is_unusual else ''}"
        f"{adjustments_of_line(line, sums, money) if sums.discount or is_unusual else ''}"
        f"{tax_totals(sums.taxes, money)}"
        f"{withholding_totals(sums.withholdings, money) if sums.withholdings else ''}"
        f"{_item(line, money, unit, quantity, is_unusual)}"
        f"{line_in_second_currency(sums.net, whole.rate) if whole.rate else ''}"
        "</cac:InvoiceLine>"
    )


def _credit_note_line(whole: _Whole, n: int, line: Line, sums: LineTotals, is_unusual: bool) -> str:
    money, unit, quantity = whole.money, _unit(line.unit), decimals(line.quantity)
    return (
        "<cac:CreditNoteLine>"
        f"<cbc:ID{_INCOME_OF_OTHERS if is_unusual and line.principal else ''}>{n}</cbc:ID>"
        f"{_notes(line) if is_unusual else ''}"
        f'<cbc:CreditedQuantity unitCode="{unit}">{quantity}</cbc:CreditedQuantity>'
        f'<cbc:LineExtensionAmount currencyID="{money}">{sums.net!s}</cbc:LineExtensionAmount>'
        f"{_free(line) if whole.is_credit_note else ''}"
        f"{period_of(line.period) if is_unusual else ''}"
        f"{_reference_price(line.reference_price, money) if is_unusual else ''}"
        f"{tax_totals(sums.taxes, money)}"
        f"{adjustments_of_line(line, sums, money) if sums.discount or is_unusual else ''}"
        f"{_item(line, money, unit, quantity, is_unusual)}"
        "</cac:CreditNoteLine>"
    )


def _debit_note_line(whole: _Whole, n: int, line: Line, sums: LineTotals, is_unusual: bool) -> str:
    money, unit, quantity = whole.money, _unit(line.unit), decimals(line.quantity)
    return (
        "<cac:DebitNoteLine>"
        f"<cbc:ID{_INCOME_OF_OTHERS if is_unusual and line.principal else ''}>{n}</cbc:ID>"
        f"{_notes(line) if is_unusual else ''}"
        f'<cbc:DebitedQuantity unitCode="{unit}">{quantity}</cbc:DebitedQuantity>'
        f'<cbc:LineExtensionAmount currencyID="{money}">{sums.net!s}</cbc:LineExtensionAmount>'
        f"{tax_totals(sums.taxes, money)}"
        f"{adjustments_of_line(line, sums, money) if sums.discount or is_unusual else ''}"
        f"{_item(line, money, unit, quantity, is_unusual)}"
        "</cac:DebitNoteLine>"
    )


_WRITERS: dict[Kind, Callable[[_Whole, int, Line, LineTotals, bool], str]] = {
    Kind.INVOICE: _invoice_line,
    Kind.SUPPORT_DOCUMENT: _invoice_line,
    Kind.CREDIT_NOTE: _credit_note_line,
    Kind.ADJUSTMENT_NOTE: _credit_note_line,
    Kind.DEBIT_NOTE: _debit_note_line,
    Kind.EQUIVALENT_DOCUMENT: _invoice_line,
    Kind.EQUIVALENT_NOTE: _credit_note_line,
}


_unit = lru_cache(maxsize=256)(value)
"""A unit's code as an attribute's value: there are few."""


def _notes(line: Line) -> str:
    contract = AIU_NOTE + line.aiu_contract if line.aiu_contract else None
    return maybe("cbc:Note", contract) + maybe("cbc:Note", line.note)


def _free(line: Line) -> str:
    return _FREE if line.reference_price else _SOLD


def _is_marked(line: Line) -> bool:
    return line.principal is not None or line.consignment is not None


def period_of(period: BillingPeriod | None) -> str:
    """InvoicePeriod, of a line or of the whole document."""
    if period is None:
        return ""
    return (
        "<cac:InvoicePeriod>"
        f"<cbc:StartDate>{period.start.isoformat()}</cbc:StartDate>"
        f"<cbc:EndDate>{period.end.isoformat()}</cbc:EndDate>"
        "</cac:InvoicePeriod>"
    )


def _bought(purchase: Purchase | None, whole: _Whole) -> str:
    """InvoicePeriod of a support document's line: when it was bought, in one operation or in a week's."""
    bought_on = purchase.on.isoformat() if purchase else whole.issue_date
    form = purchase.form if purchase else "1"
    return (
        "<cac:InvoicePeriod>"
        f"<cbc:StartDate>{bought_on}</cbc:StartDate>"
        f"<cbc:DescriptionCode>{form}</cbc:DescriptionCode>"
        f"<cbc:Description>{text(PURCHASE_FORMS[form])}</cbc:Description>"
        "</cac:InvoicePeriod>"
    )


def _reference_price(found: ReferencePrice | None, money: str) -> str:
    if found is None:
        return ""
    return (
        "<cac:PricingReference>"
        "<cac:AlternativeConditionPrice>"
        f'<cbc:PriceAmount currencyID="{money}">{decimals(found.amount)}</cbc:PriceAmount>'
        f"<cbc:PriceTypeCode>{found.type}</cbc:PriceTypeCode>"
        f"<cbc:PriceType>{text(REFERENCE_PRICES[found.type])}</cbc:PriceType>"
        "</cac:AlternativeConditionPrice>"
        "</cac:PricingReference>"
    )


def _item(line: Line, money: str, unit: str, quantity: str, is_unusual: bool) -> str:
    """Item and Price, of one unit. BaseQuantity is the whole quantity, because FAV06 multiplies the two."""
    code = text(line.code)
    description = text(line.description) if len(line.description) <= PART else _in_parts(line.description)
    return (
        "<cac:Item>"
        f"<cbc:Description>{description}</cbc:Description>"
        f"{_make(line) if is_unusual else ''}"
        "<cac:SellersItemIdentification>"
        f"<cbc:ID>{code}</cbc:ID>"
        "</cac:SellersItemIdentification>"
        "<cac:StandardItemIdentification>"
        f"<cbc:ID {_STANDARDS[line.standard]}>{text(line.standard_code) if line.standard_code else code}</cbc:ID>"
        "</cac:StandardItemIdentification>"
        f"{_others(line) if is_unusual else ''}"
        f"{_principal(line.principal) if is_unusual and line.principal else ''}"
        "</cac:Item>"
        "<cac:Price>"
        f'<cbc:PriceAmount currencyID="{money}">{decimals(line.price)}</cbc:PriceAmount>'
        f'<cbc:BaseQuantity unitCode="{unit}">{quantity}</cbc:BaseQuantity>'
        "</cac:Price>"
    )


def _in_parts(description: str) -> str:
    """A long description, cut into as many elements as it needs."""
    parts = (description[at : at + PART] for at in range(0, len(description), PART))
    return "</cbc:Description><cbc:Description>".join(map(text, parts))


def _others(line: Line) -> str:
    """Further codes of the item, and the remesa that it is (13.5.2)."""
    codes = [
        "<cac:AdditionalItemIdentification>"
        f'<cbc:ID schemeID="999" schemeName="{value(each.scheme)}">{text(each.code)}</cbc:ID>'
        "</cac:AdditionalItemIdentification>"
        for each in line.other_codes
    ]
    return "".join(codes) + (_consignment(line.consignment) if line.consignment else "")


def _consignment(found: Consignment) -> str:
    carried = f'<cbc:ValueQuantity unitCode="{value(found.unit)}">{plain(found.quantity)}</cbc:ValueQuantity>'
    rows = (
        ("01", text(found.filing), ""),
        ("02", text(found.number), ""),
        ("03", str(found.freight), carried),
    )
    return "".join(
        [
            "<cac:AdditionalItemProperty>"
            f"<cbc:Name>{name}</cbc:Name><cbc:Value>{said}</cbc:Value>{quantity}"
            "</cac:AdditionalItemProperty>"
            for name, said, quantity in rows
        ]
    )


def _make(line: Line) -> str:
    return maybe("cbc:BrandName", line.brand) + maybe("cbc:ModelName", line.model)


def _principal(principal: Principal) -> str:
    name = f"<cac:PartyName>{maybe('cbc:Name', principal.name)}</cac:PartyName>" if principal.name else ""
    number = identification(
        "cbc:ID", principal.identification_type, principal.identification, principal.check_digit
    )
    return (
        "<cac:InformationContentProviderParty>"
        "<cac:PowerOfAttorney>"
        f"<cac:AgentParty><cac:PartyIdentification>{number}</cac:PartyIdentification>{name}</cac:AgentParty>"
        "</cac:PowerOfAttorney>"
        "</cac:InformationContentProviderParty>"
    )
