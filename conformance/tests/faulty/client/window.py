"""The start window: a word to the proxy before the handler starts (SES-20 to SES-23)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from faulty.client.exchange import OVERDUE, RECEIVED
from faulty.client.part import Part
from faulty.client.sqs import SqsError

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange
    from faulty.client.port import Port

_DATE_MS = 1000
_SKIP_S = 5
_ATTEMPTS = 4


class Window(Part):
    """Decides whether a request may start."""

    def __init__(self, port: Port) -> None:
        super().__init__(port)
        self.announced: set[str] = set()

    def enter(self, exchange: Exchange) -> bool:
        """Whether the handler may start; if not, the request is dealt with."""
        start_by = exchange.request.start_by_ms
        if start_by is None or self.port.journal.was_accepted(exchange.request.key):
            return True
        if self.is_closed(start_by) or exchange.request.key in self.announced:
            self.miss(exchange)
            return False
        self.announced.add(exchange.request.key)
        return self.announce(exchange, start_by)

    def is_closed(self, start_by: int) -> bool:
        """Whether it is received too late."""
        return self.port.clock.now_ms() > start_by

    def announce(self, exchange: Exchange, start_by: int) -> bool:
        """Send `accepted`; whether it was stored in time."""
        frozen = exchange.request.frozen
        assert frozen is not None
        body = self.port.envelopes.write(self.port.envelopes.accepted(frozen))
        try:
            stored = self.port.sqs.send(frozen.reply_url, body)
        except SqsError as error:
            if error.is_gone:
                self.caller_gone(exchange)
                return False
            stored = 0
        if self.is_in_time(stored, start_by):
            self.port.journal.accepted(exchange)
            return True
        self.decline(exchange, "late")
        self.miss(exchange)
        return False

    def is_in_time(self, stored: int, start_by: int) -> bool:
        """Whether the proxy will count our word (SES-21)."""
        return bool(stored) and stored + _DATE_MS <= start_by

    def caller_gone(self, exchange: Exchange) -> None:
        """The reply queue does not exist."""
        if exchange.claim((RECEIVED,), OVERDUE):
            self.port.settling.discard(exchange, "its caller is gone with the reply queue")

    def decline(self, exchange: Exchange, reason: str) -> None:
        """Say that the handler will not start."""
        frozen = exchange.request.frozen
        assert frozen is not None
        body = self.port.envelopes.write(self.port.envelopes.declined(frozen, reason))
        for attempt in range(_ATTEMPTS):
            try:
                self.port.sqs.send(frozen.reply_url, body)
            except SqsError as error:  # noqa: PERF203 - each attempt stands alone
                if error.is_gone or self.port.lease.is_time_over(exchange):
                    return
                time.sleep(0.1 * 2**attempt)
            else:
                return

    def miss(self, exchange: Exchange) -> None:
        """Delete what nobody else has seen; skip what somebody may run (SES-23)."""
        if not exchange.claim((RECEIVED,), OVERDUE):
            return
        if exchange.receive_count == 1:
            self.port.settling.discard(exchange, "it is too late to start it")
        else:
            self.port.settling.give_back(exchange, _SKIP_S)
