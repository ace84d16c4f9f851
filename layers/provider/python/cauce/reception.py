"""Reception: who is speaking, whether their token may be used for what they ask, and the line that says so.

The line (``aws.audit_log``) is one JSON object with these fields, null where there is no such thing: ``time``,
``request_id`` (API Gateway's, as in its access log), ``method``, ``route`` (the template's, never the path that was
asked, which may hold anything), ``token`` (its id, where its secret was shown), ``issuer`` (NIT), ``document``,
``lot``, ``status``, ``codigo``. Neither a secret nor anybody's name is in it.

It is written as the request is answered: one whose function dies leaves none. What such a request may have done, its
token with it, stands in its document's trace, which is written before anything is done; ``begun`` is for what has no
document.
"""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from cauce import access, observability, wiring
from cauce.contracts.v1 import rest, routes, web
from cauce.domain.access import ACTS, AccessToken
from cauce.domain.issuer import Issuer

_NOTED = ("token", "issuer", "document", "lot", "codigo")


def answered(api: APIGatewayRestResolver, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The answer to a request, after its line was kept."""
    noted = observability.noting()
    with wiring.within_a_request():
        answer: dict[str, Any] = api.resolve(event, context)
    _keep(event, noted, answer["statusCode"])
    return answer


def begun(event: dict[str, Any]) -> None:
    """Keep a line, without ``status``, of a request that has a provider do now what no record of ours tells."""
    _keep(event, observability.noted(), None)


def caller(request: rest.Request) -> tuple[Issuer, AccessToken]:
    """The issuer that a request speaks for, with a token that may use its route, and now.

    Raises Unauthenticated, IssuerSuspended, ScopeMissing, OtherWorld or TooManyRequests.
    """
    gateway = wiring.gateway()
    token = access.shown(gateway, web.bearer(request.headers))
    observability.note(token=token.id, issuer=token.issuer)
    scope = routes.SCOPES[request.route]
    issuer = access.admitted(gateway, token, scope)
    limit = issuer.request_limit or gateway.request_limit
    gateway.request_counts.count(token, limit, gateway.now(), acts=scope in ACTS)
    return issuer, token


def _keep(event: dict[str, Any], noted: dict[str, Any], status: int | None) -> None:
    gateway = wiring.gateway()
    line = {
        "time": gateway.now().isoformat(timespec="milliseconds"),
        "request_id": observability.request_id(event),
        "method": event["httpMethod"],
        "route": routes.pattern(event["httpMethod"], rest.path(event["path"])),
        **{name: noted.get(name) for name in _NOTED},
        "status": status,
    }
    gateway.audit_log.write(line)
