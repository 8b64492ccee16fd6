"""SQS: how a client calls it, and that nothing which SQS may do at any time disturbs an event."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from ldp_conformance.cases.client_watch import busy
from ldp_conformance.check import SOON_S, client_check
from ldp_conformance.requirements import Level
from ldp_conformance.witness import (
    Cut,
    DeadPoll,
    EmptyPolls,
    Reorder,
    ServerError,
    Throttle,
)

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.cases.client_values import Sent
    from ldp_conformance.witness import Call

#: How long a client has to do with a request that it deleted; a copy before that is adopted.
_DONE_S: Final = 0.3
_ATTRIBUTES: Final = ("ApproximateReceiveCount", "SentTimestamp")
_LONGEST_WAIT_S: Final = 20
#: For how long an idle client is watched.
_WATCHED_S: Final = 1.5


def receives(case: ClientCase, mark: int = 0) -> list[Call]:
    """The receives of this client since a mark, from its request queue."""
    return case.witness.calls.since(
        mark, sender=case.stage.sender, operation="ReceiveMessage", queue=case.requests.name
    )


@client_check("sqs.waits-long-while-idle", "SQS-6", "SQS-7", level=Level.SHOULD, alone=True)
def an_idle_client_polls_long(case: ClientCase) -> None:
    """A client that has nothing to do receives with a wait of 20 s, and lets it be."""
    sent = case.send(case.request("echo", value=1))
    case.answer(sent)
    case.gone(sent)
    case.witness.calls.wait(
        lambda call: call.operation == "ReceiveMessage" and call.ended_ms is None,
        sender=case.stage.sender,
        within_s=SOON_S,
    )
    idle = [call for call in receives(case) if call.ended_ms is None]
    case.expect(idle, "an idle client does not receive")
    waits = [_wait_s(case, call) for call in idle]
    case.expect_equal(waits, [_LONGEST_WAIT_S] * len(waits), "an idle client does not wait 20 s")
    numbers = {each.number for each in idle}
    ended = case.witness.calls.wait(
        lambda call: call.number in numbers and call.ended_ms is not None,
        sender=case.stage.sender,
        within_s=_WATCHED_S,
    )
    case.expect(ended is None, "the receive of an idle client ends long before 20 s are over")


def _wait_s(case: ClientCase, call: Call) -> int:
    told = call.request.get("WaitTimeSeconds", case.requests.settings.receive_wait_s)
    return int(str(told))


@client_check("sqs.attributes", "SQS-9")
def every_receive_asks_for_attributes(case: ClientCase) -> None:
    """Every receive asks for `ApproximateReceiveCount` and `SentTimestamp`."""
    for number in range(2):
        sent = case.send(case.request("echo", value=number))
        case.answer(sent)
        case.gone(sent)
    for call in receives(case):
        asked: set[str] = set()
        for name in ("AttributeNames", "MessageSystemAttributeNames"):
            found = call.request.get(name, ())
            asked |= set(found) if isinstance(found, (list, tuple)) else set()
        is_whole = "All" in asked or set(_ATTRIBUTES) <= asked
        case.expect(is_whole, "a receive does not ask for both", came=str(dict(call.request)))


@client_check("sqs.no-attributes", "SQS-11", "PAY-8")
def messages_have_no_attributes(case: ClientCase) -> None:
    """What a client sends has no message attributes, whether result or error."""
    for request in (
        case.request("echo", value=1),
        case.request("throw", type="Broken", message="it broke"),
        case.request("echo") | {"version": "2.0"},
    ):
        sent = case.send(request)
        message = case.reply(sent).message
        case.expect_equal(list(message.attribute_names), [], "the message has attributes")
        case.gone(sent)


@client_check("sqs.second-copy", "SQS-12", "SES-4", "SES-3")
def a_second_copy_is_no_second_event(case: ClientCase) -> None:
    """A second message of a request that runs is no second run, and both go with the answer."""
    flag = case.fresh("flag")
    sent = case.send(case.request("wait", flag=flag, value="once"))
    case.began(sent.nonce)
    copy = case.requests.copy(sent.message_id)
    case.flag(flag)
    case.expect_equal(case.result(sent), "once", "the answer is another")
    case.gone(sent)
    case.gone(_of(sent, copy))
    _expect_once(case, sent)


@client_check("sqs.reappearance", "SQS-12", "SES-6")
def a_deleted_message_may_come_back(case: ClientCase) -> None:
    """An answered request that SQS brings back is deleted without another run."""
    sent = case.send(case.request("echo", value="once"))
    case.expect_equal(case.result(sent), "once", "the answer is another")
    case.gone(sent)
    time.sleep(_DONE_S)
    case.requests.bring_back(sent.message_id)
    case.gone(sent)
    _expect_once(case, sent)


@client_check("sqs.late-copy", "SQS-12", "SES-6", "SES-14")
def a_late_copy_is_no_second_event(case: ClientCase) -> None:
    """A second message of a request that is answered already is deleted without another run."""
    sent = case.send(case.request("echo", value="once"))
    case.expect_equal(case.result(sent), "once", "the answer is another")
    case.gone(sent)
    time.sleep(_DONE_S)
    case.gone(_of(sent, case.requests.copy(sent.message_id)))
    _expect_once(case, sent)


@client_check("sqs.redelivery", "SQS-12", "SES-4", "SES-3")
def a_hidden_message_may_be_delivered(case: ClientCase) -> None:
    """A message that SQS delivers again while it is held does not run twice."""
    flag = case.fresh("flag")
    sent = case.send(case.request("wait", flag=flag, value="once"))
    case.began(sent.nonce)
    case.requests.redeliver(sent.message_id)
    case.flag(flag)
    case.expect_equal(case.result(sent), "once", "the answer is another")
    case.gone(sent)
    _expect_once(case, sent)


def _of(sent: Sent, message_id: str) -> Sent:
    """The same request by another message."""
    return type(sent)(message_id, sent.request_id, sent.nonce, sent.body, sent.at_ms)


def _expect_once(case: ClientCase, sent: Sent) -> None:
    bodies = {message.body for message in case.replies(sent, "response")}
    case.expect(len(bodies) == 1, f"there are {len(bodies)} different answers", came=str(bodies))
    count = len(case.runs(sent.nonce))
    case.expect(count == 1, f"the handler ran {count} times", requirements=("SQS-12", "SES-6"))


@client_check("sqs.any-order", "SQS-12")
def messages_may_come_in_any_order(case: ClientCase) -> None:
    """Requests that SQS delivers in another order each get their own answer."""
    case.requests.inject(Reorder(seed=case.rng.randrange(1000)))
    try:
        with busy(case):  # else each would be received before the next is there
            sents = []
            for _ in range(8):
                sents.append(case.send(case.request("nonce")))
                time.sleep(0.005)  # so that their times tell in which order they were sent
        for sent in sents:
            case.expect_equal(
                case.members(sent, "nonce")["nonce"], sent.nonce, "the answer is another's"
            )
            case.gone(sent)
            _expect_once(case, sent)
    finally:
        case.requests.clear_faults()


@client_check("sqs.empty-receives", "SQS-12")
def receives_may_bring_nothing(case: ClientCase) -> None:
    """Receives that bring nothing although a message waits do not keep it from being served."""
    with busy(case):  # else a receive that is open already would bring it
        case.requests.inject(EmptyPolls(times=3))
        sent = case.send(case.request("echo", value="there"))
    case.expect_equal(case.result(sent), "there", "the answer is another")
    case.requests.clear_faults()
    case.gone(sent)


@client_check("sqs.dead-receive", "SQS-7", "SQS-12", "SES-7")
def a_receive_may_die_with_its_message(case: ClientCase) -> None:
    """A message that a broken receive took is served once its visibility timeout is over."""
    case.requests.inject(DeadPoll())
    sent = case.send(case.request("echo", value="alive"))
    case.expect_equal(case.result(sent), "alive", "the answer is another")
    case.gone(sent)
    _expect_once(case, sent)


@client_check("sqs.receive-troubles", "SQS-12", "SES-29")
def a_receive_may_fail(case: ClientCase) -> None:
    """A client whose receives are throttled, cut, or fail in SQS goes on when they succeed."""
    for fault in (Throttle("ReceiveMessage"), ServerError("ReceiveMessage"), Cut("ReceiveMessage")):
        case.requests.inject(fault)
        for number in range(2):
            sent = case.send(case.request("echo", value=number))
            case.expect_equal(case.result(sent), number, "the answer is another")
            case.gone(sent)
    case.requests.clear_faults()


@client_check("sqs.send-troubles", "SES-15", "SES-14", "SES-13", "SQS-12")
def a_send_may_fail(case: ClientCase) -> None:
    """An answer whose sending is throttled, cut, or fails in SQS arrives nevertheless, once run."""
    for fault in (
        Throttle("SendMessage"),
        ServerError("SendMessage", status=503),
        Cut("SendMessage"),
        Cut("SendMessage", after_effect=True),
    ):
        case.reply_queue.inject(fault)
        sent = case.send(case.request("nonce"))
        case.expect_equal(
            case.members(sent, "nonce")["nonce"], sent.nonce, "the answer is another's"
        )
        case.gone(sent)
        _expect_once(case, sent)
    case.reply_queue.clear_faults()


@client_check("sqs.delete-troubles", "SES-13", "SES-6", "SQS-12")
def a_delete_may_fail(case: ClientCase) -> None:
    """A request whose deletion fails is deleted later, and does not run again."""
    faults = (Throttle("DeleteMessage"), ServerError("DeleteMessage"), Cut("DeleteMessage"))
    for fault in faults:
        case.requests.inject(fault)
    sents = [case.send(case.request("nonce")) for _ in faults]
    for sent in sents:
        case.expect_equal(
            case.members(sent, "nonce")["nonce"], sent.nonce, "the answer is another's"
        )
    for sent in sents:
        case.gone(sent)
        _expect_once(case, sent)
    case.requests.clear_faults()


@client_check("sqs.renewal-troubles", "SQS-12", "SES-7")
def a_renewal_may_fail(case: ClientCase) -> None:
    """A lease whose renewal fails once is renewed nevertheless, and the event runs once."""
    flag = case.fresh("flag")
    case.requests.inject(Throttle("ChangeMessageVisibility"))
    sent = case.send(case.request("wait", flag=flag, value="held"))
    case.began(sent.nonce)
    renewed = case.requests.wait(
        lambda each: each.id == sent.message_id and bool(each.receives[-1].renewals),
        within_s=2.0 * case.setup.lease_s,
    )
    case.flag(flag)
    case.requests.clear_faults()
    case.expect(renewed is not None, "the lease is not renewed after a failure")
    case.expect_equal(case.result(sent), "held", "the answer is another")
    case.gone(sent)
    _expect_once(case, sent)
