"""Documents emitted by every route through every provider's strict simulator, and what that asks of AWS.

The stack is ``tests.thin_aws`` with the functions' own handlers. The clock moves only where the code waits and where
the schedule is awaited, so the counts are the same on every machine; sizes may differ by a few bytes.
"""

import io
import json
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import httpx

from cauce.domain.document import Kind
from cauce.domain.issuer import Issuer
from cauce.domain.time import BOGOTA
from cauce.gateway import Gateway
from cauce.numbering.sync import sync_ranges
from cauce.providers.base import Verb
from cauce.reception import access
from tests.bench.emission import CONTEXT, ENVIRONMENT, Clock, log_to
from tests.bench.lots import message
from tests.contract.bench import Bench
from tests.contract.benches.afacturar import AfacturarEmission
from tests.documents import BUYER
from tests.flow.handlers import function, http_event, named
from tests.thin_aws import SETTINGS, Aws, Bill, connected, size
from tests.torture import houses

PROVIDERS = {
    "dian": "DIAN direct",
    "factus-v2": "Factus v2",
    "facturatech": "Facturatech",
    "afacturar": "Afacturar (`emission_path`)",
    "facepro": "FacEPro Cloud",
}
ROUTES = ("sync", "async", "lot")
LATER = "later"
"""A fourth way, DIAN's alone: a POST is answered «pendiente», and the second look of the schedule finds the verdict."""
SINGLES, LOT = 10, 50
"""How many documents are emitted one by one, and how many in the lot."""
_LINES = [
    {"codigo": f"P-{n}", "descripcion": what, "cantidad": 2, "precio": price, "iva_pct": 19}
    for n, what, price in ((1, "Repuesto de motocicleta", 50000), (2, "Aceite para motor", 22500))
]
_BETWEEN_SECONDS = 15
"""Between two single documents, so that none waits for the provider's pace. A lot's lines do."""
_ITEM_BYTES = 100
"""What DynamoDB adds to each item and each row of an index, in storage."""


@dataclass
class Work:
    """What one of the stack's functions did."""

    invocations: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    """Of AWS, by service and operation."""
    provider_calls: int = 0
    only_asks: bool = False
    """It sends no document: its first call is a question too."""
    waited: float = 0.0
    """Seconds: for its provider's answers and pace, or for what another function does."""


@dataclass
class Played:
    """What some documents asked of AWS and of their provider."""

    work: defaultdict[str, Work] = field(default_factory=lambda: defaultdict(Work))
    """By the function's name in the template."""
    api_requests: int = 0
    deliveries: int = 0
    """Batches that Lambda took from queues; each is a request to receive and one to delete."""
    table_units: int = 0
    index_units: int = 0
    read_units: float = 0.0
    by_partition: Counter[str] = field(default_factory=Counter)
    log_bytes: int = 0
    """Of the functions' lines and metrics."""
    audit_bytes: int = 0
    """Of the lines of the audit log."""
    answered_bytes: int = 0
    """To the ERP."""
    sent_bytes: int = 0
    """To the provider."""
    archive_bytes: int = 0
    table_bytes: int = 0

    def per_document(self, documents: int) -> dict[str, Any]:
        """All of it for one document: numbers by name, functions' by the function."""

        def each(number: float) -> float:
            return round(number / documents, 2)

        return {
            "api_requests": each(self.api_requests),
            "deliveries": each(self.deliveries),
            "table_units": each(self.table_units),
            "index_units": each(self.index_units),
            "read_units": each(self.read_units),
            "functions": {
                name: {
                    "invocations": each(work.invocations),
                    "provider_calls": each(work.provider_calls),
                    "waited": each(work.waited),
                    "calls": {call: each(count) for call, count in sorted(work.calls.items())},
                }
                for name, work in sorted(self.work.items())
            },
            "bytes": {
                "logs": each(self.log_bytes),
                "audit": each(self.audit_bytes),
                "answered": each(self.answered_bytes),
                "sent": each(self.sent_bytes),
                "archive": each(self.archive_bytes),
                "table": each(self.table_bytes),
            },
            "hottest": {key: each(units) for key, units in sorted(self.by_partition.items())},
        }


@dataclass(frozen=True)
class Answers:
    """In how many seconds a provider answers: the call that sends a document, and each further one."""

    first: float
    further: float


class Waiting(Clock):
    """A clock that calls somebody after each sleep."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now)
        self.after_sleep: Callable[[], None] = lambda: None

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.after_sleep()


class _Lines(io.StringIO):
    """A stream that only counts."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0

    def write(self, text: str) -> int:
        self.bytes += len(text.encode())
        return len(text)


class Stack:
    """An issuer of one provider, and the functions of a stack as Lambda runs them for its ERP."""

    def __init__(self, aws: Aws, gateway: Gateway, clock: Waiting, lines: _Lines, nit: str, bearer: str):
        self.aws, self.gateway, self.clock, self.bearer = aws, gateway, clock, bearer
        self.simulator: Any = None
        self._lines = lines
        self._nit = nit
        self._posted = 0
        self._at_work = Work()
        self._awaited: datetime | None = None
        self._nested = timedelta()
        self.answers = Answers(2.0, 0.5)
        self.played = Played()
        clock.after_sleep = self._deliver_in_time

    # The functions

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """What an answer says."""
        event = http_event(method, path, body, bearer=self.bearer, headers=headers)
        code = function(method, path)
        name = "EmitFunction" if code is named("emit") else "ConsultFunction"
        self.played.api_requests += 1
        answer = self._invoke(name, code, event)
        self.played.answered_bytes += len(answer["body"].encode())
        told = json.loads(answer["body"])
        assert answer["statusCode"] < 300, told
        data: dict[str, Any] = told.get("data", told)
        return data

    def deliver(self) -> None:
        """Deliver the emission queue and the control queue to their function until both are empty. What has to be
        emitted goes first: a lot's next lines are read when there is room for them."""
        while bodies := self._taken(SETTINGS.queue_url) or self._taken(SETTINGS.control_url):
            url, found = bodies
            at_once = 10 if url == SETTINGS.control_url else 1
            for start in range(0, len(found), at_once):
                batch = found[start : start + at_once]
                if self._take("EmitWorkerFunction", "emit", url, batch)["batchItemFailures"]:
                    self.aws.queues[url] += batch
                    self.clock.sleep(5)

    def settle(self) -> None:
        """A run of the schedule, which is no document's and not counted, and the looks that it hands out."""
        self.clock.sleep(1200)
        played, self.played = self.played, Played()
        bodies = self.hand_out()
        self.played = played
        for body in bodies:
            if self._take("SettleFunction", "consult", SETTINGS.looks_url, [body])["batchItemFailures"]:
                self.aws.queues[SETTINGS.looks_url].append(body)

    def hand_out(self) -> list[str]:
        """One run of the schedule; the looks that it put in their queue, together with those that came back."""
        self._invoke("SettleFunction", named("consult"), {"schedule": "settle"})
        return self.aws.taken(SETTINGS.looks_url)

    def _taken(self, url: str) -> tuple[str, list[str]] | None:
        found = self.aws.taken(url)
        return (url, found) if found else None

    def _take(self, name: str, code: str, url: str, bodies: list[str]) -> dict[str, Any]:
        self.played.deliveries += 1
        records = [message(body, url) for body in bodies]
        answer: dict[str, Any] = self._invoke(name, named(code), {"Records": records})
        return answer

    def _deliver_in_time(self) -> None:
        """While a request waits for its document, the worker's answer comes when the provider's does."""
        if self._awaited is not None and self.clock.now >= self._awaited:
            self._awaited = None
            self.deliver()

    def _invoke(self, name: str, code: Any, event: dict[str, Any]) -> Any:
        """Call a handler, also inside another's wait, and count what this invocation asked for."""
        outer, outer_bill, outer_lines = self._at_work, self.aws.bill, self._lines.bytes
        outer_nested, began, bill = self._nested, self.clock.now, self.aws.begin()
        self._at_work = Work(only_asks=name == "SettleFunction")
        self._lines.bytes, self._nested = 0, timedelta()
        try:
            return code.handler(event, CONTEXT)
        finally:
            work = self.played.work[name]
            work.invocations += 1
            work.calls += bill.requests
            work.provider_calls += self._at_work.provider_calls
            passed = self.clock.now - began
            work.waited += (passed - self._nested).total_seconds()
            self._nested = outer_nested + passed
            self._charge(bill, self._lines.bytes)
            self._at_work, self.aws.bill, self._lines.bytes = outer, outer_bill, outer_lines

    def _charge(self, bill: Bill, lines: int) -> None:
        played = self.played
        played.table_units += bill.table_units
        played.index_units += bill.index_units
        played.read_units += bill.read_units
        played.log_bytes += lines
        played.audit_bytes += bill.log_bytes
        for (index, partition), units in bill.by_partition.items():
            played.by_partition[self._shape(index, partition)] += units

    def _shape(self, index: str, partition: str) -> str:
        """A partition key without what is one document's own, so that those that many documents share stand out."""
        kind, *rest = partition.split("#")
        shown = "#".join((kind, *("nit" if part == self._nit else part for part in rest[:1])))
        if kind in ("RECORDS", "NUMBERS"):
            shown = "#".join((shown, *rest[1:2]))
        if kind == "OPEN":
            shown = kind
        return f"{index}:{shown}" if index else shown

    def called(self, request: httpx.Request) -> None:
        """The function at work calls its provider, which takes its time."""
        is_first = self._at_work.provider_calls == 0 and not self._at_work.only_asks
        self.clock.now += timedelta(seconds=self.answers.first if is_first else self.answers.further)
        self._at_work.provider_calls += 1
        self.played.sent_bytes += len(request.read())

    # What an ERP does

    def emit(self, route: str, documents: int, calls: float = 1.0) -> None:
        """Emit so many invoices of two lines, and settle them. ``calls``: how many a worker makes for one."""
        if route == "lot":
            self._lot(documents)
            return
        ids = []
        for _ in range(documents):
            self._posted += 1
            self.clock.sleep(_BETWEEN_SECONDS)
            self._awaited = self._after(calls) if route == "sync" else None
            if route == LATER:
                self.simulator.slow_next(asks=1)
            headers = {"Prefer": "respond-async"} if route == "async" else {}
            told = self.request("POST", "/documentos", self._body(), **headers)
            ids.append(told["tracking_id"])
            self.deliver()
        self._settle(ids)
        if route == "async":
            for each in ids:
                assert self.request("GET", f"/documentos/{each}")["estado"] == "aceptado"

    def _lot(self, documents: int) -> None:
        lines = []
        for _ in range(documents):
            self._posted += 1
            lines.append(json.dumps({"tipo": "factura", **self._body()}))
        headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": f"lote-{self._posted}"}
        lot = self.request("POST", "/lotes", "\n".join(lines), **headers)["lote_id"]
        self.deliver()
        ids = [key[0].rpartition("#")[2] for key in self.aws.table.items if key[1] == "RECORD"][-documents:]
        self._settle(ids)
        told = self.request("GET", f"/lotes/{lot}")
        assert told["conteo"]["aceptado"] == documents, told

    def _body(self) -> dict[str, Any]:
        buyer = {**BUYER, "telefono": "3001234567"}
        return {"referencia": f"V-{self._posted:06d}", "adquiriente": buyer, "lineas": _LINES}

    def _after(self, calls: float) -> datetime:
        return self.clock.now + timedelta(seconds=self.answers.first + (calls - 1) * self.answers.further)

    def _settle(self, ids: list[str]) -> None:
        """Let the schedule run until DIAN's verdict on each is known."""
        for _ in range(10):
            if not self._unsettled(ids):
                return
            self.settle()
            self.deliver()
        raise AssertionError(f"not settled: {self._unsettled(ids)}")

    def _unsettled(self, ids: list[str]) -> list[str]:
        bill = self.aws.bill
        self.aws.begin()
        found = [self.gateway.records.read(self._nit, each) for each in ids]
        self.aws.bill = bill
        return [f"{each.state}: {each.last_error}" for each in found if each.shown_state != "aceptado"]

    def kept_bytes(self) -> tuple[int, int]:
        """Of the archive, and of the table with its indexes, without items that expire."""
        archive = sum(len(body) for body, *_ in self.aws.objects.values())
        table, indexes = 0, self.aws.table.indexes.values()
        for item in self.aws.table.items.values():
            if "expires_at" not in item:
                shown = [index.projected(item) for index in indexes if index.place(item)]
                table += sum(size(each) + _ITEM_BYTES for each in (item, *shown))
        return archive, table


def play(provider: str, route: str, answers: Answers) -> Played:
    """Emit documents by a route, after a few others, and count."""
    documents = LOT if route == "lot" else SINGLES
    with stack(provider) as running:
        running.answers = answers
        running.emit("sync", 2)
        running.played = Played()
        running.emit(route, 2)
        calls = sum(work.provider_calls for work in running.played.work.values()) / 2
        running.played, before = Played(), running.kept_bytes()
        running.emit(route, documents, calls)
        after = running.kept_bytes()
        running.played.archive_bytes, running.played.table_bytes = after[0] - before[0], after[1] - before[1]
        return running.played


def idle() -> Played:
    """One run of the schedule where nothing is due."""
    with stack("dian") as running:
        running.emit("sync", 2)
        running.hand_out()
        running.played = Played()
        assert running.hand_out() == []
        return running.played


@contextmanager
def stack(provider: str) -> Iterator[Stack]:
    """A stack with an issuer whose invoices go through a provider's simulator."""
    # Always at the same time of the day: with an hour, a day or a year other things begin too.
    morning = datetime.now(BOGOTA).replace(hour=10, minute=5, second=0, microsecond=0)
    aws, clock = Aws(), Waiting(morning.astimezone(UTC))
    lines = _Lines()
    bench, issuer = _issuer(provider, clock)
    with ExitStack() as held:
        held.enter_context(mock.patch.dict(os.environ, ENVIRONMENT))
        held.enter_context(log_to(lines))
        gateway = held.enter_context(connected(aws, clock.seconds, clock.sleep))
        bench.simulator.start()
        held.callback(bench.simulator.stop)
        bearer = _enrolled(gateway, aws, bench, issuer)
        running = Stack(aws, gateway, clock, lines, issuer.nit, bearer)
        running.simulator = bench.simulator
        held.enter_context(_calls_told(running))
        yield running


def settings_of(provider: str) -> dict[str, str]:
    """The settings of the issuer's that decide what its provider declares."""
    if provider == "afacturar":
        return dict(AfacturarEmission.variant)
    return {"dialect": "v2"} if provider == "factus-v2" else {}


def _issuer(provider: str, clock: Clock) -> tuple[Bench, Issuer]:
    """A provider's bench, and the issuer that its simulator knows."""
    if provider == "afacturar":
        bench = AfacturarEmission()
        return bench, bench.issuer
    (house,) = houses.build(lambda: clock.now, provider)
    return house.bench, house.issuer


def _enrolled(gateway: Gateway, aws: Aws, bench: Bench, described: Issuer) -> str:
    """Enrol an issuer for invoices; its token."""
    name = bench.provider.name
    issuer = described.model_copy(
        update={
            "number": gateway.counters.next("issuer"),
            "uuid": "6a2f1c4e-0000-4000-8000-000000000001",
            "providers": {Kind.INVOICE: name},
            "settings": {name: bench.settings()},
        }
    )
    gateway.issuers.save(issuer)
    aws.keep_credentials(issuer.nit, name, bench.credentials)
    if Verb.RANGES in gateway.provider(issuer, name).capabilities.verbs:
        sync_ranges(gateway, issuer, name)
    elif (known := bench.range(Kind.INVOICE)) is not None:
        gateway.ranges.save(issuer.nit, known.model_copy(update={"next": known.start}))
    return access.grant(gateway, issuer.nit, name="ERP", email="erp@empresa.example")[1]


@contextmanager
def _calls_told(running: Stack) -> Iterator[None]:
    of_httpx = httpx.HTTPTransport.handle_request

    def handle(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        running.called(request)
        return of_httpx(transport, request)

    with mock.patch.object(httpx.HTTPTransport, "handle_request", handle):
        yield
