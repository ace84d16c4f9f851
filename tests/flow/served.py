"""The functions on a port of this machine, for programs that speak HTTP: generated clients, and schemathesis.

Between the two stands what API Gateway does: it finds the route, and refuses what no route has. What the functions
queue is delivered after each request, as the queues' event source mappings would.
"""

import base64
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from cauce.contracts.v1 import rest, web
from cauce.contracts.v1.rest import Route
from cauce.domain.errors import NotFound
from tests.flow.handlers import http_event, routed

STAGE = "/api/v1"


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Served:
    """``url`` is that of the contract; ``answered`` counts each route's statuses, ``failed`` has what our own code
    raised."""

    def __init__(self, context: Any, deliver: Callable[[], object]):
        self.url, self.answered, self.failed = "", Counter[tuple[Route | None, int]](), list[str]()
        self._context, self._deliver = context, deliver

    def __call__(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        method, path = environ["REQUEST_METHOD"], _text(environ["PATH_INFO"]).removeprefix(STAGE)
        try:
            handler = routed(method, path).handler
        except LookupError:
            status, headers, body = web.problem(NotFound("Esta ruta no existe."), path, "1", self.url)
            start(f"{status} {status}", [*headers.items()])
            return [body.encode()]
        try:
            answer = handler(_event(environ, method, path), self._context, asked_by_us=False)
            self._deliver()
        except Exception as error:  # a test's program would only see a closed connection
            self.failed.append(f"{method} {path}: {error!r}")
            start("500 Internal Server Error", [("Content-Type", "text/plain; charset=utf-8")])
            return [repr(error).encode()]
        status = answer["statusCode"]
        self.answered[_route(method, path), status] += 1
        headers = [(name, value) for name, values in answer["multiValueHeaders"].items() for value in values]
        start(f"{status} {status}", headers)
        body = answer["body"]
        return [base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()]


def _route(method: str, path: str) -> Route | None:
    pattern = rest.pattern(method, path)
    return None if pattern is None else (method, pattern)


def _text(raw: str) -> str:
    return raw.encode("latin-1").decode("utf-8", errors="replace")


def _event(environ: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    given = {
        name[5:].replace("_", "-").title(): value for name, value in environ.items() if name[:5] == "HTTP_"
    }
    if environ.get("CONTENT_TYPE"):
        given["Content-Type"] = environ["CONTENT_TYPE"]
    query = environ.get("QUERY_STRING")
    # Every body comes encoded: the template calls all media types binary.
    made = http_event(method, f"/?{query}" if query else "/", sent or None, bearer=None, headers={})
    return {
        **made,
        "path": f"/v1{path}",
        "resource": f"/v1{path}",
        "headers": given,
        "multiValueHeaders": {name: [value] for name, value in given.items()},
        "requestContext": {**made["requestContext"], "path": f"/api/v1{path}"},
    }


@contextmanager
def served(context: SimpleNamespace, deliver: Callable[[], object]) -> Iterator[Served]:
    application = Served(context, deliver)
    with make_server("127.0.0.1", 0, application, handler_class=_Quiet) as server:
        application.url = f"http://127.0.0.1:{server.server_port}{STAGE}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield application
        finally:
            server.shutdown()
            thread.join()
