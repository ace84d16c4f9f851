"""The examples of the reference's first page, as they stand: each is run from an empty folder with nothing but ``URL`` and
``TOKEN``, before an API that is busy, loses an answer and has no verdict at once.
"""

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from cauce.reference.examples import EXAMPLES, Example
from cauce.reference.guide import EXAMPLE
from tests.e2e.conftest import World
from tests.stack import ROOT

FOLDER = ROOT / "layers/face/docs/ejemplos"


@contextmanager
def unlucky(url: str) -> Iterator[tuple[str, list[int]]]:
    """The API behind a bad connection: the first POST finds it busy, the answer of the second is lost, and the third has no
    verdict yet. Its address, and the statuses of the POSTs.
    """
    posts: list[int] = []
    turn = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(self._asked("GET"))

        def do_POST(self) -> None:
            with turn:
                if not posts:
                    posts.append(503)
                    busy = {"codigo": "ocupado", "detail": "El servicio está ocupado."}
                    self._answer(httpx.Response(503, headers={"Retry-After": "1"}, json=busy))
                    return
                found = self._asked("POST", self.rfile.read(int(self.headers["Content-Length"])))
                posts.append(found.status_code)
                if len(posts) == 2:
                    self.close_connection = True
                    return
                if len(posts) == 3:
                    said = found.json()
                    said["data"]["estado"] = "pendiente"
                    found = httpx.Response(201, headers={"Retry-After": "1"}, json=said)
                self._answer(found)

        def _asked(self, method: str, body: bytes | None = None) -> httpx.Response:
            headers = {
                name: self.headers[name] for name in ("Authorization", "Content-Type") if self.headers[name]
            }
            return httpx.request(method, url + self.path, headers=headers, content=body, timeout=60)

        def _answer(self, answer: httpx.Response) -> None:
            self.send_response(answer.status_code)
            for name in ("Content-Type", "Retry-After"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            """Nothing: what is asked is no test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", posts
    finally:
        server.shutdown()
        server.server_close()


def run(example: Example, url: str, bearer: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program, *arguments = example.command.split()
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed here: the example in {example.language} is not run")
    shutil.copy(FOLDER / example.file, folder)
    return subprocess.run(
        [found, *arguments],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "URL": url,
            "TOKEN": bearer,
            "NO_PROXY": "127.0.0.1",
        },
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=180,
        check=False,
    )


each_example = pytest.mark.parametrize("example", EXAMPLES, ids=[each.language for each in EXAMPLES])


@each_example
def test_an_example_emits_once_over_a_bad_connection_and_keeps_the_pdf(
    world: World, example: Example, tmp_path: Path
):
    _, bearer = world.enrol()

    with unlucky(world.url) as (url, posts):
        first = run(example, url, bearer, tmp_path)
        again = run(example, url, bearer, tmp_path)

    assert first.returncode == 0, first.stderr
    assert re.fullmatch(r"Factura \w+: aceptado\nCUFE: [0-9a-f]{96}\nPDF: factura\.pdf\n", first.stdout)
    assert again.stdout == first.stdout
    assert posts[:3] == [503, 201, 201]
    assert (tmp_path / "factura.pdf").read_bytes().startswith(b"%PDF-")
    with world.client(bearer) as api:
        # What the page posts by hand is the same sale.
        repeated = api.post("/documentos", json=EXAMPLE)
        assert repeated.headers["Idempotency-Replayed"] == "true"
        assert len(api.get("/documentos").json()["data"]) == 1


@each_example
def test_an_example_says_the_code_of_what_was_refused(world: World, example: Example, tmp_path: Path):
    done = run(example, world.url, "1|" + "x" * 40, tmp_path)

    assert done.returncode == 1
    assert "no_autenticado" in done.stderr


def test_an_error_of_api_gateway_s_own_leads_to_its_page_at_the_address_that_callers_use(world: World):
    public = world.stack.api_url.rstrip("/")
    said = httpx.get(f"{world.url}/me").json()

    assert said["type"] == f"{public}/docs/errores/no_autenticado"
