"""`transacciones_emitidas_v3`: its fields, its search, and its slices of the ordered rows."""

import re
from datetime import date
from typing import Any

from tests.simulators.afacturar import answers, bodies
from tests.simulators.afacturar.rows import Row
from tests.simulators.routing import Answer

_KEYS = {
    "fecha_recepcion_desde": None,
    "fecha_recepcion_hasta": None,
    "fecha_documento_desde": None,
    "fecha_documento_hasta": None,
    "tipo_factura_electronica": ("VP", "2242"),
    "entorno": ("PRODUCCION", "HABILITACION", "DOCUMENTO_NO_VALIDO"),
    "tipo_documento": (
        "factura",
        "factura_mandato",
        "factura_exportacion",
        "factura_contingencia",
        "nota_credito",
        "nota_debito",
    ),
    "numero_documento": None,
    "uniqid": None,
    "prefijo": None,
}
_ORDERS = ("fc", "uniqid", "fecha_documento")
_LEAST_ORDER = 5
_ZEROS = "0,0,0,0,0,0,0,0"
_REQUIRED = (
    "documento_obligado",
    "tipo_orden",
    "ordenado_por",
    "offset",
    "cantidad_filas_por_consulta",
)


def wrong(fields: bodies.Fields, *, takes_fc: bool) -> list[str]:
    """Everything that is wrong with the fields, in Laravel's sentences."""
    found = [f"The {_said(name)} field is required." for name in _REQUIRED if _text(fields, name) == ""]
    for name in ("documento_obligado", "offset", "cantidad_filas_por_consulta"):
        if _text(fields, name) and not _is_number(_text(fields, name)):
            found.append(f"The {_said(name)} must be a number.")
    if _text(fields, "cantidad_filas_por_consulta") == "0":
        found.append("The cantidad filas por consulta must be at least 1.")
    if _text(fields, "tipo_orden") not in ("", "ASC", "DESC"):
        found.append("The selected tipo orden is invalid.")
    order = _text(fields, "ordenado_por")
    if order and len(order) < _LEAST_ORDER and not (order == "fc" and takes_fc):
        found.append(f"The ordenado por must be at least {_LEAST_ORDER} characters.")
    elif order and order not in _ORDERS:
        found.append("The selected ordenado por is invalid.")
    wanted = _search(fields.get("opcion_busqueda"))
    if wanted is None:
        return [*found, "The opcion busqueda must be a valid JSON string."]
    return [*found, *_wrong_search(wanted)]


def listed(fields: bodies.Fields, rows: list[Row]) -> Answer:
    """The slice that valid fields ask for: the rows are filtered, ordered and then cut."""
    wanted = _search(fields.get("opcion_busqueda")) or {}
    order = str(fields["ordenado_por"])
    kept = sorted(
        (row for row in rows if _matches(row, wanted)),
        key=lambda row: (row[order], row["uniqid"]),
        reverse=fields["tipo_orden"] == "DESC",
    )
    start, count = int(fields["offset"]), int(fields["cantidad_filas_por_consulta"])
    shown = kept[start : start + count]
    return answers.ok(shown, f"{len(shown)} rows from {start}")


def _search(given: Any) -> dict[str, Any] | None:
    """The search as an object; empty for none or for the eight zeros; None for anything that is not JSON."""
    if given in (None, "", _ZEROS):
        return {}
    return bodies.parsed(given)


def _wrong_search(wanted: dict[str, Any]) -> list[str]:
    wrong = [f"The opcion busqueda.{name} is not allowed." for name in wanted if name not in _KEYS]
    for name, allowed in _KEYS.items():
        value = wanted.get(name, "")
        if not isinstance(value, str):
            wrong.append(f"The opcion busqueda.{_said(name)} must be a string.")
        elif value and allowed is not None and value not in allowed:
            wrong.append(f"The selected opcion busqueda.{_said(name)} is invalid.")
        elif value and name.startswith("fecha_") and not _is_day(value):
            wrong.append(f"The opcion busqueda.{_said(name)} is not a valid date.")
    return wrong


def _matches(row: Row, wanted: dict[str, str]) -> bool:
    """Values are compared whole, dates by day between two inclusive limits; an empty value is no condition."""
    for name, value in wanted.items():
        if value == "":
            continue
        if name.startswith("fecha_"):
            day = row["fc" if "recepcion" in name else "fecha_documento"][:10]
            if day < value if name.endswith("_desde") else day > value:
                return False
        elif row[name] != value:
            return False
    return True


def _text(fields: bodies.Fields, name: str) -> str:
    return str(fields.get(name) if fields.get(name) is not None else "")


def _said(name: str) -> str:
    """A field's name as Laravel's sentences write it."""
    return name.replace("_", " ")


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[0-9]+", text) is not None


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False
