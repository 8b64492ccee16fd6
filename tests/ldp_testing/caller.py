"""A caller of a Lambda function whose place a proxy has taken: real exchanges over a real SQS.

It mints requests as a proxy does and collects answers with the proxy's own loop, but in two
steps, between which a test does what it is about.
"""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ldp_proxy.loop import Pace, collect, store
from ldp_queues.addresses import QueueAddress
from ldp_queues.sqs import SqsQueue
from ldp_queues.sqs_connection import SqsConnection, wall_clock_ms
from ldp_testing.deliveries import CONTEXT
from ldp_testing.limits import WAIT_LIMIT_S
from ldp_testing.moto_server import REGION
from ldp_wire.codec import encode
from ldp_wire.envelopes import Encoding, Inline, ReplyTerms, Request, RequestId
from ldp_wire.exchange import Answer, ProxyExchange
from ldp_wire.limits import MAX_MESSAGE_BYTES
from ldp_wire.payloads import INLINE_ENCODINGS
from ldp_wire.replies import ReplyDesk

if TYPE_CHECKING:
    from ldp_testing.moto_server import MotoServer
    from ldp_wire.claims import Bucket
    from ldp_wire.exchange import Outcome

#: What an exchange of a test lasts unless it says otherwise: longer than any test.
LONG_S: Final = 100.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that is stored, and the queue that its answer will come to.

    Attributes:
        request: What was sent.
    """

    request: Request
    _exchange: ProxyExchange
    _replies: SqsQueue
    _pace: Pace

    def outcome(self) -> Outcome:
        """Wait for its end; what the proxy would tell its caller."""
        receipt = collect(self._exchange, self._replies, self._pace)
        if receipt is not None:
            self._replies.delete(receipt)
        assert self._exchange.outcome is not None
        return self._exchange.outcome

    def answer(self) -> Answer:
        """Wait for an answer, of whichever kind."""
        outcome = self.outcome()
        assert isinstance(outcome, Answer), outcome
        return outcome

    def result(self) -> object:
        """Wait for the result of a handler that returned, parsed."""
        answer = self.answer()
        assert answer.error is None, answer.error
        assert isinstance(answer.body, bytes)
        return json.loads(answer.body)


class Caller:
    """Two queues of its own, and what is sent and received through them.

    Args:
        server: Whose queues; the caller goes to it past any tap.
        ahead_s: How far AWS's clock, by which it goes, is ahead of this machine's.

    Attributes:
        bucket: The payload bucket that it takes answers from; None if it has none.
    """

    def __init__(self, server: MotoServer, ahead_s: int = 0) -> None:
        self.server = server
        self._pace = Pace(lambda: wall_clock_ms() + ahead_s * 1000, time.sleep, random.random)
        self.request_url = server.create_queue()
        self.response_url = server.create_queue()
        connection = SqsConnection(REGION)
        self.requests = SqsQueue(connection, self.request_url)
        self.replies = SqsQueue(connection, self.response_url)
        self._desk = ReplyDesk()
        self.bucket: Bucket | None = None

    @property
    def request_queue(self) -> str:
        """The name of the request queue."""
        return QueueAddress.parse(self.request_url).name

    @property
    def response_queue(self) -> str:
        """The name of the response queue."""
        return QueueAddress.parse(self.response_url).name

    def environment(self) -> dict[str, str]:
        """The variables that attach a client to the queues."""
        return {
            "LAMBDA_PROXY_REQ_QUEUE_URL": self.request_url,
            "LAMBDA_PROXY_RESP_QUEUE_URL": self.response_url,
        }

    def request(
        self,
        event: object,
        *,
        answer_within_s: float = LONG_S,
        start_within_s: float | None = None,
        one_way: bool = False,
    ) -> Request:
        """A request that is not sent yet."""
        now_ms = self._pace.clock_ms()
        answer_by_ms = now_ms + round(answer_within_s * 1000)
        start_by_ms = None if start_within_s is None else now_ms + round(start_within_s * 1000)
        encodings = INLINE_ENCODINGS if self.bucket is None else (*INLINE_ENCODINGS, "s3")
        terms = ReplyTerms(
            self.response_url, answer_by_ms, MAX_MESSAGE_BYTES, encodings, start_by_ms
        )
        return Request(
            request_id=RequestId(str(uuid.uuid4())),
            sent_at_ms=now_ms,
            context=replace(
                CONTEXT, aws_request_id=str(uuid.uuid4()), deadline_ms=answer_by_ms + 5_000
            ),
            payload=Inline(Encoding.TEXT, json.dumps(event)),
            terms=None if one_way else terms,
        )

    def send(self, request: Request) -> Exchange:
        """Begin an exchange."""
        begun_ms = self._pace.clock_ms()
        exchange = ProxyExchange(request, self._desk, begun_ms=begun_ms, bucket=self.bucket)
        store(exchange, encode(request), self.requests, self._pace)
        return Exchange(request, exchange, self.replies, self._pace)

    def invoke(self, event: object, *, answer_within_s: float = LONG_S) -> Exchange:
        """Begin an exchange for an event."""
        return self.send(self.request(event, answer_within_s=answer_within_s))

    def requests_left(self) -> int:
        """How many messages are in the request queue, hidden ones included."""
        return self.server.message_count(self.request_url)

    def wait_until_requests_left(self, count: int, limit_s: float = WAIT_LIMIT_S) -> None:
        """Return when so many are left.

        Raises:
            TimeoutError: It did not come to that in time.
        """
        until_s = time.monotonic() + limit_s
        glance = threading.Event()
        while self.requests_left() != count:
            if time.monotonic() > until_s:
                raise TimeoutError(f"{self.requests_left()} requests are left, not {count}")
            glance.wait(0.05)
