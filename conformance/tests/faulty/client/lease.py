"""Keeps what is running or held, until its time is over (SES-7 to SES-10)."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING

from faulty.client.exchange import ANSWERING, HELD, OVERDUE, RECEIVED, RUNNING
from faulty.client.part import Part
from faulty.client.sqs import SqsError

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange, Receipt

_GLANCE_S = 0.1
_AGAIN_S = 0.2


class Lease(Part):
    """One thread for each request that is kept."""

    def begin(self, exchange: Exchange) -> None:
        """Keep a request from now on."""
        threading.Thread(target=self.keep, args=(exchange,), daemon=True).start()

    def keep(self, exchange: Exchange) -> None:
        """Renew, and watch the time."""
        clock = self.port.clock
        due_s = clock.boot_s() + self.every_s()
        while not exchange.done.wait(self.pause_s(exchange, due_s)):
            if self.is_time_over(exchange):
                return self.overdue(exchange)
            self.port.hold.watch(exchange)
            if clock.boot_s() >= due_s and not exchange.done.is_set():
                succeeded = self.renew_all(exchange)
                due_s = clock.boot_s() + (self.every_s() if succeeded else _AGAIN_S)
        return None

    def every_s(self) -> float:
        """How often a lease is renewed."""
        return self.port.settings.lease_s / 4

    def pause_s(self, exchange: Exchange, due_s: float) -> float:
        """How long there is nothing to look at."""
        pause = max(0.0, due_s - self.port.clock.boot_s())
        if exchange.state == HELD:
            pause = min(pause, _GLANCE_S)
        left_ms = self.left_ms(exchange)
        return pause if left_ms is None else max(0.0, min(pause, left_ms / 1000))

    def left_ms(self, exchange: Exchange) -> float | None:
        """How long somebody waits; None if nobody does."""
        answer_by = exchange.request.answer_by_ms
        return None if answer_by is None else answer_by - self.port.clock.now_ms()

    def is_time_over(self, exchange: Exchange) -> bool:
        """Whether nobody waits any more."""
        left_ms = self.left_ms(exchange)
        return left_ms is not None and left_ms <= 0

    def overdue(self, exchange: Exchange) -> None:
        """Delete what is still running; the late result will be thrown away (SES-9)."""
        if exchange.claim((RECEIVED, RUNNING, HELD), OVERDUE):
            self.port.settling.discard(
                exchange, "its time is over, and nobody will see what the handler returns"
            )

    def renew_all(self, exchange: Exchange) -> bool:
        """Extend the lease of every copy; whether that succeeded."""
        succeeded = True
        for receipt in self.port.settling.of(exchange):
            with exchange.wire:
                if exchange.done.is_set():
                    break
                succeeded = self.renew(exchange, receipt) and succeeded
        return succeeded

    def renew(self, exchange: Exchange, receipt: Receipt) -> bool:
        """Extend a lease; whether there is nothing to try again."""
        if self.has_lapsed(receipt):
            return True
        seconds = self.seconds(exchange)
        if seconds <= 0 or exchange.state not in {RECEIVED, RUNNING, HELD, ANSWERING}:
            return True
        begun_s = self.port.clock.boot_s()
        try:
            self.port.sqs.hide(receipt.handle, seconds)
        except SqsError as error:
            self.port.log.say(f"a lease could not be renewed ({error.code})")
            return False
        receipt.since_s, receipt.for_s = begun_s, seconds
        return True

    def seconds(self, exchange: Exchange) -> int:
        """For how long to extend: a lease, but not beyond the end (SES-8)."""
        left_ms = self.left_ms(exchange)
        lease_s = self.port.settings.lease_s
        return lease_s if left_ms is None else min(lease_s, math.ceil(left_ms / 1000))

    def has_lapsed(self, receipt: Receipt) -> bool:
        """Whether a lease is no longer surely held; said once (SES-10)."""
        if not receipt.is_lapsed:
            held_s = receipt.for_s or self.port.settings.lease_s
            receipt.is_lapsed = self.port.clock.boot_s() - receipt.since_s > held_s
            if receipt.is_lapsed:
                self.port.log.say("the lease of a request lapsed; somebody else may run it")
        return receipt.is_lapsed
