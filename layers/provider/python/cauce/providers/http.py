"""The one place that sorts HTTP transport failures by what is safe to do next.

An exchange returns whatever answer came, of any status: what a status means is each provider's documentation.
Only silence is classified here.
"""

from typing import Any

import httpx

from cauce.domain.errors import NotSent, OutcomeUnknown

# Raised before a byte of the request has left: repeat freely.
NEVER_LEFT: tuple[type[httpx.TransportError], ...] = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
# Raised with the request on its way, or its answer: ask before repeating.
MAY_HAVE_ARRIVED: tuple[type[httpx.TransportError], ...] = (
    httpx.ReadError,
    httpx.ReadTimeout,
    httpx.WriteError,
    httpx.WriteTimeout,
    httpx.CloseError,
    httpx.RemoteProtocolError,
    httpx.LocalProtocolError,
    httpx.TimeoutException,
    httpx.NetworkError,
    httpx.ProtocolError,
)

CONNECT_SECONDS = 5.0
# Longest an answer is waited for: DIAN's round trip is inside the call; Afacturar gives up at 60 s.
READ_SECONDS = 60.0


def client(base_url: str, *, read_seconds: float = READ_SECONDS) -> httpx.Client:
    """A client for one provider: certificates verified, no redirects, every wait finite."""
    return httpx.Client(
        base_url=base_url,
        timeout=httpx.Timeout(read_seconds, connect=CONNECT_SECONDS),
        follow_redirects=False,
        headers={"Accept": "application/json"},
    )


def exchange(http: httpx.Client, provider: str, method: str, path: str, **options: Any) -> httpx.Response:
    """Send one request and read its whole answer.

    Raises NotSent where it never left, OutcomeUnknown where it may have arrived. Never repeats.
    """
    try:
        return http.request(method, path, **options)
    except NEVER_LEFT as cause:
        raise NotSent(f"No se pudo conectar con {provider}.") from cause
    except httpx.TransportError as cause:
        raise OutcomeUnknown(f"{provider} no terminó de responder.") from cause
    except httpx.DecodingError as cause:
        raise OutcomeUnknown(f"{provider} respondió algo ilegible.") from cause
