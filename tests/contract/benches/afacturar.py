"""Afacturar's benches. It takes events but no documents; invoices only where an operator has set ``emission_path``."""

import json
from typing import ClassVar

from cauce.domain.document import Document, Kind
from cauce.domain.errors import CredentialsRejected, NotSent, OutcomeUnknown
from cauce.domain.event import Event
from cauce.domain.issuer import Issuer
from cauce.domain.outcome import Pending, Rejected
from cauce.domain.ranges import NumberingRange
from cauce.providers.afacturar.provider import Afacturar
from tests.contract.bench import Bench, Coded, Live
from tests.contract.documented import Table
from tests.simulators.afacturar import AfacturarSimulator, emission
from tests.simulators.afacturar.radian import PATHS
from tests.simulators.afacturar.rows import TOKEN
from tests.unit.afacturar import builders

# The path that declares each event: faults are ordered for this path, not for the question about the invoice's events
# that the provider asks first.
_PATH_OF = {code: path for path, code in PATHS.items()}
# The events that must have been declared before each event.
_BEFORE = {"030": (), "032": ("030",), "031": ("030", "032"), "033": ("030", "032")}


def _coded(code: int, means: type, said: str | list[str] = "Mensaje") -> Coded:
    body = json.dumps({"codigo_error": code, "descripcion_error": said, "transaccion": "t"})
    return Coded(code if code >= 400 else 200, body.encode(), means)


class AfacturarBench(Bench):
    provider = Afacturar
    simulator: AfacturarSimulator
    table = Table(
        # 0 and 11 are in the page's examples of answers and not in its table.
        frozenset(
            [
                "0",
                "11",
                "15",
                "28",
                "400",
                "401",
                "403",
                "404",
                "405",
                "409",
                "415",
                "422",
                "429",
                "500",
                "503",
            ]
        ),
        "seeds/003_*.txt",
        ("Tabla de Errores", "Ejemplo 1."),
        r"(?m)^(\d{2,3}) ",
        besides=frozenset({"0", "11"}),
    )
    documented: ClassVar[dict[str, Coded]] = {
        "0": _coded(0, Pending),  # «OK» without a CUDE: asking for the invoice's events tells
        "11, a list": _coded(11, Rejected, ["The data field is required."]),
        "11, a text": _coded(11, CredentialsRejected, "El token no esta asociado al documento del obligado"),
        "15": _coded(15, Rejected),
        "28": _coded(28, OutcomeUnknown),
        "400": _coded(400, Rejected),
        "401": _coded(401, CredentialsRejected),
        "403": _coded(403, CredentialsRejected),
        "404": _coded(404, CredentialsRejected),
        "405": _coded(405, CredentialsRejected),
        "409": _coded(409, CredentialsRejected),
        "415": _coded(415, CredentialsRejected),
        "422": _coded(422, Rejected),
        "429": _coded(429, NotSent),
        "500": _coded(500, OutcomeUnknown),
        "503": _coded(503, OutcomeUnknown),
    }
    undocumented = tuple(_coded(code, OutcomeUnknown) for code in (7, 56, 402, 418, 502, 504))

    def new_simulator(self) -> AfacturarSimulator:
        return AfacturarSimulator()

    @property
    def issuer(self) -> Issuer:
        return builders.issuer()

    @property
    def credentials(self) -> dict[str, str]:
        return {"token": TOKEN}

    def subject(self, live: Live) -> Document | Event:
        if live.code is None:
            self.where = {"path": emission.PATH}
            return builders.invoice()
        self.where = {"path": _PATH_OF[live.code]}
        for n, code in enumerate(_BEFORE[live.code]):
            builders.declared(live.provider, builders.event(code), f"antes-{n}")  # type: ignore[arg-type]
        return builders.event(live.code)

    def unsayable(self, content: Document | Event) -> Document | Event | None:
        """An event's person with a PEP (47), which its table of identification types lacks; an invoice in dollars."""
        if type(content) is Document:
            return content.model_copy(update={"currency": "USD"})
        return content.model_copy(update={"person": builders.person(identification_type="47")})

    def accept_with_notices(self, rule: str, text: str) -> None:
        self.simulator.accept_with_notices([f"Regla: {rule}, Notificación: {text}"], **self.where)

    def reject(self, rule: str, text: str) -> None:
        self.simulator.reject_next(f"Regla: {rule}, Rechazo: {text}", **self.where)

    def delay(self) -> None:
        """Afacturar has no pending state: after a minute without DIAN's answer it says 28, and the event may be there."""
        self.simulator.time_out_next(processed=True, **self.where)

    def refuse_credentials(self) -> None:
        self.simulator.revoke_tokens()

    def count(self) -> int:
        events = sum(len(codes) for codes in self.simulator.events.values())
        return events + self.simulator.documents_received


class AfacturarEmission(AfacturarBench):
    variant: ClassVar[dict[str, str]] = {"emission_path": emission.PATH}

    def range(self, kind: Kind) -> NumberingRange:
        return builders.numbering_range()


BENCHES = (AfacturarBench, AfacturarEmission)
