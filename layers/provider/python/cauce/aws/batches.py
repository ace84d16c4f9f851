"""Reading many items of the table at once."""

import time
from typing import TYPE_CHECKING, Any

from cauce.aws import items, keys
from cauce.aws.items import Item
from cauce.domain.errors import Busy

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Keys that DynamoDB reads in one BatchGetItem.
MOST = 100


def read(client: "DynamoDBClient", table: str, wanted: list[keys.Key]) -> list[Item]:
    """The items under at most ``MOST`` keys, read consistently, in the order asked; absent ones are left out.

    A key may be given twice, as by an index in which an item has just moved: it is read once, since DynamoDB refuses
    repeated keys. Raises Busy while the table is throttled.
    """
    found: dict[tuple[str, str], Item] = {}
    order = list(dict.fromkeys((key["pk"], key["sk"]) for key in wanted))
    pending: Any = [items.pack({"pk": pk, "sk": sk}) for pk, sk in order]
    for pause in (0.0, 0.05, 0.1, 0.2, 0.4, 0.8):
        if not pending:
            break
        time.sleep(pause)
        request: Any = {table: {"Keys": pending, "ConsistentRead": True}}
        answer = client.batch_get_item(RequestItems=request)
        for item in answer["Responses"].get(table, []):
            found[item["pk"]["S"], item["sk"]["S"]] = dict(item)
        unprocessed: Any = answer.get("UnprocessedKeys", {})
        pending = unprocessed.get(table, {}).get("Keys", [])
    if pending:
        raise Busy("La lectura de documentos está saturada; intente de nuevo en un segundo.")
    return [found[key] for key in order if key in found]
