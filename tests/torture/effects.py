"""Every call of a container to AWS and to a provider passes here; a container may be killed at any of them.

Calls that change something are side effects, counted as ``tests.e2e.killed`` counts them; a container is killed just
before one or just after. Every call lets time pass, so that other containers run in between. The code of a killed
container still unwinds in this process, but nothing that it does meanwhile takes effect.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol
from unittest.mock import patch

import botocore.client
import httpx
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.torture.chaos import Chaos
from tests.torture.intake import CONTROL, StandardQueue
from tests.torture.network import Network
from tests.torture.queue import LOOKS, FifoQueue
from tests.torture.timeline import Killed, Timeline

READS = frozenset({"GetItem", "BatchGetItem", "Query", "GetObject", "HeadObject", "GetSecretValue"})
# The error codes with which each service throttles.
_TOO_MUCH = {
    "dynamodb": "ProvisionedThroughputExceededException",
    "s3": "SlowDown",
    "sqs": "RequestThrottled",
    "secretsmanager": "ThrottlingException",
    "logs": "ThrottlingException",
}


class Watching(Protocol):
    """Is told of every write that was done and of every kill."""

    def written(self, operation: str, arguments: Any) -> None: ...

    def killed(self, where: str) -> None: ...


class Effects:
    """Stands between the containers and AWS and providers."""

    def __init__(
        self,
        timeline: Timeline,
        chaos: Chaos,
        network: Network,
        queue: FifoQueue,
        control: StandardQueue,
        looks: FifoQueue,
        watching: Watching,
    ):
        self.timeline = timeline
        self.chaos = chaos
        self.network = network
        self.queue = queue
        self.control = control
        self.looks = looks
        self.watching = watching
        self.kill_at: tuple[int, str] | None = None
        """Set by a test: kill at this side effect (counted from 1), «before» or «after» it."""
        self.count = 0

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """While open, every call of botocore and httpx in this process passes here."""
        real = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]  # private: no stub has it

        def aws(client: Any, operation: str, arguments: Any) -> Any:
            return self._aws(client, operation, arguments, real)

        def http(_: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
            return self._http(request)

        with (
            patch.object(botocore.client.BaseClient, "_make_api_call", aws),
            patch.object(httpx.HTTPTransport, "handle_request", http),
        ):
            yield

    def _aws(self, client: Any, operation: str, arguments: Any, real: Callable[..., Any]) -> Any:
        service = client.meta.service_model.service_name

        def call() -> Any:
            if service == "sqs":
                name = arguments.get("QueueUrl", "").rpartition("/")[2]
                special: dict[str, FifoQueue | StandardQueue] = {CONTROL: self.control, LOOKS: self.looks}
                return special.get(name, self.queue).call(operation, arguments)
            # A copy: botocore replaces a body in ``arguments`` with a file object, which a second call would find at
            # its end.
            return real(client, operation, dict(arguments))

        if self.timeline.running is None:
            return call()
        self.timeline.sleep(self.timeline.random.uniform(0.003, 0.03))
        if operation in READS:
            return call()
        return self._effect(operation, lambda: self._written(service, operation, arguments, call))

    def _written(self, service: str, operation: str, arguments: Any, call: Callable[[], Any]) -> Any:
        chaos = self.chaos
        if chaos.strikes("aws_refused"):
            chaos.count("AWS call refused")
            self._injure()
            raise ClientError({"Error": {"Code": _TOO_MUCH[service], "Message": "torture"}}, operation)
        answer = call()
        self.watching.written(operation, arguments)
        if chaos.strikes("aws_repeated") and operation != "TransactWriteItems":  # idempotent by its token
            chaos.count("AWS call repeated by the SDK")
            self.timeline.sleep(0.1)
            answer = call()
            self.watching.written(operation, arguments)
        if chaos.strikes("aws_lost"):
            chaos.count("AWS answer lost")
            self._injure()
            raise ReadTimeoutError(endpoint_url=service)
        return answer

    def _injure(self) -> None:
        assert self.timeline.running is not None
        self.timeline.running.injured = True

    def _http(self, request: httpx.Request) -> httpx.Response:
        request.read()
        if self.timeline.running is None:
            return self.network.carry(request, safely=True)
        if request.method == "GET":
            return self.network.carry(request)
        answer: httpx.Response = self._effect(
            f"{request.method} {request.url}", lambda: self.network.carry(request)
        )
        return answer

    def _effect(self, name: str, effect: Callable[[], Any]) -> Any:
        """Do a side effect of the running task; the task may be killed before or after it."""
        self.count += 1
        when = None
        if self.kill_at is not None and self.count == self.kill_at[0]:
            when, self.kill_at = self.kill_at[1], None
        elif self.chaos.strikes("kill"):
            when = self.chaos.random.choice(("before", "after"))
        if when == "before":
            self._kill(f"before {name}")
        try:
            result = effect()
        finally:
            if when == "after":
                self._kill(f"after {name}")
        return result

    def _kill(self, where: str) -> None:
        task = self.timeline.running
        assert task is not None
        task.dead = True
        self.chaos.count("container killed")
        self.watching.killed(where)
        raise Killed(f"{task.name}, {where}")
