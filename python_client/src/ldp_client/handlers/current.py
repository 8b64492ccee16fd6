"""The event that the handler is running on, as bytes.

One event runs at a time in a process, so this is one value.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_events: list[bytes] = []


@contextmanager
def running_on(event: bytes) -> Iterator[None]:
    """Let `raw_event` return this until the block is left."""
    _events.append(event)
    try:
        yield
    finally:
        _events.pop()


def raw_event() -> bytes:
    """The bytes of the event that is running.

    Raises:
        LookupError: No event is.
    """
    if not _events:
        raise LookupError("no event is running: raw_event() is for use inside a handler")
    return _events[-1]
