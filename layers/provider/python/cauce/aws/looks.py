"""The queue of looks: FIFO, one message group for each issuer at each provider.

SQS gives a group to one invocation at a time: an issuer whose provider hangs occupies one, and the other groups go
on. A look whose message is lost is handed out again by the schedule.
"""

import json
import math
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from cauce.aws.queue import SqsQueue
from cauce.domain.errors import InvalidDocument
from cauce.domain.record import Due

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

# Messages in one call, at most.
_AT_ONCE = 10


class Looks(SqsQueue):
    def put(self, due: Sequence[Due]) -> None:
        """Queue a look at each record. SQS drops a repetition, of the same record and due time, for five minutes."""
        for start in range(0, len(due), _AT_ONCE):
            entries = [_entry(str(n), each) for n, each in enumerate(due[start : start + _AT_ONCE])]
            self._client.send_message_batch(QueueUrl=self._url, Entries=entries)

    def delay(self, receipt_handle: str, wait: timedelta) -> None:
        """Hide a look's message for ``wait``. Only the other looks of its group wait behind it."""
        self._client.change_message_visibility(
            QueueUrl=self._url,
            ReceiptHandle=receipt_handle,
            VisibilityTimeout=math.ceil(wait.total_seconds()),
        )

    @staticmethod
    def due(body: str) -> Due:
        """The record that a message asks to look at. Raises InvalidDocument where the message is not one of ours."""
        try:
            message = json.loads(body)
            return Due(
                issuer=str(message["issuer"]),
                document_id=str(message["document_id"]),
                provider=str(message["provider"]),
                at=str(message["at"]),
            )
        except (ValueError, KeyError, TypeError, RecursionError) as cause:
            raise InvalidDocument("El mensaje no dice qué documento revisar.") from cause


def _entry(entry_id: str, due: Due) -> "SendMessageBatchRequestEntryTypeDef":
    return {
        "Id": entry_id,
        "MessageBody": json.dumps(due._asdict()),
        "MessageGroupId": f"{due.issuer}.{due.provider or 'sin-proveedor'}",
        "MessageDeduplicationId": f"{due.document_id}-{due.at}",
    }
