"""Calls to Factus with a token of OAuth, its lists page after page, and the error for an answer that is no document.

Source: Factus's pages «autenticación» and «refresh token». Laravel Passport answers 400 or 401 to what it refuses.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Unpack

from pydantic import SecretStr

from cauce.domain.errors import (
    CauceError,
    CredentialsRejected,
    CredentialsUnusable,
    NotFound,
    NotSent,
    OutcomeUnknown,
)
from cauce.providers import loose
from cauce.providers.base import Connection, Token
from cauce.providers.calls import Calls
from cauce.providers.factus import values
from cauce.providers.factus.answer import MEANINGS, Meaning
from cauce.providers.factus.values import NAME, Row

if TYPE_CHECKING:
    import httpx

    from cauce.providers.http import Parts

CREDENTIALS = ("client_id", "client_secret", "username", "password")
HOSTS = {"1": "https://api.factus.com.co", "2": "https://api-sandbox.factus.com.co"}
"""By DIAN environment: production, tests."""

# A token is renewed this long before it expires. Factus's pages contradict each other on how long it lives
# (600 s, 3600 s, «una hora»), so only ``expires_in`` counts.
_MARGIN_SECONDS = 60


def address(connection: Connection) -> str:
    """The base URL for an issuer: as set, or the published one of its environment."""
    return connection.settings.get("base_url") or HOSTS[connection.issuer.environment]


class Session(Calls):
    """Authorised calls for one issuer."""

    def __init__(self, connection: Connection):
        super().__init__(connection, address)

    def call(self, method: str, path: str, **parts: "Unpack[Parts]") -> "httpx.Response":
        """One call, repeated once with a new token if Factus refuses the first (a 401 processes nothing).

        Raises NotSent where nothing left, OutcomeUnknown where it may have arrived, CredentialsRejected where
        neither token was good.
        """
        token = self.connection.tokens.get(self._login)
        response = self._authorised(token, method, path, **parts)
        if response.status_code != 401:
            return response
        token = self.connection.tokens.get(self._login, rejected=token)
        response = self._authorised(token, method, path, **parts)
        if response.status_code == 401:
            raise CredentialsRejected("Factus rechazó dos veces la autenticación.")
        return response

    def get(self, path: str, search: dict[str, str] | None = None) -> bytes:
        """The body of an answer. Raises NotFound for a 404, besides what every call raises."""
        response = self.call("GET", path, params=search)
        if response.status_code in (200, 201):
            return response.content
        if response.status_code == 404:
            raise NotFound("Factus no lo tiene.")
        raise self.trouble(response)

    def page(self, path: str, search: dict[str, str], page: int) -> tuple[bytes, list[Row], Row]:
        """A page of a list: its body, its rows and its ``pagination``."""
        raw = self.get(path, {**search, "page": str(page)})
        data = loose.mapping(loose.payload_of(NAME, raw).get("data"))
        found = data.get("data")
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise loose.unreadable(NAME, raw)
        return raw, found, loose.mapping(data.get("pagination"))

    def rows(self, path: str, search: dict[str, str]) -> Iterator[tuple[bytes, Row]]:
        """Every row of a list, page after page, each with the body it came in."""
        page, last = 1, 1
        while page <= last:
            raw, found, pagination = self.page(path, search, page)
            yield from ((raw, row) for row in found)
            # A page past the end is empty, whatever the count says.
            last = (loose.whole(pagination.get("last_page")) or 1) if found else 0
            page += 1

    def trouble(self, response: "httpx.Response") -> CauceError:
        """The error to raise for an answer that says nothing about a document."""
        status, raw = response.status_code, response.content
        said = values.message_of(raw)
        detail = f"«{said}»" if said else f"respondió {status}"
        match MEANINGS.get(status, Meaning.UNKNOWN):
            case Meaning.CREDENTIALS:
                return CredentialsRejected(f"Factus rechazó la cuenta o su plan: {detail}.")
            case Meaning.MISROUTED:
                return CredentialsRejected(
                    f"Factus no atiende esta ruta: {detail}. Revise base_url y el dialecto de la cuenta."
                )
            case Meaning.THROTTLED:
                wait = values.wait_seconds(dict(response.headers), self.connection.clock())
                return NotSent("Factus limita las solicitudes.", retry_after=wait, raw=raw)
            case _:
                return OutcomeUnknown(f"Factus respondió {status}.", raw=raw)

    def _authorised(self, token: Token, method: str, path: str, **parts: "Unpack[Parts]") -> "httpx.Response":
        authorization = {"Authorization": f"Bearer {token.access.get_secret_value()}"}
        parts["headers"] = {**parts.get("headers", {}), **authorization}
        return self._exchange(method, path, **parts)

    def _login(self, old: Token | None) -> Token:
        """A new token: by the old one's refresh token, else by password.

        Raises NotSent, CredentialsRejected or CredentialsUnusable: the call that needs the token has not left.
        """
        credentials = self.connection.credentials
        missing = [name for name in CREDENTIALS if name not in credentials]
        if missing:
            raise CredentialsUnusable(f"Faltan credenciales de Factus: {', '.join(missing)}.")
        try:
            if old is not None and old.refresh is not None:
                response = self._ask_token("refresh_token", refresh_token=old.refresh)
                if response.status_code == 200:
                    return self._token(response, old)
            secrets = {name: credentials[name] for name in ("username", "password")}
            response = self._ask_token("password", **secrets)
            if response.status_code == 200:
                return self._token(response, None)
        except OutcomeUnknown as cause:
            raise NotSent("Factus no terminó de responder a la autenticación.") from cause
        if response.status_code == 429:
            wait = values.wait_seconds(dict(response.headers), self.connection.clock())
            raise NotSent("Factus limita las solicitudes.", retry_after=wait)
        if response.status_code >= 500:
            raise NotSent(f"La autenticación de Factus respondió {response.status_code}.")
        raise CredentialsRejected(
            f"Factus rechazó las credenciales (respondió {response.status_code}); revise cliente y usuario."
        )

    def _ask_token(self, grant: str, **secrets: SecretStr) -> "httpx.Response":
        """Ask for a token with a form, as documented: not with JSON, and without the old token in a header."""
        client = {name: self.connection.credentials[name] for name in ("client_id", "client_secret")}
        form = {name: secret.get_secret_value() for name, secret in {**client, **secrets}.items()}
        return self._exchange("POST", "/oauth/token", data={"grant_type": grant, **form})

    def _token(self, response: "httpx.Response", old: Token | None) -> Token:
        found = loose.payload_of(NAME, response.content)
        access, seconds = found.get("access_token"), loose.amount(found.get("expires_in"))
        if not isinstance(access, str) or not access or seconds is None:
            raise NotSent("Factus respondió a la autenticación sin un token.")
        refresh = found.get("refresh_token")
        if isinstance(refresh, str) and refresh:
            kept: SecretStr | None = SecretStr(refresh)
        else:
            kept = old.refresh if old else None
        return Token(
            access=SecretStr(access),
            refresh=kept,
            expires_at=self.connection.clock() + float(seconds) - _MARGIN_SECONDS,
        )

    def _exchange(self, method: str, path: str, **parts: "Unpack[Parts]") -> "httpx.Response":
        from cauce.providers.http import exchange

        return exchange(self.http, NAME, method, path, **parts)
