"""Drives the client's session: messages in, events to runtimes, answers out, leases kept.

One lock guards the session and the runtimes; it is never held during a call to SQS, the journal or
a runtime. Several threads come here: the receiver, the lease keeper, the settler, and those of the
runtimes. None is started here, so that a test can be all of them.
"""

from __future__ import annotations

from contextlib import contextmanager
from queue import SimpleQueue
from threading import Condition
from typing import TYPE_CHECKING, Final

from ldp_client.queue_side.channel import Closed
from ldp_client.queue_side.hold import HoldWatch
from ldp_client.queue_side.performer import Performer
from ldp_client.queue_side.runtimes import Office
from ldp_client.queue_side.telling import end_of_run
from ldp_wire.actions import Renew, Status
from ldp_wire.arrivals import read
from ldp_wire.session import SessionState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ldp_client.queue_side.aws_clock import AwsClock
    from ldp_client.queue_side.channel import Held, HoldEnded
    from ldp_client.queue_side.manner import Manner
    from ldp_client.queue_side.performer import Tools
    from ldp_client.queue_side.runtimes import Runtimes
    from ldp_queues.ports import Message
    from ldp_wire.actions import Action, Fetch, Record, Result, Send, SendFailure, Start
    from ldp_wire.envelopes import Request, RequestId
    from ldp_wire.session import ClientSession

_MS_PER_S: Final = 1000
#: How long the second signal waits for an answer that is being sent, in seconds: as long as SQS
#: may take to answer. Giving its request up meanwhile would have it answered twice.
_LAST_ANSWER_S: Final = 3.0
#: The longest wait that is asked for, in seconds: an `answerByMs` may lie further off than threads
#: can wait.
_LONGEST_WAIT_S: Final = 3_600.0


class Engine:
    """One client's session at work.

    Args:
        session: The machine.
        manner: How to serve.
        tools: What its actions are carried out with.
        clock: AWS's time.
        say: Is told when an event is held, when none is any more, and, last, that all is done.
        hire: Makes the runtimes.
    """

    def __init__(  # noqa: PLR0913 - what it stands between
        self,
        session: ClientSession,
        manner: Manner,
        tools: Tools,
        clock: AwsClock,
        say: Callable[[Held | HoldEnded | Closed], None],
        *,
        hire: Callable[[Office], Runtimes],
    ) -> None:
        self._session = session
        self._manner = manner
        self._tools = tools
        self._clock = clock
        self._say = say
        self._changed = Condition()
        self._watch = HoldWatch(say)
        self._performer = Performer(tools, self)
        self._later: SimpleQueue[Sequence[Action] | None] = SimpleQueue()
        self._running: dict[RequestId, Request] = {}
        self._has_run = False
        self._in_hand = 0
        self._answering = 0
        self._is_over = False
        office = Office(self._changed, manner.handlers, clock, self.ended, self.problem)
        self._runtimes = hire(office)

    def problem(self, message: str, hint: str) -> None:
        """Tell the developer what is wrong, and what to do about it."""
        self._tools.tell(lambda reporter: reporter.problem(message, hint))

    # The receiver's part.

    def wait_for_room(self) -> int:
        """Wait for room; for how many events there is, or 0 once there is no more to do (SES-1)."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_listening or self._room() > 0)
            return self._room() if self._is_listening else 0

    @property
    def _is_listening(self) -> bool:
        return self._session.state is SessionState.LISTENING

    def _room(self) -> int:
        if self._manner.once and self._has_run:
            return 0
        return min(self._runtimes.idle_workers, self._session.free_handlers)

    def arrived(self, message: Message) -> None:
        """Take in a message as a receive brought it, also after the end: it is given back then."""
        arrival = read(message, self._manner.trust, self._manner.bucket)
        request_id = arrival.request_id
        recorded = None if request_id is None else self._tools.journal.lookup(request_id)
        with self._at_work() as now_ms:
            actions = self._session.receive(arrival, recorded, now_ms)
        self._perform(actions)

    # The runtimes' part.

    def ended(self, request_id: RequestId, result: Result, duration_ms: int) -> None:
        """Take in the end of a handler; its answer is on the way when this returns."""
        self._tools.tell.keep_still()
        try:
            with self._answer_on_its_way():
                with self._at_work() as now_ms:
                    request = self._running.pop(request_id, None)
                    actions = self._session.handler_ended(request_id, result, now_ms)
                self._tools.tell(end_of_run(request_id, request, result, duration_ms, now_ms))
                self._perform(actions)
        finally:
            self._tools.tell.go_on()

    # The performer's part.

    def start(self, start: Start) -> None:
        """Give an event to the runtime that waits."""
        with self._changed:
            self._running[start.request.request_id] = start.request
            self._has_run = True
        self._tools.tell.keep_still()
        self._tools.tell(lambda to: to.started(start.request, start.event, start.attempt))
        self._runtimes.offer(start)

    def recorded(self, record: Record) -> None:
        """End the session after the one event of `--once`."""
        if self._manner.once and self._has_run and record.status is not Status.ACCEPTED:
            self.drain()

    def sent(self, send: Send, stored_at_ms: int) -> list[Action]:
        """Hear that SQS has a reply."""
        with self._at_work() as now_ms:
            return self._session.sent(send, stored_at_ms, now_ms)

    def send_failed(self, send: Send, failure: SendFailure, reason: str) -> list[Action]:
        """Hear that SQS has not."""
        with self._at_work() as now_ms:
            return self._session.send_failed(send, failure, reason, now_ms)

    def fetch(self, fetch: Fetch) -> None:
        """Bring an event from the bucket, which may take as long as its caller waits."""
        self._tools.claims.aside(lambda: self._bring(fetch))

    def _bring(self, fetch: Fetch) -> None:
        found = self._tools.claims.fetch(fetch, self._pause)
        if found is None:
            return
        with self._at_work() as now_ms:
            if isinstance(found, bytes):
                actions = self._session.fetched(fetch.request_id, found, now_ms)
            else:
                actions = self._session.fetch_failed(fetch.request_id, found, now_ms)
        self._perform(actions)

    def _pause(self, seconds: float) -> bool:
        """Wait, unless the session is over, or until it is; whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._session.is_closed, seconds)

    def renewed(self, renew: Renew, began_ms: int) -> None:
        """Hear that a lease goes on."""
        with self._at_work():
            self._session.renewed(renew, began_ms)

    def later(self, actions: Sequence[Action]) -> None:
        """Let the settler carry these out."""
        if actions:
            with self._changed:
                self._in_hand += 1
            self._later.put(actions)

    # The settler's and the lease keeper's parts.

    def settle_next(self) -> bool:
        """Wait for something that has no hurry and carry it out; False after `stop`."""
        actions = self._later.get()
        if actions is None:
            return False
        try:
            self._perform(actions)
        finally:
            self._let_go()
        return True

    def keep_leases_once(self) -> bool:
        """Wait until something is due, or may be due earlier, and do it; False after the end."""
        with self._changed:
            if self._is_over:
                return False
            due_ms, now_ms = self._session.due_ms(), self._clock.now_ms()
            if due_ms is None or due_ms > now_ms:
                self._changed.wait(_until(due_ms, now_ms))
                return True
            actions = self._session.tick(now_ms)
            self._look()
        renewals = [action for action in actions if isinstance(action, Renew)]
        # A renewal waits for nothing else, least of all for an answer that is hard to send.
        self.later([action for action in actions if not isinstance(action, Renew)])
        self._perform(renewals)
        return True

    # The developer's part.

    def rerun(self, hold: int) -> None:
        """Run what is held again (SES-36), unless another event is held by now (SES-19).

        Args:
            hold: The number of the hold that the developer was told of.
        """
        with self._at_work() as now_ms:
            actions = self._session.rerun(now_ms) if hold == self._watch.number else []
        self._perform(actions)

    # The ending.

    def drain(self) -> None:
        """Receive no more, and close once what runs is answered (SES-32)."""
        with self._at_work() as now_ms:
            actions = self._session.drain(now_ms)
        self._perform(actions)

    def abandon(self) -> None:
        """Close at once, giving up what runs (SES-33)."""
        with self._changed:
            self._changed.wait_for(lambda: not self._answering, _LAST_ANSWER_S)
            actions = self._session.abandon(self._clock.now_ms())
            self._look()
        self._perform(actions)

    def stop(self) -> None:
        """Let the settler and the lease keeper end."""
        self._later.put(None)

    @contextmanager
    def _at_work(self) -> Iterator[int]:
        """Hold the lock, and let everybody look again afterwards."""
        with self._changed:
            yield self._clock.now_ms()
            self._look()

    def _look(self) -> None:
        """Let the parent and every waiting thread see what has changed; the lock is held."""
        self._watch.look(is_holding=self._session.is_holding)
        self._changed.notify_all()

    @contextmanager
    def _answer_on_its_way(self) -> Iterator[None]:
        with self._changed:
            self._answering += 1
        try:
            yield
        finally:
            with self._at_work():
                self._answering -= 1

    def _perform(self, actions: Sequence[Action]) -> None:
        with self._changed:
            self._in_hand += 1
        try:
            self._performer.perform(actions)
        finally:
            self._let_go()

    def _let_go(self) -> None:
        with self._changed:
            self._in_hand -= 1
        self._close_if_done()

    def _close_if_done(self) -> None:
        with self._changed:
            if self._is_over or not self._session.is_closed or self._in_hand:
                return
            self._is_over = True
            self._changed.notify_all()
        self._runtimes.close()
        self._say(Closed())


def _until(due_ms: int | None, now_ms: int) -> float | None:
    """How long to wait for something, in seconds; None if nothing is due."""
    return None if due_ms is None else min(_LONGEST_WAIT_S, (due_ms - now_ms) / _MS_PER_S)
