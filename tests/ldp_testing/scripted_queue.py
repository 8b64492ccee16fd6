"""A queue in which nothing happens by chance: each delivery and each fault of SQS is asked for.

Time is a `VirtualClock`, shared by everybody in a test; visibility and age follow it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ldp_testing.deliveries import NOW_MS, Delivered

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class VirtualClock:
    """The time, which moves only when it is moved."""

    now_ms: int = NOW_MS


@dataclass(slots=True)
class Stored:
    """One physical message.

    Attributes:
        message_id: Its identity; a copy has another.
        body: The text.
        sent_at_ms: When it was stored.
        visible_at_ms: From when on it can be received.
        receive_count: How often it was received.
        receipt: Its newest receipt handle.
        is_deleted: Whether a delete with the newest handle took it away.
    """

    message_id: str
    body: str
    sent_at_ms: int
    visible_at_ms: int
    receive_count: int = 0
    receipt: str = ""
    is_deleted: bool = False


class ScriptedQueue:
    """A standard queue at the command of a test (SQS-12).

    Args:
        name: Prefix of its message IDs and handles.
        clock: The time.
    """

    def __init__(self, name: str, clock: VirtualClock) -> None:
        self._name = name
        self._clock = clock
        self._numbers: Iterator[int] = iter(range(10**9))
        self._by_receipt: dict[str, Stored] = {}
        self.messages: list[Stored] = []

    def send(self, body: str) -> Stored:
        """Store a text."""
        now_ms = self._clock.now_ms
        stored = Stored(self._new("m"), body, now_ms, now_ms)
        self.messages.append(stored)
        return stored

    def visible(self) -> list[Stored]:
        """The messages that can be received now."""
        now_ms = self._clock.now_ms
        return [m for m in self.messages if not m.is_deleted and m.visible_at_ms <= now_ms]

    def receive(self, message: Stored, visibility_s: int) -> Delivered:
        """Hand a message out, and hide it."""
        message.receive_count += 1
        message.receipt = self._new("h")
        message.visible_at_ms = self._clock.now_ms + visibility_s * 1000
        self._by_receipt[message.receipt] = message
        return Delivered(
            message.body,
            message.message_id,
            message.receipt,
            message.receive_count,
            message.sent_at_ms,
        )

    def body_of(self, receipt: str) -> str:
        """The text of the message that a handle was given for."""
        return self._by_receipt[receipt].body

    def delete(self, receipt: str) -> None:
        """Delete by the newest handle; an older one "succeeds" without any effect."""
        message = self._by_receipt[receipt]
        message.is_deleted = message.is_deleted or message.receipt == receipt

    def change_visibility(self, receipt: str, visibility_s: int) -> None:
        """Hide or show a message by its newest handle; an older one has no effect."""
        message = self._by_receipt[receipt]
        if message.receipt == receipt:
            message.visible_at_ms = self._clock.now_ms + visibility_s * 1000

    def duplicate(self, message: Stored) -> Stored:
        """A second physical copy, as a resend or SQS itself can make it."""
        return self.send(message.body)

    def reappear(self, message: Stored) -> None:
        """Show a message again, though it is deleted or hidden."""
        message.is_deleted = False
        message.visible_at_ms = self._clock.now_ms

    def _new(self, kind: str) -> str:
        return f"{self._name}-{kind}{next(self._numbers)}"
