"""Requests, answers and routes of a simulator, independent of sockets."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote


@dataclass(frozen=True)
class Request:
    """One request as received; header names are lower case, the path is still percent-encoded."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes

    def argument(self, name: str) -> str | None:
        return next((value for key, value in self.query if key == name), None)

    def media_type(self) -> str:
        return self.headers.get("content-type", "").split(";")[0].strip().lower()


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; `note` is for the log only."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


def json_answer(status: int, payload: object, note: str = "", **headers: str) -> Answer:
    body = json.dumps(payload, ensure_ascii=False).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, body, {"Content-Type": "application/json", **named}, note)


def html_answer(status: int, title: str, note: str = "") -> Answer:
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Answer(status, page.encode(), {"Content-Type": "text/html; charset=UTF-8"}, note)


class ConnectionLost(Exception):
    """The connection must be closed without an answer; the text is for the log."""


Handler = Callable[..., Answer]


class Router:
    """Routes by method and path; `{name}` in a pattern matches one segment, which is handed over decoded."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, list[str], Handler]] = []

    def add(self, method: str, pattern: str, handler: Handler) -> None:
        self._routes.append((method, pattern.strip("/").split("/"), handler))

    def find(self, method: str, path: str) -> tuple[Handler, dict[str, str]] | None:
        segments = path.strip("/").split("/")
        for known_method, pattern, handler in self._routes:
            if known_method == method and len(pattern) == len(segments):
                values = _match(pattern, segments)
                if values is not None:
                    return handler, values
        return None


def _match(pattern: list[str], segments: list[str]) -> dict[str, str] | None:
    values = {}
    for expected, actual in zip(pattern, segments, strict=True):
        if expected.startswith("{"):
            values[expected[1:-1]] = unquote(actual)
        elif expected != actual:
            return None
    return values
