"""Containers in interpreters of their own, in a world of their own: how long they take to start, and what an emission
costs with the real clients of AWS and of DIAN.
"""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench import world

_CONTAINED = Path(__file__).with_name("contained.py")
STARTS = ("import", "gateway", "emission")


def starts(rounds: int) -> dict[str, float]:
    """CPU time of a new interpreter with ``emit`` imported, with its gateway too, and with its first accepted emission,
    each divided by that of one with boto3, pydantic and Powertools alone."""
    with world.running() as told:
        for mode in ("bare", *STARTS):
            _run(mode, told)  # writes bytecode
        found = [{mode: _run(mode, told) for mode in ("bare", *STARTS)} for _ in range(rounds)]
    return {mode: median(each[mode] / each["bare"] for each in found) for mode in STARTS}


def warm() -> tuple[float, float]:
    """CPU time of an emission of two lines with the real clients, divided by that of one ``put_item``; and that of
    one ``put_item`` divided by that of an RSA operation."""
    with world.running() as told:
        found = _run("warm", told)
    emissions = zip(found["emission"], found["put_item"], strict=True)
    puts = zip(found["put_item"], found["RSA"], strict=True)
    return median(one / other for one, other in emissions), median(one / other for one, other in puts)


def warm_milliseconds() -> dict[str, float]:
    """CPU time, on this machine, of an emission of two lines with the real clients, and of one ``put_item`` in it."""
    with world.running() as told:
        found = _run("warm", told)
    return {name: median(seconds) * 1000 for name, seconds in found.items()}


def _run(mode: str, told: dict[str, Any]) -> Any:
    done = subprocess.run(
        [sys.executable, "-P", str(_CONTAINED), mode],
        input=json.dumps(told["event"]),
        env=told["environment"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)
