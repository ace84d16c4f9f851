"""How docs/COSTS.md writes tables, money and sizes."""

from collections.abc import Iterable


def table(heads: Iterable[str], rows: Iterable[Iterable[str]], *, numbers: bool = True) -> str:
    """In Markdown. ``numbers``: all columns but the first are."""
    lines = [list(heads), *map(list, rows)]
    lines.insert(1, ["---", *["--:" if numbers else "---"] * (len(lines[0]) - 1)])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def dollars(amount: float) -> str:
    """Three digits that count, and cents at most."""
    if amount >= 100:
        return f"${amount:,.0f}"
    return f"${amount:.1f}" if amount >= 10 else f"${amount:.2f}"


def number(count: float) -> str:
    return f"{count:.1f}".removesuffix(".0") if count >= 0.1 or count == 0 else f"{count:.2f}"


def size(found: float) -> str:
    """In kB, to a half."""
    return f"{round(found / 512) / 2:g} kB"
