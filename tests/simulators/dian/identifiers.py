"""CUFE, CUDE, CUDS and the software security code, recomputed from a document's XML alone.

Sources: Anexo Técnico 1.9, 11.2 to 11.4; Anexo DS 1.1; Anexo RADIAN, 14.1.8.
"""

import hashlib
from decimal import ROUND_DOWN, Decimal

from lxml import etree

from tests.simulators.dian.document import Document


def of(document: Document, technical_key: str, pin: str) -> str:
    """The UUID that the document must have: with the range's key in invoices but for type 03, else with the PIN."""
    if document.kind == "event":
        return _event(document, pin)
    total = f"cac:{document.family.total}"
    start = (
        document.number,
        document.text("cbc:IssueDate"),
        document.text("cbc:IssueTime"),
        _cut(document.amount(f"{total}/cbc:LineExtensionAmount")),
    )
    payable = _cut(document.amount(f"{total}/cbc:PayableAmount"))
    if document.is_support:
        first = document.all("cac:TaxTotal")[:1]
        vat = document.amount("cbc:TaxAmount", first[0]) if first else Decimal(0)
        parts = (
            *start,
            "01",
            _cut(vat),
            payable,
            document.supplier,
            document.customer,
            pin,
            document.environment,
        )
        return sha384(*parts)
    secret = technical_key if document.kind == "invoice" and document.type_code != "03" else pin
    taxes = (part for code in ("01", "04", "03") for part in (code, _cut(_tax(document, code))))
    return sha384(*start, *taxes, payable, document.supplier, document.customer, secret, document.environment)


def security_code(software_id: str, pin: str, number: str) -> str:
    return sha384(software_id, pin, number)


def sha384(*parts: str) -> str:
    return hashlib.sha384("".join(parts).encode()).hexdigest()


def _event(document: Document, pin: str) -> str:
    response = "cac:DocumentResponse"
    return sha384(
        document.number,
        document.text("cbc:IssueDate"),
        document.text("cbc:IssueTime"),
        document.supplier,
        document.customer,
        document.text(f"{response}/cac:Response/cbc:ResponseCode"),
        document.text(f"{response}/cac:DocumentReference/cbc:ID"),
        document.text(f"{response}/cac:DocumentReference/cbc:DocumentTypeCode"),
        pin,
    )


def _tax(document: Document, code: str) -> Decimal:
    return sum(
        (
            document.amount("cbc:TaxAmount", total)
            for total in document.all("cac:TaxTotal")
            if code_of(document, total) == code
        ),
        Decimal(0),
    )


def code_of(document: Document, total: etree._Element) -> str:
    """The code of the tax that a TaxTotal or WithholdingTaxTotal is about."""
    return document.text("cac:TaxSubtotal/cac:TaxCategory/cac:TaxScheme/cbc:ID", total)


def _cut(amount: Decimal) -> str:
    return f"{amount.quantize(Decimal('0.01'), rounding=ROUND_DOWN):f}"
