"""The line between the handler's process and its queue side: JSON lines over loopback.

The parent listens, since it is there first; the child comes with a token, which only its
environment told it, gets the configuration, and says where its Runtime API is. The end of the
line is the end of the other side. Little is said, so nothing here is quick.
"""

from __future__ import annotations

import contextlib
import json
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: The child's variable: port and token, with a colon between them.
VARIABLE: Final = "LAMBDA_DEBUG_QUEUE_SIDE"
#: What else the child is started with, unless the developer says otherwise. From this size on,
#: glibc gives memory back as soon as it is free; by itself it keeps payloads' once it has seen one,
#: for each thread.
MMAP_THRESHOLD: Final = "MALLOC_MMAP_THRESHOLD_"
MMAP_THRESHOLD_BYTES: Final = "1048576"
_LONGEST_LINE_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Hello:
    """Child to parent, first: I am the one that you started."""

    token: str


@dataclass(frozen=True, slots=True)
class Configure:
    """Parent to child: what `ClientConfig.to_json` wrote."""

    config: str


@dataclass(frozen=True, slots=True)
class Ready:
    """Child to parent: the Runtime API is at this `host:port`."""

    runtime_api: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Child to parent, and its last word: why it cannot work, and what to do about it."""

    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Drain:
    """Parent to child: the first signal came (SES-32)."""


@dataclass(frozen=True, slots=True)
class Abandon:
    """Parent to child: the second signal came (SES-33)."""


@dataclass(frozen=True, slots=True)
class Held:
    """Child to parent: an event is held; its number among all holds, from 1 (SES-36)."""

    hold: int


@dataclass(frozen=True, slots=True)
class HoldEnded:
    """Child to parent: nothing is held any more."""


@dataclass(frozen=True, slots=True)
class Rerun:
    """Parent to child: run what has been held since that `Held` again, if it still is."""

    hold: int


@dataclass(frozen=True, slots=True)
class Closed:
    """Child to parent: nothing is left to do."""


Word = Hello | Configure | Ready | Failed | Drain | Abandon | Held | HoldEnded | Rerun | Closed

_WORDS: Final[Mapping[str, Callable[..., Word]]] = {
    kind.__name__: kind
    for kind in (
        *(Hello, Configure, Ready, Failed),
        *(Drain, Abandon, Held, HoldEnded, Rerun, Closed),
    )
}


def encode(word: Word) -> bytes:
    """A word as one line."""
    members = {name: getattr(word, name) for name in word.__slots__}
    return json.dumps([type(word).__name__, members]).encode("ascii") + b"\n"


def decode(line: bytes) -> Word | None:
    """The word in a line, or None if there is none in it."""
    try:
        name, members = json.loads(line)
        return _WORDS[name](**members)
    except (ValueError, TypeError, KeyError):
        return None


class Channel:
    """One end of the line; a thread may read while others say something."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = connection
        self._lines = connection.makefile("rb")

    def say(self, word: Word) -> None:
        """Send a word; nothing happens where nobody is left to hear it.

        No lock is held, so that a signal handler can say something whatever it interrupted.
        """
        with contextlib.suppress(OSError):
            self._connection.sendall(encode(word))

    def hear(self) -> Word | None:
        """Wait for a word; None at the end of the line, and at a line that makes no sense."""
        try:
            line = self._lines.readline(_LONGEST_LINE_BYTES)
        except OSError:
            return None
        return decode(line)

    def close(self) -> None:
        """Hang up; whoever waits in `hear` gets its None."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._lines.close()
        self._connection.close()
