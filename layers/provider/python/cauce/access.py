"""Access: who is speaking, and for which issuer."""

from pydantic import SecretStr

from cauce.domain.access import AccessToken, new_secret, secret_hash
from cauce.domain.errors import IssuerSuspended, NotFound, Unauthenticated
from cauce.domain.issuer import Issuer
from cauce.gateway import Gateway


def caller(gateway: Gateway, token_id: int, secret: SecretStr) -> tuple[Issuer, AccessToken]:
    """The issuer a bearer token speaks for. Raises Unauthenticated or IssuerSuspended."""
    token = gateway.store.token(token_id)
    if token is None or not token.admits(secret.get_secret_value()):
        raise Unauthenticated("El token es inválido o fue revocado.")
    issuer = gateway.store.issuer(token.issuer)
    if not issuer.active:
        raise IssuerSuspended("El emisor está suspendido; comuníquese con el operador.")
    return issuer, token


def grant(gateway: Gateway, nit: str, *, name: str, email: str) -> tuple[AccessToken, str]:
    """A new token for an issuer, and its bearer ``{id}|{secret}``, which nobody can see again."""
    issuer = gateway.store.issuer(nit)
    secret = new_secret()
    token = AccessToken(
        id=gateway.store.next_id("token"),
        issuer=issuer.nit,
        name=name,
        email=email,
        secret_hash=secret_hash(secret),
        created_at=gateway.now(),
    )
    gateway.store.save_token(token)
    return token, f"{token.id}|{secret}"


def held(gateway: Gateway, nit: str, token_id: int) -> AccessToken:
    """An issuer's own token. Raises NotFound for any other id, another issuer's included."""
    issuer = gateway.store.issuer(nit)
    token = gateway.store.token(token_id)
    if token is None or token.issuer != issuer.nit:
        raise NotFound(f"El emisor {issuer.nit} no tiene un token con id {token_id}.")
    return token


def revoke(gateway: Gateway, nit: str, token_id: int) -> AccessToken:
    """The issuer's token, from now on refused. Revoking twice keeps the first time. Raises NotFound as ``held``."""
    token = held(gateway, nit, token_id)
    if token.revoked_at is None:
        token = token.model_copy(update={"revoked_at": gateway.now()})
        gateway.store.save_token(token)
    return token
