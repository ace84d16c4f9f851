"""An issuer that declares events at DIAN itself: on which invoices, and what must hold for each event that leaves.

The invoices are made outside the gateway, between this issuer and one other company. On those that the issuer bought it
declares events as their buyer; on those that it sold, received long ago, it declares the tacit acceptance (034).
"""

import io
import re
import zipfile
from base64 import b64decode
from datetime import timedelta
from random import Random
from typing import Any

import httpx

from cauce.domain.document import Kind
from cauce.domain.issuer import Issuer
from cauce.domain.outcome import Accepted
from cauce.domain.time import bogota
from tests import dian_issuers
from tests.contract.benches.dian import DianBench
from tests.simulators.dian import DianSimulator, events
from tests.simulators.dian.document import Document
from tests.torture.calls import Calls, is_refusal
from tests.torture.houses import Clock, DianHouse, Found
from tests.torture.timeline import Timeline
from tests.torture.watch import Watch
from tests.unit.dian import builders
from tests.unit.dian.talking import connected, emit, on_credit, record, simulator
from tests.unit.dian.talking import issuer as described

NAME = "radian"
_OURS, _THEIRS = "901000004", "800199436"
_WEIGHT = 10
_LONG_AGO = timedelta(days=20)
_FILE = re.compile(rb"contentFile>([^<]+)<")
# The event that DIAN must have before each other (Anexo RADIAN, LGC09, 03, 12, 14); and the events of which an invoice
# has only one, because each ends the matter.
_BEFORE = {"032": "030", "031": "032", "033": "032", "034": "032"}
ENDINGS = ("031", "033", "034")


class RadianHouse(DianHouse):
    """An issuer all of whose documents are events."""

    _sold = 0

    def invoice(self, random: Random) -> tuple[str, str]:
        if random.random() < 0.8:
            return self._sale(_THEIRS, _OURS), "030"
        cufe, day = self._sale(_OURS, _THEIRS), (self._simulator._clock() - _LONG_AGO).date()
        self._simulator.register.events[cufe] = [
            events.Registered(code, f"{random.getrandbits(384):096x}", code, day, _THEIRS, _OURS)
            for code in ("030", "032")
        ]
        return cufe, "034"

    def after(self, code: str) -> list[str]:
        return {"030": ["032"], "032": ["031", "033"]}.get(code, [])

    def at_provider(self) -> list[Found]:
        register = self._simulator.register
        known = {**register.waiting, **register.accepted}
        return [
            Found(
                f"{cufe}{each.code}",
                None,
                True,
                uuid=each.uuid,
                content=known[each.uuid].content,
                taken_at=known[each.uuid].taken_at,
            )
            for cufe, seen in register.events.items()
            for each in seen
            if each.sender == _OURS
        ]

    def key(self, record: Any) -> str:
        return f"{record.event.invoice_uuid}{record.event.code}"

    def calls(self, watch: Watch, timeline: Timeline) -> Calls:
        return EventCalls(self._simulator, self.issuer.nit, self.name, watch, timeline)

    @property
    def _simulator(self) -> DianSimulator:
        found = self.bench.simulator
        assert isinstance(found, DianSimulator)
        return found

    def _sale(self, seller: str, buyer: str) -> str:
        """Emit an invoice between two companies, sold on credit; its CUFE."""
        self._sold += 1
        customer = builders.BUYER.model_copy(update={"identification": buyer})
        bill = builders.a_document(counterparty=customer, payment=on_credit())
        now = bogota(self._simulator._clock())
        kept = record(bill, 990_000_000 + self._sold, issuer=seller, issued_at=now)
        outcome = emit(connected(self._simulator, seller), kept)
        assert isinstance(outcome, Accepted), outcome
        assert outcome.uuid is not None
        return outcome.uuid


class EventCalls(Calls):
    """The calls of an issuer that declares events: none breaks DIAN's order of events, none declares anew what DIAN
    has, and what may have arrived is sent again only as the same bytes.
    """

    def __init__(self, dian: DianSimulator, nit: str, host: str, watch: Watch, timeline: Timeline):
        super().__init__(nit, "dian", host, watch, timeline)
        self._dian = dian
        self._bytes: dict[str, bytes] = {}
        """By CUDE."""

    def arrives(self, request: httpx.Request, *, creates: bool) -> None:
        super().arrives(request, creates=creates)
        event = _event_in(request)
        if event is None:
            return
        code = events.code_of(event)
        cufe = event.text("cac:DocumentResponse/cac:DocumentReference/cbc:UUID")
        known = {each.code: each for each in self._dian.register.events.get(cufe, [])}
        own = self._watch.at_hand or cufe
        if self._bytes.setdefault(event.uuid, event.content) != event.content:
            self._watch.breach(own, f"{event.uuid[:8]}… was sent again with other bytes")
        if code in known and known[code].uuid != event.uuid:
            self._watch.breach(own, f"declares {code} anew, which DIAN has as {known[code].uuid[:8]}…")
        if (before := _BEFORE.get(code)) is not None and before not in known:
            self._watch.breach(own, f"declares {code}, and DIAN has no {before}")
        if code in ENDINGS and (others := known.keys() & set(ENDINGS) - {code}):
            self._watch.counts[f"event {code} sent, though DIAN had {min(others)}"] += 1

    def answered(self, request: httpx.Request, answer: httpx.Response) -> None:
        event = _event_in(request)
        if event is not None and (answer.status_code == 429 or is_refusal(answer)):
            self._bytes.pop(event.uuid, None)


def _event_in(request: httpx.Request) -> Document | None:
    """The event in a request; None where it has none."""
    found = _FILE.search(request.content)
    if found is None:
        return None
    with zipfile.ZipFile(io.BytesIO(b64decode(found[1]))) as archive:
        return Document(archive.read(archive.namelist()[0]))


def house(clock: Clock) -> RadianHouse:
    """The house, its simulator on the world's clock; the issuer is not enrolled yet."""

    class Bench(DianBench):
        def new_simulator(self, **_: Clock) -> DianSimulator:
            return simulator(_OURS, _THEIRS, clock=clock)

        @property
        def issuer(self) -> Issuer:
            return described(_OURS)

        @property
        def credentials(self) -> dict[str, str]:
            return dian_issuers.credentials(_OURS)

    own = Bench()
    return RadianHouse(NAME, own, own.issuer, (Kind.EVENT,), _WEIGHT)
