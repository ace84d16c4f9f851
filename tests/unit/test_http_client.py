"""The client that every provider is called with: where a request may go, and where it may never follow."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cauce.providers import http


class _Redirecting(BaseHTTPRequestHandler):
    """Sends whoever asks for ``/documents`` elsewhere, and notes everything that is asked."""

    asked: list[str]

    def do_POST(self) -> None:
        self.asked.append(f"{self.command} {self.path}")
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(307 if self.path == "/documents" else 200)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def redirecting() -> Iterator[tuple[str, list[str]]]:
    """The address of such a server, and what was asked of it."""
    asked: list[str] = []
    handler = type("Redirecting", (_Redirecting,), {"asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_a_redirect_is_not_followed_with_a_document_and_its_credential(
    redirecting: tuple[str, list[str]],
) -> None:
    address, asked = redirecting

    with http.client(address) as client:
        answer = http.exchange(
            client, "Factus", "POST", "/documents", content=b"{}", headers={"Authorization": "Bearer secret"}
        )

    assert answer.status_code == 307
    assert asked == ["POST /documents"]
