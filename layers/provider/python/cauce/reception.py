"""Reception: who is speaking, and whether their token may be used for what they ask."""

from cauce import access, wiring
from cauce.api import rest, routes, web
from cauce.domain.access import AccessToken
from cauce.domain.issuer import Issuer


def caller(request: rest.Request) -> tuple[Issuer, AccessToken]:
    """The issuer that a request speaks for, with a token that may use its route.

    Raises Unauthenticated, IssuerSuspended, ScopeMissing or OtherWorld.
    """
    gateway = wiring.gateway()
    token = access.shown(gateway, web.bearer(request.headers))
    return access.admitted(gateway, token, routes.SCOPES[request.route]), token
