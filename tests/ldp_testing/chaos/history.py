"""What happened in a run, as values: all that the ledger is made of.

Times are epoch milliseconds of one machine's clock. A client is named after its life: whoever is
started anew has another name. A program is the name of a client or of a function, which is also
the access key that its calls to SQS are signed with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Weather(Enum):
    """What can be done to a program, a call or a message."""

    HANDLER_KILLED = "handler's process killed"
    QUEUE_SIDE_KILLED = "queue side killed"
    BOTH_KILLED = "both processes killed"
    PAUSED = "both processes stopped"
    BREAKPOINT = "handler's process stopped"  #: which is no excuse for anything
    INTERRUPTED = "interrupted"
    ENDED_BY_ITSELF = "ended by itself"  #: not weather: a client ended that nobody ended
    OUTAGE = "endpoint down"
    THROTTLED = "throttled"
    SERVER_ERROR = "server error"
    CUT_BEFORE = "cut before the server"
    CUT_AFTER = "cut after the server"
    SLOW = "slow"
    REPEATED = "delivered twice"
    DELIVERED_TO_NOBODY = "given to a dead connection"
    STALLED = "machine stood still"


STOPS = frozenset({Weather.PAUSED, Weather.BREAKPOINT})
"""What stops processes and lets them go on."""

KILLS = frozenset({Weather.HANDLER_KILLED, Weather.QUEUE_SIDE_KILLED, Weather.BOTH_KILLED})
"""What ends a client before its time."""

HANDLER_ENDS = frozenset({Weather.HANDLER_KILLED, Weather.BOTH_KILLED})
"""What ends a running handler."""

FAULTS = frozenset(
    {
        Weather.OUTAGE,
        Weather.THROTTLED,
        Weather.SERVER_ERROR,
        Weather.CUT_BEFORE,
        Weather.CUT_AFTER,
        Weather.SLOW,
        Weather.DELIVERED_TO_NOBODY,
    }
)
"""What can go wrong with a call."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that the weather did.

    Attributes:
        kind: What.
        at_ms: When it began.
        until_ms: When it was over; `at_ms` for what takes no time.
        who: To which program; empty for all.
        operation: To which operation of SQS; empty if it was none.
        queue: On which queue; empty if on none.
        lost_ms: Of a machine that stood still: how much of the time was lost.
    """

    kind: Weather
    at_ms: int
    until_ms: int
    who: str = ""
    operation: str = ""
    queue: str = ""
    lost_ms: int = 0

    def meets(self, who: str, from_ms: int, to_ms: int) -> bool:
        """Whether it happened to a program within a time."""
        return self.who in ("", who) and self.at_ms <= to_ms and from_ms <= self.until_ms


class Outcome(Enum):
    """What a caller got."""

    RIGHT = "its own answer"
    ERROR = "a typed error"
    CROSSED = "another's answer"
    NOTHING = "nothing by its deadline"


@dataclass(frozen=True, slots=True)
class Invocation:
    """One invocation, as its caller saw it.

    Attributes:
        nonce: What its handler computed on.
        function: The function's name.
        aws_request_id: Lambda's ID of it; empty if it never got one.
        begun_ms: When it was asked for.
        ended_ms: When the caller knew.
        outcome: What came.
        error_type: The `errorType` of an error.
        detail: What else is worth telling.
    """

    nonce: str
    function: str
    aws_request_id: str
    begun_ms: int
    ended_ms: int
    outcome: Outcome
    error_type: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the handler, as its witness file tells.

    Attributes:
        nonce: The event's.
        aws_request_id: The context's.
        client: Which client ran it.
        begun_ms: Its first line.
        ended_ms: Its last; None if it did not come so far.
    """

    nonce: str
    aws_request_id: str
    client: str
    begun_ms: int
    ended_ms: int | None


@dataclass(frozen=True, slots=True)
class Request:
    """One envelope that a proxy sent.

    Attributes:
        request_id: The proxy's ID of it.
        aws_request_id: Lambda's.
        answer_by_ms: The end of the proxy's wait.
        start_by_ms: The end of its start window, if it has one.
    """

    request_id: str
    aws_request_id: str
    answer_by_ms: int
    start_by_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """One operation on one message, as the wire saw it; a receive of two messages is two.

    Attributes:
        operation: SQS's name of it.
        at_ms: When the wire had it.
        done_ms: When the server had done it; None if it did not, or refused.
        who: Which program asked.
        queue: The queue's name.
        kind: The envelope's kind.
        request_id: The envelope's request.
        message_id: The message; empty if nobody knows.
        visibility_s: What a receive or a change asked for.
        is_repeated: A delivery that the weather added.
    """

    operation: str
    at_ms: int
    done_ms: int | None
    who: str
    queue: str
    kind: str
    request_id: str
    message_id: str
    visibility_s: int = 0
    is_repeated: bool = False

    @property
    def moment_ms(self) -> int:
        """When it happened, as far as anybody knows."""
        return self.at_ms if self.done_ms is None else self.done_ms


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a journal.

    Attributes:
        journal: Whose; clients with the same one know of each other's answers.
        request_id: The request.
        status: `accepted`, `answered` or `discarded`.
        reason: Why.
    """

    journal: str
    request_id: str
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class History:
    """All of a run.

    Attributes:
        planned: How many invocations were to be made.
        invocations: Those that were, with what came of them.
        runs: Of the handlers.
        requests: The envelopes that proxies sent.
        passages: The operations on messages.
        weather: What was done to them all.
        entries: Of all journals.
        journals: The journal that a client has.
    """

    planned: int
    invocations: tuple[Invocation, ...] = ()
    runs: tuple[Run, ...] = ()
    requests: tuple[Request, ...] = ()
    passages: tuple[Passage, ...] = ()
    weather: tuple[Event, ...] = ()
    entries: tuple[Entry, ...] = ()
    journals: Mapping[str, str] = field(default_factory=dict)
