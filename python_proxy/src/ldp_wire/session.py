"""The client's machine: a session, and within it every request between receipt and end.

It is told the time and what happened, and answers with actions for its edge to carry out in order.
It starts, sends, deletes and logs nothing itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ldp_wire import ends
from ldp_wire.actions import Action, Notice, NoticeKind, Purpose, SendFailure
from ldp_wire.caseload import Caseload, OnError, SessionSettings
from ldp_wire.conclusion import Conclusion
from ldp_wire.intake import Intake
from ldp_wire.invocation import State, Trigger
from ldp_wire.life import SessionState, SessionTrigger

if TYPE_CHECKING:
    from ldp_wire.actions import Recorded, Renew, Result, Send
    from ldp_wire.arrivals import Arrival, BadArrival
    from ldp_wire.envelopes import RequestId
    from ldp_wire.errors import RemoteProtocolError
    from ldp_wire.invocation import Invocation

__all__ = ["ClientSession", "OnError", "SessionSettings", "SessionState"]

#: The state in which it matters to a request whether SQS took what was sent.
_AWAITED_IN: Final = {Purpose.ACCEPT: State.ANNOUNCING, Purpose.ANSWER: State.ANSWERING}
#: What is said and recorded of a request whose time is over before it ran, or after.
_OUT_OF_TIME: Final = {
    State.FETCHING: (NoticeKind.EXPIRED_BEFORE_START, ends.UNFETCHED),
    State.HELD: (NoticeKind.HOLD_EXPIRED, ends.HELD),
    State.ANSWERING: (NoticeKind.LATE_RESULT, ends.UNSENT),
}


class ClientSession:
    """One client instance's life (SES-1 to SES-36)."""

    def __init__(self, settings: SessionSettings) -> None:
        self._cases = Caseload(settings)
        self._intake = Intake(self._cases)
        self._conclusion = Conclusion(self._cases)

    @property
    def state(self) -> SessionState:
        """Where its life is."""
        return self._cases.state

    @property
    def free_handlers(self) -> int:
        """How many messages may be received now (SES-1)."""
        return self._cases.free_handlers

    @property
    def is_closed(self) -> bool:
        """Whether nothing is left to do."""
        return self.state is SessionState.CLOSED

    @property
    def is_holding(self) -> bool:
        """Whether there is anything that `rerun` would run again."""
        return any(invocation.state is State.HELD for invocation in self._cases.open.values())

    # What happens.

    def receive(
        self, arrival: Arrival | BadArrival, recorded: Recorded | None, now_ms: int
    ) -> list[Action]:
        """Take in a message from the request queue, with what the journal knows of its request."""
        return self._intake.receive(arrival, recorded, now_ms)

    def fetched(self, request_id: RequestId, event: bytes, now_ms: int) -> list[Action]:
        """The event of a claim check is here, and is the one that was sent (PAY-15)."""
        return self._intake.fetched(request_id, event, now_ms)

    def fetch_failed(
        self, request_id: RequestId, error: RemoteProtocolError | str, now_ms: int
    ) -> list[Action]:
        """The event of a claim check is not the one that was sent, or cannot be had.

        Args:
            request_id: Whose event it is.
            error: What is wrong with it, or why it cannot be had, in a sentence with a hint.
            now_ms: Now.
        """
        return self._intake.fetch_failed(request_id, error, now_ms)

    def handler_ended(self, request_id: RequestId, result: Result, now_ms: int) -> list[Action]:
        """The handler of a request that was started returned or failed."""
        invocation = self._cases.open.get(request_id)
        if invocation is None or invocation.state not in {State.RUNNING, State.OVERDUE}:
            return [Notice(NoticeKind.LATE_RESULT, request_id)]
        return self._conclusion.handler_ended(invocation, result, now_ms)

    def rerun(self, now_ms: int) -> list[Action]:
        """Run again what is held, because the developer says so (SES-36)."""
        held = [x for x in self._cases.open.values() if x.state is State.HELD]
        return [x.rerun() for x in held if not x.is_expired(now_ms)]

    def sent(self, send: Send, stored_at_ms: int, now_ms: int) -> list[Action]:
        """SQS took what was to be sent, and dated its answer `stored_at_ms`."""
        invocation = self._awaiting(send)
        if invocation is None:
            return []
        if send.purpose is Purpose.ACCEPT:
            return self._intake.announced(invocation, stored_at_ms, now_ms)
        return self._conclusion.answered(invocation, now_ms)

    def send_failed(
        self, send: Send, failure: SendFailure, reason: str, now_ms: int
    ) -> list[Action]:
        """What was to be sent could not be stored; `reason` is for the developer."""
        notice = Notice(NoticeKind.SEND_FAILED, send.request_id, reason)
        invocation = self._awaiting(send)
        if invocation is None:
            return [notice]
        if failure is SendFailure.GONE:
            notice = Notice(NoticeKind.CALLER_GONE, send.request_id)
            return [notice, *self._conclusion.caller_gone(invocation, now_ms)]
        if send.purpose is Purpose.ACCEPT:
            return [notice, *self._intake.decline(invocation, now_ms)]
        again = self._conclusion.send_again(invocation, send, failure, reason, now_ms)
        return [notice, *again]

    def _awaiting(self, send: Send) -> Invocation | None:
        """The request that waits for what became of this, if it still does."""
        invocation = self._cases.open.get(send.request_id)
        if invocation is None or invocation.state is not _AWAITED_IN.get(send.purpose):
            return None
        return invocation

    def renewed(self, renew: Renew, began_ms: int) -> None:
        """SQS extended a lease, by a call that began at `began_ms`."""
        invocation = self._cases.open.get(renew.request_id)
        if invocation is not None:
            invocation.leases.renewed(renew.message_id, renew.receipt, renew.visibility_s, began_ms)

    # What is due.

    def due_ms(self) -> int | None:
        """When `tick` has to be called next, if nothing else happens before."""
        times = [invocation.due_ms() for invocation in self._cases.open.values()]
        return min((time for time in times if time is not None), default=None)

    def tick(self, now_ms: int) -> list[Action]:
        """Do what is due: renewals, lapses, deadlines, repeated answers, the end of a hold."""
        self._cases.ledger.forget(now_ms)
        actions: list[Action] = []
        for invocation in list(self._cases.open.values()):
            if not invocation.is_waited_for:
                continue
            if invocation.is_expired(now_ms):
                actions += self._out_of_time(invocation, now_ms)
            else:
                actions += invocation.upkeep(now_ms)
                actions += self._conclusion.end_hold(invocation, now_ms)
        return actions

    def _out_of_time(self, invocation: Invocation, now_ms: int) -> list[Action]:
        if invocation.state is State.RUNNING:
            return self._conclusion.overdue(invocation, now_ms)
        if invocation.state is State.ANNOUNCING:
            return self._intake.decline(invocation, now_ms)
        kind, end = _OUT_OF_TIME[invocation.state]
        notice = Notice(kind, invocation.arrival.request_id, end.reason)
        return [notice, *self._cases.settle(invocation, end, now_ms)]

    # The ending.

    def drain(self, now_ms: int) -> list[Action]:
        """Start nothing more, and close once everything that runs is answered (SES-32).

        What is held is given back: whoever starts a client again runs it again.
        """
        self._cases.move(SessionTrigger.DRAIN)
        held = [x for x in self._cases.open.values() if x.state is State.HELD]
        actions = [action for x in held for action in self._cases.give_back(x, now_ms)]
        self._cases.close_if_idle()
        return actions

    def abandon(self, now_ms: int) -> list[Action]:
        """End at once; release what is surely held, leave the rest to its lease (SES-33)."""
        self._cases.move(SessionTrigger.ABANDON)
        actions: list[Action] = []
        for invocation in list(self._cases.open.values()):
            if invocation.is_waited_for:
                actions += self._cases.give_back(invocation, now_ms)
            else:
                invocation.move(Trigger.ABANDON)
        self._cases.open.clear()
        return actions
