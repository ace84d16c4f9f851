"""A lane: the documents that a provider is given one after another, those that came by themselves told apart."""

from dataclasses import dataclass
from datetime import datetime

from cauce.domain.record import Record


@dataclass(frozen=True)
class Place:
    """A single document that waits in a lane."""

    name: str
    """Sorts by when its ERP asked for it: ``instant#document_id``."""
    is_tried: bool = False
    """Somebody began to emit it before its own message came."""

    @property
    def document_id(self) -> str:
        return self.name.partition("#")[2]


@dataclass(frozen=True)
class Seen:
    """Who is in a lane, as far as it is kept."""

    waiting: tuple[Place, ...]
    """The oldest first."""
    holder: str | None
    """The id of the document that holds it, or did: its own record says whether it still does."""


def place(record: Record) -> Place:
    """Where a record waits that came by itself."""
    return Place(f"{asked_at(record.received_at)}#{record.document_id}")


def asked_at(moment: datetime) -> str:
    """With what the name of a place begins of a document that its ERP asked for then."""
    return f"{moment.timestamp():015.3f}"
