"""The fields of a request, read from any of the three encodings."""

import json
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from tests.simulators.routing import Request

Fields = dict[str, Any]


def encoding(request: Request) -> str | None:
    """`multipart`, `urlencoded` or `json`; None for any other, which is refused with 415."""
    return {
        "multipart/form-data": "multipart",
        "application/x-www-form-urlencoded": "urlencoded",
        "application/json": "json",
    }.get(request.media_type())


def fields(request: Request) -> Fields | None:
    """The fields in the order in which they came; None if the body cannot be read."""
    match encoding(request):
        case "multipart":
            return _multipart(request)
        case "urlencoded":
            return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        case "json":
            return parsed(request.body)
    return None


def parsed(text: Any) -> dict[str, Any] | None:
    """A JSON object, given as text or, in a JSON body, as an object; None if it is neither."""
    if isinstance(text, dict):
        return text
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _multipart(request: Request) -> Fields | None:
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    if not message.is_multipart():
        return None
    found = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            return None
        found[name] = content.decode("utf-8", "replace")
    return found
