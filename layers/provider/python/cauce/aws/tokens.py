"""Provider tokens, shared by every container so that a cold start is not a login. They are sealed in the table."""

from collections.abc import Callable

from pydantic import SecretStr

from cauce.aws import items, keys
from cauce.aws.items import Attributes
from cauce.aws.sealed import DoesNotOpen, Seals
from cauce.aws.table import Table
from cauce.domain.errors import NotSent
from cauce.providers.base import Token

# A login that takes longer than this has died; another container may try.
_LEASE_SECONDS = 15
_POLL_SECONDS = 0.2


class SharedToken:
    """One issuer's token for one provider: in memory, then in the table, then by logging in under a lease."""

    def __init__(
        self,
        table: Table,
        seals: Seals,
        nit: str,
        provider: str,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ):
        self._table = table
        self._seals = seals
        self._place = keys.provider_token(nit, provider)
        self._clock = clock
        self._sleep = sleep
        self._held: Token | None = None

    def get(self, login: Callable[[Token | None], Token], *, rejected: Token | None = None) -> Token:
        """As ``providers.base.TokenCache`` says. Raises NotSent where the login of another container does not end in
        time."""
        if held := self._usable(self._held, rejected):
            return held
        deadline = self._clock() + 2 * _LEASE_SECONDS
        while self._clock() < deadline:
            if stored := self._usable(self._stored(), rejected):
                self._held = stored
                return stored
            if self._lease():
                return self._renew(login, rejected)
            self._sleep(_POLL_SECONDS)
        raise NotSent("El acceso al proveedor está ocupado.", retry_after=_LEASE_SECONDS)

    def _usable(self, token: Token | None, rejected: Token | None) -> Token | None:
        """The token, unless it is over or the one that was rejected."""
        if token is None or token.expires_at <= self._clock():
            return None
        return None if rejected is not None and token.access == rejected.access else token

    def _stored(self) -> Token | None:
        attributes = self._table.attributes(self._place)
        access = self._opened(attributes, "access")
        if access is None:
            return None
        return Token(
            access=access,
            refresh=self._opened(attributes, "refresh"),
            expires_at=float(attributes["token_expires_at"]),
        )

    def _opened(self, attributes: Attributes, name: str) -> SecretStr | None:
        """A stored token: in clear if it was written before tokens were sealed, else opened. ``None`` where there is
        none or it does not open: the caller then logs in."""
        if name in attributes:
            return SecretStr(attributes[name])
        sealed = attributes.get(f"sealed_{name}")
        try:
            return SecretStr(self._seals.open(sealed, self._place, f"sealed_{name}")) if sealed else None
        except DoesNotOpen:
            return None

    def _sealed(self, token: SecretStr | None, name: str) -> dict[str, str]:
        if token is None:
            return {}
        attribute = f"sealed_{name}"
        return {attribute: self._seals.seal(token.get_secret_value(), self._place, attribute)}

    def _lease(self) -> bool:
        now = int(self._clock())
        leased = self._table.update(
            self._place,
            "SET leased_until = :until",
            {":until": now + _LEASE_SECONDS, ":now": now},
            condition="attribute_not_exists(leased_until) OR leased_until < :now",
        )
        return leased is not None

    def _renew(self, login: Callable[[Token | None], Token], rejected: Token | None) -> Token:
        """Log in under the lease, unless another container stored a token between our read and our lease."""
        try:
            self._seals.ready()  # before the login: a token that cannot be sealed could not be kept
            stored = self._stored()
            token = self._usable(stored, rejected) or login(stored)
        except BaseException:
            self._write({})
            raise
        self._write(
            {
                **self._sealed(token.access, "access"),
                **self._sealed(token.refresh, "refresh"),
                "token_expires_at": str(token.expires_at),
                "expires_at": int(token.expires_at) + 86_400,
            }
        )
        self._held = token
        return token

    def _write(self, attributes: Attributes) -> None:
        """Replace the token and give up the lease; without attributes, give up both."""
        self._table.put(items.pack({**self._place, **attributes}))
