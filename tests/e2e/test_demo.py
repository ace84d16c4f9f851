"""What the README's first command shows, from an empty machine to documents in the archive."""

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.stack import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("demo")]

# Set-up adds a line for each of two environments, and a taken port one more.
MOST_LINES = 20 - 3
SPANISH = re.compile(r"\b(el|la|los|de|del|en|por|con|al|hasta|se)\b", re.IGNORECASE)


class Demonstration:
    """``make run`` without the setting up: it has said all that it says, and is up."""

    def __init__(self, process: "subprocess.Popen[str]", lines: Sequence[str]):
        self.process, self.lines = process, lines

    def after(self, beginning: str) -> str:
        """What follows a beginning in the one line that has it."""
        (found,) = (line for line in self.lines if line.startswith(beginning))
        return found.removeprefix(beginning)


def start(*arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.local.demo", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def pasted(line: str) -> str:
    """What a line prints in another shell, elsewhere."""
    done = subprocess.run(["sh", "-c", line], cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def demonstration() -> Iterator[Demonstration]:
    process = start("--port", str(free_port()))
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if " curl " in line:
            break
    assert process.poll() is None, process.communicate()
    yield Demonstration(process, lines)
    process.kill()
    process.communicate()


def test_the_demonstration_says_what_it_does_in_twenty_lines_of_spanish(demonstration):
    assert len(demonstration.lines) <= MOST_LINES
    assert re.search(r"\d+ documentos aceptados", "\n".join(demonstration.lines))
    told = [line for line in demonstration.lines if not re.match(r"(URL|TOKEN)=", line)]
    assert [line for line in told if not SPANISH.search(line)] == []


def test_a_webhook_arrives_with_its_signature(demonstration):
    (line,) = (line for line in demonstration.lines if "webhook" in line)

    assert re.search(r"firma comprobada: «aceptado», SE[A-Z]+\d+", line)


def test_what_it_tells_to_paste_works_in_another_shell(demonstration):
    url, token = demonstration.after("URL=").strip("'"), demonstration.after("TOKEN=")
    emitted = json.loads(pasted(demonstration.after("Emita otra factura, en otra terminal: ")))
    asked = pasted(f"curl -s {url}/me -H 'Authorization: Bearer '{token}")
    operated = pasted(demonstration.after("El comando cauce, en otra terminal: "))

    assert emitted["data"]["estado"] == "aceptado"
    assert emitted["data"]["links"]["self"].startswith(url)
    assert json.loads(asked)["tenant"]["nit"] == "901724254"
    assert "MI EMPRESA SAS" in operated


def test_the_console_is_at_the_address_that_it_names(demonstration):
    address = demonstration.after("Consola, en el navegador y con ese TOKEN: ")

    assert "<title>" in pasted(f"curl -sf '{address}'")


def test_the_pdf_that_it_names_is_there(demonstration):
    (line,) = (line for line in demonstration.lines if "(PDF)" in line)

    assert Path(line.rpartition(": ")[2]).read_bytes().startswith(b"%PDF-")


def test_interrupted_it_stops_what_it_started_and_says_no_more_than_that(demonstration):
    demonstration.process.send_signal(signal.SIGINT)
    said, errors = demonstration.process.communicate(timeout=60)

    assert (said.strip(), errors, demonstration.process.returncode) == ("Todo se detuvo.", "", 0)


def test_a_port_that_somebody_else_has_is_told_in_a_sentence_before_anything_starts():
    with socket.socket() as someone_else:
        someone_else.bind(("127.0.0.1", 0))
        someone_else.listen()
        port = someone_else.getsockname()[1]
        process = start("--exit", "--port", str(port))
        said, errors = process.communicate(timeout=60)

    assert (said, process.returncode) == ("", 1)
    assert re.fullmatch(rf"El puerto {port} está ocupado: .*PORT=….*\n", errors)
