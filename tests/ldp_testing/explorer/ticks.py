"""Abstract time: a tick is a second, the unit in which SQS counts visibility.

The limits of the protocol are whole seconds and are used as they are, so that they keep their
order and their distances. Only the lease is shorter than the usual 20 s, which would need deep
searches for nothing new; it is still longer than the grace, which is longer than the visibility of
replies, and it is renewed in every tick, which is a quarter of it.

Within a tick the clients read their clocks first, SQS acts half a second later, and proxies are
last. So whatever a client knows of a lease is an underestimate, as the core assumes.
"""

from __future__ import annotations

from typing import Final

TICK_MS: Final = 1_000
_START_MS: Final = 1_718_071_341_000
#: `Date` shows the beginning of the second, and `SentTimestamp` the middle: they differ as far as
#: they can without crossing a boundary, so that taking one for the other is found out.
_STORED_MS: Final = 500

#: A tick that is never reached.
NEVER: Final = 1_000_000


def at_ms(tick: int) -> int:
    """The epoch milliseconds at which a tick begins, by AWS's clock."""
    return _START_MS + tick * TICK_MS


def stored_ms(tick: int) -> int:
    """The `SentTimestamp` of what is stored in a tick; its `Date` is `at_ms`."""
    return at_ms(tick) + _STORED_MS
