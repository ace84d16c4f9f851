"""moto's DynamoDB, called without moto's HTTP layer, which took nine tenths of the time of a call.

botocore still does its own part: validation, events, retries; but it signs no request to moto's DynamoDB, and works out
once who it says it is. Operations that are not listed here, and those that moto
refuses, go moto's usual way.

Four more shortcuts. Before a transaction moto copies every item of every table, to restore them if it fails; here only
the items that the transaction writes are copied. For a query moto sorts all items of the table; here only those with
the query's partition key. moto asks for a value's type up to five times; here a text, as most values and all keys are,
is returned at once. moto takes an expression apart up to four times for each call, and asks each part of it ten times
for its class; here each expression is taken apart once, and each class asked once.
"""

import base64
import copy
import json
import re
from collections import defaultdict, deque
from contextvars import ContextVar
from functools import cache, lru_cache
from importlib import import_module
from typing import Any, cast

from botocore.awsrequest import AWSPreparedRequest
from botocore.signers import RequestSigner
from botocore.useragent import UserAgentString
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.exceptions import ServiceException
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler
from werkzeug.exceptions import HTTPException

from tests import quick_moto

# moto has no types for these two.
ast_nodes: Any = import_module("moto.dynamodb.parsing.ast_nodes")
expressions: Any = import_module("moto.dynamodb.parsing.expressions")

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
_by_botocore = RequestSigner.handler
_transaction: ContextVar[list[dict[str, Any]]] = ContextVar("transaction")
"""The writes of the current transaction, each with its table and its key or item."""
_asked: ContextVar[tuple[str, DynamoType] | None] = ContextVar("asked", default=None)
"""The current query's partition key: the attribute's name, and its value."""
_Node: Any = ast_nodes.Node
_parsed = lru_cache(maxsize=4096)(expressions.UpdateExpressionParser.make)
"""An update's tree. moto changes only copies of it."""
_kinds: dict[type[Any], dict[type[Any], tuple[bool, bool]]] = defaultdict(dict)
"""For each class of processors: whether a kind of node has parts to process, and whether it is processed itself."""
_lexed_by_moto = ConditionExpressionParser._lex_condition_expression
_query, _all_items, _cast = Table.query, Table.all_items, DynamoType.cast_value.fget  # type: ignore[attr-defined]


def install() -> None:
    """Replace moto's functions for the whole process."""
    stubber: Any = BotocoreStubber
    table: Any = Table
    item: Any = Item
    value: Any = DynamoType
    stubber.process_request = _process
    table.__new__ = item.__new__ = staticmethod(_made)
    table.__deepcopy__, table.query, table.all_items = _copied, _queried, _items
    value.cast_value = property(_value)
    value.__hash__, value.__eq__, value.__ne__ = _hash, _same, lambda one, other: not _same(one, other)
    _Node.__deepcopy__, _Node.find_clauses = _node_copied, _clauses
    ast_nodes.DepthFirstTraverser.traverse = _traversed
    updates: Any = expressions.UpdateExpressionParser
    updates.make = staticmethod(_parsed)
    conditions: Any = ConditionExpressionParser
    conditions._lex_condition_expression = _lexed
    quick_moto.install()
    agent: Any = UserAgentString
    signer: Any = RequestSigner
    agent.to_string, signer.handler = lambda _: "Boto3", _signed


def _signed(signer: Any, *, request: Any, **asked: Any) -> Any:
    """Sign what goes to a server: moto does not look, the local engine does."""
    if not _REGION.match(request.url):
        _by_botocore(signer, request=request, **asked)


def _made(cls: type[Any], *_: Any, **__: Any) -> Any:
    """moto keeps every instance that is made, copies too, until the next test: 23 GB of tables for ten thousand records."""
    return object.__new__(cls)


def _process(stubber: BotocoreStubber, request: AWSPreparedRequest) -> Any:
    sent: Any = request.headers.get("X-Amz-Target", "")
    target = sent.decode() if isinstance(sent, bytes) else str(sent)
    method = _METHODS.get(target.removeprefix(_TARGET)) if target.startswith(_TARGET) else None
    found = _REGION.match(request.url)
    if method is None or found is None:
        return quick_moto.process(stubber, request)
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
    except ServiceException:  # nothing was written: let moto answer its usual way
        return quick_moto.process(stubber, request)
    finally:
        _transaction.reset(writes)
    return 200, {}, json.dumps(_written(result) if result is not None else {})


def _copied(table: Table, memo: dict[int, Any]) -> Table:
    """moto's copy of a table before a transaction: copies only the items that the transaction writes; moto changes
    those in place.
    """
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
    """A copy of an expression's tree. moto's own copies a node's parents too, and so the tree once for each node."""
    twin = object.__new__(type(node))
    vars(twin).update(vars(node))
    if node.children is not None:
        twin.children = [_part_copied(each, twin, memo) for each in node.children]
    return twin


def _part_copied(part: Any, parent: Any, memo: dict[int, Any]) -> Any:
    if type(part) is str:
        return part
    kind: Any = type(part)
    if not _is_node(kind):
        return copy.deepcopy(part, memo)
    twin = _node_copied(part, memo)
    twin.parent = parent
    return twin


@cache
def _is_node(kind: Any) -> bool:
    return issubclass(kind, _Node)


@cache
def _is_nested(kind: Any) -> bool:
    return issubclass(kind, (ast_nodes.Expression, ast_nodes.UpdateExpressionFunction))


def _clauses(node: Any, kinds: list[type[Any]]) -> list[Any]:
    """The parts of an expression that are of these kinds, in its order."""
    found = []
    for part in node.children or []:
        kind: Any = type(part)
        if kind in kinds:
            found.append(part)
        elif _is_nested(kind):
            found.extend(_clauses(part, kinds))
    return found


def _traversed(processor: Any, root: Any) -> Any:
    """What a processor makes of a tree, from its leaves up.

    A check of a whole expression finds at its root what it would find in each part, and so is made there alone.
    """
    if processor.nodes_to_be_processed() == (ast_nodes.UpdateExpression,):
        return processor.process(root)
    kind = type(processor)
    hears = kind.pre_processing_of_child is not ast_nodes.DepthFirstTraverser.pre_processing_of_child
    known = _kinds[kind]

    def walk(node: Any, place: int) -> Any:
        if type(node) not in known:
            known[type(node)] = (
                isinstance(node, _Node) and not isinstance(node, ast_nodes.LeafNode),
                isinstance(node, processor.nodes_to_be_processed()),
            )
        has_parts, is_wanted = known[type(node)]
        if has_parts:
            for nth, part in enumerate(node.children or ()):
                if hears:
                    processor.pre_processing_of_child(node, nth)
                walk(part, nth)
        if not is_wanted:
            return node
        parent = node.parent
        made = processor.process(node)
        made.parent = parent
        if parent:
            parent.children[place] = made
        return made

    return walk(root, -1)


def _lexed(parser: ConditionExpressionParser) -> Any:
    return deque(_words(str(parser.condition_expression)))


@lru_cache(maxsize=4096)
def _words(expression: str) -> tuple[Any, ...]:
    """A condition's words, which depend on its text alone; moto changes none of them."""
    return tuple(_lexed_by_moto(ConditionExpressionParser(expression, None, None)))


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
