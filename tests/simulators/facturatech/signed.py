"""The downloads of a signed document: its UUID, its AttachedDocument, its PDF."""

import hashlib
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from tests.simulators.facturatech.account import Stored
from tests.simulators.facturatech.structure import text

_UBL = "urn:oasis:names:specification:ubl:schema:xsd"
_NAMESPACES = f'xmlns:cac="{_UBL}:CommonAggregateComponents-2" xmlns:cbc="{_UBL}:CommonBasicComponents-2"'
_ROOTS = {"01": "Invoice", "05": "Invoice", "91": "CreditNote", "95": "CreditNote", "92": "DebitNote"}


def facts(root: Element) -> dict[str, str]:
    """The facts that identify the document in a simplified XML."""
    party = "PRO" if root.tag == "DOCUMENTO_SOPORTE" else "ADQ"
    return {
        "type": text(root, "ENC", 9),
        "number": text(root, "ENC", 6),
        "issued": text(root, "ENC", 7),
        "time": text(root, "ENC", 8),
        "issuer": text(root, "ENC", 2),
        "party": text(root, party, 2),
        "total": text(root, "TOT", 5),
    }


def uuid(fields: dict[str, str]) -> str:
    """96 hexadecimal digits made of the facts. Not DIAN's formula, which needs a key that is not among them."""
    return hashlib.sha384("|".join(f"{name}={value}" for name, value in fields.items()).encode()).hexdigest()


def attached(stored: Stored) -> bytes:
    """The AttachedDocument, with the signed document as text inside."""
    inner = document(stored)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><AttachedDocument xmlns="{_UBL}:AttachedDocument-2" {_NAMESPACES}>'
        f"<cbc:ID>{stored.number}</cbc:ID><cac:Attachment><cac:ExternalReference>"
        f"<cbc:MimeCode>text/xml</cbc:MimeCode><cbc:Description><![CDATA[{inner}]]></cbc:Description>"
        "</cac:ExternalReference></cac:Attachment></AttachedDocument>"
    ).encode()


def document(stored: Stored) -> str:
    fields = {name: escape(value) for name, value in stored.fields.items()}
    root = _ROOTS[fields["type"]]
    total = "RequestedMonetaryTotal" if root == "DebitNote" else "LegalMonetaryTotal"
    supplier, customer = fields["issuer"], fields["party"]
    if fields["type"] in ("05", "95"):
        supplier, customer = customer, supplier
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="{_UBL}:{root}-2" {_NAMESPACES}>'
        f"<cbc:ID>{fields['number']}</cbc:ID><cbc:UUID>{stored.uuid}</cbc:UUID>"
        f"<cbc:IssueDate>{fields['issued']}</cbc:IssueDate><cbc:IssueTime>{fields['time']}</cbc:IssueTime>"
        f"{_party('AccountingSupplierParty', supplier)}{_party('AccountingCustomerParty', customer)}"
        f'<cac:{total}><cbc:PayableAmount currencyID="COP">{fields["total"]}</cbc:PayableAmount></cac:{total}>'
        f"</{root}>"
    )


def pdf(stored: Stored) -> bytes:
    return b"%PDF-1.4\n% " + stored.number.encode() + b"\n%%EOF\n"


def _party(role: str, identification: str) -> str:
    return (
        f"<cac:{role}><cac:Party><cac:PartyTaxScheme><cbc:CompanyID>{identification}</cbc:CompanyID>"
        f"</cac:PartyTaxScheme></cac:Party></cac:{role}>"
    )
