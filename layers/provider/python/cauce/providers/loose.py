"""JSON: as others write it, any of its values of any type, and as it goes out. Pure."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from cauce.domain.errors import OutcomeUnknown

_MOST_DIGITS = 18
# What goes out is made here, and nothing in it contains itself, which would take a sixth of the time to look for.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
_UUID = re.compile(r"[0-9a-f]{96}")


def payload(raw: bytes) -> Mapping[str, object] | None:
    """The JSON object of a body, amounts exact; ``None`` for HTML, half a body or anything else."""
    try:
        found = json.loads(raw, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def payload_of(provider: str, raw: bytes) -> Mapping[str, object]:
    """As ``payload``. Raises OutcomeUnknown, with the provider's title, where that would be ``None``."""
    found = payload(raw)
    if found is None:
        raise unreadable(provider, raw)
    return found


def unreadable(provider: str, raw: bytes) -> OutcomeUnknown:
    """The error for an answer that is not as the provider's pages say."""
    return OutcomeUnknown(f"{provider} respondió algo que no es lo documentado.", raw=raw)


def mapping(value: object) -> Mapping[str, object]:
    """The object, or an empty one: PHP writes ``[]`` for an absent object."""
    return value if isinstance(value, dict) else {}


def text(value: object) -> str | None:
    """The text, stripped, or the whole number as text; ``None`` for an empty one or anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip() or None


def amount(value: object) -> Decimal | None:
    """An amount, as a number or its text; ``None`` for anything else."""
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


def uuid(value: object) -> str | None:
    """A CUFE, CUDE or CUDS, 96 hex digits, in lower case; ``None`` for anything else."""
    found = value.strip().lower() if isinstance(value, str) else ""
    return found if _UUID.fullmatch(found) else None


def present(values: Mapping[str, object]) -> dict[str, object]:
    """The values that are not ``None``: absent fields are left out, and never null."""
    return {name: value for name, value in values.items() if value is not None}


def encoded(body: Mapping[str, object]) -> str:
    """A body as it goes out, its keys in their order: the same document, the same text."""
    return _ENCODER.encode(body)
