"""A small threaded HTTP server for simulators: routes, a log of requests, and faults to order.

A simulator subclasses `Simulator`, fills its `Router`, and offers its faults as ordinary methods listed in
`controls`; the same names can be called over HTTP at `POST /_simulator/faults` (loopback only).
"""

import json
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from selectors import EVENT_READ, DefaultSelector
from socketserver import TCPServer
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.simulators.faults import Fault, Faults
from tests.simulators.routing import Answer, ConnectionLost, Request, Router, html_answer, json_answer

_CONTROL = "/_simulator/"
_KEEP_ALIVE_SECONDS = 60
_MAX_BODY_BYTES = 20_000_000


@dataclass
class Seen:
    """One logged request: headers with Authorization redacted, body parsed if it is JSON or a form."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    status: int | None = None
    note: str = ""


class Simulator:
    """An HTTP server on a thread of its own; a context manager."""

    title = "simulator"
    orders: tuple[str, ...] = ()
    """The names of the methods that may be ordered, besides the three that every simulator has."""
    secret_fields: frozenset[str] = frozenset({"password", "client_secret", "access_token", "refresh_token"})

    def __init__(
        self, host: str = "127.0.0.1", port: int = 0, say: Callable[[str], None] | None = None
    ) -> None:
        self.router = Router()
        self.faults = Faults()
        self.stopping = threading.Event()
        self._say = say
        self._seen: list[Seen] = []
        self._log_lock = threading.Lock()
        self._address = (host, port)
        self.address: tuple[str, int] | None = None
        """Where it is reached, while it is."""
        self._server: _Server | None = None

    # Implemented by each simulator --------------------------------------------------------------

    def expected(self) -> dict[str, str]:
        """The invented credentials that the simulator accepts."""
        raise NotImplementedError

    @property
    def controls(self) -> dict[str, Callable[..., None]]:
        """Fault name → method; each takes keyword arguments that JSON can carry."""
        return {
            name: getattr(self, name) for name in ("lose_next_answer", "stall", "answer_next", *self.orders)
        }

    def state(self) -> dict[str, Any]:
        raise NotImplementedError

    def reset(self) -> None:
        """As a new simulator: the log and the ordered faults are gone too."""
        self.faults.clear()
        with self._log_lock:
            self._seen.clear()

    def respond(self, request: Request) -> Answer:
        """The provider's own answer, without faults."""
        raise NotImplementedError

    def fault_answer(self, fault: Fault, request: Request) -> Answer:
        """The answer of an `answer` fault, in place of the provider's own."""
        raise NotImplementedError

    # Start and stop ----------------------------------------------------------------------------

    def start(self) -> Self:
        self._server = _Server(self._address, self)
        host, port = self._server.server_address[:2]
        self.address = (str(host), port)
        threading.Thread(target=self._server.serve_forever, name=self.title, daemon=True).start()
        return self

    def stop(self) -> None:
        self.stopping.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = self.address = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        if self.address is None:
            raise RuntimeError(f"the {self.title} simulator is not running")
        return "http://{}:{}".format(*self.address)

    @property
    def requests(self) -> list[Seen]:
        """All requests so far, oldest first, without those to the control plane."""
        with self._log_lock:
            return list(self._seen)

    # One request -------------------------------------------------------------------------------

    def handle(self, request: Request) -> Answer:
        """The answer to one request, faults applied. Raises ConnectionLost to close without an answer."""
        seen = self._log(request)
        try:
            answer = self._answer(request)
        except ConnectionLost as loss:
            self._settle(seen, None, str(loss))
            raise
        self._settle(seen, answer.status, answer.note)
        return answer

    def _answer(self, request: Request) -> Answer:
        stall = self.faults.take("stall", request.method, request.path)
        if stall:
            self.stopping.wait(stall.details["seconds"])
        lost = self.faults.take("lose", request.method, request.path)
        if lost and not lost.details["stored"]:
            raise ConnectionLost("connection closed before anything was done")
        instead = self.faults.take("answer", request.method, request.path)
        if instead and not instead.details["stored"]:
            return self.fault_answer(instead, request)
        answer = self.respond(request)
        if lost:
            raise ConnectionLost(f"answer lost ({answer.status}; {answer.note or 'done'})")
        if instead and instead.details["status"] == "truncated":
            return Answer(
                answer.status, answer.body[: len(answer.body) // 2], answer.headers, "answer cut in half"
            )
        return self.fault_answer(instead, request) if instead else answer

    def control(self, request: Request) -> Answer:
        """The loopback control plane: `faults`, `state`, `reset`."""
        match (request.method, request.path.removeprefix(_CONTROL)):
            case ("POST", "faults"):
                return self._take_orders(request.body)
            case ("GET", "state"):
                return json_answer(
                    200, {**self.state(), "requests": [asdict(seen) for seen in self.requests]}
                )
            case ("POST", "reset"):
                self.reset()
                return json_answer(200, {"ok": True})
        return json_answer(404, {"error": "control plane: POST faults, GET state, POST reset"})

    def _take_orders(self, body: bytes) -> Answer:
        try:
            ordered = json.loads(body)
            for arguments in ordered if isinstance(ordered, list) else [ordered]:
                arguments = dict(arguments)
                self.controls[arguments.pop("fault")](**arguments)
        except (KeyError, TypeError, ValueError) as cause:
            known = sorted(self.controls)
            return json_answer(400, {"error": f"{type(cause).__name__}: {cause}", "faults": known})
        return json_answer(200, {"ok": True})

    # Log ---------------------------------------------------------------------------------------

    def _log(self, request: Request) -> Seen:
        headers = {
            name: "[redacted]" if name == "authorization" else text for name, text in request.headers.items()
        }
        seen = Seen(
            request.method, unquote(request.path), dict(request.query), headers, self._readable(request)
        )
        with self._log_lock:
            self._seen.append(seen)
        return seen

    def _settle(self, seen: Seen, status: int | None, note: str) -> None:
        seen.status, seen.note = status, note
        if self._say is not None:
            outcome = "lost" if status is None else str(status)
            now = datetime.now().astimezone()
            self._say(f"{now:%H:%M:%S}  {seen.method:<6} {seen.path}  {outcome}  {note}".rstrip())

    def _readable(self, request: Request) -> Any:
        if not request.body:
            return None
        text = request.body.decode("utf-8", "replace")
        if request.media_type() == "application/x-www-form-urlencoded":
            return self._redacted(dict(parse_qsl(text, keep_blank_values=True)))
        try:
            return self._redacted(json.loads(text))
        except ValueError:
            return f"[{len(request.body)} bytes of {request.media_type() or 'no type'}]"

    def _redacted(self, body: Any) -> Any:
        if not isinstance(body, dict):
            return body
        return {name: "[redacted]" if name in self.secret_fields else value for name, value in body.items()}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], simulator: Simulator) -> None:
        self.simulator = simulator
        self._ending, self._end = socket.socketpair()
        self._ended = threading.Event()
        super().__init__(address, _Connection)

    def server_bind(self) -> None:
        """Without HTTPServer's search for the host's name, which nothing here asks for."""
        TCPServer.server_bind(self)

    def serve_forever(self, poll_interval: float = 0.5) -> None:
        """Serve until ``shutdown``, which socketserver notices only at its next poll, and here at once."""
        with DefaultSelector() as ready:
            ready.register(self, EVENT_READ)
            ready.register(self._ending, EVENT_READ)
            while all(key.fileobj is self for key, _ in ready.select()):
                self._handle_request_noblock()
        self._ended.set()

    def shutdown(self) -> None:
        self._end.send(b"end")
        self._ended.wait()

    def server_close(self) -> None:
        super().server_close()
        self._ending.close()
        self._end.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that closed the connection is no error here; anything else gets its traceback."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Connection(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = _KEEP_ALIVE_SECONDS

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _MAX_BODY_BYTES:
            return self._send(html_answer(413, "Payload Too Large"))
        target = urlsplit(self.path)
        request = Request(
            self.command,
            target.path,
            tuple(parse_qsl(target.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length),
        )
        simulator = self.server.simulator
        try:
            if not target.path.startswith(_CONTROL):
                self._send(simulator.handle(request))
            elif ip_address(self.client_address[0]).is_loopback:
                self._send(simulator.control(request))
            else:
                self._send(json_answer(403, {"error": "the control plane answers on loopback only"}))
        except ConnectionLost:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:
        """No lines of http.server: the simulator writes its own."""
