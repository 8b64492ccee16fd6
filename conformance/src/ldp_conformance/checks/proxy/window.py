"""The start window: how a proxy learns that nobody is there, and how it does not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from ldp_conformance.check import proxy_check
from ldp_conformance.ports.setups import Feature, ProxySetup
from ldp_conformance.witness import ServerError

if TYPE_CHECKING:
    from ldp_conformance.cases.proxy_case import ProxyCase
    from ldp_conformance.cases.replying import Request

_NEEDS: Final = (Feature.START_WINDOW, Feature.SHARED)
WINDOW: Final = ProxySetup(start_within_s=3)
_TIGHT: Final = ProxySetup(timeout_s=9, start_within_s=3)
_GRACE_MS: Final = 3_000
_TICK_MS: Final = 20
_LATEST_MS: Final = 8_000
_WINDOW_MS: Final = 3_000
_SLACK_MS: Final = 2_000


def _sleep_until(case: ProxyCase, at_ms: int) -> None:
    time.sleep(max(0.0, (at_ms - case.witness.now_ms()) / 1000))


@proxy_check("window.told", "EXC-18", "ENV-6", needs=_NEEDS, setup=WINDOW)
def requests_say_until_when_to_start(case: ProxyCase) -> None:
    """With a start window, `startByMs` is the instant at which it ends."""
    invocation, request = case.exchange()
    case.respond(request)
    case.answer(invocation)
    start_by_ms = request.envelope.get("startByMs")
    case.expect(start_by_ms is not None, "the request has no startByMs")
    window_ms = request.start_by_ms - request.message.sent_at_ms
    is_right = abs(window_ms - _WINDOW_MS) < _SLACK_MS
    case.expect(is_right, f"startByMs is {window_ms:,} ms after the sending, not 3,000 ms")


@proxy_check("window.absent", "EXC-19", "EXC-21", "ERR-9", needs=_NEEDS, setup=WINDOW)
def absence_is_found_out(case: ProxyCase) -> None:
    """Where nobody accepts, `Proxy.Absent` comes 3 s after the window, after an empty receive."""
    invocation, request = case.exchange()
    error = case.error(invocation, "Proxy.Absent")
    late_ms = error.result.ended_ms - request.start_by_ms
    case.expect(late_ms >= _GRACE_MS - _TICK_MS, f"it concluded {late_ms:,} ms after startByMs")
    case.expect(late_ms < _LATEST_MS, f"it took {late_ms:,} ms from startByMs to conclude")
    proofs = [
        call
        for call in case.calls("ReceiveMessage")
        if call.begun_ms > request.start_by_ms
        and (call.ended_ms or 0) >= request.start_by_ms + _GRACE_MS - _TICK_MS
        and call.error is None
        and not call.was_cut
        and not call.message_ids
    ]
    case.expect(proofs, "no receive that began after startByMs had ended empty by then")


@proxy_check("window.accepted", "EXC-18", "EXC-19", "SQS-12", needs=_NEEDS, setup=WINDOW)
def an_accepted_counts(case: ProxyCase) -> None:
    """After an `accepted` in time, and a second copy of it, the proxy waits for the answer."""
    invocation, request = case.exchange()
    message_id = case.accept(request)
    case.reply_queue.copy(message_id)
    _sleep_until(case, request.start_by_ms + _GRACE_MS + 1_500)
    case.expect(not invocation.is_done, "it did not wait for the answer to an accepted request")
    case.respond(request, b'"accepted"')
    came = case.answer(invocation)
    case.expect(came == b'"accepted"', f"the caller got {came!r}")


@proxy_check("window.accepted-late", "EXC-18", "EXC-19", needs=_NEEDS, setup=WINDOW)
def a_late_accepted_does_not_count(case: ProxyCase) -> None:
    """An `accepted` that SQS stored after `startByMs` does not count."""
    invocation, request = case.exchange()
    _sleep_until(case, request.start_by_ms + 300)
    case.accept(request)
    case.error(invocation, "Proxy.Absent")


@proxy_check("window.declined", "EXC-19", needs=_NEEDS, setup=WINDOW)
def a_declined_proves_nothing(case: ProxyCase) -> None:
    """A `declined` does not end the wait for another client's `accepted`."""
    invocation, request = case.exchange()
    case.decline(request)
    _sleep_until(case, request.start_by_ms - 500)
    case.expect(not invocation.is_done, "it gave up when one client declined")
    case.accept(request)
    case.respond(request, b'"another client"')
    came = case.answer(invocation)
    case.expect(came == b'"another client"', f"the caller got {came!r}")


@proxy_check("window.own-reply", "EXC-19", needs=_NEEDS, setup=WINDOW)
def an_own_reply_is_no_silence(case: ProxyCase) -> None:
    """A receive that brought a reply of its own does not prove absence; another one has to."""
    invocation, request = case.exchange()
    _sleep_until(case, request.start_by_ms + _GRACE_MS - 300)
    message_id = case.decline(request)
    error = case.error(invocation, "Proxy.Absent")
    received = case.reply_queue.message(message_id).receives
    at_ms = received[0].at_ms if received else error.result.ended_ms
    later = [
        call
        for call in case.calls("ReceiveMessage")
        if call.begun_ms >= at_ms and call.error is None and not call.message_ids
    ]
    case.expect(later, "it concluded from a receive that had brought a reply of its own")


@proxy_check("window.queue-error", "EXC-20", "ERR-5", needs=_NEEDS, setup=_TIGHT)
def an_error_is_no_silence(case: ProxyCase) -> None:
    """Where receives fail, the end is `Proxy.QueueError`, not absence."""
    case.reply_queue.inject(ServerError("ReceiveMessage", times=10_000))
    invocation = case.invoke()
    case.next_request(invocation)
    case.error(invocation, "Proxy.QueueError")


@proxy_check("window.error-between", "EXC-19", "EXC-20", needs=_NEEDS, setup=WINDOW)
def absence_needs_a_receive_that_succeeds(case: ProxyCase) -> None:
    """Where receives fail for a while, absence is concluded only from a later one."""
    invocation, request = case.exchange()
    _sleep_until(case, request.start_by_ms - 300)
    case.reply_queue.inject(ServerError("ReceiveMessage", times=10_000))
    _sleep_until(case, request.start_by_ms + _GRACE_MS + 1_000)
    case.expect(not invocation.is_done, "it concluded although its receives had failed")
    case.accept(request)
    case.reply_queue.clear_faults()
    case.respond(request, b'"there all the time"')
    came = case.answer(invocation)
    case.expect(came == b'"there all the time"', f"the caller got {came!r}")


@proxy_check("window.silence", "EXC-22", "ERR-3", needs=_NEEDS, setup=_TIGHT)
def silence_after_an_accepted_is_no_absence(case: ProxyCase) -> None:
    """After an `accepted`, silence ends in `Proxy.NoResponse`."""
    invocation, request = case.exchange()
    case.accept(request)
    case.error(invocation, "Proxy.NoResponse")


@proxy_check("window.answer-only", "EXC-23", needs=_NEEDS, setup=WINDOW)
def an_answer_needs_no_accepted(case: ProxyCase) -> None:
    """A response is the answer although no `accepted` was seen."""
    for delay_ms in (-1_500, 1_000):
        invocation, request = case.exchange()
        _sleep_until(case, request.start_by_ms + delay_ms)
        case.respond(request, b'"no accepted"')
        came = case.answer(invocation)
        case.expect(came == b'"no accepted"', f"the caller got {came!r}")


@proxy_check("window.two-clients", "EXC-24", needs=_NEEDS, setup=WINDOW)
def two_clients_are_noticed(case: ProxyCase) -> None:
    """`Proxy.DoubleRun` is logged when a second client accepts."""
    invocation, request = case.exchange()
    case.accept(request)
    case.accept(request)
    _deliver(case, request)
    case.respond(request)
    case.answer(invocation)
    until = time.monotonic() + 5
    while "DoubleRun" not in case.port.output and time.monotonic() < until:
        time.sleep(0.05)
    case.expect("Proxy.DoubleRun" in case.port.output, "Proxy.DoubleRun is not in the log")


def _deliver(case: ProxyCase, request: Request) -> None:
    """Wait until everything in the reply queue was taken."""
    case.reply_queue_of(request).wait(
        lambda _: all(each.is_deleted for each in case.reply_queue_of(request).messages()),
        within_s=5,
    )


@proxy_check("window.none", "EXC-18", needs=(Feature.SHARED,))
def without_a_window_nothing_is_to_be_accepted(case: ProxyCase) -> None:
    """Without a start window the request has no `startByMs`."""
    invocation, request = case.exchange()
    case.respond(request)
    case.answer(invocation)
    case.expect("startByMs" not in request.envelope, "the request has startByMs")
