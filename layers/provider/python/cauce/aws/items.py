"""Domain values ⇄ DynamoDB items.

A value is kept whole as JSON in ``data``, compressed where it is long: an item holds 400 kB. Beside ``data`` stand
only the attributes that keys, indexes and conditions read, and a range's sealed technical key (``ranges``).

``schema`` says in which form ``data`` was written; an item without it is of form 1. Every older form stays readable:
``tests/flow/stored`` has an item of each, and a test reads them all.
"""

import json
import logging
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from cauce.aws import keys
from cauce.domain.access_token import AccessToken
from cauce.domain.document import Value
from cauce.domain.errors import DocumentTooLarge, WrittenByNewer
from cauce.domain.lot import Refusal, Repetition
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Due, Record
from cauce.domain.time import bogota

Item = dict[str, Any]
"""An item as DynamoDB has it: each attribute is its type and its value."""
Attributes = dict[str, Any]
"""The attributes of an item, or values of an expression, in Python."""
SCHEMA = 2
"""The form in which this code writes ``data``. Raise it with a change that older code cannot read (it refuses unknown
fields) or would misread, and add an item of the previous form to ``tests/flow/stored``. Never change the default of a
stored field: a value equal to its default is not written."""
_FIRST = 1
"""The form of items without ``schema``."""
# The ``shown_state`` of a lot's line that has no record of its own.
INVALID, REPEATED = "invalido", "repetido"
V = TypeVar("V", bound=Value)
# Bytes. A shorter text stays plain, so that it can be read in the table's console.
_COMPRESSED_FROM = 8 * 1024
# Of an item's 400 kB; the rest is for notices, rejections and the trace.
MOST_TAKEN_IN_BYTES = 300_000

_log = logging.getLogger("cauce")
_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


def pack(attributes: Mapping[str, object]) -> Item:
    """Python values as DynamoDB's typed ones."""
    return {name: _serializer.serialize(value) for name, value in attributes.items()}


def unpack(item: Item) -> Attributes:
    return {name: _deserializer.deserialize(value) for name, value in item.items()}


def key(row: Item) -> keys.Key:
    """The key of an item, of which an index has a row."""
    return {"pk": row["pk"]["S"], "sk": row["sk"]["S"]}


def read(item: Item) -> Attributes:
    """The attributes of an item that has ``data``. Raises and logs WrittenByNewer where its form is newer than this
    code."""
    attributes = unpack(item)
    schema = int(attributes.get("schema", _FIRST))
    if schema > SCHEMA:
        place = f"{attributes['pk']} {attributes['sk']}"
        _log.error("written by a newer Cauce", extra={"item": place, "schema": schema, "known": SCHEMA})
        raise WrittenByNewer(schema, SCHEMA)
    return attributes


def value(item: Item, of: type[V]) -> V:
    """The value kept in an item. Raises WrittenByNewer."""
    data = read(item)["data"]
    return of.model_validate_json(data if isinstance(data, str) else zlib.decompress(bytes(data)))


def _kept(text: str) -> str | bytes:
    """A text as it is stored: compressed where it is long."""
    plain = text.encode()
    return text if len(plain) < _COMPRESSED_FROM else zlib.compress(plain)


def _dumped(record: Record) -> str:
    return record.model_dump_json(
        exclude_defaults=True, exclude={"range": {"technical_key": True, "key_withheld": True}}
    )


def check_fits(record: Record) -> None:
    """Raise DocumentTooLarge where a record leaves its item too little room for the answers to come.

    The worst body of ``contracts.v1.bodies.MAX_BYTES`` that was measured takes 250 kB; this stops what was not
    measured.
    """
    kept = _kept(_dumped(record))
    if len(kept if isinstance(kept, bytes) else kept.encode()) > MOST_TAKEN_IN_BYTES:
        raise DocumentTooLarge(
            f"El documento, comprimido, supera los {MOST_TAKEN_IN_BYTES // 1000} kB que se pueden conservar; "
            "divídalo en varios."
        )


def record_item(record: Record) -> Item:
    """A record with its index keys; one with nothing left to do (no ``due_at``) is not in the ``open`` index."""
    attributes: Attributes = {
        **keys.record(record.issuer, record.document_id),
        "list_pk": keys.records_of(record.issuer),
        "state_pk": keys.records_in_state(record.issuer, record.shown_state),
        "list_sk": list_position(record.issued_at, record.document_id),
        "state": record.state.value,
        "version": record.version,
        "provider": record.provider,
        "number": str(record.number) if record.number else None,
        "schema": SCHEMA,
        "data": _kept(_dumped(record)),
    }
    if record.due_at is not None:
        attributes["open_pk"] = keys.open_shard(record.document_id)
        attributes["open_sk"] = due_place(instant(record.due_at), record.provider)
    if record.line is not None:
        attributes["lot_pk"] = keys.lines_of(record.issuer, record.line.lot)
        attributes["lot_sk"] = f"{record.shown_state}.{record.state.value}#{record.line.place}"
    return pack({name: value for name, value in attributes.items() if value is not None})


def due_place(at: str, provider: str) -> str:
    """Sorts the records of a shard of the ``open`` index by when they are due."""
    return f"{at}#{provider}" if provider else at


def due(item: Item) -> Due:
    """A row of the ``open`` index."""
    row = unpack(item)
    at, _, provider = row["open_sk"].partition("#")
    issuer, document_id = keys.of_record(row["pk"])
    return Due(issuer=issuer, document_id=document_id, provider=provider, at=at)


def line_item(nit: str, kept: Refusal | Repetition) -> Item:
    """A lot's line without a record of its own: refused, or a repetition."""
    line, shown_state = kept.line, INVALID if isinstance(kept, Refusal) else REPEATED
    return pack(
        {
            **keys.line(nit, line.lot, line.place),
            "lot_pk": keys.lines_of(nit, line.lot),
            "lot_sk": f"{shown_state}#{line.place}",
            "schema": SCHEMA,
            "data": kept.model_dump_json(),
        }
    )


def number_item(record: Record) -> Item:
    """The claim of a record on its number, listed by prefix and consecutive."""
    assert record.number is not None
    number = record.number
    return pack(
        {
            **keys.number(record.issuer, record.kind, str(number)),
            "list_pk": keys.numbers_of(record.issuer, record.kind),
            "list_sk": number_position(number.prefix, number.consecutive) + f"#{record.document_id}",
            "document_id": record.document_id,
        }
    )


def uuid_item(record: Record) -> Item:
    """The claim of a record on its CUFE, CUDE or CUDS."""
    assert record.uuid is not None
    return pack({**keys.uuid(record.issuer, record.uuid), "document_id": record.document_id})


def number_position(prefix: str, consecutive: int) -> str:
    """Sorts an issuer's numbers of a kind by prefix and consecutive."""
    return f"{prefix}#{consecutive:015d}"


def list_position(issued_at: datetime, document_id: str) -> str:
    """Sorts an issuer's records by date of issue; unique."""
    return f"{bogota(issued_at).isoformat()}#{document_id}"


def instant(moment: datetime) -> str:
    """Seconds since the epoch, with milliseconds, padded so that it sorts as text."""
    return f"{moment.timestamp():015.3f}"


def stored_token(item: Item) -> AccessToken:
    """A token. Its last use is an attribute beside ``data``, because each use updates that alone."""
    attributes = read(item)
    return AccessToken.model_validate(
        {**json.loads(attributes["data"]), "last_used_at": attributes.get("last_used")}
    )


def range_attributes(numbering_range: NumberingRange) -> Attributes:
    """A range without its technical key, as Python values; ``next`` stands beside it because taking a number is one
    conditional update of it."""
    dumped = numbering_range.model_dump(mode="json", exclude={"next", "technical_key", "key_withheld"})
    attributes = {"schema": SCHEMA, "data": dumped, "next": numbering_range.next}
    return {name: value for name, value in attributes.items() if value is not None}


def stored_range(item: Item, technical_key: str | None = None) -> NumberingRange:
    """A range with its opened technical key; without one, ``key_withheld`` says whether the item has a key."""
    attributes = read(item)
    return NumberingRange.model_validate(
        {
            **{name: _number(field) for name, field in attributes["data"].items()},
            "next": _number(attributes.get("next")),
            "technical_key": technical_key,
            "key_withheld": technical_key is None
            and not {"technical_key", "sealed_technical_key"}.isdisjoint(attributes),
        }
    )


def _number(field: Any) -> Any:
    """DynamoDB's numbers come back as Decimal; those of a range are whole."""
    return int(field) if field is not None and not isinstance(field, (str, bool)) else field
