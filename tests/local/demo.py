"""``make run`` and ``make demo``: documents emitted on this machine, each step shown.

The real template on the local engine, strict simulators of the providers, issuers made with the operator's own command,
and real HTTP requests.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from tests.dian_issuers import acknowledgement, adjustment, sold_on_credit
from tests.documents import PARTY, invoice, note, support_document
from tests.local import engine as local_engine
from tests.local.deploy import DeployError, Stack, deploy
from tests.local.engine import ROOT, EngineError
from tests.local.front import Front
from tests.simulators.afacturar import AfacturarSimulator
from tests.simulators.dian import Account, DianSimulator
from tests.simulators.facepro import FacEProSimulator, Tenant
from tests.simulators.facturatech import FacturatechSimulator
from tests.simulators.factus import FactusSimulator

NIT = "901724254"
NAME = "MI EMPRESA SAS"
# A second issuer, in production, because Facturatech's numbering is asked only for issuers in production.
OTHER_NIT = "900123456"
OTHER_NAME = "OTRA EMPRESA SAS"
# A third issuer without a provider: its documents are signed here and sent straight to DIAN.
DIRECT_NIT = "900373115"
DIRECT_NAME = "EMPRESA DEMO SAS"
SUPPLIER_NIT = "800199436"
FRONT_PORT = 8080

_out = Console(highlight=False, soft_wrap=True)
if not _out.is_terminal:
    _out.width = 120
_began = time.monotonic()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.local.demo", description=__doc__)
    parser.add_argument("--exit", action="store_true", help="end after the demonstration")
    parser.add_argument(
        "--port", type=int, help=f"port of the API: {FRONT_PORT} if free, any free one otherwise"
    )
    asked = parser.parse_args()
    # SIGTERM ends as Ctrl-C does, so that everything that was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    local_engine.clear_leftovers()
    try:
        with ExitStack() as started:
            demonstrate(started, asked.port, stay=not asked.exit)
    except (EngineError, DeployError, DemonstrationError) as error:
        Console(stderr=True, highlight=False).print(f"[red]error:[/red] {escape(str(error))}")
        return 1
    except KeyboardInterrupt:
        _out.print("\n[dim]stopped[/dim]")
    return 0


class DemonstrationError(Exception):
    """A step did not end as it must; the message says which step, and how."""


def demonstrate(started: ExitStack, port: int | None, *, stay: bool) -> None:
    """Start everything, emit documents and show them; with ``stay``, then wait until interrupted."""
    _title("Cauce: from an ERP's JSON to a validated electronic document")
    engine = started.enter_context(local_engine.running())
    _step("local AWS engine", engine.url)
    factus = started.enter_context(FactusSimulator(say=_heard))
    _step("Factus simulator", factus.base_url)
    stack = deploy(engine)
    _step("template.yaml deployed", "4 functions · 3 layers · REST API · FIFO queue · table · bucket")
    front = started.enter_context(_front(stack, port))
    _step("API", front.url)

    _title("The operator enrols an issuer")
    operator = _Operator(stack)
    operator.run("issuer", "create", NIT, "--name", NAME, "--provider", "factus",
                 "--setting", f"factus.base_url={factus.base_url}")  # fmt: skip
    operator.credentials(NIT, "factus", asdict(factus.credentials))
    operator.run("range", "sync", NIT)
    token = operator.run("token", "create", NIT, "--name", "ERP", "--quiet", secret=True).strip()

    api = httpx.Client(
        base_url=front.url,
        headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
        timeout=40,
    )
    _title("The ERP emits a support document")
    bought = emit(api, "/documentos-soporte", support_document(referencia="REF0017"))
    _title("The ERP emits an invoice")
    sold = emit(api, "/documentos", invoice(referencia="VENTA-0001"))

    with httpx.Client(base_url=front.url, timeout=40) as other_api:
        others = _other_providers(started, operator, other_api)
    with httpx.Client(base_url=front.url, timeout=40) as direct_api:
        direct = _dian(started, operator, direct_api)

    _title("What is left")
    _show(sold)
    operator.run("document", "trace", NIT, sold["tracking_id"])
    for document in (bought, sold):
        _signed_xml(stack, NIT, document, f"{document['numero_completo']}.xml")
    # We signed this one: it is in the ZIP that DIAN was sent.
    _signed_xml(stack, DIRECT_NIT, direct[0], "request-001")
    _listed(api)
    _curl(front.url, token, sold)
    _out.print(
        f"\n[green bold]{2 + len(others) + len(direct)} documents accepted[/green bold]: {2 + len(others)} through 2 "
        f"providers, {len(direct)} by DIAN itself; ranges and a listing through 2 providers more; in "
        f"{time.monotonic() - _began:.1f} s.\n"
    )
    if stay:
        _out.print("Everything stays up; [b]Ctrl-C[/b] ends it.")
        while True:
            time.sleep(3600)


def _other_providers(started: ExitStack, operator: "_Operator", api: httpx.Client) -> list[dict[str, Any]]:
    """Another issuer: documents through FacEPro, ranges from Facturatech, a listing from Afacturar."""
    _title("Another issuer, other providers: only settings change")
    facepro = started.enter_context(
        FacEProSimulator(say=_heard, tenants=[Tenant(nit=OTHER_NIT, razon_social=OTHER_NAME)])
    )
    facturatech = started.enter_context(FacturatechSimulator(say=_heard))
    afacturar = started.enter_context(AfacturarSimulator(say=_heard, tokens={"token-afacturar": OTHER_NIT}))
    operator.run("issuer", "create", OTHER_NIT, "--name", OTHER_NAME, "--environment", "produccion",
                 "--provider", "facepro",
                 "--setting", f"facepro.base_url={facepro.api_url}",
                 "--setting", f"facturatech.base_url={facturatech.base_url}",
                 "--setting", f"afacturar.base_url={afacturar.base_url}")  # fmt: skip
    operator.credentials(OTHER_NIT, "facepro", {"token": facepro.token})
    operator.credentials(OTHER_NIT, "facturatech", {"username": OTHER_NIT, "password": "servicio-web-7"})
    operator.credentials(OTHER_NIT, "afacturar", {"token": "token-afacturar"})
    _title("Facturatech's ranges, over SOAP")
    operator.run("range", "sync", OTHER_NIT)
    operator.run("range", "list", OTHER_NIT)
    token = operator.run("token", "create", OTHER_NIT, "--name", "ERP", "--quiet", secret=True).strip()
    api.headers["Authorization"] = f"Bearer {token}"
    _title("An invoice, a credit note and a debit note through FacEPro")
    sold = emit(api, "/documentos", invoice(referencia="V-1"))
    date = sold["fecha_emision"][:10]
    credited = emit(api, "/notas-credito", note(sold["numero_completo"], sold["cufe"], fecha=date))
    debited = emit(api, "/notas-debito", note(sold["numero_completo"], sold["cufe"], fecha=date, codigo="1"))
    _title("What Afacturar says it emitted")
    _emitted(api)
    return [sold, credited, debited]


def _dian(started: ExitStack, operator: "_Operator", api: httpx.Client) -> list[dict[str, Any]]:
    """An issuer with its own software and certificate: every kind of document, and an event, sent straight to DIAN."""
    _title("DIAN direct: no provider")
    dian = started.enter_context(DianSimulator(say=_heard))
    account = dian.enrol(DIRECT_NIT, DIRECT_NAME)
    operator.run("issuer", "create", DIRECT_NIT, "--name", DIRECT_NAME, "--provider", "dian",
                 "--setting", f"dian.base_url={dian.base_url}",
                 "--setting", "dian.support_prefixes=SEDS")  # fmt: skip
    operator.enrol(account)
    operator.run("range", "sync", DIRECT_NIT)
    token = operator.run("token", "create", DIRECT_NIT, "--name", "ERP", "--quiet", secret=True).strip()
    api.headers["Authorization"] = f"Bearer {token}"
    _title("An invoice and its notes, signed here and validated by DIAN")
    sold = emit(api, "/documentos", invoice(referencia="D-1"))
    date = sold["fecha_emision"][:10]
    credited = emit(api, "/notas-credito", note(sold["numero_completo"], sold["cufe"], fecha=date))
    debited = emit(api, "/notas-debito", note(sold["numero_completo"], sold["cufe"], fecha=date, codigo="3"))
    _title("A support document and its adjustment note")
    bought = emit(api, "/documentos-soporte", support_document(referencia="D-2"))
    adjusted = emit(api, "/notas-ajuste", adjustment(bought["numero_completo"], bought["cufe"], date))
    _title("A supplier elsewhere bills on credit; the receipt of its invoice is acknowledged")
    received = emit(api, "/eventos", acknowledgement(sold_on_credit(dian, SUPPLIER_NIT, DIRECT_NIT)))
    return [sold, credited, debited, bought, adjusted, received]


def _emitted(api: httpx.Client) -> None:
    query = {"proveedor": "afacturar", "cantidad": "5", "tipo_orden": "DESC"}
    listed = api.get("/emitidos", params=query).json()
    table = _table("número", "tipo", "adquirente", "total", "estado", "emitido")
    for row in listed["data"]:
        table.add_row(
            row["numero_completo"] or "",
            row["tipo_documento"] or "",
            row["adquirente"]["razon_social"] or "",
            f"{row['total'] or 0:,}",
            row["estado"],
            row["fecha_emision"] or "",
        )
    _out.print("  [b]GET /emitidos?proveedor=afacturar[/b]")
    _out.print(Padding(table, (0, 0, 0, 4)))


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, no_wrap=True)
    return table


def emit(api: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """POST a document and ask until it is settled; returns its ``data``. Raises DemonstrationError if not accepted."""
    answer = api.post(path, json=body)
    _step(f"POST {path}", f"{answer.status_code}  {answer.json().get('data', {}).get('estado', '')}")
    if answer.status_code != 201:
        raise DemonstrationError(f"POST {path} answered {answer.status_code}: {answer.text}")
    data: dict[str, Any] = answer.json()["data"]
    for _ in range(30):
        if data["estado"] != "pendiente":
            break
        time.sleep(1)
        data = api.get(f"/documentos/{data['tracking_id']}").json()
    if data["estado"] != "aceptado":
        raise DemonstrationError(f"{data['tracking_id']} ended {data['estado']}: {data['estado_detalle']}")
    said = f"[b]{data['numero_completo']}[/b]  total {data['totales']['total']:,}  COP"
    _step(data["estado"], f"event [b]{data['evento']['codigo']}[/b]" if "evento" in data else said)
    _step(data["tipo_codigo"], f"[dim]{data['cufe']}[/dim]")
    for notice in data["notificaciones"]:
        _step("DIAN's notice", escape(notice["mensaje"]))
    return data


class _Operator:
    """Runs the ``cauce`` command as an operator would, and shows it as it would be typed."""

    def __init__(self, stack: Stack):
        # Tables as wide as this demo's output, less the indentation.
        self._environment = os.environ | stack.environment() | {"COLUMNS": str(_out.width - 4)}

    def credentials(self, nit: str, provider: str, secrets: dict[str, str]) -> None:
        """Credentials are given in a file, because a secret must not be on a command line."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(secrets, file)
            file.flush()
            self.run("provider", "credentials", nit, provider, "--file", file.name)

    def enrol(self, account: Account) -> None:
        """Enrol an issuer at DIAN: its party, its software and its certificate."""
        party = {**PARTY, "numero_documento": account.nit, "razon_social": account.name}
        software = {"software_id": account.software_id, "software_pin": account.pin}
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "emisor.json").write_text(json.dumps(party))
            (folder / "firma.p12").write_bytes(account.pkcs12())
            (folder / "clave.txt").write_text(account.password)
            (folder / "software.json").write_text(json.dumps(software))
            self.run("issuer", "party", account.nit, "--file", "emisor.json", folder=folder)
            self.run("dian", "enrol", account.nit, "--certificado", "firma.p12", "--clave-archivo", "clave.txt",
                     "--file", "software.json", folder=folder)  # fmt: skip

    def run(self, *arguments: str, secret: bool = False, folder: Path = ROOT) -> str:
        shown = " ".join(argument if " " not in argument else f"'{argument}'" for argument in arguments)
        _out.print(f"  [cyan]$ cauce {escape(shown)}[/cyan]")
        done = subprocess.run(
            [str(Path(sys.executable).with_name("cauce")), *arguments],
            env=self._environment,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise DemonstrationError(f"cauce {shown}: {done.stderr.strip() or done.stdout.strip()}")
        for line in [] if secret else done.stdout.splitlines():
            _out.print(f"    {escape(line)}")
        return done.stdout


def _front(stack: Stack, port: int | None) -> Front:
    if port is not None:
        try:
            return Front(stack, port)
        except OSError as taken:
            raise EngineError(f"port {port} is in use; leave out PORT, or name another") from taken
    try:
        return Front(stack, FRONT_PORT)
    except OSError:
        return Front(stack)


def _show(data: dict[str, Any]) -> None:
    _out.print("  [b]the record, as the ERP reads it[/b]")
    for line in json.dumps(data, indent=2, ensure_ascii=False).splitlines():
        _out.print(f"    {escape(line)}")


def _signed_xml(stack: Stack, nit: str, data: dict[str, Any], name: str) -> None:
    s3 = stack.engine.client("s3")
    for _ in range(20):
        found = s3.list_objects_v2(Bucket=stack.bucket, Prefix=f"{nit}/").get("Contents", [])
        keys = [item["Key"] for item in found if item["Key"].endswith(f"/{data['tracking_id']}/{name}")]
        if keys:
            _step("signed XML", f"s3://{stack.bucket}/{keys[0]}")
            return
        time.sleep(0.25)
    raise DemonstrationError(f"the signed XML of {data['numero_completo']} is not in the archive")


def _listed(api: httpx.Client) -> None:
    listed = api.get("/documentos", params={"estado": "aceptado", "per_page": 50}).json()
    table = _table("número", "tipo", "adquirente", "total", "estado", "emitido")
    for row in listed["data"]:
        table.add_row(
            row["numero_completo"],
            row["tipo_documento"],
            row["adquirente"]["razon_social"],
            f"{row['totales']['total']:,}",
            row["estado"],
            row["fecha_emision"],
        )
    _out.print("  [b]GET /documentos?estado=aceptado[/b]")
    _out.print(Padding(table, (0, 0, 0, 4)))


def _curl(url: str, token: str, sold: dict[str, Any]) -> None:
    _out.print("\n  [b]try it[/b]")
    _out.print(f"    TOKEN='{token}'")
    for path in (
        "/health",
        "/me",
        "/documentos?per_page=50",
        f"/documentos/{sold['tracking_id']}",
        f"/documentos/{sold['tracking_id']}/consultar",
        f"/documentos/{sold['tracking_id']}/xml",
        "/numeraciones",
    ):
        header = "" if path == "/health" else '-H "Authorization: Bearer $TOKEN" '
        _out.print(f"    curl -s {header}'{url}{path}'")
    body = json.dumps(invoice(referencia="VENTA-0002"), ensure_ascii=False)
    _out.print(
        f"    curl -s -X POST -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' "
        f"'{url}/documentos' -d '{body}'"
    )


def _title(text: str) -> None:
    _out.print(f"\n[b]{text}[/b]")


def _step(what: str, detail: str) -> None:
    _out.print(f"  [dim]{time.monotonic() - _began:6.2f} s[/dim]  {what:<24} {detail}")


def _heard(line: str) -> None:
    _out.print(f"  [dim]{time.monotonic() - _began:6.2f} s  provider hears            {escape(line)}[/dim]")


if __name__ == "__main__":
    sys.exit(main())
