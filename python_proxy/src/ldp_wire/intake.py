"""From a received message to a started handler (SES-1 to SES-6, SES-20 to SES-23, SES-29)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldp_wire import ends
from ldp_wire.actions import Delete, Fetch, Keep, Notice, NoticeKind, Release, Status
from ldp_wire.arrivals import BadArrival
from ldp_wire.envelopes import ClaimCheck
from ldp_wire.errors import RemoteProtocolError
from ldp_wire.failures import bad_request, storage_error_of_client
from ldp_wire.invocation import Invocation, State, Trigger
from ldp_wire.limits import SKIP_S

if TYPE_CHECKING:
    from ldp_wire.actions import Action, Recorded
    from ldp_wire.arrivals import Arrival
    from ldp_wire.caseload import Caseload
    from ldp_wire.envelopes import Delivery, RequestId
    from ldp_wire.failures import Failure


class Intake:
    """Decides what becomes of each message.

    Args:
        caseload: What the client works on.
    """

    def __init__(self, caseload: Caseload) -> None:
        self._cases = caseload
        self._has_warned = False

    def receive(
        self, arrival: Arrival | BadArrival, recorded: Recorded | None, now_ms: int
    ) -> list[Action]:
        """Take in a message from the request queue, with what the journal knows of its request."""
        if isinstance(arrival, BadArrival):
            return self._bad(arrival, recorded, now_ms)
        running = self._cases.open.get(arrival.request_id)
        if running is not None and running.is_waited_for:
            return self._adopt(running, arrival, now_ms)
        if recorded is not None and recorded.status is not Status.ACCEPTED:
            return self._delete_copy(arrival, recorded.reason)
        if self._cases.ledger.is_done(arrival.request_id):
            return self._delete_copy(arrival, "this client has dealt with it")
        return self._fresh(arrival, took_over=recorded is not None, now_ms=now_ms)

    def _bad(self, bad: BadArrival, recorded: Recorded | None, now_ms: int) -> list[Action]:
        """Keep, tell, refuse and delete bad input, never run it (SES-29 to SES-31).

        A refusal never takes the place of the answer to a request of the same ID (SES-14).
        """
        notice = Notice(NoticeKind.BAD_MESSAGE, bad.request_id, str(bad.error))
        is_twin = recorded is not None or self._cases.knows(bad.request_id)
        refusal = None if is_twin else self._cases.answers.refusal(bad, now_ms)
        refusals = [] if refusal is None else [refusal]
        if self._cases.settings.leaves_bad_messages:
            return [notice, *refusals]
        keep = _kept(bad.delivery, bad.error)
        return [notice, keep, *refusals, Delete(bad.delivery.receipt)]

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
        if self._cases.free_handlers < 1:
            return [Notice(NoticeKind.RELEASED, request_id), Release(receipt, 0)]
        invocation = Invocation(arrival, self._cases.settings.lease_s, now_ms)
        if invocation.is_expired(now_ms):
            notice = Notice(NoticeKind.EXPIRED_BEFORE_START, request_id)
            return [notice, *self._discard(arrival, "expired before start", now_ms)]
        if self._cases.ledger.has_declined(request_id):
            return [Notice(NoticeKind.LATE_WINDOW, request_id), Release(receipt, SKIP_S)]
        terms = arrival.request.terms
        start_by_ms = None if terms is None or took_over else terms.start_by_ms
        if start_by_ms is not None and now_ms > start_by_ms:
            return [Notice(NoticeKind.LATE_WINDOW, request_id), *self._skip(arrival, now_ms)]
        self._cases.open[request_id] = invocation
        if start_by_ms is None:
            return [*self._warning(arrival), self._begin(invocation)]
        invocation.move(Trigger.ANNOUNCE)
        return [self._cases.answers.accepted(arrival)]

    def _skip(self, arrival: Arrival, now_ms: int) -> list[Action]:
        """Leave a late request alone if somebody else may be running it (SES-23)."""
        if arrival.delivery.receive_count > 1:
            return [Release(arrival.delivery.receipt, SKIP_S)]
        return self._discard(arrival, "late", now_ms)

    def _discard(self, arrival: Arrival, reason: str, now_ms: int) -> list[Action]:
        record = self._cases.ledger.record(arrival, Status.DISCARDED, reason, now_ms)
        return [record, Delete(arrival.delivery.receipt)]

    def _warning(self, arrival: Arrival) -> list[Action]:
        """Say once that the answers of version 0 can reach the wrong invocation (V0-7)."""
        if not arrival.is_v0 or self._has_warned:
            return []
        self._has_warned = True
        return [Notice(NoticeKind.VERSION_0, arrival.request_id)]

    def _begin(self, invocation: Invocation) -> Action:
        """Start the handler, or fetch its event first."""
        event = invocation.arrival.event
        if isinstance(event, ClaimCheck):
            invocation.move(Trigger.FETCH)
            return Fetch(invocation.arrival.request_id, event, invocation.answer_by_ms)
        return invocation.start(event)

    # The start window.

    def announced(self, invocation: Invocation, stored_at_ms: int, now_ms: int) -> list[Action]:
        """Start the handler only if SQS stored the `accepted` in time (SES-21, SES-25)."""
        if not invocation.may_start(stored_at_ms) or invocation.is_expired(now_ms):
            return self.decline(invocation, now_ms)
        arrival = invocation.arrival
        record = self._cases.ledger.record(arrival, Status.ACCEPTED, "accepted in time", now_ms)
        return [record, self._begin(invocation)]

    def decline(self, invocation: Invocation, now_ms: int) -> list[Action]:
        """Give a request up, and say that the handler will not start (SES-22).

        Saying so may take a while, and nobody waits for it: the leases come first.
        """
        arrival = invocation.arrival
        self._cases.ledger.decline(arrival, now_ms)
        notice = Notice(NoticeKind.LATE_WINDOW, arrival.request_id)
        declined = self._cases.answers.declined(arrival, "late")
        if arrival.delivery.receive_count == 1:
            return [notice, *self._cases.settle(invocation, ends.LATE, now_ms), declined]
        invocation.move(Trigger.STORED_LATE)
        self._cases.drop(invocation)
        held = invocation.leases.surely_held(now_ms)
        return [notice, *(Release(receipt, SKIP_S) for receipt in held), declined]

    # Events that wait in a bucket.

    def fetched(self, request_id: RequestId, event: bytes, now_ms: int) -> list[Action]:
        """Start the handler with an event that was fetched, and is the one that was sent."""
        invocation = self._fetching(request_id)
        if invocation is None:
            return []
        if invocation.is_expired(now_ms):
            notice = Notice(NoticeKind.EXPIRED_BEFORE_START, request_id)
            return [notice, *self._cases.settle(invocation, ends.UNFETCHED, now_ms)]
        return [invocation.start(event)]

    def fetch_failed(
        self, request_id: RequestId, error: RemoteProtocolError | str, now_ms: int
    ) -> list[Action]:
        """Give up an event that is not the one that was sent, or that cannot be had (PAY-15)."""
        invocation = self._fetching(request_id)
        if invocation is None:
            return []
        notice = Notice(NoticeKind.FETCH_FAILED, request_id, str(error))
        if isinstance(error, RemoteProtocolError):
            keep = _kept(invocation.arrival.delivery, error)
            return [notice, keep, *self._refuse(invocation, bad_request(str(error)), now_ms)]
        if invocation.request.terms is None:  # it comes back, and by then the bucket may have, too
            return [notice, *self._cases.give_back(invocation, now_ms, at_once=False)]
        return [notice, *self._refuse(invocation, storage_error_of_client(error), now_ms)]

    def _fetching(self, request_id: RequestId) -> Invocation | None:
        invocation = self._cases.open.get(request_id)
        return invocation if invocation and invocation.state is State.FETCHING else None

    def _refuse(self, invocation: Invocation, failure: Failure, now_ms: int) -> list[Action]:
        if invocation.request.terms is None:
            return self._cases.settle(invocation, ends.UNUSABLE, now_ms)
        invocation.move(Trigger.FETCH_FAILED)
        return [self._cases.answers.failed(invocation.arrival, failure)]


def _kept(delivery: Delivery, error: RemoteProtocolError) -> Keep:
    """A message that is bad input, for the developer's disk (SES-30)."""
    return Keep(delivery.message_id, delivery.body, error.requirement, error.pointer, error.reason)
