"""What a demonstration tells: a line for each step, in Spanish, with the seconds since it began; and details."""

import json
import time
from collections.abc import Sequence


class Told:
    def __init__(self, *, details: bool):
        self._details = details
        self._began = time.monotonic()

    def line(self, text: str) -> None:
        print(text, flush=True)

    def step(self, text: str) -> None:
        self.line(f"{time.monotonic() - self._began:5.1f} s  {text}")

    def accepted(self, by: str, documents: Sequence[object]) -> None:
        """A step that is done: what was accepted."""
        self.step(f"{by}, aceptados: {', '.join(map(str, documents))}")

    def detail(self, *lines: str) -> None:
        for line in lines if self._details else ():
            self.line(f"           {line}")

    def heard(self, line: str) -> None:
        """A call that a simulator heard."""
        self.detail(f"← {line}")

    def answered(self, path: str, answer: object) -> None:
        """What a question to the API was answered."""
        shown = json.dumps(answer, ensure_ascii=False, indent=2) if self._details else ""
        self.detail(f"GET {path}", *shown.splitlines())
