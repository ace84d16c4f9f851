"""A record's trace in Spanish: what the code and the table name in English, as a person reads it."""

from cauce.domain.record import State

STATES = {
    State.RECEIVED: "recibido",
    State.SENDING: "enviándose",
    State.PENDING: "sin veredicto",
    State.UNKNOWN: "en duda",
    State.ACCEPTED: "aceptado",
    State.REJECTED: "rechazado",
    State.FAILED: "fallido",
}
_STEPS = {
    **{state.value: word for state, word in STATES.items()},
    "claimed": "intento iniciado",
    "turned away": "no recibido por el proveedor",
    "held back": "en espera de turno",
    "queued again": "puesto otra vez en la cola",
    "redriven": "sacado de los mensajes muertos",
    "given up by the queue": "abandonado por la cola",
    "rejected attempt discarded": "intento rechazado eliminado del proveedor",
    "lane held": "espera a otro documento",
    "lane cleared": "fila despejada",
    "needs a person": "espera la decisión de una persona",
    "still in doubt": "sigue en duda",
    "still pending": "sigue sin veredicto",
    "already processed": "la DIAN ya procesó su número (regla 90)",
    "no answer": "sin respuesta",
    "not found": "el proveedor no lo tiene",
    "signed XML not available yet": "el XML firmado todavía no está",
    "signed XML archived": "XML firmado archivado",
    "mail leaving": "correo a punto de salir",
    "mail sent": "correo enviado",
    "mail put off": "correo aplazado",
    "mail failed": "correo no enviado",
    "mail in doubt": "no se sabe si el correo salió",
    "mail returned": "correo devuelto",
    "mail complained about": "correo marcado como no deseado",
    "decided": "decidido por una persona",
    "tried again by an operator": "reintentado por un operador",
    "issued in contingency": "emitido en contingencia",
    "deadline": "plazo para transmitirlo",
    "deadline near": "plazo a punto de vencer",
}


def step(what: str) -> str:
    """The name of a line of a record's trace; that of another version of Cauce as it is."""
    return _STEPS.get(what, what)
