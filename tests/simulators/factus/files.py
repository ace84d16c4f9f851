"""A document's files: its UBL XML, an AttachedDocument around it, a one-page PDF, and the ZIP of the e-mail."""

import base64
import io
import zipfile
from fractions import Fraction

from tests.simulators import ubl
from tests.simulators.factus import arithmetic
from tests.simulators.factus.catalogs import (
    ADJUSTMENT_NOTES,
    CREDIT_NOTES,
    DEBIT_NOTES,
    SUPPORT_DOCUMENTS,
    Kind,
)
from tests.simulators.factus.drafts import Line
from tests.simulators.factus.state import Document, State

_ROOTS = {CREDIT_NOTES: "CreditNote", ADJUSTMENT_NOTES: "CreditNote", DEBIT_NOTES: "DebitNote"}
_TYPES = {SUPPORT_DOCUMENTS: "05", ADJUSTMENT_NOTES: "95", CREDIT_NOTES: "91", DEBIT_NOTES: "92"}
_MAKER = "900825759"
_FIXED_TIME = (2025, 1, 1, 0, 0, 0)


def file_name(document: Document, state: State) -> str:
    """Factus's file names: kind, NIT in ten digits, 000, two digits of the year, eight of the document."""
    nit = state.company.nit.zfill(10)
    return f"{document.kind.file_prefix}{nit}000{document.created_at:%y}{document.id:08d}"


def xml(document: Document, state: State) -> bytes:
    """The document as Factus's software writes it, with an empty signature."""
    draft, company = document.draft, state.company
    party = draft.party
    ours = ubl.Party(
        identification=company.nit,
        digit=company.dv,
        name=company.name,
        responsibilities="O-15;O-23",
        address=company.address,
        town=company.municipality_code,
        email=company.email,
    )
    other = ubl.Party(
        identification=party.identification,
        digit=party.dv or "",
        kind=party.identity_code,
        name=party.display_name,
        person=party.organization_code,
        address=party.address or "",
        town=party.municipality.code if party.municipality else "",
        email=party.email or "",
    )
    # A support document is issued by the buyer, but the seller stands as supplier.
    is_bought = document.kind in (SUPPORT_DOCUMENTS, ADJUSTMENT_NOTES)
    root, payment = _ROOTS.get(document.kind, "Invoice"), draft.payments[0] if draft.payments else None
    return ubl.document(
        ubl.Document(
            root=root,
            type_code=_TYPES.get(document.kind, "01"),
            number=document.number,
            uuid=document.uuid,
            scheme=document.kind.uuid.upper(),
            issued_at=document.created_at,
            seller=other if is_bought else ours,
            buyer=ours if is_bought else other,
            lines=tuple(_line(line, document.kind) for line in draft.lines),
            payable=document.totals().total,
            maker=_MAKER,
            form=payment.form if payment else "1",
            means=payment.method if payment else "10",
            due=(payment.due_date if payment else None) or "",
            prefix=document.range.prefix,
            resolution=document.range.resolution or "",
            delivered_at="Bodega 3, Fontibón",
        )
    )


def _line(line: Line, kind: Kind) -> ubl.Line:
    sums = arithmetic.figures(line, kind)
    net, discount = arithmetic.two(sums.gross), arithmetic.two(sums.discount)
    return ubl.Line(
        code=line.code_reference,
        description=line.name,
        quantity=line.quantity,
        unit=line.unit.code,
        price=arithmetic.two((sums.gross + sums.discount) / Fraction(line.quantity)),
        net=net,
        discount=discount,
        taxes=tuple(
            ubl.Tax(
                code=tax.code,
                name="IVA" if tax.code == "01" else "INC",
                percent=tax.rate,
                base=arithmetic.two(tax.taxable),
                amount=arithmetic.two(tax.amount),
            )
            for tax in sums.taxes
            if not tax.is_excluded
        ),
    )


def attached_document(document: Document, state: State) -> bytes:
    validated_at = document.validated_at or document.created_at
    return ubl.attached(document.number, xml(document, state), validated_at, as_cdata=False)


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
