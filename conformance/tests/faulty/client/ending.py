"""The two signals that end a client (SES-32, SES-33)."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from faulty.client.part import Part

if TYPE_CHECKING:
    from types import FrameType


class Ending(Part):
    """Drains at the first signal, leaves at the second."""

    def listen(self) -> None:
        """Take the signals over."""
        signal.signal(signal.SIGTERM, self.on_signal)
        signal.signal(signal.SIGINT, self.on_signal)

    def on_signal(self, _number: int, _frame: FrameType | None) -> None:
        """Begin to end, or end."""
        if self.port.is_draining:
            self.abandon()
        else:
            self.port.log.say("ending: what runs is answered first; a second signal ends at once")
            self.drain()

    def drain(self) -> None:
        """Receive no more."""
        self.port.is_draining = True

    def abandon(self) -> None:
        """End at once, and leave what runs to its lease."""
        os._exit(1)
