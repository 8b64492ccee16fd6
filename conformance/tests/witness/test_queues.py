"""Queues of the witness as the SDK and the suite see them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

    from ldp_conformance.witness import Witness, WitnessQueue


def test_what_is_sent_arrives_and_is_written_down(
    sqs: SQSClient, witness: Witness, queue: WitnessQueue
) -> None:
    """A message goes through the SDK, and the log has both calls with its ID."""
    mark = witness.calls.mark()
    sent = sqs.send_message(QueueUrl=queue.url, MessageBody="hällo")["MessageId"]
    [got] = sqs.receive_message(
        QueueUrl=queue.url, VisibilityTimeout=7, MessageSystemAttributeNames=["All"]
    )["Messages"]
    assert (got["Body"], got["MessageId"]) == ("hällo", sent)
    assert got["Attributes"]["ApproximateReceiveCount"] == "1"
    calls = witness.calls.since(mark, sender="sdk", queue=queue.name)
    assert [(call.operation, call.message_ids) for call in calls] == [
        ("SendMessage", (sent,)),
        ("ReceiveMessage", (sent,)),
    ]
    [receive] = queue.message(sent).receives
    assert receive.visible_again_ms == receive.at_ms + 7_000


def test_a_delete_is_seen(sqs: SQSClient, queue: WitnessQueue) -> None:
    """Who deleted a message, and when, is known, and whoever waits for it is told."""
    sent = queue.send("x")
    [got] = sqs.receive_message(QueueUrl=queue.url)["Messages"]
    sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=got["ReceiptHandle"])
    found = queue.wait(lambda message: message.is_deleted, within_s=5)
    assert found
    assert (found.id, found.deleted_by) == (sent, "sdk")


def test_renewals_are_seen(sqs: SQSClient, queue: WitnessQueue) -> None:
    """Each change of a visibility is kept with the receive that it belongs to."""
    sent = queue.send("x")
    [got] = sqs.receive_message(QueueUrl=queue.url, VisibilityTimeout=1)["Messages"]
    for seconds in (20, 0):
        sqs.change_message_visibility(
            QueueUrl=queue.url, ReceiptHandle=got["ReceiptHandle"], VisibilityTimeout=seconds
        )
    [receive] = queue.message(sent).receives
    assert [seconds for _, seconds in receive.renewals] == [20, 0]
    assert receive.released
    again = queue.take(within_s=5)
    assert again
    assert again.id == sent


def test_a_waiting_poll_is_woken(sqs: SQSClient, witness: Witness, queue: WitnessQueue) -> None:
    """A long poll brings what the suite sends while it waits."""
    mark = witness.calls.mark()
    found: list[str] = []
    poll = threading.Thread(
        target=lambda: found.extend(
            each["Body"]
            for each in sqs.receive_message(QueueUrl=queue.url, WaitTimeSeconds=20)["Messages"]
        )
    )
    poll.start()
    call = witness.calls.wait(
        lambda call: call.operation == "ReceiveMessage", since=mark, within_s=10
    )
    assert call
    queue.send("x")
    poll.join()
    assert found == ["x"]


def test_a_queue_has_its_settings(sqs: SQSClient, queue: WitnessQueue) -> None:
    """Attributes and URL are to be had as from SQS."""
    told = sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["All"])["Attributes"]
    assert told["MaximumMessageSize"] == "1048576"
    assert sqs.get_queue_url(QueueName=queue.name)["QueueUrl"] == queue.url


def test_copies_and_redeliveries(queue: WitnessQueue) -> None:
    """The suite can have a held message received again, and store a second copy of it."""
    sent = queue.send("x")
    assert queue.take(within_s=5)
    queue.redeliver(sent)
    again = queue.take(within_s=5)
    assert again
    assert len(again.receives) == 2
    other = queue.copy(sent)
    copy = queue.take(within_s=5)
    assert copy
    assert (copy.id, copy.copy_of, copy.body) == (other, sent, "x")
    queue.delete(other)
    queue.forget()
    assert queue.messages() == []
    assert queue.take(within_s=0) is None
