"""A record: a document plus all that happened to it, and the one table of who may move to what."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from pydantic import AliasChoices, Field

from cauce.domain.document import Document, Kind, Value
from cauce.domain.event import Event
from cauce.domain.lot import Line
from cauce.domain.outage import Failure
from cauce.domain.outcome import Message, Number, is_rule_90
from cauce.domain.ranges import NumberingRange
from cauce.domain.totals import NOTHING, Amounts, amounts_of, totals


class State(StrEnum):
    """Where a record stands.

    received: ours alone, nothing sent. sending: the call was about to leave, or has left. pending: the provider
    has it, no verdict. unknown: it may or may not exist at the provider; only asking is allowed. accepted,
    rejected: DIAN's verdict. failed: never delivered, and no further attempt will be made by itself.
    """

    RECEIVED = "received"
    SENDING = "sending"
    PENDING = "pending"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    FAILED = "failed"


MOVES: dict[State, frozenset[State]] = {
    # To unknown where the rejected attempt it corrects turns out to be alive at the provider.
    State.RECEIVED: frozenset({State.SENDING, State.UNKNOWN, State.FAILED}),
    # Back to received only on proof that the request never left (NotSent, Blocked).
    State.SENDING: frozenset(
        {State.RECEIVED, State.PENDING, State.UNKNOWN, State.ACCEPTED, State.REJECTED, State.FAILED}
    ),
    State.PENDING: frozenset({State.SENDING, State.ACCEPTED, State.REJECTED, State.UNKNOWN}),
    # Back to received only when its absence at the provider is proved.
    State.UNKNOWN: frozenset({State.PENDING, State.ACCEPTED, State.REJECTED, State.RECEIVED, State.FAILED}),
    State.ACCEPTED: frozenset(),
    # A correction, a further attempt that a person asked for, another signature; the number stays. To unknown where
    # what was read as a rejection, before rule 90 was read as a doubt, is asked about after all.
    State.REJECTED: frozenset({State.RECEIVED, State.UNKNOWN}),
    State.FAILED: frozenset({State.RECEIVED}),
}

SETTLED = frozenset({State.ACCEPTED, State.REJECTED, State.FAILED})


# The contract knows four states (seed 002); only «aceptado» is a valid document.
ESTADO = {
    State.RECEIVED: "pendiente",
    State.SENDING: "pendiente",
    State.PENDING: "pendiente",
    State.UNKNOWN: "pendiente",
    State.ACCEPTED: "aceptado",
    State.REJECTED: "rechazado",
    State.FAILED: "fallido",
}


class WaitsFor(StrEnum):
    """What a record waits for. ``life.next_look`` says until when it is waited for before it is looked at again."""

    SCHEDULE = "schedule"
    """The settling schedule, which queues it."""
    MESSAGE = "message"
    """Its message, put in the queue by whoever took it in, or being worked on."""
    LOT = "lot"
    """Its message, behind the others of its lot."""
    QUEUEING = "queueing"
    """The message that the schedule is about to put in the queue."""
    QUEUE = "queue"
    """That message, which is in the queue: nothing loses it, and its lane may be long."""
    SENDER = "sender"
    """Whoever is sending it."""
    TURN = "turn"
    """Its turn: we kept it back, for its provider's pace or its breaker."""
    PROVIDER = "provider"
    """Its provider, which turned it away."""
    LANE = "lane"
    """Another document, which keeps its provider from taking it."""
    VERDICT = "verdict"
    """DIAN's verdict: its provider has it."""
    ANSWER = "answer"
    """An answer to the question what became of it."""
    ABSENCE = "absence"
    """Its provider's saying once more that it does not have it."""
    PERSON = "person"
    """A person's decision."""
    FILE = "file"
    """Its signed XML."""


class Step(Value):
    """One line of a record's trace. It is read by people, and decides nothing."""

    at: datetime
    what: str
    detail: str | None = None
    by: str | None = None
    """Whose doing it was, where it was somebody's: ``token 7``, ``sender AROA…``."""


# Annex 1.9, 13.1.3: an invoice issued while DIAN is out, good without it until it must be transmitted.
IN_CONTINGENCY = "04"


class Contingency(Value):
    """The issue of an invoice as type 04, with its number, and the ordinary invoice that it stands in for."""

    since: datetime
    """When it was issued so; the record's ``uuid`` is this one's."""
    limit: datetime | None = None
    """Until when DIAN must have it; absent until DIAN is back, which is when the time begins to run."""
    ordinary_uuid: str | None = None
    """CUFE of the ordinary one, if it was ever made: where DIAN has that after all, that is the document."""
    ordinary_issued_at: datetime
    ordinary_sent_as: int | None = None
    """As the record's ``sent_as``, of the ordinary one."""
    ordinary_in_doubt: bool = False
    """The ordinary one may be at DIAN. It is asked about, and this one not sent, until that is known."""
    void_uuid: str | None = None
    """CUFE of the one in contingency, once DIAN turned out to have the ordinary one."""


class Record(Value):
    """A document's life. Changed only by the moves of ``domain.life``, stored under an optimistic version."""

    issuer: str
    """NIT without check digit."""
    document_id: str
    content: Document | Event = Field(validation_alias=AliasChoices("content", "document"))
    content_hash: str
    provider: str
    version: int = 0
    state: State = State.RECEIVED
    attempt: int = 0
    range: NumberingRange | None = None
    number: Number | None = None
    """Taken by us before sending, or given by the provider."""
    uuid: str | None = None
    sent_as: int | None = None
    """The attempt whose bytes are the document's: they may have arrived, or were delivered, so the same go again."""
    failure: Failure | None = None
    """How its provider's service failed when it was last sent, if it did."""
    contingency: Contingency | None = None
    issued_at: datetime
    """Date of issue, Bogotá: as asked, or when accepted by us, and the provider's own once it is known."""
    validated_at: datetime | None = None
    """When DIAN validated it, where its answer was seen: the date on which it was expedited, Bogotá."""
    subtotal: Decimal
    vat: Decimal
    payable: Decimal
    tax: Decimal | None = None
    """Every tax together; absent, as ``allowance`` and ``charge``, in what was taken in before they were kept."""
    allowance: Decimal | None = None
    charge: Decimal | None = None
    status_code: str | None = None
    status_message: str | None = None
    notices: tuple[Message, ...] = ()
    rejections: tuple[Message, ...] = ()
    findings: tuple[Message, ...] = ()
    """What we said of it ourselves when it was taken in: nobody else ever said so."""
    last_error: str | None = None
    blocked: bool = False
    """Turned away because another document of its lane is unsettled."""
    held_by: str | None = None
    """The id of the document of ours that keeps its provider from taking it, where it is one."""
    stored_rejected: bool = False
    """The provider keeps the rejected attempt; it must be discarded before the correction."""
    already_processed: bool = False
    """DIAN says that it has a document of this number (rule 90), and nobody has read yet whether it is this one."""
    needs_person: bool = False
    unproved_sends: int = 0
    """How often in a row it was sent, bytes may have left, and no answer came that could be read; since its absence
    was last proved."""
    given_up: tuple[str, ...] = ()
    """The last of its messages that the queue gave up, by their ids."""
    is_given_up: bool = False
    """``last_error`` says that the queue gave it up, and nothing has happened since."""
    absences: int = 0
    """How often in a row the provider answered that it has no such document; the last time at ``absent_at``."""
    absent_at: datetime | None = None
    checks: int = 0
    provider_ids: dict[str, str] = {}
    signed_xml: str | None = None
    """Key of the signed XML in the archive."""
    line: Line | None = None
    """Where it came, or came last, if in a lot."""
    former_lines: tuple[Line, ...] = ()
    """Where it came before that: a line that is read again is no new word of its ERP's."""
    created_at: datetime
    received_at: datetime
    """When the ERP last asked for it: at first, or with its correction."""
    updated_at: datetime
    sent_at: datetime | None = None
    due_at: datetime | None = None
    """When it is looked at next, as ``life.next_look`` says; absent once nothing is left to do."""
    waits_for: WaitsFor | None = None
    """Absent once nothing is left to do, and in records that were written before this was kept."""
    waits_since: datetime | None = None
    not_before: datetime | None = None
    """The wait lasts until then at least: its provider, or its turn, said so."""
    try_by: datetime | None = None
    """The wait ends by then: whether the service is out is told by trying again soon."""
    back_at: datetime | None = None
    """When its message, which keeps its place in the queue, is delivered again."""
    steps: tuple[Step, ...] = ()

    @property
    def kind(self) -> Kind:
        return self.content.kind

    @property
    def document(self) -> Document:
        """What it emits, when that is a document. Raises TypeError for an event."""
        if isinstance(self.content, Event):
            raise TypeError("the record of an event holds no document")
        if self.in_contingency:
            return self.content.model_copy(update={"invoice_type": IN_CONTINGENCY})
        return self.content

    @property
    def in_contingency(self) -> bool:
        """Whether what it emits is the invoice of type 04."""
        return self.contingency is not None and self.contingency.void_uuid is None

    @property
    def doubtful_uuid(self) -> str | None:
        """What its provider is asked about."""
        if self.contingency is not None and self.contingency.ordinary_in_doubt:
            return self.contingency.ordinary_uuid
        return self.uuid

    @property
    def doubtful_issued_at(self) -> datetime:
        """When what its provider is asked about was issued."""
        if self.contingency is not None and self.contingency.ordinary_in_doubt:
            return self.contingency.ordinary_issued_at
        return self.issued_at

    @property
    def amounts(self) -> Amounts:
        """What it comes to."""
        if self.tax is None or self.allowance is None or self.charge is None:
            return NOTHING if isinstance(self.content, Event) else amounts_of(totals(self.content))
        return Amounts(
            subtotal=self.subtotal,
            vat=self.vat,
            payable=self.payable,
            tax=self.tax,
            allowance=self.allowance,
            charge=self.charge,
        )

    @property
    def event(self) -> Event | None:
        """What it declares, when that is an event."""
        return self.content if isinstance(self.content, Event) else None

    @property
    def estado(self) -> str:
        return ESTADO[self.state]

    @property
    def reference(self) -> str:
        """What identifies it at a provider that takes a reference: the ERP's own id, or ours."""
        return self.content.reference or self.document_id

    @property
    def references(self) -> tuple[str, ...]:
        """The names that no other record of the issuer may bear."""
        own = (self.content.reference,) if self.content.reference else ()
        return (*own, self.event.identity) if self.event else own

    @property
    def is_doubtful_rejection(self) -> bool:
        """Whether it was stored as rejected by rule 90, before that was read as a doubt: DIAN may have it."""
        return self.state is State.REJECTED and any(map(is_rule_90, self.rejections))

    def early(self, at: datetime) -> bool:
        """Whether it is looked at before its time: an ERP may ask as often as it likes, and postpones nothing."""
        return self.due_at is not None and at < self.due_at


class Due(NamedTuple):
    """A record whose time to be looked at came ``at`` a moment, as the index has it."""

    issuer: str
    document_id: str
    provider: str
    """Empty for what was written before the index told it."""
    at: str
