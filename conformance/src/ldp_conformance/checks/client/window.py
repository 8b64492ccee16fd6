"""The start window: what a client says before it starts a handler (SES-20 to SES-23)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance.cases.client_watch import (
    calls,
    expect_runs,
    finish,
    message_gone,
    start_waiting,
    until,
)
from ldp_conformance.check import SOON_S, client_check
from ldp_conformance.ports.setups import Feature
from ldp_conformance.witness import Cut, DeadPoll, Hang, LateStore

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.cases.client_values import Sent
    from ldp_conformance.witness import Message, Receive

_MS_PER_S: Final = 1_000
#: For how long a late request is hidden that somebody else may run (SES-23), and how much the
#: moments of two clocks' readings may lie apart.
_SKIP_S: Final = 5
_LATENCY_MS: Final = 50


def _with_window(
    case: ClientCase, do: str = "echo", *, start_in_ms: int, **more: Any
) -> dict[str, Any]:
    now_ms = case.witness.now_ms()
    return case.request(do, **({"value": 1} | more)) | {"startByMs": now_ms + start_in_ms}


@client_check("window.accepted-first", "SES-20", "SES-21", needs=[Feature.ACCEPTED])
def accepted_comes_before_the_start(case: ClientCase) -> None:
    """A client sends `accepted`, once, and starts the handler only when SQS has stored it."""
    case.reply_queue.inject(Hang("SendMessage", seconds=0.6))
    mark = case.witness.calls.mark()
    sent = case.send(_with_window(case, start_in_ms=9_000))
    accepted = case.reply(sent, kind="accepted").message
    run = case.began(sent.nonce)
    call = case.witness.calls.wait(
        lambda c: accepted.id in c.message_ids and c.ended_ms is not None,
        since=mark,
        sender=case.stage.sender,
        within_s=1.0,
    )
    stored_ms = accepted.sent_at_ms if call is None else call.ended_ms or 0
    case.expect(
        run.began_ms >= stored_ms - _LATENCY_MS,
        "the handler is started before SQS stored the `accepted`",
        came=f"It began {stored_ms - run.began_ms} ms earlier.",
    )
    case.answer(sent)
    case.gone(sent)
    _expect_accepted(case, sent, 1)


def _expect_accepted(case: ClientCase, sent: Sent, most: int) -> None:
    came = case.replies(sent, "accepted")
    case.expect(
        len(came) <= most,
        f"`accepted` is sent {len(came)} times, not {most}",
        came="\n".join(message.body for message in came),
        requirements=("SES-20",),
    )


@client_check("window.accepted-once", "SES-20", needs=[Feature.ACCEPTED])
def accepted_is_sent_once(case: ClientCase) -> None:
    """A client sends `accepted` once for a request, however often it receives it."""
    window_ms = case.witness.now_ms() + 9_000
    waiting = start_waiting(case, startByMs=window_ms)
    copy_id = case.requests.copy(waiting.sent.message_id)
    case.requests.redeliver(waiting.sent.message_id)
    time.sleep(0.3)
    finish(case, waiting)
    message_gone(case, copy_id, "another copy of an answered request")
    case.requests.bring_back(waiting.sent.message_id)
    case.gone(waiting.sent)
    _expect_accepted(case, waiting.sent, 1)
    expect_runs(case, waiting.sent, 1, "an accepted request is run again")


@client_check("window.not-unasked", "SES-20")
def accepted_is_not_sent_unasked(case: ClientCase) -> None:
    """A client sends nothing but the response to a request without `startByMs`."""
    sent = case.send(case.request("echo", value=1))
    case.answer(sent)
    case.gone(sent)
    came = [message.body for message in case.replies(sent)]
    case.expect(len(came) == 1, "more than the response is sent unasked", came="\n".join(came))


@client_check("window.stored-late", "SES-21", "SES-22", needs=[Feature.ACCEPTED])
def request_accepted_late_is_not_started(case: ClientCase) -> None:
    """A client does not start if the `Date` of its `accepted`, plus 1 s, is after `startByMs`.

    The `accepted` is stored in the very second in which the window closes, before it does.
    """
    case.answer(case.send(case.request("echo", value=1)))  # so that the next goes quickly
    now_ms = case.witness.now_ms()
    second_ms = ((now_ms + 600) // _MS_PER_S + 1) * _MS_PER_S
    request = case.request("echo", value=1) | {"startByMs": second_ms + 900}
    case.reply_queue.inject(LateStore((second_ms + 300 - now_ms) / _MS_PER_S))
    sent = case.send(request)

    _expect_declined(case, sent)
    case.gone(sent)
    _expect_accepted(case, sent, 1)
    case.requests.bring_back(sent.message_id)
    case.gone(sent)
    expect_runs(case, sent, 0, "the handler ran although the `accepted` was stored too late")


def _expect_declined(case: ClientCase, sent: Sent) -> None:
    until(
        case,
        lambda: case.replies(sent, "declined") or case.runs(sent.nonce),
        "a request whose `accepted` was not stored in time is not declined",
        10.0,
    )
    expect_runs(case, sent, 0, "the handler ran although the `accepted` was not stored in time")
    reason = case.reply(sent, kind="declined").envelope["reason"]
    case.expect_equal(
        reason, "late", "the reason of the `declined` is another", requirements=("SES-22",)
    )


@client_check("window.stored-or-not", "SES-22", "SES-20", needs=[Feature.ACCEPTED])
def request_accepted_without_word_is_not_started(case: ClientCase) -> None:
    """A client that does not learn whether its `accepted` was stored declines and does not run."""
    case.reply_queue.inject(Cut("SendMessage", 1, after_effect=True))
    sent = case.send(_with_window(case, start_in_ms=6_000))
    _expect_declined(case, sent)
    case.gone(sent)
    case.requests.bring_back(sent.message_id)
    case.gone(sent)
    expect_runs(case, sent, 0, "a request that was declined is run when it comes again")
    _expect_accepted(case, sent, 1)


@client_check("window.declined-for-good", "SES-22", "SES-20", "SES-23", needs=[Feature.ACCEPTED])
def declined_request_is_not_accepted_again(case: ClientCase) -> None:
    """A client that declined a request does not accept it when it comes again in its window."""
    case.reply_queue.inject(Cut("SendMessage", 1, after_effect=True))
    sent = _send_seen(case, _with_window(case, start_in_ms=20_000))
    _expect_declined(case, sent)
    _wait_hidden(case, sent)
    times = len(_own_receives(case, sent))
    case.requests.redeliver(sent.message_id)
    until(
        case,
        lambda: len(_own_receives(case, sent)) > times,
        "a request that was declined is not received when it comes again",
        SOON_S,
    )
    expect_hidden(case, sent)
    _expect_accepted(case, sent, 1)


def _own_receives(case: ClientCase, sent: Sent) -> list[Receive]:
    receives = case.requests.message(sent.message_id).receives
    return [each for each in receives if each.sender == case.stage.sender]


@client_check("window.stored-late-again", "SES-22", "SES-23", needs=[Feature.ACCEPTED])
def request_accepted_late_is_left_alone(case: ClientCase) -> None:
    """A request that another client received before is hidden for 5 s when `accepted` is late."""
    case.reply_queue.inject(LateStore(2.5))
    sent = _send_seen(case, _with_window(case, start_in_ms=2_000))
    expect_hidden(case, sent)
    case.reply_queue.clear_faults()


def _send_seen(case: ClientCase, request: dict[str, Any]) -> Sent:
    """Send a request that the client receives for the second time.

    The first time its connection dies; that somebody else received it looks the same.
    """
    case.requests.inject(DeadPoll())
    sent = case.send(request)
    case.received(sent)
    case.requests.redeliver(sent.message_id)
    case.received(sent, times=2)
    return sent


def expect_hidden(case: ClientCase, sent: Sent) -> None:
    """Wait until the client has hidden a request for 5 s, unrun, and take it away.

    Raises:
        NonConformance: It does something else.
    """
    _wait_hidden(case, sent)
    case.requests.delete(sent.message_id)


def _wait_hidden(case: ClientCase, sent: Sent) -> None:

    def is_hidden(message: Message) -> bool:
        own = [each for each in message.receives if each.sender == case.stage.sender]
        return bool(own) and _SKIP_S in [seconds for _, seconds in own[-1].renewals]

    found = case.requests.wait(lambda m: m.id == sent.message_id and is_hidden(m), within_s=6.0)
    message = case.requests.message(sent.message_id)
    case.expect(
        not message.is_deleted,
        "a late request is deleted although somebody else may be running it",
        requirements=("SES-23",),
    )
    case.expect(
        found is not None,
        "a late request that somebody else may be running is not hidden for 5 s",
        came=str([each.renewals for each in message.receives]),
        requirements=("SES-23",),
    )
    expect_runs(case, sent, 0, "a request was started although its window had closed")


@client_check("window.received-late", "SES-23", needs=[Feature.ACCEPTED])
def request_received_late_is_deleted(case: ClientCase) -> None:
    """A request received after `startByMs` that nobody else has seen is deleted, not started."""
    sent = case.send(_with_window(case, start_in_ms=-300))
    case.gone(sent)
    expect_runs(case, sent, 0, "a request was started although its window had closed")
    _expect_accepted(case, sent, 0)
    case.requests.bring_back(sent.message_id)
    case.gone(sent)
    expect_runs(case, sent, 0, "a request that was discarded is started when it comes again")


@client_check("window.received-late-again", "SES-23", needs=[Feature.ACCEPTED])
def request_received_late_again_is_hidden(case: ClientCase) -> None:
    """A request received after `startByMs` that another has seen is hidden for 5 s and skipped."""
    sent = _send_seen(case, _with_window(case, start_in_ms=0))
    expect_hidden(case, sent)
    _expect_accepted(case, sent, 0)
    case.expect(
        not [call for call in calls(case, "SendMessage", case.reply_queue.name) if call.error],
        "a call was refused",
    )
