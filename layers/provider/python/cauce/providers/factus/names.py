"""Factus's field names and the contract's: how ``items.0.price`` becomes ``lineas.0.precio``.

Source: field tables of its create pages; ``data.errors`` of a 422 uses those names, dotted.
"""

from cauce.domain.document import Kind

_HEADER = {
    "reference_code": "referencia",
    "numbering_range_id": "prefijo",
    "observation": "observaciones",
    "payment_form": "pago.forma",
    "payment_method_code": "pago.medio",
    "payment_due_date": "pago.vencimiento",
    "send_email": "enviar_correo",
    "order_reference": "orden.numero",
    "bill_id": "factura_referencia.numero",
    "bill_number": "factura_referencia.numero",
    "support_document_id": "documento_referencia.numero",
    "support_document_number": "documento_referencia.numero",
    "correction_concept_code": "motivo.codigo",
    "is_resident": "vendedor.pais",
    "currency": "moneda",
}
_PAYMENT = {"payment_form": "forma", "payment_method_code": "medio", "due_date": "vencimiento"}
_PARTY = {
    "identification_document_id": "tipo_documento",
    "identification_document_code": "tipo_documento",
    "identification": "numero_documento",
    "dv": "dv",
    "company": "razon_social",
    "names": "razon_social",
    "trade_name": "nombre_comercial",
    "address": "direccion",
    "email": "email",
    "phone": "telefono",
    "legal_organization_id": "tipo_persona",
    "legal_organization_code": "tipo_persona",
    "tribute_id": "tributo",
    "tribute_code": "tributo",
    "responsibilities": "responsabilidad_fiscal",
    "municipality_id": "codigo_municipio",
    "municipality_code": "codigo_municipio",
    "country_code": "pais",
    "is_resident": "pais",
}
_LINE = {
    "code_reference": "codigo",
    "name": "descripcion",
    "quantity": "cantidad",
    "unit_measure_id": "unidad",
    "unit_measure_code": "unidad",
    "price": "precio",
    "tax_rate": "iva_pct",
    "tribute_id": "iva_pct",
    "is_excluded": "iva_pct",
    "taxes": "impuestos",
    "withholding_taxes": "retenciones",
    "discount_rate": "descuento_pct",
    "discount_amount": "descuento_valor",
    "standard_code_id": "estandar",
    "standard_code": "estandar",
    "note": "nota",
}


def party_field(kind: Kind, name: str) -> str:
    """The contract's path of a fact about the other party: the buyer, or the seller of a support document."""
    return f"{'vendedor' if kind.is_bought else 'adquiriente'}.{name}"


def line_field(index: int, name: str) -> str:
    return f"lineas.{index}.{name}"


def contract_field(kind: Kind, path: str) -> str | None:
    """The contract's path for one of Factus's, or ``None`` where the contract has no such field."""
    head, *rest = path.split(".")
    if head == "items" and len(rest) >= 2:
        return f"lineas.{rest[0]}.{_LINE[rest[1]]}" if rest[1] in _LINE else f"lineas.{rest[0]}"
    if head in ("customer", "provider"):
        name = _PARTY.get(rest[0]) if rest else None
        return party_field(kind, name) if name else party_field(kind, "").rstrip(".")
    if head == "payment_details":
        name = _PAYMENT.get(rest[-1]) if rest else None
        return f"pago.{name}" if name else "pago"
    if head == "allowance_charges":
        return f"cargos.{rest[0]}" if rest else "cargos"
    if head == "items":
        return "lineas"
    return _HEADER.get(head)
