"""The Facturatech simulator: three services on their published paths, for two accounts."""

import copy
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from tests.simulators.facturatech import controls, description, emission, signed
from tests.simulators.facturatech.account import Account, Stored, default_accounts
from tests.simulators.facturatech.controls import Controls
from tests.simulators.facturatech.emission import EmissionService
from tests.simulators.facturatech.envelopes import operation_of
from tests.simulators.facturatech.numbering import NumberingService
from tests.simulators.faults import Fault
from tests.simulators.routing import Answer, Request, html_answer
from tests.simulators.server import Simulator

NAMESPACE = "http://webservice.facturatech.co/"
NUMBERING_PATH = "/v2/BETA/SincronizacionNumeracion.asmx"


class FacturatechSimulator(Controls, Simulator):
    """Facturatech over HTTP; see the package docstring for what is documented.

    ``namespace`` is the numbering service's, and ``plain_pass`` whether it takes the password in clear: its
    documentation says neither.
    """

    title = "facturatech"
    orders = (
        "refuse_next",
        "process_for",
        "authorise_next",
        "warn_next",
        "refuse_numbering",
        "take_number",
        "throttle",
    )

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        say: Callable[[str], None] | None = None,
        *,
        accounts: Iterable[Account] | None = None,
        namespace: str = NAMESPACE,
        plain_pass: bool = False,
    ) -> None:
        super().__init__(host, port, say)
        self._accounts = list(accounts) if accounts is not None else default_accounts()
        self._namespace = namespace
        self._plain_pass = plain_pass
        self._prepare()

    def _prepare(self) -> None:
        self.accounts = {account.username: copy.deepcopy(account) for account in self._accounts}
        services: dict[str, Any] = {
            NUMBERING_PATH: NumberingService(
                self.accounts, self.faults, self._namespace, plain_pass=self._plain_pass
            )
        }
        for stage, productive in (("demo", False), ("pro", True)):
            for path, dialect in (
                (f"/v2/{stage}/index.php", emission.INVOICES),
                (f"/v1/{stage}/", emission.SUPPORT),
            ):
                services[path] = EmissionService(dialect, self.accounts, self.faults, productive=productive)
        self._services = services
        self._limit: tuple[int, float] | None = None
        self._spent: deque[float] = deque()

    # For tests to read -------------------------------------------------------------------------

    @property
    def documents(self) -> list[Stored]:
        """All documents, uploaded or of another system, in the order in which they came."""
        return [stored for account in self.accounts.values() for stored in account.documents.values()]

    def expected(self) -> dict[str, str]:
        account = next(iter(self.accounts.values()))
        return {"username": account.username, "password": account.password, "NIT": account.nit}

    @property
    def documents_received(self) -> int:
        """How many documents there are; a repeated number is not counted again."""
        return len(self.documents)

    @property
    def promotions(self) -> int:
        """How many DEMO users ConsultaNumeracion made productive."""
        return sum(account.promotions for account in self.accounts.values())

    def state(self) -> dict[str, Any]:
        return {
            "accounts": {
                account.username: {
                    "productive": account.productive,
                    "promotions": account.promotions,
                    "ranges": [f"{row.type_name}:{row.prefix}" for row in account.ranges],
                    "folios": account.folios,
                }
                for account in self.accounts.values()
            },
            "documents": {stored.number: {**stored.fields, "uuid": stored.uuid} for stored in self.documents},
            "documents_received": self.documents_received,
            "promotions": self.promotions,
            "faults_waiting": [fault.kind for fault in self.faults.waiting],
        }

    def take_number(
        self,
        prefix: str,
        folio: int,
        *,
        username: str = "900123456",
        kind: str = "01",
        party: str = "800999888",
        total: str = "1.00",
        issued: str = "2026-01-01",
    ) -> None:
        """Store a signed document under this number, as if another system of the same issuer had sent it."""
        account = self.accounts[username]
        fields = {
            "type": kind,
            "number": f"{prefix}{folio}",
            "issued": issued,
            "time": "08:00:00-05:00",
            "issuer": account.nit,
            "party": party,
            "total": total,
        }
        account.documents[(prefix, folio)] = Stored(prefix, folio, "ab" * 16, fields, signed.uuid(fields))

    # Controls ----------------------------------------------------------------------------------

    def throttle(self, calls: int | None = 20, seconds: float = 10) -> None:
        """Answers 429 beyond so many calls in any so many seconds; None switches it off. The provider publishes no limit:
        this is the one that Cauce's adapter declares.
        """
        self._limit = (calls, seconds) if calls is not None else None
        self._spent.clear()

    def reset(self) -> None:
        super().reset()
        self._prepare()

    # Answering ---------------------------------------------------------------------------------

    def handle(self, request: Request) -> Answer:
        """Adds the operation to the path, for the log and so that faults can be ordered for one operation."""
        operation = operation_of(request)
        return super().handle(replace(request, path=f"{request.path}#{operation}") if operation else request)

    def respond(self, request: Request) -> Answer:
        if not self._fits():
            return controls.answer({"status": 429})
        path = request.path.partition("#")[0]
        service = self._services.get(path)
        if service is not None and description.is_asked(request):
            described: Answer = service.description(f"http://{request.headers.get('host', '')}{path}")
            return described
        if service is None or request.method != "POST":
            return html_answer(404, "Not Found", "no such service")
        answer: Answer = service.respond(replace(request, path=path))
        return answer

    def fault_answer(self, fault: Fault, request: Request) -> Answer:
        return controls.answer(fault.details)

    def _fits(self) -> bool:
        if self._limit is None:
            return True
        calls, seconds = self._limit
        now = time.monotonic()
        while self._spent and now - self._spent[0] >= seconds:
            self._spent.popleft()
        if len(self._spent) >= calls:
            return False
        self._spent.append(now)
        return True
