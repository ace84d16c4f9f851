"""Runs a function's handler on an event and kills its process, as a power cut would, at its N-th side effect.

A side effect is any call that may change something outside the process: a write to DynamoDB, S3 or SQS, or a request to a
provider other than GET. With N = 0 nothing is killed, and the side effects are told.

``python -m tests.e2e.killed`` is the process of which ``Handlers`` makes one copy for each event: what takes longest,
importing the functions and making the clients of AWS, which have not called yet, it has done once.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from types import SimpleNamespace, TracebackType
from typing import Any, Self

import botocore.client
import httpx

from cauce import wiring
from cauce.intake import control
from cauce.providers import registry
from tests.flow.handlers import named
from tests.stack import ROOT

SIGKILLED = -signal.SIGKILL
_MARK = "SIDE EFFECTS "
_READS = {"GetItem", "BatchGetItem", "Query", "GetObject", "HeadObject", "GetSecretValue", "DescribeStacks"}


class Handlers:
    """The function ``emit`` on a stack with this environment, each time in a process of its own. A context manager."""

    def __init__(self, environment: Mapping[str, str]):
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            env={
                **os.environ,
                **environment,
                "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "layers/provider/python"))),
                "POWERTOOLS_METRICS_NAMESPACE": "Cauce",
                "POWERTOOLS_SERVICE_NAME": "cauce-killed",
            },
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def run(self, event: Mapping[str, Any], at: int, when: str, chunk: int) -> list[str]:
        """Handle an event; the side effects if the process lived, none if it was killed ``before`` or ``after`` the
        ``at``-th. Of a lot's lines ``chunk`` are read at a time.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps([event, at, when, chunk]) + "\n")
        self._process.stdin.flush()
        code, said = json.loads(self._process.stdout.readline())
        if at:
            assert code == SIGKILLED, f"not killed at {at} {when}: {said}"
            return []
        assert code == 0, said
        marked = next(line for line in said.splitlines() if line.startswith(_MARK))
        effects: list[str] = json.loads(marked.removeprefix(_MARK))
        return effects


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


def handle(event: Any, at: int, when: str, chunk: int) -> None:
    """The whole life of a function's process that handles one event."""
    control.CHUNK = chunk
    killer = Killer(at, when)
    watch(killer)
    context = SimpleNamespace(
        function_name="emit",
        memory_limit_in_mb=1024,
        invoked_function_arn="arn:aws:lambda:us-east-1:000000000000:function:emit",
        aws_request_id="killed",
        get_remaining_time_in_millis=lambda: 90_000,
    )
    named("emit").handler(event, context)
    print(_MARK + json.dumps(killer.names))


def main() -> None:
    named("emit")
    wiring.gateway()
    for name in registry.NAMES:
        registry.provider_class(name)
    for line in sys.stdin:
        with tempfile.TemporaryFile("w+") as said:
            child = os.fork()
            if not child:
                os.dup2(said.fileno(), 1)
                os.dup2(said.fileno(), 2)
                handle(*json.loads(line))
                return
            _, status = os.waitpid(child, 0)
            said.seek(0)
            print(json.dumps([os.waitstatus_to_exitcode(status), said.read()]), flush=True)


if __name__ == "__main__":
    main()
