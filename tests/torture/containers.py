"""Lambda: containers that keep their gateway from one invocation to the next, until one dies.

The handlers are the functions' own (``functions/*/app.py``). Each container has its own gateway, with cached secrets,
providers and their tokens, as a process would. The AWS clients, which hold no state, are shared.
"""

import json
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import boto3
import httpx
from boto3.session import Session
from botocore.hooks import HierarchicalEmitter

from cauce import wiring
from cauce.aws.settings import Settings
from cauce.contracts.v1 import rest, web
from cauce.gateway import Gateway
from tests.flow.handlers import http_event, named
from tests.stack import template
from tests.torture.intake import Sent
from tests.torture.queue import Message
from tests.torture.timeline import Task, Timeline

# The folder below ``functions/`` of each function's code.
_CODE = {"emit": "emit", "emit_worker": "emit", "consult": "consult", "settle": "consult"}
Ended = Callable[[Any, BaseException | None], None]


@dataclass
class Container:
    """One container of a function."""

    function: str
    gateway: Gateway
    name: str


@dataclass
class Lambda:
    """Runs invocations, each on an idle container or, if there is none, on a new one."""

    timeline: Timeline
    settings: Settings
    crashes: Counter[str] = field(default_factory=Counter)
    """What handlers raised although AWS had not failed them, and at which line."""
    _free: dict[str, list[Container]] = field(default_factory=dict)
    _at_work: dict[Task, Container] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def at_work(self) -> bool:
        return bool(self._at_work)

    def connected(self) -> Gateway:
        """A gateway as a cold container makes it, on the world's clock."""
        clock = lambda: self.timeline.now().timestamp()  # noqa: E731
        made = wiring.connect(self.settings, clock, self.timeline.sleep, patience=5.0)
        return replace(made, now=self.timeline.now)

    def gateway(self) -> Gateway:
        """The gateway of the container that is running."""
        assert self.timeline.running is not None
        return self._at_work[self.timeline.running].gateway

    @contextmanager
    def in_place(self) -> Iterator[None]:
        with (
            patch.object(wiring, "gateway", self.gateway),
            patch.object(boto3, "Session", _one_session),
            patch.object(rest, "respond", self._responding(rest.respond)),
            patch.object(named("emit"), "emit_queued", self._watching(named("emit").emit_queued)),
            patch.object(named("emit"), "take_in", self._watching(named("emit").take_in)),
            patch.object(httpx._transports.default, "create_ssl_context", _no_certificates()),
            patch.object(cached_property, "__get__", _computed_without_lock),
        ):
            yield

    def invoke(self, function: str, event: dict[str, Any], ended: Ended) -> Task:
        """Run a function's handler; ``ended`` gets its answer, or the exception that ended it."""
        free = self._free.setdefault(function, [])
        container = free.pop() if free else self._new(function)
        seconds = _seconds(function)

        def over(task: Task) -> None:
            del self._at_work[task]
            if task.error is None:
                free.append(container)
            elif not (task.dead or task.injured):
                self.crashes[_place(task.error)] += 1
            ended(task.result, task.error)

        context = _context(function, self.timeline, self.timeline.elapsed + seconds)
        task = self.timeline.start(
            container.name, lambda: named(_CODE[function]).handler(event, context), over, seconds=seconds
        )
        self._at_work[task] = container
        return task

    def http(
        self,
        method: str,
        path: str,
        body: Any,
        bearer: str,
        ended: Callable[[int, Any], None],
        **headers: str,
    ) -> Task:
        """A request through the API; ``ended`` gets the status and the JSON, 502 where the container died."""

        def over(answer: Any, error: BaseException | None) -> None:
            if error is not None:
                ended(502, None)
            else:
                ended(answer["statusCode"], json.loads(answer["body"]))

        posts = method == "POST" and not path.endswith("/resolver")
        function = "emit" if posts or path.startswith("/lotes") else "consult"
        return self.invoke(function, http_event(method, path, body, bearer=bearer, headers=headers), over)

    def file(self, path: str, bearer: str, ended: Callable[[int, bytes], None]) -> Task:
        """A file through the API; ``ended`` gets the status and the bytes, 502 where the container died."""

        def over(answer: Any, error: BaseException | None) -> None:
            if error is not None:
                ended(502, b"")
            else:
                ended(answer["statusCode"], answer["body"].encode())

        return self.invoke("consult", http_event("GET", path, None, bearer=bearer, headers={}), over)

    def message(self, message: Message, done: Callable[[bool], None]) -> Task:
        """Deliver a message of the emission queue; ``done`` is told whether to delete it."""
        return self._fifo("emit_worker", "cauce.fifo", message, done)

    def look(self, message: Message, done: Callable[[bool], None]) -> Task:
        """Deliver a message of the queue of looks; ``done`` is told whether to delete it."""
        return self._fifo("settle", "cauce-looks.fifo", message, done)

    def _fifo(self, function: str, queue: str, message: Message, done: Callable[[bool], None]) -> Task:
        record = {
            "messageId": str(message.id),
            "receiptHandle": str(message.id),
            "body": message.body,
            "attributes": {
                "ApproximateReceiveCount": str(message.received),
                "MessageGroupId": message.group,
            },
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{queue}",
            "awsRegion": "us-east-1",
        }

        def over(answer: Any, error: BaseException | None) -> None:
            done(error is None and not answer["batchItemFailures"])

        return self.invoke(function, {"Records": [record]}, over)

    def take_in(self, queue: str, messages: list[Sent], done: Callable[[set[str]], None]) -> Task:
        """Deliver a batch of the intake or the control queue; ``done`` is told the ids of the messages to delete."""
        records = [
            {
                "messageId": message.id,
                "receiptHandle": message.id,
                "body": message.body,
                "attributes": {
                    "ApproximateReceiveCount": str(message.received),
                    "SenderId": f"{message.sender}:session",
                    "SentTimestamp": str(message.at_ms),
                },
                "messageAttributes": {"emisor": {"stringValue": message.issuer, "dataType": "String"}}
                if message.issuer
                else {},
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{queue}",
                "awsRegion": "us-east-1",
            }
            for message in messages
        ]

        def over(answer: Any, error: BaseException | None) -> None:
            failed = (
                {each["itemIdentifier"] for each in answer["batchItemFailures"]} if error is None else None
            )
            done(set() if failed is None else {message.id for message in messages} - failed)

        return self.invoke("emit_worker", {"Records": records}, over)

    def settle(self, ended: Ended) -> Task:
        """One run of the settling schedule."""
        return self.invoke("settle", {"schedule": "settle"}, ended)

    def _responding(self, respond: Callable[[web.Answer], Any]) -> Callable[[web.Answer], Any]:
        """``rest.respond``, with every exception that became a 500 counted as a crash, unless AWS had failed its task."""

        def responded(answer: web.Answer) -> Any:
            task, error = self.timeline.running, sys.exception()
            if answer[0] == 500 and task is not None and not task.injured and error is not None:
                self.crashes[_place(error)] += 1
            return respond(answer)

        return responded

    def _watching(self, handle: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """A record handler, with its exceptions counted as crashes unless AWS had failed the task or the exception is
        one by which the handler means to fail its message.
        """

        def handled(record: Any) -> Any:
            try:
                return handle(record)
            except Exception as error:
                task = self.timeline.running
                meant = type(error).__name__ in ("NotYet", "Unauthenticated", "Busy")
                if not meant and task is not None and not task.injured:
                    self.crashes[_place(error)] += 1
                raise

        return handled

    def _new(self, function: str) -> Container:
        return Container(function, self.connected(), f"{function}-{next(self._numbers)}")


class _Clients:
    """Stands for boto3's session: all containers share one client per service. ``wiring`` registers a handler on
    ``events``, which no client reads.
    """

    events = HierarchicalEmitter()

    def client(self, service: str, **options: Any) -> Any:
        return _client(service)


def _one_session() -> _Clients:
    return _Clients()


@cache
def _client(service: str) -> Any:
    made: Any = Session()  # the types of boto3 know a service by its name alone
    return made.client(service, region_name="us-east-1")


def bucket() -> Any:
    """The S3 client of an ERP that uploads its file."""
    return _client("s3")


@cache
def _no_certificates() -> Callable[..., Any]:
    """One SSL context for all httpx clients: no socket is ever opened, and loading the authorities for each would be
    slow.
    """
    made = httpx.create_ssl_context()
    return lambda *_, **__: made


def _computed_without_lock(self: Any, instance: Any, _: Any = None) -> Any:
    """``cached_property`` as since Python 3.12. Before, one lock covered all instances, and a container that waits
    inside it would block the others.
    """
    if instance is None:
        return self
    if self.attrname not in instance.__dict__:
        instance.__dict__[self.attrname] = self.func(instance)
    return instance.__dict__[self.attrname]


def _place(error: BaseException) -> str:
    """The exception, and the last line of Cauce's own code in its traceback."""
    ours = [
        f"{Path(frame.filename).name}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if "/cauce/" in frame.filename or "/functions/" in frame.filename
    ]
    return f"{type(error).__name__} at {ours[-1] if ours else '?'}: {str(error)[:120]}"


@cache
def _seconds(function: str) -> float:
    """How long the template lets a function run."""
    logical = {
        "emit": "EmitFunction",
        "emit_worker": "EmitWorkerFunction",
        "consult": "ConsultFunction",
        "settle": "SettleFunction",
    }[function]
    return float(template()["Resources"][logical]["Properties"]["Timeout"])


def _context(function: str, timeline: Timeline, ends: float) -> Any:
    return SimpleNamespace(
        function_name=function,
        memory_limit_in_mb=1024,
        invoked_function_arn=f"arn:aws:lambda:us-east-1:000000000000:function:{function}",
        aws_request_id=f"{ends:.3f}",
        get_remaining_time_in_millis=lambda: int((ends - timeline.elapsed) * 1000),
    )
