"""Lambda around the contract: its routes and the scope that each needs, API Gateway's events in, answers out, one
handler for every error.
"""

import os
from collections.abc import Mapping, Sequence

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from cauce import faults, observability
from cauce.contracts.v1 import bodies, web
from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.web import Answer
from cauce.domain.access_token import Scope
from cauce.domain.errors import Busy, CauceError, NotFound
from cauce.observability import logger, note

_VERSION_PATH = "/v1"

Route = tuple[str, str]
"""Method and path, as the template writes it below ``/v1``."""

# Pages that hold nobody's data: no token is asked for, and no line of the audit log written.
PAGES: tuple[Route, ...] = (
    ("GET", "/openapi.json"),
    ("GET", "/docs"),
    ("GET", "/docs/{archivo}"),
    ("GET", "/docs/errores/{codigo}"),
    ("GET", "/docs/reglas/{regla}"),
    ("GET", "/consola"),
    ("GET", "/consola/{archivo}"),
)

# The scope of each route of the four functions; ``None`` where any token will do. ``/health`` and PAGES need no token
# at all.
SCOPES: dict[Route, Scope | None] = {
    ("POST", "/documentos"): Scope.EMIT,
    ("POST", "/notas-credito"): Scope.EMIT,
    ("POST", "/notas-debito"): Scope.EMIT,
    ("POST", "/documentos-soporte"): Scope.EMIT,
    ("POST", "/notas-ajuste"): Scope.EMIT,
    ("POST", "/documentos-equivalentes"): Scope.EMIT,
    ("POST", "/notas-documento-equivalente"): Scope.EMIT,
    ("POST", "/eventos"): Scope.EMIT,
    ("POST", "/lotes"): Scope.EMIT,
    ("GET", "/lotes"): Scope.READ,
    ("GET", "/lotes/{id}"): Scope.CONSULT,
    ("GET", "/health"): None,
    ("GET", "/me"): None,
    ("GET", "/preparacion"): None,
    ("GET", "/documentos/{id}"): Scope.CONSULT,
    # Before the routes below an id: a reference may be called «xml».
    ("GET", "/documentos/por-referencia/{referencia}"): Scope.CONSULT,
    ("GET", "/documentos/{id}/consultar"): Scope.CONSULT,
    ("GET", "/documentos/{id}/xml"): Scope.CONSULT,
    ("GET", "/documentos/{id}/pdf"): Scope.CONSULT,
    ("GET", "/documentos/{id}/paquete"): Scope.CONSULT,
    ("GET", "/documentos/{id}/evidencia"): Scope.CONSULT,
    ("GET", "/documentos/{id}/eventos"): Scope.CONSULT,
    ("POST", "/documentos/{id}/resolver"): Scope.DECIDE,
    ("POST", "/documentos/{id}/reenviar-correo"): Scope.EMIT,
    ("GET", "/documentos"): Scope.READ,
    ("GET", "/emitidos"): Scope.READ,
    ("GET", "/adquirientes/{tipo}/{numero}"): Scope.ACQUIRERS,
    ("GET", "/catalogos"): None,
    ("GET", "/catalogos/{nombre}"): None,
    ("GET", "/novedades"): Scope.READ,
    ("GET", "/cierre/{mes}"): Scope.READ,
    ("GET", "/cierre/{mes}/archivos"): Scope.CONSULT,
    ("GET", "/cierre/{mes}/conciliacion"): Scope.READ,
    ("POST", "/webhooks"): Scope.NOTIFY,
    ("GET", "/webhooks"): Scope.NOTIFY,
    ("GET", "/webhooks/{id}"): Scope.NOTIFY,
    ("PATCH", "/webhooks/{id}"): Scope.NOTIFY,
    ("DELETE", "/webhooks/{id}"): Scope.NOTIFY,
    ("POST", "/webhooks/{id}/secreto"): Scope.NOTIFY,
    ("POST", "/webhooks/{id}/probar"): Scope.NOTIFY,
    ("POST", "/webhooks/{id}/repetir"): Scope.NOTIFY,
    ("GET", "/webhooks/{id}/entregas"): Scope.NOTIFY,
    ("GET", "/numeraciones"): Scope.NUMBERING,
    ("POST", "/numeraciones"): Scope.NUMBERING,
    ("POST", "/numeraciones/sincronizar"): Scope.NUMBERING,
    ("PUT", "/numeraciones/{prefijo}/tipo-documento"): Scope.NUMBERING,
    ("GET", "/lookups/numbering-ranges"): Scope.NUMBERING,
    **dict.fromkeys(PAGES),
}
OPEN = frozenset({*PAGES, ("GET", "/health")})
"""What is answered without a token."""

MOST_BYTES = 4_400_000
"""The largest file in an answer. Lambda takes 6 MB, in base64, with the headers."""
LENT_SECONDS = 600

Reply = Response[str | bytes]
"""What a route of the API gives: JSON as text, or a file."""


class Request:
    """A request as the contract's readers take it."""

    def __init__(self, event: APIGatewayProxyEvent):
        self._event = event

    @property
    def route(self) -> Route:
        return route(self._event.http_method, path(self._event.path))

    @property
    def headers(self) -> Mapping[str, str | Sequence[str]]:
        """The headers with every value of each; the event's own ``headers`` have only the last."""
        raw = self._event.raw_event
        return raw.get("multiValueHeaders") or raw.get("headers") or {}

    @property
    def query(self) -> Mapping[str, str]:
        return self._event.query_string_parameters or {}

    def json(self) -> JsonObject:
        """The body. Raises BadRequest, TooLarge or UnsupportedMediaType."""
        return bodies.read_json(*self.body())

    def maybe_json(self) -> JsonObject:
        """As ``json``; empty where there is no body."""
        return self.json() if self._event.body else {}

    def text(self) -> bodies.Body:
        """The body, not read as JSON yet. Raises BadRequest, TooLarge or UnsupportedMediaType."""
        return bodies.read_body(*self.body())

    def body(self) -> tuple[str | None, bool, str | None]:
        """The body as it came, whether that is base64, and its Content-Type."""
        content_type = web.header(self.headers, "Content-Type")
        return self._event.body, bool(self._event.is_base64_encoded), content_type

    @property
    def base_url(self) -> str:
        """The API's URL up to and with ``/v1``, for the links in an answer: as configured, or as API Gateway says
        that it was called. It is never a header's: a caller writes those, and a link could lead tokens elsewhere.
        """
        told = os.environ.get("CAUCE_PUBLIC_URL")
        if told:
            return told.rstrip("/")
        context = self._event.request_context
        base = (context.path or self._event.path).partition(_VERSION_PATH)[0]
        return f"https://{context.domain_name or ''}{base}{_VERSION_PATH}"


def route(method: str, path: str) -> Route:
    """The route of a request. Raises LookupError for an unknown one: a route without a scope lets nobody in."""
    asked = path.rstrip("/").split("/")
    for found in SCOPES:
        parts = found[1].split("/")
        if found[0] == method.upper() and len(parts) == len(asked) and _same(parts, asked):
            return found
    raise LookupError(f"no scope is declared for {method} of this path")


def pattern(method: str, path: str) -> str | None:
    """The path of a request's route as the template writes it; ``None`` where there is no such route."""
    try:
        return route(method, path)[1]
    except LookupError:
        return None


def is_page(method: str, path: str) -> bool:
    return (method, pattern(method, path)) in PAGES


def _same(parts: list[str], asked: list[str]) -> bool:
    return all(part == given or part.startswith("{") for part, given in zip(parts, asked, strict=True))


def request_id(event: APIGatewayProxyEvent) -> str:
    """API Gateway's id of the request, which is in its log and in the answers that it gives itself."""
    return observability.request_id(event.raw_event) or ""


def _asked(event: APIGatewayProxyEvent) -> tuple[str, str, str]:
    """What a problem says of its request: path, id, and the API's address."""
    return event.path, request_id(event), Request(event).base_url


def path(asked: str) -> str:
    """A path below ``/v1``."""
    return asked.removeprefix(_VERSION_PATH)


def resolver() -> APIGatewayRestResolver:
    """A router for one function's routes that answers every error as problem details."""
    api = APIGatewayRestResolver(strip_prefixes=[_VERSION_PATH])

    def refused(error: CauceError) -> Reply:
        # The number of fields and not their names: a caller may make up any name, even that of a buyer.
        note(codigo=error.code)
        logger().info("refused", extra={"codigo": error.code, "fields": len(error.fields)})
        return respond(web.problem(error, *_asked(api.current_event)))

    @api.not_found
    def missing(_: Exception) -> Reply:
        note(codigo=NotFound.code)
        error = NotFound("Esta ruta no existe.")
        return respond(web.problem(error, *_asked(api.current_event)))

    def broken(error: Exception) -> Reply:
        # The class and the place, and not the message, which may quote what the caller sent.
        if faults.is_fault(error):
            logger().error("AWS is busy", extra={"error": type(error).__name__, "at": _place(error)})
            note(codigo=Busy.code)
            event = api.current_event
            return respond(web.busy(event.http_method, *_asked(event)))
        logger().error("unexpected error", extra={"error": type(error).__name__, "at": _place(error)})
        note(codigo=CauceError.code)
        return respond(web.internal_error(*_asked(api.current_event)))

    api.exception_handler(CauceError)(refused)
    api.exception_handler(Exception)(broken)
    return api


def respond(answer: Answer) -> Reply:
    status, headers, body = answer
    content_type = headers.pop("Content-Type")
    return Response(status_code=status, content_type=content_type, headers=dict(headers), body=body)


def answer(status: int, body: object, **headers: str) -> Reply:
    """A JSON answer of the contract."""
    return respond(web.answer(status, body, **headers))


def kept(request: Request, body: JsonObject) -> Reply:
    """A JSON answer that its caller may keep for an hour, and then asks for again by its ``ETag``; 304 where theirs
    is the same."""
    return respond(web.kept(request.headers, body))


def file(content: bytes, content_type: str, name: str, **more: str) -> Reply:
    """A file, byte for byte: text goes as it is, the rest in base64, which API Gateway decodes. ``more``: headers."""
    headers = {**web.NO_STORE, **more, "Content-Disposition": f'attachment; filename="{name}"'}
    try:
        body: str | bytes = content.decode()
    except UnicodeDecodeError:
        body = content
    return Response(status_code=200, content_type=content_type, headers=dict(headers), body=body)


def elsewhere(url: str) -> Reply:
    """The answer to who asks for a file that is too large for Lambda: where it can be got, for ``LENT_SECONDS``."""
    said = {"ok": True, "data": {"url": url, "vence_en_segundos": LENT_SECONDS}}
    return answer(303, said, Location=url)


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
