"""``cauce document``: shows a document and its trace, tries one again that waits, and works on files."""

from collections.abc import Iterable
from typing import Annotated

import typer
from rich.markup import escape

from cauce.admin import offline, options, stack, words
from cauce.admin.terminal import facts, out, table
from cauce.contracts.v1 import traces
from cauce.domain.record import SETTLED, Contingency, Record
from cauce.domain.time import bogota
from cauce.gateway import Gateway
from cauce.settling import decisions

app = typer.Typer(no_args_is_help=True, help="Documentos: los emitidos, y archivos sin conexión.")
app.command("build")(offline.build)
app.command("check")(offline.check)
app.command("verify")(offline.verify)

_Document = Annotated[str, typer.Argument(help="tracking_id o referencia.")]


@app.command("show")
def show(nit: options.Nit, document: _Document) -> None:
    """Muestra un documento: qué es, en qué va y qué dijo el proveedor."""
    facts(_facts(_find(stack.gateway(), nit, document)))


@app.command("trace")
def trace(nit: options.Nit, document: _Document) -> None:
    """Muestra, paso a paso y con su hora, todo lo que le pasó a un documento."""
    record = _find(stack.gateway(), nit, document)
    listed = table("hora", "paso", "detalle", "quién")
    for step in record.steps:
        listed.add_row(
            f"{step.at.astimezone(bogota(step.at).tzinfo):%Y-%m-%d %H:%M:%S.%f}"[:-3],
            escape(traces.step(step.what)),
            escape(step.detail or ""),
            escape(step.by or ""),
        )
    out.print(listed)


@app.command("retry")
def retry(nit: options.Nit, document: _Document) -> None:
    """Intenta ya un documento que espera su turno o que falló; nunca uno que pueda haber llegado."""
    gateway = stack.gateway()
    record = decisions.retry(gateway, _find(gateway, nit, document))
    out.print(f"Documento {record.document_id} en la cola; siga con «cauce document trace».")


def _facts(record: Record) -> Iterable[tuple[str, str]]:
    yield "tracking_id", record.document_id
    yield "tipo", words.KINDS[record.kind]
    yield "estado", f"[b]{traces.STATES[record.state]}[/b]"
    yield "número", str(record.number or "—")
    yield "código único", record.uuid or "—"
    yield "proveedor", record.provider
    yield "referencia", record.content.reference or "—"
    yield "emitido", record.issued_at.isoformat()
    if record.event is None:
        yield "total", f"{record.payable:,.2f} {record.document.currency}"
    yield "intentos", str(record.attempt)
    yield "XML firmado", record.signed_xml or "—"
    if record.contingency is not None:
        yield "contingencia", _in_words(record, record.contingency)
    for message in record.rejections:
        yield "rechazo", f"[red]{escape(message.text)}[/red]"
    for message in (*record.findings, *record.notices):
        yield f"notificación ({message.said_by})", escape(message.text)
    if record.last_error:
        yield "último error", f"[red]{escape(record.last_error)}[/red]"


def _in_words(record: Record, found: Contingency) -> str:
    """Whether its invoice of type 04 still counts, and until when DIAN must have it."""
    issued = f"tipo 04 desde {bogota(found.since):%Y-%m-%d %H:%M}"
    if found.void_uuid is not None:
        return f"{issued}; sin efecto: la DIAN ya tenía la ordinaria (CUFE del tipo 04: {found.void_uuid})"
    if record.state in SETTLED:
        return issued
    if found.limit is None:
        return f"{issued}; el plazo corre cuando la DIAN vuelva"
    return f"{issued}; debe transmitirse antes de {bogota(found.limit):%Y-%m-%d %H:%M}"


def _find(gateway: Gateway, nit: str, document: str) -> Record:
    return gateway.records.by_reference(nit, document) or gateway.records.read(nit, document)
