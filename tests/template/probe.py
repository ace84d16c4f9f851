"""A handler that tells what it was given, and does with AWS what it is asked: enough to test the stack."""

import json
import os
from typing import Any

import boto3


def handler(event: dict[str, Any], context: Any) -> Any:
    if "Records" in event:
        return consume(event["Records"])
    if "schedule" in event:
        return {"ran": event["schedule"], "for": context.function_name}
    asked = event["queryStringParameters"] or {}
    told = attempt(asked["call"], json.loads(asked["with"])) if "call" in asked else {"event": event}
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(told)}


def attempt(call: str, arguments: dict[str, Any]) -> dict[str, Any]:
    service, operation = call.split(".")
    client = boto3.client(service)
    try:
        getattr(client, operation)(**arguments)
    except client.exceptions.ClientError as refused:
        return {"refused": refused.response["Error"]["Code"]}
    return {"refused": None}


def consume(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Notes each message in the table in the order of arrival; hands back the ones that ask for it once."""
    table = boto3.resource("dynamodb").Table(os.environ["CAUCE_TABLE"])
    failed = []
    for record in records:
        message = json.loads(record["body"])
        deliveries = int(record["attributes"]["ApproximateReceiveCount"])
        if message.get("fails_once") and deliveries == 1:
            failed.append({"itemIdentifier": record["messageId"]})
            boto3.client("sqs").change_message_visibility(
                QueueUrl=os.environ["CAUCE_QUEUE_URL"],
                ReceiptHandle=record["receiptHandle"],
                VisibilityTimeout=0,
            )
            continue
        seen = {"pk": message["test"], "sk": message["name"], "deliveries": deliveries}
        arrived = table.update_item(
            Key={"pk": message["test"], "sk": "#arrivals"},
            UpdateExpression="ADD arrivals :one",
            ExpressionAttributeValues={":one": 1},
            ReturnValues="UPDATED_NEW",
        )
        table.put_item(Item=seen | {"position": arrived["Attributes"]["arrivals"]})
    return {"batchItemFailures": failed}
