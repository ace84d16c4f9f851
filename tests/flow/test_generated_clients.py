"""Clients that well-kept generators make of the OpenAPI document, each driven by a program that an integrator would
write: one emission, one refusal, one lot. What is generated stays in a temporary folder."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cauce.contracts.v1.described import openapi
from cauce.reference import guide
from tests.flow.conftest import context
from tests.flow.served import Served, served
from tests.stack import ROOT

PROGRAMS = Path(__file__).parent / "clients"
MADE_IN = ROOT / ".venv-clients" / "bin"
SAID = ["aceptado 38850 True", "422 datos_invalidos Las líneas: mínimo 1.", "terminado 1 1"]
"""Of the invoice: its state, its total, and whether it has a PDF; of the refusal: status, code and the field's sentence;
of the lot: its state, how many documents were accepted, and how many were refused."""


@pytest.fixture
def stack(token: str, deliver: Any, drain: Any) -> Iterator[Served]:
    with served(context(), lambda: (deliver(), drain())) as running:
        yield running
    assert running.failed == []


@pytest.fixture
def document(tmp_path: Path, stack: Served) -> Path:
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(openapi.document(stack.url)), encoding="utf-8")
    return path


def run(*command: object, folder: Path, **environment: str) -> str:
    done = subprocess.run(
        [str(each) for each in command],
        cwd=folder, env={"PATH": os.environ["PATH"], "NO_PROXY": "127.0.0.1", **environment},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


def installed(program: str | Path) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{Path(program).name} is not here, which this client needs")
    return found


def test_the_reference_says_how_they_are_generated(stack: Served) -> None:
    page = guide.start(stack.url)
    told = [line for line in (PROGRAMS / "config.yaml").read_text().splitlines() if line[0] != "#"]

    assert "\n".join(line for line in told if "package_name" not in line) in page
    for command in ("openapi-python-client generate", "openapi-typescript cauce.json", "generate -g php"):
        assert command in page


def test_a_python_client(document: Path, stack: Served, token: str, tmp_path: Path) -> None:
    generator = installed(MADE_IN / "openapi-python-client")
    made = run(
        generator, "generate", "--path", document, "--meta", "none", "--output-path", tmp_path / "cauce_cliente",
        "--config", PROGRAMS / "config.yaml", folder=tmp_path,
    )  # fmt: skip
    left_out = [line for line in made.splitlines() if line.startswith(("WARNING", "Unable"))]
    assert left_out == ["WARNING parsing POST /lotes within muchos_a_la_vez."]  # as lines, beside the JSON
    assert "application/x-ndjson" in made

    shutil.copy(PROGRAMS / "cliente.py", tmp_path)
    said = run(MADE_IN / "python", "cliente.py", folder=tmp_path, BASE_URL=stack.url, TOKEN=token)

    assert said.splitlines() == SAID


def test_a_typescript_client(document: Path, stack: Served, token: str, tmp_path: Path) -> None:
    installed("node")
    modules = ROOT / ".build" / "clients" / "node_modules"
    if not (modules / ".package-lock.json").exists():
        pytest.skip("the npm packages are not here: make clients installs them where npm is")
    shutil.copy(PROGRAMS / "cliente.ts", tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "node_modules").symlink_to(modules)

    run(modules / ".bin" / "openapi-typescript", document, "--output", "cauce.d.ts", folder=tmp_path)
    options = ["--strict", "--target", "es2022", "--module", "nodenext", "--types", "node", "--skipLibCheck"]
    run(modules / ".bin" / "tsc", *options, "cliente.ts", folder=tmp_path)
    said = run("node", "cliente.js", folder=tmp_path, BASE_URL=stack.url, TOKEN=token)

    assert said.splitlines() == [line.replace("True", "true") for line in SAID]


def test_a_php_client(document: Path, stack: Served, token: str, tmp_path: Path) -> None:
    """Guzzle and mbstring, which the generated code asks for, are Debian's php-guzzlehttp-guzzle and php-mbstring."""
    php, java = installed("php"), installed("java")
    jars = [*(ROOT / ".venv-clients").glob("lib/python*/site-packages/openapi_generator_cli/*.jar")]
    if not jars:
        pytest.skip("openapi-generator is not here: make clients installs it")
    needs = 'exit((int) !(extension_loaded("mbstring") && @include "GuzzleHttp/autoload.php"));'
    if subprocess.run([php, "-r", needs], check=False).returncode:
        pytest.skip("php is here without mbstring or without Guzzle")

    run(
        java, "-jar", jars[0], "generate", "--generator-name", "php", "--input-spec", document,
        "--output", "cliente", "--additional-properties", "invokerPackage=Cauce",
        "--global-property", "apis,models,supportingFiles,apiTests=false,modelTests=false,apiDocs=false,modelDocs=false",
        folder=tmp_path,
    )  # fmt: skip
    shutil.copy(PROGRAMS / "cliente.php", tmp_path)
    said = run(php, "cliente.php", folder=tmp_path, BASE_URL=stack.url, TOKEN=token)

    assert said.splitlines() == [line.replace("True", "true") for line in SAID]
