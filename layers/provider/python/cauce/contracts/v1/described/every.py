"""All routes, and what every route of a sort may answer."""

from cauce.contracts.v1 import rest
from cauce.contracts.v1.described import (
    account,
    acquirers,
    catalogues,
    closes,
    documents,
    listings,
    lots,
    news,
    pages,
    problems,
    ranges,
    webhooks,
)
from cauce.contracts.v1.described.model import Operation, Schema, Token
from cauce.contracts.v1.rest import Route
from cauce.domain.access_token import ACTS

OPERATIONS: dict[Route, Operation] = {
    **documents.OPERATIONS,
    **lots.OPERATIONS,
    **listings.OPERATIONS,
    **closes.OPERATIONS,
    **news.OPERATIONS,
    **webhooks.OPERATIONS,
    **ranges.OPERATIONS,
    **catalogues.OPERATIONS,
    **acquirers.OPERATIONS,
    **account.OPERATIONS,
    **pages.OPERATIONS,
}

# Of API Gateway too, which answers these itself.
_ALL = ("error_interno", "demasiadas_solicitudes", "tiempo_agotado", "solicitud_invalida", "acceso_denegado")
_WITH_TOKEN = ("no_autenticado", "emisor_suspendido", "ocupado", "version_posterior", "encabezado_repetido")
_WITH_BODY = (
    "json_invalido",
    "cuerpo_demasiado_grande",
    "tipo_de_contenido_no_soportado",
    "encabezado_repetido",
    "datos_invalidos",
)


def schemas() -> dict[str, Schema]:
    """The schemas of all answers, by the names of their components."""
    return {
        **documents.schemas(),
        **lots.schemas(),
        **listings.schemas(),
        **closes.schemas(),
        **news.schemas(),
        **webhooks.schemas(),
        **catalogues.schemas(),
        **acquirers.schemas(),
        **ranges.schemas(),
        **account.schemas(),
        **problems.schemas(),
    }


def errors(route: Route) -> tuple[str, ...]:
    """The codes of all errors that a route may answer with."""
    operation, scope = OPERATIONS[route], rest.SCOPES[route]
    found = [*operation.errors, *_ALL]
    if operation.token is not Token.NONE:
        found += _WITH_TOKEN
    if scope is not None:
        found.append("alcance_insuficiente")
    if scope in ACTS:
        found.append("token_de_otro_ambiente")
    if operation.body is not None:
        found += _WITH_BODY
    if "{" in route[1]:  # what the path says may be none that a route takes
        found.append("no_encontrado")
    return tuple(dict.fromkeys(found))
