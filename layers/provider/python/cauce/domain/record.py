"""A record: a document plus all that happened to it, and the table of the states that each state may become."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from pydantic import AliasChoices, Field

from cauce.domain.document import PESO, Document, Kind, Value
from cauce.domain.event import Event, EventCode
from cauce.domain.lot import LotLine
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
    # To unknown where the provider turns out to have it: an attempt that was believed lost had arrived, or the
    # rejected attempt that a correction was about to replace is valid after all.
    State.RECEIVED: frozenset({State.SENDING, State.UNKNOWN, State.FAILED}),
    # Back to received only on proof that the request was not processed: it never left, or was turned away (NotSent,
    # Blocked).
    State.SENDING: frozenset(
        {State.RECEIVED, State.PENDING, State.UNKNOWN, State.ACCEPTED, State.REJECTED, State.FAILED}
    ),
    State.PENDING: frozenset({State.SENDING, State.ACCEPTED, State.REJECTED, State.UNKNOWN}),
    # Back to received only when its absence at the provider is proved.
    State.UNKNOWN: frozenset({State.PENDING, State.ACCEPTED, State.REJECTED, State.RECEIVED, State.FAILED}),
    State.ACCEPTED: frozenset(),
    # To received by a correction, a repeated request (for an event, or an invoice rejected as type 04) or a signing
    # with another certificate; the number stays. To unknown where it was stored as rejected by rule 90, which an
    # older Cauce did not read as a doubt: its provider is then asked.
    State.REJECTED: frozenset({State.RECEIVED, State.UNKNOWN}),
    State.FAILED: frozenset({State.RECEIVED}),
}

SETTLED = frozenset({State.ACCEPTED, State.REJECTED, State.FAILED})


# The contract knows four states (seed 002); only «aceptado» is a valid document.
SHOWN_STATE = {
    State.RECEIVED: "pendiente",
    State.SENDING: "pendiente",
    State.PENDING: "pendiente",
    State.UNKNOWN: "pendiente",
    State.ACCEPTED: "aceptado",
    State.REJECTED: "rechazado",
    State.FAILED: "fallido",
}


class WaitsFor(StrEnum):
    """What a record waits for; ``life.next_look`` says when the schedule looks at a record that still waits."""

    SCHEDULE = "schedule"
    """The settling schedule, which queues the record."""
    MESSAGE = "message"
    """Its message, which is queued when the record is taken in, or which a worker has already; or none, where a
    record that is taken up again is sent within the request. Where the function dies, the schedule queues it."""
    LOT = "lot"
    """Its message, which is queued behind those of the other lines of its lot."""
    QUEUEING = "queueing"
    """The message that the schedule is about to put in the queue."""
    QUEUE = "queue"
    """The message that the schedule put in the queue, which loses none; many may be before it in its lane."""
    SENDER = "sender"
    """The worker that is sending it, or that took it in and is about to."""
    TURN = "turn"
    """Its turn: we made no call, since its provider's pace is used up or a breaker is open."""
    PROVIDER = "provider"
    """Its provider, which could not be reached or turned it away."""
    LANE = "lane"
    """The verdict on another document of its lane: the provider takes no other before."""
    VERDICT = "verdict"
    """DIAN's verdict: its provider has the document."""
    ANSWER = "answer"
    """Its provider's answer to the question what became of it."""
    ABSENCE = "absence"
    """Another answer that its provider has no such document: too few to prove that it never arrived."""
    PERSON = "person"
    """A person's decision."""
    FILE = "file"
    """Its signed XML, which its provider has not handed out yet."""
    MAIL = "mail"
    """The mail to its buyer: to be sent, or, once it was about to leave, to be given up as doubtful."""


class Told(StrEnum):
    """What a record's ERP is told of it, once each time that it comes to hold (``domain.news``)."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    FAILED = "failed"
    NEEDS_PERSON = "needs_person"
    CONTINGENCY_ISSUED = "contingency_issued"
    """Its invoice was issued as type 04, which may be handed to the buyer."""
    CONTINGENCY_LIMIT = "contingency_limit"
    """DIAN is back, and must have the invoice of type 04 by a known time."""
    CONTINGENCY_VOID = "contingency_void"
    """DIAN has the ordinary invoice: the one of type 04 is void."""
    MAIL_FAILED = "mail_failed"
    """The mail to its buyer was not sent, or nobody knows."""
    MAIL_RETURNED = "mail_returned"
    MAIL_COMPLAINED = "mail_complained"


class MailState(StrEnum):
    """How the mail to a record's buyer stands, where we send it.

    due: it waits to be sent. leaving: the call was about to leave, or has left. sent: SES took it. failed: it was not
    sent. doubtful: it may have been sent. returned: it did not arrive. complained: its receiver called it spam.
    """

    DUE = "due"
    LEAVING = "leaving"
    SENT = "sent"
    FAILED = "failed"
    DOUBTFUL = "doubtful"
    RETURNED = "returned"
    COMPLAINED = "complained"


class Mailing(Value):
    """The mail to a record's buyer. Its address is the buyer's, or another that a person gave once and nothing
    keeps."""

    state: MailState
    at: datetime
    message_id: str | None = None
    """SES's, by which it tells what became of the message."""
    why: str | None = None
    """Why it was not sent, or did not arrive; Spanish."""


class Step(Value):
    """One line of a record's trace. People read it; no code decides anything by it."""

    at: datetime
    what: str
    detail: str | None = None
    by: str | None = None
    """The token or AWS role that asked for it, if one did: ``token 7``, ``remitente AROA…``."""


# Annex 1.9, 13.1.3: the type of an invoice issued while DIAN is out. The buyer may get it before DIAN has it; it must
# be transmitted once DIAN is back.
IN_CONTINGENCY = "04"


class Contingency(Value):
    """The issue of a record's invoice as type 04, and the ordinary invoice of the same number that it replaces."""

    since: datetime
    """When the type 04 was issued, Bogotá; the record's ``uuid`` is then its CUFE."""
    limit: datetime | None = None
    """By when DIAN must have the type 04, Bogotá; absent until DIAN is back, since the time runs from then."""
    ordinary_uuid: str | None = None
    """CUFE of the ordinary invoice, if one was ever made. Where DIAN has it after all, it is the document."""
    ordinary_issued_at: datetime
    ordinary_sent_as: int | None = None
    """The ordinary invoice's ``Record.sent_as``."""
    ordinary_in_doubt: bool = False
    """The ordinary invoice may be at DIAN: it is asked about, and the type 04 is not sent until DIAN has answered."""
    void_uuid: str | None = None
    """CUFE of the type 04, once it is void because DIAN has the ordinary invoice."""


class Outline(Value):
    """What lists tell of a record's content."""

    kind: Kind
    reference: str | None = None
    counterparty: str | None = None
    """Identification of the other party; absent, as its name, where the content is an event."""
    counterparty_name: str | None = None
    code: EventCode | None = None
    invoice_uuid: str | None = None
    currency: str | None = None
    """Of the amounts, where it is not the peso."""


class Head(Value):
    """All of a record but its content."""

    issuer: str
    """NIT without check digit."""
    document_id: str
    content_hash: str
    provider: str
    version: int = 0
    content_at: int | None = None
    """The version with which its content was last written; absent while that is to be written."""
    state: State = State.RECEIVED
    attempt: int = 0
    range: NumberingRange | None = None
    """As it was when the record was made. Its technical key is in no stored record."""
    number: Number | None = None
    """Taken from the range before sending, or given by the provider."""
    uuid: str | None = None
    sent_as: int | None = None
    """Attempt whose archived request must be sent again byte for byte (DIAN or the buyer may have it); None: build a
    new one."""
    failure: Failure | None = None
    """How its provider's service failed at the last attempt to send it, if it did."""
    contingency: Contingency | None = None
    issued_at: datetime
    """Date and time of issue, Bogotá: as its ERP asked, else when it was taken in or its request made; the provider's
    own once an answer tells it."""
    validated_at: datetime | None = None
    """When DIAN validated it, Bogotá, as far as an answer told: legally, its date of expedition."""
    subtotal: Decimal
    vat: Decimal
    payable: Decimal
    tax: Decimal | None = None
    """All taxes together; absent, as ``allowance`` and ``charge``, in records older than these fields."""
    allowance: Decimal | None = None
    charge: Decimal | None = None
    status_code: str | None = None
    status_message: str | None = None
    notices: tuple[Message, ...] = ()
    rejections: tuple[Message, ...] = ()
    findings: tuple[Message, ...] = ()
    """Notices of our own checks when it was taken in or corrected; neither its provider nor DIAN gave them."""
    last_error: str | None = None
    blocked: bool = False
    """Its provider turned it away because another document of its lane has no verdict yet."""
    held_by: str | None = None
    """``document_id`` of our document that it waits for in its lane, where it waits for one of ours."""
    stored_rejected: bool = False
    """The provider keeps the rejected attempt, which must be discarded before a correction is sent."""
    already_processed: bool = False
    """DIAN says that it has a document of this number (rule 90), which has not been compared with this one yet."""
    needs_person: bool = False
    unproved_sends: int = 0
    """Sends in a row that may have left and had no readable answer; 0 again once its absence is proved."""
    given_up: tuple[str, ...] = ()
    """Ids of its latest messages that the queue gave up, oldest first."""
    is_given_up: bool = False
    """``last_error`` says that the queue gave up its message: nothing newer has happened."""
    absences: int = 0
    """Answers in a row of its provider that it has no such document; the last came at ``absent_at``."""
    absent_at: datetime | None = None
    checks: int = 0
    provider_ids: dict[str, str] = {}
    signed_xml: str | None = None
    """Key of the signed XML in the archive."""
    mail: Mailing | None = None
    """Absent where we send its buyer no mail."""
    line: LotLine | None = None
    """The lot's line that it last came in, if it ever came in a lot."""
    former_lines: tuple[LotLine, ...] = ()
    """The lines that it came in before. One of them that is read again is no new request."""
    created_at: datetime
    received_at: datetime
    """When it was last asked for: by its ERP at first or again, or by a person to be tried again."""
    updated_at: datetime
    sent_at: datetime | None = None
    due_at: datetime | None = None
    """When the schedule looks at it next (``life.next_look``); absent once nothing is left to do."""
    waits_for: WaitsFor | None = None
    """Absent once nothing is left to do, and in records older than this field."""
    waits_since: datetime | None = None
    not_before: datetime | None = None
    """The wait lasts until then at least: its provider asked for that, or its turn comes then."""
    try_by: datetime | None = None
    """The wait ends then at the latest, as where only another try soon can prove that DIAN is out."""
    back_at: datetime | None = None
    """When the queue delivers its message again, which was hidden and kept its place."""
    steps: tuple[Step, ...] = ()
    told: tuple[Told, ...] = ()
    """What holds of it and was told as news; absent in records older than this field."""
    told_at: datetime | None = None
    """The moment of its last news, by which they are in order."""

    @property
    def in_contingency(self) -> bool:
        """Whether it emits the invoice of type 04, and not an ordinary one."""
        return self.contingency is not None and self.contingency.void_uuid is None

    @property
    def is_ahead_of_dian(self) -> bool:
        """Whether its invoice of type 04 may be handed to the buyer though DIAN has not validated it."""
        return self.in_contingency and self.signed_xml is not None and self.state not in SETTLED

    @property
    def kept_amounts(self) -> Amounts | None:
        """Its amounts; ``None`` where it is older than some of them."""
        if self.tax is None or self.allowance is None or self.charge is None:
            return None
        return Amounts(
            subtotal=self.subtotal,
            vat=self.vat,
            payable=self.payable,
            tax=self.tax,
            allowance=self.allowance,
            charge=self.charge,
        )

    @property
    def shown_state(self) -> str:
        return SHOWN_STATE[self.state]


class Row(Head):
    """A record as lists show it, without its content."""

    outline: Outline

    @property
    def kind(self) -> Kind:
        return self.outline.kind

    @property
    def amounts(self) -> Amounts:
        assert self.kept_amounts is not None  # or it would have no outline
        return self.kept_amounts


class Record(Head):
    """A document or event, and what has become of it. Only the moves of ``domain.life`` change a record; ``version``
    lets the table refuse a write by a worker that read an older one."""

    content: Document | Event = Field(validation_alias=AliasChoices("content", "document"))

    @property
    def kind(self) -> Kind:
        return self.content.kind

    @property
    def outline(self) -> Outline:
        reference = self.content.reference
        if isinstance(self.content, Event):
            event = self.content
            return Outline(
                kind=self.kind, reference=reference, code=event.code, invoice_uuid=event.invoice_uuid
            )
        party = self.content.counterparty
        return Outline(
            kind=self.kind,
            reference=reference,
            counterparty=party.identification,
            counterparty_name=party.name,
            currency=self.content.currency if self.content.currency != PESO else None,
        )

    @property
    def is_outlined(self) -> bool:
        """Whether its head and its outline are all that lists tell of it: its amounts are kept, and the contract has
        one name only for each field that its messages name."""
        said = (*self.findings, *self.notices, *self.rejections)
        return self.kept_amounts is not None and not any(map(_is_named_by_content, said))

    @property
    def document(self) -> Document:
        """The document that it emits, of type 04 while it is in contingency. Raises TypeError for an event."""
        if isinstance(self.content, Event):
            raise TypeError("the record of an event holds no document")
        if self.in_contingency:
            return self.content.model_copy(update={"invoice_type": IN_CONTINGENCY})
        return self.content

    @property
    def doubtful_uuid(self) -> str | None:
        """CUFE, CUDE or CUDS that its provider is asked about: the ordinary invoice's while that is in doubt."""
        if self.contingency is not None and self.contingency.ordinary_in_doubt:
            return self.contingency.ordinary_uuid
        return self.uuid

    @property
    def doubtful_issued_at(self) -> datetime:
        """Date and time of issue of the document that its provider is asked about."""
        if self.contingency is not None and self.contingency.ordinary_in_doubt:
            return self.contingency.ordinary_issued_at
        return self.issued_at

    @property
    def amounts(self) -> Amounts:
        """Its amounts: as kept, or computed where the record is older than some of them."""
        if self.kept_amounts is not None:
            return self.kept_amounts
        return NOTHING if isinstance(self.content, Event) else amounts_of(totals(self.content))

    @property
    def event(self) -> Event | None:
        """The event that it declares; ``None`` for a document."""
        return self.content if isinstance(self.content, Event) else None

    @property
    def reference(self) -> str:
        """Its reference at a provider that takes one: the ERP's own id, or else ``document_id``."""
        return self.content.reference or self.document_id

    @property
    def references(self) -> tuple[str, ...]:
        """The references that no other record of the issuer may have: the ERP's, and an event's ``identity``."""
        own = (self.content.reference,) if self.content.reference else ()
        return (*own, self.event.identity) if self.event else own

    @property
    def was_asked_again(self) -> bool:
        """Whether it was asked for again after it was taken in: corrected, taken up again, or sent again."""
        return self.received_at != self.created_at

    @property
    def is_doubtful_rejection(self) -> bool:
        """Whether it was stored as rejected by rule 90, by a Cauce that did not read that as a doubt: DIAN may have
        the document."""
        return self.state is State.REJECTED and any(map(is_rule_90, self.rejections))

    def early(self, at: datetime) -> bool:
        """Whether it is not due yet at ``at``. An ERP may ask before that, which must not postpone its next look."""
        return self.due_at is not None and at < self.due_at


Listed = Record | Row
"""A record in a list."""

# The contract has two names for each of these, and the content tells which one a request used
# (``contracts.v1.names.Ways``).
_OF_TWO_NAMES = ("taxes", "discount_amount", "allowance_charges")


def _is_named_by_content(message: Message) -> bool:
    field = message.field or ""
    return message.said is None and any(name in field for name in _OF_TWO_NAMES)


class Due(NamedTuple):
    """A due record, as the index has it; ``at`` is its ``due_at`` as ``aws.items.instant`` writes it."""

    issuer: str
    document_id: str
    provider: str
    """Empty in entries older than this field."""
    at: str
    is_mail: bool = False
    """Whether nothing but its mail is due."""
