"""moto's DynamoDB, asked without the way there: of a call in process, nine tenths were spent on making an HTTP request of
it, routing that, and writing and reading its answer through AWS's descriptions.

botocore's own part stays as it is: its checks of what is asked, its events, its tries. An operation that is not here, and
one that moto refuses, goes moto's own way.

Before a transaction moto copies every item of every table, to put it back if the transaction fails. Here it copies what
the transaction names.
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
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
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


def install() -> None:
    """For the whole process."""
    stubber: Any = BotocoreStubber
    table: Any = Table
    stubber.process_request, table.__deepcopy__ = _process, _copied


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
