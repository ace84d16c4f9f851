"""The code lists that fields take."""

from cauce.contracts.v1.catalogues import MAX_PER_PAGE
from cauce.contracts.v1.described.model import (
    Answer,
    Operation,
    Parameter,
    Schema,
    always,
    day,
    integer,
    link,
    listed,
    query,
    record,
    text,
    whole,
)
from cauce.contracts.v1.rest import Route

_GROUP = "Catálogos"
_TAG = {"ETag": "Qué versión es."}
_KEPT = Answer(304, "Es la misma que ya tiene.", media_types=(), headers=_TAG)
_IF = Parameter(
    "If-None-Match",
    "El ETag de la que ya tiene.",
    {"type": "string", "examples": ['"0a1b2c"']},
    place="header",
)


def _head() -> dict[str, Schema]:
    return {
        "nombre": text("Su nombre en la ruta.", "unidades"),
        "titulo": text("Qué contiene.", "Unidades de medida (UN/ECE, recomendación 20)"),
        "codigos": integer("Cuántos códigos tiene.", 1085),
        "fuente": text("De dónde sale."),
        "vigente_desde": day("Desde cuándo vale.", "2024-05-01"),
    }


def schemas() -> dict[str, Schema]:
    ok = {"ok": always(True, "La solicitud se cumplió.")}
    return {
        "Catalogos": record(
            "Los catálogos que hay.",
            {
                **ok,
                "data": listed(
                    record(
                        "Un catálogo.",
                        {
                            **_head(),
                            "campos": listed(
                                {"type": "string"}, "Los campos que toman sus códigos.", ["lineas[].unidad"]
                            ),
                            "links": record(
                                "Dónde seguir.", {"codigos": link("Sus códigos.", "/catalogos/unidades")}
                            ),
                        },
                    ),
                    "Los catálogos.",
                ),
            },
        ),
        "Catalogo": record(
            "Los códigos de un catálogo; los que más se parecen a lo buscado van primero.",
            {
                **ok,
                "data": listed(
                    record(
                        "Un código.",
                        {
                            "codigo": text("El código.", "KGM"),
                            "nombre": text("Lo que significa.", "kilogramo"),
                            "codigo_departamento": text("El departamento de un municipio.", "11"),
                            "departamento": text("Su nombre.", "Bogotá"),
                        },
                        maybe=("codigo_departamento", "departamento"),
                    ),
                    "Los códigos.",
                ),
                "meta": record(
                    "El catálogo y la página.",
                    {
                        **_head(),
                        "encontrados": integer("Cuántos se encontraron.", 1),
                        "page": integer("La página.", 1),
                        "per_page": integer("Cuántos trae a lo sumo.", 100),
                        "paginas": integer("Cuántas páginas son.", 1),
                    },
                ),
            },
        ),
    }


OPERATIONS: dict[Route, Operation] = {
    ("GET", "/catalogos"): Operation(
        group=_GROUP,
        summary="Ver qué catálogos hay",
        about="Las tablas de códigos, y los campos que los toman.",
        answers=(Answer(200, "Los catálogos.", "Catalogos", headers=_TAG), _KEPT),
        errors=("datos_invalidos",),
        parameters=(_IF,),
    ),
    ("GET", "/catalogos/{nombre}"): Operation(
        group=_GROUP,
        summary="Buscar un código",
        about="Por código o por nombre, sin que importen tildes ni mayúsculas.",
        answers=(Answer(200, "Los códigos.", "Catalogo", headers=_TAG), _KEPT),
        errors=("no_encontrado", "datos_invalidos"),
        parameters=(
            Parameter(
                "nombre",
                "El catálogo.",
                {"type": "string", "examples": ["unidades"]},
                place="path",
                required=True,
            ),
            query(
                "q",
                "Un código, o palabras de un nombre.",
                {"type": "string", "maxLength": 100, "examples": ["kilo"]},
            ),
            query("per_page", "Cuántos por página.", whole(MAX_PER_PAGE, 100)),
            query("page", "La página.", whole(1000, 1)),
            _IF,
        ),
    ),
}
