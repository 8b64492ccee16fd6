"""AWS's time on this machine: the wall clock, corrected by the dates of SQS's answers (SQS-13).

The wall clock goes on while a laptop sleeps, which is why no monotonic clock is used: a lease
that ran out meanwhile has to be seen (SES-10).
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from ldp_queues.sqs_connection import wall_clock_ms
from ldp_wire.clock import ClockOffset

if TYPE_CHECKING:
    from collections.abc import Callable


class AwsClock:
    """A clock that is told of quick calls; safe among threads.

    Args:
        local_ms: The local clock, epoch milliseconds.
    """

    def __init__(self, local_ms: Callable[[], int] = wall_clock_ms) -> None:
        self.local_ms = local_ms
        self._offset = ClockOffset()
        self._lock = Lock()
        self._correction_ms = 0

    def observe(self, date_ms: int, before_ms: int, after_ms: int) -> None:
        """Take in one call: the `Date` of its answer, and the local times around it."""
        with self._lock:
            self._offset.observe(date_ms=date_ms, before_ms=before_ms, after_ms=after_ms)
            self._correction_ms = self._offset.correction_ms

    @property
    def correction_ms(self) -> int:
        """AWS's clock minus the local one; 0 where the difference is not worth correcting."""
        return self._correction_ms

    def now_ms(self) -> int:
        """AWS's time, epoch milliseconds."""
        return self.local_ms() + self._correction_ms

    def to_local_ms(self, aws_ms: int) -> int:
        """What the local clock shows at a time of AWS's."""
        return aws_ms - self._correction_ms
