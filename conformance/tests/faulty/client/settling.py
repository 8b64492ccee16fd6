"""The end of a request: its messages are deleted, or given back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from faulty.client.exchange import SETTLED
from faulty.client.part import Part
from faulty.client.sqs import SqsError

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange, Receipt

_ATTEMPTS = 5
_RELEASES = 3


class Settling(Part):
    """Deletes and releases."""

    def discard(self, exchange: Exchange, reason: str) -> None:
        """Give a request up, with its reason on record, and delete it."""
        self.port.log.say(f"request {exchange.request.key} is given up: {reason}")
        self.port.journal.discarded(exchange, reason)
        self.delete_all(exchange)

    def delete_all(self, exchange: Exchange) -> None:
        """Delete all copies; those that come meanwhile too."""
        self.finish(exchange)
        deleted: set[str] = set()
        while True:
            with self.port.lock:
                receipts = self.of(exchange)
                left = [each for each in receipts if each.handle not in deleted]
                if not left:
                    self.port.active.pop(exchange.request.key, None)
                    return
            for receipt in left:
                deleted.add(receipt.handle)
                if not self.port.lease.has_lapsed(receipt):
                    self.delete_one(receipt.handle, receipt.since_s)

    def of(self, exchange: Exchange) -> list[Receipt]:
        """The receipts of all copies."""
        with exchange.mutex:
            return list(exchange.receipts.values())

    def delete_one(self, handle: str, since_s: float) -> None:
        """Delete a message, again where that fails, while the lease is held."""
        for attempt in range(_ATTEMPTS):
            try:
                return self.port.sqs.delete(handle)
            except SqsError as error:
                self.port.log.say(f"a request could not be deleted ({error.code})")
            time.sleep(0.1 * 2**attempt)
            if self.port.clock.boot_s() - since_s > self.port.settings.lease_s:
                break
        return None

    def give_back(self, exchange: Exchange, seconds: int) -> None:
        """Let all copies be received again in so many seconds, unanswered."""
        self.finish(exchange)
        with exchange.wire:
            for receipt in self.of(exchange):
                if not self.port.lease.has_lapsed(receipt):
                    self.hide_one(receipt.handle, seconds)
        with self.port.lock:
            self.port.active.pop(exchange.request.key, None)

    def hide_one(self, handle: str, seconds: int) -> None:
        """Set the visibility of a message that is surely held (SES-11)."""
        for _ in range(_RELEASES):
            try:
                return self.port.sqs.hide(handle, seconds)
            except SqsError as error:
                self.port.log.say(f"a request could not be released ({error.code})")
            time.sleep(0.1)
        return None

    def finish(self, exchange: Exchange) -> None:
        """Nothing of it is renewed from now on."""
        with exchange.mutex:
            exchange.state = SETTLED
        exchange.done.set()
