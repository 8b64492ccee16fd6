"""The foundation: the proxy takes an invocation, and the answer comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldp_conformance.check import proxy_check

if TYPE_CHECKING:
    from ldp_conformance.cases.proxy_case import ProxyCase


@proxy_check("start.exchange", "EXC-3", "PAY-1", "PAY-2", "ENV-16")
def an_event_goes_out_and_its_answer_comes_back(case: ProxyCase) -> None:
    """An invocation becomes a request, and the caller gets the answer to it.

    Everything else stands on this one.
    """
    event = case.event()
    invocation, request = case.exchange(event)
    case.expect(case.payload_of(request) == event, "the request carries another event")
    answer = case.event(answer=True)
    case.respond(request, answer)
    case.expect(case.answer(invocation) == answer, "the caller got another answer")
