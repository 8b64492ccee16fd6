"""Events whose handler failed, kept until the developer says so or time is short (SES-36)."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from faulty.client.exchange import ANSWERING, HELD, OVERDUE, RUNNING
from faulty.client.part import Part

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange
    from faulty.client.runtime import Outcome

_BEFORE_MS = 2000


class Hold(Part):
    """Holds failing events."""

    def applies(self, exchange: Exchange, outcome: Outcome) -> bool:
        """Whether a failure is held and not reported."""
        if exchange.request.is_v0:
            return outcome.is_error and self.port.settings.v0_errors == "hold"
        if exchange.request.frozen is None:
            return False
        return outcome.is_error and self.port.settings.on_error == "hold"

    def keep(self, exchange: Exchange, outcome: Outcome) -> None:
        """Hold an event."""
        exchange.outcome = outcome
        if exchange.claim((RUNNING,), HELD):
            self.port.log.say(
                f"request {exchange.request.key} failed and is held; press Enter to run it again"
            )

    def watch(self, exchange: Exchange) -> None:
        """End a hold when the client ends, or just before nobody waits any more."""
        if exchange.state != HELD:
            return
        if self.port.is_draining:
            if exchange.claim((HELD,), OVERDUE):
                self.release(exchange)
        elif self.is_short(exchange) and exchange.claim((HELD,), ANSWERING):
            threading.Thread(target=self.give_up, args=(exchange,)).start()

    def release(self, exchange: Exchange) -> None:
        """Let somebody else have it, unanswered."""
        self.port.settling.give_back(exchange, 0)

    def is_short(self, exchange: Exchange) -> bool:
        """Whether it is time to send the last error."""
        left_ms = self.port.lease.left_ms(exchange)
        before = 0 if exchange.request.is_v0 else self.before_ms()
        return left_ms is not None and left_ms <= before

    def before_ms(self) -> int:
        """How long before the end the last error is sent."""
        return _BEFORE_MS

    def give_up(self, exchange: Exchange) -> None:
        """Send the last error."""
        assert exchange.outcome is not None
        self.port.answers.answer(exchange, exchange.outcome)

    def listen(self) -> None:
        """Wait for the developer's Enter."""
        threading.Thread(target=self.read_lines, daemon=True).start()

    def read_lines(self) -> None:
        """Every line runs again what is held."""
        try:
            while data := os.read(0, 4096):
                if b"\n" in data or b"\r" in data:
                    self.run_again()
        except OSError:
            return

    def run_again(self) -> None:
        """Run all that is held, each once more."""
        with self.port.lock:
            held = list(self.port.active.values())
        for exchange in held:
            if exchange.claim((HELD,), RUNNING):
                threading.Thread(target=self.port.running.handle, args=(exchange,)).start()
