"""A proxy between two queues in memory, in virtual time, with a client that a test scripts."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Final

from ldp_proxy.claims import ClaimChecks
from ldp_proxy.dedicated import DedicatedReplies, Means
from ldp_proxy.invoke import Channel, Proxy
from ldp_proxy.loop import Pace
from ldp_proxy.reply_queues import ReplyQueue, SharedReplies
from ldp_queues.addresses import QueueAddress
from ldp_queues.memory import MemoryQueue
from ldp_queues.memory_admin import MemoryAdmin
from ldp_queues.memory_clock import VirtualClock
from ldp_queues.memory_store import MemoryStore
from ldp_testing.deliveries import CONTEXT, REPLY_TO
from ldp_wire.codec import decode, encode
from ldp_wire.envelopes import (
    Accepted,
    ClientInfo,
    Declined,
    Encoding,
    HandlerError,
    Inline,
    Request,
    Response,
)
from ldp_wire.limits import REPLY_VISIBILITY_S
from ldp_wire.payloads import unpack

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_proxy.absence import Fallback, FallbackAnswer
    from ldp_proxy.errors import LambdaError
    from ldp_queues.memory_faults import Faults
    from ldp_wire.claims import Bucket
    from ldp_wire.envelopes import Context, Envelope, Payload

    Script = Callable[[Request], Envelope | str]
    """What a client sends for a request."""

TIMEOUT_S: Final = 900
#: Every environment draws other names.
_SEEDS: Final = count()


class Stage:
    """Queues, time and proxies that share them.

    Attributes:
        clock: The time of all of it.
        requests: The request queue.
        replies: The reply queue.
        store: What lies in the payload bucket, for proxies that have one.
        paused_s: The pauses that proxies made, in order.
        admin: Makes dedicated reply queues, of a name that begins as the reply queue's.
        base: The reply queue's address.
    """

    def __init__(
        self, *, request_faults: Faults | None = None, reply_faults: Faults | None = None
    ) -> None:
        self.clock = VirtualClock()
        self.requests = MemoryQueue("requests", clock=self.clock, faults=request_faults)
        self.replies = MemoryQueue("replies", clock=self.clock, faults=reply_faults)
        self.store = MemoryStore(clock=self.clock)
        self.paused_s: list[float] = []
        self.pace = Pace(self.clock.now_ms, self._pause, lambda: 0.5)
        self.base = QueueAddress.parse(REPLY_TO)
        self.admin = MemoryAdmin(self.clock, self.base)

    def _pause(self, seconds: float) -> None:
        self.paused_s.append(seconds)
        self.clock.advance(round(seconds * 1000))

    def proxy(
        self,
        *,
        start_within_s: float | None = None,
        fallback: Fallback | None = None,
        bucket: Bucket | None = None,
    ) -> Proxy:
        """A proxy that waits for answers."""
        replies = SharedReplies(ReplyQueue(REPLY_TO, self.replies))
        channel = Channel(self.requests, replies, start_within_s, self._claims(bucket))
        return Proxy(channel, self.pace, fallback)

    def dedicated_proxy(self, *, start_within_s: float | None = None) -> Proxy:
        """A proxy in an environment of its own, which makes its reply queues itself."""
        return Proxy(Channel(self.requests, self.dedicated_replies(), start_within_s), self.pace)

    def dedicated_replies(self) -> DedicatedReplies:
        """The reply queues of an environment; what is done aside is done at once."""
        random = Random(next(_SEEDS))
        means = Means(self.admin, self.admin.open, self.pace, random, lambda work: work())
        return DedicatedReplies(self.base, means)

    def one_way_proxy(self, *, bucket: Bucket | None = None) -> Proxy:
        """A proxy that waits for nobody."""
        return Proxy(Channel(self.requests, claims=self._claims(bucket)), self.pace)

    def _claims(self, bucket: Bucket | None) -> ClaimChecks | None:
        return None if bucket is None else ClaimChecks(bucket, self.store, self.pace)

    def context(self, timeout_s: float = TIMEOUT_S) -> Context:
        """The context of an invocation that begins now."""
        return replace(CONTEXT, deadline_ms=self.clock.now_ms() + round(timeout_s * 1000))

    def script(self, *scripts: Script, after_ms: int = 100) -> None:
        """Let a client take the next request so much later, and send all of this for it."""
        self.clock.call_at(self.clock.now_ms() + after_ms, lambda: self._play(scripts))

    def _play(self, scripts: tuple[Script, ...]) -> None:
        (message,) = self.requests.receive(wait_s=20, visibility_s=20)
        request = decode(message.body)
        assert isinstance(request, Request)
        for script in scripts:
            sent = script(request)
            self._reply_queue(request).send(sent if isinstance(sent, str) else encode(sent))
        self.requests.delete(message.receipt)

    def _reply_queue(self, request: Request) -> MemoryQueue:
        assert request.terms is not None
        reply_to = request.terms.reply_to
        return self.replies if reply_to == REPLY_TO else self.admin.queue(reply_to)

    def reply_later(self, script: Script, after_ms: int) -> None:
        """Let a client reply to the newest request so much later, which stays in its queue."""

        def reply() -> None:
            sent = script(self.sent_requests()[-1])
            self.replies.send(sent if isinstance(sent, str) else encode(sent))

        self.clock.call_at(self.clock.now_ms() + after_ms, reply)

    def hide_replies_later(self, after_ms: int) -> None:
        """Let somebody take what is in the reply queue then, and hide it as a proxy does."""

        def hide() -> None:
            self.replies.receive(wait_s=0, visibility_s=REPLY_VISIBILITY_S, max_messages=10)

        self.clock.call_at(self.clock.now_ms() + after_ms, hide)

    def sent_requests(self) -> list[Request]:
        """The requests that lie in the request queue."""
        requests = [decode(body) for body in self.requests.bodies()]
        return [request for request in requests if isinstance(request, Request)]


def _answer_by_ms(request: Request) -> int:
    assert request.terms is not None
    return request.terms.answer_by_ms


def response(request: Request, result: Payload | HandlerError) -> Response:
    """A response to a request."""
    return Response(request.request_id, _answer_by_ms(request), result)


def echo(request: Request) -> Response:
    """The event as the result."""
    return response(request, request.payload)


def result(text: str) -> Script:
    """A script that answers with this text."""
    return lambda request: response(request, Inline(Encoding.TEXT, text))


def error(body: str, error_type: str = "ValueError", error_message: str = "no") -> Script:
    """A script that answers with an error of this body."""
    payload = Inline(Encoding.TEXT, body)
    return lambda request: response(request, HandlerError(error_type, error_message, payload))


def accepted(instance_id: str = "i-1") -> Script:
    """A script that accepts."""
    return lambda request: Accepted(
        request.request_id, _answer_by_ms(request), ClientInfo(instance_id)
    )


def declined(request: Request) -> Declined:
    """A client that came too late."""
    return Declined(request.request_id, _answer_by_ms(request), "late", ClientInfo("i-1"))


class ScriptedFallback:
    """A fallback function that answers or fails as a test wants; it is a `Fallback`.

    Args:
        answer: What it answers, or how it fails.

    Attributes:
        calls: The event, the context and the time limit of each invocation.
    """

    def __init__(self, answer: FallbackAnswer | LambdaError) -> None:
        self._answer = answer
        self.calls: list[tuple[bytes, Context, float]] = []

    def invoke(self, event: bytes, context: Context, limit_s: float) -> FallbackAnswer:
        """Answer, or fail."""
        self.calls.append((event, context, limit_s))
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def event_of(request: Request) -> bytes:
    """The event that a request carries."""
    assert isinstance(request.payload, Inline)
    return unpack(request.payload)
