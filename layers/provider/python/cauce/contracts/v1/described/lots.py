"""Many documents at once."""

from cauce.contracts.v1.described.documents import MAYBE, document_fields
from cauce.contracts.v1.described.model import (
    Answer,
    Body,
    Operation,
    Parameter,
    Schema,
    always,
    choice,
    flag,
    integer,
    link,
    listed,
    moment,
    named,
    number,
    query,
    record,
    table,
    text,
    whole,
)
from cauce.contracts.v1.lot_answers import ESTADOS, MAX_LOTS
from cauce.contracts.v1.lots import TIPOS
from cauce.contracts.v1.queries import MAX_PER_PAGE
from cauce.contracts.v1.rest import Route

_GROUP = "Muchos a la vez"
A_LOT = "0b8f6c1e-2f0a-4a58-9a0f-3c2f5b1e7d10"
_ESTADOS = ("esperando_archivo", "en_proceso", "terminado", "vencido")


def _lot(estados: tuple[str, ...] = _ESTADOS) -> dict[str, Schema]:
    return {
        "lote_id": text("El identificador del lote.", A_LOT),
        "estado": text("En qué va el lote.", "en_proceso", among=estados),
        "fecha_recepcion": moment("Cuándo se recibió."),
        "links": record("Dónde seguir.", {"self": link("El lote.", f"/lotes/{A_LOT}")}),
    }


def _place() -> dict[str, Schema]:
    return {
        "posicion": integer(
            "Qué documento del lote es, desde 1; nulo si llegó por la cola.", 3, optional=True
        ),
        "mensaje": text("El mensaje de la cola en que llegó.", None),
    }


def _refusal() -> dict[str, Schema]:
    return {
        **_place(),
        "referencia": text("La referencia con que usted lo envió.", "PEDIDO-1024", optional=True),
        "estado": always("invalido", "No se emitió ni se emitirá."),
        "codigo": text("El código del error.", "datos_invalidos"),
        "error": text("Qué pasó.", "Datos invalidos"),
        "errors": table(
            listed({"type": "string"}, "Qué corregir."),
            "Por campo, qué corregir.",
            {"lineas.0.precio": ["…"]},
        ),
    }


def schemas() -> dict[str, Schema]:
    ok = {"ok": always(True, "La solicitud se cumplió.")}
    return {
        "LoteRecibido": record(
            "El lote quedó guardado; sus documentos válidos se emiten por su turno.",
            {
                **ok,
                "data": record(
                    "El lote.",
                    {
                        **_lot(),
                        "recibidos": integer("Cuántos documentos llegaron.", 500),
                        "aceptados": integer("Cuántos se emitirán.", 499),
                        "invalidos": integer("Cuántos no, por sus errores.", 1),
                        "errores": listed(named("LineaInvalida"), "Los que no se emitirán."),
                    },
                ),
            },
        ),
        "LoteAnunciado": record(
            "Se espera el archivo.",
            {
                **ok,
                "data": record(
                    "El lote.",
                    {
                        **_lot(),
                        "subida": record(
                            "Cómo subir el archivo.",
                            {
                                "metodo": always("PUT", "El método."),
                                "url": text("Adónde.", form="uri"),
                                "encabezados": table(
                                    {"type": "string"}, "Los encabezados que debe llevar, exactamente estos."
                                ),
                                "vence": moment("Hasta cuándo se puede subir."),
                            },
                        ),
                    },
                ),
            },
        ),
        "LoteRespondido": {
            "anyOf": [named("LoteRecibido"), named("LoteAnunciado")],
            "description": "El lote, según llegara con los documentos o anunciara un archivo.",
        },
        "Lotes": record(
            "Una página de lotes, del más reciente al más antiguo.",
            {
                **ok,
                "data": listed(
                    record(
                        "Un lote; cuántos hay en cada estado lo dice el lote mismo.",
                        {
                            **_lot((*_ESTADOS, "leido")),
                            "documentos": integer(
                                "Cuántos documentos tiene, si ya se sabe.", 500, optional=True
                            ),
                            "leidos": integer("Cuántos se han leído.", 500),
                            "ultimo_error": text("Lo último que falló al leerlo.", optional=True),
                        },
                    ),
                    "Los lotes.",
                ),
                "links": record(
                    "Dónde seguir.", {"next": link("La página siguiente.", "/lotes?cursor=…", optional=True)}
                ),
                "meta": record(
                    "La página.",
                    {
                        "per_page": integer("Cuántos lotes trae a lo sumo.", 20),
                        "cursor_siguiente": text("El cursor de la página siguiente.", optional=True),
                    },
                ),
            },
        ),
        "LineaInvalida": record(
            "Un documento del lote que no se emitirá; ninguno detiene a otro.", _refusal(), maybe=("mensaje",)
        ),
        "LineaDeLote": record(
            "Un documento del lote, como está ahora.",
            {
                **_place(),
                "repetido": flag("Si ya se había pedido antes; el documento es el de entonces.", False),
                **document_fields(),
            },
            maybe=("mensaje", *MAYBE),
        ),
        "Lote": record(
            "Cómo va un lote, y una página de sus documentos.",
            {
                **ok,
                "data": record(
                    "El lote.",
                    {
                        **_lot(),
                        "documentos": integer("Cuántos documentos tiene, si ya se sabe.", 500, optional=True),
                        "leidos": integer("Cuántos se han leído.", 500),
                        "terminados": integer("Cuántos ya no cambiarán.", 420),
                        "avance_pct": number("Qué parte va, en porcentaje.", 84.0, optional=True),
                        "conteo": record(
                            "Cuántos hay en cada estado.",
                            {estado: integer(f"Cuántos en «{estado}».", 0) for estado in ESTADOS},
                        ),
                        "segundos_restantes": integer("Cuánto falta, aproximadamente.", 95, optional=True),
                        "termina_aproximadamente": moment("Cuándo terminaría.", optional=True),
                        "ultimo_error": text("Lo último que falló al leer el lote.", optional=True),
                    },
                ),
                "documentos": listed(
                    {"anyOf": [named("LineaDeLote"), named("LineaInvalida")]},
                    "Los documentos de esta página.",
                ),
                "links": record(
                    "Dónde seguir.",
                    {
                        "self": link("El lote.", f"/lotes/{A_LOT}"),
                        "next": link("La página siguiente.", f"/lotes/{A_LOT}?cursor=…", optional=True),
                    },
                ),
                "meta": record(
                    "La página.",
                    {
                        "per_page": integer("Cuántos documentos trae a lo sumo.", 20),
                        "cursor_siguiente": text("El cursor de la página siguiente.", optional=True),
                    },
                ),
            },
        ),
    }


OPERATIONS: dict[Route, Operation] = {
    ("POST", "/lotes"): Operation(
        group=_GROUP,
        summary="Enviar un lote",
        about="Hasta 500 documentos en una lista o en NDJSON, cada uno con su «tipo» y su «referencia»; o "
        "el anuncio de un archivo NDJSON de hasta 10.000 documentos. Ninguno que esté mal detiene a otro.",
        answers=(
            Answer(
                202,
                "El lote quedó guardado.",
                "LoteRespondido",
                headers={
                    "Idempotency-Replayed": "`true` si ya se había recibido: la respuesta es de ese lote."
                },
            ),
        ),
        errors=("datos_invalidos", "referencia_en_uso", "no_soportado", "conflicto"),
        parameters=(
            query("tipo", "El tipo de los documentos que no digan «tipo».", choice(*TIPOS)),
            Parameter(
                "Idempotency-Key",
                "Su propio identificador del lote. Repetido con el mismo contenido responde el mismo lote.",
                {"type": "string", "examples": ["LOTE-2026-05-10"]},
                place="header",
            ),
        ),
        body=Body(
            "LoteSolicitado",
            "Los documentos, o el anuncio del archivo.",
            media_types=("application/json", "application/x-ndjson"),
        ),
    ),
    ("GET", "/lotes"): Operation(
        group=_GROUP,
        summary="Listar los lotes",
        about="Los lotes de la empresa, del más reciente al más antiguo.",
        answers=(Answer(200, "Una página.", "Lotes"),),
        errors=("datos_invalidos",),
        parameters=(
            query("per_page", "Cuántos lotes por página.", whole(MAX_LOTS, 20)),
            query("cursor", "El «cursor_siguiente» de la página anterior.", {"type": "string"}),
        ),
    ),
    ("GET", "/lotes/{id}"): Operation(
        group=_GROUP,
        summary="Ver cómo va un lote",
        about="Cuánto va, cuánto falta, y sus documentos por páginas. Los que llegan por la cola en un día "
        "son el lote `cola-AAAA-MM-DD`.",
        answers=(Answer(200, "El lote.", "Lote"),),
        errors=("no_encontrado", "datos_invalidos"),
        parameters=(
            Parameter(
                "id",
                "El «lote_id» con que se respondió al recibirlo.",
                {"type": "string", "examples": [A_LOT]},
                place="path",
                required=True,
            ),
            query("estado", "Solo los documentos en este estado.", choice(*ESTADOS)),
            query("per_page", "Cuántos documentos por página.", whole(MAX_PER_PAGE, 20)),
            query("cursor", "El «cursor_siguiente» de la página anterior.", {"type": "string"}),
        ),
    ),
}
