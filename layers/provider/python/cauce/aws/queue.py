"""The emission queue: FIFO, one message group for each lane."""

import json
import math
import zlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from cauce.domain.errors import InvalidDocument
from cauce.domain.record import Record
from cauce.providers.base import Lane

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

GROUPS = 4
"""Message groups of an issuer at a provider without lanes: so many for its lots' lines, and as many for its single
documents."""
# SQS hides a message for twelve hours at most, the time since it was received included.
_LONGEST_WAIT = timedelta(hours=11)


@dataclass(frozen=True)
class Job:
    """A message: emit this record."""

    issuer: str
    document_id: str


class SqsQueue:
    """A queue of the stack."""

    def __init__(self, client: "SQSClient", url: str):
        self._client = client
        self._url = url

    @property
    def name(self) -> str:
        return self._url.rpartition("/")[2]


class Queue(SqsQueue):
    def put(self, record: Record, lane: Lane) -> None:
        """Queue a record at the end of its lane. Idempotent: SQS drops a repetition of the same version for five
        minutes."""
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=json.dumps({"issuer": record.issuer, "document_id": record.document_id}),
            MessageGroupId=_group(record, lane),
            MessageDeduplicationId=f"{record.document_id}-{record.version}",
        )

    @staticmethod
    def job(body: str) -> Job:
        """The job in a message's body. Raises InvalidDocument where it is not one of ours."""
        try:
            message = json.loads(body)
            return Job(issuer=str(message["issuer"]), document_id=str(message["document_id"]))
        except (ValueError, KeyError, TypeError) as cause:
            raise InvalidDocument("El mensaje de la cola no tiene «issuer» y «document_id».") from cause

    def delay(self, receipt_handle: str, wait: timedelta) -> None:
        """Hide a message that could not be finished for ``wait``, eleven hours at most; its lane waits behind it."""
        seconds = max(0, math.ceil(min(wait, _LONGEST_WAIT).total_seconds()))
        self._client.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
        )


def _group(record: Record, lane: Lane) -> str:
    match lane:
        case Lane.KIND:
            return f"{record.issuer}.{record.provider}.{record.kind.value}"
        case Lane.ISSUER:
            return f"{record.issuer}.{record.provider}"
        case Lane.NONE:
            # The order does not matter here, but each group may occupy a worker: few groups leave workers to other
            # issuers, and with more the workers would only wait for the provider's pace.
            came = "single" if record.line is None else "lot"
            group = zlib.crc32(record.document_id.encode()) % GROUPS
            return f"{record.issuer}.{record.provider}.{came}.{group}"
