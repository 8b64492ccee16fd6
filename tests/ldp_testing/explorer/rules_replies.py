"""Rules of the proxy's side: deadlines, correlation, and replies to others (H4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ldp_testing.explorer.patching import replaced, wrapped
from ldp_testing.explorer.properties import Property
from ldp_testing.explorer.rules import Rules
from ldp_testing.explorer.scenarios import RETRY, SHARED, WAIT
from ldp_wire.codec import decode_reply
from ldp_wire.envelopes import RequestId
from ldp_wire.exchange import ProxyExchange
from ldp_wire.limits import MAX_WAIT_S
from ldp_wire.replies import Disposition, ReplyAction, ReplyDesk

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from ldp_wire.envelopes import Delivery, Request

RULES: Final = Rules()


@RULES.add("EXC-6", WAIT, 0, Property.DEADLINE)
def a_receive_may_outlast_the_wait() -> AbstractContextManager[None]:
    """A proxy always polls for as long as SQS lets it (EXC-8)."""

    def wait_s(self: ProxyExchange, _now_ms: int) -> int:
        return MAX_WAIT_S if self.outcome is None else 0

    return replaced(ProxyExchange, "wait_s", wait_s)


@RULES.add("EXC-1", RETRY, 1, Property.CROSSED)
def lambdas_own_request_id_is_used() -> AbstractContextManager[None]:
    """A proxy takes Lambda's request ID for its own, which a retry repeats (EXC-1)."""

    def init(
        method: Callable[..., None], self: ProxyExchange, request: Request, *rest: Any, **named: Any
    ) -> None:
        request_id = RequestId(request.context.aws_request_id)
        method(self, replace(request, request_id=request_id), *rest, **named)

    return wrapped(ProxyExchange, "__init__", init)


@RULES.add("EXC-2", SHARED, 0, Property.CROSSED)
def replies_are_not_correlated() -> AbstractContextManager[None]:
    """A proxy takes whatever comes for the answer, as the origin's does (EXC-2)."""

    def receive(self: ProxyExchange, delivery: Delivery, now_ms: int) -> Disposition:
        return self._own(delivery, decode_reply(delivery.body), now_ms)

    return replaced(ProxyExchange, "receive", receive)


@RULES.add("H4", SHARED, 0, Property.TAKEN)
def foreign_answers_are_deleted() -> AbstractContextManager[None]:
    """A proxy deletes the answers to others that it receives (EXC-11)."""

    def release(_self: ReplyDesk, _delivery: Delivery) -> Disposition:
        return Disposition(ReplyAction.DELETE, "foreign")

    return replaced(ReplyDesk, "_release", release)


@RULES.add("H4", SHARED, 0, Property.OWED)
def foreign_answers_are_hidden() -> AbstractContextManager[None]:
    """A proxy leaves the answers to others hidden, for the queue's usual 10 s (EXC-11)."""

    def release(_self: ReplyDesk, _delivery: Delivery) -> Disposition:
        return Disposition(ReplyAction.RELEASE, "foreign", visibility_s=10)

    return replaced(ReplyDesk, "_release", release)
