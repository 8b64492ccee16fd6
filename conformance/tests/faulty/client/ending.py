"""The two signals that end a client (SES-32, SES-33)."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

from faulty.client.part import Part

if TYPE_CHECKING:
    from types import FrameType


class Ending(Part):
    """Drains at the first signal, leaves at the second."""

    signals: tuple[signal.Signals, ...] = (signal.SIGTERM, signal.SIGINT)

    def listen(self) -> None:
        """Take the signals over.

        They are dealt with in a thread of their own: the kernel may give a signal to any thread,
        and the main one then goes on waiting for a message or a free handler.
        """
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        for each in self.signals:
            signal.signal(each, _written_down)
        signal.set_wakeup_fd(writing)
        threading.Thread(target=self.watch, args=(reading,), daemon=True).start()

    def watch(self, reading: int) -> None:
        """Deal with each signal as it comes."""
        while numbers := os.read(reading, 1):
            if numbers[0] in self.signals:
                self.on_signal()

    def on_signal(self) -> None:
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


def _written_down(_number: int, _frame: FrameType | None) -> None:
    """The interpreter has written the signal's number into the pipe."""
