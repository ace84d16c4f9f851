"""The account's numbering ranges: their data, how they are shown, and the preloaded ones."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from tests.simulators.factus.catalogs import RANGE_TYPE_NAMES

HABILITATION_TECHNICAL_KEY = (
    "fc8eac422eba16e22ffd8c6f94b3f40a6e38162c"  # public: the same for every test issuer
)


@dataclass
class NumberingRange:
    """`next_number` is Factus's `current`: the number of the next document."""

    id: int
    type_code: str
    prefix: str
    first: int
    last: int
    next_number: int
    resolution: str | None = None
    start: date = date(2019, 1, 19)
    end: date = date(2030, 1, 19)
    technical_key: str | None = None
    is_active: bool = True
    created_at: str = "2023-06-01T08:00:38Z"
    updated_at: str = "2023-06-01T08:00:38Z"

    @property
    def is_exhausted(self) -> bool:
        return self.next_number > self.last

    def is_expired(self, today: date) -> bool:
        return self.resolution is not None and today > self.end

    def months(self) -> int:
        """Whole months between both dates: 11 for a calendar year, as the documentation shows."""
        months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month
        return months if self.end.day >= self.start.day else months - 1

    def touch(self, now: datetime) -> None:
        self.updated_at = now.strftime("%Y-%m-%dT%H:%M:%SZ")


_DEFAULTS = (
    NumberingRange(
        8,
        "21",
        "SETP",
        990000000,
        995000000,
        990000493,
        "18760000001",
        technical_key=HABILITATION_TECHNICAL_KEY,
    ),
    NumberingRange(
        67,
        "30",
        "FTP",
        990000000,
        995000000,
        990000017,
        "18760000001",
        technical_key=HABILITATION_TECHNICAL_KEY,
    ),
    NumberingRange(5, "22", "NC", 1, 16000000, 163),
    NumberingRange(6, "23", "ND", 1, 16000000, 59),
    NumberingRange(
        148,
        "24",
        "SEDS",
        984000000,
        985000000,
        984000021,
        "18760000003",
        date(2025, 1, 1),
        date(2030, 12, 31),
    ),
    NumberingRange(9, "25", "NDA", 1, 16000000, 53),
)


def default_ranges() -> list[NumberingRange]:
    """The preloaded account's ranges; the support document's ends later than documented, so that it is in force."""
    return [replace(row) for row in _DEFAULTS]


def listed(row: NumberingRange, today: date) -> dict[str, Any]:
    """A row of the list: the document's name, dates as YYYY-MM-DD."""
    return {
        "id": row.id,
        "document": RANGE_TYPE_NAMES[row.type_code],
        "prefix": row.prefix,
        "from": row.first,
        "to": row.last,
        "current": row.next_number,
        "resolution_number": row.resolution,
        "start_date": row.start.isoformat(),
        "end_date": row.end.isoformat(),
        "technical_key": row.technical_key,
        "is_expired": row.is_expired(today),
        "is_active": int(row.is_active),
        "deleted_at": None,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def shown(row: NumberingRange, today: date) -> dict[str, Any]:
    """One range shown alone: the document's code and name, dates as DD-MM-YYYY."""
    fields = listed(row, today)
    del fields["deleted_at"]
    fields["document"] = row.type_code
    fields["start_date"] = day_first(row.start)
    fields["end_date"] = day_first(row.end)
    order = ["id", "document", "document_name", *list(fields)[2:]]
    fields["document_name"] = RANGE_TYPE_NAMES[row.type_code]
    return {name: fields[name] for name in order}


def on_document(row: NumberingRange) -> dict[str, Any]:
    """The range in a document's answer."""
    return {
        "prefix": row.prefix,
        "from": row.first,
        "to": row.last,
        "resolution_number": row.resolution,
        "start_date": day_first(row.start),
        "end_date": day_first(row.end),
        "months": row.months(),
    }


def at_dian(row: NumberingRange) -> dict[str, Any]:
    """The range in DIAN's list of the software's ranges: every value a string."""
    return {
        "resolution_number": row.resolution,
        "prefix": row.prefix,
        "from": str(row.first),
        "to": str(row.last),
        "start_date": row.start.isoformat(),
        "end_date": row.end.isoformat(),
        "technical_key": row.technical_key or "",
    }


def day_first(day: date) -> str:
    return f"{day:%d-%m-%Y}"
