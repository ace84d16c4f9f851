"""The contract as an OpenAPI 3.1 document, in Spanish, made of the descriptions of routes and the declared fields."""

import unicodedata
from copy import deepcopy
from functools import cache
from http import HTTPStatus

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from cauce.contracts.v1 import actions, events, lots, rest, webhooks
from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.described import every, examples, problems
from cauce.contracts.v1.described.model import COMPONENTS, Answer, Operation, Parameter, Token, named
from cauce.contracts.v1.requests import REQUESTS
from cauce.contracts.v1.rest import Route
from cauce.domain.access_token import Scope

VERSION = "0.2.0"
"""Of the contract: that of the package."""

CODES = "x-codigos"
SCOPE = "x-alcance"

_ABOUT = """Una sola API para emitir documentos electrónicos colombianos, cualquiera que sea el proveedor tecnológico.

- JSON en UTF-8; fechas `AAAA-MM-DD`; horas de Bogotá; valores como números de JSON o textos con punto decimal.
- Un error es `application/problem+json`: `codigo` dice cuál es, y su página, en `type`, si se puede repetir.
- Las respuestas pueden traer campos nuevos: ignore los que no conozca.
"""

_SCOPES = {
    Scope.EMIT: "documentos, eventos y lotes",
    Scope.CONSULT: "un documento o un lote por su identificador: su estado, preguntar por él, su XML y su PDF",
    Scope.READ: "las listas",
    Scope.NUMBERING: "los rangos de numeración",
    Scope.ACQUIRERS: "buscar a un adquiriente por su identificación, que solo lo tiene quien lo pidió",
    Scope.DECIDE: "decidir sobre un documento que una persona debe revisar",
}

# What the declarations of requests are called in the document.
_CALLED = {
    "InvoiceRequest": "Factura",
    "CreditNoteRequest": "NotaCredito",
    "DebitNoteRequest": "NotaDebito",
    "SupportDocumentRequest": "DocumentoSoporte",
    "AdjustmentNoteRequest": "NotaAjuste",
    "EquivalentDocumentRequest": "DocumentoEquivalente",
    "EquivalentNoteRequest": "NotaDocumentoEquivalente",
    "EventRequest": "EventoRadian",
    "InvoiceIssue": "DatosDeFactura",
    "CreditNoteIssue": "DatosDeNotaCredito",
    "DebitNoteIssue": "DatosDeNotaDebito",
    "SupportIssue": "DatosDeDocumentoSoporte",
    "EquivalentIssue": "DatosDeDocumentoEquivalente",
    "EquivalentNoteIssue": "DatosDeNotaDocumentoEquivalente",
    "Till": "Caja",
    "Benefits": "Beneficios",
    "Payment": "Pago",
    "PaymentPart": "PagoParcial",
    "TradeReference": "DocumentoComercial",
    "OtherReference": "OtroDocumento",
    "NoteReference": "NotaDeReferencia",
    "Address": "Direccion",
    "Named": "Tercero",
    "Participant": "Participante",
    "Delivery": "Envio",
    "Order": "Orden",
    "ExchangeRate": "TasaDeCambio",
    "Prepayment": "Anticipo",
    "Health": "SectorSalud",
    "CollectionProof": "SoporteDeRecaudo",
    "DeliveryTerms": "Entrega",
    "BillingPeriod": "Periodo",
    "ExpectedTotals": "TotalesEsperados",
    "PaperInvoice": "FacturaDePapel",
    "Charge": "Cargo",
    "Discount": "Descuento",
    "LineRequest": "Linea",
    "Tax": "ImpuestoDeLinea",
    "Withholding": "RetencionDeLinea",
    "ReferencePrice": "PrecioDeReferencia",
    "Principal": "Mandante",
    "Consignment": "Remesa",
    "OtherCode": "OtroCodigo",
    "Purchase": "Compra",
    "Buyer": "Adquiriente",
    "Seller": "Vendedor",
    "cauce__contracts__v1__requests__InvoiceReference": "FacturaDeReferencia",
    "SupportReference": "DocumentoDeReferencia",
    "CreditReason": "MotivoDeNotaCredito",
    "DebitReason": "MotivoDeNotaDebito",
    "AdjustmentReason": "MotivoDeNotaAjuste",
    "EquivalentReference": "DocumentoEquivalenteDeReferencia",
    "EquivalentReason": "MotivoDeNotaDocumentoEquivalente",
    "cauce__contracts__v1__events__InvoiceReference": "FacturaDelEvento",
    "Person": "QuienRecibio",
    "Heading": "EncabezadoDelEvento",
    "Decision": "Decision",
    "Resending": "Reenvio",
    "NewWebhook": "NuevoWebhook",
    "WebhookChange": "CambioDeWebhook",
    "Again": "RepeticionDeEntregas",
    "NewRange": "RangoNuevo",
    "RangeType": "TipoDeRango",
    "Announced": "ArchivoAnunciado",
}

# What the methods of a generated client are called: as stable as the routes themselves.
_OPERATIONS: dict[Route, str] = {
    ("POST", "/documentos"): "emitirFactura",
    ("GET", "/documentos"): "listarDocumentos",
    ("POST", "/notas-credito"): "emitirNotaCredito",
    ("POST", "/notas-debito"): "emitirNotaDebito",
    ("POST", "/documentos-soporte"): "emitirDocumentoSoporte",
    ("POST", "/notas-ajuste"): "emitirNotaAjuste",
    ("POST", "/documentos-equivalentes"): "emitirDocumentoEquivalente",
    ("POST", "/notas-documento-equivalente"): "emitirNotaDocumentoEquivalente",
    ("POST", "/eventos"): "emitirEvento",
    ("GET", "/documentos/{id}"): "verDocumento",
    ("GET", "/documentos/por-referencia/{referencia}"): "verDocumentoPorReferencia",
    ("GET", "/documentos/{id}/consultar"): "consultarDocumento",
    ("GET", "/documentos/{id}/eventos"): "verEventosDeDocumento",
    ("GET", "/documentos/{id}/xml"): "descargarXml",
    ("GET", "/documentos/{id}/pdf"): "descargarPdf",
    ("GET", "/documentos/{id}/paquete"): "descargarPaquete",
    ("GET", "/documentos/{id}/evidencia"): "descargarEvidencia",
    ("POST", "/documentos/{id}/reenviar-correo"): "reenviarCorreo",
    ("POST", "/documentos/{id}/resolver"): "resolverDocumento",
    ("POST", "/lotes"): "enviarLote",
    ("GET", "/lotes"): "listarLotes",
    ("GET", "/lotes/{id}"): "verLote",
    ("GET", "/emitidos"): "listarEmitidos",
    ("GET", "/cierre/{mes}"): "verCierre",
    ("GET", "/cierre/{mes}/archivos"): "descargarArchivosDelMes",
    ("GET", "/cierre/{mes}/conciliacion"): "conciliarMes",
    ("GET", "/novedades"): "leerNovedades",
    ("POST", "/webhooks"): "crearWebhook",
    ("GET", "/webhooks"): "listarWebhooks",
    ("GET", "/webhooks/{id}"): "verWebhook",
    ("PATCH", "/webhooks/{id}"): "cambiarWebhook",
    ("DELETE", "/webhooks/{id}"): "eliminarWebhook",
    ("POST", "/webhooks/{id}/secreto"): "cambiarSecretoDeWebhook",
    ("POST", "/webhooks/{id}/probar"): "probarWebhook",
    ("POST", "/webhooks/{id}/repetir"): "repetirEntregas",
    ("GET", "/webhooks/{id}/entregas"): "verEntregas",
    ("GET", "/numeraciones"): "listarNumeraciones",
    ("POST", "/numeraciones"): "crearNumeracion",
    ("POST", "/numeraciones/sincronizar"): "sincronizarNumeraciones",
    ("PUT", "/numeraciones/{prefijo}/tipo-documento"): "asignarTipoDeDocumento",
    ("GET", "/lookups/numbering-ranges"): "verRangosDeFactus",
    ("GET", "/catalogos"): "listarCatalogos",
    ("GET", "/catalogos/{nombre}"): "buscarEnCatalogo",
    ("GET", "/adquirientes/{tipo}/{numero}"): "buscarAdquiriente",
    ("GET", "/me"): "verCuenta",
    ("GET", "/preparacion"): "verPreparacion",
    ("GET", "/health"): "verSalud",
    ("GET", "/openapi.json"): "descargarOpenapi",
    ("GET", "/docs"): "verDocumentacion",
    ("GET", "/docs/{archivo}"): "verPaginaDeDocumentacion",
    ("GET", "/docs/errores/{codigo}"): "verError",
    ("GET", "/docs/reglas/{regla}"): "verRegla",
    ("GET", "/consola"): "verConsola",
    ("GET", "/consola/{archivo}"): "verArchivoDeConsola",
}


def called(form: type[BaseModel]) -> str:
    """The name of a request's component."""
    return _CALLED[form.__name__]


def document(base_url: str) -> JsonObject:
    """The document of the API at this address."""
    return {**_whole(), "servers": [{"url": base_url.rstrip("/"), "description": "Esta API"}]}


@cache
def _whole() -> JsonObject:
    groups = dict.fromkeys(each.group for each in every.OPERATIONS.values())
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Cauce",
            "version": VERSION,
            "summary": "Documentos electrónicos colombianos por una sola API",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"token": []}],
        "tags": [{"name": tag(group), "x-displayName": group} for group in groups],
        "paths": _paths(),
        "components": {
            "schemas": dict(sorted(schemas().items())),
            "examples": {code: {"value": example(code)} for code in problems.EXPLAINED},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "El token que le dio el operador, como `cauce_hab_7|…`. Sus alcances: "
                    + "; ".join(f"`{scope.value}`, {about}" for scope, about in _SCOPES.items())
                    + ".",
                }
            },
        },
    }


def schemas() -> JsonObject:
    """All components: of requests by their declarations, of answers by their descriptions."""
    return {**_requests(), **every.schemas()}


def example(code: str) -> JsonObject:
    """An error of this code, as its answer has it."""
    explained, (statuses, title) = problems.EXPLAINED[code], problems.told()[code]
    return {
        "ok": False,
        "error": explained.example,
        "codigo": code,
        "type": f"https://api.ejemplo.co/api/v1/docs/errores/{code}",
        "title": title,
        "status": statuses[0],
        "detail": explained.example,
        "instance": "/v1/documentos",
        "request_id": "9f1c2b7e-5a34-4f0e-8a53-0c7f4d6a2b11",
    }


def _paths() -> JsonObject:
    found: dict[str, JsonObject] = {}
    for route, operation in every.OPERATIONS.items():
        method, path = route
        found.setdefault(path, {})[method.lower()] = _operation(route, operation)
    return dict(found)


def _operation(route: Route, operation: Operation) -> JsonObject:
    found: JsonObject = {
        "operationId": operation_id(route),
        "tags": [tag(operation.group)],
        "summary": operation.summary,
        "description": operation.about,
    }
    scope = rest.SCOPES[route]
    if operation.token is Token.NONE:
        found["security"] = []
    elif operation.token is Token.OPTIONAL:
        found["security"] = [{}, {"token": []}]
    if scope is not None:
        found[SCOPE] = scope.value
    if operation.parameters:
        found["parameters"] = [_parameter(each) for each in operation.parameters]
    if operation.body is not None:
        form = operation.body.form
        component = form if isinstance(form, str) else called(form)
        json: JsonObject = {"schema": named(component)}
        if route in examples.BODIES:
            json["examples"] = {"sencillo": {"summary": "Lo más corto", "value": examples.BODIES[route]}}
        lines = {"schema": {"type": "string", "description": "Un documento por línea."}}
        found["requestBody"] = {
            "description": operation.body.about,
            "required": True,
            "content": {each: lines if "ndjson" in each else json for each in operation.body.media_types},
        }
    found["responses"] = {**_answers(operation), **_errors(route, operation)}
    return found


def operation_id(route: Route) -> str:
    """``resolverDocumento`` of ``POST /documentos/{id}/resolver``."""
    return _OPERATIONS[route]


def tag(group: str) -> str:
    """``catalogos`` of «Catálogos»: what a generated client calls the group, in letters that every language takes."""
    plain = unicodedata.normalize("NFD", group).encode("ascii", "ignore").decode()
    return plain.lower().replace(" ", "-")


def _parameter(parameter: Parameter) -> JsonObject:
    found: JsonObject = {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.about,
        "schema": parameter.schema,
    }
    return {**found, "required": True} if parameter.required else found


def _answers(operation: Operation) -> JsonObject:
    return {str(each.status): _answer(each) for each in operation.answers}


def _answer(answer: Answer) -> JsonObject:
    found: JsonObject = {"description": answer.about}
    if answer.headers:
        found["headers"] = {
            name: {"description": about, "schema": {"type": "string"}}
            for name, about in answer.headers.items()
        }
    json = "application/json"
    if answer.media_types:
        found["content"] = {
            each: {"schema": named(answer.schema) if answer.schema and each == json else _file(each)}
            for each in answer.media_types
        }
    return found


def _file(media_type: str) -> JsonObject:
    if media_type.endswith("json"):  # this document itself
        return {"type": "object"}
    is_text = media_type.startswith("text/") or media_type.endswith("xml")
    return {"type": "string"} if is_text else {"type": "string", "format": "binary"}


def _errors(route: Route, operation: Operation) -> JsonObject:
    by_status: dict[int, list[str]] = {}
    told = problems.told()
    for code in every.errors(route):
        for status in told[code][0]:
            by_status.setdefault(status, []).append(code)
    found: JsonObject = {}
    for status, codes in sorted(by_status.items()):
        content: JsonObject = {
            "application/problem+json": {
                "schema": named("Problema"),
                "examples": {code: {"$ref": f"#/components/examples/{code}"} for code in codes},
            }
        }
        if operation.own_errors and status in (400, 401):
            content["application/json"] = {"schema": named("FallaDeFactus")}
        if status == 404 and route in rest.PAGES:
            content["text/html"] = {"schema": {"type": "string"}}  # to a browser
        found[str(status)] = {
            "description": " · ".join(dict.fromkeys(told[code][1] for code in codes)) or _phrase(status),
            CODES: codes,
            "content": content,
            **_error_headers(status),
        }
    return found


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase


def _error_headers(status: int) -> JsonObject:
    about = {
        401: ("WWW-Authenticate", "Qué se esperaba: `Bearer`."),
        403: ("WWW-Authenticate", "Qué alcance le falta al token, si es eso."),
        429: ("Retry-After", "En cuántos segundos repetir."),
        503: ("Retry-After", "En cuántos segundos repetir, si se sabe."),
    }.get(status)
    if about is None:
        return {}
    return {"headers": {about[0]: {"description": about[1], "schema": {"type": "string"}}}}


def _requests() -> JsonObject:
    """The schemas of the requests, under their Spanish names, without what is said in them to who reads the code."""
    shapes: list[type[BaseModel]] = [
        *REQUESTS.values(),
        events.EventRequest,
        actions.Decision,
        actions.Resending,
        webhooks.NewWebhook,
        webhooks.WebhookChange,
        webhooks.Again,
        actions.NewRange,
        actions.RangeType,
        lots.Announced,
    ]
    _, made = models_json_schema([(shape, "validation") for shape in shapes], ref_template="{model}")
    found: JsonObject = {}
    for name, schema in made["$defs"].items():
        schema.pop("description", None)
        schema["title"] = _CALLED[name]
        for each in schema.get("properties", {}).values():
            _describe(each)
        _point(schema)
        found[_CALLED[name]] = schema
    return {**found, **_joined(found)}


def _describe(field: JsonObject) -> None:
    """Move its title into its description: a generator would call a class after it, «El código». And leave out its
    default, null or none: a field with a default is one that a TypeScript client must send."""
    told = [str(field[name]) for name in ("title", "description") if field.get(name)]
    del field["title"]
    field.pop("default", None)
    field["description"] = ": ".join(told)


def _point(schema: object) -> None:
    """Have each reference name its component as it is called in the document."""
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            schema["$ref"] = COMPONENTS + _CALLED[schema["$ref"]]
        for inner in schema.values():
            _point(inner)
    elif isinstance(schema, list):
        for inner in schema:
            _point(inner)


def _joined(found: JsonObject) -> JsonObject:
    """Bodies that have several forms: an event in a list, and a lot."""
    of_lots = {}
    for tipo, kind in lots.TIPOS.items():
        name = _CALLED[REQUESTS[kind].__name__]
        copied = deepcopy(found[name])
        assert isinstance(copied, dict)
        copied["title"] = f"{name}DeLote"
        copied["properties"]["tipo"] = {
            "type": "string",
            "const": tipo,
            "description": "El tipo: o el de `?tipo=`",
        }
        copied["required"] = [*copied["required"], "referencia"]
        of_lots[f"{name}DeLote"] = copied
    wrapped: JsonObject = {
        "type": "object",
        "description": "Un evento, como lo transmite un proveedor de eventos.",
        "required": ["evento"],
        "properties": {
            "evento": {
                "type": "array",
                "description": "El evento, uno solo.",
                "items": named("EventoRadian"),
                "minItems": 1,
                "maxItems": 1,
            },
            "generalidades": named("GeneralidadesDelEvento", "Lo que no es del evento."),
        },
    }
    return {
        **of_lots,
        "EventoTransmitido": wrapped,
        "GeneralidadesDelEvento": {
            "type": "object",
            "properties": {
                "identificador_transmision": {"type": ["string", "null"], "description": "La referencia."}
            },
        },
        "EventoSolicitado": {"anyOf": [named("EventoRadian"), named("EventoTransmitido")]},
        "LoteSolicitado": {
            "anyOf": [
                {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": lots.MOST_INLINE,
                    "items": {"anyOf": [named(name) for name in of_lots]},
                },
                named("ArchivoAnunciado"),
            ]
        },
    }
