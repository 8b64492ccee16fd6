"""How far the local clock is from AWS's, estimated from the `Date` of quick answers (SQS-13).

Told of calls; reads no clock.
"""

from __future__ import annotations

from collections import deque
from statistics import median
from typing import Final

from ldp_wire.limits import CLOCK_SAMPLES, CLOCK_TOLERANCE_MS, QUICK_CALL_MS

_HALF_SECOND_MS: Final = 500


class ClockOffset:
    """A running estimate of AWS's clock minus the local one."""

    def __init__(self) -> None:
        self._samples_ms: deque[float] = deque(maxlen=CLOCK_SAMPLES)

    def observe(self, *, date_ms: int, before_ms: int, after_ms: int) -> None:
        """Take in one call: the answer's `Date`, and the local times around it."""
        if 0 <= after_ms - before_ms < QUICK_CALL_MS:
            middle_ms = (before_ms + after_ms) / 2
            self._samples_ms.append(date_ms + _HALF_SECOND_MS - middle_ms)

    @property
    def correction_ms(self) -> int:
        """What to add to the local clock; 0 where the difference is not worth correcting."""
        if not self._samples_ms:
            return 0
        offset_ms = round(median(self._samples_ms))
        return offset_ms if abs(offset_ms) > CLOCK_TOLERANCE_MS else 0
