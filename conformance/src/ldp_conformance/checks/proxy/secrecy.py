"""What the proxy prints, and what it may do in the account."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from ldp_conformance.check import proxy_check
from ldp_conformance.checks.proxy.requests import SECRETS
from ldp_conformance.ports.setups import Feature, ProxySetup

if TYPE_CHECKING:
    from ldp_conformance.cases.proxy_case import ProxyCase

_LEVEL: Final = "LAMBDA_PROXY_TRACING_LEVEL"
_DEBUG: Final = ProxySetup(variables=(*SECRETS, (_LEVEL, "DEBUG")))
_TRACE: Final = ProxySetup(variables=(*SECRETS, (_LEVEL, "TRACE")))
_ALLOWED: Final = {
    "requests": {"SendMessage"},
    "replies": {"ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility"},
}


def _exchange(case: ProxyCase) -> tuple[str, str]:
    """Let an event and an answer pass whose ends are telling; both ends."""
    ends = case.fresh("end-of-event"), case.fresh("end-of-answer")
    invocation, request = case.exchange(json.dumps("begin " + "x" * 8_000 + ends[0]).encode())
    case.respond(request, json.dumps("begin " + "y" * 8_000 + ends[1]).encode())
    case.answer(invocation)
    case.settle()
    return ends


def _expect_untold(case: ProxyCase, words: tuple[str, ...], what: str) -> None:
    output = case.port.output
    for word in words:
        line = next((each for each in output.splitlines() if word in each), "")
        case.expect(not line, f"{what} is in what the proxy printed", came=line[:500])


@proxy_check("secrecy.payloads", "SEC-4")
def payloads_are_not_logged(case: ProxyCase) -> None:
    """At the usual level, events and answers are not logged."""
    invocation, request = case.exchange(b'"secret-of-the-event"')
    case.respond(request, b'"secret-of-the-answer"')
    case.answer(invocation)
    case.settle()
    _expect_untold(case, ("secret-of-the-event", "secret-of-the-answer"), "a payload")


@proxy_check("secrecy.debug", "SEC-4", setup=_DEBUG)
def logged_payloads_are_truncated(case: ProxyCase) -> None:
    """At DEBUG, payloads are truncated, and credentials are not logged."""
    _expect_untold(case, _exchange(case), "a whole payload")
    _expect_untold(case, tuple(value for _, value in SECRETS), "a credential")


@proxy_check("secrecy.trace", "SEC-4", setup=_TRACE)
def credentials_are_never_logged(case: ProxyCase) -> None:
    """At TRACE, credentials are not logged, those of dependencies' logs included."""
    _exchange(case)
    _expect_untold(case, tuple(value for _, value in SECRETS), "a credential")


@proxy_check("secrecy.permissions", "SEC-6", needs=[Feature.SHARED])
def little_permission_is_needed(case: ProxyCase) -> None:
    """Without options the proxy sends requests, and receives, deletes and releases replies."""
    invocation, request = case.exchange()
    case.put(request, case.foreign())
    case.respond(request)
    case.answer(invocation)
    allowed = {case.requests.name: _ALLOWED["requests"], case.reply_queue.name: _ALLOWED["replies"]}
    for call in case.calls():
        is_allowed = any(map(call.is_operation, allowed.get(call.queue or "", ())))
        case.expect(is_allowed, f"it calls {call.operation} of {call.queue or 'the account'}")
