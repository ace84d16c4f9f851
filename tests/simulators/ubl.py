"""A document as the software of a technology provider writes it: whole UBL, in habits of its own.

They are not those of Cauce: it is indented, the chain of the CUFE is a note, taxes of nothing on nothing are stated, a
cash sale has its own day as its due date, and every party says twice who it is. The signature is empty.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_SPACES = (
    f'xmlns:cac="{_UBL}CommonAggregateComponents-2" xmlns:cbc="{_UBL}CommonBasicComponents-2" '
    f'xmlns:ext="{_UBL}CommonExtensionComponents-2" xmlns:sts="dian:gov:co:facturaelectronica:Structures-2-1" '
    'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
)
_QUANTITY = {"Invoice": "Invoiced", "CreditNote": "Credited", "DebitNote": "Debited"}
_CENT = Decimal("0.01")
VALIDATED_AFTER = 3
"""Seconds from the issue of a document to DIAN's validation."""


@dataclass(frozen=True, kw_only=True)
class Party:
    identification: str
    name: str
    kind: str = "31"
    digit: str = ""
    person: str = "1"
    responsibilities: str = "R-99-PN"
    address: str = ""
    town: str = ""
    email: str = ""


@dataclass(frozen=True, kw_only=True)
class Tax:
    code: str
    name: str
    percent: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Line:
    code: str
    description: str
    quantity: Decimal
    unit: str
    price: Decimal
    net: Decimal
    discount: Decimal = Decimal(0)
    taxes: tuple[Tax, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Document:
    root: str
    type_code: str
    number: str
    uuid: str
    scheme: str
    issued_at: datetime
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    payable: Decimal
    maker: str
    """NIT of the technology provider."""
    form: str = "1"
    means: str = "10"
    due: str = ""
    prefix: str = ""
    resolution: str = ""
    delivered_at: str = ""
    """Where the goods were delivered."""
    corrected: tuple[str, str, str] | None = None
    """Of a note: number, CUFE and date of the document that it corrects."""
    reason: tuple[str, str] = ("", "")


def document(of: Document) -> bytes:
    total = "RequestedMonetaryTotal" if of.root == "DebitNote" else "LegalMonetaryTotal"
    net = sum((line.net for line in of.lines), Decimal(0))
    taxes = _added([tax for line in of.lines for tax in line.taxes])
    inclusive = net + sum((tax.amount for tax in taxes), Decimal(0))
    day, time = of.issued_at.date().isoformat(), f"{of.issued_at:%H:%M:%S}-05:00"
    parts = [
        f'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<{of.root} xmlns="{_UBL}{of.root}-2" {_SPACES}>',
        _extensions(of),
        _tag("UBLVersionID", "UBL 2.1"),
        _tag("CustomizationID", {"CreditNote": "20", "DebitNote": "30"}.get(of.root, "10")),
        _tag("ProfileExecutionID", "2"),
        _tag("ID", of.number),
        f'<cbc:UUID schemeID="2" schemeName="{of.scheme}-SHA384">{of.uuid}</cbc:UUID>',
        _tag("IssueDate", day),
        _tag("IssueTime", time),
        _tag("InvoiceTypeCode", of.type_code if of.root == "Invoice" else ""),
        _tag("CreditNoteTypeCode", of.type_code if of.root == "CreditNote" else ""),
        _tag("Note", f"{of.number}{day}{time}{net:.2f}01{inclusive - net:.2f}clave-tecnica"),
        _tag("DocumentCurrencyCode", "COP"),
        _tag("LineCountNumeric", str(len(of.lines))),
        _correction(of),
        _party("AccountingSupplierParty", of.seller),
        _party("AccountingCustomerParty", of.buyer),
        _delivery(of),
        "<cac:PaymentMeans>",
        _tag("ID", of.form),
        _tag("PaymentMeansCode", of.means),
        _tag("PaymentDueDate", of.due or day),
        "</cac:PaymentMeans>",
        *[_tax_total(tax) for tax in taxes],
        _tax_total(Tax(code="03", name="ICA", percent=Decimal(0), base=Decimal(0), amount=Decimal(0))),
        f"<cac:{total}>",
        _money("LineExtensionAmount", net),
        _money("TaxExclusiveAmount", sum((tax.base for tax in taxes), Decimal(0))),
        _money("TaxInclusiveAmount", inclusive),
        _adjustment("ChargeTotalAmount", of.payable - inclusive),
        _adjustment("AllowanceTotalAmount", inclusive - of.payable),
        _money("PayableAmount", of.payable),
        f"</cac:{total}>",
        *[_line(of.root, n, line) for n, line in enumerate(of.lines, start=1)],
        f"</{of.root}>",
    ]
    return "\n  ".join(part for part in parts if part).encode()


def attached(number: str, inner: bytes, validated_at: datetime, *, as_cdata: bool = True) -> bytes:
    """The AttachedDocument around a document: as CDATA, as most receivers have it, or escaped."""
    text = inner.decode()
    enclosed = f"<![CDATA[{text}]]>" if as_cdata else escape(text)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><AttachedDocument xmlns="{_UBL}AttachedDocument-2" {_SPACES}>'
        f"<cbc:ID>{escape(number)}</cbc:ID><cbc:ParentDocumentID>{escape(number)}</cbc:ParentDocumentID>"
        "<cac:Attachment><cac:ExternalReference><cbc:MimeCode>text/xml</cbc:MimeCode>"
        f"<cbc:Description>{enclosed}</cbc:Description></cac:ExternalReference></cac:Attachment>"
        "<cac:ParentDocumentLineReference><cbc:LineID>1</cbc:LineID><cac:DocumentReference>"
        "<cac:ResultOfVerification>"
        "<cbc:ValidatorID>Unidad Especial Dirección de Impuestos y Aduanas Nacionales</cbc:ValidatorID>"
        "<cbc:ValidationResultCode>02</cbc:ValidationResultCode>"
        f"<cbc:ValidationDate>{validated_at.date()}</cbc:ValidationDate>"
        f"<cbc:ValidationTime>{validated_at:%H:%M:%S}-05:00</cbc:ValidationTime>"
        "</cac:ResultOfVerification></cac:DocumentReference></cac:ParentDocumentLineReference></AttachedDocument>"
    ).encode()


def vat(base: Decimal, percent: Decimal, amount: Decimal | None = None) -> Tax:
    owed = amount if amount is not None else (base * percent / 100).quantize(_CENT)
    return Tax(code="01", name="IVA", percent=percent, base=base, amount=owed)


def _extensions(of: Document) -> str:
    control = (
        "<sts:InvoiceControl>"
        f"<sts:InvoiceAuthorization>{of.resolution}</sts:InvoiceAuthorization>"
        "<sts:AuthorizationPeriod><cbc:StartDate>2024-01-19</cbc:StartDate><cbc:EndDate>2030-01-19</cbc:EndDate>"
        "</sts:AuthorizationPeriod>"
        f"<sts:AuthorizedInvoices><sts:Prefix>{escape(of.prefix)}</sts:Prefix><sts:From>1</sts:From>"
        "<sts:To>995000000</sts:To></sts:AuthorizedInvoices>"
        "</sts:InvoiceControl>"
    )
    return (
        "<ext:UBLExtensions><ext:UBLExtension><ext:ExtensionContent><sts:DianExtensions>"
        f"{control if of.resolution else ''}"
        f'<sts:SoftwareProvider><sts:ProviderID schemeName="31">{of.maker}</sts:ProviderID>'
        "<sts:SoftwareID>5d2c1f0e-0000-4000-8000-000000000000</sts:SoftwareID></sts:SoftwareProvider>"
        "</sts:DianExtensions></ext:ExtensionContent></ext:UBLExtension><ext:UBLExtension><ext:ExtensionContent>"
        "<ds:Signature/></ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions>"
    )


def _correction(of: Document) -> str:
    if of.corrected is None:
        return ""
    number, uuid, day = of.corrected
    code, text = of.reason
    return (
        f"<cac:DiscrepancyResponse>{_tag('ReferenceID', number)}{_tag('ResponseCode', code)}"
        f"{_tag('Description', text)}</cac:DiscrepancyResponse>"
        f"<cac:BillingReference><cac:InvoiceDocumentReference>{_tag('ID', number)}{_tag('UUID', uuid)}"
        f"{_tag('IssueDate', day)}</cac:InvoiceDocumentReference></cac:BillingReference>"
    )


def _party(role: str, of: Party) -> str:
    digit = f' schemeID="{of.digit}"' if of.digit else ""
    number = f'<cbc:CompanyID{digit} schemeName="{of.kind}">{escape(of.identification)}</cbc:CompanyID>'
    name, mail = _tag("RegistrationName", of.name), _tag("ElectronicMail", of.email)
    address = (
        f"<cac:Address>{_tag('ID', of.town)}<cac:AddressLine>{_tag('Line', of.address)}</cac:AddressLine>"
        "<cac:Country><cbc:IdentificationCode>CO</cbc:IdentificationCode></cac:Country></cac:Address>"
    )
    return (
        f"<cac:{role}>{_tag('AdditionalAccountID', of.person)}<cac:Party>"
        f"<cac:PartyName>{_tag('Name', of.name)}</cac:PartyName>"
        f"{f'<cac:PhysicalLocation>{address}</cac:PhysicalLocation>' if of.address else ''}"
        f"<cac:PartyTaxScheme>{name}{number}"
        f'<cbc:TaxLevelCode listName="No aplica">{of.responsibilities}</cbc:TaxLevelCode>'
        "<cac:TaxScheme><cbc:ID>01</cbc:ID><cbc:Name>IVA</cbc:Name></cac:TaxScheme></cac:PartyTaxScheme>"
        f"<cac:PartyLegalEntity>{name}{number}</cac:PartyLegalEntity>"
        f"{f'<cac:Contact>{mail}</cac:Contact>' if mail else ''}"
        f"</cac:Party></cac:{role}>"
    )


def _delivery(of: Document) -> str:
    if not of.delivered_at:
        return ""
    return (
        f"<cac:Delivery>{_tag('ActualDeliveryDate', of.issued_at.date().isoformat())}<cac:DeliveryAddress>"
        f"<cac:AddressLine>{_tag('Line', of.delivered_at)}</cac:AddressLine></cac:DeliveryAddress></cac:Delivery>"
    )


def _line(root: str, n: int, of: Line) -> str:
    quantity = f"<cbc:{_QUANTITY[root]}Quantity unitCode={quoteattr(of.unit)}>{of.quantity:f}</cbc:{_QUANTITY[root]}Quantity>"
    discount = ""
    if of.discount:
        discount = (
            "<cac:AllowanceCharge><cbc:ID>1</cbc:ID><cbc:ChargeIndicator>false</cbc:ChargeIndicator>"
            f"{_money('Amount', of.discount)}{_money('BaseAmount', of.net + of.discount)}</cac:AllowanceCharge>"
        )
    taxes = "".join(map(_tax_total, of.taxes))
    return (
        f"<cac:{root}Line>{_tag('ID', str(n))}{quantity}{_money('LineExtensionAmount', of.net)}"
        f"{taxes + discount if root != 'Invoice' else discount + taxes}"
        f"<cac:Item>{_tag('Description', of.description)}{_code(of.code)}</cac:Item>"
        f"<cac:Price>{_money('PriceAmount', of.price)}</cac:Price></cac:{root}Line>"
    )


def _code(code: str) -> str:
    if not code:
        return ""
    number = f'<cbc:ID schemeID="999">{escape(code)}</cbc:ID>'
    return f"<cac:StandardItemIdentification>{number}</cac:StandardItemIdentification>"


def _tax_total(of: Tax) -> str:
    return (
        f"<cac:TaxTotal>{_money('TaxAmount', of.amount)}<cac:TaxSubtotal>{_money('TaxableAmount', of.base)}"
        f"{_money('TaxAmount', of.amount)}<cac:TaxCategory><cbc:Percent>{of.percent:.2f}</cbc:Percent>"
        f"<cac:TaxScheme>{_tag('ID', of.code)}{_tag('Name', of.name)}</cac:TaxScheme></cac:TaxCategory>"
        "</cac:TaxSubtotal></cac:TaxTotal>"
    )


def _added(taxes: Sequence[Tax]) -> list[Tax]:
    alike: dict[tuple[str, Decimal], Tax] = {}
    for tax in taxes:
        known = alike.get((tax.code, tax.percent))
        base, amount = (known.base, known.amount) if known else (Decimal(0), Decimal(0))
        alike[tax.code, tax.percent] = Tax(
            code=tax.code,
            name=tax.name,
            percent=tax.percent,
            base=base + tax.base,
            amount=amount + tax.amount,
        )
    return list(alike.values())


def _adjustment(name: str, amount: Decimal) -> str:
    return _money(name, amount) if amount > 0 else ""


def _money(name: str, amount: Decimal) -> str:
    return f'<cbc:{name} currencyID="COP">{amount:.2f}</cbc:{name}>'


def _tag(name: str, text: str) -> str:
    return f"<cbc:{name}>{escape(text)}</cbc:{name}>" if text else ""
