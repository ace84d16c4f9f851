"""``cauce provider``: the credentials of each issuer at each provider."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from cauce.admin import options, stack
from cauce.admin.terminal import out
from cauce.providers import registry

app = typer.Typer(no_args_is_help=True, help="Proveedores: credenciales de cada emisor.")


@app.command("credentials")
def credentials(
    nit: str,
    name: Annotated[str, typer.Argument(metavar="PROVEEDOR")],
    file: Annotated[
        Path | None, typer.Option("--file", exists=True, dir_okay=False, help="JSON con las credenciales.")
    ] = None,
) -> None:
    """Guarda las credenciales de un emisor ante un proveedor; las pregunta, o las lee de un archivo.

    Nunca van en la línea de comandos, donde quedarían en el historial.
    """
    import boto3

    from cauce import wiring

    issuer = stack.gateway().issuers.read(nit)
    provider = registry.provider_class(name)
    if file is not None:
        fields = options.secrets(file, provider.credential_fields, provider.optional_credential_fields)
    else:
        fields = {field: typer.prompt(field, hide_input=True) for field in provider.credential_fields}
    wiring.secrets_of(boto3.Session(), stack.resources()).write(issuer.nit, name, fields)
    out.print(f"Credenciales de [b]{name}[/b] guardadas para {escape(issuer.name)}.")
