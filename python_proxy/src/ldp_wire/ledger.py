"""What one client instance remembers of the requests that it no longer works on.

It is the part of the journal that needs no disk; nothing here reads a clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldp_wire.actions import Record, Status
from ldp_wire.limits import JOURNAL_KEEP_MS

if TYPE_CHECKING:
    from ldp_wire.arrivals import Arrival
    from ldp_wire.envelopes import RequestId


class Ledger:
    """The requests that were answered, discarded or declined, until they may be forgotten."""

    def __init__(self) -> None:
        self._done: dict[RequestId, int] = {}
        self._declined: dict[RequestId, int] = {}

    def record(self, arrival: Arrival, status: Status, reason: str, now_ms: int) -> Record:
        """What the journal has to keep of a request (SES-24, SES-26)."""
        keep_until_ms = _keep_until_ms(arrival, now_ms)
        if status is not Status.ACCEPTED:
            self._done[arrival.request_id] = keep_until_ms
        return Record(arrival.request_id, status, reason, keep_until_ms)

    def decline(self, arrival: Arrival, now_ms: int) -> None:
        """Remember that this instance said that it will not start a request (SES-22)."""
        self._declined[arrival.request_id] = _keep_until_ms(arrival, now_ms)

    def is_done(self, request_id: RequestId) -> bool:
        """Whether a request is answered or discarded (SES-6)."""
        return request_id in self._done

    def has_declined(self, request_id: RequestId) -> bool:
        """Whether this instance said that it will not start a request."""
        return request_id in self._declined

    def forget(self, now_ms: int) -> None:
        """Let go of what no copy can come back of any more."""
        self._done = _kept(self._done, now_ms)
        self._declined = _kept(self._declined, now_ms)


def _keep_until_ms(arrival: Arrival, now_ms: int) -> int:
    """A one-way request has no `answerByMs`, and its function's deadline is not ours (ENV-23)."""
    terms = arrival.request.terms
    return (now_ms if terms is None else terms.answer_by_ms) + JOURNAL_KEEP_MS


def _kept(entries: dict[RequestId, int], now_ms: int) -> dict[RequestId, int]:
    return {key: until_ms for key, until_ms in entries.items() if now_ms <= until_ms}
