"""What the engine knows of the runtimes that do the work, whoever starts them; and how it hires.

There are two kinds: those that come by themselves to a desk, as the developer's Python process
does, and a crew of programs that the queue side starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Condition

    from ldp_client.queue_side.aws_clock import AwsClock
    from ldp_wire.actions import Result, Start
    from ldp_wire.envelopes import RequestId


class Runtimes(Protocol):
    """Those who run events; any thread may call."""

    @property
    def idle_workers(self) -> int:
        """How many more events could be run at this moment."""

    def offer(self, start: Start) -> None:
        """Have an event run, as soon as somebody is free."""

    def close(self) -> None:
        """Send everybody home: there is no more to do."""


class Ended(Protocol):
    """What is told of an event that was handed out."""

    def __call__(self, request_id: RequestId, result: Result, duration_ms: int) -> None:
        """Its handler ended, after so many milliseconds."""


@dataclass(frozen=True, slots=True)
class Office:
    """What runtimes are given by the engine that they work for.

    Attributes:
        changed: Its lock; to be notified whenever somebody else may be able to go on.
        handlers: How many events may run at a time.
        clock: AWS's time, and the local one, which measures durations.
        ended: To be told of each result, once, outside of any lock.
        problem: To be told a message and a hint for the developer.
    """

    changed: Condition
    handlers: int
    clock: AwsClock
    ended: Ended
    problem: Callable[[str, str], None]
