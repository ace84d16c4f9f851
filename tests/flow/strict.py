"""What DynamoDB refuses and moto lets pass: keys too long, and a query started outside its own bounds.

Source: DynamoDB's quotas (2048 bytes a partition key, 1024 a sort key) and its answer to such a start key:
ValidationException, «The provided starting key is outside query boundaries based on provided conditions».
"""

from typing import Any

from botocore.exceptions import ClientError


def refuse_as_dynamodb(client: Any) -> None:
    """Make a client raise what the real service would answer."""
    client.meta.events.register("provide-client-params.dynamodb.GetItem", _get)
    client.meta.events.register("provide-client-params.dynamodb.Query", _query)


def _get(params: dict[str, Any], **_: Any) -> None:
    key = params["Key"]
    _check("pk", key["pk"]["S"], 2048, "GetItem")
    _check("sk", key["sk"]["S"], 1024, "GetItem")


def _check(name: str, text: str, longest: int, operation: str) -> None:
    if not text or len(text.encode("utf-8", "surrogatepass")) > longest:
        raise _refusal(f"Size of {name} has exceeded the maximum size limit of {longest} bytes", operation)
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise _refusal("not a valid string", operation)


def _query(params: dict[str, Any], **_: Any) -> None:
    for name, given in params["ExpressionAttributeValues"].items():
        if "S" in given:
            _check(name, given["S"], 2048, "Query")
    start, values = params.get("ExclusiveStartKey"), params["ExpressionAttributeValues"]
    if start is None or ":since" not in values:
        return
    sort = start.get("list_sk") or start["sk"]
    if not values[":since"]["S"] <= sort["S"] <= values[":until"]["S"]:
        raise _refusal("The provided starting key is outside query boundaries", "Query")


def _refusal(message: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": "ValidationException", "Message": message}}, operation)
