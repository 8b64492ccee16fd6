"""One request in a client's hands: its state, its leases, and an answer that is to be repeated.

The transition table is the whole of the machine; `session` decides which trigger things are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from ldp_wire.actions import Notice, NoticeKind, Renew, Status
from ldp_wire.errors import LocalProtocolError
from ldp_wire.leases import Leases
from ldp_wire.limits import DATE_RESOLUTION_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_wire.actions import Action, Send
    from ldp_wire.arrivals import Arrival


class State(Enum):
    """Where a request is in a client's hands."""

    RECEIVED = "received"
    ANNOUNCING = "announcing"  #: `accepted` is on its way; the handler has not started
    RUNNING = "running"
    OVERDUE = "overdue"  #: the handler still runs, but nobody waits for its result
    ANSWERING = "answering"  #: the handler ended; SQS has not taken the answer yet
    SETTLED = "settled"  #: answered, or discarded with a recorded reason
    ABANDONED = "abandoned"  #: given up without an answer; the event returns within one lease


class Trigger(Enum):
    """What can happen to a request."""

    ANNOUNCE = "announce"
    START = "start"
    STORED_IN_TIME = "stored in time"
    STORED_LATE = "stored late"
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
    },
    State.ANNOUNCING: {
        Trigger.STORED_IN_TIME: State.RUNNING,
        Trigger.STORED_LATE: State.SETTLED,
        Trigger.CALLER_GONE: State.SETTLED,
        Trigger.ABANDON: State.ABANDONED,
    },
    State.RUNNING: {
        Trigger.HANDLER_ENDED: State.ANSWERING,
        Trigger.HANDLER_ENDED_ONE_WAY: State.SETTLED,
        Trigger.ANSWER_BY: State.OVERDUE,
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
_OCCUPYING: Final = frozenset({State.ANNOUNCING, State.RUNNING, State.OVERDUE})


#: Pauses before an answer that could not be sent is tried again, in ms (SES-15).
_RETRY_PAUSES_MS: Final = (500, 1_000, 2_000, 5_000)


@dataclass(frozen=True, slots=True)
class End:
    """How the work on a request ends: by what, and what the journal says of it."""

    trigger: Trigger
    status: Status
    reason: str


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

    @property
    def occupies_handler(self) -> bool:
        """Whether a handler is busy with it, or about to be."""
        return self.state in _OCCUPYING

    @property
    def is_waited_for(self) -> bool:
        """Whether its leases are kept: it is neither settled nor overdue nor abandoned."""
        return self.state in {State.ANNOUNCING, State.RUNNING, State.ANSWERING}

    def is_expired(self, now_ms: int) -> bool:
        """Whether its caller has stopped waiting; never, if nobody waits (SES-28)."""
        return self.answer_by_ms is not None and now_ms >= self.answer_by_ms

    def may_start(self, stored_at_ms: int) -> bool:
        """Whether SQS, by its own clock, surely stored the `accepted` in time (SES-21)."""
        terms = self.request.terms
        start_by_ms = None if terms is None else terms.start_by_ms
        return start_by_ms is not None and stored_at_ms + DATE_RESOLUTION_MS <= start_by_ms

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
        times = [self.answer_by_ms, self.leases.due_ms(), retry_at_ms]
        return min((time for time in times if time is not None), default=None)
