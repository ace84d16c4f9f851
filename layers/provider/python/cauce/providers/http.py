"""The one place that sorts HTTP transport failures by what is safe to do next.

An exchange returns whatever answer came, of any status: what a status means is each provider's documentation.
Only silence is classified here. Every call of a client takes its turn first, and a 429 stops all of them.
"""

import math
import time
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from cauce.domain.errors import NotSent, OutcomeUnknown
from cauce.domain.outage import Failure
from cauce.providers.base import Turns, Unpaced

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
# A limiter that does not say how long: what most of them count in.
RETRY_AFTER_SECONDS = 60.0
_LONGEST_REST_SECONDS = 86_400.0


def client(base_url: str, *, turns: Turns | None = None, read_seconds: float = READ_SECONDS) -> httpx.Client:
    """A client for one provider: certificates verified, no redirects, every wait finite, every call in its turn."""
    turns = turns or Unpaced()

    def take(_: httpx.Request) -> None:
        turns.take()

    def heed(response: httpx.Response) -> None:
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            turns.rest(retry_after(response))

    return httpx.Client(
        base_url=base_url,
        timeout=httpx.Timeout(read_seconds, connect=CONNECT_SECONDS),
        follow_redirects=False,
        headers={"Accept": "application/json"},
        event_hooks={"request": [take], "response": [heed]},
    )


def exchange(http: httpx.Client, provider: str, method: str, path: str, **options: Any) -> httpx.Response:
    """Send one request and read its whole answer, in which our own credential never stands.

    Raises NotSent where it never left, OutcomeUnknown where it may have arrived. Never repeats.
    """
    try:
        return _redacted(http.request(method, path, **options))
    except NEVER_LEFT as cause:
        raise NotSent(f"No se pudo conectar con {provider}.", failure=Failure.SILENCE) from cause
    except httpx.TransportError as cause:
        raise OutcomeUnknown(f"{provider} no terminó de responder.", failure=Failure.SILENCE) from cause
    except httpx.DecodingError as cause:
        raise OutcomeUnknown(f"{provider} respondió algo ilegible.") from cause


def _redacted(response: httpx.Response) -> httpx.Response:
    """The answer without the credential that the request carried.

    A service in debug mode repeats the headers it was sent, and answers are archived where nothing is deleted.
    """
    credential = response.request.headers.get("Authorization", "").partition(" ")[2].encode()
    if len(credential) < _SHORTEST_CREDENTIAL or credential not in response.content:
        return response
    headers = [(name, value) for name, value in response.headers.multi_items() if name not in _OF_THE_BYTES]
    content = response.content.replace(credential, b"[oculto]")
    return httpx.Response(response.status_code, headers=headers, content=content, request=response.request)


# What is shorter could be part of any answer.
_SHORTEST_CREDENTIAL = 8
# Headers about the content as it travelled.
_OF_THE_BYTES = frozenset({"content-encoding", "content-length", "transfer-encoding"})


def retry_after(response: httpx.Response) -> float:
    """Seconds that an answer asks to wait, in either form of Retry-After (RFC 9110, 10.2.3); a minute if none."""
    asked = response.headers.get("Retry-After", "")
    try:
        seconds = float(asked)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(asked).timestamp() - time.time()
        except ValueError:
            return RETRY_AFTER_SECONDS
    if not math.isfinite(seconds):
        return RETRY_AFTER_SECONDS
    return min(max(0.0, seconds), _LONGEST_REST_SECONDS)
