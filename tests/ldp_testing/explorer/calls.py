"""The calls that an edge makes to the machines, as functions for `Machines.step`.

What a session decides becomes a tuple of actions to carry out, and a note of what it says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ldp_testing.deliveries import TRUST
from ldp_wire.actions import Notice, Raised, Renew, Returned, SendFailure
from ldp_wire.arrivals import read

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ldp_testing.deliveries import Delivered
    from ldp_testing.explorer.world import Run
    from ldp_wire.actions import Action, Recorded, Send
    from ldp_wire.exchange import Outcome, ProxyExchange
    from ldp_wire.replies import Disposition
    from ldp_wire.session import ClientSession


class Decision(NamedTuple):
    """What a session wants done, and what it tells the developer."""

    todo: tuple[Action, ...]
    told: str


def _decision(actions: Iterable[Action]) -> Decision:
    listed = list(actions)
    told = [f"; {action.kind.value}" for action in listed if isinstance(action, Notice)]
    return Decision(tuple(a for a in listed if not isinstance(a, Notice)), "".join(told))


def receive(
    session: ClientSession, delivery: Delivered, recorded: Recorded | None, now_ms: int
) -> Decision:
    """A message arrives."""
    return _decision(session.receive(read(delivery, TRUST), recorded, now_ms))


def tick(session: ClientSession, now_ms: int) -> Decision:
    """Something is due. Renewals wait for nothing else."""
    decision = _decision(session.tick(now_ms))
    ordered = sorted(decision.todo, key=lambda action: not isinstance(action, Renew))
    return decision._replace(todo=tuple(ordered))


def handler_ended(session: ClientSession, run: Run, now_ms: int) -> Decision:
    """A handler returned, or failed, with bytes that say whose they are."""
    result = Raised("E", "failed", run.event) if run.has_failed else Returned(run.event)
    return _decision(session.handler_ended(run.request_id, result, now_ms))


def rerun(session: ClientSession, now_ms: int) -> Decision:
    """The developer wants what is held to run again."""
    return _decision(session.rerun(now_ms))


def sent(session: ClientSession, send: Send, stored_at_ms: int, now_ms: int) -> Decision:
    """SQS took something."""
    return _decision(session.sent(send, stored_at_ms, now_ms))


def send_failed(session: ClientSession, send: Send, now_ms: int) -> Decision:
    """SQS did not take something, or nobody knows whether it did."""
    return _decision(session.send_failed(send, SendFailure.OTHER, "no connection", now_ms))


def renewed(session: ClientSession, renew: Renew, began_ms: int) -> None:
    """SQS took a renewal."""
    session.renewed(renew, began_ms)


def abandon(session: ClientSession, now_ms: int) -> Decision:
    """The second signal."""
    return _decision(session.abandon(now_ms))


def has_room(session: ClientSession) -> bool:
    """Whether it may receive."""
    return session.free_handlers > 0


def is_holding(session: ClientSession) -> bool:
    """Whether there is something to run again."""
    return session.is_holding


def due_ms(session: ClientSession) -> int | None:
    """When it wants to be woken."""
    return session.due_ms()


def holds(session: ClientSession, message_id: str) -> bool:
    """Whether it knows a message for one that it has leased."""
    cases = session._cases.open.values()
    return any(message_id in invocation.leases._leases for invocation in cases)


def take(exchange: ProxyExchange, delivery: Delivered, begun_ms: int, now_ms: int) -> Disposition:
    """A receive brings a message, and has ended with it."""
    disposition = exchange.receive(delivery, now_ms)
    exchange.receive_ended(begun_ms=begun_ms, now_ms=now_ms)
    return disposition


def bring_nothing(exchange: ProxyExchange, begun_ms: int, now_ms: int) -> None:
    """A receive ends empty."""
    exchange.receive_ended(begun_ms=begun_ms, now_ms=now_ms)


def fail(exchange: ProxyExchange, now_ms: int) -> None:
    """A receive fails, for a reason that may pass."""
    exchange.queue_failed("no connection", transient=True, now_ms=now_ms)


def wait_s(exchange: ProxyExchange, now_ms: int) -> int:
    """How long the next receive may be."""
    return exchange.wait_s(now_ms)


def outcome(exchange: ProxyExchange) -> Outcome | None:
    """How it ended."""
    return exchange.outcome
