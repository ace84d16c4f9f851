"""Factus's field names and the domain's: how ``items.0.tax_rate`` becomes ``lines.0.taxes.0.percent``.

Source: field tables of its create pages; ``data.errors`` of a 422 uses those names, dotted.
"""

_HEADER = {
    "reference_code": "reference",
    "numbering_range_id": "prefix",
    "observation": "notes",
    "payment_form": "payment.form",
    "payment_method_code": "payment.means",
    "payment_due_date": "payment.due_date",
    "send_email": "notify",
    "order_reference": "order_reference.number",
    "bill_id": "billing_reference.number",
    "bill_number": "billing_reference.number",
    "support_document_id": "billing_reference.number",
    "support_document_number": "billing_reference.number",
    "correction_concept_code": "reason.code",
    "is_resident": "counterparty.country",
    "currency": "currency",
}
_PAYMENT = {
    "payment_form": "payment.form",
    "payment_method_code": "payment.means",
    "due_date": "payment.due_date",
}
_PARTY = {
    "identification_document_id": "identification_type",
    "identification_document_code": "identification_type",
    "identification": "identification",
    "dv": "check_digit",
    "company": "name",
    "names": "name",
    "trade_name": "trade_name",
    "address": "address",
    "email": "email",
    "phone": "phone",
    "legal_organization_id": "person_type",
    "legal_organization_code": "person_type",
    "tribute_id": "tax_scheme",
    "tribute_code": "tax_scheme",
    "responsibilities": "responsibilities",
    "municipality_id": "municipality",
    "municipality_code": "municipality",
    "country_code": "country",
    "is_resident": "country",
}
_LINE = {
    "code_reference": "code",
    "name": "description",
    "quantity": "quantity",
    "unit_measure_id": "unit",
    "unit_measure_code": "unit",
    "price": "price",
    "tax_rate": "taxes.0.percent",
    "tribute_id": "taxes.0.code",
    "is_excluded": "taxes",
    "taxes": "taxes",
    "withholding_taxes": "withholdings",
    "discount_rate": "discount_percent",
    "discount_amount": "discount_amount",
    "standard_code_id": "standard",
    "standard_code": "standard",
    "note": "note",
}


def path_of(named: str) -> str | None:
    """The domain's path of a field by Factus's name; ``None`` where the domain has no such field."""
    head, *rest = named.split(".")
    if head == "items" and len(rest) >= 2:
        return f"lines.{rest[0]}.{_LINE[rest[1]]}" if rest[1] in _LINE else f"lines.{rest[0]}"
    if head in ("customer", "provider"):
        name = _PARTY.get(rest[0]) if rest else None
        return f"counterparty.{name}" if name else "counterparty"
    if head == "payment_details":
        return _PAYMENT.get(rest[-1], "payment") if rest else "payment"
    if head == "allowance_charges":  # Factus has charges alone; the domain's come first
        return f"allowance_charges.{rest[0]}" if rest else "totals.charge"
    if head == "items":
        return "lines"
    return _HEADER.get(head)
