"""``python -m tests.coverage_seeds`` writes TABLE.md: which test covers each row of the seeds, and each starred quirk."""

from itertools import groupby
from pathlib import Path

from tests.coverage_seeds.quirks import STARRED
from tests.coverage_seeds.rows import ROWS

TABLE = Path(__file__).with_name("TABLE.md")


def table() -> str:
    """The whole file. A test that stands for all its cases, or that has one for each row, is named once."""
    lines = [
        "# Rows of the seeds, and the tests that cover them",
        "",
        "Written by `python -m tests.coverage_seeds`; a test compares it and collects every test that it names.",
        "",
        "| seed | table | rows | tests |",
        "|---|---|---|---|",
    ]
    for (seed, name), group in groupby(ROWS, key=lambda row: (row.seed, row.table)):
        rows = list(group)
        functions = dict.fromkeys(_function(test) for row in rows for test in row.tests)
        lines.append(
            f"| {seed} | {name} | {', '.join(_code(row.name) for row in rows)} | {_listed(functions)} |"
        )
    lines += [
        "",
        "# Quirks that can duplicate or lose a document, or stop everything",
        "",
        "| quirk | what | tests |",
        "|---|---|---|",
    ]
    for row in STARRED:
        functions = dict.fromkeys(_function(test) for test in row.tests)
        lines.append(f"| {row.table} | {row.name} | {_listed(functions)} |")
    return "\n".join(lines) + "\n"


def _function(test: str) -> str:
    return test.partition("[")[0].removeprefix("tests/")


def _listed(functions: dict[str, None]) -> str:
    return "<br>".join(_code(function) for function in functions)


def _code(text: str) -> str:
    return f"`{text}`"


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
