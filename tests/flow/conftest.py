"""Handlers and verbs on moto, with a provider's strict simulator behind them."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from cauce import admin, wiring
from cauce.aws.settings import Settings
from cauce.contracts.v1 import contract
from cauce.domain.access_token import Scope
from cauce.domain.document import Kind
from cauce.domain.issuer import Issuer
from cauce.domain.lot import LotLine
from cauce.domain.record import Record
from cauce.gateway import Gateway
from cauce.intake import documents
from cauce.numbering.sync import sync_ranges
from cauce.providers import registry
from cauce.reception import access
from tests import dian_issuers, stack
from tests.documents import invoice, support_document
from tests.flow import queues
from tests.flow.handlers import function, http_event, named
from tests.quick_boto3 import own
from tests.settling import handed_out, settle_due
from tests.simulators.dian import DianSimulator
from tests.simulators.factus import FactusSimulator
from tests.unit.dian.oracles import parsed
from tests.unit.dian.talking import simulator

FACTUS_KINDS = (Kind.INVOICE, Kind.CREDIT_NOTE, Kind.SUPPORT_DOCUMENT, Kind.ADJUSTMENT_NOTE)

ERP = "AROAEXAMPLEOFTHEERP00"
"""The id of the role with which an ERP sends its documents to the intake queue."""


class Clock:
    """Real time plus what a test adds."""

    def __init__(self) -> None:
        self.passed = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.passed

    def advance(self, **units: float) -> None:
        self.passed += timedelta(**units)

    def seconds(self) -> float:
        return self().timestamp()

    def sleep(self, seconds: float) -> None:
        """Adds the time at once instead of waiting."""
        self.advance(seconds=seconds)


class Still(Clock):
    """Stands still but for what a test adds, at whole seconds: for tests that compare moments exactly."""

    def __init__(self) -> None:
        super().__init__()
        self._began = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self._began + self.passed


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def factus() -> Iterator[FactusSimulator]:
    with FactusSimulator() as simulator:
        yield simulator


@pytest.fixture
def dian(clock: Clock) -> Iterator[DianSimulator]:
    """DIAN, which knows the issuer and a supplier of its."""
    with simulator(dian_issuers.ISSUER.nit, dian_issuers.SUPPLIER, clock=clock) as running:
        yield running


@pytest.fixture
def resources(monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A fresh stack, in moto."""
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Cauce")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "cauce-test")
    with stack.in_moto(monkeypatch) as made:
        yield made


@pytest.fixture
def patience() -> float:
    """Seconds that a POST waits for its document's turn: none, because no message is delivered meanwhile."""
    return 0.0


@pytest.fixture
def gateway(resources: Settings, monkeypatch: pytest.MonkeyPatch, clock: Clock, patience: float) -> Gateway:
    """A gateway on the stack; every handler gets this one."""
    made = wiring.connect(resources, clock.seconds, clock.sleep, patience)
    monkeypatch.setattr(wiring, "gateway", lambda: made)
    return made


@pytest.fixture
def issuer(gateway: Gateway, factus: FactusSimulator) -> Issuer:
    return enrol(gateway, factus, "901724254")


def enrol(gateway: Gateway, factus: FactusSimulator, nit: str, **changes: Any) -> Issuer:
    """Save an issuer whose documents go through the simulator, with credentials, and sync its ranges. That they are
    new is no news any more."""
    found = Issuer(
        nit=nit,
        check_digit="1",
        uuid=f"6a2f1c4e-0000-4000-8000-{int(nit):012d}",
        number=gateway.counters.next("issuer"),
        name="MI EMPRESA SAS",
        providers=dict.fromkeys(FACTUS_KINDS, "factus"),
        settings={"factus": {"base_url": factus.base_url}},
    ).model_copy(update=changes)
    gateway.issuers.save(found)
    stack.keep_credentials(nit, "factus", asdict(factus.credentials))
    sync_ranges(gateway, found, "factus")
    stack.forget_news(nit)
    return found


def taken_in(
    gateway: Gateway,
    issuer: Issuer,
    reference: str | None = None,
    kind: Kind = Kind.INVOICE,
    line: LotLine | None = None,
) -> Record:
    """A document that was asked for, by itself or as a line of a lot, and that nobody has sent yet."""
    body = support_document() if kind is Kind.SUPPORT_DOCUMENT else invoice()
    document = contract.document(kind, {**body, "referencia": reference})
    return documents.take_in(gateway, issuer, document, contract.content_hash(document), line)[0]


@pytest.fixture
def accept(gateway: Gateway, issuer: Issuer) -> Callable[..., Record]:
    """A received record: ``accept("V-1")``."""
    return partial(taken_in, gateway, issuer)


@pytest.fixture
def now_at(gateway: Gateway) -> Callable[[Record], Record]:
    """A record as it is now."""
    return lambda record: gateway.records.read(record.issuer, record.document_id)


@pytest.fixture
def cauce(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command of the operator's: ``cauce("queue", "show")``."""
    monkeypatch.setattr("cauce.admin.stack.gateway", lambda: gateway)
    monkeypatch.setattr("cauce.admin.terminal.out.width", 200)
    return lambda *arguments: CliRunner().invoke(admin.app, [*arguments])


@pytest.fixture
def v2(gateway: Gateway, factus: FactusSimulator, issuer: Issuer) -> None:
    """The issuer's Factus speaks v2."""
    settings = {"factus": {"base_url": factus.base_url, "dialect": "v2"}}
    gateway.issuers.save(issuer.model_copy(update={"settings": settings}))


def make_known(monkeypatch: pytest.MonkeyPatch, name: str, provider: Any) -> None:
    """Register a provider that only a test has, under this name and with its own capabilities."""
    real = registry.provider_class
    declared = SimpleNamespace(title=name, declare=lambda _settings: provider.capabilities)
    monkeypatch.setattr(registry, "provider_class", lambda each: declared if each == name else real(each))


@pytest.fixture
def token(gateway: Gateway, issuer: Issuer) -> str:
    """One with every scope."""
    return access.grant(gateway, issuer.nit, name="ERP", email="erp@empresa.example", scopes=Scope)[1]


@pytest.fixture
def call(gateway: Gateway, token: str) -> Any:
    """An HTTP request as API Gateway would bring it: ``call("POST", "/documentos", body)`` → status, headers and body."""

    def made(method: str, path: str, body: Any = None, *, bearer: str = token, **headers: str) -> Any:
        event = http_event(method, path, body, bearer=bearer, headers=headers)
        answer = function(method, path).handler(event, context())
        text = answer["body"]
        return SimpleNamespace(
            status=answer["statusCode"],
            headers={name: values[0] for name, values in answer["multiValueHeaders"].items()},
            text=text,
            json=json.loads(text) if text[:1] in ("{", "[") else None,
        )

    return made


@pytest.fixture
def posted(call: Any, gateway: Gateway, issuer: Issuer) -> Any:
    """POST a document: its record, as it then stands."""

    def made(path: str = "/documentos", body: dict[str, Any] | None = None) -> Record:
        answer = call("POST", path, body or invoice())
        assert answer.status == 201, answer.text
        return gateway.records.read(issuer.nit, answer.json["data"]["tracking_id"])

    return made


@pytest.fixture
def kept(gateway: Any) -> Any:
    """The lines of the audit log, oldest first."""

    def lines() -> list[dict[str, Any]]:
        logs = stack.client("logs")
        streams = logs.describe_log_streams(logGroupName=stack.AUDIT_LOG)["logStreams"]
        events = [
            event
            for stream in streams
            for event in logs.get_log_events(
                logGroupName=stack.AUDIT_LOG, logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
        ]
        return [json.loads(event["message"]) for event in events]

    return lines


def context(seconds: float = 180.0) -> Any:
    return SimpleNamespace(
        function_name="cauce",
        memory_limit_in_mb=1024,
        invoked_function_arn="arn:aws:lambda:us-east-1:000000000000:function:cauce",
        aws_request_id="00000000-0000-4000-8000-000000000000",
        get_remaining_time_in_millis=lambda: int(seconds * 1000),
    )


@pytest.fixture
def everything(gateway: Gateway) -> Any:
    """Every item of the table, by key, without what reading may change: the shared provider tokens, the turns of
    calls, the counts of requests and each token's last use.
    """

    def look() -> dict[tuple[str, str], Any]:
        pages = stack.client("dynamodb").get_paginator("scan")
        found = [item for page in pages.paginate(TableName="cauce") for item in page["Items"]]
        by_key = {
            (item["pk"]["S"], item["sk"]["S"]): {name: it for name, it in item.items() if name != "last_used"}
            for item in found
        }
        apart = ("PROVIDER_TOKEN", "CALLS", "REQUESTS")
        return {key: item for key, item in by_key.items() if not key[0].startswith(apart)}

    return look


def signed(gateway: Gateway, data: dict[str, Any], nit: str) -> Any:
    """The signed XML of the document that an answer's ``data`` is about."""
    record = gateway.records.read(nit, data["tracking_id"])
    assert record.signed_xml is not None
    return parsed(gateway.archive.read(record.signed_xml))


@pytest.fixture
def drain(gateway: Gateway) -> Any:
    """Deliver every message of the emission queue to ``emit``, as its event source mapping would; returns how many.

    A message that fails is delivered again by the next ``drain``, as if its visibility timeout had passed.
    """
    delayed: list[str] = []

    def run() -> int:
        sqs = stack.client("sqs")
        url = stack.queue_url("cauce.fifo")
        emit: ModuleType = function("POST", "/documentos")
        seen = 0
        while delayed:
            with suppress(sqs.exceptions.ReceiptHandleIsInvalid):  # came back at once, and was deleted
                sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=delayed.pop(), VisibilityTimeout=0)
        while messages := sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=1, AttributeNames=["All"]
        ).get("Messages"):
            seen += 1
            record = {
                "messageId": messages[0]["MessageId"],
                "receiptHandle": messages[0]["ReceiptHandle"],
                "body": messages[0]["Body"],
                "attributes": messages[0].get("Attributes", {}),
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:cauce.fifo",
                "awsRegion": stack.REGION,
            }
            answer = emit.handler({"Records": [record]}, context())
            if answer["batchItemFailures"]:
                delayed.append(messages[0]["ReceiptHandle"])
            else:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])
        return seen

    return run


@pytest.fixture
def let_pass(gateway: Gateway, clock: Clock, drain: Any) -> Any:
    """Let so many minutes pass, the schedule and the queue at work every few of them: the record then."""

    def run(kept: Record, minutes: int = 30, every: int = 1) -> Record:
        for _ in range(0, minutes, every):
            clock.advance(minutes=every)
            settle_due(gateway)
            drain()
        return gateway.records.read(kept.issuer, kept.document_id)

    return run


@pytest.fixture
def sqs(gateway) -> Any:
    return stack.client("sqs")


@pytest.fixture
def s3(gateway) -> Any:
    return stack.client("s3")


@pytest.fixture
def erp(gateway, issuer) -> Any:
    """Puts a message in the intake queue, as a role that speaks for the issuer; its id."""
    gateway.issuers.save(issuer.model_copy(update={"senders": frozenset({ERP})}))
    return lambda body, nit=issuer.nit: queues.to_intake(body, nit)


@pytest.fixture
def deliver(gateway) -> Any:
    """Deliver the intake and control queues to ``emit``, as their mappings would, until both are empty; the ids that
    failed.
    """

    def once(queue: Any, sender: str) -> tuple[int, set[str]]:
        found = queues.received(queue.name)
        if not found:
            return 0, set()
        records = [as_record(message, sender, queue.name) for message in found]
        answer = named("emit").handler({"Records": records}, context())
        failed = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
        for message in found:
            if message["MessageId"] not in failed:
                queues.delete(queue.name, message)
        return len(found), failed

    def run(sender: str = ERP) -> list[str]:
        failed: list[str] = []
        seen = True
        while seen:
            seen = False
            for queue in (gateway.intake, gateway.control):
                count, ids = once(queue, sender)
                seen, failed = seen or count > 0, failed + sorted(ids)
        return failed

    return run


def as_record(message: Any, sender: str, queue: str = "cauce-intake") -> dict[str, Any]:
    given = message.get("MessageAttributes", {})
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {**message["Attributes"], "SenderId": f"{sender}:erp-session"},
        "messageAttributes": {
            name: {"stringValue": value["StringValue"], "dataType": value["DataType"]}
            for name, value in given.items()
        },
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{queue}",
        "awsRegion": stack.REGION,
    }


@pytest.fixture
def settle(gateway) -> Any:
    """Run the schedule once, and every look that it hands out, through the handler."""

    def run() -> Any:
        counts = named("consult").handler({"schedule": "settle"}, context(120))
        for message in handed_out(gateway):
            look = as_look(message)
            answer = named("consult").handler({"Records": [look]}, context(120))
            if answer["batchItemFailures"]:  # its turn has not come: it comes back once
                look["attributes"] = {**look["attributes"], "ApproximateReceiveCount": "2"}
                answer = named("consult").handler({"Records": [look]}, context(120))
            assert answer == {"batchItemFailures": []}
        return counts

    return run


def as_look(message: Any) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:cauce-looks.fifo",
        "awsRegion": stack.REGION,
    }


@pytest.fixture
def meanwhile(gateway: Gateway) -> Any:
    """What another does just before our next write: ``meanwhile("PutItem", act)``; what comes of it, in a list."""

    def register(operation: str, act: Callable[[], Any]) -> list[Any]:
        acts, came = [act], []

        def before(**_: object) -> None:
            while acts:
                came.append(acts.pop()())

        own("dynamodb").meta.events.register(f"before-call.dynamodb.{operation}", before)
        return came

    return register


@pytest.fixture
def emitted(call: Any, drain: Any, gateway: Gateway) -> Callable[[str], Record]:
    """A record after an invoice was posted and its message delivered: ``emitted("V-1")``."""

    def made(reference: str) -> Record:
        posted = call("POST", "/documentos", invoice(referencia=reference))
        assert posted.status == 201, posted.text
        drain()
        found = gateway.records.by_reference("901724254", reference)
        assert found is not None
        return found

    return made


@pytest.fixture
def asked(gateway: Gateway, clock: Clock) -> Callable[[Record], Record]:
    """A record after the schedule has looked at it once more."""

    def made(record: Record) -> Record:
        clock.advance(hours=1, minutes=1)
        settle_due(gateway)
        return gateway.records.read(record.issuer, record.document_id)

    return made
