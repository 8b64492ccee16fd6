"""A proxy around `ProxyExchange`: one execution environment, and a watch over what it does.

It polls a scripted reply queue as a proxy's edge has to, and asserts what the exchange promised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldp_wire.codec import decode_reply, encode
from ldp_wire.envelopes import Response
from ldp_wire.errors import RemoteProtocolError
from ldp_wire.exchange import Answer, ProxyExchange
from ldp_wire.limits import MAX_WAIT_S, REPLY_VISIBILITY_S
from ldp_wire.replies import ReplyAction, ReplyDesk

if TYPE_CHECKING:
    from ldp_testing.scripted_queue import ScriptedQueue, Stored, VirtualClock
    from ldp_wire.envelopes import Request, RequestId
    from ldp_wire.exchange import Outcome
    from ldp_wire.replies import Disposition


class ProxyEdge:
    """One execution environment, which runs one exchange after another.

    Args:
        clock: The time.
        requests: Where requests go.
        replies: Where replies of all environments lie.
        awaited: The requests that some environment waits for; shared by all.
    """

    def __init__(
        self,
        clock: VirtualClock,
        requests: ScriptedQueue,
        replies: ScriptedQueue,
        awaited: set[RequestId],
    ) -> None:
        self._clock, self._requests, self._replies = clock, requests, replies
        self._awaited = awaited
        self._desk = ReplyDesk()
        self._begun_ms = 0
        self.until_ms = 0
        self.exchange: ProxyExchange | None = None
        self.outcomes: dict[RequestId, Outcome] = {}

    def invoke(self, request: Request) -> None:
        """Begin an exchange: send its request, and begin to poll."""
        now_ms = self._clock.now_ms
        self.exchange = ProxyExchange(request, self._desk, begun_ms=now_ms)
        self._awaited.add(request.request_id)
        self._requests.send(encode(request))
        self.exchange.stored(now_ms)
        self._poll()

    def _poll(self) -> None:
        """Begin the next receive, or end the exchange."""
        exchange, now_ms = self.exchange, self._clock.now_ms
        assert exchange is not None
        wait_s = exchange.wait_s(now_ms)
        if exchange.outcome is not None:
            assert wait_s == 0
            self._end(exchange, exchange.outcome)
            return
        terms = exchange.request.terms
        assert terms is not None
        assert 1 <= wait_s <= MAX_WAIT_S, "EXC-8: a receive of no legal length"
        self._begun_ms, self.until_ms = now_ms, now_ms + wait_s * 1000
        assert self.until_ms <= terms.answer_by_ms, "EXC-8: a receive that outlasts answerByMs"

    def _end(self, exchange: ProxyExchange, outcome: Outcome) -> None:
        request_id = exchange.request.request_id
        assert request_id not in self.outcomes
        if isinstance(outcome, Answer):
            assert isinstance(outcome.body, bytes)
            own = outcome.body.startswith(f"{request_id}|".encode())
            refused = outcome.error is not None and outcome.error.error_type.startswith("Client.")
            assert own or refused, "EXC-2: another's answer"
        self._awaited.discard(request_id)
        self.outcomes[request_id] = outcome
        self.exchange = None

    def time_out(self) -> None:
        """The open receive ends without having brought anything."""
        assert self.exchange is not None
        self.exchange.receive_ended(begun_ms=self._begun_ms, now_ms=self._clock.now_ms)
        self._poll()

    def fail(self, *, transient: bool) -> None:
        """The open receive fails."""
        assert self.exchange is not None
        pause_s = self.exchange.queue_failed(
            "failed", transient=transient, now_ms=self._clock.now_ms
        )
        self._clock.now_ms += int(pause_s * 1000)
        self._poll()

    def take(self, message: Stored, *, works: bool = True) -> None:
        """The open receive brings a message; what is to be done with it works or fails."""
        assert self.exchange is not None
        delivery = self._replies.receive(message, REPLY_VISIBILITY_S)
        disposition = self.exchange.receive(delivery, self._clock.now_ms)
        self._watch(message, disposition)
        if works and disposition.action is ReplyAction.RELEASE:
            self._replies.change_visibility(delivery.receipt, disposition.visibility_s)
        elif works:
            self._replies.delete(delivery.receipt)
        self._clock.now_ms += int(disposition.pause_max_s * 1000)
        self.exchange.receive_ended(begun_ms=self._begun_ms, now_ms=self._clock.now_ms)
        self._poll()

    def _watch(self, message: Stored, disposition: Disposition) -> None:
        """Assert that nobody's awaited answer is taken away from it."""
        if disposition.action is ReplyAction.RELEASE:
            return
        try:
            envelope = decode_reply(message.body)
        except RemoteProtocolError:
            return
        assert self.exchange is not None
        if isinstance(envelope, Response):
            others = self._awaited - {self.exchange.request.request_id}
            assert envelope.request_id not in others, "EXC-11: another's answer is deleted"
