"""SQS standard queues: at least once, in any order, in batches, and failed messages come back.

The intake queue has the ERPs' own messages; the control queue has S3's events about files, and the messages by which
the gateway goes on with a lot.
Source: Amazon SQS developer guide, «Standard queues»; AWS Lambda developer guide, «Using Lambda with Amazon SQS».
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.stack import template
from tests.torture.chaos import Chaos
from tests.torture.timeline import Timeline

INTAKE, CONTROL = "cauce-intake", "cauce-control"


@dataclass
class Sent:
    """A message, its sender and its issuer's NIT, how often it was received, and until when it is invisible."""

    id: str
    body: str
    sender: str
    issuer: str | None
    at_ms: int
    received: int = 0
    hidden_until: float = 0.0


@dataclass(frozen=True)
class Limits:
    """What the template says of a queue and of its event source mapping."""

    visibility_seconds: float
    most_receives: int
    concurrency: int
    batch: int

    @classmethod
    @cache
    def of_template(cls, queue: str) -> "Limits":
        """The limits of this queue, INTAKE or CONTROL."""
        name = {INTAKE: "Intake", CONTROL: "Control"}[queue]
        read = template()
        default = {name: each.get("Default") for name, each in read["Parameters"].items()}
        resources = read["Resources"]
        return cls(
            visibility_seconds=float(default["QueueVisibilitySeconds"]),
            most_receives=int(resources[f"{name}Queue"]["Properties"]["RedrivePolicy"]["maxReceiveCount"]),
            concurrency=int(default["IntakeConcurrency"]),
            batch=int(
                resources["EmitWorkerFunction"]["Properties"]["Events"][name]["Properties"]["BatchSize"]
            ),
        )


@dataclass
class StandardQueue:
    """``deliver(messages, done)`` starts an invocation; ``done(ids)`` says which messages to delete."""

    name: str
    timeline: Timeline
    chaos: Chaos
    limits: Limits
    deliver: Callable[[list[Sent], Callable[[set[str]], None]], None]
    messages: list[Sent] = field(default_factory=list)
    dead: list[Sent] = field(default_factory=list)
    _at_work: int = 0
    _given: int = 0

    def call(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """The SQS call by which the gateway goes on with a lot."""
        if operation != "SendMessage":
            raise NotImplementedError(operation)
        delay = float(arguments.get("DelaySeconds", 0))
        return {"MessageId": self.send(arguments["MessageBody"], sender="cauce", delay=delay)}

    def send(self, body: str, *, sender: str, issuer: str | None = None, delay: float = 0.0) -> str:
        """Queue a message, delivered after ``delay`` seconds at the earliest; returns its id."""
        self._given += 1
        message = Sent(
            f"{self._given:08d}-0000-4000-8000-000000000000",
            body,
            sender,
            issuer,
            round(self.timeline.now().timestamp() * 1000),
        )
        if self.chaos.strikes("lose_message"):
            self.chaos.count(f"message of {self.name} lost")
            return message.id
        message.hidden_until = self.timeline.elapsed + delay
        self.messages.append(message)
        if self.chaos.strikes(
            "two_workers" if self.name == CONTROL else "duplicate"
        ):  # the second delivery has the same message id
            self.chaos.count(f"message of {self.name} delivered twice")
            self.timeline.after(self.chaos.random.uniform(0, 5), lambda: self._give([message]))
        self.timeline.after(0.05 + delay, self.pump)
        return message.id

    def pump(self) -> None:
        """Deliver the messages that are visible, up to the queue's concurrency."""
        while self._at_work < self.limits.concurrency and (batch := self._next()):
            self._give(batch)

    def _next(self) -> list[Sent]:
        now = self.timeline.elapsed
        free = [each for each in self.messages if each.hidden_until <= now]
        for message in free:
            if message.received >= self.limits.most_receives:
                self.messages.remove(message)
                self.dead.append(message)
                self.chaos.count(f"message of {self.name} to its dead letters")
        free = [each for each in free if each.received < self.limits.most_receives]
        if self.chaos.strikes("reorder"):
            self.chaos.count(f"messages of {self.name} reordered")
            self.chaos.random.shuffle(free)
        return free[: self.limits.batch]

    def _give(self, batch: list[Sent]) -> None:
        self._at_work += 1
        for message in batch:
            message.received += 1
            message.hidden_until = self.timeline.elapsed + self.limits.visibility_seconds

        def done(deleted: set[str]) -> None:
            self._at_work -= 1
            for message in batch:
                if message in self.messages and message.id in deleted:
                    self.messages.remove(message)
            self.timeline.after(self.limits.visibility_seconds, self.pump)
            self.pump()

        self.deliver(batch, done)
