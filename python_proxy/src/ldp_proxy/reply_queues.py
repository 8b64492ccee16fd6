"""Which reply queue this environment uses now.

Shared replies have one for all environments, and it is there. Dedicated ones are made on the way
(`dedicated`), which can fail and be tried again; so every exchange asks first.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from ldp_proxy.loop import explain
from ldp_queues.errors import QueueError
from ldp_wire.failures import queue_error
from ldp_wire.limits import MIN_WAIT_S

if TYPE_CHECKING:
    from ldp_proxy.loop import Pace
    from ldp_queues.ports import Incoming
    from ldp_wire.failures import Failure

_logger = logging.getLogger(__name__)

_MS_PER_S: Final = 1000
_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 5.0


class ReplyQueue(NamedTuple):
    """The queue that an exchange's replies come to.

    Attributes:
        url: Its URL, which the request names.
        incoming: The queue.
    """

    url: str
    incoming: Incoming


class ReplyQueues(Protocol):
    """Who knows the reply queue of this environment."""

    def current(self) -> ReplyQueue:
        """The queue for an exchange that begins now; it is there and can be used.

        Raises:
            QueueError: It had to be made, and that failed.
        """
        ...


class SharedReplies:
    """One reply queue for all environments, made by whoever deployed them."""

    def __init__(self, queue: ReplyQueue) -> None:
        self._queue = queue

    def current(self) -> ReplyQueue:
        """The queue."""
        return self._queue


def obtain(replies: ReplyQueues, until_ms: int, pace: Pace) -> ReplyQueue | Failure:
    """The reply queue for an exchange, asked for again while what fails may pass (EXC-32).

    Where many environments start at once, they are throttled together; so that they do not come
    back together, pauses are random.

    Args:
        replies: Who knows.
        until_ms: When the exchange has to be over, epoch milliseconds.
        pace: Time and chance.
    """
    longest_s = _FIRST_PAUSE_S
    while isinstance(found := _ask(replies), QueueError):
        pause_s = longest_s * (1 + pace.jitter()) / 2
        longest_s = min(_LONGEST_PAUSE_S, 2 * longest_s)
        if not found.transient or pace.clock_ms() + _ms(pause_s + MIN_WAIT_S) > until_ms:
            return queue_error(explain(found))
        _logger.warning(
            "queue.retrying",
            extra={"error": type(found).__name__, "reason": str(found), "pause_s": pause_s},
        )
        pace.pause(pause_s)
    return found


def _ask(replies: ReplyQueues) -> ReplyQueue | QueueError:
    try:
        return replies.current()
    except QueueError as exc:
        return exc


def _ms(seconds: float) -> int:
    return round(seconds * _MS_PER_S)
