"""Calls that fail, for now or for good, and deliveries that are not as one would wish."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ldp_conformance.check import proxy_check
from ldp_conformance.checks.proxy.waiting import SHORT
from ldp_conformance.checks.proxy.window import WINDOW
from ldp_conformance.ports.setups import Feature
from ldp_conformance.witness import (
    BringBack,
    Cut,
    Deny,
    Duplicate,
    EmptyPolls,
    Hang,
    Reorder,
    ServerError,
    Throttle,
)

if TYPE_CHECKING:
    from ldp_conformance.cases.proxy_case import ProxyCase

_FOREVER: Final = 10_000
_NEEDS: Final = (Feature.SHARED,)
_SOON_MS: Final = 5_000
_SLACK_MS: Final = 950


@proxy_check("trouble.send-passing", "EXC-32", "EXC-1")
def sends_that_fail_for_now_are_repeated(case: ProxyCase) -> None:
    """A send that is throttled, fails, or is cut is repeated, with the same request ID."""
    for fault in (Throttle, ServerError, Cut):
        case.requests.inject(fault("SendMessage", times=2))
        mark = len(case.calls("SendMessage"))
        invocation, request = case.exchange()
        case.respond(request, b'"in spite of all"')
        came = case.answer(invocation)
        case.expect(came == b'"in spite of all"', f"the caller got {came!r}")
        calls = case.calls("SendMessage")[mark:]
        case.expect(len(calls) == 3, f"{len(calls)} sends instead of 3")  # noqa: PLR2004 - two fail


@proxy_check("trouble.sent-twice", "SQS-12", "EXC-3", "EXC-32")
def a_send_may_succeed_unnoticed(case: ProxyCase) -> None:
    """A send whose answer is lost is repeated as the same request."""
    case.requests.inject(Cut("SendMessage", after_effect=True))
    invocation, request = case.exchange()
    again = case.next_request(invocation)
    case.expect(again.id == request.id, "the repeated request has another ID")
    case.respond(request, b'"once"')
    case.respond(request, b'"twice"')
    came = case.answer(invocation)
    case.expect(came == b'"once"', f"the caller got {came!r}")


@proxy_check("trouble.receive-passing", "EXC-32", needs=_NEEDS)
def receives_that_fail_for_now_are_repeated(case: ProxyCase) -> None:
    """A receive that is throttled, fails, or is cut is repeated."""
    for fault in (Throttle, ServerError, Cut):
        case.reply_queue.inject(fault("ReceiveMessage", times=2))
        invocation, request = case.exchange()
        case.respond(request, b'"in spite of all"')
        came = case.answer(invocation)
        case.expect(came == b'"in spite of all"', f"the caller got {came!r}")


@proxy_check("trouble.send-denied", "EXC-32", "ERR-5")
def sends_that_are_denied_fail(case: ProxyCase) -> None:
    """A send that SQS denies fails with `Proxy.QueueError` long before the deadline."""
    case.settle()  # so that its start takes none of the time
    case.requests.inject(Deny("SendMessage", times=_FOREVER))
    error = case.error(case.invoke(), "Proxy.QueueError")
    took_ms = error.result.elapsed_ms
    case.expect(took_ms < _SOON_MS, f"it took {took_ms:,} ms although the reason will not pass")


@proxy_check("trouble.receive-denied", "EXC-32", "ERR-5", needs=_NEEDS)
def receives_that_are_denied_fail(case: ProxyCase) -> None:
    """A receive that SQS denies fails with `Proxy.QueueError` long before the deadline."""
    case.settle()  # so that its start takes none of the time
    case.reply_queue.inject(Deny("ReceiveMessage", times=_FOREVER))
    invocation, _ = case.exchange()
    error = case.error(invocation, "Proxy.QueueError")
    took_ms = error.result.elapsed_ms
    case.expect(took_ms < _SOON_MS, f"it took {took_ms:,} ms although the reason will not pass")


@proxy_check("trouble.no-queue", "ERR-5", "EXC-32", alone=True)
def a_request_queue_that_is_gone_is_an_error(case: ProxyCase) -> None:
    """Where the request queue is gone, the caller gets `Proxy.QueueError`."""
    case.requests.remove()
    case.error(case.invoke(), "Proxy.QueueError")


@proxy_check("trouble.outage", "EXC-6", "EXC-32", "ERR-5", setup=SHORT, alone=True)
def an_outage_ends_in_time(case: ProxyCase) -> None:
    """Where every send fails, the caller gets `Proxy.QueueError` by `answerByMs`."""
    case.requests.inject(ServerError("SendMessage", times=_FOREVER))
    invocation = case.invoke()
    error = case.error(invocation, "Proxy.QueueError")
    waited_ms = case.setup.timeout_s * 1000 - 1_000
    first_ms = case.calls("SendMessage")[0].begun_ms
    case.expect(
        error.result.ended_ms - first_ms < waited_ms + _SLACK_MS,
        "it went on after answerByMs",
        requirements=("EXC-6",),
    )


@proxy_check("trouble.hanging-send", "SQS-10", "EXC-32", alone=True)
def a_send_that_hangs_is_given_up(case: ProxyCase) -> None:
    """A send that hangs is given up after 3 s, and made again."""
    case.requests.inject(Hang("SendMessage", seconds=30))
    invocation = case.invoke()
    request = case.next_request(invocation)
    case.respond(request, b'"after all"')
    came = case.answer(invocation)
    case.expect(came == b'"after all"', f"the caller got {came!r}")
    calls = case.calls("SendMessage")
    between_ms = calls[1].begun_ms - calls[0].begun_ms
    case.expect(
        2_500 <= between_ms <= 7_000,  # noqa: PLR2004 - 3 s, and a pause before the next
        f"the second send came {between_ms:,} ms after the first, which hung",
    )


@proxy_check(
    "trouble.hanging-receive",
    "SQS-10",
    needs=(Feature.SHARED, Feature.START_WINDOW),
    setup=WINDOW,
    alone=True,
)
def a_receive_may_take_3_s_more_than_its_wait(case: ProxyCase) -> None:
    """A receive that answers some seconds after its wait is not given up."""
    case.reply_queue.inject(Hang("ReceiveMessage", seconds=3.7))
    invocation, request = case.exchange()
    case.respond(request, b'"slow"')
    came = case.answer(invocation)
    case.expect(came == b'"slow"', f"the caller got {came!r}")
    first = case.calls("ReceiveMessage")[0]
    case.expect(not first.was_cut, "a receive was given up while it could still answer")


@proxy_check("trouble.delete-fails", "EXC-33", needs=_NEEDS)
def a_failed_delete_costs_nothing(case: ProxyCase) -> None:
    """An answer whose message cannot be deleted reaches the caller soon."""
    for fault in (Deny, ServerError):
        case.reply_queue.inject(fault("DeleteMessage", times=_FOREVER))
        invocation, request = case.exchange()
        at_ms = case.witness.now_ms()
        case.respond(request, b'"kept"')
        came = case.answer(invocation)
        case.expect(came == b'"kept"', f"the caller got {came!r}")
        took_ms = invocation.result().ended_ms - at_ms
        case.expect(took_ms < _SOON_MS, f"the caller waited {took_ms:,} ms for a delete")
        case.reply_queue.clear_faults()


@proxy_check("trouble.deletes-hang", "EXC-33", needs=_NEEDS, alone=True)
def a_hanging_delete_costs_nothing(case: ProxyCase) -> None:
    """An answer whose delete hangs reaches the caller before its deadline."""
    case.reply_queue.inject(Hang("DeleteMessage", times=_FOREVER, seconds=30))
    invocation, request = case.exchange()
    case.respond(request, b'"kept"')
    came = case.answer(invocation)
    case.expect(came == b'"kept"', f"the caller got {came!r}")


@proxy_check("trouble.empty-polls", "SQS-12", needs=_NEEDS)
def empty_receives_are_normal(case: ProxyCase) -> None:
    """Receives that bring nothing although the answer waits are followed by others."""
    case.reply_queue.inject(EmptyPolls(times=4))
    invocation, request = case.exchange()
    case.respond(request, b'"found"')
    came = case.answer(invocation)
    case.expect(came == b'"found"', f"the caller got {came!r}")


@proxy_check("trouble.copies", "SQS-12", "EXC-3", "EXC-10", needs=_NEEDS)
def copies_and_returns_are_normal(case: ProxyCase) -> None:
    """Answers that come twice, come back, or come out of order disturb nobody."""
    case.reply_queue.inject(Duplicate(times=2))
    case.reply_queue.inject(BringBack(times=2))
    case.reply_queue.inject(Reorder(seed=7))
    for number in range(5):
        invocation, request = case.exchange()
        message_id = case.respond(request, b"%d" % number)
        came = case.answer(invocation)
        case.expect(came == b"%d" % number, f"the caller of {number} got {came!r}")
        case.reply_queue.copy(message_id)
