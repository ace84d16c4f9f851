"""The provider contract: five mandatory verbs, a frozen declaration of what a provider can do, and the rest.

``payload.py`` of each provider translates (pure functions), ``provider.py`` talks. A refusal is a returned
Outcome; an exception of ``domain.errors`` means there was no answer, and its class says what is safe now.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, NoReturn, Protocol
from urllib.parse import urlsplit

from pydantic import SecretStr

from cauce.domain.document import Document, Kind
from cauce.domain.errors import Unsupported
from cauce.domain.event import Event
from cauce.domain.finding import Finding
from cauce.domain.issuer import Issuer
from cauce.domain.outage import OutageRules
from cauce.domain.outcome import Accepted, AlreadyProcessed, Message, Number, Outcome
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record
from cauce.domain.texts import cut
from cauce.domain.totals import Amounts, amounts_of, totals


class NumberedBy(StrEnum):
    """Who gives a document its number."""

    GATEWAY = "gateway"
    PROVIDER = "provider"


class RecoveredBy(StrEnum):
    """How a send whose answer was lost is found again."""

    REFERENCE = "reference"
    NUMBER = "number"
    CUFE = "cufe"
    SEARCH = "search"
    NOTHING = "nothing"


class Resend(StrEnum):
    """What may be sent again while no verdict is known."""

    SAME_BYTES = "same_bytes"
    SAME_REFERENCE = "same_reference"
    NEVER = "never"


class Lane(StrEnum):
    """What a provider must be given one after another."""

    NONE = "none"
    KIND = "issuer_and_kind"
    ISSUER = "issuer"


class Verb(StrEnum):
    """The optional verbs. Undeclared ones raise Unsupported and never reach the network."""

    LIST_EMITTED = "list_emitted"
    RANGES = "ranges"
    GENERATE_RANGE = "generate_range"
    ASSIGN_RANGE_TYPE = "assign_range_type"
    XML = "xml"
    PDF = "pdf"
    DISCARD = "discard"
    UUID_OF = "uuid_of"
    EVENTS = "events"


@dataclass(frozen=True)
class Pace:
    """At most ``calls`` in each window of ``seconds``, per credential."""

    calls: int
    seconds: int


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a provider can do. The README's provider matrix is generated from these values."""

    kinds: frozenset[Kind]
    verbs: frozenset[Verb]
    numbered_by: NumberedBy
    recovered_by: RecoveredBy
    resend: Resend
    lane: Lane
    pace: Pace | None
    slow: bool
    """Its answer takes longer than a caller should wait for inline."""
    quantity_scale: int
    """Most decimals of a quantity."""
    max_lines: int | None
    calls_each: int = 2
    """Calls that a document takes when nothing goes wrong, those for its signed XML included."""
    absent_after: int = 2
    """How many negative look-ups in a row, a minute or more apart, prove that a document never arrived."""
    extras: frozenset[str] = frozenset()
    """What it takes beyond an ordinary sale (``domain.extras``)."""
    not_yet: frozenset[str] = frozenset()
    """Of ``domain.extras``, what it publishes a place for and is not sent so far."""
    event_codes: frozenset[str] = frozenset()
    """The RADIAN events it declares; then EVENT is among its kinds."""
    contingency: OutageRules | None = None
    """When it is out, and what is then issued without it; absent where everything waits for it."""
    uses_technical_key: bool = False
    """Its invoices' CUFE is ours to compute, with the technical key of their range."""


@dataclass(frozen=True)
class Request:
    """One call, as it goes out and as the archive keeps it. No credential is ever part of it."""

    operation: str
    """Method and path: ``POST /v1/bills/validate``."""
    body: bytes = field(repr=False)
    content_type: str = "application/json"
    uuid: str | None = None
    """CUFE, CUDE or CUDS, where it is ours to compute: with it the document is found again if the answer is lost."""
    signed_xml: bytes | None = field(default=None, repr=False)
    """The document in it as its buyer gets it, where it is ours to sign."""


@dataclass(frozen=True, kw_only=True)
class Refs:
    """All that may find a document again at its provider, and prove that it is the same one."""

    kind: Kind
    reference: str
    number: Number | None
    uuid: str | None
    provider_ids: dict[str, str]
    counterparty: str
    """Identification of the other party."""
    payable: Decimal
    sent_at: datetime | None
    issued_at: datetime | None = None
    """Date and time of issue that the document was sent with, where we choose them."""
    event: Event | None = None
    already_processed: bool = False
    """DIAN has a document of this number: what is found is accepted only where it was read, and is this one."""

    @property
    def refused(self) -> frozenset[str]:
        """The provider's ids of earlier attempts at it, which were refused."""
        return frozenset(name.removeprefix(REFUSED) for name in self.provider_ids if name.startswith(REFUSED))


REFUSED = "rejected:"
"""Before the id of a refused attempt, among a record's provider ids: its correction is never mistaken for it."""


def refs(record: Record) -> Refs:
    return Refs(
        kind=record.kind,
        reference=record.reference,
        number=record.number,
        uuid=record.doubtful_uuid,
        provider_ids=record.provider_ids,
        counterparty="" if record.event else record.document.counterparty.identification,
        payable=record.payable,
        sent_at=record.sent_at,
        issued_at=record.doubtful_issued_at,
        event=record.event,
        already_processed=record.already_processed,
    )


@dataclass(frozen=True)
class Token:
    """A short-lived access to a provider; ``expires_at`` in seconds since the epoch."""

    access: SecretStr
    refresh: SecretStr | None
    expires_at: float


@dataclass(frozen=True)
class Wait:
    """How long something will be waited for, as far as that can be told."""

    seconds: float
    is_sure: bool = True
    """Else it may take any time: who is out comes back when it does."""


class TokenCache(Protocol):
    """A token shared by every container of an issuer and provider."""

    def get(self, login: Callable[[Token | None], Token], *, rejected: Token | None = None) -> Token:
        """The current token; where there is none, it expired, or it is the ``rejected`` one, ``login`` is called
        with the old one by a single container while the others wait."""


class Turns(Protocol):
    """The calls of one credential, in turn: every container shares the provider's pace."""

    def take(self) -> None:
        """Wait for the turn of one call. Raises Held where it is too far off; then nothing was sent."""

    def rest(self, seconds: float) -> None:
        """Nobody calls for so long: the provider asked for it."""


class Unpaced:
    """The turns of a provider that sets no pace: every call goes at once."""

    def take(self) -> None: ...

    def rest(self, seconds: float) -> None: ...


class Refusals(Protocol):
    """The certificates of an issuer that its provider takes no more, by fingerprint, known to every container."""

    def known(self) -> Mapping[str, datetime]:
        """Which, and since when."""

    def add(self, fingerprint: str) -> None: ...

    def remove(self, fingerprint: str) -> None: ...


class Unremembered:
    """The refusals of a connection that is nobody's to remember."""

    def known(self) -> Mapping[str, datetime]:
        return {}

    def add(self, fingerprint: str) -> None: ...

    def remove(self, fingerprint: str) -> None: ...


def _counts_nothing(name: str) -> int:
    raise LookupError(f"a connection that counts no {name}")


@dataclass(frozen=True)
class Connection:
    """What a provider is built with: whose documents, its settings, its secrets, and what its containers share."""

    issuer: Issuer
    settings: dict[str, str]
    credentials: dict[str, SecretStr]
    tokens: TokenCache
    clock: Callable[[], float]
    """Seconds since the epoch."""
    turns: Turns = field(default_factory=Unpaced)
    count: Callable[[str], int] = _counts_nothing
    """The next of the issuer's count of that name: 1, 2, 3…, never the same twice, now and then one left out."""
    refusals: Refusals = field(default_factory=Unremembered)


@dataclass(frozen=True, kw_only=True)
class Emitted:
    """One row of a provider's own listing, in the shape every provider shares. Absent facts are ``None``."""

    provider_id: str | None
    reference: str | None
    kind: str | None
    """The contract's ``tipo_documento``, or the provider's own word where it has no equal."""
    number: str | None
    counterparty: str | None
    counterparty_name: str | None
    total: Decimal | None
    issued_at: str | None
    received_at: str | None
    uuid: str | None
    estado: str
    """aceptado, rechazado, pendiente or fallido."""
    messages: tuple[str, ...] = ()
    links: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """A hundred rows fit one answer of ours, whatever is written in them. Half a sentence says that it is one;
        half an address would be another."""
        fit = {
            each.name: _fit(getattr(self, each.name)) for each in fields(self) if each.type == (str | None)
        }
        links = {name: url for name, url in self.links.items() if len(name) + len(url) <= _LONGEST_ADDRESS}
        fit |= {
            "estado": cut(self.estado, _LONGEST_TEXT),
            "total": _fit(self.total),
            "messages": tuple(cut(text, _LONGEST_TEXT) for text in self.messages[:_MOST_MESSAGES]),
            "links": dict(list(links.items())[:_MOST_MESSAGES]),
            "extra": {
                cut(name, _LONGEST_TEXT): _fit(each) for name, each in list(self.extra.items())[:_MOST_EXTRAS]
            },
        }
        for name, value in fit.items():
            object.__setattr__(self, name, value)


_LONGEST_TEXT, _LONGEST_ADDRESS, _MOST_MESSAGES, _MOST_EXTRAS = 500, 2_000, 8, 60
_MOST_AMOUNT = Decimal(10) ** 18


def _fit(value: Any) -> Any:
    """A value of a row as it may be shown; what is made of other values, as its text."""
    match value:
        case None | bool() | int():
            return value
        case Decimal():
            return value if value.copy_abs() < _MOST_AMOUNT and len(value.as_tuple().digits) < 40 else None
        case str():
            return cut(value, _LONGEST_TEXT)
        case _:
            return cut(str(value), _LONGEST_TEXT)


@dataclass(frozen=True)
class EmittedPage:
    """Rows, and the offset of the next page or ``None`` at the end."""

    rows: tuple[Emitted, ...]
    next_offset: int | None


@dataclass(frozen=True, kw_only=True)
class RangeAnswer:
    """What a provider said to making or typing a range. Refused, nothing changed and ``message`` says why."""

    done: bool
    message: str
    raw: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", cut(self.message))


@dataclass(frozen=True)
class EmittedQuery:
    """A search in a provider's own listing: contract filters by name, values as text, and a row offset."""

    kind: Kind | None
    filters: dict[str, str]
    offset: int
    limit: int


@dataclass(frozen=True, kw_only=True)
class Blocker:
    """A document that a provider keeps without DIAN's verdict, and that keeps others of its lane from being taken."""

    reference: str | None
    number: str | None
    rejected: bool
    """DIAN refused it: it may be discarded. Otherwise DIAN may still validate it, and it never may."""


@dataclass(frozen=True, kw_only=True)
class EventSeen:
    """An event registered on an invoice, as a provider's history tells it. Absent facts are ``None``."""

    code: str
    uuid: str | None
    """CUDE: 96 lowercase hex digits."""
    number: str | None
    description: str | None
    at: datetime | None
    sender: str | None
    """Identification of who declared it."""
    receiver: str | None


@dataclass(frozen=True, kw_only=True)
class Computed:
    """What a document comes to at its provider, and what its ERP must know of that."""

    amounts: Amounts
    notices: tuple[Message, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What is known of a document before it has a number; number and code only where they can be foreseen."""

    number: Number | None = None
    """The one it would get if nobody took it first."""
    uuid: str | None = None
    """The CUFE, CUDE or CUDS it would have with that number, issued now."""


@dataclass(frozen=True)
class Container:
    """An AttachedDocument: its bytes, and the name that DIAN wants for its file."""

    xml: bytes = field(repr=False)
    name: str


def host_of(address: str) -> str:
    """The name of the machine in an address, in lowercase, without port, user or path; empty where it has none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


class Provider(ABC):
    """Whoever takes the document. One instance serves one issuer; it holds no state but its connection."""

    name: str
    title: str
    """Its name as people write it."""

    credential_fields: ClassVar[tuple[str, ...]] = ()
    """Names of the secrets it needs, in the order an operator is asked for them."""
    optional_credential_fields: ClassVar[tuple[str, ...]] = ()
    """Names of those it takes besides and can do without; nobody is asked for them."""
    variants: ClassVar[tuple[dict[str, str], ...]] = ({},)
    """The settings under which it behaves as another provider would: its dialects."""
    on_request: ClassVar[tuple[dict[str, str], ...]] = ()
    """Settings under which it does what it publishes nowhere: an operator who was told how sets them."""

    def __init__(self, connection: Connection):
        self.connection = connection

    @classmethod
    @abstractmethod
    def declare(cls, settings: dict[str, str]) -> Capabilities:
        """What it can do under these settings. Pure."""

    @property
    def capabilities(self) -> Capabilities:
        return self.declare(self.connection.settings)

    @classmethod
    @abstractmethod
    def address(cls, connection: Connection) -> str:
        """Where its documents are sent. Pure; raises what building one with this connection raises."""

    def host(self) -> str:
        """The name of the machine they are sent to: what is out there for one issuer may be out for all."""
        return host_of(self.address(self.connection))

    def admit(self) -> None:  # noqa: B027
        """Raise Held where it is not to be called now. Asked before a document is sent or its file fetched; the other
        calls ask by themselves."""

    def wait(self) -> Wait:
        """How long until the next call may go. Takes no turn, and tries nothing."""
        return Wait(0.0)

    @abstractmethod
    def check(self, document: Document) -> None:
        """Raise Unsupported or InvalidDocument where the document cannot be represented exactly. Pure."""

    def check_today(self, document: Document, now: datetime) -> None:  # noqa: B027
        """As ``check``, of what depends on the day: asked once, when a document is first taken in. Pure."""

    def check_range(self, document: Document, numbering_range: NumberingRange) -> None:  # noqa: B027
        """Raise InvalidDocument where the document could not be numbered in the range. Pure; no number is spent."""

    def computed(self, document: Document) -> Computed:
        """What a document that ``check`` lets pass will come to: who computes may round otherwise than we. Pure."""
        return Computed(amounts=amounts_of(totals(document)))

    def findings(
        self,
        document: Document,
        numbering_range: NumberingRange | None,
        now: datetime,
    ) -> tuple[Finding, ...]:
        """What DIAN would say of the document: notices alone, for one that ``check`` lets pass. Pure."""
        return ()

    def preview(self, document: Document, numbering_range: NumberingRange | None, now: datetime) -> Preview:
        """What would come of a document that ``check`` lets pass. Pure; nothing is asked and no number is spent."""
        return Preview()

    def issued_at(self, record: Record) -> datetime:
        """The date and time of issue of a record whose request is made now. ``prepare`` finds it in the record."""
        return record.issued_at

    @abstractmethod
    def prepare(self, record: Record) -> Request:
        """The call that emits the record. Pure: the same record always gives the same bytes."""

    def signed_in(self, request: Request) -> tuple[str, bytes] | None:
        """CUFE, CUDE or CUDS and signed XML of the document in a request of ours, as the archive gives it back;
        ``None`` where signing is not ours. Pure."""
        return None

    @abstractmethod
    def send(self, request: Request) -> Outcome:
        """Make the call. Raises NotSent, CredentialsRejected or OutcomeUnknown; never repeats anything but a
        call that was refused for its token."""

    @abstractmethod
    def consult(self, refs: Refs) -> Outcome:
        """Ask what became of a document; creates nothing. Raises NotFound where the provider has none like it,
        Conflict where it has another one under our reference."""

    def resolve(self, record: Record) -> dict[str, str]:
        """Ids of the provider's own that ``prepare`` will need, asked or counted beforehand; creates nothing there.

        Raises InvalidDocument where what the document refers to does not exist there.
        """
        return {}

    def discard(self, refs: Refs) -> None:
        """Remove a rejected document that the provider keeps. Raises Conflict where it turns out to be valid."""
        self._cannot(Verb.DISCARD)

    def uuid_of(self, kind: Kind, number: str) -> str | None:
        """CUFE or CUDS of the document that it has under a number, once it has one. Raises NotFound."""
        self._cannot(Verb.UUID_OF)

    def blockers(self, kind: Kind) -> list[Blocker]:
        """What keeps documents of a kind from being taken; none where nothing can."""
        return []

    def list_emitted(self, query: EmittedQuery) -> EmittedPage:
        """One page of the provider's own listing."""
        self._cannot(Verb.LIST_EMITTED)

    def ranges(self) -> list[NumberingRange]:
        """The issuer's ranges as the provider knows them."""
        self._cannot(Verb.RANGES)

    def generate_range(self, prefix: str, start: int, end: int, type: str) -> RangeAnswer:
        """Make a range of numbers that needs no DIAN resolution; ``type`` is the provider's own word.

        Raises InvalidDocument for what it can never take, before the network. After OutcomeUnknown read
        ``ranges`` again: a repetition is refused, not doubled.
        """
        self._cannot(Verb.GENERATE_RANGE)

    def assign_range_type(self, prefix: str, resolution: str, type: str) -> RangeAnswer:
        """Say what an authorised range is for, once and for ever; ``type`` is the provider's own word.

        Raises InvalidDocument for what it can never take, before the network. After OutcomeUnknown read
        ``ranges`` again and look at the type.
        """
        self._cannot(Verb.ASSIGN_RANGE_TYPE)

    def found_by_uuid(self, refs: Refs) -> Accepted | AlreadyProcessed | None:
        """Its number and ids, where the document with the CUFE in ``refs`` is known by a search alone; ``None`` where
        ``xml`` reads it by what ``refs`` say. Raises NotFound where there is none, Conflict where it is not valid.
        """
        return None

    def xml(self, refs: Refs) -> bytes:
        """The signed XML of an accepted document."""
        self._cannot(Verb.XML)

    def pdf(self, refs: Refs) -> bytes:
        """The graphic representation of an accepted document."""
        self._cannot(Verb.PDF)

    def container(self, record: Record, signed_xml: bytes) -> Container:
        """What the buyer of an accepted document receives, where the provider does not send it."""
        raise Unsupported(f"{self.title} no entrega el contenedor (AttachedDocument) de los documentos.")

    def check_event(self, event: Event) -> None:
        """As ``check``, for a RADIAN event whose code is among ``event_codes``. ``prepare``, ``send`` and
        ``consult`` then take its record as they take a document's."""
        raise Unsupported(f"{self.title} no emite el evento {event.code}.", field="code")

    def events(self, cufe: str) -> list[EventSeen]:
        """The events registered on an invoice, oldest first; none is an empty list."""
        self._cannot(Verb.EVENTS)

    def _cannot(self, verb: Verb) -> NoReturn:
        raise Unsupported(f"{self.title} no ofrece la operación «{verb.value}».")
