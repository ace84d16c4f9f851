"""A server that gives the answers of a test's script as Factus, over real HTTP, transport failures included."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from cauce.providers.factus.provider import Factus
from tests.answering import CLOSED, Asked, Told, answering
from tests.unit.factus.builders import factus

TOKEN = {"token_type": "Bearer", "expires_in": 600, "access_token": "t0k3n-1", "refresh_token": "r3fr35h-1"}


@dataclass
class Script:
    """Answers by method and path, each given once and in order; logins are always answered."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    answers: dict[str, list[Told]] = field(default_factory=dict)

    def answer(self, call: str, status: int, content: Any, **headers: str) -> None:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.setdefault(call, []).append((status, raw, named))

    def drop(self, call: str) -> None:
        """Close the connection instead of answering."""
        self.answers.setdefault(call, []).append(CLOSED)

    def next(self, asked: Asked) -> Told:
        self.asked.append(asked)
        call = f"{asked.method} {asked.path}"
        status, raw, extra = 418, b'{"message": "the test has no answer for this"}', dict[str, str]()
        if waiting := self.answers.get(call):
            status, raw, extra = waiting.pop(0)
        elif call == "POST /oauth/token":
            status, raw = 200, json.dumps(TOKEN).encode()
        return status, raw, {"Content-Type": "application/json", **extra}

    def calls(self) -> list[str]:
        return [f"{asked.method} {asked.path}" for asked in self.asked]


@pytest.fixture
def script() -> Iterator[Script]:
    told = Script("")
    with answering(told.next) as told.url:
        yield told


@pytest.fixture
def v1(script: Script) -> Factus:
    return factus(base_url=script.url)
