"""HTTP around the contract: who calls, what headers ask for, errors as problem details (RFC 9457)."""

import hashlib
import math
import re
from collections.abc import Mapping, Sequence

from cauce.contracts.v1 import errors as api
from cauce.contracts.v1 import lot_answers, names
from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.render import dump, of_finding
from cauce.domain import errors
from cauce.domain.access_token import Bearer, read_bearer
from cauce.domain.errors import CauceError
from cauce.domain.lot import Lot
from cauce.domain.record import Record

JSON = "application/json; charset=utf-8"
PROBLEM_JSON = "application/problem+json; charset=utf-8"
# Answers tell one issuer's business, and may change at any moment.
NO_STORE = {"Cache-Control": "no-store"}

# Every error there is, with its status and its title; a test walks the subclasses of CauceError.
PROBLEMS: dict[type[CauceError], tuple[int, str]] = {
    CauceError: (500, "Error interno"),
    api.BadRequest: (400, "JSON inválido"),
    api.RepeatedHeader: (400, "Encabezado repetido"),
    api.TooLarge: (413, "Cuerpo demasiado grande"),
    errors.DocumentTooLarge: (413, "Documento demasiado grande"),
    api.UnsupportedMediaType: (415, "Tipo de contenido no soportado"),
    errors.Unauthenticated: (401, "No autenticado"),
    errors.IssuerSuspended: (403, "Emisor suspendido"),
    errors.PermissionDenied: (403, "Permiso no concedido"),
    errors.ScopeMissing: (403, "Alcance insuficiente"),
    errors.OtherWorld: (403, "Token de otro ambiente"),
    errors.NotFound: (404, "No encontrado"),
    errors.Conflict: (409, "Conflicto"),
    errors.InvoicePending: (409, "Factura pendiente"),
    errors.ReferenceConflict: (409, "Referencia en uso"),
    errors.InvalidDocument: (422, "Datos inválidos"),
    errors.Unsupported: (422, "No soportado por el proveedor"),
    errors.NumberingUnavailable: (422, "Numeración no disponible"),
    errors.QuotaExceeded: (429, "Cuota excedida"),
    errors.TooManyRequests: (429, "Demasiadas solicitudes"),
    # The provider refused our operator's credentials: nothing in the request would mend it.
    errors.CredentialsRejected: (502, "El proveedor rechazó las credenciales"),
    errors.NotSent: (503, "Proveedor no disponible"),
    errors.Held: (503, "Proveedor en espera"),
    errors.Busy: (503, "Ocupado"),
    # During a deployment, or after one was taken back: nothing in the request would mend it.
    errors.WrittenByNewer: (503, "Versión posterior"),
    errors.OutcomeUnknown: (504, "Resultado desconocido"),
}

ERROR_PAGES = "/docs/errores"
"""Where the pages of errors are, below the API's address."""

_BUSY_SECONDS = 1
_FAULT_SECONDS = 5
_DEPLOYED_SECONDS = 60
_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
_JSON_NAMED = "application/json"
_BEARER = re.compile(r"(?i:bearer) +([\x21-\x7e]{1,200})")

Headers = Mapping[str, str | Sequence[str]] | None
"""By name, in whatever case that came; each with its value, or with all its values."""
Answer = tuple[int, dict[str, str], str]
"""Status, headers and body of an HTTP answer."""


def answer(status: int, body: object, **headers: str) -> Answer:
    """A JSON answer."""
    return status, {"Content-Type": JSON, **NO_STORE, **headers}, dump(body)


def kept(headers: Headers, body: object) -> Answer:
    """A JSON answer that may be kept for an hour; 304 without body where the caller has it."""
    text = dump(body)
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    told = {"Content-Type": JSON, "ETag": tag, "Cache-Control": "private, max-age=3600"}
    return (304, told, "") if has_kept(headers, tag) else (200, told, text)


def has_kept(headers: Headers, tag: str) -> bool:
    """Whether the caller has what this ``ETag`` names (RFC 9110, 13.1.2), compared weakly."""
    kept = ",".join(_values(headers, "If-None-Match"))
    return any(each.strip().removeprefix("W/") in (tag, "*") for each in kept.split(","))


def problem(error: CauceError, instance: str, request_id: str, base_url: str) -> Answer:
    """An error as problem details with seed 002's fields in it.

    ``instance``: the path that was asked for. ``request_id``: the request's id in the logs. ``base_url``: the API's,
    where the page is that explains the error.
    """
    status, title = next(PROBLEMS[base] for base in type(error).__mro__ if base in PROBLEMS)
    body: JsonObject = {
        "ok": False,
        "error": error.message,
        "codigo": error.code,
        "type": f"{base_url}{ERROR_PAGES}/{error.code}",
        "title": title,
        "status": status,
        "detail": _detail(error),
        "instance": instance,
        "request_id": request_id,
        **_members(error),
    }
    if error.fields:
        body["errors"] = names.of_error(error)
    return status, {"Content-Type": PROBLEM_JSON, **NO_STORE, **_headers(error)}, dump(body)


def internal_error(instance: str, request_id: str, base_url: str) -> Answer:
    """The answer to a fault of ours, which says only that it happened."""
    error = CauceError("Error interno. Consulte el documento antes de enviarlo otra vez.")
    return problem(error, instance, request_id, base_url)


def busy(method: str, instance: str, request_id: str, base_url: str) -> Answer:
    """The answer to a fault of AWS's, which may have come before or after the request was carried out."""
    sentence = "El servicio está ocupado; repita la misma solicitud en unos segundos."
    if method != "GET":
        sentence += " Con «referencia» o Idempotency-Key nada se hace dos veces; sin ellas, consulte antes."
    status, headers, body = problem(errors.Busy(sentence), instance, request_id, base_url)
    return status, {**headers, "Retry-After": str(_FAULT_SECONDS)}, body


def bearer(headers: Headers) -> Bearer:
    """The token of ``Authorization: Bearer {token}``. Raises Unauthenticated for anything else."""
    values = _values(headers, "Authorization")
    if len(values) > 1:
        raise errors.Unauthenticated("Llegaron dos encabezados Authorization distintos; envíe uno solo.")
    found = _BEARER.fullmatch(values[0].strip(" ")) if values else None
    shown = read_bearer(found[1]) if found else None
    if shown is None:
        raise errors.Unauthenticated(
            "Token inválido o ausente. Envíe el encabezado Authorization: Bearer y el token, tal como se lo dieron."
        )
    return shown


def idempotency_key(headers: Headers) -> str | None:
    """The caller's own name for the request. Raises RepeatedHeader where two different ones came."""
    return header(headers, "Idempotency-Key")


def responds_async(headers: Headers) -> bool:
    """Whether ``Prefer: respond-async`` (RFC 7240) asks not to wait for the outcome."""
    preferences = ",".join(_values(headers, "Prefer")).lower().split(",")  # a list, in one header or several
    return any(preference.split(";")[0].strip() == "respond-async" for preference in preferences)


def accepts(headers: Headers, media_types: Sequence[str]) -> str | None:
    """Of these media types, the one that ``Accept`` (RFC 9110, 12.5.1) names and wants most, the first of equals.

    ``None`` where JSON is to be answered: where it names none of them, as ``*/*``, wants JSON more, or names JSON and
    wants it as much.
    """
    wanted: dict[str, float] = {}
    for accepted in ",".join(_values(headers, "Accept")).lower().split(","):
        name, *parameters = (part.strip() for part in accepted.split(";"))
        weights = [part[2:] for part in parameters if part.startswith("q=")]
        wanted[name] = float(weights[0]) if weights and _WEIGHT.fullmatch(weights[0]) else float(not weights)
    best = max(media_types, key=lambda each: wanted.get(each, 0.0))
    own = wanted.get(best, 0.0)
    json = next((wanted[name] for name in (_JSON_NAMED, "application/*", "*/*") if name in wanted), 0.0)
    return best if own > json or (own == json > 0 and _JSON_NAMED not in wanted) else None


def header(headers: Headers, name: str) -> str | None:
    """A header whatever the case of its name. Raises RepeatedHeader where it came with different values."""
    found = _values(headers, name)
    if len(found) > 1:
        raise api.RepeatedHeader(name)
    return found[0] if found else None


def _values(headers: Headers, name: str) -> list[str]:
    """The different values of a header, in the order they came."""
    found = [
        value
        for key, given in (headers or {}).items()
        if key.lower() == name.lower()
        for value in ([given] if isinstance(given, str) else given)
    ]
    return list(dict.fromkeys(value for value in found if value))


def _detail(error: CauceError) -> str:
    """The message or, where there are fields, the first of them to mend."""
    first = next((sentences[0] for sentences in error.fields.values() if sentences), error.message)
    more = len(error.fields) - 1
    return first if more < 1 else f"{first} (y {more} más)"


def _members(error: CauceError) -> JsonObject:
    match error:
        case errors.PermissionDenied():
            return {"permiso": error.permission}
        case errors.ScopeMissing():
            return {"alcance": error.scope}
        case errors.InvoicePending(other=Record() as other):
            return {"documento": _named(other)}
        case errors.ReferenceConflict(other=Record() as other):
            return {"documento": _named(other), "diferencias": list(error.differing)}
        case errors.ReferenceConflict(lot=Lot() as lot):
            return {"lote": lot_answers.named(lot), "diferencias": list(error.differing)}
        case errors.QuotaExceeded():
            return {"consumidos": error.used, "limite": error.limit, "periodo": error.period}
        case errors.InvalidDocument() if error.findings:
            return {"hallazgos": [of_finding(finding, names.UNKNOWN) for finding in error.findings]}
        case errors.Unsupported() if error.providers:
            return {"proveedores": list(error.providers)}
    return {}


def _named(record: Record) -> JsonObject:
    """The document that a request conflicts with, for the answer."""
    return {
        "tracking_id": record.document_id,
        "numero_completo": str(record.number) if record.number else None,
        "estado": record.shown_state,
    }


def _headers(error: CauceError) -> dict[str, str]:
    if isinstance(error, errors.Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, errors.ScopeMissing):  # RFC 6750, 3.1
        return {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{error.scope}"'}
    if isinstance(error, errors.Busy):
        return {"Retry-After": str(_BUSY_SECONDS)}
    if isinstance(error, errors.WrittenByNewer):
        return {"Retry-After": str(_DEPLOYED_SECONDS)}
    waits = (errors.NotSent, errors.QuotaExceeded, errors.TooManyRequests)
    if isinstance(error, waits) and error.retry_after is not None:
        return {"Retry-After": str(max(0, math.ceil(error.retry_after)))}
    return {}
