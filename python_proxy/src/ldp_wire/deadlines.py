"""How much of an invocation's time a proxy waits, and how much it keeps for itself."""

from __future__ import annotations

from typing import Final

from ldp_wire.failures import Failure, timeout_too_short
from ldp_wire.limits import (
    BUCKET_MARGIN_MS,
    MARGIN_SHARE,
    MAX_MARGIN_MS,
    MIN_MARGIN_MS,
    MIN_WAIT_S,
)

_MS_PER_S: Final = 1000


def margin_ms(remaining_ms: int, *, has_bucket: bool = False) -> int:
    """What a proxy keeps of an invocation's time to tell its caller of a failure (EXC-4)."""
    share_ms = max(MIN_MARGIN_MS, min(MAX_MARGIN_MS, int(remaining_ms * MARGIN_SHARE)))
    return share_ms + (BUCKET_MARGIN_MS if has_bucket else 0)


def answer_by(deadline_ms: int, now_ms: int, *, has_bucket: bool = False) -> int | Failure:
    """The end of the wait in epoch ms, or the failure that there is no time to wait (EXC-5)."""
    remaining_ms = deadline_ms - now_ms
    kept_ms = margin_ms(remaining_ms, has_bucket=has_bucket)
    if remaining_ms - kept_ms < MIN_WAIT_S * _MS_PER_S:
        return timeout_too_short(remaining_ms, kept_ms)
    return deadline_ms - kept_ms
