"""The one place that sorts HTTP transport failures by what is safe to do next.

An exchange returns whatever answer came, of any status: what a status means is each provider's documentation.
Only silence and endless answers are classified here. A whole answer has a limit of bytes and a whole call a limit of
time, so that neither an endless body nor one that drips holds a function. Each call takes its turn first, and after a
429 no container calls for as long as the provider asks.
"""

import math
import ssl
import time
import urllib.request
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TypedDict, Unpack

import httpcore
import httpx

from cauce.domain.errors import Held, NotSent, OutcomeUnknown
from cauce.domain.outage import Failure
from cauce.providers.base import Turns, Unpaced
from cauce.providers.deadline import is_impatient, longest_exchange, until

# Raised before a byte of the request has left: repeat freely. After any other TransportError ask before repeating.
NEVER_LEFT: tuple[type[httpx.TransportError], ...] = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
CONNECT_SECONDS = 5.0
# How long an answer is waited for: the provider's own call to DIAN is within it, and Afacturar gives up at 60 s.
READ_SECONDS = 60.0
# The wait after a 429 that does not say how long: most limiters count by the minute.
RETRY_AFTER_SECONDS = 60.0
_LONGEST_REST_SECONDS = 86_400.0

MOST_BYTES = 8 * 2**20
"""Limit of an answer; a listing of a hundred documents takes a tenth of it."""
MOST_XML_BYTES = 16 * 2**20
"""Limit of an answer with a signed document in it."""
# How much of an answer that is too long goes to the archive.
_KEPT_BYTES = 64 * 2**10
_CHUNK_BYTES = 64 * 2**10

# A call is not begun with less time left than this.
LEAST_SECONDS = 1.0
# Second of ``time.monotonic`` at which the call under way ends.
_ENDS: ContextVar[float] = ContextVar("ends", default=math.inf)


def client(base_url: str, *, turns: Turns | None = None, read_seconds: float = READ_SECONDS) -> httpx.Client:
    """A client for one provider: certificates verified, no redirects, every wait finite, every call in its turn.

    A call takes at most ``CONNECT_SECONDS`` and ``read_seconds`` together, after its turn has come.
    """
    turns = turns or Unpaced()

    def take(request: httpx.Request) -> None:
        turns.take(until() - time.monotonic() - LEAST_SECONDS)
        now, limits = time.monotonic(), request.extensions["timeout"]
        if until() - now < LEAST_SECONDS:
            raise Held("No queda tiempo para esperar la respuesta del proveedor.", retry_after=LEAST_SECONDS)
        _ENDS.set(min(until(), now + min(limits["connect"] + limits["read"], longest_exchange())))

    def heed(response: httpx.Response) -> None:
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            turns.rest(retry_after(response))

    return httpx.Client(
        base_url=base_url,
        timeout=httpx.Timeout(read_seconds, connect=CONNECT_SECONDS),
        follow_redirects=False,
        headers={"Accept": "application/json"},
        # Through a proxy, where the machine has one, only httpx's own transport connects: the limit of a call's time
        # is then looked at only between the pieces of an answer.
        transport=None if {"http", "https", "all"} & urllib.request.getproxies().keys() else _Transport(),
        event_hooks={"request": [take], "response": [heed]},
    )


class Parts(TypedDict, total=False):
    """What a request has besides its method and its path; ``files`` are the fields of a multipart form."""

    headers: Mapping[str, str]
    params: Mapping[str, str] | None
    content: bytes
    data: Mapping[str, str]
    files: Mapping[str, tuple[None, str]]
    timeout: httpx.Timeout


def exchange(
    http: httpx.Client,
    provider: str,
    method: str,
    path: str | httpx.URL,
    *,
    most_bytes: int = MOST_BYTES,
    **parts: Unpack[Parts],
) -> httpx.Response:
    """Send one request and read its whole answer, our own credential removed if the answer repeats it.

    Raises NotSent where the request never left, as Held where its turn is too far off, and OutcomeUnknown where it
    may have arrived or the answer is longer than ``most_bytes``. Never repeats.
    """
    _ENDS.set(math.inf)  # forget the deadline of the call before; this one gets its own when its turn comes
    try:
        with http.stream(method, path, **parts) as response:
            return _redacted(response, _read(response, provider, most_bytes))
    except NEVER_LEFT as cause:
        raise NotSent(f"No se pudo conectar con {provider}.", failure=_silence()) from cause
    except httpx.TransportError as cause:
        raise OutcomeUnknown(f"{provider} no terminó de responder.", failure=_silence()) from cause
    except httpx.DecodingError as cause:
        raise OutcomeUnknown(f"{provider} respondió algo ilegible.") from cause


def _read(response: httpx.Response, provider: str, most: int) -> bytes:
    content = bytearray()
    for piece in response.iter_bytes(_CHUNK_BYTES):
        content += piece
        if len(content) > most:
            raise OutcomeUnknown(
                f"{provider} respondió más de lo que cabe en una respuesta.", raw=bytes(content[:_KEPT_BYTES])
            )
        if time.monotonic() >= _ENDS.get():
            raise httpx.ReadTimeout("the answer drips", request=response.request)
    return bytes(content)


def _silence() -> Failure:
    """SILENCE of the provider; CUT_SHORT where our own caller waits no longer."""
    return Failure.CUT_SHORT if is_impatient() else Failure.SILENCE


def _redacted(response: httpx.Response, content: bytes) -> httpx.Response:
    """The answer with the content that was read, without the credential of its request.

    A service in debug mode repeats the headers it was sent, and nothing is ever deleted from the archive of answers.
    """
    credential = response.request.headers.get("Authorization", "").partition(" ")[2].encode()
    if len(credential) >= _SHORTEST_CREDENTIAL:
        content = content.replace(credential, b"[oculto]")
    headers = [(name, value) for name, value in response.headers.multi_items() if name not in _OF_THE_BYTES]
    return httpx.Response(response.status_code, headers=headers, content=content, request=response.request)


# A shorter credential could be part of any answer by chance.
_SHORTEST_CREDENTIAL = 8
# Headers about the encoding in which the content travelled; it is decoded by now.
_OF_THE_BYTES = frozenset({"content-encoding", "content-length", "transfer-encoding"})


def retry_after(response: httpx.Response) -> float:
    """Seconds that an answer asks to wait, in either form of Retry-After (RFC 9110, 10.2.3); a minute if none.

    A date in it is compared with the answer's own ``Date``, so that no clock need be right.
    """
    asked = response.headers.get("Retry-After", "")
    try:
        seconds = float(asked)
    except ValueError:
        try:
            answered = parsedate_to_datetime(response.headers.get("Date", ""))
            seconds = (parsedate_to_datetime(asked) - answered).total_seconds()
        except (ValueError, TypeError):  # no date, or only one of the two with a time zone
            return RETRY_AFTER_SECONDS
    if not math.isfinite(seconds):
        return RETRY_AFTER_SECONDS
    return min(max(0.0, seconds), _LONGEST_REST_SECONDS)


class _Transport(httpx.HTTPTransport):
    """httpx's transport, on connections that end with their call. httpx's own limits are for one wait, and begin anew
    with every byte."""

    def __init__(self) -> None:
        super().__init__(verify=_verified())
        self._pool = httpcore.ConnectionPool(
            ssl_context=_verified(),
            max_connections=_CONNECTIONS,
            max_keepalive_connections=_CONNECTIONS,
            keepalive_expiry=_KEPT_OPEN_SECONDS,
            network_backend=_Network(),
        )


@cache
def _verified() -> ssl.SSLContext:
    """One context for all clients of the process: the list of authorities takes 30 ms to read."""
    return httpx.create_ssl_context()


# More than a container needs: it makes one call at a time, to one host or two.
_CONNECTIONS = 10
_KEPT_OPEN_SECONDS = 5.0


class _Network(httpcore.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(super().connect_tcp(host, port, left, local_address, socket_options))


class _Stream(httpcore.NetworkStream):
    """A connection on which no wait outlasts the call."""

    def __init__(self, stream: httpcore.NetworkStream):
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _CHUNK_BYTES):
            self._stream.write(buffer[start : start + _CHUNK_BYTES], _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _left(timeout: float | None, over: type[Exception]) -> float:
    """Seconds that a wait may last. Raises ``over`` where the call's time is used up."""
    left = _ENDS.get() - time.monotonic()
    if left <= 0:
        raise over("the call's time is used up")
    return left if timeout is None else min(timeout, left)
