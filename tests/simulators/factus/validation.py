"""Strict reading of a request body: every problem becomes a field → messages entry, as Laravel lists them.

An empty string counts as absent. Unknown fields are remembered, not refused: Factus ignores them.
"""

import json
import re
from collections.abc import Container
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

_LABELS = {"reference_code": "código de referencia", "address": "dirección"}
_EMAIL = re.compile(r"[^@\s\[\]]+@[^@\s\[\]]+\.[^@\s\[\]]+")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def parse_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object in a body, numbers exact; None when it is not one."""
    try:
        value = json.loads(body, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, InvalidOperation):
        return None
    return value if isinstance(value, dict) else None


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


class Fields:
    """One JSON object being read; `errors` is shared with the objects inside it."""

    def __init__(
        self, value: dict[str, Any], errors: dict[str, list[str]] | None = None, path: str = ""
    ) -> None:
        self._value = value
        self._path = path
        self._known: set[str] = set()
        self._inside: list[Fields] = []
        self.errors: dict[str, list[str]] = {} if errors is None else errors

    # Raw access --------------------------------------------------------------------------------

    def raw(self, name: str) -> Any:
        """The value as sent; None if absent, null or an empty string."""
        self._known.add(name)
        value = self._value.get(name)
        return None if isinstance(value, str) and not value.strip() else value

    def as_sent(self, name: str) -> Any:
        self._known.add(name)
        return self._value.get(name)

    def refuse(self, name: str, message: str) -> None:
        messages = self.errors.setdefault(self._path + name, [])
        if message not in messages:
            messages.append(message)

    def unknown(self) -> list[str]:
        """Dotted paths of the sent fields that were never read."""
        here = [self._path + name for name in self._value if name not in self._known]
        return here + [path for fields in self._inside for path in fields.unknown()]

    # Values ------------------------------------------------------------------------------------

    def text(
        self,
        name: str,
        *,
        required: bool = False,
        longest: int | None = None,
        of: Container[str] | None = None,
    ) -> str | None:
        value = self._present(name, required)
        if value is None:
            return None
        if not isinstance(value, str):
            self._wrong(name, "debe ser una cadena de caracteres.")
            return None
        if longest is not None and len(value) > longest:
            self._wrong(name, f"no debe ser mayor que {longest} caracteres.")
            return None
        if of is not None and value not in of:
            self._wrong(name, "seleccionado no es válido.")
            return None
        return value

    def code(self, name: str, of: Container[str], *, required: bool = False) -> str | None:
        """A code that the documentation shows both as text and as a number."""
        value = self._present(name, required)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int) or str(value) not in of:
            self._wrong(name, "seleccionado no es válido.")
            return None
        return str(value)

    def integer(self, name: str, *, required: bool = False, of: Container[int] | None = None) -> int | None:
        """A whole number, or text that is one."""
        value = self._present(name, required)
        if value is None:
            return None
        exact = _decimal(value)
        if exact is None or exact != exact.to_integral_value():
            self._wrong(name, "debe ser un número entero.")
            return None
        if of is not None and int(exact) not in of:
            self._wrong(name, "seleccionado no es válido.")
            return None
        return int(exact)

    def amount(
        self,
        name: str,
        *,
        required: bool = False,
        least: Decimal | None = Decimal(0),
        most: Decimal | None = None,
    ) -> Decimal | None:
        """A number, or text that is one, with two decimals at most."""
        value = self._present(name, required)
        if value is None:
            return None
        exact = _decimal(value)
        if exact is None:
            self._wrong(name, "debe ser numérico.")
            return None
        if exact != round(exact, 2):
            self._wrong(name, "debe tener máximo 2 decimales.")
            return None
        if (least is not None and exact < least) or (most is not None and exact > most):
            self._wrong(name, "está fuera de los valores permitidos.")
            return None
        return exact

    def flag(self, name: str, *, required: bool = False) -> bool | None:
        """true, false, 1, 0, "1" or "0", as Laravel's boolean rule accepts them."""
        value = self._present(name, required)
        if value is None:
            return None
        if value not in (True, False, 1, 0, "1", "0"):
            self._wrong(name, "debe ser verdadero o falso.")
            return None
        return value in (True, 1, "1")

    def date(self, name: str, *, required: bool = False) -> str | None:
        value = self.text(name, required=required)
        if value is None:
            return None
        try:
            date.fromisoformat(value)
        except ValueError:
            self._wrong(name, "no corresponde al formato Y-m-d.")
            return None
        if not _DATE.fullmatch(value):
            self._wrong(name, "no corresponde al formato Y-m-d.")
            return None
        return value

    def time(self, name: str, *, required: bool = False) -> str | None:
        value = self.text(name, required=required)
        if value is not None and not _TIME.fullmatch(value):
            self._wrong(name, "no corresponde al formato H:i:s.")
            return None
        return value

    def email(self, name: str, *, required: bool = False) -> str | None:
        value = self.text(name, required=required)
        if value is not None and not _EMAIL.fullmatch(value):
            self._wrong(name, "debe ser un correo válido.")
            return None
        return value

    # Objects -----------------------------------------------------------------------------------

    def group(self, name: str, *, required: bool = False) -> "Fields | None":
        value = self._present(name, required)
        if value is None:
            return None
        if not isinstance(value, dict):
            self._wrong(name, "debe ser un objeto.")
            return None
        return self._enter(value, f"{self._path}{name}.")

    def groups(self, name: str, *, required: bool = False) -> "list[Fields]":
        value = self._present(name, required)
        if value is None or (value == [] and not required):
            return []
        if not isinstance(value, list) or not value:
            self._wrong(name, "es obligatorio." if value == [] else "debe ser un arreglo.")
            return []
        entered = []
        for position, item in enumerate(value):
            if isinstance(item, dict):
                entered.append(self._enter(item, f"{self._path}{name}.{position}."))
            else:
                self._wrong(f"{name}.{position}", "debe ser un objeto.")
        return entered

    def _enter(self, value: dict[str, Any], path: str) -> "Fields":
        fields = Fields(value, self.errors, path)
        self._inside.append(fields)
        return fields

    def _present(self, name: str, required: bool) -> Any:
        value = self.raw(name)
        if value is None and required:
            self._wrong(name, "es obligatorio.")
        return value

    def _wrong(self, name: str, rest: str) -> None:
        last = name.rsplit(".", 1)[-1]
        self.refuse(name, f"El campo {_LABELS.get(last, last.replace('_', ' '))} {rest}")


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return None
    exact = Decimal(value)
    return exact if exact.is_finite() and exact.adjusted() < 18 else None
