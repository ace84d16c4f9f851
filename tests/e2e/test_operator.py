"""The operator's command as a shell runs it, against a deployed stack that only its outputs describe."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from cauce.domain.access_token import read_bearer
from tests.documents import invoice
from tests.e2e.conftest import World
from tests.local.deploy import STACK
from tests.local.engine import ROOT

_nits = count(900_700_000 + os.getpid() % 50_000)


@pytest.fixture
def cauce(world: World) -> Any:
    """Run ``cauce``; it knows the name of the stack and where AWS is, and nothing of the stack's parts."""

    def run(*arguments: str, stack: str = STACK) -> "subprocess.CompletedProcess[str]":
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CAUCE_")}
        return subprocess.run(
            [str(Path(sys.executable).with_name("cauce")), *arguments],
            env=environment | world.stack.engine.environment() | {"CAUCE_STACK": stack, "COLUMNS": "200"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_an_issuer_is_enrolled_and_its_document_followed_with_the_command_alone(
    world: World, cauce: Any, tmp_path: Path
):
    nit, file = str(next(_nits)), tmp_path / "factus.json"
    file.write_text(json.dumps(asdict(world.factus.credentials)))
    for command in (
        ("issuer", "create", nit, "--name", "MI EMPRESA SAS", "--provider", "factus",
         "--setting", f"factus.base_url={world.factus.base_url}"),
        ("provider", "credentials", nit, "factus", "--file", str(file)),
        ("range", "sync", nit),
    ):  # fmt: skip
        done = cauce(*command)
        assert (done.returncode, done.stderr) == (0, ""), done
        assert world.factus.credentials.password not in done.stdout

    token = cauce("token", "create", nit, "--name", "ERP", "--quiet").stdout.strip()
    with world.client(token) as api:
        assert api.get("/me").json()["tenant"]["nit"] == nit
        sold = api.post("/documentos", json=invoice(referencia="V-1")).json()["data"]
        assert sold["estado"] == "aceptado"

        shown = cauce("document", "show", nit, "V-1").stdout
        assert sold["tracking_id"] in shown
        assert sold["numero_completo"] in shown
        trace = cauce("document", "trace", nit, sold["tracking_id"]).stdout
        steps = ["recibido", "intento iniciado", "enviándose", "aceptado", "XML firmado archivado"]
        assert [trace.index(f"  {step}  ") for step in steps] == sorted(
            trace.index(f"  {s}  ") for s in steps
        )

        cauce("token", "revoke", nit, str(read_bearer(token).id), "--si")
        assert api.get("/me").status_code == 401


@pytest.mark.parametrize(
    "arguments, named, said",
    [
        (("issuer", "show", "1"), STACK, "No hay emisor con NIT 1."),
        (("issuer", "show"), "no-such-stack", "no-such-stack"),
        (("token", "revoke", "1", "99999999"), STACK, "No hay emisor con NIT 1."),
    ],
)
def test_trouble_is_one_line_and_exit_code_1(cauce: Any, arguments: tuple[str, ...], named: str, said: str):
    done = cauce(*arguments, stack=named)

    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
