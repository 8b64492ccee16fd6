"""Everything that can go wrong does, so many times, and leaves its trace in the log."""

from __future__ import annotations

import json
import socket
import threading
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from ldp_conformance.witness import (
    BringBack,
    ClockOff,
    Cut,
    DeadPoll,
    Delay,
    Deny,
    Duplicate,
    EmptyPolls,
    Hang,
    IgnoreStaleDelete,
    LateStore,
    LingeringPolls,
    Redeliver,
    Reorder,
    SecondCopy,
    ServerError,
    Throttle,
    Weather,
)
from ldp_conformance.witness.fault_box import FaultBox

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_sqs import SQSClient

    from ldp_conformance.witness import Call, Witness, WitnessQueue
    from ldp_conformance.witness.faults import Single

SOON_S = 10.0


def receive(sqs: SQSClient, queue: WitnessQueue, wait_s: int = 0, **asked: Any) -> list[Any]:
    """What one receive brings."""
    told = sqs.receive_message(QueueUrl=queue.url, WaitTimeSeconds=wait_s, **asked)
    return list(told.get("Messages", ()))


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        (Throttle("SendMessage", 2), ("RequestThrottled", 400)),
        (Deny("SendMessage", 2), ("AccessDenied", 403)),
        (ServerError("SendMessage", 2), ("InternalFailure", 500)),
        (ServerError("SendMessage", 2, status=503), ("ServiceUnavailable", 503)),
        (ClockOff(3_600, 2), ("SignatureDoesNotMatch", 403)),
        (ClockOff(-3_600, 2), ("SignatureDoesNotMatch", 403)),
    ],
)
def test_calls_are_refused_so_many_times(
    sqs: SQSClient, witness: Witness, queue: WitnessQueue, fault: Any, refusal: tuple[str, int]
) -> None:
    """A refusal comes so many times, has no effect, and is written down with its code."""
    queue.inject(fault)
    mark = witness.calls.mark()
    for _ in range(2):
        with pytest.raises(ClientError) as refused:
            sqs.send_message(QueueUrl=queue.url, MessageBody="x")
        answer = refused.value.response
        assert (
            answer["Error"]["Code"],
            answer["ResponseMetadata"]["HTTPStatusCode"],
        ) == refusal
    assert queue.messages() == []
    sqs.send_message(QueueUrl=queue.url, MessageBody="x")
    calls = witness.calls.since(mark, queue=queue.name)
    assert [(call.error, call.status) for call in calls] == [refusal, refusal, (None, 200)]


def test_a_fault_meets_its_operation_in_batches_too(
    sqs: SQSClient, witness: Witness, queue: WitnessQueue
) -> None:
    """A fault of an operation meets its batches, and no other operation."""
    queue.inject(Throttle("SendMessage"))
    assert receive(sqs, queue) == []
    with pytest.raises(ClientError):
        sqs.send_message_batch(QueueUrl=queue.url, Entries=[{"Id": "1", "MessageBody": "x"}])
    assert witness.calls.since(operation="SendMessage", queue=queue.name)[0].operation == (
        "SendMessageBatch"
    )


def test_faults_may_meet_everything(sqs: SQSClient, witness: Witness, queue: WitnessQueue) -> None:
    """A fault of the whole witness meets a call of any queue, until it is cleared."""
    witness.inject(Throttle("GetQueueAttributes", 2))
    with pytest.raises(ClientError):
        sqs.get_queue_attributes(QueueUrl=queue.url)
    witness.clear_faults()
    sqs.get_queue_attributes(QueueUrl=queue.url)


@pytest.mark.parametrize(("after_effect", "stored"), [(False, 0), (True, 1)])
def test_connections_are_cut(
    sqs: SQSClient, witness: Witness, queue: WitnessQueue, *, after_effect: bool, stored: int
) -> None:
    """A connection breaks before or after the effect, and the call is written down as cut."""
    queue.inject(Cut("SendMessage", after_effect=after_effect))
    mark = witness.calls.mark()
    with pytest.raises(BotoCoreError):
        sqs.send_message(QueueUrl=queue.url, MessageBody="x")
    assert len(queue.messages()) == stored
    [call] = witness.calls.since(mark, queue=queue.name)
    assert (call.was_cut, call.status, len(call.message_ids)) == (True, None, stored)


@pytest.mark.parametrize(("after_effect", "stored"), [(False, 0), (True, 1)])
def test_calls_hang(
    witness: Witness, queue: WitnessQueue, *, after_effect: bool, stored: int
) -> None:
    """A call hangs before or after its effect; one that is given up before it has none."""
    queue.inject(Hang("SendMessage", seconds=3_600, after_effect=after_effect))
    mark = witness.calls.mark()
    with raw_call(witness, queue, "SendMessage", MessageBody="x"):
        assert witness.calls.wait(is_of(queue, "SendMessage"), since=mark, within_s=SOON_S)
        assert queue.wait(lambda _: True, within_s=SOON_S if after_effect else 0) is not None or (
            not after_effect
        )
    ended = witness.calls.wait(lambda call: call.was_cut, since=mark, within_s=SOON_S)
    assert ended
    assert len(queue.messages()) == stored


def test_a_call_that_hung_goes_on(sqs: SQSClient, queue: WitnessQueue) -> None:
    """When a hang is over, the call is done as if nothing had been."""
    queue.inject(Hang("SendMessage", seconds=0.01))
    queue.inject(Hang("SendMessage", seconds=0.01, after_effect=True))
    for _ in range(2):
        sqs.send_message(QueueUrl=queue.url, MessageBody="x")
    assert len(queue.messages()) == 2


def test_receives_bring_nothing(sqs: SQSClient, witness: Witness, queue: WitnessQueue) -> None:
    """A receive is empty although a message waits, at once or when its wait is over."""
    queue.send("x")
    queue.inject(EmptyPolls())
    queue.inject(EmptyPolls(at_once=False))
    assert receive(sqs, queue, wait_s=20) == []
    assert receive(sqs, queue, wait_s=1) == []
    first, second = witness.calls.since(queue=queue.name)
    assert (first.ended_ms or 0) - first.begun_ms < 20_000
    assert (second.ended_ms or 0) - second.begun_ms >= 990
    assert len(receive(sqs, queue)) == 1


def test_a_poll_dies_with_its_message(
    sqs: SQSClient, witness: Witness, queue: WitnessQueue
) -> None:
    """A receive takes a message, which is hidden then, and its connection is cut."""
    queue.inject(DeadPoll())
    assert receive(sqs, queue) == []
    sent = queue.send("x")
    mark = witness.calls.mark()
    with pytest.raises(BotoCoreError):
        receive(sqs, queue)
    [call] = witness.calls.since(mark, queue=queue.name)
    assert (call.was_cut, call.message_ids) == (True, (sent,))
    assert receive(sqs, queue) == []
    assert len(queue.message(sent).receives) == 1


def test_a_poll_whose_caller_goes_takes_nothing(witness: Witness, queue: WitnessQueue) -> None:
    """A poll ends with its connection, is written down as cut, and takes no message."""
    mark = witness.calls.mark()
    with raw_call(witness, queue, "ReceiveMessage", WaitTimeSeconds=20):
        assert witness.calls.wait(is_of(queue, "ReceiveMessage"), since=mark, within_s=SOON_S)
    assert witness.calls.wait(lambda call: call.was_cut, since=mark, within_s=SOON_S)
    sent = queue.send("x")
    assert queue.take(within_s=0)
    assert [each.sender for each in queue.message(sent).receives] == ["suite"]


def test_a_poll_may_outlive_its_caller(witness: Witness, queue: WitnessQueue) -> None:
    """With lingering polls, as in SQS, a poll takes a message for somebody who has gone."""
    queue.inject(LingeringPolls())
    mark = witness.calls.mark()
    with raw_call(witness, queue, "ReceiveMessage", WaitTimeSeconds=20):
        assert witness.calls.wait(is_of(queue, "ReceiveMessage"), since=mark, within_s=SOON_S)
    assert witness.calls.wait(lambda call: call.was_cut, since=mark, within_s=SOON_S)
    sent = queue.send("x")
    assert queue.wait(lambda message: bool(message.receives), within_s=SOON_S)
    assert queue.message(sent).receives[0].sender == "raw"


def test_a_send_is_stored_late(witness: Witness, queue: WitnessQueue) -> None:
    """A send is stored and dated late, whether or not its caller is still there."""
    queue.inject(LateStore(0.3))
    begun_ms, mark = witness.now_ms(), witness.calls.mark()
    with raw_call(witness, queue, "SendMessage", MessageBody="x"):
        assert witness.calls.wait(is_of(queue, "SendMessage"), since=mark, within_s=SOON_S)
        assert queue.messages() == []
    message = queue.wait(lambda _: True, within_s=SOON_S)
    assert message
    assert message.sent_at_ms >= begun_ms + 290


def test_a_message_is_delayed(sqs: SQSClient, queue: WitnessQueue) -> None:
    """A message is stored at once and to be had later; a poll that waits gets it then."""
    queue.inject(Delay(0.5))
    sqs.send_message(QueueUrl=queue.url, MessageBody="x")
    assert receive(sqs, queue) == []
    [message] = receive(sqs, queue, wait_s=20)
    [receipt] = queue.message(message["MessageId"]).receives
    assert receipt.at_ms >= queue.messages()[0].sent_at_ms + 500


def test_a_message_is_stored_twice(sqs: SQSClient, queue: WitnessQueue) -> None:
    """A send makes two messages with two IDs, which know of each other."""
    queue.inject(SecondCopy())
    sent = sqs.send_message(QueueUrl=queue.url, MessageBody="x")["MessageId"]
    first, second = queue.messages()
    assert (first.id, first.copy_of, second.copy_of, second.body) == (sent, None, sent, "x")
    assert len(receive(sqs, queue, MaxNumberOfMessages=10)) == 2


@pytest.mark.parametrize("fault", [Duplicate(), Redeliver()])
def test_a_held_message_comes_again(sqs: SQSClient, queue: WitnessQueue, fault: Any) -> None:
    """A message is received again although somebody holds it; once."""
    sent = queue.send("x")
    queue.inject(fault)
    first, again = receive(sqs, queue), receive(sqs, queue)
    assert [each["MessageId"] for each in (*first, *again)] == [sent, sent]
    assert first[0]["ReceiptHandle"] != again[0]["ReceiptHandle"]
    assert receive(sqs, queue) == []


def test_a_poll_that_waits_gets_a_held_message(
    sqs: SQSClient, witness: Witness, queue: WitnessQueue
) -> None:
    """A redelivery reaches a poll that waits already."""
    sent = queue.send("x")
    receive(sqs, queue)
    mark = witness.calls.mark()
    found: list[Any] = []
    poll = threading.Thread(target=lambda: found.extend(receive(sqs, queue, wait_s=20)))
    poll.start()
    assert witness.calls.wait(is_of(queue, "ReceiveMessage"), since=mark, within_s=SOON_S)
    queue.redeliver(sent)
    poll.join()
    assert [each["MessageId"] for each in found] == [sent]


def test_a_deleted_message_comes_back(sqs: SQSClient, queue: WitnessQueue) -> None:
    """A delete is answered, and the message is there again."""
    sent = queue.send("x")
    queue.inject(BringBack())
    for _ in range(2):
        [message] = receive(sqs, queue)
        sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
    assert queue.message(sent).is_deleted
    queue.bring_back(sent)
    assert len(receive(sqs, queue)) == 1
    assert queue.message(sent).deleted_by is None


def test_a_stale_handle_does_nothing(sqs: SQSClient, queue: WitnessQueue) -> None:
    """A delete through an older handle is answered and ignored; the newest deletes."""
    sent = queue.send("x")
    [old] = receive(sqs, queue, VisibilityTimeout=0)
    [new] = receive(sqs, queue)
    queue.inject(IgnoreStaleDelete())
    sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=old["ReceiptHandle"])
    assert not queue.message(sent).is_deleted
    sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=new["ReceiptHandle"])
    assert queue.message(sent).is_deleted


def test_messages_come_in_any_order(sqs: SQSClient, queue: WitnessQueue) -> None:
    """Receives take messages out of order, each once."""
    sent = [queue.send(str(number)) for number in range(20)]
    queue.inject(Reorder(seed=1))
    found = [receive(sqs, queue)[0]["MessageId"] for _ in sent]
    assert found != sent
    assert sorted(found) == sorted(sent)


def test_the_clock_is_off(sqs: SQSClient, witness: Witness, queue: WitnessQueue) -> None:
    """Within five minutes nothing is refused, and Date and timestamps tell the other time."""
    queue.inject(ClockOff(120))
    told = sqs.send_message(QueueUrl=queue.url, MessageBody="x")["ResponseMetadata"]["HTTPHeaders"]
    date_s = parsedate_to_datetime(told["date"]).timestamp()
    assert 110 < date_s - witness.now_ms() / 1_000 < 121
    [message] = receive(sqs, queue, MessageSystemAttributeNames=["SentTimestamp"])
    assert int(message["Attributes"]["SentTimestamp"]) == queue.messages()[0].sent_at_ms + 120_000


def test_a_hidden_message_appears_by_itself(sqs: SQSClient, queue: WitnessQueue) -> None:
    """The suite can hide a message for a while; a poll that waits gets it then."""
    sent = queue.send("x")
    queue.hide(sent, 0.2)
    assert receive(sqs, queue) == []
    assert len(receive(sqs, queue, wait_s=20)) == 1


def test_a_queue_is_gone(sqs: SQSClient, witness: Witness, queue: WitnessQueue) -> None:
    """A poll that waits learns that its queue is gone, and so does every later call."""
    mark = witness.calls.mark()
    failures: list[ClientError] = []

    def poll() -> None:
        try:
            receive(sqs, queue, wait_s=20)
        except ClientError as error:
            failures.append(error)

    thread = threading.Thread(target=poll)
    thread.start()
    assert witness.calls.wait(is_of(queue, "ReceiveMessage"), since=mark, within_s=SOON_S)
    queue.remove()
    thread.join()
    assert [failure.response["Error"]["Code"] for failure in failures] == [
        "AWS.SimpleQueueService.NonExistentQueue"
    ]
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        receive(sqs, queue)


KINDS: dict[str, type[Single]] = {
    "throttle": Throttle,
    "server_error": ServerError,
    "cut_before": Cut,
    "cut_after": Cut,
    "hang": Hang,
    "empty_poll": EmptyPolls,
    "dead_poll": DeadPoll,
    "late_store": LateStore,
    "delay": Delay,
    "second_copy": SecondCopy,
    "duplicate": Duplicate,
    "redeliver": Redeliver,
    "bring_back": BringBack,
    "stale_delete": IgnoreStaleDelete,
    "reorder": Reorder,
}


@pytest.mark.parametrize("rate", KINDS)
def test_weather_brings_what_its_rates_say(rate: str) -> None:
    """A rate brings its own kind of fault about as often as it says, the same each time."""

    def drawn() -> list[Single | None]:
        box = FaultBox()
        box.inject(Weather(seed=7, **{rate: 0.3}))
        assert box.has(KINDS[rate])
        found = [box.take(KINDS[rate], "SendMessage") for _ in range(500)]
        others = [kind for kind in KINDS.values() if kind is not KINDS[rate]]
        assert all(box.take(kind, "SendMessage") is None for kind in others)
        return found

    first = drawn()
    assert first == drawn()
    assert 100 < sum(fault is not None for fault in first) < 200
    assert all(
        fault.after_effect == (rate == "cut_after") for fault in first if isinstance(fault, Cut)
    )


def test_weather_meets_calls_until_it_clears(sqs: SQSClient, queue: WitnessQueue) -> None:
    """In a weather of nothing but copies each send is stored twice, until it clears."""
    queue.inject(Weather(seed=1, second_copy=1.0))
    sqs.send_message(QueueUrl=queue.url, MessageBody="x")
    queue.clear_faults()
    sqs.send_message(QueueUrl=queue.url, MessageBody="x")
    assert len(queue.messages()) == 3


def is_of(queue: WitnessQueue, operation: str) -> Callable[[Call], bool]:
    """Whether a call is of a queue and an operation."""
    return lambda call: call.queue == queue.name and call.operation == operation


def raw_call(
    witness: Witness, queue: WitnessQueue, operation: str, **parameters: object
) -> socket.socket:
    """A call whose answer nobody reads; closing the socket gives it up."""
    body = json.dumps({"QueueUrl": queue.url, **parameters}).encode()
    key = witness.variables("raw")["AWS_ACCESS_KEY_ID"]
    head = (
        f"POST / HTTP/1.1\r\nHost: x\r\nX-AMZ-TARGET: AmazonSQS.{operation}\r\n"
        f"authorization: AWS4-HMAC-SHA256 Credential={key}/20260101/eu-west-1/sqs/aws4_request\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    line = socket.create_connection(("127.0.0.1", int(witness.endpoint.rpartition(":")[2])))
    line.sendall(head.encode() + body)
    return line
