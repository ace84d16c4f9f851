"""The contract's routes, and the scope that a token needs for each."""

from cauce.domain.access_token import Scope

Route = tuple[str, str]
"""Method and path, as the template writes it below ``/v1``."""

# The scope of each route of the four functions; ``None`` where any token will do. ``/health`` needs no token at all.
SCOPES: dict[Route, Scope | None] = {
    ("POST", "/documentos"): Scope.EMIT,
    ("POST", "/notas-credito"): Scope.EMIT,
    ("POST", "/notas-debito"): Scope.EMIT,
    ("POST", "/documentos-soporte"): Scope.EMIT,
    ("POST", "/notas-ajuste"): Scope.EMIT,
    ("POST", "/eventos"): Scope.EMIT,
    ("POST", "/lotes"): Scope.EMIT,
    ("GET", "/lotes/{id}"): Scope.CONSULT,
    ("GET", "/health"): None,
    ("GET", "/me"): None,
    ("GET", "/documentos/{id}"): Scope.CONSULT,
    ("GET", "/documentos/{id}/consultar"): Scope.CONSULT,
    ("GET", "/documentos/{id}/xml"): Scope.CONSULT,
    ("GET", "/documentos/{id}/pdf"): Scope.CONSULT,
    ("POST", "/documentos/{id}/resolver"): Scope.DECIDE,
    ("GET", "/documentos"): Scope.READ,
    ("GET", "/emitidos"): Scope.READ,
    ("GET", "/numeraciones"): Scope.NUMBERING,
    ("POST", "/numeraciones"): Scope.NUMBERING,
    ("POST", "/numeraciones/sincronizar"): Scope.NUMBERING,
    ("PUT", "/numeraciones/{prefijo}/tipo-documento"): Scope.NUMBERING,
    ("GET", "/lookups/numbering-ranges"): Scope.NUMBERING,
}


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


def _same(parts: list[str], asked: list[str]) -> bool:
    return all(part == given or part.startswith("{") for part, given in zip(parts, asked, strict=True))
