"""News: what happened to documents, ranges, the certificate, the quota and lots."""

from cauce.contracts.v1.described.model import (
    Answer,
    Operation,
    Schema,
    always,
    flag,
    integer,
    link,
    listed,
    moment,
    named,
    query,
    record,
    text,
    whole,
)
from cauce.contracts.v1.news import ORDENES, TERMINADOS, TIPOS
from cauce.contracts.v1.queries import ESTADOS, MAX_PER_PAGE
from cauce.contracts.v1.render import TIPO_CODIGO, TIPO_DOCUMENTO
from cauce.contracts.v1.requests import A_CUFE
from cauce.contracts.v1.rest import Route
from cauce.domain.event import EventCode

_GROUP = "Novedades"
_A_LOT = "0b8f6c1e-2f0a-4a58-9a0f-3c2f5b1e7d10"
_ID = "550e8400-e29b-41d4-a716-446655440000"
_KINDS, _EVENTS = [*TIPO_DOCUMENTO.values()], [each.value for each in EventCode]


def _about_record() -> Schema:
    return record(
        "El documento, como quedó entonces.",
        {
            "tracking_id": text("Su identificador.", _ID),
            "version": integer("Cuántas veces había cambiado: la novedad de mayor versión es la última.", 5),
            "tipo_documento": text("Qué documento es.", "factura", among=_KINDS),
            "numero_completo": text("Su número.", "SETP990000011", optional=True),
            "referencia": text("La referencia con que usted lo envió.", "PEDIDO-1024", optional=True),
            "cufe": text("Su CUFE, CUDE o CUDS.", A_CUFE, optional=True),
            "tipo_codigo": text("Qué código es.", "CUFE", among=dict.fromkeys(TIPO_CODIGO.values())),
            "estado": text("En qué quedó.", "aceptado", among=ESTADOS),
            "proveedor": text("Por dónde se emite.", "dian"),
            "evento": text("El código, si es un evento RADIAN.", "030", among=_EVENTS),
            "limite": moment("Hasta cuándo hay, en una contingencia."),
            "links": record("Dónde seguir.", {"self": link("El documento.", f"/documentos/{_ID}")}),
        },
        maybe=("evento", "limite"),
    )


def schemas() -> dict[str, Schema]:
    return {
        "Novedades": record(
            "Lo que ha pasado desde el cursor, en orden.",
            {
                "ok": always(True, "La solicitud se cumplió."),
                "data": listed(named("Novedad"), "Las novedades."),
                "cursor": text(
                    "Desde dónde seguir la próxima vez; guárdelo, haya habido novedades o no.", "MA"
                ),
                "hay_mas": flag("Si ya hay más.", False),
                "links": record(
                    "Dónde seguir.", {"siguiente": link("Lo que sigue.", "/novedades?cursor=MA&per_page=100")}
                ),
            },
        ),
        "Novedad": record(
            "Algo que pasó. Según su tipo trae «documento», «numeracion» u otro objeto de qué se trata.",
            {
                "id": text("Su identificador: una que llegue dos veces trae el mismo."),
                "tipo": text("Qué pasó.", "aceptado", among=TIPOS),
                "fecha": moment("Cuándo."),
                "documento": _about_record(),
                "numeracion": record(
                    "El rango.",
                    {
                        "proveedor": text("Quién numera.", "dian"),
                        "tipo_documento": text("Para qué es.", "factura", among=_KINDS, optional=True),
                        "prefijo": text("Su prefijo.", "SETP"),
                        "resolucion": text("La resolución.", "18760000001", optional=True),
                        "numeros_restantes": integer("Cuántos números quedan.", 40, optional=True),
                        "dias_restantes": integer("Cuántos días quedan.", 12, optional=True),
                        "dias_al_ritmo": integer(
                            "Para cuántos días alcanzan los números al ritmo reciente.", 9
                        ),
                        "cambio": text("Qué cambió.", "nuevo", among=("nuevo", "cambiado", "ausente")),
                    },
                    maybe=("dias_al_ritmo", "cambio"),
                ),
                "cuota": record(
                    "La cuota.",
                    {
                        "consumidos": integer("Cuántos documentos van.", 800),
                        "limite": integer("Cuántos caben.", 1000),
                        "periodo": text("El periodo.", "2026-05"),
                    },
                ),
                "evento": record(
                    "El evento RADIAN que otro declaró sobre la factura de «documento».",
                    {
                        "codigo": text("Su código.", "030"),
                        "nombre": text("Qué es.", "Acuse de recibo de la factura", optional=True),
                        "numero": text("Su número, que le puso quien lo declaró.", "1", optional=True),
                        "cude": text("Su CUDE.", A_CUFE, optional=True),
                        "fecha": moment("Cuándo se declaró.", optional=True),
                    },
                ),
                "lote": record(
                    "El lote, como terminó.",
                    {
                        "lote_id": text("Su identificador.", _A_LOT),
                        "fecha_recepcion": moment("Cuándo se recibió."),
                        "documentos": integer("Cuántos documentos tenía.", 500),
                        "conteo": record(
                            "En qué terminaron; de un «repetido» avisa la novedad de su documento.",
                            {estado: integer(f"Cuántos en «{estado}».", 0) for estado in TERMINADOS},
                        ),
                        "links": record("Dónde seguir.", {"self": link("El lote.", f"/lotes/{_A_LOT}")}),
                    },
                ),
                "certificado": record(
                    "El certificado de firma.",
                    {
                        "proveedor": text("De quién es.", "dian", optional=True),
                        "vence": moment("Cuándo vence."),
                    },
                ),
                "webhook": record("El webhook.", {"id": text("Su identificador.")}),
                "motivo": text("Por qué, en una frase.", optional=True),
            },
            maybe=("documento", "numeracion", "cuota", "evento", "lote", "certificado", "webhook"),
        ),
    }


OPERATIONS: dict[Route, Operation] = {
    ("GET", "/novedades"): Operation(
        group=_GROUP,
        summary="Leer las novedades",
        about="Lo que ha pasado desde el cursor, en orden y sin que falte nada; una novedad aparece unos "
        "diez segundos después. Guarde «cursor» y pida desde ahí la próxima vez.",
        answers=(Answer(200, "Las novedades.", "Novedades"),),
        errors=("datos_invalidos",),
        parameters=(
            query(
                "cursor",
                "El «cursor» de la respuesta anterior; sin él, desde el principio.",
                {"type": "string"},
            ),
            query(
                "tipos",
                "Solo de estos tipos, separados por comas; `contingencia.*` son todos los que empiezan así.",
                {"type": "string", "examples": ["aceptado,rechazo"]},
            ),
            query(
                "orden",
                "Las `antiguas` primero, que es lo que se sigue sin perder ninguna; o las `recientes`, para "
                "mostrarlas a una persona: su «cursor» lleva hacia atrás.",
                {"type": "string", "enum": [*ORDENES]},
            ),
            query("per_page", "Cuántas a lo sumo.", whole(MAX_PER_PAGE, MAX_PER_PAGE)),
        ),
    ),
}
