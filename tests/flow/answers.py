"""Holds each answer of the functions, and each request that they granted, against the published description.

``handlers`` asks it at every call, so that no flow test passes with a field, a status, a code, a header or a parameter
that the description does not have. The published schemas of answers are open; here they are closed.
"""

import base64
import copy
import json
from functools import cache
from typing import Any

import jsonschema_rs

from cauce.contracts.v1 import rest
from cauce.contracts.v1.described import openapi
from cauce.contracts.v1.described.model import COMPONENTS

# What every answer may have, and pages.
HEADERS = {"Content-Type", "Cache-Control"}
PAGES = {
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Cross-Origin-Resource-Policy",
    "Vary",
    "Content-Encoding",
    "ETag",
}
OWN_ERRORS = {"X-Request-Id"}


@cache
def document() -> Any:
    return openapi.document("https://api.cauce.example/api/v1")


@cache
def _components(closed: bool) -> Any:
    found = copy.deepcopy(document()["components"]["schemas"])
    if closed:
        for each in found.values():
            _close(each)
    return found


def _close(schema: Any) -> None:
    if isinstance(schema, dict):
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
        for inner in schema.values():
            _close(inner)
    elif isinstance(schema, list):
        for inner in schema:
            _close(inner)


@cache
def _validator(reference: str, closed: bool) -> Any:
    schema = {"$ref": reference, "components": {"schemas": _components(closed)}}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def faults(reference: str, value: Any, *, closed: bool) -> list[str]:
    """Where a value does not fit a component."""
    validator = _validator(reference, closed)
    if validator.is_valid(value):
        return []
    return [
        f"{'.'.join(map(str, each.instance_path))}: {each.message}" for each in validator.iter_errors(value)
    ]


def check(event: dict[str, Any], answer: dict[str, Any], *, asked_by_us: bool = True) -> None:
    """Raise AssertionError for what the description does not have. Who asks knowing the description may send what it
    does not have too: a made-up parameter, which some routes pass over."""
    method, path = event["httpMethod"], rest.path(event["path"])
    status = answer["statusCode"]
    headers = {name: values[0] for name, values in answer["multiValueHeaders"].items()}
    try:
        method, pattern = rest.route(method, path)
    except LookupError:
        assert (status, json.loads(answer["body"])["codigo"]) == (404, "no_encontrado"), (method, path)
        return
    is_page = headers.get("Content-Type", "").startswith("text/html")
    if status == 404 and not is_page and json.loads(answer["body"])["error"] == "Esta ruta no existe.":
        return  # API Gateway would not have brought it to this function
    said = f"{method} {pattern} {status}"
    operation = document()["paths"][pattern][method.lower()]
    described = operation["responses"].get(str(status))
    assert described, f"{said} is not described: {answer['body'][:300]}"
    _check_body(said, described, headers, answer)
    known = HEADERS | described.get("headers", {}).keys()
    known |= PAGES if (method, pattern) in rest.PAGES else OWN_ERRORS if status >= 400 else set()
    assert headers.keys() <= known, f"{said}: {headers.keys() - known}"
    if status < 300 and asked_by_us:
        _check_request(said, operation, event)


def _check_body(said: str, described: Any, headers: dict[str, str], answer: dict[str, Any]) -> None:
    if not described.get("content"):
        assert answer["body"] == "", said
        return
    media_type = headers["Content-Type"].split(";")[0]
    assert media_type in described["content"], f"{said}: {media_type}"
    schema = described["content"][media_type]["schema"]
    if "$ref" not in schema:
        return
    body = json.loads(answer["body"])
    assert not (found := faults(schema["$ref"], body, closed=True)), f"{said}: {found[:5]}"
    if media_type == "application/problem+json":
        assert body["codigo"] in described[openapi.CODES], f"{said}: {body['codigo']} is not described"


def _check_request(said: str, operation: Any, event: dict[str, Any]) -> None:
    parameters = operation.get("parameters", [])
    known = {each["name"] for each in parameters if each["in"] == "query"}
    query = event.get("queryStringParameters") or {}
    sent = {name for name, value in query.items() if value.strip()}
    assert sent <= known, f"{said}: {sent - known}"
    content = operation.get("requestBody", {}).get("content", {})
    reference = content.get("application/json", {}).get("schema", {}).get("$ref")
    sent_as = next((v for name, v in event["headers"].items() if name.lower() == "content-type"), "")
    if reference and event["body"] and "ndjson" not in sent_as and "jsonl" not in sent_as:
        text = base64.b64decode(event["body"]) if event["isBase64Encoded"] else event["body"]
        body = json.loads(text)
        if reference != f"{COMPONENTS}LoteSolicitado":  # of which some documents may be wrong
            assert not (found := faults(reference, body, closed=False)), f"{said}, the request: {found[:5]}"
