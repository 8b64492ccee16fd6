"""The interface between a queue of text and whoever exchanges envelopes through it.

Three verbs of SQS and the two values they bring back, and beside them two verbs of a bucket for
what is too large for a message. Nothing here knows what a body says, reads a clock or imports an
SDK. Every method of a queue may raise a `QueueError`, of a bucket a `StoreError`; delivery is at
least once and in any order, so a message can arrive twice, late, or after it was deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One SQS message as one receive brought it.

    Attributes:
        message_id: SQS's identity of this copy; a second physical copy has another.
        receipt: The receipt handle, new at each receive; only the newest is sure to delete.
        body: The text, exactly as it was sent.
        receive_count: How often SQS believes it has delivered this copy, from 1
            (`ApproximateReceiveCount`).
        sent_at_ms: When SQS stored it, epoch milliseconds on SQS's clock (`SentTimestamp`).
    """

    message_id: str
    receipt: str
    body: str
    receive_count: int
    sent_at_ms: int


@dataclass(frozen=True, slots=True)
class Stored:
    """What SQS answered to a send.

    Attributes:
        message_id: SQS's identity of the stored message.
        stored_at_ms: The `Date` header of the answer, epoch milliseconds on SQS's clock.
            HTTP dates have whole seconds, so the true instant is up to 1 s later.
    """

    message_id: str
    stored_at_ms: int


class Outgoing(Protocol):
    """A queue that texts are sent to."""

    def send(self, body: str) -> Stored:
        """Store a text.

        Args:
            body: 1 character or more, at most the queue's limit in UTF-8 bytes.

        Raises:
            QueueRefusedMessage: It is empty or has a character that SQS does not take.
            MessageTooLarge: It is over the limit.
            QueueError: The call failed. After a transient one the text may be stored all the
                same: the answer can be lost after the deed.
        """
        ...


class Incoming(Protocol):
    """A queue that texts are received from."""

    def receive(self, *, wait_s: int, visibility_s: int, max_messages: int = 1) -> list[Message]:
        """Bring messages, waiting for the first if there are none.

        A receive that fails can still have taken a message, which then stays invisible for
        `visibility_s`; a cancelled one does so silently.

        Args:
            wait_s: How long to wait for a first message, 0..20 seconds.
            visibility_s: How long the messages stay invisible to others, 0..43200 seconds.
            max_messages: The most to bring, 1..10.

        Returns:
            What came, possibly nothing.

        Raises:
            QueueError: The call failed.
        """
        ...

    def delete(self, receipt: str) -> None:
        """Delete the message that a receive brought; again is no error.

        SQS may ignore an older handle than the newest, and may deliver a deleted message again.

        Raises:
            ReceiptExpired: The handle is none of this queue's.
            QueueError: The call failed.
        """
        ...

    def change_visibility(self, receipt: str, visibility_s: int) -> None:
        """Let the message stay invisible for so long from now on; 0 releases it.

        Args:
            receipt: The newest receipt handle.
            visibility_s: 0..43200 seconds; 12 hours after the receive are the end of it.

        Raises:
            ReceiptExpired: The message is deleted or no longer this receive's to keep.
            QueueError: The call failed.
        """
        ...


class Store(Protocol):
    """A bucket in which bytes wait for those who know their key; nothing here deletes them."""

    def put(self, key: str, body: bytes) -> None:
        """Store bytes under a key; the same bytes again are no error.

        Args:
            key: 1 to 1024 characters.
            body: The bytes, possibly none.

        Raises:
            StoreError: The call failed. After a transient one the bytes may be stored all the
                same: the answer can be lost after the deed.
        """
        ...

    def get(self, key: str, limit_bytes: int) -> bytes:
        """Fetch the bytes under a key.

        Args:
            key: The key that they were stored under.
            limit_bytes: The most that is wanted. Of more no more is read than one byte over it,
                which is enough to see that it is too much.

        Raises:
            ObjectNotFound: Nothing is stored under the key.
            StoreError: The call failed.
        """
        ...
