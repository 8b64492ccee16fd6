"""What the main thread does between two events: it waits, and takes Enter while one is held.

Standard input belongs to the handler, to pdb and to `input()`. So it is read only here, where no
handler runs, and only while an event is held.
"""

from __future__ import annotations

import selectors
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from ldp_client.handlers.signals import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_client.handlers.line_input import LineInput

#: How often to look up, in seconds. A signal ends no wait on Windows, nor anywhere when another
#: thread happens to get it; and nobody tells a job that it came into the foreground.
_GLANCE_S: Final = 0.5

#: poll knows no limit of descriptors, but no terminals on macOS either (its poll(2), BUGS).
_Selector: Final = selectors.PollSelector if sys.platform == "linux" else selectors.SelectSelector


class HoldSign:
    """Shows the main thread, which may be waiting for something else, whether an event is held."""

    def __init__(self) -> None:
        self._number = 0
        self._near, self._far = socket.socketpair()
        for end in (self._near, self._far):
            end.settimeout(0)

    def show(self, number: int) -> None:
        """Show the number of the hold, or 0 once there is none, and wake whoever waits."""
        self._number = number
        with suppress(OSError):  # full, so that it wakes anyway; or nobody waits any more
            self._far.send(b"\0")

    def read(self) -> int:
        """The number that is shown; whoever waits for another waits from now on."""
        with suppress(BlockingIOError):
            self._near.recv(4_096)
        return self._number

    def fileno(self) -> int:
        """To wait for what has not been read yet."""
        return self._near.fileno()

    def __del__(self) -> None:  # there is no other moment at which nobody uses it
        for end in (self._near, self._far):
            end.close()


class Wait:
    """Waits for the next event on the main thread.

    Args:
        sign: Shows whether an event is held.
        run_again: Is told at each Enter the number of the hold, and returns whether that event
            will be run again.
        lines: Where Enter comes from, as it was when the last handler ended.
        starts_with_hold: Nobody here knows when a handler ends, so that what was typed counts from
            the moment at which a hold is shown.
    """

    def __init__(
        self,
        sign: HoldSign,
        run_again: Callable[[int], bool],
        lines: LineInput,
        *,
        starts_with_hold: bool = False,
    ) -> None:
        self._sign = sign
        self._run_again = run_again
        self._lines = lines
        self._starts_with_hold = starts_with_hold
        self._hold = 0
        self._is_asked = False
        self._has_warned = False

    def __call__(self, connection: socket.socket) -> None:
        """Return when there is something to read from the connection."""
        while True:
            self._look()
            lines = None if self._is_asked or not self._hold else self._lines.descriptor
            ready = _ready(connection, self._sign, lines)
            if connection in ready:
                return
            if lines in ready and self._lines.take():
                self._is_asked = self._run_again(self._hold)

    def _look(self) -> None:
        """Take in which event is held by now."""
        hold = self._sign.read()
        if hold != self._hold:
            self._hold, self._is_asked = hold, False
            if hold and self._starts_with_hold:
                self._lines.begin()
        if hold and not (self._lines.is_open or self._has_warned):
            self._has_warned = True
            say(
                "Enter cannot be read here, since standard input is closed or a Windows console. "
                "To run the held event again, start the client again."
            )


def _ready(connection: socket.socket, sign: HoldSign, lines: int | None) -> set[object]:
    with _Selector() as selector:
        for source in (connection, sign, lines):
            if source is not None:
                selector.register(source, selectors.EVENT_READ)
        return {key.fileobj for key, _ in selector.select(_GLANCE_S)}
