"""The envelopes and texts of FacEPro's answers, errors included."""

from decimal import Decimal
from typing import Any

from tests.simulators.routing import Answer, json_answer

VALIDATION = "Datos invalidos"  # sic: without its accent


def number(amount: Decimal) -> int | float:
    """A JSON number without needless decimals: 122500, not 122500.0."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def ok(payload: Any, note: str = "") -> Answer:
    return json_answer(200, payload, note)


def created(data: dict[str, Any], note: str) -> Answer:
    return json_answer(201, {"ok": True, "data": data}, note)


def error(status: int, text: str, codigo: str | None = None, **more: Any) -> Answer:
    coded = {"codigo": codigo} if codigo else {}
    return json_answer(status, {"ok": False, "error": text, **coded, **more}, codigo or text)


def unauthenticated() -> Answer:
    """Laravel's own body, outside the envelope."""
    return json_answer(401, {"message": "Unauthenticated."})


def forbidden(permission: str) -> Answer:
    text = "Tu empresa no tiene permitido emitir este tipo de documento."
    return error(403, text, "permiso_no_concedido", permiso=permission)


def not_found() -> Answer:
    return error(404, "Documento no encontrado.", "no_encontrado")


def invalid(errors: dict[str, list[str]]) -> Answer:
    """422; it has no `codigo`."""
    answer = error(422, VALIDATION, errors=errors)
    return Answer(answer.status, answer.body, answer.headers, "refused: " + ", ".join(errors))


def quota_exceeded(used: int, limit: int, period: str) -> Answer:
    text = "Cuota excedida para el periodo."
    return error(429, text, "quota_excedida", consumidos=used, limite=limit, periodo=period)
