"""One call to an endpoint, which is an address that a stranger chose.

The name is looked up once; if any of its addresses is not public nothing is called, and the connection goes to the
address that was looked at, with the name in TLS and in ``Host``. There are no redirects and no proxies, the whole
call has a limit of time and the answer one of bytes.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from queue import Empty, SimpleQueue
from typing import NamedTuple

import httpcore
import httpx

from cauce.domain.endpoint import Address, is_forbidden, read_address

CALL_SECONDS = 8.0
"""How long a call may take, from the look-up to the end of the answer."""
_CONNECT_SECONDS = 4.0
MOST_BYTES = 16 * 1024
"""Limit of an answer; no more of it is read."""
_KEPT = 300

LookUp = Callable[[str, int], list[str]]
"""The addresses of a name, each as text."""


class Answered(NamedTuple):
    status: int
    beginning: str
    """Of its body, what can be printed."""
    retry_after: float | None


class NoAnswer(Exception):
    """An endpoint was not called, or did not answer; its text is a Spanish sentence."""


def look_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]).partition("%")[0] for each in found))


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    local: bool,
    names: LookUp = look_up,
    context: ssl.SSLContext | None = None,
    seconds: float = CALL_SECONDS,
) -> Answered:
    """POST a body to an endpoint. Raises NoAnswer. ``local``: addresses of this machine and network may be called."""
    network = _Pinned(local=local, names=names, ends=time.monotonic() + seconds)
    asked: list[tuple[bytes | str, bytes | str]] = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("User-Agent", "Cauce-Webhooks/1"),
        *headers.items(),
    ]
    try:
        with (
            httpcore.ConnectionPool(
                ssl_context=context or httpx.create_ssl_context(trust_env=False),
                network_backend=network,
                retries=0,
            ) as pool,
            pool.stream("POST", url, headers=asked, content=body, extensions=_LIMITS) as response,
        ):
            return _read(response)
    except _Forbidden as refused:
        raise NoAnswer(str(refused)) from None
    except (httpcore.ConnectError, socket.gaierror) as cause:
        raise NoAnswer(_unreached(cause)) from None
    except httpcore.TimeoutException:
        raise NoAnswer(f"No respondió en {seconds:g} segundos.") from None
    except (httpcore.NetworkError, httpcore.ProtocolError):
        raise NoAnswer("Cortó la conexión sin responder.") from None


_LIMITS = {
    "timeout": {
        "connect": _CONNECT_SECONDS,
        "read": CALL_SECONDS,
        "write": CALL_SECONDS,
        "pool": CALL_SECONDS,
    }
}


def _unreached(cause: Exception) -> str:
    if isinstance(cause.__context__, ssl.SSLError) or isinstance(cause.__cause__, ssl.SSLError):
        return "Su certificado no es válido para ese nombre, o no habla TLS."
    return "No se pudo conectar."


def _read(response: httpcore.Response) -> Answered:
    content = bytearray()
    for piece in response.iter_stream():
        content += piece
        if len(content) >= MOST_BYTES:
            break
    text = bytes(content[:_KEPT]).decode("utf-8", "replace")
    told = {name.lower(): value for name, value in response.headers}.get(b"retry-after", b"")
    waits = float(told) if told.isdigit() and len(told) < 6 else None
    return Answered(response.status, "".join(sign for sign in text if sign.isprintable()), waits)


class _Forbidden(Exception):
    pass


class _Pinned(httpcore.SyncBackend):
    """Connects only to public addresses, each looked at before, until the call's time is over."""

    def __init__(self, *, local: bool, names: LookUp, ends: float):
        super().__init__()
        self._local, self._names, self._ends = local, names, ends

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        seconds = _left(self._ends, timeout, httpcore.ConnectTimeout)
        address = self._checked(host, port, seconds)
        left = _left(self._ends, timeout, httpcore.ConnectTimeout)
        return _Timed(super().connect_tcp(address, port, left, local_address, socket_options), self._ends)

    def _checked(self, host: str, port: int, seconds: float) -> str:
        """The address to connect to. Raises _Forbidden where any address of the name may not be called."""
        found = _looked_up(self._names, host, port, seconds)
        addresses = [read_address(each) for each in found]
        if not found or not all(map(self._may_be_called, addresses)):
            raise _Forbidden("El nombre del servidor lleva a una dirección que no es pública; no se llamó.")
        return found[0]

    def _may_be_called(self, address: Address | None) -> bool:
        return address is not None and (self._local or not is_forbidden(address))


def _looked_up(names: LookUp, host: str, port: int, seconds: float) -> list[str]:
    """The addresses of a name. A look-up has no limit of its own: one that takes longer is left to itself."""
    answers: SimpleQueue[list[str] | None] = SimpleQueue()

    def look() -> None:
        try:
            answers.put(names(host, port))
        except (OSError, UnicodeError):
            answers.put(None)

    threading.Thread(target=look, daemon=True).start()
    try:
        found = answers.get(timeout=seconds)
    except Empty:
        raise _Forbidden("El DNS no dijo a tiempo dónde está el servidor.") from None
    if found is None:
        raise _Forbidden("El nombre del servidor no se encuentra en el DNS.")
    return found


class _Timed(httpcore.NetworkStream):
    """A connection on which no wait outlasts the call."""

    def __init__(self, stream: httpcore.NetworkStream, ends: float):
        self._stream, self._ends = stream, ends

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._ends, timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._ends, timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(self._ends, timeout, httpcore.ConnectTimeout)
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, left), self._ends)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _left(ends: float, timeout: float | None, over: type[Exception]) -> float:
    """Seconds that a wait may last. Raises ``over`` where the call's time is used up."""
    left = ends - time.monotonic()
    if left <= 0:
        raise over("the call's time is used up")
    return left if timeout is None else min(timeout, left)
