"""Rules of leases, copies, records and deletes, and of events that are held (H1 to H3, M8, M9)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ldp_testing.explorer.faults import Fault
from ldp_testing.explorer.patching import original, replaced, wrapped
from ldp_testing.explorer.properties import Property
from ldp_testing.explorer.rules import Rules
from ldp_testing.explorer.scenarios import HOLD, SHARED, WAIT
from ldp_wire import invocation
from ldp_wire.actions import Delete, Record, Start
from ldp_wire.caseload import Caseload
from ldp_wire.conclusion import Conclusion
from ldp_wire.intake import Intake
from ldp_wire.invocation import Invocation, State
from ldp_wire.leases import Leases

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from ldp_wire.actions import Action
    from ldp_wire.arrivals import Arrival
    from ldp_wire.envelopes import Delivery

RULES: Final = Rules()
#: Two faults of all kinds would do as well, and take long.
_SLEEPERS: Final = replace(WAIT, faults=frozenset({Fault.PAUSE, Fault.QUIT}))


@RULES.add("H1", WAIT, 0, Property.LATE)
def an_answer_is_sent_after_answer_by() -> AbstractContextManager[None]:
    """A client answers however late it is (SES-17)."""
    return replaced(Invocation, "is_expired", lambda _self, _now_ms: False)


@RULES.add("H2", WAIT, 1, Property.LOST)
def a_copy_of_a_running_request_is_deleted() -> AbstractContextManager[None]:
    """A client deletes what it receives of a request that it runs, not adopts it (SES-4)."""

    def adopt(_self: Intake, _running: Invocation, arrival: Arrival, _now_ms: int) -> list[Action]:
        return [Delete(arrival.delivery.receipt)]

    return replaced(Intake, "_adopt", adopt)


@RULES.add("H2", WAIT, 1, Property.TWICE)
def a_copy_of_a_running_request_is_run() -> AbstractContextManager[None]:
    """A client starts a second handler on a request that it runs (SES-3)."""

    def adopt(_self: Intake, _running: Invocation, arrival: Arrival, _now_ms: int) -> list[Action]:
        assert isinstance(arrival.event, bytes)
        return [Start(arrival.request, arrival.event)]

    return replaced(Intake, "_adopt", adopt)


@RULES.add("H2", WAIT, 1, Property.TOGETHER)
def the_oldest_handle_is_kept() -> AbstractContextManager[None]:
    """A client goes on using the first receipt handle that it got for a message (SES-4)."""

    def hold(
        method: Callable[..., bool], self: Leases, delivery: Delivery, received_ms: int
    ) -> bool:
        is_known = delivery.message_id in self._leases
        return False if is_known else method(self, delivery, received_ms)

    return wrapped(Leases, "hold", hold)


@RULES.add("H2", _SLEEPERS, 2, Property.STALE)
def what_may_have_lapsed_is_released() -> AbstractContextManager[None]:
    """A client releases whatever it once leased (SES-11)."""
    return replaced(Leases, "surely_held", lambda self, _now_ms: self.receipts)


@RULES.add("SES-10", _SLEEPERS, 2, Property.STALE)
def a_renewal_of_a_lapsed_lease_is_believed() -> AbstractContextManager[None]:
    """A client takes SQS's yes to an old receipt handle for a lease (SES-10)."""

    def renewed(
        self: Leases, message_id: str, receipt: str, visibility_s: int, began_ms: int
    ) -> None:
        lease = self._leases.get(message_id)
        if lease is not None and lease.receipt == receipt:
            self._set(message_id, receipt, began_ms, visibility_s)

    original(Leases, "renewed")
    return replaced(Leases, "renewed", renewed)


@RULES.add("SES-7", WAIT, 0, Property.TOGETHER)
def leases_are_not_renewed() -> AbstractContextManager[None]:
    """A client leases a message once, for whatever time its handler takes (SES-7)."""

    def renewals(method: Callable[..., object], self: Leases, now_ms: int) -> list[object]:
        method(self, now_ms)
        return []

    return wrapped(Leases, "renewals", renewals)


@RULES.add("H3", WAIT, 1, Property.AGAIN)
def the_journal_is_not_read() -> AbstractContextManager[None]:
    """A client does not look into its journal before it starts a handler (SES-6, SES-24)."""

    def receive(
        method: Callable[..., list[Action]], self: Intake, arrival: Arrival, _known: Any, now: int
    ) -> list[Action]:
        return method(self, arrival, None, now)

    return wrapped(Intake, "receive", receive)


@RULES.add("H3", WAIT, 0, Property.LOST)
def the_end_is_recorded_after_the_delete() -> AbstractContextManager[None]:
    """A client deletes a request and only then writes down why (SES-25)."""

    def close(method: Callable[..., list[Action]], self: Caseload, *rest: Any) -> list[Action]:
        return sorted(method(self, *rest), key=lambda action: isinstance(action, Record))

    return wrapped(Caseload, "close", close)


@RULES.add("SES-13", WAIT, 0, Property.LOST)
def a_request_is_deleted_before_its_answer_is_stored() -> AbstractContextManager[None]:
    """A client deletes a request, and then sends the answer (SES-13)."""

    def answer(
        method: Callable[..., list[Action]], self: Conclusion, case: Invocation, *rest: Any
    ) -> list[Action]:
        receipts = case.leases.receipts
        return [*(Delete(receipt) for receipt in receipts), *method(self, case, *rest)]

    return wrapped(Conclusion, "_answer", answer)


@RULES.add("SES-13", WAIT, 0, Property.LOST)
def a_request_is_deleted_on_receipt() -> AbstractContextManager[None]:
    """A client deletes a request as soon as it has it, as the origin's does (SES-13)."""

    def fresh(
        method: Callable[..., list[Action]], self: Intake, arrival: Arrival, **named: Any
    ) -> list[Action]:
        return [Delete(arrival.delivery.receipt), *method(self, arrival, **named)]

    return wrapped(Intake, "_fresh", fresh)


@RULES.add("M8", SHARED, 0, Property.CROWDED)
def one_more_is_received_than_there_are_handlers() -> AbstractContextManager[None]:
    """A client prefetches an event, which nobody else can run meanwhile (SES-1)."""
    room = original(Caseload, "free_handlers").fget
    return replaced(Caseload, "free_handlers", property(lambda self: room(self) + 1))


@RULES.add("M9", HOLD, 0, Property.OWED)
def a_held_error_is_never_sent() -> AbstractContextManager[None]:
    """A client holds a failed event until its caller gives up (SES-36)."""
    return replaced(Conclusion, "end_hold", lambda _self, _case, _now_ms: [])


@RULES.add("M9", HOLD, 0, Property.TOGETHER)
def what_is_held_is_not_leased() -> AbstractContextManager[None]:
    """A client renews leases only while a handler runs (SES-7)."""
    waited_for = original(invocation, "_WAITED_FOR")
    return replaced(invocation, "_WAITED_FOR", waited_for - {State.HELD})
