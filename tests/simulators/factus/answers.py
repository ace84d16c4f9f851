"""The envelopes and texts of Factus's answers, errors included."""

from typing import Any

from tests.simulators.factus.catalogs import Kind
from tests.simulators.routing import Answer, json_answer

OK = "Solicitud exitosa"
_NOT_FOUND = "No se encontró la ruta o recurso solicitado"
_VALIDATION = "Error de validación"
_DIAN_VALIDATION = "El documento contiene errores de validación"


def ok(data: Any, message: str = OK, note: str = "") -> Answer:
    return json_answer(200, {"status": "OK", "message": message, "data": data}, note)


def done(message: str, note: str = "") -> Answer:
    return json_answer(200, {"status": "OK", "message": message}, note)


def created(data: Any, message: str, note: str = "") -> Answer:
    return json_answer(201, {"status": "Created", "message": message, "data": data}, note)


def conflict(message: str, note: str = "") -> Answer:
    return json_answer(409, {"status": "Conflict", "message": message}, note)


def field_errors(errors: dict[str, list[str]], note: str = "") -> Answer:
    """422 for a document that is not stored: field → list of messages."""
    data = {"message": _VALIDATION, "errors": errors}
    text = note or "refused: " + ", ".join(errors)
    return json_answer(422, {"status": "Validation error", "message": _VALIDATION, "data": data}, text)


def rule_errors(rules: dict[str, str], note: str = "") -> Answer:
    """422 for a document that is stored and blocks: DIAN rule → text."""
    data = {"message": _DIAN_VALIDATION, "errors": rules}
    return json_answer(422, {"status": "Validation error", "message": _DIAN_VALIDATION, "data": data}, note)


def not_found(note: str = "") -> Answer:
    return json_answer(404, {"status": "Not Found", "message": _NOT_FOUND}, note)


def bad_request(message: str) -> Answer:
    return json_answer(400, {"status": "Bad Request", "message": message})


def unauthenticated() -> Answer:
    """Laravel's own body, outside the envelope."""
    return json_answer(401, {"message": "Unauthenticated."})


def plain(status: int, message: str, **headers: str) -> Answer:
    return json_answer(status, {"message": message}, **headers)


def blocked(kind: Kind, note: str = "") -> Answer:
    return conflict(kind.conflict, note)


def rule_text(rule: str, text: str, verdict: str) -> str:
    """A rule as Factus shows it, "Regla: FAK24, Rechazo: …"; a text that is already so is not changed."""
    return text if text.startswith("Regla:") else f"Regla: {rule}, {verdict}: {text}"
