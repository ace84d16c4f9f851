"""The command's output: a console as wide as it needs, tables without boxes, errors in red."""

from collections.abc import Iterable

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from typer import rich_utils

from cauce.contracts.v1 import names
from cauce.domain.errors import CauceError

# The words of typer's own that it lets be set; «Usage» and «Missing argument» are within its code.
rich_utils.ARGUMENTS_PANEL_TITLE = "Argumentos"
rich_utils.OPTIONS_PANEL_TITLE = "Opciones"
rich_utils.COMMANDS_PANEL_TITLE = "Comandos"
rich_utils.REQUIRED_LONG_STRING = "[obligatorio]"
rich_utils.DEFAULT_STRING = "[si no se dice: {}]"
rich_utils.ENVVAR_STRING = "[variable de entorno: {}]"
rich_utils.RICH_HELP = "Ayuda: [blue]{command_path} {help_option}[/]"
rich_utils.ABORTED_TEXT = "Interrumpido."

out = Console(soft_wrap=True, highlight=False)


def table(*columns: str, whole: str = "") -> Table:
    """A table in which cells fold, but for those of the column ``whole``, which are there to be copied."""
    found = Table(box=None, header_style="dim", pad_edge=False)
    for column in columns:
        found.add_column(column, overflow="fold", no_wrap=column == whole)
    return found


def facts(rows: Iterable[tuple[str, str]], *, indent: int = 0) -> None:
    """Print names and values side by side; a value may hold markup, and is never cut: it is there to be copied."""
    listed = list(rows)
    width = max((len(name) for name, _ in listed), default=0)
    for name, value in listed:
        out.print(f"{' ' * indent}[dim]{name:<{width}}[/dim]  {value}")


def wrapped(text: str, *, indent: int = 0) -> None:
    """Print a sentence, or markup; where the terminal's width ends it goes on in the next line, indented alike."""
    out.print(Padding(text, (0, 0, 0, indent)), soft_wrap=False)


def signed(sign: str, text: str, *, indent: int = 0) -> None:
    """Print a sign and a sentence; wrapped lines begin below the sentence's first word."""
    row = Table.grid(padding=(0, 1))
    row.add_column(width=1)
    row.add_column(overflow="fold")
    row.add_row(sign, text)
    out.print(Padding(row, (0, 0, 0, indent)), soft_wrap=False)


def agreed(question: str) -> bool:
    """Whether the person at the terminal says yes; no answer, or no terminal, is a no."""
    try:
        answer = str(typer.prompt(f"{question} [s/N]", default="n", show_default=False, err=True))
    except typer.Abort:
        return False
    return answer.strip().lower() in ("s", "si", "sí", "y")


def say_in_red(message: str) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"[red]{escape(message)}[/red]")


def say_what_to_mend(error: CauceError) -> None:
    """An error in one line and, where it names fields, a line for each sentence about one."""
    say_in_red(error.message)
    for path, sentences in names.of_error(error).items():
        for sentence in sentences:
            if sentence != error.message:
                say_in_red(f"  {path}: {sentence}")
