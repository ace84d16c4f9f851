"""The faults and verdicts that a test can order. Each strikes the next request that matches it.

`operation` is a part of an operation's name: "SendBill" matches SendBillSync and SendBillAsync, "*" any operation.
The default "Send" matches every operation that sends a document.
"""

from typing import Any

from tests.simulators.dian import envelope, results
from tests.simulators.dian.findings import Finding
from tests.simulators.faults import Fault, Orders
from tests.simulators.routing import Answer, html_answer

SENDING = "Send"
# DIAN's sentence for each StatusCode that can be ordered. A part of DIAN that broke down answers with a rule instead.
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
"""The ways in which DIAN can be out."""


class Controls(Orders):
    """The methods that order faults. The simulator inherits them."""

    def answer_next(
        self,
        status: int | str,
        *,
        stored: bool = False,
        retry_after: int | None = 60,
        operation: str = SENDING,
    ) -> None:
        """The next answer is this one.

        A number: that HTTP status with a page (403, 429, 500, 503, 507, 508). "html": a page with status 200.
        "truncated": does the work and sends half of the envelope. "fault": an internal fault; "insecure" and
        "untrusted": the two faults of WS-Security. A StatusCode as text ("66", "89", "98", "500"; "206" only for a
        question for an XML), or "PLGNS", a rejection because a part of DIAN broke down. `stored`: the work is done first.
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
        """The next document is rejected by this rule, whatever it says."""
        self._order("finding", {"findings": [Finding(rule, text)]}, operation)

    def accept_with_notices(self, notices: dict[str, str], operation: str = SENDING) -> None:
        """The next document gets these notifications, rule → text."""
        found = [Finding(rule, text, is_rejection=False) for rule, text in notices.items()]
        self._order("finding", {"findings": found}, operation)

    def slow_next(self, asks: int = 1, absences: int = 0, operation: str = SENDING) -> None:
        """The next sending is answered 98; then `absences` questions are answered 66 and `asks` questions 98."""
        self._order("slow", {"waits": (absences, asks)}, operation)

    def _order(self, kind: str, details: dict[str, Any], operation: str = SENDING) -> None:
        self.faults.add(Fault(kind, details, operation, "POST"))


def answer(details: dict[str, Any], operation: str) -> Answer:
    """The answer of an `answer` fault."""
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
