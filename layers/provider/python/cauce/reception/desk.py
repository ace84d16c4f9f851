"""The desk: who makes a request, whether their token may be used for it, and the line in the audit log.

The line (``aws.audit_log``) is one JSON object with these fields, null where there is no such thing: ``time``,
``request_id`` (API Gateway's, as in its access log), ``method``, ``route`` (the template's, never the path that was
asked, which may hold anything), ``token`` (its id, where its secret was shown), ``issuer`` (NIT), ``document``,
``lot``, ``status``, ``codigo``. Neither a secret nor anybody's name is in it.

It is written as the request is answered, so a request whose function dies leaves none. What such a request may have
done is in its document's trace, with its token, and is written there before it is done. ``begun`` is for requests
without a document.
"""

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from cauce import observability, wiring
from cauce.contracts.v1 import rest, web
from cauce.domain.access_token import ACTS, AccessToken
from cauce.domain.issuer import Issuer
from cauce.reception import access

_NOTED = ("token", "issuer", "document", "lot", "codigo")


def answered(
    api: APIGatewayRestResolver, event: observability.Fields, context: LambdaContext
) -> observability.Fields:
    """The answer of the request's route, after its line in the audit log was written. The calls to providers that the
    route makes end together within 26 s (``wiring.within_a_request``). Pages (``rest.PAGES``) leave no line."""
    noted = observability.noting()
    with wiring.within_a_request():
        answer = api.resolve(event, context)
    if not rest.is_page(str(event["httpMethod"]), rest.path(str(event["path"]))):
        _keep(event, noted, answer["statusCode"])
    return answer


def begun(event: observability.Fields) -> None:
    """Write the line, without ``status``, of a request before its provider does something that no record of ours
    tells."""
    _keep(event, observability.noted(), None)


def caller(request: rest.Request) -> tuple[Issuer, AccessToken]:
    """The issuer that a request speaks for, and its token, which may use the route now and is within its limit.

    Raises Unauthenticated, IssuerSuspended, ScopeMissing, OtherWorld or TooManyRequests.
    """
    gateway = wiring.gateway()
    token = access.shown(gateway, web.bearer(request.headers))
    observability.note(token=token.id, issuer=token.issuer)
    scope = rest.SCOPES[request.route]
    issuer = access.admitted(gateway, token, scope)
    limit = issuer.request_limit or gateway.request_limit
    gateway.request_counts.count(token, limit, gateway.now(), acts=scope in ACTS)
    return issuer, token


def _keep(event: observability.Fields, noted: observability.Fields, status: int | None) -> None:
    gateway, method = wiring.gateway(), str(event["httpMethod"])
    line = {
        "time": gateway.now().isoformat(timespec="milliseconds"),
        "request_id": observability.request_id(event),
        "method": method,
        "route": rest.pattern(method, rest.path(str(event["path"]))),
        **{name: noted.get(name) for name in _NOTED},
        "status": status,
    }
    gateway.audit_log.write(line)
