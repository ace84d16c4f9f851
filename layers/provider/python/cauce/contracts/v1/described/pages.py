"""The pages, and the document that describes the contract to programs."""

from cauce.contracts.v1.described.model import Answer, Operation, Parameter, Token
from cauce.contracts.v1.rest import Route

_GROUP = "Documentación"
_TAG = Parameter(
    "If-None-Match",
    "El ETag de la que ya tiene.",
    {"type": "string", "examples": ['"0a1b2c"']},
    place="header",
)
_TAGGED = {"ETag": "Qué versión es."}
_KEPT = Answer(304, "Es la misma que ya tiene.", media_types=(), headers=_TAGGED)
_FILE_TYPES = (
    "text/html",
    "text/css",
    "text/javascript",
    "image/svg+xml",
    "image/png",
    "font/woff2",
)


def _page(
    summary: str, about: str, *parameters: Parameter, media_types: tuple[str, ...] = ("text/html",)
) -> Operation:
    return Operation(
        group=_GROUP,
        summary=summary,
        about=about,
        answers=(Answer(200, "La página.", media_types=media_types, headers=_TAGGED), _KEPT),
        errors=("no_encontrado",) if parameters else (),
        parameters=(*parameters, _TAG),
        token=Token.NONE,
    )


def _named(name: str, about: str, example: str) -> Parameter:
    return Parameter(name, about, {"type": "string", "examples": [example]}, place="path", required=True)


OPERATIONS: dict[Route, Operation] = {
    ("GET", "/openapi.json"): _page(
        "Descargar la descripción OpenAPI",
        "Esta descripción, para generar clientes.",
        media_types=("application/vnd.oai.openapi+json",),
    ),
    ("GET", "/docs"): _page("Leer la documentación", "Esta referencia, como páginas. No pide token."),
    ("GET", "/docs/{archivo}"): _page(
        "Leer una página de la documentación",
        "Una página, o un archivo de ella.",
        _named("archivo", "El nombre de la página o del archivo.", "docs.css"),
        media_types=_FILE_TYPES,
    ),
    ("GET", "/docs/errores/{codigo}"): _page(
        "Leer qué es un error",
        "Qué significa, si se puede repetir y qué hacer. Es la dirección que va en «type».",
        _named("codigo", "El «codigo» del error.", "datos_invalidos"),
    ),
    ("GET", "/docs/reglas/{regla}"): _page(
        "Leer qué es una regla de la DIAN",
        "De qué campo depende y cómo arreglarlo.",
        _named("regla", "El código de la regla.", "FAK24"),
    ),
    ("GET", "/consola"): _page(
        "Abrir la consola", "La consola, para personas. La página no pide token; lo que muestra, sí."
    ),
    ("GET", "/consola/{archivo}"): _page(
        "Cargar un archivo de la consola",
        "Un archivo de la consola.",
        _named("archivo", "El nombre del archivo.", "consola.css"),
        media_types=_FILE_TYPES,
    ),
}
