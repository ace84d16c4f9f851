"""The simulator, and a server that gives the answers of a test's script, both over real HTTP."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.simulators.facturatech import FacturatechSimulator

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"


@dataclass
class Asked:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Script:
    """Gives its answers in order, whatever is asked; after the last one it closes the connection."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    answers: list[tuple[int, bytes, dict[str, str]]] = field(default_factory=list)

    def raw(self, content: bytes, status: int = 200, **headers: str) -> None:
        self.answers.append(
            (status, content, {name.replace("_", "-"): text for name, text in headers.items()})
        )

    def rpc(self, operation: str, **fields: str) -> None:
        """An answer of the emission services, as in the figures of the manual."""
        inside = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
        self.raw(
            f'<e:Envelope xmlns:e="{SOAP_11}"><e:Body><ns1:{operation}Response xmlns:ns1="{SOAP_11}">'
            f"<return>{inside}</return></ns1:{operation}Response></e:Body></e:Envelope>".encode()
        )

    def asmx(self, operation: str, inside: str, namespace: str = "http://webservice.facturatech.co/") -> None:
        """An answer of the numbering service."""
        self.raw(
            f'<s:Envelope xmlns:s="{SOAP_11}"><s:Body><{operation}Response xmlns="{namespace}">'
            f"<{operation}Result>{inside}</{operation}Result></{operation}Response></s:Body></s:Envelope>".encode()
        )


@pytest.fixture
def simulator() -> Iterator[FacturatechSimulator]:
    with FacturatechSimulator() as running:
        yield running


@pytest.fixture
def script() -> Iterator[Script]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): text for name, text in self.headers.items()}
            told.asked.append(Asked(self.path, headers, self.rfile.read(length)))
            if not told.answers:
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            status, raw, extra = told.answers.pop(0)
            self.send_response(status)
            for name, text in {"Content-Type": "text/xml; charset=utf-8", **extra}.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:
            """Write no log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told = Script(f"http://127.0.0.1:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()
