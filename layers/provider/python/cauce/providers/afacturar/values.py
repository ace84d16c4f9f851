"""Afacturar's names of fields, and its values: texts, moments, sentences of errors, each of them loosely typed. Pure.

Source of the names: seed 003, its tables of the search and its example event.
"""

import re
from datetime import datetime
from decimal import Decimal

from cauce.domain.outcome import Message, rule_in
from cauce.domain.texts import folded
from cauce.domain.time import BOGOTA
from cauce.providers import loose
from cauce.providers.base import FilterName

NAME = "Afacturar"

SEARCH_OPTIONS = {
    FilterName.RECEIVED_SINCE: "fecha_recepcion_desde",
    FilterName.RECEIVED_UNTIL: "fecha_recepcion_hasta",
    FilterName.ISSUED_SINCE: "fecha_documento_desde",
    FilterName.ISSUED_UNTIL: "fecha_documento_hasta",
    FilterName.SCHEME: "tipo_factura_electronica",
    FilterName.ENVIRONMENT: "entorno",
    FilterName.KIND: "tipo_documento",
    FilterName.CONSECUTIVE: "numero_documento",
    FilterName.PROVIDER_ID: "uniqid",
    FilterName.PREFIX: "prefijo",
}
"""The ten keys of ``opcion_busqueda``."""

ORDERS = {FilterName.DIRECTION: "tipo_orden", FilterName.ORDERED_BY: "ordenado_por"}

PERSON = "quien_recibio_documento"

_PERSON_FIELDS = {
    "tipo_identificacion": "identification_type",
    "identificacion": "identification",
    "nombres": "names",
    "apellidos": "last_names",
    "cargo": "job",
    "area": "area",
}
_FIELDS = {
    **{option: name.value for name, option in (SEARCH_OPTIONS | ORDERS).items()},
    "offset": "offset",
    "cantidad_filas_por_consulta": "limit",
    "cufe": "invoice_uuid",
    "tipo_reclamo": "claim_code",
    **{name: f"person.{path}" for name, path in _PERSON_FIELDS.items()},
}

# Laravel's sentences: «The tipo orden field is required.», «The selected entorno is invalid.»
_ATTRIBUTE = re.compile(
    r"The (?:selected )?([\w. ]+?) (?:field|must|may|is|has|format|does|should|failed)\b", re.ASCII
)


def whole(value: object) -> int | None:
    """A whole number, ``0`` or ``"0"``: Afacturar's pages have both; ``None`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        return int(value)
    except ValueError:
        return None


def text(value: object) -> str | None:
    """As ``loose.text``, or an amount as it was written."""
    return loose.text(str(value) if isinstance(value, Decimal) else value)


def moment(value: object) -> datetime | None:
    """``"2022-11-30 21:22:17"``, as in a history: Bogotá time where it names no zone."""
    try:
        found = datetime.fromisoformat(text(value) or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=BOGOTA)


def sentences(value: object) -> tuple[str, ...]:
    """The sentences in ``descripcion_error`` or in DIAN's answer: a text, a list, or a map of either."""
    if isinstance(value, dict):
        return tuple(found for entry in value.values() for found in sentences(entry))
    if isinstance(value, list):
        return tuple(found for entry in value for found in sentences(entry))
    found = text(value)
    if found is None:
        return ()
    parts = (part.strip(" \t\r\n;,|") for part in re.split(r"(?=Regla:)", found))
    return tuple(part for part in parts if part)


def messages(*said: object) -> tuple[Message, ...]:
    """Each sentence once, with DIAN's rule or the path of a field where it names one."""
    found = [_message(sentence) for value in said for sentence in sentences(value)]
    return tuple(dict.fromkeys(found))


def is_rejection(message: Message) -> bool:
    return "rechazo" in folded(message.text)


def _message(sentence: str) -> Message:
    if rule := rule_in(sentence):
        return Message(text=sentence, rule=rule)
    return Message(text=sentence, field=_field_in(sentence))


def _field_in(sentence: str) -> str | None:
    """The path of the field that a sentence names, or ``None`` where it names none that is known."""
    found = _ATTRIBUTE.match(sentence)
    if found is None:
        return None
    return _FIELDS.get(found[1].replace(" ", "_").split(".")[-1])
