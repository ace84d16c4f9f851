"""A document as v2 takes it: DIAN's codes, amounts as text, prices net of taxes.

Source: v2 field tables and examples of each kind.
"""

from decimal import Decimal

from cauce.domain.document import Document, Kind, Line, Party, Payment
from cauce.domain.money import ZERO
from cauce.law import correction
from cauce.providers import loose
from cauce.providers.factus import arithmetic, catalogs, wire
from cauce.providers.factus.payload_v1 import discount_rate

# The kinds whose tables have a discount by amount; the others' have one by rate only.
_DISCOUNT_BY_AMOUNT = frozenset({Kind.INVOICE, Kind.CREDIT_NOTE})


def bill(document: Document) -> wire.Fields:
    """The body of a bill, without its reference, range and e-mail."""
    return {
        "operation_type": "10",
        "observation": wire.observation(document),
        **wire.order_reference(document),
        **wire.billing_period(document),
        "payment_details": _payments(document),
        **_prepayments(document),
        "cash_rounding_amount": "0.00",
        "customer": _customer(document.counterparty),
        "items": _items(document),
        **wire.charges(document),
    }


def credit_note(document: Document) -> wire.Fields:
    return {**_correction_of_bill(document, "20", "22"), **_note(document, "customer")}


def debit_note(document: Document) -> wire.Fields:
    return {**_correction_of_bill(document, "30", "32"), **_note(document, "customer")}


def support_document(document: Document) -> wire.Fields:
    return {
        "observation": wire.observation(document),
        "payment_details": _payments(document),
        "cash_rounding_amount": "0.00",
        "provider": _seller(document.counterparty),
        "items": _items(document),
    }


def adjustment_note(document: Document) -> wire.Fields:
    return {
        "correction_concept_code": correction.reason_of(document).code,
        "support_document_number": correction.corrected_by(document).number,
        **_note(document, "provider"),
    }


def _correction_of_bill(document: Document, with_bill: str, on_a_period: str) -> wire.Fields:
    """The part of a note that says why it is issued, and which bill or which period it corrects."""
    if wire.on_a_period(document):
        corrects: wire.Fields = {"customization_id": on_a_period}
    else:
        corrects = {"customization_id": with_bill, "bill_number": correction.corrected_by(document).number}
    return {
        "correction_concept_code": correction.reason_of(document).code,
        **corrects,
        **wire.billing_period(document),
    }


def _note(document: Document, party: str) -> wire.Fields:
    write = _customer if party == "customer" else _seller
    return {
        "observation": wire.observation(document),
        "payment_details": _payments(document),
        party: write(document.counterparty),
        "items": _items(document),
        **wire.charges(document),
    }


def _payments(document: Document) -> list[wire.Fields]:
    """Each payment, or one of the whole: Factus refuses payments that do not add up to the total it computed."""
    if document.payments:
        return [_paid(part, part.amount or ZERO, part.reference) for part in document.payments]
    return [_paid(document.payment, document.once(_total))]


def _paid(payment: Payment, amount: Decimal, reference: str | None = None) -> wire.Fields:
    return loose.present(
        {
            "payment_form": payment.form,
            "payment_method_code": payment.means,
            "reference_code": reference,
            "amount": wire.two(amount),
            "due_date": payment.due_date.isoformat() if payment.due_date else None,
        }
    )


def _total(document: Document) -> Decimal:
    return arithmetic.total({"items": _items(document), **wire.charges(document)}, document.kind)


def _prepayments(document: Document) -> wire.Fields:
    """What was paid before, which lowers no total. Factus requires a reference: the position of one without."""
    if not document.prepayments:
        return {}
    return {
        "prepayment_details": [
            loose.present(
                {
                    "reference_code": paid.reference or str(place),
                    "received_date": paid.received_date.isoformat(),
                    "amount": wire.two(paid.amount),
                    "note": paid.text,
                }
            )
            for place, paid in enumerate(document.prepayments, start=1)
        ]
    }


def _customer(party: Party) -> wire.Fields:
    return loose.present(
        {
            "identification_document_code": party.identification_type,
            "identification": party.identification,
            "dv": wire.verification_digit(party, party.identification_type),
            "company" if party.person_type == "1" else "names": party.name,
            "trade_name": party.trade_name,
            "address": party.address,
            "email": party.email,
            "phone": party.phone,
            "legal_organization_code": party.person_type,
            "tribute_code": party.tax_scheme,
            "country_code": party.country,
            "responsibilities": list(party.responsibilities),
            "municipality_code": party.municipality if party.country == "CO" else None,
        }
    )


def _seller(party: Party) -> wire.Fields:
    identification_type = wire.seller_identification(party)
    return loose.present(
        {
            "identification_document_code": identification_type,
            "identification": party.identification,
            "dv": wire.verification_digit(party, identification_type),
            "trade_name": party.trade_name,
            "names": party.name,
            "address": party.address,
            "email": party.email,
            "phone": party.phone,
            "country_code": party.country,
            "municipality_code": party.municipality if party.country == "CO" else None,
            # v2's example has this field; its table does not.
            "legal_organization_code": party.person_type,
        }
    )


def _items(document: Document) -> list[wire.Fields]:
    return document.once(_written)


def _written(document: Document) -> list[wire.Fields]:
    by_amount = document.kind in _DISCOUNT_BY_AMOUNT
    return [_item(line, by_amount) for line in document.lines]


def _item(line: Line, by_amount: bool) -> wire.Fields:
    if by_amount and line.discount_amount is not None:
        discount = {"discount_amount": wire.two(line.discount_amount)}
    else:
        discount = {"discount_rate": wire.two(discount_rate(line))}
    item: wire.Fields = {
        "code_reference": line.code,
        "name": line.description,
        "quantity": wire.two(line.quantity),
        **discount,
        "price": wire.two(line.price),
        "unit_measure_code": catalogs.unit_code(line.unit),
        "standard_code": line.standard,
    }
    if line.note:
        item["note"] = line.note
    item["taxes"] = [
        {"code": tax.code, "rate": wire.two(tax.percent)} for tax in line.taxes if tax.percent is not None
    ] or [{"is_excluded": True}]
    if line.withholdings:
        item["withholding_taxes"] = [{"code": w.code, "rate": wire.two(w.percent)} for w in line.withholdings]
    return item
