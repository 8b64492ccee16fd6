"""How a client keeps what it works on from everybody else, and for how long (SES-7 to SES-12)."""

from __future__ import annotations

import time
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Final

from ldp_conformance.cases.client_watch import (
    calls,
    expect_runs,
    expect_said,
    expect_silent_queue,
    finish,
    run_ended,
    start_waiting,
    usual_words,
)
from ldp_conformance.check import SOON_S, client_check
from ldp_conformance.ports.setups import ClientSetup

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.witness import Message

_MS_PER_S: Final = 1_000
_RENEWALS_PER_LEASE: Final = 4
#: By how much the usual distance of renewals may be off on a machine that is busy.
_TOLERANCE: Final = 1.6
#: By how much a call may come later than it was decided, in ms.
_LATENCY_MS: Final = 350
_LONGER: Final = ClientSetup(lease_s=6)


@client_check("lease.set-on-receive", "SES-7", "SES-12")
def lease_is_set_on_receive(case: ClientCase) -> None:
    """A client sets the configured lease on every receive."""
    case.answer(case.send(case.request("echo", value=1)))
    _expect_lease_on_receives(case)


def _expect_lease_on_receives(case: ClientCase) -> None:
    lease_s = case.setup.lease_s
    for call in calls(case, "ReceiveMessage", case.requests.name):
        asked = call.request.get("VisibilityTimeout")
        case.expect(
            asked == lease_s,
            f"a receive does not set the lease of {lease_s} s that is configured",
            came=f"VisibilityTimeout: {asked}",
            hint="LAMBDA_PROXY_LEASE_S tells it; the queue's own visibility timeout is another.",
        )


@client_check("lease.renewed", "SES-7")
def lease_is_renewed(case: ClientCase) -> None:
    """A client renews its lease every quarter of it while the handler waits."""
    waiting = start_waiting(case)
    _expect_renewed(case, _renewed(case, waiting.sent.message_id, 4))
    finish(case, waiting)


@client_check("lease.renewed-while-blocked", "SES-7")
def lease_is_renewed_while_blocked(case: ClientCase) -> None:
    """A client renews its lease while the handler sleeps, and while it computes without a pause."""
    for do in ("sleep", "spin"):
        sent = case.send(case.request(do, ms=1_700, value=do))
        case.answer(sent)
        message = case.gone(sent)
        run = run_ended(case, sent.nonce)
        ended_ms = run.ended_ms or 0
        in_time = [at_ms for at_ms, _ in message.receives[0].renewals if at_ms < ended_ms]
        case.expect(
            len(in_time) > 1,
            f"the lease is not renewed every quarter of it while the handler does `{do}`",
            came=f"Renewals while it ran for 1.7 s: {len(in_time)}.",
            hint="What renews the lease must not wait for the handler's thread or event loop.",
        )


@client_check("lease.configured", "SES-12", "SES-7", setup=_LONGER)
def another_lease_is_renewed_less_often(case: ClientCase) -> None:
    """A client with another lease time sets that one, and renews every quarter of it."""
    waiting = start_waiting(case)
    _expect_renewed(case, _renewed(case, waiting.sent.message_id, 2))
    _expect_lease_on_receives(case)
    finish(case, waiting)


def _renewed(case: ClientCase, message_id: str, times: int) -> Message:
    """Wait until the lease of a message has been renewed so often."""
    within_s = times * case.setup.lease_s / _RENEWALS_PER_LEASE * 2 + 1
    message = case.requests.wait(
        lambda m: m.id == message_id and len(m.receives[0].renewals) >= times, within_s=within_s
    )
    if message is None:
        count = len(case.requests.message(message_id).receives[0].renewals)
        raise case.missing(f"the lease is renewed {count} times in {within_s:g} s, not {times}")
    return message


def _expect_renewed(case: ClientCase, message: Message) -> None:
    receive, lease_s = message.receives[0], case.setup.lease_s
    times = [receive.at_ms, *(at_ms for at_ms, _ in receive.renewals)]
    steps_s = [(later - earlier) / _MS_PER_S for earlier, later in pairwise(times)]
    usual_s, wanted_s = median(steps_s), lease_s / _RENEWALS_PER_LEASE
    came = f"From the receive on: {', '.join(f'{step:.2f} s' for step in steps_s)}."
    case.expect(
        wanted_s / _TOLERANCE <= usual_s <= wanted_s * _TOLERANCE,
        f"a lease of {lease_s} s is not renewed every {wanted_s:g} s",
        came=came,
    )
    case.expect(max(steps_s) < lease_s, "a lease lapsed while the handler ran", came=came)
    case.expect(
        {seconds for _, seconds in receive.renewals} == {lease_s},
        f"a renewal is not for the lease of {lease_s} s",
        came=str([seconds for _, seconds in receive.renewals]),
    )


@client_check("lease.not-beyond-answer-by", "SES-8")
def lease_ends_at_answer_by(case: ClientCase) -> None:
    """A client never extends a lease by more whole seconds than are begun until `answerByMs`."""
    # So that no renewal is due where a moment more or less makes a second of difference.
    waiting = start_waiting(case, answer_in_s=2.9)
    answer_by_ms = waiting.answer_by_ms or 0
    message = case.gone(waiting.sent)
    renewals = message.receives[0].renewals
    case.expect(len(renewals) > 1, "the lease is not renewed while the handler runs")
    for at_ms, seconds in renewals:
        beyond_ms = at_ms + seconds * _MS_PER_S - answer_by_ms
        case.expect(
            beyond_ms < _MS_PER_S + _LATENCY_MS,
            "a lease is extended beyond the time for which the caller waits",
            came=f"{(answer_by_ms - at_ms) / _MS_PER_S:.2f} s before `answerByMs` it is "
            f"extended by {seconds} s.",
        )
    case.flag(waiting.flag)
    run_ended(case, waiting.sent.nonce)


@client_check("lease.overdue-keeps-its-handler", "SES-1", "SES-9")
def overdue_handler_is_busy(case: ClientCase) -> None:
    """A handler that runs beyond `answerByMs` is busy still: nothing is received for it."""
    waiting = start_waiting(case, answer_in_s=0.8)
    case.gone(waiting.sent, within_s=5.0)
    later = case.send(case.request("echo", value="later"))
    time.sleep(0.5)
    if case.requests.message(later.message_id).receives:  # for another handler that is free
        case.began(later.nonce, within_s=2.0)
    case.flag(waiting.flag)
    run_ended(case, waiting.sent.nonce)
    case.expect_equal(case.result(later), "later", "the answer is not that of the later request")
    case.gone(later)


@client_check("lease.overdue-is-discarded", "SES-9", "SES-17", "SES-6")
def overdue_request_is_discarded(case: ClientCase) -> None:
    """A request still running at `answerByMs` is deleted, and its result discarded with a word."""
    usual = usual_words(case)
    begun = time.monotonic()
    waiting = start_waiting(case, answer_in_s=1.2)
    answer_by_ms = waiting.answer_by_ms or 0
    deleted_ms = case.gone(waiting.sent, within_s=5.0).deleted_at_ms or 0
    case.expect(
        deleted_ms > answer_by_ms - 100,
        "a running request was deleted before its `answerByMs`",
        requirements=("SES-5", "SES-13"),
    )
    case.flag(waiting.flag)
    run_ended(case, waiting.sent.nonce)
    expect_said(case, begun, "that the result came too late and is not sent", usual)
    expect_silent_queue(case, waiting.sent, 0.5, "a result is sent after `answerByMs`")
    case.requests.bring_back(waiting.sent.message_id)
    case.gone(waiting.sent, within_s=SOON_S)
    expect_runs(case, waiting.sent, 1, "a request that was discarded is run again")
