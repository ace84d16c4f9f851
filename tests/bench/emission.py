"""One container of ``emit`` with AWS in memory (``tests.thin_aws``) and a DIAN that says the same to every document.

The strict simulator judges the first documents, of two lines, and what it answered is given to all that follow, with the
identifier of each: what is measured is our own code.
"""

import base64
import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TextIO
from unittest import mock

import httpx

from cauce import observability
from cauce.domain.issuer import Issuer
from cauce.gateway import Gateway
from cauce.numbering.sync import sync_ranges
from cauce.providers.base import Request
from cauce.providers.dian.provider import Dian
from cauce.reception import access
from cauce.settling import looks
from tests import dian_issuers
from tests.bench import invoices
from tests.flow.handlers import http_event, named
from tests.thin_aws import SETTINGS, Aws, Bill, connected
from tests.unit.dian.talking import simulator

_KEY = re.compile(rb"XmlDocumentKey>([0-9a-f]{96})<")
_ASKED = re.compile(rb"trackId>([0-9a-f]{96})<")
_RESPONSE = re.compile(rb"XmlBase64Bytes>([^<]+)<")


@dataclass
class Clock:
    """Stands still but for what is added."""

    now: datetime

    def seconds(self) -> float:
        return self.now.timestamp()

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Container:
    """A running container: its gateway, AWS, and the issuer that posts to it."""

    gateway: Gateway
    aws: Aws
    issuer: Issuer
    bearer: str
    clock: "Clock"
    dian: "Said | None" = None

    def event(self, lines: int, nth: int = 0) -> dict[str, Any]:
        """The event of a POST of an invoice of so many lines; each ``nth`` is another one."""
        due = (self.clock.now + timedelta(days=30)).date()
        return http_event(
            "POST", "/documentos", invoices.text(lines, due, nth), bearer=self.bearer, headers={}
        )

    def post(self, event: dict[str, Any]) -> dict[str, Any]:
        """The answer to an event."""
        answer: dict[str, Any] = named("emit").handler(event, CONTEXT)
        return answer

    def accepted(self, lines: int) -> Bill:
        """What an accepted invoice of so many lines asks of AWS."""
        event = self.event(lines)
        bill = self.aws.begin()
        answer = self.post(event)
        assert answer["statusCode"] == 201 and '"aceptado"' in answer["body"], answer["body"]
        return bill


CONTEXT: Any = SimpleNamespace(
    function_name="cauce",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:us-east-1:000000000000:function:cauce",
    aws_request_id="00000000-0000-4000-8000-000000000000",
    get_remaining_time_in_millis=lambda: 180_000,
)
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "POWERTOOLS_METRICS_NAMESPACE": "Cauce",
    "POWERTOOLS_SERVICE_NAME": "cauce-bench",
    "POWERTOOLS_TRACE_DISABLED": "true",
}


@contextmanager
def container() -> Iterator[Container]:
    """A warm container: it has emitted a document that the strict simulator accepted. Its clock stands still."""
    aws, clock = Aws(), Clock(datetime.now(UTC).replace(microsecond=0))
    with (
        mock.patch.dict(os.environ, ENVIRONMENT),
        quiet(),
        connected(aws, clock.seconds, clock.sleep) as gateway,
    ):
        running, said = enrolled(gateway, aws, clock)
        with said.instead_of_the_network():
            yield replace(running, dian=said)


def enrolled(gateway: Gateway, aws: Aws, clock: Clock) -> "tuple[Container, Said]":
    """A container with an issuer and its token, and what the strict simulator said to it of two invoices of two lines:
    one that it accepted at once, and one that it goes on validating."""
    with simulator(dian_issuers.ISSUER.nit, clock=lambda: clock.now) as dian, _noted() as kept:
        issuer = dian_issuers.issuer(dian, number=gateway.counters.next("issuer"))
        gateway.issuers.save(issuer)
        aws.keep_credentials(issuer.nit, "dian", dian_issuers.credentials(issuer.nit))
        sync_ranges(gateway, issuer, "dian")
        bearer = access.grant(gateway, issuer.nit, name="ERP", email="erp@empresa.example")[1]
        running = Container(gateway, aws, issuer, bearer, clock)
        running.accepted(2)
        accepted = kept[-1]
        dian.slow_next(asks=9)
        running.post(running.event(2))
        waits = kept[-1]
        clock.sleep(1200)
        settle_one(running)
        return running, Said(accepted=accepted, waits=waits, asked=kept[-1])


def settle_one(running: Container) -> int:
    """A round of the schedule, and a look at every record that it hands out; how many."""
    gateway = running.gateway
    looks.hand_out(gateway)
    bodies = running.aws.taken(SETTINGS.looks_url)
    for body in bodies:
        looks.take(gateway, gateway.looks.due(body))
    return len(bodies)


@contextmanager
def _noted() -> Iterator[list[bytes]]:
    """The bodies of all answers of the simulator."""
    kept: list[bytes] = []
    of_httpx = httpx.HTTPTransport.handle_request

    def handle(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        response = of_httpx(transport, request)
        kept.append(response.read())
        return httpx.Response(response.status_code, headers=response.headers, content=kept[-1])

    with mock.patch.object(httpx.HTTPTransport, "handle_request", handle):
        yield kept


@dataclass
class Said:
    """What DIAN says to every document from now on: what it said once, with the identifier of each."""

    accepted: bytes
    waits: bytes
    asked: bytes
    """The answer to a question about a document that it goes on validating."""
    is_slow: bool = False
    """Whether documents are answered as one that waits."""

    def answer(self, sends: bool, identifier: bytes) -> bytes:
        """The answer to a sending, or to a question."""
        if not sends or self.is_slow:
            said = self.waits if sends else self.asked
            return said.replace(_identifier(said), identifier)
        response = _RESPONSE.search(self.accepted)
        assert response
        old = _identifier(self.accepted)
        signed = base64.b64encode(self._signed.replace(old, identifier))
        before, after = self.accepted[: response.start(1)], self.accepted[response.end(1) :]
        return b"".join((before.replace(old, identifier), signed, after.replace(old, identifier)))

    @cached_property
    def _signed(self) -> bytes:
        """DIAN's signed answer, which is in the other one."""
        response = _RESPONSE.search(self.accepted)
        assert response
        return base64.b64decode(response[1])

    @contextmanager
    def instead_of_the_network(self) -> Iterator[None]:
        sent, of_dian = b"", Dian.send

        def send(provider: Dian, request: Request) -> Any:
            nonlocal sent
            sent = (request.uuid or "").encode()
            return of_dian(provider, request)

        def handle(_: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
            content, sends = request.read(), b"Send" in request.headers["Content-Type"].encode()
            asked = None if sends else _ASKED.search(content)
            body = self.answer(sends, asked[1] if asked else sent)
            return httpx.Response(200, content=body, headers={"Content-Type": "application/soap+xml"})

        with (
            mock.patch.object(Dian, "send", send),
            mock.patch.object(httpx.HTTPTransport, "handle_request", handle),
        ):
            yield


def _identifier(said: bytes) -> bytes:
    found = _KEY.search(said)
    assert found, said[:500]
    return found[1]


@contextmanager
def quiet() -> Iterator[None]:
    """The log's lines and the metrics, which go to standard output, go nowhere."""
    with Path(os.devnull).open("w") as nowhere, log_to(nowhere):
        yield


@contextmanager
def log_to(stream: TextIO) -> Iterator[None]:
    """The log's lines and the metrics go to a stream, and not to standard output."""
    loggers = [observability.logger()._logger, logging.getLogger("cauce")]
    handlers = [each for logger in loggers for each in logger.handlers if type(each) is logging.StreamHandler]
    with redirect_stdout(stream):
        for each in handlers:
            each.setStream(stream)
        try:
            yield
        finally:
            for each in handlers:
                each.setStream(sys.__stdout__)
