"""Simulated time, and tasks of which one runs at a time: who waits lets the others run, and nobody else does.

A task is a thread with a baton. What happens when depends on the events' times and the order in which they were
made, never on the machine: that is what makes a seed a run.
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

# What a resolver keeps for all of its process, though a container is a process of its own: it goes with its task.
_ROUTER = ("current_event", "lambda_context")


class Killed(BaseException):
    """Ends a task as a power cut would: no ``except Exception`` stops it, and what it meets is dead."""


class Task:
    """Work on a thread of its own that runs only while the timeline gives it its turn."""

    def __init__(
        self, timeline: "Timeline", name: str, work: Callable[[], Any], tell: Callable[["Task"], None]
    ):
        self.name = name
        self.began = timeline.elapsed
        self.tell = tell
        """Who hears of its end."""
        self.dead = False
        """Killed: nothing it still does reaches the world."""
        self.injured = False
        """AWS failed it: what it raises is no fault of its own."""
        self.ended = False
        self.result: Any = None
        self.error: BaseException | None = None
        self._timeline = timeline
        self._work = work
        self._turn = threading.Semaphore(0)
        self._router: dict[str, Any] = {}
        self._wakes = 0
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self._turn.acquire()
        try:
            self.result = self._work()
        except BaseException as error:  # whatever ended it is told to who waits for it
            self.error = error
        self.ended = True
        self._timeline._over.release()

    def take_turn(self) -> None:
        """Called by the timeline: let it run until it waits or ends."""
        for name, value in self._router.items():
            setattr(BaseRouter, name, value)
        self._timeline.running = self
        self._turn.release()
        self._timeline._over.acquire()
        self._timeline.running = None
        self._router = {name: getattr(BaseRouter, name, None) for name in _ROUTER}

    def wait_turn(self) -> None:
        """Called by the task itself: let the others run until it is woken."""
        self._timeline._over.release()
        self._turn.acquire()


class Timeline:
    """The clock of one world and what is to happen in it."""

    def __init__(self, start: datetime, chance: Random):
        self.random = chance
        self.elapsed = 0.0
        """Seconds since the beginning: what no clock can jump."""
        self.running: Task | None = None
        self._start = start
        self._jumped = timedelta()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._made = 0
        self._over = threading.Semaphore(0)

    def now(self) -> datetime:
        """What the containers' clocks show."""
        return self._start + timedelta(seconds=self.elapsed) + self._jumped

    def jump(self, seconds: float) -> None:
        """Set every clock forward, or back, without time passing."""
        self._jumped += timedelta(seconds=seconds)

    def after(self, seconds: float, event: Callable[[], None]) -> None:
        self._made += 1
        heapq.heappush(self._events, (self.elapsed + max(0.0, seconds), self._made, event))

    def run(self, *, until: float = float("inf"), over: Callable[[], bool] = lambda: False) -> None:
        """Let everything happen that is due by a moment, in order, or until it is over."""
        while self._events and self._events[0][0] <= until and not over():
            at, _, event = heapq.heappop(self._events)
            self.elapsed = max(self.elapsed, at)
            event()

    def start(
        self, name: str, work: Callable[[], Any], ended: Callable[[Task], None], *, seconds: float
    ) -> Task:
        """Begin a task now; after so many seconds it is killed, as a function is. ``ended`` hears of either."""
        task = Task(self, name, work, ended)
        self.after(0.0, lambda: self._turn_of(task, 0))
        self.after(seconds, lambda: self._time_out(task))
        return task

    def sleep(self, seconds: float) -> None:
        """Let the running task wait, and the others run. Raises Killed where its time was over meanwhile."""
        task = self.running
        if task is None:  # the world is being set up: nobody else is there
            self.elapsed += seconds
            return
        if task.dead:
            raise Killed(task.name)
        task._wakes += 1
        wake = task._wakes
        self.after(seconds, lambda: self._turn_of(task, wake))
        task.wait_turn()
        if task.dead:
            raise Killed(task.name)

    def _turn_of(self, task: Task, wake: int) -> None:
        if task.ended or wake != task._wakes:
            return
        task.take_turn()
        if task.ended:
            task.tell(task)

    def _time_out(self, task: Task) -> None:
        if task.ended:
            return
        task.dead = True
        task.take_turn()
        task.tell(task)


@contextmanager
def in_charge(timeline: Timeline) -> Iterator[None]:
    """Let a timeline be the time of this process, and its seed the source of every id and all chance."""
    kept = {name: getattr(time, name) for name in ("time", "monotonic", "sleep")}
    kept_uuid4, kept_chance = uuid.uuid4, random.getstate()
    random.seed(timeline.random.random())
    time.time = lambda: timeline.now().timestamp()
    time.monotonic = lambda: timeline.elapsed
    time.sleep = timeline.sleep
    uuid.uuid4 = lambda: uuid.UUID(int=timeline.random.getrandbits(128), version=4)
    try:
        yield
    finally:
        for name, function in kept.items():
            setattr(time, name, function)
        uuid.uuid4 = kept_uuid4
        random.setstate(kept_chance)


def today() -> datetime:
    """Ten in the morning of today, Bogotá: certificates made now must be good then."""
    return datetime.now(UTC).replace(hour=15, minute=0, second=0, microsecond=0)
