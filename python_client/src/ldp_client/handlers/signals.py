"""SIGINT and SIGTERM: the first asks the session to end, the second ends it (SES-32, SES-33).

Only the second raises KeyboardInterrupt, in the handler if one runs: its `finally` blocks and its
`except KeyboardInterrupt` work as they do in any program.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_STDERR: Final = 2


class Signals:
    """Takes the two signals from its entry to its exit, when the former handlers come back.

    Args:
        on_first: Called at the first signal; must not block.
        on_next: Called at every further one, before KeyboardInterrupt is raised; must not block.
    """

    def __init__(self, on_first: Callable[[], None], on_next: Callable[[], None]) -> None:
        self._on_first = on_first
        self._on_next = on_next
        self._before: dict[signal.Signals, signal._HANDLER] = {}
        self.count = 0

    @property
    def abandoned(self) -> bool:
        """Whether a second signal came."""
        return self.count > 1

    def arm(self) -> None:
        """Take the signals, again if somebody else took them meanwhile.

        pdb does at every `continue`, and keeps SIGINT beyond the end of the handler.
        """
        for number in _SIGNALS:
            signal.signal(number, self._take)

    def __enter__(self) -> Self:
        self._before = {number: signal.getsignal(number) for number in _SIGNALS}
        self.arm()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            # None stands for one that was not set from Python, and cannot be put back.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if not self.abandoned:
            self._on_first()
            return
        self._on_next()
        raise KeyboardInterrupt


def leave_signals_to_main_thread() -> None:
    """Have the calling thread get neither signal.

    Python runs signal handlers on the main thread alone, but the system may wake any thread for a
    signal; then what the main thread waits for goes on waiting. Windows has no such thing.
    """
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)


def say(sentence: str) -> None:
    """Print a line on standard error from a signal handler or any thread.

    Past Python's buffers, in which the interrupted code may be standing at this moment.
    """
    start = "\n" if os.isatty(_STDERR) else ""  # a terminal has just written ^C
    with suppress(OSError):
        os.write(_STDERR, f"{start}lambda-debug: {sentence}\n".encode())
