"""``cauce queue``: what waits, and what the queue gave up."""

import json
from typing import Annotated, Any

import typer
from rich.markup import escape

from cauce import dead_letters
from cauce.admin import stack
from cauce.admin.terminal import out, table
from cauce.aws.dead_letters import DeadLetter
from cauce.domain.record import Record

app = typer.Typer(no_args_is_help=True, help="La cola de emisión y los mensajes que abandonó.")

_Json = Annotated[bool, typer.Option("--json", help="Para otro programa.")]


@app.command("show")
def show(
    most: Annotated[int, typer.Option("--most", min=1, help="Mensajes abandonados que se muestran.")] = 100,
    as_json: _Json = False,
) -> None:
    """Muestra cuánto espera en la cola y cada mensaje abandonado, con el documento del que trata."""
    gateway = stack.gateway()
    emission, dead = gateway.dead_letters.depths()
    found = [(letter, dead_letters.about(gateway, letter)) for letter in gateway.dead_letters.look(most)]
    if as_json:
        rows = [_row(letter, record) for letter, record in found]
        counts = {"en_espera": emission.waiting, "en_curso": emission.in_flight}
        given_up = {"en_espera": dead.waiting, "en_curso": dead.in_flight}
        print(json.dumps({"cola": counts, "abandonados": given_up, "mensajes": rows}, ensure_ascii=False))
        return
    out.print(f"En la cola: {emission.waiting} en espera, {emission.in_flight} en curso.")
    out.print(f"Abandonados: {dead.waiting + dead.in_flight}.")
    if found:
        _list(found)


@app.command("redrive")
def redrive(as_json: _Json = False) -> None:
    """Devuelve a la cola los mensajes abandonados, en su orden. Se puede repetir: nada se emite dos veces."""
    gateway = stack.gateway()
    found = list(dead_letters.redrive(gateway))
    back = [(letter, record) for letter, record in found if record is not None]
    left = gateway.dead_letters.depths()[1]
    if as_json:
        rows = [_row(letter, record) | {"devuelto": record is not None} for letter, record in found]
        print(json.dumps({"mensajes": rows}, ensure_ascii=False))
        return
    out.print(f"{len(back)} mensajes de vuelta en la cola.")
    if len(found) > len(back):
        out.print(f"{len(found) - len(back)} no son de ningún documento de Cauce; se dejan donde están:")
        _list([(letter, None) for letter, record in found if record is None])
    elif left.in_flight:
        out.print(f"{left.in_flight} los está mirando alguien ahora; repita en un minuto.")


def _list(found: list[tuple[DeadLetter, Record | None]]) -> None:
    listed = table("mensaje", "emisor", "documento", "estado", "último error")
    for letter, record in found:
        row = _row(letter, record)
        listed.add_row(*(escape(str(row[name] or "—")) for name in _COLUMNS))
    out.print(listed)


_COLUMNS = ("mensaje", "emisor", "tracking_id", "estado", "ultimo_error")


def _row(letter: DeadLetter, record: Record | None) -> dict[str, Any]:
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
