"""A standard queue of SQS as a value: what it holds, and what each call makes of it.

Here is what SQS always does. Which message a receive brings, and every fault, is chosen by the
search.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from ldp_testing.deliveries import Delivered
from ldp_testing.explorer.ticks import NEVER, stored_ms
from ldp_wire.codec import decode_reply
from ldp_wire.envelopes import Request

if TYPE_CHECKING:
    from ldp_wire.envelopes import Reply


class Message(NamedTuple):
    """One physical message.

    Attributes:
        number: Its identity; a second copy has another.
        text: The body.
        stored: The tick of its `SentTimestamp`.
        visible: The tick from which on a receive can bring it; NEVER while SQS hides it.
        receives: How often it was received; the newest receipt handle belongs to the last time.
        is_deleted: Whether it was deleted; it is kept while it may still reappear.
        hidden: For how many ticks its receiver could not have had it.
    """

    number: int
    text: str
    stored: int
    visible: int
    receives: int = 0
    is_deleted: bool = False
    hidden: int = 0

    @property
    def receipt(self) -> str:
        """The newest receipt handle."""
        return f"{self.number}.{self.receives}"

    @property
    def message_id(self) -> str:
        """Its identity as SQS writes it."""
        return f"m{self.number}"

    def is_visible(self, tick: int) -> bool:
        """Whether a receive can bring it."""
        return self.visible <= tick and not self.is_deleted


class Queue(NamedTuple):
    """A queue: its messages, and how many it ever had."""

    messages: tuple[Message, ...] = ()
    ever: int = 0

    def storing(self, text: str, tick: int, visible: int | None = None) -> Queue:
        """The queue after SendMessage."""
        message = Message(self.ever, text, tick, tick if visible is None else visible)
        return Queue((*self.messages, message), self.ever + 1)

    def changing(self, old: Message, new: Message) -> Queue:
        """The queue with a message in another state."""
        return Queue(tuple(new if m is old else m for m in self.messages), self.ever)

    def showing(self, message: Message, visible: int) -> Queue:
        """The queue after a message's visibility was changed."""
        return self.changing(message, message._replace(visible=visible, is_deleted=False))

    def deleting(self, message: Message, *, keeps: bool) -> Queue:
        """The queue after DeleteMessage, which works whether the visibility is over or not.

        Args:
            message: The message, deleted with its newest handle.
            keeps: Whether it may still reappear.
        """
        if keeps:
            return self.changing(message, message._replace(is_deleted=True, visible=NEVER))
        return Queue(tuple(m for m in self.messages if m is not message), self.ever)

    def handing_out(self, message: Message, until: int) -> tuple[Queue, Message, Delivered]:
        """The queue after a receive, the message as it is then, and what was delivered."""
        held = message._replace(receives=message.receives + 1, visible=until)
        delivery = Delivered(
            held.text, held.message_id, held.receipt, held.receives, stored_ms(held.stored)
        )
        return self.changing(message, held), held, delivery

    def found(self, receipt: str) -> Message | None:
        """The message that a handle was given for, if it is still there."""
        number = int(receipt.partition(".")[0])
        return next((m for m in self.messages if m.number == number and not m.is_deleted), None)

    def held_by(self, receipt: str) -> Message | None:
        """The message whose newest handle this is; an older one has no power."""
        message = self.found(receipt)
        return message if message is not None and message.receipt == receipt else None

    def remaining(self) -> Queue:
        """The queue without what was deleted, once nothing can reappear."""
        if not any(m.is_deleted for m in self.messages):
            return self
        return Queue(tuple(m for m in self.messages if not m.is_deleted), self.ever)


@cache
def reply_in(text: str) -> Reply:
    """The envelope in a message of a reply queue; there are few, each in many states."""
    envelope = decode_reply(text)
    assert not isinstance(envelope, Request)
    return envelope
