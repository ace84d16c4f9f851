"""FacEPro Cloud's bench."""

from typing import ClassVar

from cauce.domain.document import Document, Kind
from cauce.domain.errors import CredentialsRejected, NotSent, OutcomeUnknown
from cauce.domain.event import Event
from cauce.domain.issuer import Issuer
from cauce.domain.outcome import Rejected
from cauce.providers.facepro.provider import FacEPro
from tests.contract.bench import Bench, Coded, Live
from tests.contract.documented import Table
from tests.simulators.facepro import FacEProSimulator
from tests.simulators.facepro.controls import sentence
from tests.unit.facepro import builders

_SAID = b'{"ok":false,"error":"Mensaje legible","codigo":"identificador_estable"}'
_INVALID = b'{"ok":false,"error":"Datos invalidos","errors":{"lineas.0.iva_pct":["Debe ser un porcentaje."]}}'
_QUOTA = (
    b'{"ok":false,"error":"Cuota excedida para el periodo.","codigo":"quota_excedida","consumidos":100,'
    b'"limite":100,"periodo":"mensual"}'
)


class FacEProBench(Bench):
    provider = FacEPro
    simulator: FacEProSimulator
    table = Table(
        frozenset(["200", "201", "401", "403", "404", "422", "429", "500"]),
        "seeds/002_*.txt",
        ("Códigos de error", "Ejemplo: 422"),
        r"(?m)^[|` ]*(\d{3})[` ]*\|",
    )
    documented: ClassVar[dict[str, Coded]] = {
        "200": Coded(200, b'{"ok":true,"data":{}}', OutcomeUnknown),
        "201": Coded(201, b'{"ok":true,"data":{}}', OutcomeUnknown),
        "401": Coded(401, _SAID, CredentialsRejected),
        "403": Coded(403, _SAID, CredentialsRejected),
        "404": Coded(404, _SAID, CredentialsRejected),
        "422": Coded(422, _INVALID, Rejected),
        "429": Coded(429, _QUOTA, NotSent),
        "500": Coded(500, _SAID, OutcomeUnknown),
    }
    undocumented = tuple(
        Coded(code, _SAID, OutcomeUnknown) for code in (202, 204, 302, 400, 409, 418, 502, 503, 504)
    )

    def new_simulator(self) -> FacEProSimulator:
        return FacEProSimulator()

    @property
    def issuer(self) -> Issuer:
        return builders.facepro().connection.issuer

    @property
    def credentials(self) -> dict[str, str]:
        return {"token": self.simulator.token}

    @property
    def base_url(self) -> str:
        return self.simulator.api_url

    def subject(self, live: Live) -> Document | Event:
        return builders.invoice() if live.kind is Kind.INVOICE else builders.note(live.kind)

    def unsayable(self, content: Document | Event) -> Document | Event | None:
        """The content with notes, for which FacEPro's request has no field."""
        return content.model_copy(update={"notes": ("Gracias por su compra",)})

    def accept_with_notices(self, rule: str, text: str) -> None:
        """FacEPro tells DIAN's sentences only when it is asked about a pending document."""
        self.simulator.pend_next(1, notices=[f"Regla: {rule}, Notificación: {text}"])

    def reject(self, rule: str, text: str) -> None:
        self.simulator.reject_next(rule, sentence(rule, text))

    def delay(self) -> None:
        self.simulator.pend_next(2)

    def refuse_credentials(self) -> None:
        self.simulator.revoke_token()


BENCHES = (FacEProBench,)
