"""The client's machine: a session, and within it every request between receipt and end.

It is told the time and what happened, and answers with actions for its edge to carry out in order.
It starts, sends, deletes and logs nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from ldp_wire.actions import (
    Action,
    Delete,
    Keep,
    Notice,
    NoticeKind,
    Purpose,
    Raised,
    Record,
    Release,
    Renew,
    Send,
    Start,
    Status,
)
from ldp_wire.answers import Answers
from ldp_wire.arrivals import BadArrival
from ldp_wire.errors import LocalProtocolError
from ldp_wire.invocation import Invocation, State, Trigger
from ldp_wire.limits import DATE_RESOLUTION_MS, JOURNAL_KEEP_MS, SKIP_S

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_wire.actions import Recorded, Result
    from ldp_wire.arrivals import Arrival
    from ldp_wire.envelopes import ClientInfo, RequestId

#: Pauses before an answer that could not be sent is tried again, in ms (SES-15).
_RETRY_PAUSES_MS: Final = (500, 1_000, 2_000, 5_000)


class SessionState(Enum):
    """Where a client's life is."""

    LISTENING = "listening"
    DRAINING = "draining"  #: nothing new is started; what runs is answered (SES-32)
    CLOSED = "closed"


class SessionTrigger(Enum):
    """What can happen to a session."""

    DRAIN = "drain"
    LAST_ENDED = "last ended"
    ABANDON = "abandon"


TRANSITIONS: Final[Mapping[SessionState, Mapping[SessionTrigger, SessionState]]] = {
    SessionState.LISTENING: {
        SessionTrigger.DRAIN: SessionState.DRAINING,
        SessionTrigger.ABANDON: SessionState.CLOSED,
    },
    SessionState.DRAINING: {
        SessionTrigger.DRAIN: SessionState.DRAINING,
        SessionTrigger.LAST_ENDED: SessionState.CLOSED,
        SessionTrigger.ABANDON: SessionState.CLOSED,
    },
    SessionState.CLOSED: {
        SessionTrigger.DRAIN: SessionState.CLOSED,
        SessionTrigger.ABANDON: SessionState.CLOSED,
    },
}


class SendFailure(Enum):
    """Why something could not be sent."""

    GONE = "gone"  #: the queue does not exist (SES-16)
    REFUSED = "refused"  #: SQS will never take this message: it is larger than the queue allows
    OTHER = "other"  #: may pass, be it by itself or because the developer logs in again


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """What a session is configured with.

    Attributes:
        client: Who answers (ENV-24).
        lease_s: Length of a lease in seconds (SES-12).
        handlers: How many events may run at a time (SES-1).
        max_message_bytes: Limit of the response queue, as far as known (PAY-8).
        leaves_bad_messages: The request queue has a redrive policy that takes them (SES-30).
    """

    client: ClientInfo
    lease_s: int
    handlers: int
    max_message_bytes: int
    leaves_bad_messages: bool = False


class ClientSession:
    """One client instance's life (SES-1 to SES-34)."""

    def __init__(self, settings: SessionSettings) -> None:
        self.state = SessionState.LISTENING
        self._settings = settings
        self._answers = Answers(settings.client, settings.max_message_bytes)
        self._open: dict[RequestId, Invocation] = {}
        self._known: dict[RequestId, int] = {}

    @property
    def free_handlers(self) -> int:
        """How many messages may be received now (SES-1)."""
        if self.state is not SessionState.LISTENING:
            return 0
        busy = sum(invocation.occupies_handler for invocation in self._open.values())
        return self._settings.handlers - busy

    def receive(
        self, arrival: Arrival | BadArrival, recorded: Recorded | None, now_ms: int
    ) -> list[Action]:
        """Take in a message from the request queue, with what the journal knows of its request."""
        if isinstance(arrival, BadArrival):
            return self._bad(arrival, now_ms)
        running = self._open.get(arrival.request_id)
        if running is not None and running.is_waited_for:
            return self._adopt(running, arrival, now_ms)
        done = recorded is not None and recorded.status is not Status.ACCEPTED
        if done or arrival.request_id in self._known:
            detail = recorded.reason if recorded and done else "this client has dealt with it"
            return [
                Notice(NoticeKind.COPY_DELETED, arrival.request_id, detail),
                Delete(arrival.delivery.receipt),
            ]
        return self._fresh(arrival, took_over=recorded is not None, now_ms=now_ms)

    def _bad(self, bad: BadArrival, now_ms: int) -> list[Action]:
        """Keep, tell, refuse and delete bad input, never run it (SES-29 to SES-31)."""
        error, delivery = bad.error, bad.delivery
        actions: list[Action] = [Notice(NoticeKind.BAD_MESSAGE, bad.request_id, str(error))]
        if self._settings.leaves_bad_messages:
            return actions
        actions.append(
            Keep(delivery.message_id, delivery.body, error.requirement, error.pointer, error.reason)
        )
        refusal = self._answers.refusal(bad, now_ms)
        if refusal is not None:
            actions.append(refusal)
        return [*actions, Delete(delivery.receipt)]

    def _adopt(self, running: Invocation, arrival: Arrival, now_ms: int) -> list[Action]:
        """Hold another copy of a request that is in work (SES-4)."""
        if running.leases.hold(arrival.delivery, now_ms):
            return [Notice(NoticeKind.COPY_ADOPTED, arrival.request_id)]
        return []

    def _fresh(self, arrival: Arrival, *, took_over: bool, now_ms: int) -> list[Action]:
        request_id = arrival.request_id
        terms = arrival.request.terms
        if self.free_handlers < 1:
            return [
                Notice(NoticeKind.RELEASED, request_id),
                Release(arrival.delivery.receipt, 0),
            ]
        if terms is not None and now_ms >= terms.answer_by_ms:
            notice = Notice(NoticeKind.EXPIRED_BEFORE_START, request_id)
            return [notice, *self._discard(arrival, "expired before start")]
        start_by_ms = None if terms is None or took_over else terms.start_by_ms
        if start_by_ms is not None and now_ms > start_by_ms:
            return [Notice(NoticeKind.LATE_WINDOW, request_id), *self._skip(arrival)]
        invocation = Invocation(arrival, self._settings.lease_s, now_ms)
        self._open[request_id] = invocation
        if start_by_ms is None:
            invocation.move(Trigger.START)
            return [Start(arrival.request, arrival.event)]
        invocation.move(Trigger.ANNOUNCE)
        return [self._answers.accepted(arrival)]

    def _discard(self, arrival: Arrival, reason: str) -> list[Action]:
        record = self._record(arrival, Status.DISCARDED, reason)
        return [record, Delete(arrival.delivery.receipt)]

    def _skip(self, arrival: Arrival) -> list[Action]:
        """Leave a late request alone if somebody else may be running it (SES-23)."""
        if arrival.delivery.receive_count > 1:
            return [Release(arrival.delivery.receipt, SKIP_S)]
        return self._discard(arrival, "late")

    def _record(self, arrival: Arrival, status: Status, reason: str) -> Record:
        terms = arrival.request.terms
        end_ms = arrival.request.context.deadline_ms if terms is None else terms.answer_by_ms
        keep_until_ms = end_ms + JOURNAL_KEEP_MS
        if status is not Status.ACCEPTED:
            self._known[arrival.request_id] = keep_until_ms
        return Record(arrival.request_id, status, reason, keep_until_ms)

    def sent(self, send: Send, stored_at_ms: int, now_ms: int) -> list[Action]:
        """SQS took what was to be sent, and dated its answer `stored_at_ms`."""
        invocation = self._open.get(send.request_id)
        if invocation is None:
            return []
        if send.purpose is Purpose.ACCEPT and invocation.state is State.ANNOUNCING:
            return self._announced(invocation, stored_at_ms)
        if send.purpose is Purpose.ANSWER and invocation.state is State.ANSWERING:
            invocation.leases.drop_lapsed(now_ms)
            return self._settle(invocation, Trigger.ANSWER_STORED, Status.ANSWERED, "answered")
        return []

    def _announced(self, invocation: Invocation, stored_at_ms: int) -> list[Action]:
        """Start the handler only if SQS stored the `accepted` in time (SES-21, SES-25)."""
        terms = invocation.request.terms
        if terms is None or terms.start_by_ms is None:
            raise LocalProtocolError("an accepted was sent that nobody asked for")
        if stored_at_ms + DATE_RESOLUTION_MS > terms.start_by_ms:
            return self._decline(invocation)
        invocation.move(Trigger.STORED_IN_TIME)
        return [
            self._record(invocation.arrival, Status.ACCEPTED, "accepted in time"),
            Start(invocation.request, invocation.arrival.event),
        ]

    def _decline(self, invocation: Invocation) -> list[Action]:
        arrival = invocation.arrival
        invocation.move(Trigger.STORED_LATE)
        del self._open[arrival.request_id]
        return [
            Notice(NoticeKind.LATE_WINDOW, arrival.request_id),
            self._answers.declined(arrival, "late"),
            *self._skip(arrival),
        ]

    def send_failed(
        self, send: Send, failure: SendFailure, reason: str, now_ms: int
    ) -> list[Action]:
        """SQS did not take what was to be sent; `reason` is for the developer."""
        notice = Notice(NoticeKind.SEND_FAILED, send.request_id, reason)
        invocation = self._open.get(send.request_id)
        if invocation is None:
            return [notice]
        if send.purpose is Purpose.ACCEPT and invocation.state is State.ANNOUNCING:
            return [notice, *self._decline(invocation)]
        if send.purpose is not Purpose.ANSWER or invocation.state is not State.ANSWERING:
            return [notice]
        if failure is SendFailure.GONE:
            gone = Notice(NoticeKind.CALLER_GONE, send.request_id)
            reason = "the caller is gone"
            return [gone, *self._settle(invocation, Trigger.CALLER_GONE, Status.DISCARDED, reason)]
        return [notice, *self._try_again(invocation, failure, now_ms)]

    def _try_again(self, invocation: Invocation, failure: SendFailure, now_ms: int) -> list[Action]:
        """Repeat the same bytes later, or say that they are too large, which nobody has seen."""
        if failure is SendFailure.REFUSED and invocation.attempts == 0:
            invocation.attempts += 1
            invocation.answer = self._answers.too_large(invocation.arrival, invocation.answer)
            return [invocation.answer]
        pause_ms = _RETRY_PAUSES_MS[min(invocation.attempts, len(_RETRY_PAUSES_MS) - 1)]
        invocation.attempts += 1
        invocation.retry_at_ms = now_ms + pause_ms
        return []

    def handler_ended(self, request_id: RequestId, result: Result, now_ms: int) -> list[Action]:
        """The handler of a request that was started returned or failed."""
        invocation = self._open.get(request_id)
        if invocation is None or invocation.state not in {State.RUNNING, State.OVERDUE}:
            return [Notice(NoticeKind.LATE_RESULT, request_id)]
        if invocation.request.terms is None:
            outcome = "failed" if isinstance(result, Raised) else "returned"
            reason = f"one-way: the handler {outcome}"
            return self._settle(invocation, Trigger.HANDLER_ENDED_ONE_WAY, Status.DISCARDED, reason)
        overdue = self._overdue(invocation, now_ms)
        is_late = invocation.state is State.OVERDUE
        invocation.move(Trigger.HANDLER_ENDED)
        if is_late:
            del self._open[request_id]
            return [*overdue, Notice(NoticeKind.LATE_RESULT, request_id)]
        answer, notice = self._answers.answer(invocation.arrival, result)
        invocation.answer = answer
        return [*([] if notice is None else [notice]), answer]

    def _overdue(self, invocation: Invocation, now_ms: int) -> list[Action]:
        """Give up a running request whose caller has stopped waiting (SES-9)."""
        if invocation.state is not State.RUNNING or now_ms < invocation.answer_by_ms:
            return []
        invocation.move(Trigger.ANSWER_BY)
        reason = "expired while running"
        return [
            Notice(NoticeKind.EXPIRED_WHILE_RUNNING, invocation.arrival.request_id),
            self._record(invocation.arrival, Status.DISCARDED, reason),
            *[Delete(receipt) for receipt in invocation.leases.receipts],
        ]

    def _settle(
        self, invocation: Invocation, trigger: Trigger, status: Status, reason: str
    ) -> list[Action]:
        """Record the end of a request, then delete its copies, in this order (SES-25)."""
        invocation.move(trigger)
        del self._open[invocation.arrival.request_id]
        return [
            self._record(invocation.arrival, status, reason),
            *[Delete(receipt) for receipt in invocation.leases.receipts],
        ]

    def due_ms(self) -> int | None:
        """When `tick` has to be called next, if nothing else happens before."""
        times = [invocation.due_ms() for invocation in self._open.values()]
        return min((time for time in times if time is not None), default=None)

    def tick(self, now_ms: int) -> list[Action]:
        """Do what is due: renewals, lapses, deadlines, repeated answers."""
        self._known = {key: end for key, end in self._known.items() if now_ms <= end}
        actions: list[Action] = []
        for invocation in list(self._open.values()):
            if invocation.is_waited_for:
                actions += self._tick_one(invocation, now_ms)
        return actions

    def _tick_one(self, invocation: Invocation, now_ms: int) -> list[Action]:
        request_id = invocation.arrival.request_id
        actions: list[Action] = []
        if invocation.leases.drop_lapsed(now_ms):
            actions.append(Notice(NoticeKind.LEASE_LAPSED, request_id))
        if now_ms >= invocation.answer_by_ms:
            return actions + self._out_of_time(invocation, now_ms)
        for lease, visibility_s in invocation.leases.renewals(now_ms):
            actions.append(Renew(request_id, lease.message_id, lease.receipt, visibility_s))
        if invocation.retry_at_ms is not None and now_ms >= invocation.retry_at_ms:
            invocation.retry_at_ms = None
            actions += [invocation.answer] if invocation.answer else []
        return actions

    def _out_of_time(self, invocation: Invocation, now_ms: int) -> list[Action]:
        if invocation.state is State.RUNNING:
            return self._overdue(invocation, now_ms)
        if invocation.state is State.ANNOUNCING:
            return self._decline(invocation)
        reason = "the answer could not be sent in time"
        return [
            Notice(NoticeKind.LATE_RESULT, invocation.arrival.request_id, reason),
            *self._settle(invocation, Trigger.ANSWER_BY, Status.DISCARDED, reason),
        ]

    def renewed(self, renew: Renew, began_ms: int) -> None:
        """SQS extended a lease, by a call that began at `began_ms`."""
        invocation = self._open.get(renew.request_id)
        if invocation is not None:
            invocation.leases.renewed(renew.message_id, renew.receipt, renew.visibility_s, began_ms)

    def drain(self) -> None:
        """Start nothing more, and close once everything that runs is answered (SES-32)."""
        self._move(SessionTrigger.DRAIN)
        self._close_if_idle()

    def _close_if_idle(self) -> None:
        if self.state is SessionState.DRAINING and not self._open:
            self._move(SessionTrigger.LAST_ENDED)

    @property
    def is_closed(self) -> bool:
        """Whether nothing is left to do."""
        self._close_if_idle()
        return self.state is SessionState.CLOSED

    def abandon(self, now_ms: int) -> list[Action]:
        """End at once; release what is surely held, leave the rest to its lease (SES-33)."""
        self._move(SessionTrigger.ABANDON)
        actions: list[Action] = []
        for invocation in self._open.values():
            if invocation.is_waited_for:
                held = invocation.leases.surely_held(now_ms)
                actions += [Release(receipt, 0) for receipt in held]
                actions.append(Notice(NoticeKind.RELEASED, invocation.arrival.request_id))
            invocation.move(Trigger.ABANDON)
        self._open.clear()
        return actions

    def _move(self, trigger: SessionTrigger) -> None:
        self.state = TRANSITIONS[self.state][trigger]
