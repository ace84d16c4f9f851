"""Messages that a queue of the stack gave up, in its dead-letter queue, and how they get out of it.

A queue's redrive policy says which its dead-letter queue is and after how many deliveries, so neither is configured.
Dead letters of the emission queue are moved back one after another, which keeps their order in a FIFO queue. One that
is moved twice because of a crash is dropped by its deduplication id, or is harmless, since emission is idempotent.
Those of the other queues are not moved: an operator may not send to the control queue, and a message sent anew to the
intake queue would get another id, another time and, as its sender, the operator. The dead letter itself still has its
own (Amazon SQS developer guide, «Setting-up dead-letter queue retention»: a standard queue's message keeps its time
when it is moved there).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from cauce.aws.queues import Intake, Job, Queue
from cauce.domain.errors import InvalidDocument
from cauce.domain.lot import Envelope

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# Visibility timeouts. A look's is short, so that it does not keep a letter from being redriven.
LOOK_SECONDS = 10
MOVE_SECONDS = 60
# Long polling: without a wait SQS asks only some of its servers, and may leave letters out.
PATIENCE_SECONDS = 1
_PAGE = 10


@dataclass(frozen=True)
class DeadLetter:
    """A message that was given up."""

    envelope: Envelope
    body: str
    group: str
    """Its message group: in the emission queue, its lane."""
    deliveries: int
    """How often it was delivered, the looks at it as a dead letter included."""
    receipt: str

    @property
    def message_id(self) -> str:
        return self.envelope.message_id

    @property
    def job(self) -> Job | None:
        """What it asked of the emission queue; ``None`` where its body is none of ours."""
        try:
            return Queue.job(self.body)
        except InvalidDocument:
            return None


@dataclass(frozen=True)
class Depth:
    """About how many messages a queue holds, by SQS's own approximate counts."""

    waiting: int
    in_flight: int


class DeadLetters:
    """The dead letters of one of the stack's queues."""

    def __init__(self, client: "SQSClient", queue_url: str):
        self._client = client
        self._queue_url = queue_url

    def is_last(self, deliveries: int) -> bool:
        """Whether a message has no delivery left: if it comes back, SQS moves it to the dead letters. ``deliveries``:
        how many it had, the present one included."""
        return deliveries >= int(self._policy["maxReceiveCount"])

    def look(self, most: int, *, patient: bool = False) -> Iterator[DeadLetter]:
        """Up to ``most`` dead letters, left in their queue; at most ten of each lane, since FIFO shows no more at a
        time. ``patient``: with long polling."""
        return islice(self._every(LOOK_SECONDS, PATIENCE_SECONDS if patient else 0), most)

    def taken(self) -> Iterator[DeadLetter]:
        """Every dead letter, hidden from others for a minute. One that is not deleted comes back then."""
        return self._every(MOVE_SECONDS, PATIENCE_SECONDS)

    def redrive(self, letter: DeadLetter) -> None:
        """Put it back at the end of its lane. Dying between the two calls leaves it in both queues, which is safe."""
        self._client.send_message(
            QueueUrl=self._queue_url,
            MessageBody=letter.body,
            MessageGroupId=letter.group,
            MessageDeduplicationId=f"redriven-{letter.message_id}",
        )
        self.delete(letter)

    def delete(self, letter: DeadLetter) -> None:
        self._client.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)

    def depths(self) -> tuple[Depth, Depth]:
        """Of the queue, and of its dead-letter queue."""
        return self._depth(self._queue_url), self._depth(self._url)

    def _every(self, hidden_seconds: int, wait_seconds: int) -> Iterator[DeadLetter]:
        """Page after page, until one brings no letter that was not seen before."""
        seen: set[str] = set()
        while page := [
            letter for letter in self._page(hidden_seconds, wait_seconds) if letter.message_id not in seen
        ]:
            seen.update(letter.message_id for letter in page)
            yield from page

    def _page(self, hidden_seconds: int, wait_seconds: int) -> list[DeadLetter]:
        answer = self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=_PAGE,
            VisibilityTimeout=hidden_seconds,
            WaitTimeSeconds=wait_seconds,
            MessageSystemAttributeNames=[
                "MessageGroupId",
                "ApproximateReceiveCount",
                "SenderId",
                "SentTimestamp",
            ],
            MessageAttributeNames=["emisor"],
        )
        return [_letter(message) for message in answer.get("Messages", [])]

    def _depth(self, url: str) -> Depth:
        found = self._client.get_queue_attributes(
            QueueUrl=url,
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )["Attributes"]
        return Depth(
            waiting=int(found["ApproximateNumberOfMessages"]),
            in_flight=int(found["ApproximateNumberOfMessagesNotVisible"]),
        )

    @cached_property
    def _url(self) -> str:
        name = self._policy["deadLetterTargetArn"].rpartition(":")[2]
        return self._client.get_queue_url(QueueName=name)["QueueUrl"]

    @cached_property
    def _policy(self) -> dict[str, Any]:
        found = self._client.get_queue_attributes(QueueUrl=self._queue_url, AttributeNames=["RedrivePolicy"])
        policy: dict[str, Any] = json.loads(found["Attributes"]["RedrivePolicy"])
        return policy


def _letter(message: "MessageTypeDef") -> DeadLetter:
    attributes = message.get("Attributes", {})
    told = message.get("MessageAttributes", {}).get("emisor")
    issuer = told.get("StringValue") if told else None
    return DeadLetter(
        envelope=Intake.envelope(
            message["MessageId"], attributes.get("SenderId"), attributes.get("SentTimestamp"), issuer
        ),
        body=message["Body"],
        group=attributes.get("MessageGroupId", "—"),
        deliveries=int(attributes.get("ApproximateReceiveCount", 0)),
        receipt=message["ReceiptHandle"],
    )
