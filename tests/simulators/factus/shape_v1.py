"""v1 answers: bills, credit notes and support documents, with each page's own quirks.

Source: literal examples of the pages `crear-y-validar` and `ver`.
Amounts are strings but `items[].total`; absent objects are PHP's empty array; `trade_name` and `company` of
a customer come back as sent, those of a supplier as null.
"""

from typing import Any

from tests.simulators.factus import catalogs, ranges
from tests.simulators.factus.arithmetic import text
from tests.simulators.factus.catalogs import BILLS, CREDIT_NOTES, DEBIT_NOTES, SUPPORT_DOCUMENTS
from tests.simulators.factus.shape_common import (
    allowance_charges,
    errors,
    mandate,
    moment,
    named,
    qr,
    withholding_totals,
)
from tests.simulators.factus.shape_v1_parts import customer, establishment, item, supplier, support_item
from tests.simulators.factus.state import Document, State

# A 1 × 1 picture instead of the QR image; the blank after the comma is Factus's own.
_QR_IMAGE = (
    "data:image/png;base64, iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)


def document(document: Document, state: State, *, shown: bool) -> dict[str, Any]:
    if document.kind is SUPPORT_DOCUMENTS:
        return _support_document(document, state)
    if document.kind is CREDIT_NOTES:
        return _credit_note(document, state, shown=shown)
    return _bill(document, state, shown=shown)


def _bill(document: Document, state: State, *, shown: bool) -> dict[str, Any]:
    draft, figures = document.draft, document.figures()
    data = {
        "company": state.company.on_v1_document(),
        "establishment": establishment(draft),
        "customer": customer(draft.party),
        "numbering_range": ranges.on_document(document.range),
        "billing_period": draft.billing_period or [],
        "bill": _bill_head(document),
        "related_documents": list(draft.related_documents),
        "items": [
            {"scheme_id": line.scheme_id, **item(line, figure), "mandate": mandate(line)}
            for line, figure in zip(draft.lines, figures, strict=True)
        ],
        "allowance_charges": allowance_charges(draft),
        "withholding_taxes": withholding_totals(figures),
        "mandate": None,
        "credit_notes": _notes(state.notes_on(CREDIT_NOTES, document.number)),
        "debit_notes": _notes(state.notes_on(DEBIT_NOTES, document.number)),
    }
    if shown:
        del data["mandate"]
    return data


def _bill_head(document: Document) -> dict[str, Any]:
    draft = document.draft
    payment = draft.payments[0]
    return {
        "id": document.id,
        "document": named(draft.document_code, catalogs.DOCUMENT_NAMES),
        "operation_type": named(draft.operation, catalogs.OPERATION_NAMES),
        "order_reference": draft.order_reference,
        "number": document.number,
        "reference_code": document.reference,
        "status": int(document.is_validated),
        "send_email": int(draft.send_email),
        "qr": qr(document),
        "cufe": document.uuid,
        "validated": moment(document.validated_at),
        **_amounts(document, with_charges=True),
        "observation": draft.observation,
        "errors": errors(document),
        "created_at": moment(document.created_at),
        "payment_due_date": payment.due_date,
        "qr_image": _QR_IMAGE,
        "has_claim": 0,
        "is_negotiable_instrument": 0,
        "payment_form": named(payment.form, catalogs.PAYMENT_FORM_NAMES),
        "payment_method": named(payment.method, catalogs.PAYMENT_METHOD_NAMES),
    }


def _credit_note(document: Document, state: State, *, shown: bool) -> dict[str, Any]:
    draft, figures = document.draft, document.figures()
    company = state.company.on_v1_document()
    del company["graphic_representation_name"]
    data = {
        "company": company,
        "establishment": establishment(draft),
        "billing_period": draft.billing_period or [],
        "customer": customer(draft.party),
        "credit_note": _credit_note_head(document, state),
        "items": [item(line, figure) for line, figure in zip(draft.lines, figures, strict=True)],
        "allowance_charges": allowance_charges(draft),
        "withholding_taxes": withholding_totals(figures),
    }
    if not shown:
        del data["billing_period"], data["allowance_charges"]
    return data


def _credit_note_head(document: Document, state: State) -> dict[str, Any]:
    draft = document.draft
    bill = state.by_number(BILLS, draft.target_number) if draft.target_number else None
    return {
        "id": document.id,
        "number": document.number,
        "reference_code": document.reference,
        "status": int(document.is_validated),
        "send_email": int(draft.send_email),
        "qr": qr(document),
        "cude": document.uuid,
        "validated": moment(document.validated_at),
        **_amounts(document, with_charges=True),
        "observation": draft.observation,
        "errors": errors(document),
        "created_at": moment(document.created_at),
        "qr_image": _QR_IMAGE,
        "bill_id": bill and bill.id,
        "cufe": bill and bill.uuid,
        "number_bill": draft.target_number,
        "payment_method": named(draft.payments[0].method, catalogs.PAYMENT_METHOD_NAMES),
        "customization_id": named(draft.customization, catalogs.CUSTOMIZATION_NAMES),
        "correction_concept": named(draft.correction, catalogs.CREDIT_CORRECTIONS),
    }


def _support_document(document: Document, state: State) -> dict[str, Any]:
    draft, figures = document.draft, document.figures()
    amounts = _amounts(document, with_charges=False)
    return {
        "company": state.company.on_v1_document(),
        "provider": supplier(draft.party),
        "support_document": {
            "id": document.id,
            "number": document.number,
            "reference_code": document.reference,
            "status": int(document.is_validated),
            "qr": qr(document),
            "cuds": document.uuid,
            "validated": moment(document.validated_at),
            "discount_rate": "0.00",
            "discount": "0.00",
            **amounts,
            "observation": draft.observation,
            "errors": errors(document),
            "created_at": moment(document.created_at),
            "qr_image": _QR_IMAGE,
            "payment_method": named(draft.payments[0].method, catalogs.PAYMENT_METHOD_NAMES),
        },
        "items": [support_item(line, figure) for line, figure in zip(draft.lines, figures, strict=True)],
        "withholding_taxes": withholding_totals(figures),
        "adjustment_notes": _notes(state.notes_on(catalogs.ADJUSTMENT_NOTES, document.number)),
        "numbering_range": ranges.on_document(document.range),
    }


def row(document: Document, state: State) -> dict[str, Any]:
    """A row of a v1 list: without CUFE; the three kinds differ in order and fields."""
    draft = document.draft
    head = {"id": document.id, "number": document.number, "reference_code": document.reference}
    party = {
        "identification": draft.party.identification,
        "graphic_representation_name": draft.party.display_name,
        "company": draft.party.company or "",
        "trade_name": draft.party.trade_name,
        "names": draft.party.names or "",
        "email": draft.party.email,
    }
    tail = {
        "total": text(document.totals().total),
        "status": int(document.is_validated),
        "errors": errors(document),
        "send_email": int(draft.send_email),
        "created_at": moment(document.created_at),
        "api_client_name": state.client_name,
    }
    if document.kind is CREDIT_NOTES:
        return {**head, **party, **tail}
    if document.kind is SUPPORT_DOCUMENTS:
        del party["company"], tail["send_email"]
        notes = _notes(state.notes_on(catalogs.ADJUSTMENT_NOTES, document.number))
        return {**head, **party, **tail, "adjustment_notes": notes}
    return {
        **head,
        "document": named(draft.document_code, catalogs.DOCUMENT_NAMES),
        **party,
        **tail,
        "has_claim": 0,
        "is_negotiable_instrument": 0,
        "payment_form": named(draft.payments[0].form, catalogs.PAYMENT_FORM_NAMES),
        "credit_notes": _notes(state.notes_on(CREDIT_NOTES, document.number)),
        "debit_notes": _notes(state.notes_on(DEBIT_NOTES, document.number)),
    }


def _amounts(document: Document, *, with_charges: bool) -> dict[str, str]:
    totals = document.totals()
    amounts = {
        "gross_value": text(totals.gross),
        "taxable_amount": text(totals.taxable),
        "tax_amount": text(totals.tax),
        "total": text(totals.total),
    }
    if with_charges:
        amounts |= {"discount_amount": "0.00", "surcharge_amount": text(totals.surcharge)}
    return amounts


def _notes(notes: list[Document]) -> list[dict[str, Any]]:
    return [{"id": note.id, "number": note.number} for note in notes]
