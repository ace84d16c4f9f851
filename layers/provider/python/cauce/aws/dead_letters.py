"""Messages that a queue of the stack gave up, in its dead-letter queue, and the way out of there.

The queue itself knows where its dead letters go and after how many deliveries (its redrive policy), so nobody has to
be told. Those of the emission queue are moved by hand, one after another: a FIFO queue keeps their order so, and a
repetition after a crash is dropped by the name that a message was moved under, or by the emission itself, for which
a second delivery is nothing. Those of the other queues are not moved: into the control queue nobody else may send,
and in the intake queue a message sent anew has another id, another time and, for its sender, whoever moved it. A dead
letter still has its own (Amazon SQS developer guide, «Setting-up dead-letter queue retention»: a standard queue's
message keeps its time when it is moved there).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from cauce.aws.intake import Intake
from cauce.aws.queue import Job, Queue
from cauce.domain.errors import InvalidDocument
from cauce.domain.lot import Envelope

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# Others may look at the same time, and a look must not keep a letter from being redriven.
_LOOK_SECONDS = 10
_MOVE_SECONDS = 60
# SQS asks all of its servers only of who waits; an answer at once may leave letters out.
_PATIENCE_SECONDS = 1
_PAGE = 10


@dataclass(frozen=True)
class DeadLetter:
    """A message that was given up."""

    envelope: Envelope
    body: str
    group: str
    """Its lane, where it is of the emission queue."""
    deliveries: int
    """How often it was delivered, the looks at it as a dead letter included."""
    receipt: str

    @property
    def message_id(self) -> str:
        return self.envelope.message_id

    @property
    def job(self) -> Job | None:
        """What it asked of the emission queue; ``None`` where it is no message of ours."""
        try:
            return Queue.job(self.body)
        except InvalidDocument:
            return None


@dataclass(frozen=True)
class Depth:
    """How many messages a queue holds, about: SQS counts them without looking."""

    waiting: int
    in_flight: int


class DeadLetters:
    """The dead letters of one of the stack's queues."""

    def __init__(self, client: "SQSClient", queue_url: str):
        self._client = client
        self._queue_url = queue_url

    def is_last(self, deliveries: int) -> bool:
        """Whether a message that was delivered so often, this time included, is given up if it comes back."""
        return deliveries >= int(self._policy["maxReceiveCount"])

    def look(self, most: int, *, patient: bool = False) -> Iterator[DeadLetter]:
        """Dead letters, left where they are. Of one lane, ten in a look at most: FIFO shows no more at a time."""
        return islice(self._every(_LOOK_SECONDS, _PATIENCE_SECONDS if patient else 0), most)

    def taken(self) -> Iterator[DeadLetter]:
        """Every dead letter, taken so that nobody else takes it meanwhile. What is not deleted comes back."""
        return self._every(_MOVE_SECONDS, _PATIENCE_SECONDS)

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
        """Of the queue, and of its dead letters."""
        return self._depth(self._queue_url), self._depth(self._url)

    def _every(self, hidden_seconds: int, wait_seconds: int) -> Iterator[DeadLetter]:
        """Until there are no more, or they begin to come back."""
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


def _letter(message: Any) -> DeadLetter:
    attributes = message.get("Attributes", {})
    issuer = message.get("MessageAttributes", {}).get("emisor", {}).get("StringValue")
    return DeadLetter(
        envelope=Intake.envelope(
            message["MessageId"], attributes.get("SenderId"), attributes.get("SentTimestamp"), issuer
        ),
        body=message["Body"],
        group=attributes.get("MessageGroupId", "—"),
        deliveries=int(attributes.get("ApproximateReceiveCount", 0)),
        receipt=message["ReceiptHandle"],
    )
