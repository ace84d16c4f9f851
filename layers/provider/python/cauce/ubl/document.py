"""The three roots, element by element in the order of UBL's schemas; another order is a rejection (ZB01).

The order differs in ways that surprise: a debit note has its discounts before its payment, a credit note after
its exchange rate; neither note has withholdings or a DueDate.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache

from cauce.domain.document import (
    NOTES,
    DeliveryTerms,
    Document,
    Kind,
    OrderReference,
    Payment,
    Prepayment,
    Reason,
)
from cauce.ubl import currency, equivalents, extensions, health, identifiers, signature, trade
from cauce.ubl.amounts import adjustments, amount, tax_totals, withholding_totals
from cauce.ubl.canonical import Unsigned, day, declarations, maybe, text, unsigned, value
from cauce.ubl.facts import FROM_PAPER, NumberedDocument
from cauce.ubl.lines import lines, period_of
from cauce.ubl.parties import parties
from cauce.ubl.refusals import refuse

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
NAMESPACES = {
    "cac": f"{_UBL}CommonAggregateComponents-2",
    "cbc": f"{_UBL}CommonBasicComponents-2",
    "ext": f"{_UBL}CommonExtensionComponents-2",
    "sts": "dian:gov:co:facturaelectronica:Structures-2-1",
    **signature.NAMESPACES,
}
"""What the prefixes stand for in every file of DIAN's."""

# The literals of annex 1.9 and of Anexo DS 1.1, dots and all (rules FAD03, NSAD03).
PROFILES = {
    Kind.INVOICE: "DIAN 2.1: Factura Electrónica de Venta",
    Kind.CREDIT_NOTE: "DIAN 2.1: Nota Crédito de Factura Electrónica de Venta",
    Kind.DEBIT_NOTE: "DIAN 2.1: Nota Débito de Factura Electrónica de Venta",
    Kind.SUPPORT_DOCUMENT: (
        "DIAN 2.1: documento soporte en adquisiciones efectuadas a no obligados a facturar."
    ),
    Kind.ADJUSTMENT_NOTE: (
        "DIAN 2.1: Nota de ajuste al documento soporte en adquisiciones efectuadas a sujetos no obligados "
        "a expedir factura o documento equivalente"
    ),
    Kind.EQUIVALENT_NOTE: equivalents.NOTE_PROFILE,
}


def profile(kind: Kind, type_code: str) -> str:
    """The ProfileID of a document; ``type_code``: of a documento equivalente, which one it is. Raises KeyError."""
    return equivalents.FORMS[type_code].profile if kind is Kind.EQUIVALENT_DOCUMENT else PROFILES[kind]


def build(numbered: NumberedDocument) -> Unsigned:
    """The document as UBL.

    Raises InvalidDocument, Unsupported or NumberingUnavailable, with the domain's path, where it cannot be written
    exactly.
    """
    refuse(numbered.document)
    root, write = _WRITERS[numbered.kind]
    declared = namespaces(root)
    return unsigned(declared, f"<{root}{declared}>{write(numbered)}", *lines(numbered), f"</{root}>")


@cache
def namespaces(root: str) -> str:
    """The declarations of a root of this name; the elements below it declare none."""
    return declarations({"": f"{_UBL}{root}-2", **NAMESPACES})


# What precedes the lines.


def _invoice(numbered: NumberedDocument) -> str:
    document, totals, money = numbered.document, numbered.totals, value(numbered.document.currency)
    return (
        f"{_start(numbered)}"
        f"{day('cbc:DueDate', document.payment.due_date)}"
        f"{_type(numbered)}"
        f"{_contents(document)}"
        f"{_order(document.order_reference)}"
        f"{_billing_reference(numbered)}"
        f"{trade.references(document)}"
        f"{health.additional(document, numbered.health_form)}"
        f"{parties(numbered)}"
        f"{trade.downloader(document)}"
        f"{trade.delivery(document)}"
        f"{_delivery_terms(document.delivery_terms)}"
        f"{_payment_means(document)}"
        f"{_prepayments(document.prepayments, money)}"
        f"{adjustments(document.allowance_charges, totals.line_extension, money)}"
        f"{currency.exchange_rate(document)}"
        f"{tax_totals(totals.taxes, money)}"
        f"{withholding_totals(totals.withholdings, money)}"
        f"<cac:LegalMonetaryTotal>{_monetary_total(numbered, money)}</cac:LegalMonetaryTotal>"
    )


def _type(numbered: NumberedDocument) -> str:
    code, name = numbered.type_code, ""
    if numbered.kind is Kind.EQUIVALENT_DOCUMENT:
        name = f' name="{value(equivalents.FORMS[code].name)}"'
    return f"<cbc:InvoiceTypeCode{name}>{text(code)}</cbc:InvoiceTypeCode>"


def _credit_note(numbered: NumberedDocument) -> str:
    document, totals, money = numbered.document, numbered.totals, value(numbered.document.currency)
    return (
        f"{_start(numbered)}"
        f"<cbc:CreditNoteTypeCode>{text(numbered.type_code)}</cbc:CreditNoteTypeCode>"
        f"{_contents(document)}"
        f"{_discrepancy(document.reason, document)}"
        f"{_order(document.order_reference)}"
        f"{_billing_reference(numbered)}"
        f"{trade.references(document)}"
        f"{parties(numbered)}"
        f"{trade.downloader(document)}"
        f"{trade.delivery(document)}"
        f"{_delivery_terms(document.delivery_terms)}"
        f"{_payment_means(document)}"
        f"{currency.exchange_rate(document)}"
        f"{adjustments(document.allowance_charges, totals.line_extension, money)}"
        f"{tax_totals(totals.taxes, money)}"
        f"<cac:LegalMonetaryTotal>{_monetary_total(numbered, money)}</cac:LegalMonetaryTotal>"
    )


def _debit_note(numbered: NumberedDocument) -> str:
    document, totals, money = numbered.document, numbered.totals, value(numbered.document.currency)
    return (
        f"{_start(numbered)}"
        f"{_contents(document)}"
        f"{_discrepancy(document.reason, document)}"
        f"{_order(document.order_reference)}"
        f"{_billing_reference(numbered)}"
        f"{trade.references(document)}"
        f"{parties(numbered)}"
        f"{trade.downloader(document)}"
        # The schema has discounts and charges here; DIAN's rules about them are DAQ03 to DAQ09.
        f"{adjustments(document.allowance_charges, totals.line_extension, money)}"
        f"{trade.delivery(document)}"
        f"{_delivery_terms(document.delivery_terms)}"
        f"{_payment_means(document)}"
        f"{currency.exchange_rate(document)}"
        f"{tax_totals(totals.taxes, money)}"
        f"<cac:RequestedMonetaryTotal>{_monetary_total(numbered, money)}</cac:RequestedMonetaryTotal>"
    )


_WRITERS: dict[Kind, tuple[str, Callable[[NumberedDocument], str]]] = {
    Kind.INVOICE: ("Invoice", _invoice),
    Kind.SUPPORT_DOCUMENT: ("Invoice", _invoice),
    Kind.CREDIT_NOTE: ("CreditNote", _credit_note),
    Kind.ADJUSTMENT_NOTE: ("CreditNote", _credit_note),
    Kind.DEBIT_NOTE: ("DebitNote", _debit_note),
    Kind.EQUIVALENT_DOCUMENT: ("Invoice", _invoice),
    Kind.EQUIVALENT_NOTE: ("CreditNote", _credit_note),
}


def _start(numbered: NumberedDocument) -> str:
    environment, scheme = numbered.issuer.environment.value, numbered.identifier_scheme
    second = currency.totals_in_second_currency(numbered.document, numbered.totals)
    return (
        f"{extensions.of_document(numbered, extensions.due_diligence(numbered.document) + second)}"
        "<cbc:UBLVersionID>UBL 2.1</cbc:UBLVersionID>"
        f"<cbc:CustomizationID>{text(numbered.operation)}</cbc:CustomizationID>"
        f"<cbc:ProfileID>{_called(numbered.kind, numbered.type_code)}</cbc:ProfileID>"
        f"<cbc:ProfileExecutionID>{environment}</cbc:ProfileExecutionID>"
        f"<cbc:ID>{text(str(numbered.number))}</cbc:ID>"
        f'<cbc:UUID schemeID="{environment}" schemeName="{scheme}">{numbered.identifier}</cbc:UUID>'
        f"<cbc:IssueDate>{identifiers.issue_date(numbered.issued_at)}</cbc:IssueDate>"
        f"<cbc:IssueTime>{identifiers.issue_time(numbered.issued_at)}</cbc:IssueTime>"
    )


@cache
def _called(kind: Kind, type_code: str) -> str:
    return text(profile(kind, type_code))


def _contents(document: Document) -> str:
    return (
        f"{''.join([f'<cbc:Note>{text(note)}</cbc:Note>' for note in document.notes])}"
        f"<cbc:DocumentCurrencyCode>{text(document.currency)}</cbc:DocumentCurrencyCode>"
        f"<cbc:LineCountNumeric>{len(document.lines)}</cbc:LineCountNumeric>"
        f"{period_of(document.period)}"
    )


def _discrepancy(reason: Reason | None, document: Document) -> str:
    if reason is None:
        return ""
    corrected = document.billing_reference
    return (
        "<cac:DiscrepancyResponse>"
        f"{maybe('cbc:ReferenceID', corrected.number if corrected else None)}"
        f"<cbc:ResponseCode>{text(reason.code)}</cbc:ResponseCode>"
        f"<cbc:Description>{text(reason.text)}</cbc:Description>"
        "</cac:DiscrepancyResponse>"
    )


def _order(order: OrderReference | None) -> str:
    if order is None:
        return ""
    return (
        "<cac:OrderReference>"
        f"<cbc:ID>{text(order.number)}</cbc:ID>"
        f"{day('cbc:IssueDate', order.issue_date)}"
        "</cac:OrderReference>"
    )


def _billing_reference(numbered: NumberedDocument) -> str:
    """The documents that a note corrects, or the paper invoice of type 03 (FBG01), which has no identifier; the notes
    that an invoice names, and what proves that the user of a health service paid before."""
    document = numbered.document
    corrected, paper = document.billing_reference, document.paper_invoice
    if corrected is not None and numbered.kind in NOTES:
        scheme = _CORRECTED_SCHEMES.get(numbered.kind, "CUFE-SHA384")
        # A note on a documento equivalente also says which one it corrects, as its operation does.
        code = numbered.operation if numbered.kind is Kind.EQUIVALENT_NOTE else None
        every = (corrected, *document.more_billing_references)
        return "".join(
            [_billed(each.number, each.issue_date, each.uuid, scheme, code=code) for each in every]
        )
    named = "".join(
        [
            _billed(each.number, each.issue_date, each.uuid, "CUDE-SHA384", _NOTE_ROLES[each.kind])
            for each in document.note_references
        ]
    )
    scheme = health.scheme(numbered.operation)
    proofs = health.billed(document, numbered.health_form)
    named += "".join([_billed(each.number, each.issue_date, each.uuid, scheme) for each in proofs])
    if paper is not None and numbered.type_code == FROM_PAPER:
        return _billed(paper.number, paper.issue_date) + named
    return named


_CORRECTED_SCHEMES = {Kind.ADJUSTMENT_NOTE: "CUDS-SHA384", Kind.EQUIVALENT_NOTE: "CUDE-SHA384"}
"""Of the identifier of what a note corrects, where that is no invoice."""
_NOTE_ROLES = {
    Kind.CREDIT_NOTE: "cac:CreditNoteDocumentReference",
    Kind.DEBIT_NOTE: "cac:DebitNoteDocumentReference",
}


def _billed(
    number: str,
    issued: date,
    uuid: str | None = None,
    scheme: str = "",
    role: str = "cac:InvoiceDocumentReference",
    code: str | None = None,
) -> str:
    identifier = f'<cbc:UUID schemeName="{scheme}">{text(uuid)}</cbc:UUID>' if uuid else ""
    return (
        f"<cac:BillingReference><{role}>"
        f"<cbc:ID>{text(number)}</cbc:ID>"
        f"{identifier}"
        f"<cbc:IssueDate>{issued.isoformat()}</cbc:IssueDate>"
        f"{maybe('cbc:DocumentTypeCode', code)}"
        f"</{role}></cac:BillingReference>"
    )


def _delivery_terms(terms: DeliveryTerms | None) -> str:
    if terms is None:
        return ""
    return (
        "<cac:DeliveryTerms>"
        f"{maybe('cbc:SpecialTerms', terms.text)}"
        f"<cbc:LossRiskResponsibilityCode>{text(terms.incoterm)}</cbc:LossRiskResponsibilityCode>"
        "</cac:DeliveryTerms>"
    )


def _payment_means(document: Document) -> str:
    """One for each payment. Amounts have no place in it."""
    if document.payments:
        return "".join([_means(part, part.reference) for part in document.payments])
    return _means(document.payment)


def _means(payment: Payment, reference: str | None = None) -> str:
    return (
        "<cac:PaymentMeans>"
        f"<cbc:ID>{text(payment.form)}</cbc:ID>"
        f"<cbc:PaymentMeansCode>{text(payment.means)}</cbc:PaymentMeansCode>"
        f"{day('cbc:PaymentDueDate', payment.due_date)}"
        f"{maybe('cbc:PaymentID', reference)}"
        "</cac:PaymentMeans>"
    )


def _prepayments(prepayments: tuple[Prepayment, ...], money: str) -> str:
    return "".join(
        [
            "<cac:PrepaidPayment>"
            f"<cbc:ID{_concept(prepayment)}>{text(prepayment.reference or str(n))}</cbc:ID>"
            f'<cbc:PaidAmount currencyID="{money}">{amount(prepayment.amount)}</cbc:PaidAmount>'
            f"<cbc:ReceivedDate>{prepayment.received_date.isoformat()}</cbc:ReceivedDate>"
            f"{maybe('cbc:InstructionID', prepayment.text)}"
            "</cac:PrepaidPayment>"
            for n, prepayment in enumerate(prepayments, start=1)
        ]
    )


def _concept(prepayment: Prepayment) -> str:
    """What a user of the health system paid, as an attribute."""
    return f' schemeID="{value(prepayment.concept)}"' if prepayment.concept else ""


def _monetary_total(numbered: NumberedDocument, money: str) -> str:
    """The totals. Withholdings and prepayments lower none of them (annex 1.9, 11.9.1 and 11.9.2)."""
    document, totals = numbered.document, numbered.totals
    signs = {entry.is_charge for entry in document.allowance_charges}
    lines, exclusive, inclusive = totals.line_extension, totals.tax_exclusive, totals.tax_inclusive
    return (
        f'<cbc:LineExtensionAmount currencyID="{money}">{amount(lines)}</cbc:LineExtensionAmount>'
        f'<cbc:TaxExclusiveAmount currencyID="{money}">{amount(exclusive)}</cbc:TaxExclusiveAmount>'
        f'<cbc:TaxInclusiveAmount currencyID="{money}">{amount(inclusive)}</cbc:TaxInclusiveAmount>'
        f"{_total('cbc:AllowanceTotalAmount', totals.allowance, money) if False in signs else ''}"
        f"{_total('cbc:ChargeTotalAmount', totals.charge, money) if True in signs else ''}"
        f"{_total('cbc:PrepaidAmount', totals.prepaid, money) if document.prepayments else ''}"
        f"{_total('cbc:PayableRoundingAmount', totals.rounding, money) if totals.rounding else ''}"
        f'<cbc:PayableAmount currencyID="{money}">{amount(totals.payable)}</cbc:PayableAmount>'
    )


def _total(tag: str, total: Decimal, money: str) -> str:
    return f'<{tag} currencyID="{money}">{amount(total)}</{tag}>'
