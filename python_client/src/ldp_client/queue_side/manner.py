"""How a client serves, in one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ldp_wire.claims import Bucket
    from ldp_wire.trust import ReplyTrust


@dataclass(frozen=True, slots=True)
class Manner:
    """How a client serves.

    Attributes:
        trust: The reply queues to answer to; None where only one-way requests are served.
        handlers: How many runtimes there are.
        once: Drain after the first event that was run (`--once`).
        bucket: Where claim checks may lie; None if there is none.
    """

    trust: ReplyTrust | None
    handlers: int = 1
    once: bool = False
    bucket: Bucket | None = None
