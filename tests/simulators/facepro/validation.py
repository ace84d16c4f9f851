"""The checks of a POST's body, field by field: errors under the page's own dotted names, each with its sentences."""

import json
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from tests.simulators.facepro.catalogs import (
    DOCUMENT_TYPES,
    MAX_LINES,
    NIT,
    PERSON_TYPES,
    RESPONSIBILITIES,
    Kind,
)
from tests.simulators.routing import Request

Errors = dict[str, list[str]]

_TIME = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d-05:00"
_KNOWN = {
    "factura": {"fecha", "hora"},
    "adquiriente": {
        "tipo_persona",
        "tipo_documento",
        "numero_documento",
        "dv",
        "razon_social",
        "responsabilidad_fiscal",
        "email",
        "direccion",
        "codigo_municipio",
        "codigo_departamento",
    },
    "lineas": {
        "codigo",
        "descripcion",
        "cantidad",
        "unidad",
        "precio",
        "iva_pct",
        "descuento_pct",
        "descuento_valor",
    },
}
_KNOWN_IN_NOTES = {"factura_referencia": {"numero", "cufe", "fecha"}, "motivo": {"codigo", "descripcion"}}


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object of a request; empty if the body is none or is not declared as JSON."""
    if request.media_type() != "application/json":
        return {}
    try:
        found = json.loads(request.body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def errors_of(kind: Kind, body: dict[str, Any]) -> Errors:
    """Everything that is wrong with a body; empty if it is accepted."""
    reader = _Reader()
    _issue(reader, body)
    _buyer(reader, body)
    _lines(reader, body)
    if kind.reasons:
        _correction(reader, kind, body)
    return reader.errors


def unknown_fields(kind: Kind, body: dict[str, Any]) -> tuple[str, ...]:
    """Dotted names of the sent fields that the page does not have; they are ignored."""
    known = {**_KNOWN, **(_KNOWN_IN_NOTES if kind.reasons else {})}
    found = []
    for head, value in body.items():
        if head not in known:
            found.append(head)
        elif isinstance(value, dict):
            found += [f"{head}.{name}" for name in value if name not in known[head]]
        elif isinstance(value, list):
            found += [
                f"{head}.{n}.{name}"
                for n, item in enumerate(value)
                if isinstance(item, dict)
                for name in item
                if name not in known[head]
            ]
    return tuple(found)


def is_date(value: object) -> bool:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return False
    try:
        return bool(date.fromisoformat(value))
    except ValueError:
        return False


def _issue(reader: "_Reader", body: dict[str, Any]) -> None:
    issue = reader.object(body, "factura", "La factura", required=False)
    reader.date(issue, "factura.fecha", "La fecha de emisión", required=False)
    reader.text(
        issue,
        "factura.hora",
        "La hora de emisión",
        required=False,
        pattern=_TIME,
        like="debe tener el formato HH:mm:ss-05:00",
    )


def _buyer(reader: "_Reader", body: dict[str, Any]) -> None:
    at = "adquiriente."
    buyer = reader.object(body, "adquiriente", "El adquiriente")
    reader.code(buyer, at + "tipo_persona", "El tipo de persona", PERSON_TYPES)
    reader.code(buyer, at + "tipo_documento", "El tipo de documento", DOCUMENT_TYPES)
    is_nit = buyer.get("tipo_documento") == NIT
    reader.text(
        buyer,
        at + "numero_documento",
        "El número de documento",
        pattern=r"\d+" if is_nit else None,
        like="debe tener solo dígitos, sin el dígito de verificación",
    )
    reader.text(
        buyer,
        at + "dv",
        "El dígito de verificación",
        required=False,
        pattern=r"\d" if is_nit else r"(?!)",
        like="debe ser un dígito, y solo si el tipo de documento es 31",
    )
    reader.text(buyer, at + "razon_social", "La razón social")
    reader.code(buyer, at + "responsabilidad_fiscal", "La responsabilidad fiscal", RESPONSIBILITIES)
    for name, label, pattern, like in (
        ("email", "El email", r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", "debe ser una dirección de correo válida"),
        ("direccion", "La dirección", None, ""),
        ("codigo_municipio", "El código de municipio", r"\d{5}", "debe tener 5 dígitos"),
        ("codigo_departamento", "El código de departamento", r"\d{2}", "debe tener 2 dígitos"),
    ):
        reader.text(buyer, at + name, label, required=False, pattern=pattern, like=like)


def _lines(reader: "_Reader", body: dict[str, Any]) -> None:
    lines = body.get("lineas")
    if lines is None or lines == []:
        return reader.refuse("lineas", "Las líneas son requeridas: mínimo 1.")
    if not isinstance(lines, list) or len(lines) > MAX_LINES:
        return reader.refuse("lineas", f"Las líneas deben ser una lista de máximo {MAX_LINES} ítems.")
    for n, line in enumerate(lines):
        at = f"lineas.{n}."
        if not isinstance(line, dict):
            reader.refuse(f"lineas.{n}", "La línea debe ser un objeto.")
            continue
        reader.text(line, at + "codigo", "El código")
        reader.text(line, at + "descripcion", "La descripción")
        reader.number(line, at + "cantidad", "La cantidad", positive=True)
        reader.text(
            line,
            at + "unidad",
            "La unidad de medida",
            required=False,
            pattern=r"[A-Z0-9]{2,3}",
            like="no es un código del Anexo Técnico",
        )
        reader.number(line, at + "precio", "El precio")
        reader.number(line, at + "iva_pct", "El IVA %", percent=True)
        reader.number(line, at + "descuento_pct", "El descuento %", percent=True, required=False)
        reader.number(line, at + "descuento_valor", "El descuento", required=False)
        if line.get("descuento_pct") is not None and line.get("descuento_valor") is not None:
            reader.refuse(at + "descuento_valor", "El descuento va en porcentaje o en valor, no en ambos.")
    return None


def _correction(reader: "_Reader", kind: Kind, body: dict[str, Any]) -> None:
    billed = reader.object(body, "factura_referencia", "La factura de referencia")
    reader.text(billed, "factura_referencia.numero", "El número de la factura de referencia")
    reader.text(
        billed,
        "factura_referencia.cufe",
        "El CUFE de la factura de referencia",
        pattern=r"[0-9a-fA-F]{96}",
        like="debe tener 96 caracteres hexadecimales",
    )
    reader.date(billed, "factura_referencia.fecha", "La fecha de la factura de referencia")
    reason = reader.object(body, "motivo", "El motivo")
    reader.code(reason, "motivo.codigo", "El código del motivo", kind.reasons)
    reader.text(reason, "motivo.descripcion", "La descripción del motivo")


class _Reader:
    """Reads fields one by one and collects errors; the last part of a dotted name is the key in the object."""

    def __init__(self) -> None:
        self.errors: Errors = {}

    def refuse(self, path: str, sentence: str) -> None:
        self.errors.setdefault(path, []).append(sentence)

    def object(
        self, inside: dict[str, Any], path: str, label: str, *, required: bool = True
    ) -> dict[str, Any]:
        """The object; if missing an empty one, so that its required fields are reported too, as Laravel does."""
        value = inside.get(path)
        if value is not None and not isinstance(value, dict):
            self.refuse(path, f"{label} debe ser un objeto.")
        elif value is None and required:
            self.refuse(path, f"{label} es requerido.")
        return value if isinstance(value, dict) else {}

    def text(
        self,
        inside: dict[str, Any],
        path: str,
        label: str,
        *,
        required: bool = True,
        pattern: str | None = None,
        like: str = "",
    ) -> None:
        value = inside.get(path.rsplit(".", 1)[-1])
        if value is None or (isinstance(value, str) and not value.strip()):
            if required:
                self.refuse(path, f"{label} es requerido.")
        elif not isinstance(value, str):
            self.refuse(path, f"{label} debe ser una cadena de texto.")
        elif pattern and not re.fullmatch(pattern, value, re.ASCII):
            self.refuse(path, f"{label} {like}.")

    def code(self, inside: dict[str, Any], path: str, label: str, codes: Sequence[str]) -> None:
        self.text(
            inside,
            path,
            label,
            pattern="|".join(map(re.escape, codes)),
            like=f"debe ser uno de: {', '.join(codes)}",
        )

    def date(self, inside: dict[str, Any], path: str, label: str, *, required: bool = True) -> None:
        value = inside.get(path.rsplit(".", 1)[-1])
        if value is None:
            if required:
                self.refuse(path, f"{label} es requerida.")
        elif not is_date(value):
            self.refuse(path, f"{label} debe tener el formato YYYY-MM-DD.")

    def number(
        self,
        inside: dict[str, Any],
        path: str,
        label: str,
        *,
        required: bool = True,
        positive: bool = False,
        percent: bool = False,
    ) -> None:
        value = inside.get(path.rsplit(".", 1)[-1])
        if value is None:
            if required:
                self.refuse(path, f"{label} es requerido.")
            return
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        if percent and not (is_number and 0 <= value <= 100):
            self.refuse(path, f"{label} debe ser un número entre 0 y 100.")
        elif not is_number:
            self.refuse(path, f"{label} debe ser un número.")
        elif value < 0 or (positive and value == 0):
            self.refuse(
                path, f"{label} debe ser mayor que 0." if positive else f"{label} no puede ser negativo."
            )
