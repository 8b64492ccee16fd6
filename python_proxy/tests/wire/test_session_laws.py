"""What a session keeps to under any sequence of deliveries, handlers, sends, deaths and time.

The laws themselves are asserted by `ClientEdge`, at each action, with the IDs of the requirements.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ldp_testing.client_edge import ClientEdge, Script, scripts
from ldp_testing.deliveries import ONE_WAY_REQUEST, REQUEST, TERMS
from ldp_testing.scripted_queue import ScriptedQueue, VirtualClock
from ldp_wire.codec import encode
from ldp_wire.envelopes import RequestId

if TYPE_CHECKING:
    from ldp_testing.scripted_queue import Stored

GARBAGE = encode(REQUEST).replace('"1.0"', '"2.0"')
PICKS = st.integers(0, 9)


class SessionLaws(RuleBasedStateMachine):
    """One client and its request queue; whoever waits for its answers only collects them."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = VirtualClock()
        self.requests = ScriptedQueue("q", self.clock)
        self.client = ClientEdge("c", self.clock, self.requests, ScriptedQueue("r", self.clock))

    def advance(self, by_ms: int, script: Script) -> None:
        """Let time pass; the client does what is due when it is due."""
        until_ms = self.clock.now_ms + by_ms
        while (due_ms := self.client.session.due_ms()) is not None and due_ms <= until_ms:
            self.clock.now_ms = max(self.clock.now_ms, due_ms)
            self.client.tick(script)
        self.clock.now_ms = max(self.clock.now_ms, until_ms)

    def receive(self, message: Stored, script: Script) -> None:
        """Let the client receive a message."""
        self.client.receive(message, script)

    @rule(
        wait_ms=st.integers(1_000, 40_000),
        window_ms=st.none() | st.none() | st.integers(0, 20_000),
        script=scripts(),
    )
    def a_request_is_received(self, wait_ms: int, window_ms: int | None, script: Script) -> None:
        """A proxy sends a request that it waits for, and the client receives it."""
        now_ms = self.clock.now_ms
        start_by_ms = None if window_ms is None else now_ms + window_ms
        terms = replace(TERMS, answer_by_ms=now_ms + wait_ms, start_by_ms=start_by_ms)
        request_id = RequestId(f"r-{len(self.requests.messages)}")
        text = encode(replace(REQUEST, request_id=request_id, terms=terms))
        self.receive(self.requests.send(text), script)

    @rule(script=scripts(), is_garbage=st.booleans())
    def something_else_is_received(self, script: Script, is_garbage: bool) -> None:  # noqa: FBT001
        """The client receives a one-way request, or what is no request of version 1."""
        request_id = RequestId(f"r-{len(self.requests.messages)}")
        text = GARBAGE if is_garbage else encode(replace(ONE_WAY_REQUEST, request_id=request_id))
        self.receive(self.requests.send(text), script)

    @precondition(lambda self: self.requests.messages)
    @rule(back=PICKS, script=scripts())
    def a_bad_twin_is_received(self, back: int, script: Script) -> None:
        """The client receives a bad message that has the ID of one that was sent (SES-31)."""
        message = self.requests.messages[-1 - back % len(self.requests.messages)]
        self.receive(self.requests.send(message.body.replace('"1.0"', '"2.0"')), script)

    @precondition(lambda self: self.requests.visible())
    @rule(pick=PICKS, script=scripts())
    def an_old_message_is_received(self, pick: int, script: Script) -> None:
        """The client receives what is visible, be it what it released or what reappeared."""
        visible = self.requests.visible()
        self.receive(visible[pick % len(visible)], script)

    @precondition(lambda self: self.requests.messages)
    @rule(back=PICKS, again=st.booleans(), script=scripts())
    def sqs_delivers_at_least_once(self, back: int, again: bool, script: Script) -> None:  # noqa: FBT001
        """A message is delivered again while hidden or deleted, or as a second copy (SQS-12)."""
        message = self.requests.messages[-1 - back % len(self.requests.messages)]
        if again:
            self.requests.reappear(message)
        else:
            message = self.requests.duplicate(message)
        self.receive(message, script)

    @precondition(lambda self: self.client.running)
    @rule(pick=PICKS, failed=st.booleans(), script=scripts())
    def a_handler_ends(self, pick: int, failed: bool, script: Script) -> None:  # noqa: FBT001
        """A running handler returns or fails."""
        running = sorted(self.client.running)
        self.client.end_handler(running[pick % len(running)], script, failed=failed)

    @rule(by_ms=st.sampled_from([1, 500, 1_000, 4_999, 5_000, 19_000, 60_000]), script=scripts())
    def time_passes(self, by_ms: int, script: Script) -> None:
        """Time passes, and what is due is done."""
        self.advance(by_ms, script)

    @rule(by_ms=st.sampled_from([1_000, 15_000, 20_000, 20_001, 100_000]), ticks=st.booleans())
    def the_machine_sleeps(self, by_ms: int, ticks: bool) -> None:  # noqa: FBT001
        """The machine is suspended; on waking, something else may come before the tick."""
        self.clock.now_ms += by_ms
        if ticks:
            self.client.tick(Script())

    @rule(script=scripts(), is_killed=st.booleans())
    def the_client_ends(self, script: Script, is_killed: bool) -> None:  # noqa: FBT001
        """The client is killed, or drains and abandons; another starts (SES-32, SES-33)."""
        if not is_killed:
            session = self.client.session
            self.client.carry_out(session.drain(self.clock.now_ms), script)
            assert session.free_handlers == 0
            self.client.carry_out(session.abandon(self.clock.now_ms), script)
            assert session.is_closed
        self.client.crash()

    @invariant()
    def no_more_runs_than_handlers(self) -> None:
        """The session starts no more than it has handlers for (SES-1)."""
        assert len(self.client.running) <= 2
        assert self.client.session.free_handlers >= 0

    @invariant()
    def what_runs_is_due_some_day(self) -> None:
        """As long as somebody waits for what runs, the session has a next thing to do (SES-7)."""
        for request in self.client.running.values():
            terms = request.terms
            if terms is not None and self.clock.now_ms < terms.answer_by_ms:
                assert self.client.session.due_ms() is not None

    def teardown(self) -> None:
        """When everything has ended, the client has both hands free again."""
        self.advance(200_000, Script())
        for request_id in sorted(self.client.running):
            self.client.end_handler(request_id, Script())
        assert self.client.session.free_handlers == 2


SessionLaws.TestCase.settings = settings(max_examples=200, stateful_step_count=50)
TestSessionLaws = SessionLaws.TestCase
