"""The faults and verdicts a test can order. Every one waits for the next request it applies to.

Without ``operation`` that is the next upload. ``operation`` is any part of an operation's name: ``Status``,
``getCUFE``, ``ConsultaNumeracion``; "*" is any.
"""

from collections.abc import Sequence
from typing import Any, Literal

from tests.simulators.facturatech.envelopes import SOAP_11, fault
from tests.simulators.faults import Fault, Faults
from tests.simulators.routing import Answer, html_answer

Instead = Literal["html", "waf", "fault", "truncated"] | int


class Controls:
    """Orders faults; mixed into the simulator, which adds what touches accounts."""

    faults: Faults

    def lose_next_answer(self, stored: bool = True, operation: str = "upload") -> None:
        """Closes the connection without an answer: after the work is done, or before any of it."""
        self._order("lose", {"stored": stored}, operation)

    def stall(self, seconds: float, operation: str = "upload") -> None:
        """Waits before doing anything."""
        self._order("stall", {"seconds": seconds}, operation)

    def answer_next(self, what: Instead, *, stored: bool = False, operation: str = "upload") -> None:
        """Answers this instead of the truth: a page (200), a WAF's page (403), a SOAP fault, half an answer, or a
        bare status. With ``stored`` the work is done all the same, as it is before half an answer."""
        if isinstance(what, int) and not 400 <= what <= 599:
            raise ValueError("a status is 400 to 599")
        details = {"status": what, "stored": stored or what == "truncated"}
        self._order("answer", details, operation)

    def refuse_next(self, code: str, text: str, operation: str = "upload") -> None:
        """The next upload is answered with this code and text, and nothing is stored."""
        self._order("refuse", {"code": code, "text": text}, operation)

    def process_for(self, polls: int, operation: str = "upload") -> None:
        """The next document stays PROCESSING for so many looks at it."""
        self._order("verdict", {"polls": polls, "authorised": False, "warnings": []}, operation)

    def authorise_next(self, warnings: Sequence[str] = (), operation: str = "upload") -> None:
        """The next document's upload says at once that it was authorised."""
        self._order("verdict", {"polls": 0, "authorised": True, "warnings": list(warnings)}, operation)

    def warn_next(self, warnings: Sequence[str], operation: str = "upload") -> None:
        """The next document is processed «with warnings»."""
        self._order("verdict", {"polls": 0, "authorised": False, "warnings": list(warnings)}, operation)

    def refuse_numbering(
        self,
        error: str = "",
        status: int = 0,
        description: str = "",
        with_rows: bool = False,
        operation: str = "Num",
    ) -> None:
        """The next numbering call says this: MsgError and StatusCode in a query, Msg in the others."""
        details = {"error": error, "status": status, "description": description, "with_rows": with_rows}
        self._order("numbering", details, operation)

    def _order(self, kind: str, details: dict[str, Any], operation: str) -> None:
        self.faults.add(Fault(kind, details, operation, "*"))


def answer(details: dict[str, Any]) -> Answer:
    """What an ``answer`` fault sends."""
    match details["status"]:
        case "html":
            return html_answer(200, "Facturatech en mantenimiento", "HTML instead of an answer")
        case "waf":
            return html_answer(403, "Attention Required!", "a WAF's page")
        case "fault":
            return fault(SOAP_11, "Internal error", "fault ordered")
    return Answer(
        details["status"], b"", {"Retry-After": "30"} if details["status"] == 429 else {}, "ordered"
    )
