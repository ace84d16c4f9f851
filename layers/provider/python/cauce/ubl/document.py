"""The three roots, element by element in the order of UBL's schemas; another order is a rejection (ZB01).

The order differs in ways that surprise: a debit note has its discounts before its payment, a credit note after
its exchange rate; neither note has withholdings or a DueDate.
"""

from collections.abc import Callable
from datetime import date

from cauce.domain.document import NOTES, Document, Kind
from cauce.ubl import currency, extensions, identifiers, signature
from cauce.ubl.amounts import adjustments, amount, tax_totals, withholding_totals
from cauce.ubl.canonical import Element, Tree, group, leaf, maybe
from cauce.ubl.facts import FROM_PAPER, NumberedDocument
from cauce.ubl.lines import lines
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
}


def build(numbered: NumberedDocument) -> Tree:
    """The document as UBL.

    Raises InvalidDocument, Unsupported or NumberingUnavailable, with the domain's path, where it cannot be written
    exactly.
    """
    refuse(numbered.document)
    root = _WRITERS[numbered.kind](numbered)
    return Tree(root, namespaces(root.tag))


def namespaces(root: str) -> dict[str, str]:
    """The namespaces that a root of this name declares; the elements below it declare none."""
    return {"": f"{_UBL}{root}-2", **NAMESPACES}


def _invoice(numbered: NumberedDocument) -> Element:
    document, totals = numbered.document, numbered.totals
    return group(
        "Invoice",
        *_start(numbered),
        _day("cbc:DueDate", document.payment.due_date),
        leaf("cbc:InvoiceTypeCode", numbered.type_code),
        *_contents(document),
        _order(document),
        _billing_reference(numbered),
        *parties(numbered),
        _delivery_terms(document),
        _payment_means(document),
        *_prepayments(document),
        *_adjustments(numbered),
        currency.exchange_rate(document),
        *tax_totals(totals.taxes, document.currency),
        *withholding_totals(totals.withholdings, document.currency),
        _monetary_total(numbered, "cac:LegalMonetaryTotal"),
        *lines(numbered),
    )


def _credit_note(numbered: NumberedDocument) -> Element:
    document = numbered.document
    return group(
        "CreditNote",
        *_start(numbered),
        leaf("cbc:CreditNoteTypeCode", numbered.type_code),
        *_contents(document),
        _discrepancy(document),
        _order(document),
        _billing_reference(numbered),
        *parties(numbered),
        _delivery_terms(document),
        _payment_means(document),
        currency.exchange_rate(document),
        *_adjustments(numbered),
        *tax_totals(numbered.totals.taxes, document.currency),
        _monetary_total(numbered, "cac:LegalMonetaryTotal"),
        *lines(numbered),
    )


def _debit_note(numbered: NumberedDocument) -> Element:
    document = numbered.document
    return group(
        "DebitNote",
        *_start(numbered),
        *_contents(document),
        _discrepancy(document),
        _order(document),
        _billing_reference(numbered),
        *parties(numbered),
        # The schema has discounts and charges here; DIAN's rules about them are DAQ03 to DAQ09.
        *_adjustments(numbered),
        _delivery_terms(document),
        _payment_means(document),
        currency.exchange_rate(document),
        *tax_totals(numbered.totals.taxes, document.currency),
        _monetary_total(numbered, "cac:RequestedMonetaryTotal"),
        *lines(numbered),
    )


_WRITERS: dict[Kind, Callable[[NumberedDocument], Element]] = {
    Kind.INVOICE: _invoice,
    Kind.SUPPORT_DOCUMENT: _invoice,
    Kind.CREDIT_NOTE: _credit_note,
    Kind.ADJUSTMENT_NOTE: _credit_note,
    Kind.DEBIT_NOTE: _debit_note,
}


def _start(numbered: NumberedDocument) -> tuple[Element, ...]:
    environment = numbered.issuer.environment.value
    second = currency.totals_in_second_currency(numbered.document, numbered.totals)
    return (
        extensions.of_document(numbered, second),
        leaf("cbc:UBLVersionID", "UBL 2.1"),
        leaf("cbc:CustomizationID", numbered.operation),
        leaf("cbc:ProfileID", PROFILES[numbered.kind]),
        leaf("cbc:ProfileExecutionID", environment),
        leaf("cbc:ID", str(numbered.number)),
        leaf("cbc:UUID", numbered.identifier, schemeID=environment, schemeName=numbered.identifier_scheme),
        leaf("cbc:IssueDate", identifiers.issue_date(numbered.issued_at)),
        leaf("cbc:IssueTime", identifiers.issue_time(numbered.issued_at)),
    )


def _contents(document: Document) -> tuple[Element | None, ...]:
    return (
        *(leaf("cbc:Note", note) for note in document.notes),
        leaf("cbc:DocumentCurrencyCode", document.currency),
        leaf("cbc:LineCountNumeric", str(len(document.lines))),
        _period(document),
    )


def _period(document: Document) -> Element | None:
    period = document.period
    if period is None:
        return None
    return group(
        "cac:InvoicePeriod",
        _day("cbc:StartDate", period.start),
        _day("cbc:EndDate", period.end),
    )


def _discrepancy(document: Document) -> Element | None:
    reason, corrected = document.reason, document.billing_reference
    if reason is None:
        return None
    return group(
        "cac:DiscrepancyResponse",
        maybe("cbc:ReferenceID", corrected.number if corrected else None),
        leaf("cbc:ResponseCode", reason.code),
        leaf("cbc:Description", reason.text),
    )


def _order(document: Document) -> Element | None:
    order = document.order_reference
    if order is None:
        return None
    return group(
        "cac:OrderReference",
        leaf("cbc:ID", order.number),
        _day("cbc:IssueDate", order.issue_date),
    )


def _billing_reference(numbered: NumberedDocument) -> Element | None:
    """The document that a note corrects, or the paper invoice of type 03 (FBG01), which has no identifier."""
    corrected, paper = numbered.document.billing_reference, numbered.document.paper_invoice
    if corrected is not None and numbered.kind in NOTES:
        scheme = "CUDS-SHA384" if numbered.kind is Kind.ADJUSTMENT_NOTE else "CUFE-SHA384"
        reference = group(
            "cac:InvoiceDocumentReference",
            leaf("cbc:ID", corrected.number),
            leaf("cbc:UUID", corrected.uuid, schemeName=scheme),
            _day("cbc:IssueDate", corrected.issue_date),
        )
    elif paper is not None and numbered.type_code == FROM_PAPER:
        reference = group(
            "cac:InvoiceDocumentReference",
            leaf("cbc:ID", paper.number),
            _day("cbc:IssueDate", paper.issue_date),
        )
    else:
        return None
    return group("cac:BillingReference", reference)


def _delivery_terms(document: Document) -> Element | None:
    terms = document.delivery_terms
    if terms is None:
        return None
    return group(
        "cac:DeliveryTerms",
        maybe("cbc:SpecialTerms", terms.text),
        leaf("cbc:LossRiskResponsibilityCode", terms.incoterm),
    )


def _payment_means(document: Document) -> Element:
    payment = document.payment
    return group(
        "cac:PaymentMeans",
        leaf("cbc:ID", payment.form),
        leaf("cbc:PaymentMeansCode", payment.means),
        _day("cbc:PaymentDueDate", payment.due_date),
    )


def _prepayments(document: Document) -> list[Element]:
    return [
        group(
            "cac:PrepaidPayment",
            leaf("cbc:ID", prepayment.reference or str(n)),
            amount("cbc:PaidAmount", prepayment.amount, document.currency),
            _day("cbc:ReceivedDate", prepayment.received_date),
            maybe("cbc:InstructionID", prepayment.text),
        )
        for n, prepayment in enumerate(document.prepayments, start=1)
    ]


def _adjustments(numbered: NumberedDocument) -> list[Element]:
    document = numbered.document
    return adjustments(document.allowance_charges, numbered.totals.line_extension, document.currency)


def _monetary_total(numbered: NumberedDocument, tag: str) -> Element:
    """The totals. Withholdings and prepayments lower none of them (annex 1.9, 11.9.1 and 11.9.2)."""
    document, totals, money = numbered.document, numbered.totals, numbered.document.currency
    signs = {entry.is_charge for entry in document.allowance_charges}
    return group(
        tag,
        amount("cbc:LineExtensionAmount", totals.line_extension, money),
        amount("cbc:TaxExclusiveAmount", totals.tax_exclusive, money),
        amount("cbc:TaxInclusiveAmount", totals.tax_inclusive, money),
        amount("cbc:AllowanceTotalAmount", totals.allowance, money) if False in signs else None,
        amount("cbc:ChargeTotalAmount", totals.charge, money) if True in signs else None,
        amount("cbc:PrepaidAmount", totals.prepaid, money) if document.prepayments else None,
        amount("cbc:PayableAmount", totals.payable, money),
    )


def _day(tag: str, value: date | None) -> Element | None:
    return None if value is None else leaf(tag, value.isoformat())
