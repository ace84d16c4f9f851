"""``cauce key``: the key that seals provider tokens and technical keys in the table."""

import typer

from cauce.admin import stack
from cauce.admin.terminal import out

app = typer.Typer(no_args_is_help=True, help="Llave de la tabla: la que sella tokens y claves técnicas.")


@app.callback()
def main() -> None:
    """Llave de la tabla."""


@app.command("rotate")
def rotate() -> None:
    """Pone en uso una llave nueva y vuelve a sellar con ella las claves técnicas. Puede repetirse.

    Las de antes quedan en el secreto: con ellas se abre lo que selló cada una, también de un respaldo.
    """
    gateway = stack.gateway()
    gateway.ranges.seals.rotate()
    sealed = sum(gateway.ranges.seal_technical_keys(issuer.nit) for issuer in gateway.issuers.all())
    out.print(f"Llave nueva en uso; claves técnicas selladas con ella: {sealed}.")
    out.print("Los tokens de proveedores se sellan con ella a medida que se renuevan. Respalde el secreto.")
