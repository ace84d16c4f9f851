"""The DIAN simulator: one SOAP address, its operations, and the accounts that may use them."""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from tests.simulators.dian import asking, controls, envelope, sending
from tests.simulators.dian.accounts import Account, Acquirer, account
from tests.simulators.dian.controls import Controls
from tests.simulators.dian.files import Sent
from tests.simulators.dian.findings import Finding
from tests.simulators.dian.pki import nit_of, trusted
from tests.simulators.dian.register import Register, Verdict, declared
from tests.simulators.faults import Fault
from tests.simulators.routing import Answer, ConnectionLost, Request, html_answer, json_answer
from tests.simulators.server import Simulator

_FILE = re.compile(rb"contentFile>([^<]*)<")
PATH = "/WcfDianCustomerServices.svc"
_TEST = "2"
# The company enrolled by default, that of FacEPro's page.
_NIT, _NAME = "900373115", "EMPRESA DEMO S.A.S."
_PEOPLE = {("13", "52123987"): Acquirer("LUCIA RAMIREZ", "lucia@example.com")}


class DianSimulator(Controls, Simulator):
    """DIAN's service in one environment, "2" habilitación or "1" producción; see the package docstring.

    `batch_asks`: how many questions about an asynchronous sending are answered «in process».
    """

    title = "dian"
    orders = (
        "reject_next",
        "accept_with_notices",
        "slow_next",
        "declare_outage",
        "go_out",
        "come_back",
        "age_events",
    )

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        say: Callable[[str], None] | None = None,
        *,
        environment: str = _TEST,
        clock: Callable[[], datetime] = envelope.utc_now,
        batch_asks: int = 1,
    ) -> None:
        super().__init__(host, port, say)
        self.environment = environment
        self.authority = trusted()
        self.accounts: dict[str, Account] = {}
        self.acquirers = dict(_PEOPLE)
        """Who buys, by type and number of identification, besides the companies with an account."""
        self._clock = clock
        self.batch_asks = batch_asks
        self.register = Register(environment, self.authority, clock)
        self._out: tuple[int | str, str] | None = None

    def enrol(self, nit: str = _NIT, name: str = _NAME) -> Account:
        """The account of an issuer, made on first use: software, PIN, ranges, test set, certificate."""
        if nit not in self.accounts:
            self.accounts[nit] = account(nit, name)
        return self.accounts[nit]

    def expected(self) -> dict[str, str]:
        account = self.enrol()
        return {
            "NIT": account.nit,
            "software_id": account.software_id,
            "software_pin": account.pin,
            "test_set_id": account.test_set.id,
            "equivalent_test_set_id": account.equivalent_test_set.id,
            "certificate": f"POST {self.base_url}/_simulator/enrol answers it as PKCS12, and its password",
        }

    # For tests to read -------------------------------------------------------------------------

    @property
    def documents(self) -> list[Verdict]:
        """All accepted documents and events, oldest first."""
        with self.register.lock:
            return list(self.register.accepted.values())

    @property
    def documents_received(self) -> int:
        """How many documents and events were accepted; a repeated one is not counted again."""
        return len(self.documents)

    def state(self) -> dict[str, Any]:
        return {
            "documents": [
                {
                    "number": v.number,
                    "uuid": v.uuid,
                    "kind": v.kind,
                    "sender": v.sender,
                    "times_sent": v.times_sent,
                }
                for v in self.documents
            ],
            "documents_received": self.documents_received,
            "test_sets": {nit: found.test_set.missing() for nit, found in self.accounts.items()},
            "accounts": sorted(self.accounts),
            "faults_waiting": [fault.kind for fault in self.faults.waiting],
        }

    # Controls ----------------------------------------------------------------------------------

    def declare_outage(self, hours: float = 48) -> None:
        """Declare that DIAN has been out for so many hours until now, so that invoices of type 04 signed then are
        taken. The outage ends with the next ``come_back``.
        """
        self.register.outages.append(declared(self._clock() - timedelta(hours=hours)))

    def go_out(self, how: int | str = 503, operation: str = "", is_declared: bool = True) -> None:
        """From now on DIAN answers with this HTTP status (403, 500, 503, 507, 508), or closes the connection ("silent").

        ``operation``: only for operations whose name has this part. If ``is_declared``, invoices of type 04 signed until
        ``come_back`` are taken.
        """
        if how not in controls.OUTAGES:
            raise ValueError(f"how must be one of {controls.OUTAGES}")
        self._out = (how, operation)
        if is_declared:
            self.register.outages.append(declared(self._clock()))

    def come_back(self) -> None:
        self._out = None
        for outage in self.register.outages:
            outage.until = outage.until or self._clock()

    def age_events(self, days: int) -> None:
        """Move every registered event this many days back, so that grace periods end."""
        with self.register.lock:
            self.register.age_events(timedelta(days=days))

    def control(self, request: Request) -> Answer:
        """Adds to the control plane `POST enrol {"nit", "name"}`, which answers what an operator gets from the portal."""
        if (request.method, request.path) != ("POST", "/_simulator/enrol"):
            return super().control(request)
        try:
            found = self.enrol(**json.loads(request.body or b"{}"))
        except (TypeError, ValueError) as cause:
            return json_answer(400, {"error": f"{type(cause).__name__}: {cause}"})
        return json_answer(
            200,
            {
                "nit": found.nit,
                "software_id": found.software_id,
                "software_pin": found.pin,
                "test_set_id": found.test_set.id,
                "equivalent_test_set_id": found.equivalent_test_set.id,
                "pkcs12": base64.b64encode(found.pkcs12()).decode(),
                "password": found.password,
            },
        )

    def reset(self) -> None:
        """As a new simulator, but accounts keep their certificates."""
        super().reset()
        self._out = None
        self.register = Register(self.environment, self.authority, self._clock)
        for found in self.accounts.values():
            found.test_set.accepted.clear()
            found.equivalent_test_set.accepted.clear()

    # Answering ---------------------------------------------------------------------------------

    def handle(self, request: Request) -> Answer:
        """Adds the operation to the path, so that faults can be ordered for one operation and the log names it."""
        operation = envelope.operation_of(request)
        return super().handle(replace(request, path=f"{request.path}/{operation}"))

    def _readable(self, request: Request) -> Any:
        """Logs a sent file by its digest: the envelope differs at every sending, but the file may be the same."""
        found = _FILE.search(request.body)
        return {"contentFile": hashlib.sha256(found[1]).hexdigest()} if found else super()._readable(request)

    def respond(self, request: Request) -> Answer:
        path, _, operation = request.path.rpartition("/")
        address = f"http://{request.headers.get('host', '')}{PATH}"
        asked = {name.lower() for name, _ in request.query}
        if request.method == "GET" and path == PATH and asked & {"wsdl", "singlewsdl"}:
            return envelope.description(address)
        if request.method != "POST" or path != PATH:
            return Answer(404, b"", {}, "no such address")
        if self._out is not None and self._out[1] in operation:
            if self._out[0] == "silent":
                raise ConnectionLost("out of order, and silent")
            return html_answer(int(self._out[0]), "Error", "out of order")
        now = self._clock()
        try:
            call = envelope.read(request, address, self.authority, now)
        except envelope.Refused as refused:
            return refused.answer
        sender = self.accounts.get(nit_of(call.certificate) or "")
        if operation == "SendTestSetAsync" and self.environment != _TEST:
            return envelope.fault(500, "Sender", "a:ActionNotSupported", "no test sets in production")
        with self.register.lock:
            result = self._result(operation, call.arguments, sender, now)
        return envelope.answer(operation, result, now)

    def fault_answer(self, fault: Fault, request: Request) -> Answer:
        return controls.answer(fault.details, request.path.rpartition("/")[2])

    def _result(
        self, operation: str, arguments: dict[str, str], sender: Account | None, now: datetime
    ) -> str:
        """The XML inside the operation's ``…Result``."""
        register, track_id = self.register, arguments.get("trackId", "")
        content, zip_name = arguments.get("contentFile", ""), arguments.get("fileName", "")
        take = partial(self._take, operation)
        match operation:
            case "SendBillSync":
                return sending.one(operation, register, sender, content, zip_name, take)
            case "SendEventUpdateStatus":
                return sending.one(operation, register, sender, content, None, take)
            case "SendBillAsync" | "SendTestSetAsync":
                test_set_id = arguments.get("testSetId", "") if operation == "SendTestSetAsync" else None
                asks = self.batch_asks
                return sending.batch(
                    operation, register, sender, content, zip_name, take, test_set_id=test_set_id, asks=asks
                )
            case "GetStatus":
                return asking.status(register, sender, track_id)
            case "GetStatusZip":
                return asking.status_zip(register, sender, track_id)
            case "GetStatusEvent":
                return asking.status_event(register, sender, track_id, now)
            case "GetXmlByDocumentKey":
                return asking.xml(register, sender, track_id, now)
            case "GetNumberingRange":
                return asking.numbering_range(sender, arguments)
            case "GetAcquirer":
                companies = {
                    ("31", nit): Acquirer(each.name, each.email) for nit, each in self.accounts.items()
                }
                return asking.acquirer(sender, companies | self.acquirers, arguments)
        raise AssertionError(f"{operation} is in envelope.OPERATIONS and not here")

    def _take(self, operation: str, sent: Sent, sender: Account) -> Verdict:
        ordered = self.faults.take("finding", "POST", operation)
        slow = self.faults.take("slow", "POST", operation)
        findings: list[Finding] = ordered.details["findings"] if ordered else []
        return self.register.take(sent, sender, findings, slow.details["waits"] if slow else (0, 0))
