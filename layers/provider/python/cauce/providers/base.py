"""The contract of a provider: what it declares that it can do, its mandatory verbs (``check``, ``prepare``, ``send``,
``consult``), and optional ones (``Verb``).

Each provider's ``payload.py`` translates (pure functions), its ``provider.py`` talks. A refusal is a returned
Outcome; an exception of ``domain.errors`` means that there was no answer, and its class says what is safe to do next.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, NamedTuple, NoReturn, Protocol
from urllib.parse import urlsplit

from pydantic import SecretStr

from cauce.domain.acquirer import Acquirer
from cauce.domain.document import Document, Kind
from cauce.domain.errors import InvalidDocument, Unsupported
from cauce.domain.event import Event
from cauce.domain.extras import extras, refusal
from cauce.domain.issuer import Environment, Issuer
from cauce.domain.outage import OutageRules
from cauce.domain.outcome import Accepted, AlreadyProcessed, Finding, Message, Number, Outcome
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record
from cauce.domain.texts import cut
from cauce.domain.totals import Amounts, amounts_of, totals

if TYPE_CHECKING:
    from cauce.domain.preparation import Point


class NumberedBy(StrEnum):
    """Who gives a document its number."""

    GATEWAY = "gateway"
    PROVIDER = "provider"


class RecoveredBy(StrEnum):
    """By what a document is found at the provider, where the answer to its sending was lost."""

    REFERENCE = "reference"
    NUMBER = "number"
    CUFE = "cufe"
    SEARCH = "search"
    NOTHING = "nothing"


class Resend(StrEnum):
    """What may be sent again while the document has no verdict."""

    SAME_BYTES = "same_bytes"
    SAME_REFERENCE = "same_reference"
    NEVER = "never"


class Lane(StrEnum):
    """Which documents a provider must be given one after another."""

    NONE = "none"
    KIND = "issuer_and_kind"
    ISSUER = "issuer"


class Verb(StrEnum):
    """The optional verbs. One that a provider does not declare raises Unsupported before the network."""

    LIST_EMITTED = "list_emitted"
    RANGES = "ranges"
    GENERATE_RANGE = "generate_range"
    ASSIGN_RANGE_TYPE = "assign_range_type"
    XML = "xml"
    PDF = "pdf"
    DISCARD = "discard"
    UUID_OF = "uuid_of"
    EVENTS = "events"
    ACQUIRER = "acquirer"


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
    """Its answers take longer than an ERP's request should wait."""
    quantity_scale: int
    """Most decimals of a quantity."""
    max_lines: int | None
    calls_each: int = 2
    """Calls for a document with which nothing goes wrong, those for its signed XML included."""
    absent_after: int = 2
    """How many negative look-ups in a row, a minute or more apart, prove that a document never arrived."""
    extras: frozenset[str] = frozenset()
    """The features of ``domain.extras`` that it takes."""
    not_yet: frozenset[str] = frozenset()
    """The features of ``domain.extras`` that it publishes a place for and that our adapter does not send yet."""
    event_codes: frozenset[str] = frozenset()
    """The codes of the RADIAN events that it takes; if there are any, EVENT is among ``kinds``."""
    contingency: OutageRules | None = None
    """When it counts as out, and which invoices are then issued without it; ``None`` where every document waits."""
    mails: frozenset[Kind] = frozenset()
    """The kinds whose buyers it sends an e-mail where it is asked to; the others' get Cauce's, if their issuer has
    that turned on."""
    makes_container: bool = False
    """We sign its documents, and so the container (AttachedDocument) in which their buyers receive them."""
    uses_technical_key: bool = False
    """We compute the CUFE of its invoices, which takes the technical key of their range."""

    @property
    def numbers_in_ranges(self) -> bool:
        """Whether each document takes its number in a range that we know: we number, or the provider tells its
        ranges."""
        return self.numbered_by is NumberedBy.GATEWAY or Verb.RANGES in self.verbs

    @property
    def sent_at_once(self) -> bool:
        """Whether a document is sent within its ERP's request: no other is before it, the answer comes soon, and if
        that is lost the document can be asked about."""
        return self.lane is Lane.NONE and not self.slow and self.recovered_by is not RecoveredBy.NOTHING


ZIP = "application/zip"
"""``Request.content_type`` of a document that we signed: its XML is the ZIP's only file."""


@dataclass(frozen=True)
class Request:
    """One call to a provider as it goes out and is archived (not the ERP's request), never with a credential."""

    operation: str
    """Method and path: ``POST /v1/bills/validate``."""
    body: bytes = field(repr=False)
    content_type: str = "application/json"
    uuid: str | None = None
    """CUFE, CUDE or CUDS, where we compute it: the document is found by it if the answer is lost."""
    signed_xml: bytes | None = field(default=None, repr=False)
    """The signed document in ``body``, as its buyer gets it, where we sign it."""


@dataclass(frozen=True, kw_only=True)
class Refs:
    """All by which a document may be found at its provider, and proved to be the same one."""

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
    """DIAN has a document of this number (rule 90): one that is found is accepted only once read and compared."""

    @property
    def refused(self) -> frozenset[str]:
        """The provider's ids of the document's earlier attempts, which were refused."""
        return frozenset(name.removeprefix(REFUSED) for name in self.provider_ids if name.startswith(REFUSED))


REFUSED = "rejected:"
"""Begins the names in ``provider_ids`` of the ids of refused attempts, which must not be taken for the correction."""


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
    """A short-lived token of a provider's; ``expires_at`` in seconds since the epoch."""

    access: SecretStr
    refresh: SecretStr | None
    expires_at: float


@dataclass(frozen=True)
class Wait:
    """How long a wait will be, as far as that can be told."""

    seconds: float
    is_sure: bool = True
    """``False`` where it may be any longer: the provider does not answer, or another document holds the lane."""
    is_ordinary: bool = False
    """``True`` if the normal pace alone causes the wait: the provider asked for no rest (it sent no 429)."""


class TokenCache(Protocol):
    """A token shared by every container of an issuer and provider."""

    def get(self, login: Callable[[Token | None], Token], *, rejected: Token | None = None) -> Token:
        """The current token. Where there is none, or it has expired or is the ``rejected`` one, a single container
        calls ``login`` with the old one while the others wait."""


class Turns(Protocol):
    """The turns of one credential's calls, so that all containers together keep the provider's pace."""

    def take(self, patience: float = math.inf) -> None:
        """Wait for the turn of one call. Raises Held where that is more than ``patience`` seconds off, or too far off
        for anybody; then no call was made."""

    def rest(self, seconds: float) -> None:
        """Let no container call for so many seconds: the provider asked for that."""


class Unpaced:
    """The turns of a provider that sets no pace: every call goes at once."""

    def take(self, patience: float = math.inf) -> None: ...

    def rest(self, seconds: float) -> None: ...


class Refusals(Protocol):
    """The issuer's certificates that its provider has refused, by fingerprint, known to every container."""

    def known(self) -> Mapping[str, datetime]:
        """Their fingerprints, and since when each is refused."""

    def add(self, fingerprint: str) -> None: ...

    def remove(self, fingerprint: str) -> None: ...


class Unremembered:
    """Remembers no refusals: for a connection without credentials, or with some that are not stored."""

    def known(self) -> Mapping[str, datetime]:
        return {}

    def add(self, fingerprint: str) -> None: ...

    def remove(self, fingerprint: str) -> None: ...


def _counts_nothing(name: str) -> int:
    raise LookupError(f"a connection that counts no {name}")


@dataclass(frozen=True)
class Connection:
    """What a provider is built with: its issuer, settings and secrets, and what all containers share."""

    issuer: Issuer
    settings: dict[str, str]
    credentials: dict[str, SecretStr]
    tokens: TokenCache
    clock: Callable[[], float]
    """Seconds since the epoch."""
    turns: Turns = field(default_factory=Unpaced)
    count: Callable[[str], int] = _counts_nothing
    """Takes the next number of the issuer's counter of that name: 1, 2, 3…, none twice, now and then one skipped."""
    refusals: Refusals = field(default_factory=Unremembered)


@dataclass(frozen=True, kw_only=True)
class Emitted:
    """One row of a provider's own listing, in the shape every provider shares. Absent facts are ``None``."""

    provider_id: str | None
    reference: str | None
    kind: Kind | None
    number: str | None
    counterparty: str | None
    counterparty_name: str | None
    total: Decimal | None
    issued_at: str | None
    received_at: str | None
    uuid: str | None
    shown_state: str
    """aceptado, rechazado, pendiente or fallido."""
    own_type: str | None = None
    """The provider's word for its type, where that says more than the kind."""
    messages: tuple[str, ...] = ()
    links: dict[str, str] = field(default_factory=dict)
    extra: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Limit the row, so that a hundred fit one answer of ours. A long text is cut, with «…»; a long URL is left
        out, since a cut one would be another."""
        fit = {
            each.name: _fit(getattr(self, each.name)) for each in fields(self) if each.type == (str | None)
        }
        links = {name: url for name, url in self.links.items() if len(name) + len(url) <= _LONGEST_ADDRESS}
        fit |= {
            "shown_state": cut(self.shown_state, _LONGEST_TEXT),
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


def _fit(value: object) -> object:
    """A value of a row, within limits; a list or an object as its text."""
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
    """A provider's answer about making or assigning a range. Not ``done``: nothing changed; ``message`` says why."""

    done: bool
    message: str
    raw: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", cut(self.message))


class FilterName(StrEnum):
    """What a listing may be filtered by; no provider has all of them."""

    STATE = "shown_state"
    SINCE, UNTIL = "since", "until"
    ISSUED_SINCE, ISSUED_UNTIL = "issued_since", "issued_until"
    RECEIVED_SINCE, RECEIVED_UNTIL = "received_since", "received_until"
    COUNTERPARTY, COUNTERPARTY_NAME = "counterparty", "counterparty_name"
    NUMBER, PREFIX, CONSECUTIVE = "number", "prefix", "consecutive"
    REFERENCE, PROVIDER_ID = "reference", "provider_id"
    # Values in the provider's own words: the sort of an invoice (mandate, export, …), and the like.
    KIND, SCHEME, ENVIRONMENT = "kind", "scheme", "environment"
    DIRECTION, ORDERED_BY = "direction", "ordered_by"


@dataclass(frozen=True)
class Filter:
    """One filter of a search, its value as text. ``said``: its name in the request, for sentences and errors."""

    name: FilterName | None
    """``None``: no listing has such a filter, and the provider refuses it."""
    value: str
    said: str


@dataclass(frozen=True)
class EmittedQuery:
    """A search in a provider's own listing, from a row on."""

    kind: Kind | None
    filters: tuple[Filter, ...]
    offset: int
    limit: int

    def by(self, name: FilterName) -> Filter | None:
        return next((each for each in self.filters if each.name is name), None)


@dataclass(frozen=True, kw_only=True)
class Blocker:
    """A document that a provider keeps and DIAN has not validated, for which it takes no other of its lane."""

    reference: str | None
    number: str | None
    rejected: bool
    """DIAN refused it: it may be discarded. Else DIAN may still validate it, and it must never be discarded."""


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
    """The amounts that a provider will compute for a document, and notices about them for the ERP."""

    amounts: Amounts
    notices: tuple[Message, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The number and the identifier that a document would get now, each only where it can be foreseen."""

    number: Number | None = None
    """The one it would get, unless another document takes it first."""
    uuid: str | None = None
    """The CUFE, CUDE or CUDS it would have with that number, issued now."""


@dataclass(frozen=True)
class Container:
    """An AttachedDocument: its bytes, and the name that DIAN wants for its file, without extension."""

    xml: bytes = field(repr=False)
    stem: str


def host_of(address: str) -> str:
    """The host name in an address, in lowercase, without port, user or path; empty where there is none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


class Company(NamedTuple):
    """A company by its name and its NIT without check digit, which is empty where nothing published has it."""

    name: str
    nit: str = ""


class Provider(ABC):
    """A provider, or DIAN. One instance serves one issuer, and has no state but its connection."""

    name: str
    title: str
    """Its name as people write it."""
    company: ClassVar[Company | None] = None
    """Who makes its software: the technology provider of its users. ``None`` where the issuer's own software talks to
    DIAN."""

    credential_fields: ClassVar[tuple[str, ...]] = ()
    """Names of the secrets it needs, in the order an operator is asked for them."""
    optional_credential_fields: ClassVar[tuple[str, ...]] = ()
    """Names of secrets that it uses if they are given; an operator is not asked for them."""
    enrolled_by: ClassVar[str] = "cauce provider credentials {nit} {provider}"
    """The operator's command that stores them."""
    needs_party: ClassVar[bool] = False
    """Its documents state the issuer's address, responsibilities and contact, which only we can know."""
    is_dian: ClassVar[bool] = False
    """It is DIAN itself, and no provider between it and us."""
    variants: ClassVar[tuple[dict[str, str], ...]] = ({},)
    """Its dialects: settings, under each of which it behaves as another provider would."""
    on_request: ClassVar[tuple[dict[str, str], ...]] = ()
    """Settings under which it does what it publishes nowhere: an operator who was told how sets them."""

    def __init__(self, connection: Connection):
        self.connection = connection

    @classmethod
    @abstractmethod
    def declare(cls, settings: dict[str, str]) -> Capabilities:
        """What it can do under these settings. Pure."""

    @cached_property
    def capabilities(self) -> Capabilities:
        return self.declare(self.connection.settings)

    @classmethod
    @abstractmethod
    def address(cls, connection: Connection) -> str:
        """The address of its documents. Pure; raises what the constructor raises for this connection."""

    def readiness(self, now: datetime) -> "tuple[Point, ...]":
        """What the issuer has, and lacks, to emit here. Calls nobody."""
        from cauce.domain.preparation import of_credentials, of_party

        issuer, given = self.connection.issuer, self.connection.credentials
        missing = [
            name for name in self.credential_fields if name not in given or not given[name].get_secret_value()
        ]
        enrols = self.enrolled_by.format(nit=issuer.nit, provider=self.name)
        found = of_credentials(self.name, self.title, missing, enrols)
        return (found, of_party(issuer, self.name, self.title)) if self.needs_party else (found,)

    def host(self) -> str:
        """The host name in ``address``. All issuers whose calls go there share a breaker."""
        return host_of(self.address(self.connection))

    def admit(self) -> None:  # noqa: B027
        """Raise Held where the provider is not to be called now. For the caller to ask before a document is sent or
        its file fetched; the other calls ask by themselves. Only ``guard`` implements it."""

    def wait(self) -> Wait:
        """How long until the next call may be made. Takes no turn, and makes no trial call."""
        return Wait(0.0)

    @abstractmethod
    def close(self) -> None:
        """Close the connections of the calls so far. A later call opens new ones."""

    @abstractmethod
    def check(self, document: Document) -> None:
        """Raise Unsupported or InvalidDocument where the document cannot be represented exactly. Pure."""

    def check_whole(self, content: Document | Event) -> None:
        """As ``check`` and ``check_event``, and raise Unsupported for each feature of a document that the provider
        does not declare."""
        if isinstance(content, Event):
            self.check_event(content)
            return
        for feature, path in extras(content):
            if feature not in self.capabilities.extras:
                is_written = feature not in self.capabilities.not_yet
                raise Unsupported(refusal(feature, content, self.title, is_written=is_written), field=path)
        self.check(self._without_mail(content))

    def _without_mail(self, document: Document) -> Document:
        """The document as ``check`` judges it: the provider is not asked for the mail that Cauce will send."""
        is_ours = document.notify and self.mailed_by_cauce(document)
        if is_ours and not document.counterparty.email:
            raise InvalidDocument(
                "Para enviar el correo falta el email del adquiriente.", field="counterparty.email"
            )
        return document.model_copy(update={"notify": None}) if is_ours else document

    def mailed_by_cauce(self, document: Document) -> bool:
        """Whether Cauce, and not the provider, sends the mails of such documents, where any are sent."""
        return (
            self.connection.issuer.mail_from is not None
            and document.kind.is_handed_over
            and document.kind not in self.capabilities.mails
        )

    def wants_mail(self, record: Record) -> bool:
        """Whether Cauce sends a record's buyer a mail once it is accepted: as asked; where nothing is asked, in
        production alone."""
        issuer = self.connection.issuer
        if issuer.mail_from is None or record.event is not None or not record.document.counterparty.email:
            return False
        asked = record.document.notify
        wanted = issuer.environment is Environment.PRODUCTION if asked is None else asked
        return wanted and self.mailed_by_cauce(record.document)

    def check_today(self, document: Document, now: datetime) -> None:  # noqa: B027
        """As ``check``, for rules that depend on the day: called once, when a document is first taken in. Pure."""

    def check_range(self, document: Document, numbering_range: NumberingRange) -> None:  # noqa: B027
        """Raise InvalidDocument where the document could not be numbered in the range. Pure; no number is spent."""

    def computed(self, document: Document) -> Computed:
        """The amounts that the provider will compute for a document that ``check`` lets pass: it may round otherwise
        than we. Pure."""
        return Computed(amounts=amounts_of(totals(document)))

    def findings(
        self,
        document: Document,
        numbering_range: NumberingRange | None,
        now: datetime,
    ) -> tuple[Finding, ...]:
        """DIAN's findings about a document. For one that ``check`` lets pass they are notices alone. Pure."""
        return ()

    def preview(self, document: Document, numbering_range: NumberingRange | None, now: datetime) -> Preview:
        """The number and identifier that a document would get now, if ``check`` lets it pass. Pure; spends none."""
        return Preview()

    def issued_at(self, record: Record) -> datetime:
        """The date and time of issue for a request made now; the caller sets it in the record for ``prepare``."""
        return record.issued_at

    def resolve(self, record: Record) -> dict[str, str]:
        """The provider's own ids that ``prepare`` needs, asked for or counted; creates nothing at the provider.

        Raises InvalidDocument where the provider does not have the document that this one refers to.
        """
        return {}

    @abstractmethod
    def prepare(self, record: Record) -> Request:
        """The call that emits the record. Pure: the same record always gives the same bytes."""

    def signed_in(self, request: Request) -> tuple[str, bytes] | None:
        """CUFE, CUDE or CUDS and signed XML in a request, archived or new; ``None`` if the provider signs. Pure."""
        return None

    @abstractmethod
    def send(self, request: Request) -> Outcome:
        """Make the call. Raises NotSent, CredentialsRejected or OutcomeUnknown, and Conflict where the answer is
        about another document. Repeats only a call that was refused for its token."""

    @abstractmethod
    def consult(self, refs: Refs) -> Outcome:
        """Ask what became of a document; creates nothing. Raises NotFound where the provider has none like it,
        Conflict where it has another one under our reference."""

    def discard(self, refs: Refs) -> None:
        """Remove a rejected document that the provider keeps. Raises Conflict where it turns out to be valid."""
        self._cannot(Verb.DISCARD)

    def uuid_of(self, kind: Kind, number: str) -> str | None:
        """CUFE or CUDS of the provider's document with a number; ``None`` while that has none. Raises NotFound where
        there is no such document."""
        self._cannot(Verb.UUID_OF)

    def blockers(self, kind: Kind) -> list[Blocker]:
        """The documents that keep others of a kind from being taken; none at a provider where none can."""
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
        """The document with the CUFE in ``refs``, where a search must find the number and ids that ``xml`` needs;
        ``None`` where ``xml`` reads it by ``refs`` alone. Raises NotFound where there is none, Conflict where it is
        not valid.
        """
        return None

    def xml(self, refs: Refs) -> bytes:
        """The signed XML of an accepted document."""
        self._cannot(Verb.XML)

    def pdf(self, refs: Refs) -> bytes:
        """The graphic representation of an accepted document."""
        self._cannot(Verb.PDF)

    def container_number(self, record: Record) -> dict[str, str]:
        """The id that ``container`` needs, its own number, where the record has none yet; empty where it has."""
        raise Unsupported(f"{self.title} no entrega el contenedor (AttachedDocument) de los documentos.")

    def container(self, record: Record, signed_xml: bytes) -> Container:
        """The AttachedDocument for the buyer of an accepted document, where the provider does not send it."""
        raise Unsupported(f"{self.title} no entrega el contenedor (AttachedDocument) de los documentos.")

    def check_event(self, event: Event) -> None:
        """As ``check``, for a RADIAN event whose code is among ``event_codes``. ``prepare``, ``send`` and
        ``consult`` then take its record as they take a document's."""
        raise Unsupported(f"{self.title} no emite el evento {event.code}.", field="code")

    def events(self, cufe: str) -> list[EventSeen]:
        """The events registered on an invoice, oldest first; none is an empty list."""
        self._cannot(Verb.EVENTS)

    def acquirer(self, identification_type: str, identification: str) -> Acquirer:
        """The name and e-mail of whoever has an identification, with its type as DIAN codes it. Raises NotFound where
        nobody is told."""
        self._cannot(Verb.ACQUIRER)

    def _cannot(self, verb: Verb) -> NoReturn:
        raise Unsupported(f"{self.title} no ofrece la operación «{verb.value}».")
