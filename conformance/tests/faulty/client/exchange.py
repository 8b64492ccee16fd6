"""A request on its way through this client."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faulty.client.requests import Request
    from faulty.client.runtime import Outcome
    from faulty.client.sqs import Message

RECEIVED = "received"
RUNNING = "running"
HELD = "held"
ANSWERING = "answering"
OVERDUE = "overdue"
SETTLED = "settled"


class Receipt:
    """The newest receipt handle of one message.

    Args:
        handle: The handle.
        since_s: When the lease began, by the clock that counts suspended time.
    """

    def __init__(self, handle: str, since_s: float) -> None:
        self.handle = handle
        self.since_s = since_s
        self.for_s: float | None = None  #: how long it was extended; None for a whole lease
        self.is_lapsed = False


class Exchange:
    """A request on its way.

    Args:
        request: The request.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        self.first: Message | None = None
        self.receipts: dict[str, Receipt] = {}
        self.receive_count = 1
        self.sent_ms = 0
        self.state = RECEIVED
        self.event = b""
        self.outcome: Outcome | None = None
        self.done = threading.Event()  #: nothing of it is renewed any more
        self.mutex = threading.RLock()
        self.wire = threading.Lock()  #: held while a call sets the visibility of its messages

    def adopt(self, message: Message) -> None:
        """Take a copy on (SES-4)."""
        with self.mutex:
            self.first = self.first or message
            self.receipts[message.id] = Receipt(message.receipt, message.got_s)
            self.receive_count = max(self.receive_count, message.receive_count)
            self.sent_ms = self.sent_ms or message.sent_ms

    def claim(self, wanted: tuple[str, ...], state: str) -> bool:
        """Go on to a state, if it is in one of those; whether it was."""
        with self.mutex:
            if self.state not in wanted:
                return False
            self.state = state
            return True
