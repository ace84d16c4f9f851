"""FacEPro's values: JSON objects, texts, amounts and moments. Pure."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from cauce.domain.errors import OutcomeUnknown
from cauce.domain.time import BOGOTA

_MOST_DIGITS = 18


def payload_of(raw: bytes) -> Mapping[str, object]:
    """The JSON object of a body. Raises OutcomeUnknown for HTML, half a body or anything else."""
    try:
        found = json.loads(raw, parse_float=Decimal)
    except (ValueError, RecursionError) as cause:
        raise unreadable(raw) from cause
    if not isinstance(found, dict):
        raise unreadable(raw)
    return found


def envelope_of(raw: bytes) -> Mapping[str, object]:
    """The JSON object of an error's body, or an empty one: an error may come from a proxy, as HTML."""
    try:
        return payload_of(raw)
    except OutcomeUnknown:
        return {}


def text(value: object) -> str | None:
    """The text, or the whole number as text; ``None`` for an empty one or anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip() or None


def amount(value: object) -> Decimal | None:
    """An amount, a JSON number or its text; ``None`` where it is neither."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def whole(value: object) -> int | None:
    """A whole number of 18 digits at most; ``None`` for anything else."""
    found = amount(value)
    if found is None or found.adjusted() >= _MOST_DIGITS or found != found.to_integral_value():
        return None
    return int(found)


def moment(value: object) -> datetime | None:
    """``"2026-05-10T15:30:00-05:00"`` to the second; Bogotá's where it names no zone, ``None`` without a time."""
    if not isinstance(value, str) or ":" not in value:
        return None
    try:
        found = datetime.fromisoformat(value.strip())
        return (
            (found if found.tzinfo else found.replace(tzinfo=BOGOTA))
            .astimezone(BOGOTA)
            .replace(microsecond=0)
        )
    except (ValueError, OverflowError):
        return None


def mapping(value: object) -> Mapping[str, object]:
    """The object, or an empty one: PHP writes ``[]`` for an absent object."""
    return value if isinstance(value, dict) else {}


def unreadable(raw: bytes) -> OutcomeUnknown:
    return OutcomeUnknown("FacEPro Cloud respondió algo que no es lo documentado.", raw=raw)
