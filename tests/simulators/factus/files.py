"""A document's files: a small UBL XML, an AttachedDocument around it, a one-page PDF, and the ZIP of the e-mail."""

import base64
import io
import zipfile
from xml.etree import ElementTree

from tests.simulators.factus.catalogs import (
    ADJUSTMENT_NOTES,
    CREDIT_NOTES,
    DEBIT_NOTES,
    SUPPORT_DOCUMENTS,
    Kind,
)
from tests.simulators.factus.state import Document, State

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_CBC = f"{{{_UBL}CommonBasicComponents-2}}"
_CAC = f"{{{_UBL}CommonAggregateComponents-2}}"
_ROOTS = {CREDIT_NOTES: "CreditNote", ADJUSTMENT_NOTES: "CreditNote", DEBIT_NOTES: "DebitNote"}
_FIXED_TIME = (2025, 1, 1, 0, 0, 0)


def file_name(document: Document, state: State) -> str:
    """Factus's file names: kind, NIT in ten digits, 000, two digits of the year, eight of the document."""
    nit = state.company.nit.zfill(10)
    return f"{document.kind.file_prefix}{nit}000{document.created_at:%y}{document.id:08d}"


def xml(document: Document, state: State) -> bytes:
    """Number, uuid, date, both parties and the total; unsigned, with the elements that a reader looks for."""
    root_name = _ROOTS.get(document.kind, "Invoice")
    root = ElementTree.Element(f"{{{_UBL}{root_name}-2}}{root_name}")
    _text(root, "UBLVersionID", "UBL 2.1")
    _text(root, "ProfileExecutionID", "2")
    _text(root, "ID", document.number)
    _text(root, "UUID", document.uuid, schemeID="2", schemeName=_scheme(document.kind))
    _text(root, "IssueDate", f"{document.created_at:%Y-%m-%d}")
    _text(root, "IssueTime", f"{document.created_at:%H:%M:%S}-05:00")
    ours = (state.company.nit, state.company.name)
    other = (document.draft.party.identification, document.draft.party.display_name)
    # A support document is issued by the buyer, but the seller stands as supplier.
    is_bought = document.kind in (SUPPORT_DOCUMENTS, ADJUSTMENT_NOTES)
    seller, buyer = (other, ours) if is_bought else (ours, other)
    _party(root, "AccountingSupplierParty", *seller)
    _party(root, "AccountingCustomerParty", *buyer)
    totals = document.totals()
    sum_of = "Requested" if root_name == "DebitNote" else "Legal"
    monetary = ElementTree.SubElement(root, f"{_CAC}{sum_of}MonetaryTotal")
    _text(monetary, "LineExtensionAmount", f"{totals.gross:.2f}", currencyID="COP")
    _text(monetary, "PayableAmount", f"{totals.total:.2f}", currencyID="COP")
    return _bytes(root)


def attached_document(document: Document, state: State) -> bytes:
    root = ElementTree.Element(f"{{{_UBL}AttachedDocument-2}}AttachedDocument")
    _text(root, "UBLVersionID", "UBL 2.1")
    _text(root, "ID", document.number)
    _text(root, "ParentDocumentID", document.number)
    attachment = ElementTree.SubElement(root, f"{_CAC}Attachment")
    reference = ElementTree.SubElement(attachment, f"{_CAC}ExternalReference")
    _text(reference, "MimeCode", "text/xml")
    _text(reference, "Description", xml(document, state).decode())
    return _bytes(root)


def pdf(document: Document) -> bytes:
    """One page with the number, readable by any PDF reader: its cross-reference table has the true offsets."""
    page = f"BT /F1 14 Tf 40 100 Td ({document.kind.path} {document.number}) Tj ET".encode(
        "latin-1", "replace"
    )
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    content, offsets = b"%PDF-1.4\n", []
    for position, body in enumerate(objects, start=1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (position, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    tail = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(content))
    return content + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table) + tail


def mail_archive(document: Document, state: State) -> bytes:
    """The ZIP of an e-mail: AttachedDocument and PDF."""
    name = file_name(document, state)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(f"{name}.xml", _FIXED_TIME), attached_document(document, state))
        archive.writestr(zipfile.ZipInfo(f"{name}.pdf", _FIXED_TIME), pdf(document))
    return buffer.getvalue()


def base_64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _scheme(kind: Kind) -> str:
    return f"{kind.uuid.upper()}-SHA384"


def _party(root: ElementTree.Element, role: str, identification: str, name: str) -> None:
    party = ElementTree.SubElement(ElementTree.SubElement(root, f"{_CAC}{role}"), f"{_CAC}Party")
    scheme = ElementTree.SubElement(party, f"{_CAC}PartyTaxScheme")
    _text(scheme, "RegistrationName", name)
    _text(scheme, "CompanyID", identification)


def _text(parent: ElementTree.Element, name: str, value: str, **attributes: str) -> None:
    ElementTree.SubElement(parent, f"{_CBC}{name}", attributes).text = value


def _bytes(root: ElementTree.Element) -> bytes:
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
