"""A lane: the documents that a provider is given one after another. Single documents have a place in it; those of a
lot have none."""

from dataclasses import dataclass
from datetime import datetime

from cauce.domain.record import Record


@dataclass(frozen=True)
class Place:
    """The place of a single document that waits in a lane."""

    name: str
    """Sorts by when its ERP asked for it: ``instant#document_id``."""
    is_tried: bool = False
    """A worker began to emit it before its own message came (``singles``)."""

    @property
    def document_id(self) -> str:
        return self.name.partition("#")[2]


@dataclass(frozen=True)
class StoredLane:
    """What is stored of a lane: the single documents that wait in it, and its holder."""

    waiting: tuple[Place, ...]
    """The oldest first."""
    holder: str | None
    """``document_id`` of the document that holds the lane, or did: its record says whether it still does."""


def place(record: Record) -> Place:
    """The place of the record of a single document."""
    return Place(f"{asked_at(record.received_at)}#{record.document_id}")


def asked_at(moment: datetime) -> str:
    """The first part of a place's name: when the ERP asked for the document, in seconds since the epoch."""
    return f"{moment.timestamp():015.3f}"
