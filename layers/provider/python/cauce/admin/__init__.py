"""``cauce``: the operator's command. It works on a stack in AWS and on the local engine alike.

``document build``, ``check`` and ``verify`` work on files alone, without either.
"""

from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from cauce.admin import (
    dian,
    doctor,
    documents,
    issuers,
    laws,
    ledger,
    queue,
    ranges,
    secrets,
    stack,
    tokens,
    webhooks,
)
from cauce.admin.terminal import say_in_red, say_what_to_mend
from cauce.domain.errors import CauceError

app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, help="Opera una instalación de Cauce."
)
app.command("doctor")(doctor.doctor)
app.add_typer(issuers.app, name="issuer")
app.add_typer(secrets.provider, name="provider")
app.add_typer(tokens.app, name="token")
app.add_typer(ranges.app, name="range")
app.add_typer(secrets.key, name="key")
app.add_typer(documents.app, name="document")
app.add_typer(queue.app, name="queue")
app.add_typer(dian.app, name="dian")
app.add_typer(laws.app, name="law")
app.add_typer(ledger.app, name="ledger")
app.add_typer(ledger.verify_app, name="verify")
app.add_typer(webhooks.app, name="webhook")


@app.callback()
def main(
    stack_name: Annotated[
        str, typer.Option("--stack", envvar="CAUCE_STACK", help="Nombre de la pila de CloudFormation.")
    ] = "cauce",
) -> None:
    """Opera una instalación de Cauce."""
    stack.choose(stack_name)


def run() -> None:
    """The console script: an error of Cauce or of AWS is a red line, and one for each field to mend; exit code 1,
    without a traceback."""
    try:
        app()
    except CauceError as error:
        say_what_to_mend(error)
    except (BotoCoreError, ClientError) as error:  # no credentials, no such stack, not allowed, out of reach
        say_in_red(" ".join(str(error).split()))
    else:
        return
    raise SystemExit(1)
