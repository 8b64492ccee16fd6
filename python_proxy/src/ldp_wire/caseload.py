"""The requests that one client works on, and how the work on each of them ends.

`intake` brings requests in and starts their handlers, `conclusion` makes answers of results; both
share one caseload, and `session` puts them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from ldp_wire.actions import Delete, Notice, NoticeKind, Release
from ldp_wire.answers import Answers
from ldp_wire.invocation import Trigger
from ldp_wire.ledger import Ledger
from ldp_wire.life import SessionState, SessionTrigger, moved

if TYPE_CHECKING:
    from ldp_wire.actions import Action
    from ldp_wire.claims import Bucket
    from ldp_wire.ends import End
    from ldp_wire.envelopes import ClientInfo, RequestId
    from ldp_wire.invocation import Invocation


class OnError(Enum):
    """What becomes of an event whose handler failed (SES-18)."""

    REPORT = "report"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """What a session is configured with.

    Attributes:
        client: Who answers (ENV-24).
        lease_s: Length of a lease in seconds (SES-12).
        handlers: How many events may run at a time (SES-1).
        max_message_bytes: Limit of the response queue, as far as known (PAY-8).
        leaves_bad_messages: The request queue has a redrive policy that takes them (SES-30).
        bucket: Where payloads go that fit in no message; None if there is none.
        on_error: What becomes of an event whose handler failed.
        reports_v0_errors: Answer version 0 with errors, which look like results there (V0-6).
    """

    client: ClientInfo
    lease_s: int
    handlers: int
    max_message_bytes: int
    leaves_bad_messages: bool = False
    bucket: Bucket | None = None
    on_error: OnError = OnError.REPORT
    reports_v0_errors: bool = False


class Caseload:
    """What is open, what is done, and whether more is taken.

    Attributes:
        settings: The session's.
        state: Where the client's life is.
        answers: Writes the replies.
        open: The requests in work.
        ledger: The requests that are not, but may come back.
    """

    def __init__(self, settings: SessionSettings) -> None:
        self.settings = settings
        self.state = SessionState.LISTENING
        self.answers = Answers(settings.client, settings.max_message_bytes, settings.bucket)
        self.open: dict[RequestId, Invocation] = {}
        self.ledger = Ledger()

    @property
    def free_handlers(self) -> int:
        """How many messages may be received now (SES-1)."""
        if self.state is not SessionState.LISTENING:
            return 0
        busy = sum(invocation.occupies_handler for invocation in self.open.values())
        return self.settings.handlers - busy

    def knows(self, request_id: RequestId | None) -> bool:
        """Whether a request of this ID is in work, or was answered or discarded (SES-31)."""
        return request_id is not None and (
            request_id in self.open or self.ledger.is_done(request_id)
        )

    def move(self, trigger: SessionTrigger) -> None:
        """Follow the table of a client's life."""
        self.state = moved(self.state, trigger)

    def settle(self, invocation: Invocation, end: End, now_ms: int) -> list[Action]:
        """End the work on a request: it is answered, or has a reason."""
        self.drop(invocation)
        return self.close(invocation, end, now_ms)

    def close(self, invocation: Invocation, end: End, now_ms: int) -> list[Action]:
        """Record what became of a request, then delete its copies, in this order (SES-25)."""
        invocation.move(end.trigger)
        return [
            *invocation.lapses(now_ms),
            self.ledger.record(invocation.arrival, end.status, end.reason, now_ms),
            *(Delete(receipt) for receipt in invocation.leases.receipts),
        ]

    def give_back(
        self, invocation: Invocation, now_ms: int, *, at_once: bool = True
    ) -> list[Action]:
        """Give a request up without an answer: at once, or within its lease (SES-11)."""
        receipts = invocation.leases.surely_held(now_ms) if at_once else ()
        invocation.move(Trigger.ABANDON)
        self.drop(invocation)
        notice = Notice(NoticeKind.RELEASED, invocation.arrival.request_id)
        return [*(Release(receipt, 0) for receipt in receipts), notice]

    def drop(self, invocation: Invocation) -> None:
        """Work on a request no longer; the last one closes a client that drains."""
        del self.open[invocation.arrival.request_id]
        self.close_if_idle()

    def close_if_idle(self) -> None:
        """Close a client that drains and has nothing left."""
        if self.state is SessionState.DRAINING and not self.open:
            self.move(SessionTrigger.LAST_ENDED)
