"""The interface for queues themselves: they are made, found, told apart by tags, and deleted.

Apart from `ports`, because hardly anybody needs it: whoever exchanges messages finds queues that
are there. Names and URLs are those of standard queues of one account in one region. Every method
may raise a `QueueError`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: How long after its creation a queue can be used (CreateQueue), seconds.
NEW_QUEUE_WAIT_S = 1
#: How long the name of a deleted queue cannot be had again (DeleteQueue), seconds.
NAME_REST_S = 60


@dataclass(frozen=True, slots=True)
class QueueAttributes:
    """What a new queue is like.

    Attributes:
        maximum_message_size_bytes: The most that one message may have, 1024..1048576.
        visibility_s: How long a received message is hidden where a receive does not say,
            0..43200 seconds.
        retention_s: How long messages are kept, 60..1209600 seconds.
        receive_wait_s: How long a receive waits that does not say, 0..20 seconds.
        is_encrypted: Whether messages are encrypted at rest with SQS's own key.
    """

    maximum_message_size_bytes: int
    visibility_s: int
    retention_s: int
    receive_wait_s: int
    is_encrypted: bool


class QueueAdmin(Protocol):
    """Who makes and deletes queues."""

    def create(self, name: str, attributes: QueueAttributes, tags: Mapping[str, str]) -> str:
        """Make a queue, attributes and tags at once; with the same of everything, again.

        It can be used after `NEW_QUEUE_WAIT_S`.

        Args:
            name: 1..80 characters of `[0-9A-Za-z_-]`.
            attributes: What it is like.
            tags: Up to 50, keys of up to 128 and values of up to 256 characters.

        Returns:
            Its URL, as the service names it.

        Raises:
            QueueNameTaken: There is one of that name with other attributes, or there was one
                less than `NAME_REST_S` ago.
            QueueError: The call failed. After a transient one the queue may be there.
        """
        ...

    def find(self, prefix: str) -> Iterator[str]:
        """The URLs of the queues whose names begin so, in any order, asked for page by page.

        What was made or deleted in the last minute may be missing or still there.

        Raises:
            QueueError: A call failed; at any step.
        """
        ...

    def tags(self, url: str) -> Mapping[str, str]:
        """The tags of a queue.

        Raises:
            QueueNotFound: There is no such queue.
            QueueError: The call failed.
        """
        ...

    def delete(self, url: str) -> None:
        """Delete a queue with all that is in it, within a minute; again is no error.

        Raises:
            QueueError: The call failed.
        """
        ...
