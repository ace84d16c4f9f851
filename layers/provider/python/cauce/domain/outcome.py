"""What a provider, or DIAN through it, said about one attempt. A refusal is an answer, so it is a value here."""

import re
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from cauce.domain.document import Kind, Value


class Origin(StrEnum):
    """Who says something of a document, in the contract's words."""

    CAUCE = "cauce"
    PROVIDER = "proveedor"
    DIAN = "dian"


class Message(Value):
    """One sentence about a document: its rule (``FAK24``) where it has one, and our field if known."""

    text: str
    rule: str | None = None
    field: str | None = None
    origin: Origin | None = None
    """Who says it, where that is not known by its rule."""

    @property
    def said_by(self) -> Origin:
        """DIAN, where it quotes a rule; else the provider that passed it on."""
        return self.origin or (Origin.DIAN if self.rule else Origin.PROVIDER)


class Number(Value):
    """A document's number: the prefix of its range and the consecutive."""

    prefix: str
    consecutive: int

    def __str__(self) -> str:
        return f"{self.prefix}{self.consecutive}"


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
    """The provider's own, that stay the same for as long as the document is the same."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What every answer may bring. ``raw`` is the body as it came, for the archive."""

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
    """Of which document it says that it speaks, as far as it says so; an answer that names none has ``None``."""
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, kw_only=True)
class Accepted(Answer):
    """DIAN validated it. Notices do not make it less valid."""


@dataclass(frozen=True, kw_only=True)
class Rejected(Answer):
    """Refused, by DIAN or the provider: nothing legal exists. Correct it and send it again."""

    rejections: tuple[Message, ...] = ()
    stored: bool = False
    """The provider keeps the refused document, which must be discarded before its correction is sent."""


@dataclass(frozen=True, kw_only=True)
class Pending(Answer):
    """The provider has it, DIAN has given no verdict yet: ask later."""


@dataclass(frozen=True, kw_only=True)
class Blocked(Answer):
    """Not taken: another document of the same lane must be settled first. Nothing is known of this one."""


@dataclass(frozen=True, kw_only=True)
class AlreadyProcessed(Answer):
    """DIAN says that it has processed a document of this number (rule 90): ours, most likely, or another's.

    Nothing is known of ours until the document that DIAN has was read and compared: it is neither sent again nor
    discarded before.
    """


Outcome = Accepted | Rejected | Pending | Blocked | AlreadyProcessed


# «Regla: FAK24», «REGLA: 90»: letters and a number, a number alone, or a part of DIAN's validator («SIGNPLGNS»).
_RULE = re.compile(r"Regla\s*:\s*([A-Z]{0,6}\d{1,3}[A-Z]?\d{0,3}|[A-Z]+PLGNS)\b", re.IGNORECASE)
_REPEATED = "procesado anteriormente"


def rule_in(sentence: str) -> str | None:
    """The rule that a sentence of DIAN's names, whoever passes it on."""
    found = _RULE.search(sentence)
    return found[1] if found else None


def is_rule_90(message: Message) -> bool:
    """Whether a provider passes on DIAN's «Documento procesado anteriormente», in whatever words."""
    return (
        "90" in (message.rule, rule_in(message.text)) or _REPEATED in " ".join(message.text.split()).lower()
    )


def undoubted(refusal: Rejected) -> Rejected | AlreadyProcessed:
    """The refusal, or the doubt that it is where rule 90 stands in it: the document may be valid."""
    if not any(map(is_rule_90, (*refusal.rejections, *refusal.notices))):
        return refusal
    facts = {each.name: getattr(refusal, each.name) for each in fields(Answer)}
    notices = tuple(notice for notice in refusal.notices if not is_rule_90(notice))
    return AlreadyProcessed(**{**facts, "notices": notices})
