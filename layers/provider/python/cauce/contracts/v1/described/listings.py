"""Lists of documents: Cauce's own, and the provider's."""

from cauce.contracts.v1.described.model import (
    CALL_ERRORS,
    Answer,
    Operation,
    Parameter,
    Schema,
    always,
    choice,
    integer,
    link,
    listed,
    named,
    query,
    record,
    table,
    text,
    whole,
)
from cauce.contracts.v1.listings import EMITTED_KINDS, MAX_ROWS
from cauce.contracts.v1.queries import ESTADOS, MAX_PAGE, MAX_PER_PAGE
from cauce.contracts.v1.render import TIPO_DOCUMENTO
from cauce.contracts.v1.rest import Route

_GROUP = "Listar"

SEARCHED = {
    "estado": "Solo los que están en este estado.",
    "desde": "Emitidos desde este día.",
    "hasta": "Emitidos hasta este día.",
    "tipo_documento": "Solo de este tipo.",
    "proveedor": "Solo los que se emiten por este proveedor.",
    "adquiriente": "Solo los de esta identificación de la otra parte.",
    "referencia": "El que se envió con esta referencia.",
    "numero": "El de este número, prefijo y consecutivo juntos.",
    "cufe": "El de este CUFE, CUDE o CUDS.",
    "q": "Los que tienen un número, o una identificación de la otra parte, que empieza así.",
}
"""What each filter of GET /documentos means."""
_FILTER_SCHEMAS: dict[str, Schema] = {
    "estado": choice(*ESTADOS),
    "desde": {"type": "string", "format": "date", "examples": ["2026-05-01"]},
    "hasta": {"type": "string", "format": "date", "examples": ["2026-05-31"]},
    "tipo_documento": choice(*TIPO_DOCUMENTO.values()),
    "proveedor": {"type": "string", "examples": ["dian"]},
    "adquiriente": {"type": "string", "examples": ["52123987"]},
    "numero": {"type": "string", "examples": ["SETP990000011"]},
    "q": {"type": "string", "examples": ["SETP9900"]},
}

FILTERED = {
    "estado": "Solo en este estado, como lo llama el proveedor.",
    "desde": "Desde este día.",
    "hasta": "Hasta este día.",
    "fecha_documento_desde": "Con fecha del documento desde este día.",
    "fecha_documento_hasta": "Con fecha del documento hasta este día.",
    "fecha_recepcion_desde": "Recibidos por la DIAN o el proveedor desde este día.",
    "fecha_recepcion_hasta": "Recibidos por la DIAN o el proveedor hasta este día.",
    "adquiriente": "Con esta identificación del adquiriente.",
    "vendedor": "Con esta identificación del vendedor.",
    "razon_social": "Con este nombre de la otra parte.",
    "numero": "Con este número, prefijo y consecutivo juntos.",
    "numero_completo": "Lo mismo que «numero».",
    "prefijo": "Con este prefijo.",
    "numero_documento": "Con este consecutivo, sin el prefijo.",
    "referencia": "Con esta referencia.",
    "uniqid": "Con este identificador del proveedor.",
    "tipo_factura_electronica": "Con este tipo de factura, como lo llama el proveedor.",
    "entorno": "De este ambiente, como lo llama el proveedor.",
    "tipo_orden": "En este orden, como lo llama el proveedor.",
    "ordenado_por": "Ordenados por este campo del proveedor.",
}
"""What each filter of a provider's listing means; no provider has all of them."""


def schemas() -> dict[str, Schema]:
    ok = {"ok": always(True, "La solicitud se cumplió.")}
    return {
        "Documentos": record(
            "Una página de documentos, del más reciente al más antiguo.",
            {
                **ok,
                "data": listed(named("Documento"), "Los documentos."),
                "links": record(
                    "Las otras páginas.",
                    {
                        "first": link("La primera.", "/documentos?per_page=20&page=1"),
                        "last": {
                            "type": "null",
                            "description": "Siempre nulo: contarlos costaría leerlos todos.",
                        },
                        "prev": link("La anterior.", "/documentos?per_page=20&page=1", optional=True),
                        "next": link(
                            "La siguiente.", "/documentos?per_page=20&page=3&cursor=…", optional=True
                        ),
                        "siguiente": link(
                            "Lo mismo que «next».", "/documentos?page=3&cursor=…", optional=True
                        ),
                    },
                ),
                "meta": record(
                    "La página.",
                    {
                        "current_page": integer("Su número.", 2),
                        "per_page": integer("Cuántos documentos trae a lo sumo.", 20),
                        "from": integer("El número del primero.", 21, optional=True),
                        "to": integer("El número del último.", 40, optional=True),
                        "path": link("La lista, sin parámetros.", "/documentos"),
                        "cursor_siguiente": text("El cursor de la página siguiente.", optional=True),
                    },
                ),
            },
        ),
        "Emitidos": record(
            "Una página de la lista del proveedor.",
            {
                **ok,
                "data": listed(named("Emitido"), "Lo que el proveedor dice haber emitido."),
                "meta": record(
                    "La página.",
                    {
                        "proveedor": text("De quién es la lista.", "factus"),
                        "offset_siguiente": integer("Dónde empieza la página siguiente.", 20, optional=True),
                    },
                ),
            },
        ),
        "Emitido": record(
            "Una fila de la lista del proveedor; lo que él no dice es nulo.",
            {
                "id_proveedor": text("Su identificador allí.", "8812", optional=True),
                "referencia": text("La referencia con que se le envió.", "PEDIDO-1024", optional=True),
                "tipo_documento": text("Qué documento es.", "factura", optional=True),
                "numero_completo": text("Prefijo y consecutivo juntos.", "SETP990000011", optional=True),
                "adquirente": named("Contraparte"),
                "total": {
                    "type": ["number", "string", "null"],
                    "description": "El total, como lo dice el proveedor.",
                    "examples": [119000],
                },
                "fecha_emision": text(
                    "Cuándo se emitió, como lo dice el proveedor.", "2026-05-10", optional=True
                ),
                "fecha_recepcion": text("Cuándo lo recibió.", "2026-05-10", optional=True),
                "cufe": text("Su CUFE, CUDE o CUDS.", optional=True),
                "estado": text("Su estado.", "aceptado", optional=True),
                "mensajes": listed({"type": "string"}, "Lo que el proveedor o la DIAN dicen de él."),
                "links": table({"type": "string"}, "Direcciones que da el proveedor."),
                "otros": table({}, "Lo demás que dice el proveedor, con sus propios nombres."),
            },
        ),
    }


OPERATIONS: dict[Route, Operation] = {
    ("GET", "/documentos"): Operation(
        group=_GROUP,
        summary="Listar y buscar los documentos",
        about="Los documentos de la empresa, del más reciente al más antiguo; los filtros se pueden "
        "combinar. Uno que se acaba de recibir o de resolver aparece un momento después. Con `Accept: "
        "text/csv` la página viene como CSV.",
        answers=(
            Answer(
                200,
                "Una página.",
                "Documentos",
                media_types=("application/json", "text/csv"),
                headers={
                    "Link": "Las otras páginas, en el CSV.",
                    "Content-Disposition": "El nombre del archivo, en el CSV.",
                    "Vary": "`Accept`: la respuesta depende de él.",
                },
            ),
        ),
        errors=("datos_invalidos",),
        parameters=(
            *(
                query(name, about, _FILTER_SCHEMAS.get(name, {"type": "string"}))
                for name, about in SEARCHED.items()
            ),
            query("per_page", "Cuántos documentos por página.", whole(MAX_PER_PAGE, 20)),
            query("page", "El número de la página; para llegar lejos use «cursor».", whole(MAX_PAGE, 1)),
            query(
                "cursor",
                "El «cursor_siguiente» de la página anterior, con los mismos filtros.",
                {"type": "string"},
            ),
            Parameter("Accept", "En qué forma.", choice("application/json", "text/csv"), place="header"),
        ),
    ),
    ("GET", "/emitidos"): Operation(
        group=_GROUP,
        summary="Listar lo que el proveedor emitió",
        about="La lista del propio proveedor, con los mismos campos sea cual sea. Un filtro que el "
        "proveedor no tiene se rechaza por su nombre.",
        answers=(Answer(200, "Una página.", "Emitidos"),),
        errors=(
            "datos_invalidos",
            "no_soportado",
            *CALL_ERRORS,
        ),
        parameters=(
            query(
                "proveedor",
                "De quién es la lista, si hay varios.",
                {"type": "string", "examples": ["factus"]},
            ),
            query("tipo_documento", "Solo documentos de este tipo.", choice(*EMITTED_KINDS)),
            query(
                "offset",
                "Desde qué fila.",
                {"type": "integer", "minimum": 0, "maximum": 1_000_000, "default": 0},
            ),
            query("cantidad", "Cuántas filas.", whole(MAX_ROWS, 20)),
            *(query(name, about, {"type": "string", "maxLength": 100}) for name, about in FILTERED.items()),
        ),
    ),
}
