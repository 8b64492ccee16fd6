"""Threads in virtual time: they wait for one another and for nothing else, and one runs at a time.

Ordinary blocking code, such as a proxy's loop, so becomes a process of a discrete-event simulation.
Whoever waits gives way; the clock then jumps to whatever comes next. What a run does depends on
nothing but its random generator. Queues are real ones in memory, behind a network that takes time.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ldp_queues.memory import MemoryQueue
from ldp_queues.memory_clock import VirtualClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random
    from threading import Condition

    from ldp_queues.ports import Message, Stored

    T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Task:
    """A thread; it waits for `go`, and is waited for while it has that.

    `park` counts how often it waited: a plan to wake it is meant for one of these times.
    """

    go: threading.Semaphore
    park: int = 0


class VirtualTasks:
    """Tasks and their time.

    Args:
        random: Decides what is a matter of chance.

    Attributes:
        clock: The time of all of them.
        random: The same.
    """

    def __init__(self, random: Random) -> None:
        self.clock = VirtualClock()
        self.random = random
        self._turn_over = threading.Semaphore(0)
        self._running: _Task | None = None

    def start(self, function: Callable[[], T], *, after_ms: int = 0) -> Future[T]:
        """Plan a task; its result is there once `run` has run for long enough."""
        future: Future[T] = Future()
        task = _Task(threading.Semaphore(0))

        def work() -> None:
            task.go.acquire()
            try:
                future.set_result(function())
            except BaseException as exc:  # noqa: BLE001 - whoever asks for the result gets it
                future.set_exception(exc)
            self._turn_over.release()

        threading.Thread(target=work, daemon=True).start()
        self.clock.call_at(self.clock.now_ms() + after_ms, lambda: self._resume(task, 0))
        return future

    def run(self, for_ms: int) -> None:
        """Let so much time pass."""
        self.clock.advance(for_ms)

    def sleep(self, seconds: float) -> None:
        """Let time pass for the task that calls."""
        self.park(self.clock.now_ms() + round(seconds * 1000), lambda _: None)

    def park(self, until_ms: int, offer: Callable[[Callable[[], None]], None]) -> None:
        """Let the calling task wait until a time, or until it is woken.

        Args:
            until_ms: The time, epoch milliseconds.
            offer: Gets what wakes it: to be called at most once, and by no task.
        """
        task = self._running
        assert task is not None, "only a task can wait"
        task.park += 1
        park = task.park
        self.clock.call_at(until_ms, lambda: self._resume(task, park))
        offer(lambda: self._resume(task, park))
        self._turn_over.release()
        task.go.acquire()

    def _resume(self, task: _Task, park: int) -> None:
        if task.park == park:
            self._running = task
            task.go.release()
            self._turn_over.acquire()
            self._running = None


class DistantQueue:
    """A queue in memory at the other end of a network, for tasks; `Outgoing` and `Incoming`.

    A message that becomes visible goes to one of the polls that wait, whichever.

    Args:
        tasks: Who uses it.
        round_trip_s: What the network adds to each call, half before it and half after it.
        glance_s: How often a poll looks, from its own beginning on, as moto's do; None for at once.

    Attributes:
        queue: The queue itself.
    """

    def __init__(
        self,
        name: str,
        tasks: VirtualTasks,
        *,
        round_trip_s: float,
        glance_s: float | None = None,
    ) -> None:
        self._tasks = tasks
        self._way_s = round_trip_s / 2
        self._polls = _Polls(tasks, glance_s)
        self.queue = MemoryQueue(name, clock=self._polls)

    def send(self, body: str) -> Stored:
        """See `Outgoing.send`."""
        self._travel()
        stored = self.queue.send(body)
        self._polls.wake_one_after(0)
        self._travel()
        return stored

    def receive(self, *, wait_s: int, visibility_s: int, max_messages: int = 1) -> list[Message]:
        """See `Incoming.receive`."""
        self._travel()
        messages = self.queue.receive(
            wait_s=wait_s, visibility_s=visibility_s, max_messages=max_messages
        )
        for _ in messages:
            self._polls.wake_one_after(visibility_s)
        self._travel()
        return messages

    def delete(self, receipt: str) -> None:
        """See `Incoming.delete`."""
        self._travel()
        self.queue.delete(receipt)
        self._travel()

    def change_visibility(self, receipt: str, visibility_s: int) -> None:
        """See `Incoming.change_visibility`."""
        self._travel()
        self.queue.change_visibility(receipt, visibility_s)
        self._polls.wake_one_after(visibility_s)
        self._travel()

    def _travel(self) -> None:
        self._tasks.sleep(self._way_s)


class _Polls:
    """The polls that wait at one queue: the queue's `Clock`."""

    def __init__(self, tasks: VirtualTasks, glance_s: float | None) -> None:
        self._tasks = tasks
        self._glance_ms = None if glance_s is None else round(glance_s * 1000)
        self._waiting: dict[int, Callable[[], None]] = {}
        self._next = 0

    def now_ms(self) -> int:
        """The time of all tasks."""
        return self._tasks.clock.now_ms()

    def tick(self) -> None:
        """Nothing: what a call costs is the way there and back."""

    def wait(self, changed: Condition, until_ms: int) -> None:
        """Let a poll wait until it is woken, at the latest until a time."""
        self._next += 1
        number = self._next
        changed.release()  # the queue is free for others meanwhile
        if self._glance_ms is not None:
            until_ms = min(until_ms, self.now_ms() + self._glance_ms)
        self._tasks.park(until_ms, lambda wake: self._waiting.update({number: wake}))
        self._waiting.pop(number, None)
        changed.acquire()

    def wake_one_after(self, seconds: int) -> None:
        """Let one poll look again then: a message may have become visible."""
        if self._glance_ms is None:
            self._tasks.clock.call_at(self.now_ms() + seconds * 1000, self._wake_one)

    def _wake_one(self) -> None:
        if self._waiting:
            self._waiting.pop(self._tasks.random.choice(list(self._waiting)))()
