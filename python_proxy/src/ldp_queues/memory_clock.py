"""The two kinds of time that a queue in memory can live in.

`RealClock` waits by a condition, for threads. `VirtualClock` never waits: it jumps, and runs on
its way what was planned for the times that it passes, so that an hour of polling takes
microseconds and the same plan always gives the same run. It belongs to one thread.
"""

from __future__ import annotations

import heapq
import itertools
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Condition

_MS_PER_S = 1000
_NS_PER_MS = 1_000_000


class Clock(Protocol):
    """What a queue in memory needs of time."""

    def now_ms(self) -> int:
        """The time, epoch milliseconds."""
        ...

    def tick(self) -> None:
        """Let the time pass that one call to a queue takes."""
        ...

    def wait(self, changed: Condition, until_ms: int) -> None:
        """Return when something may have changed, at the latest at a time.

        Args:
            changed: Held by the caller; notified when a message comes or goes.
            until_ms: The latest time, epoch milliseconds.
        """
        ...


class RealClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """The time, epoch milliseconds."""
        return time.time_ns() // _NS_PER_MS

    def tick(self) -> None:
        """Nothing: a call takes the time that it takes."""

    def wait(self, changed: Condition, until_ms: int) -> None:
        """Wait for a notification, at the latest until a time."""
        changed.wait(max(0, until_ms - self.now_ms()) / _MS_PER_S)


class VirtualClock:
    """A clock that its users move.

    Every call to a queue moves it by `latency_ms`, so that a loop with a wrong deadline comes to
    its end and fails, where a clock that stood still would let it hang.
    """

    def __init__(self, start_ms: int = 1_700_000_000_000, *, latency_ms: int = 1) -> None:
        """Set the clock.

        Args:
            start_ms: The first time, epoch milliseconds.
            latency_ms: How long a call to a queue takes, 1 or more.
        """
        self.latency_ms = latency_ms
        self._now_ms = start_ms
        self._plans: list[tuple[int, int, Callable[[], object]]] = []
        self._order = itertools.count()

    def now_ms(self) -> int:
        """The time, epoch milliseconds; pass the method itself as a `clock_ms`."""
        return self._now_ms

    def call_at(self, at_ms: int, action: Callable[[], object]) -> None:
        """Plan something for a time: a peer's answer, the end of a queue.

        Args:
            at_ms: When, epoch milliseconds; a time that has passed means as soon as time moves.
            action: What; it may use queues and plan more.
        """
        heapq.heappush(self._plans, (at_ms, next(self._order), action))

    def advance(self, by_ms: int) -> None:
        """Move on, running what is planned on the way."""
        until_ms = self._now_ms + by_ms
        while self._plans and self._plans[0][0] <= until_ms:
            self._run_next_plan()
        self._move_to(until_ms)

    def tick(self) -> None:
        """Let the time of one call pass."""
        self.advance(self.latency_ms)

    def wait(self, changed: Condition, until_ms: int) -> None:  # noqa: ARG002 - nobody else moves
        """Jump to the next plan, or to the time where there is none before it."""
        if self._plans and self._plans[0][0] <= until_ms:
            self._run_next_plan()
        else:
            self._move_to(until_ms)

    def _run_next_plan(self) -> None:
        at_ms, _, action = heapq.heappop(self._plans)
        self._move_to(at_ms)
        action()

    def _move_to(self, at_ms: int) -> None:
        # An action can have moved the clock further already, by calls of its own.
        self._now_ms = max(self._now_ms, at_ms)
