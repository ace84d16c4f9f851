"""SQS FIFO queues as documented, in simulated time, with the mapping that gives their messages to a function.

One message of a group at a time, in order; five minutes of deduplication; a message that was not deleted comes back
when its visibility timeout ends; one received too often becomes a dead letter. Beyond what a FIFO queue should do, some
deliveries are repeated, overtaken or lost, which the functions must survive.
Source: Amazon SQS developer guide, «FIFO queue delivery logic» and «Exactly-once processing».
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.stack import template
from tests.torture.chaos import Chaos
from tests.torture.timeline import Timeline

_DEDUPLICATION_SECONDS = 300.0
_DEAD = "dead.fifo"
LOOKS = "cauce-looks.fifo"


@dataclass
class Message:
    """A message, how often it was received, and until when it is invisible."""

    id: int
    group: str
    body: str
    received: int = 0
    hidden_until: float = 0.0
    in_flight: int = 0
    deleted: bool = False


@dataclass(frozen=True)
class Limits:
    """What the template says of a queue and of its event source mapping."""

    visibility_seconds: float
    most_receives: int
    concurrency: int

    @classmethod
    @cache
    def of_looks(cls) -> "Limits":
        """Of the queue of looks, which has no dead letters: records still due are queued again by the schedule."""
        read = template()
        queue = read["Resources"]["LooksQueue"]["Properties"]
        return cls(
            visibility_seconds=float(queue["VisibilityTimeout"]),
            most_receives=1_000_000,
            concurrency=int(read["Parameters"]["SettleConcurrency"]["Default"]),
        )

    @classmethod
    @cache
    def of_template(cls) -> "Limits":
        read = template()
        default = {name: each.get("Default") for name, each in read["Parameters"].items()}
        redrive = read["Resources"]["EmissionQueue"]["Properties"]["RedrivePolicy"]
        return cls(
            visibility_seconds=float(default["QueueVisibilitySeconds"]),
            most_receives=int(redrive["maxReceiveCount"]),
            concurrency=int(default["EmitConcurrency"]),
        )


@dataclass
class FifoQueue:
    """``deliver(message, done)`` starts an invocation; ``done(True)`` deletes the message."""

    timeline: Timeline
    chaos: Chaos
    limits: Limits
    deliver: Callable[[Message, Callable[[bool], None]], None]
    messages: list[Message] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)
    keeps: set[str] = field(default_factory=set)
    """NITs whose messages are never reordered, as a FIFO queue should have it."""
    order: dict[str, list[str]] = field(default_factory=dict)
    """By group, the records in the order of their first messages."""
    held: bool = False
    """Nothing is delivered unless a test calls ``give``."""
    _seen: dict[tuple[str, str], float] = field(default_factory=dict)
    most_at_work: int = 0
    """The highest number of deliveries at work at once."""
    _at_work: int = 0
    _given: int = 0

    def call(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """A call of the gateway to SQS, as botocore makes it."""
        match operation:
            case "SendMessage" if "MessageGroupId" in arguments:
                group, name = arguments["MessageGroupId"], arguments["MessageDeduplicationId"]
                self.send(group, name, arguments["MessageBody"])
                return {"MessageId": str(self._given)}
            case "SendMessageBatch":
                for entry in arguments["Entries"]:
                    self.send(entry["MessageGroupId"], entry["MessageDeduplicationId"], entry["MessageBody"])
                return {"Successful": [{"Id": entry["Id"]} for entry in arguments["Entries"]], "Failed": []}
            case "ChangeMessageVisibility":
                self.hide(arguments["ReceiptHandle"], float(arguments["VisibilityTimeout"]))
                return {}
            case "GetQueueAttributes":
                return {"Attributes": self._attributes(arguments["QueueUrl"])}
            case "GetQueueUrl":
                return {"QueueUrl": f"https://sqs/{arguments['QueueName']}"}
            case "ReceiveMessage":
                return {"Messages": self._dead_letters(float(arguments["VisibilityTimeout"]))}
            case "DeleteMessage":
                self.dead = [each for each in self.dead if str(each.id) != arguments["ReceiptHandle"]]
                return {}
        raise NotImplementedError(operation)

    def _attributes(self, url: str) -> dict[str, str]:
        shown = self.dead if url.endswith(_DEAD) else self.messages
        hidden = sum(each.hidden_until > self.timeline.elapsed for each in shown)
        return {
            "RedrivePolicy": json.dumps(
                {
                    "deadLetterTargetArn": f"arn:aws:sqs:us-east-1:0:{_DEAD}",
                    "maxReceiveCount": self.limits.most_receives,
                }
            ),
            "ApproximateNumberOfMessages": str(len(shown) - hidden),
            "ApproximateNumberOfMessagesNotVisible": str(hidden),
        }

    def _dead_letters(self, seconds: float) -> list[dict[str, Any]]:
        """Receive up to ten dead letters, and hide them for a while."""
        shown = [each for each in self.dead if each.hidden_until <= self.timeline.elapsed][:10]
        for each in shown:
            each.hidden_until = self.timeline.elapsed + seconds
            each.received += 1
        return [
            {
                "MessageId": str(each.id),
                "ReceiptHandle": str(each.id),
                "Body": each.body,
                "Attributes": {
                    "MessageGroupId": each.group,
                    "ApproximateReceiveCount": str(each.received),
                },
            }
            for each in shown
        ]

    def send(self, group: str, deduplication: str, body: str) -> None:
        if not re.fullmatch(r"[\w!\"#$%&'()*+,\-./:;<=>?@\[\\\]^`{|}~]{1,128}", group + ""):
            raise ValueError(f"SQS takes no such group: {group}")
        seen = self._seen.get((group, deduplication))
        if seen is not None and self.timeline.elapsed - seen < _DEDUPLICATION_SECONDS:
            return
        self._seen[group, deduplication] = self.timeline.elapsed
        if self.chaos.strikes("lose_message"):
            self.chaos.count("message lost")
            return
        self._given += 1
        message = Message(self._given, group, body)
        self.messages.append(message)
        lane, document_id = self.order.setdefault(group, []), self.document_id(message)
        if document_id not in lane:
            lane.append(document_id)
        self.timeline.after(0.05, self.pump)

    @staticmethod
    def document_id(message: Message) -> str:
        """The record that a message is about."""
        return str(json.loads(message.body)["document_id"])

    def hide(self, receipt: str, seconds: float) -> None:
        message = next((each for each in self.messages if str(each.id) == receipt), None)
        if message is not None:
            message.hidden_until = self.timeline.elapsed + seconds
            self.timeline.after(seconds, self.pump)

    def pump(self) -> None:
        """Deliver what may be delivered now."""
        while not self.held and self._at_work < self.limits.concurrency:
            message = self.next()
            if message is None:
                return
            self.give(message)

    def next(self) -> Message | None:
        """The next message to deliver; messages received too often become dead letters."""
        now = self.timeline.elapsed
        busy: set[str] = set()
        found: list[Message] = []
        for message in list(self.messages):
            is_free = message.in_flight == 0 and message.hidden_until <= now
            if is_free and message.received >= self.limits.most_receives:
                self.messages.remove(message)
                message.hidden_until = 0.0
                self.dead.append(message)
                self.chaos.count("message to the dead letters")
                continue
            is_kept = message.group.partition(".")[0] in self.keeps
            overtakes = message.group in busy and is_free and not is_kept and self.chaos.strikes("reorder")
            if overtakes:
                self.chaos.count("message overtaken")
            if is_free and (message.group not in busy or overtakes):
                found.append(message)
            busy.add(message.group)
        return found[-1] if found and self.chaos.strikes("reorder") else next(iter(found), None)

    def give(self, message: Message) -> None:
        message.received += 1
        message.in_flight += 1
        message.hidden_until = self.timeline.elapsed + self.limits.visibility_seconds
        self._at_work += 1
        self.most_at_work = max(self.most_at_work, self._at_work)

        def done(deleted: bool) -> None:
            self._at_work -= 1
            message.in_flight -= 1
            if deleted and message in self.messages:
                self.messages.remove(message)
            elif not deleted:
                wait = max(0.0, message.hidden_until - self.timeline.elapsed)
                self.timeline.after(wait, self.pump)
            self.pump()

        self.deliver(message, done)
        if self.chaos.strikes("duplicate"):
            self.chaos.count("message delivered twice")
            self.timeline.after(self.chaos.random.uniform(0, 2), lambda: self.give_again(message))

    def give_again(self, message: Message) -> None:
        """Deliver a message once more; the result of this delivery is ignored."""
        self._at_work += 1

        def done(deleted: bool) -> None:
            self._at_work -= 1
            self.pump()

        self.deliver(message, done)
