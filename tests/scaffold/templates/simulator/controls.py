"""The faults and verdicts a test can order. Every one waits for the next POST, whatever it creates."""

from typing import Any, Literal

from tests.simulators.faults import Fault, Orders


class Controls(Orders):
    """Orders faults; mixed into the simulator."""

    def answer_next(self, status: Literal["html", "truncated"] | int, *, stored: bool = False) -> None:
        """Answers this instead of the truth, before any work or after it; half an answer only after it."""
        self._order("answer", {"status": status, "stored": stored or status == "truncated"})

    def accept_next_with_notice(self, rule: str, text: str) -> None:
        """DIAN validates it, and says something besides."""
        raise NotImplementedError("Ejemplo: the simulator's accept_next_with_notice is not written yet")

    def reject_next(self, rule: str, text: str) -> None:
        """DIAN refuses it by this rule."""
        raise NotImplementedError("Ejemplo: the simulator's reject_next is not written yet")

    def pend_next(self) -> None:
        """No verdict at once; asking for it brings one."""
        raise NotImplementedError("Ejemplo: the simulator's pend_next is not written yet")

    def refuse_credentials(self) -> None:
        """The token is not good any more."""
        raise NotImplementedError("Ejemplo: the simulator's refuse_credentials is not written yet")

    def _order(self, kind: str, details: dict[str, Any]) -> None:
        self.faults.add(Fault(kind, details, "*", "POST"))
