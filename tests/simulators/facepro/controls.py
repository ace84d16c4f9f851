"""The faults and verdicts that a test can order. Each strikes the next request that matches it.

Without `path` and `method` that is the next POST, whatever it creates; with one of them, the other matches anything.
`path` is any part of the request's path; "*" is any path.
"""

from collections.abc import Sequence
from typing import Any, Literal

from tests.simulators.facepro import answers
from tests.simulators.facepro.documents import Verdict
from tests.simulators.faults import Fault, Orders
from tests.simulators.routing import Answer, html_answer

Instead = Literal["html", "truncated"] | int
_PROXY = {502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}
_KNOWN = (401, 403, 404, 422, 429, 500, *_PROXY, "html", "truncated")


class Controls(Orders):
    """The methods that order faults. The simulator inherits them and adds those about companies."""

    def answer_next(
        self,
        status: Instead,
        *,
        stored: bool = False,
        errors: dict[str, list[str]] | None = None,
        permission: str = "permite_facturas",
        period: str = "mensual",
        path: str | None = None,
        method: str | None = None,
    ) -> None:
        """The next answer is this one.

        422 takes `errors`, 403 the `permission`, 429 the quota's `period`. With `stored`, 500, a proxy's HTML (502 to
        504) and "html" (a page with status 200) come after the work is done. "truncated" does the work and sends
        half of the JSON.
        """
        if status not in _KNOWN:
            raise ValueError(f"status must be one of {_KNOWN}")
        details = {
            "status": status,
            "stored": stored or status == "truncated",
            "errors": errors,
            "permission": permission,
            "period": period,
        }
        self._order("answer", details, path, method)

    def reject_next(self, rule: str, text: str, path: str | None = None, method: str | None = None) -> None:
        """201 with `rechazado`; `/consultar` tells the rule."""
        self._order("verdict", {"verdict": Verdict("rechazado", (sentence(rule, text),))}, path, method)

    def pend_next(
        self,
        asks: int = 1,
        *,
        then_rule: str | None = None,
        then_text: str = "",
        notices: Sequence[str] = (),
        path: str | None = None,
        method: str | None = None,
    ) -> None:
        """201 with `pendiente`; the `asks`-th `/consultar` settles it.

        It ends rejected if `then_rule` names a rule, else accepted, with DIAN's `notices`.
        """
        then = Verdict("aceptado", tuple(notices))
        if then_rule is not None:
            then = Verdict("rechazado", (sentence(then_rule, then_text),))
        self._order("verdict", {"verdict": Verdict("pendiente", asks=asks, then=then)}, path, method)

    def fail_next(self, path: str | None = None, method: str | None = None) -> None:
        """201 with `fallido`, which stays so: the page does not say what becomes of it."""
        self._order("verdict", {"verdict": Verdict("fallido")}, path, method)

    def _order(
        self, kind: str, details: dict[str, Any], path: str | None = None, method: str | None = None
    ) -> None:
        if path is None and method is None:
            method = "POST"
        self.faults.add(Fault(kind, details, path or "*", (method or "*").upper()))


def sentence(rule: str, text: str) -> str:
    return text if text.startswith("Regla:") else f"Regla: {rule}, Rechazo: {text}"


def answer(details: dict[str, Any]) -> Answer:
    """The answer of an `answer` fault."""
    match details["status"]:
        case "html":
            return html_answer(200, "Sitio en mantenimiento", "HTML instead of an answer")
        case 401:
            return answers.unauthenticated()
        case 403:
            return answers.forbidden(details["permission"])
        case 404:
            return answers.not_found()
        case 422:
            errors = {"adquiriente.numero_documento": ["El número de documento es requerido."]}
            return answers.invalid(details["errors"] or errors)
        case 429:
            return answers.quota_exceeded(100, 100, details["period"])
        case 500:
            return answers.error(500, "Error interno.", detalle="SQLSTATE[HY000]: General error")
    return html_answer(details["status"], _PROXY[details["status"]])
