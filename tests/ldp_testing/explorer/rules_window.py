"""Rules of the start window: who may run what, and when nobody is there (C1, H5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ldp_testing.explorer.faults import Fault
from ldp_testing.explorer.patching import original, replaced, wrapped
from ldp_testing.explorer.properties import Property
from ldp_testing.explorer.rules import Rules
from ldp_testing.explorer.scenarios import ERROR, FALLBACK, WAIT
from ldp_wire import exchange, invocation
from ldp_wire.actions import Purpose, Send, Start, Status
from ldp_wire.envelopes import Declined
from ldp_wire.exchange import ProxyExchange, State, Trigger
from ldp_wire.failures import absent
from ldp_wire.intake import Intake
from ldp_wire.invocation import Invocation

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from ldp_wire.actions import Action
    from ldp_wire.arrivals import Arrival
    from ldp_wire.envelopes import Delivery, Envelope
    from ldp_wire.replies import Disposition

RULES: Final = Rules()
#: Two faults of all kinds would do as well, and take long.
_SLOW_REPLIES: Final = replace(FALLBACK, faults=frozenset({Fault.DELAY, Fault.SLOW_POLL}))


@RULES.add("C1", FALLBACK, 0, Property.BOTH)
def the_window_is_checked_on_receipt_only() -> AbstractContextManager[None]:
    """A client looks at startByMs on receipt, not at when SQS stored its accepted (SES-21)."""
    return replaced(Invocation, "may_start", lambda _self, _stored_at_ms: True)


@RULES.add("C1", FALLBACK, 0, Property.BOTH)
def a_date_is_taken_to_the_millisecond() -> AbstractContextManager[None]:
    """A client forgets that Date has whole seconds, and SentTimestamp has not (SES-21)."""
    return replaced(invocation, "DATE_RESOLUTION_MS", 0)


@RULES.add("C1", FALLBACK, 1, Property.BOTH)
def an_accepted_counts_by_its_arrival() -> AbstractContextManager[None]:
    """A proxy counts an accepted by when it gets it, not by its SentTimestamp (EXC-18)."""

    def receive(
        method: Callable[..., Disposition], self: ProxyExchange, delivery: Any, now_ms: int
    ) -> Disposition:
        return method(self, replace(delivery, sent_at_ms=now_ms), now_ms)

    return wrapped(ProxyExchange, "receive", receive)


@RULES.add("C1", FALLBACK, 1, Property.BOTH)
def absence_is_concluded_without_grace() -> AbstractContextManager[None]:
    """A proxy concludes at startByMs that nobody is there, not 3 s later (EXC-19)."""
    return replaced(exchange, "ABSENCE_GRACE_MS", 0)


@RULES.add("C1", _SLOW_REPLIES, 2, Property.BOTH)
def an_older_receive_proves_absence() -> AbstractContextManager[None]:
    """A proxy believes an empty receive that it began before startByMs (EXC-19)."""

    def receive_ended(
        method: Callable[..., None], self: ProxyExchange, *, begun_ms: int, now_ms: int
    ) -> None:
        terms = self.request.terms
        start_by_ms = None if terms is None else terms.start_by_ms
        method(self, begun_ms=max(begun_ms, (start_by_ms or 0) + 1), now_ms=now_ms)

    return wrapped(ProxyExchange, "receive_ended", receive_ended)


@RULES.add("C1", FALLBACK, 1, Property.BOTH)
def a_queue_error_proves_absence() -> AbstractContextManager[None]:
    """A proxy whose receive fails after startByMs concludes that nobody is there (EXC-20)."""

    def queue_failed(
        method: Callable[..., float], self: ProxyExchange, reason: str, **named: Any
    ) -> float:
        terms, now_ms = self.request.terms, named["now_ms"]
        start_by_ms = None if terms is None else terms.start_by_ms
        if self.state is State.AWAITING and start_by_ms is not None and now_ms >= start_by_ms:
            _conclude(self, now_ms)
            return 0.0
        return method(self, reason, **named)

    return wrapped(ProxyExchange, "queue_failed", queue_failed)


def _conclude(self: ProxyExchange, now_ms: int) -> None:
    self._move(Trigger.ABSENCE)
    self._end(absent(), now_ms)


@RULES.add("C1", FALLBACK, 0, Property.BOTH)
def an_accepted_lapses() -> AbstractContextManager[None]:
    """A proxy that hears nothing more after an accepted falls back all the same (EXC-22)."""
    table = original(exchange, "TRANSITIONS")
    awaiting = {**table[State.AWAITING], Trigger.ACCEPT_COUNTED: State.AWAITING}
    return replaced(exchange, "TRANSITIONS", {**table, State.AWAITING: awaiting})


@RULES.add("C1", FALLBACK, 2, Property.BOTH)
def a_declined_proves_absence() -> AbstractContextManager[None]:
    """A proxy that gets a declined concludes at once that nobody is there (EXC-19)."""

    def own(
        method: Callable[..., Disposition],
        self: ProxyExchange,
        delivery: Delivery,
        envelope: Envelope,
        now_ms: int,
    ) -> Disposition:
        if isinstance(envelope, Declined) and self.state is State.AWAITING:
            _conclude(self, now_ms)
        return method(self, delivery, envelope, now_ms)

    return wrapped(ProxyExchange, "_own", own)


@RULES.add("C1", ERROR, 0, Property.ABSENT)
def a_late_request_runs() -> AbstractContextManager[None]:
    """A client starts what it receives after startByMs, whatever its journal says (SES-23)."""

    def fresh(
        method: Callable[..., list[Action]], self: Intake, arrival: Arrival, **named: Any
    ) -> list[Action]:
        terms = arrival.request.terms
        start_by_ms = None if terms is None else terms.start_by_ms
        is_late = start_by_ms is not None and named["now_ms"] > start_by_ms
        named["took_over"] = named["took_over"] or is_late
        return method(self, arrival, **named)

    return wrapped(Intake, "_fresh", fresh)


@RULES.add("SES-25", FALLBACK, 1, Property.BOTH)
def an_accepted_is_recorded_before_it_is_stored() -> AbstractContextManager[None]:
    """A client's journal says accepted before SQS has it; another client relies on it (SES-25)."""

    def fresh(
        method: Callable[..., list[Action]], self: Intake, arrival: Arrival, **named: Any
    ) -> list[Action]:
        actions = method(self, arrival, **named)
        if not any(isinstance(x, Send) and x.purpose is Purpose.ACCEPT for x in actions):
            return actions
        ledger = self._cases.ledger
        return [ledger.record(arrival, Status.ACCEPTED, "on its way", named["now_ms"]), *actions]

    return wrapped(Intake, "_fresh", fresh)


@RULES.add("H5", WAIT, 0, Property.UNASKED)
def an_accepted_is_sent_unasked() -> AbstractContextManager[None]:
    """A client says accepted for every request, with a start window or without (SES-20)."""

    def fresh(
        method: Callable[..., list[Action]], self: Intake, arrival: Arrival, **named: Any
    ) -> list[Action]:
        actions = method(self, arrival, **named)
        if not any(isinstance(action, Start) for action in actions):
            return actions
        return [self._cases.answers.accepted(arrival), *actions]

    return wrapped(Intake, "_fresh", fresh)
