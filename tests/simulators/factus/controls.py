"""The faults and verdicts that a test can order. Each strikes the next request that matches it.

Without `path` and `method` that is the next creation (`POST …/validate`); with one of them, the other matches
anything. `path` is any part of the request's path; "*" is any path.
"""

from collections.abc import Sequence
from typing import Any, Literal

from tests.simulators.factus import answers
from tests.simulators.factus.catalogs import BILLS, KINDS
from tests.simulators.factus.state import Outcome, Verdict
from tests.simulators.faults import Fault, Orders
from tests.simulators.routing import Answer, Request, html_answer, json_answer

Instead = Literal["html", "truncated"] | int
_MESSAGES = {
    402: "Payment Required",
    403: "This action is unauthorized.",
    500: "Server Error",
    503: "Service Unavailable",
}


class Controls(Orders):
    """The methods that order faults. The simulator inherits them and adds those about tokens and request limit."""

    def answer_next(
        self,
        status: Instead,
        *,
        stored: bool = False,
        errors: dict[str, list[str]] | None = None,
        rules: dict[str, str] | None = None,
        retry_after: int | None = 60,
        path: str | None = None,
        method: str | None = None,
    ) -> None:
        """The next answer is this one.

        422 takes `errors` (field → texts; nothing is stored) or `rules` (DIAN rule → text; the document is
        stored with status 0 and blocks). 500, 503 and "html" may come after storing, with `stored`.
        "truncated" does the work and sends half of the JSON.
        """
        if rules is not None:
            if status != 422:
                raise ValueError("rules go with 422")
            pairs = tuple((rule, answers.rule_text(rule, text, "Rechazo")) for rule, text in rules.items())
            self._order("verdict", {"outcome": Outcome(Verdict.REJECTED, pairs, as_422=True)}, path, method)
            return
        known = (401, 402, 403, 409, 422, 429, 500, 503, "html", "truncated")
        if status not in known:
            raise ValueError(f"status must be one of {known}")
        details = {
            "status": status,
            "stored": stored or status == "truncated",
            "errors": errors,
            "retry_after": retry_after,
        }
        self._order("answer", details, path, method)

    def reject_next(self, rule: str, text: str, path: str | None = None, method: str | None = None) -> None:
        """201 with status 0 and a "Rechazo": stored, and blocking until deleted."""
        pair = (rule, answers.rule_text(rule, text, "Rechazo"))
        self._order("verdict", {"outcome": Outcome(Verdict.REJECTED, (pair,))}, path, method)

    def pend_next(
        self,
        n_asks: int = 1,
        *,
        then_rule: str | None = None,
        then_text: str = "",
        path: str | None = None,
        method: str | None = None,
    ) -> None:
        """201 with status 0 and no errors; the `n_asks`-th identical request settles it.

        It ends validated, or rejected if `then_rule` names the rule.
        """
        then = None
        if then_rule is not None:
            pair = (then_rule, answers.rule_text(then_rule, then_text, "Rechazo"))
            then = Outcome(Verdict.REJECTED, (pair,))
        self._order("verdict", {"outcome": Outcome(Verdict.PENDING, asks=n_asks, then=then)}, path, method)

    def accept_with_notices(
        self, notices: dict[str, str] | Sequence[str], path: str | None = None, method: str | None = None
    ) -> None:
        """Validated, with DIAN notices: rule → text, or whole sentences."""
        if isinstance(notices, dict):
            pairs = tuple(
                (rule, answers.rule_text(rule, text, "Notificación")) for rule, text in notices.items()
            )
        else:
            pairs = tuple((_rule_of(text), text) for text in notices)
        self._order("verdict", {"outcome": Outcome(Verdict.VALIDATED, pairs)}, path, method)

    def _order(
        self, kind: str, details: dict[str, Any], path: str | None = None, method: str | None = None
    ) -> None:
        if path is None and method is None:
            path, method = "/validate", "POST"
        self.faults.add(Fault(kind, details, path or "*", (method or "*").upper()))


def answer(details: dict[str, Any], request: Request) -> Answer:
    """The answer of an `answer` fault."""
    match details["status"]:
        case "html":
            return html_answer(502, "502 Bad Gateway", "HTML instead of an answer")
        case 401:
            return answers.unauthenticated()
        case 409:
            kind = next((row for row in KINDS if f"/{row.path}" in request.path), BILLS)
            return answers.blocked(kind, "conflict ordered")
        case 422:
            return answers.field_errors(
                details["errors"] or {"reference_code": ["El campo código de referencia no es válido."]}
            )
        case 429:
            headers = {} if details["retry_after"] is None else {"Retry-After": str(details["retry_after"])}
            exceeded = json_answer(429, {"message": "Too Many Attempts."})
            return Answer(429, exceeded.body, {**exceeded.headers, **headers})
    status = details["status"]
    return json_answer(status, {"message": _MESSAGES[status]}, f"{status} ordered")


def _rule_of(sentence: str) -> str:
    """The rule's code in "Regla: FAK24, Notificación: …"."""
    return sentence.removeprefix("Regla: ").split(",")[0]
