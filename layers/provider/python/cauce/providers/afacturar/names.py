"""Afacturar's field names, which the contract keeps, and which of them a sentence of error is about. Pure.

Source: seed 003, its tables of the search and its example event.
"""

import re

SEARCH_OPTIONS = (
    "fecha_recepcion_desde",
    "fecha_recepcion_hasta",
    "fecha_documento_desde",
    "fecha_documento_hasta",
    "tipo_factura_electronica",
    "entorno",
    "tipo_documento",
    "numero_documento",
    "uniqid",
    "prefijo",
)
"""The ten keys of ``opcion_busqueda``, which are the filters of GET /emitidos under the same names."""

ORDERS = ("tipo_orden", "ordenado_por")

PERSON = "quien_recibio_documento"

_PERSON_FIELDS = ("tipo_identificacion", "identificacion", "nombres", "apellidos", "cargo", "area")
_CONTRACT_FIELDS = {
    **{name: name for name in (*SEARCH_OPTIONS, *ORDERS, "offset")},
    "cantidad_filas_por_consulta": "cantidad",
    "cufe": "informacion_documento_referencia.cufe",
    "tipo_reclamo": "encabezado.tipo_reclamo",
    **{name: f"{PERSON}.{name}" for name in _PERSON_FIELDS},
}

# Laravel's sentences: «The tipo orden field is required.», «The selected entorno is invalid.»
_ATTRIBUTE = re.compile(
    r"The (?:selected )?([\w. ]+?) (?:field|must|may|is|has|format|does|should|failed)\b", re.ASCII
)


def contract_field(sentence: str) -> str | None:
    """The contract's path of the field that a sentence names, or ``None`` where the contract has none."""
    found = _ATTRIBUTE.match(sentence)
    if found is None:
        return None
    return _CONTRACT_FIELDS.get(found[1].replace(" ", "_").split(".")[-1])
