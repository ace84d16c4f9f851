"""``cauce ledger`` and ``cauce verify ledger``: the chain of what became of an issuer's documents."""

import base64
import json
import textwrap
from pathlib import Path
from typing import Annotated

import typer

from cauce.admin import options, stack, verified
from cauce.admin.terminal import out, say_in_red
from cauce.contracts.v1.bodies import JsonObject
from cauce.domain.errors import InvalidDocument
from cauce.domain.ledger import Proof
from cauce.domain.time import bogota
from cauce.verification import evidence, ledger
from cauce.verification.ledger import Keys
from cauce.verification.report import Report

app = typer.Typer(no_args_is_help=True, help="La cadena de lo que pasó con los documentos de un emisor.")
verify_app = typer.Typer(no_args_is_help=True, help="Verifica archivos sin instalación y sin red.")

_NOT_READABLE = 2


@app.command("key")
def key(
    output: Annotated[
        Path | None,
        typer.Option("--salida", dir_okay=False, help="Archivo PEM que se escribe; si no, se muestra."),
    ] = None,
) -> None:
    """Da la llave pública con que se verifica la cadena. Guárdela fuera de AWS, y compárela."""
    pem = _pem(stack.gateway().ledger.public_key())
    if output is None:
        print(pem, end="")
    else:
        output.write_text(pem)


@app.command("export")
def export(
    nit: options.Nit,
    folder: Annotated[Path, typer.Option("--salida", file_okay=False, help="Carpeta en que se escribe.")],
) -> None:
    """Escribe en una carpeta la cadena entera de un emisor, y dónde termina, firmado ahora."""
    gateway = stack.gateway()
    gateway.issuers.read(nit)
    folder.mkdir(parents=True, exist_ok=True)
    # Where it ends is read first: the schedule may write on meanwhile.
    head = gateway.ledger.head(nit, bogota(gateway.now()).isoformat())
    for segment in gateway.ledger.segments(nit, head.entries):
        text = segment.model_dump_json(by_alias=True, indent=1)
        (folder / f"{segment.first:012d}.json").write_text(text, encoding="utf-8")
    (folder / ledger.HEAD).write_text(head.model_dump_json(by_alias=True, indent=1), encoding="utf-8")
    out.print(f"{head.entries} entradas en {folder}. Verifíquelas con «cauce verify ledger».")


@verify_app.callback()
def _verify() -> None:
    """Verifica archivos sin instalación y sin red."""


@verify_app.command("ledger")
def verify(
    files: Annotated[
        list[Path],
        typer.Argument(
            exists=True,
            metavar="CARPETA|EVIDENCIA.zip…",
            help="La carpeta de «cauce ledger export», o los ZIP de …/evidencia.",
        ),
    ],
    keys: Annotated[
        list[Path],
        typer.Option(
            "--key", exists=True, dir_okay=False, help="Llave pública, PEM («cauce ledger key»; repetible)."
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Para programas.")] = False,
) -> None:
    """Comprueba que en la cadena de un emisor nada fue alterado, quitado ni cambiado de lugar.

    No consulta la red. Nombra cada entrada que está mal. Sale con 1 si algo está mal, y con 2 si los archivos no son
    de una cadena.
    """
    try:
        reports = _reports(files, Keys.read(each.read_bytes() for each in keys))
    except InvalidDocument as error:
        say_in_red(error.message)
        raise typer.Exit(_NOT_READABLE) from None
    if as_json:
        told: list[JsonObject] = [verified.as_json(report, file) for file, report in reports]
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for file, report in reports:
            verified.show(report, file)
    if not all(report.is_right for _, report in reports):
        raise typer.Exit(1)


def _reports(files: list[Path], keys: Keys) -> list[tuple[Path, Report]]:
    found: list[tuple[Path, Report]] = []
    proofs: list[Proof] = []
    for file in files:
        if file.is_dir():
            inside = {each.name: each.read_bytes() for each in file.iterdir() if each.is_file()}
            found.append((file, ledger.verify(inside, keys)))
        else:
            report, more = evidence.verify(file.read_bytes(), keys, file.name)
            found.append((file, report))
            proofs += more
    if len(proofs) > 1:
        found.append((files[0].parent, evidence.compare(proofs)))
    return found


def _pem(der: bytes) -> str:
    lines = "\n".join(textwrap.wrap(base64.b64encode(der).decode(), 64))
    return f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n"
