"""Lines of standard input, one at a time and not a byte more, without ever waiting for one.

What follows a line may be meant for pdb, and what came before it was wanted may be meant for
nobody. A background job does not read: the system would stop it (SIGTTIN), and what is typed is
somebody else's. Windows cannot wait for a console and a socket at once, so nothing is read there.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

with suppress(ImportError):  # Windows
    import fcntl
    import termios


class LineInput:
    """Standard input as it is at the last `begin`."""

    def __init__(self) -> None:
        self._descriptor: int | None = None
        self._stale_bytes = 0

    def begin(self) -> None:
        """Let nothing count that is there already."""
        self._descriptor = _standard_input()
        self._stale_bytes = 0
        if self._descriptor is not None:
            with suppress(OSError):  # a device that has no such number
                count = fcntl.ioctl(self._descriptor, termios.FIONREAD, bytes(4))
                self._stale_bytes = int.from_bytes(count, sys.byteorder)

    @property
    def is_open(self) -> bool:
        """Whether a line may come, now or when this job comes into the foreground."""
        return self._descriptor is not None

    @property
    def descriptor(self) -> int | None:
        """What to wait for before `take`; None if nothing may be read now."""
        if self._descriptor is None or not _is_ours(self._descriptor):
            return None
        return self._descriptor

    def take(self) -> bool:
        """Take a byte of what is there; whether it ends a line that counts."""
        if self._descriptor is None:
            return False
        try:
            with _background_reads_fail():
                byte = os.read(self._descriptor, 1)
        except BlockingIOError:
            return False
        except OSError:
            if not _is_ours(self._descriptor):  # in the background since just now
                return False
            byte = b""  # the terminal is gone
        if not byte:
            self._descriptor = None
        is_stale = self._stale_bytes > 0
        self._stale_bytes -= is_stale
        return byte == b"\n" and not is_stale


def _standard_input() -> int | None:
    if sys.stdin is None or os.name == "nt":
        return None
    try:
        return sys.stdin.fileno()
    except (OSError, ValueError, AttributeError):  # closed, or something else in its place
        return None


def _is_ours(descriptor: int) -> bool:
    """Whether it is no terminal, or one that is not another job's at the moment."""
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return True


@contextmanager
def _background_reads_fail() -> Iterator[None]:
    """Let the system refuse what it would stop a background job for (read(2), EIO)."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTIN})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
