"""The pages of the reference: the start, the routes, the fields, the errors, DIAN's rules."""

import json
from collections.abc import Callable, Iterator
from functools import cache

from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.described import every, examples, openapi, problems
from cauce.contracts.v1.described.model import COMPONENTS, Operation
from cauce.contracts.v1.described.problems import Explained, Repeat
from cauce.contracts.v1.fields import CATALOG, CODES, RULES
from cauce.contracts.v1.rest import SCOPES, Route
from cauce.domain.errors import NotFound
from cauce.domain.outcome import Severity
from cauce.reference.examples import EXAMPLES, Example
from cauce.reference.frame import Tab, block, code, link, page, paragraph, table, tabs, told
from cauce.reference.meanings import MEANINGS, Meaning
from cauce.ubl.preflight.rules import Known, Rule, rule_of, rules

# A sale that DIAN takes, as short as it can be.
EXAMPLE: JsonObject = {
    "referencia": "VENTA-0001",
    "adquiriente": {
        "tipo_persona": "2",
        "tipo_documento": "13",
        "numero_documento": "71234567",
        "razon_social": "JUAN PEREZ",
        "responsabilidad_fiscal": "R-99-PN",
    },
    "lineas": [{"codigo": "P1", "descripcion": "Producto 1", "cantidad": 2, "precio": 50000, "iva_pct": 19}],
}
_REQUESTS = ("Factura", "NotaCredito", "NotaDebito", "DocumentoSoporte", "NotaAjuste", "EventoRadian")
_KNOWN = {
    Known.DOCUMENT: "Cauce la comprueba en la solicitud, antes de usar un número.",
    Known.XML: "Cauce la comprueba en el XML.",
    Known.CONSTRUCTION: "Lo que Cauce escribe no puede incumplirla.",
    Known.SERVER: "Solo la DIAN puede comprobarla: depende de datos que solo ella tiene.",
}
_OF_NO_FIELD = (
    "Ningún campo la decide por sí solo: depende de lo que Cauce o el proveedor escribió en el XML, o de lo que solo "
    "la DIAN sabe. Si la recibe y lo que hay que hacer no está en sus manos, avísele al operador con el número del "
    "documento."
)
_GENERATORS = """curl -s "$URL/openapi.json" > cauce.json

# Python: los códigos como textos, y los archivos como bytes
cat > config.yaml <<'FIN'
literal_enums: true
content_type_overrides:
  application/zip: application/octet-stream
  application/pdf: application/octet-stream
  application/xml: text/plain
FIN
openapi-python-client generate --path cauce.json --config config.yaml

# TypeScript, para usarlo con openapi-fetch
npx openapi-typescript cauce.json --output cauce.d.ts

# PHP
openapi-generator-cli generate -g php -i cauce.json -o cliente --additional-properties invokerPackage=Cauce"""
_TYPES = {
    "string": "texto",
    "number": "número",
    "integer": "entero",
    "boolean": "true o false",
    "array": "lista",
    "object": "objeto",
}


def document(name: str, base_url: str) -> str:
    """The page of a name below ``/docs``. Raises NotFound."""
    made: Callable[[str], str] | None = {
        "rutas": _routes,
        "campos": _fields,
        "errores": _errors,
        "reglas": _rules,
    }.get(name)
    if made is None:
        raise NotFound("No hay una página con ese nombre.")
    return made(base_url)


def missing(why: str, depth: int) -> str:
    """The page in the place of one that there is not."""
    body = (
        paragraph(why) + f"<p>{link('../' * (depth + 1) + 'docs', 'Ir al comienzo de la documentación')}</p>"
    )
    return page("No se encontró", body, here=None, depth=depth)


def start(base_url: str) -> str:
    """The first page: from nothing to the first invoice."""
    sale = json.dumps(EXAMPLE, ensure_ascii=False, indent=2)
    first = (
        f"export URL={base_url}\nexport TOKEN='el que le dio el operador'\n\n"
        'curl -s "$URL/me" -H "Authorization: Bearer $TOKEN"'
    )
    check, emit, ask = _posts()
    body = (
        paragraph(
            "Una sola API para emitir documentos electrónicos colombianos, cualquiera que sea el proveedor "
            "tecnológico. JSON en UTF-8, fechas `AAAA-MM-DD`, horas de Bogotá, valores con punto decimal."
        )
        + "<h2>Su primera factura, en cinco minutos</h2><ol class=pasos><li>"
        + paragraph("Diga dónde está la API y con qué token; `GET /me` responde de qué empresa es.")
        + block(first)
        + "</li><li>"
        + paragraph("Guarde una venta en `venta.json`. «referencia» es el identificador que usted le da.")
        + block(sale)
        + "</li><li>"
        + paragraph("Compruébela sin emitir nada: responde los totales, o qué campo corregir.")
        + block(check)
        + "</li><li>"
        + paragraph("Emítala. `data.estado` es `aceptado` si la DIAN la validó.")
        + block(emit)
        + "</li><li>"
        + paragraph("Si quedó `pendiente`, pregunte por ella después de los segundos de «Retry-After».")
        + block(ask)
        + "</li></ol><h2 id=ejemplos>Todo eso, en su lenguaje</h2>"
        + paragraph(
            "Cada programa emite esa venta, repite lo que se puede repetir, espera el veredicto y guarda el "
            "PDF. Guárdelo con su nombre y ejecútelo con `URL` y `TOKEN` en el entorno: si lo ejecuta dos "
            "veces, la factura es la misma."
        )
        + tabs("Lenguaje", (_tab(each) for each in EXAMPLES))
        + "<h2 id=clientes>Un cliente generado</h2>"
        + paragraph(
            "`GET /openapi.json` describe toda la API y no pide token: un generador hace con él un cliente con "
            "tipos. Estos tres se prueban con cada versión."
        )
        + block(_GENERATORS)
        + "<h2 id=repetir>¿Puedo repetir una solicitud?</h2>"
        + paragraph(
            "Con «referencia», sí: repetida con el mismo contenido responde el mismo documento y nada se "
            "emite dos veces. Sin ella, consulte antes. Por código de error:"
        )
        + table(
            "Qué hacer según el código del error",
            ("¿Puedo repetir?", "Códigos"),
            (
                (told(repeat.value), ", ".join(_to_error(each, "docs/") for each in codes))
                for repeat, codes in _by_repeat()
            ),
        )
        + "<h2>Dónde seguir</h2><ul>"
        + f"<li>{link('docs/rutas', 'Todas las rutas')}, con sus parámetros, respuestas y errores.</li>"
        + f"<li>{link('docs/campos', 'Todos los campos')} de un documento, con ejemplos y reglas.</li>"
        + f"<li>{link('openapi.json', 'La descripción OpenAPI 3.1')}, para generar un cliente.</li>"
        + f"<li>{link('consola', 'La consola')}, para personas.</li></ul>"
    )
    return page("Documentación de la API", body, here="", depth=-1)


def _tab(example: Example) -> Tab:
    said = (
        "Se prueba tal como está."
        if example.is_tried
        else "Sin probar: este programa no se ha ejecutado todavía; los demás, sí."
    )
    body = (
        f"<p class=menor>{code(example.file)} · se ejecuta con {code(example.command)} · {said}</p>"
        + block(example.text)
    )
    return Tab(example.language, body, mark="" if example.is_tried else "sin probar")


def _posts() -> tuple[str, str, str]:
    def post(query: str) -> str:
        return (
            f'curl -s -X POST "$URL/documentos{query}" \\\n  -H "Authorization: Bearer $TOKEN" \\\n'
            "  -H 'Content-Type: application/json' -d @venta.json"
        )

    ask = 'curl -s "$URL/documentos/por-referencia/VENTA-0001" -H "Authorization: Bearer $TOKEN"'
    return post("?validar=solo"), post(""), ask


def _by_repeat() -> Iterator[tuple[Repeat, list[str]]]:
    for repeat in Repeat:
        yield repeat, [name for name, each in problems.EXPLAINED.items() if each.repeat is repeat]


def _to_error(name: str, root: str) -> str:
    return link(f"{root}errores/{name}", code(name))


# Routes


def _routes(base_url: str) -> str:
    groups: dict[str, list[tuple[Route, Operation]]] = {}
    for route, operation in every.OPERATIONS.items():
        groups.setdefault(operation.group, []).append((route, operation))
    contents = "".join(
        f"<li>{link(f'#{openapi.operation_id(route)}', told(operation.summary))} {code(' '.join(route))}</li>"
        for each in groups.values()
        for route, operation in each
    )
    body = paragraph(f"Las direcciones empiezan por `{base_url}`.") + f"<ul class=indice>{contents}</ul>"
    for group, found in groups.items():
        body += f"<h2>{told(group)}</h2>" + "".join(_route(route, operation) for route, operation in found)
    return page("Rutas", body, here="rutas", depth=0)


def _route(route: Route, operation: Operation) -> str:
    method, path = route
    scope = SCOPES[route]
    asks = (
        "No pide token."
        if operation.token.value == "none"
        else f"Pide el alcance `{scope.value}`."
        if scope
        else "Basta cualquier token."
    )
    body = (
        f'<section id="{openapi.operation_id(route)}"><h3>{told(operation.summary)}</h3>'
        f'<p class=ruta><b class="verbo {method.lower()}">{method}</b> {code(path)}</p>'
        + paragraph(operation.about)
        + paragraph(asks)
    )
    if operation.parameters:
        places = {"path": "ruta", "query": "consulta", "header": "encabezado"}
        body += table(
            "Parámetros",
            ("Parámetro", "Dónde", "Qué es"),
            (
                (code(each.name), places[each.place], told(each.about) + _values(each.schema))
                for each in operation.parameters
            ),
        )
    if operation.body is not None:
        form = operation.body.form
        name = form if isinstance(form, str) else openapi.called(form)
        where = link(f"campos#{name}", code(name)) if name in _REQUESTS else code(name)
        body += f"<p>Cuerpo: {told(operation.body.about)} {where}</p>"
    if route in examples.BODIES:
        text = json.dumps(examples.BODIES[route], ensure_ascii=False, indent=2)
        body += f"<details><summary>Ver un ejemplo</summary>{block(text)}</details>"
    rows = [(str(each.status), told(each.about), _fields_of(each.schema)) for each in operation.answers]
    body += table("Respuestas", ("Estado", "Qué significa", "Campos"), rows)
    errors = ", ".join(_to_error(each, "") for each in every.errors(route))
    return body + f"<p class=menor>Errores: {errors}</p></section>"


def _values(schema: JsonObject) -> str:
    values = schema.get("enum")
    return f" Uno de: {', '.join(code(str(each)) for each in values)}." if isinstance(values, list) else ""


def _fields_of(component: str | None) -> str:
    if component is None:
        return "—"
    rows = "".join(
        f"<dt>{code(name)}</dt><dd>{about}</dd>" for name, about in _flat(_schemas()[component], "")
    )
    return f"<details><summary>Ver los campos</summary><dl>{rows}</dl></details>"


def _flat(schema: object, inside: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """The fields of an answer, with those of the objects in it."""
    found = _resolved(schema)
    if depth > 4:
        return
    properties = found.get("properties")
    if isinstance(properties, dict):
        for name, each in properties.items():
            inner = _resolved(each)
            about = each.get("description") or inner.get("description") or ""
            yield f"{inside}{name}", told(str(about))
            yield from _flat(
                inner.get("items") or each, f"{inside}{name}{'[]' if inner.get('items') else ''}.", depth + 1
            )
    ways = found.get("anyOf")
    for each in ways if isinstance(ways, list) else ():
        yield from _flat(each, inside, depth)


def _resolved(schema: object) -> JsonObject:
    """A schema without the references and the null around it."""
    assert isinstance(schema, dict)
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return _resolved(_schemas()[reference.removeprefix(COMPONENTS)])
    ways = schema.get("anyOf")
    if isinstance(ways, list):
        rest = [each for each in ways if each.get("type") != "null" and each.get("enum") != [""]]
        if len(rest) == 1:
            return {
                **_resolved(rest[0]),
                **{name: value for name, value in schema.items() if name != "anyOf"},
            }
    return schema


@cache
def _schemas() -> JsonObject:
    return openapi.schemas()


# Fields


def _fields(base_url: str) -> str:  # noqa: ARG001 - as every page
    body = paragraph("Los que llevan * son obligatorios; los demás se pueden dejar por fuera.")
    seen: set[str] = set()
    waiting = [*_REQUESTS]
    while waiting:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        rows, inner = _object(name)
        waiting += inner
        body += f'<h2 id="{name}">{name}</h2>' + table(
            f"Campos de {name}", ("Campo", "Qué es", "Valores", "Ejemplo", "Reglas"), rows
        )
    return page("Campos", body, here="campos", depth=0)


def _object(name: str) -> tuple[list[tuple[str, ...]], list[str]]:
    schema = _resolved(_schemas()[name])
    properties, required = schema["properties"], schema.get("required", [])
    assert isinstance(properties, dict)
    assert isinstance(required, list)
    rows: list[tuple[str, ...]] = []
    inner: list[str] = []
    for field, each in properties.items():
        part = _component(each)
        if part:
            inner.append(part)
        about = str(each.get("description", "")).removesuffix(".")
        examples = each.get("examples") or [""]
        rules_told = ", ".join(
            link(f"reglas/{rule}", code(rule)) if rule_of(rule) else told(rule)
            for rule in each.get(RULES, ())
        )
        rows.append(
            (
                f'<span id="{name}.{field}">{code(field)}{"*" if field in required else ""}</span>',
                told(about),
                link(f"#{part}", code(part)) if part else _kind(_resolved(each)),
                _example(examples[0]),
                rules_told,
            )
        )
    return rows, inner


def _component(schema: JsonObject) -> str | None:
    """The object that a field holds, or a list of it."""
    text = json.dumps(schema)
    start_at = text.find(COMPONENTS)
    return None if start_at < 0 else text[start_at + len(COMPONENTS) :].split('"')[0]


def _example(value: object) -> str:
    """A value as JSON writes it, a text without its quotes."""
    return code(value if isinstance(value, str) else json.dumps(value)) if value != "" else ""


def _kind(schema: JsonObject) -> str:
    codes, catalog = schema.get(CODES), schema.get(CATALOG)
    if isinstance(catalog, str) and not (isinstance(codes, dict) and len(codes) <= 8):
        return f"un código; ver {code(f'GET /catalogos/{catalog}')}"
    if isinstance(codes, dict):
        return "<br>".join(f"{code(each)} {told(str(name))}" for each, name in codes.items())
    said = "fecha" if schema.get("format") == "date" else " o ".join(_types(schema)) or "texto"
    longest = schema.get("maxLength")
    return f"{said}, hasta {longest} caracteres" if longest else said


def _types(schema: JsonObject) -> list[str]:
    """What a value may be. What is empty may be said as null or as an empty text: that an optional field takes both
    is no kind of value."""
    types = schema.get("type", [])
    absent = {"null", "string"} if schema.get("maxLength") == 0 else {"null"}
    named = types if isinstance(types, list) else [types]
    return [_TYPES[str(each)] for each in named if each not in absent]


# Errors


def _errors(base_url: str) -> str:  # noqa: ARG001 - as every page
    told_of = problems.told()
    rows = (
        (
            _to_error(name, ""),
            ", ".join(map(str, told_of[name][0])),
            told(each.meaning),
            told(each.repeat.value),
        )
        for name, each in problems.EXPLAINED.items()
    )
    body = paragraph(
        "Todo error es `application/problem+json`: «codigo» dice cuál es y «type» es la dirección de su página."
    ) + table("Los errores", ("Código", "Estado", "Qué significa", "¿Puedo repetir?"), rows)
    return page("Errores", body, here="errores", depth=0)


def error(name: str) -> str:
    """The page of an error. Raises NotFound."""
    found: Explained | None = problems.EXPLAINED.get(name)
    if found is None:
        raise NotFound("No hay un error con ese código; la documentación dice cuáles hay.")
    statuses, title = problems.told()[name]
    body = (
        f"<p class=menor>{code(name)} · estado {', '.join(map(str, statuses))}</p>"
        + f"<h2>Qué significa</h2>{paragraph(found.meaning)}"
        + f"<h2>¿Puedo repetir la solicitud?</h2>{paragraph(found.repeat.value)}"
        + f"<h2>Qué hacer</h2>{paragraph(found.mend)}"
        + f"<h2>Ejemplo</h2>{block(json.dumps(openapi.example(name), ensure_ascii=False, indent=2))}"
    )
    return page(title, body, here="errores", depth=1)


# Rules


def _rules(base_url: str) -> str:  # noqa: ARG001 - as every page
    rows = (
        (
            ", ".join(link(f"reglas/{each}", code(each)) for each in rule.codes),
            told(MEANINGS[rule.codes[0]].text),
            told(rule.fix),
            _severity(rule),
        )
        for rule in rules()
    )
    body = paragraph(
        "El código es el que la regla tiene en una factura. En una nota o un documento soporte cambian las "
        "primeras letras (FAU02, CAU02, DAU02, DSAU02), y su página es la misma."
    ) + table(
        "Las reglas de la DIAN que se conocen aquí",
        ("Regla", "Qué significa", "Qué hacer", "Si se incumple"),
        rows,
    )
    return page("Reglas de la DIAN", body, here="reglas", depth=0)


def _severity(rule: Rule) -> str:
    return "Rechazo" if rule.severity is Severity.REJECTION else "Notificación"


def rule(name: str) -> str:
    """The page of a rule, by its code in any kind of document. Raises NotFound."""
    found = rule_of(name) if len(name) <= 12 else None
    if found is None:
        raise NotFound("No hay una regla con ese código entre las que se conocen aquí.")
    fields, means = [*_declaring(found)], MEANINGS[found.codes[0]]
    said = {
        Severity.REJECTION: "La DIAN rechaza el documento que la incumple: no tiene validez.",
        Severity.NOTICE: "La DIAN valida el documento que la incumple, con una notificación.",
    }[found.severity]
    body = (
        f"<p class=menor>En facturas y demás documentos: {', '.join(map(code, found.codes))}</p>"
        + f"<h2>Qué significa</h2>{paragraph(means.text)}"
        + f"<h2>Cómo arreglarlo</h2>{paragraph(found.fix)}"
        + _right(means)
        + f"<h2>Qué pasa si se incumple</h2>{paragraph(said)}"
        + "<h2>Dónde se comprueba</h2>"
        + "".join(paragraph(_KNOWN[each]) for each in Known if each in found.known)
        + "<h2>En la solicitud</h2>"
    )
    if fields:
        body += table("Los campos de que depende", ("Campo", "De", "Ejemplo"), fields)
    else:
        body += paragraph(_OF_NO_FIELD)
    return page(f"Regla {name}", body, here="reglas", depth=1)


def _right(means: Meaning) -> str:
    """The part of a request as it is right, where the rule depends on one."""
    if not means.example:
        return ""
    sale = link("../../docs", "la venta de la primera página")
    return f"<h2>Un ejemplo correcto</h2><p>En {sale}, estos campos quedan así:</p>" + block(
        json.dumps(means.example, ensure_ascii=False, indent=2)
    )


def _declaring(wanted: Rule) -> Iterator[tuple[str, str, str]]:
    for name, schema in _schemas().items():
        properties = schema.get("properties") if isinstance(schema, dict) else None
        if name.endswith("DeLote") or not isinstance(properties, dict):
            continue
        for field, each in properties.items():
            if any(rule_of(code_) is wanted for code_ in each.get(RULES, ())):
                examples = each.get("examples") or [""]
                yield (
                    link(f"../campos#{name}.{field}", code(field)),
                    told(name),
                    _example(examples[0]),
                )
