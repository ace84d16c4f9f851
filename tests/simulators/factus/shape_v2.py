"""v2 answers, with every field directly in `data`: every kind, plus v1's adjustment note.

Source: the v2 pages' field tables (bills) and the literal examples of the adjustment note. `errors` is a map
for bills and notes, PHP's [] when empty, and a list for support documents and adjustment notes.
"""

from fractions import Fraction
from typing import Any

from tests.simulators.factus import catalogs, ranges
from tests.simulators.factus.arithmetic import LineFigures, text, two
from tests.simulators.factus.catalogs import (
    ADJUSTMENT_NOTES,
    BILLS,
    CREDIT_NOTES,
    DEBIT_NOTES,
    SUPPORT_DOCUMENTS,
    TRIBUTE_NAMES,
)
from tests.simulators.factus.company import with_department
from tests.simulators.factus.drafts import Draft, Line, Party, Payment
from tests.simulators.factus.listed import COUNTRY_BY_CODE
from tests.simulators.factus.shape_common import (
    allowance_charges,
    errors,
    mandate,
    moment,
    named,
    qr,
    withholding_totals,
)
from tests.simulators.factus.state import Document, State

_SUPPORT = (SUPPORT_DOCUMENTS, ADJUSTMENT_NOTES)


def document(document: Document, state: State) -> dict[str, Any]:
    draft, figures = document.draft, document.figures()
    is_support = document.kind in _SUPPORT
    lines = zip(draft.lines, figures, strict=True)
    data: dict[str, Any] = {
        "reference_code": document.reference,
        "number": document.number,
        **_opening(document),
        "payment_details": [_payment(payment, document) for payment in draft.payments],
        "is_validated": document.is_validated,
        "validated_at": moment(document.validated_at),
        "errors": _errors(document),
        "observation": draft.observation,
        "created_at": moment(document.created_at),
        "company": state.company.on_v2_document(draft.establishment),
        "provider" if is_support else "customer": _party(draft.party, is_support=is_support),
        "items": [_item(line, figure, is_support=is_support) for line, figure in lines],
        "withholding_taxes": withholding_totals(figures),
        "totals": _totals(document),
        document.kind.uuid: document.uuid,
        **_closing(document, state),
        "links": {"qr": qr(document)},
    }
    if not is_support:
        data["links"]["public_url"] = f"https://app.factus.invalid/documents/{document.uuid}"
        data["taxes"] = _tax_totals(figures)
        data["allowance_charges"] = allowance_charges(draft)
    return data


def row(document: Document, state: State) -> dict[str, Any]:
    """A row of a v2 list, as the adjustment note's example shows it."""
    is_support = document.kind in _SUPPORT
    party = _party(document.draft.party, is_support=is_support)
    for name in ("graphic_representation_name", "tribute", "country"):
        party.pop(name, None)
    fields: dict[str, Any] = {
        "api_client_name": state.client_name,
        "number": document.number,
        "reference_code": document.reference,
        "provider" if is_support else "customer": party,
        "total": text(document.totals().total),
        "errors": _errors(document),
        "send_email": document.send_email,
        "is_validated": document.is_validated,
        "validated_at": moment(document.validated_at),
        "created_at": moment(document.created_at),
    }
    if document.kind is BILLS:
        fields |= {"has_claim": False, "is_negotiable_instrument": False}
    return fields


def _opening(document: Document) -> dict[str, Any]:
    """The fields near the top that only some kinds have."""
    draft = document.draft
    if document.kind is BILLS:
        return {
            "document_type": named(draft.document_code, catalogs.DOCUMENT_NAMES),
            "operation_type": named(draft.operation, catalogs.OPERATION_NAMES),
            "order_reference": draft.order_reference,
            "send_email": draft.send_email,
            "has_claim": False,
            "is_negotiable_instrument": False,
            "billing_period": _period(draft),
            "prepayment_details": [{**row, "amount": text(row["amount"])} for row in draft.prepayments],
            "numbering_range": ranges.on_document(document.range),
            "health": draft.health,
            "beneficiary": draft.beneficiary,
        }
    if document.kind is ADJUSTMENT_NOTES:
        return {"correction_concept": named(draft.correction, catalogs.ADJUSTMENT_CORRECTIONS)}
    if document.kind is SUPPORT_DOCUMENTS:
        return {"numbering_range": ranges.on_document(document.range)}
    is_credit_note = document.kind is CREDIT_NOTES
    corrections = catalogs.CREDIT_CORRECTIONS if is_credit_note else catalogs.DEBIT_CORRECTIONS
    return {
        "customization": named(draft.customization, catalogs.CUSTOMIZATION_NAMES),
        "correction_concept": named(draft.correction, corrections),
        "send_email": draft.send_email,
        "billing_period": _period(draft),
        "numbering_range": ranges.on_document(document.range),
    }


def _closing(document: Document, state: State) -> dict[str, Any]:
    """The documents to which this one refers, or that refer to it."""
    if document.kind is BILLS:
        return {
            "related_documents": list(document.draft.related_documents),
            "related_notes": {
                "credit_notes": _related(state.notes_on(CREDIT_NOTES, document.number)),
                "debit_notes": _related(state.notes_on(DEBIT_NOTES, document.number)),
            },
        }
    if document.kind is SUPPORT_DOCUMENTS:
        return {"adjustment_notes": _related(state.notes_on(ADJUSTMENT_NOTES, document.number))}
    target_kind = SUPPORT_DOCUMENTS if document.kind is ADJUSTMENT_NOTES else BILLS
    name = "support_document" if document.kind is ADJUSTMENT_NOTES else "related_bill"
    number = document.draft.target_number
    target = state.by_number(target_kind, number) if number else None
    if target is None:
        return {name: None}
    reference = {"reference_code": target.reference, "number": target.number, target_kind.uuid: target.uuid}
    return {name: reference}


def _totals(document: Document) -> dict[str, str]:
    totals = document.totals()
    if document.kind in _SUPPORT:
        return {"gross_amount": text(totals.gross), "total": text(totals.total)}
    prepaid = sum((row["amount"] for row in document.draft.prepayments), two(Fraction(0)))
    return {
        "prepayment_amount": text(prepaid),
        "gross_amount": text(totals.gross),
        "taxable_amount": text(totals.taxable),
        "tax_amount": text(totals.tax),
        "surcharge_amount": text(totals.surcharge),
        "total": text(totals.total),
    }


def _party(party: Party, *, is_support: bool) -> dict[str, Any]:
    country = COUNTRY_BY_CODE.get(party.country_code or "CO")
    fields: dict[str, Any] = {
        "identification_document": named(party.identity_code, catalogs.IDENTITY_NAMES),
        "identification": party.identification,
        "dv": party.dv,
        "graphic_representation_name": party.display_name,
        "trade_name": party.trade_name or None,
        "company": party.company or None,
        "names": party.names,
        "address": party.address,
        "email": party.email,
        "phone": party.phone,
        "legal_organization": named(party.organization_code, catalogs.ORGANIZATION_NAMES),
        "tribute": named(party.tribute_code, catalogs.CUSTOMER_TRIBUTE_NAMES),
        "country": country and {"code": country.code, "name": country.name},
        "municipality": with_department(party.municipality),
    }
    if is_support:
        del fields["company"], fields["country"]
    return fields


def _item(line: Line, figure: LineFigures, *, is_support: bool) -> dict[str, Any]:
    """`total` is without taxes; `gross_value` is per unit, as in the adjustment note's example."""
    withheld = [
        {
            "tribute_code": row.code,
            "name": TRIBUTE_NAMES[row.code],
            "value": text(row.value),
            "rates": [{**named(row.code, TRIBUTE_NAMES), "rate": text(row.shown_rate)}],
        }
        for row in figure.withholdings
    ]
    item: dict[str, Any] = {
        "code_reference": line.code_reference,
        "name": line.name,
        "quantity": text(line.quantity),
        "unit_measure": {"code": line.unit.code, "name": line.unit.name},
        "standard_code": named(line.standard_code, catalogs.STANDARD_NAMES),
        "discount_rate": text(line.discount_rate),
        "discount": text(figure.discount),
        "gross_value": text(figure.gross / Fraction(line.quantity)),
        "withholding_taxes": withheld,
        "price": text(line.price),
        "total": text(figure.gross),
    }
    if is_support:
        return item
    return {
        **item,
        "note": line.note,
        "scheme_id": named(line.scheme_id, catalogs.SCHEME_NAMES) if line.scheme_id else None,
        "collection_concept": line.collection_concept,
        "mandate": mandate(line),
        "additional_properties": [_property(row) for row in line.additional_properties],
        "taxes": _tax_totals([figure]),
    }


def _property(row: dict[str, Any]) -> dict[str, Any]:
    if row["unit"] is None:
        return {"code": row["code"], "value": row["value"]}
    return {
        "code": row["code"],
        "value": row["value"],
        "quantity": text(row["quantity"]),
        "unit": row["unit"],
    }


def _tax_totals(figures: list[LineFigures]) -> list[dict[str, Any]]:
    """Taxes by tribute and, inside, by rate; amounts are sums of rounded lines."""
    groups: dict[tuple[str, bool], dict[str, list[Any]]] = {}
    for tax in (row for figure in figures for row in figure.taxes):
        rates = groups.setdefault((tax.code, tax.is_excluded), {})
        sums = rates.setdefault(text(tax.rate), [two(0 * tax.taxable), two(0 * tax.amount)])
        sums[0] += two(tax.taxable)
        sums[1] += two(tax.amount)
    return [
        {
            "tribute": named(code, TRIBUTE_NAMES),
            "is_excluded": is_excluded,
            "rates": [
                {"taxable_amount": text(taxable), "tax_amount": text(amount), "rate": rate}
                for rate, (taxable, amount) in rates.items()
            ],
        }
        for (code, is_excluded), rates in groups.items()
    ]


def _payment(payment: Payment, document: Document) -> dict[str, Any]:
    amount = payment.amount if payment.amount is not None else document.totals().total
    return {
        "payment_form": named(payment.form, catalogs.PAYMENT_FORM_NAMES),
        "payment_method": named(payment.method, catalogs.PAYMENT_METHOD_NAMES),
        "reference_code": payment.reference,
        "amount": text(amount),
        "due_date": _day_first(payment.due_date),
    }


def _period(draft: Draft) -> dict[str, Any] | None:
    period = draft.billing_period
    if period is None:
        return None
    return {
        **period,
        "start_date": _day_first(period["start_date"]),
        "end_date": _day_first(period["end_date"]),
    }


def _related(notes: list[Document]) -> list[dict[str, Any]]:
    return [
        {"number": note.number, "reference_code": note.reference, "total": text(note.totals().total)}
        for note in notes
    ]


def _errors(document: Document) -> Any:
    if document.kind in _SUPPORT or not document.rules:
        return errors(document)
    return dict(document.rules)


def _day_first(iso_date: str | None) -> str | None:
    return "-".join(reversed(iso_date.split("-"))) if iso_date else None
