"""From the end of a handler to an answer that SQS has, or to a reason why there is none.

(SES-13 to SES-19, SES-36, V0-6)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldp_wire import ends
from ldp_wire.actions import Notice, NoticeKind, Raised, Send, SendFailure
from ldp_wire.caseload import OnError
from ldp_wire.failures import result_refused, storage_error_of_client
from ldp_wire.invocation import State, Trigger
from ldp_wire.life import SessionState
from ldp_wire.limits import V0_PURGE_MS

if TYPE_CHECKING:
    from ldp_wire.actions import Action, Result
    from ldp_wire.caseload import Caseload
    from ldp_wire.invocation import Invocation


class Conclusion:
    """Decides what becomes of each result.

    Args:
        caseload: What the client works on.
    """

    def __init__(self, caseload: Caseload) -> None:
        self._cases = caseload

    def handler_ended(self, invocation: Invocation, result: Result, now_ms: int) -> list[Action]:
        """Answer, hold, or say that nobody waits any more."""
        overdue = self.overdue(invocation, now_ms)
        if invocation.state is State.OVERDUE:
            invocation.move(Trigger.HANDLER_ENDED)
            self._cases.drop(invocation)
            return [*overdue, Notice(NoticeKind.LATE_RESULT, invocation.arrival.request_id)]
        if isinstance(result, Raised) and self._holds(invocation):
            return self._hold(invocation, result, now_ms)
        if invocation.request.terms is None:
            end = ends.ONE_WAY_FAILED if isinstance(result, Raised) else ends.ONE_WAY_RETURNED
            return self._cases.settle(invocation, end, now_ms)
        return self._answer(invocation, Trigger.HANDLER_ENDED, result, now_ms)

    def overdue(self, invocation: Invocation, now_ms: int) -> list[Action]:
        """Give up a running request whose caller has stopped waiting (SES-9)."""
        if invocation.state is not State.RUNNING or not invocation.is_expired(now_ms):
            return []
        notice = Notice(NoticeKind.EXPIRED_WHILE_RUNNING, invocation.arrival.request_id)
        return [notice, *self._cases.close(invocation, ends.OVERDUE, now_ms)]

    def _answer(
        self, invocation: Invocation, trigger: Trigger, result: Result, now_ms: int
    ) -> list[Action]:
        """Send the handler's result, or the error that says why it cannot be carried (PAY-9)."""
        arrival = invocation.arrival
        answer = self._cases.answers.answer(arrival, result)
        if isinstance(answer, Send):
            invocation.move(trigger)
            return self._send(invocation, answer, now_ms)
        notice = Notice(NoticeKind.RESULT_TOO_LARGE, arrival.request_id, answer.message)
        if arrival.is_v0:  # which has no form for an error
            return [notice, *self._hold(invocation, None, now_ms)]
        invocation.move(trigger)
        return [notice, self._cases.answers.failed(arrival, answer)]

    def _send(self, invocation: Invocation, answer: Send, now_ms: int) -> list[Action]:
        """Send at once, unless the proxy may still be throwing away what comes (V0-9)."""
        purged_ms = invocation.arrival.delivery.sent_at_ms + V0_PURGE_MS
        if not invocation.arrival.is_v0 or now_ms >= purged_ms or invocation.is_expired(purged_ms):
            return [answer]
        invocation.send_later(answer, purged_ms)
        return []

    # An event that is held.

    def _holds(self, invocation: Invocation) -> bool:
        """Whether an event is kept after its handler failed (SES-18, V0-6)."""
        settings = self._cases.settings
        if settings.on_error is OnError.HOLD:
            return True
        return invocation.arrival.is_v0 and not settings.reports_v0_errors

    def _hold(self, invocation: Invocation, error: Raised | None, now_ms: int) -> list[Action]:
        """Keep an event for another run, or give it back if there will be none (SES-36, SES-32)."""
        may_send = not invocation.arrival.is_v0 or self._cases.settings.reports_v0_errors
        invocation.error = error if may_send else None
        if invocation.state is not State.HELD:
            invocation.move(Trigger.HOLD)
        if self._cases.state is SessionState.DRAINING:
            return self._cases.give_back(invocation, now_ms)
        until_ms = invocation.hold_until_ms or invocation.answer_by_ms
        return [Notice(NoticeKind.HELD, invocation.arrival.request_id, until_ms=until_ms)]

    def end_hold(self, invocation: Invocation, now_ms: int) -> list[Action]:
        """Send the last error by itself, shortly before nobody waits for it any more (SES-36)."""
        hold_until_ms, error = invocation.hold_until_ms, invocation.error
        if error is None or hold_until_ms is None or now_ms < hold_until_ms:
            return []
        notice = Notice(NoticeKind.HOLD_ENDED, invocation.arrival.request_id)
        return [notice, *self._answer(invocation, Trigger.HOLD_ENDED, error, now_ms)]

    # An answer that is on its way.

    def answered(self, invocation: Invocation, now_ms: int) -> list[Action]:
        """Record and delete what SQS has the answer of (SES-13)."""
        return self._cases.settle(invocation, ends.ANSWERED, now_ms)

    def caller_gone(self, invocation: Invocation, now_ms: int) -> list[Action]:
        """Give up a request whose reply queue does not exist (SES-16)."""
        return self._cases.settle(invocation, ends.CALLER_GONE, now_ms)

    def send_again(
        self, invocation: Invocation, send: Send, failure: SendFailure, reason: str, now_ms: int
    ) -> list[Action]:
        """Repeat the same bytes later, or say why they, which nobody has seen, cannot be sent."""
        if invocation.is_expired(now_ms):
            notice = Notice(NoticeKind.LATE_RESULT, send.request_id, ends.UNSENT.reason)
            return [notice, *self._cases.settle(invocation, ends.UNSENT, now_ms)]
        invocation.attempts += 1
        if failure is SendFailure.OTHER or invocation.attempts > 1:
            invocation.retry_later(send, now_ms)
            return []
        if invocation.arrival.is_v0:
            return self._cases.settle(invocation, ends.UNSENDABLE, now_ms)
        instead = result_refused(len(send.text.encode()))
        if failure is SendFailure.STORAGE:
            instead = storage_error_of_client(reason)
        return [self._cases.answers.failed(invocation.arrival, instead)]
