"""The Afacturar simulator: tokens and call limit first, then the listing, the events and the files."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.simulators.afacturar import answers, bodies, controls, emission, files, listing
from tests.simulators.afacturar.controls import Controls
from tests.simulators.afacturar.radian import PATHS, REPEATED, Radian
from tests.simulators.afacturar.rows import NIT, TOKEN, Row, emitted_rows
from tests.simulators.faults import Fault
from tests.simulators.routing import Answer, Request
from tests.simulators.server import Simulator

BOGOTA = timezone(timedelta(hours=-5))
_LISTING = "/api/v2/transacciones_emitidas_v3"
_HISTORY = "/api/radian/historico_eventos"
_FILES = "/archivos/"


@dataclass(frozen=True)
class Call:
    """A request that could be read: its encoding, and its fields in the order in which they came."""

    path: str
    encoding: str
    fields: dict[str, Any]


class AfacturarSimulator(Controls, Simulator):
    """Afacturar over HTTP; see the package docstring for what is documented.

    `tokens` maps each token to its issuer's NIT. `stage` is the environment that an event's `entorno` names.
    """

    title = "afacturar"
    orders = (
        "time_out_next",
        "reject_next",
        "accept_with_notices",
        "revoke_tokens",
        "throttle",
        "emit_after_next_listing",
    )

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        say: Callable[[str], None] | None = None,
        *,
        tokens: Mapping[str, str] | None = None,
        rows: Iterable[Row] | None = None,
        stage: str = "DOCUMENTO_NO_VALIDO",
        clock: Callable[[], datetime] = lambda: datetime.now(BOGOTA),
        takes_fc: bool = True,
        statuses: bool = True,
        repeated: str = REPEATED,
    ) -> None:
        super().__init__(host, port, say)
        self._tokens = dict(tokens or {TOKEN: NIT})
        self._preloaded = emitted_rows() if rows is None else list(rows)
        self._stage = stage
        self._clock = clock
        self._takes_fc = takes_fc
        self._statuses = statuses
        self._repeated = repeated
        self._lock = threading.RLock()
        self._prepare()

    def _prepare(self) -> None:
        self.rows: list[Row] = [dict(row) for row in self._preloaded]
        self._emitters: dict[str, str] = {}
        self._invoices: dict[str, dict[str, Any]] = {}
        """The NIT that emitted a row, by the row's uniqid. Preloaded rows are not here: they are the first token's."""
        self.calls: list[Call] = []
        self._radian = Radian(self._clock, self._stage, self._repeated)
        self._revoked: set[str] = set()
        self._arriving: list[Row] = []
        self._limit: int | None = None
        self._spent: deque[float] = deque()

    # For tests to read -------------------------------------------------------------------------

    def expected(self) -> dict[str, str]:
        return {"NIT " + nit: f"token {token}" for token, nit in self._tokens.items()}

    @property
    def documents_received(self) -> int:
        """How many invoices were emitted, without the preloaded rows."""
        with self._lock:
            return len(self.rows) - len(self._preloaded)

    @property
    def events(self) -> dict[str, list[str]]:
        """CUFE → codes of its events, in order."""
        with self._lock:
            return {
                cufe: [event["codigo"] for event in events] for cufe, events in self._radian.events.items()
            }

    def state(self) -> dict[str, Any]:
        with self._lock:
            return {
                "rows": len(self.rows),
                "events": self.events,
                "calls": [{"path": call.path, "encoding": call.encoding} for call in self.calls],
                "faults_waiting": [fault.kind for fault in self.faults.waiting],
            }

    # Controls ----------------------------------------------------------------------------------

    def revoke_tokens(self) -> None:
        """Refuses every token from now on."""
        with self._lock:
            self._revoked = set(self._tokens)

    def throttle(self, limit_per_minute: int | None = 120) -> None:
        """Answers 429 beyond this many calls in a minute; None switches it off."""
        with self._lock:
            self._limit = limit_per_minute
            self._spent.clear()

    def emit_after_next_listing(self, row: Row) -> None:
        """This row appears only after the next listing, as a document emitted between two pages would."""
        with self._lock:
            self._arriving.append(row)

    def declare_elsewhere(self, code: str, cufe: str, nit: str) -> None:
        """An event that the buyer made in the portal."""
        with self._lock:
            self._radian.register(code, cufe, nit)

    def reset(self) -> None:
        super().reset()
        with self._lock:
            self._prepare()

    # Answering ---------------------------------------------------------------------------------

    def respond(self, request: Request) -> Answer:
        with self._lock:
            return self._shown(self._respond(request))

    def fault_answer(self, fault: Fault, request: Request) -> Answer:
        return self._shown(controls.answer(fault, request))

    def _shown(self, answer: Answer) -> Answer:
        """The page does not say which HTTP status goes with a code: with `statuses=False` it is always 200."""
        is_code = b'"codigo_error"' in answer.body
        return answer if self._statuses or not is_code else replace(answer, status=200)

    def _respond(self, request: Request) -> Answer:
        if request.path.startswith(_FILES):
            return self._file(request)
        if not self._fits():
            return answers.error(429)
        nit = self._nit(request)
        if nit is None:
            return answers.error(401)
        if request.path not in (_LISTING, _HISTORY, emission.PATH, *PATHS):
            return answers.error(404)
        if request.method != "POST":
            return answers.error(405)
        encoding, fields = bodies.encoding(request), bodies.fields(request)
        if encoding is None:
            return answers.error(415)
        if fields is None:
            return answers.error(400)
        self.calls.append(Call(request.path, encoding, fields))
        return self._routed(request.path, fields, nit)

    def _routed(self, path: str, fields: bodies.Fields, nit: str) -> Answer:
        """Code 11 has sentences for wrong fields, which are checked first, and a text for another issuer's token."""
        issuer = fields.get("documento_obligado")
        if path == _HISTORY:
            # The page asks only for the CUFE. An issuer that is sent all the same must be the token's.
            return answers.other_issuer() if issuer not in (None, nit) else self._radian.history(fields)
        if path == _LISTING:
            wrong = listing.wrong(fields, takes_fc=self._takes_fc)
        else:
            wrong = [] if issuer else ["The documento obligado field is required."]
        if wrong:
            return answers.invalid(wrong)
        if str(issuer) != nit:
            return answers.other_issuer()
        if path == emission.PATH:
            ordered = self.faults.take("notices", "POST", path)
            before = len(self.rows)
            emitted = emission.emit(fields, self.rows, ordered.details["sentences"] if ordered else [])
            self._emitters.update({row["uniqid"]: nit for row in self.rows[before:]})
            self._invoices.update(
                {row["uniqid"]: fields["data"]["facturas"][0] for row in self.rows[before:]}
            )
            return emitted
        if path != _LISTING:
            ordered = self.faults.take("notices", "POST", path)
            notices = ordered.details["sentences"] if ordered else ()
            return self._radian.declare(PATHS[path], fields, nit, self.base_url, notices)
        shown = listing.listed(fields, self.rows_with_addresses())
        self.rows.extend(self._arriving)
        self._arriving.clear()
        return shown

    def rows_with_addresses(self) -> list[Row]:
        """The rows, with absolute addresses of their files."""
        return [
            {
                name: f"{self.base_url}{value}" if str(value).startswith(_FILES) else value
                for name, value in row.items()
            }
            for row in self.rows
        ]

    def _file(self, request: Request) -> Answer:
        if request.path.endswith(".xml"):
            return Answer(200, self._xml(request.path), {"Content-Type": "application/xml"}, "XML")
        if request.path.endswith(".pdf"):
            return Answer(200, b"%PDF-1.4 simulated", {"Content-Type": "application/pdf"}, "PDF")
        return answers.error(404)

    def _xml(self, path: str) -> bytes:
        name = path.removeprefix(_FILES).removesuffix(".xml")
        for row in self.rows:
            if row["uniqid"] == name:
                emitter = self._emitters.get(name, next(iter(self._tokens.values())))
                if name in self._invoices:
                    return files.emitted(row, self._invoices[name], emitter)
                return files.document(row, emitter)
        for cufe, declared in self._radian.events.items():
            for event in declared:
                if event["identificacion_evento"] == name:
                    return files.event(event, cufe)
        return files.answer()

    def _nit(self, request: Request) -> str | None:
        """The NIT of the bearer token; None for a missing, unknown or revoked token."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token in self._revoked:
            return None
        return self._tokens.get(token)

    def _fits(self) -> bool:
        if self._limit is None:
            return True
        now = time.monotonic()
        while self._spent and now - self._spent[0] > 60:
            self._spent.popleft()
        if len(self._spent) >= self._limit:
            return False
        self._spent.append(now)
        return True
