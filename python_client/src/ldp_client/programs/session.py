"""A session whose programs the queue side runs: here are only the signals, and Enter.

The developer's process waits for the end of its child, which has the events and the programs. So
whatever a program does, this process still hears Ctrl-C.
"""

from __future__ import annotations

import socket
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Final

from ldp_client.errors import Abandoned, QueueSideLost
from ldp_client.handlers.hold import Wait
from ldp_client.handlers.line_input import LineInput
from ldp_client.handlers.signals import Signals, leave_signals_to_main_thread, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_client.handlers.runtime import QueueSide

#: How long the queue side may take to end when it is told to drop everything, in seconds.
_ABANDON_S: Final = 5.0


class Session:
    """Waits for the end of a queue side.

    Args:
        start: Starts it, and returns when it is up.
        lease_s: Length of its leases in seconds, to say when an event comes back.
        announce: Is told where its Runtime API is, `host:port`.
    """

    def __init__(
        self, start: Callable[[], QueueSide], lease_s: int, announce: Callable[[str], None]
    ) -> None:
        self._start = start
        self._announce = announce
        self._lease_s = lease_s
        self._signals = Signals(self._drain, self._abandon)
        self._queue_side: QueueSide | None = None

    def run(self) -> None:
        """Start, and wait for a signal, the end of `--once`, or the end of the queue side.

        Raises:
            Abandoned: A second signal came.
            ClientError: The queue side did not start or ended by itself; what it said, or
                QueueSideLost.
        """
        with self._signals:
            try:
                self._wait(self._begin())
            except KeyboardInterrupt:
                if self._queue_side is not None:
                    self._queue_side.wait(_ABANDON_S)
                raise Abandoned(self._lease_s) from None

    def _begin(self) -> QueueSide:
        queue_side = self._queue_side = self._start()
        if self._signals.count:  # a signal came while it started
            queue_side.drain()
        self._announce(queue_side.runtime_api)
        return queue_side

    def _wait(self, queue_side: QueueSide) -> None:
        def run_again(hold: int) -> bool:
            queue_side.rerun(hold)
            return True

        wait = Wait(queue_side.hold, run_again, LineInput(), starts_with_hold=True)
        end, other = socket.socketpair()
        with closing(end):
            threading.Thread(
                target=_hang_up_at_end, args=(queue_side, other), name="end", daemon=True
            ).start()
            wait(end)
        if not queue_side.is_closed:
            raise queue_side.failure or QueueSideLost(None, self._lease_s)

    def _drain(self) -> None:
        say("Ending once what runs is answered. Interrupt again to abandon it.")
        if self._queue_side is not None:
            self._queue_side.drain()

    def _abandon(self) -> None:
        if self._queue_side is not None:
            self._queue_side.abandon()


def _hang_up_at_end(queue_side: QueueSide, line: socket.socket) -> None:
    """Let the main thread, which waits for a line, notice the end."""
    leave_signals_to_main_thread()
    with closing(line):
        queue_side.wait()
