"""FacEPro's values: JSON objects, texts and moments. Pure."""

from collections.abc import Mapping
from datetime import datetime

from cauce.domain.errors import OutcomeUnknown
from cauce.domain.time import BOGOTA
from cauce.providers import loose


def payload_of(raw: bytes) -> Mapping[str, object]:
    """The JSON object of a body. Raises OutcomeUnknown for HTML, half a body or anything else."""
    found = loose.payload(raw)
    if found is None:
        raise unreadable(raw)
    return found


def text(value: object) -> str | None:
    """The text, or the whole number as text; ``None`` for an empty one or anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip() or None


def moment(value: object) -> datetime | None:
    """``"2026-05-10T15:30:00-05:00"`` to the second; Bogotá's where it names no zone, ``None`` without a time."""
    if not isinstance(value, str) or ":" not in value:
        return None
    try:
        found = datetime.fromisoformat(value.strip())
        zoned = found if found.tzinfo else found.replace(tzinfo=BOGOTA)
        return zoned.astimezone(BOGOTA).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None


def unreadable(raw: bytes) -> OutcomeUnknown:
    return OutcomeUnknown("FacEPro Cloud respondió algo que no es lo documentado.", raw=raw)
