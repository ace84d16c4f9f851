"""Domain values ⇄ DynamoDB items.

A value is kept whole as JSON in ``data``, compressed where it is long: an item holds 400 kB. Beside ``data`` stand
only the attributes that keys, indexes and conditions read, and a range's sealed technical key (``ranges``).

A record is two items. Its content, the document or event as it was asked for, is written once, and again when it is
corrected. All else is its head, which each move writes anew: a kB, whatever its document's size. Both are compressed.

``schema`` says in which form ``data`` was written; an item without it is of form 1. Every older form stays readable:
``tests/flow/stored`` has an item of each, and a test reads them all.
"""

import json
import logging
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from cauce.aws import keys
from cauce.domain.access_token import AccessToken
from cauce.domain.document import Document, Value
from cauce.domain.errors import DocumentTooLarge, WrittenByNewer
from cauce.domain.event import Event
from cauce.domain.lot import Refusal, Repetition
from cauce.domain.models import trusted
from cauce.domain.news import News
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Due, Listed, Record, Row, WaitsFor
from cauce.domain.time import bogota

Item = dict[str, Any]
"""An item as DynamoDB has it: each attribute is its type and its value."""
Attributes = dict[str, Any]
"""The attributes of an item, or values of an expression, in Python."""
SCHEMA = 3
"""The form in which this code writes ``data``. Raise it with a change that older code cannot read (it refuses unknown
fields) or would misread, and add an item of the previous form to ``tests/flow/stored``. Never change the default of a
stored field: a value equal to its default is not written."""
_FIRST = 1
"""The form of items without ``schema``."""
_WHOLE = 2
"""The last form of records that were one item, with their content in it."""
# The ``shown_state`` of a lot's line that has no record of its own.
INVALID, REPEATED = "invalido", "repetido"
V = TypeVar("V", bound=Value)
MOST_KNOWN = 500
"""Values of one kind that ``Known`` keeps."""
# Of an item's 400 kB: of a document when it is taken in, the rest being for its keys.
MOST_TAKEN_IN_BYTES = 300_000
# What most heads say, so that it takes next to no room in a compressed head. Form 3 is read with this very text.
_MAIL = "mail"
"""Stands behind the place of a record of which only its mail is due."""
_COMMON = (
    b'{"issuer":"900123456","document_id":"-4","content_hash":"","provider":"facturatechafacturarfaceprofactusd'
    b'ian","version":2,"state":"failedreceivedrejectedunknownpendingsendingaccepted","attempt":1,"range":{"prov'
    b'ider":"dian","kind":"credit_notedebit_notesupport_documentadjustment_noteinvoice","prefix":"SETP","resolu'
    b'tion":"18760000001","start":990000000,"end":995000000,"next":990000001,"valid_from":"2019-01-19","valid_t'
    b'o":"2030-01-19","provider_type":"","active":true},"number":{"prefix":"SETP","consecutive":990000001},"uui'
    b'd":"","sent_as":1,"failure":"error","contingency":{"since":"","ordinary_issued_at":"","ordinary_uuid":""}'
    b',"issued_at":"2026-01-01T00:00:00-05:00","validated_at":"2026-01-01T00:00:00-05:00","subtotal":"100000.00'
    b'","vat":"19000.00","payable":"119000.00","tax":"19000.00","allowance":"0.00","charge":"0.00","status_code'
    b'":"00","status_message":"Procesado Correctamente.","notices":[{"text":"","rule":"FAJ","field":"","origin"'
    b':"dian"}],"rejections":[{"text":"Regla: , Rechazo: "}],"findings":[],"last_error":"El proveedor no respon'
    b'de; el documento espera en cola","checks":1,"provider_ids":{"fv#2026":"1","signed_at":"2026-01-01T00:00:0'
    b'0.000000-05:00","signer":""},"signed_xml":"900123456/2026/01/-4/request-001","line":{"lot":"","place":"00'
    b'0001"},"created_at":"2026-01-01T00:00:00.000000Z","received_at":"2026-01-01T00:00:00.000000Z","updated_at'
    b'":"2026-01-01T00:00:00.000000Z","sent_at":"2026-01-01T00:00:00.000000Z","due_at":"2026-01-01T00:00:00.000'
    b'000Z","waits_for":"schedulemessagesenderverdictanswer","waits_since":"2026-01-01T00:00:00.000000Z","not_b'
    b'efore":"2026-01-01T00:00:00.000000Z","steps":[{"at":"2026-01-01T00:00:00.000000Z","what":"received","by":'
    b'"token 1"},{"at":"2026-01-01T00:00:00.000000Z","what":"claimed"},{"at":"2026-01-01T00:00:00.000000Z","wha'
    b't":"sending"},{"at":"2026-01-01T00:00:00.000000Z","what":"accepted","detail":"Procesado Correctamente."}]'
    b"}"
)

_log = logging.getLogger("cauce")
_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


def pack(attributes: Mapping[str, object]) -> Item:
    """Python values as DynamoDB's typed ones."""
    return {name: _typed(value) for name, value in attributes.items()}


def _typed(value: object) -> dict[str, Any]:
    """As boto's serializer, whose many questions take longer than all else of a write; it is asked for what is not a
    text, a whole number or bytes."""
    of = type(value)
    if of is str:
        return {"S": value}
    if of is int:
        return {"N": str(value)}
    if of is bytes:
        return {"B": value}
    return dict(_serializer.serialize(value))


def unpack(item: Item) -> Attributes:
    return {name: _untyped(typed) for name, typed in item.items()}


def _untyped(typed: Any) -> Any:
    """As boto's deserializer, which is asked for what is not a text."""
    return typed["S"] if "S" in typed else _deserializer.deserialize(typed)


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


class Known(Generic[V]):
    """Values that a container made of items, of the latest few hundred: an item whose attributes of these names say
    what they said then is not read again."""

    def __init__(self, *names: str):
        self._names = names
        self._known: dict[tuple[str, str], tuple[tuple[object, ...], V]] = {}

    def of(self, item: Item) -> V | None:
        """The value made of this very item."""
        said, made = self._known.get(_place(item), ((), None))
        return made if made is not None and said == self._said(item) else None

    def keep(self, item: Item, made: V) -> V:
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[_place(item)] = self._said(item), made
        return made

    def _said(self, item: Item) -> tuple[object, ...]:
        return tuple(map(item.get, self._names))


def _place(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


class _Content(Value):
    """What the item of a record's content has."""

    content: Document | Event


def content_item(record: Record) -> Item:
    """A record's content, as of ``content_at``. Raises DocumentTooLarge where it does not fit an item.

    The worst body of ``contracts.v1.bodies.MAX_BYTES`` that was measured takes 250 kB; this stops what was not
    measured.
    """
    text = trusted(_Content, {"content": record.content}).model_dump_json(exclude_defaults=True)
    kept = zlib.compress(text.encode())
    if len(kept) > MOST_TAKEN_IN_BYTES:
        raise DocumentTooLarge(
            f"El documento, comprimido, supera los {MOST_TAKEN_IN_BYTES // 1000} kB que se pueden conservar; "
            "divídalo en varios."
        )
    key = keys.content(record.issuer, record.document_id)
    return pack({**key, "version": record.content_at, "schema": SCHEMA, "data": kept})


def head_item(record: Record) -> Item:
    """A record without its content, with its index keys; one with nothing left to do (no ``due_at``) is not in the
    ``open`` index."""
    attributes: Attributes = {
        **keys.record(record.issuer, record.document_id),
        "list_pk": keys.records_of(record.issuer),
        "state_pk": keys.records_in_state(record.issuer, record.shown_state),
        "list_sk": list_position(record.issued_at, record.document_id),
        **found_by(record.issuer, record),
        "state": record.state.value,
        "version": record.version,
        "provider": record.provider,
        "number": str(record.number) if record.number else None,
        "schema": SCHEMA,
        "content_at": record.content_at,
        # Beside ``data``, so that a Cauce which is older than news reads the record too.
        "told": ",".join(record.told) or None,
        "told_at": record.told_at.isoformat() if record.told_at else None,
        "data": _head(record),
    }
    if record.due_at is not None:
        attributes["open_pk"] = keys.open_shard(record.document_id)
        attributes["open_sk"] = due_place(
            instant(record.due_at), record.provider, is_mail=record.waits_for is WaitsFor.MAIL
        )
    if record.line is not None:
        attributes["lot_pk"] = keys.lines_of(record.issuer, record.line.lot)
        attributes["lot_sk"] = f"{record.shown_state}.{record.state.value}#{record.line.place}"
    return pack({name: value for name, value in attributes.items() if value is not None})


def found_by(nit: str, record: Listed) -> Attributes:
    """The places of a record in the indexes by kind and by the other party; an event has no other party."""
    party, issued = record.outline.counterparty, bogota(record.issued_at).isoformat()
    return {
        "kind_pk": keys.records_of_kind(nit, record.kind),
        "party_sk": f"{party}#{issued}" if party is not None else None,
    }


def _head(record: Record) -> bytes:
    """All but the content, and in a second line the outline, if that is enough for lists."""
    packer = zlib.compressobj(zdict=_COMMON)
    text = record.model_dump_json(
        exclude_defaults=True,
        exclude={
            "content": True,
            "content_at": True,
            "told": True,
            "told_at": True,
            "range": {"technical_key": True, "key_withheld": True},
        },
    )
    if record.is_outlined:
        text += "\n" + record.outline.model_dump_json(exclude_defaults=True)
    return packer.compress(text.encode()) + packer.flush()


def _facts(data: bytes) -> tuple[bytes, bytes]:
    """All but the content, and the outline; empty where there is none."""
    unpacker = zlib.decompressobj(zdict=_COMMON)
    text = unpacker.decompress(data) + unpacker.flush()
    facts, _, outline = text.partition(b"\n")
    return facts, outline


def needs_content(head: Item) -> bool:
    """Whether a list cannot tell a record from its head alone."""
    return "content_at" in head and not _is_newer(head) and not _facts(head["data"]["B"])[1]


def listed(head: Item, content: Item | None) -> Listed:
    """A record as lists show it; ``content`` if it ``needs_content``. Raises WrittenByNewer."""
    attributes = read(head)
    if content is not None or "content_at" not in attributes:
        return record(head, content)
    facts, outline = _facts(bytes(attributes["data"]))
    return Row.model_validate_json(b'%s,"outline":%s}' % (_with_attributes(facts, attributes), outline))


def _with_attributes(facts: bytes, attributes: Attributes) -> bytes:
    """A head's JSON, not closed yet, with the facts that stand beside its ``data``."""
    more = b'%s,"content_at":%d' % (facts[:-1], attributes["content_at"])
    if told := attributes.get("told"):
        more += b',"told":%s' % json.dumps(told.split(",")).encode()
    if moment := attributes.get("told_at"):
        more += b',"told_at":"%s"' % moment.encode()
    return more


def is_torn(head: Item, content: Item | None) -> bool:
    """Whether a record's two items were read while they were written: they are of different versions."""
    if "content_at" not in head or _is_newer(head):
        return False
    return content is None or content["version"] != head["content_at"]


def _is_newer(item: Item) -> bool:
    return "schema" in item and int(item["schema"]["N"]) > SCHEMA


def record(head: Item, content: Item | None) -> Record:
    """The record of these items; an older form has its content in its head. Raises WrittenByNewer."""
    attributes = read(head)
    if int(attributes.get("schema", _FIRST)) <= _WHOLE:
        return value(head, Record)
    assert content is not None
    facts, _ = _facts(bytes(attributes["data"]))
    asked = zlib.decompress(bytes(read(content)["data"]))
    # Two objects of JSON made one, which is read once.
    return Record.model_validate_json(b"%s,%s" % (_with_attributes(facts, attributes), asked[1:]))


def due_place(at: str, provider: str, *, is_mail: bool = False) -> str:
    """Sorts the records of a shard of the ``open`` index by when they are due."""
    place = f"{at}#{provider}" if provider else at
    return f"{place}#{_MAIL}" if is_mail else place


def due(item: Item) -> Due:
    """A row of the ``open`` index."""
    row = unpack(item)
    at, _, line = row["open_sk"].partition("#")
    provider, _, what = line.partition("#")
    issuer, document_id = keys.of_record(row["pk"])
    return Due(issuer=issuer, document_id=document_id, provider=provider, at=at, is_mail=what == _MAIL)


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


def news_item(news: News, key: keys.Key, expires_at: datetime) -> Item:
    """A piece of news in its place of the feed; it is kept until ``expires_at``."""
    data = zlib.compress(news.model_dump_json(exclude_defaults=True).encode())
    return pack({**key, "schema": SCHEMA, "expires_at": int(expires_at.timestamp()), "data": data})


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


def following(item: Item) -> int | None:
    """The next number to take in a stored range, which stands beside what a sync knows of it."""
    return int(item["next"]["N"]) if "next" in item else None


def _number(field: Any) -> Any:
    """DynamoDB's numbers come back as Decimal; those of a range are whole."""
    return int(field) if field is not None and not isinstance(field, (str, bool)) else field
