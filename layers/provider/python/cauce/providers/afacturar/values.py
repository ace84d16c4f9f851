"""Afacturar's values: texts, moments, sentences of errors, each of them loosely typed. Pure."""

import re
from datetime import datetime
from decimal import Decimal

from cauce.domain.errors import OutcomeUnknown
from cauce.domain.outcome import Message, rule_in
from cauce.domain.texts import folded
from cauce.domain.time import BOGOTA
from cauce.providers.afacturar.names import field_in


def whole(value: object) -> int | None:
    """A whole number, ``0`` or ``"0"``: Afacturar's pages have both; ``None`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        return int(value)
    except ValueError:
        return None


def text(value: object) -> str | None:
    """The text; ``None`` where it is absent, null or empty: Afacturar writes all three."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    return str(value).strip() or None


def moment(value: object) -> datetime | None:
    """``"2022-11-30 21:22:17"``, as in a history: Bogotá time where it names no zone."""
    try:
        found = datetime.fromisoformat(text(value) or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=BOGOTA)


def sentences(value: object) -> tuple[str, ...]:
    """The sentences in ``descripcion_error`` or in DIAN's answer: a text, a list, or a map of either."""
    if isinstance(value, dict):
        return tuple(found for entry in value.values() for found in sentences(entry))
    if isinstance(value, list):
        return tuple(found for entry in value for found in sentences(entry))
    found = text(value)
    if found is None:
        return ()
    parts = (part.strip(" \t\r\n;,|") for part in re.split(r"(?=Regla:)", found))
    return tuple(part for part in parts if part)


def messages(*said: object) -> tuple[Message, ...]:
    """Each sentence once, with DIAN's rule or the path of a field where it names one."""
    found = [_message(sentence) for value in said for sentence in sentences(value)]
    return tuple(dict.fromkeys(found))


def is_rejection(message: Message) -> bool:
    return "rechazo" in folded(message.text)


def unreadable(raw: bytes) -> OutcomeUnknown:
    return OutcomeUnknown("Afacturar respondió algo que no es lo documentado.", raw=raw)


def _message(sentence: str) -> Message:
    if rule := rule_in(sentence):
        return Message(text=sentence, rule=rule)
    return Message(text=sentence, field=field_in(sentence))
