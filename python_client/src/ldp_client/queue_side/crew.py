"""Programs that the queue side starts itself, as many as events may run at a time.

Unlike those that come to a desk by themselves, they need not be there yet when an event arrives:
what is free is a slot, and what goes wrong while its program starts is the caller's to know.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from ldp_client.queue_side.slot import Slot

if TYPE_CHECKING:
    from ldp_client.queue_side.program import Program
    from ldp_client.queue_side.runtimes import Office
    from ldp_wire.actions import Start


class Crew:
    """The slots of one client.

    Args:
        program: What runs in them.
        office: What the engine gives.
    """

    def __init__(self, program: Program, office: Office) -> None:
        self._changed = office.changed
        self._ended = office.ended
        self._slots = [Slot(program, office) for _ in range(office.handlers)]
        self._free = list(self._slots)
        self._ready: deque[Start] = deque()
        self._is_closed = False

    @property
    def idle_workers(self) -> int:
        """How many more events could be run at this moment."""
        with self._changed:
            return max(0, len(self._free) - len(self._ready))

    def offer(self, start: Start) -> None:
        """Have an event run, as soon as a slot is free."""
        with self._changed:
            self._ready.append(start)
            self._begin()

    def renew(self) -> None:
        """Run every event from now on in a new process: the program has been mended."""
        for slot in self._slots:
            slot.renew()

    def close(self) -> None:
        """End all programs, and forget what they run."""
        with self._changed:
            self._is_closed = True
        for slot in self._slots:
            slot.close()

    def _begin(self) -> None:
        """Let free slots run what is ready; the lock is held."""
        while self._ready and self._free and not self._is_closed:
            start = self._ready.popleft()
            # One that is warm, rather than a cold start.
            slot = next((slot for slot in self._free if slot.suits(start)), self._free[0])
            self._free.remove(slot)
            run = threading.Thread(target=self._run, args=(slot, start), name="run", daemon=True)
            run.start()

    def _run(self, slot: Slot, start: Start) -> None:
        result, duration_ms = slot.run(start)
        with self._changed:
            self._free.append(slot)
            self._begin()
            self._changed.notify_all()
            is_closed = self._is_closed
        if not is_closed:
            self._ended(start.request.request_id, result, duration_ms)
