"""Webhooks: where news is pushed to."""

from cauce.contracts.v1.described.documents import ID as _A_DOCUMENT
from cauce.contracts.v1.described.model import (
    Answer,
    Body,
    Operation,
    Parameter,
    Schema,
    always,
    flag,
    integer,
    listed,
    moment,
    named,
    query,
    record,
    text,
    whole,
)
from cauce.contracts.v1.news import TIPOS
from cauce.contracts.v1.queries import MAX_PER_PAGE
from cauce.contracts.v1.rest import Route
from cauce.contracts.v1.webhooks import ENTREGAS, Again, NewWebhook, WebhookChange

_GROUP = "Novedades"
_AN_ID = "wh_2f1d3c4b5a69788f9a0b"
_ID = Parameter(
    "id", "El «id» del webhook.", {"type": "string", "examples": [_AN_ID]}, _A_DOCUMENT.place, required=True
)
_OK = always(True, "La solicitud se cumplió.")
_SHOWN = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwYl1c0Ww3Zk0="


def _try() -> dict[str, Schema]:
    return {
        "fecha": moment("Cuándo se llamó."),
        "http": integer("Qué respondió; nulo si no respondió.", 200, optional=True),
        "ms": integer("Cuánto tardó, en milisegundos.", 84),
        "motivo": text("Por qué no cuenta como recibida.", optional=True),
    }


def schemas() -> dict[str, Schema]:
    return {
        "Webhook": record(
            "Una dirección a la que se envían las novedades.",
            {
                "id": text("Su identificador.", _AN_ID),
                "url": text("La dirección.", "https://erp.example.com/avisos"),
                "tipos": listed(text("Un tipo.", among=TIPOS), "Qué novedades recibe; vacío, todas."),
                "descripcion": text("Para qué es.", "Contabilidad", optional=True),
                "estado": text("Si recibe novedades.", "activo", among=("activo", "inactivo")),
                "creado": moment("Desde cuándo existe."),
                "desactivado": moment("Desde cuándo no recibe.", optional=True),
                "motivo": text("Por qué se desactivó solo.", optional=True),
                "fallos_seguidos": integer("Cuántas llamadas seguidas fallaron.", 0),
                "falla_desde": moment("Desde cuándo fallan.", optional=True),
            },
        ),
        "RespuestaWebhook": record("El webhook.", {"ok": _OK, "data": named("Webhook")}),
        "Webhooks": record("Los webhooks.", {"ok": _OK, "data": listed(named("Webhook"), "Los webhooks.")}),
        "WebhookConSecreto": record(
            "El webhook y su secreto, que no se vuelve a mostrar.",
            {
                "ok": _OK,
                "data": named("Webhook"),
                "secreto": text("Con qué se firma lo que recibe (Standard Webhooks).", _SHOWN),
                "anterior_vale_hasta": moment("Hasta cuándo firma también el secreto anterior."),
            },
            maybe=("anterior_vale_hasta",),
        ),
        "PruebaDeWebhook": record(
            "Qué respondió.",
            {
                "ok": _OK,
                "data": record("La llamada.", {"recibido": flag("Si la recibió.", True), **_try()}),
            },
        ),
        "Entregas": record(
            "Las entregas, de la más nueva a la más vieja.",
            {
                "ok": _OK,
                "data": listed(
                    record(
                        "Una entrega.",
                        {
                            "id": text("Su identificador, para repetirla.", "MDAx"),
                            "webhook_id": text("El «webhook-id» con que llega, siempre el mismo."),
                            "tipo": text("Qué pasó.", "aceptado", among=TIPOS),
                            "fecha": moment("Cuándo pasó."),
                            "tracking_id": text("El documento, si es de uno.", optional=True),
                            "estado": text("Cómo va.", "entregada", among=ENTREGAS),
                            "proximo_intento": moment("Cuándo se intenta otra vez.", optional=True),
                            "intentos": listed(record("Un intento.", _try()), "El primero y los últimos."),
                        },
                    ),
                    "Las entregas.",
                ),
                "cursor_siguiente": text("El cursor de la página siguiente.", "MDAx", optional=True),
            },
        ),
        "Repetidas": record(
            "Cuántas entregas se repiten.",
            {
                "ok": _OK,
                "repetidas": integer("Cuántas.", 1),
                "hay_mas": flag("Si hay más de las que caben en una solicitud.", False),
                "desde_siguiente": moment("El «desde» de la solicitud que repite las demás.", optional=True),
            },
        ),
        "WebhookEliminado": record("Ya no existe.", {"ok": _OK}),
    }


def _operation(
    summary: str, about: str, answer: Answer, *errors: str, body: Body | None = None, of_one: bool = True
) -> Operation:
    known = ("no_encontrado", *errors) if of_one else errors
    return Operation(
        group=_GROUP,
        summary=summary,
        about=about,
        answers=(answer,),
        errors=known,
        parameters=(_ID,) if of_one else (),
        body=body,
    )


_ONE = "/webhooks/{id}"
OPERATIONS: dict[Route, Operation] = {
    ("POST", "/webhooks"): _operation(
        "Crear un webhook",
        "Desde ahora se envían las novedades a esa dirección https, firmadas como dice Standard Webhooks. El secreto "
        "se muestra una sola vez.",
        Answer(201, "El webhook y su secreto.", "WebhookConSecreto"),
        "conflicto",
        "datos_invalidos",
        body=Body(NewWebhook, "A dónde, y qué novedades."),
        of_one=False,
    ),
    ("GET", "/webhooks"): _operation(
        "Listar los webhooks",
        "Los del emisor, sin sus secretos.",
        Answer(200, "Los webhooks.", "Webhooks"),
        of_one=False,
    ),
    ("GET", _ONE): _operation("Ver un webhook", "Cómo está.", Answer(200, "El webhook.", "RespuestaWebhook")),
    ("PATCH", _ONE): _operation(
        "Cambiar un webhook",
        "Lo que no se nombra queda como estaba. Al activarlo recibe también lo que no recibió, y en otra dirección "
        "lo pendiente. Si otra petición lo cambia a la vez, una de las dos es un 409.",
        Answer(200, "El webhook.", "RespuestaWebhook"),
        "conflicto",
        "datos_invalidos",
        body=Body(WebhookChange, "Qué cambia."),
    ),
    ("DELETE", _ONE): _operation(
        "Eliminar un webhook",
        "Lo que estaba por entregarle no se le entrega.",
        Answer(200, "Ya no existe.", "WebhookEliminado"),
    ),
    ("POST", f"{_ONE}/secreto"): _operation(
        "Cambiar el secreto",
        "El anterior también firma durante 24 horas.",
        Answer(200, "El webhook y su secreto nuevo.", "WebhookConSecreto"),
        "conflicto",
    ),
    ("POST", f"{_ONE}/probar"): _operation(
        "Probar un webhook",
        "Lo llama ahora con una novedad de prueba, y dice qué respondió.",
        Answer(200, "Qué respondió.", "PruebaDeWebhook"),
    ),
    ("POST", f"{_ONE}/repetir"): _operation(
        "Repetir entregas",
        "Una entrega, o todas desde una fecha, de la más antigua a la más nueva; llevan el mismo «webhook-id» que la "
        "primera vez.",
        Answer(202, "Cuántas se repiten.", "Repetidas"),
        "datos_invalidos",
        body=Body(Again, "Cuál, o desde cuándo."),
    ),
    ("GET", f"{_ONE}/entregas"): Operation(
        group=_GROUP,
        summary="Ver las entregas",
        about="Qué se entregó, cuándo y qué respondió. Se guardan treinta días.",
        answers=(Answer(200, "Las entregas.", "Entregas"),),
        errors=("no_encontrado", "datos_invalidos"),
        parameters=(
            _ID,
            query("cursor", "El «cursor_siguiente» de la página anterior.", {"type": "string"}),
            query("per_page", "Cuántas a lo sumo.", whole(MAX_PER_PAGE, 20)),
        ),
    ),
}
