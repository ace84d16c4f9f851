"""One run of the settling schedule, and every look that it hands out, done in this process."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cauce.domain.record import Due
from cauce.gateway import Gateway
from cauce.settling import looks
from cauce.settling.looks import Look, Seen
from tests import stack


@dataclass(frozen=True)
class Sweep:
    """The results of the looks."""

    looks: tuple[Look, ...]

    def count(self, seen: Seen) -> int:
        return sum(each.seen is seen for each in self.looks)

    @property
    def queued(self) -> int:
        return self.count(Seen.QUEUED)

    @property
    def settled(self) -> int:
        return self.count(Seen.SETTLED)

    @property
    def waiting(self) -> int:
        return self.count(Seen.WAITING)

    @property
    def failed(self) -> int:
        return self.count(Seen.FAILED)

    @property
    def oldest_seconds(self) -> float:
        return max((each.age_seconds for each in self.looks), default=0.0)

    @property
    def contingencies_late(self) -> int:
        return sum(each.is_late for each in self.looks)


def settle_due(gateway: Gateway) -> Sweep:
    """Hand out looks at what is due, and do every look."""
    looks.hand_out(gateway)
    return Sweep(tuple(_look(gateway, gateway.looks.due(each["Body"])) for each in handed_out(gateway)))


def look_at_what_is_due(gateway: Gateway) -> Sweep:
    """Do the looks at what is due without the queue: on the local engine other workers take its messages."""
    return Sweep(tuple(_look(gateway, due) for due in gateway.records.due(gateway.now())))


def _look(gateway: Gateway, due: Due) -> Look:
    """Do a look; if its turn at the provider has not come, once more, and then it waits for the turn."""
    look = looks.take(gateway, due)
    return look if look.comes_back_in is None else looks.take(gateway, due, came_back=True)


def handed_out(gateway: Gateway) -> Iterator[Any]:
    """The messages of the queue of looks; each is deleted when the next is asked for."""
    client = stack.client("sqs")
    url = stack.queue_url(gateway.looks.name)
    while messages := client.receive_message(
        QueueUrl=url, MaxNumberOfMessages=1, VisibilityTimeout=0, AttributeNames=["All"]
    ).get("Messages"):
        yield from messages
        client.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])
