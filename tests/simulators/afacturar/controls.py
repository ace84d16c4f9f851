"""The faults that a test can order. Each strikes the next request that matches it.

`path` is any part of the request's path; without it, any request to the API matches.
"""

from typing import Any, Literal

from tests.simulators.afacturar import answers
from tests.simulators.faults import Fault, Orders
from tests.simulators.routing import Answer, Request, html_answer, json_answer

Instead = Literal["html", "truncated", "laravel401"] | int
_EVENTS = "/api/radian/"
_API = "/api/"


class Controls(Orders):
    """The methods that order faults. The simulator inherits them and adds those about tokens, call limit and rows."""

    def time_out_next(self, processed: bool, path: str | None = None) -> None:
        """Code 28: Afacturar gave up on DIAN after 60 s; `processed` says whether DIAN has the event."""
        self.answer_next(28, stored=processed, path=path or _EVENTS)

    def reject_next(self, text: str, path: str | None = None) -> None:
        """Code 15 with this sentence of DIAN's; nothing is registered."""
        self.answer_next(15, description=text, path=path or _EVENTS)

    def accept_with_notices(self, sentences: list[str], path: str | None = None) -> None:
        """The next event that is registered has these sentences of DIAN's in ``ErrorMessage_DIAN``."""
        self._order("notices", {"sentences": sentences}, path or _EVENTS)

    def answer_next(
        self,
        status: Instead,
        *,
        stored: bool = False,
        description: str | list[str] | None = None,
        as_text: bool = False,
        path: str | None = None,
    ) -> None:
        """The next answer is this one: a code of the table, with its own description or the one given.

        With `stored` the work is done before. `as_text` writes the code as text. "html" is a page with status
        200, "truncated" half of the true answer, "laravel401" a refusal outside the envelope.
        """
        if isinstance(status, int) and status not in (11, *answers.DESCRIPTIONS):
            raise ValueError(f"status must be a code of {sorted((11, *answers.DESCRIPTIONS))}")
        if isinstance(status, str) and status not in ("html", "truncated", "laravel401"):
            raise ValueError(f"no such answer: {status}")
        details = {
            "status": status,
            "stored": stored or status == "truncated",
            "description": description,
            "as_text": as_text,
        }
        self._order("answer", details, path)

    def _order(self, kind: str, details: dict[str, Any], path: str | None = None) -> None:
        self.faults.add(Fault(kind, details, path or _API, "*"))


def answer(fault: Fault, request: Request) -> Answer:
    """The answer of an `answer` fault."""
    details = fault.details
    match details["status"]:
        case "html":
            return html_answer(200, "Afacturar", "HTML instead of an answer")
        case "laravel401":
            return json_answer(401, {"message": "Unauthenticated."}, "401 outside the envelope")
        case 11:
            return answers.error(11, details["description"] or answers.OTHER_ISSUER)
        case code:
            told = answers.error(code, details["description"], f"{code} ordered for {request.path}")
    if not details["as_text"]:
        return told
    body = told.body.replace(f'"codigo_error": {code}'.encode(), f'"codigo_error": "{code}"'.encode())
    return Answer(told.status, body, told.headers, told.note)
