"""A client of ten lines in a thread, for tests of proxies over real queues."""

from __future__ import annotations

import threading
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING, Self

from ldp_queues.errors import QueueNotFound
from ldp_testing.proxy_stage import echo
from ldp_wire.codec import decode, encode
from ldp_wire.envelopes import Request

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from ldp_queues.ports import Incoming, Outgoing
    from ldp_testing.proxy_stage import Script


class Answering:
    """Answers requests from its construction to its end.

    Args:
        requests: The request queue.
        replies: The reply queue.
        script: What to answer.
        at_once: How many requests to collect before they are answered, in another order.
        beside: Opens the queue that a request names, where answers are to go there.

    Attributes:
        seen: The requests that came so far.
    """

    def __init__(
        self,
        requests: Incoming,
        replies: Outgoing,
        script: Script = echo,
        *,
        at_once: int = 1,
        beside: Callable[[str], Outgoing] | None = None,
    ) -> None:
        self.seen: list[Request] = []
        self._requests = requests
        self._replies = replies
        self._script = script
        self._at_once = at_once
        self._beside = beside
        self._open: list[Request] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def _work(self) -> None:
        while not self._ended.is_set():
            for message in self._requests.receive(wait_s=1, visibility_s=20, max_messages=10):
                self._take(message.body)
                self._requests.delete(message.receipt)

    def _take(self, body: str) -> None:
        request = decode(body)
        assert isinstance(request, Request)
        self.seen.append(request)
        self._open.append(request)
        if len(self._open) == self._at_once:
            Random(self._at_once).shuffle(self._open)
            while self._open:
                self._answer(self._open.pop())

    def _answer(self, request: Request) -> None:
        replies, sent = self._replies, self._script(request)
        if self._beside is not None and request.terms is not None:
            replies = self._beside(request.terms.reply_to)
        with suppress(QueueNotFound):  # whose queue is gone is gone
            replies.send(sent if isinstance(sent, str) else encode(sent))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()
