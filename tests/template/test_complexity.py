"""No function decides too much: its cyclomatic complexity, counted as radon 6 counts it, is 12 at most. And what has
no types of its own is rare.
"""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.stack import ROOT

MOST = 12
_FOLDERS = (ROOT / "layers" / "provider" / "python" / "cauce", ROOT / "functions")

_SAMPLE = '''
def sample(given, *others):
    """Try 2 (handler, else), for 1, if 1, and-or 3, conditional 1, match 2, assert 1, comprehension 2, while 1."""
    try:
        found = [each for each in others if each]
    except ValueError:
        found = []
    else:
        assert found or given
    for each in found:
        if each and given and (each or others):
            return 1 if each else 2
    match given:
        case int():
            pass
        case str():
            pass
        case _:
            pass
    while given:
        def within():
            return given or others
    return lambda: found
'''


def test_no_function_decides_more_than_a_reader_can_follow():
    found = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}: {complexity(function)}"
        for folder in _FOLDERS
        for path in sorted(folder.rglob("*.py"))
        for function in _functions(ast.parse(path.read_text("utf-8")))
        if complexity(function) > MOST
    ]

    assert found == [], f"give a part that has a name worth having a function of its own (at most {MOST})"


def test_the_count_is_radons():
    sample, within = _functions(ast.parse(_SAMPLE))

    assert (complexity(sample), complexity(within)) == (15, 2)


@pytest.mark.parametrize(
    ("untyped", "most"), [(r"dict\[str, object\]|\*\*facts(?!,)", 12), (r"^(?!.*\bimport\b).*\bAny\b", 110)]
)
def test_what_has_no_types_of_its_own_is_rare(untyped, most):
    found = [
        f"{path.relative_to(ROOT)}:{at} {line.strip()}"
        for folder in _FOLDERS
        for path in sorted(folder.rglob("*.py"))
        for at, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if re.search(untyped, line)
    ]

    assert len(found) <= most, found


def complexity(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return 1 + sum(map(_decisions, function.body))


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _decisions(node: ast.AST) -> int:
    """The decisions within a node, but for those of functions and classes defined there: they are counted apart."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return 0
        case ast.Assert():  # radon does not look into it
            return 1
        case ast.If() | ast.IfExp():
            own = 1
        case ast.BoolOp():
            own = len(node.values) - 1
        case ast.For() | ast.AsyncFor() | ast.While():
            own = 1 + bool(node.orelse)
        case ast.Try():
            own = len(node.handlers) + bool(node.orelse)
        case ast.comprehension():
            own = 1 + len(node.ifs)
        case ast.Match():
            own = len(node.cases) - any(_takes_anything(each) for each in node.cases)
        case _:
            own = 0
    return own + sum(map(_decisions, ast.iter_child_nodes(node)))


def _takes_anything(case: ast.match_case) -> bool:
    return isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
