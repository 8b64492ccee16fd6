"""Answers: built, sent until SQS has them, and written down before the request is deleted."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from faulty.client.part import Part
from faulty.client.payloads import LIMIT_BYTES, TooLargeError
from faulty.client.s3 import StorageError
from faulty.client.sqs import SqsError

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange
    from faulty.client.requests import Frozen
    from faulty.client.runtime import Outcome


class Answers(Part):
    """Answers requests."""

    def answer(self, exchange: Exchange, outcome: Outcome) -> None:
        """Send what became of the handler, and settle the request."""
        if exchange.request.is_v0:
            self.port.v0.wait(exchange)
            body = self.port.v0.body(outcome.data, exchange)
        else:
            body = self.body(exchange, outcome)
        self.send_and_settle(exchange, body)

    def send_and_settle(self, exchange: Exchange, body: str) -> None:
        """First the answer, then the journal, then the delete (SES-13, SES-25)."""
        try:
            delivered = self.deliver(exchange, body)
        except TooLargeError:
            delivered = self.deliver(exchange, self.too_large(exchange, "The reply queue"))
        if delivered:
            self.port.journal.answered(exchange)
            self.port.settling.delete_all(exchange)
        elif exchange.done.is_set():
            return
        else:
            self.port.settling.discard(exchange, "its answer could not be sent in time")

    def body(self, exchange: Exchange, outcome: Outcome) -> str:
        """The response, or one that says why there is none."""
        frozen = exchange.request.frozen
        assert frozen is not None

        def of(payload: dict[str, Any]) -> str:
            return self.envelope(frozen, outcome, payload)

        try:
            return self.port.payloads.encode(outcome.data, exchange, of)
        except TooLargeError:
            return self.too_large(exchange, f"A message for {len(outcome.data)} bytes")
        except StorageError:
            return self.own_failure(
                frozen,
                "Client.StorageError",
                "The result could not be stored in the payload bucket. Check the bucket.",
            )

    def envelope(self, frozen: Frozen, outcome: Outcome, payload: dict[str, Any]) -> str:
        """The response with a payload."""
        envelopes = self.port.envelopes
        if outcome.is_error:
            return envelopes.write(
                envelopes.failure(frozen, outcome.kind, outcome.message, payload)
            )
        return envelopes.write(envelopes.result(frozen, payload))

    def own_failure(self, frozen: Frozen, kind: str, message: str) -> str:
        """A failure of the client itself, which is always small (ERR-1, ERR-2)."""
        data = json.dumps({"errorType": kind, "errorMessage": message})
        payload = {"encoding": "text", "data": data}
        return self.port.envelopes.write(
            self.port.envelopes.failure(frozen, kind, message, payload)
        )

    def too_large(self, exchange: Exchange, who: str) -> str:
        """The answer where the result fits in no form (ERR-12)."""
        assert exchange.request.frozen is not None
        limit = min(exchange.request.max_reply_bytes, LIMIT_BYTES)
        return self.own_failure(
            exchange.request.frozen,
            "Client.ResultTooLarge",
            f"{who} does not take the result; the limit is {limit} bytes, and {LIMIT_BYTES} bytes"
            " in all. Return less, or set LAMBDA_PROXY_PAYLOAD_BUCKET.",
        )

    def url(self, exchange: Exchange) -> str:
        """Where the answer goes."""
        frozen = exchange.request.frozen
        return frozen.reply_url if frozen else self.port.settings.response_url

    def deliver(self, exchange: Exchange, body: str) -> bool:
        """Send the same bytes until SQS has them, the time is over or nobody is there."""
        attempt = 0
        while not self.is_too_late(exchange):
            try:
                self.port.sqs.send(self.url(exchange), body)
            except SqsError as error:
                self.port.log.say(f"an answer could not be sent ({error.code})")
                if error.is_gone:
                    self.gone(exchange)
                    return False
                if error.is_refusal and "Client.ResultTooLarge" not in body:
                    raise TooLargeError from None
            else:
                return True
            if not self.goes_on(attempt):
                return False
            time.sleep(min(1.0, 0.1 * 2**attempt))
            attempt += 1
        return False

    def is_too_late(self, exchange: Exchange) -> bool:
        """Whether nobody waits for it any more (SES-17)."""
        return self.port.lease.is_time_over(exchange)

    def goes_on(self, _attempt: int) -> bool:
        """Whether a failed send is repeated (SES-15)."""
        return True

    def gone(self, exchange: Exchange) -> None:
        """The reply queue does not exist, so the caller is gone (SES-16)."""
        self.port.settling.discard(exchange, "its caller is gone with the reply queue")
