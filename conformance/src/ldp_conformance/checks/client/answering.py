"""How an answer leaves a client, and what may stand in its way (SES-13 to SES-19)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from ldp_conformance.cases.client_watch import (
    calls,
    expect_runs,
    expect_said,
    expect_silent_queue,
    names_receipt,
    usual_words,
)
from ldp_conformance.check import SOON_S, client_check
from ldp_conformance.ports.setups import Feature
from ldp_conformance.witness import ALWAYS, Cut, Hang, ServerError, Throttle

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.cases.client_values import Sent

_MS_PER_S: Final = 1_000
#: By how much a call may come later than it was decided, in ms.
_LATENCY_MS: Final = 400
#: The characters of the names of dedicated reply queues, and how many end one (EXC-29).
_NAME_CHARACTERS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_NAME_LENGTH: Final = 26


@client_check("answering.stored-before-delete", "SES-13")
def request_is_deleted_after_the_answer_is_stored(case: ClientCase) -> None:
    """A client deletes a request only after SQS has told it that the answer is stored."""
    case.reply_queue.inject(Hang("SendMessage", seconds=1.0))
    mark = case.witness.calls.mark()
    sent = case.send(case.request("echo", value=1))
    case.answer(sent)
    case.gone(sent)
    _expect_deleted_after_stored(case, sent, mark)


def _expect_deleted_after_stored(case: ClientCase, sent: Sent, mark: int) -> None:
    replies = {message.id for message in case.replies(sent)}
    taken = case.witness.calls.wait(
        lambda call: call.status == 200 and bool(replies & {*call.message_ids}),  # noqa: PLR2004 - OK
        since=mark,
        sender=case.stage.sender,
        within_s=SOON_S,
    )
    if taken is None or taken.ended_ms is None:
        raise case.missing("SQS did not take the answer")
    taken_ms = taken.ended_ms
    receipts = [each.receipt for each in case.requests.message(sent.message_id).receives]
    for call in calls(case, "DeleteMessage", case.requests.name, mark):
        if any(names_receipt(call, receipt) for receipt in receipts):
            # What was answered is written down a moment after the client can read it.
            case.expect(
                call.begun_ms >= taken_ms - 50,
                "a request is deleted before SQS took the answer",
                came=f"It was deleted {taken_ms - call.begun_ms} ms before.",
            )


@client_check("answering.same-bytes", "SES-14", "SES-13")
def repeated_answer_has_the_same_bytes(case: ClientCase) -> None:
    """An answer whose sending broke off is sent again byte for byte, or not at all.

    SQS stored it, and the connection broke before it could say so.
    """
    case.reply_queue.inject(Cut("SendMessage", 1, after_effect=True))
    sent = case.send(case.request("nonce"))
    case.answer(sent)
    case.gone(sent)
    bodies = {message.body for message in case.replies(sent)}
    case.expect(
        len(bodies) == 1, "two different answers are sent to one request", came="\n".join(bodies)
    )
    expect_runs(case, sent, 1, "the handler ran again because an answer could not be sent")


@client_check("answering.repeated", "SES-15")
def answer_is_repeated(case: ClientCase) -> None:
    """An answer that SQS did not take for a passing reason is sent again, more than once."""
    for fault in (
        Throttle("SendMessage"),
        ServerError("SendMessage", status=503),
        Cut("SendMessage"),
    ):
        case.reply_queue.inject(fault)
    mark = case.witness.calls.mark()
    sent = case.send(case.request("nonce"))
    case.answer(sent)
    case.gone(sent)
    _expect_deleted_after_stored(case, sent, mark)
    expect_runs(case, sent, 1, "the handler ran again because an answer could not be sent")


@client_check("answering.silent-after-answer-by", "SES-17", "SES-13")
def nothing_is_sent_after_answer_by(case: ClientCase) -> None:
    """A client sends no answer after `answerByMs`, however often it tried before."""
    case.reply_queue.inject(ServerError("SendMessage", ALWAYS))
    request = case.request("echo", value=1, answer_in_s=1.8)
    sent = case.send(request)
    case.began(sent.nonce)
    early = case.requests.wait(
        lambda m: m.id == sent.message_id and m.is_deleted,
        within_s=(request["answerByMs"] - case.witness.now_ms()) / _MS_PER_S - 0.1,
    )
    case.expect(
        early is None, "a request is deleted before it is answered", requirements=("SES-13",)
    )
    _sleep_until(case, request["answerByMs"] + _LATENCY_MS)
    mark = case.witness.calls.mark()
    case.reply_queue.clear_faults()
    expect_silent_queue(case, sent, 1.8, "an answer is sent after `answerByMs`")
    case.expect(
        not calls(case, "SendMessage", case.reply_queue.name, mark),
        "an answer is sent after `answerByMs`",
    )
    case.gone(sent)
    expect_runs(case, sent, 1, "a request that could not be answered is run again")


def _sleep_until(case: ClientCase, moment_ms: int) -> None:
    time.sleep(max(0.0, (moment_ms - case.witness.now_ms()) / _MS_PER_S))


@client_check("answering.caller-gone", "SES-16", "SES-6")
def request_of_a_caller_that_is_gone_is_deleted(case: ClientCase) -> None:
    """A client that learns that the reply queue is gone gives the request up, and says so.

    The reply queue is a dedicated one, which goes with its proxy.
    """
    suffix = "".join(case.rng.choices(_NAME_CHARACTERS, k=_NAME_LENGTH))
    request = case.request("echo", value=1) | {"replyTo": f"{case.reply_queue.url}-{suffix}"}
    usual = usual_words(case)
    begun = time.monotonic()
    sent = case.send(request)
    case.gone(sent)
    expect_said(case, begun, "that the caller is gone", usual)
    expect_silent_queue(case, sent, 0.2, "the answer is sent to a queue that it is not for")
    case.requests.bring_back(sent.message_id)
    case.gone(sent)
    expect_runs(case, sent, 1, "a request whose caller is gone is run again")
    case.expect(
        not case.replies(sent), "an answer is sent to another queue than the one that is gone"
    )


@client_check("answering.caller-gone-early", "SES-16", "SES-20", needs=[Feature.ACCEPTED])
def request_of_a_caller_that_is_gone_is_not_started(case: ClientCase) -> None:
    """A client whose `accepted` has no queue to go to any more deletes the request unrun."""
    suffix = "".join(case.rng.choices(_NAME_CHARACTERS, k=_NAME_LENGTH))
    request = case.request("echo", value=1) | {"replyTo": f"{case.reply_queue.url}-{suffix}"}
    sent = case.send(request | {"startByMs": case.witness.now_ms() + 8_000})
    message = case.gone(sent)
    case.expect(len(message.receives) == 1, "a request whose caller is gone is left to come again")
    expect_runs(case, sent, 0, "a request is started although nobody knows that it is")


@client_check("answering.failure-reported", "SES-18", "SES-19", needs=[Feature.REPORT])
def failure_is_reported(case: ClientCase) -> None:
    """A handler's failure is the answer, and the event is not run again."""
    sent = case.send(case.request("throw", type="NoSuchOrder", message="order 17 is unknown"))
    error = case.error(sent)
    case.expect_equal(error.type, "NoSuchOrder", "the answer has another type than the failure")
    case.expect_equal(error.message, "order 17 is unknown", "the answer has another message")
    case.gone(sent)
    time.sleep(0.3)
    expect_runs(case, sent, 1, "an event that failed is run again without being asked")
    case.expect(len(case.replies(sent)) == 1, "a failure is answered more than once")
