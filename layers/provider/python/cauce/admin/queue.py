"""``cauce queue``: how much waits in the queues, and the messages that they gave up."""

import json
from typing import Annotated

import typer
from rich.markup import escape

from cauce.admin import stack
from cauce.admin.terminal import out, table
from cauce.aws.dead_letters import DeadLetter, DeadLetters, Depth
from cauce.contracts.v1 import lots, traces
from cauce.contracts.v1.bodies import JsonObject
from cauce.domain.record import Record
from cauce.gateway import Gateway
from cauce.settling import redriving

app = typer.Typer(
    no_args_is_help=True,
    help="Las colas de emisión, de entrada y de control, y los mensajes que abandonaron.",
)

_Json = Annotated[bool, typer.Option("--json", help="Para otro programa.")]
_Row = JsonObject

# The fields of a row that are shown to a person; some have another heading.
_EMISSION = ("mensaje", "emisor", "tracking_id", "estado", "ultimo_error")
_INTAKE = ("mensaje", "emisor", "remitente", "lote", "referencia", "motivo")
_CONTROL = ("mensaje", "emisor", "lote", "motivo")
_HEADINGS = {"tracking_id": "documento", "ultimo_error": "último error"}


@app.command("show")
def show(
    most: Annotated[int, typer.Option("--most", min=1, help="Mensajes abandonados que se muestran.")] = 100,
    as_json: _Json = False,
) -> None:
    """Muestra cuánto espera en cada cola y cada mensaje abandonado: de qué trata y por qué."""
    gateway = stack.gateway()
    emission = [
        _emission_row(letter, redriving.about(gateway, letter))
        for letter in gateway.dead_letters.look(most, patient=True)
    ]
    intake = [
        _intake_row(letter, redriving.hindrance(gateway, letter))
        for letter in gateway.intake_dead_letters.look(most, patient=True)
    ]
    control = [
        _control_row(gateway, letter) for letter in gateway.control_dead_letters.look(most, patient=True)
    ]
    depths = {
        "emision": gateway.dead_letters.depths(),
        "entrada": gateway.intake_dead_letters.depths(),
        "control": gateway.control_dead_letters.depths(),
    }
    if as_json:
        rows = {"emision": emission, "entrada": intake, "control": control}
        told = {
            name: {"cola": _counts(queue), "abandonados": _counts(dead), "mensajes": rows[name]}
            for name, (queue, dead) in depths.items()
        }
        print(json.dumps(told, ensure_ascii=False))
        return
    _tell("En la cola de emisión", depths["emision"], emission, _EMISSION)
    _tell("En la cola de entrada", depths["entrada"], intake, _INTAKE)
    _tell("En la cola de control", depths["control"], control, _CONTROL)


@app.command("redrive")
def redrive(as_json: _Json = False) -> None:
    """Devuelve los mensajes abandonados de las colas. Se puede repetir: nada se emite dos veces.

    Los de emisión vuelven a su cola, en su orden. Los de entrada se reciben aquí mismo, como si se entregaran una
    vez más. Los de control se retiran, y la agenda sigue en menos de un minuto con los lotes de que tratan. Lo que
    no se puede devolver queda donde está, con el motivo.
    """
    gateway = stack.gateway()
    emission = [
        _emission_row(letter, record) | {"devuelto": record is not None}
        for letter, record in redriving.redrive(gateway)
    ]
    intake = [
        _intake_row(letter, trouble) | {"devuelto": trouble is None}
        for letter, trouble in redriving.take_in(gateway, lots.asked)
    ]
    control = [_control_row(gateway, letter) | {"devuelto": True} for letter in redriving.wake(gateway)]
    if as_json:
        told = {"emision": emission, "entrada": intake, "control": control}
        print(json.dumps(told, ensure_ascii=False))
        return
    _tell_returned("Devueltos a la cola de emisión", gateway.dead_letters, emission, _EMISSION)
    _tell_returned("Recibidos de la cola de entrada", gateway.intake_dead_letters, intake, _INTAKE)
    _tell_returned("Retirados de la cola de control", gateway.control_dead_letters, control, _CONTROL)


def _tell(title: str, depths: tuple[Depth, Depth], rows: list[_Row], columns: tuple[str, ...]) -> None:
    queue, dead = depths
    abandoned = dead.waiting + dead.in_flight
    out.print(f"{title}: {queue.waiting} en espera, {queue.in_flight} en curso; abandonados: {abandoned}.")
    if rows:
        _list(rows, columns)
    if len(rows) < abandoned:
        out.print(f"Se muestran {len(rows)}; de una fila de emisión, diez a la vez como mucho.")


def _tell_returned(what: str, letters: DeadLetters, rows: list[_Row], columns: tuple[str, ...]) -> None:
    left = [row for row in rows if not row["devuelto"]]
    out.print(f"{what}: {len(rows) - len(left)}.")
    if left:
        out.print(f"Se dejan donde están: {len(left)}.")
        _list(left, columns)
    elif in_flight := letters.depths()[1].in_flight:
        out.print(f"{in_flight} los está mirando alguien ahora; repita en un minuto.")


def _list(rows: list[_Row], columns: tuple[str, ...]) -> None:
    listed = table(*(_HEADINGS.get(name, name) for name in columns))
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
        "estado": traces.STATES[record.state] if record else None,
        "ultimo_error": record.last_error if record else "no es de un documento de Cauce",
    }


def _intake_row(letter: DeadLetter, why: str | None) -> _Row:
    envelope = letter.envelope
    return {
        "mensaje": letter.message_id,
        "enviado": envelope.sent_at.isoformat(),
        "entregas": letter.deliveries,
        "emisor": envelope.issuer,
        "remitente": envelope.sender,
        "lote": envelope.line.lot,
        "referencia": lots.asked(letter.body.encode("utf-8", "surrogatepass")).reference,
        "motivo": why,
    }


def _control_row(gateway: Gateway, letter: DeadLetter) -> _Row:
    about = redriving.lots_of(gateway, letter)
    return {
        "mensaje": letter.message_id,
        "enviado": letter.envelope.sent_at.isoformat(),
        "entregas": letter.deliveries,
        "emisor": ", ".join(dict.fromkeys(nit for nit, _ in about)) or None,
        "lote": ", ".join(lot_id for _, lot_id in about) or None,
        "motivo": redriving.what_became(gateway, letter),
    }
