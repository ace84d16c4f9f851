"""Afacturar's field names, and which of them a sentence of error is about. Pure.

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

_PERSON_FIELDS = {
    "tipo_identificacion": "identification_type",
    "identificacion": "identification",
    "nombres": "names",
    "apellidos": "last_names",
    "cargo": "job",
    "area": "area",
}
# Options of a search keep Afacturar's names; fields of an event have the domain's paths.
_FIELDS = {
    **{name: name for name in (*SEARCH_OPTIONS, *ORDERS, "offset")},
    "cantidad_filas_por_consulta": "cantidad",
    "cufe": "invoice_uuid",
    "tipo_reclamo": "claim_code",
    **{name: f"person.{path}" for name, path in _PERSON_FIELDS.items()},
}

# Laravel's sentences: «The tipo orden field is required.», «The selected entorno is invalid.»
_ATTRIBUTE = re.compile(
    r"The (?:selected )?([\w. ]+?) (?:field|must|may|is|has|format|does|should|failed)\b", re.ASCII
)


def field_in(sentence: str) -> str | None:
    """The path of the field that a sentence names, or ``None`` where it names none that is known."""
    found = _ATTRIBUTE.match(sentence)
    if found is None:
        return None
    return _FIELDS.get(found[1].replace(" ", "_").split(".")[-1])
