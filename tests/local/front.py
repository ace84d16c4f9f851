"""The API under a short address, as a custom domain gives it in AWS: ``http://127.0.0.1:8080/api/v1``."""

import errno
import http.client
import os
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import SplitResult, urlsplit

from tests.local.deploy import Stack
from tests.local.engine import is_taken

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}


class Front:
    """Passes every request to a deployed API, and returns its answer unchanged. A context manager.

    It has its port, and so its address, before there is an API: what comes meanwhile waits. Raises OSError where the
    port is taken.
    """

    def __init__(self, port: int = 0):
        # A port on which somebody listens at every address can be had at this one on some systems.
        if port and is_taken(port):
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
        self._server.daemon_threads = True
        self._is_serving = False
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}/api/v1"

    def serve(self, stack: Stack) -> None:
        """Pass requests to this stack's API from now on."""
        certificate = stack.engine.certificate
        trust = ssl.create_default_context(cafile=str(certificate)) if certificate else None
        target = urlsplit(stack.api_url)
        self._server.RequestHandlerClass = type("Handler", (_Handler,), {"target": target, "trust": trust})
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self._is_serving = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_serving:
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
