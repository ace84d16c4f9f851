"""v2 requests → drafts, for all five kinds, v1's adjustment note included.

Source: v2 create pages, field tables and their examples; where a table says text and an example sends a
number, both are accepted. Prices are net of taxes, quantities may have two decimals, everything is named by code.
"""

from decimal import Decimal
from typing import Any

from tests.simulators.factus import catalogs
from tests.simulators.factus.arithmetic import draft_totals
from tests.simulators.factus.catalogs import (
    ADJUSTMENT_NOTES,
    BILLS,
    CREDIT_NOTES,
    DEBIT_NOTES,
    SUPPORT_DOCUMENTS,
)
from tests.simulators.factus.drafts import Draft, Party, Payment
from tests.simulators.factus.listed import COUNTRY_BY_CODE
from tests.simulators.factus.municipalities import MUNICIPALITY_BY_CODE, Municipality
from tests.simulators.factus.read_common import (
    billing_period,
    check_digit,
    order_reference,
    related_document,
    surcharge,
)
from tests.simulators.factus.read_v2_line import read_line
from tests.simulators.factus.state import Document, State
from tests.simulators.factus.validation import Fields

_FINAL_CONSUMER = frozenset({"222222222222", "22222222222"})  # one example prints the second
_ROUNDING_LIMIT = Decimal(500)


def read_bill(body: Fields, _state: State) -> Draft | None:
    document = body.text("document", of=catalogs.DOCUMENT_NAMES) or "01"
    operation = body.text("operation_type", of=catalogs.OPERATION_NAMES) or "10"
    _read_health(body, operation)
    customer = body.group("customer", required=True)
    return _draft(
        body,
        kind=BILLS,
        party=_customer(customer) if customer else None,
        operation=operation,
        document_code=document,
        order_reference=order_reference(body),
        related_documents=tuple(
            related_document(row) for row in body.groups("related_documents", required=document == "03")
        ),
        billing_period=billing_period(body),
        prepayments=tuple(_prepayment(row, operation) for row in body.groups("prepayment_details")),
        health=_as_sent(body, "health"),
        beneficiary=_as_sent(body, "beneficiary"),
    )


def read_credit_note(body: Fields, state: State) -> Draft | None:
    return _read_note(
        body, state, CREDIT_NOTES, catalogs.CREDIT_CORRECTIONS, with_bill="20", without_bill="22"
    )


def read_debit_note(body: Fields, state: State) -> Draft | None:
    return _read_note(body, state, DEBIT_NOTES, catalogs.DEBIT_CORRECTIONS, with_bill="30", without_bill="32")


def _read_note(
    body: Fields,
    state: State,
    kind: catalogs.Kind,
    corrections: dict[str, str],
    *,
    with_bill: str,
    without_bill: str,
) -> Draft | None:
    customization = body.code("customization_id", {with_bill, without_bill}) or with_bill
    number = body.text("bill_number", required=customization == with_bill)
    bill = _referenced(body, "bill_number", number, BILLS, state)
    customer = body.group("customer", required=customization == without_bill and bill is None)
    if kind is CREDIT_NOTES and body.raw("health") is not None:
        _read_health(body, "SS-CUFE")
    return _draft(
        body,
        kind=kind,
        party=_customer(customer) if customer else bill.draft.party if bill else None,
        customization=customization,
        correction=body.code("correction_concept_code", corrections, required=True),
        target_number=bill.number if bill else None,
        billing_period=billing_period(
            body, required=customization == without_bill, with_start_time=True, with_end_time=True
        ),
    )


def read_support_document(body: Fields, _state: State) -> Draft | None:
    provider = body.group("provider", required=True)
    return _draft(body, kind=SUPPORT_DOCUMENTS, party=_supplier(provider) if provider else None)


def read_adjustment_note(body: Fields, state: State) -> Draft | None:
    number = body.text("support_document_number", required=True)
    adjusted = _referenced(body, "support_document_number", number, SUPPORT_DOCUMENTS, state)
    provider = body.group("provider", required=True)
    return _draft(
        body,
        kind=ADJUSTMENT_NOTES,
        party=_supplier(provider) if provider else None,
        correction=body.code("correction_concept_code", catalogs.ADJUSTMENT_CORRECTIONS, required=True),
        target_number=adjusted.number if adjusted else None,
    )


def _draft(body: Fields, *, kind: catalogs.Kind, party: Party | None, **rest: Any) -> Draft | None:
    """The draft: shared fields, lines, and payments that must add up; None if anything was refused."""
    lines = tuple(
        read_line(item, kind, rest.get("operation", "10")) for item in body.groups("items", required=True)
    )
    shared: dict[str, Any] = {
        "reference": body.text("reference_code", required=True),
        "range_id": body.integer("numbering_range_id"),
        "observation": body.text("observation", longest=250),
        "establishment": _establishment(body),
        "payments": tuple(_payment(row) for row in body.groups("payment_details", required=True)),
    }
    if kind is not CREDIT_NOTES:
        body.time("created_time")
        rounding = body.amount("cash_rounding_amount", least=-_ROUNDING_LIMIT, most=_ROUNDING_LIMIT)
        shared["cash_rounding"] = rounding or Decimal(0)
    if kind in (BILLS, CREDIT_NOTES, DEBIT_NOTES):
        sent = body.flag("send_email")
        shared["send_email"] = True if sent is None else sent
        shared["surcharges"] = tuple(surcharge(row) for row in body.groups("allowance_charges"))
        _read_currency(body)
    if body.errors or party is None:
        return None
    draft = Draft(kind=kind, party=party, lines=lines, **shared, **rest, unknown_fields=tuple(body.unknown()))
    return draft if _payments_add_up(body, draft) else None


def _payments_add_up(body: Fields, draft: Draft) -> bool:
    """Payments equal the total plus the cash rounding; prepayments do not lower the total."""
    due = draft_totals(draft).total + draft.cash_rounding
    paid = sum((payment.amount or Decimal(0) for payment in draft.payments), Decimal(0))
    if paid != due:
        body.refuse(
            "payment_details", f"La suma de los medios de pago ({paid}) no coincide con el total ({due})."
        )
    return paid == due


def _customer(customer: Fields) -> Party:
    identity = customer.code("identification_document_code", catalogs.IDENTITY_NAMES, required=True) or ""
    identification = customer.text("identification", required=True) or ""
    is_final_consumer = identification in _FINAL_CONSUMER
    organization = customer.code(
        "legal_organization_code", catalogs.ORGANIZATION_NAMES, required=not is_final_consumer
    )
    customer.text("company", required=organization == "1")
    customer.text("names", required=organization == "2")
    country = customer.text("country_code", of=COUNTRY_BY_CODE)
    return Party(
        identity_code=identity,
        identification=identification,
        dv=check_digit(customer, identity, identification, required=False),
        company=customer.text("company"),
        trade_name=customer.text("trade_name"),
        names=customer.text("names"),
        address=customer.text("address"),
        email=customer.email("email"),
        phone=customer.text("phone"),
        organization_code=organization or "2",
        tribute_code=customer.text("tribute_code", of=catalogs.CUSTOMER_TRIBUTE_NAMES) or "ZZ",
        country_code=country,
        municipality=_municipality(customer, country, required=False),
        responsibilities=_responsibilities(customer),
    )


def _supplier(provider: Fields) -> Party:
    identity = (
        provider.code("identification_document_code", catalogs.SUPPLIER_IDENTITY_CODES, required=True) or ""
    )
    identification = provider.text("identification", required=True) or ""
    country = provider.text("country_code", required=True, of=COUNTRY_BY_CODE)
    provider.flag("is_resident")
    return Party(
        identity_code=identity,
        identification=identification,
        dv=check_digit(provider, identity, identification, required=False),
        company=None,
        trade_name=provider.text("trade_name"),
        names=provider.text("names", required=True),
        address=provider.text("address", required=True),
        email=provider.email("email"),
        phone=provider.text("phone"),
        organization_code=provider.code("legal_organization_code", catalogs.ORGANIZATION_NAMES) or "2",
        tribute_code="ZZ",
        country_code=country,
        municipality=_municipality(provider, country, required=country == "CO"),
    )


def _municipality(party: Fields, country: str | None, *, required: bool) -> Municipality | None:
    code = party.text("municipality_code", required=required, of=MUNICIPALITY_BY_CODE)
    if code is not None and country not in (None, "CO"):
        party.refuse("municipality_code", "El campo municipio solo aplica para el país CO.")
    return MUNICIPALITY_BY_CODE.get(code or "")


def _responsibilities(customer: Fields) -> tuple[str, ...]:
    sent = customer.raw("responsibilities")
    if sent is None:
        return ("R-99-PN",)
    if not isinstance(sent, list) or not all(code in catalogs.RESPONSIBILITIES for code in sent):
        customer.refuse("responsibilities", "El campo responsibilities seleccionado no es válido.")
        return ()
    return tuple(sent)


def _payment(row: Fields) -> Payment:
    form = row.code("payment_form", catalogs.PAYMENT_FORM_NAMES, required=True)
    return Payment(
        form=form or "1",
        method=row.code("payment_method_code", catalogs.PAYMENT_METHOD_NAMES, required=True) or "10",
        amount=row.amount("amount", required=True),
        reference=row.text("reference_code"),
        due_date=row.date("due_date", required=form == "2"),
    )


def _prepayment(row: Fields, operation: str) -> dict[str, Any]:
    return {
        "reference_code": row.text("reference_code", required=True),
        "received_date": row.date("received_date", required=True),
        "concept_code": row.code(
            "concept_code", catalogs.PREPAYMENT_CONCEPTS, required=operation in ("SS-CUFE", "SS-Reporte")
        ),
        "amount": row.amount("amount", required=True),
        "note": row.text("note", longest=5000),
    }


def _establishment(body: Fields) -> dict[str, Any] | None:
    establishment = body.group("establishment")
    if establishment is None:
        return None
    code = establishment.text("municipality_code", required=True, of=MUNICIPALITY_BY_CODE)
    return {
        "name": establishment.text("name", required=True),
        "address": establishment.text("address", required=True),
        "phone_number": establishment.text("phone_number", required=True),
        "email": establishment.email("email", required=True),
        "municipality": MUNICIPALITY_BY_CODE.get(code or ""),
    }


def _read_health(body: Fields, operation: str) -> None:
    """Checks `health` and `beneficiary`; the answer repeats both as sent."""
    health = body.group("health", required=operation in catalogs.HEALTH_OPERATIONS)
    if health is not None:
        health.text("provider_code", required=True)
        health.code("payment_method_code", catalogs.HEALTH_PAYMENTS, required=True)
        health.code("coverage_code", catalogs.HEALTH_COVERAGES, required=True)
        health.text("contract_number", required=True)
        health.text("policy_number")
    beneficiary = body.group("beneficiary", required=operation == "SS-Recaudo")
    if beneficiary is not None:
        code = beneficiary.text("identification_document_code", required=True, of=catalogs.HEALTH_IDENTITIES)
        beneficiary.text("identification_number", required=code not in ("SI", "MS", "AS"))
        beneficiary.text("names")
        beneficiary.text("surnames")


def _read_currency(body: Fields) -> None:
    """Checks the currency and drops it: it changes only the PDF, and no answer shows it."""
    currency = body.group("currency")
    if currency is not None:
        code = currency.text("type", required=True)
        if code is not None and (code == "COP" or len(code) != 3 or not code.isupper()):
            currency.refuse("type", "El campo type seleccionado no es válido.")
        currency.amount("exchange_rate", required=True)


def _as_sent(body: Fields, name: str) -> dict[str, Any] | None:
    sent = body.raw(name)
    return sent if isinstance(sent, dict) else None


def _referenced(
    body: Fields, name: str, number: str | None, kind: catalogs.Kind, state: State
) -> Document | None:
    if number is None:
        return None
    document = state.by_number(kind, number)
    if document is None or not document.is_validated:
        body.refuse(name, f"El campo {name.replace('_', ' ')} seleccionado no es válido.")
        return None
    return document
