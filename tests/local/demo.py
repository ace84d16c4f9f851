"""``make run`` and ``make demo``: documents emitted on this machine.

The real template on the local engine, strict simulators of the providers, issuers made with the operator's own command,
and real HTTP requests. What is shown is a line for each step and, at the end, what to paste into another shell; with
``-v`` also each command, each call that a provider hears, and each answer.
"""

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Empty
from typing import Any

import httpx

from cauce.reference.guide import EXAMPLE
from tests.dian_issuers import acknowledgement, adjustment, sold_on_credit
from tests.documents import PARTY, invoice, note, support_document
from tests.local import engine as local_engine
from tests.local.__main__ import to_operate
from tests.local.deploy import CACHE, DeployError, Stack, deploy
from tests.local.engine import ROOT, EngineError
from tests.local.front import Front
from tests.local.receiver import Receiver
from tests.local.told import Told
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
# Where the PDF that is shown goes: the file stays when the stack is gone.
SHOWN = CACHE / "demo"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.local.demo", description=__doc__)
    parser.add_argument("--exit", action="store_true", help="end after the demonstration")
    parser.add_argument("-v", "--verbose", action="store_true", help="show each command, call and answer")
    parser.add_argument(
        "--port", type=int, help=f"port of the API: {FRONT_PORT} if free, any free one otherwise"
    )
    asked = parser.parse_args()
    # SIGTERM ends as Ctrl-C does, so that everything that was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, _interrupt)
    told = Told(details=asked.verbose)
    try:
        with ExitStack() as started:
            demonstrate(started, asked.port, told, stay=not asked.exit)
    except (EngineError, DeployError, DemonstrationError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        told.line("Todo se detuvo.")
    return 0


def _interrupt(*_: object) -> None:
    """What Ctrl-C does once: a second one would leave running what the first is stopping."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


class DemonstrationError(Exception):
    """A step did not end as it must; the message says which step, and how."""


@dataclass(frozen=True)
class Emitted:
    """A document that was accepted, as the API told it."""

    path: str
    data: dict[str, Any]

    def __str__(self) -> str:
        if "evento" in self.data:
            return f"evento {self.data['evento']['codigo']}"
        return f"{_CALLED[self.path]} {self.data['numero_completo']}"


_CALLED = {
    "/documentos": "factura",
    "/notas-credito": "nota crédito",
    "/notas-debito": "nota débito",
    "/documentos-soporte": "documento soporte",
    "/notas-ajuste": "nota de ajuste",
}


# The invoice of the line to paste: what every provider needs, and no more, so that it can be read.
_SMALLEST = {**EXAMPLE, "referencia": "VENTA-0002"}


def demonstrate(started: ExitStack, port: int | None, told: Told, *, stay: bool) -> None:
    """Start everything, emit documents and show them; with ``stay``, then wait until interrupted."""
    front = started.enter_context(_front(port, told))
    told.step("Arranca el motor local, que hace de AWS, y un simulador de Factus")
    engine = started.enter_context(local_engine.running())
    factus = started.enter_context(FactusSimulator(say=told.heard))
    told.step("Despliega Cauce: funciones, API, colas, tabla y archivo (la primera vez, cerca de 20 s)")
    stack = deploy(engine, {"PublicUrl": front.url})
    front.serve(stack)

    operator = _Operator(stack, told)
    told.step(f"Inscribe al emisor {NAME}, que emite por Factus")
    operator.run("issuer", "create", NIT, "--name", NAME, "--provider", "factus",
                 "--setting", f"factus.base_url={factus.base_url}")  # fmt: skip
    operator.credentials(NIT, "factus", asdict(factus.credentials))
    operator.run("range", "sync", NIT)
    token = operator.token(NIT)
    webhook = started.enter_context(Receiver())
    webhook.secret = operator.run("webhook", "add", NIT, webhook.url, secret=True).split()[-1]
    with _Erp(front.url, token, told) as erp:
        emitted = [
            erp.emit("/documentos-soporte", support_document(referencia="REF0017")),
            erp.emit("/documentos", invoice(referencia="VENTA-0001")),
        ]
        told.accepted("Por Factus", emitted)
        emitted += _other_providers(started, operator, front.url)
        emitted += _dian(started, operator, front.url)

        for path in ("/documentos?estado=aceptado", f"/documentos/{emitted[1].data['tracking_id']}"):
            told.answered(path, erp.api.get(path).json())
    operator.run("document", "trace", NIT, emitted[1].data["tracking_id"])
    _pushed(stack, webhook, told)
    _last_lines(told, stack, front.url, token, emitted, stay=stay)
    while stay:
        time.sleep(3600)


def _other_providers(started: ExitStack, operator: "_Operator", url: str) -> list[Emitted]:
    """Another issuer: documents through FacEPro, ranges from Facturatech, a listing from Afacturar."""
    told = operator.told
    told.step(f"Inscribe a {OTHER_NAME}, con FacEPro, Facturatech y Afacturar: solo cambian ajustes")
    facepro = started.enter_context(
        FacEProSimulator(say=told.heard, tenants=[Tenant(nit=OTHER_NIT, razon_social=OTHER_NAME)])
    )
    facturatech = started.enter_context(FacturatechSimulator(say=told.heard))
    afacturar = started.enter_context(
        AfacturarSimulator(say=told.heard, tokens={"token-afacturar": OTHER_NIT})
    )
    operator.run("issuer", "create", OTHER_NIT, "--name", OTHER_NAME, "--environment", "produccion",
                 "--provider", "facepro",
                 "--setting", f"facepro.base_url={facepro.api_url}",
                 "--setting", f"facturatech.base_url={facturatech.base_url}",
                 "--setting", f"afacturar.base_url={afacturar.base_url}")  # fmt: skip
    operator.credentials(OTHER_NIT, "facepro", {"token": facepro.token})
    operator.credentials(OTHER_NIT, "facturatech", {"username": OTHER_NIT, "password": "servicio-web-7"})
    operator.credentials(OTHER_NIT, "afacturar", {"token": "token-afacturar"})
    operator.run("range", "sync", OTHER_NIT)
    operator.run("range", "list", OTHER_NIT)
    with _Erp(url, operator.token(OTHER_NIT), told) as erp:
        sold = erp.emit("/documentos", invoice(referencia="V-1"))
        emitted = [sold, *_notes(erp, sold, debit="1")]
        listed = erp.api.get("/emitidos", params={"proveedor": "afacturar", "cantidad": "5"}).json()
        told.answered("/emitidos?proveedor=afacturar", listed)
    told.accepted("Por FacEPro", emitted)
    return emitted


def _dian(started: ExitStack, operator: "_Operator", url: str) -> list[Emitted]:
    """An issuer with its own software and certificate: every kind of document, and an event, sent straight to DIAN."""
    told = operator.told
    told.step(f"Inscribe a {DIRECT_NAME}, sin proveedor: firma aquí y envía a la DIAN")
    dian = started.enter_context(DianSimulator(say=told.heard))
    account = dian.enrol(DIRECT_NIT, DIRECT_NAME)
    operator.run("issuer", "create", DIRECT_NIT, "--name", DIRECT_NAME, "--provider", "dian",
                 "--setting", f"dian.base_url={dian.base_url}",
                 "--setting", "dian.support_prefixes=SEDS")  # fmt: skip
    operator.enrol(account)
    operator.run("range", "sync", DIRECT_NIT)
    with _Erp(url, operator.token(DIRECT_NIT), told) as erp:
        sold = erp.emit("/documentos", invoice(referencia="D-1"))
        bought = erp.emit("/documentos-soporte", support_document(referencia="D-2"))
        date = bought.data["fecha_emision"][:10]
        emitted = [
            sold,
            *_notes(erp, sold, debit="3"),
            bought,
            erp.emit("/notas-ajuste", adjustment(bought.data["numero_completo"], bought.data["cufe"], date)),
            # A supplier elsewhere bills on credit; the receipt of its invoice is acknowledged.
            erp.emit("/eventos", acknowledgement(sold_on_credit(dian, SUPPLIER_NIT, DIRECT_NIT))),
        ]
        pdf = erp.api.get(f"/documentos/{sold.data['tracking_id']}/pdf")
    if pdf.headers["Content-Type"] != "application/pdf":
        raise DemonstrationError(f"El PDF de {sold} no llegó: {pdf.status_code} {pdf.text[:500]}")
    SHOWN.mkdir(parents=True, exist_ok=True)
    _pdf_of(sold).write_bytes(pdf.content)
    told.accepted("Por la DIAN", emitted)
    return emitted


def _pushed(stack: Stack, webhook: Receiver, told: Told) -> None:
    """Wait for the news of what the first issuer emitted. The schedule that pushes it runs each minute; here, now."""
    for _ in range(30):
        stack.run_schedule("settle")
        with suppress(Empty):
            news = webhook.got.get(timeout=2)
            about = news["data"]["documento"]
            told.detail(json.dumps(news, ensure_ascii=False))
            told.step(
                f"Un ERP recibe por webhook, con su firma comprobada: «{news['type']}», {about['numero_completo']}"
            )
            return
    raise DemonstrationError("No llegó ninguna novedad por el webhook.")


def _notes(erp: "_Erp", sold: Emitted, *, debit: str) -> list[Emitted]:
    """A credit note and a debit note on an invoice."""
    number, cufe, date = sold.data["numero_completo"], sold.data["cufe"], sold.data["fecha_emision"][:10]
    return [
        erp.emit("/notas-credito", note(number, cufe, fecha=date)),
        erp.emit("/notas-debito", note(number, cufe, fecha=date, codigo=debit)),
    ]


def _pdf_of(sold: Emitted) -> Path:
    return SHOWN / f"{sold.data['numero_completo']}.pdf"


def _last_lines(
    told: Told, stack: Stack, url: str, token: str, emitted: list[Emitted], *, stay: bool
) -> None:
    """What to open, and what to paste into another shell."""
    drawn = next(each for each in reversed(emitted) if each.path == "/documentos")
    body = json.dumps(_SMALLEST, ensure_ascii=False, separators=(",", ":"))
    told.step(
        f"Listo: {len(emitted)} documentos aceptados. "
        + ("Todo sigue en marcha hasta que oprima Ctrl-C:" if stay else "Con «make run» quedaría en marcha:")
    )
    told.line(f"URL='{url}'")
    told.line(f"TOKEN='{token}'")
    told.line(f"Consola, en el navegador y con ese TOKEN: {url}/consola")
    told.line(f"Representación gráfica (PDF) de la {drawn}: {_pdf_of(drawn)}")
    told.line("El comando cauce, en otra terminal: " + f"{to_operate(stack)}; cauce issuer show")
    told.line(
        f"Emita otra factura, en otra terminal: curl -s '{url}/documentos' -H 'Authorization: Bearer {token}' "
        f"-H 'Content-Type: application/json' -d {shlex.quote(body)}"
    )


def _front(port: int | None, told: Told) -> Front:
    """The API's port, taken before anything is started. Raises EngineError where somebody else has it."""
    try:
        return Front(FRONT_PORT if port is None else port)
    except OSError as taken:
        if port is not None:
            raise EngineError(local_engine.in_use(port)) from taken
    front = Front()
    told.line(f"El puerto {FRONT_PORT} está ocupado: se usa el {front.port} (PORT=… elige otro).")
    return front


class _Erp:
    """An ERP with its issuer's token. A context manager."""

    def __init__(self, url: str, token: str, told: Told):
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self.api = httpx.Client(base_url=url, headers=headers, timeout=40)
        self._told = told

    def __enter__(self) -> "_Erp":
        return self

    def __exit__(self, *_: object) -> None:
        self.api.close()

    def emit(self, path: str, body: dict[str, Any]) -> Emitted:
        """POST a document and ask until it is settled. Raises DemonstrationError if it is not accepted."""
        answer = self.api.post(path, json=body)
        if answer.status_code != 201:
            raise DemonstrationError(f"POST {path} respondió {answer.status_code}: {answer.text}")
        data: dict[str, Any] = answer.json()["data"]
        for _ in range(30):
            if data["estado"] != "pendiente":
                break
            time.sleep(1)
            data = self.api.get(f"/documentos/{data['tracking_id']}").json()
        if data["estado"] != "aceptado":
            raise DemonstrationError(
                f"{data['tracking_id']} terminó {data['estado']}: {data['estado_detalle']}"
            )
        total = f"{data['numero_completo']}  {data['totales']['total']:,} COP  " if data["totales"] else ""
        self._told.detail(
            f"POST {path}  201  {data['estado']}  {total}{data['tipo_codigo']} {data['cufe']}",
            *(f"  {notice['mensaje']}" for notice in data["notificaciones"]),
        )
        return Emitted(path, data)


class _Operator:
    """Runs the ``cauce`` command as an operator would; with details, shows it as it would be typed."""

    def __init__(self, stack: Stack, told: Told):
        self.told = told
        self._environment = os.environ | stack.environment() | {"COLUMNS": "116"}

    def token(self, nit: str) -> str:
        return self.run("token", "create", nit, "--name", "ERP", "--quiet", secret=True).strip()

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
        typed = shlex.join(["cauce", *arguments])
        done = subprocess.run(
            [str(Path(sys.executable).with_name("cauce")), *arguments],
            env=self._environment,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise DemonstrationError(f"{typed}: {done.stderr.strip() or done.stdout.strip()}")
        self.told.detail(f"$ {typed}", *([] if secret else done.stdout.splitlines()))
        return done.stdout


if __name__ == "__main__":
    sys.exit(main())
