"""The stack's queues: what is put in each, and what a message of it asks for.

The emission queue and that of looks are FIFO, so that each of their message groups goes on by itself. The control and
the intake queue are standard: S3 notifies no others, and a document's reference makes its intake exactly-once, not
the queue.
"""

import hashlib
import json
import math
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import unquote_plus

from pydantic import AliasPath, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from cauce.aws import lot_files
from cauce.domain.errors import InvalidDocument
from cauce.domain.lot import Envelope, GoOn, Lot, Message, Uploaded
from cauce.domain.record import Due, Record
from cauce.providers.base import Lane

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

GROUPS = 4
"""Message groups of an issuer at a provider without lanes: so many for its lots' lines, and as many for its single
documents."""
# SQS hides a message for twelve hours at most, the time since it was received included.
_LONGEST_WAIT = timedelta(hours=11)
# Looks that are queued in one call, at most.
_AT_ONCE = 10


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
    """The emission queue: one message group for each lane."""

    def put(self, record: Record, lane: Lane) -> None:
        """Queue a record at the end of its lane. Idempotent: SQS drops a repetition of the same version for five
        minutes."""
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=json.dumps({"issuer": record.issuer, "document_id": record.document_id}),
            MessageGroupId=message_group(record, lane),
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


def message_group(record: Record, lane: Lane) -> str:
    """The message group of a record: its lane, or one of several where its provider has none."""
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


class Looks(SqsQueue):
    """The queue of looks: one message group for each issuer at each provider, and one for its mails.

    SQS gives a group to one invocation at a time: an issuer whose provider hangs occupies one, and the other groups
    go on. A look whose message is lost is handed out again by the schedule.
    """

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
                is_mail=bool(message.get("is_mail")),
            )
        except (ValueError, KeyError, TypeError, RecursionError) as cause:
            raise InvalidDocument("El mensaje no dice qué documento revisar.") from cause


@dataclass(frozen=True)
class Push:
    """A message: make an endpoint's deliveries of what is new; or, with the ``position`` of a piece of news, deliver
    that."""

    issuer: str
    endpoint: str
    position: str | None = None


class Pushes(SqsQueue):
    """The queue of deliveries to endpoints: one message group for each record at each endpoint, so that its news
    arrives in order, and no endpoint and no record waits for another."""

    def put_rounds(self, endpoints: Sequence[tuple[str, str]], minute: int) -> None:
        """Queue a round of each endpoint, given by its issuer's NIT and its id. SQS drops the second of a minute."""
        self._put(
            [
                (Push(nit, endpoint_id), f"{nit}.{endpoint_id}", f"{endpoint_id}-{minute}")
                for nit, endpoint_id in endpoints
            ]
        )

    def put(self, issuer: str, endpoint_id: str, deliveries: Sequence[tuple[str, str, str]]) -> None:
        """Queue deliveries: of each the position of its news, what keeps it in order with others, and what tells this
        queueing from another, which SQS drops for five minutes if it is the same."""
        self._put(
            [
                (Push(issuer, endpoint_id, position), f"{endpoint_id}.{_short(group)}", f"{position}-{again}")
                for position, group, again in deliveries
            ]
        )

    def _put(self, pushes: Sequence[tuple[Push, str, str]]) -> None:
        for start in range(0, len(pushes), _AT_ONCE):
            entries: list[SendMessageBatchRequestEntryTypeDef] = [
                {
                    "Id": str(n),
                    "MessageBody": json.dumps(asdict(push)),
                    "MessageGroupId": group,
                    "MessageDeduplicationId": _short(f"{push.endpoint}-{once}"),
                }
                for n, (push, group, once) in enumerate(pushes[start : start + _AT_ONCE])
            ]
            self._client.send_message_batch(QueueUrl=self._url, Entries=entries)

    def delay(self, receipt_handle: str, wait: timedelta) -> None:
        """Hide a message for ``wait``, eleven hours at most; its group waits behind it."""
        seconds = max(0, math.ceil(min(wait, _LONGEST_WAIT).total_seconds()))
        self._client.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
        )

    @staticmethod
    def push(body: str) -> Push:
        """What a message asks for. Raises InvalidDocument where it is not one of ours."""
        try:
            message = json.loads(body)
            position = message.get("position")
            return Push(
                issuer=str(message["issuer"]),
                endpoint=str(message["endpoint"]),
                position=None if position is None else str(position),
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as cause:
            raise InvalidDocument("El mensaje no dice qué entregar.") from cause


def _short(text: str) -> str:
    """A name of at most 64 signs that SQS takes, for any text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _entry(entry_id: str, due: Due) -> "SendMessageBatchRequestEntryTypeDef":
    return {
        "Id": entry_id,
        "MessageBody": json.dumps(due._asdict()),
        "MessageGroupId": f"{due.issuer}.{due.provider or 'sin-proveedor'}{'.correo' if due.is_mail else ''}",
        "MessageDeduplicationId": f"{due.document_id}-{due.at}",
    }


class _Told(BaseModel):
    """What another says; its schema is built when it is first read."""

    model_config = ConfigDict(defer_build=True)


class _File(_Told):
    eventSource: Literal["aws:s3"]
    key: str = Field(validation_alias=AliasPath("s3", "object", "key"))


class _Files(_Told):
    """S3's notification that files were uploaded. Source: Amazon S3 user guide, «Event message structure»."""

    Records: list[_File] = Field(min_length=1)


class _Test(_Told):
    """The test message that S3 sends when notifications to a queue are configured."""

    Event: Literal["s3:TestEvent"]


class _Next(_Told):
    """Our own message: read a lot's lines from position ``desde`` on."""

    model_config = ConfigDict(extra="forbid", strict=True)

    lote: Annotated[str, StringConstraints(pattern=lot_files.LOT)]
    emisor: Annotated[str, StringConstraints(pattern=lot_files.NIT)]
    desde: int = Field(ge=0)


_MESSAGE: TypeAdapter[_Files | _Test | _Next] = TypeAdapter(
    _Files | _Test | _Next, config=ConfigDict(defer_build=True)
)


class Control(SqsQueue):
    """The control queue: S3 tells here that a lot's file was uploaded, and we tell which lot to read further.

    Its policy lets nobody else send, so its messages are obeyed. It is separate from the intake queue, where an ERP
    could put a body that looks like one of these. Obeying a message is idempotent.
    """

    def go_on(self, lot: Lot, *, in_seconds: int = 0) -> None:
        """Queue the reading of a lot's next lines, to be delivered after ``in_seconds``, 900 at most."""
        message = {"lote": lot.lot_id, "emisor": lot.issuer, "desde": lot.position}
        self._client.send_message(
            QueueUrl=self._url, MessageBody=json.dumps(message), DelaySeconds=in_seconds
        )

    @staticmethod
    def message(body: str) -> Message:
        """What a message asks for. Raises InvalidDocument where it is neither ours nor S3's."""
        try:
            found = _MESSAGE.validate_json(body)
        except (ValidationError, UnicodeEncodeError) as cause:
            raise InvalidDocument("El mensaje de control no es ni de S3 ni de Cauce.") from cause
        match found:
            case _Next(lote=lot_id, emisor=nit, desde=position):
                return GoOn(nit, lot_id, position)
            case _Files(Records=files):
                named = (lot_files.named(unquote_plus(each.key)) for each in files)
                return Uploaded(tuple(each for each in named if each))
        return Uploaded(())


class Intake:
    """The intake queue: documents that ERPs of the account send themselves. A sender may put anything here, and every
    body is judged as somebody's document."""

    def __init__(self, url: str):
        self._url = url

    @property
    def name(self) -> str:
        return self._url.rpartition("/")[2]

    @staticmethod
    def envelope(
        message_id: str, sender_id: str | None, sent_milliseconds: str | None, issuer: str | None
    ) -> Envelope:
        """What SQS says of a message (its id, SenderId, SentTimestamp in ms since the epoch), and the ERP's own
        attribute."""
        return Envelope(
            message_id=message_id,
            sender=(sender_id or "").partition(":")[0],  # a role's session comes after the colon
            issuer=issuer,
            sent_at=datetime.fromtimestamp(int(sent_milliseconds or 0) / 1000, UTC),
        )
