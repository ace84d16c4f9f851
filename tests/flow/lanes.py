"""The emission queue on a test's clock: FIFO lanes, messages that stay hidden for as long as the handler asked."""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore.awsrequest import AWSResponse

from cauce.domain.record import Record
from cauce.gateway import Gateway
from cauce.providers.base import Lane
from tests.flow.conftest import Clock, context
from tests.flow.handlers import named
from tests.quick_boto3 import own

VISIBILITY = timedelta(seconds=540)


@dataclass
class Message:
    """One message, and from when on it may be delivered."""

    body: str
    handle: str
    visible_at: datetime
    deliveries: int = 0


@dataclass
class LaneQueue:
    """Stands in for SQS where minutes must pass: moto hides messages by the machine's own clock.

    ``gateway.queue`` gives it groups and bodies; only what SQS does with time is done here.
    """

    gateway: Gateway
    clock: Clock
    lanes: dict[str, deque[Message]] = field(default_factory=dict)
    delivered: list[tuple[datetime, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        client = own("sqs")
        client.meta.events.register("before-call.sqs", self._intercept)

    def _intercept(self, model: Any, params: Any, **_: Any) -> Any:
        asked = json.loads(params["body"])
        if model.name == "SendMessage":
            group = asked["MessageGroupId"]
            handle = f"handle-{asked['MessageDeduplicationId']}"
            self.lanes.setdefault(group, deque()).append(Message(asked["MessageBody"], handle, self.clock()))
            answer = {"MessageId": handle, "MD5OfMessageBody": ""}
        elif model.name == "ChangeMessageVisibility":
            message = next(
                each for lane in self.lanes.values() for each in lane if each.handle == asked["ReceiptHandle"]
            )
            message.visible_at = self.clock() + timedelta(seconds=asked["VisibilityTimeout"])
            answer = {}
        else:
            return None
        return AWSResponse("http://sqs", 200, {}, None), answer

    def put(self, record: Record, lane: Lane) -> None:
        self.gateway.queue.put(record, lane)

    @property
    def waiting(self) -> int:
        return sum(len(lane) for lane in self.lanes.values())

    def next_at(self) -> datetime | None:
        """When the next message may be delivered."""
        return min((lane[0].visible_at for lane in self.lanes.values() if lane), default=None)

    def deliver(self) -> bool:
        """Deliver the head of the lane whose time came first, if any has."""
        ready = [lane for lane in self.lanes.values() if lane and lane[0].visible_at <= self.clock()]
        if not ready:
            return False
        lane = min(ready, key=lambda lane: lane[0].visible_at)
        message = lane[0]
        message.visible_at = self.clock() + VISIBILITY
        message.deliveries += 1
        self.delivered.append((self.clock(), message.body))
        event = {
            "Records": [
                {
                    "messageId": message.handle,
                    "receiptHandle": message.handle,
                    "body": message.body,
                    "attributes": {"ApproximateReceiveCount": str(message.deliveries)},
                    "messageAttributes": {},
                    "eventSource": "aws:sqs",
                    "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:cauce.fifo",
                    "awsRegion": "us-east-1",
                }
            ]
        }
        if not named("emit").handler(event, context())["batchItemFailures"]:
            lane.remove(message)
        return True

    def run(
        self, until: datetime, scheduled: Callable[[], None], every: timedelta = timedelta(minutes=1)
    ) -> None:
        """Let time pass: deliver what is due, and do what is scheduled."""
        following = self.clock() + every
        while self.clock() < until:
            while self.deliver():
                pass
            next_at = min(filter(None, (self.next_at(), following, until)))
            self.clock.advance(seconds=max(0.0, (next_at - self.clock()).total_seconds()))
            if self.clock() >= following:
                following = self.clock() + every
                scheduled()
