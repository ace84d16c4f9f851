"""Schemathesis, which knows of the contract only its OpenAPI document, makes requests of all kinds to every route.

It is told a few things that there are, so that not every request is of what there is not. Names of other machines are
not found: what a made-up webhook would call is not called.
"""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from cauce.aws.settings import Settings
from cauce.contracts.v1.described import every, openapi
from cauce.contracts.v1.rest import Route
from cauce.domain.issuer import Issuer
from cauce.domain.record import Record
from cauce.gateway import Gateway
from tests import dian_issuers, stack
from tests.dian_issuers import SUPPLIER
from tests.documents import invoice, item, support_document, ticket
from tests.examples import examples
from tests.flow.conftest import context
from tests.flow.served import Served, served
from tests.flow.test_lookups import factus_token
from tests.simulators.dian import DianSimulator
from tests.simulators.factus import FactusSimulator

PROGRAM = stack.ROOT / ".venv-clients" / "bin" / "schemathesis"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "missing_required_header",
    "ignored_auth",
)
# The bodies of these have so many fields that a request for each limit of each takes minutes.
LONG = "^(emitir|enviarLote|crearNumeracion)"
WAYS = {
    "made-up": ("--phases", "examples,fuzzing", "--max-examples", str(examples(10, deep=200))),
    "at-each-limit": (
        "--phases",
        "coverage",
        "--exclude-operation-id-regex",
        LONG if examples(0, deep=1) == 0 else "^$",
    ),
}
Known = dict[str, dict[str, str]]
# What no request made up can be granted here: a document must wait for a person, and only Facturatech makes ranges.
NEVER_GRANTED: set[Route] = {
    ("POST", "/documentos/{id}/resolver"),
    ("POST", "/numeraciones"),
    ("PUT", "/numeraciones/{prefijo}/tipo-documento"),
}


@pytest.fixture
def resources(resources: Settings) -> Settings:
    """With SES, for mails to buyers."""
    ses = stack.client("sesv2")
    ses.create_email_identity(EmailIdentity="facturas@empresa.example")
    ses.create_configuration_set(ConfigurationSetName="cauce-mail")
    return replace(resources, mail_set="cauce-mail")


@pytest.fixture
def issuer(gateway: Gateway, dian: DianSimulator, factus: FactusSimulator) -> Issuer:
    """One that emits all kinds through DIAN itself, has an account at Factus too, and mails its documents."""
    found = dian_issuers.enrolled(gateway, dian)
    settings = {**found.settings, "factus": {"base_url": factus.base_url}}
    found = found.model_copy(
        update={"settings": settings, "mail_from": "Mi Empresa <facturas@empresa.example>"}
    )
    gateway.issuers.save(found)
    stack.keep_credentials(found.nit, "factus", asdict(factus.credentials))
    return found


@pytest.fixture
def running(token: str, deliver: Any, drain: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    real = socket.getaddrinfo

    def here(host: Any, *rest: Any, **named: Any) -> Any:
        if host in ("127.0.0.1", "localhost"):
            return real(host, *rest, **named)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", here)
    with served(context(), lambda: (deliver(), drain())) as found:
        yield found


@pytest.fixture
def sold(posted: Any) -> Record:
    return posted("/documentos", invoice(referencia="V-1"))  # type: ignore[no-any-return]


@pytest.fixture
def document(running: Served, posted: Any, sold: Record, issuer: Issuer, dian: DianSimulator) -> Any:
    """The OpenAPI document; what its examples correct, or are an event of, are documents that there are."""
    found: Any = deepcopy(openapi.document(running.url))

    def example(path: str) -> Any:
        content = found["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        return content["examples"]["sencillo"]["value"]

    def corrected(path: str, field: str, record: Record, uuid: str) -> None:
        day = record.issued_at.date().isoformat()
        example(path)[field] = {"numero": str(record.number), uuid: record.uuid, "fecha": day}

    corrected("/notas-credito", "factura_referencia", sold, "cufe")
    corrected("/notas-debito", "factura_referencia", sold, "cufe")
    bought = posted("/documentos-soporte", support_document(referencia="C-1"))
    corrected("/notas-ajuste", "documento_referencia", bought, "cuds")
    ticketed = posted("/documentos-equivalentes", ticket(referencia="P-1"))
    corrected("/notas-documento-equivalente", "documento_referencia", ticketed, "cude")
    cufe = dian_issuers.sold_on_credit(dian, SUPPLIER, issuer.nit)
    example("/eventos")["informacion_documento_referencia"] = {"cufe": cufe}
    return found


@pytest.fixture
def known(call: Any, deliver: Any, drain: Any, sold: Record, factus: FactusSimulator) -> Known:
    """What there is: the values of parameters, by the beginning of the paths that have them."""
    lot = call("POST", "/lotes", [item("V-2")], Idempotency_Key="L-1").json["data"]["lote_id"]
    deliver()
    drain()
    webhook = call("POST", "/webhooks", {"url": "https://erp.example/avisos"}).json["data"]["id"]
    return {
        r"/documentos/\{id\}": {"path.id": sold.document_id},
        "/documentos/por-referencia": {"path.referencia": "V-1"},
        r"/lotes/\{id\}": {"path.id": lot},
        r"/webhooks/\{id\}/": {"path.id": webhook},
        r"/docs/\{archivo\}": {"path.archivo": "docs.css"},
        r"/consola/\{archivo\}": {"path.archivo": "consola.js"},
        "/adquirientes/": {"path.tipo": "31", "path.numero": SUPPLIER},
        "/lookups/": {"header.X-Factus-Token": factus_token(factus)},
    }


@pytest.mark.hypothesis  # make test-deep makes thousands
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_no_request_has_an_answer_that_is_not_described(
    way: tuple[str, ...], running: Served, document: Any, known: Known, token: str, tmp_path: Path
) -> None:
    if not PROGRAM.exists():
        pytest.skip("schemathesis is not here: make clients installs it")
    (tmp_path / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    (tmp_path / "schemathesis.toml").write_text(configuration(known), encoding="utf-8")

    done = subprocess.run(
        [
            PROGRAM, "run", "openapi.json", "--url", running.url, *way, "--checks", ",".join(CHECKS),
            "--header", f"Authorization: Bearer {token}", "--generation-deterministic",
            "--continue-on-failure", "--suppress-health-check", "all", "--no-color", "--warnings", "off",
        ],
        cwd=tmp_path, env={"PATH": os.environ["PATH"], "NO_PROXY": "127.0.0.1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert running.failed == []
    assert done.returncode == 0, done.stdout.partition(" FAILURES ")[2] or done.stdout + done.stderr
    granted = {route for route, status in running.answered if route and status < 400}
    if "examples" in way[1]:
        assert granted >= every.OPERATIONS.keys() - NEVER_GRANTED


def configuration(known: Known) -> str:
    """Schemathesis's own: that most requests, and not all, name what there is. TOML's texts are JSON's."""
    lines = []
    for path, parameters in known.items():
        lines += ["[[operations]]", f"include-path-regex = {json.dumps(f'^{path}')}"]
        for name, value in parameters.items():
            values = f"known-{len(lines)}"
            lines += [
                f"[operations.parameters.{json.dumps(name)}]",
                f"dictionary = {json.dumps(values)}",
                "probability = 0.8",
            ]
            lines.insert(0, f"[dictionaries.{values}]\nvalues = {json.dumps([value])}")
    return "\n".join(lines)
