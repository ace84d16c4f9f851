"""The faults and verdicts a test can order. Each waits for the next request it applies to.

`operation` is a part of an operation's name: "SendBill" matches both, "*" any. Without it, whatever sends a
document ("Send").
"""

from typing import Any

from tests.simulators.dian import envelope, results
from tests.simulators.dian.findings import Finding
from tests.simulators.faults import Fault, Faults
from tests.simulators.routing import Answer, html_answer

SENDING = "Send"
# What the service says itself, by StatusCode; the code of a part that broke down is a rule's.
_SAID = {
    "66": "TrackId no existe en los registros de la DIAN.",
    "89": "NIT no autorizado a enviar documentos.",
    "98": "En Proceso",
    "500": "Ha ocurrido un error. Por favor inténtelo de nuevo.",
    "206": "El documento existe; su XML aún no está disponible.",
}
_BROKEN = "SIGNPLGNS"
_OUT_OF_ORDER = (403, 500, 503, 507, 508)
_STATUSES = (429, *_OUT_OF_ORDER)
OUTAGES = (*_OUT_OF_ORDER, "silent")
"""How DIAN can be out."""


class Controls:
    """Orders faults; mixed into the simulator."""

    faults: Faults

    def lose_next_answer(self, stored: bool = True, operation: str = SENDING) -> None:
        """Closes the connection without an answer: after the work is done, or before any of it."""
        self._order("lose", {"stored": stored}, operation)

    def stall(self, seconds: float, operation: str = SENDING) -> None:
        """Waits before doing anything."""
        self._order("stall", {"seconds": seconds}, operation)

    def answer_next(
        self,
        status: int | str,
        *,
        stored: bool = False,
        retry_after: int | None = 60,
        operation: str = SENDING,
    ) -> None:
        """Answers this instead of the truth.

        A number: that HTTP status with a page (403, 429, 500, 503, 507, 508). "html": a page with status 200.
        "truncated": does the work and sends half of the envelope. "fault": an internal fault; "insecure" and
        "untrusted": the two faults of WS-Security. A StatusCode as text ("66", "89", "98", "500"; "206" of an XML
        that is asked for), or "PLGNS": an answer of that sort. `stored`: the work is done first.
        """
        known = ("html", "truncated", "fault", "insecure", "untrusted", "PLGNS", *_SAID)
        if status not in (*_STATUSES, *known):
            raise ValueError(f"status must be one of {(*_STATUSES, *known)}")
        details = {
            "status": status,
            "stored": stored or status == "truncated",
            "retry_after": retry_after,
        }
        self._order("answer", details, operation)

    def reject_next(self, rule: str, text: str, operation: str = SENDING) -> None:
        """The next document breaks this rule, whatever it is."""
        self._order("finding", {"findings": [Finding(rule, text)]}, operation)

    def accept_with_notices(self, notices: dict[str, str], operation: str = SENDING) -> None:
        """The next document gets these notifications, rule → text."""
        found = [Finding(rule, text, is_rejection=False) for rule, text in notices.items()]
        self._order("finding", {"findings": found}, operation)

    def slow_next(self, asks: int = 1, absences: int = 0, operation: str = SENDING) -> None:
        """The next document is validated slowly: 98 now; then `absences` answers of 66 and `asks` of 98."""
        self._order("slow", {"waits": (absences, asks)}, operation)

    def _order(self, kind: str, details: dict[str, Any], operation: str) -> None:
        self.faults.add(Fault(kind, details, operation, "POST"))


def answer(details: dict[str, Any], operation: str) -> Answer:
    """What an `answer` fault sends."""
    match details["status"]:
        case "html":
            return html_answer(200, "Servicio no disponible", "HTML instead of an answer")
        case "fault":
            reason = "The server was unable to process the request due to an internal error."
            return envelope.fault(500, "Receiver", "a:InternalServiceFault", reason)
        case "insecure":
            return envelope.insecure("ordered")
        case "untrusted":
            return envelope.untrusted()
        case "PLGNS":
            finding = Finding(_BROKEN, "No se pudo validar firma")
            return _response(operation, results.dian_response("99", results.REJECTED, errors=[str(finding)]))
        case str(code):
            if operation == "GetXmlByDocumentKey":
                return envelope.answer(operation, results.event(code, _SAID[code]), envelope.utc_now())
            return _response(operation, results.dian_response(code, _SAID[code]))
    status = details["status"]
    page = html_answer(status, "Error", f"{status} ordered")
    if status == 429 and details["retry_after"] is not None:
        return Answer(status, page.body, {**page.headers, "Retry-After": str(details["retry_after"])})
    return page


def _response(operation: str, fields: str) -> Answer:
    rows = (
        results.many(operation, [fields]) if operation == "GetStatusZip" else results.one(operation, fields)
    )
    return envelope.answer(operation, rows, envelope.utc_now())
