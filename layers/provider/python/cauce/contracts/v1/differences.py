"""In which of the contract's fields two documents, or two events, say different things."""

from collections.abc import Iterator
from typing import Any

from cauce.contracts.v1.contract import canonical
from cauce.domain.document import Document, Kind
from cauce.domain.event import Event

# A document with every line another is told by its first ones.
_MOST = 20

_PARTY = {
    "person_type": "tipo_persona",
    "identification_type": "tipo_documento",
    "identification": "numero_documento",
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
}
_LINE = {
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
}
# Of a document and of an event, whose fields have no name in common but these: by the path in the domain, a line's
# without its number.
_NAMES = {
    **{f"counterparty.{name}": f"counterparty.{said}" for name, said in _PARTY.items()},
    **{f"lines.{name}": f"lineas.{said}" for name, said in _LINE.items()},
    "lines": "lineas",
    "prefix": "prefijo",
    "issue_date": "factura.fecha",
    "issue_time": "factura.hora",
    "invoice_type": "factura.tipo",
    "operation": "factura.operacion",
    "payment": "pago",
    "payment.form": "pago.forma",
    "payment.means": "pago.medio",
    "payment.due_date": "pago.vencimiento",
    "currency": "moneda",
    "order_reference": "orden",
    "order_reference.number": "orden.numero",
    "order_reference.issue_date": "orden.fecha",
    "billing_reference": "billing_reference",
    "billing_reference.number": "billing_reference.numero",
    "billing_reference.issue_date": "billing_reference.fecha",
    "billing_reference.uuid": "billing_reference.cufe",
    "reason": "motivo",
    "reason.code": "motivo.codigo",
    "reason.text": "motivo.descripcion",
    "notes": "observaciones",
    "notify": "enviar_correo",
    "exchange_rate": "tasa_cambio",
    "prepayments": "anticipos",
    "delivery_terms": "entrega",
    "period": "periodo",
    "period.start": "periodo.desde",
    "period.end": "periodo.hasta",
    "paper_invoice": "factura_papel",
    "code": "codigo",
    "invoice_uuid": "informacion_documento_referencia.cufe",
    "person": "quien_recibio_documento",
    "claim_code": "tipo_reclamo",
    "sworn_note": "nota",
}


def between(before: Document | Event, after: Document | Event) -> tuple[str, ...]:
    """The fields that differ, as the contract names them; the first twenty. What is worked out of others is left out:
    it would differ with them."""
    if before.kind is not after.kind:
        return ("tipo",)
    paths = _differing(_content(before), _content(after), ())
    found = dict.fromkeys(_said(path, after.kind) for path in paths)
    return tuple(found)[:_MOST]


def _content(of: Document | Event) -> dict[str, Any]:
    content: dict[str, Any] = canonical(of)
    content.get("counterparty", {}).pop("check_digit", None)
    for part in (content, *content.get("lines", ())):
        part.get("principal", {}).pop("check_digit", None)
        for entry in part.pop("allowance_charges", ()):
            if "percent" in entry:
                entry.pop("amount"), entry.pop("base_amount", None)
            part.setdefault("cargos" if entry["is_charge"] else "descuentos", []).append(entry)
    return content


def _differing(before: Any, after: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Paths of what is not the same, as deep as both have something; of lists only where they are as long."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys((*after, *before)):
            yield from _differing(before.get(name), after.get(name), (*path, name))
    elif path == ("lines",) and len(before) == len(after):
        for n, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differing(one, other, (*path, str(n)))
    else:
        yield path


def _said(path: tuple[str, ...], kind: Kind) -> str:
    """The contract's name of a path, or of the part that it is in."""
    number, named = "", path
    if path[0] == "lines" and len(path) > 1:
        number, named = f".{path[1]}", ("lines", *path[2:])
    for length in range(len(named), 0, -1):
        said = _NAMES.get(".".join(named[:length]))
        if said is not None:
            break
    else:
        said = ".".join(named)  # a name that both have: email, region, cargos, descuentos
    first, _, rest = said.partition(".")
    first = {"counterparty": _other_side(kind), "billing_reference": _corrected(kind)}.get(first, first)
    return f"{first}{number}.{rest}" if rest else f"{first}{number}"


def _other_side(kind: Kind) -> str:
    return "vendedor" if kind.is_bought else "adquiriente"


def _corrected(kind: Kind) -> str:
    return "documento_referencia" if kind.is_bought else "factura_referencia"
