"""Factus's values: moments, numbers, flags and waits, each of them written in several ways. Pure."""

import re
from collections.abc import Mapping
from datetime import date, datetime

from cauce.domain.outcome import Number
from cauce.domain.time import BOGOTA
from cauce.providers import identity, loose

NAME = "Factus"

# Anything longer than a year in seconds is a moment, not a wait: the page says X-RateLimit-Reset is either.
_LONGEST_WAIT = 31_536_000
_WINDOW_SECONDS = 60.0
# A longer wait than a day is not believed.
_LONGEST_REST = 86_400.0
_LONGEST_NUMBER = 40

Row = Mapping[str, object]
"""A JSON object, whose values may be anything."""

_MOMENT = re.compile(r"(\d\d)-(\d\d)-(\d{4}) (\d\d):(\d\d):(\d\d) ([AP])\.?M\.?", re.IGNORECASE)


def message_of(raw: bytes) -> str | None:
    """The sentence of an answer that has one."""
    return text((loose.payload(raw) or {}).get("message"))


def wait_seconds(headers: dict[str, str], now: float) -> float:
    """How long a 429 asks to wait: Retry-After, else X-RateLimit-Reset, else the window of a minute."""
    after = _seconds(headers.get("retry-after"))
    if after is None:
        reset = _seconds(headers.get("x-ratelimit-reset"))
        after = _WINDOW_SECONDS if reset is None else reset - now if reset > _LONGEST_WAIT else reset
    return min(max(0.0, after), _LONGEST_REST)


def moment(value: object) -> datetime | None:
    """``"11-02-2025 10:16:23 PM"``, day first, Bogotá time. ``strptime`` would read AM and PM by locale."""
    found = _MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    day, month, year, hour, minute, second = (int(part) for part in found.groups()[:6])
    half = 12 if found[7].upper() == "P" else 0
    try:
        return datetime(year, month, day, hour % 12 + half, minute, second, tzinfo=BOGOTA)
    except ValueError:
        return None


def split(number: str, prefix: str | None) -> Number | None:
    """``"SETP990000493"`` → its prefix and consecutive: by the range's prefix, else by its last digits.

    ``None`` for a text that is no number.
    """
    if len(number) > _LONGEST_NUMBER:
        return None
    found = re.fullmatch(rf"({re.escape(prefix)})(\d+)", number, re.ASCII) if prefix is not None else None
    found = found or re.fullmatch(r"(.*?)(\d+)", number, re.ASCII)
    try:
        return Number(prefix=found[1], consecutive=int(found[2])) if found else None
    except ValueError:
        return None


def flag(value: object) -> bool | None:
    """0, 1, their text, or a boolean: Factus uses all of them."""
    if isinstance(value, bool):
        return value
    return {"0": False, "1": True, "true": True, "false": False}.get(str(value).lower())


def day(value: object) -> date | None:
    """A date, ``2019-01-19`` in lists or ``19-01-2019`` in single answers."""
    if not isinstance(value, str):
        return None
    parts = value.strip()[:10].split("-")
    if len(parts) == 3 and len(parts[0]) == 2:
        parts.reverse()
    return identity.day("-".join(parts))


def mappings(value: object) -> list[Row]:
    """The objects of a list; none where there is no list."""
    return [each if isinstance(each, dict) else {} for each in value] if isinstance(value, list) else []


def text(value: object) -> str | None:
    return (
        str(value) if isinstance(value, str | int) and not isinstance(value, bool) and value != "" else None
    )


def _seconds(value: str | None) -> float | None:
    try:
        return max(0.0, float(value)) if value else None
    except ValueError:
        return None
