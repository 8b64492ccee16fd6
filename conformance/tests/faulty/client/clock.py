"""Time: the clock of AWS, and one that counts suspended time (SQS-13)."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from faulty.client.part import Part

if TYPE_CHECKING:
    from faulty.client.port import Port

_QUICK_MS = 2000
_NOTEWORTHY_MS = 2000


class Clock(Part):
    """Knows what time it is in AWS."""

    def __init__(self, port: Port) -> None:
        super().__init__(port)
        self.offsets: deque[float] = deque(maxlen=5)

    def local_ms(self) -> float:
        """What this machine believes."""
        return time.time() * 1000

    def boot_s(self) -> float:
        """Seconds that passed, those in which the machine slept included."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def now_ms(self) -> int:
        """What AWS believes."""
        return int(self.local_ms() + self.offset_ms())

    def offset_ms(self) -> float:
        """How far this machine is behind, where it matters."""
        if not self.offsets:
            return 0.0
        median = sorted(self.offsets)[len(self.offsets) // 2]
        return median if abs(median) > _NOTEWORTHY_MS else 0.0

    def learn(self, date_ms: int, begun_ms: float, ended_ms: float) -> None:
        """Compare with the date of an answer."""
        if ended_ms - begun_ms < _QUICK_MS:
            self.offsets.append(date_ms + 500 - (begun_ms + ended_ms) / 2)
