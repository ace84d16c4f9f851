"""The stack's queues as those who send to them use them: by name, with a client that is not the gateway's."""

import json
from typing import Any

from tests import stack

EMISSION, INTAKE, CONTROL, LOOKS = "cauce.fifo", "cauce-intake", "cauce-control", "cauce-looks.fifo"
NEWS = "cauce-news.fifo"


def url(queue: str) -> str:
    return stack.queue_url(queue)


def to_intake(body: Any, nit: str | None) -> str:
    """Send what an ERP sends, with its issuer's NIT where it names one; the message's id."""
    attributes = {"emisor": {"DataType": "String", "StringValue": nit}} if nit else {}
    sent = stack.client("sqs").send_message(
        QueueUrl=url(INTAKE), MessageBody=_text(body), MessageAttributes=attributes
    )
    return str(sent["MessageId"])


def to_control(body: Any) -> None:
    stack.client("sqs").send_message(QueueUrl=url(CONTROL), MessageBody=_text(body))


def uploaded(key: str) -> dict[str, Any]:
    """What S3 tells the control queue of a new object."""
    told = {"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": {"object": {"key": key}}}
    return {"Records": [told]}


def received(queue: str, **options: Any) -> list[Any]:
    """Up to ten messages, with all that came with them."""
    found: list[Any] = (
        stack.client("sqs")
        .receive_message(
            QueueUrl=url(queue),
            MaxNumberOfMessages=10,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
            **options,
        )
        .get("Messages", [])
    )
    return found


def delete(queue: str, message: Any) -> None:
    stack.client("sqs").delete_message(QueueUrl=url(queue), ReceiptHandle=message["ReceiptHandle"])


def purge(queue: str) -> None:
    stack.client("sqs").purge_queue(QueueUrl=url(queue))


def _text(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body)
