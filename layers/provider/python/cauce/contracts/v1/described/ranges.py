"""Numbering ranges."""

from cauce.contracts.v1.actions import NewRange, RangeType
from cauce.contracts.v1.described.model import (
    CALL_ERRORS,
    Answer,
    Body,
    Operation,
    Parameter,
    Schema,
    always,
    day,
    flag,
    integer,
    listed,
    named,
    query,
    record,
    text,
)
from cauce.contracts.v1.render import TIPO_DOCUMENTO
from cauce.contracts.v1.rest import Route
from cauce.domain.ranges import RangeState

_GROUP = "Numeraciones"
_PROVIDER_ERRORS = (
    "no_soportado",
    "datos_invalidos",
    "conflicto",
    *CALL_ERRORS,
)


def schemas() -> dict[str, Schema]:
    ok = {"ok": always(True, "La solicitud se cumplió.")}
    done = {
        **ok,
        "proveedor": text("Con quién se hizo.", "facturatech"),
        "mensaje": text("Lo que respondió.", "Rango creado.", optional=True),
    }
    ranges = listed(named("Numeracion"), "…")
    return {
        "Numeracion": record(
            "Un rango de numeración.",
            {
                "proveedor": text("Quién numera.", "dian"),
                "tipo_documento": text(
                    "Para qué documentos es.", "factura", among=TIPO_DOCUMENTO.values(), optional=True
                ),
                "tipo_proveedor": text("Cómo llama el proveedor a ese tipo.", optional=True),
                "prefijo": text("El prefijo.", "SETP"),
                "resolucion": text("La resolución de la DIAN.", "18760000001", optional=True),
                "desde": integer("Su primer número.", 990000000),
                "hasta": integer("Su último número.", 995000000),
                "siguiente": integer(
                    "El número que sigue; nulo si lo lleva el proveedor.", 990000011, optional=True
                ),
                "disponibles": integer("Cuántos quedan.", 4999990, optional=True),
                "vigente_desde": day("Desde cuándo vale.", "2026-01-19", optional=True),
                "vigente_hasta": day("Hasta cuándo vale.", "2028-01-19", optional=True),
                "estado": text(
                    "Si hoy se puede numerar con él.", "activo", among=[each.value for each in RangeState]
                ),
                "aviso": text("Lo que conviene saber ya: que vence o que se agota.", optional=True),
            },
        ),
        "Numeraciones": record(
            "Los rangos de la empresa.", {**ok, "data": {**ranges, "description": "Los rangos."}}
        ),
        "Sincronizacion": record(
            "Qué cambió con cada proveedor.",
            {
                "ok": flag("Si se pudo con todos.", True),
                "data": listed(
                    record(
                        "Un proveedor.",
                        {
                            "proveedor": text("Cuál.", "dian"),
                            "error": text("Por qué no se pudo con él.", optional=True),
                            "nuevos": {**ranges, "description": "Los que no estaban."},
                            "cambiados": {**ranges, "description": "Los que cambiaron."},
                            "ausentes": {**ranges, "description": "Los que el proveedor ya no muestra."},
                            "iguales": integer("Cuántos siguen igual.", 2),
                            "por_renovar": {
                                **ranges,
                                "description": "Los que vencieron, se agotaron o pronto lo harán.",
                            },
                        },
                    ),
                    "Un elemento por proveedor.",
                ),
            },
        ),
        "NumeracionHecha": record("El proveedor lo hizo.", done),
        "RangosDeFactus": record(
            "La consulta de rangos, con los nombres de Factus.",
            {
                "success": always(True, "La consulta se hizo."),
                "message": text("Qué se hizo.", "Rangos de numeración obtenidos exitosamente"),
                "data": listed(
                    record(
                        "Un rango.",
                        {
                            "id": {
                                "type": ["integer", "string", "null"],
                                "description": "Su identificador en Factus.",
                            },
                            "document": text("Para qué documentos es.", "Invoice", optional=True),
                            "prefix": text("El prefijo.", "SETP"),
                            "from": integer("Su primer número.", 990000000),
                            "to": integer("Su último número.", 995000000),
                            "current": integer("El número que sigue.", 990000011, optional=True),
                            "resolution_number": text("La resolución.", "18760000001", optional=True),
                            "technical_key": text("La clave técnica.", optional=True),
                            "is_active": flag("Si está activo.", True),
                        },
                    ),
                    "Los rangos.",
                ),
                "errors": {"type": "null", "description": "Siempre nulo."},
            },
        ),
        "FallaDeFactus": record(
            "Por qué no se pudo, con los nombres de Factus.",
            {"detail": text("Qué pasó.", "Error al obtener datos de Factus: …")},
        ),
    }


OPERATIONS: dict[Route, Operation] = {
    ("GET", "/numeraciones"): Operation(
        group=_GROUP,
        summary="Listar los rangos",
        about="Los rangos que Cauce conoce, con su estado hoy y lo que conviene avisar.",
        answers=(Answer(200, "Los rangos.", "Numeraciones"),),
    ),
    ("POST", "/numeraciones/sincronizar"): Operation(
        group=_GROUP,
        summary="Sincronizar los rangos",
        about="Los lee ya de los proveedores o de la DIAN. Cauce lo hace solo cuatro veces al día.",
        answers=(Answer(200, "Qué cambió; mire «error» de cada proveedor.", "Sincronizacion"),),
        errors=(
            "datos_invalidos",
            "no_soportado",
            "credenciales_rechazadas",
            "proveedor_en_espera",
            "conflicto",
        ),
        parameters=(query("proveedor", "Solo los de este.", {"type": "string", "examples": ["dian"]}),),
    ),
    ("POST", "/numeraciones"): Operation(
        group=_GROUP,
        summary="Crear un rango",
        about="Un rango para documentos que no necesitan resolución, como las notas, en un proveedor que "
        "los pide.",
        answers=(Answer(201, "El rango quedó creado.", "NumeracionHecha"),),
        errors=_PROVIDER_ERRORS,
        body=Body(NewRange, "El rango."),
    ),
    ("PUT", "/numeraciones/{prefijo}/tipo-documento"): Operation(
        group=_GROUP,
        summary="Asignar el tipo de documento de un rango",
        about="De un rango autorizado, en un proveedor que lo pide. No se puede cambiar después.",
        answers=(Answer(200, "Quedó asignado.", "NumeracionHecha"),),
        errors=("no_encontrado", *_PROVIDER_ERRORS),
        parameters=(
            Parameter(
                "prefijo",
                "El prefijo del rango.",
                {"type": "string", "examples": ["SEDS"]},
                place="path",
                required=True,
            ),
        ),
        body=Body(RangeType, "El tipo."),
    ),
    ("GET", "/lookups/numbering-ranges"): Operation(
        group=_GROUP,
        summary="Consultar los rangos que Factus muestra",
        about="Responde, y falla, con los nombres de Factus.",
        answers=(Answer(200, "Los rangos.", "RangosDeFactus"),),
        parameters=(
            Parameter(
                "X-Factus-Token", "El token de Factus.", {"type": "string"}, place="header", required=True
            ),
        ),
        own_errors=True,
    ),
}
