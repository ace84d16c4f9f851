"""Messages that the emission queue gave up, in its dead-letter queue, and the way back.

The queue itself knows where its dead letters go (its redrive policy), so nobody has to be told. They are moved by
hand, one after another: a FIFO queue keeps their order so, and a repetition after a crash is dropped by the name
that a message was moved under, or by the emission itself, for which a second delivery is nothing.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from cauce.aws.queue import Job, Queue
from cauce.domain.errors import InvalidDocument, NotFound

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# Others may look at the same time, and a look must not keep a letter from being redriven.
_LOOK_SECONDS = 10
_MOVE_SECONDS = 60
_PAGE = 10


@dataclass(frozen=True)
class DeadLetter:
    """A message that was given up."""

    message_id: str
    body: str
    group: str
    deliveries: int
    """How often it was delivered, the looks at it as a dead letter included."""
    receipt: str

    @property
    def job(self) -> Job | None:
        """What it asked for; ``None`` where it is no message of ours."""
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
    """The dead letters of the stack's emission queue."""

    def __init__(self, client: "SQSClient", queue_url: str):
        self._client = client
        self._queue_url = queue_url

    def look(self, most: int) -> Iterator[DeadLetter]:
        """Dead letters, left where they are. Of one lane, ten in a look at most: FIFO shows no more at a time."""
        return islice(self._every(_LOOK_SECONDS), most)

    def taken(self) -> Iterator[DeadLetter]:
        """Every dead letter, taken so that nobody else redrives it meanwhile. What is not redriven comes back."""
        return self._every(_MOVE_SECONDS)

    def redrive(self, letter: DeadLetter) -> None:
        """Put it back at the end of its lane. Dying between the two calls leaves it in both queues, which is safe."""
        self._client.send_message(
            QueueUrl=self._queue_url,
            MessageBody=letter.body,
            MessageGroupId=letter.group,
            MessageDeduplicationId=f"redriven-{letter.message_id}",
        )
        self._client.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)

    def depths(self) -> tuple[Depth, Depth]:
        """Of the emission queue, and of its dead letters."""
        return self._depth(self._queue_url), self._depth(self._url)

    def _every(self, seconds: int) -> Iterator[DeadLetter]:
        """Until there are no more, or they begin to come back."""
        seen: set[str] = set()
        while page := [letter for letter in self._page(seconds) if letter.message_id not in seen]:
            seen.update(letter.message_id for letter in page)
            yield from page

    def _page(self, seconds: int) -> list[DeadLetter]:
        answer = self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=_PAGE,
            VisibilityTimeout=seconds,
            MessageSystemAttributeNames=["MessageGroupId", "ApproximateReceiveCount"],
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
        """Raises NotFound where the emission queue has no dead-letter queue."""
        found = self._client.get_queue_attributes(QueueUrl=self._queue_url, AttributeNames=["RedrivePolicy"])
        policy = found.get("Attributes", {}).get("RedrivePolicy")
        if policy is None:
            raise NotFound("La cola de emisión no tiene cola de mensajes abandonados.")
        name = json.loads(policy)["deadLetterTargetArn"].rpartition(":")[2]
        return self._client.get_queue_url(QueueName=name)["QueueUrl"]


def _letter(message: Any) -> DeadLetter:
    attributes = message.get("Attributes", {})
    return DeadLetter(
        message_id=message["MessageId"],
        body=message["Body"],
        group=attributes.get("MessageGroupId", "—"),
        deliveries=int(attributes.get("ApproximateReceiveCount", 0)),
        receipt=message["ReceiptHandle"],
    )
