"""The intake queue: documents that an ERP sends straight, files that were uploaded, and lots to go on with.

Standard and not FIFO: S3 notifies no other, and what is taken in is exactly once by its reference, not by the queue.
"""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from cauce.aws import lot_files
from cauce.domain.lot import Envelope, GoOn, Lot, Message, Straight, Uploaded

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class Intake:
    """The stack's intake queue."""

    def __init__(self, client: "SQSClient", url: str):
        self._client = client
        self._url = url

    @property
    def name(self) -> str:
        return self._url.rpartition("/")[2]

    def go_on(self, lot: Lot) -> None:
        """Queue a lot's next lines, behind everything else that waits."""
        message = {"lote": lot.lot_id, "emisor": lot.issuer, "desde": lot.position}
        self._client.send_message(QueueUrl=self._url, MessageBody=json.dumps(message))

    @staticmethod
    def envelope(
        message_id: str, sender_id: str | None, sent_milliseconds: str | None, issuer: str | None
    ) -> Envelope:
        """What the queue says of a message: its id, two of its attributes in SQS's words, and the ERP's own."""
        return Envelope(
            message_id=message_id,
            sender=(sender_id or "").partition(":")[0],  # a role's session comes after the colon
            issuer=issuer,
            sent_at=datetime.fromtimestamp(int(sent_milliseconds or 0) / 1000, UTC),
        )

    @staticmethod
    def message(body: str) -> Message:
        """What a message asks for. Whatever is not ours or S3's is somebody's document, to be judged as one."""
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            return Straight(body)
        if not isinstance(found, dict):
            return Straight(body)
        if found.get("Event") == "s3:TestEvent":  # S3 tries a queue out when it is told of it
            return Uploaded(())
        if _is_from_s3(found):
            keys = (unquote_plus(str(each["s3"]["object"]["key"])) for each in found["Records"])
            return Uploaded(tuple(named for each in keys if (named := lot_files.named(each))))
        if found.keys() == {"lote", "emisor", "desde"} and isinstance(found["desde"], int):
            return GoOn(str(found["emisor"]), str(found["lote"]), found["desde"])
        return Straight(body)


def _is_from_s3(found: dict[str, Any]) -> bool:
    records = found.get("Records")
    return isinstance(records, list) and all(
        isinstance(each, dict) and each.get("eventSource") == "aws:s3" for each in records
    )
