"""The Ejemplo simulator: what it asks for, refuses and answers."""

from collections.abc import Callable
from typing import Any

from tests.simulators.ejemplo.controls import Controls
from tests.simulators.faults import Fault
from tests.simulators.routing import Answer, Request, html_answer
from tests.simulators.server import Simulator

TOKEN = "token-inventado-0123456789"


class EjemploSimulator(Controls, Simulator):
    """Ejemplo over HTTP; see the package docstring for what is documented."""

    title = "ejemplo"
    orders = ("accept_next_with_notice", "reject_next", "pend_next", "refuse_credentials")

    def __init__(
        self, host: str = "127.0.0.1", port: int = 0, say: Callable[[str], None] | None = None
    ) -> None:
        super().__init__(host, port, say)
        self.documents: list[dict[str, Any]] = []

    def expected(self) -> dict[str, str]:
        return {"token": TOKEN}

    def state(self) -> dict[str, Any]:
        return {"documents": self.documents, "faults_waiting": [fault.kind for fault in self.faults.waiting]}

    def reset(self) -> None:
        super().reset()
        self.documents.clear()

    def respond(self, request: Request) -> Answer:
        """Who asks, what the page refuses, and only then what is done. What it takes goes in ``documents``."""
        raise NotImplementedError("Ejemplo: the simulator's respond is not written yet")

    def fault_answer(self, fault: Fault, request: Request) -> Answer:
        """What ``answer_next`` ordered: a page of HTML, or the body that the page has for a status."""
        if fault.details["status"] == "html":
            return html_answer(200, "Sitio en mantenimiento", "HTML instead of an answer")
        raise NotImplementedError("Ejemplo: the simulator's fault_answer is not written yet")
