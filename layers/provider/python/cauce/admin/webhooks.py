"""``cauce webhook``: where an issuer's news is pushed to, and what became of it."""

from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape

from cauce.admin import options, stack
from cauce.admin.terminal import agreed, out, table
from cauce.contracts.v1 import webhooks
from cauce.contracts.v1.bodies import JsonObject
from cauce.domain.endpoint import Endpoint
from cauce.domain.errors import Conflict
from cauce.domain.time import bogota
from cauce.gateway import Gateway
from cauce.telling import endpoints

app = typer.Typer(no_args_is_help=True, help="Webhooks: a dónde se envían las novedades de un emisor.")

_Id = Annotated[str, typer.Argument(metavar="ID", help="El de «cauce webhook list».")]


@app.command("add")
def add(
    nit: options.Nit,
    url: Annotated[str, typer.Argument(metavar="URL", help="Dirección https que recibe las novedades.")],
    types: Annotated[
        list[str] | None,
        typer.Option(
            "--tipo", help="Tipo de novedad, como rechazo o contingencia.* (repetible). Si no, todas."
        ),
    ] = None,
    description: Annotated[str, typer.Option("--descripcion", help="Para qué es.")] = "",
) -> None:
    """Agrega un webhook. Su secreto, con el que se firma lo que recibe, se muestra una sola vez."""
    gateway = stack.gateway()
    gateway.issuers.read(nit)
    body: JsonObject = {"url": url, "tipos": list(types or ()), "descripcion": description}
    asked = webhooks.new(body, local=gateway.local_endpoints)
    made, secret = endpoints.create(
        gateway, nit, asked.url, asked.tipos or (), asked.descripcion, by="operador"
    )
    out.print(f"Webhook {made.id} de {nit}. Copie su secreto ahora: no se vuelve a mostrar.")
    print(secret.get_secret_value())


@app.command("list")
def list_(nit: options.Nit) -> None:
    """Lista los webhooks de un emisor; nunca sus secretos."""
    listed = table("id", "dirección", "tipos", "estado", "fallos", "motivo", whole="id")
    for each in stack.gateway().endpoints.all(nit):
        shown = webhooks.shown(each)
        listed.add_row(
            each.id,
            escape(each.url),
            ", ".join(webhooks.named(each.types)) or "todos",
            str(shown["estado"]),
            str(each.failures or ""),
            escape(each.disabled_why or ""),
        )
    out.print(listed)


@app.command("rotate")
def rotate(nit: options.Nit, webhook_id: _Id) -> None:
    """Cambia el secreto de un webhook. El anterior también firma durante 24 horas."""
    gateway, found = _found(nit, webhook_id)
    _, secret, until = endpoints.rotate(gateway, found)
    out.print(f"Secreto nuevo de {found.id}; el anterior vale hasta el {_minute(until)}. Cópielo ahora.")
    print(secret.get_secret_value())


@app.command("disable")
def disable(nit: options.Nit, webhook_id: _Id) -> None:
    """Desactiva un webhook: no se le envía nada hasta que se active, y nada se pierde."""
    gateway, found = _found(nit, webhook_id)
    endpoints.change(gateway, found, active=False)
    out.print(f"Webhook {found.id} desactivado.")


@app.command("enable")
def enable(nit: options.Nit, webhook_id: _Id) -> None:
    """Activa un webhook y le envía lo que no recibió."""
    gateway, found = _found(nit, webhook_id)
    endpoints.change(gateway, found, active=True)
    out.print(f"Webhook {found.id} activo; recibirá también lo que no recibió.")


@app.command("remove")
def remove(
    nit: options.Nit,
    webhook_id: _Id,
    yes: Annotated[bool, typer.Option("--si", "-y", help="No pregunta.")] = False,
) -> None:
    """Elimina un webhook, después de preguntar: lo que estaba por entregarle no se le entrega."""
    gateway, found = _found(nit, webhook_id)
    if not yes and not agreed(f"¿Eliminar el webhook {found.id}, de {found.url}?"):
        raise Conflict(f"El webhook {found.id} no se eliminó: sin un «s», o «--si», no se toca.")
    endpoints.remove(gateway, found)
    out.print(f"Webhook {found.id} eliminado.")


@app.command("test")
def test(nit: options.Nit, webhook_id: _Id) -> None:
    """Llama ahora a un webhook con una novedad de prueba, y dice qué respondió."""
    gateway, found = _found(nit, webhook_id)
    tried = endpoints.test(gateway, found, webhooks.sent)
    if tried.why is not None:
        raise Conflict(f"No la recibió. {tried.why}")
    out.print(f"La recibió: respondió {tried.status} en {tried.took_ms} ms.")


@app.command("deliveries")
def deliveries(
    nit: options.Nit,
    webhook_id: _Id,
    most: Annotated[int, typer.Option("--most", min=1, max=100, help="Cuántas se muestran.")] = 20,
) -> None:
    """Muestra las últimas entregas a un webhook: qué, cuándo y qué respondió."""
    gateway, found = _found(nit, webhook_id)
    page, _ = gateway.deliveries.log(nit, found.id, None, most)
    for each in page:
        shown, last = webhooks.delivery(each), each.tries[-1] if each.tries else None
        said = (
            _minute(each.news.at),
            str(shown["tipo"]),
            str(shown["estado"]),
            f"intentos: {len(each.tries)}",
            f"último {_minute(last.at)}: {escape(last.why or str(last.status))}" if last else "",
        )
        out.print("  ".join(filter(None, said)))
        out.print(f"  [dim]{shown['id']}[/dim]")
    if not page:
        out.print("Todavía no hay entregas.")


@app.command("replay")
def replay(
    nit: options.Nit,
    webhook_id: _Id,
    delivery: Annotated[
        str | None, typer.Option("--entrega", help="La de «cauce webhook deliveries».")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--desde", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="Hora de Bogotá."),
    ] = None,
    failed: Annotated[bool, typer.Option("--abandonadas", help="Solo las que se abandonaron.")] = False,
) -> None:
    """Repite una entrega, o todas desde una fecha; llevan el mismo identificador que la primera vez."""
    gateway, found = _found(nit, webhook_id)
    moment = since.isoformat() + "-05:00" if since else None
    position, at, only_failed = webhooks.again(
        {"entrega": delivery, "desde": moment, "solo_abandonadas": failed}
    )
    if at is None:
        endpoints.deliver_again(gateway, found, position or "")
        out.print("Se repite una entrega, en menos de un minuto.")
        return
    count = 0
    while at is not None:
        more, at = endpoints.deliver_again_since(gateway, found, at, failed=only_failed)
        count += more
    out.print(f"Se repiten {count} entregas.")


def _found(nit: str, webhook_id: str) -> tuple[Gateway, Endpoint]:
    gateway = stack.gateway()
    return gateway, gateway.endpoints.read(nit, webhook_id)


def _minute(moment: datetime) -> str:
    return f"{bogota(moment):%Y-%m-%d %H:%M}"
