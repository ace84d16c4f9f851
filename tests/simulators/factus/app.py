"""The Factus simulator: tokens first, then the account's endpoints in both dialects."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.simulators.factus import answers, controls
from tests.simulators.factus.account import AccountEndpoints
from tests.simulators.factus.auth import Budget, Credentials, Tokens
from tests.simulators.factus.catalogs import Kind
from tests.simulators.factus.company import Company
from tests.simulators.factus.controls import Controls
from tests.simulators.factus.creation import READERS, create
from tests.simulators.factus.document_endpoints import DocumentEndpoints
from tests.simulators.factus.radian import RadianEndpoints
from tests.simulators.factus.range_endpoints import RangeEndpoints
from tests.simulators.factus.ranges import NumberingRange, default_ranges
from tests.simulators.factus.state import Document, Outcome, State
from tests.simulators.faults import Fault
from tests.simulators.routing import Answer, Request, Router, html_answer
from tests.simulators.server import Simulator

BOGOTA = timezone(timedelta(hours=-5))


def bogota_now() -> datetime:
    return datetime.now(BOGOTA).replace(microsecond=0)


class FactusSimulator(Controls, Simulator):
    """Factus over HTTP, one preloaded account; see the package docstring for what is documented.

    `dian_seconds` is how long DIAN takes for a creation: meanwhile the document is stored, not validated, and
    blocks others, as in the real service. After `documents_quota` validated documents, creations answer 402.
    """

    title = "factus"
    orders = ("reject_next", "pend_next", "accept_with_notices", "revoke_tokens", "throttle")

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        say: Callable[[str], None] | None = None,
        *,
        credentials: Credentials | None = None,
        company: Company | None = None,
        ranges: Iterable[NumberingRange] | None = None,
        clock: Callable[[], datetime] = bogota_now,
        expires_in: int = 600,
        first_id: int = 1,
        dian_seconds: float = 0,
        documents_quota: int | None = None,
    ) -> None:
        super().__init__(host, port, say)
        self.credentials = credentials or Credentials()
        self._company = company or Company()
        self._ranges = default_ranges() if ranges is None else list(ranges)
        self._clock = clock
        self._expires_in = expires_in
        self._first_id = first_id
        self._dian_seconds = dian_seconds
        self._quota = documents_quota
        self._prepare()

    def _prepare(self) -> None:
        fresh = [replace(row) for row in self._ranges]
        self.memory = State(self._company, fresh, self._clock, self._first_id)
        self.tokens = Tokens(self.credentials, self._expires_in)
        self._budget = Budget()
        self._account = AccountEndpoints(self.memory, self._quota)
        self.router = Router()
        for (dialect, kind), _ in READERS.items():
            self.router.add("POST", f"/{dialect}/{kind.path}/validate", self._creation(kind, dialect))
        self._account.register(self.router)
        for endpoints in (RangeEndpoints, DocumentEndpoints, RadianEndpoints):
            endpoints(self.memory, self._own_url).register(self.router)

    # For tests to read -------------------------------------------------------------------------

    @property
    def documents(self) -> dict[str, list[Document]]:
        """All stored documents, by path segment ("bills", "support-documents"…), oldest first."""
        with self.memory.lock:
            return {path: list(rows) for path, rows in self.memory.documents.items()}

    @property
    def documents_received(self) -> int:
        """How many documents were ever stored, deleted ones included; a repeated reference is not counted again."""
        return self.memory.stored_count

    @property
    def ranges(self) -> dict[int, NumberingRange]:
        return self.memory.ranges

    @property
    def emails(self) -> list[tuple[str, str]]:
        """(number, address) of every e-mail that the real service would have sent."""
        return list(self.memory.emails)

    def state(self) -> dict[str, Any]:
        return {
            "documents": {path: [row.summary() for row in rows] for path, rows in self.documents.items()},
            "documents_received": self.documents_received,
            "next_numbers": {str(row.id): row.next_number for row in self.ranges.values()},
            "emails": [list(row) for row in self.emails],
            "logins": self.tokens.logins,
            "refreshes": self.tokens.refreshes,
            "faults_waiting": [fault.kind for fault in self.faults.waiting],
        }

    # Controls ----------------------------------------------------------------------------------

    def expected(self) -> dict[str, str]:
        return asdict(self.credentials)

    def revoke_tokens(self, refresh: bool = False) -> None:
        """Ends every access token and, when asked, the refresh tokens too."""
        self.tokens.revoke(refresh=refresh)

    def throttle(self, limit_per_minute: int | None = 80) -> None:
        """Answers 429 beyond this many requests in a minute; None switches it off."""
        self._budget.set(limit_per_minute)

    def reset(self) -> None:
        super().reset()
        self._prepare()

    # Answering ---------------------------------------------------------------------------------

    def respond(self, request: Request) -> Answer:
        answer = self._respond(request)
        wants_json = "application/json" in request.headers.get("accept", "")
        if answer.status >= 400 and not wants_json and request.path != "/oauth/token":
            return html_answer(answer.status, "Error", "no Accept: application/json, so HTML")
        return answer

    def _respond(self, request: Request) -> Answer:
        if request.path == "/oauth/token":
            return self.tokens.grant(request) if request.method == "POST" else answers.not_found()
        if not self.tokens.accepts(request):
            return answers.unauthenticated()
        fits, headers = self._budget.spend()
        answer = self._routed(request) if fits else answers.plain(429, "Too Many Attempts.")
        return replace(answer, headers={**answer.headers, **headers})

    def _routed(self, request: Request) -> Answer:
        route = self.router.find(request.method, request.path)
        if route is None:
            return answers.not_found("no such route")
        if self._account.is_quota_spent() and request.path.endswith("/validate"):
            return answers.plain(402, "Payment Required")
        handler, values = route
        return handler(request, **values)

    def fault_answer(self, fault: Fault, request: Request) -> Answer:
        return controls.answer(fault.details, request)

    def _creation(self, kind: Kind, dialect: str) -> Callable[[Request], Answer]:
        def handler(request: Request) -> Answer:
            return create(
                self.memory,
                kind,
                dialect,
                request,
                scripted=lambda: self._verdict(request),
                dian_seconds=self._dian_seconds,
                stopping=self.stopping,
            )

        return handler

    def _verdict(self, request: Request) -> Outcome | None:
        fault = self.faults.take("verdict", request.method, request.path)
        return fault.details["outcome"] if fault else None

    def _own_url(self) -> str:
        return self.base_url
