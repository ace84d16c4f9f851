"""One container of ``emit`` with AWS in memory (``tests.thin_aws``) and a DIAN that accepts everything at once.

The strict simulator judges the first document, of two lines, and what it answered is given to all that follow, with
the identifier of each: what is measured is our own code.
"""

import base64
import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import httpx

from cauce import observability
from cauce.domain.issuer import Issuer
from cauce.gateway import Gateway
from cauce.numbering.sync import sync_ranges
from cauce.providers.base import Request
from cauce.providers.dian.provider import Dian
from cauce.reception import access
from tests import dian_issuers
from tests.bench import invoices
from tests.flow.handlers import http_event, named
from tests.thin_aws import Aws, Bill, connected
from tests.unit.dian.talking import simulator

_KEY = re.compile(rb"XmlDocumentKey>([0-9a-f]{96})<")
_RESPONSE = re.compile(rb"XmlBase64Bytes>([^<]+)<")


@dataclass
class Container:
    """A running container: its gateway, AWS, and the issuer that posts to it."""

    gateway: Gateway
    aws: Aws
    issuer: Issuer
    bearer: str
    started: datetime

    def event(self, lines: int, **headers: str) -> dict[str, Any]:
        """The event of a POST of an invoice of so many lines."""
        due = (self.started + timedelta(days=30)).date()
        return http_event(
            "POST", "/documentos", invoices.text(lines, due), bearer=self.bearer, headers=headers
        )

    def post(self, event: dict[str, Any]) -> dict[str, Any]:
        """The answer to an event."""
        answer: dict[str, Any] = named("emit").handler(event, _CONTEXT)
        return answer

    def accepted(self, lines: int) -> Bill:
        """What an accepted invoice of so many lines asks of AWS."""
        event = self.event(lines)
        bill = self.aws.begin()
        answer = self.post(event)
        assert answer["statusCode"] == 201 and '"aceptado"' in answer["body"], answer["body"]
        return bill


_CONTEXT: Any = SimpleNamespace(
    function_name="cauce",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:us-east-1:000000000000:function:cauce",
    aws_request_id="00000000-0000-4000-8000-000000000000",
    get_remaining_time_in_millis=lambda: 180_000,
)
_ENVIRONMENT = {
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
    started = datetime.now(UTC).replace(microsecond=0)
    aws = Aws()
    with (
        mock.patch.dict(os.environ, _ENVIRONMENT),
        _quiet(),
        connected(aws, started.timestamp, lambda _: None) as gateway,
    ):
        with simulator(dian_issuers.ISSUER.nit, clock=lambda: started) as dian:
            issuer = dian_issuers.issuer(dian, number=gateway.counters.next("issuer"))
            gateway.issuers.save(issuer)
            aws.keep_credentials(issuer.nit, "dian", dian_issuers.credentials(issuer.nit))
            sync_ranges(gateway, issuer, "dian")
            bearer = access.grant(gateway, issuer.nit, name="ERP", email="erp@empresa.example")[1]
            running = Container(gateway, aws, issuer, bearer, started)
            with _kept_answers() as kept:
                running.accepted(2)
        with _answered_as(kept[-1]):
            yield running


@contextmanager
def _kept_answers() -> Iterator[list[bytes]]:
    """The bodies of all answers of the simulator."""
    kept: list[bytes] = []
    of_httpx = httpx.HTTPTransport.handle_request

    def handle(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        response = of_httpx(transport, request)
        kept.append(response.read())
        return httpx.Response(response.status_code, headers=response.headers, content=kept[-1])

    with mock.patch.object(httpx.HTTPTransport, "handle_request", handle):
        yield kept


@contextmanager
def _answered_as(body: bytes) -> Iterator[None]:
    """DIAN answers every sending as it did once, but for the identifier of what was sent."""
    key, response = _KEY.search(body), _RESPONSE.search(body)
    assert key and response, body[:500]
    signed_answer = base64.b64decode(response[1])
    sent = b""
    of_dian = Dian.send

    def send(provider: Dian, request: Request) -> Any:
        nonlocal sent
        sent = (request.uuid or "").encode()
        return of_dian(provider, request)

    def handle(_: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        request.read()
        signed = base64.b64encode(signed_answer.replace(key[1], sent))
        said = body.replace(response[1], signed).replace(key[1], sent)
        return httpx.Response(200, content=said, headers={"Content-Type": "application/soap+xml"})

    with (
        mock.patch.object(Dian, "send", send),
        mock.patch.object(httpx.HTTPTransport, "handle_request", handle),
    ):
        yield


@contextmanager
def _quiet() -> Iterator[None]:
    """The log's lines and the metrics, which go to standard output, go nowhere."""
    loggers = [observability.logger()._logger, logging.getLogger("cauce")]
    handlers = [each for logger in loggers for each in logger.handlers if type(each) is logging.StreamHandler]
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        for each in handlers:
            each.setStream(nowhere)
        try:
            yield
        finally:
            for each in handlers:
                each.setStream(sys.__stdout__)
