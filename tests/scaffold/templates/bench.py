"""Ejemplo's bench."""

from typing import ClassVar

from cauce.domain.document import Document
from cauce.domain.event import Event
from cauce.domain.issuer import Issuer
from cauce.providers.ejemplo.provider import Ejemplo
from tests.contract.bench import Bench, Coded, Live
from tests.contract.documented import Table
from tests.simulators.ejemplo import EjemploSimulator
from tests.unit.dian import builders


class EjemploBench(Bench):
    provider = Ejemplo
    simulator: EjemploSimulator
    # Its published codes, the page that has them, what they stand between, and what finds each there.
    table = Table(frozenset({"its codes are not written yet"}), "providers/ejemplo.md", ("", ""), "")
    # Each of those codes: how it comes, and what is made of it.
    documented: ClassVar[dict[str, Coded]] = {}

    def new_simulator(self) -> EjemploSimulator:
        return EjemploSimulator()

    @property
    def issuer(self) -> Issuer:
        return builders.ISSUER

    @property
    def credentials(self) -> dict[str, str]:
        return self.simulator.expected()

    def subject(self, live: Live) -> Document | Event:
        return builders.a_document(live.kind)

    def unsayable(self, content: Document | Event) -> Document | Event | None:
        raise NotImplementedError("Ejemplo: the bench's unsayable is not written yet")

    def accept_with_notices(self, rule: str, text: str) -> None:
        self.simulator.accept_next_with_notice(rule, text)

    def delay(self) -> None:
        self.simulator.pend_next()

    def refuse_credentials(self) -> None:
        self.simulator.refuse_credentials()

    def count(self) -> int:
        return len(self.simulator.documents)


BENCHES = (EjemploBench,)
