"""Runs a function's handler on an event and kills the process, as a power cut would, at its N-th side effect.

``python -m tests.e2e.killed FUNCTION EVENT.json N before|after``. A side effect is any call that may change
something outside the process: a write to DynamoDB, S3 or SQS, or a request to a provider other than GET. With N = 0
nothing is killed, and the number of side effects is printed.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import botocore.client
import httpx

from tests.flow.handlers import named

_READS = {"GetItem", "BatchGetItem", "Query", "GetObject", "HeadObject", "GetSecretValue", "DescribeStacks"}


class Killer:
    """Counts side effects and ends the process at the chosen one."""

    def __init__(self, at: int, when: str):
        self._at = at
        self._when = when
        self.names: list[str] = []

    def around(self, name: str, effect: Callable[[], Any]) -> Any:
        self.names.append(name)
        chosen = len(self.names) == self._at
        if chosen and self._when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        try:
            return effect()
        finally:  # one that is refused, too: a write whose condition does not hold
            if chosen:
                os.kill(os.getpid(), signal.SIGKILL)


def watch(killer: Killer) -> None:
    """Route every side effect of this process through the killer."""
    aws_call = botocore.client.BaseClient._make_api_call
    http_call = httpx.HTTPTransport.handle_request

    def watched_aws(client: Any, operation: str, arguments: Any) -> Any:
        def call() -> Any:
            return aws_call(client, operation, arguments)

        return call() if operation in _READS else killer.around(operation, call)

    def watched_http(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        def call() -> httpx.Response:
            response = http_call(transport, request)
            response.read()
            return response

        return call() if request.method == "GET" else killer.around(f"POST {request.url.path}", call)

    botocore.client.BaseClient._make_api_call = watched_aws  # type: ignore[method-assign]
    httpx.HTTPTransport.handle_request = watched_http  # type: ignore[method-assign]


def main() -> None:
    function, event, at, when = sys.argv[1:]
    killer = Killer(int(at), when)
    watch(killer)
    context = SimpleNamespace(
        function_name=function,
        memory_limit_in_mb=1024,
        invoked_function_arn=f"arn:aws:lambda:us-east-1:000000000000:function:{function}",
        aws_request_id="killed",
        get_remaining_time_in_millis=lambda: 90_000,
    )
    named(function).handler(json.loads(Path(event).read_text()), context)
    print("SIDE EFFECTS " + json.dumps(killer.names))


if __name__ == "__main__":
    main()
