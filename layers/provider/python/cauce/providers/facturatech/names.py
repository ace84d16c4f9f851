"""Facturatech's field names and the contract's, for messages that say ``ADQ_6 no informado``.

Fields of lines are left out: its messages do not say which line.
"""

import re

from cauce.domain.document import Kind

_HEADER = {
    "ENC_6": "prefijo",
    "ENC_7": "factura.fecha",
    "ENC_8": "factura.hora",
    "ENC_10": "moneda",
    "ENC_16": "pago.vencimiento",
    "MEP_1": "pago.medio",
    "MEP_2": "pago.forma",
    "MEP_3": "pago.vencimiento",
    "DRF_1": "prefijo",
    "DRF_4": "prefijo",
}
_PARTY = {
    "1": "tipo_persona",
    "2": "numero_documento",
    "3": "tipo_documento",
    "6": "razon_social",
    "7": "nombre_comercial",
    "10": "direccion",
    "11": "codigo_departamento",
    "13": "codigo_municipio",
    "14": "codigo_postal",
    "15": "pais",
    "19": "codigo_departamento",
    "21": "pais",
    "22": "dv",
    "23": "codigo_municipio",
}
_REFERENCE = {"2": "numero", "3": "fecha", "4": "cufe"}
_FIELD = re.compile(r"\b([A-Z]{3})_(\d{1,2})\b")


def party_field(kind: Kind, name: str) -> str:
    """The contract's path of a fact about the other party."""
    return f"{'vendedor' if kind.is_bought else 'adquiriente'}.{name}"


def field_in(message: str, kind: Kind) -> str | None:
    """The contract's path of the first field that a message names, where the contract has it."""
    found = _FIELD.search(message)
    if found is None:
        return None
    block, number = found.groups()
    if block == ("PRO" if kind.is_bought else "ADQ"):
        return party_field(kind, _PARTY[number]) if number in _PARTY else None
    match block:
        case "TCR" | "TAC":
            return party_field(kind, "responsabilidad_fiscal")
        case "GTA" | "GTE":
            return party_field(kind, "tributo")
        case "CDA":
            return party_field(kind, {"3": "telefono", "4": "email"}.get(number, "razon_social"))
        case "REF" if number in _REFERENCE:
            adjusts = kind.is_bought
            name = "cuds" if adjusts and number == "4" else _REFERENCE[number]
            return f"{'documento_referencia' if adjusts else 'factura_referencia'}.{name}"
        case "CDN":
            reason_code = number == ("2" if kind.is_bought else "1")
            return "motivo.codigo" if reason_code else "motivo.descripcion"
        case "DCN":
            return "motivo.descripcion"
    return _HEADER.get(f"{block}_{number}")
