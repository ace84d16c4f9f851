"""A lot: many documents asked for at once, and how far they have been taken in, one line after another."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from cauce.domain.document import Document, Kind, Value
from cauce.domain.errors import CauceError
from cauce.domain.time import bogota

# The documents that ERPs put in the intake queue one by one are, for each issuer, a lot of that day.
_OF_A_DAY = re.compile(r"cola-[0-9]{4}-[0-9]{2}-[0-9]{2}")


class LotState(StrEnum):
    """awaited: its file has not come. reading: its lines are being taken in. read: every line has a record or a
    refusal. expired: its file did not come in time."""

    AWAITED = "awaited"
    READING = "reading"
    READ = "read"
    EXPIRED = "expired"


class Arrival(StrEnum):
    """Whether a lot's file has come, and is the one that was announced."""

    ABSENT = "absent"
    ANOTHER = "another"
    ANNOUNCED = "announced"


class LotLine(Value):
    """The line of a lot in which a document came. ``place`` sorts as text, and is the same at every reading."""

    lot: str
    place: str


class Lot(Value):
    """A lot. ``position`` and ``offset`` say how many lines, and how many bytes of its file, have been taken."""

    issuer: str
    lot_id: str
    state: LotState
    kind: Kind | None = None
    """The kind of its lines that do not state theirs."""
    size: int
    """Bytes of its file."""
    sha256: str
    """SHA-256 of the lines that were posted, or of the file to be uploaded: 64 hex digits."""
    file_sha256: str | None = None
    """SHA-256 of its file, where that is not what was posted: it holds refusals instead of the lines refused then."""
    total: int | None = None
    """How many lines it has, where that is known before they are read."""
    position: int = 0
    offset: int = 0
    blank: int = 0
    """How many of the lines taken were blank: they have no record and no refusal."""
    by: str | None = None
    """Who asked for it, as ``Step.by`` of its records."""
    looks_up: int | None = None
    """The id of its token, if that may look up the buyers that its lines do not name."""
    created_at: datetime
    due_at: datetime | None = None
    """When the schedule looks at it next, to read on or, once it was read, to tell that all of its lines are settled;
    absent once nothing is left to do."""
    last_error: str | None = None

    @property
    def taken(self) -> int:
        """How many of its lines were taken, blank ones apart."""
        return self.position - self.blank


class Refusal(Value):
    """A line that became no document, and why. ``fields``: by the names that the line used."""

    line: LotLine
    reference: str | None
    code: str
    message: str
    fields: dict[str, list[str]]


class Repetition(Value):
    """A line whose document has the record of another line or request: it was asked for before, or another lot has
    corrected it since."""

    line: LotLine
    document_id: str


@dataclass(frozen=True)
class Asked:
    """What a line asks for: a document or, where it is none, the error. The reference may be known even then."""

    reference: str | None
    content: Document | CauceError
    content_hash: str = ""
    as_sent: Callable[[CauceError], CauceError] = field(default=lambda error: error, compare=False)
    """An error about the document, with its fields named as in the line."""
    said: Callable[[str], str | None] = field(default=lambda _: None, compare=False)
    """The line's own name for a path of the domain, where its document would tell another."""


@dataclass(frozen=True)
class Uploaded:
    """A message: the files of these lots, each NIT and lot id, were uploaded."""

    lots: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class GoOn:
    """A message: take the next lines of a lot, if ``position`` is still the lot's own."""

    issuer: str
    lot_id: str
    position: int


Message = Uploaded | GoOn
"""A message of the control queue."""


@dataclass(frozen=True)
class Envelope:
    """The attributes of a message in the intake queue. The sender writes ``issuer``; AWS writes the others, which so
    cannot be forged."""

    message_id: str
    sender: str
    """The id of the role or user that sent it."""
    issuer: str | None
    """NIT for which the sender claims to speak."""
    sent_at: datetime

    @property
    def line(self) -> LotLine:
        """Its line in the lot of its day, the same at every delivery."""
        place = f"{round(self.sent_at.timestamp() * 1000):013d}-{self.message_id}"
        return LotLine(lot=of_day(bogota(self.sent_at).date()), place=place)


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
