"""The contract's Spanish names for what a document says: how ``lines.0.price`` becomes ``lineas.0.precio``."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from cauce.domain.document import AllowanceCharge, Document, Kind
from cauce.ubl.canonical import UNWRITABLE

# By the name of the domain's model and of its field; a name that is not here is the same in both.
_NAMES: dict[str, dict[str, str]] = {
    "Document": {
        "reference": "referencia",
        "prefix": "prefijo",
        "issue_date": "factura.fecha",
        "issue_time": "factura.hora",
        "invoice_type": "factura.tipo",
        "operation": "factura.operacion",
        "lines": "lineas",
        "payment": "pago",
        "currency": "moneda",
        "order_reference": "orden",
        "reason": "motivo",
        "notes": "observaciones",
        "exchange_rate": "tasa_cambio",
        "prepayments": "anticipos",
        "delivery_terms": "entrega",
        "period": "periodo",
        "paper_invoice": "factura_papel",
    },
    "Party": {
        "person_type": "tipo_persona",
        "identification_type": "tipo_documento",
        "identification": "numero_documento",
        "check_digit": "dv",
        "name": "razon_social",
        "trade_name": "nombre_comercial",
        "responsibilities": "responsabilidad_fiscal",
        "tax_scheme": "tributo",
        "phone": "telefono",
        "address": "direccion",
        "municipality": "codigo_municipio",
        "country": "pais",
        "postal_code": "codigo_postal",
        "city": "ciudad",
        "given_names": "nombres",
        "family_names": "apellidos",
        "commercial_registration": "matricula_mercantil",
        "economic_activity": "actividad_economica",
    },
    "Line": {
        "code": "codigo",
        "description": "descripcion",
        "quantity": "cantidad",
        "unit": "unidad",
        "price": "precio",
        "discount_percent": "descuento_pct",
        "discount_amount": "descuento_valor",
        "taxes": "impuestos",
        "withholdings": "retenciones",
        "standard": "estandar",
        "note": "nota",
        "reference_price": "precio_referencia",
        "brand": "marca",
        "model": "modelo",
        "principal": "mandante",
        "purchase": "compra",
        "aiu_contract": "contrato_aiu",
    },
    "Tax": {
        "code": "codigo",
        "name": "nombre",
        "percent": "porcentaje",
        "per_unit_amount": "valor_unitario",
        "base_units": "unidades",
        "unit": "unidad",
    },
    "Withholding": {"code": "codigo", "percent": "porcentaje"},
    "AllowanceCharge": {
        "reason_code": "codigo",
        "reason": "descripcion",
        "amount": "valor",
        "base_amount": "base",
        "percent": "porcentaje",
    },
    "Payment": {"form": "forma", "means": "medio", "due_date": "vencimiento"},
    "BillingReference": {"number": "numero", "uuid": "cufe", "issue_date": "fecha"},
    "Reason": {"code": "codigo", "text": "descripcion"},
    "OrderReference": {"number": "numero", "issue_date": "fecha"},
    "ReferencePrice": {"amount": "valor", "type": "tipo"},
    "Principal": {
        "identification_type": "tipo_documento",
        "identification": "numero_documento",
        "check_digit": "dv",
    },
    "Purchase": {"on": "fecha", "form": "forma"},
    "ExchangeRate": {"currency": "moneda", "rate": "valor", "on": "fecha"},
    "Prepayment": {
        "amount": "valor",
        "received_date": "fecha",
        "reference": "referencia",
        "text": "descripcion",
    },
    "DeliveryTerms": {"text": "descripcion"},
    "BillingPeriod": {"start": "desde", "end": "hasta"},
    "PaperInvoice": {"number": "numero", "issue_date": "fecha"},
}


def party_field(kind: Kind, name: str) -> str:
    """The contract's path of a fact about the other party, by the contract's own name for it."""
    return f"{_party(kind)}.{name}"


def line_field(index: int, name: str) -> str:
    return f"lineas.{index}.{name}"


def field_of(document: Document, *steps: str | int) -> str:
    """The contract's path of a fact by the domain's names: ``"lines", 0, "price"`` is ``lineas.0.precio``."""
    value: Any = document
    path = ""
    for step in steps:
        if isinstance(step, int):
            if isinstance(value[step], AllowanceCharge):  # its position is among those of its own list
                sign = value[step].is_charge
                name = "cargos" if sign else "descuentos"
                position = sum(1 for entry in value[:step] if entry.is_charge is sign)
                path = _join(path, f"{name}.{position}")
            else:
                path = _join(path, str(step))
            value = value[step]
        else:
            if step != "allowance_charges":
                path = _join(path, _name(value, step, document.kind))
            value = getattr(value, step)
    return path


def issuer_field(name: str) -> str:
    """The path under which a fact of the issuer is spoken of, by the domain's name; no request has it."""
    return f"emisor.{_NAMES['Party'].get(name, name)}"


def unwritable_field(document: Document) -> str | None:
    """The contract's path of the first text that XML cannot carry, if there is one."""
    if _writable(document):
        return None
    return next((path for path, text in _texts(document, document.kind, "") if UNWRITABLE.search(text)), None)


def _writable(value: object) -> bool:
    """Whether XML can carry every text in it. Nearly always; so paths are only looked for where it cannot."""
    if isinstance(value, str):
        return not UNWRITABLE.search(value)
    if isinstance(value, BaseModel):
        return all(map(_writable, vars(value).values()))
    return all(map(_writable, value)) if isinstance(value, tuple) else True


def _texts(value: object, kind: Kind, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            inner = getattr(value, name)
            if name == "allowance_charges":
                yield from _adjustments(inner, kind, path)
            else:
                yield from _texts(inner, kind, _join(path, _name(value, name, kind)))
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from _texts(inner, kind, _join(path, str(index)))


def _adjustments(entries: tuple[AllowanceCharge, ...], kind: Kind, path: str) -> Iterator[tuple[str, str]]:
    """The contract has discounts and charges in lists of their own."""
    for name, wanted in (("descuentos", False), ("cargos", True)):
        listed = tuple(entry for entry in entries if entry.is_charge is wanted)
        yield from _texts(listed, kind, _join(path, name))


def _name(model: BaseModel, field: str, kind: Kind) -> str:
    if isinstance(model, Document) and field == "counterparty":
        return _party(kind)
    if isinstance(model, Document) and field == "billing_reference":
        return "documento_referencia" if kind is Kind.ADJUSTMENT_NOTE else "factura_referencia"
    return _NAMES.get(type(model).__name__, {}).get(field, field)


def _party(kind: Kind) -> str:
    return "vendedor" if kind.is_bought else "adquiriente"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
