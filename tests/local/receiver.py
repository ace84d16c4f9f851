"""An ERP's own server, which receives webhooks on this machine and verifies their signatures."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError


class Receiver:
    """Queues in ``got`` what arrives with a right signature, and refuses what does not. A context manager."""

    def __init__(self) -> None:
        self.secret = ""
        """As ``cauce webhook add`` tells it; nothing is taken before it is known."""
        self.got: Queue[dict[str, Any]] = Queue()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(204 if receiver.take(body, dict(self.headers)) else 401)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/novedades"

    def take(self, body: bytes, headers: dict[str, str]) -> bool:
        """Whether a delivery is signed by the secret; then it is queued."""
        if not self.secret:
            return False
        try:
            Webhook(self.secret).verify(body, {name.lower(): value for name, value in headers.items()})
        except WebhookVerificationError:
            return False
        self.got.put(json.loads(body))
        return True

    def __enter__(self) -> "Receiver":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
