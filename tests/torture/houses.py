"""The issuers under torture, one for each provider and dialect, and the documents that each provider has in the end.

Each house uses its provider's bench of the contract suite (``tests.contract.benches``) with a NIT of its own, so that
all share one stack. ``at_provider`` reads the simulator's memory, against which the records are checked.
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

from cauce.domain.document import Kind
from cauce.domain.issuer import Issuer
from cauce.domain.nit import check_digit
from cauce.domain.time import BOGOTA
from cauce.gateway import Gateway
from cauce.numbering.sync import sync_ranges
from cauce.providers.base import Verb
from cauce.reception import access
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
"""The role id that every issuer allows to send to the intake queue."""
_FACTURATECH_NIT = "901000003"
HANGS = "hangs"
# So many that, if all looks went through one queue line, these issuers' looks would fill it.
_HANGING = 8


@dataclass(frozen=True)
class Found:
    """A document, or an event, as its provider has it."""

    key: str
    """What ties it to a record: its reference, its number, or the description of its first line."""
    number: str | None
    is_valid: bool
    """DIAN validated it."""
    total: str | None = None
    uuid: str | None = None
    content: bytes | None = field(default=None, repr=False)
    """The XML that was sent; None where the provider makes the XML itself."""
    taken_at: datetime | None = None
    type_code: str | None = None


@dataclass
class House:
    """An issuer and its provider's simulator."""

    name: str
    bench: Bench
    issuer: Issuer
    kinds: tuple[Kind, ...]
    weight: int
    """The relative frequency of its orders."""
    bearer: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    """The issuer's settings at its provider, besides the bench's own."""

    def calls(self, watch: Watch, timeline: Timeline) -> Calls:
        """The observer of its calls."""
        return Calls(self.issuer.nit, self.bench.provider.name, self.name, watch, timeline)

    def creates(self, request: httpx.Request) -> bool:
        raise NotImplementedError

    def at_provider(self) -> list[Found]:
        raise NotImplementedError

    def repeated(self, request: httpx.Request, answer: Answer) -> Answer | None:
        """The same answer as rule 90 in the provider's words, if this answer says that a document was taken; else None."""
        raise NotImplementedError

    def tells_whose(self, request: httpx.Request, answer: Answer) -> bool:
        """Whether this answer to such a request says which document it is about. The answer to a login does not."""
        return "oauth" not in request.url.path

    def key(self, record: Any) -> str:
        """The record's value of ``Found.key``."""
        return str(record.reference)

    def invoice(self, random: Random) -> tuple[str, str]:
        """The CUFE of an invoice on which events may be declared, and the code of the first event."""
        return f"{random.getrandbits(384):096x}", "030"

    def after(self, code: str) -> list[str]:
        """Codes of the events of which one may follow this one."""
        return {"030": ["032"], "032": ["033"]}.get(code, [])

    def calm(self) -> None:
        """Cancel all faults that were ordered and have not struck."""
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

    def tells_whose(self, request: httpx.Request, answer: Answer) -> bool:
        """The answer to a creation names only buyer and total, which another document may share."""
        return not self.creates(request)

    def at_provider(self) -> list[Found]:
        """FacEPro takes no reference, so the first line's description, which the ERP makes unique, is the key."""
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

    def tells_whose(self, request: httpx.Request, answer: Answer) -> bool:
        """Only downloads and CUFE answers do. Other answers name a transaction, which only one document has."""
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

    def tells_whose(self, request: httpx.Request, answer: Answer) -> bool:
        """A DianResponse has a place for the document's key, and leaves it empty where it found none."""
        return b"XmlDocumentKey" not in answer.body or b"XmlDocumentKey>" in answer.body

    def at_provider(self) -> list[Found]:
        simulator: Any = self.bench.simulator
        waiting = simulator.register.waiting.values()
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
        if b'"numero_evento"' not in answer.body:  # a refusal, or the history of an invoice
            return None
        return json_answer(200, {"codigo_error": 15, "descripcion_error": [RULE_90]}, "rule 90")

    def tells_whose(self, request: httpx.Request, answer: Answer) -> bool:
        """Answers about an event or an invoice's events do not name the invoice."""
        return False

    def at_provider(self) -> list[Found]:
        simulator: Any = self.bench.simulator
        return [
            Found(f"{cufe}{code}", None, True) for cufe, codes in simulator.events.items() for code in codes
        ]

    def key(self, record: Any) -> str:
        return f"{record.event.invoice_uuid}{record.event.code}"


def build(clock: Clock, only: str | None = None) -> list[House]:
    """Every house, or the one of this name, with its simulator on the world's clock; the issuers are not enrolled yet."""
    return [make(name, clock) for name, make in _MAKERS.items() if only in (None, name)]


def hanging(clock: Clock) -> list[House]:
    """Issuers, each with its own credential, whose provider will answer nothing for a while."""
    return [_factus(FactusV2, f"90100001{n}", 0)(f"{HANGS}-{n}", clock) for n in range(_HANGING)]


def enrol(gateway: Gateway, house: House, number: int) -> None:
    """Enrol an issuer as an operator does: the issuer, its credentials, its ranges, a token for its ERP."""
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
    gateway.issuers.save(house.issuer)
    secret = f"cauce/test/{house.issuer.nit}/{name}"
    boto3.Session().client("secretsmanager", region_name=stack.REGION).create_secret(
        Name=secret, SecretString=json.dumps(house.bench.credentials)
    )
    if Verb.RANGES in gateway.provider(house.issuer, name).capabilities.verbs:
        sync_ranges(gateway, house.issuer, name)
    house.bearer = access.grant(gateway, house.issuer.nit, name="ERP", email="erp@empresa.example")[1]


def named(issuer: Issuer, nit: str) -> Issuer:
    party = issuer.party
    if party is not None:
        party = party.model_copy(update={"identification": nit, "check_digit": check_digit(nit)})
    return issuer.model_copy(update={"nit": nit, "check_digit": check_digit(nit), "party": party})


def _here(clock: Clock) -> Clock:
    """The clock as the simulators want it: in Bogotá time, in whole seconds."""
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
        def new_simulator(self, **_: Clock) -> DianSimulator:
            return super().new_simulator(clock=clock)

    own = Bench()
    return DianHouse(name, own, own.issuer, _SALES_AND_PURCHASES, 8)


def _afacturar(name: str, clock: Clock) -> House:
    class Bench(AfacturarBench):
        _path = "/api/radian/"  # the path of every event's request

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
