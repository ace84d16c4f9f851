"""A document as v1 takes it: internal ids, JSON numbers, prices with taxes included.

Source: seed 001 (support documents); v1 pages of bills and credit notes. v1's page for adjustment notes shows
v2's request and answer, so they go as ``payload_v2`` writes them.
"""

from decimal import Decimal

from cauce.domain.document import Document, Line, Party
from cauce.domain.money import HUNDRED, half_up
from cauce.domain.totals import line_totals
from cauce.law import correction
from cauce.providers import loose
from cauce.providers.factus import catalogs, wire


def bill(document: Document) -> wire.Fields:
    """The body of a bill, without its reference, range and e-mail."""
    payment = document.payment
    return {
        "observation": wire.observation(document),
        "payment_form": payment.form,
        **({"payment_due_date": payment.due_date.isoformat()} if payment.due_date else {}),
        "payment_method_code": payment.means,
        **wire.order_reference(document),
        **wire.billing_period(document),
        "customer": _customer(document.counterparty),
        "items": [_taxed_item(line) for line in document.lines],
        **wire.charges(document),
    }


def credit_note(document: Document, bill_id: int | None) -> wire.Fields:
    """``bill_id`` is Factus's own id of the invoice, not its number; a note on a period has none."""
    return {
        "correction_concept_code": int(correction.reason_of(document).code),
        "customization_id": 22 if bill_id is None else 20,
        **({} if bill_id is None else {"bill_id": bill_id}),
        **wire.billing_period(document),
        "observation": wire.observation(document),
        "payment_method_code": document.payment.means,
        "customer": _customer(document.counterparty),
        "items": [_taxed_item(line) for line in document.lines],
        **wire.charges(document),
    }


def support_document(document: Document) -> wire.Fields:
    return {
        "payment_method_code": document.payment.means,
        "observation": wire.observation(document),
        "provider": _seller(document.counterparty),
        "items": [_untaxed_item(line) for line in document.lines],
    }


def gross_price(line: Line) -> Decimal:
    """The unit price with its tax, to the cent, as v1 takes it in bills and credit notes."""
    percent = line.taxes[0].percent if line.taxes else None
    return half_up(line.price * (1 + (percent or 0) / HUNDRED))


def discount_rate(line: Line) -> Decimal:
    """The discount as a percentage of two decimals; ``check`` refuses an amount that this changes too much."""
    if line.discount_amount is None:
        return line.discount_percent or Decimal(0)
    gross = line_totals(line).gross
    return half_up(line.discount_amount * HUNDRED / gross) if gross else Decimal(0)


def _customer(party: Party) -> wire.Fields:
    dv = wire.verification_digit(party, party.identification_type)
    return loose.present(
        {
            "identification_document_id": catalogs.IDENTIFICATION_IDS[party.identification_type],
            "identification": party.identification,
            "dv": int(dv) if dv else None,
            "company" if party.person_type == "1" else "names": party.name,
            "trade_name": party.trade_name or "",
            "address": party.address,
            "email": party.email,
            "phone": party.phone,
            "legal_organization_id": int(party.person_type),
            "tribute_id": catalogs.TRIBUTE_IDS[party.tax_scheme],
            "municipality_id": catalogs.municipality_id(party.municipality) if party.municipality else None,
        }
    )


def _seller(party: Party) -> wire.Fields:
    identification_type = wire.seller_identification(party)
    dv = wire.verification_digit(party, identification_type)
    resident = party.country == "CO"
    return loose.present(
        {
            "identification_document_id": catalogs.IDENTIFICATION_IDS[identification_type],
            "identification": party.identification,
            "dv": int(dv) if dv else None,
            "trade_name": party.trade_name or "",
            "names": party.name,
            "address": party.address,
            "email": party.email,
            "phone": party.phone,
            "is_resident": int(resident),
            "country_code": party.country,
            "municipality_id": catalogs.municipality_id(party.municipality)
            if resident and party.municipality
            else None,
        }
    )


def _taxed_item(line: Line) -> wire.Fields:
    tax = line.taxes[0] if line.taxes else None
    return loose.present(
        {
            "note": line.note,
            **_item(line, gross_price(line)),
            "tax_rate": wire.two(tax.percent if tax and tax.percent else Decimal(0)),
            "is_excluded": int(tax is None),
            # An excluded line still names a tribute, and only IVA can be excluded.
            "tribute_id": catalogs.TAX_IDS[tax.code if tax else "01"],
            "withholding_taxes": [
                # sic: the tables of v1 also spell it «withhoding_tax_rate», their examples do not.
                {"code": w.code, "withholding_tax_rate": wire.number(w.percent)}
                for w in line.withholdings
            ],
        }
    )


def _untaxed_item(line: Line) -> wire.Fields:
    withheld = [{"code": w.code, "withholding_tax_rate": wire.two(w.percent)} for w in line.withholdings]
    return {**_item(line, half_up(line.price)), **({"withholding_taxes": withheld} if withheld else {})}


def _item(line: Line, price: Decimal) -> wire.Fields:
    return {
        "code_reference": line.code,
        "name": line.description,
        "quantity": int(line.quantity),
        "discount_rate": wire.number(discount_rate(line)),
        "price": wire.number(price),
        "unit_measure_id": catalogs.unit_id(line.unit),
        "standard_code_id": catalogs.STANDARD_IDS[line.standard],
    }
