"""What a provider, or DIAN through it, said about one attempt; and what DIAN's rules would say of a document, known
before it is sent. A refusal is an answer, so it is a value here.
"""

import re
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, TypedDict

from pydantic import Field

from cauce.domain.document import Kind, Value
from cauce.domain.texts import cut

MOST_MESSAGES = 50
"""Most notices, or rejections, kept of one answer; the last one then says how many more there were."""
# A number goes into file names and HTTP headers, so its prefix has no other characters.
_PREFIX = r"^[A-Za-z0-9 ._-]{0,20}$"
MOST_DIGITS = 18
_LONGEST_CODE, _LONGEST_ID, _MOST_IDS = 40, 1_000, 50
# Above any amount (``domain.document.Amount``), and the years that a document's dates may be of.
_MOST_AMOUNT, _YEARS = Decimal(10) ** 15, range(2000, 2200)


class Origin(StrEnum):
    """Who says something of a document, in the contract's words."""

    CAUCE = "cauce"
    PROVIDER = "proveedor"
    DIAN = "dian"


class Message(Value):
    """One sentence about a document; the rule that it quotes (``FAK24``) and the domain's path, if known."""

    text: str
    rule: str | None = None
    field: str | None = None
    said: str | None = None
    """The request's own name for the field, where its content would tell another."""
    origin: Origin | None = None
    """Who says it; ``None`` where ``said_by`` can tell from the rule."""

    @property
    def said_by(self) -> Origin:
        """DIAN, where it quotes a rule; else the provider that passed it on."""
        return self.origin or (Origin.DIAN if self.rule else Origin.PROVIDER)


class Number(Value):
    """A document's number: its range's prefix and the consecutive. Raises ValueError for values that are none."""

    prefix: Annotated[str, Field(pattern=_PREFIX)]
    consecutive: Annotated[int, Field(ge=0, lt=10**MOST_DIGITS)]

    def __str__(self) -> str:
        return f"{self.prefix}{self.consecutive}"


def is_prefix(text: str) -> bool:
    """Whether a text may be the prefix of a number."""
    return re.fullmatch(_PREFIX, text) is not None


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What tells one document from another. Absent facts are ``None``."""

    number: str | None = None
    counterparty: str | None = None
    payable: Decimal | None = None
    issued_on: date | None = None
    issuer: str | None = None
    """NIT."""
    uuid: str | None = None
    issued_at: str | None = None
    """Time of issue as the document has it, with its offset."""
    kind: Kind | None = None
    reference: str | None = None
    ids: dict[str, str] = field(default_factory=dict)
    """The provider's own ids that never change while the document is the same."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The facts that any answer may bring, limited so that a record can store them: long sentences are cut, too many
    are dropped, and a value that no document can have (a total of twenty digits, the year 1) counts as absent.
    ``raw``: the body as it came, for the archive.
    """

    number: Number | None = None
    uuid: str | None = None
    """CUFE, CUDE or CUDS: 96 lowercase hex digits."""
    issued_at: datetime | None = None
    validated_at: datetime | None = None
    """When DIAN validated it."""
    payable: Decimal | None = None
    """The total as the provider computed it."""
    status_code: str | None = None
    status_message: str | None = None
    notices: tuple[Message, ...] = ()
    provider_ids: dict[str, str] = field(default_factory=dict)
    about: Identity | None = None
    """What the answer says of the document that it is about; ``None`` where it says nothing of it."""
    raw: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        code, message = self.status_code, self.status_message
        fit = {
            "issued_at": _moment(self.issued_at),
            "validated_at": _moment(self.validated_at),
            "payable": _amount(self.payable),
            "status_code": cut(code, _LONGEST_CODE) if code else code,
            "status_message": cut(message) if message else message,
            "notices": bounded(self.notices),
            "provider_ids": _ids(self.provider_ids),
        }
        for name, value in fit.items():
            object.__setattr__(self, name, value)


class AnswerFacts(TypedDict, total=False):
    """Facts of an ``Answer`` that is built once its verdict is known: what no verdict changes."""

    number: Number | None
    uuid: str | None
    issued_at: datetime | None
    payable: Decimal | None
    status_code: str | None
    status_message: str | None
    provider_ids: dict[str, str]
    about: Identity | None
    raw: bytes


@dataclass(frozen=True, kw_only=True)
class Accepted(Answer):
    """DIAN validated it. Notices do not make it less valid."""


@dataclass(frozen=True, kw_only=True)
class Rejected(Answer):
    """Refused, by DIAN or the provider: nothing legal exists. Correct it and send it again."""

    rejections: tuple[Message, ...] = ()
    stored: bool = False
    """The provider keeps the refused document, which must be discarded before its correction is sent."""
    for_its_signer: bool = False
    """Only its certificate was refused, and the issuer's other one signs from now on: build a new request."""

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "rejections", bounded(self.rejections))


@dataclass(frozen=True, kw_only=True)
class Pending(Answer):
    """The provider has it, DIAN has given no verdict yet: ask later."""


@dataclass(frozen=True, kw_only=True)
class Blocked(Answer):
    """Not taken: another document of the same lane must be settled first. Nothing is known of this one."""


@dataclass(frozen=True, kw_only=True)
class AlreadyProcessed(Answer):
    """DIAN says that it has processed a document of this number (rule 90): most likely ours, but maybe another.

    Until the document that DIAN has is read and compared with ours, ours is neither sent again nor discarded.
    """


Outcome = Accepted | Rejected | Pending | Blocked | AlreadyProcessed


def bounded(said: tuple[Message, ...]) -> tuple[Message, ...]:
    """The sentences of an answer, cut; of too many, the first ones and one that says how many more there were."""
    kept = said if len(said) <= MOST_MESSAGES else said[: MOST_MESSAGES - 1]
    fit = tuple(each.model_copy(update={"text": cut(each.text), **_named(each)}) for each in kept)
    more = len(said) - len(kept)
    if not more:
        return fit
    rest = f"Y {more} mensajes más, que están en la respuesta archivada."
    return (*fit, Message(text=rest, origin=Origin.CAUCE))


def _named(message: Message) -> dict[str, str]:
    named = {"rule": message.rule, "field": message.field}
    return {name: cut(value, 200) for name, value in named.items() if value is not None}


def _amount(told: Decimal | None) -> Decimal | None:
    # ``copy_abs``, since ``abs`` applies the decimal context, which a number of a million digits overflows.
    is_one = (
        told is not None and told.copy_abs() < _MOST_AMOUNT and len(told.as_tuple().digits) <= MOST_DIGITS
    )
    return told if is_one else None


def _moment(at: datetime | None) -> datetime | None:
    return at if at is not None and at.year in _YEARS else None


def _ids(told: dict[str, str]) -> dict[str, str]:
    """The provider's ids that can be kept whole: a cut one could be another document's."""
    fit = {
        name: value
        for name, value in told.items()
        if len(name) + len(value) <= _LONGEST_ID and cut(name + value, _LONGEST_ID) == name + value
    }
    return dict(list(fit.items())[:_MOST_IDS])


# «Regla: FAK24», «REGLA: 90»: letters and a number, a number alone, or a part of DIAN's validator («SIGNPLGNS»).
_RULE = re.compile(r"Regla\s*:\s*([A-Z]{0,6}\d{1,3}[A-Z]?\d{0,3}|[A-Z]+PLGNS)\b", re.IGNORECASE)
_REPEATED = "procesado anteriormente"


def rule_in(sentence: str) -> str | None:
    """The rule that a sentence of DIAN's names, as ``FAK24``; ``None`` where it names none."""
    found = _RULE.search(sentence)
    return found[1] if found else None


def is_rule_90(message: Message) -> bool:
    """Whether a message is DIAN's «Documento procesado anteriormente», by its rule or by its words."""
    return (
        "90" in (message.rule, rule_in(message.text)) or _REPEATED in " ".join(message.text.split()).lower()
    )


def undoubted(refusal: Rejected) -> Rejected | AlreadyProcessed:
    """The refusal or, where rule 90 is in it, an AlreadyProcessed: the document may be valid."""
    if not any(map(is_rule_90, (*refusal.rejections, *refusal.notices))):
        return refusal
    facts = {each.name: getattr(refusal, each.name) for each in fields(Answer)}
    notices = tuple(notice for notice in refusal.notices if not is_rule_90(notice))
    return AlreadyProcessed(**{**facts, "notices": notices})


class Severity(StrEnum):
    """DIAN's own words: a notice leaves the document valid."""

    REJECTION = "Rechazo"
    NOTICE = "Notificación"


@dataclass(frozen=True)
class Finding:
    """One rule that one place of a document breaks."""

    rule: str
    """DIAN's code, as its answers have it for this kind of document: ``DAN04``."""
    severity: Severity
    field: str
    """The domain's path (``payment.due_date``), or in an XML file the element's (``cac:InvoiceLine[2]/…``)."""
    expected: str
    found: str
    fix: str
    """What to do, in Spanish."""
    fix_en: str
    """The same in English."""

    @property
    def is_rejection(self) -> bool:
        return self.severity is Severity.REJECTION

    @property
    def sentence(self) -> str:
        """The whole finding in Spanish, in one line."""
        return f"{self.fix} ({self.rule}: se esperaba {self.expected}; se encontró {self.found}.)"
