"""What docs/ARCHITECTURE.md says is so."""

import importlib
import re

from cauce.domain.record import MOVES, SHOWN_STATE, State
from tests.stack import ROOT
from tests.template.test_imports import ALLOWED, FREE, VERBS

TEXT = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")

VERBS_TOLD = " ".join(f"`{room}`" for room in VERBS)


def section(title: str) -> str:
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(title: str) -> list[list[str]]:
    """The cells of a section's table, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


def named(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


def test_a_room_may_import_what_the_table_says():
    told = {min(named(name)): imports for name, _, imports in rows("The picture")}

    # The table has one row for all that is in ``providers``.
    order = [room for room in ALLOWED if not room.startswith("provider")]
    assert [room for room in told if room != "providers"] == [*order, *FREE]
    assert {room: named(told[room].replace("the verbs", VERBS_TOLD)) for room in order} == {
        room: ALLOWED[room] for room in order
    }
    assert {told[room] for room in FREE} == {"all"}


def test_the_table_of_states_is_that_of_the_moves():
    told = {}
    for state, _, estado, leads in rows("States"):
        assert estado == SHOWN_STATE[State(state.strip("`"))]
        plain = re.sub(r"\([^)]*\)", "", leads)
        told[State(state.strip("`"))] = {
            State(word) for word in re.findall(r"\w+", plain) if word != "nothing"
        }

    assert told == MOVES


def test_what_the_ways_name_is_there():
    text = section("The way of one POST") + section("The way of one settlement")
    missing = []
    for name in named(text):
        module, _, attribute = name.rpartition(".")
        if not module or "/" in name or module[0].isupper():
            continue
        where = next(
            (found for prefix in ("", "domain.") if (found := _module(prefix + module)) is not None), None
        )
        if where is None or (not hasattr(where, attribute) and _module(name) is None):
            missing.append(name)
    handlers = re.findall(r"`(functions/\w+/app\.py)`,? `(\w+)`", text)

    assert missing == []
    assert len(handlers) >= 4
    for path, function in handlers:
        assert f"def {function}(" in (ROOT / path).read_text(encoding="utf-8")


def _module(name: str) -> object | None:
    try:
        return importlib.import_module(f"cauce.{name}")
    except ModuleNotFoundError:
        return None
