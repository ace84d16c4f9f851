"""``cauce token``: who may call the API for an issuer."""

from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape

from cauce import access
from cauce.admin import stack
from cauce.admin.terminal import agreed, out, table
from cauce.domain.errors import Conflict
from cauce.domain.time import bogota

app = typer.Typer(no_args_is_help=True, help="Tokens del API.")


@app.command("create")
def create(
    nit: str,
    name: Annotated[str, typer.Option("--name", help="Quién lo usará.")],
    email: Annotated[str, typer.Option("--email")] = "",
    quiet: Annotated[bool, typer.Option("--quiet", help="Imprime solo el token.")] = False,
) -> None:
    """Crea un token del API. Se muestra una sola vez."""
    token, bearer = access.grant(stack.gateway(), nit, name=name, email=email)
    if quiet:
        print(bearer)
        return
    out.print(f"Token {token.id} de {nit} («{escape(token.name)}»). Cópielo ahora: no se vuelve a mostrar.")
    print(bearer)


@app.command("list")
def list_(nit: str) -> None:
    """Lista los tokens de un emisor; nunca sus secretos."""
    listed = table("id", "nombre", "correo", "creado", "revocado")
    for token in stack.gateway().store.tokens(nit):
        listed.add_row(
            str(token.id),
            escape(token.name),
            escape(token.email),
            _minute(token.created_at),
            _minute(token.revoked_at) if token.revoked_at else "",
        )
    out.print(listed)


@app.command("revoke")
def revoke(
    nit: Annotated[str, typer.Argument(help="El emisor del token.")],
    token_id: Annotated[int, typer.Argument(metavar="ID", help="El de «cauce token list».")],
    yes: Annotated[bool, typer.Option("--si", "-y", help="No pregunta.")] = False,
) -> None:
    """Revoca un token de ese emisor, después de preguntar: desde ya no sirve, y no se puede deshacer."""
    gateway = stack.gateway()
    token = access.held(gateway, nit, token_id)
    if token.revoked_at:
        out.print(f"Token {token.id} de {nit} ya estaba revocado, desde {_minute(token.revoked_at)}.")
        return
    if not yes and not agreed(f"¿Revocar el token {token.id} de {nit} («{token.name}»)? Deja de servir ya."):
        raise Conflict(f"El token {token.id} no se revocó: sin un «s», o «--si», no se toca.")
    access.revoke(gateway, nit, token_id)
    out.print(f"Token {token.id} de {nit} revocado.")


def _minute(moment: datetime) -> str:
    return f"{bogota(moment):%Y-%m-%d %H:%M}"
