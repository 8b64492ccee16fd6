"""What a client takes in, what it does not start, and what it does with copies (SES-1 to SES-6)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from ldp_conformance.cases.client_watch import (
    busy,
    expect_runs,
    expect_said,
    expect_silent_queue,
    finish,
    message_gone,
    start_waiting,
    until,
    usual_words,
)
from ldp_conformance.check import SOON_S, client_check
from ldp_conformance.witness import ALWAYS, IgnoreStaleDelete, ServerError

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.cases.client_values import Sent

#: How long a client has to do with a request that it deleted; a copy before that is adopted.
_DONE_S: Final = 0.3
#: How long to watch for what must not happen, in seconds.
_WATCH_S: Final = 0.8
#: How long a client that can take a copy in while its answer is stuck may take to do so.
_ADOPTION_S: Final = 2.0


@client_check("receiving.one-at-a-time", "SES-1")
def receives_what_it_can_run(case: ClientCase) -> None:
    """A client receives no more messages at a time than it has handlers free."""
    first = start_waiting(case)
    flags = [case.fresh("flag") for _ in range(3)]
    others = [case.send(case.request("wait", flag=flag, value=1)) for flag in flags]

    time.sleep(_WATCH_S)
    _expect_none_waits_inside(case, others)
    finish(case, first)
    until(case, lambda: any(case.runs(s.nonce) for s in others), "nothing else is run", SOON_S)
    time.sleep(_WATCH_S)
    _expect_none_waits_inside(case, others)

    for flag in flags:
        case.flag(flag)
    for sent in others:
        case.answer(sent)
        case.gone(sent)


def _expect_none_waits_inside(case: ClientCase, others: list[Sent]) -> None:
    received = [s for s in others if case.requests.message(s.message_id).receives]
    case.observe()
    for sent in received:
        until(
            case,
            lambda sent=sent: case.runs(sent.nonce),  # type: ignore[misc]
            "a message was received although no handler was free: it is not run",
            2.0,
        )


@client_check("receiving.expired", "SES-2", "SES-6")
def expired_request_is_deleted(case: ClientCase) -> None:
    """A request received after its `answerByMs` is not run but deleted, and the client says so."""
    usual = usual_words(case)
    begun = time.monotonic()
    request = case.request("echo", value=1, answer_in_s=-1.0)
    request["sentAtMs"] -= 60_000
    sent = case.send(request)

    case.gone(sent)
    expect_said(case, begun, "that a request was not started because nobody waits for it", usual)
    case.requests.bring_back(sent.message_id)
    case.gone(sent)
    expect_runs(case, sent, 0, "the handler ran for a request that had expired")
    expect_silent_queue(case, sent, 0.2, "an expired request is answered")


@client_check("receiving.expired-in-the-queue", "SES-2")
def request_that_expires_in_the_queue_is_not_run(case: ClientCase) -> None:
    """A request that expires while the client is busy with another is not run but deleted."""
    with busy(case):
        sent = case.send(case.request("echo", value=1, answer_in_s=0.8))
        time.sleep(1.0)
        late = not case.requests.message(sent.message_id).receives

    if late:  # a client with another handler free may have run it in time
        case.gone(sent)
        expect_runs(case, sent, 0, "the handler ran for a request that had expired")
        case.expect(not case.replies(sent), "an expired request is answered")


@client_check("receiving.running-not-started-again", "SES-3", "SES-5")
def running_request_is_not_started_again(case: ClientCase) -> None:
    """A redelivery and a second copy of a running request do not start it a second time."""
    waiting = start_waiting(case)
    sent = waiting.sent
    copy_id = case.requests.copy(sent.message_id)
    case.requests.redeliver(sent.message_id)

    early = case.requests.wait(
        lambda m: m.id in {sent.message_id, copy_id} and m.is_deleted, within_s=_WATCH_S
    )
    case.expect(early is None, "a copy of a running request was deleted", requirements=("SES-5",))
    expect_runs(case, sent, 1, "a running request was started a second time")
    finish(case, waiting)
    message_gone(case, copy_id, "the second copy of an answered request")
    expect_runs(case, sent, 1, "an answered request was started a second time")
    case.expect(
        len({m.body for m in case.replies(sent)}) == 1,
        "a request got different answers",
        requirements=("SES-14",),
    )


@client_check("receiving.copies-adopted", "SES-4", "SES-3", "SES-5")
def copies_are_adopted(case: ClientCase) -> None:
    """Copies of a request in work are renewed by the newest handle, and deleted once answered.

    The answer cannot be sent at first, so that the handler is free while the request is in work.
    """
    case.reply_queue.inject(ServerError("SendMessage", ALWAYS))
    case.requests.inject(IgnoreStaleDelete())
    mark = case.witness.calls.mark()
    sent = case.send(case.request("nonce"))
    tried = case.witness.calls.wait(
        lambda call: call.sender == case.stage.sender and call.is_operation("SendMessage"),
        since=mark,
        within_s=SOON_S,
    )
    if tried is None:
        raise case.missing(f"no answer was sent within {SOON_S:g} s")
    copy_id = case.requests.copy(sent.message_id)
    case.requests.redeliver(sent.message_id)

    adopted = case.requests.wait(
        lambda m: m.id == copy_id and bool(m.receives), within_s=_ADOPTION_S
    )
    received = {sent.message_id: 0, copy_id: 0}
    if adopted is not None:
        time.sleep(1.2)
        _expect_renewed(case, copy_id, "a copy of a request in work")
        _expect_renewed(case, sent.message_id, "a request that came a second time")
        received = {each: len(case.requests.message(each).receives) for each in received}
    case.reply_queue.clear_faults()
    stored_ms = case.reply(sent).message.sent_at_ms
    for message_id, times in received.items():
        message = message_gone(case, message_id, "a copy of an answered request")
        case.expect(
            (message.deleted_at_ms or 0) >= stored_ms,
            "a copy of a request was deleted before the answer was stored",
            requirements=("SES-5",),
        )
        case.expect(
            times in (0, len(message.receives)),
            "a copy of a request is not deleted with it, but left to come again",
            requirements=("SES-4",),
        )
    case.requests.clear_faults()
    expect_runs(case, sent, 1, "a request in work was started a second time")


def _expect_renewed(case: ClientCase, message_id: str, what: str) -> None:
    message = case.requests.message(message_id)
    if message.receives[-1].sender == case.stage.sender:
        case.expect(not message.is_deleted, f"{what} was deleted", requirements=("SES-5",))
        case.expect(
            message.receives[-1].renewals,
            f"the lease of {what} is not renewed through its newest receipt handle",
            requirements=("SES-4",),
        )


@client_check("receiving.answered-not-run-again", "SES-6")
def answered_request_is_not_run_again(case: ClientCase) -> None:
    """An answered request that SQS delivers again is deleted, not run."""
    sent = case.send(case.request("nonce"))
    case.answer(sent)
    case.gone(sent)
    time.sleep(_DONE_S)

    case.requests.bring_back(sent.message_id)
    copy_id = case.requests.copy(sent.message_id)
    message_gone(case, sent.message_id, "an answered request that came back")
    message_gone(case, copy_id, "another copy of an answered request")
    expect_runs(case, sent, 1, "an answered request was run again")
    case.expect(len(case.replies(sent)) == 1, "an answered request was answered again")
