"""One invocation as one exchange: the request that is sent for it, and what its caller gets.

A `Proxy` lives as long as its execution environment and carries one exchange at a time. Which
runtime the invocation came from, and how a reply is handed back to it, is the entries' business.
"""

from __future__ import annotations

import logging
import uuid
from threading import Thread
from typing import TYPE_CHECKING, Final, NamedTuple

from ldp_proxy.absence import Absence
from ldp_proxy.loop import collect
from ldp_proxy.outbox import Outbox, latest_ms
from ldp_proxy.reply import reply_of, reply_of_failure
from ldp_proxy.reply_queues import obtain
from ldp_queues.errors import QueueError
from ldp_wire.deadlines import answer_by
from ldp_wire.envelopes import Encoding, Inline, ReplyTerms, Request, RequestId
from ldp_wire.exchange import ProxyExchange, State
from ldp_wire.failures import Failure, timeout_too_short
from ldp_wire.limits import MAX_MESSAGE_BYTES, MIN_WAIT_S
from ldp_wire.payloads import INLINE_ENCODINGS
from ldp_wire.replies import ReplyDesk

if TYPE_CHECKING:
    from ldp_proxy.absence import Fallback
    from ldp_proxy.claims import ClaimChecks
    from ldp_proxy.loop import Pace
    from ldp_proxy.reply import Reply
    from ldp_proxy.reply_queues import ReplyQueues
    from ldp_queues.ports import Incoming, Outgoing
    from ldp_wire.envelopes import Context

_logger = logging.getLogger(__name__)

#: How long a caller can be kept waiting for the deletion of an answer that is there already.
_DELETE_BOX_S: Final = 1.0
_MS_PER_S: Final = 1000
_SHOWN_BYTES: Final = 75
_EMPTY: Final = Inline(Encoding.TEXT, "")
_ALL_ENCODINGS: Final = (*INLINE_ENCODINGS, Encoding.S3.value)


class Channel(NamedTuple):
    """How requests leave and replies arrive.

    Attributes:
        requests: The request queue.
        replies: Who knows the reply queue; None in one-way mode.
        start_within_s: Length of the start window in seconds; None if there is none.
        claims: Where payloads go that fit in no message; None without a bucket.
    """

    requests: Outgoing
    replies: ReplyQueues | None = None
    start_within_s: float | None = None
    claims: ClaimChecks | None = None


class Proxy:
    """The proxy of one execution environment.

    Args:
        channel: Its queues.
        pace: Time and chance.
        fallback: What answers where nobody is there; None for an error.
    """

    def __init__(self, channel: Channel, pace: Pace, fallback: Fallback | None = None) -> None:
        self._channel = channel
        self._pace = pace
        self._desk = ReplyDesk()
        self._absence = None if fallback is None else Absence(fallback, self._desk, pace)
        self._outbox = Outbox(channel.requests, channel.claims, pace)
        # Where the last exchange's replies came; the next may have another one.
        self._replies: Incoming | None = None

    def invoke(self, event: bytes, context: Context) -> Reply:
        """Send an event on its way and wait for what comes back; never raises for either.

        Args:
            event: The bytes that Lambda delivered.
            context: What Lambda told of the invocation.
        """
        begun_ms = self._pace.clock_ms()
        request = self._request(context, begun_ms)
        if isinstance(request, Failure):
            request_id, reply = None, reply_of_failure(request)
        else:
            request_id = request.request_id
            _show("exchange.event", request_id, event)
            reply = self._exchange(request, event, begun_ms)
            _show("exchange.reply", request_id, reply.body)
        extra: dict[str, object] = {
            "request_id": request_id,
            "aws_request_id": context.aws_request_id,
            "waited_ms": self._pace.clock_ms() - begun_ms,
            "sent_bytes": len(event),
            "received_bytes": len(reply.body),
        }
        _sum_up(reply, extra)
        return reply

    def _request(self, context: Context, begun_ms: int) -> Request | Failure:
        """The request, still without its payload, or why there can be none (EXC-1, EXC-5)."""
        terms = self._terms(context, begun_ms)
        if isinstance(terms, Failure):
            return terms
        return Request(
            request_id=RequestId(str(uuid.uuid4())),
            sent_at_ms=self._pace.clock_ms(),
            context=context,
            payload=_EMPTY,
            terms=terms,
        )

    def _terms(self, context: Context, begun_ms: int) -> ReplyTerms | Failure | None:
        """How to answer; the start window begins once there is a queue to accept to."""
        if self._channel.replies is None:
            return None
        has_bucket = self._channel.claims is not None
        answer_by_ms = answer_by(context.deadline_ms, begun_ms, has_bucket=has_bucket)
        if isinstance(answer_by_ms, Failure):
            return answer_by_ms
        queue = obtain(self._channel.replies, answer_by_ms, self._pace)
        if isinstance(queue, Failure):
            return queue
        now_ms, window_s = self._pace.clock_ms(), self._channel.start_within_s
        if answer_by_ms - now_ms < MIN_WAIT_S * _MS_PER_S:
            return timeout_too_short(
                context.deadline_ms - now_ms, context.deadline_ms - answer_by_ms
            )
        self._replies = queue.incoming
        return ReplyTerms(
            reply_to=queue.url,
            answer_by_ms=answer_by_ms,
            max_reply_bytes=MAX_MESSAGE_BYTES,
            accept_encodings=_ALL_ENCODINGS if has_bucket else INLINE_ENCODINGS,
            start_by_ms=None if window_s is None else now_ms + round(window_s * _MS_PER_S),
        )

    def _exchange(self, request: Request, event: bytes, begun_ms: int) -> Reply:
        claims = self._channel.claims
        bucket = None if claims is None else claims.bucket
        exchange = ProxyExchange(request, self._desk, begun_ms=begun_ms, bucket=bucket)
        self._outbox.send(exchange, event)
        receipt = None
        if self._replies is not None:
            receipt = collect(exchange, self._replies, self._pace)
        if len(exchange.accepted_by) > 1:
            _logger.warning(
                "exchange.double_run",
                extra={"request_id": request.request_id, "error_type": "Proxy.DoubleRun"},
            )
        if exchange.state is State.ABSENT and self._absence is not None:
            return self._absence.reply(request, event)
        outcome = exchange.outcome
        if claims is not None:
            outcome = claims.opened(outcome, latest_ms(request))
        return reply_of(outcome, receipt)

    def discard(self, reply: Reply, deadline_ms: int) -> None:
        """Delete the message that brought a reply, which is with its caller or about to be.

        It takes a second at most, and less than half of the invocation's time: a message that
        stays comes back later, and is deleted then (EXC-10, EXC-33).

        Args:
            reply: What `invoke` returned.
            deadline_ms: When Lambda ends the invocation.
        """
        replies, receipt = self._replies, reply.receipt
        if replies is None or receipt is None:
            return
        left_s = (deadline_ms - self._pace.clock_ms()) / _MS_PER_S
        deleting = Thread(target=_delete, args=(replies, receipt), daemon=True)
        deleting.start()
        deleting.join(max(0.0, min(_DELETE_BOX_S, left_s / 2)))
        if deleting.is_alive():
            _logger.warning("answer.delete_abandoned")


def _delete(replies: Incoming, receipt: str) -> None:
    try:
        replies.delete(receipt)
    except QueueError as exc:
        _logger.warning("answer.delete_failed", extra={"reason": str(exc)})


def _show(name: str, request_id: RequestId, payload: bytes) -> None:
    """Log the beginning of a payload, for those who asked for it (SEC-4)."""
    shown = payload[:_SHOWN_BYTES].decode(errors="replace")
    _logger.debug(name, extra={"request_id": request_id, "payload": shown})


def _sum_up(reply: Reply, extra: dict[str, object]) -> None:
    """The one line that tells what became of an invocation.

    Of a handler's error it has the type only: messages quote events.
    """
    error = reply.error
    if error is None:
        _logger.info("exchange.answered", extra={**extra, "outcome": "result"})
    elif error.is_own:
        _logger.info(
            "exchange.failed", extra={**extra, "outcome": error.type, "reason": error.message}
        )
    else:
        _logger.info(
            "exchange.answered", extra={**extra, "outcome": "error", "error_type": error.type}
        )
