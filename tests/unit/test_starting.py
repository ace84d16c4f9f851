"""How a function starts: the garbage collector rests while it imports, and works afterwards; no schema is built."""

import json
import subprocess
import sys

import pytest

from tests.stack import ROOT

FUNCTIONS = ("consult", "emit", "list_emitted", "sync_numbering")
_STARTS = """
import gc, json, sys
sys.path.insert(0, sys.argv[1])
rested = []
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("cauce.") and name != "cauce.starting":
            rested.append(not gc.isenabled())
sys.meta_path.insert(0, Watch())
import app
found = {"rested": all(rested), "many": len(rested), "enabled": gc.isenabled(), "frozen": gc.get_freeze_count()}
from pydantic import BaseModel
def below(cls):
    for each in cls.__subclasses__():
        yield each
        yield from below(each)
models = [each for each in below(BaseModel) if each.__module__.startswith("cauce") and each.model_fields]
built = sorted({each.__qualname__ for each in models if each.__pydantic_complete__})
print(json.dumps({**found, "models": len(models), "built": built}))
"""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_collector_rests_while_a_function_imports_and_no_schema_is_built(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _STARTS, str(ROOT / "functions" / name)],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    found = json.loads(done.stdout.splitlines()[-1])

    assert found["rested"] and found["many"] > 40
    assert found["enabled"] and found["frozen"] > 10_000
    assert found["models"] > 20 and found["built"] == []
