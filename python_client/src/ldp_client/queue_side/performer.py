"""Carries out what a session asks for, in order, and tells it how that went.

On an event's way stands nothing but the call that the event waits for: what follows a stored
answer is done elsewhere, and the report is told through a queue of its own.
"""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from ldp_client.queue_side.claims import may_pass
from ldp_queues.errors import (
    MessageTooLarge,
    QueueAccessDenied,
    QueueError,
    QueueNotFound,
    QueueRefusedMessage,
    ServiceError,
    StoreError,
)
from ldp_wire.actions import (
    Delete,
    Fetch,
    Keep,
    Notice,
    NoticeKind,
    Purpose,
    Record,
    Release,
    Renew,
    Send,
    SendFailure,
    Start,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ldp_client.queue_side.bad_messages import BadMessages
    from ldp_client.queue_side.claims import ClaimChecks
    from ldp_client.queue_side.journal import Journal
    from ldp_client.queue_side.queues import Queues
    from ldp_client.queue_side.telling import Tell
    from ldp_wire.actions import Action

_logger = logging.getLogger(__name__)


class Keeper(Protocol):
    """Who keeps the session, as the performer knows it."""

    def start(self, start: Start) -> None:
        """Hand this event to a runtime."""

    def recorded(self, record: Record) -> None:
        """The journal has this."""

    def sent(self, send: Send, stored_at_ms: int) -> list[Action]:
        """SQS took this; what follows."""

    def send_failed(self, send: Send, failure: SendFailure, reason: str) -> list[Action]:
        """SQS did not take this; what follows."""

    def fetch(self, fetch: Fetch) -> None:
        """Fetch this event aside."""

    def renewed(self, renew: Renew, began_ms: int) -> None:
        """SQS extended this lease, by a call that began then."""

    def later(self, actions: Sequence[Action]) -> None:
        """Perform these in another thread, after what it has been given before."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What actions are carried out with.

    Attributes:
        queues: The two queues.
        journal: Where `Record` goes.
        bad_messages: Where `Keep` goes.
        claims: Where attachments go.
        tell: The way to the report.
        now_ms: AWS's clock.
    """

    queues: Queues
    journal: Journal
    bad_messages: BadMessages
    claims: ClaimChecks
    tell: Tell
    now_ms: Callable[[], int]


class Performer:
    """Does what actions say; any thread may call it."""

    def __init__(self, tools: Tools, keeper: Keeper) -> None:
        self._tools = tools
        self._keeper = keeper
        self._seen: set[tuple[str, type[ServiceError]]] = set()

    def perform(self, actions: Sequence[Action]) -> None:
        """Carry out actions in order; what follows from one comes before the next."""
        pending = deque(actions)
        bad = Notice(NoticeKind.BAD_MESSAGE, None)
        while pending:
            action = pending.popleft()
            if isinstance(action, Send):
                pending.extendleft(reversed(self._send(action)))
                if action.purpose is Purpose.ANSWER:
                    self._keeper.later(pending)
                    return
            elif isinstance(action, Keep):
                if not self._keep(action, bad):
                    return  # so that it is not deleted either: it comes back after its lease
            elif isinstance(action, Notice) and pending and isinstance(pending[0], Keep):
                bad = action  # told once it is known where the message is
            else:
                self._do(action)

    def _do(self, action: Start | Fetch | Record | Delete | Release | Renew | Notice) -> None:
        queue = self._tools.queues.requests
        if isinstance(action, Start):
            self._keeper.start(action)
        elif isinstance(action, Fetch):
            self._keeper.fetch(action)
        elif isinstance(action, Record):
            self._tools.journal.write(action)
            self._keeper.recorded(action)
        elif isinstance(action, Renew):
            self._renew(action)
        elif isinstance(action, Delete):
            self._try("delete", lambda: queue.delete(action.receipt))
        elif isinstance(action, Release):
            seconds = action.visibility_s
            self._try("release", lambda: queue.change_visibility(action.receipt, seconds))
        else:
            self._tell(action)

    def _tell(self, notice: Notice) -> None:
        until_ms = notice.until_ms
        left_ms = None if until_ms is None else until_ms - self._tools.now_ms()
        self._tools.tell(lambda reporter: reporter.notice(notice, left_ms))

    def _renew(self, renew: Renew) -> None:
        queue, began_ms = self._tools.queues.requests, self._tools.now_ms()
        extend = lambda: queue.change_visibility(renew.receipt, renew.visibility_s)  # noqa: E731
        if self._try("renew", extend):
            self._keeper.renewed(renew, began_ms)

    def _try(self, what: str, call: Callable[[], None]) -> bool:
        """Make a call that nobody waits for.

        One that fails does no harm: the lease is renewed again in time, or lapses and is told; a
        message that was not deleted comes back and is known. Only a missing permission stays.
        """
        try:
            call()
        except QueueError as exc:
            _logger.debug("message.call_failed", extra={"call": what, "reason": str(exc)})
            if isinstance(exc, QueueAccessDenied) and self._is_new(what, exc):
                message, hint = str(exc), exc.hint
                self._tools.tell(lambda reporter: reporter.problem(message, hint))
            return False
        return True

    def _send(self, send: Send) -> list[Action]:
        try:
            if send.attachment is not None:
                self._tools.claims.put(send.attachment)
            stored = self._tools.queues.replies(send.queue_name).send(send.text)
        except ServiceError as exc:
            _logger.debug("reply.failed", extra={"reason": str(exc)})
            reason = f"{str(exc).rstrip('.')}. {exc.hint}"
            follow = self._keeper.send_failed(send, _failure_of(exc), reason)
            if self._is_new(send.request_id, exc):
                return follow
            return [action for action in follow if not _says_failed(action)]
        follow = self._keeper.sent(send, stored.stored_at_ms)
        if send.purpose is Purpose.ANSWER:
            size_bytes = len(send.text.encode())
            self._tools.tell(lambda reporter: reporter.answered(send.request_id, size_bytes))
        return follow

    def _is_new(self, about: str, exc: ServiceError) -> bool:
        """Whether this is the first time; a repeated answer fails many times for one reason."""
        key = (about, type(exc))
        is_new = key not in self._seen
        self._seen.add(key)
        return is_new

    def _keep(self, keep: Keep, notice: Notice) -> bool:
        """Keep a bad message and tell of it; whether that was possible."""
        try:
            path = self._tools.bad_messages.keep(keep)
        except OSError as exc:
            message = f"A bad message could not be kept, and stays in its queue: {exc}"
            hint = "Make room on the disk, or choose another folder with LAMBDA_DEBUG_STATE_DIR."
            self._tools.tell(lambda reporter: reporter.problem(message, hint))
            return False
        told = replace(notice, detail=f"{notice.detail}; it is kept in {path}")
        self._tools.tell(lambda reporter: reporter.notice(told))
        return True


_FAILURES: dict[type[ServiceError], SendFailure] = {
    QueueNotFound: SendFailure.GONE,
    MessageTooLarge: SendFailure.REFUSED,
    QueueRefusedMessage: SendFailure.REFUSED,
}


def _failure_of(exc: ServiceError) -> SendFailure:
    if isinstance(exc, StoreError) and not may_pass(exc):
        return SendFailure.STORAGE
    return _FAILURES.get(type(exc), SendFailure.OTHER)


def _says_failed(action: Action) -> bool:
    return isinstance(action, Notice) and action.kind is NoticeKind.SEND_FAILED
