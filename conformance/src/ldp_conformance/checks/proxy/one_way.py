"""One-way mode: the caller's success means that the event is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ldp_conformance.check import proxy_check
from ldp_conformance.ports.setups import Feature, ProxySetup
from ldp_conformance.witness import Deny, LateStore

if TYPE_CHECKING:
    from ldp_conformance.cases.proxy_case import ProxyCase

_SETUP: Final = ProxySetup(is_one_way=True)
_NEEDS: Final = (Feature.ONE_WAY,)


@proxy_check("one-way.null", "EXC-28", needs=_NEEDS, setup=_SETUP)
def the_caller_gets_null(case: ProxyCase) -> None:
    """The caller gets `null`, and only after SQS took the request."""
    case.requests.inject(LateStore(seconds=1.2))
    invocation = case.invoke()
    body = case.answer(invocation)
    case.expect(body == b"null", f"the caller got {body!r}")
    sent = case.calls("SendMessage")
    case.expect(sent, "nothing was sent")
    stored_ms = sent[0].ended_ms
    ended_ms = invocation.result().ended_ms
    is_after = stored_ms is not None and stored_ms <= ended_ms
    case.expect(is_after, "the caller had its result before the request was stored")
    case.next_request()


@proxy_check("one-way.members", "ENV-17", "ENV-15", needs=_NEEDS, setup=_SETUP)
def one_way_requests_want_no_answer(case: ProxyCase) -> None:
    """A one-way request says so, and nothing in it is about an answer."""
    event = case.event()
    invocation, request = case.exchange(event)
    case.answer(invocation)
    case.expect(request.envelope["oneWay"] is True, "oneWay is not true")
    names = {"replyTo", "answerByMs", "startByMs", "maxReplyBytes", "acceptEncodings"}
    used = sorted(names & request.envelope.keys())
    case.expect(not used, f"the request has {', '.join(used)}")
    case.expect(case.payload_of(request) == event, "the request carries another event")
    case.expect(not case.calls("ReceiveMessage"), "it received although it waits for nothing")


@proxy_check("one-way.refused", "EXC-28", "ERR-5", needs=_NEEDS, setup=_SETUP)
def what_is_not_stored_is_no_success(case: ProxyCase) -> None:
    """Where SQS does not take the request, the caller gets `Proxy.QueueError`."""
    case.requests.inject(Deny("SendMessage", times=50))
    case.error(case.invoke(), "Proxy.QueueError")
