"""The issuers under torture: one for each provider and dialect, and what each provider turns out to have.

Each is its provider's bench of the contract suite (``tests.contract.benches``) with a NIT of its own, so that all
share one stack. ``at_provider`` reads the simulator's own memory: that is the truth which records are held against.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any

import boto3
import httpx

from cauce import access, numbering
from cauce.domain.document import Kind
from cauce.domain.issuer import Issuer
from cauce.domain.nit import check_digit
from cauce.domain.time import BOGOTA
from cauce.gateway import Gateway
from cauce.providers.base import Verb
from tests import stack
from tests.contract.bench import Bench
from tests.contract.benches.afacturar import AfacturarBench
from tests.contract.benches.dian import DianBench
from tests.contract.benches.facepro import FacEProBench
from tests.contract.benches.facturatech import FacturatechBench
from tests.contract.benches.factus import FactusBench, FactusV1, FactusV2
from tests.simulators.afacturar import AfacturarSimulator
from tests.simulators.dian import DianSimulator, envelope, results
from tests.simulators.dian.document import Document
from tests.simulators.facepro import FacEProSimulator
from tests.simulators.facturatech import Account, FacturatechSimulator
from tests.simulators.facturatech.account import default_ranges
from tests.simulators.factus import FactusSimulator
from tests.simulators.factus.company import Company
from tests.simulators.routing import Answer, json_answer
from tests.torture.calls import Calls, DianCalls
from tests.torture.timeline import Timeline
from tests.torture.watch import Watch

Clock = Callable[[], datetime]
RULE_90 = "Regla: 90, Rechazo: Documento procesado anteriormente."
_KEY = re.compile(rb"XmlDocumentKey>([0-9a-f]{96})<")
SENDER = "AROAEXAMPLEOFTHEERP00"
"""Who may put every issuer's documents in the intake queue."""
_FACTURATECH_NIT = "901000003"
HANGS = "hangs"
# So many that one line of looks for all would be taken up by theirs.
_HANGING = 8


@dataclass(frozen=True)
class Found:
    """A document, or an event, as its provider has it."""

    key: str
    """What ties it to a record: its reference, its number, or what its first line says."""
    number: str | None
    is_valid: bool
    """DIAN validated it."""
    total: str | None = None
    uuid: str | None = None
    content: bytes | None = field(default=None, repr=False)
    """What was sent, where that is the document."""
    taken_at: datetime | None = None
    type_code: str | None = None


@dataclass
class House:
    """An issuer with its provider: how to reach it, and what it has."""

    name: str
    bench: Bench
    issuer: Issuer
    kinds: tuple[Kind, ...]
    weight: int
    """How often a document is one of its."""
    bearer: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    """Its issuer's at its provider, besides the bench's own."""

    def calls(self, watch: Watch, timeline: Timeline) -> Calls:
        """Who sees its calls leave."""
        return Calls(self.issuer.nit, self.bench.provider.name, self.name, watch, timeline)

    def creates(self, request: httpx.Request) -> bool:
        raise NotImplementedError

    def at_provider(self) -> list[Found]:
        raise NotImplementedError

    def repeated(self, request: httpx.Request, answer: Answer) -> Answer | None:
        """Rule 90 in the provider's words, of a document that it has taken with this answer; none where it has not."""
        raise NotImplementedError

    def tells_whose(self, request: httpx.Request) -> bool:
        """Whether an answer to such a request says which document it is about; a login's is about none."""
        return "oauth" not in request.url.path

    def key(self, record: Any) -> str:
        """What ties a record to ``Found.key``."""
        return str(record.reference)

    def invoice(self, random: Random) -> tuple[str, str]:
        """The CUFE of an invoice of which events may be declared, and the code of the first that is."""
        return f"{random.getrandbits(384):096x}", "030"

    def after(self, code: str) -> list[str]:
        """The codes of which one may follow an event that was declared."""
        return {"030": ["032"], "032": ["033"]}.get(code, [])

    def calm(self) -> None:
        """Nothing that was ordered waits any longer."""
        self.bench.simulator.faults.clear()


class FactusHouse(House):
    def creates(self, request: httpx.Request) -> bool:
        return request.method == "POST" and request.url.path.endswith("/validate")

    def at_provider(self) -> list[Found]:
        simulator: Any = self.bench.simulator
        return [
            Found(row.reference, row.number, row.is_validated, f"{row.totals().total:.2f}", row.uuid)
            for rows in simulator.documents.values()
            for row in rows
        ]

    def repeated(self, request: httpx.Request, answer: Answer) -> Answer | None:
        if b'"is_validated": true' not in answer.body and b'"status": 1' not in answer.body:
            return None
        return json_answer(422, {"message": "Error", "data": {"errors": {"90": RULE_90}}}, "rule 90")


class FacEProHouse(House):
    def creates(self, request: httpx.Request) -> bool:
        return request.method == "POST"

    def repeated(self, request: httpx.Request, answer: Answer) -> Answer | None:
        if b'"estado": "aceptado"' not in answer.body:
            return None
        told = json.loads(answer.body)
        told["data"] |= {"estado": "rechazado", "estado_dian_mensaje": RULE_90}
        return json_answer(201, told, "rule 90")

    def tells_whose(self, request: httpx.Request) -> bool:
        """Of what was just created it tells buyer and total, which others may have too."""
        return not self.creates(request)

    def at_provider(self) -> list[Found]:
        """It takes no reference: what we billed says whose it is."""
        simulator: Any = self.bench.simulator
        return [
            Found(
                row.request["lineas"][0]["descripcion"],
                row.number,
                row.estado == "aceptado",
                f"{row.total():.2f}",
                row.cufe,
            )
            for row in simulator.documents
        ]

    def key(self, record: Any) -> str:
        return str(record.document.lines[0].description)


class FacturatechHouse(House):
    def creates(self, request: httpx.Request) -> bool:
        return b"upload" in request.content

    def repeated(self, request: httpx.Request, answer: Answer) -> Answer | None:
        if b">201<" not in answer.body:
            return None
        refused = answer.body.replace(b">201<", b">404<")
        said = f"<error>Rechazo, Errores:[{RULE_90}], Advertencias:[]</error>".encode()
        return replace(answer, body=re.sub(rb"<error[^>]*>.*?</error>", said, refused), note="rule 90")

    def tells_whose(self, request: httpx.Request) -> bool:
        """A file does; a transaction is a name that nothing else has."""
        return b"download" in request.content or b"getCUFE" in request.content

    def at_provider(self) -> list[Found]:
        simulator: Any = self.bench.simulator
        return [
            Found(row.number, row.number, True, row.fields["total"], row.uuid) for row in simulator.documents
        ]

    def key(self, record: Any) -> str:
        return str(record.number)


class DianHouse(House):
    def creates(self, request: httpx.Request) -> bool:
        return "/Send" in request.headers.get("content-type", "")

    def at_provider(self) -> list[Found]:
        simulator: Any = self.bench.simulator
        waiting = simulator._register.waiting.values()
        return [
            Found(
                row.number,
                row.number,
                row.is_accepted,
                uuid=row.uuid,
                content=row.content,
                taken_at=row.taken_at,
                type_code=Document(row.content).type_code,
            )
            for row in (*simulator.documents, *waiting)
            if row.kind != "event"
        ]

    def repeated(self, request: httpx.Request, answer: Answer) -> Answer | None:
        operation = request.headers["content-type"].rpartition("/")[2].rstrip('"')
        key = _KEY.search(answer.body)
        if b"IsValid>true<" not in answer.body or key is None:
            return None
        said = results.dian_response("99", results.REJECTED, errors=[RULE_90], key=key[1].decode())
        told = envelope.answer(operation, results.one(operation, said), envelope.utc_now())
        return replace(told, note="rule 90")

    def calls(self, watch: Watch, timeline: Timeline) -> Calls:
        return DianCalls(self.issuer.nit, self.bench.provider.name, self.name, watch, timeline)

    def key(self, record: Any) -> str:
        return str(record.number)


class AfacturarHouse(House):
    def creates(self, request: httpx.Request) -> bool:
        return "/api/radian/" in request.url.path

    def repeated(self, request: httpx.Request, answer: Answer) -> Answer | None:
        if b'"numero_evento"' not in answer.body:  # the history of an invoice
            return None
        return json_answer(200, {"codigo_error": 15, "descripcion_error": [RULE_90]}, "rule 90")

    def tells_whose(self, request: httpx.Request) -> bool:
        """Neither an event nor an invoice's history names the invoice."""
        return False

    def at_provider(self) -> list[Found]:
        simulator: Any = self.bench.simulator
        return [
            Found(f"{cufe}{code}", None, True) for cufe, codes in simulator.events.items() for code in codes
        ]

    def key(self, record: Any) -> str:
        return f"{record.event.invoice_uuid}{record.event.code}"


def build(clock: Clock, only: str | None = None) -> list[House]:
    """Every house, or the one of a name, its simulator on the world's clock; nobody is enrolled yet."""
    return [make(name, clock) for name, make in _MAKERS.items() if only in (None, name)]


def hanging(clock: Clock) -> list[House]:
    """Issuers, each with a credential of its own, whose provider is to answer nothing for a while."""
    return [_factus(FactusV2, f"90100001{n}", 0)(f"{HANGS}-{n}", clock) for n in range(_HANGING)]


def enrol(gateway: Gateway, house: House, number: int) -> None:
    """As an operator does: the issuer, its secret, its ranges, a token for its ERP."""
    name = house.bench.provider.name
    house.issuer = house.issuer.model_copy(
        update={
            "number": number,
            "uuid": f"6a2f1c4e-0000-4000-8000-{number:012d}",
            "providers": dict.fromkeys(house.kinds, name),
            "settings": {name: {**house.bench.settings(house.bench.base_url), **house.settings}},
            "senders": frozenset({SENDER}),
        }
    )
    gateway.store.save_issuer(house.issuer)
    secret = f"cauce/test/{house.issuer.nit}/{name}"
    boto3.Session().client("secretsmanager", region_name=stack.REGION).create_secret(
        Name=secret, SecretString=json.dumps(house.bench.credentials)
    )
    if Verb.RANGES in gateway.provider(house.issuer, name).capabilities.verbs:
        numbering.sync(gateway, house.issuer, name)
    house.bearer = access.grant(gateway, house.issuer.nit, name="ERP", email="erp@empresa.example")[1]


def named(issuer: Issuer, nit: str) -> Issuer:
    party = issuer.party
    if party is not None:
        party = party.model_copy(update={"identification": nit, "check_digit": check_digit(nit)})
    return issuer.model_copy(update={"nit": nit, "check_digit": check_digit(nit), "party": party})


def _here(clock: Clock) -> Clock:
    """The clock as providers write it: Bogotá, to the second."""
    return lambda: clock().astimezone(BOGOTA).replace(microsecond=0)


def _factus(bench: type[FactusBench], nit: str, weight: int) -> Callable[[str, Clock], House]:
    def made(name: str, clock: Clock) -> House:
        class Bench(bench):  # type: ignore[valid-type, misc]
            def new_simulator(self) -> FactusSimulator:
                return FactusSimulator(
                    clock=_here(clock), company=Company(nit=nit, dv=check_digit(nit), name="EMPRESA S.A.S.")
                )

        own = Bench()
        return FactusHouse(name, own, named(own.issuer, nit), _SALES_AND_PURCHASES, weight)

    return made


def _facepro(name: str, clock: Clock) -> House:
    class Bench(FacEProBench):
        def new_simulator(self) -> FacEProSimulator:
            return FacEProSimulator(clock=_here(clock))

    own = Bench()
    return FacEProHouse(name, own, own.issuer, _SALES, 16)


def _facturatech(name: str, _: Clock) -> House:
    class Bench(FacturatechBench):
        def new_simulator(self) -> FacturatechSimulator:
            account = Account(username=_FACTURATECH_NIT, nit=_FACTURATECH_NIT, ranges=default_ranges())
            return FacturatechSimulator(accounts=[account])

        @property
        def credentials(self) -> dict[str, str]:
            return {"username": _FACTURATECH_NIT, "password": "servicio-web-7"}

    own = Bench()
    return FacturatechHouse(name, own, named(own.issuer, _FACTURATECH_NIT), _SALES_AND_PURCHASES, 20)


def _dian(name: str, clock: Clock) -> House:
    class Bench(DianBench):
        def new_simulator(self) -> DianSimulator:
            made = super().new_simulator()
            made._clock = made._register._clock = clock
            return made

    own = Bench()
    return DianHouse(name, own, own.issuer, _SALES_AND_PURCHASES, 8)


def _afacturar(name: str, clock: Clock) -> House:
    class Bench(AfacturarBench):
        _path = "/api/radian/"  # whichever event comes next

        def new_simulator(self) -> AfacturarSimulator:
            return AfacturarSimulator(clock=_here(clock))

    own = Bench()
    return AfacturarHouse(name, own, own.issuer, (Kind.EVENT,), 12)


_SALES = (Kind.INVOICE, Kind.CREDIT_NOTE)
_SALES_AND_PURCHASES = (*_SALES, Kind.SUPPORT_DOCUMENT)
_MAKERS: dict[str, Callable[[str, Clock], House]] = {
    "factus-v1": _factus(FactusV1, "901000001", 22),
    "factus-v2": _factus(FactusV2, "901000002", 22),
    "facepro": _facepro,
    "facturatech": _facturatech,
    "dian": _dian,
    "afacturar": _afacturar,
}
