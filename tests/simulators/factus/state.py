"""What the account has: documents, ranges, received invoices. One lock guards all of it."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tests.simulators.factus.arithmetic import LineFigures, Totals, figures, totals
from tests.simulators.factus.catalogs import KINDS, Kind
from tests.simulators.factus.company import Company
from tests.simulators.factus.drafts import Draft
from tests.simulators.factus.ranges import NumberingRange


class Verdict(StrEnum):
    """DIAN's verdict on a document, as Factus sees it."""

    VALIDATED = "validated"
    PENDING = "pending"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Outcome:
    """The scripted verdict of DIAN on one document.

    `rules` are pairs of rule code and text. A pending one becomes `then` at the `asks`-th identical request.
    `as_422` answers a rejection as a map under 422 instead of a 201; the document is stored all the same.
    """

    verdict: Verdict
    rules: tuple[tuple[str, str], ...] = ()
    as_422: bool = False
    asks: int = 0
    then: "Outcome | None" = None


ACCEPTED = Outcome(Verdict.VALIDATED)


@dataclass
class Document:
    """A stored document; `request` is the body that created it."""

    id: int
    dialect: str
    draft: Draft
    request: dict[str, Any]
    range: NumberingRange
    number: str
    uuid: str
    created_at: datetime
    verdict: Verdict = Verdict.PENDING
    rules: tuple[tuple[str, str], ...] = ()
    validated_at: datetime | None = None
    asks_left: int = 0
    then: Outcome = ACCEPTED
    events: list[dict[str, str]] = field(default_factory=list)

    @property
    def kind(self) -> Kind:
        return self.draft.kind

    @property
    def reference(self) -> str:
        return self.draft.reference

    @property
    def is_validated(self) -> bool:
        return self.verdict is Verdict.VALIDATED

    @property
    def send_email(self) -> bool:
        return self.draft.send_email

    @property
    def unknown_fields(self) -> tuple[str, ...]:
        """Dotted paths of the request's fields that Factus does not know and ignores."""
        return self.draft.unknown_fields

    def figures(self) -> list[LineFigures]:
        return [figures(line, self.kind) for line in self.draft.lines]

    def totals(self) -> Totals:
        return totals(self.figures(), self.draft.surcharges)

    def summary(self) -> dict[str, Any]:
        """The document in JSON, for the control plane."""
        return {
            "id": self.id,
            "dialect": self.dialect,
            "number": self.number,
            "reference_code": self.reference,
            "verdict": self.verdict,
            "rules": [list(rule) for rule in self.rules],
            "uuid": self.uuid,
            "total": f"{self.totals().total:.2f}",
            "send_email": self.send_email,
            "unknown_fields": list(self.unknown_fields),
        }


class State:
    """Every method expects `lock` to be free or held by the same thread."""

    client_name = "Simulador"

    def __init__(
        self, company: Company, ranges: list[NumberingRange], clock: Callable[[], datetime], first_id: int
    ) -> None:
        self.lock = threading.RLock()
        self.company = company
        self.clock = clock
        self.ranges = {row.id: row for row in ranges}
        self.documents: dict[str, list[Document]] = {kind.path: [] for kind in KINDS}
        self.stored_count = 0
        self.received: dict[int, dict[str, Any]] = {}
        self.emails: list[tuple[str, str]] = []
        self._next_id = first_id

    def next_id(self) -> int:
        with self.lock:
            self._next_id += 1
            return self._next_id - 1

    # Documents ---------------------------------------------------------------------------------

    def of_kind(self, kind: Kind) -> list[Document]:
        with self.lock:
            return list(self.documents[kind.path])

    def by_reference(self, kind: Kind, reference: str) -> Document | None:
        return next((row for row in self.of_kind(kind) if row.reference == reference), None)

    def by_number(self, kind: Kind, number: str) -> Document | None:
        return next((row for row in self.of_kind(kind) if row.number == number), None)

    def by_id(self, kind: Kind, document_id: int) -> Document | None:
        return next((row for row in self.of_kind(kind) if row.id == document_id), None)

    def by_uuid(self, uuid: str) -> Document | None:
        with self.lock:
            everything = [row for kind in KINDS for row in self.documents[kind.path]]
        return next((row for row in everything if row.uuid == uuid), None)

    def blocker(self, kind: Kind, reference: str) -> Document | None:
        """A document of this kind that is not validated and has another reference: it blocks every new one."""
        return next(
            (row for row in self.of_kind(kind) if not row.is_validated and row.reference != reference), None
        )

    def notes_on(self, kind: Kind, number: str) -> list[Document]:
        return [row for row in self.of_kind(kind) if row.draft.target_number == number]

    def store(self, draft: Draft, request: dict[str, Any], dialect: str, row: NumberingRange) -> Document:
        """Takes the range's next number and stores the document, not validated yet."""
        with self.lock:
            number = f"{row.prefix}{row.next_number}"
            row.next_number += 1
            self.stored_count += 1
            facts = "|".join((draft.kind.path, self.company.nit, number, draft.reference))
            document = Document(
                id=self.next_id(),
                dialect=dialect,
                draft=draft,
                request=request,
                range=row,
                number=number,
                uuid=hashlib.sha384(facts.encode()).hexdigest(),
                created_at=self.clock(),
            )
            self.documents[draft.kind.path].append(document)
            return document

    def settle(self, document: Document, outcome: Outcome) -> None:
        """Writes DIAN's verdict on a stored document; if validated, it is final and the customer gets an e-mail."""
        with self.lock:
            document.verdict = outcome.verdict
            document.rules = outcome.rules
            document.asks_left = outcome.asks
            document.then = outcome.then or ACCEPTED
            if document.is_validated:
                document.validated_at = self.clock()
                if document.send_email and document.draft.party.email:
                    self.emails.append((document.number, document.draft.party.email))

    def remove(self, document: Document) -> None:
        """Deletes a document that is not validated; its number is not given out again."""
        with self.lock:
            self.documents[document.kind.path].remove(document)

    # Ranges ------------------------------------------------------------------------------------

    def active_ranges(self, type_code: str) -> list[NumberingRange]:
        with self.lock:
            return [row for row in self.ranges.values() if row.type_code == type_code and row.is_active]
