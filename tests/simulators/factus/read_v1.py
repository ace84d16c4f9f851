"""v1 requests → drafts: bills, credit notes and support documents. v1's adjustment note has the v2 format.

Source: v1 pages `factura-avanzada`, `notas-credito/crear-y-validar`, `documentos-soporte/crear-validar`.
Prices include taxes, quantities are whole, parties and products are named by Factus's own ids.
"""

from decimal import Decimal
from typing import Any

from tests.simulators.factus import catalogs
from tests.simulators.factus.catalogs import BILLS, CREDIT_NOTES, SUPPORT_DOCUMENTS, WITHHOLDING_CODES
from tests.simulators.factus.drafts import Draft, Line, Party, Payment, Tax
from tests.simulators.factus.listed import COUNTRY_BY_CODE, UNIT_BY_ID
from tests.simulators.factus.municipalities import MUNICIPALITY_BY_ID
from tests.simulators.factus.read_common import (
    HUNDRED,
    billing_period,
    check_digit,
    order_reference,
    related_document,
    surcharge,
    withholding,
)
from tests.simulators.factus.state import Document, State
from tests.simulators.factus.validation import Fields


def read_bill(body: Fields, _state: State) -> Draft | None:
    document = body.text("document", of=catalogs.DOCUMENT_NAMES) or "01"
    operation = body.text("operation_type", of=catalogs.V1_OPERATIONS) or "10"
    form = body.code("payment_form", catalogs.PAYMENT_FORM_NAMES) or "1"
    due_date = body.date("payment_due_date", required=form == "2")
    method = body.code("payment_method_code", catalogs.PAYMENT_METHOD_NAMES) or "10"
    related = [related_document(row) for row in body.groups("related_documents", required=document == "03")]
    customer = body.group("customer", required=True)
    return _draft(
        body,
        kind=BILLS,
        party=read_customer(customer) if customer else None,
        lines=[
            read_line(item, with_mandate=operation == "11") for item in body.groups("items", required=True)
        ],
        payments=(Payment(form, method, None, due_date=due_date),),
        document_code=document,
        operation=operation,
        related_documents=tuple(related),
        order_reference=order_reference(body),
        billing_period=billing_period(body, with_end_time=True),
    )


def read_credit_note(body: Fields, state: State) -> Draft | None:
    customization = body.code("customization_id", {"20", "22"}, required=True)
    referenced = _bill(body, state, required=customization != "22")
    customer = body.group("customer", required=customization == "22" and referenced is None)
    method = body.code("payment_method_code", catalogs.PAYMENT_METHOD_NAMES, required=True)
    return _draft(
        body,
        kind=CREDIT_NOTES,
        party=read_customer(customer) if customer else referenced.draft.party if referenced else None,
        lines=[read_line(item) for item in body.groups("items", required=True)],
        payments=(Payment("1", method or "10", None),),
        customization=customization,
        correction=body.code("correction_concept_code", catalogs.CREDIT_CORRECTIONS, required=True),
        target_number=referenced.number if referenced else None,
        billing_period=billing_period(body, required=customization == "22"),
    )


def read_support_document(body: Fields, _state: State) -> Draft | None:
    """`is_resident` is documented at the top and shown inside the provider: accepted in both places."""
    body.flag("is_resident")
    provider = body.group("provider", required=True)
    method = body.code("payment_method_code", catalogs.PAYMENT_METHOD_NAMES) or "10"
    return _draft(
        body,
        kind=SUPPORT_DOCUMENTS,
        party=_supplier(provider) if provider else None,
        lines=[_support_line(item) for item in body.groups("items", required=True)],
        payments=(Payment("1", method, None),),
    )


def _draft(
    body: Fields, *, kind: catalogs.Kind, party: Party | None, lines: list[Line], **rest: Any
) -> Draft | None:
    """The draft with the fields that every kind has; None if anything was refused."""
    shared: dict[str, Any] = {
        "reference": body.text("reference_code", required=True),
        "range_id": body.integer("numbering_range_id"),
        "observation": body.text("observation", longest=250),
    }
    if kind is not SUPPORT_DOCUMENTS:
        sent = body.flag("send_email")
        shared["send_email"] = True if sent is None else sent
        shared["establishment"] = _establishment(body)
        shared["surcharges"] = tuple(surcharge(row) for row in body.groups("allowance_charges"))
    if body.errors or party is None:
        return None
    return Draft(
        kind=kind, party=party, lines=tuple(lines), **shared, **rest, unknown_fields=tuple(body.unknown())
    )


def read_customer(customer: Fields) -> Party:
    identity = customer.integer("identification_document_id", required=True, of=catalogs.IDENTITY_CODE_BY_ID)
    organization = customer.integer("legal_organization_id", required=True, of={1, 2})
    tribute = customer.integer("tribute_id", required=True, of=catalogs.CUSTOMER_TRIBUTE_ID_BY_CODE.values())
    municipality = customer.integer("municipality_id", of=MUNICIPALITY_BY_ID)
    customer.text("company", required=organization == 1)
    customer.text("trade_name")
    customer.text("names", required=organization == 2)
    identification = customer.text("identification", required=True) or ""
    code = catalogs.IDENTITY_CODE_BY_ID.get(identity or 0, "")
    return Party(
        identity_code=code,
        identification=identification,
        dv=check_digit(customer, code, identification, required=False),
        company=customer.as_sent("company"),
        trade_name=customer.as_sent("trade_name"),
        names=customer.as_sent("names"),
        address=customer.text("address"),
        email=customer.email("email"),
        phone=customer.text("phone"),
        organization_code=str(organization or ""),
        tribute_code="01" if tribute == 18 else "ZZ",
        country_code=None,
        municipality=MUNICIPALITY_BY_ID.get(municipality or 0),
    )


def _supplier(provider: Fields) -> Party:
    """A supplier: always a natural person without taxes; so the page's own answer shows even a NIT."""
    identity = provider.integer(
        "identification_document_id", required=True, of=catalogs.SUPPLIER_IDENTITY_IDS
    )
    provider.flag("is_resident")
    identification = provider.text("identification", required=True) or ""
    country = provider.text("country_code", required=True, of=COUNTRY_BY_CODE)
    municipality = provider.integer("municipality_id", required=country == "CO", of=MUNICIPALITY_BY_ID)
    if municipality is not None and country not in (None, "CO"):
        provider.refuse("municipality_id", "El campo municipio solo aplica para el país CO.")
    code = catalogs.IDENTITY_CODE_BY_ID.get(identity or 0, "")
    return Party(
        identity_code=code,
        identification=identification,
        dv=check_digit(provider, code, identification, required=True),
        company=None,
        trade_name=provider.text("trade_name"),
        names=provider.text("names", required=True),
        address=provider.text("address", required=True),
        email=provider.email("email", required=True),
        phone=provider.text("phone"),
        organization_code="2",
        tribute_code="ZZ",
        country_code=country,
        municipality=MUNICIPALITY_BY_ID.get(municipality or 0),
    )


def read_line(item: Fields, *, with_mandate: bool = False) -> Line:
    is_excluded = item.integer("is_excluded", required=True, of={0, 1}) == 1
    tribute_id = item.integer("tribute_id", required=True, of=catalogs.TRIBUTE_BY_ID)
    tribute = catalogs.TRIBUTE_BY_ID.get(tribute_id or 0, catalogs.TRIBUTES[0])
    if is_excluded and tribute.code != "01":
        item.refuse("is_excluded", "El impuesto excluido solo puede ser aplicado al IVA")
    rate = item.text("tax_rate", required=True) and item.amount("tax_rate", most=HUNDRED)
    scheme = item.code("scheme_id", catalogs.SCHEME_NAMES, required=with_mandate)
    mandate = item.group("mandate", required=with_mandate and scheme == "1")
    withheld = [
        withholding(row, "withholding_tax_rate", WITHHOLDING_CODES)
        for row in item.groups("withholding_taxes")
    ]
    return _line(
        item,
        price_includes_taxes=True,
        taxes=(Tax(tribute.code, rate or Decimal(0), is_excluded),),
        withholdings=tuple(withheld),
        note=item.text("note"),
        scheme_id=scheme,
        mandate=_mandate(mandate) if mandate else None,
    )


def _support_line(item: Fields) -> Line:
    """The table spells the rate `withhoding_tax_rate`, the example `withholding_tax_rate`: both are accepted."""
    withheld = []
    for row in item.groups("withholding_taxes"):
        spelling = (
            "withhoding_tax_rate" if row.raw("withhoding_tax_rate") is not None else "withholding_tax_rate"
        )
        withheld.append(withholding(row, spelling, WITHHOLDING_CODES))
    return _line(item, price_includes_taxes=False, taxes=(), withholdings=tuple(withheld))


def _line(item: Fields, **rest: Any) -> Line:
    unit = item.integer("unit_measure_id", required=True, of=UNIT_BY_ID)
    standard = item.integer("standard_code_id", required=True, of=catalogs.STANDARD_CODE_BY_ID)
    quantity = item.integer("quantity", required=True)
    if quantity is not None and quantity < 1:
        item.refuse("quantity", "El campo quantity debe ser mayor que 0.")
    return Line(
        code_reference=item.text("code_reference", required=True) or "",
        name=item.text("name", required=True) or "",
        quantity=Decimal(quantity or 0),
        price=item.amount("price", required=True) or Decimal(0),
        discount_rate=item.amount("discount_rate", required=True, most=HUNDRED) or Decimal(0),
        discount_amount=None,
        unit=UNIT_BY_ID.get(unit or 0, UNIT_BY_ID[70]),
        standard_code=catalogs.STANDARD_CODE_BY_ID.get(standard or 0, "999"),
        **rest,
    )


def _mandate(mandate: Fields) -> dict[str, Any]:
    identity = mandate.integer("identification_document_id", required=True, of=catalogs.IDENTITY_CODE_BY_ID)
    return {
        "identity_code": catalogs.IDENTITY_CODE_BY_ID.get(identity or 0),
        "identification": mandate.text("identification", required=True),
    }


def _bill(body: Fields, state: State, *, required: bool) -> Document | None:
    bill_id = body.integer("bill_id", required=required)
    if bill_id is None:
        return None
    document = state.by_id(BILLS, bill_id)
    if document is None or not document.is_validated:
        body.refuse("bill_id", "El campo bill id seleccionado no es válido.")
        return None
    return document


def _establishment(body: Fields) -> dict[str, Any] | None:
    establishment = body.group("establishment")
    if establishment is None:
        return None
    municipality = establishment.integer("municipality_id", required=True, of=MUNICIPALITY_BY_ID)
    return {
        "name": establishment.text("name", required=True),
        "address": establishment.text("address", required=True),
        "phone_number": establishment.text("phone_number", required=True),
        "email": establishment.email("email", required=True),
        "municipality": MUNICIPALITY_BY_ID.get(municipality or 0),
    }
