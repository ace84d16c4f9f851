"""Tables as CSV, for the spreadsheets of Colombian offices.

They are set to decimal commas, and so part their columns at semicolons: with either as elsewhere a file opens there
as one column of text. The first bytes say that it is UTF-8, or names lose their accents.
"""

from collections.abc import Iterable
from decimal import Decimal

from cauce.domain.money import plain

CSV = "text/csv"
_BEGINNING = "\ufeff"
# A text that begins so is a formula to a spreadsheet, and might be a stranger's.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_QUOTED = frozenset(';"\n\r')

Cell = str | int | Decimal | None


def csv(header: Iterable[str], rows: Iterable[Iterable[Cell]]) -> str:
    """A table with its header. ``None`` is an empty cell."""
    lines = [";".join(header), *(";".join(map(_cell, row)) for row in rows)]
    return _BEGINNING + "".join(f"{line}\r\n" for line in lines)


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain(value).replace(".", ",")
    if isinstance(value, int):
        return str(value)
    text = f"'{value}" if value.startswith(_FORMULA) else value
    return '"' + text.replace('"', '""') + '"' if _QUOTED.intersection(text) else text
