"""Both machines joined: two proxies and two clients, through queues that do what SQS may do.

Their laws are asserted by `ProxyEdge` and `ClientEdge` at each step; here is what can happen, and
what holds for both sides together.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ldp_testing.client_edge import ClientEdge, Script, scripts
from ldp_testing.deliveries import REQUEST, TERMS
from ldp_testing.proxy_edge import ProxyEdge
from ldp_testing.scripted_queue import ScriptedQueue, VirtualClock
from ldp_wire.actions import Status
from ldp_wire.envelopes import RequestId
from ldp_wire.exchange import Answer
from ldp_wire.failures import Failure, FailureType

if TYPE_CHECKING:
    from collections.abc import Callable

SIDES = st.integers(0, 1)
PICKS = st.integers(0, 9)
#: What a proxy can tell its caller here: no lasting queue error and no broken answer is drawn.
FAILURES = {FailureType.NO_RESPONSE, FailureType.ABSENT, FailureType.QUEUE_ERROR}


class Pair(RuleBasedStateMachine):
    """Two execution environments that share a reply queue, and two clients that share requests."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = VirtualClock()
        self.requests = ScriptedQueue("q", self.clock)
        self.replies = ScriptedQueue("r", self.clock)
        awaited: set[RequestId] = set()
        self.proxies = [
            ProxyEdge(self.clock, self.requests, self.replies, awaited) for _ in range(2)
        ]
        self.clients = [
            ClientEdge(name, self.clock, self.requests, self.replies, handlers=2) for name in "ab"
        ]
        self.count = 0

    # What happens by itself, when it is due.

    def _next(self) -> tuple[int, Callable[[], None]] | None:
        events: list[tuple[int, Callable[[], None]]] = [
            (proxy.until_ms, proxy.time_out) for proxy in self._waiting()
        ]
        for client in self._awake():
            due_ms = client.session.due_ms()
            if due_ms is not None:
                events.append((due_ms, partial(client.tick, Script())))
        return min(events, key=lambda event: event[0], default=None)

    def _advance(self, by_ms: int) -> None:
        until_ms = self.clock.now_ms + by_ms
        while (event := self._next()) is not None and event[0] <= until_ms:
            self.clock.now_ms = max(self.clock.now_ms, event[0])
            event[1]()
        self.clock.now_ms = max(self.clock.now_ms, until_ms)

    def _waiting(self) -> list[ProxyEdge]:
        return [proxy for proxy in self.proxies if proxy.exchange is not None]

    def _awake(self) -> list[ClientEdge]:
        return [client for client in self.clients if not client.suspended]

    def _running(self) -> list[tuple[ClientEdge, RequestId]]:
        return [(client, key) for client in self._awake() for key in sorted(client.running)]

    @rule(by_ms=st.sampled_from([1, 100, 1_000, 3_000, 5_000, 20_000]))
    def time_passes(self, by_ms: int) -> None:
        """Time passes; leases are renewed, receives end, callers give up."""
        self._advance(by_ms)

    # What the proxies do.

    @precondition(lambda self: len(self._waiting()) < 2)
    @rule(
        wait_ms=st.integers(2_000, 90_000),
        window_ms=st.none() | st.integers(1_000, 10_000),
        receiver=st.sampled_from([0, 0, 1, 1, None]),
        script=scripts(),
    )
    def a_proxy_is_invoked(
        self, wait_ms: int, window_ms: int | None, receiver: int | None, script: Script
    ) -> None:
        """An idle environment gets an event; mostly a client receives it at once."""
        proxy = next(proxy for proxy in self.proxies if proxy.exchange is None)
        self.count += 1
        now_ms = self.clock.now_ms
        start_by_ms = None if window_ms is None else now_ms + window_ms
        terms = replace(TERMS, answer_by_ms=now_ms + wait_ms, start_by_ms=start_by_ms)
        request_id = RequestId(f"r-{self.count}")
        proxy.invoke(replace(REQUEST, request_id=request_id, sent_at_ms=now_ms, terms=terms))
        if receiver is not None and not self.clients[receiver].suspended:
            self.clients[receiver].receive(self.requests.messages[-1], script)

    @precondition(lambda self: self._waiting() and self.replies.visible())
    @rule(side=SIDES, pick=PICKS, works=st.sampled_from([True, True, True, False]))
    def a_proxy_receives(self, side: int, pick: int, works: bool) -> None:  # noqa: FBT001
        """A reply comes to a proxy that polls, whosesoever it is."""
        waiting, visible = self._waiting(), self.replies.visible()
        waiting[side % len(waiting)].take(visible[pick % len(visible)], works=works)

    # What the clients do.

    @precondition(lambda self: self._awake() and self.requests.visible())
    @rule(side=SIDES, pick=PICKS, script=scripts())
    def a_client_receives(self, side: int, pick: int, script: Script) -> None:
        """A message comes to a client that polls."""
        awake, visible = self._awake(), self.requests.visible()
        awake[side % len(awake)].receive(visible[pick % len(visible)], script)

    @precondition(lambda self: self._running())
    @rule(pick=PICKS, failed=st.booleans(), script=scripts())
    def a_handler_ends(self, pick: int, failed: bool, script: Script) -> None:  # noqa: FBT001
        """A handler returns or fails, on a machine that is awake."""
        running = self._running()
        client, request_id = running[pick % len(running)]
        client.end_handler(request_id, script, failed=failed)

    @rule(side=SIDES, dies=st.booleans())
    def a_client_stumbles(self, side: int, dies: bool) -> None:  # noqa: FBT001
        """A client is killed and started again, or its machine falls asleep or wakes up."""
        client = self.clients[side]
        if dies:
            client.crash()
            return
        client.suspended = not client.suspended
        if not client.suspended:
            client.tick(Script())

    # What SQS does.

    @precondition(lambda self: self.requests.messages)
    @rule(of_replies=st.booleans(), back=PICKS, again=st.booleans())
    def sqs_delivers_at_least_once(self, of_replies: bool, back: int, again: bool) -> None:  # noqa: FBT001
        """SQS makes a second copy, or shows a hidden or deleted message again (SQS-12)."""
        queue = self.replies if of_replies and self.replies.messages else self.requests
        message = queue.messages[-1 - back % len(queue.messages)]
        if again:
            queue.reappear(message)
        else:
            queue.duplicate(message)

    @precondition(lambda self: self._waiting())
    @rule(side=SIDES, pick=PICKS, fault=st.sampled_from(["fails", "lost", "garbage"]))
    def a_receive_goes_wrong(self, side: int, pick: int, fault: str) -> None:
        """A receive fails, goes to a dead connection, or brings garbage (EXC-15, EXC-32, SQS-8)."""
        waiting, visible = self._waiting(), self.replies.visible()
        proxy = waiting[side % len(waiting)]
        if fault == "fails":
            proxy.fail(transient=True)
        elif fault == "garbage":
            proxy.take(self.replies.send("garbage"))
        elif visible:
            self.replies.receive(visible[pick % len(visible)], 2)

    # What holds throughout.

    @invariant()
    def every_outcome_is_an_answer_or_typed(self) -> None:
        """An exchange ends with its own answer or with a failure of a known type (EXC-6)."""
        for proxy in self.proxies:
            for outcome in proxy.outcomes.values():
                assert isinstance(outcome, Answer) or _failure(outcome) in FAILURES

    @invariant()
    def no_caller_waits_in_vain(self) -> None:
        """No exchange is open past its answerByMs and a pause or a slow call of others (EXC-6)."""
        for proxy in self.proxies:
            if proxy.exchange is not None:
                terms = proxy.exchange.request.terms
                assert terms is not None
                assert proxy.until_ms <= terms.answer_by_ms

    def teardown(self) -> None:
        """In the end all callers have an outcome, and every start is explained."""
        self._advance(200_000)
        outcomes = {**self.proxies[0].outcomes, **self.proxies[1].outcomes}
        assert len(outcomes) == self.count
        for request_id, outcome in outcomes.items():
            if isinstance(outcome, Answer):
                assert any(client.runs[request_id] for client in self.clients)
        for client in self.clients:
            for request_id, recorded in client.journal.items():
                if recorded.status is Status.ANSWERED:
                    assert client.runs[request_id] >= 1


def _failure(outcome: object) -> FailureType:
    assert isinstance(outcome, Failure)
    return outcome.type


Pair.TestCase.settings = settings(max_examples=150, stateful_step_count=60)
TestPair = Pair.TestCase
