"""Access tokens: whether one is valid, for which issuer and for what; how they are made and revoked."""

from collections.abc import Iterable
from datetime import datetime

from cauce.domain.access_token import ACTS, USUAL, AccessToken, Bearer, Scope, new_secret, secret_hash
from cauce.domain.errors import IssuerSuspended, NotFound, OtherWorld, ScopeMissing, Unauthenticated
from cauce.domain.issuer import Issuer
from cauce.domain.time import bogota
from cauce.gateway import Admitting


def shown(gateway: Admitting, bearer: Bearer) -> AccessToken:
    """The stored token of a bearer. Raises Unauthenticated where there is none, its secret is another, or it was
    revoked."""
    token = gateway.access_tokens.read(bearer.id)
    if token is None or not token.admits(bearer):
        raise Unauthenticated("El token es inválido o fue revocado.")
    return token


def admitted(gateway: Admitting, token: AccessToken, scope: Scope | None) -> Issuer:
    """The issuer that a token speaks for, if it may be used for ``scope`` now; without a scope, for anything.

    Raises Unauthenticated for a token that has ended, IssuerSuspended, ScopeMissing, or OtherWorld: a test token must
    not emit real documents from the day that its issuer is in production, nor the other way round.
    """
    if token.expires_at is not None and gateway.now() >= token.expires_at:
        raise Unauthenticated(
            f"El token venció el {bogota(token.expires_at):%Y-%m-%d a las %H:%M}; pida uno nuevo al operador."
        )
    gateway.access_tokens.used(token, gateway.now())
    issuer = gateway.issuers.read(token.issuer)
    if not issuer.active:
        raise IssuerSuspended("El emisor está suspendido; comuníquese con el operador.")
    if scope is not None and scope not in token.scopes:
        raise ScopeMissing(scope)
    if scope in ACTS and token.world not in (None, issuer.environment):
        raise OtherWorld(token.world.called, issuer.environment.called)
    return issuer


def grant(
    gateway: Admitting,
    nit: str,
    *,
    name: str,
    email: str,
    scopes: Iterable[Scope] = USUAL,
    expires_at: datetime | None = None,
) -> tuple[AccessToken, str]:
    """A new token for the issuer's present environment, and its bearer, ``cauce_hab_7|…``, which is kept nowhere."""
    issuer = gateway.issuers.read(nit)
    secret = new_secret()
    token = AccessToken(
        id=gateway.counters.next("token"),
        issuer=issuer.nit,
        name=name,
        email=email,
        secret_hash=secret_hash(secret.get_secret_value()),
        created_at=gateway.now(),
        world=issuer.environment,
        expires_at=expires_at,
        scopes=frozenset(scopes),
    )
    gateway.access_tokens.save(token)
    return token, Bearer(token.id, secret, token.world).text()


def own_token(gateway: Admitting, nit: str, token_id: int) -> AccessToken:
    """An issuer's own token. Raises NotFound for any other id, another issuer's included."""
    issuer = gateway.issuers.read(nit)
    token = gateway.access_tokens.read(token_id)
    if token is None or token.issuer != issuer.nit:
        raise NotFound(f"El emisor {issuer.nit} no tiene un token con id {token_id}.")
    return token


def revoke(gateway: Admitting, nit: str, token_id: int) -> AccessToken:
    """Revoke a token of the issuer's. Idempotent: the first time stays. Raises NotFound as ``own_token``."""
    token = own_token(gateway, nit, token_id)
    if token.revoked_at is None:
        token = token.model_copy(update={"revoked_at": gateway.now()})
        gateway.access_tokens.save(token)
    return token
