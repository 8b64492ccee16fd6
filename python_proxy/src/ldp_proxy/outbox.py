"""How a request leaves: in the first form that its queue takes, its event in the bucket if need be.

The way of PAY-7, from the event's bytes to a request that SQS has, or to the caller's typed error.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ldp_proxy.loop import store
from ldp_queues.errors import MessageTooLarge
from ldp_wire.codec import encode
from ldp_wire.deadlines import margin_ms
from ldp_wire.failures import Failure, event_too_large
from ldp_wire.limits import MAX_MESSAGE_BYTES, MAX_PAYLOAD_BYTES
from ldp_wire.payloads import INLINE_ENCODINGS, fit

if TYPE_CHECKING:
    from ldp_proxy.claims import ClaimChecks
    from ldp_proxy.loop import Pace
    from ldp_queues.ports import Outgoing
    from ldp_wire.envelopes import ClaimCheck, Payload, Request
    from ldp_wire.exchange import ProxyExchange

_logger = logging.getLogger(__name__)


class Outbox:
    """The request queue, and the bucket beside it if there is one.

    A queue can be set lower than SQS's limit. The proxy's role need not allow to ask, so that the
    limit is learned from a refusal, once.

    Args:
        requests: The request queue.
        claims: Where events go that fit in no message; None without a bucket.
        pace: Time and chance.
    """

    def __init__(self, requests: Outgoing, claims: ClaimChecks | None, pace: Pace) -> None:
        self._requests = requests
        self._claims = claims
        self._pace = pace
        self._limit_bytes = MAX_MESSAGE_BYTES

    def send(self, exchange: ProxyExchange, event: bytes) -> None:
        """Send an exchange's request; it awaits its answer afterwards, or is over.

        Args:
            exchange: A new one, whose request lacks its payload.
            event: The payload.
        """
        while True:
            text = self._text(exchange, event)
            if isinstance(text, Failure):
                exchange.refused(text, self._pace.clock_ms())
                return
            try:
                store(exchange, text, self._requests, self._pace)
            except MessageTooLarge as exc:
                self._limit_bytes = min(exc.limit_bytes, exc.size_bytes - 1)
                _logger.warning("queue.limit_learned", extra={"limit_bytes": self._limit_bytes})
            else:
                return

    def _text(self, exchange: ProxyExchange, event: bytes) -> str | Failure:
        """The request in the first form that fits, or why it has none (PAY-7, PAY-9)."""
        text = fit(event, partial(_with_payload, exchange), INLINE_ENCODINGS, self._limit_bytes)
        if text is not None:
            return text
        failure = event_too_large(len(event), self._limit_bytes)
        if self._claims is None or len(event) > MAX_PAYLOAD_BYTES:
            return failure
        claim = self._claims.of_event(exchange.request.request_id, event)
        if not self._fits(exchange, claim):
            return failure
        return self._put(self._claims, claim, event, exchange)

    def _put(
        self, claims: ClaimChecks, claim: ClaimCheck, event: bytes, exchange: ProxyExchange
    ) -> str | Failure:
        """Store the event, then word the request: its start window begins only now."""
        failure = claims.put(claim, event, latest_ms(exchange.request))
        if failure is not None:
            return failure
        exchange.request = _sent_at(self._pace.clock_ms(), exchange.request)
        return encode(_with_payload(exchange, claim))

    def _fits(self, exchange: ProxyExchange, claim: ClaimCheck) -> bool:
        return len(encode(_with_payload(exchange, claim)).encode()) <= self._limit_bytes


def _with_payload(exchange: ProxyExchange, payload: Payload) -> Request:
    return replace(exchange.request, payload=payload)


def _sent_at(now_ms: int, request: Request) -> Request:
    """A request that is sent later than it was begun, by the time that its event took to store.

    Compressing and storing 6 MiB takes seconds where a function has little memory, and with it
    little CPU, which must not use up the time that a client has to accept.
    """
    terms = request.terms
    if terms is not None and terms.start_by_ms is not None:
        late_ms = now_ms - request.sent_at_ms
        terms = replace(terms, start_by_ms=terms.start_by_ms + late_ms)
    return replace(request, sent_at_ms=now_ms, terms=terms)


def latest_ms(request: Request) -> int:
    """When nothing is tried again; the end of a one-way request is told by its context (EXC-6)."""
    if request.terms is not None:
        return request.terms.answer_by_ms
    deadline_ms = request.context.deadline_ms
    return deadline_ms - margin_ms(deadline_ms - request.sent_at_ms, has_bucket=True)
