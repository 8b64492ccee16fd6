"""Receives requests for as long as there is somebody to run them.

SQS can be unreachable for hours and credentials expire in mid-session; neither ends a client.
What goes wrong is told once, tried again at a pace that hurts nobody, and told when it is over.
Only a client that has received nothing yet, and never will, ends.
"""

from __future__ import annotations

import logging
import random
from typing import TYPE_CHECKING, Final

from ldp_queues.errors import QueueError
from ldp_wire.limits import MAX_WAIT_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_client.queue_side.engine import Engine
    from ldp_queues.ports import Incoming, Message

_logger = logging.getLogger(__name__)

_MS_PER_S: Final = 1000
#: SQS's most messages for one receive.
_MOST_MESSAGES: Final = 10
#: Pauses after failures that pass by themselves, in seconds.
_PAUSES_S: Final = (0.25, 0.5, 1.0, 2.0, 5.0)
#: Pause after one that does not: soon enough for somebody who has just logged in again.
_PERMANENT_PAUSE_S: Final = 5.0
#: A receive that took so much longer than its wait was slept through, in ms.
_SLEPT_MS: Final = 5_000


class Receiver:
    """Polls the request queue.

    Args:
        engine: Takes the messages, and says how many it can take.
        queue: The request queue.
        lease_s: Length of a lease in seconds, set on every receive (SES-7).
        local_ms: The local clock, epoch milliseconds.
        pause: Waits so many seconds, or less once the session ends.
        recovered: Called when receiving works again after a problem was told.
        hopeless: Called with the error of a first receive that cannot come to succeed.
    """

    def __init__(  # noqa: PLR0913 - three are what it works on, four what it tells and asks
        self,
        engine: Engine,
        queue: Incoming,
        lease_s: int,
        *,
        local_ms: Callable[[], int],
        pause: Callable[[float], object],
        recovered: Callable[[], None],
        hopeless: Callable[[QueueError], None],
    ) -> None:
        self._engine = engine
        self._queue = queue
        self._lease_s = lease_s
        self._local_ms = local_ms
        self._pause = pause
        self._recovered = recovered
        self._hopeless = hopeless
        self._has_received = False
        self._failures = 0
        self._told: type[QueueError] | None = None

    def receive_once(self) -> bool:
        """Wait for room, then for messages, and hand them on; False once there is no more to do."""
        room = self._engine.wait_for_room()
        if not room:
            return False
        try:
            messages = self._receive(min(room, _MOST_MESSAGES))
        except QueueError as exc:
            return self._fail(exc)
        self._succeed()
        for message in messages:
            self._engine.arrived(message)
        return True

    def _receive(self, at_most: int) -> list[Message]:
        began_ms = self._local_ms()
        messages = self._queue.receive(
            wait_s=MAX_WAIT_S, visibility_s=self._lease_s, max_messages=at_most
        )
        took_ms = self._local_ms() - began_ms
        if messages and took_ms > MAX_WAIT_S * _MS_PER_S + _SLEPT_MS:
            # Nobody knows how long ago SQS handed them out, so nobody knows whose they are now.
            _logger.warning("receive.slept", extra={"took_ms": took_ms, "messages": len(messages)})
            return []
        return messages

    def _succeed(self) -> None:
        self._has_received = True
        self._failures = 0
        if self._told is not None:
            self._told = None
            _logger.debug("receive.recovered")
            self._recovered()

    def _fail(self, exc: QueueError) -> bool:
        _logger.debug("receive.failed", extra={"reason": str(exc)})
        if not exc.transient and not self._has_received:
            self._hopeless(exc)
            return False
        if self._told is not type(exc):
            self._told = type(exc)
            self._engine.problem(str(exc), exc.hint)
        pause_s = _PAUSES_S[min(self._failures, len(_PAUSES_S) - 1)]
        self._failures += 1
        jitter = 0.5 + random.random()  # noqa: S311 - so that clients do not come back in step
        self._pause((pause_s if exc.transient else _PERMANENT_PAUSE_S) * jitter)
        return True
