"""Which reply queues a client answers to (SEC-1 to SEC-3).

A `replyTo` is an identifier: account and name are compared, the host is never used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ldp_wire.codec import QUEUE_URL

_DEDICATED_SUFFIX: Final = re.compile(r"-[0-9a-z]{26}")


@dataclass(frozen=True, slots=True)
class ReplyTrust:
    """The reply queues of one request queue.

    Attributes:
        account: Twelve-digit account of the request queue.
        queue_name: Configured name of the response queue.
    """

    account: str
    queue_name: str

    def queue_for(self, reply_to: str) -> str | None:
        """Name of the queue that `reply_to` identifies, or None if it is not trusted (SEC-2)."""
        match = QUEUE_URL.fullmatch(reply_to)
        if match is None or match[1] != self.account:
            return None
        name = match[2]
        if name == self.queue_name:
            return name
        suffix = name.removeprefix(self.queue_name)
        return name if suffix != name and _DEDICATED_SUFFIX.fullmatch(suffix) else None
