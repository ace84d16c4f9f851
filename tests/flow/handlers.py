"""The functions' handlers, found as API Gateway finds them: by the template's own routes."""

import base64
import importlib.util
import json
import re
from functools import cache
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.flow import answers
from tests.stack import ROOT, template


@cache
def _loaded(folder: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        f"function_{folder}", ROOT / "functions" / folder / "app.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    vars(module)["handler"] = _described(module.handler)
    return module


def _described(handler: Any) -> Any:
    """The handler, whose every answer to a request is held against the contract's description."""

    def called(event: dict[str, Any], context: Any, *, asked_by_us: bool = True) -> Any:
        answer = handler(event, context)
        if "httpMethod" in event:
            answers.check(event, answer, asked_by_us=asked_by_us)
        return answer

    return called


def named(folder: str) -> ModuleType:
    """A function's module: ``emit``, ``consult``, ``list_emitted`` or ``sync_numbering``."""
    return _loaded(folder)


@cache
def _routes() -> list[tuple[str, re.Pattern[str], str]]:
    routes = []
    for resource in template()["Resources"].values():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        folder = resource["Properties"]["CodeUri"].removeprefix("functions/")
        for event in resource["Properties"]["Events"].values():
            if event["Type"] == "Api":
                path = event["Properties"]["Path"].removeprefix("/v1")
                pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + "$")
                routes.append((event["Properties"]["Method"].upper(), pattern, folder))
    # A fixed path is more particular than one with a parameter.
    return sorted(routes, key=lambda route: "[" in route[1].pattern)


def function(method: str, path: str) -> ModuleType:
    """The function that the template sends this request to."""
    return routed(method, urlsplit(path).path)


def routed(method: str, path: str) -> ModuleType:
    """The function of a request, by its path without query. Raises LookupError."""
    for verb, pattern, folder in _routes():
        if verb == method and pattern.match(path):
            return named(folder)
    raise LookupError(f"the template has no route for {method} {path}")


def http_event(
    method: str, path: str, body: Any = None, *, bearer: str | None, headers: dict[str, str]
) -> dict[str, Any]:
    """A REST API proxy event (v1). ``body`` is sent as it is when it is text or bytes, else as JSON."""
    parts = urlsplit(path)
    query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    encoded = isinstance(body, bytes)
    if isinstance(body, bytes):
        text: str | None = base64.b64encode(body).decode()
    else:
        text = body if body is None or isinstance(body, str) else json.dumps(body)
    all_headers = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Host": "api.cauce.example",
        "X-Forwarded-Proto": "https",
        **({"Authorization": f"Bearer {bearer}"} if bearer is not None else {}),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return {
        "resource": f"/v1{parts.path}",
        "path": f"/v1{parts.path}",
        "httpMethod": method,
        "headers": all_headers,
        "multiValueHeaders": {name: [value] for name, value in all_headers.items()},
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "path": f"/api/v1{parts.path}",
            "stage": "api",
            "httpMethod": method,
            "domainName": "api.cauce.example",
            "requestId": "00000000-0000-4000-8000-000000000001",
            "identity": {"sourceIp": "203.0.113.7"},
        },
        "body": text,
        "isBase64Encoded": encoded,
    }
