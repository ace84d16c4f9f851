"""``cauce token``: who may call the API for an issuer."""

from datetime import date, datetime, timedelta
from typing import Annotated

import typer
from rich.markup import escape

from cauce.admin import options, stack
from cauce.admin.terminal import agreed, out, table
from cauce.domain.access_token import USUAL, AccessToken, Scope
from cauce.domain.errors import Conflict
from cauce.domain.time import bogota
from cauce.reception import access

app = typer.Typer(no_args_is_help=True, help="Tokens del API.")

# The scopes that a token has only by name.
_BY_NAME = ", ".join(scope for scope in Scope if scope not in USUAL)


@app.command("create")
def create(
    nit: options.Nit,
    name: Annotated[str, typer.Option("--name", "--nombre", help="Quién lo usará.")],
    email: Annotated[str, typer.Option("--email", "--correo", help="Correo de quien lo usará.")] = "",
    ends: Annotated[
        str | None,
        typer.Option("--vence", help="Último día en que sirve: 2027-01-31, o 90 (días). Si no, no vence."),
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--alcance",
            help=f"Para qué sirve: {', '.join(Scope)} (repetible). Si no, para todo menos {_BY_NAME}.",
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "--solo-token", help="Imprime solo el token.")] = False,
) -> None:
    """Crea un token del API, del ambiente en que está el emisor. Se muestra una sola vez.

    Empieza por cauce_hab_ o cauce_prod_: solo emite, numera y decide mientras el emisor está en ese ambiente.
    Alcances: «emitir» documentos, eventos y lotes; «consultar» uno del que se sabe el id, y sus archivos; «leer» los
    listados; «numerar», los rangos; «decidir» lo que espera a una persona; «adquirientes», averiguar el nombre y el
    correo de quien compra, que son datos personales; «avisos», decir a dónde se envían las novedades. Los dos
    últimos solo los tiene el token al que se le dan por su nombre.
    """
    gateway = stack.gateway()
    token, bearer = access.grant(
        gateway,
        nit,
        name=name,
        email=email,
        scopes=options.scopes(scope or []),
        expires_at=options.end(ends, gateway.now()) if ends is not None else None,
    )
    if quiet:
        print(bearer)
        return
    out.print(
        f"Token {token.id} de {nit} («{escape(token.name)}»), {_use(token)}. "
        "Cópielo ahora: no se vuelve a mostrar."
    )
    print(bearer)


@app.command("list")
def list_(nit: options.Nit) -> None:
    """Lista los tokens de un emisor; nunca sus secretos. El último uso se anota una vez por hora, cuando más."""
    listed = table(
        "id", "nombre", "correo", "ambiente", "alcances", "creado", "vence", "último uso", "revocado"
    )
    for token in stack.gateway().access_tokens.all(nit):
        listed.add_row(
            str(token.id),
            escape(token.name),
            escape(token.email),
            token.world.called if token.world else "",
            _scopes(token),
            _minute(token.created_at),
            str(_last_day(token.expires_at)) if token.expires_at else "",
            _minute(token.last_used_at) if token.last_used_at else "",
            _minute(token.revoked_at) if token.revoked_at else "",
        )
    out.print(listed)


@app.command("revoke")
def revoke(
    nit: Annotated[str, typer.Argument(help="NIT del emisor del token.")],
    token_id: Annotated[int, typer.Argument(metavar="ID", help="El de «cauce token list».")],
    yes: Annotated[bool, typer.Option("--si", "-y", help="No pregunta.")] = False,
) -> None:
    """Revoca un token de ese emisor, después de preguntar: desde ya no sirve, y no se puede deshacer."""
    gateway = stack.gateway()
    token = access.own_token(gateway, nit, token_id)
    if token.revoked_at:
        out.print(f"Token {token.id} de {nit} ya estaba revocado, desde {_minute(token.revoked_at)}.")
        return
    if not yes and not agreed(f"¿Revocar el token {token.id} de {nit} («{token.name}»)? Deja de servir ya."):
        raise Conflict(f"El token {token.id} no se revocó: sin un «s», o «--si», no se toca.")
    access.revoke(gateway, nit, token_id)
    out.print(f"Token {token.id} de {nit} revocado.")


def _use(token: AccessToken) -> str:
    """A token's environment, scopes and last day, in words."""
    world = token.world.called if token.world else "cualquier ambiente"
    until = f"hasta el {_last_day(token.expires_at)}" if token.expires_at else "sin vencimiento"
    return f"de {world}, alcances: {_scopes(token)}, {until}"


def _scopes(token: AccessToken) -> str:
    if token.scopes == USUAL:
        return f"todos menos {_BY_NAME}"
    return "todos" if token.scopes == frozenset(Scope) else ", ".join(s for s in Scope if s in token.scopes)


def _last_day(end: datetime) -> date:
    return bogota(end - timedelta(microseconds=1)).date()


def _minute(moment: datetime) -> str:
    return f"{bogota(moment):%Y-%m-%d %H:%M}"
