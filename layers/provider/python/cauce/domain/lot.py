"""A lot: many documents asked for at once, and how far they have been taken in, one line after another."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from cauce.domain.document import Document, Kind, Value
from cauce.domain.errors import CauceError
from cauce.domain.time import bogota

# The documents that an ERP puts in the intake queue one by one are a lot a day, named after it.
_OF_A_DAY = re.compile(r"cola-[0-9]{4}-[0-9]{2}-[0-9]{2}")


class LotState(StrEnum):
    """awaited: its file has not come. reading: its lines are being taken. read: every line has its record or
    its refusal. expired: its file did not come in time."""

    AWAITED = "awaited"
    READING = "reading"
    READ = "read"
    EXPIRED = "expired"


class Arrival(StrEnum):
    """Of a lot's file: whether it is there, and is the one that was announced."""

    ABSENT = "absent"
    ANOTHER = "another"
    ANNOUNCED = "announced"


class Line(Value):
    """Where a document came: a lot, and its place there, which sorts as text and is the same at every reading."""

    lot: str
    place: str


class Lot(Value):
    """A lot. ``position`` and ``offset`` say how many lines, and how many bytes of its file, have been taken."""

    issuer: str
    lot_id: str
    state: LotState
    kind: Kind | None = None
    """What a line is that does not say it."""
    size: int
    """Bytes of its file."""
    sha256: str
    """Of what was posted, or is to be uploaded: 64 hex digits."""
    file_sha256: str | None = None
    """Of its file, where that is not what was posted: the refusals of lines that were refused then stand in it."""
    total: int | None = None
    """How many lines, where that is known before they are read."""
    position: int = 0
    offset: int = 0
    blank: int = 0
    """How many of the lines that were taken hold nothing, so that nothing is told of them."""
    by: str | None = None
    """Whose word it is, as a record's trace says it."""
    created_at: datetime
    due_at: datetime | None = None
    """When the schedule looks at it; absent once nothing is left to do."""
    last_error: str | None = None

    @property
    def taken(self) -> int:
        """How many of its lines asked for something, and were taken."""
        return self.position - self.blank


class Refusal(Value):
    """A line that became no document, and why."""

    line: Line
    reference: str | None
    code: str
    message: str
    fields: dict[str, list[str]]


class Repetition(Value):
    """A line whose document is another's: it had been asked for before, or was corrected since by another lot."""

    line: Line
    document_id: str


@dataclass(frozen=True)
class Asked:
    """What a line asks for: a document, or the error that it is. The reference is known even to some of these."""

    reference: str | None
    content: Document | CauceError
    content_hash: str = ""
    as_sent: Callable[[CauceError], CauceError] = field(default=lambda error: error, compare=False)
    """What is wrong with the document, under the names that the line used."""
    said: Callable[[str], str] = field(default=str, compare=False)
    """The name that the line used for a path of the contract."""


@dataclass(frozen=True)
class Uploaded:
    """A message: files have come, of these issuers' lots."""

    lots: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class GoOn:
    """A message: take the next lines of a lot, if this is still how far it has got."""

    issuer: str
    lot_id: str
    position: int


Message = Uploaded | GoOn
"""What the control queue says."""


@dataclass(frozen=True)
class Envelope:
    """What the queue itself says of a message: nobody can write these but AWS, save the issuer."""

    message_id: str
    sender: str
    """The id of the role or user that sent it."""
    issuer: str | None
    """The NIT that it says to speak for."""
    sent_at: datetime

    @property
    def line(self) -> Line:
        """Its place among the documents of its day, the same at every delivery."""
        place = f"{round(self.sent_at.timestamp() * 1000):013d}-{self.message_id}"
        return Line(lot=of_day(bogota(self.sent_at).date()), place=place)


def of_day(day: date) -> str:
    return f"cola-{day.isoformat()}"


def is_of_a_day(lot_id: str) -> bool:
    """Whether an id names a day of the calendar; ``cola-2026-02-30`` is no lot."""
    if _OF_A_DAY.fullmatch(lot_id) is None:
        return False
    try:
        date.fromisoformat(lot_id.removeprefix("cola-"))
    except ValueError:
        return False
    return True
