"""From a valid request to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faulty.client.exchange import ANSWERING, RECEIVED, RUNNING
from faulty.client.part import Part
from faulty.client.requests import Bad
from faulty.client.rules import Wrong
from faulty.client.s3 import StorageError

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange
    from faulty.client.runtime import Outcome


class Running(Part):
    """Runs requests."""

    def process(self, exchange: Exchange) -> None:
        """Take a new request to its end."""
        if self.is_expired(exchange):
            self.port.settling.discard(exchange, "it came when nobody waited any more")
            return
        self.port.lease.begin(exchange)
        if not self.port.window.enter(exchange) or not self.fetch(exchange):
            return
        if exchange.claim((RECEIVED,), RUNNING):
            self.handle(exchange)

    def is_expired(self, exchange: Exchange) -> bool:
        """Whether nobody waits for the answer (SES-2)."""
        return self.port.lease.is_time_over(exchange)

    def fetch(self, exchange: Exchange) -> bool:
        """Get the event; whether there is one."""
        request = exchange.request
        try:
            exchange.event = (
                self.port.payloads.fetch(request.claim) if request.event is None else request.event
            )
        except StorageError:
            self.not_fetched(exchange)
        except Wrong as wrong:
            self.not_verified(exchange, wrong)
        else:
            return True
        return False

    def not_fetched(self, exchange: Exchange) -> None:
        """Say that the bucket did not give the event (ERR-11)."""
        frozen = exchange.request.frozen
        if not exchange.claim((RECEIVED,), ANSWERING):
            return
        if frozen is None:
            self.port.settling.discard(exchange, "its event could not be fetched")
            return
        message = "The event could not be fetched from the payload bucket. Check the bucket."
        body = self.port.answers.own_failure(frozen, "Client.StorageError", message)
        self.port.answers.send_and_settle(exchange, body)

    def not_verified(self, exchange: Exchange, wrong: Wrong) -> None:
        """What was fetched is not what was promised: bad input (PAY-15)."""
        frozen = exchange.request.frozen
        if not exchange.claim((RECEIVED,), ANSWERING):
            return
        self.port.log.say(f"a message is no valid request and is kept on disk: {wrong}")
        bad = Bad(wrong, frozen)
        if exchange.first:
            self.port.badbox.keep(exchange.first, bad)
        if frozen is None:
            self.port.settling.discard(exchange, "its event is not what was promised")
            return
        sentence = self.port.badbox.sentence(bad)
        body = self.port.answers.own_failure(frozen, "Client.BadRequest", sentence)
        self.port.answers.send_and_settle(exchange, body)

    def handle(self, exchange: Exchange) -> None:
        """Run the handler, and see to what became of it."""
        self.port.log.say(f"request {exchange.request.key} starts")
        outcome = self.port.runtime.invoke(exchange)
        self.port.intake.free_handler()
        self.port.log.say(f"request {exchange.request.key} ended")
        self.ended(exchange, outcome)

    def ended(self, exchange: Exchange, outcome: Outcome) -> None:
        """Answer, hold, or neither."""
        if self.port.hold.applies(exchange, outcome):
            self.port.hold.keep(exchange, outcome)
        elif not exchange.claim((RUNNING,), ANSWERING):
            self.port.log.say(
                f"the result of request {exchange.request.key} came too late and is thrown away"
            )
        elif exchange.request.frozen is None and not exchange.request.is_v0:
            self.port.journal.answered(exchange)
            self.port.settling.delete_all(exchange)
        else:
            self.port.answers.answer(exchange, outcome)
