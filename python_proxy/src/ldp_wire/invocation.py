"""One request in a client's hands: its state, its leases, and its answer once there is one.

The transition table is the whole of the machine; `session` decides which trigger things are.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from ldp_wire.errors import LocalProtocolError
from ldp_wire.leases import Leases
from ldp_wire.limits import MAX_INTEGER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_wire.actions import Send
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
        self.answer: Send | None = None
        self.retry_at_ms: int | None = None
        self.attempts = 0
        terms = self.request.terms
        self.answer_by_ms = MAX_INTEGER if terms is None else terms.answer_by_ms
        self.leases = Leases(lease_s, None if terms is None else terms.answer_by_ms)
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

    def due_ms(self) -> int | None:
        """When something has to be done about it without any outside event."""
        if not self.is_waited_for:
            return None
        times = [self.answer_by_ms, self.leases.due_ms(), self.retry_at_ms]
        return min(time for time in times if time is not None)
