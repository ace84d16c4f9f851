"""The envelope of answers, and the descriptions of the table of codes."""

import time
from typing import Any

from tests.simulators.routing import Answer, json_answer

DESCRIPTIONS = {
    28: "Timeout",
    15: "Error retornado por la DIAN",
    400: "Hay un problema con la informacion entregada",
    401: "No autorizado",
    403: "Prohibido",
    404: "No encontrado",
    405: "Método no permitido",
    409: "Conflicto",
    415: "Tipo de medio no admitido",
    422: "Entidad no procesable",
    429: "Exceder el límite de envío",
    500: "Error de servidor interno",
    503: "Servicio no disponible",
}
OTHER_ISSUER = "El token no esta asociado al documento del obligado"


def ok(result: Any, note: str = "", **more: Any) -> Answer:
    return json_answer(200, {**_envelope(0, "OK"), "resultado": result, **more}, note)


def error(code: int, description: str | list[str] | None = None, note: str = "") -> Answer:
    """An answer without `resultado`. Its HTTP status is the code if that is 400 or more, else 200."""
    said = DESCRIPTIONS[code] if description is None else description
    status = code if code >= 400 else 200
    return json_answer(status, _envelope(code, said), note or f"code {code}")


def invalid(sentences: list[str]) -> Answer:
    """Code 11 with Laravel's sentences, in English, as a list."""
    return error(11, sentences, "refused: " + " ".join(sentences))


def other_issuer() -> Answer:
    return error(11, OTHER_ISSUER)


def _envelope(code: int, description: str | list[str]) -> dict[str, Any]:
    return {
        "codigo_error": code,
        "descripcion_error": description,
        "tiempo_ejecucion": 0.012421131134033203,
        "transaccion": f"{time.time_ns() // 1000:013x}"[-13:],
    }
