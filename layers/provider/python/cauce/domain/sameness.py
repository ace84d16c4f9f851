"""Whether two requests ask for the same: the hash of a document's or event's content.

Equal content has one hash however its numbers were written. Absent, empty and default values do not enter, so that an
optional field added later leaves the hashes of today as they are; neither do the reference, which is only a name, nor
the totals that an ERP expects or what was rounded when it was read.

Records keep their hash for years, and some the first form of it (``canonical`` in JSON), without a mark. The form of
today has the items of a list field by field, all values of a field together: written so, a line takes a tenth of the
time.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Context, Decimal
from enum import Enum
from functools import cache
from operator import itemgetter
from typing import NamedTuple, cast

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from cauce.domain.document import Document
from cauce.domain.event import Event
from cauce.domain.models import Fields
from cauce.domain.money import plain

_MARK = "2:"
"""Begins the hashes of today's form."""
_LEFT_OUT = frozenset({"reference", "expected", "rounded"})
# More digits than any number has: nothing is rounded.
_normalized = Context(prec=1000).normalize
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def content_hash(found: Document | Event) -> str:
    """SHA-256 of a content, in hex, after the mark of its form."""
    said = {name: value for name, value in _said(found).items() if name not in _LEFT_OUT}
    return _MARK + _sha256(_json(said))


def is_hash_of(stored: str, found: Document | Event, hashed: str) -> bool:
    """Whether a stored hash, of whatever form, is that of a content. ``hashed``: its hash in today's form."""
    return stored == hashed or (not stored.startswith(_MARK) and stored == _first_hash(found))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# ── Today's form ──────────────────────────────────────────────────────────────────────────────────


class _Fields(NamedTuple):
    """The fields of a model by name, how to read them at once, and what each is where nothing was said."""

    names: tuple[str, ...]
    read: "itemgetter[Sequence[object]]"
    unsaid: tuple[object, ...]


@cache
def _fields(model: type[BaseModel]) -> _Fields:
    names = tuple(sorted(model.model_fields))
    return _Fields(names, itemgetter(*names), tuple(model.model_fields[name].default for name in names))


def _said(value: BaseModel) -> Fields:
    """What a value says, without what is absent, empty or by default."""
    names, read, unsaid = _fields(type(value))
    each = zip(names, read(vars(value)), unsaid, strict=True)
    said = ((name, _written(found, nothing)) for name, found, nothing in each if found is not nothing)
    return {name: found for name, found in said if found is not None}


def _written(found: object, nothing: object) -> object:
    """A field's value in JSON's types; ``None`` where it says nothing."""
    return None if found is None or found == nothing else _in_json(found)


def _in_json(found: object) -> object:
    if isinstance(found, str):
        return found.value if isinstance(found, Enum) else found
    if isinstance(found, Decimal):
        return str(_normalized(found))
    if isinstance(found, BaseModel):
        return _said(found) or None
    if isinstance(found, tuple):
        return (_listed([found]) if found and isinstance(found[0], BaseModel) else found) or None
    return found.isoformat() if isinstance(found, date | time) else found


def _listed(lists: Sequence[Sequence[BaseModel]]) -> object:
    """Lists of models, which have no lists of texts: how long each is, and by name of field the values of all."""
    together = [each for values in lists for each in values]
    names, read, unsaid = _fields(type(together[0]))
    columns = zip(*map(read, map(vars, together)), strict=True)
    said = {}
    for name, column, nothing in zip(names, columns, unsaid, strict=True):
        if column[0] is not nothing or column.count(nothing) < len(column):
            said[name] = _column(column, nothing)
    return [list(map(len, lists)), {name: column for name, column in said.items() if column is not None}]


def _column(column: tuple[object, ...], nothing: object) -> object:
    """The values of one field, ``None`` for each that says nothing or where none says anything."""
    if nothing == ():
        lists = cast("tuple[tuple[BaseModel, ...], ...]", column)
        return _listed(lists) if any(lists) else None
    if nothing is PydanticUndefined and isinstance(column[0], str):
        return column
    if nothing is PydanticUndefined and isinstance(column[0], Decimal):
        return ",".join(map(str, map(_normalized, cast("tuple[Decimal, ...]", column))))
    written = {each: _written(each, nothing) for each in set(column)}
    if all(each is None for each in written.values()):
        return None
    return list(map(written.__getitem__, column))


# ── The first form ────────────────────────────────────────────────────────────────────────────────


def _first_hash(found: Document | Event) -> str:
    return _sha256(json.dumps(canonical(found), ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def canonical(found: Document | Event) -> Fields:
    """A content in JSON's types, as its first form hashes it."""
    return _present(found.model_dump(exclude=set(_LEFT_OUT), exclude_defaults=True))


def _present(values: Mapping[str, object]) -> Fields:
    """An object without what is absent or empty."""
    entries = ((name, _canonical(value)) for name, value in values.items())
    return {name: value for name, value in entries if value not in (None, [], {})}


def _canonical(value: object) -> object:
    if isinstance(value, dict):
        return _present(value)
    if isinstance(value, list | tuple):
        return [_canonical(inner) for inner in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, date | time) else value
