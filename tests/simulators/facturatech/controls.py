"""The faults and verdicts that a test can order. Each strikes the next request that matches it.

Without ``operation`` that is the next upload. ``operation`` is any part of an operation's name: ``Status``,
``getCUFE``, ``ConsultaNumeracion``; "*" is any.
"""

from collections.abc import Sequence
from typing import Any, Literal

from tests.simulators.facturatech.envelopes import SOAP_11, fault
from tests.simulators.faults import Fault, Orders
from tests.simulators.routing import Answer, html_answer

Instead = Literal["html", "waf", "fault", "truncated"] | int


class Controls(Orders):
    """The methods that order faults. The simulator inherits them and adds those about accounts."""

    def answer_next(self, what: Instead, *, stored: bool = False, operation: str = "upload") -> None:
        """The next answer is this one: a page (200), a WAF's page (403), a SOAP fault, half an answer, or a bare
        status. With ``stored`` the work is done before, as it always is before half an answer.
        """
        if isinstance(what, int) and not 400 <= what <= 599:
            raise ValueError("a status is 400 to 599")
        details = {"status": what, "stored": stored or what == "truncated"}
        self._order("answer", details, operation)

    def refuse_next(self, code: str, text: str, operation: str = "upload") -> None:
        """The next upload is answered with this code and text, and nothing is stored."""
        self._order("refuse", {"code": code, "text": text}, operation)

    def process_for(self, polls: int, operation: str = "upload") -> None:
        """The next document is PROCESSING for so many questions about it."""
        self._order("verdict", {"polls": polls, "authorised": False, "warnings": []}, operation)

    def authorise_next(self, warnings: Sequence[str] = (), operation: str = "upload") -> None:
        """The answer to the next upload says that the document was authorised."""
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

    def _order(self, kind: str, details: dict[str, Any], operation: str = "upload") -> None:
        self.faults.add(Fault(kind, details, operation, "*"))


def answer(details: dict[str, Any]) -> Answer:
    """The answer of an ``answer`` fault."""
    match details["status"]:
        case "html":
            return html_answer(200, "Facturatech en mantenimiento", "HTML instead of an answer")
        case "waf":
            return html_answer(403, "Attention Required!", "a WAF's page")
        case "fault":
            return fault(SOAP_11, "Internal error", "fault ordered")
    return Answer(
        details["status"], b"Error", {"Retry-After": "30"} if details["status"] == 429 else {}, "ordered"
    )
