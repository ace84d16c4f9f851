"""Simulated time, and tasks of which one runs at a time, until it waits.

A task is a thread that runs only while it holds the turn. The order of everything follows from the simulated times and
from the order of scheduling, never from the machine, so a seed repeats an episode exactly.
"""

import heapq
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from aws_lambda_powertools.event_handler.api_gateway import BaseRouter

# What Powertools' router keeps as class attributes. Containers share this process, so each task saves and restores its
# own.
_ROUTER = ("current_event", "lambda_context")


class Killed(BaseException):
    """Ends a task as a power cut would: no ``except Exception`` catches it."""


class Task:
    """Work on a thread of its own that runs only while the timeline gives it its turn."""

    def __init__(
        self, timeline: "Timeline", name: str, work: Callable[[], Any], tell: Callable[["Task"], None]
    ):
        self.name = name
        self.began = timeline.elapsed
        self.tell = tell
        """Called with the task when it has ended."""
        self.dead = False
        """Killed: nothing that it still does takes effect."""
        self.injured = False
        """An AWS call of it was made to fail, so an exception that it raises is no fault of the handler."""
        self.ended = False
        self.result: Any = None
        self.error: BaseException | None = None
        self._timeline = timeline
        self._work = work
        self._turn = threading.Semaphore(0)
        self._router: dict[str, Any] = {}
        self.wakes = 0
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self._turn.acquire()
        try:
            self.result = self._work()
        except BaseException as error:  # even Killed becomes ``error``, for ``tell`` to read
            self.error = error
        self.ended = True
        self._timeline._over.release()

    def take_turn(self) -> bool:
        """Called by the timeline: let the task run until it waits or ends; ``True`` once it has ended."""
        for name, value in self._router.items():
            setattr(BaseRouter, name, value)
        self._timeline.running = self
        self._turn.release()
        self._timeline._over.acquire()
        self._timeline.running = None
        self._router = {name: getattr(BaseRouter, name, None) for name in _ROUTER}
        return self.ended

    def wait_turn(self) -> None:
        """Called by the task itself: let others run until it is woken."""
        self._timeline._over.release()
        self._turn.acquire()


class Timeline:
    """The clock of one world, and its future events in order."""

    def __init__(self, start: datetime, chance: Random):
        self.random = chance
        self.elapsed = 0.0
        """Seconds since the beginning, which no jump of the clocks changes."""
        self.running: Task | None = None
        self._start = start
        self._jumped = timedelta()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._made = 0
        self._over = threading.Semaphore(0)

    def now(self) -> datetime:
        """The time that the containers' clocks show."""
        return self._start + timedelta(seconds=self.elapsed) + self._jumped

    def jump(self, seconds: float) -> None:
        """Set every clock forward or back, without time passing."""
        self._jumped += timedelta(seconds=seconds)

    def after(self, seconds: float, event: Callable[[], None]) -> None:
        self._made += 1
        heapq.heappush(self._events, (self.elapsed + max(0.0, seconds), self._made, event))

    def run(self, *, until: float = float("inf"), over: Callable[[], bool] = lambda: False) -> None:
        """Run the events that are due up to ``until``, in order, or until ``over()``."""
        while self._events and self._events[0][0] <= until and not over():
            at, _, event = heapq.heappop(self._events)
            self.elapsed = max(self.elapsed, at)
            event()

    def start(
        self, name: str, work: Callable[[], Any], ended: Callable[[Task], None], *, seconds: float
    ) -> Task:
        """Begin a task now; after ``seconds`` it is killed, as a Lambda function is. ``ended`` is called either way."""
        task = Task(self, name, work, ended)
        self.after(0.0, lambda: self._turn_of(task, 0))
        self.after(seconds, lambda: self._time_out(task))
        return task

    def sleep(self, seconds: float) -> None:
        """Let the running task wait while others run. Raises Killed if its time ran out meanwhile."""
        task = self.running
        if task is None:  # the world is being set up, and no task exists
            self.elapsed += seconds
            return
        if task.dead:
            raise Killed(task.name)
        task.wakes += 1
        wake = task.wakes
        self.after(seconds, lambda: self._turn_of(task, wake))
        task.wait_turn()
        if task.dead:
            raise Killed(task.name)

    def _turn_of(self, task: Task, wake: int) -> None:
        if task.ended or wake != task.wakes:
            return
        if task.take_turn():
            task.tell(task)

    def _time_out(self, task: Task) -> None:
        if task.ended:
            return
        task.dead = True
        task.take_turn()
        task.tell(task)


@contextmanager
def in_charge(timeline: Timeline) -> Iterator[None]:
    """Let the timeline be the time of this process, and its random source the source of every id and of all chance."""
    kept = {name: getattr(time, name) for name in ("time", "monotonic", "sleep")}
    kept_uuid4, kept_chance = uuid.uuid4, random.getstate()
    random.seed(timeline.random.random())
    time.time = lambda: timeline.now().timestamp()
    time.monotonic = lambda: timeline.elapsed
    time.sleep = timeline.sleep  # type: ignore[assignment]  # called with floats only
    uuid.uuid4 = lambda: uuid.UUID(int=timeline.random.getrandbits(128), version=4)
    try:
        yield
    finally:
        for name, function in kept.items():
            setattr(time, name, function)
        uuid.uuid4 = kept_uuid4
        random.setstate(kept_chance)


def today() -> datetime:
    """Ten in the morning of today in Bogotá; a real date, so that certificates made now are valid then."""
    return datetime.now(UTC).replace(hour=15, minute=0, second=0, microsecond=0)
