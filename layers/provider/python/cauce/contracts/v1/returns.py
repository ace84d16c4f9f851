"""A return inside a sale: the credit note that would be right, as a body that is ready but for the invoice."""

import json
from collections.abc import Iterator
from decimal import Decimal

from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.lines import RETURN
from cauce.contracts.v1.sentences import Sentences
from cauce.domain.document import Kind
from cauce.domain.money import plain

_PARTIAL_RETURN = "1"
_MISSING = "…"
_LONGEST = 2000
"""Of a body that an answer repeats."""
_NUMBERS = ("cantidad", "precio")


_OF_A_TICKET = (
    "en otro tiquete, sin lo devuelto, y se anula el primero (POST /notas-documento-equivalente, motivo 2)"
)


def explained(kind: Kind, body: JsonObject, fields: Sentences) -> Sentences:
    """The refusals of a sale's fields; beside the first of a line below 0, the note that returns those lines. A POS
    ticket has no note on a part of it."""
    if kind is Kind.EQUIVALENT_DOCUMENT:
        return _of_a_ticket(fields)
    lines = body.get("lineas")
    if kind is not Kind.INVOICE or not isinstance(lines, list):
        return fields
    below = {n: line for n, line in enumerate(lines) if isinstance(line, dict) and any(_negative(line))}
    path = next((f"lineas.{n}.{name}" for n, line in below.items() for name in _negative(line)), None)
    text = _note(list(below.values()))
    if path not in fields or len(text) > _LONGEST:
        return fields
    told = (
        "La nota crédito, lista cuando lleve la factura que corrige y el mismo adquiriente: POST /notas-credito "
        f"{text}"
    )
    return {**fields, path: [*fields[path], told]}


def _of_a_ticket(fields: Sentences) -> Sentences:
    return {path: [each.replace(RETURN, _OF_A_TICKET) for each in said] for path, said in fields.items()}


def _note(lines: list[JsonObject]) -> str:
    reference = dict.fromkeys(("numero", "cufe", "fecha"), _MISSING)
    note = {
        "factura_referencia": reference,
        "motivo": {"codigo": _PARTIAL_RETURN, "descripcion": "Devolución parcial"},
        "lineas": [{name: _positive(value) for name, value in line.items()} for line in lines],
    }
    return json.dumps(note, ensure_ascii=False, default=str)


def _negative(line: JsonObject) -> Iterator[str]:
    return (name for name in _NUMBERS if _is_negative(line.get(name)))


def _is_negative(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and value < 0


def _positive(value: object) -> object:
    if not _is_negative(value):
        return value
    assert isinstance(value, int | float | Decimal)
    return plain(abs(Decimal(str(value))))
