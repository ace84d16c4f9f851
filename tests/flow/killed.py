"""A process that dies at one of its side effects, just before it or just after."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import botocore.client
import httpx

_READS = {"GetItem", "BatchGetItem", "Query", "GetObject", "GetSecretValue", "ReceiveMessage", "GetQueueUrl"}


class Killed(BaseException):
    pass


@contextmanager
def killed(at: int, when: str) -> Iterator[list[str]]:
    """Every side effect counted; the one of that number is the last thing that happens, or does not happen any more."""
    seen: list[str] = []
    aws, http = botocore.client.BaseClient._make_api_call, httpx.HTTPTransport.handle_request

    def around(name: str, effect: Callable[[], Any]) -> Any:
        if "dead" in seen:
            raise Killed
        seen.append(name)
        chosen = len(seen) == at
        if chosen and when == "before":
            seen.append("dead")
            raise Killed(name)
        try:
            return effect()
        finally:  # one that is refused, too: a write whose condition does not hold
            if chosen:
                seen.append("dead")
                raise Killed(name)

    def watched(client: Any, operation: str, arguments: Any) -> Any:
        def call() -> Any:
            return aws(client, operation, arguments)

        return call() if operation in _READS else around(operation, call)

    def carried(transport: Any, request: httpx.Request) -> httpx.Response:
        def call() -> httpx.Response:
            response = http(transport, request)
            response.read()
            return response

        return around(f"POST {request.url.path}", call)

    with (
        patch.object(botocore.client.BaseClient, "_make_api_call", watched),
        patch.object(httpx.HTTPTransport, "handle_request", carried),
    ):
        try:
            yield seen
        except Killed:
            return
