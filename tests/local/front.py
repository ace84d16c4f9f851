"""The API under a short address, as a custom domain gives it in AWS: ``http://127.0.0.1:8080/api/v1``."""

import http.client
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import SplitResult, urlsplit

from tests.local.deploy import Stack

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}


class Front:
    """Passes every request to a deployed API, and returns its answer unchanged. A context manager.

    Links in answers still have the API's own address: the stack does not know this one.
    """

    def __init__(self, stack: Stack, port: int = 0):
        target = urlsplit(stack.api_url)
        certificate = stack.engine.certificate
        trust = ssl.create_default_context(cafile=str(certificate)) if certificate else None
        handler = type("Handler", (_Handler,), {"target": target, "trust": trust})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/api/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    target: SplitResult
    trust: ssl.SSLContext | None

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        prefix = self.target.path.removesuffix("/api/v1")
        connection = self._connection()
        try:
            connection.request(self.command, prefix + self.path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP_BY_HOP | {"date", "server"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self.target.hostname or "", self.target.port
        if self.trust is None:
            return http.client.HTTPConnection(host, port, timeout=60)
        return http.client.HTTPSConnection(host, port, timeout=60, context=self.trust)

    do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = _pass_on

    def log_message(self, format: str, *args: Any) -> None:
        """No log lines, so that they do not mix with the demo's output."""
