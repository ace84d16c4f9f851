"""RADIAN: an invoice's events, in DIAN's order, and the question about them (`historico_eventos`).

030, then 032, then 033 or 031. Any other order, and a repeated event, is refused as by DIAN (code 15).
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from tests.simulators.afacturar import answers, bodies
from tests.simulators.routing import Answer

PATHS = {
    "/api/radian/acuse_recibo_fev": "030",
    "/api/radian/recibo_bien_servicio": "032",
    "/api/radian/reclamo": "031",
    "/api/radian/aceptacion_expresa": "033",
}
_NAMES = {
    "030": "Acuse de recibo de Factura Electrónica de Venta",
    "031": "Reclamo de la Factura Electrónica de Venta",
    "032": "Recibo del bien o prestación del servicio",
    "033": "Aceptación expresa",
}
_NEEDS = {"030": None, "032": "030", "031": "032", "033": "032"}
_OPPOSITE = {"031": "033", "033": "031"}
_LETTERS = {"030": "PAR", "031": "PRC", "032": "PRE", "033": "PAE"}

_IDENTIFICATION_TYPES = (11, 12, 13, 21, 22, 31, 41, 42, 50, 91)
_INTEGRATOR = re.compile(r"MOVIL|WEB|DLL|EXCEL|ERP-.+")
_CUFE = re.compile(r"[0-9a-f]{96}")
_LEAST_NAME = 3
_LEAST_ID = 5
_ENVIRONMENTS = {"PRODUCCION": 1, "HABILITACION": 2, "DOCUMENTO_NO_VALIDO": 2}

REPEATED = "Regla: 90, Rechazo: Documento procesado anteriormente."


class Radian:
    """Events by CUFE. Every method expects the simulator's lock to be held."""

    def __init__(self, clock: Callable[[], datetime], stage: str, repeated: str) -> None:
        self.events: dict[str, list[dict[str, str]]] = {}
        self._clock = clock
        self._stage = stage
        self._repeated = repeated
        self._transmissions: set[str] = set()

    def declare(
        self, code: str, fields: bodies.Fields, nit: str, base_url: str, notices: Sequence[str] = ()
    ) -> Answer:
        data = bodies.parsed(fields.get("data"))
        if data is None:
            return answers.invalid(["The data must be a valid JSON string."])
        wrong, cufe = self._wrong(code, data)
        if wrong:
            return answers.invalid(wrong)
        general = data["generalidades"]
        if general["tipo_ambiente_dian"] != _ENVIRONMENTS[self._stage]:
            return answers.error(400)
        refusal = self._refusal(code, cufe)
        if refusal:
            return answers.error(15, refusal, f"{code} refused by DIAN")
        self._transmissions.add(general["identificador_transmision"])
        event = self.register(code, cufe, nit)
        result = {
            "cude": event["cude"],
            "numero_evento": event["numero"],
            "url_representacion_xml": f"{base_url}/archivos/{event['identificacion_evento']}.xml",
        }
        sentence = f"Este documento se envia al entorno: {self._stage}"
        return answers.ok(
            result, f"{code} on {cufe[:8]}", entorno=sentence, ErrorMessage_DIAN="; ".join(notices)
        )

    def history(self, fields: bodies.Fields) -> Answer:
        cufe = fields.get("cufe")
        if not cufe:
            return answers.invalid(["The cufe field is required."])
        if not _CUFE.fullmatch(str(cufe)):
            return answers.invalid(["The cufe must be 96 characters."])
        found = self.events.get(str(cufe), [])
        return answers.ok(found, f"{len(found)} events")

    def register(self, code: str, cufe: str, nit: str) -> dict[str, str]:
        known = self.events.setdefault(cufe, [])
        total = sum(len(events) for events in self.events.values())
        event = {
            "numero": str(len(known) + 1),
            "codigo": code,
            "descripcion": _NAMES[code],
            "fecha": f"{self._clock():%Y-%m-%d %H:%M:%S}",
            "cude": hashlib.sha384(f"{cufe}|{code}".encode()).hexdigest(),
            "identificacion_evento": f"{_LETTERS[code]}{total + 1}",
            "emisor_nombre": "OBLIGADO DE PRUEBA S.A.S.",
            "emisor_identificacion": nit,
            "receptor_nombre": "PROVEEDOR DE PRUEBA S.A.S.",
            "receptor_identificacion": "5555555",
        }
        known.append(event)
        return event

    def _refusal(self, code: str, cufe: str) -> str | None:
        done = {event["codigo"] for event in self.events.get(cufe, [])}
        if code in done:
            return self._repeated
        if _OPPOSITE.get(code) in done:
            return f"Regla: LGC03, Rechazo: La factura ya tiene el evento {_OPPOSITE[code]}."
        needed = _NEEDS[code]
        if needed and needed not in done:
            return f"Regla: LGC05, Rechazo: La factura no tiene el evento {needed}."
        return None

    def _wrong(self, code: str, data: dict[str, Any]) -> tuple[list[str], str]:
        events, general = data.get("evento"), _mapping(data.get("generalidades"))
        if not isinstance(events, list) or len(events) != 1 or not isinstance(events[0], dict):
            return ["The evento must contain 1 items."], ""
        wrong = _Wrong()
        event = events[0]
        cufe = wrong.text(
            "evento.0.informacion documento referencia.cufe",
            _in(event, "informacion_documento_referencia", "cufe"),
        )
        if cufe and not _CUFE.fullmatch(cufe):
            wrong.say("The evento.0.informacion documento referencia.cufe format is invalid.")
        _check_person(wrong, _mapping(event.get("quien_recibio_documento")))
        if code == "031" and _in(event, "encabezado", "tipo_reclamo") not in ("01", "02", "03", "04"):
            wrong.say("The selected evento.0.encabezado.tipo reclamo is invalid.")
        if code != "031" and "encabezado" in event:
            wrong.say("The evento.0.encabezado is not allowed.")
        if type(general.get("tipo_ambiente_dian")) is not int or general["tipo_ambiente_dian"] not in (1, 2):
            wrong.say("The selected generalidades.tipo ambiente dian is invalid.")
        transmission = wrong.text(
            "generalidades.identificador transmision", general.get("identificador_transmision"), _LEAST_ID
        )
        if transmission in self._transmissions:
            wrong.say("The generalidades.identificador transmision has already been taken.")
        integrator = _mapping(general.get("integrador"))
        wrong.text("generalidades.integrador.nombre", integrator.get("nombre"))
        kind = wrong.text("generalidades.integrador.tipo", integrator.get("tipo"))
        if kind and not _INTEGRATOR.fullmatch(kind):
            wrong.say("The selected generalidades.integrador.tipo is invalid.")
        return wrong.sentences, cufe


class _Wrong:
    """Laravel's sentences about what is wrong, in the order in which they were found."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def say(self, sentence: str) -> None:
        self.sentences.append(sentence)

    def text(self, attribute: str, value: Any, least: int = 1, *, required: bool = True) -> str:
        if value in (None, ""):
            if required:
                self.say(f"The {attribute} field is required.")
        elif not isinstance(value, str):
            self.say(f"The {attribute} must be a string.")
        elif len(value) < least:
            self.say(f"The {attribute} must be at least {least} characters.")
        else:
            return value
        return ""


def _check_person(wrong: _Wrong, person: dict[str, Any]) -> None:
    where = "evento.0.quien recibio documento"
    kind = person.get("tipo_identificacion")
    if type(kind) is not int or kind not in _IDENTIFICATION_TYPES:
        wrong.say(f"The selected {where}.tipo identificacion is invalid.")
    wrong.text(f"{where}.identificacion", person.get("identificacion"))
    wrong.text(f"{where}.nombres", person.get("nombres"), _LEAST_NAME)
    wrong.text(f"{where}.apellidos", person.get("apellidos"), _LEAST_NAME)
    for name in ("cargo", "area"):
        wrong.text(f"{where}.{name}", person.get(name), required=False)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _in(event: dict[str, Any], group: str, name: str) -> Any:
    return _mapping(event.get(group)).get(name)
