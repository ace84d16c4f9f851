"""Calls to Afacturar with the issuer's token: forms, JSON, and a file by its address."""

import re
from typing import TYPE_CHECKING, Unpack

from cauce.domain.errors import (
    CredentialsRejected,
    CredentialsUnusable,
    NotFound,
    OutcomeUnknown,
    Unsupported,
)
from cauce.providers.afacturar import answer
from cauce.providers.afacturar.answer import Meaning, Reply
from cauce.providers.afacturar.options import Options, address, options
from cauce.providers.afacturar.payload import Fields
from cauce.providers.afacturar.values import NAME
from cauce.providers.base import Connection
from cauce.providers.calls import Calls

if TYPE_CHECKING:
    import httpx

    from cauce.providers.http import Parts

_OWN = re.compile(r"([a-z0-9-]+\.)*afacturar\.com")
TOKEN = "token"  # noqa: S105  the secret's name


class Session(Calls):
    """Calls for one issuer. Its token cannot be renewed, so that a call whose token is refused is not repeated."""

    def __init__(self, connection: Connection):
        super().__init__(connection, lambda made: address(made.settings, made.issuer.environment))

    @property
    def options(self) -> Options:
        return options(self.connection.settings, self.connection.issuer.environment)

    @property
    def read_seconds(self) -> float:
        return self.options.read_seconds

    def form(self, path: str, fields: Fields) -> Reply:
        """Post a multipart form and read the answer.

        Raises NotSent where the form never left, OutcomeUnknown where it may have arrived.
        """
        return self._post(path, files={name: (None, value) for name, value in fields.items()})

    def json(self, path: str, body: bytes) -> Reply:
        """Post JSON and read the answer. Raises as ``form`` does."""
        return self._post(path, content=body, headers={"Content-Type": "application/json"})

    def _post(self, path: str, **parts: "Unpack[Parts]") -> Reply:
        from cauce.providers.http import exchange

        parts["headers"] = {**self._authorization(), **parts.get("headers", {})}
        response = exchange(self.http, NAME, "POST", path, **parts)
        reply = answer.reply(response.content, response.status_code)
        if reply.meaning is Meaning.THROTTLED:  # by the code in the body; the HTTP status may be 200
            self.connection.turns.rest(answer.WINDOW_SECONDS)
        return reply

    def file(self, url: str) -> bytes:
        """A file by an address that came in an answer. Raises Unsupported for an address that is not allowed."""
        from cauce.providers.http import MOST_XML_BYTES, exchange

        url = str(allowed(url, self.options))
        headers = {"Accept": "*/*", **(self._authorization() if self.options.artifact_token else {})}
        response = exchange(self.http, NAME, "GET", url, headers=headers, most_bytes=MOST_XML_BYTES)
        match response.status_code:
            case 200:
                return response.content
            case 401 | 403:
                raise CredentialsRejected("Afacturar no deja leer el archivo; revise artifact_token.")
            case 404 | 410:
                raise NotFound("Afacturar ya no tiene el archivo.")
            case 429:
                raise answer.trouble(Reply(Meaning.THROTTLED, 429, {}, response.content))
            case status:
                raise OutcomeUnknown(f"El archivo de Afacturar respondió {status}.", raw=response.content)

    def _authorization(self) -> dict[str, str]:
        token = self.connection.credentials.get(TOKEN)
        if token is None:
            raise CredentialsUnusable(f"Faltan credenciales de Afacturar: {TOKEN}.")
        return {"Authorization": f"Bearer {token.get_secret_value()}"}


def allowed(url: str, options: Options) -> "httpx.URL":
    """The address of a file, parsed by the library that will fetch it, so that check and fetch see the same host.

    It came in an answer, so it is not trusted. Allowed are https at Afacturar's own domain and at the hosts of
    ``artifact_hosts``, on the usual port, and the configured ``base_url``'s origin. Raises Unsupported for any other:
    it could be inside our own network.
    """
    import httpx

    try:
        found, base = httpx.URL(url), httpx.URL(options.base_url)
    except httpx.InvalidURL as cause:
        raise Unsupported("Afacturar da el archivo en una dirección que no es válida.") from cause
    if found.userinfo == b"" and (_origin(found) == _origin(base) or _is_own(found, options)):
        return found
    raise Unsupported(
        f"Afacturar da el archivo en «{found.host}», que no está permitido; si es suyo, añádalo a artifact_hosts."
    )


def _origin(url: "httpx.URL") -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _is_own(url: "httpx.URL", options: Options) -> bool:
    if url.scheme != "https" or url.port is not None:
        return False
    return _OWN.fullmatch(url.host) is not None or url.host in options.artifact_hosts
