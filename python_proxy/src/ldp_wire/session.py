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
    Release,
    Send,
    SendFailure,
    Start,
    Status,
)
from ldp_wire.answers import Answers
from ldp_wire.arrivals import BadArrival
from ldp_wire.errors import LocalProtocolError
from ldp_wire.invocation import End, Invocation, State, Trigger
from ldp_wire.ledger import Ledger
from ldp_wire.limits import SKIP_S

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_wire.actions import Recorded, Renew, Result
    from ldp_wire.arrivals import Arrival
    from ldp_wire.envelopes import ClientInfo, RequestId

#: The state in which it matters to a request whether SQS took what was sent.
_AWAITED_IN: Final = {Purpose.ACCEPT: State.ANNOUNCING, Purpose.ANSWER: State.ANSWERING}
_ANSWERED: Final = End(Trigger.ANSWER_STORED, Status.ANSWERED, "answered")
_CALLER_GONE: Final = End(Trigger.CALLER_GONE, Status.DISCARDED, "the caller is gone")
_LATE: Final = End(Trigger.STORED_LATE, Status.DISCARDED, "late")
_UNSENT: Final = End(Trigger.ANSWER_BY, Status.DISCARDED, "the answer could not be sent in time")
_OVERDUE: Final = End(Trigger.ANSWER_BY, Status.DISCARDED, "expired while running")
_ONE_WAY_RETURNED: Final = End(
    Trigger.HANDLER_ENDED_ONE_WAY, Status.DISCARDED, "one-way: the handler returned"
)
_ONE_WAY_FAILED: Final = End(
    Trigger.HANDLER_ENDED_ONE_WAY, Status.DISCARDED, "one-way: the handler failed"
)


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
        self._ledger = Ledger()

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
        if recorded is not None and recorded.status is not Status.ACCEPTED:
            return self._delete_copy(arrival, recorded.reason)
        if self._ledger.is_done(arrival.request_id):
            return self._delete_copy(arrival, "this client has dealt with it")
        return self._fresh(arrival, took_over=recorded is not None, now_ms=now_ms)

    def _bad(self, bad: BadArrival, now_ms: int) -> list[Action]:
        """Keep, tell, refuse and delete bad input, never run it (SES-29 to SES-31)."""
        error, delivery = bad.error, bad.delivery
        notice = Notice(NoticeKind.BAD_MESSAGE, bad.request_id, str(error))
        refusal = self._answers.refusal(bad, now_ms)
        refusals = [] if refusal is None else [refusal]
        if self._settings.leaves_bad_messages:
            return [notice, *refusals]
        keep = Keep(
            delivery.message_id, delivery.body, error.requirement, error.pointer, error.reason
        )
        return [notice, keep, *refusals, Delete(delivery.receipt)]

    def _adopt(self, running: Invocation, arrival: Arrival, now_ms: int) -> list[Action]:
        """Hold another copy of a request that is in work (SES-4)."""
        if running.leases.hold(arrival.delivery, now_ms):
            return [Notice(NoticeKind.COPY_ADOPTED, arrival.request_id)]
        return []

    def _delete_copy(self, arrival: Arrival, reason: str) -> list[Action]:
        """Delete a copy of what is answered or discarded (SES-6)."""
        notice = Notice(NoticeKind.COPY_DELETED, arrival.request_id, reason)
        return [notice, Delete(arrival.delivery.receipt)]

    def _fresh(self, arrival: Arrival, *, took_over: bool, now_ms: int) -> list[Action]:
        request_id, receipt = arrival.request_id, arrival.delivery.receipt
        if self.free_handlers < 1:
            return [Notice(NoticeKind.RELEASED, request_id), Release(receipt, 0)]
        invocation = Invocation(arrival, self._settings.lease_s, now_ms)
        if invocation.is_expired(now_ms):
            notice = Notice(NoticeKind.EXPIRED_BEFORE_START, request_id)
            return [notice, *self._discard(arrival, "expired before start", now_ms)]
        if self._ledger.has_declined(request_id):
            return [Notice(NoticeKind.LATE_WINDOW, request_id), Release(receipt, SKIP_S)]
        terms = arrival.request.terms
        start_by_ms = None if terms is None or took_over else terms.start_by_ms
        if start_by_ms is not None and now_ms > start_by_ms:
            return [Notice(NoticeKind.LATE_WINDOW, request_id), *self._skip(arrival, now_ms)]
        self._open[request_id] = invocation
        if start_by_ms is None:
            invocation.move(Trigger.START)
            return [Start(arrival.request, arrival.event)]
        invocation.move(Trigger.ANNOUNCE)
        return [self._answers.accepted(arrival)]

    def _skip(self, arrival: Arrival, now_ms: int) -> list[Action]:
        """Leave a late request alone if somebody else may be running it (SES-23)."""
        if arrival.delivery.receive_count > 1:
            return [Release(arrival.delivery.receipt, SKIP_S)]
        return self._discard(arrival, "late", now_ms)

    def _discard(self, arrival: Arrival, reason: str, now_ms: int) -> list[Action]:
        record = self._ledger.record(arrival, Status.DISCARDED, reason, now_ms)
        return [record, Delete(arrival.delivery.receipt)]

    def sent(self, send: Send, stored_at_ms: int, now_ms: int) -> list[Action]:
        """SQS took what was to be sent, and dated its answer `stored_at_ms`."""
        invocation = self._open.get(send.request_id)
        if invocation is None or invocation.state is not _AWAITED_IN.get(send.purpose):
            return []
        if send.purpose is Purpose.ACCEPT:
            return self._announced(invocation, stored_at_ms, now_ms)
        return self._settle(invocation, _ANSWERED, now_ms)

    def _announced(self, invocation: Invocation, stored_at_ms: int, now_ms: int) -> list[Action]:
        """Start the handler only if SQS stored the `accepted` in time (SES-21, SES-25)."""
        arrival = invocation.arrival
        if not invocation.may_start(stored_at_ms) or invocation.is_expired(now_ms):
            return self._decline(invocation, now_ms)
        invocation.move(Trigger.STORED_IN_TIME)
        record = self._ledger.record(arrival, Status.ACCEPTED, "accepted in time", now_ms)
        return [record, Start(arrival.request, arrival.event)]

    def _decline(self, invocation: Invocation, now_ms: int) -> list[Action]:
        """Give a request up, and say that the handler will not start (SES-22).

        Saying so may take a while, and nobody waits for it: the leases come first.
        """
        arrival = invocation.arrival
        self._ledger.decline(arrival, now_ms)
        notice = Notice(NoticeKind.LATE_WINDOW, arrival.request_id)
        declined = self._answers.declined(arrival, "late")
        if arrival.delivery.receive_count == 1:
            return [notice, *self._settle(invocation, _LATE, now_ms), declined]
        invocation.move(Trigger.STORED_LATE)
        self._drop(invocation)
        held = invocation.leases.surely_held(now_ms)
        return [notice, *(Release(receipt, SKIP_S) for receipt in held), declined]

    def send_failed(
        self, send: Send, failure: SendFailure, reason: str, now_ms: int
    ) -> list[Action]:
        """SQS did not take what was to be sent; `reason` is for the developer."""
        notice = Notice(NoticeKind.SEND_FAILED, send.request_id, reason)
        invocation = self._open.get(send.request_id)
        if invocation is None or invocation.state is not _AWAITED_IN.get(send.purpose):
            return [notice]
        if failure is SendFailure.GONE:
            notice = Notice(NoticeKind.CALLER_GONE, send.request_id)
            return [notice, *self._settle(invocation, _CALLER_GONE, now_ms)]
        if send.purpose is Purpose.ACCEPT:
            return [notice, *self._decline(invocation, now_ms)]
        return [notice, *self._try_again(invocation, send, failure, now_ms)]

    def _try_again(
        self, invocation: Invocation, send: Send, failure: SendFailure, now_ms: int
    ) -> list[Action]:
        """Repeat the same bytes later, or say that they are too large, which nobody has seen."""
        if invocation.is_expired(now_ms):
            return self._out_of_time(invocation, now_ms)
        invocation.attempts += 1
        if failure is SendFailure.REFUSED and invocation.attempts == 1:
            return [self._answers.too_large(invocation.arrival, send)]
        invocation.retry_later(send, now_ms)
        return []

    def handler_ended(self, request_id: RequestId, result: Result, now_ms: int) -> list[Action]:
        """The handler of a request that was started returned or failed."""
        invocation = self._open.get(request_id)
        if invocation is None or invocation.state not in {State.RUNNING, State.OVERDUE}:
            return [Notice(NoticeKind.LATE_RESULT, request_id)]
        if invocation.request.terms is None:
            end = _ONE_WAY_FAILED if isinstance(result, Raised) else _ONE_WAY_RETURNED
            return self._settle(invocation, end, now_ms)
        overdue = self._overdue(invocation, now_ms)
        is_late = invocation.state is State.OVERDUE
        invocation.move(Trigger.HANDLER_ENDED)
        if is_late:
            self._drop(invocation)
            return [*overdue, Notice(NoticeKind.LATE_RESULT, request_id)]
        answer, notice = self._answers.answer(invocation.arrival, result)
        return [*([] if notice is None else [notice]), answer]

    def _overdue(self, invocation: Invocation, now_ms: int) -> list[Action]:
        """Give up a running request whose caller has stopped waiting (SES-9)."""
        if invocation.state is not State.RUNNING or not invocation.is_expired(now_ms):
            return []
        notice = Notice(NoticeKind.EXPIRED_WHILE_RUNNING, invocation.arrival.request_id)
        return [notice, *self._close(invocation, _OVERDUE, now_ms)]

    def _settle(self, invocation: Invocation, end: End, now_ms: int) -> list[Action]:
        self._drop(invocation)
        return self._close(invocation, end, now_ms)

    def _close(self, invocation: Invocation, end: End, now_ms: int) -> list[Action]:
        """Record what became of a request, then delete its copies, in this order (SES-25)."""
        invocation.move(end.trigger)
        return [
            *invocation.lapses(now_ms),
            self._ledger.record(invocation.arrival, end.status, end.reason, now_ms),
            *(Delete(receipt) for receipt in invocation.leases.receipts),
        ]

    def _drop(self, invocation: Invocation) -> None:
        del self._open[invocation.arrival.request_id]
        self._close_if_idle()

    def due_ms(self) -> int | None:
        """When `tick` has to be called next, if nothing else happens before."""
        times = [invocation.due_ms() for invocation in self._open.values()]
        return min((time for time in times if time is not None), default=None)

    def tick(self, now_ms: int) -> list[Action]:
        """Do what is due: renewals, lapses, deadlines, repeated answers."""
        self._ledger.forget(now_ms)
        actions: list[Action] = []
        for invocation in list(self._open.values()):
            if invocation.is_waited_for:
                expired = invocation.is_expired(now_ms)
                upkeep = self._out_of_time if expired else Invocation.upkeep
                actions += upkeep(invocation, now_ms)
        return actions

    def _out_of_time(self, invocation: Invocation, now_ms: int) -> list[Action]:
        if invocation.state is State.RUNNING:
            return self._overdue(invocation, now_ms)
        if invocation.state is State.ANNOUNCING:
            return self._decline(invocation, now_ms)
        notice = Notice(NoticeKind.LATE_RESULT, invocation.arrival.request_id, _UNSENT.reason)
        return [notice, *self._settle(invocation, _UNSENT, now_ms)]

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
        try:
            self.state = TRANSITIONS[self.state][trigger]
        except KeyError:
            raise LocalProtocolError(f"{trigger.value!r} in state {self.state.value!r}") from None
