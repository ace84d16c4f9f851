"""Imports point one way (docs/ARCHITECTURE.md): read from the syntax tree, those for types included."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import ROOT

PACKAGE = ROOT / "layers" / "provider" / "python" / "cauce"
VERBS = {"exchange", "emission", "intake", "settling", "reading", "numbering", "telling", "ledger", "mailing"}

# What a room may import of ours, besides itself: only rooms that stand before it here. Rooms are named by ``_room``.
ALLOWED = {
    "domain": set(),
    "law": {"domain"},
    "ubl": {"domain", "law"},
    "faults": set(),
    "starting": set(),
    "observability": {"domain", "faults"},
    "providers.base": {"domain"},
    "providers.transport": {"domain", "ubl", "providers.base"},
    "providers.identity": {"domain", "ubl", "providers.base", "providers.transport"},
    "providers.registry": {"domain", "providers.base"},
    "providers.guard": {"domain", "providers.base", "providers.transport", "faults"},
    "provider": {"domain", "law", "ubl", "providers.base", "providers.transport", "providers.identity"},
    "aws": {"domain", "providers.base", "faults"},
    "gateway": {"domain", "providers.base"},
    # The printed QR is DIAN's, whichever provider the document went through.
    "representation": {"domain", "ubl"},
    "exchange": {"domain", "providers.base", "providers.identity", "gateway"},
    "reading": {
        "domain",
        "ubl",
        "faults",
        "providers.base",
        "providers.registry",
        "gateway",
        "representation",
        "exchange",
    },
    "mailing": {"domain", "gateway", "exchange", "reading"},
    "emission": {"domain", "faults", "providers.base", "providers.guard", "gateway", "exchange"},
    "intake": {"domain", "law", "faults", "providers.base", "providers.registry", "gateway", "emission"},
    "settling": {
        "domain",
        "faults",
        "providers.base",
        "providers.identity",
        "gateway",
        "exchange",
        "mailing",
        "emission",
        "intake",
    },
    "numbering": {
        "domain",
        "law",
        "faults",
        "providers.base",
        "providers.registry",
        "providers.guard",
        "gateway",
    },
    "telling": {"domain", "gateway"},
    "ledger": {"domain", "faults", "gateway"},
    "contracts": {"domain", "observability", "faults", "providers.base"},
    "reference": {"domain", "law", "ubl", "contracts"},
    # Files without a stack.
    "verification": {"domain", "ubl"},
    "offline": {"domain", "law", "ubl", "contracts", "verification"},
    "wiring": {
        "domain",
        "faults",
        "providers.base",
        "providers.transport",
        "providers.registry",
        "providers.guard",
        "aws",
        "gateway",
    },
    "reception": {"domain", "observability", "gateway", "contracts", "wiring"},
    "functions": {
        "domain",
        "faults",
        "starting",
        "observability",
        *VERBS,
        "contracts",
        "reference",
        "wiring",
        "reception",
    },
}
# What a room may know besides, by name alone: ``if TYPE_CHECKING``. These stand before it too.
TYPES = {"gateway": {"aws"}, "settling": {"aws"}, "contracts": {"reading", "numbering"}}
FREE = {"admin"}


def _room(module: str) -> str:
    """``cauce.providers.factus.payload`` → ``provider:factus``; the name alone of what holds rooms → ``package``."""
    match module.split(".")[1:]:
        case [] | ["providers"]:
            return "package"
        case ["providers", ("base" | "registry" | "identity" | "guard") as name, *_]:
            return f"providers.{name}"
        case ["providers", "http" | "calls" | "soap" | "deadline" | "loose", *_]:
            return "providers.transport"
        case ["providers", name, *_]:
            return f"provider:{name}"
        case [name, *_]:
            return name
    raise AssertionError(module)


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


def _ours(tree: ast.AST, *, types_too: bool) -> Iterator[str]:
    return (name for name in _imports(tree, types_too=types_too) if name.startswith("cauce."))


def _sources() -> list[tuple[str, Path]]:
    modules = []
    for path in sorted(PACKAGE.rglob("*.py")):
        *above, name = path.relative_to(PACKAGE.parent).with_suffix("").parts
        modules.append((".".join(above if name == "__init__" else [*above, name]), path))
    return modules + [("functions", path) for path in sorted((ROOT / "functions").glob("*/app.py"))]


def test_rooms_have_one_order() -> None:
    before: set[str] = set()
    for room, allowed in ALLOWED.items():
        assert allowed | TYPES.get(room, set()) <= before, room
        before.add(room)


@pytest.mark.parametrize(
    ("module", "path"), _sources(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_imports_point_one_way(module: str, path: Path) -> None:
    room = "functions" if module == "functions" else _room(module)
    if room in FREE:
        return
    allowed = {room, *ALLOWED.get(room.partition(":")[0], set())}
    known = allowed | TYPES.get(room, set())
    tree = ast.parse(path.read_text(encoding="utf-8"))

    assert [name for name in _ours(tree, types_too=False) if _room(name) not in allowed] == []
    assert [name for name in _ours(tree, types_too=True) if _room(name) not in known] == []


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
def test_the_parts_are_named_that_are_touched(module: str, path: Path) -> None:
    """A group of ``cauce.gateway``; the gateway with every part is for who connects them."""
    if module not in ("cauce.gateway", "cauce.wiring") and _room(module) not in FREE:
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
