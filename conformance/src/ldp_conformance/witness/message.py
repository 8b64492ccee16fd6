"""What the witness knows of a message, as values that never change.

Times are epoch milliseconds on the witness's clock.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attribute:
    """A message attribute, as its sender wrote it.

    Attributes:
        name: Its name.
        data_type: `String`, `Number` or `Binary`, with a suffix of the sender's after a dot.
        value: Its value; a text, or the bytes of a binary one.
    """

    name: str
    data_type: str
    value: str | bytes

    @property
    def size_bytes(self) -> int:
        """What it counts for in the size of its message."""
        value = self.value if isinstance(self.value, bytes) else self.value.encode()
        return len(self.name.encode()) + len(self.data_type.encode()) + len(value)


@dataclass(frozen=True, slots=True)
class Receive:
    """One time that a message was given to somebody.

    Attributes:
        receipt: The receipt handle, new each time.
        sender: Who received.
        at_ms: When.
        visible_again_ms: When it ends, as last set through this receipt; renewals move it.
        renewals: Each change of the visibility through this receipt: when, and for how many
            seconds from then.
        released: Whether it was given back, with a visibility of 0 seconds.
    """

    receipt: str
    sender: str
    at_ms: int
    visible_again_ms: int
    renewals: tuple[tuple[int, int], ...] = ()
    released: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One physical message, and all that happened to it.

    Attributes:
        id: SQS's message ID.
        body: Its text.
        sender: Who sent it.
        sent_at_ms: Its SentTimestamp.
        attributes: Its message attributes.
        receives: Everybody who got it, in order.
        visible_at_ms: When it is to be had, or was last.
        deleted_at_ms: When it was deleted; None if it was not, or if it came back.
        deleted_by: By whom.
        copy_of: The ID of the message that this is a second physical copy of.
    """

    id: str
    body: str
    sender: str
    sent_at_ms: int
    attributes: tuple[Attribute, ...] = ()
    receives: tuple[Receive, ...] = ()
    visible_at_ms: int = 0
    deleted_at_ms: int | None = None
    deleted_by: str | None = None
    copy_of: str | None = None

    @property
    def attribute_names(self) -> tuple[str, ...]:
        """The names of its message attributes."""
        return tuple(each.name for each in self.attributes)

    @property
    def is_deleted(self) -> bool:
        """Whether it is gone."""
        return self.deleted_at_ms is not None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a receive brings.

    Attributes:
        message: The message, with this receive as its last.
        receipt: The receipt handle.
        receive_count: ApproximateReceiveCount.
        first_received_at_ms: ApproximateFirstReceiveTimestamp.
    """

    message: Message
    receipt: str
    receive_count: int
    first_received_at_ms: int
