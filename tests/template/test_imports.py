"""Imports point one way (docs/ARCHITECTURE.md): read from the syntax tree, type-only imports included for providers."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import ROOT

PACKAGE = ROOT / "layers" / "provider" / "python" / "cauce"
VERBS = {"intake", "emission", "settling", "reading", "numbering", "access"}

# What a room may import of ours, besides itself. Rooms are named by ``_room``.
ALLOWED = {
    "domain": set(),
    "law": {"domain"},
    "ubl": {"domain", "law"},
    "providers.base": {"domain"},
    "providers.transport": {"domain", "ubl", "providers.base"},
    "providers.identity": {"domain", "ubl", "providers.base", "providers.transport"},
    "providers.registry": {"domain", "providers.base"},
    "providers.guard": {"domain", "providers.base", "providers.transport", "faults"},
    "provider": {"domain", "law", "ubl", "providers.base", "providers.transport", "providers.identity"},
    "gateway": {"domain", "providers.base"},
    "verbs": {
        "domain",
        "law",
        "providers.base",
        "providers.identity",
        "providers.registry",
        "providers.guard",
        "gateway",
        "representation",
        "faults",
    },
    "faults": set(),
    "aws": {"domain", "providers.base", "faults"},
    "observability": {"domain", "faults"},
    "contracts": {"domain", "providers.base", "observability", "faults"},
    # Files without a stack.
    "verification": {"domain", "ubl"},
    "offline": {"domain", "law", "ubl", "contracts", "verification"},
    # The printed QR is DIAN's, whichever provider the document went through.
    "representation": {"domain", "ubl"},
    "reception": {"domain", "contracts", "verbs", "wiring", "observability"},
    "functions": {"domain", "contracts", "verbs", "wiring", "observability", "reception", "faults"},
}
FREE = {"wiring", "admin"}


def _room(module: str) -> str:
    """``cauce.providers.factus.payload`` → ``provider``, and each provider is a room apart."""
    parts = module.split(".")[1:]
    if parts[:1] == ["providers"] and len(parts) > 1:
        match parts[1]:
            case "base" | "registry" | "identity" | "guard":
                return f"providers.{parts[1]}"
            case "http" | "soap" | "deadline" | "loose":
                return "providers.transport"
            case name:
                return f"provider:{name}"
    return "verbs" if parts and parts[0] in VERBS else parts[0] if parts else "package"


def _imports(tree: ast.AST, *, types_too: bool) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test) and not types_too:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        else:
            yield from _imports(node, types_too=types_too)


def _sources() -> list[tuple[str, Path]]:
    modules = [
        (".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts), path)
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name != "__init__.py"
    ]
    functions = [("functions", path) for path in sorted((ROOT / "functions").glob("*/app.py"))]
    return modules + functions


@pytest.mark.parametrize(
    ("module", "path"), _sources(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_imports_point_one_way(module: str, path: Path) -> None:
    room = "functions" if module == "functions" else _room(module)
    if room in FREE:
        return
    allowed = ALLOWED[room.partition(":")[0]]
    tree = ast.parse(path.read_text(encoding="utf-8"))

    wrong = [
        name
        for name in _imports(tree, types_too=room.startswith("provider:"))
        if name.startswith("cauce.") and _room(name) not in {room, *allowed}
    ]

    assert wrong == []


@pytest.mark.parametrize(
    ("module", "path"), _sources(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_nothing_happens_at_import(module: str, path: Path) -> None:
    """No client, no environment, no file: a module's top level only defines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [
        ast.unparse(call.func)
        for statement in tree.body
        if isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr)
        for call in ast.walk(statement)
        if isinstance(call, ast.Call)
    ]

    forbidden = ("boto3.", "os.environ", "os.getenv", "open", "Path.read", "httpx.Client", "zeep.", ".client")
    assert [call for call in calls if call.startswith(forbidden)] == []


@pytest.mark.parametrize(
    ("module", "path"), _sources(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_money_is_rounded_in_domain_money_alone(module: str, path: Path) -> None:
    names = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute | ast.Name)
    }

    assert module == "cauce.domain.money" or names.isdisjoint(
        {"quantize", "ROUND_DOWN", "ROUND_HALF_EVEN", "ROUND_HALF_UP"}
    )


@pytest.mark.parametrize(
    ("module", "path"), _sources(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_verb_names_the_parts_that_it_touches(module: str, path: Path) -> None:
    """A group of ``cauce.gateway``, never the gateway with every part."""
    if _room(module) == "verbs":
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert "cauce.gateway.Gateway" not in list(_imports(tree, types_too=True))


def test_simulators_import_nothing_of_the_package() -> None:
    """Their tests and clients may: those are beside the folders, and are named so."""
    simulators = ROOT / "tests" / "simulators"
    sources = [
        *simulators.glob("*/*.py"),
        *(simulators / f"{name}.py" for name in ("faults", "routing", "server")),
    ]

    ours = [
        (path.name, name)
        for path in sources
        for name in _imports(ast.parse(path.read_text(encoding="utf-8")), types_too=True)
        if name.split(".")[0] == "cauce"
    ]

    assert ours == []
