"""The pages as a browser gets them: the functions' handlers behind an HTTP server of this process, on the AWS in memory.

``python -m tests.face`` shows them to a person.
"""

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.bench.emission import CONTEXT
from tests.flow.handlers import function, http_event

BASE = "/api/v1"


@contextmanager
def served(stage: Callable[[], object] | None = None, port: int = 0) -> Iterator[str]:
    """The base URL of the API, while the context lasts. ``stage`` is called before each request."""
    turn = threading.Lock()  # the clock, AWS in memory and the handlers are made for one request at a time

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            path = parts.path.removeprefix(BASE) + (f"?{parts.query}" if parts.query else "")
            bearer = (self.headers.get("Authorization") or "").removeprefix("Bearer ") or None
            headers = {name: value for name, value in self.headers.items() if name != "Authorization"}
            event = http_event("GET", path, bearer=bearer, headers=headers)
            with turn:
                if stage:
                    stage()
                try:
                    answer = function("GET", path).handler(event, CONTEXT)
                except LookupError:
                    answer = {"statusCode": 404, "body": "{}", "multiValueHeaders": {}}
            body = answer.get("body") or ""
            content = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
            self.send_response(answer["statusCode"])
            for name, values in answer["multiValueHeaders"].items():
                for value in values:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing: what is asked is no test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{BASE}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
