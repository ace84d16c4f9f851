"""Clients written against the contract's page, in its three scripting languages: only base URL and token are ours."""

import json
import os
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cauce.domain.time import bogota
from tests.documents import invoice
from tests.e2e.conftest import World

CLIENTS = Path(__file__).parent / "clients"


def run(world: World, bearer: str, *command: str) -> str:
    """What a client prints, started with nothing but its base URL and its token."""
    done = subprocess.run(
        command,
        env={"PATH": os.environ["PATH"], "BASE_URL": world.url, "TOKEN": bearer, "NO_PROXY": "127.0.0.1"},
        cwd=CLIENTS,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def installed(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed here: its client is not run")
    return found


@pytest.mark.parametrize(
    "program, script", [("node", "{}.mjs"), ("php", "cliente.php {}")], ids=["JavaScript", "PHP"]
)
def test_a_client_of_the_page_works_from_me_to_a_credit_note(world: World, program: str, script: str):
    interpreter = installed(program)
    if (
        program == "php"
        and "curl" not in subprocess.run([interpreter, "-m"], capture_output=True, text=True).stdout
    ):
        pytest.skip("php is here without its curl extension")
    _, bearer = world.enrol(name="MI EMPRESA SAS")

    def client(name: str, *arguments: str, token: str = bearer) -> str:
        return run(world, token, interpreter, *script.format(name).split(), *arguments)

    assert client("me") == "MI EMPRESA SAS\n"

    cufe, estado, tracking_id = client("emitir").splitlines()
    assert re.fullmatch(r"CUFE: [0-9a-f]{96}", cufe)
    assert estado == "Estado: aceptado"

    with world.client(bearer) as api:
        number = api.get(f"/documentos/{tracking_id}").json()["numero_completo"]
    today = bogota(world.clock()).date()
    assert client("listar", str(today)) == f"{number} - aceptado\n"
    assert client("listar", str(today + timedelta(days=2))) == ""
    assert client("detalle", tracking_id) == "Estado: aceptado\n"
    assert client("consultar", tracking_id) == "true 00 aceptado\n"
    xml = client("xml", tracking_id)
    assert xml.lstrip("\ufeff").startswith("<")
    assert number in xml
    assert client("nota_credito", tracking_id) == "Estado: aceptado\n"
    assert len(client("listar", str(today)).splitlines()) == 2

    assert client("me", token="1|" + "x" * 40).startswith("Error: ")
    assert client("emitir", token="1|" + "x" * 40).startswith("Error: ")


def test_curl_works_from_me_to_a_credit_note(world: World):
    installed("curl")
    _, bearer = world.enrol(name="MI EMPRESA SAS")

    def curl(*arguments: str, token: str = bearer) -> Any:
        said = run(world, token, "sh", "cliente.sh", *arguments)
        return json.loads(said) if said.startswith("{") else said

    assert curl("me")["tenant"]["razon_social"] == "MI EMPRESA SAS"

    sold = curl("emitir")["data"]
    assert (sold["estado"], len(sold["cufe"]), sold["totales"]) == (
        "aceptado", 96,
        {"subtotal": 37000, "iva": 1850, "total": 38850, "impuestos": 1850, "descuentos": 0, "cargos": 0},
    )  # fmt: skip

    day, tracking_id = sold["fecha_emision"][:10], sold["tracking_id"]
    assert [row["tracking_id"] for row in curl("listar", day)["data"]] == [tracking_id]
    assert curl("detalle", tracking_id)["numero_completo"] == sold["numero_completo"]
    asked = curl("consultar", tracking_id)
    assert (asked["dian"]["is_valid"], asked["documento"]["cufe"]) == (True, sold["cufe"])
    assert sold["numero_completo"] in curl("xml", tracking_id)
    credited = curl("nota_credito", tracking_id, sold["numero_completo"], sold["cufe"], day)
    assert credited["data"]["estado"] == "aceptado", credited

    refused = curl("me", token="1|" + "x" * 40)
    assert (refused["ok"], refused["codigo"]) == (False, "no_autenticado")


def test_the_links_of_an_answer_are_followed_as_they_are(world: World):
    """They lead to the API whatever a request says of its own address, so that a client needs to build none."""
    installed("curl")
    _, bearer = world.enrol()
    with world.client(bearer) as api:
        forged = {"X-Forwarded-Host": "robo.example", "X-Forwarded-Proto": "ftp"}
        sold = api.post("/documentos", json=invoice(), headers=forged).json()["data"]

    for name, link in sold["links"].items():
        said = run(world, bearer, "curl", "-sS", "-f", "-H", f"Authorization: Bearer {bearer}", link)
        is_file = name in ("pdf", "paquete", "evidencia")
        assert said if is_file else sold["numero_completo"] in said, name
