"""The addresses that a file may be fetched from. They come in answers, so they are not trusted. Pure."""

import re
from typing import TYPE_CHECKING

from cauce.domain.errors import Unsupported
from cauce.providers.afacturar.options import Options

if TYPE_CHECKING:
    import httpx

_OWN = re.compile(r"([a-z0-9-]+\.)*afacturar\.com")


def allowed(url: str, options: Options) -> "httpx.URL":
    """The address, parsed by the library that will fetch it, so that check and fetch see the same host.

    Allowed are https at Afacturar's own domain and at the hosts of ``artifact_hosts``, on the usual port, and the
    configured ``base_url``'s origin. Raises Unsupported for any other: it could be inside our own network.
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
