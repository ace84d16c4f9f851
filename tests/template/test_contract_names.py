"""Below a contract nothing speaks in a contract's field names: a path there is the domain's (``lines.0.price``)."""

import ast
import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cauce.contracts.v1.events import EventRequest
from cauce.contracts.v1.names import FILTERS
from cauce.contracts.v1.requests import REQUESTS
from cauce.domain.document import Document
from cauce.domain.event import Event
from cauce.providers.base import Emitted, EmittedQuery, Filter, FilterName
from tests.stack import ROOT

PACKAGE = ROOT / "layers" / "provider" / "python" / "cauce"
# Who speaks to people about requests; and FacEPro, whose own names are those that the contract took.
ABOVE = ("contracts", "reference", "admin", "offline", "providers/facepro/names.py")

OURS = {*Document.model_fields, *Event.model_fields}
THEIRS = {name for each in (*REQUESTS.values(), EventRequest) for name in each.model_fields} - OURS
THEIRS |= {*FILTERS, "cantidad", "proveedor"} - OURS
PATH = re.compile(rf"({'|'.join(sorted(THEIRS))})\.(\w.*|)")
# Whose names in code are those of what they read: FacEPro's answers, and our own message of a lot.
READERS = ("providers/facepro/", "aws/queues.py")


def _below() -> list[Path]:
    files = (path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))
    return sorted(path for path in files if not path.as_posix().startswith(ABOVE))


def _names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text), lineno=line) if PATH.fullmatch(text) and " " not in text:
                yield line, text
            case ast.keyword(arg="field", value=ast.Constant(value=str(text), lineno=line)) if text in THEIRS:
                yield line, text


def _identifiers(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case (
                ast.keyword(arg=str(name), lineno=line)
                | ast.arg(arg=name, lineno=line)
                | ast.Attribute(attr=name, lineno=line)
                | ast.AnnAssign(target=ast.Name(id=name), lineno=line)
            ) if name in THEIRS:
                yield line, name


@pytest.mark.parametrize("path", _below(), ids=str)
def test_no_name_of_the_contracts_stands_below_it(path: Path) -> None:
    tree = ast.parse((PACKAGE / path).read_text("utf-8"))

    assert list(_names(tree)) == []
    assert path.as_posix().startswith(READERS) or list(_identifiers(tree)) == []


@pytest.mark.parametrize(
    "code", ['f(field="moneda")', 'f(field="estado")', 'f"lineas.{n}.precio"', 'x = {"pago.forma": 1}']
)
def test_such_a_name_would_be_seen(code: str) -> None:
    assert list(_names(ast.parse(code)))


@pytest.mark.parametrize(
    "code", ["f(estado=1)", "def f(estado): ...", "f.estado", "class F:\n    estado: str"]
)
def test_such_a_name_of_a_variable_would_be_seen(code: str) -> None:
    assert list(_identifiers(ast.parse(code)))


def test_a_search_and_its_rows_have_none_either() -> None:
    names = {each.name for found in (EmittedQuery, Filter, Emitted) for each in dataclasses.fields(found)}

    assert (names | set(FilterName)).isdisjoint(THEIRS)
