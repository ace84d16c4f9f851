"""A UBL document as DIAN reads it: where each kind of document has its data."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property

from lxml import etree

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
NS = {
    "cac": f"{_UBL}CommonAggregateComponents-2",
    "cbc": f"{_UBL}CommonBasicComponents-2",
    "ext": f"{_UBL}CommonExtensionComponents-2",
    "sts": "dian:gov:co:facturaelectronica:Structures-2-1",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xades": "http://uri.etsi.org/01903/v1.3.2#",
}


@dataclass(frozen=True)
class Family:
    """What differs between the kinds of document."""

    letters: str
    """The first letters of its rules' codes."""
    file_prefix: str
    line: str
    quantity: str
    total: str
    profile: str
    customizations: frozenset[str]
    scheme: str
    name: str


_SALE = "Factura Electrónica de Venta"
FAMILIES = {
    "invoice": Family(
        "F", "fv", "InvoiceLine", "InvoicedQuantity", "LegalMonetaryTotal", f"DIAN 2.1: {_SALE}",
        frozenset({"09", "10", "11", "12", "14", "15", "16", "SS-CUFE", "SS-CUDE", "SS-POS", "SS-SNum", "SS-Recaudo",
                   "SS-Reporte", "SS-SinAporte"}), "CUFE-SHA384", "La Factura electrónica",
    ),
    "credit_note": Family(
        "C", "nc", "CreditNoteLine", "CreditedQuantity", "LegalMonetaryTotal", f"DIAN 2.1: Nota Crédito de {_SALE}",
        frozenset({"20", "22"}), "CUDE-SHA384", "La Nota crédito",
    ),
    "debit_note": Family(
        "D", "nd", "DebitNoteLine", "DebitedQuantity", "RequestedMonetaryTotal", f"DIAN 2.1: Nota Débito de {_SALE}",
        frozenset({"30", "32"}), "CUDE-SHA384", "La Nota débito",
    ),
    "support_document": Family(
        "DS", "ds", "InvoiceLine", "InvoicedQuantity", "LegalMonetaryTotal",
        "DIAN 2.1: documento soporte en adquisiciones efectuadas a no obligados a facturar.",
        frozenset({"10", "11"}), "CUDS-SHA384", "El Documento soporte",
    ),
    "adjustment_note": Family(
        "NS", "nas", "CreditNoteLine", "CreditedQuantity", "LegalMonetaryTotal",
        "DIAN 2.1: Nota de ajuste al documento soporte en adquisiciones efectuadas a sujetos no obligados a "
        "expedir factura o documento equivalente",
        frozenset({"10", "11"}), "CUDS-SHA384", "La Nota de ajuste",
    ),
    "equivalent_document": Family(
        "DE", "ds", "InvoiceLine", "InvoicedQuantity", "LegalMonetaryTotal", "DIAN 2.1: Documento Equivalente POS",
        frozenset({"10"}), "CUDE-SHA384", "El Documento equivalente",
    ),
    "equivalent_note": Family(
        "NA", "ncs", "CreditNoteLine", "CreditedQuantity", "LegalMonetaryTotal",
        "DIAN 2.1: Nota de ajuste crédito al documento equivalente",
        frozenset({"20"}), "CUDE-SHA384", "La Nota de ajuste al documento equivalente",
    ),
    "event": Family(
        "A", "ar", "", "", "", f"DIAN 2.1: ApplicationResponse de la {_SALE}", frozenset({"1"}), "CUDE-SHA384",
        "El evento",
    ),
}  # fmt: skip

_KINDS = {
    ("Invoice", "01"): "invoice",
    ("Invoice", "02"): "invoice",
    ("Invoice", "03"): "invoice",
    ("Invoice", "04"): "invoice",
    ("Invoice", "05"): "support_document",
    ("Invoice", "20"): "equivalent_document",
    ("CreditNote", "91"): "credit_note",
    ("CreditNote", "94"): "equivalent_note",
    ("CreditNote", "95"): "adjustment_note",
    ("DebitNote", ""): "debit_note",
    ("ApplicationResponse", ""): "event",
}


class Unreadable(Exception):
    """The XML is no document that DIAN knows: rule ZB01."""


class Document:
    """A parsed document. A missing text is empty; an amount that is no number raises Unreadable."""

    def __init__(self, content: bytes) -> None:
        try:
            self.root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError as cause:
            raise Unreadable(str(cause)) from None
        name = etree.QName(self.root)
        if name.namespace != f"{_UBL}{name.localname}-2":
            raise Unreadable(f"root {self.root.tag}")
        self.content = content
        self.root_name = name.localname
        self.type_code = self.text(f"cbc:{self.root_name}TypeCode")
        kind = _KINDS.get((self.root_name, self.type_code))
        if kind is None:
            raise Unreadable(f"{self.root_name} of type {self.type_code!r}")
        self.kind = kind
        self.family = FAMILIES[kind]

    def all(self, path: str, node: etree._Element | None = None) -> list[etree._Element]:
        return list((self.root if node is None else node).xpath(path, namespaces=NS))

    def text(self, path: str, node: etree._Element | None = None) -> str:
        found = (self.root if node is None else node).xpath(path, namespaces=NS)
        if not found:
            return ""
        return str(found[0] if isinstance(found[0], str) else found[0].text or "")

    def amount(self, path: str, node: etree._Element | None = None) -> Decimal:
        """The number at a path; 0 where there is none."""
        text = self.text(path, node)
        try:
            return Decimal(text or "0")
        except InvalidOperation:
            raise Unreadable(f"{path}: {text!r} is no number") from None

    @property
    def number(self) -> str:
        return self.text("cbc:ID")

    @property
    def uuid(self) -> str:
        return self.text("cbc:UUID")

    @property
    def issue_date(self) -> date:
        try:
            return date.fromisoformat(self.text("cbc:IssueDate"))
        except ValueError:
            raise Unreadable("IssueDate") from None

    @property
    def environment(self) -> str:
        return self.text("cbc:ProfileExecutionID")

    @property
    def is_equivalent(self) -> bool:
        return self.kind in ("equivalent_document", "equivalent_note")

    @property
    def is_support(self) -> bool:
        return self.kind in ("support_document", "adjustment_note")

    @cached_property
    def supplier(self) -> str:
        return self._party("Supplier", "Sender")

    @cached_property
    def customer(self) -> str:
        return self._party("Customer", "Receiver")

    @property
    def sender(self) -> str:
        """The NIT that must send the document: the supplier's, or the buyer's for support documents."""
        return self.customer if self.is_support else self.supplier

    @property
    def lines(self) -> list[etree._Element]:
        return self.all(f"cac:{self.family.line}")

    @property
    def prefix(self) -> str:
        return self.text("//sts:InvoiceControl/sts:AuthorizedInvoices/sts:Prefix")

    def _party(self, role: str, side: str) -> str:
        if self.kind == "event":
            return self.text(f"cac:{side}Party/cac:PartyTaxScheme/cbc:CompanyID")
        party = f"cac:Accounting{role}Party/cac:Party"
        return (
            self.text(f"{party}/cac:PartyTaxScheme/cbc:CompanyID")
            or self.text(f"{party}/cac:PartyLegalEntity/cbc:CompanyID")
            or self.text(f"{party}/cac:PartyIdentification/cbc:ID")
        )
