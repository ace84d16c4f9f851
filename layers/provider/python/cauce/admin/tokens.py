"""``cauce token``: who may call the API for an issuer."""

from typing import Annotated

import typer
from rich.markup import escape

from cauce import access
from cauce.admin import stack
from cauce.admin.terminal import out, table
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
            f"{bogota(token.created_at):%Y-%m-%d %H:%M}",
            f"{bogota(token.revoked_at):%Y-%m-%d %H:%M}" if token.revoked_at else "",
        )
    out.print(listed)


@app.command("revoke")
def revoke(token_id: int) -> None:
    """Revoca un token: desde ya no sirve."""
    token = access.revoke(stack.gateway(), token_id)
    out.print(f"Token {token.id} de {token.issuer} revocado.")
