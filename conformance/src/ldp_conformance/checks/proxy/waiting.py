"""How the proxy waits, and what it says when nobody answered."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from ldp_conformance.check import proxy_check
from ldp_conformance.ports.setups import ProxySetup

if TYPE_CHECKING:
    from ldp_conformance.cases.proxy_case import ProxyCase
    from ldp_conformance.witness import Call

SHORT: Final = ProxySetup(timeout_s=4)
_TICK_MS: Final = 50
_ON_THE_WAY_MS: Final = 500  # a call comes a while after its wait was chosen
_SLACK_MS: Final = 950  # before Lambda ends it
_AT_ONCE_MS: Final = 2_500
_LEAST_WAIT_MS: Final = 1_000


@proxy_check("wait.no-response", "EXC-7", "EXC-6", "ERR-3", "ERR-2", "ERR-1", setup=SHORT)
def silence_ends_in_an_error(case: ProxyCase) -> None:
    """Where nobody answers, the caller gets `Proxy.NoResponse` when the wait is over."""
    invocation, request = case.exchange()
    error = case.error(invocation, "Proxy.NoResponse")
    early_ms = request.answer_by_ms - error.result.ended_ms
    case.expect(early_ms < _LEAST_WAIT_MS + _TICK_MS, f"it gave up {early_ms:,} ms early")
    case.expect(
        early_ms > -_SLACK_MS,
        f"it ended {-early_ms:,} ms after answerByMs",
        requirements=("EXC-6",),
    )


@proxy_check("wait.receives", "EXC-8", "SQS-7", setup=SHORT)
def receives_end_in_time(case: ProxyCase) -> None:
    """Receives wait for 1 s or more, never beyond `answerByMs`, and end by themselves."""
    invocation, request = case.exchange()
    case.result(invocation)
    receives = case.calls("ReceiveMessage")
    case.expect(receives, "it never received")
    for call in receives:
        wait_s = _wait_s(call)
        case.expect(wait_s >= 1, f"a receive waits for {wait_s} s")
        late_ms = call.begun_ms + wait_s * 1000 - request.answer_by_ms
        case.expect(
            late_ms <= _ON_THE_WAY_MS, f"a receive could end {late_ms:,} ms after answerByMs"
        )
        case.expect(not call.was_cut, "a receive was cut off", requirements=("SQS-7",))


def _wait_s(call: Call) -> int:
    return int(str(call.request.get("WaitTimeSeconds", 0)))


@proxy_check("wait.how", "SQS-8", "SQS-9", "EXC-12", "EXC-18")
def receives_ask_for_what_is_needed(case: ProxyCase) -> None:
    """Receives hide for 2 s, and ask for receive count and SentTimestamp."""
    invocation, request = case.exchange()
    case.respond(request)
    case.answer(invocation)
    receives = case.calls("ReceiveMessage")
    case.expect(receives, "it never received")
    for call in receives:
        case.expect_equal(call.request.get("VisibilityTimeout"), 2, "the visibility is another")
        asked = str(call.request.get("MessageSystemAttributeNames", ""))
        asked += str(call.request.get("AttributeNames", ""))
        for name in ("ApproximateReceiveCount", "SentTimestamp"):
            case.expect(
                name in asked or "All" in asked,
                f"{name} is not asked for",
                requirements=("SQS-9",),
            )


@proxy_check("wait.too-short", "EXC-5", "ERR-7", setup=ProxySetup(timeout_s=1))
def too_little_time_is_refused(case: ProxyCase) -> None:
    """A timeout that leaves less than 1 s to wait is refused, and nothing is sent."""
    invocation = case.invoke()
    case.error(invocation, "Proxy.TimeoutTooShort")
    sent = case.calls("SendMessage")
    case.expect(not sent, "a request was sent although nobody can wait for its answer")


@proxy_check("wait.long-answer", "EXC-6", "SQS-7")
def answers_are_taken_whenever_they_come(case: ProxyCase) -> None:
    """An answer that comes after some seconds reaches the caller at once."""
    invocation, request = case.exchange()
    time.sleep(2.5)
    at_ms = case.witness.now_ms()
    case.respond(request, b'"late, and in time"')
    case.expect(case.answer(invocation) == b'"late, and in time"', "another answer came")
    took_ms = invocation.result().ended_ms - at_ms
    case.expect(took_ms < _AT_ONCE_MS, f"it took {took_ms:,} ms from the answer to the caller")
