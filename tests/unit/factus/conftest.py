"""A server that gives the answers of a test's script as Factus, over real HTTP, transport failures included."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from cauce.providers.factus.provider import Factus
from tests.unit.factus.builders import factus

TOKEN = {"token_type": "Bearer", "expires_in": 600, "access_token": "t0k3n-1", "refresh_token": "r3fr35h-1"}


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class Script:
    """Answers by method and path, each given once and in order; logins are always answered."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    answers: dict[str, list[tuple[int, bytes, dict[str, str]]]] = field(default_factory=dict)

    def answer(self, call: str, status: int, content: Any, **headers: str) -> None:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.setdefault(call, []).append((status, raw, named))

    def drop(self, call: str) -> None:
        """Close the connection instead of answering."""
        self.answers.setdefault(call, []).append((0, b"", {}))

    def next(self, call: str) -> tuple[int, bytes, dict[str, str]]:
        waiting = self.answers.get(call)
        if waiting:
            return waiting.pop(0)
        if call == "POST /oauth/token":
            return 200, json.dumps(TOKEN).encode(), {}
        return 418, b'{"message": "the test has no answer for this"}', {}

    def calls(self) -> list[str]:
        return [f"{asked.method} {asked.path}" for asked in self.asked]


@pytest.fixture
def script() -> Iterator[Script]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            query = {name: found[-1] for name, found in parse_qs(parts.query).items()}
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): text for name, text in self.headers.items()}
            told.asked.append(Asked(self.command, parts.path, query, headers, self.rfile.read(length)))
            status, raw, extra = told.next(f"{self.command} {parts.path}")
            if status == 0:
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            self.send_response(status)
            for name, text in {"Content-Type": "application/json", **extra}.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = do_DELETE = _answer

        def log_message(self, format: str, *args: Any) -> None:
            """Write no log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told = Script(f"http://127.0.0.1:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture
def v1(script: Script) -> Factus:
    return factus(base_url=script.url)
