"""FacEPro's field names and the domain's: how ``lineas.0.precio`` becomes ``lines.0.price``.

Source: field tables of seed 002; ``errors`` of a 422 uses those names, dotted.
"""

import re

_NAMES = {
    "factura": "issue_date",
    "factura.fecha": "issue_date",
    "factura.hora": "issue_time",
    "adquiriente": "counterparty",
    "adquiriente.tipo_persona": "counterparty.person_type",
    "adquiriente.tipo_documento": "counterparty.identification_type",
    "adquiriente.numero_documento": "counterparty.identification",
    "adquiriente.dv": "counterparty.check_digit",
    "adquiriente.razon_social": "counterparty.name",
    "adquiriente.responsabilidad_fiscal": "counterparty.responsibilities",
    "adquiriente.email": "counterparty.email",
    "adquiriente.direccion": "counterparty.address",
    "adquiriente.codigo_municipio": "counterparty.municipality",
    "adquiriente.codigo_departamento": "counterparty.department",
    "lineas": "lines",
    "factura_referencia": "billing_reference",
    "factura_referencia.numero": "billing_reference.number",
    "factura_referencia.cufe": "billing_reference.uuid",
    "factura_referencia.fecha": "billing_reference.issue_date",
    "motivo": "reason",
    "motivo.codigo": "reason.code",
    "motivo.descripcion": "reason.text",
}
_LINE = {
    "codigo": "code",
    "descripcion": "description",
    "cantidad": "quantity",
    "unidad": "unit",
    "precio": "price",
    "iva_pct": "taxes.0.percent",
    "descuento_pct": "discount_percent",
    "descuento_valor": "discount_amount",
}
_OF_LINE = re.compile(r"lineas\.(\d+)(?:\.(\w+))?")


def path_of(named: str) -> str | None:
    """The domain's path of a field by FacEPro's name; ``None`` where the domain has no such field."""
    found = _OF_LINE.match(named)
    if found is None:
        return _NAMES.get(named)
    name = _LINE.get(found[2])
    return f"lines.{found[1]}.{name}" if name else f"lines.{found[1]}"
