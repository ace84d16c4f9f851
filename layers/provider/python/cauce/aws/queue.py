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
"""Of an issuer's documents at a provider without lanes: those of its lots in so many, its single ones in as many."""
# SQS hides a message for twelve hours at most, the time since it was received included.
_LONGEST_WAIT = timedelta(hours=11)


@dataclass(frozen=True)
class Job:
    """A message: emit this record."""

    issuer: str
    document_id: str


class Queue:
    """The stack's emission queue."""

    def __init__(self, client: "SQSClient", url: str):
        self._client = client
        self._url = url

    def put(self, record: Record, lane: Lane) -> None:
        """Queue a record behind its lane. Twice in the same state is once: SQS drops the repetition."""
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=json.dumps({"issuer": record.issuer, "document_id": record.document_id}),
            MessageGroupId=_group(record, lane),
            MessageDeduplicationId=f"{record.document_id}-{record.version}",
        )

    @staticmethod
    def job(body: str) -> Job:
        """A message's body. Raises InvalidDocument where it is not one of ours."""
        try:
            message = json.loads(body)
            return Job(issuer=str(message["issuer"]), document_id=str(message["document_id"]))
        except (ValueError, KeyError, TypeError) as cause:
            raise InvalidDocument("El mensaje de la cola no tiene «issuer» y «document_id».") from cause

    def delay(self, receipt_handle: str, wait: timedelta) -> None:
        """Let a message that could not be finished come back after a while, its lane waiting behind it."""
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
            # Nothing need be serial, and yet an issuer gets few groups, however many documents it has queued: each
            # may hold a worker, and the others' documents want some too. More workers would only wait for each
            # other's turns at the provider.
            came = "single" if record.line is None else "lot"
            group = zlib.crc32(record.document_id.encode()) % GROUPS
            return f"{record.issuer}.{record.provider}.{came}.{group}"
