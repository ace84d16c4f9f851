"""DIAN's memory: accepted documents and events, refusals, validations under way, batches, test sets, outages."""

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

from tests.simulators.dian import application_response, events, rules, schema, signature, totals
from tests.simulators.dian.accounts import Account
from tests.simulators.dian.document import Document, Unreadable
from tests.simulators.dian.files import Sent
from tests.simulators.dian.findings import Finding
from tests.simulators.dian.pki import Authority

BOGOTA = timezone(timedelta(hours=-5))
# Invoices of types 01, 02 and 04 share their numbers.
_SHARED = {"01": "01", "02": "01", "04": "01"}


@dataclass
class Verdict:
    """The verdict on one document. ``absences``, ``waits``: how many more questions get 66, then 98, instead."""

    number: str
    uuid: str
    kind: str
    sender: str
    file_name: str
    content: bytes = field(repr=False)
    findings: list[Finding]
    application_response: bytes = field(default=b"", repr=False)
    is_repeated: bool = False
    absences: int = 0
    waits: int = 0
    times_sent: int = 1
    taken_at: datetime | None = None

    @property
    def is_accepted(self) -> bool:
        return not any(finding.is_rejection for finding in self.findings)


@dataclass
class Batch:
    """An asynchronous sending. A stuck one stays in process for ever; ``closed_test_set`` was complete before it came."""

    verdicts: list[Verdict]
    waits: int
    is_stuck: bool = False
    closed_test_set: str | None = None


@dataclass
class Outage:
    """A period in which DIAN says that it was out; without an end while it lasts."""

    since: datetime
    until: datetime | None = None


def declared(since: datetime) -> Outage:
    """An outage that begins now, in whole seconds, because a signature's time has no fractions."""
    return Outage(since.replace(microsecond=0))


class Register:
    """The memory of one environment. Every method is called with ``lock`` held."""

    def __init__(self, environment: str, authority: Authority, clock: Callable[[], datetime]) -> None:
        self.lock = threading.RLock()
        self.environment = environment
        self._authority = authority
        self._clock = clock
        self.accepted: dict[str, Verdict] = {}
        """By identifier, events too, oldest first."""
        self.refused: dict[str, Verdict] = {}
        self.waiting: dict[str, Verdict] = {}
        self.batches: dict[str, Batch] = {}
        self.events: dict[str, list[events.Registered]] = {}
        """By the identifier of their invoice."""
        self.outages: list[Outage] = []
        self._invoices: dict[str, events.Invoice] = {}
        self.numbers: dict[tuple[str, str, str], str] = {}

    def take(self, sent: Sent, account: Account, ordered: list[Finding], waits: tuple[int, int]) -> Verdict:
        """The verdict on a document, which is then remembered. ``ordered`` findings are added to its own."""
        try:
            document = Document(sent.content)
            key = self._key(document)
            known = self.numbers.get(key)
            if known is not None:
                return self._repeated(document, self.accepted.get(known) or self.waiting[known])
            findings = [*self._found(document, account), *ordered]
        except Unreadable as cause:
            findings = [Finding("ZB01", f"Fallo en el Schema XML del archivo: {cause}")]
            return Verdict("", "", "", account.nit, sent.name, sent.content, findings)
        now = self._clock()
        response = application_response.of_document(
            document.number, document.uuid, account.nit, self.environment, findings, now
        )
        verdict = Verdict(
            document.number,
            document.uuid,
            document.kind,
            account.nit,
            sent.name,
            sent.content,
            findings,
            response,
            absences=waits[0],
            waits=waits[1],
            taken_at=now,
        )
        if verdict.is_accepted:
            self.numbers[key] = verdict.uuid
            self._remember(document)
        if any(waits):
            self.waiting[verdict.uuid] = verdict
        else:
            self._settle(verdict)
        return verdict

    def ask(self, identifier: str) -> Verdict | str:
        """The verdict on an identifier, or a StatusCode instead of it: 66 unknown, 98 in process."""
        waiting = self.waiting.get(identifier)
        if waiting is not None:
            if waiting.absences:
                waiting.absences -= 1
                return "66"
            if waiting.waits:
                waiting.waits -= 1
                return "98"
            del self.waiting[identifier]
            self._settle(waiting)
        return self.accepted.get(identifier) or self.refused.get(identifier) or "66"

    def keep_batch(self, batch: Batch) -> str:
        key = str(uuid.uuid4())
        self.batches[key] = batch
        return key

    def history(self, cufe: str) -> tuple[events.Invoice | None, list[events.Registered]]:
        return self._invoices.get(cufe), self.events.get(cufe, [])

    def age_events(self, by: timedelta) -> None:
        self.events = {
            cufe: [replace(event, on=event.on - by) for event in seen] for cufe, seen in self.events.items()
        }

    def _found(self, document: Document, account: Account) -> list[Finding]:
        now = self._clock()
        broken = [
            Finding("ZB01", f"Fallo en el Schema XML del archivo - {e}") for e in schema.errors(document.root)
        ]
        if broken:
            return broken
        found = [
            *signature.check(document, self._authority, account.nit, now),
            *rules.check(document, account, self.environment, now.astimezone(BOGOTA).date()),
        ]
        if document.kind == "event":
            cufe = document.text("cac:DocumentResponse/cac:DocumentReference/cbc:UUID")
            invoice, earlier = self.history(cufe)
            return [*found, *events.check(document, invoice, earlier)]
        found.extend(totals.check(document))
        found.extend(self._referenced(document))
        if document.type_code == "04" and not self._was_out(document):
            found.append(Finding("CTG01", "La firma está fuera de un periodo de contingencia declarado"))
        return found

    def _referenced(self, document: Document) -> list[Finding]:
        """A note must refer to a document of its sender that the simulator has accepted."""
        path = "cac:BillingReference/cac:InvoiceDocumentReference"
        uuid, number = document.text(f"{path}/cbc:UUID"), document.text(f"{path}/cbc:ID")
        letters = document.family.letters
        if document.kind in ("invoice", "support_document", "equivalent_document") or not uuid:
            return []
        known = self.accepted.get(uuid)
        if known is None:
            return [Finding(f"{letters}BG04a", "CUFE de referencia no existe")]
        if (known.kind == "equivalent_document") is not document.is_equivalent:
            return [Finding(f"{letters}BG04a", "El documento referenciado es de otra clase")]
        if known.sender != document.sender:
            return [Finding(f"{letters}BG04b", "El documento referenciado no es del emisor")]
        if known.number != number:
            return [Finding(f"{letters}BG02", "El número referenciado no es el del CUFE")]
        return []

    def _was_out(self, document: Document) -> bool:
        try:
            signed = datetime.fromisoformat(document.text("//xades:SigningTime"))
            return any(
                each.since <= signed and (each.until is None or signed <= each.until) for each in self.outages
            )
        except (TypeError, ValueError):
            return False

    def _repeated(self, document: Document, known: Verdict) -> Verdict:
        """Rule 90: the document is not checked again; the answer is the first one, under the first one's identifier."""
        same = known.uuid == document.uuid
        if same:
            known.times_sent += 1
            if known.uuid in self.waiting:
                return known
        finding = Finding("90", "Documento procesado anteriormente.")
        return Verdict(
            known.number,
            known.uuid,
            known.kind,
            known.sender,
            known.file_name,
            known.content,
            [finding],
            known.application_response,
            is_repeated=True,
        )

    def _settle(self, verdict: Verdict) -> None:
        if verdict.is_accepted:
            self.accepted[verdict.uuid] = verdict
        else:
            self.refused[verdict.uuid] = verdict

    def _remember(self, document: Document) -> None:
        if document.kind == "event":
            cufe = document.text("cac:DocumentResponse/cac:DocumentReference/cbc:UUID")
            self.events.setdefault(cufe, []).append(
                events.Registered(
                    events.code_of(document),
                    document.uuid,
                    document.number,
                    document.issue_date,
                    document.supplier,
                    document.customer,
                )
            )
        elif document.kind == "invoice":
            self._invoices[document.uuid] = events.Invoice(
                document.number,
                document.uuid,
                document.supplier,
                document.customer,
                document.text("cac:PaymentMeans/cbc:ID") == "2",
                document.type_code,
            )

    def _key(self, document: Document) -> tuple[str, str, str]:
        kind = document.type_code or document.kind
        if document.kind == "event":
            kind = f"event {events.code_of(document)}"
        return document.sender, _SHARED.get(kind, kind), document.number
