"""moto's DynamoDB, asked without the way there: of a call in process, nine tenths were spent on making an HTTP request of
it, routing that, and writing and reading its answer through AWS's descriptions.

botocore's own part stays as it is: its checks of what is asked, its events, its tries. An operation that is not here, and
one that moto refuses, goes moto's own way.

Before a transaction moto copies every item of every table, to put it back if the transaction fails. Here it copies what
the transaction names. For a query moto sorts every item of the table; here, those under the key that is asked for. What
moto does of a value by asking for its type five times is done here at once for a text, as most values and all keys are.
"""

import base64
import copy
import json
import re
from collections import defaultdict
from contextvars import ContextVar
from typing import Any, cast

from botocore.awsrequest import AWSPreparedRequest
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.exceptions import ServiceException
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.parsing import ast_nodes
from moto.dynamodb.responses import DynamoHandler
from werkzeug.exceptions import HTTPException

_TARGET = "DynamoDB_20120810."
_METHODS = {
    "BatchGetItem": "batch_get_item",
    "DeleteItem": "delete_item",
    "GetItem": "get_item",
    "PutItem": "put_item",
    "Query": "query",
    "TransactWriteItems": "transact_write_items",
    "UpdateItem": "update_item",
}
_REGION = re.compile(r"https?://dynamodb\.([a-z0-9-]+)\.amazonaws\.com")
_by_moto = BotocoreStubber.process_request
_transaction: ContextVar[list[dict[str, Any]]] = ContextVar("transaction")
"""What the transaction under way writes: each one's table, and its key or its item."""
_asked: ContextVar[tuple[str, DynamoType] | None] = ContextVar("asked", default=None)
"""Of the query under way: the attribute that is its partition key, and the value asked for."""
_Node: Any = vars(ast_nodes)["Node"]
_query, _all_items, _cast = Table.query, Table.all_items, DynamoType.cast_value.fget  # type: ignore[attr-defined]


def install() -> None:
    """For the whole process."""
    stubber: Any = BotocoreStubber
    table: Any = Table
    value: Any = DynamoType
    stubber.process_request = _process
    table.__deepcopy__, table.query, table.all_items = _copied, _queried, _items
    value.cast_value = property(_value)
    value.__hash__, value.__eq__, value.__ne__ = _hash, _same, lambda one, other: not _same(one, other)
    _Node.__deepcopy__ = _node_copied


def _process(stubber: BotocoreStubber, request: AWSPreparedRequest) -> Any:
    sent: Any = request.headers.get("X-Amz-Target", "")
    target = sent.decode() if isinstance(sent, bytes) else str(sent)
    method = _METHODS.get(target.removeprefix(_TARGET)) if target.startswith(_TARGET) else None
    found = _REGION.match(request.url)
    if method is None or found is None:
        return _by_moto(stubber, request)
    handler = DynamoHandler()
    handler.region, handler.partition = found[1], "aws"
    handler.current_account = DEFAULT_ACCOUNT_ID
    handler.headers, handler.response_headers = request.headers, {}
    handler.body = handler.params = _read(json.loads(cast(bytes, request.body)))
    items = handler.body.get("TransactItems", [])
    writes = _transaction.set([write for item in items for write in item.values()])
    try:
        result: Any = getattr(handler, method)().result
    except HTTPException as refusal:
        return refusal.code, {}, refusal.description
    except ServiceException:  # it has changed nothing
        return _by_moto(stubber, request)
    finally:
        _transaction.reset(writes)
    return 200, {}, json.dumps(_written(result) if result is not None else {})


def _copied(table: Table, memo: dict[int, Any]) -> Table:
    """The table as it is, but for what the transaction writes, which is changed in place: a copy of each."""
    twin = copy.copy(table)
    twin.items = defaultdict(dict)
    for of_hash, held in table.items.items():
        twin.items[of_hash] = dict(held)
    for write in _transaction.get():
        if write["TableName"] != table.name:
            continue
        key = write.get("Key") or write["Item"]
        hash_key, range_key = DynamoType(key[table.hash_key_attr]), DynamoType(key[table.range_key_attr])
        held = twin.items.get(hash_key, {})
        if range_key in held:
            held[range_key] = copy.deepcopy(held[range_key], memo)
    return twin


def _queried(table: Table, hash_key: DynamoType | None, *args: Any, **options: Any) -> Any:
    of_index = options.get("hash_key_conditions") or ()
    name, wanted = of_index[0] if of_index else (table.hash_key_attr, hash_key)
    before = _asked.set((name, wanted) if wanted is not None else None)
    try:
        return _query(table, hash_key, *args, **options)
    finally:
        _asked.reset(before)


def _items(table: Table) -> list[Item]:
    asked = _asked.get()
    if asked is None or table.range_key_attr is None:
        return _all_items(table)
    name, wanted = asked
    kept = copy.copy(table)
    if name == table.hash_key_attr:
        kept.items = {wanted: table.items.get(wanted, {})}  # type: ignore[assignment]
    else:
        kept.items = {  # type: ignore[assignment]
            of_hash: {key: item for key, item in held.items() if item.attrs.get(name) == wanted}
            for of_hash, held in table.items.items()
        }
    return _all_items(kept)


def _value(held: DynamoType) -> Any:
    return held.value if held.type == "S" else _cast(held)


def _hash(held: DynamoType) -> int:
    return hash((held.type, _value(held)))


def _same(one: DynamoType, other: Any) -> bool:
    return other is not None and one.type == other.type and bool(_value(one) == _value(other))


def _node_copied(node: Any, memo: dict[int, Any]) -> Any:
    """A tree of an expression, whose nodes know their parents: copied from above, not through its parents, too."""
    twin = copy.copy(node)
    if node.children is not None:
        twin.children = [copy.deepcopy(each, memo) for each in node.children]
        for each in twin.children:
            if isinstance(each, _Node):
                each.set_parent(twin)
    return twin


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            k: (base64.b64decode(v) if k == "B" and isinstance(v, str) else _read(v))
            for k, v in value.items()
        }
    return [_read(each) for each in value] if isinstance(value, list) else value


def _written(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _written(v) for k, v in value.items() if v is not None}
    if isinstance(value, (list, tuple, set)):
        return [_written(each) for each in value]
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
