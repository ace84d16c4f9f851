"""``cauce queue``: what waits in the two queues, and what they gave up."""

import json
from typing import Annotated, Any

import typer
from rich.markup import escape

from cauce import dead_letters
from cauce.admin import stack
from cauce.admin.terminal import out, table
from cauce.api import lots
from cauce.aws.dead_letters import DeadLetter, DeadLetters, Depth
from cauce.domain.lot import GoOn, Straight, Uploaded
from cauce.domain.record import Record
from cauce.gateway import Gateway

app = typer.Typer(
    no_args_is_help=True, help="Las colas de emisión y de entrada, y los mensajes que abandonaron."
)

_Json = Annotated[bool, typer.Option("--json", help="Para otro programa.")]
_Row = dict[str, Any]

# Which fields of a row a person is shown, under which heading.
_EMISSION = {
    "mensaje": "mensaje",
    "emisor": "emisor",
    "tracking_id": "documento",
    "estado": "estado",
    "ultimo_error": "último error",
}
_INTAKE = {
    "mensaje": "mensaje",
    "emisor": "emisor",
    "remitente": "remitente",
    "lote": "lote",
    "referencia": "referencia",
    "motivo": "motivo",
}


@app.command("show")
def show(
    most: Annotated[int, typer.Option("--most", min=1, help="Mensajes abandonados que se muestran.")] = 100,
    as_json: _Json = False,
) -> None:
    """Muestra cuánto espera en cada cola y cada mensaje abandonado: de qué trata y por qué."""
    gateway = stack.gateway()
    emission = [
        _emission_row(letter, dead_letters.about(gateway, letter))
        for letter in gateway.dead_letters.look(most, patient=True)
    ]
    intake = [
        _intake_row(gateway, letter, dead_letters.hindrance(gateway, letter))
        for letter in gateway.intake_dead_letters.look(most, patient=True)
    ]
    depths = {
        "emision": gateway.dead_letters.depths(),
        "entrada": gateway.intake_dead_letters.depths(),
    }
    if as_json:
        rows = {"emision": emission, "entrada": intake}
        told = {
            name: {"cola": _counts(queue), "abandonados": _counts(dead), "mensajes": rows[name]}
            for name, (queue, dead) in depths.items()
        }
        print(json.dumps(told, ensure_ascii=False))
        return
    _tell("En la cola de emisión", depths["emision"], emission, _EMISSION)
    _tell("En la cola de entrada", depths["entrada"], intake, _INTAKE)


@app.command("redrive")
def redrive(as_json: _Json = False) -> None:
    """Devuelve los mensajes abandonados de las dos colas. Se puede repetir: nada se emite dos veces.

    Los de emisión vuelven a su cola, en su orden. Los de entrada se reciben aquí mismo, como si se entregaran una
    vez más. Lo que no se puede devolver queda donde está, con el motivo.
    """
    gateway = stack.gateway()
    emission = [
        _emission_row(letter, record) | {"devuelto": record is not None}
        for letter, record in dead_letters.redrive(gateway)
    ]
    intake = [
        _intake_row(gateway, letter, trouble) | {"devuelto": trouble is None}
        for letter, trouble in dead_letters.take_in(gateway, lots.asked)
    ]
    if as_json:
        print(json.dumps({"emision": emission, "entrada": intake}, ensure_ascii=False))
        return
    _tell_returned("Devueltos a la cola de emisión", gateway.dead_letters, emission, _EMISSION)
    _tell_returned("Recibidos de la cola de entrada", gateway.intake_dead_letters, intake, _INTAKE)


def _tell(title: str, depths: tuple[Depth, Depth], rows: list[_Row], columns: dict[str, str]) -> None:
    queue, dead = depths
    abandoned = dead.waiting + dead.in_flight
    out.print(f"{title}: {queue.waiting} en espera, {queue.in_flight} en curso; abandonados: {abandoned}.")
    if rows:
        _list(rows, columns)
    if len(rows) < abandoned:
        out.print(f"Se muestran {len(rows)}; de una fila de emisión, diez a la vez como mucho.")


def _tell_returned(what: str, letters: DeadLetters, rows: list[_Row], columns: dict[str, str]) -> None:
    left = [row for row in rows if not row["devuelto"]]
    out.print(f"{what}: {len(rows) - len(left)}.")
    if left:
        out.print(f"Se dejan donde están: {len(left)}.")
        _list(left, columns)
    elif in_flight := letters.depths()[1].in_flight:
        out.print(f"{in_flight} los está mirando alguien ahora; repita en un minuto.")


def _list(rows: list[_Row], columns: dict[str, str]) -> None:
    listed = table(*columns.values())
    for row in rows:
        listed.add_row(*(escape(str(row[name] or "—")) for name in columns))
    out.print(listed)


def _counts(depth: Depth) -> dict[str, int]:
    return {"en_espera": depth.waiting, "en_curso": depth.in_flight}


def _emission_row(letter: DeadLetter, record: Record | None) -> _Row:
    job = letter.job
    return {
        "mensaje": letter.message_id,
        "fila": letter.group,
        "entregas": letter.deliveries,
        "emisor": job.issuer if job else None,
        "tracking_id": job.document_id if job else None,
        "estado": record.state.value if record else None,
        "ultimo_error": record.last_error if record else "no es de un documento de Cauce",
    }


def _intake_row(gateway: Gateway, letter: DeadLetter, why: str | None) -> _Row:
    envelope = letter.envelope
    issuer: str | None = envelope.issuer
    lot: str | None = None
    reference: str | None = None
    match gateway.intake.message(letter.body):
        case Straight(text):
            lot, reference = envelope.line.lot, lots.asked(text.encode("utf-8", "surrogatepass")).reference
        case GoOn(nit, lot_id, _) | Uploaded(((nit, lot_id), *_)):
            issuer, lot = nit, lot_id
    return {
        "mensaje": letter.message_id,
        "enviado": envelope.sent_at.isoformat(),
        "entregas": letter.deliveries,
        "emisor": issuer,
        "remitente": envelope.sender,
        "lote": lot,
        "referencia": reference,
        "motivo": why,
    }
