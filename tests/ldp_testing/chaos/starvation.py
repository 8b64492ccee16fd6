"""What a machine does to programs by being busy elsewhere, which is weather too.

Linux tells of each thread how long it could have run and was not let (schedstats). Elsewhere
nothing is known, and a machine that stands still is nobody's excuse.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from threading import Event as Flag
from threading import Lock, Thread
from typing import TYPE_CHECKING, Final, Self

from ldp_testing.chaos.history import Event, Weather
from ldp_testing.chaos.wire import now_ms

if TYPE_CHECKING:
    from types import TracebackType

    from ldp_testing.chaos.wire import Wire

_GLANCE_S: Final = 0.25
_WORTH_MS: Final = 50
_NS_PER_MS: Final = 1_000_000


class Starvation:
    """Watches processes from its construction to its end; a context manager.

    Args:
        wire: Where it is noted what they missed.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._lock = Lock()
        self._watched: dict[int, tuple[str, dict[str, int]]] = {}
        self._since_ms = now_ms()
        self._over = Flag()
        self._thread = Thread(target=self._watch)
        self._thread.start()

    def watch(self, pid: int, who: str = "") -> None:
        """Look at a process too.

        Args:
            pid: Which.
            who: Of which program it is; empty for one that all of them need.
        """
        with self._lock:
            self._watched[pid] = who, _delays_ms(pid)

    def _watch(self) -> None:
        while not self._over.wait(_GLANCE_S):
            since_ms, self._since_ms = self._since_ms, now_ms()
            for who, lost_ms in self._lost_ms().items():
                if lost_ms >= _WORTH_MS:
                    until_ms = self._since_ms
                    event = Event(Weather.STALLED, since_ms, until_ms, who, lost_ms=lost_ms)
                    self._wire.note(event)

    def _lost_ms(self) -> dict[str, int]:
        """What each program lost since the last glance: its slowest thread tells."""
        lost_ms: dict[str, int] = {}
        with self._lock:
            for pid, (who, before) in list(self._watched.items()):
                now = _delays_ms(pid)
                self._watched[pid] = who, now
                if not now:
                    del self._watched[pid]
                for thread, delay_ms in now.items():
                    new_ms = delay_ms - before.get(thread, 0)
                    lost_ms[who] = max(lost_ms.get(who, 0), new_ms)
        return lost_ms

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()


def _delays_ms(pid: int) -> dict[str, int]:
    """How long each thread of a process has waited for a processor; nothing if it is gone."""
    found = {}
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError, IndexError):
                delay_ns = int((thread / "schedstat").read_text().split()[1])
                found[thread.name] = delay_ns // _NS_PER_MS
    return found
