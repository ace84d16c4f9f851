"""The counts of every way, in ``counted.json``: ``make cost`` writes them where they have changed, a test compares."""

import json
from pathlib import Path
from typing import Any

from tests.costs import played, priced
from tests.costs.played import Answers
from tests.costs.priced import Counts, Rates

FILE = Path(__file__).with_name("counted.json")
IDLE = "idle"
LATER = f"dian {played.LATER}"
WAYS = [*(f"{provider} {route}" for provider in played.PROVIDERS for route in played.ROUTES), LATER]
# Sizes depend a little on the machine: keys and signatures are drawn, and compression differs by library.
_SIZES, _CLOSE, _NEAR = "bytes", 0.05, 0.02


def count(way: str, rates: Rates) -> Counts:
    """Of a document that goes this way, «dian sync»; of a run of the schedule, «idle»."""
    if way == IDLE:
        return played.idle().per_document(1)
    provider, _, route = way.rpartition(" ")
    answers = rates.assumed["answers"]
    found = played.play(provider, route, Answers(answers[provider], answers["further"]))
    return found.per_document(played.LOT if route == "lot" else played.SINGLES)


def stored() -> dict[str, Counts]:
    found: dict[str, Counts] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    return found


def changed(old: Any, new: Any, name: str = "") -> list[str]:
    """What differs, as a person reads it; sizes only where they differ by a twentieth, numbers by a fiftieth."""
    if isinstance(new, dict):
        before = old if isinstance(old, dict) else {}
        return [
            line
            for key in {**before, **new}
            for line in changed(before.get(key, 0), new.get(key, 0), f"{name} {key}".strip())
        ]
    if isinstance(old, dict):
        return [f"{name}: is gone"]
    allowed = (_CLOSE if f" {_SIZES} " in f" {name} " else _NEAR) * max(old, new)
    return [f"{name}: {old:g} → {new:g}"] if abs(old - new) > max(allowed, 0.05) else []


def write(found: dict[str, Counts]) -> None:
    FILE.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def everything() -> dict[str, Counts]:
    rates = priced.load()
    return {way: count(way, rates) for way in (*WAYS, IDLE)}
