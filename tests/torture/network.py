"""The network between a container and its provider: a request reaches the simulator, is lost, or arrives late.

No socket is opened: the simulator answers in the same task, so nothing depends on the machine's speed. Faults of the
transport (no connection, silence, half an answer) are made here; faults of the provider (429, rejections, no verdict
yet) are ordered from its simulator.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

import httpx

from cauce.providers.http import MOST_XML_BYTES
from tests.contract.bench import Bench
from tests.simulators.routing import Answer, ConnectionLost, Request, html_answer
from tests.simulators.server import Simulator
from tests.torture.calls import Calls
from tests.torture.chaos import ASKS, SENDS, Chaos
from tests.torture.outages import How, Outage, Outages
from tests.torture.timeline import Timeline

_PORT = 8080


@dataclass(frozen=True)
class Address:
    """A provider's simulator on the network: its bench, which requests create a document, and the observer of its
    calls.
    """

    name: str
    bench: Bench
    creates: Callable[[httpx.Request], bool]
    calls: Calls
    repeated: Callable[[httpx.Request, Answer], Answer | None]
    """This answer as the provider's words for DIAN's rule 90, if it says that a document was taken; else None."""
    tells_whose: Callable[[httpx.Request, Answer], bool]
    """Whether this answer to such a request says which document it is about."""
    told: dict[str, Answer] = field(default_factory=dict)
    """The last answer to each sort of request, to be given as the answer about another document."""


def at(simulator: Simulator, host: str) -> None:
    """Give a simulator an address of this network instead of a socket."""
    simulator.address = (host, _PORT)


class Network:
    """``say`` is told of every request: the provider's name, the request, and what became of it."""

    def __init__(
        self,
        timeline: Timeline,
        chaos: Chaos,
        outages: Outages,
        say: Callable[[str, httpx.Request, str], None],
    ):
        self._timeline = timeline
        self._chaos = chaos
        self._outages = outages
        self._say = say
        self._addresses: dict[str, Address] = {}
        self.way, self.work = (0.02, 0.4), (0.05, 2.0)
        """Seconds, least and most, that a request travels, and that its answer takes."""
        self.next: list[str] = []
        """What is done to the next requests that create a document: ordered by a test, before anything is drawn by
        chance.
        """

    def add(self, address: Address) -> None:
        self._addresses[address.name] = address
        at(address.bench.simulator, address.name)

    def carry(self, request: httpx.Request, *, safely: bool = False) -> httpx.Response:
        """The answer to a request; raises what httpx would raise."""
        address = self._addresses[request.url.host]
        if safely:
            return self._handed_over(address, request)
        creates = address.creates(request)
        address.calls.leaves()
        answer = self._carried(address, request, creates=creates)
        address.calls.answered(request, answer)
        return answer

    def _carried(self, address: Address, request: httpx.Request, *, creates: bool) -> httpx.Response:
        what = self._fault(creates)
        read_seconds = float(request.extensions.get("timeout", {}).get("read") or 60.0)
        self._pass(self._chaos.random.uniform(*self.way), read_seconds, request, address, what)
        outage = self._outages.met(address.name, creates=creates)
        if what == "does not connect" or (outage is not None and outage.how is How.REFUSES):
            self._say(address.name, request, "refused")
            raise httpx.ConnectError("torture", request=request)
        address.calls.arrives(request, creates=creates)
        if outage is not None:
            return self._out_of_order(outage, address, request, creates=creates, read_seconds=read_seconds)
        if what == "late":
            self._timeline.after(self._chaos.random.uniform(0, 240), lambda: self._belated(address, request))
            self._timeline.sleep(read_seconds)
            raise httpx.ReadTimeout("torture", request=request)
        self._order(address.bench, what, creates=creates)
        try:
            answer = self._asked(address, request, what if not creates or what in LIES else "")
        except ConnectionLost as lost:
            self._say(address.name, request, str(lost))
            self._timeline.sleep(self._chaos.random.uniform(0.05, 2))
            raise httpx.RemoteProtocolError(str(lost), request=request) from lost
        self._say(address.name, request, f"{answer.status} {answer.note} {f'[{what}]' if what else ''}")
        self._pass(self._chaos.random.uniform(*self.work), read_seconds, request, address, what)
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)

    def _fault(self, creates: bool) -> str:
        if creates and self.next:
            return self.next.pop(0)
        if not self._chaos.strikes("send" if creates else "ask"):
            return ""
        what = self._chaos.one_of(SENDS if creates else ASKS)
        self._chaos.count(f"{'send' if creates else 'question'}: {what}")
        return what

    def _pass(
        self, seconds: float, read_seconds: float, request: httpx.Request, address: Address, what: str
    ) -> None:
        """Let travel time pass. Raises ReadTimeout where it is longer than the caller waits."""
        if self._chaos.strikes("slow"):
            self._chaos.count("slow provider")
            seconds = self._chaos.random.uniform(20, 120)
        self._timeline.sleep(min(seconds, read_seconds))
        if seconds > read_seconds:
            self._say(address.name, request, "the caller waits no longer")
            raise httpx.ReadTimeout("torture", request=request)

    def _out_of_order(
        self, outage: Outage, address: Address, request: httpx.Request, *, creates: bool, read_seconds: float
    ) -> httpx.Response:
        """The answer of a provider that is out, or what httpx raises."""
        if self._outages.done_all_the_same(outage, creates=creates):
            self._belated(address, request)
        self._say(address.name, request, f"out: {outage.how}")
        if outage.how in (How.TIMES_OUT, How.TOO_LATE):
            self._timeline.sleep(read_seconds)
            raise httpx.ReadTimeout(outage.how, request=request)
        answer = html_answer(outage.status, "Error", "out of order")
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)

    def _belated(self, address: Address, request: httpx.Request) -> None:
        """The provider takes a request after its caller has given up."""
        try:
            answer = self._handed_over(address, request)
        except ConnectionLost as lost:
            self._say(address.name, request, f"late: {lost}")
            return
        self._say(address.name, request, f"late: {answer.status_code}")

    def _handed_over(self, address: Address, request: httpx.Request) -> httpx.Response:
        answer = address.bench.simulator.handle(_received(request))
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)

    def _order(self, bench: Bench, what: str, *, creates: bool) -> None:
        """Order from the simulator what it does with the next request that creates a document."""
        if not creates:
            return
        orders: dict[str, Callable[[], Any]] = {
            "lost before storing": lambda: bench.lose(stored=False),
            "lost after storing": lambda: bench.lose(stored=True),
            "5xx before storing": lambda: bench.answer("5xx", stored=False),
            "5xx after storing": lambda: bench.answer("5xx", stored=True),
            "HTML before storing": lambda: bench.answer("html", stored=False),
            "HTML after storing": lambda: bench.answer("html", stored=True),
            "half an answer": lambda: bench.answer("truncated", stored=True),
            "throttled": bench.throttle,
            "forbidden": bench.forbid,
            "rejected": lambda: bench.reject("FAK24", "No está informado el DV del NIT"),
            "no verdict yet": bench.delay,
            "notices": lambda: bench.accept_with_notices("FAJ43b", _NOTICE),
            "a book of notices": lambda: bench.accept_with_notices("FAJ43b", _NOTICE * 20_000),
        }
        if what in orders:
            orders[what]()

    def _asked(self, address: Address, request: httpx.Request, what: str) -> Answer:
        """The simulator's answer, or what the drawn fault makes of it."""
        if what == "lost before storing":
            raise ConnectionLost("connection closed before anything was done")
        if what == "5xx before storing":
            return Answer(503, b"", {}, "unavailable")
        if what == "HTML before storing":
            return html_answer(200, "Mantenimiento")
        if what == "429":
            return Answer(429, b"{}", {"Retry-After": "20"}, "too many")
        if what == "oversized before storing":
            return _ENDLESS
        if what == "foreign before storing":
            return self._of_another(address, request, None)
        answer = address.bench.simulator.handle(_received(request))
        if what in ("oversized", "oversized after storing"):
            return _ENDLESS
        if what in ("foreign", "foreign after storing"):
            return self._of_another(address, request, answer)
        if what == "rule 90":
            return address.repeated(request, answer) or answer
        if answer.status in (200, 201):
            address.told[_sort(request)] = answer
        if what == "lost after storing":
            raise ConnectionLost(f"answer lost ({answer.status})")
        if what == "half an answer":
            return Answer(answer.status, answer.body[: len(answer.body) // 2], answer.headers, "cut in half")
        return answer

    def _of_another(self, address: Address, request: httpx.Request, own: Answer | None) -> Answer:
        """The answer that another document got to such a request. If there is none, or such answers do not say whose
        they are: the own answer if there is one, else a lost connection.
        """
        other = address.told.get(_sort(request))
        if other is not None and not address.tells_whose(request, other):
            other = None
        if other is None and own is None:
            raise ConnectionLost("connection closed before anything was done")
        return replace(other, note="of another document") if other is not None else own or _ENDLESS


LIES = frozenset(
    {
        "rule 90",
        "foreign before storing",
        "foreign after storing",
        "oversized before storing",
        "oversized after storing",
    }
)
"""Faults of requests that create a document which are made here, in ``_asked``, and not by the simulator."""
_NOTICE = "Nombre informado no corresponde al RUT. "
_ENDLESS = Answer(200, b" " * (MOST_XML_BYTES + 1), {"Content-Type": "application/json"}, "has no end")


def _sort(request: httpx.Request) -> str:
    """The request with its ids and numbers replaced by «#»: equal for the same question about different documents."""
    operation = request.headers.get("SOAPAction") or request.headers.get("Content-Type", "")
    return re.sub(r"[0-9a-f-]{8,}|[0-9]+", "#", f"{request.method} {request.url.path} {operation}")


def _received(request: httpx.Request) -> Request:
    """A request as the simulator's server would have read it."""
    path = request.url.raw_path.partition(b"?")[0].decode()
    query = tuple(parse_qsl(request.url.query.decode(), keep_blank_values=True))
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Request(request.method, path, query, headers, request.content)
