"""The suite is the same for every provider: nothing in it is skipped, and no test asks for the provider's class."""

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FILES = sorted(HERE.rglob("*.py"))
_FORBIDDEN = frozenset({"isinstance", "issubclass", "hasattr", "skip", "skipif", "xfail", "importorskip"})


def names(file: Path) -> set[str]:
    """Every name and attribute that a file uses."""
    tree = ast.parse(file.read_text("utf-8"))
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | {
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)
    }


@pytest.mark.parametrize("file", [f for f in FILES if f != Path(__file__)], ids=lambda file: file.stem)
def test_nothing_is_skipped_and_nothing_asks_for_a_class(file: Path) -> None:
    assert names(file) & _FORBIDDEN == set()
