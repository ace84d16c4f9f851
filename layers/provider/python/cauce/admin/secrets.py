"""``cauce provider`` and ``cauce key``: what a stack must keep secret, credentials and the key of its table."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from cauce.admin import options, stack, words
from cauce.admin.terminal import out
from cauce.providers import registry

provider = typer.Typer(no_args_is_help=True, help="Proveedores: credenciales de cada emisor.")
key = typer.Typer(no_args_is_help=True, help="Llave de la tabla: la que sella tokens y claves técnicas.")


@provider.command("credentials")
def credentials(
    nit: options.Nit,
    name: Annotated[
        str, typer.Argument(metavar="PROVEEDOR", help="Uno de los que el emisor usa, p. ej. factus.")
    ],
    file: Annotated[Path | None, options.file("--file", what="JSON con las credenciales.")] = None,
) -> None:
    """Guarda las credenciales de un emisor ante un proveedor; las pregunta, o las lee de un archivo.

    Nunca van en la línea de comandos, donde quedarían en el historial.
    """
    issuer = stack.gateway().issuers.read(nit)
    cls = registry.provider_class(name)
    if file is not None:
        fields = options.secrets(file, cls.credential_fields, cls.optional_credential_fields)
    else:
        fields = {
            field: typer.prompt(words.credential(field), hide_input=True) for field in cls.credential_fields
        }
    stack.secrets().write(issuer.nit, name, fields)
    out.print(f"Credenciales de [b]{name}[/b] guardadas para {escape(issuer.name)}.")


@key.command("rotate")
def rotate() -> None:
    """Pone en uso una llave nueva y vuelve a sellar con ella las claves técnicas. Puede repetirse.

    Las de antes quedan en el secreto: con ellas se abre lo que selló cada una, también de un respaldo.
    """
    gateway = stack.gateway()
    gateway.ranges.seals.rotate()
    sealed = sum(gateway.ranges.seal_technical_keys(issuer.nit) for issuer in gateway.issuers.all())
    out.print(f"Llave nueva en uso; claves técnicas selladas con ella: {sealed}.")
    out.print("Los tokens de proveedores se sellan con ella a medida que se renuevan. Respalde el secreto.")
