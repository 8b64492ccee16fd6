"""How the work on a request ends: by what, and what the journal says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ldp_wire.actions import Status
from ldp_wire.invocation import Trigger


@dataclass(frozen=True, slots=True)
class End:
    """The trigger of the last transition, and the record of it."""

    trigger: Trigger
    status: Status
    reason: str


ANSWERED: Final = End(Trigger.ANSWER_STORED, Status.ANSWERED, "answered")
CALLER_GONE: Final = End(Trigger.CALLER_GONE, Status.DISCARDED, "the caller is gone")
LATE: Final = End(Trigger.STORED_LATE, Status.DISCARDED, "late")
UNSENT: Final = End(Trigger.ANSWER_BY, Status.DISCARDED, "the answer could not be sent in time")
UNSENDABLE: Final = End(Trigger.ANSWER_BY, Status.DISCARDED, "the queue takes no such answer")
UNFETCHED: Final = End(Trigger.ANSWER_BY, Status.DISCARDED, "expired before start")
OVERDUE: Final = End(Trigger.ANSWER_BY, Status.DISCARDED, "expired while running")
HELD: Final = End(Trigger.ANSWER_BY, Status.DISCARDED, "expired while held")
UNUSABLE: Final = End(Trigger.FETCH_FAILED, Status.DISCARDED, "one-way: the event is unusable")
ONE_WAY_RETURNED: Final = End(
    Trigger.HANDLER_ENDED_ONE_WAY, Status.DISCARDED, "one-way: the handler returned"
)
ONE_WAY_FAILED: Final = End(
    Trigger.HANDLER_ENDED_ONE_WAY, Status.DISCARDED, "one-way: the handler failed"
)
