"""One request in a client's hands: its state, its leases, and an answer that is to be repeated.

The transition table is the whole of the machine; `session` decides which trigger things are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Final

from ldp_wire.actions import Notice, NoticeKind, Renew, Start
from ldp_wire.errors import LocalProtocolError
from ldp_wire.leases import Leases
from ldp_wire.limits import DATE_RESOLUTION_MS, HOLD_MARGIN_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_wire.actions import Action, Raised, Send
    from ldp_wire.arrivals import Arrival


class State(Enum):
    """Where a request is in a client's hands."""

    RECEIVED = "received"
    ANNOUNCING = "announcing"  #: `accepted` is on its way; the handler has not started
    FETCHING = "fetching"  #: the event is on its way from the bucket
    RUNNING = "running"
    HELD = "held"  #: the handler failed; the event waits to be run again
    OVERDUE = "overdue"  #: the handler still runs, but nobody waits for its result
    ANSWERING = "answering"  #: the handler ended; SQS has not taken the answer yet
    SETTLED = "settled"  #: answered, or discarded with a recorded reason
    ABANDONED = "abandoned"  #: given up without an answer; the event returns within one lease


class Trigger(Enum):
    """What can happen to a request."""

    ANNOUNCE = "announce"
    START = "start"
    STORED_LATE = "stored late"
    FETCH = "fetch"
    FETCHED = "fetched"
    FETCH_FAILED = "fetch failed"
    HOLD = "hold"
    RERUN = "rerun"
    HOLD_ENDED = "hold ended"
    HANDLER_ENDED = "handler ended"
    HANDLER_ENDED_ONE_WAY = "handler ended one-way"
    ANSWER_STORED = "answer stored"
    CALLER_GONE = "caller gone"
    ANSWER_BY = "answerByMs"
    ABANDON = "abandon"


TRANSITIONS: Final[Mapping[State, Mapping[Trigger, State]]] = {
    State.RECEIVED: {
        Trigger.ANNOUNCE: State.ANNOUNCING,
        Trigger.START: State.RUNNING,
        Trigger.FETCH: State.FETCHING,
    },
    State.ANNOUNCING: {
        Trigger.START: State.RUNNING,
        Trigger.FETCH: State.FETCHING,
        Trigger.STORED_LATE: State.SETTLED,
        Trigger.CALLER_GONE: State.SETTLED,
        Trigger.ABANDON: State.ABANDONED,
    },
    State.FETCHING: {
        Trigger.FETCHED: State.RUNNING,
        Trigger.FETCH_FAILED: State.ANSWERING,
        Trigger.ANSWER_BY: State.SETTLED,
        Trigger.ABANDON: State.ABANDONED,
    },
    State.RUNNING: {
        Trigger.HANDLER_ENDED: State.ANSWERING,
        Trigger.HANDLER_ENDED_ONE_WAY: State.SETTLED,
        Trigger.HOLD: State.HELD,
        Trigger.ANSWER_BY: State.OVERDUE,
        Trigger.ABANDON: State.ABANDONED,
    },
    State.HELD: {
        Trigger.RERUN: State.RUNNING,
        Trigger.HOLD_ENDED: State.ANSWERING,
        Trigger.ANSWER_BY: State.SETTLED,
        Trigger.ABANDON: State.ABANDONED,
    },
    State.OVERDUE: {
        Trigger.HANDLER_ENDED: State.SETTLED,
        Trigger.ABANDON: State.ABANDONED,
    },
    State.ANSWERING: {
        Trigger.ANSWER_STORED: State.SETTLED,
        Trigger.CALLER_GONE: State.SETTLED,
        Trigger.ANSWER_BY: State.SETTLED,
        Trigger.ABANDON: State.ABANDONED,
    },
    State.SETTLED: {},
    State.ABANDONED: {},
}

#: States in which the request occupies a handler, or is about to.
_OCCUPYING: Final = frozenset(
    {State.ANNOUNCING, State.FETCHING, State.RUNNING, State.HELD, State.OVERDUE}
)
_WAITED_FOR: Final = _OCCUPYING - {State.OVERDUE} | {State.ANSWERING}

#: Pauses before an answer that could not be sent is tried again, in ms (SES-15).
_RETRY_PAUSES_MS: Final = (500, 1_000, 2_000, 5_000)


@dataclass(frozen=True, slots=True)
class _Retry:
    send: Send
    at_ms: int


class Invocation:
    """One request between its receipt and its end.

    Args:
        arrival: The request and the message it came in.
        lease_s: Length of a lease in seconds.
        received_ms: When its message was received.
    """

    def __init__(self, arrival: Arrival, lease_s: int, received_ms: int) -> None:
        self.arrival = arrival
        self.request = arrival.request
        self.state = State.RECEIVED
        self.attempts = 0
        #: The error that is held, if it may be sent in the end.
        self.error: Raised | None = None
        self._start: Start | None = None
        self._retry: _Retry | None = None
        terms = self.request.terms
        self.answer_by_ms = None if terms is None else terms.answer_by_ms
        self.leases = Leases(lease_s, self.answer_by_ms)
        self.leases.hold(arrival.delivery, received_ms)

    def move(self, trigger: Trigger) -> None:
        """Follow the table.

        Raises:
            LocalProtocolError: The table has no such transition.
        """
        try:
            self.state = TRANSITIONS[self.state][trigger]
        except KeyError:
            raise LocalProtocolError(f"{trigger.value!r} in state {self.state.value!r}") from None

    def start(self, event: bytes) -> Start:
        """Run the handler, whatever was waited for before."""
        trigger = Trigger.FETCHED if self.state is State.FETCHING else Trigger.START
        self.move(trigger)
        self._start = Start(self.request, event, self.arrival.delivery.receive_count)
        return self._start

    def rerun(self) -> Start:
        """Run the handler once more.

        Raises:
            LocalProtocolError: It is not held.
        """
        if self._start is None:
            raise LocalProtocolError("what never ran cannot run again")
        self.move(Trigger.RERUN)
        self._start = replace(self._start, attempt=self._start.attempt + 1)
        return self._start

    @property
    def occupies_handler(self) -> bool:
        """Whether a handler is busy with it, or about to be."""
        return self.state in _OCCUPYING

    @property
    def is_waited_for(self) -> bool:
        """Whether its leases are kept: it is neither settled nor overdue nor abandoned."""
        return self.state in _WAITED_FOR

    def is_expired(self, now_ms: int) -> bool:
        """Whether its caller has stopped waiting; never, if nobody waits (SES-28)."""
        return self.answer_by_ms is not None and now_ms >= self.answer_by_ms

    @property
    def hold_until_ms(self) -> int | None:
        """When its error is to be sent by itself; None if it holds none that may be sent."""
        if self.state is not State.HELD or self.answer_by_ms is None or self.error is None:
            return None
        return self.answer_by_ms - HOLD_MARGIN_MS

    def may_start(self, stored_at_ms: int) -> bool:
        """Whether SQS, by its own clock, surely stored the `accepted` in time (SES-21)."""
        terms = self.request.terms
        start_by_ms = None if terms is None else terms.start_by_ms
        return start_by_ms is not None and stored_at_ms + DATE_RESOLUTION_MS <= start_by_ms

    def send_later(self, send: Send, at_ms: int) -> None:
        """Send for the first time then."""
        self._retry = _Retry(send, at_ms)

    def retry_later(self, send: Send, now_ms: int) -> None:
        """Send the same bytes again after a pause (SES-14, SES-15)."""
        pause_ms = _RETRY_PAUSES_MS[min(self.attempts, len(_RETRY_PAUSES_MS)) - 1]
        self._retry = _Retry(send, now_ms + pause_ms)

    def lapses(self, now_ms: int) -> list[Action]:
        """Stop using the handles of lapsed leases, and say so (SES-10)."""
        if self.leases.drop_lapsed(now_ms):
            return [Notice(NoticeKind.LEASE_LAPSED, self.arrival.request_id)]
        return []

    def upkeep(self, now_ms: int) -> list[Action]:
        """What is due while somebody waits: renewals, lapses, a repeated answer."""
        actions = self.lapses(now_ms)
        for lease, visibility_s in self.leases.renewals(now_ms):
            request_id = self.arrival.request_id
            actions.append(Renew(request_id, lease.message_id, lease.receipt, visibility_s))
        if self._retry is not None and now_ms >= self._retry.at_ms:
            actions.append(self._retry.send)
            self._retry = None
        return actions

    def due_ms(self) -> int | None:
        """When something has to be done about it without any outside event."""
        if not self.is_waited_for:
            return None
        retry_at_ms = None if self._retry is None else self._retry.at_ms
        times = [self.answer_by_ms, self.hold_until_ms, self.leases.due_ms(), retry_at_ms]
        return min((time for time in times if time is not None), default=None)
